//! Starts halfway on programs under test, and reads what it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A file with this text.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.0.path().join(name), text).expect("write a file");
        self
    }

    pub(crate) fn halfway(&self, arguments: &[&str]) -> Output {
        halfway(self.0.path(), arguments)
    }
}

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halfway"));
    command.args(arguments).current_dir(folder).env("TMPDIR", folder).env("NO_COLOR", "1");
    command
}

pub(crate) fn halfway(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("start halfway")
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Whether programs can be seen here, and these are there. Says what is missing.
pub(crate) fn can_run(programs: &[&str]) -> bool {
    let probe = Folder::new().with("probe.toml", "name = \"probe\"\nrequest = [\"touch\", \"it\"]");
    let seen = said(&probe.halfway(&["probe.toml", "list", "--operations"]));
    let mut missing = Vec::new();
    if !seen.contains("create@it") {
        // What the kernel refuses comes with its remedy; everything else is a fault of halfway.
        let is_refused = ["make a namespace", "make a network", "(seccomp)", "(pidfd_getfd)"];
        assert!(is_refused.iter().any(|refusal| seen.contains(refusal)), "halfway sees no calls of programs: {seen}");
        missing.push(format!("the calls of programs: {seen}"));
    }
    let is_there = |program: &&str| {
        let mut asked = Command::new(program);
        asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    missing.extend(programs.iter().filter(|program| !is_there(program)).map(|program| (*program).to_owned()));
    if !missing.is_empty() {
        eprintln!("not tested, because this is missing: {}", missing.join(", "));
    }
    missing.is_empty()
}
