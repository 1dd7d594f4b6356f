//! What changed between two runs: which promises fare worse than they did, and which fare better.
//!
//! It compares grades, class of faults by class of faults, up to the number of faults that both runs tried. How many
//! cases break a promise is no measure: it changes with every step. What only one of the runs tried is told and not
//! compared. Not known here: whether both runs sent the same request.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::FaultClass;
use crate::judge::{Criterion, Grade};
use crate::report::{CellFault, Report, StrategyReport};

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// What fares worse.
    pub worse: Vec<GradeChange>,
    /// What fares better.
    pub better: Vec<GradeChange>,
    /// What was not compared, and why, sentence by sentence.
    pub apart: Vec<String>,
    /// How many grades were compared. None means that nothing can be said.
    pub compared: usize,
}

/// A promise that fares otherwise than it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeChange {
    /// The flow.
    pub flow: String,
    /// The strategy.
    pub strategy: String,
    /// The criterion.
    pub criterion: Criterion,
    /// How it fared.
    pub was: Grade,
    /// How it fares.
    pub is: Grade,
    /// Under which classes of the first fault.
    pub faults: Vec<CellFault>,
    /// With up to how many faults.
    pub depth: u32,
    /// The smallest schedule that shows how it fares now; none where it holds.
    pub witness: Option<String>,
    /// The command that shows it.
    pub replay: Option<String>,
}

/// What changed from one run to another.
pub fn compare(before: &Report, after: &Report) -> Diff {
    let mut change = Diff { apart: apart(before, after), ..Diff::default() };
    let known = |report: &Report| report.options.faults.iter().copied().collect::<BTreeSet<FaultClass>>();
    let classes: BTreeSet<FaultClass> = known(before).intersection(&known(after)).copied().collect();
    let faults: Vec<CellFault> =
        std::iter::once(CellFault::None).chain(classes.into_iter().map(CellFault::Class)).collect();
    let depth = before.options.depth.min(after.options.depth);
    for is in &after.strategies {
        let Some(was) = before.strategies.iter().find(|was| same(was, is)) else { continue };
        for criterion in Criterion::ALL {
            change.take_in(criterion, was, is, &faults, depth);
        }
    }
    for shift in change.worse.iter_mut().chain(&mut change.better) {
        shift.replay = shift.witness.as_ref().map(|witness| replay(after, witness));
    }
    change
}

/// Which way something went.
type Direction = fn(Grade, Grade) -> bool;

impl Diff {
    fn take_in(
        &mut self,
        criterion: Criterion,
        was: &StrategyReport,
        is: &StrategyReport,
        faults: &[CellFault],
        depth: u32,
    ) {
        let directions: [(Direction, &mut Vec<GradeChange>); 2] =
            [(|was, is| is > was, &mut self.worse), (|was, is| is < was, &mut self.better)];
        for (went, shifts) in directions {
            let mut found: BTreeMap<(u32, Grade, Grade), Vec<CellFault>> = BTreeMap::new();
            for &fault in faults {
                if let Some(shift) = greatest(criterion, fault, was, is, depth, went) {
                    found.entry(shift).or_default().push(fault);
                }
            }
            shifts.extend(found.into_iter().map(|((depth, was, now), faults)| GradeChange {
                flow: is.flow.clone(),
                strategy: is.strategy.clone(),
                criterion,
                was,
                is: now,
                replay: None,
                witness: faults.first().and_then(|&fault| witness(is, criterion, fault, depth, now)),
                faults,
                depth,
            }));
        }
        let applies = |fault: &&CellFault| {
            let has = |strategy: &StrategyReport| cells(strategy, criterion, **fault, depth).next().is_some();
            has(was) || has(is)
        };
        self.compared += faults.iter().filter(applies).count();
    }
}

/// The smallest number of faults at which a promise went this way, and went farthest.
fn greatest(
    criterion: Criterion,
    fault: CellFault,
    was: &StrategyReport,
    is: &StrategyReport,
    depth: u32,
    went: Direction,
) -> Option<(u32, Grade, Grade)> {
    let at = |depth| (depth, worst(was, criterion, fault, depth), worst(is, criterion, fault, depth));
    let shifts = (0..=depth).map(at).filter(|&(_, was, is)| went(was, is));
    shifts.min_by_key(|&(depth, was, is)| (std::cmp::Reverse(was.max(is)), depth))
}

fn cells(
    strategy: &StrategyReport,
    criterion: Criterion,
    fault: CellFault,
    depth: u32,
) -> impl Iterator<Item = &crate::report::Cell> {
    let meant =
        move |cell: &&crate::report::Cell| cell.criterion == criterion && cell.fault == fault && cell.depth <= depth;
    strategy.cells.iter().filter(meant)
}

/// The worst grade with up to so many faults. What no case applied to held.
fn worst(strategy: &StrategyReport, criterion: Criterion, fault: CellFault, depth: u32) -> Grade {
    cells(strategy, criterion, fault, depth).map(|cell| cell.grade).max().unwrap_or(Grade::Held)
}

fn witness(
    strategy: &StrategyReport,
    criterion: Criterion,
    fault: CellFault,
    depth: u32,
    grade: Grade,
) -> Option<String> {
    let shown = cells(strategy, criterion, fault, depth).filter(|cell| cell.grade == grade);
    shown.min_by_key(|cell| cell.depth).and_then(|cell| cell.witness.clone())
}

/// The command that shows a schedule; a finding knows the options for a request of the user's own.
fn replay(report: &Report, schedule: &str) -> String {
    let commands = report.findings.iter().filter_map(|found| match &found.shrunk_from {
        Some(shrunk) => (shrunk.schedule == schedule).then_some(&shrunk.replay),
        None => (found.schedule == schedule).then_some(&found.replay),
    });
    commands.into_iter().next().cloned().unwrap_or_else(|| format!("halfway replay '{schedule}'"))
}

fn same(a: &StrategyReport, b: &StrategyReport) -> bool {
    (&a.flow, &a.strategy) == (&b.flow, &b.strategy)
}

/// What only one of the runs tried.
fn apart(before: &Report, after: &Report) -> Vec<String> {
    let mut apart = Vec::new();
    let (was, is) = (&before.options, &after.options);
    if was.backend != is.backend {
        apart
            .push(format!("the database was {}, and is {}: grades are compared all the same", was.backend, is.backend));
    }
    if was.depth != is.depth {
        let (both, more) = (was.depth.min(is.depth), if was.depth > is.depth { "before" } else { "now" });
        apart.push(format!("cases with more than {both} faults, which were tried only {more}"));
    }
    let only = |these: &[FaultClass], those: &[FaultClass]| {
        let names = these.iter().filter(|class| !those.contains(class)).map(|class| class.name());
        names.collect::<Vec<_>>().join(", ")
    };
    let strategies = |these: &Report, those: &Report| {
        let alone = these.strategies.iter().filter(|this| !those.strategies.iter().any(|that| same(this, that)));
        alone.map(|alone| format!("{}/{}", alone.flow, alone.strategy)).collect::<Vec<_>>().join(", ")
    };
    for (what, names, when) in [
        ("faults", only(&was.faults, &is.faults), "before"),
        ("faults", only(&is.faults, &was.faults), "now"),
        ("strategies", strategies(before, after), "before"),
        ("strategies", strategies(after, before), "now"),
    ] {
        if !names.is_empty() {
            apart.push(format!("{what} that were tried only {when}: {names}"));
        }
    }
    apart
}
