//! `halfway check`, and `halfway replay --save`.

use crate::running::{Desk, Run};
use crate::{AS_EXPECTED, COULD_NOT_TELL, NOT_AS_EXPECTED, check_refused};

/// A fault scenario of this strategy.
fn file(strategy: &str, schedule: &str, rest: &str) -> String {
    let (flow, strategy) = strategy.split_once('/').expect("FLOW/STRATEGY");
    format!(
        "title = \"What happens\"\nwhy = \"It matters.\"\nflow = \"{flow}\"\nstrategy = \"{strategy}\"\n\
         schedule = \"{schedule}\"\n{rest}\n"
    )
}

const STUCK: &str = "[expect]\nno-stuck-job = \"violated\"";

#[test]
fn a_strategy_that_fares_as_its_file_says_is_as_expected() {
    let desk = Desk::new();
    desk.folder("scenarios/a");
    desk.file("scenarios/a/1.toml", &file("chapter-import/upsert", "start-job#1:before=crash", STUCK));
    desk.file("scenarios/a/2.toml", &file("scenario-create/inline-column", "insert-scenario:before=crash", ""));
    let Run { code, out, err } = desk.run(&["check"]);
    assert_eq!((code, err.as_str()), (AS_EXPECTED, ""), "{out}");
    assert_eq!(
        out,
        "✓ scenarios/a/1.toml  upsert\n✓ scenarios/a/2.toml  inline-column\n\nas expected: 2 fault scenarios, 2 strategies\n"
    );
    assert!(desk.left().is_empty(), "{:?}", desk.left());
}

#[test]
fn worse_and_better_than_expected_is_told_with_what_was_seen() {
    let desk = Desk::new();
    let expect = "[expect]\nretry-succeeds = \"violated\"";
    let path = desk.file("1.toml", &file("chapter-import/upsert", "start-job#1:before=crash", expect));
    let Run { code, out, err } = desk.run(&["check", &path]);
    assert_eq!((code, err.as_str()), (NOT_AS_EXPECTED, ""), "{out}");
    for line in [
        "NOT AS EXPECTED: chapter-import / upsert",
        "  What happens\n",
        "  no-stuck-job       expected held, seen violated\n",
        "after retry (restarted): import_jobs-2 is \"pending\" and nothing runs it\n",
        "  retry-succeeds     expected violated, seen held\n",
        "  again   halfway replay 'chapter-import/upsert start-job#1:before=crash'\n",
        "NOT AS EXPECTED: 1 of 1 strategy in 1 fault scenario\n",
    ] {
        assert!(out.contains(line), "{line:?} is not in: {out}");
    }
}

#[test]
fn with_a_mistake_in_one_file_none_is_played() {
    let desk = Desk::new();
    let good = desk.file("good.toml", &file("chapter-import/upsert", "start-job#1:before=crash", STUCK));
    let bad = desk.file("bad.toml", &file("chapter-import/upsrt", "start-job#1:befor=crash", ""));
    let worse = desk.file("worse.toml", "title =");
    let messages =
        ["bad.toml:4:12", "did you mean \"upsert\"?", "bad.toml:5:13", "did you mean \"before\"?", "worse.toml:1"];
    check_refused(&desk, &["check", &good, &bad, &worse], &messages);
    check_refused(&desk, &["check", "no-such.toml"], &["read no-such.toml", "No such file"]);
    check_refused(&desk, &["check"], &["read scenarios", "No such file"]);
    desk.folder("empty");
    check_refused(&desk, &["check", "empty"], &["no fault scenario (*.toml) is in it"]);
}

#[test]
fn what_only_shows_when_it_is_played_has_its_place_too() {
    let desk = Desk::new();
    let check = |schedule: &str, rest: &str, messages: &[&str]| {
        let path = desk.file("1.toml", &file("chapter-import/upsert", schedule, rest));
        let Run { code, out, err } = desk.run(&["check", &path]);
        assert_eq!(code, COULD_NOT_TELL, "{out}");
        assert!(!out.contains('✓') && !out.contains('✗'), "a file is never played in part: {out}");
        for message in messages {
            assert!(err.contains(message), "{message:?} is not in: {err}");
        }
    };
    check(
        "start-job:after=panic link-segmnts:before=crash",
        "",
        &["chapter-import/upsert: unknown step \"link-segmnts\"", "1.toml:5:35", "did you mean \"link-segments\"?"],
    );
    check(
        "start-job#7:before=crash",
        "",
        &["upsert: this fault did not happen", "1.toml:5:13", "does not come to this point"],
    );
    check(
        "start-job:before=crash",
        "client = \"impatient\"",
        &["upsert: no process survives", "1.toml:6:10", "only a restarted client"],
    );
}

#[test]
fn of_several_strategies_none_counts_when_one_cannot_be_played() {
    let desk = Desk::new();
    let text = file("chapter-import/upsert", "start-job#1:before=crash", STUCK);
    let path = desk.file("1.toml", &text.replace("\"upsert\"", "\"all\""));
    let Run { code, out, err } = desk.run(&["check", &path]);
    assert_eq!((code, out.as_str()), (COULD_NOT_TELL, "\nCOULD NOT TELL: 1 of 1 fault scenario\n"), "{err}");
    assert!(err.contains("chapter-import/one-transaction-upsert: unknown step \"start-job\""), "{err}");
}

#[test]
fn a_case_with_a_request_of_its_own_is_shown_again_by_what_is_printed() {
    let desk = Desk::new();
    let request = "[request.scenario]\nrequestId = \"r\"\ntitle = \"My own title\"\nprompt = \"p\"\nmode = \"chat\"";
    let path =
        desk.file("my own.toml", &file("scenario-create/inline-column", "insert-scenario:after=lost-ack", request));
    let Run { code, out, .. } = desk.run(&["check", &path]);
    assert_eq!(code, NOT_AS_EXPECTED, "{out}");
    let again = out.lines().find_map(|line| line.strip_prefix("  again   ")).expect("a command");
    let told = desk.run_shell(again);
    assert_eq!(told.code, NOT_AS_EXPECTED, "{again}: {}", told.err);
    assert!(told.out.contains("⚡ lost-ack after insert-scenario #1"), "{}", told.out);
    assert!(told.out.contains("My own title"), "{}", told.out);
}

#[test]
fn a_finding_is_saved_as_a_fault_scenario_that_expects_it() {
    let desk = Desk::new();
    let save = ["replay", "chapter-import/upsert start-job#1:before=crash", "--save", "job-stays-pending"];
    let saved = desk.run(&save);
    assert_eq!(saved.code, AS_EXPECTED, "{}", saved.err);
    assert!(saved.out.ends_with("saved   scenarios/chapter-import/job-stays-pending.toml\n"), "{}", saved.out);
    let path = desk.path("scenarios/chapter-import/job-stays-pending.toml");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert_eq!(
        text,
        "title = \"crash before start-job #1\"\n\
         why = 'import_jobs-2 is \"pending\" and nothing runs it'\n\
         flow = \"chapter-import\"\n\
         strategy = \"upsert\"\n\
         schedule = \"start-job#1:before=crash\"\n\
         \n\
         [expect]\n\
         no-stuck-job = \"violated\"\n"
    );
    assert_eq!(desk.run(&["check"]).code, AS_EXPECTED);

    // A second one of that name does not take the place of the first.
    std::fs::write(&path, "mine").expect("a file");
    let again = desk.run(&save);
    assert_eq!((again.code, again.err.contains("a fault scenario of that name is there")), (COULD_NOT_TELL, true));
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "mine");
}

#[test]
fn a_finding_is_saved_with_its_request() {
    let desk = Desk::new();
    let json = r#"{"requestId":"r","title":"Mine","prompt":"p","mode":"chat"}"#;
    let replay = "scenario-create/inline-column insert-scenario:after=lost-ack";
    let outside = desk.file("request.json", json);
    let refused = desk.run(&["replay", replay, "--request", &outside, "--save", "twice"]);
    assert_eq!((refused.code, refused.err.contains("copy it there first")), (COULD_NOT_TELL, true), "{}", refused.err);
    assert!(!desk.path("scenarios").exists(), "what is not saved leaves nothing");

    desk.folder("scenarios/input");
    desk.file("scenarios/input/request.json", json);
    let saved = desk.run(&["replay", replay, "--request", "scenarios/input/request.json", "--save", "twice"]);
    assert_eq!(saved.code, AS_EXPECTED, "{}", saved.err);
    let checked = desk.run(&["check", "--story", "scenarios/scenario-create"]);
    assert_eq!((checked.code, checked.out.contains("Mine")), (AS_EXPECTED, true), "{}", checked.err);

    check_refused(&desk, &["replay", replay, "--save", "../twice"], &["a name is kebab-case"]);
}
