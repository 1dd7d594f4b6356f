use super::*;

/// The flows of this crate.
fn known() -> Vec<Subject> {
    crate::imports::subjects(&crate::imports::Requests::default())
}

fn parsed(line: &str) -> Result<Command, clap::Error> {
    parse(std::iter::once("halfway").chain(line.split_whitespace()), "halfway", &known())
}

fn explored(line: &str) -> Explore {
    match parsed(line) {
        Ok(Command::Explore(explore)) => explore,
        other => panic!("{line}: {other:?}"),
    }
}

fn refused(line: &str) -> String {
    let error = parsed(line).expect_err(line);
    assert_eq!(error.exit_code(), 2, "{line}");
    error.to_string()
}

#[test]
fn the_arguments_are_consistent() {
    command("halfway", &known()).debug_assert();
    let typed = command("halfway", &known());
    let for_people = typed.get_subcommands().filter(|command| !command.is_hide_set());
    let commands: Vec<_> = for_people.map(clap::Command::get_name).collect();
    assert_eq!(commands, COMMANDS);
}

#[test]
fn without_a_command_halfway_explores() {
    assert_eq!(explored(""), explored("explore"));
    assert_eq!(explored("chapter-import --depth 1"), explored("explore chapter-import --depth 1"));
    assert_eq!(explored("a/b --depth 1 c").selection, ["a/b", "c"]);
}

#[test]
fn the_defaults_are_what_the_help_says() {
    let explore = explored("");
    assert_eq!(explore.faults, FaultClass::OF_STEPS);
    assert_eq!((explore.depth, explore.seed), (2, 0));
    assert_eq!((explore.backend, explore.to), (Backend::Sqlite, Destination::Stdout(Format::Text)));
    assert_eq!(explore.deadline, Duration::from_secs(10));
    assert_eq!(explore.jobs, default_jobs());
    assert_eq!(explore.requests, Requests::default());
}

#[test]
fn every_option_arrives() {
    let explore = explored(
        "a --depth 3 --backend sqlite --jobs 7 --seed 9 --format json --out o.json --deadline 0.5 \
         --chapters c --transcript t --csv r --request q",
    );
    assert_eq!((explore.depth, explore.jobs.get(), explore.seed), (3, 7, 9));
    assert_eq!(explore.to, Destination::File(Format::Json, "o.json".into()));
    assert_eq!(explore.deadline, Duration::from_millis(500));
    let files = ["--chapters", "--transcript", "--csv", "--request"].map(|option| explore.requests.file(option));
    assert_eq!(files, ["c", "t", "r", "q"].map(|file| Some(std::path::Path::new(file))));
}

#[test]
fn faults_are_a_list_in_any_order_with_each_class_once() {
    use FaultClass::{Crash, Error};
    assert_eq!(explored("--faults crash,error,crash").faults, [Error, Crash]);
    assert_eq!(explored("--faults crash --faults error").faults, [Error, Crash]);
    assert_eq!(explored("--faults crash,steps").faults, FaultClass::OF_STEPS);
    assert_eq!(explored("--faults crash,all").faults, FaultClass::ALL);
}

#[test]
fn one_fault_at_a_time_where_file_operations_are_broken() {
    assert_eq!(explored("--faults all").depth, 1);
    assert_eq!(explored("--faults power-loss").depth, 1);
    assert_eq!(explored("--faults all --depth 2").depth, 2);
    assert_eq!(explored("--faults crash").depth, 2);
}

#[test]
fn a_schedule_needs_no_quotes() {
    let schedule: Schedule = "a/b c#1:before=crash boot/d#2:after=lost-ack".parse().expect("a schedule");
    let replay = parsed("replay a/b c#1:before=crash boot/d#2:after=lost-ack --operations --csv f").expect("a command");
    let requests = Requests { files: [("--csv".to_owned(), "f".into())].into(), first: None };
    assert_eq!(
        replay,
        Command::Replay(Replay { schedule: schedule.clone(), save: None, operations: true, process: false, requests })
    );
    let quoted =
        parse(["halfway", "replay", "--process", "a/b c#1:before=crash boot/d#2:after=lost-ack"], "halfway", &known());
    assert_eq!(
        quoted.expect("a command"),
        Command::Replay(Replay {
            schedule,
            save: None,
            operations: false,
            process: true,
            requests: Requests::default()
        })
    );
}

#[test]
fn a_list_is_of_what_was_named() {
    let list =
        List { selection: vec!["a".into()], operations: true, format: ListFormat::Json, requests: Requests::default() };
    assert_eq!(parsed("list a --operations --format json").expect("a command"), Command::List(list));
}

#[test]
fn a_report_goes_to_a_folder_unless_a_format_is_named() {
    assert_eq!(explored("--out o").to, Destination::Folder("o".into()));
    assert_eq!(explored("--out o.d/reports-1.2").to, Destination::Folder("o.d/reports-1.2".into()));
    assert_eq!(explored("--out o --format html").to, Destination::File(Format::Html, "o".into()));
    assert_eq!(explored("--format junit").to, Destination::Stdout(Format::Junit));
    assert_eq!(explored("--baseline b.json").baseline, Some("b.json".into()));
    assert_eq!((explored("--random 9").random, explored("").random), (Some(9), None));
    assert_eq!(explored("--resume r.json").resume, Some("r.json".into()));
}

#[test]
fn a_saved_report_is_written_anew_or_compared() {
    let to = Destination::File(Format::Html, "r.html".into());
    let report = Report { file: "r.json".into(), to, baseline: None };
    let typed = parsed("report r.json --format html --out r.html").expect("a command");
    assert_eq!(typed, Command::Report(report));
    let diff = Diff { before: "a.json".into(), after: "b.json".into() };
    assert_eq!(parsed("diff a.json b.json").expect("a command"), Command::Diff(diff));
}

#[test]
fn a_mistake_says_where_it_is_and_what_was_meant() {
    for (line, message) in [
        ("--faults eror", "unknown class of faults \"eror\"; did you mean \"error\"?"),
        ("--faults error,", "unknown class of faults \"\"; known: error, lost-ack, outage, cancel, panic, crash, "),
        ("--depth 0", "0 is not in 1..=3"),
        ("--depth 4", "4 is not in 1..=3"),
        ("--random 0", "0 is not in 1.."),
        ("--random 5 --process", "cannot be used with '--process'"),
        ("--jobs 0", "number would be zero for non-zero type"),
        ("--deadline 0", "a deadline is a number of seconds greater than 0, such as 10 or 0.5"),
        ("--deadline NaN", "a deadline is a number of seconds greater than 0"),
        ("--deadline inf", "a deadline is a number of seconds greater than 0"),
        ("--format jsn", "a similar value exists: 'json'"),
        ("list --format html", "[possible values: text, json]"),
        ("--out o.html", "without --format, --out is a folder for all formats; for the file o.html add --format html"),
        ("report r.json --out o.md", "for the file o.md add --format markdown"),
        ("report", "<FILE.json>"),
        ("diff a.json", "<AFTER.json>"),
        ("--dept 1", "a similar argument exists: '--depth'"),
        ("--chapters c", "--transcript <FILE>"),
        ("list --transcript t", "--chapters <FILE>"),
        ("replay", "<SCHEDULE>..."),
        ("replay a/b c:befor=crash", "schedule: \"c:befor\": unknown edge \"befor\"; did you mean \"before\"?"),
        ("--depth 1 list", "\"list\" is a command, and comes first: halfway list ..."),
    ] {
        let said = refused(line);
        assert!(said.contains(message), "{line}: {said}");
    }
}

#[test]
fn a_mistake_that_shows_later_is_said_like_the_others() {
    let error = usage("unknown flow \"a\"");
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().starts_with("error: unknown flow \"a\""), "{error}");
}

#[test]
fn help_is_no_mistake_and_shows_the_defaults_and_examples() {
    let help = |line: &str| {
        let help = parsed(line).expect_err(line);
        assert_eq!(help.exit_code(), 0);
        help.to_string()
    };
    for said in [
        "halfway replay 'scenario-create/",
        "halfway check",
        "[default: 2, or 1",
        "[default: 10]",
        "[default: steps]",
        "Exit code: 0",
    ] {
        assert!(help("--help").contains(said), "{said}");
    }
    assert!(!help("-h").contains("Examples:"));
    assert!(help("-h").lines().count() < 60);
}
