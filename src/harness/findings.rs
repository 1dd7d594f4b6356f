//! What an exploration found, as the report has it: the grades of a strategy, and the smallest witness of each breach.

use std::collections::BTreeMap;

use super::schedule;
use crate::explore::{Exploration, KnownOperation, Sighting, Sightings, Tally};
use crate::judge::{Branch, Criterion, Grade};
use crate::report::{Cell, CellFault, Finding, Operations, StrategyReport};
use crate::schedule::PlannedFault;
use crate::story::Client;
use crate::subject::Subject;

pub(super) fn strategy_report(subject: &Subject, exploration: &Exploration) -> StrategyReport {
    let cells = exploration.tally.cells.iter().map(|(&(fault, depth, criterion), entry)| Cell {
        fault,
        depth: u32::try_from(depth).expect("a case has few faults"),
        criterion,
        grade: entry.grade,
        cases: entry.cases,
        violations: entry.violations,
        witness: entry.witness.as_ref().map(|witness| schedule(subject, witness.clone()).to_string()),
    });
    let cells: Vec<Cell> = cells.collect();
    let worst = cells.iter().map(|cell| cell.grade).max().unwrap_or(Grade::Held);
    let (flow, strategy) = (subject.flow().to_owned(), subject.strategy().to_owned());
    let steps = exploration.met.steps.iter().map(|known| known.step.name().to_owned()).collect();
    let (expect, as_expected) = (subject.expected(), subject.expected().is_met_by(worst));
    let operations = operations(exploration);
    StrategyReport { flow, strategy, expect, as_expected, steps, operations, cells }
}

/// The file operations that were met, step by step.
fn operations(exploration: &Exploration) -> Vec<Operations> {
    let name = |known: &KnownOperation| format!("{}@{}", known.call, known.path);
    let inside = exploration.met.steps.iter().map(|known| (Some(known.step.name().to_owned()), &known.operations));
    let all = inside.chain([(None, &exploration.met.outside)]).filter(|(_, known)| !known.is_empty());
    all.map(|(step, known)| Operations { step, operations: known.iter().map(name).collect() }).collect()
}

/// For each criterion and class of faults the worst grade and the smallest case with it.
pub(super) type Witnesses<'t> = BTreeMap<(Criterion, CellFault), (Grade, &'t [PlannedFault])>;

pub(super) fn witnesses(tally: &Tally) -> Witnesses<'_> {
    let mut worst = Witnesses::new();
    // Cells come by class, then by number of faults: a later one counts only if it is worse.
    for (&(fault, _, criterion), entry) in &tally.cells {
        if let Some(witness) = &entry.witness {
            let known = worst.entry((criterion, fault)).or_insert((entry.grade, witness));
            if entry.grade > known.0 {
                *known = (entry.grade, witness);
            }
        }
    }
    worst
}

pub(super) fn findings(subject: &Subject, witnesses: &Witnesses<'_>, sightings: &Sightings) -> Vec<Finding> {
    let finding = |(&(criterion, fault), &(grade, witness)): (&(Criterion, CellFault), &(Grade, &[PlannedFault]))| {
        let schedule = schedule(subject, witness.to_vec()).to_string();
        let Sighting { moment, branch, evidence, rules } = sightings[&(witness.to_vec(), criterion)].clone();
        Finding {
            flow: subject.flow().to_owned(),
            strategy: subject.strategy().to_owned(),
            fault,
            criterion,
            grade,
            replay: subject.replay_command(&schedule),
            schedule,
            moment: moment.name().to_owned(),
            client: client(branch).map(|client| client.name().to_owned()),
            rules,
            evidence,
            shrunk_from: None,
        }
    };
    witnesses.iter().map(finding).collect()
}

/// The client in whose part of a case something was seen.
pub(super) const fn client(branch: Branch) -> Option<Client> {
    match branch {
        Branch::Trunk => None,
        Branch::Restarted => Some(Client::Restarted),
        Branch::Impatient => Some(Client::Impatient),
    }
}
