//! `halfway explore`: break strategies in every way, and report.

use std::collections::BTreeMap;

use super::args::{Destination, Explore, Format};
use super::deliver::{Aside, deliver, make_way};
use super::progress::{Bar, interruptible};
use super::{Exit, Failure, args, output, requests, saved, select};
use crate::Subject;
use crate::explore::Pruning;
use crate::harness::{Explored, Killable, RuntimeKind, Settings, explore_all, resume};
use crate::report::diff::{Diff, compare};
use crate::report::text::diff;

pub(super) fn run(explore: &Explore, known: &[Subject]) -> Result<Exit, Failure> {
    let mut subjects = selected(requests::read(&explore.requests, known)?, &explore.selection)?;
    if let Some(shard) = explore.shard {
        let part = shard.part_of(subjects.len());
        subjects.truncate(part.end);
        subjects.drain(..part.start);
    }
    // What cannot be read or written is better known before the run than after it.
    let baseline = explore.baseline.as_deref().map(saved::read).transpose()?;
    let mut begun = explore.resume.as_deref().map(saved::read).transpose()?;
    if let Some(begun) = &mut begun {
        // Which strategies are meant says more than the number of the shard.
        begun.options.shard = None;
    }
    make_way(&explore.to)?;
    let bar = Bar::new();
    let settings = Settings {
        killable: killable(explore.process, &explore.requests)?,
        requests: requests::digests(&explore.requests)?,
        ..settings(explore)
    };
    let explored = match begun {
        Some(begun) => resume(begun, &subjects, &settings, &bar),
        None => explore_all(&subjects, &settings, &bar),
    };
    bar.clear();
    let mut explored = explored?;
    explored.report.options.shard = explore.shard;
    let change = baseline.map(|baseline| compare(&baseline, &explored.report));
    deliver(&explored.report, change.as_ref(), &explore.to, Aside::Summary)?;
    tell_not_fired(&explored);
    let compared = change.as_ref().map_or(Exit::AsExpected, |change| told(change, &explore.to));
    if explored.report.partial.is_some() {
        output::complain(&format!("interrupted: the report is partial; {}", how_to_go_on(&explore.to)));
        return Ok(Exit::Interrupted);
    }
    Ok(match (explored.report.totals.not_fired, explored.is_as_expected()) {
        (1.., _) => Exit::CouldNotTell,
        (0, true) => compared,
        (0, false) => Exit::NotAsExpected,
    })
}

/// What to type to have the rest explored, too.
fn how_to_go_on(to: &Destination) -> String {
    let saved = match to {
        Destination::File(Format::Json, file) => file.clone(),
        Destination::Folder(folder) => folder.join(Format::JSON_FILE),
        Destination::Stdout(Format::Json) => "FILE.json".into(),
        Destination::Stdout(_) | Destination::File(..) => {
            return "one that was saved as JSON can be gone on with (--resume FILE.json)".to_owned();
        }
    };
    format!("go on with the same arguments and --resume '{}'", saved.display())
}

/// What the comparison with the baseline means. Where a program reads the standard output, a person is told beside it.
fn told(changed: &Diff, to: &Destination) -> Exit {
    let exit = saved::exit(changed);
    let is_read_by_a_program = matches!(to, Destination::Stdout(format) if *format != Format::Text);
    if is_read_by_a_program && exit != Exit::AsExpected {
        output::complain(diff::render(changed, output::WIDTH).trim_end());
    }
    exit
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
        random: explore.random,
        deadline: explore.deadline,
        runtime: RuntimeKind::CurrentThread,
        pruning: Pruning::EqualWorlds,
        killable: None,
        requests: BTreeMap::new(),
        interrupted: interruptible(),
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
