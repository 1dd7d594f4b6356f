//! What the harness costs, and what it saves.
//!
//! 1. *Against hand-written tests.* The same cases, run by the harness and run as a person writes them down: one after the
//!    other, each with a fresh directory, schema, application and fault. Rounds alternate between the two, so that a busy
//!    machine slows both; medians are shown.
//!    Cases of two faults are measured for the harness alone: by hand they would take hours.
//! 2. *Against nothing at all.* One case of the harness, on one thread, against the attempt and the retry alone, on an
//!    application that is up already. What comes on top is what makes the case one: a world of its own, starts, looks, verdicts.
//!
//! The classes of faults are those that bare failpoints bring about in one process: `error`, `lost-ack`, `panic`. Left out on
//! both sides are `outage` (by hand nobody knows where the attempt ends), `cancel` (somebody has to drop the request) and
//! `crash` (a process of its own for each case, by hand). Both sides see each case through for the restarted and for the
//! impatient client. A person looks less closely: the checks by hand count rows, files and bytes. Not measured: memory, and
//! how long the cases took to write.

mod bare;
mod by_hand;
mod parts;
mod schedules;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use halfway::harness::{Settings, explore_all};
use halfway::imports::chapter_import::{ChapterImport, OneTransactionUpsert};
use halfway::imports::scenario_create::IntentLog;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::schedule::PlannedFault;
use halfway::{Flow, Silent, Subject};

use by_hand::Checks;

/// How often each way is measured.
const ROUNDS: usize = 3;

fn main() {
    // `cargo test --benches` only wants to know that this starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let chapters = Checks {
        counts: &[
            "SELECT COUNT(*) FROM chapters",
            "SELECT COUNT(*) FROM segments WHERE chapter_id IS NOT NULL",
            "SELECT COUNT(*) FROM import_jobs WHERE status NOT IN ('completed', 'failed')",
        ],
        reset: "UPDATE segments SET chapter_id = NULL; DELETE FROM chapters; DELETE FROM import_jobs",
        folder: None,
    };
    measure(OneTransactionUpsert, &ChapterImport::example(), &chapters);
    let scenarios = Checks {
        counts: &[
            "SELECT COUNT(*) FROM scenarios",
            "SELECT COUNT(*) FROM scenarios WHERE evaluator_context_path IS NOT NULL",
            "SELECT COUNT(*) FROM intents",
        ],
        reset: "DELETE FROM scenarios; DELETE FROM intents; DELETE FROM requests",
        folder: Some("evaluator_context"),
    };
    measure(IntentLog, &CreateScenario::example(), &scenarios);
}

fn measure<F>(flow: F, request: &F::Request, checks: &Checks)
where
    F: Flow + Copy,
    F::Request: Clone,
{
    let subject = Subject::new(flow, request.clone());
    let settings = Settings { depth: 1, faults: schedules::CLASSES.into(), ..Settings::default() };
    let planned = schedules::of(&subject, &settings);
    println!("\n{}: {} cases, of one fault each", subject.name(), planned.len());
    against_hand_written(&flow, request, checks, &subject, &settings, &planned);
    against_nothing(&flow, request, checks, &subject, &settings, &planned);
}

fn against_hand_written<F: Flow>(
    flow: &F,
    request: &F::Request,
    checks: &Checks,
    subject: &Subject,
    settings: &Settings,
    planned: &[PlannedFault],
) {
    let mut with_harness = Vec::new();
    let mut by_hand: Vec<(&str, PathBuf, Vec<f64>)> = vec![("temporary directory", std::env::temp_dir(), Vec::new())];
    if memory() != std::env::temp_dir() {
        by_hand.push(("directory in memory", memory(), Vec::new()));
    }
    for _ in 0..ROUNDS {
        with_harness.push(cases_per_second(subject, settings, planned));
        for (_, parent, rates) in &mut by_hand {
            rates.push(by_hand::cases_per_second(flow, request, checks, planned, parent));
        }
    }
    let with_harness = median(with_harness);
    let (pairs, in_pairs) = pairs_per_second(subject, settings);
    println!("  halfway, {} cases at a time {with_harness:>26.0} cases/s", settings.jobs);
    println!("  halfway, {pairs} cases of up to two faults, equal ones run once {in_pairs:>8.0} cases/s");
    for (place, parent, rates) in by_hand {
        let rate = median(rates);
        let label = format!("by hand, {place} ({})", parent.display());
        let (once, pairs) = (with_harness / rate, in_pairs / rate);
        println!(
            "  {label:<48} {rate:>5.0} cases/s   halfway is {once:.1} times as fast; {pairs:.0} times, with pairs"
        );
    }
}

/// The harness on all cases of up to two faults: how many they are, and how many of them it settles in a second, by running
/// them or by running an equal one. By hand each of them has to be run.
fn pairs_per_second(subject: &Subject, settings: &Settings) -> (u64, f64) {
    let settings = Settings { depth: 2, ..settings.clone() };
    let explored = explore_all(std::slice::from_ref(subject), &settings, &Silent).expect("the harness can tell");
    let totals = explored.report.totals;
    let cases = totals.cases + totals.pruned;
    let settled = usize::try_from(cases).expect("they fit into memory");
    (cases, count(settled) / totals.seconds)
}

fn against_nothing<F: Flow>(
    flow: &F,
    request: &F::Request,
    checks: &Checks,
    subject: &Subject,
    settings: &Settings,
    planned: &[PlannedFault],
) {
    let settings = Settings { jobs: NonZeroUsize::MIN, ..settings.clone() };
    let (mut with_harness, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with_harness.push(1e6 / cases_per_second(subject, &settings, planned));
        alone.push(bare::microseconds_per_case(flow, request, checks, planned, &memory()));
    }
    let (with_harness, alone) = (median(with_harness), median(alone));
    println!("  one case of halfway, on one thread {with_harness:>20.0} us");
    println!(
        "  its attempt and its retry alone {alone:>23.0} us        the case takes {:.1} times as long",
        with_harness / alone
    );
    println!("  what else a case is made of, once each:");
    for (part, microseconds) in parts::of(flow, request, &memory(), ROUNDS) {
        println!("    {part:<40} {microseconds:>12.0} us");
    }
}

/// The harness on these cases, and on those that nobody writes by hand: of the first start, and after the answer. The run
/// without faults, which is a case as well, is not counted.
fn cases_per_second(subject: &Subject, settings: &Settings, planned: &[PlannedFault]) -> f64 {
    let explored = explore_all(std::slice::from_ref(subject), settings, &Silent).expect("the harness can tell");
    assert!(explored.is_as_expected(), "the strategy holds");
    let totals = explored.report.totals;
    let cases = usize::try_from(totals.cases - 1).expect("they fit into memory");
    assert!(cases >= planned.len(), "the harness runs the cases that are run by hand, and more");
    count(cases) / totals.seconds
}

/// Where the harness makes its worlds.
fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    match std::env::var_os("TMPDIR") {
        None if memory.is_dir() => memory.to_owned(),
        _ => std::env::temp_dir(),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A count, to be divided by.
#[expect(clippy::cast_precision_loss, reason = "some hundreds")]
const fn count(cases: usize) -> f64 {
    cases as f64
}
