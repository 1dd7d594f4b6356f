//! Starts halfway on programs under test, and reads what it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A file with this text.
    pub fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.0.path().join(name), text).expect("write a file");
        self
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("read a file")
    }

    pub fn halfway(&self, arguments: &[&str]) -> Output {
        halfway(self.0.path(), arguments)
    }
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halfway"));
    command.args(arguments).current_dir(folder).env("TMPDIR", folder).env("NO_COLOR", "1");
    command
}

pub fn halfway(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("start halfway")
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Whether programs can be seen here, and these are there. Says what is missing.
pub fn can_run(programs: &[&str]) -> bool {
    let probe = Folder::new().with("probe.toml", "name = \"probe\"\nrequest = [\"touch\", \"it\"]");
    let seen = said(&probe.halfway(&["probe.toml", "list", "--operations"]));
    let mut missing = Vec::new();
    if !seen.contains("create@it") {
        missing.push(format!("the calls of programs: {seen}"));
    }
    let is_there = |program: &&str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    missing.extend(programs.iter().filter(|program| !is_there(program)).map(|program| (*program).to_owned()));
    if !missing.is_empty() {
        eprintln!("not tested, because this is missing: {}", missing.join(", "));
    }
    missing.is_empty()
}

/// The line of the matrix that belongs to a strategy.
pub fn line<'s>(said: &'s str, strategy: &str) -> Vec<&'s str> {
    let line = said.lines().find(|line| line.trim_start().starts_with(strategy) && line.contains("  held"));
    line.unwrap_or_else(|| panic!("no line of {strategy} in {said}")).split_whitespace().collect()
}

/// What halfway says of an example of this package.
pub fn example(arguments: &[&str]) -> Output {
    command(Path::new(env!("CARGO_MANIFEST_DIR")), arguments).env_remove("TMPDIR").output().expect("start halfway")
}

/// An example as found and repaired: the grades of both, in the order of the matrix.
pub fn fares(name: &str, options: &[&str], as_found: [&str; 8], repaired: [&str; 8]) {
    let files = ["as-found", "repaired"].map(|strategy| format!("programs/{name}/{strategy}.toml"));
    let arguments: Vec<&str> = files.iter().map(String::as_str).chain(options.iter().copied()).collect();
    let output = example(&arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for (strategy, grades, expected) in [("as-found", as_found, "caught"), ("repaired", repaired, "holds")] {
        assert_eq!(line(&said, strategy), [&[strategy][..], &grades, &[expected, "✓"]].concat(), "{said}");
    }
}
