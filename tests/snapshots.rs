//! What a reviewer reads in a diff: the steps of each strategy, and a few cases told from beginning to end.
//!
//! The matrix of all strategies is in `expected_grades.rs`, where it is explored.

use halfway::harness::{Listed, Settings, list, replay};
use halfway::imports::{Requests, subjects};
use halfway::report::story;
use halfway::schedule::Schedule;
use halfway::{Silent, Subject};

/// The width of the texts, in columns.
const WIDTH: usize = 100;

fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The story of a case, as a person reads it.
fn told(schedule: &str) -> String {
    let schedule: Schedule = schedule.parse().expect(schedule);
    let subjects = subjects(&Requests::default());
    let is_meant = |subject: &&Subject| (subject.flow(), subject.strategy()) == (&*schedule.flow, &*schedule.strategy);
    let subject = subjects.iter().find(is_meant).expect("a strategy of that name");
    let story = replay(subject, &schedule, &Settings::default()).expect("every fault of the schedule happens");
    story::render(&story, WIDTH)
}

fn check_story(name: &str, schedule: &str) {
    let first = told(schedule);
    assert_eq!(told(schedule), first, "two runs of one schedule tell the same story");
    check(name, &first);
}

#[test]
fn the_steps_of_each_strategy_are_known() {
    let listed = list(&subjects(&Requests::default()), &Settings::default(), &Silent).expect("the harness can tell");
    let text = |strategy: &Listed| {
        let steps = strategy
            .steps
            .iter()
            .map(|step| format!("  {:<20} {:<9} {}\n", step.step, step.resource.name(), step.phases.join(", ")));
        format!("{}/{}\n{}", strategy.flow, strategy.strategy, steps.collect::<String>())
    };
    check("steps", &listed.iter().map(text).collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_error_between_chapters_and_links_is_told() {
    check_story("replay-chapter-import-as-found", "chapter-import/as-found link-segments#1:before=error");
}

#[test]
fn an_outage_that_meets_the_cleanup_is_told() {
    check_story("replay-chapter-import-undo-on-error", "chapter-import/undo-on-error begin-links#1:before=outage");
}

#[test]
fn an_error_between_row_and_file_is_told() {
    check_story("replay-scenario-create-as-found", "scenario-create/as-found make-directory#1:before=error");
}

#[test]
fn two_faults_that_an_intent_outlives_are_told() {
    check_story(
        "replay-scenario-create-intent-log",
        "scenario-create/intent-log begin-publish#1:before=error abandon-intents#2:before=error",
    );
}

#[test]
fn a_row_that_the_retry_skips_is_told() {
    check_story("replay-scenario-import-as-found", "scenario-import/as-found write-context#1:before=error");
}

#[test]
fn a_crash_in_the_recovery_is_told() {
    check_story(
        "replay-scenario-import-intent-log",
        "scenario-import/intent-log begin-publish#1:before=crash boot/remove-leftover#1:after=crash",
    );
}

#[test]
fn a_recovery_that_crashes_twice_is_told() {
    let twice = "begin-publish#1:before=crash boot/abandon-intents#1:before=crash boot/abandon-intents#1:before=crash";
    let story = told(&format!("scenario-create/intent-log {twice}"));
    assert_eq!(story.matches("⚡ crash before abandon-intents #1 in boot").count(), 2, "{story}");
}
