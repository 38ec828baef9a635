//! Runs LALRPOP over `grammar/gov.lalrpop`, and nothing else.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    lalrpop::Configuration::new()
        .set_in_dir("grammar")
        .set_out_dir(env::var("OUT_DIR")?)
        .emit_rerun_directives(true)
        .never_use_colors()
        .process()
}
