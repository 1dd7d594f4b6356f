//! `halfway replay`: one case again, step by step.

use super::args::Replay;
use super::{Exit, Failure, args, output, requests, select};
use crate::fault_scenario;
use crate::harness::{Settings, replay};
use crate::judge::Grade;
use crate::report::{Expect, story};

pub(super) fn run(typed: &Replay) -> Result<Exit, Failure> {
    let subjects = requests::read(&typed.requests)?;
    let known: Vec<(&str, &str)> = subjects.iter().map(|subject| (subject.flow(), subject.strategy())).collect();
    let name = format!("{}/{}", typed.schedule.flow, typed.schedule.strategy);
    let chosen = select::select(&known, &[name]).map_err(args::usage)?;
    let subject = &subjects[chosen[0]];

    let told = replay(subject, &typed.schedule, &Settings::default())?;
    output::print(&story::render(&told, output::width()))?;
    if let Some(name) = &typed.save {
        let path =
            fault_scenario::save(name, &typed.schedule, &told, &requests::parts(&typed.requests, subject.flow()))?;
        output::print(&format!("saved   {}\n", path.display()))?;
    }
    let worst = told.verdict.values().copied().max().unwrap_or(Grade::Held);
    // One case need not show the weakness of a strategy that has one.
    let is_expected = subject.expected() == Expect::Caught || Expect::Holds.is_met_by(worst);
    Ok(if is_expected { Exit::AsExpected } else { Exit::NotAsExpected })
}
