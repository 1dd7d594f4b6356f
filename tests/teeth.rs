//! The harness has teeth: each broken strategy is caught by the fault and the criterion that were predicted, and the good
//! strategies by nothing.
//!
//! `teeth/predictions.txt` was written before anything was run. Each mutant is one change away from a good strategy, which
//! is in the same file. Where prediction and run differ, one of them is wrong; the table's last lines tell which it was, and
//! why. Not checked: that nothing else catches a mutant.

#[path = "teeth/app.rs"]
mod app;
#[path = "teeth/chapter_rows.rs"]
mod chapter_rows;
#[path = "teeth/context_file.rs"]
mod context_file;
#[path = "teeth/finish_on_boot.rs"]
mod finish_on_boot;
#[path = "teeth/import_work.rs"]
mod import_work;
#[path = "teeth/intent_log.rs"]
mod intent_log;
#[path = "teeth/one_transaction.rs"]
mod one_transaction;
#[path = "teeth/predictions.rs"]
mod predictions;
#[path = "teeth/replace_chapters.rs"]
mod replace_chapters;
#[path = "teeth/scenario_rows.rs"]
mod scenario_rows;
#[path = "teeth/sweep_on_boot.rs"]
mod sweep_on_boot;
#[path = "teeth/undo_chapters.rs"]
mod undo_chapters;
#[path = "teeth/undo_scenario.rs"]
mod undo_scenario;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, explore_all};
use halfway::judge::Grade;
use halfway::report::{Cell, CellFault};
use halfway::{Silent, Subject};
use predictions::{Claim, Faults, Prediction};

const TABLE: &str = include_str!("teeth/predictions.txt");

/// The good strategies, each followed by its mutants.
fn corpus() -> Vec<Subject> {
    let strategies = [
        intent_log::subjects(),
        finish_on_boot::subjects(),
        sweep_on_boot::subjects(),
        undo_scenario::subjects(),
        one_transaction::subjects(),
        undo_chapters::subjects(),
        replace_chapters::subjects(),
    ];
    strategies.into_iter().flatten().collect()
}

fn predicted() -> Vec<Prediction> {
    predictions::read(TABLE).unwrap_or_else(|problem| panic!("tests/teeth/predictions.txt: {problem}"))
}

/// What came of a prediction.
struct Outcome {
    /// In words, as the table of results shows it.
    told: String,
    /// How it differs from what was predicted.
    difference: Option<String>,
}

fn check(corpus: &[Subject], prediction: &Prediction) -> Outcome {
    let Prediction { strategy, faults, depth, claim, .. } = prediction;
    let subject = corpus.iter().find(|subject| subject.name() == *strategy);
    let subject = subject.unwrap_or_else(|| panic!("line {}: there is no {strategy}", prediction.line));
    match faults {
        Faults::Known { first, classes } => {
            // Of pairs with a loss of power there are very many: one row shows what is predicted of them.
            let one_row =
                (*depth > 1 && classes.contains(&FaultClass::PowerLoss)).then(|| subject.first_parts(1)).flatten();
            let explored = explore(one_row.as_ref().unwrap_or(subject), classes, *depth);
            explored.map_or_else(refused, |explored| judge(&explored, *first, *depth, *claim))
        }
        // It succeeds and answers rightly, at least.
        Faults::Pending => {
            let explored = explore(subject, &BTreeSet::new(), 0);
            let told = "pending: class not built yet".to_owned();
            explored.map_or_else(refused, |explored| Outcome { told, difference: not_right_alone(&explored) })
        }
    }
}

fn refused(why: String) -> Outcome {
    Outcome { told: "refused".to_owned(), difference: Some(why) }
}

fn explore(subject: &Subject, classes: &BTreeSet<FaultClass>, depth: u32) -> Result<Explored, String> {
    let settings = Settings { depth, faults: classes.clone(), ..Settings::default() };
    let explored = explore_all(std::slice::from_ref(subject), &settings, &Silent);
    let explored = explored.map_err(|error| format!("could not tell: {}", in_full(&error)))?;
    match explored.not_fired.first() {
        Some(error) => Err(format!("could not tell: {}", in_full(error))),
        None => Ok(explored),
    }
}

/// An error and its sources.
fn in_full(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", in_full(source)))
}

fn judge(explored: &Explored, first: CellFault, depth: u32, claim: Claim) -> Outcome {
    match claim {
        Claim::Holds | Claim::OutOfReach | Claim::SlipsThrough(_) => {
            let worse = cells(explored).find(|cell| cell.grade > Grade::HealedByRecovery);
            let difference = worse.map(|cell| format!("{} is {}: {}", cell.criterion, cell.grade, witness(cell)));
            let told = match claim {
                Claim::OutOfReach => "out of reach: one client at a time",
                Claim::SlipsThrough(_) => "slips through: the criterion is too lenient",
                Claim::Holds | Claim::Caught(..) => "holds",
            };
            Outcome { told: told.to_owned(), difference }
        }
        Claim::Caught(criterion, grade) => {
            let is_meant = |cell: &&Cell| (cell.fault, cell.depth, cell.criterion) == (first, depth, criterion);
            let Some(cell) = cells(explored).find(is_meant) else {
                return refused(format!("there is no case of {depth} faults, the first of them {}", first.name()));
            };
            let told = match &cell.witness {
                Some(_) => format!("{} by {}", cell.grade, witness(cell)),
                None => format!("{} in all {} cases", cell.grade, cell.cases),
            };
            let difference = (cell.grade != grade).then(|| format!("predicted {grade}, found {told}"));
            let alone = (first != CellFault::None).then(|| not_right_alone(explored)).flatten();
            Outcome { told, difference: difference.or(alone) }
        }
    }
}

/// What is wrong without any fault: a mutant that shows itself there is not caught by a fault.
fn not_right_alone(explored: &Explored) -> Option<String> {
    let wrong = cells(explored).find(|cell| cell.fault == CellFault::None && cell.grade != Grade::Held);
    wrong.map(|cell| format!("{} is {} without any fault", cell.criterion, cell.grade))
}

fn cells(explored: &Explored) -> impl Iterator<Item = &Cell> {
    explored.report.strategies.iter().flat_map(|strategy| &strategy.cells)
}

/// The faults of the smallest case with that grade, where it is not the best one.
fn witness(cell: &Cell) -> &str {
    let schedule = cell.witness.as_deref().unwrap_or_default();
    schedule.split_once(' ').map_or("the run without faults", |(_, faults)| faults)
}

#[test]
fn every_mutant_is_caught_by_what_was_predicted_and_every_good_strategy_by_nothing() {
    let corpus = corpus();
    let (mut results, mut differences, mut base) = (String::new(), String::new(), String::new());
    for prediction in predicted() {
        let Outcome { told, difference } = check(&corpus, &prediction);
        let Prediction { strategy, written, depth, claim, line, .. } = &prediction;
        if *claim == Claim::Holds && base != *strategy {
            base.clone_from(strategy);
            results.push('\n');
        }
        let (name, criterion) = match claim {
            Claim::Holds => (strategy.clone(), "-"),
            Claim::Caught(criterion, _) | Claim::SlipsThrough(criterion) => (mutant(strategy), criterion.name()),
            Claim::OutOfReach => (mutant(strategy), "-"),
        };
        let _ = writeln!(results, "{name:<37} {written:<21} {depth} {criterion:<17} {told}");
        if let Some(difference) = difference {
            let _ = writeln!(differences, "line {line}: {strategy}, {written} {depth}: {difference}");
        }
    }
    assert!(differences.is_empty(), "prediction and run differ:\n{differences}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("teeth", results));
}

fn mutant(strategy: &str) -> String {
    format!("  {}", strategy.split_once('/').map_or(strategy, |(_, name)| name))
}

#[test]
fn every_strategy_has_a_prediction() {
    let predicted: BTreeSet<String> = predicted().into_iter().map(|prediction| prediction.strategy).collect();
    let corpus: Vec<String> = corpus().iter().map(Subject::name).collect();
    let unique: BTreeSet<String> = corpus.iter().cloned().collect();
    assert_eq!(corpus.len(), unique.len(), "a name is taken twice in {corpus:?}");
    assert_eq!(predicted, unique);
}

#[test]
fn a_table_that_is_badly_written_is_refused_with_its_line() {
    let check = |text: &str, expected: &str| assert_eq!(predictions::read(text), Err(expected.to_owned()), "{text}");
    check("m crash 1 no-stuck-job violated x", "line 1: no base was named yet");
    check("base a all 1 x", "line 1: \"a\" is no FLOW/STRATEGY");
    check("base a/b all one x", "line 1: \"one\" is no number of faults");
    check("base a/b all 1", "line 1: no reason is given");
    let mutant = |text: &str, expected: &str| check(&format!("base a/b all 1 x\n\n{text}"), expected);
    mutant("m crahs 1 no-stuck-job violated x", "line 3: unknown fault \"crahs\"; did you mean \"crash\"?");
    mutant("m crash 1 no-stuck-jobs violated x", "line 3: \"no-stuck-jobs\" is no criterion");
    mutant("m crash 1 no-stuck-job held x", "line 3: \"held\" is no grade by which a mutant is caught");
    mutant("m crash 1 - violated x", "line 3: \"-\" is no criterion");
    mutant("m crash 1 no-stuck-job violated", "line 3: no reason is given");
    let faults = |written: &str| {
        let table = format!("base a/b all 1 x\nm {written} 2 no-stuck-job violated x");
        predictions::read(&table).expect("well written").remove(1).faults
    };
    let is_built = "power-loss".parse::<FaultClass>().is_ok();
    assert_eq!(faults("error+power-loss") == Faults::Pending, !is_built);
    let (crash, error) = (FaultClass::Crash, FaultClass::Error);
    let known = Faults::Known { first: CellFault::Class(crash), classes: [error, crash].into() };
    assert_eq!(faults("crash+error"), known, "the first one comes first, and the order of the classes is their own");
    let read = predictions::read("base a/b all 1 x\nm none 0 no-stuck-job violated x").expect("well written");
    assert_eq!((read.len(), read[1].strategy.as_str(), read[1].line), (2, "a/m", 2));
}
