//! Plays a fault scenario, and holds each strategy to what is expected of it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::{Expected, FaultScenario, Mistake, Mistakes, schedule_line};
use crate::document::place_within;
use crate::error::{Error, in_full};
use crate::harness::{Settings, replay};
use crate::judge::{Criterion, Grade};
use crate::schedule::Schedule;
use crate::story::{Client, Clients, Sighting, Story};
use crate::subject::Subject;

/// One strategy in a fault scenario, as it fared.
#[derive(Clone, Debug)]
pub struct Played {
    /// The strategy.
    pub strategy: String,
    /// What happened.
    pub story: Story,
    /// Where it is not as expected; nothing otherwise.
    pub differences: Vec<Difference>,
}

/// A criterion that fared otherwise than expected: worse, or better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The criterion.
    pub criterion: Criterion,
    /// How it should have fared.
    pub expected: Grade,
    /// How it did.
    pub seen: Grade,
    /// What was seen last; nothing when it held.
    pub sighting: Option<Sighting>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<18} expected {}, seen {}", self.criterion, self.expected, self.seen)?;
        let Some(Sighting { moment, client, evidence }) = &self.sighting else { return Ok(()) };
        let client = client.map_or(String::new(), |client| format!(" ({})", client.name()));
        let when = moment.name().replace('-', " ");
        evidence.iter().try_for_each(|said| write!(f, "\n  {:<18} {when}{client}: {said}", ""))
    }
}

/// Why a fault scenario could not be played to its end.
#[derive(Debug)]
pub enum Unplayable {
    /// Something in the file is wrong that only shows when it is played.
    Mistakes(Mistakes),
    /// The harness could not do its job.
    Harness(Error),
}

impl fmt::Display for Unplayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(mistakes) => mistakes.fmt(f),
            Self::Harness(error) => f.write_str(&in_full(error)),
        }
    }
}

impl std::error::Error for Unplayable {}

impl FaultScenario {
    /// Plays each strategy, in the order of the file.
    ///
    /// # Errors
    /// When one strategy cannot be played: then none of them counts.
    ///
    /// # Panics
    /// Never: a file that was read names strategies that are there.
    pub fn play(&self, settings: &Settings) -> Result<Vec<Played>, Unplayable> {
        let subjects = self.subjects();
        let played = self.strategies.iter().map(|(strategy, expected)| {
            let subject = subjects.iter().find(|subject| subject.strategy() == strategy);
            self.play_one(subject.expect("a strategy that was read is there"), expected, settings)
        });
        played.collect()
    }

    fn play_one(&self, subject: &Subject, expected: &Expected, settings: &Settings) -> Result<Played, Unplayable> {
        let schedule: Schedule = self.schedule(subject.strategy()).parse().expect("each fault was read alone");
        let story = replay(subject, &schedule, settings).map_err(|error| self.located(subject, error))?;
        let survived = story.continuations.iter().any(|continuation| continuation.client == Client::Impatient);
        if self.clients == Clients::Impatient && !survived {
            let problem = format!("{}: no process survives that could be asked again", subject.name());
            let mistake = Mistake::new(self.clients_place.clone(), problem, "only a restarted client can come here");
            return Err(self.mistaken(mistake));
        }
        let mut story = story.of(self.clients);
        story.again = self.again(&schedule.to_string());
        let differences = differences(&story, expected);
        Ok(Played { strategy: subject.strategy().to_owned(), story, differences })
    }

    /// The command that shows a case again.
    fn again(&self, schedule: &str) -> String {
        let program = self.subjects().first().map_or("halfway", Subject::program);
        match &self.asked.options {
            Some(options) if options.is_empty() => format!("{program} replay '{schedule}'"),
            Some(options) => format!("{program} replay '{schedule}' {options}"),
            None => format!("{program} check --story '{}'", self.path.display()),
        }
    }

    /// What went wrong, at its place in the file where it has one.
    fn located(&self, subject: &Subject, error: Error) -> Unplayable {
        let is_wrong = |problem: String, remedy: String, place| {
            self.mistaken(Mistake::new(place, format!("{}: {problem}", subject.name()), remedy))
        };
        match &error {
            Error::UnknownStep { unknown, .. } => {
                let place = self.word(|word| word.find(unknown.name()).map(|at| at..at + unknown.name().len()));
                is_wrong(unknown.problem(), unknown.remedy(), place)
            }
            Error::NotFired { fault, hint, .. } => {
                let is_meant = |word: &str| {
                    let schedule = schedule_line("flow", "strategy", word).parse::<Schedule>();
                    schedule.is_ok_and(|schedule| schedule.faults.iter().any(|planned| planned.to_string() == *fault))
                };
                let place = self.word(|word| is_meant(word).then_some(0..word.len()));
                let hint = hint.trim_start_matches("; ").to_owned();
                is_wrong("this fault did not happen, so that the case says nothing".to_owned(), hint, place)
            }
            _ => Unplayable::Harness(error),
        }
    }

    /// The place of the first word of the schedule in which something is found.
    fn word(&self, find: impl Fn(&str) -> Option<Range<usize>>) -> Range<usize> {
        let words = self.schedule.text.split_whitespace();
        let mut found = words.filter_map(|word| {
            let begin = word.as_ptr().addr() - self.schedule.text.as_ptr().addr();
            find(word).map(|part| begin + part.start..begin + part.end)
        });
        let all = || 0..self.schedule.text.len();
        place_within(&self.source, &self.schedule, found.next().unwrap_or_else(all))
    }

    fn mistaken(&self, mistake: Mistake) -> Unplayable {
        Unplayable::Mistakes(Mistakes::new(&self.path, &self.source, vec![mistake]))
    }
}

fn differences(story: &Story, expected: &BTreeMap<Criterion, Grade>) -> Vec<Difference> {
    let difference = |(&criterion, &seen): (&Criterion, &Grade)| {
        let expected = expected.get(&criterion).copied().unwrap_or(Grade::Held);
        let sighting = story.last_breach(criterion);
        (seen != expected).then_some(Difference { criterion, expected, seen, sighting })
    };
    story.verdict.iter().filter_map(difference).collect()
}
