//! Runs the command as a person or a script does, among temporary files of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run of the command did.
pub(crate) struct Run {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) out: String,
    /// What it complained of.
    pub(crate) err: String,
}

/// A place to run the command in: whatever it leaves behind is seen here.
pub(crate) struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("tmp")).expect("a directory for temporary files");
        Self { dir }
    }

    /// Where temporary files go.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.dir.path().join("tmp")
    }

    /// What stands among the temporary files.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.tmp()).expect("the directory for temporary files");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// A file of the user's own.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// A folder of the user's own.
    pub(crate) fn folder(&self, name: &str) {
        std::fs::create_dir_all(self.path(name)).expect("a folder");
    }

    /// The path of a file that may not be there.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command with these arguments, not started yet. Nothing in the surroundings of the tests has a part in it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.of_program(Path::new(env!("CARGO_BIN_EXE_halfway")));
        command.args(arguments);
        command
    }

    /// Runs the command with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finished(self.command(arguments))
    }

    /// Runs the command with `FAILPOINTS`.
    pub(crate) fn run_by_hand(&self, failpoints: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.env("FAILPOINTS", failpoints);
        finished(command)
    }

    /// Runs a line of shell in which `halfway` is the command.
    pub(crate) fn run_shell(&self, line: &str) -> Run {
        let folder = Path::new(env!("CARGO_BIN_EXE_halfway")).parent().expect("the program is in a folder");
        let mut command = self.of_program(Path::new("/bin/sh"));
        command.args(["-c", line]).env("PATH", folder);
        finished(command)
    }

    fn of_program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for variable in ["FAILPOINTS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.env("TMPDIR", self.tmp()).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }
}

/// Runs a command to its end.
pub(crate) fn finished(mut command: Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the command can be started");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}
