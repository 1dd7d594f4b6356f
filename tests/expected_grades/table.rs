//! Reads the table of expected grades.
//!
//! Decides what a line says, and refuses one that says it badly, with its number. Knows nothing of what a run found.

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;

/// One expected grade.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// FLOW/STRATEGY.
    pub(crate) strategy: String,
    /// The class of the first fault.
    pub(crate) fault: CellFault,
    /// The number of faults.
    pub(crate) depth: u32,
    /// The criterion.
    pub(crate) criterion: Criterion,
    /// The grade; `None` where the criterion does not apply.
    pub(crate) grade: Option<Grade>,
    /// The line of the table.
    pub(crate) line: usize,
}

/// The grades that the table expects, in its order.
///
/// # Errors
/// The first line that cannot be read, and why.
pub(crate) fn read(table: &str) -> Result<Vec<Expected>, String> {
    let mut expected = Vec::new();
    let mut strategy = None;
    for (index, text) in table.lines().enumerate() {
        let line = index + 1;
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(name) = text.strip_prefix("strategy ") {
            strategy = Some(name.trim().to_owned());
            continue;
        }
        let strategy = strategy.as_deref().ok_or_else(|| format!("line {line}: no strategy was named yet"))?;
        expected.extend(row(strategy, line, text).map_err(|problem| format!("line {line}: {problem}"))?);
    }
    Ok(expected)
}

/// The letter of a grade.
pub(crate) const fn letter(grade: Option<Grade>) -> char {
    match grade {
        None => '.',
        Some(Grade::Held) => 'h',
        Some(Grade::HealedByRecovery) => 'b',
        Some(Grade::HealedByRetry) => 'r',
        Some(Grade::Violated) => 'V',
    }
}

fn row(strategy: &str, line: usize, text: &str) -> Result<Vec<Expected>, String> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.name() == name);
    let criterion = criterion.ok_or_else(|| format!("\"{name}\" is no criterion"))?;
    let expected =
        |fault, depth, grade| Expected { strategy: strategy.to_owned(), fault, depth, criterion, grade, line };

    let mut row = Vec::new();
    for depth in 0..=2 {
        let faults: Vec<CellFault> = match depth {
            0 => vec![CellFault::None],
            _ => FaultClass::OF_STEPS.into_iter().map(CellFault::Class).collect(),
        };
        let letters: Vec<char> = words.next().unwrap_or_default().chars().collect();
        if letters.len() != faults.len() {
            return Err(format!("{} grades for depth {depth}; it takes {}", letters.len(), faults.len()));
        }
        for (fault, letter) in faults.into_iter().zip(letters) {
            row.push(expected(fault, depth, grade(letter)?));
        }
    }
    if words.next().is_none() {
        return Err("no reason is given".to_owned());
    }
    Ok(row)
}

fn grade(written: char) -> Result<Option<Grade>, String> {
    let grades = [Grade::Held, Grade::HealedByRecovery, Grade::HealedByRetry, Grade::Violated];
    let known = [None].into_iter().chain(grades.map(Some)).find(|&grade| letter(grade) == written);
    known.ok_or_else(|| format!("'{written}' is no grade; grades are . h b r V"))
}
