//! The arguments, in two stages: what was typed, and the command that it means.
//!
//! The second stage leaves nothing to be checked but what only the world knows: whether the flows that are named exist
//! ([`crate::cli::select`]), whether the files can be read.

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

/// The command with which halfway starts itself. Not for people.
const DIE: &str = "die";

/// What halfway is told to do.
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
    /// Make a request on a world, and be killed on the way. For halfway itself.
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
    /// FLOW or FLOW/STRATEGY, as typed; none is all.
    pub selection: Vec<String>,
    /// The classes of faults, each once, in the order of the reports.
    pub faults: Vec<FaultClass>,
    /// The greatest number of faults in one case.
    pub depth: u32,
    /// The database.
    pub backend: Backend,
    /// Cases at a time.
    pub jobs: NonZeroUsize,
    /// The seed of whatever is drawn at random.
    pub seed: u64,
    /// How many cases to draw for each strategy; all are run otherwise.
    pub random: Option<u64>,
    /// Where the report goes.
    pub to: Destination,
    /// Which part of the strategies to explore.
    pub shard: Option<Shard>,
    /// A saved report that nothing may be worse than.
    pub baseline: Option<PathBuf>,
    /// The saved report of a stopped run, to go on with.
    pub resume: Option<PathBuf>,
    /// How long an attempt may take.
    pub deadline: Duration,
    /// Whether each crash is tried on a process of its own, too.
    pub process: bool,
    /// The requests to send.
    pub requests: Requests,
}

/// What to check.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Check {
    /// Files, and folders with them; the folder `scenarios` otherwise
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Tell the story of each strategy, too, step by step
    #[arg(long)]
    pub story: bool,
}

/// What to list.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// FLOW or FLOW/STRATEGY, as typed; none is all.
    pub selection: Vec<String>,
    /// Whether the file operations are listed, too.
    pub operations: bool,
    /// How the list is written.
    pub format: ListFormat,
    /// The requests to send.
    pub requests: Requests,
}

/// What to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The case.
    pub schedule: Schedule,
    /// The name under which it is saved as a fault scenario.
    pub save: Option<String>,
    /// Whether the file operations are told, too.
    pub operations: bool,
    /// Whether a crash is tried on a process of its own, too.
    pub process: bool,
    /// The requests to send.
    pub requests: Requests,
}

/// Where to die, and how.
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

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
}

/// The command that these arguments mean, of a program with these flows; the first of them is the name of the program.
///
/// # Errors
/// What clap says of them, the requests for help and for the version among it. Its `exit` does the right thing with
/// each: 2 for a mistake, 0 for help.
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

/// What clap has to know of this program and its flows.
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

/// A mistake in the arguments that only shows later, as clap says it: with exit code 2, and the usage once it is told of
/// which command.
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
    /// Play fault scenarios from files, and hold each strategy to what is expected of it there
    Check(Check),
    /// Say which flows, strategies and steps there are
    List(TypedList),
    /// Run one case again, and tell its story step by step
    Replay(TypedReplay),
    /// Make a request on a world, and be killed on the way
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
    /// What to explore; everything otherwise
    #[arg(value_name = "FLOW[/STRATEGY]")]
    selection: Vec<String>,
    /// Classes of faults, separated by commas: steps (error, lost-ack, outage, cancel, panic, crash), disk-error, torn,
    /// power-loss, or all
    ///
    /// Those of the steps break what is named in code. The other three break the file operations below, the database
    /// engine's own included; where one of them is tried, crashes are tried at every file operation too.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "steps")]
    faults: Vec<Faults>,
    /// The greatest number of faults in one case, 1 to 3 [default: 2, or 1 where file operations are broken]
    ///
    /// The second fault hits what the first one has set going: cleanup, recovery, the retry.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3))]
    depth: Option<u32>,
    /// The database
    #[arg(long, value_enum, default_value_t = Backend::Sqlite)]
    backend: Backend,
    /// Cases at a time [default: two for each processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// The seed of whatever is drawn at random; the same seed gives the same run
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Draw so many cases for each strategy at random, instead of all
    ///
    /// Each has one fault or more, up to --depth. What is found is made as small as it can be. Nothing is said of cases
    /// that were not drawn.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "process")]
    random: Option<u64>,
    /// Explore one part of the strategies, such as 2/4: several machines share a run, and the command `merge` puts their
    /// reports together
    #[arg(long, value_name = "K/N", conflicts_with = "baseline")]
    shard: Option<Shard>,
    #[command(flatten)]
    to: TypedDestination,
    /// Compare with a saved report: a worse grade fails the run, a better one is named
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// Go on with a run that was stopped, from its report as JSON
    ///
    /// The other arguments have to be the same.
    /// Ctrl-C ends a run with the report of the strategies that were explored to their end. This option
    /// explores the others, and the report is that of one whole run.
    #[arg(long, value_name = "FILE.json")]
    resume: Option<PathBuf>,
    /// How long an attempt may take before it counts as hung
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = deadline)]
    deadline: Duration,
    /// Kill a real process at each crash too, and compare the two worlds
    ///
    /// halfway emulates a crash inside its own process, by a copy of the world. This option checks the emulation, point by
    /// point. It takes some milliseconds for each point.
    #[arg(long)]
    process: bool,
    #[command(flatten)]
    requests: Requests,
}

#[derive(Args)]
struct TypedList {
    /// What to list; everything otherwise
    #[arg(value_name = "FLOW[/STRATEGY]")]
    selection: Vec<String>,
    /// List the file operations inside the steps too, as a schedule names them
    #[arg(long)]
    operations: bool,
    /// How the list is written
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
    /// Save it as a fault scenario that expects what was seen: scenarios/FLOW/NAME.toml
    #[arg(long, value_name = "NAME", value_parser = fault_scenario::name)]
    save: Option<String>,
    /// Tell the file operations inside the steps too; without being asked where the schedule names one
    #[arg(long)]
    operations: bool,
    /// Have a process of its own killed at the crash too, and compare what the two leave
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
