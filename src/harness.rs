//! Plan, run, observe, judge, report: the only file that knows all stages.

mod apart;
mod findings;
mod listing;
mod points;
mod smaller;
mod stopped;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::explore::{self, Bounds, Drawing, Findings, Pool, Progress, Pruning, Silent, draw, explore_drawn, runtime};
use crate::fault::{FaultClass, UnknownName};
use crate::inject::arm_from_environment;
use crate::judge::{Criterion, Grade, grade};
use crate::report::{Finding, Options, Report, StrategyReport, Totals};
use crate::run::{self, Detail, Hosting, LeftBehind, Stage, Watching, play};

pub use crate::run::{Killable, RuntimeKind};
use crate::schedule::{PlannedFault, Schedule};
use crate::story::Story;
use crate::subject::Subject;
use crate::world::Workshop;
pub use listing::{Listed, ListedOperation, ListedStep, list};

use apart::{apart, expect_no_stray};
use findings::{findings, left_behind, strategy_report, unmerged, witnesses};
use points::{Planned, planned};

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The greatest number of faults in one case.
    pub depth: u32,
    /// The classes of faults to try.
    pub faults: BTreeSet<FaultClass>,
    /// How many cases run side by side.
    pub jobs: NonZeroUsize,
    /// The seed of all random choices. The exhaustive exploration makes none.
    pub seed: u64,
    /// How many cases to draw at random for each subject; `None` runs all of them.
    pub random: Option<u64>,
    /// How long one attempt, start or retry may take.
    pub deadline: Duration,
    /// The runtime on which the application runs.
    pub runtime: RuntimeKind,
    /// Whether halfway runs only one of several cases that must end alike.
    pub pruning: Pruning,
    /// A program that can be killed: halfway also kills it at each crash, and it has to leave the same world.
    pub killable: Option<Killable>,
    /// The files of your own from which the requests were read, each as its option and its SHA-256: a stopped run goes
    /// on only with the same files.
    pub requests: BTreeMap<String, String>,
    /// Set it to stop the run between two cases. The report then has the subjects that were explored to their end.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for Settings {
    /// Every fault of the steps, alone and in pairs, on all cores, with ten seconds for each attempt. Two cases run on
    /// each core, because a case waits for its database half of the time.
    fn default() -> Self {
        Self {
            depth: 2,
            faults: FaultClass::OF_STEPS.into_iter().collect(),
            jobs: default_jobs(),
            seed: 0,
            random: None,
            deadline: Duration::from_secs(10),
            runtime: RuntimeKind::CurrentThread,
            pruning: Pruning::EqualWorlds,
            killable: None,
            requests: BTreeMap::new(),
            interrupted: Arc::default(),
        }
    }
}

/// Two cases for each core.
pub(crate) fn default_jobs() -> NonZeroUsize {
    std::thread::available_parallelism()
        .unwrap_or(NonZeroUsize::MIN)
        .saturating_mul(const { NonZeroUsize::new(2).unwrap() })
}

/// The result of a run: its report, and the faults of which it could not tell.
#[derive(Debug)]
pub struct Explored {
    /// The report.
    pub report: Report,
    /// Planned faults that did not happen in this run; those of a stopped run that it goes on with are not among them.
    /// If there is one, the report says less than it seems to.
    pub not_fired: Vec<Error>,
}

impl Explored {
    /// Whether every strategy is as expected, every planned fault happened, and the report is complete.
    pub fn is_as_expected(&self) -> bool {
        let report = &self.report;
        let is_all_told = report.totals.not_fired == 0 && report.partial.is_none();
        is_all_told && report.strategies.iter().all(|strategy| strategy.as_expected)
    }
}

/// Breaks every subject at every point in every way, and judges the world that is left.
///
/// A run that is stopped reports the subjects that it explored to their end, and says which are missing: see
/// [`Report::partial`].
///
/// # Errors
/// When the harness could not do its job. A mistake of a subject is no error: it is in the report.
pub fn explore_all(subjects: &[Subject], settings: &Settings, progress: &dyn Progress) -> Result<Explored> {
    let report = Report {
        schema: 1,
        options: options(settings),
        totals: Totals::default(),
        partial: None,
        strategies: Vec::new(),
        findings: Vec::new(),
        stories: Vec::new(),
        worlds: BTreeMap::new(),
    };
    apart(|| go_on(report, subjects, settings, progress))
}

/// Goes on with a run that was stopped: explores the subjects that are missing in its report. Except for the times, the
/// result is the report of a run that was never stopped.
///
/// # Errors
/// As [`explore_all`]. And when the report is complete, or belongs to a run with other options or subjects.
pub fn resume(begun: Report, subjects: &[Subject], settings: &Settings, progress: &dyn Progress) -> Result<Explored> {
    let begun = stopped::take_up(begun, subjects, &options(settings), settings)?;
    apart(|| go_on(begun, subjects, settings, progress))
}

/// Explores the subjects that the report does not have yet.
fn go_on(mut report: Report, subjects: &[Subject], settings: &Settings, progress: &dyn Progress) -> Result<Explored> {
    arm_from_environment()?;
    let begin = Instant::now();
    let workshop = Arc::new(Workshop::open()?);
    let pool = Pool::new(settings.jobs.get(), Arc::clone(&settings.interrupted), progress);
    let mut not_fired = Vec::new();
    let done = report.strategies.len();
    for (at, subject) in subjects.iter().enumerate().skip(done) {
        progress.began(&subject.name(), at + 1, subjects.len());
        match explore_one(subject, &workshop, settings, &pool) {
            Ok(explored) => not_fired.extend(explored.add_to(&mut report)),
            Err(Error::Interrupted) => {
                report.partial = Some(stopped::partial(&subjects[at..], settings));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    report.totals.seconds += begin.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
    let cases = report.totals.cases as f64;
    report.totals.cases_per_second = cases / report.totals.seconds.max(f64::MIN_POSITIVE);
    Ok(Explored { report, not_fired })
}

/// The results of one subject that was explored to its end.
struct ExploredOne {
    exploration: Findings,
    /// How often a case was tried again.
    retried: u64,
    strategy: StrategyReport,
    findings: Vec<Finding>,
    stories: Vec<Story>,
}

impl ExploredOne {
    /// Puts it into a report. Returns the planned faults that did not happen.
    fn add_to(self, report: &mut Report) -> Vec<Error> {
        report.totals.cases += self.exploration.cases;
        report.totals.pruned += self.exploration.pruned;
        report.totals.retried += self.retried;
        report.totals.not_fired += self.exploration.not_fired.len() as u64;
        report.strategies.push(self.strategy);
        report.findings.extend(self.findings);
        for story in self.stories {
            report.keep(story);
        }
        self.exploration.not_fired
    }
}

fn explore_one(
    subject: &Subject,
    workshop: &Arc<Workshop>,
    settings: &Settings,
    pool: &Pool<'_>,
) -> Result<ExploredOne> {
    let Planned { stage, bounds, mut notes } = planned(subject, workshop, settings)?;
    let mut exploration = match settings.random {
        None => explore::explore(&stage, &bounds, pool)?,
        Some(cases) => explore_drawn(&stage, &bounds, Drawing { cases, seed: settings.seed }, pool)?,
    };
    // Of all cases with one fault, the first that breaks a promise is as small as it can be.
    let least = if settings.random.is_some() { 1 } else { 2 };
    let mut confirmed = explore::confirm(&stage, &mut exploration, least, pool)?;
    let witnesses = witnesses(&exploration.tally);
    pool.progress().found(witnesses.len());
    let shrunk = smaller::shrunk(&stage, &witnesses, least, pool)?;
    let mut findings = findings(subject, &witnesses, &confirmed);
    let told = witnesses.iter().filter(|(key, _)| !shrunk.contains_key(*key)).map(|(_, (_, faults))| *faults).collect();
    let mut stories = confirmed.stories(&stage, &told, pool)?;
    smaller::put_in(&mut findings, shrunk, &mut stories);
    notes.extend(unmerged(&confirmed, &exploration));
    notes.extend(left_behind(&stage, settings.deadline));
    #[cfg(feature = "cli")]
    notes.extend(run::written_outside());
    let mut strategy = strategy_report(subject, &exploration, &stage);
    strategy.notes.splice(0..0, notes);
    expect_no_stray(subject)?;
    Ok(ExploredOne { exploration, retried: stage.retried(), strategy, findings, stories })
}

/// Plays one schedule and tells its story.
///
/// # Errors
/// When the schedule belongs to another subject, or one of its faults does not happen.
pub fn replay(subject: &Subject, schedule: &Schedule, settings: &Settings) -> Result<Story> {
    apart(|| replay_here(subject, schedule, settings))
}

fn replay_here(subject: &Subject, schedule: &Schedule, settings: &Settings) -> Result<Story> {
    arm_from_environment()?;
    let workshop = Arc::new(Workshop::open()?);
    let runtime = runtime();
    let stage =
        runtime.block_on(Stage::set(subject, &workshop, hosting(settings), watching_for(schedule, settings)))?;
    let played = stage.tried(
        || runtime.block_on(play(&stage, &schedule.faults, Detail::Story)),
        |played| !matches!(played, Err(Error::NotFired { .. })),
    );
    let played = played.map_err(|error| explain(error, &stage, schedule, settings))?;
    expect_no_stray(subject)?;
    let notes = left_behind(&stage, settings.deadline);
    Ok(Story { notes, ..played.story(&stage, schedule.to_string()) })
}

/// What has to be heard for this schedule, in the runs without faults too: they show which names of files are made up
/// anew.
fn watching_for(schedule: &Schedule, settings: &Settings) -> Watching {
    watching(settings).max(Watching::needed_by(&schedule.faults))
}

/// Says more of a fault that did not happen, where there is more to say: its step is not one of the strategy's.
fn explain(error: Error, stage: &Stage<'_>, schedule: &Schedule, settings: &Settings) -> Error {
    if !matches!(error, Error::NotFired { .. }) {
        return error;
    }
    let pool = Pool::new(settings.jobs.get(), Arc::clone(&settings.interrupted), &Silent);
    let Ok(explored) = explore::explore(stage, &Bounds { depth: 1, ..bounds(settings) }, &pool) else { return error };
    let names = || explored.met.steps.iter().map(|known| known.step.name());
    let mut runs = schedule.faults.iter().filter_map(|fault| fault.point.place.step());
    let stranger = runs.find(|run| !names().any(|name| name == run.step));
    let unknown = stranger.map(|run| UnknownName::new("step", &run.step, names()));
    unknown.map_or(error, |unknown| Error::UnknownStep { schedule: schedule.to_string(), unknown })
}

/// The result of killing a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killed {
    /// It left the world that the emulated crash leaves, by role.
    LeavesTheSame,
    /// The last fault is no crash, or only this process could be in the state in which it happens.
    Impossible,
}

/// Plays a schedule that ends with a crash, and kills a separate process at the same point.
///
/// # Errors
/// When the two leave different worlds, or one of them does not reach the point.
pub fn kill(subject: &Subject, schedule: &Schedule, settings: &Settings) -> Result<Killed> {
    let (Some(killable), Some(begin)) = (&settings.killable, run::last_process(&schedule.faults)) else {
        return Ok(Killed::Impossible);
    };
    apart(|| {
        let workshop = Arc::new(Workshop::open()?);
        let runtime = runtime();
        let stage =
            runtime.block_on(Stage::set(subject, &workshop, hosting(settings), watching_for(schedule, settings)))?;
        runtime.block_on(stage.try_a_kill(killable, &schedule.faults, begin))?;
        Ok(Killed::LeavesTheSame)
    })
}

/// Makes a request in this process, on a world that is there already. The last of these faults kills the process.
///
/// # Errors
/// When the process comes to its end alive.
#[doc(hidden)]
pub fn die(subject: &Subject, world: &Path, schedule: &Schedule) -> Result<()> {
    apart(|| runtime().block_on(run::die(subject, world, &schedule.faults, Settings::default().deadline)))
}

/// A case that was drawn at random.
#[derive(Debug)]
pub struct Drawn {
    /// Its schedule.
    pub schedule: Schedule,
    /// The grade of each criterion.
    pub verdict: BTreeMap<Criterion, Grade>,
    /// The evidence for each criterion that did not hold, sentence by sentence.
    pub evidence: BTreeMap<Criterion, Vec<String>>,
}

/// Plays one schedule that numbers pick: each number picks one of the faults that can come next. Smaller numbers pick
/// earlier points.
///
/// # Errors
/// When the harness could not do its job.
pub fn play_drawn(subject: &Subject, picks: &[u32], settings: &Settings) -> Result<Drawn> {
    apart(|| play_drawn_here(subject, picks, settings))
}

fn play_drawn_here(subject: &Subject, picks: &[u32], settings: &Settings) -> Result<Drawn> {
    let workshop = Arc::new(Workshop::open()?);
    let (faults, played) = runtime().block_on(async {
        let stage = Stage::set(subject, &workshop, hosting(settings), watching(settings)).await?;
        draw(&stage, &bounds(settings), picks, Detail::Evidence).await
    })?;
    let trail = played.trail();
    let verdict = grade(trail);
    let breached = verdict.iter().filter(|(_, grade)| **grade > Grade::Held);
    let evidence = breached
        .filter_map(|(&criterion, _)| trail.last_breach(criterion).map(|breach| (criterion, breach.evidence.to_vec())));
    let evidence = evidence.collect();
    Ok(Drawn { schedule: schedule(subject, faults), verdict, evidence })
}

/// File operations are heard where they are to be broken.
fn watching(settings: &Settings) -> Watching {
    if settings.faults.iter().any(|class| class.is_of_operations()) { Watching::Operations } else { Watching::Nothing }
}

fn hosting(settings: &Settings) -> Hosting {
    let left_behind = LeftBehind::default();
    Hosting { deadline: settings.deadline, runtime: settings.runtime, left_behind }
}

fn bounds(settings: &Settings) -> Bounds {
    Bounds {
        depth: settings.depth,
        faults: settings.faults.clone(),
        further: settings.faults.clone(),
        engine_opens: false,
        pruning: settings.pruning,
        killable: settings.killable.clone(),
    }
}

fn options(settings: &Settings) -> Options {
    Options {
        backend: "sqlite".to_owned(),
        depth: settings.depth,
        seed: settings.seed,
        random: settings.random,
        faults: settings.faults.iter().copied().collect(),
        shard: None,
    }
}

fn schedule(subject: &Subject, faults: Vec<PlannedFault>) -> Schedule {
    Schedule { flow: subject.flow().to_owned(), strategy: subject.strategy().to_owned(), faults }
}
