//! The matrix of one flow: a row for each strategy, a column for each class of the first fault.
//!
//! A cell says the worst of all promises, in words that need no colour. For the filter it also has a letter for each
//! promise; the script knows the same letters.

use crate::judge::{Criterion, Grade};
use crate::report::recommend::Recommendation;
use crate::report::{CellFault, Expect, Finding, Report, StrategyReport};

/// A column of the matrix.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) fault: CellFault,
    pub(super) name: &'static str,
}

/// A flow with its matrix.
pub(super) struct FlowPart<'r> {
    pub(super) flow: &'r str,
    pub(super) choice: Option<&'r str>,
    pub(super) reason: String,
    pub(super) rows: Vec<RowPart<'r>>,
}

/// A strategy's row.
pub(super) struct RowPart<'r> {
    pub(super) strategy: &'r str,
    pub(super) is_choice: bool,
    pub(super) expect: &'static str,
    pub(super) as_expected: bool,
    pub(super) cells: Vec<CellPart<'r>>,
}

/// A cell.
pub(super) struct CellPart<'r> {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) fault: &'static str,
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) label: String,
    pub(super) letters: String,
    pub(super) findings: Vec<&'r Finding>,
}

/// The columns: the run without faults, then the classes that were asked for.
pub(super) fn columns(report: &Report) -> Vec<Column> {
    let classes = report.classes().into_iter().map(CellFault::Class);
    let faults = std::iter::once(CellFault::None).chain(classes);
    faults
        .map(|fault| Column { fault, name: if fault == CellFault::None { "no fault" } else { fault.name() } })
        .collect()
}

impl<'r> FlowPart<'r> {
    pub(super) fn new(report: &'r Report, recommended: &Recommendation<'r>, at: usize, columns: &[Column]) -> Self {
        let choice = recommended.choice.map(|choice| choice.strategy.as_str());
        let own = report.strategies.iter().filter(|strategy| strategy.flow == recommended.flow);
        let rows = own.enumerate().map(|(row, strategy)| RowPart {
            strategy: &strategy.strategy,
            is_choice: choice == Some(&strategy.strategy),
            expect: match strategy.expect {
                Expect::Holds => "holds",
                Expect::Caught => "caught",
            },
            as_expected: strategy.as_expected,
            cells: columns
                .iter()
                .map(|column| CellPart::new(report, strategy, column, &format!("c{at}-{row}")))
                .collect(),
        });
        Self { flow: recommended.flow, choice, reason: recommended.reason.clone(), rows: rows.collect() }
    }
}

impl<'r> CellPart<'r> {
    fn new(report: &'r Report, strategy: &'r StrategyReport, column: &Column, row: &str) -> Self {
        let fared = Criterion::ALL.map(|criterion| Fared::of(strategy, criterion, column.fault));
        let of = |found: &&Finding| {
            (&found.flow, &found.strategy) == (&strategy.flow, &strategy.strategy) && found.fault == column.fault
        };
        let (class, text) = summary(&fared);
        let key = format!("{}/{}/{}", strategy.flow, strategy.strategy, column.fault.name());
        Self {
            id: format!("{row}-{}", column.fault.name()),
            fault: column.fault.name(),
            class,
            text,
            label: label(strategy, column, &fared),
            letters: fared.iter().map(|fared| fared.letter()).collect(),
            findings: worst_first(report.findings.iter().filter(of).collect()),
            key,
        }
    }

    /// Whether there is anything to open.
    pub(super) fn is_open(&self) -> bool {
        !self.findings.is_empty()
    }
}

fn worst_first(mut findings: Vec<&Finding>) -> Vec<&Finding> {
    findings.sort_by_key(|found| (std::cmp::Reverse(found.grade), found.criterion));
    findings
}

/// How a promise fared under one class of faults.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fared {
    NotAtAll,
    Held,
    HealedByRecovery,
    HealedByRetry,
    ViolatedWithMore,
    Violated,
}

impl Fared {
    fn of(strategy: &StrategyReport, criterion: Criterion, fault: CellFault) -> Self {
        let cells = || strategy.cells.iter().filter(|cell| cell.criterion == criterion && cell.fault == fault);
        match strategy.worst(criterion).and_then(|_| cells().map(|cell| cell.grade).max()) {
            None => Self::NotAtAll,
            Some(Grade::Held) => Self::Held,
            Some(Grade::HealedByRecovery) => Self::HealedByRecovery,
            Some(Grade::HealedByRetry) => Self::HealedByRetry,
            Some(Grade::Violated) => {
                let is_alone = cells().any(|cell| cell.grade == Grade::Violated && cell.depth <= 1);
                if is_alone { Self::Violated } else { Self::ViolatedWithMore }
            }
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::NotAtAll => '-',
            Self::Held => 'h',
            Self::HealedByRecovery => 'b',
            Self::HealedByRetry => 'r',
            Self::ViolatedWithMore => 'w',
            Self::Violated => 'v',
        }
    }
}

fn count(fared: &[Fared], which: Fared) -> usize {
    fared.iter().filter(|known| **known == which).count()
}

fn summary(fared: &[Fared]) -> (&'static str, String) {
    let (alone, more) = (count(fared, Fared::Violated), count(fared, Fared::ViolatedWithMore));
    match fared.iter().max().copied().unwrap_or(Fared::NotAtAll) {
        Fared::NotAtAll => ("na", "·".to_owned()),
        Fared::Held => ("held", "held".to_owned()),
        Fared::HealedByRecovery => ("healed", "boot".to_owned()),
        Fared::HealedByRetry => ("healed", "retry".to_owned()),
        Fared::ViolatedWithMore => ("violated", format!("(✗ {more})")),
        Fared::Violated => ("violated", format!("✗ {}", alone + more)),
    }
}

/// The cell as a sentence, for those who hear it.
fn label(strategy: &StrategyReport, column: &Column, fared: &[Fared]) -> String {
    let (alone, more) = (count(fared, Fared::Violated), count(fared, Fared::ViolatedWithMore));
    let healed = count(fared, Fared::HealedByRecovery) + count(fared, Fared::HealedByRetry);
    let mut parts = Vec::new();
    if alone > 0 {
        parts.push(format!("{alone} violated"));
    }
    if more > 0 {
        parts.push(format!("{more} violated with another fault"));
    }
    if healed > 0 {
        parts.push(format!("{healed} healed"));
    }
    if parts.is_empty() {
        parts.push("all held".to_owned());
    }
    parts.extend(strategy.not_judged.iter().map(|criterion| format!("{criterion} not judged")));
    format!("{}, {}: {}", strategy.strategy, column.name, parts.join(", "))
}
