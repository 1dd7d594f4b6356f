//! Adds up how the criteria fared, class of fault by class of fault, and keeps the smallest witness of each breach.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::graph::{Node, NodeId, Paths, Ran, Restart, Retry};
use crate::judge::{Criterion, Grade, Trail, grade};
use crate::report::CellFault;
use crate::run::Faultless;
use crate::schedule::PlannedFault;

/// How the criteria fared.
#[derive(Default)]
pub(crate) struct Tally {
    /// By class of the first fault, number of faults, and criterion.
    pub(crate) cells: BTreeMap<CellKey, CellTally>,
}

/// The class of the first fault, the number of faults, and a criterion.
pub(crate) type CellKey = (CellFault, usize, Criterion);

/// How one criterion fared under one class of faults.
pub(crate) struct CellTally {
    /// The worst grade.
    pub(crate) grade: Grade,
    /// The cases.
    pub(crate) cases: u64,
    /// The cases in which the criterion was violated.
    pub(crate) violations: u64,
    /// The faults of the first case with the worst grade, unless that is "held".
    pub(crate) witness: Option<Vec<PlannedFault>>,
}

/// Cases that end alike.
struct Group<'g> {
    fault: CellFault,
    count: u64,
    faults: &'g [PlannedFault],
}

impl Tally {
    /// Adds the run without faults.
    pub(super) fn without_faults(&mut self, faultless: &Faultless) {
        let at_rest = std::slice::from_ref(&faultless.at_rest.breaches);
        let after_restart = Some(&faultless.after_restart.breaches);
        let trail = Trail { at_rest, after_restart, restarted: None, impatient: None };
        self.add(&Group { fault: CellFault::None, count: 1, faults: &[] }, &grade(trail));
    }

    /// Adds one case that stands for itself; one without any fault says nothing new.
    pub(super) fn case(&mut self, faults: &[PlannedFault], grades: &BTreeMap<Criterion, Grade>) {
        if let Some(first) = faults.first() {
            self.add(&Group { fault: CellFault::Class(first.fault.class()), count: 1, faults }, grades);
        }
    }

    /// Adds all cases that were run, and all those for which they stand, shortest first. Returns how many.
    pub(super) fn with_faults(&mut self, nodes: &mut [Node], ran: &[Ran], depth: usize) -> u64 {
        let mut covered = 0;
        for level in 1..=depth {
            for case in ran {
                let ways = ways(nodes, case, level - 1);
                let grades = if ways.is_empty() { BTreeMap::new() } else { grade(trail(nodes, case)) };
                for (fault, paths) in &ways {
                    let faults: Vec<PlannedFault> = paths.first.iter().chain([&case.fault]).cloned().collect();
                    self.add(&Group { fault: *fault, count: paths.count, faults: &faults }, &grades);
                    covered += paths.count;
                }
                lead_on(nodes, case, level, &ways);
            }
        }
        covered
    }

    fn add(&mut self, group: &Group<'_>, grades: &BTreeMap<Criterion, Grade>) {
        for (&criterion, &grade) in grades {
            let empty = || CellTally { grade: Grade::Held, cases: 0, violations: 0, witness: None };
            let entry = self.cells.entry((group.fault, group.faults.len(), criterion)).or_insert_with(empty);
            entry.cases += group.count;
            entry.violations += if grade == Grade::Violated { group.count } else { 0 };
            if grade > entry.grade {
                entry.grade = grade;
                entry.witness = Some(group.faults.to_vec());
            }
        }
    }
}

/// How cases come to the node from which this one goes on, with so many faults.
fn ways(nodes: &[Node], case: &Ran, faults: usize) -> Vec<(CellFault, Paths)> {
    if case.from == NodeId::ROOT {
        let class = case.fault.fault.class();
        let only = (CellFault::Class(class), Paths { count: 1, first: Vec::new() });
        return if faults == 0 { vec![only] } else { Vec::new() };
    }
    let paths = nodes[case.from.0].paths.iter().filter(|((level, _), _)| *level == faults);
    paths.map(|((_, class), paths)| (CellFault::Class(*class), paths.clone())).collect()
}

/// Notes at the nodes to which a case comes how it came there.
fn lead_on(nodes: &mut [Node], case: &Ran, level: usize, ways: &[(CellFault, Paths)]) {
    let ready = nodes[case.down.0].ready;
    for node in [Some(case.down), ready, case.alive, case.cleanup].into_iter().flatten() {
        for (fault, paths) in ways {
            let CellFault::Class(class) = *fault else { continue };
            let known = nodes[node.0].paths.entry((level, class)).or_insert_with(|| Paths {
                count: 0,
                first: paths.first.iter().chain([&case.fault]).cloned().collect(),
            });
            known.count += paths.count;
        }
    }
}

/// The cases of one cell, at most so many, that have this grade: those that were run, and those for which they stand.
pub(super) fn stood_for(
    nodes: &[Node],
    ran: &[Ran],
    (fault, level, criterion): CellKey,
    wanted: Grade,
    most: usize,
) -> Vec<Vec<PlannedFault>> {
    let mut cases = Vec::new();
    for case in ran {
        let left = most - cases.len();
        if left == 0 || level == 0 {
            break;
        }
        if grade(trail(nodes, case)).get(&criterion) == Some(&wanted) {
            cases.extend(paths(nodes, ran, case, (fault, level), left));
        }
    }
    cases
}

/// The cases with so many faults, the first of this class, that end with this one.
fn paths(
    nodes: &[Node],
    ran: &[Ran],
    last: &Ran,
    (class, level): (CellFault, usize),
    most: usize,
) -> Vec<Vec<PlannedFault>> {
    if level == 1 {
        let is_one = last.from == NodeId::ROOT && CellFault::Class(last.fault.fault.class()) == class;
        return if is_one { vec![vec![last.fault.clone()]] } else { Vec::new() };
    }
    let leads_here = |case: &&Ran| {
        let nodes = [Some(case.down), nodes[case.down.0].ready, case.alive, case.cleanup];
        nodes.contains(&Some(last.from))
    };
    let mut all = Vec::new();
    for case in ran.iter().filter(leads_here) {
        for mut path in paths(nodes, ran, case, (class, level - 1), most - all.len()) {
            path.push(last.fault.clone());
            all.push(path);
        }
        if all.len() >= most {
            break;
        }
    }
    all
}

fn trail<'n>(nodes: &'n [Node], case: &'n Ran) -> Trail<'n> {
    let restarted = nodes[case.down.0].restarted.as_ref().map(Restart::graded);
    Trail {
        at_rest: &case.at_rest,
        after_restart: None,
        restarted,
        impatient: case.impatient.as_ref().map(Retry::graded),
    }
}
