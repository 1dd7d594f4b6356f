//! Turns an exploration into a part of the report: the grades of a strategy, and the smallest witness of each breach.

use std::collections::BTreeMap;
use std::time::Duration;

use super::schedule;
use crate::explore::{Confirmed, Findings, KnownOperation, Sighting, Tally};
use crate::judge::{Branch, Criterion, Grade, not_judged};
use crate::report::{Cell, CellFault, Finding, Operations, StrategyReport};
use crate::run::{Stage, Straggler};
use crate::schedule::PlannedFault;
use crate::story::Client;
use crate::subject::Subject;

pub(super) fn strategy_report(subject: &Subject, exploration: &Findings, stage: &Stage<'_>) -> StrategyReport {
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
    let statements = exploration.met.steps.iter().filter_map(|known| {
        let words = known.words?.to_owned();
        Some((known.step.name().to_owned(), words))
    });
    let statements = statements.collect();
    let (expect, as_expected) = (subject.expected(), subject.expected().is_met_by(worst));
    let operations = operations(exploration);
    let notes = few(exploration).into_iter().collect();
    let (inferred, not_judged) = (stage.inferred().to_vec(), not_judged(stage.rules()));
    StrategyReport {
        flow,
        strategy,
        expect,
        as_expected,
        steps,
        statements,
        operations,
        inferred,
        notes,
        not_judged,
        cells,
    }
}

/// The note for a witness of merged cases that has another grade than the exploration gave it.
pub(super) fn unmerged(confirmed: &Confirmed, exploration: &Findings) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(missed) = &exploration.missed {
        said.push(format!(
            "{missed}, and halfway cannot follow that (mapped memory, or another process): it tried no crash in the middle \
             of such a change"
        ));
    }
    if exploration.unreached > 0 {
        said.push(format!(
            "{} further faults did not come to pass when the case was run from an equal world: the memory of the process \
             makes a difference",
            exploration.unreached
        ));
    }
    if confirmed.otherwise > 0 {
        said.push(format!(
            "{} cases that were taken for one with another fared otherwise when played from the start, and the {} that \
             they stand for were run one by one: the memory of the process makes a difference, or time or chance does",
            confirmed.otherwise, confirmed.one_by_one
        ));
    }
    if confirmed.not_again > 0 {
        said.push(format!(
            "{} breaches were seen once and not again, and are not reported; `halfway replay` shows each case as it is",
            confirmed.not_again
        ));
    }
    said
}

/// What is said where something of the application is still there and nobody can end it.
pub(super) fn left_behind(stage: &Stage<'_>, deadline: Duration) -> Vec<String> {
    let deadline_ms = deadline.as_millis();
    let said = |(straggler, count): (Straggler, usize)| {
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let why = match straggler {
            Straggler::Phase => format!("a start or a request did not come back within {deadline_ms} ms"),
            Straggler::Drop => {
                format!("the application did not come to its end within {deadline_ms} ms when it was dropped")
            }
            Straggler::Spawned => {
                "a process ended before what it had spawned with halfway::inherit or halfway::inherit_blocking"
                    .to_owned()
            }
        };
        format!("{times} {why}, and left a thread behind that is still there: a thread cannot be stopped from outside")
    };
    stage.left_behind().still_there().into_iter().map(said).collect()
}

/// Fewer cases than this are few.
const FEW: u64 = 10;

/// A report of a handful of cases must not look like one of thousands.
fn few(exploration: &Findings) -> Option<String> {
    let cases = exploration.cases + exploration.pruned;
    (cases < FEW).then(|| format!("there were only {cases} cases to try"))
}

/// The file operations that were met, step by step.
fn operations(exploration: &Findings) -> Vec<Operations> {
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

pub(super) fn findings(subject: &Subject, witnesses: &Witnesses<'_>, confirmed: &Confirmed) -> Vec<Finding> {
    let finding = |(&(criterion, fault), &(grade, witness)): (&(Criterion, CellFault), &(Grade, &[PlannedFault]))| {
        let schedule = schedule(subject, witness.to_vec()).to_string();
        let Sighting { moment, branch, evidence, rules } = confirmed.sighting(witness, criterion).clone();
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

/// The client in whose part of a case the breach was seen.
pub(super) const fn client(branch: Branch) -> Option<Client> {
    match branch {
        Branch::Trunk => None,
        Branch::Restarted => Some(Client::Restarted),
        Branch::Impatient => Some(Client::Impatient),
    }
}
