//! The story of a case as a timeline: phases, steps with their file operations, endings, and what was seen.

use std::collections::BTreeMap;

use crate::judge::{Breaches, Criterion};
use crate::observe::Moment;
use crate::report::story::{self, operations, steps};
use crate::report::words;
use crate::story::{Client, Event, Story};

/// A story, as the page shows it.
pub(super) struct StoryPart<'r> {
    pub(super) id: &'r str,
    pub(super) entries: Vec<TimelineItem>,
    pub(super) verdict: Vec<(&'static str, &'static str)>,
}

/// An entry of the timeline.
pub(super) enum TimelineItem {
    /// Who goes on from here.
    Client(&'static str),
    /// A phase begins.
    Phase(&'static str),
    /// A step, or a loop over steps.
    Step(Line),
    /// How the phase ended.
    Ending { label: &'static str, said: String },
    /// The world was looked at: when, and which part of the page has what was seen.
    Seen(&'static str, String),
}

/// A step or a file operation.
pub(super) struct Line {
    pub(super) mark: &'static str,
    pub(super) text: String,
    pub(super) operations: Vec<(&'static str, String)>,
}

/// What was seen at a moment. Many cases see the same: the page has it once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen<'r> {
    pub(super) left: Vec<String>,
    pub(super) breaks: Vec<String>,
    pub(super) world: &'r str,
}

/// What was seen in any of the stories, each once, with its number.
pub(super) type AllSeen<'r> = BTreeMap<Seen<'r>, usize>;

/// What was seen last: what has not changed since then is not told again.
type Told<'r> = Option<(Moment, &'r [String], &'r Breaches)>;

impl<'r> StoryPart<'r> {
    pub(super) fn new(id: &'r str, story: &'r Story, seen: &mut AllSeen<'r>) -> Self {
        let (mut entries, mut told) = (Vec::new(), None);
        tell(&story.trunk, &mut told, &mut entries, seen);
        for continuation in &story.continuations {
            entries.push(TimelineItem::Client(match continuation.client {
                Client::Restarted => "restarted: the application is started again, then the client retries",
                Client::Impatient => "impatient: the process survived, and the client retries without a restart",
            }));
            tell(&continuation.events, &mut told.clone(), &mut entries, seen);
        }
        let verdict = story.verdict.iter().map(|(criterion, grade)| (criterion.name(), grade.name()));
        Self { id, entries, verdict: verdict.collect() }
    }
}

fn tell<'r>(events: &'r [Event], told: &mut Told<'r>, entries: &mut Vec<TimelineItem>, all_seen: &mut AllSeen<'r>) {
    let mut rest = events;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match first {
            Event::Began(phase) => entries.push(TimelineItem::Phase(story::began(*phase))),
            Event::Step(_) => {
                let run = events[events.len() - others.len() - 1..].iter();
                let records = run.map_while(|event| match event {
                    Event::Step(record) => Some(record),
                    Event::Began(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
                });
                let records: Vec<_> = records.collect();
                rest = &others[records.len() - 1..];
                entries.extend(steps::lines(&records).into_iter().map(|(mark, text, told)| {
                    // Of a loop only the names of its steps are told.
                    let inside = if told.len() == 1 { told[0].operations.iter().collect() } else { Vec::new() };
                    TimelineItem::Step(Line {
                        mark,
                        text,
                        operations: operations::lines(&inside, told[0].statement.as_deref()),
                    })
                }));
            }
            Event::Operation(_) => {
                let run = events[events.len() - others.len() - 1..].iter();
                let records = run.map_while(|event| match event {
                    Event::Operation(record) => Some(record),
                    Event::Began(_) | Event::Step(_) | Event::Ended(_) | Event::Observed { .. } => None,
                });
                let records: Vec<_> = records.collect();
                rest = &others[records.len() - 1..];
                let lines = operations::lines(&records, None).into_iter();
                entries
                    .extend(lines.map(|(mark, text)| TimelineItem::Step(Line { mark, text, operations: Vec::new() })));
            }
            Event::Ended(ending) => {
                let (label, said) = story::ending(ending);
                entries.push(TimelineItem::Ending { label, said });
            }
            Event::Observed { moment, left, breaches, world } => {
                let next = all_seen.len();
                let at = *all_seen.entry(seen(left, breaches, &world.name, *told)).or_insert(next);
                entries.push(TimelineItem::Seen(words::moment(*moment), format!("o{at}")));
                *told = Some((*moment, left, breaches));
            }
        }
    }
}

fn seen<'r>(left: &'r [String], breaches: &'r Breaches, world: &'r str, told: Told<'r>) -> Seen<'r> {
    let same_left = told.filter(|(_, before, _)| *before == left && !left.is_empty());
    let left_told = match same_left {
        Some((then, ..)) => vec![format!("the same as {}", words::moment(then))],
        None if left.is_empty() => vec!["nothing: the world is as it was before the request".to_owned()],
        None => left.iter().map(|sentence| words::visible(sentence)).collect(),
    };
    // What is left was said above; here it is enough to say what is wrong with it.
    let is_said = |sentence: &String| left.contains(sentence);
    let sentence = |(criterion, evidence): (&Criterion, &Vec<String>)| {
        let new = evidence.iter().filter(|sentence| !is_said(sentence)).map(|sentence| words::visible(sentence));
        let new: Vec<String> = new.collect();
        let said = if new.is_empty() { criterion.claim().to_owned() } else { new.join("; ") };
        format!("{criterion}: {said}")
    };
    let same_breaches = told.filter(|(_, _, before)| *before == breaches && !breaches.is_empty());
    let breaks = match same_breaches {
        Some((then, ..)) => {
            let names: Vec<&str> = breaches.keys().map(|criterion| criterion.name()).collect();
            vec![format!("{}: the same as {}", names.join(", "), words::moment(then))]
        }
        None => breaches.iter().map(sentence).collect(),
    };
    Seen { left: left_told, breaks, world }
}
