//! Compares what halfway says of a program with what is so.

use std::fmt::Write as _;

use halfway::fault::FaultClass;
use halfway::judge::Criterion;
use halfway::report::{Cell, CellFault};
use halfway::{Error, explore};

use super::application::Application;
use super::program::Program;
use super::truth::{Fared, Grades, Senseless};

/// What halfway says of a program.
pub(crate) enum Said {
    Grades(Grades, Vec<String>),
    Senseless(String),
    /// It could not tell, and gives another reason than that there is nothing to tell.
    Refused(String),
}

/// Explores the program with one fault in each case.
pub(crate) fn said_of(program: &Program) -> Said {
    match explore(Application(program.clone()), ()).depth(1).run() {
        Ok(explored) => {
            if let Some(error) = explored.not_fired.first() {
                return Said::Refused(in_full(error));
            }
            let strategy = &explored.report.strategies[0];
            let cell = |cell: &Cell| {
                let fared = Fared { worst: cell.grade, cases: cell.cases, violations: cell.violations };
                ((cell.fault, cell.criterion), fared)
            };
            let witnesses = strategy.cells.iter().filter_map(|cell| {
                let witness = cell.witness.as_ref()?;
                Some(format!("{} {}: {witness}", cell.fault.name(), cell.criterion))
            });
            Said::Grades(strategy.cells.iter().map(cell).collect(), witnesses.collect())
        }
        Err(error @ (Error::NoReference { .. } | Error::NotDeterministic { .. } | Error::Prepare { .. })) => {
            Said::Senseless(in_full(&error))
        }
        Err(error) => Said::Refused(in_full(&error)),
    }
}

/// What happens outside of steps is broken at its file operations, of which the naive side knows nothing: only grades are
/// compared where halfway has more crashes.
fn leave_operations_out(mut said: Grades, so: &Grades) -> Grades {
    for (key, fared) in &mut said {
        if let Some(so) = so.get(key)
            && key.0 == CellFault::Class(FaultClass::Crash)
            && fared.cases > so.cases
        {
            (fared.cases, fared.violations) = (so.cases, so.violations);
        }
    }
    said
}

fn is_of_answers((_, criterion): (CellFault, Criterion)) -> bool {
    criterion == Criterion::ResponseComplete
}

fn in_full(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// Says where the two differ, if they do: what halfway says, and what is so.
pub(crate) fn compare(said: Said, so: Result<Grades, Senseless>) -> Result<(), String> {
    let said = match (said, &so) {
        (Said::Grades(mut said, witnesses), Ok(so)) if !so.keys().copied().any(is_of_answers) => {
            said.retain(|key, _| !is_of_answers(*key));
            Said::Grades(leave_operations_out(said, so), witnesses)
        }
        (Said::Grades(said, witnesses), Ok(so)) => Said::Grades(leave_operations_out(said, so), witnesses),
        (said, _) => said,
    };
    match (said, so) {
        (Said::Grades(said, witnesses), Ok(so)) if said != so => Err(differences(&said, &so, &witnesses)),
        // What an id that no row has stands for, nobody can tell: halfway may take it for what it looks like.
        (Said::Grades(..), Ok(_) | Err(Senseless::Differs)) | (Said::Senseless(_), Err(_)) => Ok(()),
        (Said::Grades(..), Err(why)) => Err(format!("halfway gives grades, and there are none: {why:?}")),
        (Said::Senseless(why) | Said::Refused(why), Ok(_)) => Err(format!("halfway cannot tell: {why}")),
        (Said::Refused(why), Err(so)) => Err(format!("halfway cannot tell: {why}; but it is senseless: {so:?}")),
    }
}

fn differences(said: &Grades, so: &Grades, witnesses: &[String]) -> String {
    let mut text = "class, criterion: what halfway says, what is so".to_owned();
    let name = |grades: &Grades, key| {
        grades.get(key).map_or("does not apply".to_owned(), |fared| {
            format!("{} ({} of {} cases violated)", fared.worst, fared.violations, fared.cases)
        })
    };
    for key in said.keys().chain(so.keys().filter(|key| !said.contains_key(key))) {
        if said.get(key) != so.get(key) {
            let (class, criterion) = key;
            let _ = write!(text, "\n  {} {criterion}: {}, {}", class.name(), name(said, key), name(so, key));
            for witness in witnesses.iter().filter(|known| known.starts_with(&format!("{} {criterion}:", class.name())))
            {
                let _ = write!(text, "\n    halfway's witness: {witness}");
            }
        }
    }
    text
}
