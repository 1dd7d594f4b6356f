//! Every case of a program with one fault, and what becomes of each promise in it.

use std::collections::BTreeMap;

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;

use super::abstract_world::{AbstractWorld, Id, Row, prepare};
use super::naive::{Hazard, Mishap, Reply, Told, When, boot, import};
use super::pending::AN_EARLIER_SUCCESS_IS_FORGOTTEN;
use super::program::{Program, Table};
use super::promises::{Look, Measure, Moment};

/// What a world is compared with where nothing happened: what is there after the first start, or what was prepared.
const BEFORE_IS_AFTER_THE_FIRST_START: bool = false;

/// The worst grade of each criterion, by class of fault.
pub(crate) type Grades = BTreeMap<(CellFault, Criterion), Grade>;

/// Why nothing can be said of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Senseless {
    /// The application does not start on the world that was prepared for it.
    NeverStarts,
    /// The run without faults does not succeed.
    NeverSucceeds,
    /// It leaves an id that was made up where no row has it: no two runs leave the same.
    NeverTheSame,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    /// It is there, and may be sent the request again.
    Alive,
    /// It has to be started again.
    Dead,
}

/// The faults that can happen at a step: those that need its effect to have been carried out come with `true`.
const FAULTS: [(FaultClass, Mishap, Process); 9] = [
    (FaultClass::Error, Mishap::Error, Process::Alive),
    (FaultClass::LostAck, Mishap::LostAck, Process::Alive),
    (FaultClass::Outage, Mishap::Outage, Process::Alive),
    (FaultClass::Cancel, Mishap::Gone(When::Before), Process::Alive),
    (FaultClass::Cancel, Mishap::Gone(When::After), Process::Alive),
    (FaultClass::Panic, Mishap::Gone(When::Before), Process::Alive),
    (FaultClass::Panic, Mishap::Gone(When::After), Process::Alive),
    (FaultClass::Crash, Mishap::Gone(When::Before), Process::Dead),
    (FaultClass::Crash, Mishap::Gone(When::After), Process::Dead),
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
    if !matches!(boot(program, &mut started, None).told, Told::Success(_)) {
        return Err(Senseless::NeverStarts);
    }
    let mut result = started.clone();
    let whole = import(program, FIRST, &mut result, None);
    let Told::Success(reply) = whole.told else {
        return Err(Senseless::NeverSucceeds);
    };
    if names_what_is_not_there(&result, reply) {
        return Err(Senseless::NeverTheSame);
    }
    let before = if BEFORE_IS_AFTER_THE_FIRST_START { started.clone() } else { template };
    let measure = Measure { program, before, result: result.clone() };

    let mut grades = Grades::new();
    let look = Look { moment: Moment::AtRest, world: &result, told: whole.told, acknowledged: true };
    let seen = Seen { looks: vec![(Moment::AtRest, measure.breaches(&look))] };
    note(&mut grades, CellFault::None, &seen);
    for (step, was_carried_out) in whole.steps.iter().enumerate() {
        for (class, mishap, process) in FAULTS {
            let needs_effect = matches!(mishap, Mishap::LostAck | Mishap::Gone(When::After));
            if needs_effect && !was_carried_out {
                continue;
            }
            let mut world = started.clone();
            let told = import(program, FIRST, &mut world, Some(Hazard { step, mishap })).told;
            note(&mut grades, CellFault::Class(class), &follow(&measure, &world, told, process));
        }
    }
    Ok(grades)
}

/// Looks at the world at rest, after a restart, and after the retries.
fn follow(measure: &Measure, at_rest: &AbstractWorld, told: Told, process: Process) -> Seen {
    let program = measure.program;
    let was_told = matches!(told, Told::Success(_));
    let mut looks = Vec::new();
    let mut look = |moment, world: &AbstractWorld, told, acknowledged| {
        let acknowledged = if AN_EARLIER_SUCCESS_IS_FORGOTTEN { matches!(told, Told::Success(_)) } else { acknowledged };
        looks.push((moment, measure.breaches(&Look { moment, world, told, acknowledged })));
    };
    look(Moment::AtRest, at_rest, told, was_told);
    let mut restarted = at_rest.clone();
    let up = boot(program, &mut restarted, None).told;
    let told_last = if AN_EARLIER_SUCCESS_IS_FORGOTTEN && up == Told::Failure { up } else { told };
    look(Moment::AfterRecovery, &restarted, told_last, was_told);
    let again = match up {
        Told::Success(_) => import(program, RETRY, &mut restarted, None).told,
        Told::Failure | Told::Nothing => Told::Failure,
    };
    look(Moment::AfterRetry, &restarted, again, was_told || matches!(again, Told::Success(_)));
    if process == Process::Alive {
        let mut impatient = at_rest.clone();
        let again = import(program, RETRY, &mut impatient, None).told;
        look(Moment::AfterRetry, &impatient, again, was_told || matches!(again, Told::Success(_)));
    }
    Seen { looks }
}

impl Seen {
    fn is_broken(&self, criterion: Criterion, moment: Moment) -> bool {
        self.looks.iter().any(|(when, broken)| *when == moment && broken.contains(&criterion))
    }

    fn goes_on(&self) -> bool {
        self.looks.iter().any(|(moment, _)| *moment != Moment::AtRest)
    }

    /// None where the criterion does not apply.
    fn grade(&self, criterion: Criterion) -> Option<Grade> {
        let is_of_retries = matches!(criterion, Criterion::RetrySucceeds | Criterion::RetryConverges);
        let is_of_answers = matches!(criterion, Criterion::FailureSurfaced | Criterion::ResponseComplete);
        if is_of_retries && !self.goes_on() {
            return None;
        }
        let [at_rest, recovered, retried] = [Moment::AtRest, Moment::AfterRecovery, Moment::AfterRetry]
            .map(|moment| !self.is_broken(criterion, moment));
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

fn note(grades: &mut Grades, class: CellFault, seen: &Seen) {
    for criterion in Criterion::ALL {
        if let Some(grade) = seen.grade(criterion) {
            let worst = grades.entry((class, criterion)).or_insert(grade);
            *worst = grade.max(*worst);
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
    let of_files = world.files.keys().map(|path| path.doc);
    let of_reply = match reply {
        Reply::Row(id) => Some(id),
        Reply::File(path) => Some(path.doc),
        Reply::Nothing | Reply::Word(_) => None,
    };
    of_rows.chain(of_files).chain(of_reply).any(is_lost)
}
