//! `halfway explore`: break strategies in every way, and report.

use super::args::{Explore, Format};
use super::progress::{Bar, interruptible};
use super::{Exit, Failure, args, output, requests, select};
use crate::Subject;
use crate::explore::Pruning;
use crate::harness::{Explored, Killable, Settings, explore_all};
use crate::report::{Report, json, text};

pub(super) fn run(explore: &Explore) -> Result<Exit, Failure> {
    let subjects = selected(requests::read(&explore.requests)?, &explore.selection)?;
    let bar = Bar::new();
    let settings = Settings { killable: killable(explore.process, &explore.requests)?, ..settings(explore) };
    let explored = explore_all(&subjects, &settings, &bar);
    bar.clear();
    let explored = explored?;
    write(explore, &explored.report)?;
    tell_not_fired(&explored);
    Ok(match (explored.not_fired.is_empty(), explored.is_as_expected()) {
        (false, _) => Exit::CouldNotTell,
        (true, true) => Exit::AsExpected,
        (true, false) => Exit::NotAsExpected,
    })
}

/// The subjects that are meant by what was typed.
pub(super) fn selected(subjects: Vec<Subject>, wanted: &[String]) -> Result<Vec<Subject>, Failure> {
    let known: Vec<(&str, &str)> = subjects.iter().map(|subject| (subject.flow(), subject.strategy())).collect();
    let chosen = select::select(&known, wanted).map_err(args::usage)?;
    let all = subjects.into_iter().enumerate();
    Ok(all.filter(|(at, _)| chosen.contains(at)).map(|(_, subject)| subject).collect())
}

/// This very program, as a process that can be killed, where that is asked for.
pub(super) fn killable(is_asked_for: bool, requests: &args::Requests) -> Result<Option<Killable>, Failure> {
    if !is_asked_for {
        return Ok(None);
    }
    let program = std::env::current_exe().map_err(|error| Failure::Input(format!("find this program: {error}")))?;
    Ok(Some(Killable { program, arguments: requests.typed() }))
}

fn settings(explore: &Explore) -> Settings {
    Settings {
        depth: explore.depth,
        faults: explore.faults.iter().copied().collect(),
        jobs: explore.jobs,
        seed: explore.seed,
        deadline: explore.deadline,
        pruning: Pruning::EqualWorlds,
        killable: None,
        interrupted: interruptible(),
    }
}

/// The report where it is wanted; with a file, the matrix is for the person who waits.
fn write(explore: &Explore, report: &Report) -> Result<(), Failure> {
    match (&explore.out, explore.format) {
        (None, Format::Text) => output::print(&text::render(report, output::width())),
        (None, Format::Json) => output::print_raw(&json::render(report)),
        (Some(path), format) => {
            let rendered = match format {
                Format::Text => text::render(report, output::width()),
                Format::Json => json::render(report),
            };
            output::write(path, &rendered)?;
            output::print(&text::summary(report, output::width()))
        }
    }
}

/// How many of the faults that did not happen are named.
const NAMED: usize = 5;

fn tell_not_fired(explored: &Explored) {
    for error in explored.not_fired.iter().take(NAMED) {
        output::complain(&error.to_string());
    }
    if explored.not_fired.len() > NAMED {
        output::complain(&format!("{} more planned faults did not happen", explored.not_fired.len() - NAMED));
    }
}
