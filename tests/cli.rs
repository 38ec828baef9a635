//! The commands, as they are called: what they say, where they say it, and their exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use govc::diag::Code;

/// A directory of its own, gone when it is dropped.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Room {
        let path = std::env::temp_dir().join(format!("govc-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Room(path)
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> &Room {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_govc"))
            .args(args)
            .current_dir(&self.0)
            .env_remove("NO_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone before all is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            status: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Said {
    fn shown(&self) -> String {
        format!("{}\n-- out\n{}-- err\n{}", self.status, self.out, self.err)
    }
}

fn room(name: &str) -> Room {
    let room = Room::new(name);
    room.put("charter.gov", support::CHARTER);
    room
}

const TRACE: &str = r#"{"format": "govc-trace", "version": 1, "spec": "../charter.gov", "observed": {"from": "2025-01-01", "until": "2025-01-20"}, "given": [{"kind": "SIG", "group": "sdk", "state": "active"}, {"role": "lead", "group": "sdk", "person": "ann"}]}
{"time": "2025-01-14", "event": "meet", "group": "sdk", "present": 4}
"#;

const BROKEN: &str = r#"{"format": "govc-trace", "version": 1, "spec": "charter.gov", "observed": {"from": "2025-01-01", "until": "2025-02-20"}, "given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-12-01"}, {"role": "lead", "group": "sdk", "person": "ann", "since": "2024-12-01"}]}
{"time": "2025-01-14T12:00:00Z", "event": "lead.removed", "group": "sdk", "person": "ann"}
"#;

#[test]
fn check() {
    let room = room("check");
    let said = room.run(&["check", "charter.gov"]);
    insta::assert_snapshot!(said.shown(), @"
0
-- out
charter.gov: 3 clauses, no problems
-- err
");
    room.put("wrong.gov", "governance Wrong \"x\"\n\nfrobnicate\n");
    let said = room.run(&["check", "charter.gov", "wrong.gov"]);
    assert_eq!(said.status, 1);
    insta::assert_snapshot!(said.shown(), @"
1
-- out
charter.gov: 3 clauses, no problems
error[GOV0108]: unknown clause `frobnicate`
  ┌─ wrong.gov:3:1
  │
3 │ frobnicate
  │ ^^^^^^^^^^ no clause begins with this word
  │
  = every clause opens with a reserved word, such as `role`, `must`, `may` or `decision`

wrong.gov: 0 clauses, 1 error
-- err
");
    // What could not be read is told beside the rest.
    let said = room.run(&["check", "nowhere.gov", "charter.gov", "."]);
    insta::assert_snapshot!(said.shown(), @"
2
-- out
charter.gov: 3 clauses, no problems
-- err
error[GOV0901]: `nowhere.gov` cannot be read: there is no such file
error[GOV0901]: `.` cannot be read: it is a directory
");
    let said = room.run_with(&["check", "-"], support::CHARTER);
    assert_eq!(said.status, 0);
    assert_eq!(said.out.lines().count(), 1);
    assert!(said.out.starts_with("<stdin>: "), "{said:?}");
}

#[test]
fn check_for_programs() {
    let room = room("check-json");
    room.put("wrong.gov", "governance Wrong \"x\"\n\nfrobnicate\n");
    let said = room.run(&["check", "--format", "json", "charter.gov", "wrong.gov"]);
    assert_eq!(said.status, 1);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["format"], "govc-diagnostics");
    assert_eq!(document["files"][0]["diagnostics"], serde_json::json!([]));
    let first = &document["files"][1]["diagnostics"][0];
    assert_eq!(first["severity"], "error");
    assert_eq!(first["file"], "wrong.gov");
}

#[test]
fn a_file_that_is_not_utf8() {
    let room = Room::new("utf8");
    room.put("latin.gov", b"governance Caf\xe9 \"x\"\n");
    let said = room.run(&["check", "latin.gov"]);
    assert_eq!(said.status, 1);
    assert!(said.out.contains("GOV0107"), "{said:?}");
    assert!(said.out.contains("0xe9 at offset 14"), "{said:?}");
    room.put("main.gov", "import L from \"latin.gov\"\n");
    let said = room.run(&["check", "main.gov"]);
    assert!(said.out.contains("the byte at offset 14"), "{said:?}");
}

#[test]
fn imports_are_relative_to_the_file_that_imports() {
    let room = Room::new("imports");
    room.put("rules/charter.gov", support::CHARTER);
    room.put(
        "maps/log.gov",
        "import Small from \"../rules/charter.gov\"\n\ntrace \"x\" {\n  read time from \"at\"\n  read name from \"what\"\n}\n",
    );
    let said = room.run(&["check", "maps/log.gov"]);
    assert_eq!(said.status, 0, "{said:?}");
    fs::create_dir_all(room.0.join("elsewhere")).unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_govc"))
        .args(["check", "../maps/log.gov"])
        .current_dir(room.0.join("elsewhere"))
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(0));
    room.put("maps/lost.gov", "import Small from \"charter.gov\"\n");
    let said = room.run(&["check", "maps/lost.gov"]);
    assert_eq!(said.status, 1);
    assert!(said.out.contains("there is no such file"), "{said:?}");
}

#[test]
fn what_is_imported_has_the_zone_of_its_importer() {
    let room = Room::new("zones");
    let club = |zone: &str| format!("governance Club \"x\"\ntimezone {zone}\nrole member\n");
    room.put(
        "guild.gov",
        "governance Guild \"x\"\ntimezone AoE\nimport Club from \"club.gov\"\n\
         event join(person: person)\nto join { must be Club.member  as from-the-club }\n",
    );
    room.put("club.gov", club("AoE"));
    let said = room.run(&["check", "guild.gov"]);
    assert_eq!(said.status, 0, "{said:?}");
    room.put("club.gov", club("UTC"));
    let said = room.run(&["check", "guild.gov"]);
    assert_eq!(said.status, 1, "{said:?}");
    assert!(said.out.contains("GOV0211"), "{said:?}");
}

#[test]
fn compile() {
    let room = room("compile");
    let said = room.run(&["compile", "charter.gov"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert!(
        said.out
            .starts_with("{\n  \"format\": \"govc-ir\",\n  \"version\": 1,\n")
    );
    let to_file = room.run(&["compile", "charter.gov", "-o", "charter.json"]);
    assert_eq!((to_file.status, to_file.out.as_str()), (0, ""));
    assert_eq!(room.read("charter.json"), said.out);
    // A compiled spec is a spec.
    let again = room.run(&["compile", "charter.json"]);
    assert_eq!(again.out, said.out);
    let checked = room.run(&["check", "charter.json"]);
    assert!(checked.out.contains("no problems"), "{checked:?}");
    assert_eq!(room.names(), ["charter.gov", "charter.json"]);

    room.put("wrong.gov", "governance Wrong \"x\"\n\nfrobnicate\n");
    let said = room.run(&["compile", "wrong.gov", "-o", "charter.json"]);
    assert_eq!((said.status, said.out.as_str()), (1, ""));
    assert!(said.err.contains("error[GOV"), "{said:?}");
    assert_eq!(room.read("charter.json"), again.out, "it is left as it was");
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let room = room("write");
    for out in ["nowhere/charter.json", ".", "charter.gov/x"] {
        let said = room.run(&["compile", "charter.gov", "-o", out]);
        assert_eq!(said.status, 2, "{out}: {said:?}");
        assert!(said.err.starts_with("error[GOV0902]: "), "{said:?}");
    }
    assert_eq!(room.names(), ["charter.gov"]);
    // What is no file is written to, not replaced.
    let said = room.run(&["compile", "charter.gov", "-o", "/dev/null"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    // A full disk.
    if Path::new("/dev/full").exists() {
        let said = room.run(&["compile", "charter.gov", "-o", "/dev/full"]);
        assert_eq!(said.status, 2, "{said:?}");
        assert!(said.err.contains("the disk is full"), "{said:?}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_govc"))
            .args(["compile", "charter.gov"])
            .current_dir(&room.0)
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("GOV0902"));
    }
    #[cfg(unix)]
    {
        room.put("real.json", "old");
        std::os::unix::fs::symlink("real.json", room.0.join("link.json")).unwrap();
        let said = room.run(&["compile", "charter.gov", "-o", "link.json"]);
        assert_eq!(said.status, 0, "{said:?}");
        assert!(
            fs::symlink_metadata(room.0.join("link.json"))
                .unwrap()
                .is_symlink()
        );
        assert!(room.read("real.json").starts_with('{'));
    }
}

#[test]
fn a_reader_that_hangs_up_is_no_mistake() {
    let room = room("pipe");
    let mut child = Command::new(env!("CARGO_BIN_EXE_govc"))
        .args(["compile", "charter.gov"])
        .current_dir(&room.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn simulate_finds_its_spec_and_reads_whatever_way() {
    let room = room("simulate");
    room.put("traces/t.jsonl", TRACE);
    let said = room.run(&["simulate", "traces/t.jsonl", "--format", "json"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert_eq!(said.err, "");
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["format"], "govc-report");
    assert_eq!(report["spec"], "Small");
    assert_eq!(report["events"], 1);
    assert_eq!(report["observed_from"], "2025-01-01T00:00:00Z");

    // The same bytes from a compiled spec, from standard input, and from a pipe.
    room.run(&["compile", "charter.gov", "-o", "charter.json"]);
    for spec in ["charter.gov", "charter.json"] {
        let args = [
            "simulate",
            "traces/t.jsonl",
            "--format",
            "json",
            "--spec",
            spec,
        ];
        assert_eq!(room.run(&args).out, said.out);
        let args = ["simulate", "-", "--format", "json", "--spec", spec];
        assert_eq!(room.run_with(&args, TRACE).out, said.out);
    }
    let beside = TRACE.replace("../charter.gov", "charter.gov");
    let piped = room.run_with(&["simulate", "-", "--format", "json"], &beside);
    assert_eq!(piped.out, said.out);
}

#[test]
fn simulate_a_breach() {
    let room = room("breach");
    room.put("t.jsonl", BROKEN);
    let said = room.run(&["simulate", "t.jsonl"]);
    insta::assert_snapshot!(said.shown(), @"
1
-- out
violation SIG.leads  [S-1]
  sdk: no leads, where 1..3 are required
  since 2025-01-14 12:00:00 UTC, 36 days, 12 hours so far, still so at the end  event 1

advisory SIG.monthly  [S-2]
  sdk: `meet` is overdue: should meet every 1 month
  since 2025-02-02 or earlier, at least 18 days so far, still so at the end

clause       violations  advisories  notes  longest            in total
SIG.leads             1           –      –  36 days, 12 hours  36 days, 12 hours +
SIG.monthly           –           1      –  18 days            18 days +
+ still so at the end

1 violation, 1 advisory, 0 notes in 1 event, 2025-01-01 … 2025-02-20
-- err
");
    let colored = room.run(&["simulate", "t.jsonl", "--color", "always"]);
    assert!(colored.out.contains("\u{1b}["), "{colored:?}");
    let plain = room.run(&["simulate", "t.jsonl", "--color", "never"]);
    assert_eq!(plain.out, said.out);
}

/// A group that was never created is told of where the trace names it, with the one it may mean.
#[test]
fn simulate_a_group_that_was_never_created() {
    let room = room("never-created");
    room.put(
        "n.gov",
        "governance N \"n\"\ngroup Team {\n  role lead\n  must have 1.. lead\n}\n",
    );
    let added = r#"{"time": "2025-01-01", "event": "Team.added", "group": "network"}"#;
    let lead =
        r#"{"time": "2025-01-02", "event": "lead.added", "group": "network", "person": "a"}"#;
    let slip = r#"{"time": "2025-01-03", "event": "lead.added", "group": "netwrk", "person": "b"}"#;
    let other = r#"{"time": "2025-01-04", "event": "lead.added", "group": "zzz", "person": "b"}"#;
    let notes = |trace: &str| {
        let args = ["simulate", "-", "--spec", "n.gov"];
        let said = room.run_with(&args, trace);
        assert_eq!(said.err, "");
        let lines = said.out.lines().filter(|l| l.contains("first mentioned"));
        lines.map(|l| format!("{l}\n")).collect::<String>()
    };
    insta::assert_snapshot!(notes(&[added, lead, slip, other].join("\n")), @"
    netwrk is first mentioned by `lead.added` (line 3, column 56) and taken to be a Team; did you mean `network`?
    zzz is first mentioned by `lead.added` (line 4, column 56) and taken to be a Team; `Team.added` or `given` would say that it began
    ");
    insta::assert_snapshot!(notes(&format!("[{added}, {lead},\n{slip}]")), @"netwrk is first mentioned by `lead.added` ([2].group) and taken to be a Team; did you mean `network`?");
    assert_eq!(notes(&[added, lead].join("\n")), "");

    // The same of a record that is read through a mapping.
    room.put(
        "r.gov",
        "import N from \"n.gov\"\ntrace \"r\" {\n  read time from \"at\"\n  read name from \"what\"\n  \
         read subject from \"team\"\n  event begun, joined(who: person)\n  on begun { do Team.added }\n  \
         on joined { grant lead to who }\n}\n",
    );
    let begun = r#"{"at": "2025-01-01", "what": "begun", "team": "network"}"#;
    let joined = r#"{"at": "2025-01-02", "what": "joined", "team": "netwrk", "who": "a"}"#;
    let said = room.run_with(
        &["simulate", "-", "--spec", "r.gov"],
        &[begun, joined].join("\n"),
    );
    assert_eq!(said.err, "");
    assert!(
        said.out
            .contains("netwrk is first mentioned by `joined` (line 2, column 48)"),
        "{said:?}"
    );
    assert!(said.out.contains("did you mean `network`?"), "{said:?}");
}

#[test]
fn simulate_what_cannot_be_simulated() {
    let room = room("bad-trace");
    let mut said = String::new();
    room.put(
        "none.json",
        "[{\"time\": \"2025-01-01\", \"event\": \"decided\"}]",
    )
    .put("lost.json", "{\"spec\": \"lost.gov\", \"events\": []}")
    .put(
        "bad.jsonl",
        TRACE.replace("../", "").replace("meet", "meat"),
    )
    .put("wrong.gov", "frobnicate\n")
    .put("cut.json", "{\"format\": \"govc-ir\", ");
    for args in [
        &["simulate", "nowhere.json"][..],
        &["simulate", "."],
        &["simulate", "none.json"],
        &["simulate", "lost.json"],
        &["simulate", "bad.jsonl"],
        &["simulate", "none.json", "--spec", "wrong.gov"],
        &["simulate", "none.json", "--spec", "cut.json"],
        &["simulate", "none.json", "--spec", "bad.jsonl"],
    ] {
        let one = room.run(args);
        assert_eq!((one.status, one.out.as_str()), (2, ""), "{args:?}: {one:?}");
        said += &format!("$ govc {}\n{}\n", args.join(" "), one.err);
    }
    insta::assert_snapshot!("cannot-simulate", said);
}

#[test]
fn explain() {
    let room = Room::new("explain");
    for code in Code::ALL {
        let said = room.run(&["explain", code.number()]);
        assert_eq!((said.status, said.out.as_str()), (0, code.page()));
    }
    assert_eq!(
        room.run(&["explain", "unknown-EVENT"]).out,
        Code::UnknownEvent.page()
    );
    assert_eq!(
        room.run(&["explain", "gov0603"]).out,
        Code::UnknownEvent.page()
    );
    let said = room.run(&["explain", "unknwon-event"]);
    insta::assert_snapshot!(said.shown(), @"
2
-- out
-- err
error[GOV0904]: there is no code `unknwon-event`
  = help: did you mean `unknown-event`?
");
    let said = room.run(&["explain", "what\u{1b}[31m"]);
    insta::assert_snapshot!(said.shown(), @r"
2
-- out
-- err
error[GOV0904]: there is no code `what\u{1b}[31m`
  = help: a code is a number such as GOV0603, or its name
");
}

#[test]
fn usage() {
    let room = room("usage");
    let version = room.run(&["--version"]);
    assert_eq!(version.out, format!("govc {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(version.status, 0);
    assert_eq!(room.run(&["--help"]).status, 0);
    assert_eq!(room.run(&["simulate", "--help"]).status, 0);
    for wrong in [
        &[][..],
        &["chekc"],
        &["check"],
        &["check", "charter.gov", "--format", "xml"],
        &["compile", "charter.gov", "charter.gov"],
        &["explain"],
        &["simulate", "t.json", "--lower"],
    ] {
        let said = room.run(wrong);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{wrong:?}");
        assert!(!said.err.is_empty());
    }
    assert!(room.run(&["chekc"]).err.contains("check"));
}

/// The console lines of a page are run in a directory that has a charter and a trace without spec.
#[test]
fn every_page_of_a_file_shows_its_mistake_and_the_cure() {
    let room = room("pages");
    room.put(
        "trace.json",
        "[{\"time\": \"2025-01-01\", \"event\": \"decided\"}]",
    );
    for code in Code::ALL.iter().filter(|c| c.number().starts_with("GOV09")) {
        let page = code.page();
        assert!(
            page.starts_with(&format!("# {}: ", code.number())),
            "{page}"
        );
        for (section, status) in [("Wrong", 2), ("Right", 0)] {
            let fences = support::fences(page, section);
            assert_eq!(fences.len(), 1, "{}", code.number());
            for (language, text) in fences {
                if language != "console" {
                    continue; // an IR: the tests of the wire read it
                }
                for line in text.lines().filter_map(|line| line.strip_prefix("$ govc ")) {
                    let args: Vec<&str> = line.split(' ').collect();
                    let said = room.run(&args);
                    assert_eq!(said.status, status, "{line}: {said:?}");
                    let told = said.err.contains(&format!("error[{}]", code.number()));
                    assert_eq!(told, status != 0, "{line}: {said:?}");
                }
            }
        }
    }
}
