//! Runs that somebody stops, or kills: what they report, what they leave, and how to go on with them.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::running::Desk;
use crate::{AS_EXPECTED, check_refused, json, schema};

const INTERRUPTED: i32 = 130;

/// Waits until it is so, at most half a minute.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn has_entries(folder: &Path, at_least: usize) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| entries.count() >= at_least)
}

/// Starts the command, and presses Ctrl-C once it is under way.
fn stopped(desk: &Desk, arguments: &[&str]) -> Output {
    let mut command = desk.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be started");
    // Worlds are made only once the run is under way.
    wait_until("worlds are made", || desk.left().iter().any(|workshop| has_entries(workshop, 20)));
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(interrupted.success());
    let output = child.wait_with_output().expect("the run ends");
    assert_eq!(output.status.code(), Some(INTERRUPTED), "{output:?}");
    assert!(desk.left().is_empty(), "a stopped run leaves nothing behind: {:?}", desk.left());
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn a_stopped_run_says_that_its_report_is_partial() {
    let desk = Desk::new();
    let output = stopped(&desk, &["scenario-import", "--depth", "2", "--jobs", "2"]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.contains("PARTIAL: the run was stopped; "), "{out}");
    assert!(out.contains("scenario-import/intent-log"), "what is missing is named: {out}");
    assert!(
        err.contains("interrupted: the report is partial; one that was saved as JSON can be gone on with"),
        "{err}"
    );
}

/// A report but for the times.
fn timeless(mut report: Value) -> Value {
    for time in ["seconds", "cases_per_second"] {
        report["totals"][time] = 0.into();
    }
    report
}

fn saved(path: &Path) -> Value {
    json(&std::fs::read_to_string(path).expect("the report was written"))
}

#[test]
fn a_stopped_run_can_be_gone_on_with_and_ends_as_if_nobody_had_stopped_it() {
    let desk = Desk::new();
    let folder = desk.path("reports");
    let (folder_name, file) = (folder.display().to_string(), folder.join("report.json"));
    let arguments = ["scenario-create", "chapter-import/upsert", "--faults", "crash", "--out", &folder_name];
    let output = stopped(&desk, &arguments);
    let file_name = file.display().to_string();
    let go_on = format!("go on with the same arguments and --resume '{file_name}'");
    assert!(text(&output.stderr).contains(&go_on), "{output:?}");
    let partial = saved(&file);
    schema::validate(&partial).expect("a partial report is as the schema says");
    let (done, missing) = (partial["strategies"].as_array(), partial["partial"]["missing"].as_array());
    let count = |list: Option<&Vec<Value>>| list.map(Vec::len).unwrap_or_default();
    assert_eq!(count(done) + count(missing), 6);
    for (name, says) in [
        ("report.txt", "PARTIAL: the run was stopped; "),
        ("report.md", "## halfway: PARTIAL"),
        ("report.html", "PARTIAL: the run was stopped; "),
        ("report.xml", "every-strategy-is-explored"),
    ] {
        let written = std::fs::read_to_string(folder.join(name)).expect("the report was written");
        assert!(written.contains(says), "{name} does not say {says:?}: {written}");
    }

    let resume = ["--resume", &file_name];
    let others = ["scenario-create", "chapter-import/upsert", "--faults", "crash", "--depth", "1"];
    check_refused(
        &desk,
        &[others.as_slice(), &resume].concat(),
        &["made with --depth: 2; and is to go on with --depth: 1"],
    );
    check_refused(
        &desk,
        &[["scenario-create", "--faults", "crash"].as_slice(), &resume].concat(),
        &["made with strategies: scenario-create/as-found"],
    );

    let resumed = desk.run(&[arguments.as_slice(), &resume].concat());
    assert_eq!(resumed.code, AS_EXPECTED, "{}", resumed.err);
    let whole = desk.run(&["scenario-create", "chapter-import/upsert", "--faults", "crash", "--format", "json"]);
    let (resumed, whole) = (saved(&file), json(&whole.out));
    assert!(whole["partial"].is_null());
    assert_eq!(timeless(resumed), timeless(whole), "as if nobody had stopped it");
    check_refused(
        &desk,
        &[arguments.as_slice(), &resume].concat(),
        &["the report is complete, and nothing is missing"],
    );
}

#[test]
fn a_run_goes_on_with_the_same_files_only() {
    let desk = Desk::new();
    let header = "title,prompt,description,evaluator_context,mode,category";
    let csv = desk.file("mine.csv", &format!("{header}\nMine,Ask.,,What to know,chat,\nOther,Ask.,,More,chat,\n"));
    let file = desk.path("report.json").display().to_string();
    let arguments = ["scenario-import", "--csv", &csv, "--format", "json", "--out", &file];
    stopped(&desk, &arguments);
    desk.file("mine.csv", &format!("{header}\nMine,Ask.,,Something else,chat,\n"));
    check_refused(&desk, &[arguments.as_slice(), &["--resume", &file]].concat(), &["made with files: --csv "]);
}

#[test]
fn what_a_killed_run_leaves_goes_with_the_next() {
    let desk = Desk::new();
    let mut command = desk.command(&["scenario-import", "--depth", "2"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command can be started");
    wait_until("worlds are made", || desk.left().iter().any(|workshop| has_entries(workshop, 3)));
    child.kill().expect("it runs");
    child.wait().expect("it is dead");
    assert_eq!(desk.left().len(), 1, "a killed run cannot put anything away");
    assert_eq!(desk.run(&["replay", "scenario-create/inline-column"]).code, AS_EXPECTED);
    assert!(desk.left().is_empty(), "{:?}", desk.left());
}
