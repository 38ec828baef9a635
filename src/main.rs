//! Arguments to command to exit code.

mod cli;

/// Much of what a run keeps is small and of few sizes: kept together by size, it is found sooner.
#[cfg(not(target_family = "wasm"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
