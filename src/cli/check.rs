//! `halfway check`: plays fault scenarios, and holds each strategy to what its file expects.
//!
//! Every file is read before the first one is played: with a mistake in one of them, none is.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::args::Check;
use super::progress::interruptible;
use super::{Exit, Failure, output};
use crate::Subject;
use crate::error::Error;
use crate::fault_scenario::{FaultScenario, Mistakes, Played, Unplayable, find};
use crate::harness::Settings;
use crate::report::story;

/// Where fault scenarios are looked for when nobody says where.
const FOLDER: &str = "scenarios";

pub(super) fn run(typed: &Check, known: &[Subject]) -> Result<Exit, Failure> {
    let paths = if typed.paths.is_empty() { vec![PathBuf::from(FOLDER)] } else { typed.paths.clone() };
    let read: Vec<Result<FaultScenario, Mistakes>> =
        find(&paths)?.iter().map(|path| FaultScenario::open(path, known)).collect();
    let refused: Vec<String> = read.iter().filter_map(|read| read.as_ref().err()).map(Mistakes::render).collect();
    if !refused.is_empty() {
        output::complain_as_it_is(&refused.join("\n"));
        return Ok(Exit::CouldNotTell);
    }
    let settings = Settings { interrupted: interruptible(), ..Settings::default() };
    let mut tally = Tally::default();
    let mut failures = String::new();
    for scenario in read.iter().flatten() {
        if settings.interrupted.load(Ordering::Relaxed) {
            return Err(Error::Interrupted.into());
        }
        match scenario.play(&settings) {
            Ok(played) => tell(scenario, &played, typed, &mut tally, &mut failures)?,
            Err(Unplayable::Mistakes(mistakes)) => {
                tally.unplayable += 1;
                output::complain_as_it_is(&mistakes.render());
            }
            Err(Unplayable::Harness(error)) => return Err(error.into()),
        }
    }
    output::print(&(failures + "\n" + &tally.in_words(read.len())))?;
    Ok(match (tally.unplayable, tally.not_as_expected) {
        (0, 0) => Exit::AsExpected,
        (0, _) => Exit::NotAsExpected,
        _ => Exit::CouldNotTell,
    })
}

/// How many strategies fared how.
#[derive(Default)]
struct Tally {
    as_expected: usize,
    not_as_expected: usize,
    /// Files that could not be played to their end.
    unplayable: usize,
}

impl Tally {
    fn in_words(&self, files: usize) -> String {
        let files = counted(files, "fault scenario");
        let strategies = counted(self.as_expected + self.not_as_expected, "strategy");
        match (self.unplayable, self.not_as_expected) {
            (0, 0) => format!("as expected: {files}, {strategies}\n"),
            (0, not) => format!("NOT AS EXPECTED: {not} of {strategies} in {files}\n"),
            (unplayable, _) => format!("COULD NOT TELL: {unplayable} of {files}\n"),
        }
    }
}

/// A line for each strategy at once; what there is to say of failures comes together, after all of these.
fn tell(
    scenario: &FaultScenario,
    played: &[Played],
    typed: &Check,
    tally: &mut Tally,
    failures: &mut String,
) -> Result<(), Failure> {
    for strategy in played {
        let is_as_expected = strategy.differences.is_empty();
        *(if is_as_expected { &mut tally.as_expected } else { &mut tally.not_as_expected }) += 1;
        let mark = if is_as_expected { "✓" } else { "✗" };
        output::print(&format!("{mark} {}  {}\n", scenario.path.display(), strategy.strategy))?;
        if typed.story {
            output::print(&format!("\n{}\n", story::render(&strategy.story, output::width())))?;
        }
        if !is_as_expected {
            failures.push_str(&failure(scenario, strategy));
        }
    }
    Ok(())
}

fn failure(scenario: &FaultScenario, played: &Played) -> String {
    let (path, flow, strategy) = (scenario.path.display(), &scenario.flow, &played.strategy);
    let mut text = format!("\nNOT AS EXPECTED: {flow} / {strategy}   {path}\n  {}\n", scenario.title);
    for difference in &played.differences {
        let _ = writeln!(text, "{difference}");
    }
    let _ = writeln!(text, "  again   {}", played.story.again);
    text
}

fn counted(number: usize, one: &str) -> String {
    match (number, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (many, Some(stem)) => format!("{many} {stem}ies"),
        (many, None) => format!("{many} {one}s"),
    }
}
