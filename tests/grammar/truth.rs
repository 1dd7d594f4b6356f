//! Every case of a program with one fault, and what becomes of each promise in it.

use std::cell::Cell;
use std::collections::BTreeMap;

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;

use super::abstract_world::{AbstractWorld, Id, Row, prepare};
use super::naive::{Hazard, Mishap, Reply, Told, When, boot, import};
use super::pending::AN_EARLIER_SUCCESS_IS_FORGOTTEN;
use super::program::{Program, Table};
use super::promises::{Asked, Look, Measure, Moment};

/// How each criterion fared, by class of fault. What nobody can be sure of is left out.
pub(crate) type Grades = BTreeMap<(CellFault, Criterion), Fared>;

/// How a criterion fared over some cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fared {
    pub(crate) worst: Grade,
    pub(crate) cases: u64,
    pub(crate) violations: u64,
}

/// Why nothing can be said of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Senseless {
    /// The application does not start on the world that was prepared for it.
    DoesNotStart,
    /// The run without faults does not succeed.
    Fails,
    /// It leaves an id that was made up where no row has it: no two runs leave the same.
    Differs,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    /// It is there, and may be sent the request again.
    Alive,
    /// It has to be started again.
    Dead,
}

/// The faults that can happen at a step, and in how many ways: an error has three causes, on each resource; what happens
/// during an effect leaves what happens after it leaves.
const FAULTS: [(FaultClass, Mishap, Process, u64); 9] = [
    (FaultClass::Error, Mishap::Error, Process::Alive, 3),
    (FaultClass::LostAck, Mishap::LostAck, Process::Alive, 1),
    (FaultClass::Outage, Mishap::Outage, Process::Alive, 1),
    (FaultClass::Cancel, Mishap::Gone(When::Before), Process::Alive, 1),
    (FaultClass::Cancel, Mishap::Gone(When::After), Process::Alive, 2),
    (FaultClass::Panic, Mishap::Gone(When::Before), Process::Alive, 1),
    (FaultClass::Panic, Mishap::Gone(When::After), Process::Alive, 1),
    (FaultClass::Crash, Mishap::Gone(When::Before), Process::Dead, 1),
    (FaultClass::Crash, Mishap::Gone(When::After), Process::Dead, 2),
];

/// The numbers of the attempts, so that their ids differ.
const FIRST: u8 = 1;
const RETRY: u8 = 2;

/// What was seen over a case: each look, and the criteria that it found broken.
struct Seen {
    looks: Vec<(Moment, std::collections::BTreeSet<Criterion>)>,
}

/// Tries everything.
pub(crate) fn truth(program: &Program) -> Result<Grades, Senseless> {
    let template = prepare(program);
    let mut started = template.clone();
    let first = boot(program, &mut started, None);
    if !matches!(first.told, Told::Success(_)) {
        return Err(Senseless::DoesNotStart);
    }
    let mut result = started.clone();
    let whole = import(program, FIRST, &mut result, None);
    let Told::Success(reply) = whole.told else {
        return Err(Senseless::Fails);
    };
    if names_what_is_not_there(&result, reply) {
        return Err(Senseless::Differs);
    }
    let measure = Measure {
        program,
        bare: template.clone(),
        before: started.clone(),
        result: result.clone(),
        reply,
        is_unsure: Cell::new(false),
    };

    let mut grades = Grades::new();
    note(&mut grades, (CellFault::None, 1), &without_faults(&measure, whole.told));
    for (class, hazard, _, ways) in hazards(&first.steps) {
        let mut world = template.clone();
        boot(program, &mut world, Some(hazard));
        // Whatever becomes of the start: there is no process that a request could be sent to.
        let seen = follow(&measure, &world, (Asked::Never, Told::Failure), Process::Dead);
        note(&mut grades, (CellFault::Class(class), ways), &seen);
    }
    for (class, hazard, process, ways) in hazards(&whole.steps) {
        let mut world = started.clone();
        let told = import(program, FIRST, &mut world, Some(hazard)).told;
        let seen = follow(&measure, &world, (Asked::Already, told), process);
        note(&mut grades, (CellFault::Class(class), ways), &seen);
    }
    // The process is killed when the answer is on its way.
    let seen = follow(&measure, &result, (Asked::Already, whole.told), Process::Dead);
    note(&mut grades, (CellFault::Class(FaultClass::Crash), 1), &seen);
    if measure.is_unsure.get() {
        grades.retain(|(_, criterion), _| *criterion != Criterion::ResponseComplete);
    }
    Ok(grades)
}

/// Every fault at every one of these steps.
fn hazards(steps: &[bool]) -> impl Iterator<Item = (FaultClass, Hazard, Process, u64)> {
    steps.iter().enumerate().flat_map(|(step, was_carried_out)| {
        let can_happen = |mishap| match mishap {
            Mishap::LostAck => *was_carried_out,
            Mishap::Error | Mishap::Outage | Mishap::Gone(When::Before | When::After) => true,
        };
        let faults = FAULTS.into_iter().filter(move |(_, mishap, ..)| can_happen(*mishap));
        faults.map(move |(class, mishap, process, ways)| (class, Hazard { step, mishap }, process, ways))
    })
}

/// Looks at the result at rest, and after a restart.
fn without_faults(measure: &Measure, told: Told) -> Seen {
    let mut seen = Seen { looks: Vec::new() };
    let mut world = measure.result.clone();
    seen.look(measure, Look { moment: Moment::AtRest, asked: Asked::Already, world: &world, told, acknowledged: true });
    restart_after_success(measure, &mut world, told, &mut seen);
    seen
}

/// What was acknowledged stays.
fn restart_after_success(measure: &Measure, world: &mut AbstractWorld, told: Told, seen: &mut Seen) {
    if !matches!(told, Told::Success(_)) {
        return;
    }
    let up = boot(measure.program, world, None).told;
    let told = if up == Told::Failure { up } else { told };
    let moment = Moment::AfterRestart;
    seen.look(measure, Look { moment, asked: Asked::Already, world, told, acknowledged: true });
}

/// Looks at the world at rest, after a restart, after the retries, and after a restart again.
fn follow(measure: &Measure, at_rest: &AbstractWorld, (asked, told): (Asked, Told), process: Process) -> Seen {
    let program = measure.program;
    let acknowledged = matches!(told, Told::Success(_));
    let mut seen = Seen { looks: Vec::new() };
    seen.look(measure, Look { moment: Moment::AtRest, asked, world: at_rest, told, acknowledged });
    let mut restarted = at_rest.clone();
    let up = boot(program, &mut restarted, None).told;
    let told_last = if AN_EARLIER_SUCCESS_IS_FORGOTTEN && up == Told::Failure { up } else { told };
    let moment = Moment::AfterRecovery;
    seen.look(measure, Look { moment, asked, world: &restarted, told: told_last, acknowledged });
    let mut retry = |world: &mut AbstractWorld, up: Told| {
        let told = if up == Told::Failure { up } else { import(program, RETRY, world, None).told };
        let acknowledged = acknowledged || matches!(told, Told::Success(_));
        seen.look(measure, Look { moment: Moment::AfterRetry, asked: Asked::Already, world, told, acknowledged });
        restart_after_success(measure, world, told, &mut seen);
    };
    retry(&mut restarted, up);
    if process == Process::Alive {
        retry(&mut at_rest.clone(), Told::Success(Reply::Nothing));
    }
    seen
}

impl Seen {
    fn look(&mut self, measure: &Measure, mut look: Look) {
        if AN_EARLIER_SUCCESS_IS_FORGOTTEN {
            look.acknowledged = matches!(look.told, Told::Success(_));
        }
        self.looks.push((look.moment, measure.breaches(&look)));
    }

    fn is_broken(&self, criterion: Criterion, moment: Moment) -> bool {
        self.looks.iter().any(|(when, broken)| *when == moment && broken.contains(&criterion))
    }

    fn goes_on(&self) -> bool {
        self.looks.iter().any(|(moment, _)| *moment == Moment::AfterRetry)
    }

    /// None where the criterion does not apply.
    fn grade(&self, criterion: Criterion) -> Option<Grade> {
        let is_of_retries = matches!(criterion, Criterion::RetrySucceeds | Criterion::RetryConverges);
        let is_of_answers = matches!(criterion, Criterion::FailureSurfaced | Criterion::ResponseComplete);
        if is_of_retries && !self.goes_on() {
            return None;
        }
        let keeps = |moment| !self.is_broken(criterion, moment);
        let [at_rest, recovered] = [Moment::AtRest, Moment::AfterRecovery].map(keeps);
        let retried = keeps(Moment::AfterRetry) && keeps(Moment::AfterRestart);
        Some(if at_rest && recovered && retried {
            Grade::Held
        } else if is_of_answers || !self.goes_on() || !retried {
            Grade::Violated
        } else if recovered {
            Grade::HealedByRecovery
        } else {
            Grade::HealedByRetry
        })
    }
}

fn note(grades: &mut Grades, (class, ways): (CellFault, u64), seen: &Seen) {
    for criterion in Criterion::ALL {
        if let Some(grade) = seen.grade(criterion) {
            let none = Fared { worst: Grade::Held, cases: 0, violations: 0 };
            let fared = grades.entry((class, criterion)).or_insert(none);
            fared.worst = grade.max(fared.worst);
            fared.cases += ways;
            fared.violations += if grade == Grade::Violated { ways } else { 0 };
        }
    }
}

/// Whether an id that was made up in an attempt stands where no row has it.
fn names_what_is_not_there(world: &AbstractWorld, reply: Reply) -> bool {
    let is_lost = |id: Id| match id {
        Id::Given(_) | Id::Seeded(..) => false,
        Id::Fresh(_, table, _) => !world.database.has(table, id),
    };
    let rows: Vec<&Row> = Table::ALL.iter().flat_map(|table| world.database.rows(*table)).collect();
    let of_rows = rows.iter().flat_map(|row| row.parent.into_iter().chain(row.path.map(|path| path.doc)));
    let of_files = world.files.keys().map(|path| path.doc).chain(world.own_folders.iter().copied());
    let of_reply = match reply {
        Reply::Row(id) => Some(id),
        Reply::File(path) => Some(path.doc),
        Reply::Nothing | Reply::Word(_) => None,
    };
    of_rows.chain(of_files).chain(of_reply).any(is_lost)
}
