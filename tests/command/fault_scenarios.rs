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
        "after retry (restarted): import_jobs-2 is \"pending\" and nobody runs it\n",
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
