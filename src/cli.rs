//! The command: arguments, a validated command, an exit code.
//!
//! What a person sees is written here and in [`crate::report`]; what is done is the business of [`crate::harness`].

pub mod args;
mod check;
mod deliver;
mod explore;
mod list;
mod output;
pub mod own;
mod progress;
mod replay;
mod requests;
mod saved;
pub mod select;

use std::ffi::OsString;
#[cfg(feature = "cli")]
use std::path::Path;
use std::process::ExitCode;

use args::Command;

use crate::Subject;
use crate::error::{Error, in_full};

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Everything is as expected.
    AsExpected,
    /// Something is not.
    NotAsExpected,
    /// Nobody knows.
    CouldNotTell,
    /// Somebody stopped it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::CouldNotTell => 2,
            // What a shell reports of a command that SIGINT ended.
            Exit::Interrupted => 130,
        })
    }
}

/// What a command ends with that got no further.
enum Failure {
    /// The arguments, in clap's words.
    Usage(clap::Error),
    /// The harness could not do its job.
    Harness(Error),
    /// Something of the user's own cannot be used: a file, a request.
    Input(String),
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Harness(error)
    }
}

/// Does what the arguments say to the flows of this crate, or to the programs that the first arguments name; the first
/// argument of all is the name of the program.
#[cfg(feature = "cli")]
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> ExitCode {
    use crate::imports::{Requests, subjects};
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if arguments.get(1).is_some_and(|word| word == crate::program::LAUNCH) {
        crate::program::launch(arguments.into_iter().skip(2).collect());
    }
    let is_file = |argument: &&OsString| Path::new(argument).extension().is_some_and(|extension| extension == "toml");
    let files: Vec<&OsString> = arguments.iter().skip(1).take_while(is_file).collect();
    if files.is_empty() {
        return run_on(&subjects(&Requests::default()), "halfway", arguments);
    }
    let opened: Vec<_> = files.iter().map(|file| crate::program::open(Path::new(file), "halfway")).collect();
    let mistakes: Vec<String> = opened.iter().filter_map(|opened| Some(opened.as_ref().err()?.render())).collect();
    if !mistakes.is_empty() {
        output::complain_as_it_is(&mistakes.join("\n"));
        return Exit::CouldNotTell.into();
    }
    if arguments.iter().any(|argument| argument == "--process") {
        output::complain("--process is for flows in Rust; a crash of a program kills its processes anyway");
        return Exit::CouldNotTell.into();
    }
    let known: Vec<Subject> = opened.into_iter().flatten().collect();
    let named: Vec<String> = files.iter().map(|file| Path::new(file).display().to_string()).collect();
    let rest = arguments.iter().take(1).chain(arguments.iter().skip(1 + files.len())).cloned();
    run_on(&known, &format!("halfway {}", named.join(" ")), rest)
}

/// Does what the arguments say to these flows. `program` is what a person types to start it.
fn run_on(
    known: &[Subject],
    program: &str,
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> ExitCode {
    let done = args::parse(arguments, program, known).map_err(Failure::from).and_then(|command| match command {
        Command::Check(check) => check::run(&check, known),
        Command::Explore(explore) => explore::run(&explore, known),
        Command::List(list) => list::run(&list, known),
        Command::Replay(replay) => replay::run(&replay, known),
        Command::Die(die) => replay::die(&die, known),
        Command::Merge(merge) => saved::merge(&merge),
        Command::Report(report) => saved::report(&report),
        Command::Diff(diff) => saved::diff(&diff),
    });
    let done = done.map_err(|failure| match failure {
        Failure::Usage(error) => Failure::Usage(error.format(&mut args::command(program, known))),
        other => other,
    });
    done.unwrap_or_else(|failure| tell(&failure)).into()
}

fn tell(failure: &Failure) -> Exit {
    match failure {
        Failure::Usage(error) => {
            // Help goes to the standard output and is no failure; clap knows which is which.
            let _ = error.print();
            if error.exit_code() == 0 { Exit::AsExpected } else { Exit::CouldNotTell }
        }
        Failure::Harness(Error::Interrupted) => {
            output::complain(&Error::Interrupted.to_string());
            Exit::Interrupted
        }
        Failure::Harness(error) => {
            output::complain(&in_full(error));
            Exit::CouldNotTell
        }
        Failure::Input(problem) => {
            output::complain(problem);
            Exit::CouldNotTell
        }
    }
}
