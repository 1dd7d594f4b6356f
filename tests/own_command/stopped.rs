//! The command for flows of one's own, stopped with Ctrl-C.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{AS_COMMAND, said};

pub(crate) fn ctrl_c_ends_with_130_and_leaves_nothing() {
    let folder = super::folder();
    let mut command = Command::new(std::env::current_exe().expect("this program is somewhere"));
    // Pairs of faults of file operations: it would go on for minutes.
    command.env(AS_COMMAND, "1").env("TMPDIR", folder.path()).args(["--depth", "2", "--faults", "all", "--jobs", "1"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("this program starts");
    wait_for_worlds(folder.path());
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(interrupted.success());
    let told = said(&child.wait_with_output().expect("the run ends"), 130);
    assert!(told.contains("interrupted: the report is partial"), "{told}");
    assert_eq!(entries(folder.path()), 0, "a stopped run leaves nothing behind");
}

pub(crate) fn a_stopped_run_that_goes_on_is_a_whole_one() {
    let (folder, worlds) = (super::folder(), super::folder());
    let asked = ["--depth", "1", "--faults", "crash,torn", "--jobs", "1", "--format", "json"];
    let mut command = Command::new(std::env::current_exe().expect("this program is somewhere"));
    command.env(AS_COMMAND, "1").env("TMPDIR", worlds.path()).current_dir(folder.path());
    command.args(asked).args(["--out", "part.json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("this program starts");
    wait_for_worlds(worlds.path());
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(interrupted.success());
    said(&child.wait_with_output().expect("the run ends"), 130);
    let run = |more: &[&str]| said(&super::run_in(folder.path(), &[asked.as_slice(), more].concat()), 0);
    run(&["--out", "resumed.json", "--resume", "part.json"]);
    run(&["--out", "whole.json"]);
    let read = |name: &str| super::untimed(&super::text(folder.path(), name));
    assert_eq!(read("resumed.json"), read("whole.json"));
}

/// Worlds are made only once the run is under way.
fn wait_for_worlds(folder: &Path) {
    let begin = Instant::now();
    let has_worlds = || {
        let workshops = std::fs::read_dir(folder).expect("the folder is there");
        workshops.flatten().any(|workshop| entries(&workshop.path()) > 2)
    };
    while !has_worlds() {
        assert!(begin.elapsed() < Duration::from_secs(60), "worlds are made");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}
