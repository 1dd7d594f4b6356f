//! The arguments, in two stages: the typed words, and the command that they mean.
//!
//! After the second stage only two checks are left: whether the named flows exist ([`crate::cli::select`]), and whether
//! the files can be read.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::Subject;
use crate::fault::{FaultClass, UnknownName};
use crate::fault_scenario;
use crate::harness::default_jobs;
use crate::report::Shard;
use crate::schedule::Schedule;
use saved::{TypedDestination, TypedMerge, TypedReport};
use words::{ABOUT, LONG_ABOUT};

pub use requests::Requests;
pub use saved::{Destination, Diff, Format, Merge, Report};

/// The names of the commands.
pub const COMMANDS: [&str; 7] = ["explore", "check", "list", "replay", "merge", "report", "diff"];

/// The command with which halfway starts itself. Do not type it.
const DIE: &str = "die";

/// A command to halfway.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Break strategies in every way, and report.
    Explore(Explore),
    /// Play fault scenarios, and hold each to what it expects.
    Check(Check),
    /// Say which flows and strategies there are.
    List(List),
    /// Run one case, and tell its story.
    Replay(Replay),
    /// Make a request on a world, and be killed during it. For halfway itself.
    Die(Die),
    /// Put the reports of several machines together.
    Merge(Merge),
    /// Write a saved report in another format.
    Report(Report),
    /// Say what changed between two saved reports.
    Diff(Diff),
}

/// What to explore, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Explore {
    /// FLOW or FLOW/STRATEGY, as typed; an empty list means all.
    pub selection: Vec<String>,
    /// The classes of faults, each once, in the order of the reports.
    pub faults: Vec<FaultClass>,
    /// The greatest number of faults in one case.
    pub depth: u32,
    /// The database.
    pub backend: Backend,
    /// Cases at a time.
    pub jobs: NonZeroUsize,
    /// The seed of all random choices.
    pub seed: u64,
    /// How many cases to draw for each strategy; without it halfway runs all.
    pub random: Option<u64>,
    /// Where the report goes.
    pub to: Destination,
    /// Which part of the strategies to explore.
    pub shard: Option<Shard>,
    /// A saved report: no grade may be worse than there.
    pub baseline: Option<PathBuf>,
    /// The saved report of a stopped run, to go on with.
    pub resume: Option<PathBuf>,
    /// How long an attempt may take.
    pub deadline: Duration,
    /// Whether halfway also kills a real process at each crash.
    pub process: bool,
    /// The requests to send.
    pub requests: Requests,
}

/// What to check.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Check {
    /// Files, and folders of files [default: the folder `scenarios`]
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Also tell the story of each strategy, step by step
    #[arg(long)]
    pub story: bool,
}

/// What to list.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// FLOW or FLOW/STRATEGY, as typed; an empty list means all.
    pub selection: Vec<String>,
    /// Whether to list the file operations, too.
    pub operations: bool,
    /// The format of the list.
    pub format: ListFormat,
    /// The requests to send.
    pub requests: Requests,
}

/// What to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The case.
    pub schedule: Schedule,
    /// The name under which to save it as a fault scenario.
    pub save: Option<String>,
    /// Whether to tell the file operations, too.
    pub operations: bool,
    /// Whether halfway also kills a real process at the crash.
    pub process: bool,
    /// The requests to send.
    pub requests: Requests,
}

/// The point at which the process has to die.
#[derive(Clone, Debug, PartialEq)]
pub struct Die {
    /// The directory that holds the world.
    pub world: PathBuf,
    /// The faults, all of one phase; the last of them is the crash.
    pub schedule: Schedule,
    /// The requests to send.
    pub requests: Requests,
}

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// A file in a temporary directory for each case
    Sqlite,
}

/// The format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
}

/// The command that these arguments mean, for a program with these flows. The first argument is the name of the
/// program.
///
/// # Errors
/// An error of clap: a mistake in the arguments, or the wish for help or for the version. Its `exit` ends with 2 for a
/// mistake, and with 0 for help.
pub fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    program: &str,
    known: &[Subject],
) -> Result<Command, clap::Error> {
    let mut command = command(program, known);
    let matches = command.try_get_matches_from_mut(arguments)?;
    let typed = Typed::from_arg_matches(&matches);
    typed.and_then(|typed| meant(typed, program)).map_err(|error| error.format(&mut command))
}

/// The description of this program and its flows for clap.
pub(super) fn command(program: &str, known: &[Subject]) -> clap::Command {
    let examples = words::examples(program, known);
    let with_requests = |command: clap::Command| command.args(requests::options(known));
    let with_examples = |command: clap::Command| command.after_long_help(examples.clone());
    let command = with_examples(with_requests(Typed::command().bin_name(program)));
    command.after_help(format!("More, with examples: {program} --help")).mut_subcommands(|command| {
        match command.get_name() {
            "explore" => with_examples(with_requests(command)),
            "list" | "replay" | DIE => with_requests(command),
            _ => command,
        }
    })
}

fn meant(typed: Typed, program: &str) -> Result<Command, clap::Error> {
    match typed.command.unwrap_or(TypedCommand::Explore(typed.explore)) {
        TypedCommand::Explore(typed) => typed.validate(program).map(Command::Explore),
        TypedCommand::Check(check) => Ok(Command::Check(check)),
        TypedCommand::List(TypedList { selection, operations, format, requests }) => {
            Ok(Command::List(List { selection, operations, format, requests }))
        }
        TypedCommand::Replay(TypedReplay { schedule, save, operations, process, requests }) => {
            // Words that the shell has taken apart are put together again: the quotes are a convenience.
            let schedule = schedule.join(" ").parse().map_err(usage)?;
            Ok(Command::Replay(Replay { schedule, save, operations, process, requests }))
        }
        TypedCommand::Die(TypedDie { world, schedule, requests }) => {
            let schedule = schedule.parse().map_err(usage)?;
            Ok(Command::Die(Die { world, schedule, requests }))
        }
        TypedCommand::Merge(typed) => typed.validate().map(Command::Merge),
        TypedCommand::Report(typed) => typed.validate().map(Command::Report),
        TypedCommand::Diff(diff) => Ok(Command::Diff(diff)),
    }
}

/// A mistake in the arguments that only shows later, in the form of clap: with exit code 2, and with the usage, as soon
/// as the command is known.
pub fn usage(problem: impl std::fmt::Display) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, problem)
}

#[derive(Parser)]
#[command(name = "halfway", version, about = ABOUT, long_about = LONG_ABOUT)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Typed {
    #[command(subcommand)]
    command: Option<TypedCommand>,
    #[command(flatten)]
    explore: TypedExplore,
}

#[derive(Subcommand)]
enum TypedCommand {
    /// Break strategies at every step, in every way, and report; also what halfway does without a command
    Explore(TypedExplore),
    /// Play fault scenarios from files, and compare each strategy with its expectation there
    Check(Check),
    /// Say which flows, strategies and steps there are
    List(TypedList),
    /// Run one case again, and tell its story step by step
    Replay(TypedReplay),
    /// Make a request on a world, and be killed during it
    #[command(hide = true)]
    Die(TypedDie),
    /// Put the reports of several machines together: the report of one run
    Merge(TypedMerge),
    /// Write a saved report in another format: what the run itself would have written
    Report(TypedReport),
    /// Say what changed between two saved reports; exit code 1 when something is worse
    Diff(Diff),
}

#[derive(Args)]
struct TypedExplore {
    /// What to explore [default: everything]
    #[arg(value_name = "FLOW[/STRATEGY]")]
    selection: Vec<String>,
    /// Classes of faults, separated by commas: steps (error, lost-ack, outage, cancel, panic, crash), disk-error, torn,
    /// power-loss, or all
    ///
    /// The classes of steps break the steps that are named in code. The other three classes break the file operations
    /// below, also those of the database engine. With one of these three, halfway tries crashes at every file
    /// operation, too.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "steps")]
    faults: Vec<Faults>,
    /// The greatest number of faults in one case, 1 to 3 [default: 2, or 1 where file operations are broken]
    ///
    /// The second fault hits the work that the first one has started: cleanup, recovery, the retry.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3))]
    depth: Option<u32>,
    /// The database
    #[arg(long, value_enum, default_value_t = Backend::Sqlite)]
    backend: Backend,
    /// Cases at a time [default: two for each processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// The seed of all random choices; the same seed gives the same run
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Draw N cases for each strategy at random, instead of running all
    ///
    /// Each case has one fault or more, up to --depth. halfway makes each finding as small as it can be. The report
    /// says nothing of the cases that were not drawn.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "process")]
    random: Option<u64>,
    /// Explore one part of the strategies, such as 2/4: several machines share a run, and the command `merge` puts
    /// their reports together
    #[arg(long, value_name = "K/N", conflicts_with = "baseline")]
    shard: Option<Shard>,
    #[command(flatten)]
    to: TypedDestination,
    /// Compare with a saved report: a worse grade fails the run, the report names a better one
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// Go on with a run that was stopped, from its report as JSON
    ///
    /// The other arguments have to be the same. Ctrl-C ends a run with the report of the strategies that were explored
    /// to their end. This option explores the other strategies, and writes the report of one whole run.
    #[arg(long, value_name = "FILE.json")]
    resume: Option<PathBuf>,
    /// How long an attempt may take before it counts as hung
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = deadline)]
    deadline: Duration,
    /// Kill a real process at each crash too, and compare the two worlds
    ///
    /// halfway emulates a crash inside its own process, by a copy of the world. This option checks the emulation, point
    /// by point. It takes some milliseconds for each point.
    #[arg(long)]
    process: bool,
    #[command(flatten)]
    requests: Requests,
}

#[derive(Args)]
struct TypedList {
    /// What to list [default: everything]
    #[arg(value_name = "FLOW[/STRATEGY]")]
    selection: Vec<String>,
    /// Also list the file operations inside the steps, as a schedule names them
    #[arg(long)]
    operations: bool,
    /// The format of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
    #[command(flatten)]
    requests: Requests,
}

#[derive(Args)]
struct TypedReplay {
    /// The case: FLOW/STRATEGY [PHASE/]POINT=FAULT ..., as the report prints it; a POINT is STEP#OCCURRENCE:EDGE, or
    /// STEP#OCCURRENCE/OPERATION@PATH#OCCURRENCE:EDGE, or @answer:after
    #[arg(required = true, value_name = "SCHEDULE")]
    schedule: Vec<String>,
    /// Save the case as a fault scenario that expects the grades of this run: scenarios/FLOW/NAME.toml
    #[arg(long, value_name = "NAME", value_parser = fault_scenario::name)]
    save: Option<String>,
    /// Also tell the file operations inside the steps; halfway does so anyway if the schedule names an operation
    #[arg(long)]
    operations: bool,
    /// Also kill a real process at the crash, and compare the two worlds
    #[arg(long)]
    process: bool,
    #[command(flatten)]
    requests: Requests,
}

#[derive(Args)]
struct TypedDie {
    #[arg(long)]
    world: PathBuf,
    schedule: String,
    #[command(flatten)]
    requests: Requests,
}

/// One word of the list of faults.
#[derive(Clone, Copy)]
enum Faults {
    All,
    Steps,
    Class(FaultClass),
}

impl FromStr for Faults {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "all" => return Ok(Self::All),
            "steps" => return Ok(Self::Steps),
            _ => {}
        }
        let known = FaultClass::ALL.map(FaultClass::name).into_iter().chain(["steps", "all"]);
        name.parse().map(Self::Class).map_err(|_| UnknownName::new("class of faults", name, known))
    }
}

impl TypedExplore {
    fn validate(self, program: &str) -> Result<Explore, clap::Error> {
        // After an option, a command is taken for the name of a flow.
        if let Some(command) = self.selection.iter().find(|name| COMMANDS.contains(&name.as_str())) {
            return Err(usage(format!("\"{command}\" is a command, and comes first: {program} {command} ...")));
        }
        let chosen = |class: &FaultClass| {
            self.faults.iter().any(|faults| match faults {
                Faults::All => true,
                Faults::Steps => !class.is_of_operations(),
                Faults::Class(known) => known == class,
            })
        };
        let faults: Vec<FaultClass> = FaultClass::ALL.into_iter().filter(chosen).collect();
        let usual_depth = if faults.iter().any(|class| class.is_of_operations()) { 1 } else { 2 };
        Ok(Explore {
            faults,
            jobs: self.jobs.unwrap_or_else(default_jobs),
            selection: self.selection,
            depth: self.depth.unwrap_or(usual_depth),
            backend: self.backend,
            seed: self.seed,
            random: self.random,
            to: self.to.validate()?,
            shard: self.shard,
            baseline: self.baseline,
            resume: self.resume,
            deadline: self.deadline,
            process: self.process,
            requests: self.requests,
        })
    }
}

fn deadline(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "a deadline is a number of seconds greater than 0, such as 10 or 0.5".to_owned())
}

mod requests;
mod saved;
#[cfg(test)]
mod tests;
mod words;
