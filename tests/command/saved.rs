//! Reports in every format, made anew from a saved one, and compared with each other.

use std::path::Path;

use crate::running::Desk;
use crate::{AS_EXPECTED, COULD_NOT_TELL, NOT_AS_EXPECTED, check_refused, json};

const SMALL: [&str; 4] = ["scenario-create/undo-on-error", "scenario-create/inline-column", "--depth", "1"];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_run_writes_every_format_and_a_saved_one_makes_each_again() {
    let desk = Desk::new();
    let folder = desk.path("all of/them");
    let run = desk.run(&[SMALL.as_slice(), &["--out", &folder.display().to_string()]].concat());
    assert_eq!(run.code, AS_EXPECTED, "{}", run.err);
    assert!(run.out.contains("as expected: 2 strategies are caught"), "the matrix is for who waits: {}", run.out);

    let saved = folder.join("report.json").display().to_string();
    for (format, file, has) in [
        ("text", "report.txt", "VIOLATED"),
        ("json", "report.json", "\"schema\": 1"),
        ("html", "report.html", "<!doctype html>"),
        ("markdown", "report.md", "## halfway: as expected"),
        ("junit", "report.xml", "<testsuites name=\"halfway\""),
    ] {
        let written = read(&folder.join(file));
        assert!(written.contains(has), "{file}");
        let again = desk.path(file).display().to_string();
        let made = desk.run(&["report", &saved, "--format", format, "--out", &again]);
        assert_eq!((made.code, made.out.as_str()), (AS_EXPECTED, ""), "{format}: {}", made.err);
        assert_eq!(read(Path::new(&again)), written, "{format}: byte for byte the same");
        let printed = desk.run(&["report", &saved, "--format", format]);
        assert_eq!(printed.out, written, "{format}: on the standard output, too");
    }
    let all = desk.path("again");
    let made = desk.run(&["report", &saved, "--out", &all.display().to_string()]);
    assert_eq!(made.code, AS_EXPECTED, "{}", made.err);
    assert_eq!(read(&all.join("report.html")), read(&folder.join("report.html")));
    assert!(desk.left().is_empty());
}

/// A saved report after a change to its text.
fn changed(desk: &Desk, name: &str, saved: &str, change: impl Fn(&mut serde_json::Value)) -> String {
    let mut report = json(saved);
    change(&mut report);
    desk.file(name, &report.to_string())
}

/// Gives another grade to every cell of one promise of the first strategy.
fn grade(report: &mut serde_json::Value, criterion: &str, grade: &str) {
    for cell in report["strategies"][0]["cells"].as_array_mut().expect("cells") {
        if cell["criterion"] == criterion {
            cell["grade"] = grade.into();
        }
    }
}

#[test]
fn what_is_worse_than_the_baseline_fails_the_run() {
    let desk = Desk::new();
    let first = desk.run(&[SMALL.as_slice(), &["--format", "json"]].concat());
    assert_eq!(first.code, AS_EXPECTED, "{}", first.err);
    let same = desk.file("same.json", &first.out);
    let better = changed(&desk, "better.json", &first.out, |report| grade(report, "no-orphan-rows", "held"));
    let worse = changed(&desk, "worse.json", &first.out, |report| grade(report, "no-stuck-job", "violated"));
    let other = changed(&desk, "other.json", &first.out, |report| {
        for strategy in report["strategies"].as_array_mut().expect("strategies") {
            strategy["flow"] = "another-flow".into();
        }
    });

    let against =
        |baseline: &str, more: &[&str]| desk.run(&[&SMALL, ["--baseline", baseline].as_slice(), more].concat());
    let unchanged = against(&same, &[]);
    assert_eq!(unchanged.code, AS_EXPECTED, "{}", unchanged.err);
    assert!(unchanged.out.contains("no worse: nothing worse, nothing better"), "{}", unchanged.out);
    // The baseline was better: the run is worse, and says where and how to see it.
    let failed = against(&better, &[]);
    assert_eq!(failed.code, NOT_AS_EXPECTED, "{}", failed.out);
    assert!(failed.out.contains("WORSE   scenario-create / undo-on-error: no-orphan-rows"), "{}", failed.out);
    assert!(failed.out.contains("  again   halfway replay 'scenario-create/undo-on-error "), "{}", failed.out);
    // A program reads the report, a person what is worse.
    let for_programs = against(&better, &["--format", "json"]);
    assert_eq!(for_programs.code, NOT_AS_EXPECTED);
    assert_eq!(json(&for_programs.out)["schema"], 1);
    assert!(for_programs.err.contains("WORSE"), "{}", for_programs.err);
    let improved = against(&worse, &[]);
    assert_eq!(improved.code, AS_EXPECTED, "{}", improved.err);
    assert!(improved.out.contains("BETTER  scenario-create / undo-on-error: no-stuck-job"), "{}", improved.out);
    let nothing_in_common = against(&other, &[]);
    assert_eq!(nothing_in_common.code, COULD_NOT_TELL, "{}", nothing_in_common.out);

    for (before, after, code) in
        [(&same, &same, AS_EXPECTED), (&better, &same, NOT_AS_EXPECTED), (&same, &better, AS_EXPECTED)]
    {
        let diff = desk.run(&["diff", before, after]);
        assert_eq!(diff.code, code, "{before} {after}: {}", diff.out);
    }
    let comment = desk.run(&["report", &same, "--baseline", &better, "--format", "markdown"]);
    assert!(comment.out.contains("### Against the baseline: 1 worse, 0 better"), "{}", comment.out);
}

#[test]
fn a_report_that_cannot_be_used_is_told_before_anything_is_run() {
    let desk = Desk::new();
    let torn = desk.file("torn.json", "{\"schema\": 1");
    let old = desk.file("old.json", "{\"schema\": 99}");
    check_refused(&desk, &["--baseline", "no-such.json"], &["read no-such.json", "No such file"]);
    check_refused(&desk, &["--baseline", &torn], &["torn.json: read report:", "and all of it?"]);
    check_refused(&desk, &["report", &old], &["its schema is 99, and this halfway reads schema 1"]);
    check_refused(&desk, &["diff", &torn, "no-such.json"], &["torn.json"]);
    check_refused(&desk, &["--out", "report.html"], &["for the file report.html add --format html"]);
    check_refused(&desk, &["--out", &torn.replace(".json", ".json/x")], &["make the folder", "say --format, too"]);
}
