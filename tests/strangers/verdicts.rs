//! Compares what is true of a stranger with what the harness says of him.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::num::NonZeroUsize;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, explore_all};
use halfway::judge::{Criterion, Grade};
use halfway::report::{Cell, CellFault};
use halfway::{Silent, Subject};
use libtest_mimic::Failed;

use crate::truths::{Breach, Claim, Truth, read};

/// What the harness says: how each criterion fared under each class, or why it could not tell.
pub(crate) type Verdict = Result<Vec<Cell>, String>;

/// Asks the harness.
pub(crate) fn explore(truth: &Truth, subject: Subject) -> Verdict {
    let settings = Settings {
        depth: truth.depth,
        faults: truth.classes.clone(),
        deadline: truth.deadline,
        // The tests run side by side already.
        jobs: NonZeroUsize::MIN,
        ..Settings::default()
    };
    let explored = explore_all(&[subject], &settings, &Silent).map_err(|error| in_full(&error))?;
    if let Some(error) = explored.not_fired.first() {
        return Err(in_full(error));
    }
    Ok(explored.report.strategies.into_iter().flat_map(|strategy| strategy.cells).collect())
}

/// An error and its sources.
fn in_full(error: &halfway::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// How the verdict differs from the truth, if it does.
pub(crate) fn compare(truth: &Truth, verdict: &Verdict) -> Result<(), String> {
    match (&truth.claim, verdict) {
        (Claim::Sound(healed), Ok(cells)) => is_sound(cells, healed),
        (Claim::Faulty(breaches), Ok(cells)) => breaches.iter().try_for_each(|breach| is_broken(cells, breach)),
        (Claim::Refused(words), Err(why)) if why.to_lowercase().contains(&words.to_lowercase()) => Ok(()),
        (Claim::Refused(words), Err(why)) => Err(format!("refused, and not with \"{words}\": {why}")),
        (Claim::Refused(words), Ok(cells)) => Err(format!("not refused with \"{words}\", but judged: {}", told(cells))),
        (Claim::OutOfReach, Ok(cells)) => {
            is_sound(cells, &all()).map_err(|problem| format!("it is not out of reach any more: {problem}"))
        }
        (Claim::NotAccused, Ok(cells)) => is_sound(cells, &all()),
        (Claim::NotCleared, Ok(cells)) if cells.iter().any(is_caught) => Ok(()),
        (Claim::NotCleared, Ok(_)) => Err("faulty, and found sound".to_owned()),
        (Claim::NotAccused | Claim::NotCleared, Err(_)) => Ok(()),
        (Claim::Sound(_) | Claim::Faulty(_) | Claim::OutOfReach, Err(why)) => Err(format!("could not tell: {why}")),
    }
}

fn all() -> BTreeSet<Criterion> {
    Criterion::ALL.into_iter().collect()
}

fn is_caught(cell: &Cell) -> bool {
    cell.grade > Grade::HealedByRecovery
}

fn is_sound(cells: &[Cell], healed: &BTreeSet<Criterion>) -> Result<(), String> {
    let is_wrong = |cell: &&Cell| match cell.grade {
        Grade::Held => false,
        Grade::HealedByRecovery => !healed.contains(&cell.criterion),
        Grade::HealedByRetry | Grade::Violated => true,
    };
    let wrong: Vec<&Cell> = cells.iter().filter(is_wrong).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("sound, and accused: {}", told(wrong))) }
}

fn is_broken(cells: &[Cell], breach: &Breach) -> Result<(), String> {
    let is_meant = |cell: &&Cell| {
        breach.criteria.contains(&cell.criterion) && breach.fault.is_none_or(|fault| fault == cell.fault)
    };
    let worst = cells.iter().filter(is_meant).map(|cell| cell.grade).max();
    let is_as_told = match breach.grade {
        Some(grade) => worst == Some(grade),
        None => worst > Some(Grade::HealedByRecovery),
    };
    if is_as_told {
        return Ok(());
    }
    let names: Vec<&str> = breach.criteria.iter().map(|criterion| criterion.name()).collect();
    let found = worst.map_or("no case", Grade::name);
    let under = breach.fault.map_or("any fault", CellFault::name);
    let expected = breach.grade.map_or("broken", Grade::name);
    let names = names.join("/");
    Err(format!("{names} has to be {expected} under {under}, and is: {found}; found: {}", told(cells)))
}

/// The cells that are not held, in words.
fn told<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> String {
    let broken = cells.into_iter().filter(|cell| cell.grade != Grade::Held);
    let cell = |cell: &Cell| {
        let witness = cell.witness.as_deref().unwrap_or("the run without faults");
        format!("\n  {} {} {}  {witness}", cell.fault.name(), cell.criterion, cell.grade)
    };
    let lines: String = broken.map(cell).collect();
    if lines.is_empty() { "everything held".to_owned() } else { lines }
}

/// A test of the comparison: each kind of truth can fail.
pub(crate) fn untrue_truths_are_told() -> Result<(), Failed> {
    let cell = |criterion, grade| Cell {
        fault: CellFault::Class(FaultClass::Crash),
        depth: 1,
        criterion,
        grade,
        cases: 1,
        violations: 0,
        witness: None,
    };
    let held = Ok(vec![cell(Criterion::NoStuckJob, Grade::Held)]);
    let boot = Ok(vec![cell(Criterion::NoStuckJob, Grade::HealedByRecovery)]);
    let retry = Ok(vec![cell(Criterion::NoStuckJob, Grade::HealedByRetry)]);
    let none = Err("Two runs differ".to_owned());
    for (claim, verdict, is_true) in [
        ("sound | -", &held, true),
        ("sound | -", &boot, false),
        ("sound | no-stuck-job", &boot, true),
        ("sound | any", &retry, false),
        ("sound | any", &none, false),
        ("faulty | crash no-stuck-job healed-by-retry", &retry, true),
        ("faulty | crash no-stuck-job violated", &retry, false),
        ("faulty | crash no-stuck-job/no-orphan-rows broken", &retry, true),
        ("faulty | crash no-stuck-job broken", &boot, false),
        ("faulty | error no-stuck-job broken", &retry, false),
        ("faulty | any no-stuck-job broken", &retry, true),
        ("faulty | any no-stuck-job broken", &none, false),
        ("refused | runs differ", &none, true),
        ("refused | inherit", &none, false),
        ("refused | runs differ", &held, false),
        ("out-of-reach | -", &boot, true),
        ("out-of-reach | -", &retry, false),
        ("not-accused | -", &none, true),
        ("not-accused | -", &retry, false),
        ("not-cleared | -", &none, true),
        ("not-cleared | -", &boot, false),
        ("not-cleared | -", &retry, true),
    ] {
        let (kind, what) = claim.split_once(" | ").ok_or("a kind and what it says")?;
        let truths = read(&format!("{kind} a/b | files | crash | {what} | why"))?;
        let compared = compare(&truths[0], verdict);
        if compared.is_ok() != is_true {
            return Err(format!("{claim} against {verdict:?}: {compared:?}").into());
        }
    }
    Ok(())
}
