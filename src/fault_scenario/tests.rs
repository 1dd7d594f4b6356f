//! Files of fault scenarios that are read, and those that are not.

use std::path::Path;

use super::{FaultScenario, Mistakes};
use crate::judge::{Criterion, Grade};
use crate::subject::Subject;

mod paths;

const GOOD: &str = r#"
title = "The links fail"
why = """
The retry is refused, and
the chapters lead nowhere."""
flow = "chapter-import"
strategy = ["one-transaction", "as-found"]
schedule = """
link-segments#1:before=error
impatient/create-job:after=lost-ack"""

[expect]
no-orphan-rows = "violated"

[expect.one-transaction]
all-or-nothing = "healed-by-retry"
"#;

/// The flows of this crate.
fn known() -> Vec<Subject> {
    crate::imports::subjects(&crate::imports::Requests::default())
}

fn read(text: &str) -> Result<FaultScenario, Mistakes> {
    FaultScenario::read(Path::new("scenarios/some-flow/some.toml"), text, &known())
}

/// The file has just these mistakes; each at its place, given as the text that is underlined, and with this message.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let mistakes = read(text).map(|read| read.title).expect_err(text);
    let told = mistakes.all().iter().map(|mistake| {
        let place = mistake.place.clone().expect("a place");
        let said = [mistake.problem.as_str(), mistake.remedy.as_str()].map(str::to_owned);
        let said = said.into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join("; ");
        (text[place].to_owned(), said)
    });
    let told: Vec<(String, String)> = told.collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(place, said)| (place.as_str(), said.as_str())).collect();
    assert_eq!(told, expected);
}

/// The good file with one thing in it replaced.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old:?} is in the good file");
    GOOD.replacen(old, new, 1)
}

#[test]
fn a_file_says_what_is_played_and_what_is_expected() {
    let read = read(GOOD).expect("a good file");
    assert_eq!(read.why, "The retry is refused, and the chapters lead nowhere.");
    assert_eq!(read.faults(), "link-segments#1:before=error impatient/create-job:after=lost-ack");
    let expected = |criterion, grade| [(criterion, grade)].into();
    assert_eq!(
        read.strategies,
        [
            ("one-transaction".to_owned(), expected(Criterion::AllOrNothing, Grade::HealedByRetry)),
            ("as-found".to_owned(), expected(Criterion::NoOrphanRows, Grade::Violated)),
        ]
    );
}

#[test]
fn all_are_the_strategies_of_the_flow_in_the_order_of_the_reports() {
    let text = with("[\"one-transaction\", \"as-found\"]", "\"all\"");
    let names: Vec<_> = read(&text).expect("a good file").strategies.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["as-found", "one-transaction", "undo-on-error", "upsert", "one-transaction-upsert"]);
}

#[test]
fn a_mistake_has_its_place_and_its_remedy() {
    let check = |old: &str, new: &str, place: &str, said: &str| check(&with(old, new), &[(place, said)]);
    check(
        "flow = \"chapter-import\"",
        "flow = \"chapter-imprt\"",
        "\"chapter-imprt\"",
        "unknown flow \"chapter-imprt\"; did you mean \"chapter-import\"?",
    );
    check("\"as-found\"]", "\"as-fund\"]", "\"as-fund\"", "unknown strategy \"as-fund\"; did you mean \"as-found\"?");
    check(
        "\"as-found\"]",
        "\"as-found\", \"as-found\"]",
        "\"as-found\"",
        "\"as-found\" is there twice; once is enough",
    );
    check(
        "\"as-found\"]",
        "7]",
        "7",
        "this is a number, and has to be a text; a strategy, a list of strategies, or \"all\"",
    );
    check(
        "title = \"The links fail\"",
        "title = \"The links\\nfail\"",
        "\"The links\\nfail\"",
        "the title is more than a line; put the rest into \"why\"",
    );
    check("title = \"The links fail\"", "title = \" \"", "\" \"", "\"title\" is empty; what happens, in a line");
    check("schedule =", "clent = \"both\"\nschedule =", "clent", "unknown key \"clent\"; did you mean \"client\"?");
    check(
        "schedule =",
        "client = \"imp\"\nschedule =",
        "\"imp\"",
        "unknown client \"imp\"; did you mean \"impatient\"?",
    );
    check(
        "schedule =",
        "backend = \"sqlit\"\nschedule =",
        "\"sqlit\"",
        "unknown backend \"sqlit\"; did you mean \"sqlite\"?",
    );
    check(
        "no-orphan-rows",
        "no-orphan-row",
        "no-orphan-row",
        "unknown criterion \"no-orphan-row\"; did you mean \"no-orphan-rows\"?",
    );
    check("\"violated\"", "\"violatd\"", "\"violatd\"", "unknown grade \"violatd\"; did you mean \"violated\"?");
    check(
        "[expect.one-transaction]",
        "[expect.one-transactin]",
        "one-transactin",
        "unknown strategy \"one-transactin\"; did you mean \"one-transaction\"?",
    );
    check(
        "[expect.one-transaction]",
        "[expect.upsert]",
        "upsert",
        "the strategy \"upsert\" is not among those of this file; name it in the key \"strategy\", or leave this table out",
    );
    check(
        ", \"as-found\"]",
        "]",
        "no-orphan-rows",
        "this is expected of no strategy; every strategy has a table of its own, which is all that is expected of it",
    );
}

#[test]
fn a_wrong_fault_is_underlined_within_the_schedule() {
    let check = |old: &str, new: &str, place: &str, said: &str| {
        check(&with(old, new), &[(place, &format!("this is no fault at its point; {said}"))]);
    };
    check("#1:before", "#0:before", "link-segments#0", "an occurrence is a number, counted from 1");
    check(
        "=lost-ack",
        "=lost-akc",
        "impatient/create-job:after=lost-akc",
        "unknown fault \"lost-akc\"; did you mean \"lost-ack\"?",
    );
    check(
        "impatient/",
        "impatent/",
        "impatent/create-job:after=lost-ack",
        "unknown phase \"impatent\"; did you mean \"impatient\"?",
    );
    check("#1:before=", "#1:befor=", "link-segments#1:befor", "unknown edge \"befor\"; did you mean \"before\"?");
}

#[test]
fn a_schedule_with_escapes_is_underlined_as_a_whole() {
    let schedule = "\"link-segments#1:\\u0062efor=error\"";
    let text =
        format!("title = \"t\"\nwhy = \"w\"\nflow = \"chapter-import\"\nstrategy = \"all\"\nschedule = {schedule}");
    check(&text, &[(schedule, "this is no fault at its point; unknown edge \"befor\"; did you mean \"before\"?")]);
}

#[test]
fn flow_and_strategy_are_no_part_of_a_schedule_here() {
    let text = with("link-segments#1:before=error", "chapter-import/as-found link-segments#1:before=error");
    let said = "a schedule here has faults only; flow and strategy have keys of their own; leave this word out";
    check(&text, &[("chapter-import/as-found", said)]);
}

#[test]
fn without_faults_nothing_is_said_of_retries() {
    let text = "title = \"t\"\nwhy = \"w\"\nflow = \"chapter-import\"\nstrategy = \"upsert\"\nschedule = \"\"\n\
                client = \"restarted\"\n[expect]\nretry-succeeds = \"violated\"\n";
    check(
        text,
        &[
            ("\"restarted\"", "without faults there is no retry; leave this key out"),
            ("retry-succeeds", "retry-succeeds does not apply: without faults there is no retry; leave this key out"),
        ],
    );
}

#[test]
fn an_empty_file_lacks_every_key_that_it_must_have() {
    let told = read("").map(|read| read.title).expect_err("nothing is in it");
    let problems: Vec<&str> = told.all().iter().map(|mistake| mistake.problem.as_str()).collect();
    let missing = ["title", "why", "flow", "strategy", "schedule"].map(|key| format!("the key \"{key}\" is missing"));
    assert_eq!(problems, missing);
    // It is shown, too, though there is no line to underline.
    assert_eq!(told.to_string().matches("some.toml").count(), 5, "{told}");
}

#[test]
fn no_text_is_too_odd_to_be_told_its_mistakes() {
    let places: Vec<usize> = GOOD.char_indices().map(|(at, _)| at).collect();
    for &at in places.iter().step_by(3) {
        let (before, after) = GOOD.split_at(at);
        let mut rest = after.chars();
        rest.next();
        let rest = rest.as_str();
        let odd = ["", "é", "\"", "'", "\n", "\r", "\0", "[", "=", "\u{202e}", "\"\"\"", "{"]
            .map(|odd| format!("{before}{odd}{rest}"));
        for text in odd.into_iter().chain([before.to_owned()]) {
            let Err(mistakes) = read(&text) else { continue };
            assert!(!mistakes.all().is_empty(), "{text:?}");
            assert!(mistakes.to_string().contains("some.toml"), "{text:?}: {mistakes}");
            for mistake in mistakes.all() {
                let place = mistake.place.clone().expect("a place");
                assert!(text.get(place.clone()).is_some(), "{text:?}: {place:?}");
            }
        }
    }
}

#[test]
fn a_name_in_a_file_cannot_move_the_cursor() {
    let text = with("schedule =", "\"\\u001b[31mred\" = 1\nschedule =");
    let told = read(&text).map(|read| read.title).expect_err("an unknown key");
    assert!(told.to_string().contains("[31mred"), "{told}");
    assert!(!told.to_string().contains('\u{1b}'), "{told}");
}
