//! The verdict is true for flows that nobody here has thought of: a corpus of strangers, each with what is true of him.
//!
//! `strangers/truths.txt` was written before anything was run, by reasoning alone; the flows use nothing but what any user
//! of the library has. Each flow is one test for each kind of pool, named `theme/flow/pool`, and after that the faults where
//! they are not the usual ones. Where truth and verdict differ one of them is wrong: a truth is changed with the reason in
//! the table, and never because of the verdict. Not checked: that a faulty flow is found faulty in nothing else.

#[path = "strangers/accepted.rs"]
mod accepted;
#[path = "strangers/answers.rs"]
mod answers;
#[path = "strangers/bare.rs"]
mod bare;
#[path = "strangers/boots.rs"]
mod boots;
#[path = "strangers/classics.rs"]
mod classics;
#[path = "strangers/classics_of_files.rs"]
mod classics_of_files;
#[path = "strangers/counted.rs"]
mod counted;
#[path = "strangers/declined.rs"]
mod declined;
#[path = "strangers/first.rs"]
mod first;
#[path = "strangers/guards.rs"]
mod guards;
#[path = "strangers/ids.rs"]
mod ids;
#[path = "strangers/ids_in_numbers.rs"]
mod ids_in_numbers;
#[path = "strangers/kit.rs"]
mod kit;
#[path = "strangers/layouts.rs"]
mod layouts;
#[path = "strangers/layouts_of_files.rs"]
mod layouts_of_files;
#[path = "strangers/layouts_of_rows.rs"]
mod layouts_of_rows;
#[path = "strangers/library.rs"]
mod library;
#[path = "strangers/made_up.rs"]
mod made_up;
#[path = "strangers/many.rs"]
mod many;
#[path = "strangers/memory.rs"]
mod memory;
#[path = "strangers/moving.rs"]
mod moving;
#[path = "strangers/names.rs"]
mod names;
#[path = "strangers/nulls.rs"]
mod nulls;
#[path = "strangers/odd.rs"]
mod odd;
#[path = "strangers/pools.rs"]
mod pools;
#[path = "strangers/runtime.rs"]
mod runtime;
#[path = "strangers/schema.rs"]
mod schema;
#[path = "strangers/tasks.rs"]
mod tasks;
#[path = "strangers/told.rs"]
mod told;
#[path = "strangers/truths.rs"]
mod truths;
#[path = "strangers/verdicts.rs"]
mod verdicts;

use std::collections::BTreeSet;
use std::process::ExitCode;

use kit::{Pool, Stranger};
use libtest_mimic::{Arguments, Failed, Trial};
use truths::Truth;

const TABLE: &str = include_str!("strangers/truths.txt");

fn strangers() -> Vec<Stranger> {
    let themes = [
        accepted::strangers(),
        answers::strangers(),
        bare::strangers(),
        boots::strangers(),
        classics::strangers(),
        classics_of_files::strangers(),
        counted::strangers(),
        declined::strangers(),
        first::strangers(),
        guards::strangers(),
        ids::strangers(),
        ids_in_numbers::strangers(),
        layouts::strangers(),
        layouts_of_files::strangers(),
        layouts_of_rows::strangers(),
        library::strangers(),
        made_up::strangers(),
        many::strangers(),
        memory::strangers(),
        moving::strangers(),
        names::strangers(),
        nulls::strangers(),
        odd::strangers(),
        pools::strangers(),
        runtime::strangers(),
        schema::strangers(),
        tasks::strangers(),
        told::strangers(),
    ];
    themes.into_iter().flatten().collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let truths = truths::read(TABLE).unwrap_or_else(|problem| panic!("tests/strangers/truths.txt: {problem}"));
    let strangers = strangers();
    let mut tests = vec![
        Trial::test("every_stranger_has_a_truth", {
            let (known, told) = (names_of(&strangers), told_of(&truths));
            move || every_stranger_has_a_truth(&known, &told)
        }),
        Trial::test("a_badly_written_truth_is_refused_with_its_line", truths::bad_lines_are_refused),
        Trial::test("a_truth_that_does_not_come_true_is_told", verdicts::untrue_truths_are_told),
    ];
    for truth in truths {
        let subject = strangers.iter().find(|stranger| stranger.name == truth.name).map(|stranger| stranger.subject);
        for pool in truth.pools.clone() {
            let truth = truth.clone();
            tests.push(Trial::test(test_name(&truth, pool), move || {
                let subject = subject.ok_or_else(|| Failed::from(format!("there is no stranger {}", truth.name)))?;
                Ok(verdicts::compare(&truth, &verdicts::explore(&truth, subject(pool)))?)
            }));
        }
    }
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn test_name(truth: &Truth, pool: Pool) -> String {
    let faults = if truth.written == "default" { String::new() } else { format!("/{}", truth.written) };
    format!("{}/{}{faults}", truth.name, pool.name())
}

fn names_of(strangers: &[Stranger]) -> Vec<&'static str> {
    strangers.iter().map(|stranger| stranger.name).collect()
}

fn told_of(truths: &[Truth]) -> BTreeSet<String> {
    truths.iter().map(|truth| truth.name.clone()).collect()
}

fn every_stranger_has_a_truth(known: &[&str], told: &BTreeSet<String>) -> Result<(), Failed> {
    let unique: BTreeSet<String> = known.iter().map(|&name| name.to_owned()).collect();
    if unique.len() < known.len() {
        return Err(format!("a name is taken twice in {known:?}").into());
    }
    let without: Vec<_> = unique.symmetric_difference(told).collect();
    if without.is_empty() { Ok(()) } else { Err(format!("flow or truth is missing: {without:?}").into()) }
}
