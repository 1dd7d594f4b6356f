//! Programs under test: commands in any language, by files such as those in `programs/`.
//!
//! Each test starts the command itself. Where the kernel does not let halfway see a program's calls, or a program that a
//! test needs is not there, the test says so and passes.
#![cfg(all(feature = "cli", target_os = "linux", target_arch = "x86_64"))]

#[path = "programs/matrix.rs"]
mod matrix;
#[path = "programs/trying.rs"]
mod trying;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use matrix::{example, fares};
use trying::{Folder, can_run, command, said};

/// What a repair keeps that leaves the rest to the next start.
const SWEPT: [&str; 8] = ["held", "held", "held", "boot", "·", "boot", "held", "held"];

#[test]
fn a_shell_script_is_caught_and_its_repair_holds() {
    if can_run(&["sqlite3"]) {
        let as_found = ["held", "held", "✗KD", "held", "·", "✗KDT", "✗KDT", "✗KDT"];
        fares("photo-import", &[], &[("as-found", as_found, "caught"), ("repaired", SWEPT, "holds")]);
    }
}

#[test]
fn a_program_in_python_is_caught_and_its_repair_holds() {
    if can_run(&["sqlite3", "python3"]) {
        let as_found = ["held", "held", "held", "retry", "·", "retry", "✗K", "held"];
        let expected = [("as-found", as_found, "caught"), ("repaired", SWEPT, "holds")];
        fares("book-import", &["--faults", "crash"], &expected);
    }
}

#[test]
fn a_program_in_go_is_caught_and_its_repair_holds() {
    if can_run(&["go"]) {
        let as_found = ["held", "held", "held", "held", "·", "✗KDT", "✗KDT", "✗KDT"];
        fares("photo-index", &[], &[("as-found", as_found, "caught"), ("repaired", SWEPT, "holds")]);
    }
}

#[test]
fn a_program_in_javascript_is_caught_and_its_repair_holds() {
    if can_run(&["node"]) {
        let as_found = ["held", "held", "held", "retry", "·", "✗K", "✗K", "✗K"];
        let expected = [("as-found", as_found, "caught"), ("repaired", SWEPT, "holds")];
        fares("album-unpack", &["--faults", "crash"], &expected);
    }
}

#[test]
fn gzip_loses_a_text_with_the_power_and_what_it_has_against_that_keeps_it() {
    if can_run(&["gzip"]) {
        let as_found = ["✗W", "held", "held", "held", "·", "✗KW", "✗KW", "✗KW"];
        let synchronous = ["held", "held", "held", "held", "·", "retry", "✗KW", "held"];
        let repaired = ["held", "held", "held", "held", "·", "boot", "held", "held"];
        let expected =
            [("as-found", as_found, "caught"), ("synchronous", synchronous, "caught"), ("repaired", repaired, "holds")];
        fares("gzip", &["--faults", "crash,power-loss"], &expected);
        let told =
            said(&example(&["programs/gzip/as-found.toml", "replay", "gzip/as-found @answer:after=power-loss:names"]));
        assert!(told.contains("answer  success"), "{told}");
        assert!(told.contains("file more: diary.txt.gz (0 bytes)"), "{told}");
        assert!(told.contains("file gone: diary.txt (64 bytes)"), "{told}");
    }
}

#[test]
fn a_commit_of_git_leaves_its_lock_in_a_crash() {
    if !can_run(&["git"]) {
        return;
    }
    let output = example(&["programs/git-commit/commit.toml", "--faults", "crash"]);
    let report = said(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    let words: Vec<&str> = report.split_whitespace().collect();
    let report = words.join(" ");
    assert!(report.contains("after crash after create .git/index.lock #1"), "{report}");
    let replay =
        ["programs/git-commit/commit.toml", "replay", "git-commit/commit create@.git/index.lock#1:after=crash"];
    let told = said(&example(&replay));
    assert!(told.contains("remove the file manually to continue"), "{told}");
    // Nothing else was asked for.
    assert!(!report.contains("disk-error") && !report.contains("torn"), "{report}");
    // The index holds times: two runs without faults differ in nothing else.
    assert!(!report.contains(".git/index:"), "{report}");
}

#[test]
fn the_line_that_a_report_prints_repeats_its_case() {
    if !can_run(&[]) {
        return;
    }
    let folder =
        Folder::new().with("two.toml", "name = \"two\"\nrequest = [\"sh\", \"-c\", \"echo 1 > a; echo 2 > b\"]");
    let replayed = folder.halfway(&["two.toml", "replay", "two/two create@b#1:before=crash"]);
    let told = said(&replayed);
    assert!(told.contains("⚡ crash before create b #1"), "{told}");
    assert!(told.contains("again   halfway two.toml replay 'two/two create@b#1:before=crash'"), "{told}");
    // What came before the crash is there, what came after is not.
    assert!(told.contains("file more: a") && !told.contains("file more: b"), "{told}");
}

/// Sound: a file that is whole before it has its name, and a name that counts only then.
const SOUND: &str = "printf whole > .new && sync .new && mv .new it && sync .";
/// The start of an application that removes what a killed request has left.
const SWEEP: &str = "rm -f .new";

#[test]
fn a_crash_kills_children_and_what_they_have_started() {
    if !can_run(&[]) {
        return;
    }
    // A process that outlives the crash writes the second file.
    let request = "(setsid sh -c 'sleep 0.3; echo late > late' &) ; echo 1 > a";
    let file = format!("name = \"escape\"\nrequest = [\"sh\", \"-c\", \"{request}\"]");
    let folder = Folder::new().with("escape.toml", &file);
    let told = said(&folder.halfway(&["escape.toml", "replay", "escape/escape create@a#1:after=crash"]));
    let (attempt, retry) = told.split_once("== restarted").expect("it is started again");
    assert!(attempt.contains("⚡ crash after create a #1") && !attempt.contains("late"), "{told}");
    // Without a crash what goes on in the background comes to its end before anybody looks.
    assert!(retry.contains("create late #1") && retry.contains("retry-converges     held"), "{told}");
    assert!(!is_alive(folder.0.path()), "something outlived the crash");
}

#[test]
fn nothing_of_a_program_outlives_a_harness_that_is_killed() {
    if !can_run(&[]) {
        return;
    }
    let file = "name = \"long\"\nrequest = [\"sh\", \"-c\", \"echo 1 > a; echo here >&2; sleep 600\"]";
    let folder = Folder::new().with("long.toml", file);
    let mut harness = command(folder.0.path(), &["long.toml"]);
    let mut harness = harness.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start halfway");
    wait_until("the program runs", || is_alive(folder.0.path()));
    harness.kill().expect("kill it");
    harness.wait().expect("it is dead");
    wait_until("the program is gone", || !is_alive(folder.0.path()));
}

/// Waits for a state, however long that takes.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("it never came about that {what}");
}

/// Whether a process works below this folder.
fn is_alive(folder: &Path) -> bool {
    let folder = folder.canonicalize().expect("it is there");
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let is_below =
        |path: PathBuf| fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd != folder && cwd.starts_with(&folder));
    processes.into_iter().any(|process| is_below(process.path()))
}

#[test]
fn what_is_synced_outlives_a_loss_of_power_and_what_is_not_may_be_gone() {
    if !can_run(&[]) {
        return;
    }
    let program = |name: &str, request: &str| {
        format!("name = \"{name}\"\nboot = [\"sh\", \"-c\", \"{SWEEP}\"]\nrequest = [\"sh\", \"-c\", \"{request}\"]")
    };
    let folder = Folder::new()
        .with("sound.toml", &program("sound", SOUND))
        .with("unsynced.toml", &program("unsynced", "printf whole > .new && mv .new it"));
    let explored = |file| folder.halfway(&[file, "--faults", "crash,power-loss,torn"]);
    let sound = explored("sound.toml");
    assert_eq!(sound.status.code(), Some(0), "{}", said(&sound));
    let unsynced = explored("unsynced.toml");
    assert_eq!(unsynced.status.code(), Some(1), "{}", said(&unsynced));
    assert!(said(&unsynced).contains("power-loss"), "{}", said(&unsynced));
}

#[test]
fn threads_of_another_language_are_seen_too() {
    if !can_run(&["python3"]) {
        return;
    }
    let program = "
import shutil, threading
def copy(name):
    shutil.copy('a', name)
for name in ['b', 'c']:
    thread = threading.Thread(target=copy, args=[name])
    thread.start()
    thread.join()
";
    let file =
        "name = \"copies\"\nsetup = [\"sh\", \"-c\", \"echo 1 > a\"]\nrequest = [\"python3\", \"{here}/copy.py\"]";
    let folder = Folder::new().with("copies.toml", file).with("copy.py", program);
    let listed = said(&folder.halfway(&["copies.toml", "list", "--operations"]));
    for operation in ["create@b", "write@b", "create@c", "write@c"] {
        assert!(listed.contains(operation), "{operation}: {listed}");
    }
}

#[test]
fn an_error_of_the_disk_reaches_the_program() {
    if !can_run(&[]) {
        return;
    }
    let file = "name = \"full\"\nrequest = [\"sh\", \"-c\", \"printf 1 > a\"]";
    let folder = Folder::new().with("full.toml", file);
    let replay = |point: &str| said(&folder.halfway(&["full.toml", "replay", &format!("full/full {point}")]));
    let told = replay("write@a#1:before=disk-error:enospc");
    assert!(told.contains("failure: \"sh: exit code 1: "), "{told}");
    let told = replay("create@a#1:before=disk-error:eacces");
    assert!(told.contains("Permission denied"), "{told}");
}

#[test]
fn a_file_tells_all_of_its_mistakes_at_once_and_nothing_runs() {
    let file = "nmae = \"x\"\nrequest = [\"./missing.sh\"]\nsuccess = { exit = 999 }\ntemplate = \"nowhere\"\nexpect = \"maybe\"
[rules]
log = [[\"a\", \"b\"]]
generate_id = []
";
    let folder = Folder::new().with("wrong.toml", file);
    let output = folder.halfway(&["wrong.toml"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for mistake in [
        "nmae",
        "there is no such program",
        "this is no exit code",
        "there is no such folder",
        "this is no expectation",
        "this is not what the rule takes",
        "generate_id",
    ] {
        assert!(told.contains(mistake), "{mistake}: {told}");
    }
    let absent = folder.halfway(&["absent.toml"]);
    assert_eq!(absent.status.code(), Some(2));
    assert!(said(&absent).contains("absent.toml"), "{}", said(&absent));
}

#[test]
fn a_program_that_cannot_be_started_is_named() {
    if !can_run(&[]) {
        return;
    }
    let folder = Folder::new()
        .with("none.toml", "name = \"none\"\nrequest = [\"no-such-program-anywhere\"]")
        .with("fails.toml", "name = \"fails\"\nrequest = [\"sh\", \"-c\", \"echo because >&2; exit 3\"]");
    let none = said(&folder.halfway(&["none.toml"]));
    assert!(none.contains("start no-such-program-anywhere: No such file or directory"), "{none}");
    let fails = said(&folder.halfway(&["fails.toml"]));
    assert!(fails.contains("sh: exit code 3: because"), "{fails}");
}

#[test]
fn real_crashes_are_not_asked_for_twice() {
    let folder = Folder::new().with("one.toml", "name = \"one\"\nrequest = [\"touch\", \"a\"]");
    let output = folder.halfway(&["one.toml", "--process"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("a crash of a program kills its processes anyway"), "{}", said(&output));
}

#[test]
fn rules_of_the_file_are_used() {
    if !can_run(&[]) {
        return;
    }
    let file = "name = \"ruled\"\nrequest = [\"sh\", \"-c\", \"echo 1 > a\"]\n[rules]\nrow_needs_file = [[\"books\", \"path\"]]";
    let folder = Folder::new().with("ruled.toml", file);
    // A rule that names what is nowhere would hold whatever happened.
    let told = said(&folder.halfway(&["ruled.toml"]));
    assert!(told.contains("books"), "{told}");
}

#[test]
fn a_program_reads_nothing_from_the_terminal() {
    if !can_run(&[]) {
        return;
    }
    let folder = Folder::new().with("reads.toml", "name = \"reads\"\nrequest = [\"sh\", \"-c\", \"cat > a\"]");
    let mut child = command(folder.0.path(), &["reads.toml", "list", "--operations"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("start halfway");
    let mut listed = String::new();
    child.stdout.take().expect("it is piped").read_to_string(&mut listed).expect("text");
    child.wait().expect("it ends");
    assert!(listed.contains("create@a") && !listed.contains("write@a"), "{listed}");
}

#[test]
fn a_program_that_wants_everything_is_ended_and_told() {
    if !can_run(&[]) {
        return;
    }
    let limits = "limits = { disk = \"64 KiB\", memory = \"64 MiB\", processes = 30 }\n";
    let told = |script: &str| {
        let file = format!("name = \"greedy\"\n{limits}request = [\"sh\", \"-c\", \"{script}\"]");
        let output = Folder::new().with("greedy.toml", &file).halfway(&["greedy.toml"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let written = told("exec yes > it");
    assert!(written.contains("it has written more than 65536 bytes in its world"), "{written}");
    let printed = told("exec yes");
    assert!(printed.contains("it wrote more into a file than limits = { disk"), "{printed}");
    let started = told("while :; do (:); done");
    assert!(started.contains("it has started more than 30 processes and threads"), "{started}");
    let held = told("head -c 200000000 /dev/zero | tail -c 150000000 > /dev/null");
    assert!(held.contains("memory exhausted"), "{held}");
    // What it may use is enough for what does not want everything.
    let file = format!("name = \"modest\"\n{limits}request = [\"sh\", \"-c\", \"(echo 1); echo 2\"]");
    let output = Folder::new().with("modest.toml", &file).halfway(&["modest.toml"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let report = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(report.contains("the program changed no file in its world"), "{report}");
}

#[test]
fn a_program_that_the_setup_builds_is_found_in_the_world() {
    if !can_run(&[]) {
        return;
    }
    let setup = "[\"sh\", \"-c\", \"printf '#!/bin/sh\\\\nmkdir made\\\\n' > tool && chmod +x tool\"]";
    let file = format!("name = \"built\"\nboot = []\nsetup = {setup}\nrequest = [\"./tool\"]");
    let folder = Folder::new().with("built.toml", &file);
    let listed = said(&folder.halfway(&["built.toml", "list", "--operations"]));
    assert!(listed.contains("mkdir@made"), "{listed}");
}

#[test]
fn a_program_that_keeps_the_path_of_its_world_gets_no_verdict() {
    if !can_run(&["sqlite3"]) {
        return;
    }
    let told = |setup: &str, script: &str| {
        let file = format!("name = \"rooted\"\n{setup}request = [\"sh\", \"-c\", \"{script}\"]");
        let output = Folder::new().with("rooted.toml", &file).halfway(&["rooted.toml"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let of_file = told("", "echo $PWD/a > index");
    assert!(of_file.contains("the file index holds the path of the folder"), "{of_file}");
    let setup = "setup = [\"sqlite3\", \"it.db\", \"CREATE TABLE files (path TEXT)\"]\n";
    let of_row = told(setup, "sqlite3 it.db \\\"INSERT INTO files VALUES ('$PWD/a')\\\"");
    assert!(of_row.contains("path of it.db: files holds the path of the folder"), "{of_row}");
}

#[test]
fn a_change_in_mapped_memory_is_told_where_no_crash_could_be_tried_in_it() {
    if !can_run(&["python3"]) {
        return;
    }
    let program = "import mmap\nfile = open('it', 'r+b')\nmapped = mmap.mmap(file.fileno(), 0)\nmapped[0:4] = b'done'\n\
                   open('log', 'w').write('done')\n";
    let file = "name = \"mapped\"\nsetup = [\"sh\", \"-c\", \"head -c 8192 /dev/zero > it\"]\n\
                request = [\"python3\", \"{here}/map.py\"]";
    let folder = Folder::new().with("map.py", program).with("mapped.toml", file);
    let words = |options: &[&str]| {
        let told = said(&folder.halfway(&[&["mapped.toml", "--faults"], options].concat()));
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let crashed = words(&["crash"]);
    assert!(
        crashed.contains("files/it holds something else, and halfway cannot follow that (mapped memory"),
        "{crashed}"
    );
    let lost = words(&["power-loss"]);
    assert!(lost.contains("a loss of power cannot be told"), "{lost}");
}

#[test]
fn what_a_program_writes_outside_of_its_world_is_told() {
    if !can_run(&[]) {
        return;
    }
    let elsewhere = Folder::new();
    let path = elsewhere.0.path().canonicalize().expect("it is there");
    let file =
        format!("name = \"two-places\"\nrequest = [\"sh\", \"-c\", \"echo 1 > {}/log; echo 1 > it\"]", path.display());
    let folder = Folder::new().with("two.toml", &file);
    let told = said(&folder.halfway(&["two.toml", "--faults", "crash"]));
    let told: String = told.split_whitespace().collect();
    assert!(told.contains(&format!("outsideofitsworldtowriteinthem,in{}:", path.display())), "{told}");
    let kept = Folder::new()
        .with("one.toml", "name = \"one\"\nrequest = [\"sh\", \"-c\", \"echo 1 > it; echo 2 > /dev/null\"]");
    let told = said(&kept.halfway(&["one.toml", "--faults", "crash"]));
    assert!(!told.contains("outside of its world"), "{told}");
}
