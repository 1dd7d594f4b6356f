//! The command for flows of one's own: this test is one, too, and starts itself as such.

#[path = "own_command/covers.rs"]
mod covers;
#[path = "../examples/own_command.rs"]
mod example;
#[path = "own_command/stopped.rs"]
mod stopped;

use std::path::Path;
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};

/// Where it is set, this program is the command.
const AS_COMMAND: &str = "OWN_COMMAND";
/// With this value, the command for another flow.
const COVERS: &str = "covers";

fn main() -> ExitCode {
    match std::env::var(AS_COMMAND).as_deref() {
        Ok(COVERS) => return covers::main(),
        Ok(_) => return example::main(),
        Err(_) => {}
    }
    let tests: [(&str, fn()); 14] = [
        ("the_line_that_is_printed_repeats_its_case", the_line_that_is_printed_repeats_its_case),
        ("a_request_is_read_from_a_file", a_request_is_read_from_a_file),
        ("a_fault_scenario_holds_a_request_of_ones_own", a_fault_scenario_holds_a_request_of_ones_own),
        ("shards_are_merged_to_the_report_of_one_run", shards_are_merged_to_the_report_of_one_run),
        ("what_does_not_belong_together_is_not_merged", what_does_not_belong_together_is_not_merged),
        ("a_case_is_saved_and_checked", a_case_is_saved_and_checked),
        ("a_test_runner_may_ask_as_it_asks_any_test", a_test_runner_may_ask_as_it_asks_any_test),
        ("a_pipe_and_no_color_get_no_colours", a_pipe_and_no_color_get_no_colours),
        ("a_mistyped_case_is_told_with_what_was_meant", a_mistyped_case_is_told_with_what_was_meant),
        ("the_help_speaks_of_this_program_and_its_flows", the_help_speaks_of_this_program_and_its_flows),
        ("a_process_of_its_own_is_killed_at_each_crash", a_process_of_its_own_is_killed_at_each_crash),
        ("a_saved_report_is_written_again_and_compared", a_saved_report_is_written_again_and_compared),
        ("a_stopped_run_that_goes_on_is_a_whole_one", stopped::a_stopped_run_that_goes_on_is_a_whole_one),
        ("ctrl_c_ends_with_130_and_leaves_nothing", stopped::ctrl_c_ends_with_130_and_leaves_nothing),
    ];
    let tests = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok::<(), Failed>(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), tests.into()).exit_code()
}

/// What the command does in this folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let program = std::env::current_exe().expect("this program is somewhere");
    let mut command = Command::new(program);
    command.env(AS_COMMAND, "1").env("CARGO_PKG_NAME", "halfway").current_dir(folder).args(arguments);
    command.output().expect("this program starts")
}

fn run(arguments: &[&str]) -> Output {
    run_in(Path::new("."), arguments)
}

/// What it says where it ends so.
fn said(output: &Output, code: i32) -> String {
    let all = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat();
    assert_eq!(output.status.code(), Some(code), "{all}");
    all
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect(name)
}

fn the_line_that_is_printed_repeats_its_case() {
    let report = said(&run(&["place-order/row-by-row", "--depth", "1"]), 0);
    let lines: Vec<&str> = report.lines().filter_map(|line| line.trim().strip_prefix("again   ")).collect();
    assert!(!lines.is_empty(), "{report}");
    for line in lines {
        let case = line.strip_prefix("cargo test -p halfway --test own_command -- replay '").expect(line);
        let case = case.strip_suffix('\'').expect(line);
        let story = said(&run(&["replay", case]), 0);
        assert!(story.contains("VIOLATED") && story.contains(line), "{story}");
    }
}

fn a_request_is_read_from_a_file() {
    let folder = folder();
    std::fs::write(folder.path().join("order.json"), r#"{"number": "7", "items": ["salt"]}"#).expect("a request");
    let report = said(&run_in(folder.path(), &["--depth", "1", "--request", "order.json"]), 0);
    assert!(report.contains(r#"(number "7")"#) && report.contains("--request 'order.json'"), "{report}");
    std::fs::write(folder.path().join("order.json"), r#"{"number": 7}"#).expect("no request");
    let refused = said(&run_in(folder.path(), &["--request", "order.json"]), 2);
    assert!(refused.contains("order.json: invalid type: integer `7`, expected a string"), "{refused}");
    let unknown = said(&run(&["--csv", "rows.csv"]), 2);
    assert!(unknown.contains("unexpected argument '--csv'"), "{unknown}");
}

fn the_help_speaks_of_this_program_and_its_flows() {
    let help = said(&run(&["--help"]), 0);
    let program = "cargo test -p halfway --test own_command --";
    for line in [
        &format!("Usage: {program} "),
        &format!("{program} place-order --request FILE"),
        &format!("{program} replay 'place-order/row-by-row @answer:after=crash'"),
    ] {
        assert!(help.contains(line.as_str()), "{line} is not in {help}");
    }
    assert!(!help.contains("--csv") && !help.contains("\n  halfway "), "{help}");
    let mistyped = said(&run(&["--deph", "1"]), 2);
    assert!(mistyped.contains(&format!("Usage: {program} ")) && mistyped.contains("'--depth'"), "{mistyped}");
    let unknown = said(&run(&["list", "place-ordr"]), 2);
    assert!(unknown.contains("did you mean \"place-order\"?") && unknown.contains(program), "{unknown}");
}

fn a_process_of_its_own_is_killed_at_each_crash() {
    let told = said(&run(&["--depth", "1", "--faults", "crash", "--process"]), 0);
    assert!(told.contains("1 strategy holds, 1 is caught"), "{told}");
    let case = "place-order/row-by-row insert-into-items#1:before=crash";
    let told = said(&run(&["replay", "--process", case]), 0);
    assert!(told.contains("killed with SIGKILL at this point, left the same world"), "{told}");
    // Which names are made up the child cannot know by itself.
    let mut covers = Command::new(std::env::current_exe().expect("this program is somewhere"));
    covers.env(AS_COMMAND, COVERS).args(["--depth", "1", "--faults", "crash,torn", "--process"]);
    let told = said(&covers.output().expect("this program starts"), 0);
    assert!(told.contains("as expected: 1 strategy is caught"), "{told}");
    assert!(told.contains("covers/<generated>.png"), "a name that is made up tells nobody anything: {told}");
}

fn a_saved_report_is_written_again_and_compared() {
    let folder = folder();
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    said(&run(&["--depth", "1", "--out", "reports"]), 0);
    let saved = "reports/report.json";
    said(&run(&["report", saved, "--out", "again"]), 0);
    for file in ["report.html", "report.md", "report.txt", "report.xml", "report.json"] {
        let read = |of: &str| text(folder.path(), &format!("{of}/{file}"));
        assert_eq!(read("reports"), read("again"), "{file}");
    }
    assert!(said(&run(&["diff", saved, saved]), 0).contains("nothing worse, nothing better"));
    said(&run(&["place-order/in-one-transaction", "--depth", "1", "--format", "json", "--out", "part.json"]), 0);
    said(&run(&["place-order/row-by-row", "--depth", "1", "--format", "json", "--out", "other.json"]), 0);
    said(&run(&["diff", "part.json", "other.json"]), 2);
}

fn a_fault_scenario_holds_a_request_of_ones_own() {
    let folder = folder();
    let scenario = |request: &str| {
        let scenario = format!(
            "title = \"The process dies between two rows\"\nwhy = \"The order is refused for ever.\"\nflow = \"place-order\"\n\
             strategy = \"row-by-row\"\nschedule = \"insert-into-items#1:before=crash\"\n{request}\n[expect]\n\
             all-or-nothing = \"violated\"\nretry-succeeds = \"violated\"\nretry-converges = \"violated\"\n"
        );
        std::fs::create_dir_all(folder.path().join("scenarios")).expect("a folder");
        std::fs::write(folder.path().join("scenarios/dies.toml"), scenario).expect("a fault scenario");
    };
    scenario("[request]\nnumber = \"9\"\nitems = [\"salt\", \"oil\"]");
    let told = said(&run_in(folder.path(), &["check", "--story"]), 0);
    assert!(told.contains("as expected: 1 fault scenario, 1 strategy") && told.contains(r#"(number "9")"#), "{told}");
    scenario("[request]\nnumber = 9");
    let refused = said(&run_in(folder.path(), &["check"]), 2);
    assert!(refused.contains("this is no request of place-order: invalid type: integer `9`"), "{refused}");
}

/// A report without its times.
fn untimed(report: &str) -> String {
    let is_time = |line: &&str| !line.contains("\"seconds\":") && !line.contains("\"cases_per_second\":");
    report.lines().filter(is_time).collect::<Vec<_>>().join("\n")
}

fn shards_are_merged_to_the_report_of_one_run() {
    let folder = folder();
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    said(&run(&["--depth", "1", "--format", "json", "--out", "whole.json"]), 0);
    for (shard, file) in [("1/3", "c.json"), ("2/3", "b.json"), ("3/3", "a.json")] {
        said(&run(&["--depth", "1", "--shard", shard, "--format", "json", "--out", file]), 0);
    }
    said(&run(&["merge", "a.json", "b.json", "c.json", "--format", "json", "--out", "merged.json"]), 0);
    assert_eq!(untimed(&text(folder.path(), "merged.json")), untimed(&text(folder.path(), "whole.json")));
}

fn what_does_not_belong_together_is_not_merged() {
    let folder = folder();
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    let json = |file: &'static str| ["--format", "json", "--out", file];
    said(&run(&[&["--depth", "1", "--shard", "1/2"][..], &json("one.json")].concat()), 0);
    said(&run(&[&["place-order/row-by-row", "--depth", "1"][..], &json("alone.json")].concat()), 0);
    said(
        &run(&[&["place-order/in-one-transaction", "--depth", "1", "--seed", "1"][..], &json("other.json")].concat()),
        0,
    );
    let merged = |files: &[&str]| said(&run(&[&["merge"][..], files].concat()), 2);
    assert!(merged(&["one.json"]).contains("these shards are missing: 2/2"));
    assert!(merged(&["one.json", "alone.json"]).contains("some of the reports are shards, and some are not"));
    assert!(merged(&["alone.json", "alone.json"]).contains("place-order/row-by-row is in two of the reports"));
    assert!(merged(&["alone.json", "other.json"]).contains("seed 0"), "another seed is another run");
    assert!(said(&run(&["--shard", "3/2"]), 2).contains("a shard is one of several, such as 1/4 up to 4/4"));
}

fn a_case_is_saved_and_checked() {
    let folder = folder();
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    let saved = run(&["replay", "place-order/row-by-row insert-into-items#1:before=crash", "--save", "dies"]);
    assert!(said(&saved, 0).contains("saved   scenarios/place-order/dies.toml"));
    assert!(said(&run(&["check"]), 0).contains("as expected: 1 fault scenario"));
}

fn a_test_runner_may_ask_as_it_asks_any_test() {
    let listed = said(&run(&["--list", "--format", "terse"]), 0);
    assert_eq!(listed, "place-order/row-by-row: test\nplace-order/in-one-transaction: test\n");
    assert_eq!(said(&run(&["--list", "--format", "terse", "--ignored"]), 0), "");
    assert_eq!(said(&run(&["a_test_of_another_file"]), 0), "", "cargo test NAME asks every test for it");
    let one = said(&run(&["place-order/in-one-transaction", "--exact", "--nocapture"]), 0);
    assert!(one.contains("as expected: 1 strategy holds"), "{one}");
}

fn a_pipe_and_no_color_get_no_colours() {
    let with = |variable: &str| {
        let mut command = Command::new(std::env::current_exe().expect("this program is somewhere"));
        for other in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(other);
        }
        command.env(AS_COMMAND, "1").env(variable, "1").args(["place-order/row-by-row", "--depth", "1"]);
        said(&command.output().expect("this program starts"), 0)
    };
    assert!(!with(AS_COMMAND).contains('\u{1b}'), "a pipe has no colours");
    assert!(!with("NO_COLOR").contains('\u{1b}'));
    assert!(with("CLICOLOR_FORCE").contains('\u{1b}'), "who insists gets them: the colours are there to be left out");
}

fn a_mistyped_case_is_told_with_what_was_meant() {
    let edge = said(&run(&["replay", "place-order/row-by-row insert-into-items#1:befor=crash"]), 2);
    assert!(edge.contains("did you mean \"before\"?"), "{edge}");
    let flow = said(&run(&["replay", "place-order/row-by-raw insert-into-items#1:before=crash"]), 2);
    assert!(flow.contains("row-by-row"), "{flow}");
    let step = said(&run(&["replay", "place-order/row-by-row insert-into-itms#1:before=crash"]), 2);
    assert!(step.contains("insert-into-items"), "{step}");
}
