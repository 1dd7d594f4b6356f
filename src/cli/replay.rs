//! `halfway replay`: one case again, step by step.

use super::args::{Die, Replay};
use super::explore::killable;
use super::{Exit, Failure, args, output, requests, select};
use crate::Subject;
use crate::fault::FaultClass;
use crate::fault_scenario;
use crate::harness::{self, Killed, Settings, kill, replay};
use crate::judge::Grade;
use crate::report::{Expect, story};
use crate::schedule::Schedule;

pub(super) fn run(typed: &Replay, known: &[Subject]) -> Result<Exit, Failure> {
    let subject = &named(&typed.requests, &typed.schedule, known)?;
    let mut settings = Settings { killable: killable(typed.process, &typed.requests)?, ..Settings::default() };
    if typed.operations {
        settings.faults = FaultClass::ALL.into_iter().collect();
    }
    let told = replay(subject, &typed.schedule, &settings)?;
    output::print(&story::render(&told, output::width()))?;
    if typed.process {
        output::print(&proof(subject, typed, &settings)?)?;
    }
    if let Some(name) = &typed.save {
        let path =
            fault_scenario::save(name, &typed.schedule, &told, &requests::in_files(&typed.requests, subject), known)?;
        output::print(&format!("saved   {}\n", path.display()))?;
    }
    let worst = told.verdict.values().copied().max().unwrap_or(Grade::Held);
    // One case need not show the weakness of a strategy that has one.
    let is_expected = subject.expected() == Expect::Caught || Expect::Holds.is_met_by(worst);
    Ok(if is_expected { Exit::AsExpected } else { Exit::NotAsExpected })
}

/// Makes a request on a world, and is killed on the way.
pub(super) fn die(typed: &Die, known: &[Subject]) -> Result<Exit, Failure> {
    let subject = named(&typed.requests, &typed.schedule, known)?;
    harness::die(&subject, &typed.world, &typed.schedule)?;
    Ok(Exit::CouldNotTell)
}

/// The subject of a schedule.
fn named(requests: &args::Requests, schedule: &Schedule, known: &[Subject]) -> Result<Subject, Failure> {
    let subjects = requests::read(requests, known)?;
    let names: Vec<(&str, &str)> = subjects.iter().map(|subject| (subject.flow(), subject.strategy())).collect();
    let name = format!("{}/{}", schedule.flow, schedule.strategy);
    let chosen = select::select(&names, &[name]).map_err(args::usage)?;
    let mut all = subjects.into_iter().enumerate();
    let subject = all.find(|(at, _)| *at == chosen[0]).map(|(_, subject)| subject);
    Ok(subject.expect("one of those that are known was chosen"))
}

/// What a process that is really killed has to say to this.
fn proof(subject: &Subject, typed: &Replay, settings: &Settings) -> Result<String, Failure> {
    Ok(match kill(subject, &typed.schedule, settings)? {
        Killed::LeavesTheSame => {
            "process a process of its own, killed with SIGKILL at this point, left the same world\n"
        }
        Killed::Impossible => {
            "process not tried: that takes a crash as the last fault, and not in the impatient retry\n"
        }
    }
    .to_owned())
}
