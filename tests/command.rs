//! The command, as a person or a script meets it: exit codes, messages, files, colours, interruption.

#[path = "command/fault_scenarios.rs"]
mod fault_scenarios;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[path = "command/operations.rs"]
mod operations;
#[path = "command/running.rs"]
mod running;
#[path = "command/saved.rs"]
mod saved;
#[path = "report_formats/schema.rs"]
mod schema;
#[path = "command/stopped.rs"]
mod stopped;

use running::{Desk, Run, finished};
use serde_json::Value;

const AS_EXPECTED: i32 = 0;
const NOT_AS_EXPECTED: i32 = 1;
const COULD_NOT_TELL: i32 = 2;

/// Each mistake ends with code 2, says this, and leaves nothing: neither on the standard output nor among the files.
fn check_refused(desk: &Desk, arguments: &[&str], messages: &[&str]) {
    let Run { code, out, err } = desk.run(arguments);
    assert_eq!(code, COULD_NOT_TELL, "{arguments:?}: {err}");
    assert_eq!(out, "", "{arguments:?}");
    for message in messages {
        assert!(err.contains(message), "{arguments:?} does not say {message:?}: {err}");
    }
    assert_eq!(desk.left(), [""; 0].map(std::path::PathBuf::from), "{arguments:?}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_exit_code_says_whether_all_is_as_expected() {
    let desk = Desk::new();
    let holds = desk.run(&["scenario-create/intent-log", "--depth", "1"]);
    assert_eq!(holds.code, AS_EXPECTED, "{}", holds.err);
    assert!(holds.out.contains("as expected: 1 strategy holds"), "{}", holds.out);
    // What is expected to be caught and is not, is not as expected: here it takes a lost acknowledgement.
    let blind = desk.run(&["scenario-create/inline-column", "--depth", "1", "--faults", "error"]);
    assert_eq!(blind.code, NOT_AS_EXPECTED, "{}", blind.err);
    assert!(blind.out.contains("NOT AS EXPECTED"), "{}", blind.out);
    let caught = desk.run(&["scenario-create/inline-column", "--depth", "1", "--faults", "lost-ack"]);
    assert_eq!(caught.code, AS_EXPECTED, "{}", caught.err);
    assert!(desk.left().is_empty(), "a run leaves nothing behind: {:?}", desk.left());
}

#[test]
fn a_wrong_name_is_told_with_what_was_meant() {
    let desk = Desk::new();
    let refused = |arguments: &[&str], message| check_refused(&desk, arguments, &[message]);
    refused(&["chapter-imprt"], "unknown flow \"chapter-imprt\"; did you mean \"chapter-import\"?");
    refused(&["chapter-import/upsrt"], "unknown strategy \"upsrt\"; did you mean \"upsert\"?");
    refused(&["explroe"], "unknown flow \"explroe\"; did you mean \"explore\"?");
    refused(&["upsert", "--faults", "eror"], "unknown class of faults \"eror\"; did you mean \"error\"?");
    refused(&["list", "scenario-creat"], "unknown flow \"scenario-creat\"; did you mean \"scenario-create\"?");
    refused(&["replay", "chapter-imports/upsert"], "did you mean \"chapter-import\"?");
    refused(&["--depth", "4"], "4 is not in 1..=3");
    refused(&["--deadline", "0"], "a deadline is a number of seconds greater than 0");
}

#[test]
fn a_wrong_schedule_is_told_with_its_place() {
    let desk = Desk::new();
    let refused = |schedule: &str, message| check_refused(&desk, &["replay", schedule], &[message]);
    refused("chapter-import", "a schedule starts with FLOW/STRATEGY");
    refused("chapter-import/upsert link-segments#1:befor=crash", "unknown edge \"befor\"; did you mean \"before\"?");
    refused("chapter-import/upsert link-segments#1:before=chrash", "unknown fault \"chrash\"; did you mean \"crash\"?");
    refused("chapter-import/upsert link-segments#1:after=error", "error cannot happen after an effect, only before it");
    refused("chapter-import/upsert boo/link-segments:before=crash", "unknown phase \"boo\"; did you mean \"boot\"?");
}

#[test]
fn a_planned_fault_that_does_not_happen_is_never_a_pass() {
    let desk = Desk::new();
    let refused = |schedule: &str, message| check_refused(&desk, &["replay", schedule], &[message, "did not happen"]);
    refused("chapter-import/upsert link-segments#9:before=crash", "the fault link-segments#9:before=crash");
    refused(
        "chapter-import/upsert link-segments:before=crash impatient/create-job:before=error",
        "no process survived that could be asked again",
    );
}

#[test]
fn a_step_that_the_strategy_does_not_have_is_told_with_the_one_that_was_meant() {
    let desk = Desk::new();
    let refused = |schedule: &str, message| check_refused(&desk, &["replay", schedule], &[message]);
    refused(
        "chapter-import/upsert link-segmnts:before=crash",
        "step \"link-segmnts\"; did you mean \"link-segments\"?",
    );
    refused("chapter-import/upsert qqq:before=crash", "unknown step \"qqq\"; known: create-job, start-job,");
}

#[test]
fn an_unusable_file_is_told_with_its_name_and_place() {
    let desk = Desk::new();
    let transcript = desk.file("transcript.json", r#"{"version":"1.0.0","segments":[{"startTime":0,"body":"hello"}]}"#);
    let chapters = desk.file("chapters.json", "{\"version\": \"1.2.0\",\n \"chapters\": [{\"startTime\": -1}]}");
    let torn = desk.file("torn.json", "{\n  \"version\": 1.2.0");
    let csv = desk
        .file("late.csv", "title,prompt,description,evaluator_context,mode,category\na,b,,,chat,\nc,\"d\ne\",,,fax,\n");
    let headless = desk.file("headless.csv", "a,b,,,chat,\n");
    let request = desk.file("request.json", r#"{"requestId":"r","titel":"t","prompt":"p","mode":"chat"}"#);
    let bad_segments = desk.file("bad.json", r#"{"version":"1.0.0","segments":[{"startTime":0}]}"#);

    check_refused(&desk, &["--csv", "no-such.csv"], &["read no-such.csv", "No such file"]);
    check_refused(&desk, &["--csv", &csv], &["late.csv: line 3: the mode is \"fax\""]);
    check_refused(&desk, &["--csv", &headless], &["headless.csv: line 1: the header is \"a,b,,,chat,\""]);
    check_refused(&desk, &["--request", &request], &["request.json: ", "unknown field `titel`"]);
    let with = |chapters: &str, transcript: &str, message: &str| {
        check_refused(&desk, &["--chapters", chapters, "--transcript", transcript], &[message]);
    };
    with(&chapters, &transcript, "chapters.json: chapters[0].startTime: -1 is negative");
    with(&torn, &transcript, "torn.json: chapters file: line 2, column 17");
    with(&chapters, "no-such.json", "read no-such.json");
    let good = desk.file("good.json", r#"{"version":"1.2.0","chapters":[{"startTime":0,"title":"a"}]}"#);
    with(&good, &bad_segments, "bad.json: segments[0].body: missing");
    check_refused(&desk, &["--chapters", &good], &["--transcript <FILE>"]);
    check_refused(&desk, &["replay", "scenario-import/as-found", "--csv", &csv], &["line 3: the mode is \"fax\""]);
}

#[test]
fn a_report_for_programs_is_as_the_schema_says() {
    let desk = Desk::new();
    let arguments = ["scenario-create/as-found", "chapter-import/undo-on-error", "--depth", "1", "--format", "json"];
    let printed = desk.run(&arguments);
    assert_eq!(printed.code, AS_EXPECTED, "{}", printed.err);
    let report = json(&printed.out);
    schema::validate(&report).expect("the report is as the schema says");
    assert_eq!(report["strategies"].as_array().map(Vec::len), Some(2));
    assert!(report["findings"].as_array().is_some_and(|findings| findings.len() > 10));

    let path = desk.path("report.json").display().to_string();
    let written = desk.run(&[arguments.as_slice(), &["--out", &path]].concat());
    assert_eq!(written.code, AS_EXPECTED, "{}", written.err);
    let mut in_file = json(&std::fs::read_to_string(&path).expect("the report was written"));
    in_file["totals"] = report["totals"].clone();
    assert_eq!(in_file, report, "the same report in the file");
    assert!(written.out.contains("as expected: 2 strategies are caught"), "{}", written.out);
    assert!(!written.out.contains("VIOLATED no-"), "beside a file only the matrix is shown: {}", written.out);

    let nowhere = desk.path("no/such/folder/report.json").display().to_string();
    let lost = desk.run(&["scenario-create/inline-column", "--depth", "1", "--format", "json", "--out", &nowhere]);
    assert_eq!((lost.code, lost.err.contains("write ")), (COULD_NOT_TELL, true), "{}", lost.err);
}

#[test]
fn a_list_names_flows_strategies_and_steps() {
    let desk = Desk::new();
    let text = desk.run(&["list", "scenario-create/path-first"]);
    assert_eq!(text.code, AS_EXPECTED, "{}", text.err);
    for name in ["scenario-create\n", "  path-first (caught)\n", "    insert-scenario ", "    write-context "] {
        assert!(text.out.contains(name), "{name:?}: {}", text.out);
    }
    assert!(!text.out.contains("as-found"), "only what was asked for: {}", text.out);

    let listed = json(&desk.run(&["list", "scenario-create", "--format", "json"]).out);
    let strategies: Vec<_> = listed.as_array().expect("a list").iter().map(|strategy| &strategy["strategy"]).collect();
    assert_eq!(strategies, ["as-found", "undo-on-error", "inline-column", "path-first", "intent-log"]);
    let recovery = listed[4]["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter(|step| step["phases"].as_array().is_some_and(|phases| phases.contains(&Value::from("boot"))));
    assert!(recovery.count() > 0, "steps of recovery are listed, too: {listed:#}");
    assert!(desk.left().is_empty());
}

#[test]
fn colours_go_to_those_who_want_them() {
    let desk = Desk::new();
    let arguments = ["scenario-create/path-first", "--depth", "1", "--faults", "crash"];
    let with = |variables: &[(&str, &str)]| {
        let mut command = desk.command(&arguments);
        command.envs(variables.iter().copied());
        let run = finished(command);
        assert_eq!(run.code, AS_EXPECTED, "{}", run.err);
        run.out + &run.err
    };
    assert!(!with(&[]).contains('\u{1b}'), "a pipe has no colours");
    assert!(!with(&[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(with(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'), "who insists gets them");
    let mut wrong = desk.command(&["replay", "chapter-import/upsert x:before=crash"]);
    wrong.env("NO_COLOR", "1");
    assert!(!finished(wrong).err.contains('\u{1b}'));
}

#[test]
fn a_fault_can_be_put_in_by_hand() {
    let desk = Desk::new();
    let failpoints = "chapter-import/link-segments:before=1*return(error)";
    let by_hand = desk.run_by_hand(failpoints, &["replay", "chapter-import/as-found"]);
    assert_eq!(by_hand.code, AS_EXPECTED, "{}", by_hand.err);
    assert!(by_hand.out.contains("⚡ error before link-segments #1"), "{}", by_hand.out);
    let line = |name: &str| {
        let mut lines = by_hand.out.lines();
        lines.find(|line| line.trim_start().starts_with(name)).map(|line| line.contains("VIOLATED"))
    };
    assert_eq!(line("no-orphan-rows  "), Some(true), "{}", by_hand.out);
    assert_eq!(line("no-orphan-files  "), Some(false), "{}", by_hand.out);

    for (failpoints, message) in [
        ("nonsense", "FAILPOINTS: \"nonsense\" has no \"=\""),
        ("a=explode", "FAILPOINTS: \"a=explode\""),
        ("a=return(error);b", "FAILPOINTS: \"b\" has no \"=\""),
        ("a=1*off->return(eror)", "unknown fault \"eror\"; did you mean \"error\"?"),
    ] {
        for arguments in [["replay", "chapter-import/as-found"], ["explore", "chapter-import/as-found"]] {
            let refused = desk.run_by_hand(failpoints, &arguments);
            assert_eq!(refused.code, COULD_NOT_TELL, "{failpoints}: {}", refused.out);
            assert!(refused.err.contains(message), "{failpoints}: {}", refused.err);
        }
    }
}

#[test]
fn what_a_report_says_to_type_shows_the_case_again_with_ones_own_files() {
    let desk = Desk::new();
    let csv = desk.file(
        "my own.csv",
        "title,prompt,description,evaluator_context,mode,category\nMine,Ask.,,What to know,chat,\n",
    );
    let request =
        desk.file("r.json", r#"{"requestId":"r","title":"Mine","prompt":"p","mode":"chat","evaluatorContext":"c"}"#);
    let chapters = desk.file("c.json", r#"{"version":"1.2.0","chapters":[{"startTime":0,"title":"Mine"}]}"#);
    let transcript = desk.file("t.json", r#"{"version":"1.0.0","segments":[{"startTime":0,"body":"hello"}]}"#);
    for (strategy, options) in [
        ("scenario-import/as-found", ["--csv", &csv].as_slice()),
        ("scenario-create/as-found", ["--request", &request].as_slice()),
        ("chapter-import/as-found", ["--chapters", &chapters, "--transcript", &transcript].as_slice()),
    ] {
        let arguments = [&[strategy, "--depth", "1", "--faults", "crash", "--format", "json"], options].concat();
        let explored = desk.run(&arguments);
        assert_eq!(explored.code, AS_EXPECTED, "{strategy}: {}", explored.err);
        let report = json(&explored.out);
        let mut findings = report["findings"].as_array().expect("findings").iter();
        let finding = findings.rfind(|finding| finding["grade"] == "violated").expect("a breach");
        let (replay, criterion) = (finding["replay"].as_str(), finding["criterion"].as_str());
        let told = desk.run_shell(replay.expect("a command"));
        assert_eq!(told.code, AS_EXPECTED, "{replay:?}: {}", told.err);
        assert!(told.out.contains("Mine"), "{replay:?}: the request is the user's own: {}", told.out);
        let verdict = told.out.rsplit("\nverdict\n").next().unwrap_or_default();
        let line = verdict.lines().find(|line| line.trim_start().starts_with(criterion.expect("a name")));
        assert!(line.is_some_and(|line| line.ends_with("VIOLATED")), "{criterion:?}: {verdict}");
    }
    assert!(desk.left().is_empty());
}

#[test]
fn a_random_run_says_what_to_type_to_see_its_smallest_witnesses_again() {
    let desk = Desk::new();
    let arguments = ["scenario-import/undo-on-error", "--random", "60", "--seed", "11", "--depth", "3"];
    let shown = desk.run(&arguments);
    assert_eq!(shown.code, AS_EXPECTED, "{}", shown.err);
    assert!(shown.out.contains("depth 3, 60 cases drawn for each strategy, seed 11, faults"), "{}", shown.out);
    assert!(shown.out.contains("  smaller from "), "{}", shown.out);
    let report = json(&desk.run(&[arguments.as_slice(), &["--format", "json"]].concat()).out);
    schema::validate(&report).expect("the report is as the schema says");
    assert_eq!(report["options"]["random"], 60);
    let findings = report["findings"].as_array().expect("findings");
    let mut with_a_part =
        findings.iter().filter(|finding| finding["replay"].as_str().is_some_and(|line| line.contains(" --first ")));
    let finding = with_a_part.next_back().expect("a part of the file is enough for one of them");
    let told = desk.run_shell(finding["replay"].as_str().expect("a command"));
    assert_eq!(told.code, AS_EXPECTED, "{}", told.err);
    let verdict = told.out.rsplit("\nverdict\n").next().unwrap_or_default();
    let criterion = finding["criterion"].as_str().expect("a name");
    let line = verdict.lines().find(|line| line.trim_start().starts_with(criterion)).expect("a grade");
    assert!(!line.ends_with("held"), "{finding}: {verdict}");
}

#[test]
fn help_and_version_are_no_failures() {
    let desk = Desk::new();
    let help = desk.run(&["--help"]);
    assert_eq!(help.code, AS_EXPECTED);
    assert!(help.out.contains("Exit code: 0 when everything is as expected"), "{}", help.out);
    let version = desk.run(&["--version"]);
    assert_eq!((version.code, version.out.trim()), (AS_EXPECTED, concat!("halfway ", env!("CARGO_PKG_VERSION"))));
}
