//! Reads the table of predictions.
//!
//! Decides what a line says, and refuses one that says it badly, with its number. Knows nothing of what a run found, nor
//! which strategies there are.

use std::collections::BTreeSet;

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;

/// The classes that hit named steps.
const STEPS: &str = "error+lost-ack+outage+cancel+panic+crash";

/// The classes that a line may name before they exist.
const TO_COME: [&str; 3] = ["disk-error", "torn", "power-loss"];

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Prediction {
    /// FLOW/STRATEGY; the strategy of a mutant has the mutant's name.
    pub(crate) strategy: String,
    /// The faults, as the table writes them.
    pub(crate) written: String,
    /// The faults.
    pub(crate) faults: Faults,
    /// The number of faults.
    pub(crate) depth: u32,
    /// What happens then.
    pub(crate) claim: Claim,
    /// The line of the table.
    pub(crate) line: usize,
}

/// The faults under which something is predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Faults {
    /// These.
    Known {
        /// The class of the first fault.
        first: CellFault,
        /// All classes that may be in a case.
        classes: BTreeSet<FaultClass>,
    },
    /// Some that do not exist yet.
    Pending,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A good strategy: nothing is worse than healed by recovery.
    Holds,
    /// A mutant: this criterion gets this grade.
    Caught(Criterion, Grade),
    /// A mutant that this criterion ought to catch, and that holds: the harness is too lenient.
    SlipsThrough(Criterion),
    /// A mutant that nothing can catch while one client acts at a time.
    OutOfReach,
}

/// The predictions, in the order of the table.
///
/// # Errors
/// The first line that cannot be read, and why.
pub(crate) fn read(table: &str) -> Result<Vec<Prediction>, String> {
    let mut predictions: Vec<Prediction> = Vec::new();
    let mut flow: Option<String> = None;
    for (index, text) in table.lines().enumerate() {
        let line = index + 1;
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let mut words = text.split_whitespace();
        let prediction = match text.strip_prefix("base ") {
            Some(_) => {
                let strategy = words.nth(1).unwrap_or_default();
                flow = strategy.split_once('/').map(|(flow, _)| flow.to_owned());
                base(strategy, words, line)
            }
            None => match &flow {
                Some(flow) => mutant(flow, words, line),
                None => Err("no base was named yet".to_owned()),
            },
        };
        predictions.push(prediction.map_err(|problem| format!("line {line}: {problem}"))?);
    }
    Ok(predictions)
}

fn base<'t>(strategy: &str, mut words: impl Iterator<Item = &'t str>, line: usize) -> Result<Prediction, String> {
    if !strategy.contains('/') {
        return Err(format!("\"{strategy}\" is no FLOW/STRATEGY"));
    }
    let written = words.next().unwrap_or_default().to_owned();
    let (faults, depth) = (faults(&written)?, depth(words.next())?);
    reason(words)?;
    Ok(Prediction { strategy: strategy.to_owned(), written, faults, depth, claim: Claim::Holds, line })
}

fn mutant<'t>(flow: &str, mut words: impl Iterator<Item = &'t str>, line: usize) -> Result<Prediction, String> {
    let strategy = format!("{flow}/{}", words.next().unwrap_or_default());
    let written = words.next().unwrap_or_default().to_owned();
    let (faults, depth) = (faults(&written)?, depth(words.next())?);
    let claim = claim(words.next().unwrap_or_default(), words.next().unwrap_or_default())?;
    reason(words)?;
    Ok(Prediction { strategy, written, faults, depth, claim, line })
}

fn faults(written: &str) -> Result<Faults, String> {
    if written == "none" {
        return Ok(Faults::Known { first: CellFault::None, classes: BTreeSet::new() });
    }
    let names: Vec<&str> = match written {
        "all" => FaultClass::ALL.iter().map(|class| class.name()).collect(),
        "steps" => STEPS.split('+').collect(),
        listed => listed.split('+').collect(),
    };
    let mut classes = Vec::new();
    for name in &names {
        match name.parse::<FaultClass>() {
            Ok(class) => classes.push(class),
            Err(_) if TO_COME.contains(name) => {}
            Err(unknown) => return Err(unknown.to_string()),
        }
    }
    match classes[..] {
        [first, ..] if classes.len() == names.len() => {
            Ok(Faults::Known { first: CellFault::Class(first), classes: classes.into_iter().collect() })
        }
        _ => Ok(Faults::Pending),
    }
}

fn depth(written: Option<&str>) -> Result<u32, String> {
    let written = written.unwrap_or_default();
    written.parse().map_err(|_| format!("\"{written}\" is no number of faults"))
}

fn claim(criterion: &str, grade: &str) -> Result<Claim, String> {
    if (criterion, grade) == ("-", "out-of-reach") {
        return Ok(Claim::OutOfReach);
    }
    let known = Criterion::ALL.into_iter().find(|known| known.name() == criterion);
    let criterion = known.ok_or_else(|| format!("\"{criterion}\" is no criterion"))?;
    if grade == "slips-through" {
        return Ok(Claim::SlipsThrough(criterion));
    }
    // A good strategy may have the better ones.
    let known = [Grade::HealedByRetry, Grade::Violated].into_iter().find(|known| known.name() == grade);
    let grade = known.ok_or_else(|| format!("\"{grade}\" is no grade by which a mutant is caught"))?;
    Ok(Claim::Caught(criterion, grade))
}

fn reason<'t>(mut words: impl Iterator<Item = &'t str>) -> Result<(), String> {
    words.next().map(drop).ok_or_else(|| "no reason is given".to_owned())
}
