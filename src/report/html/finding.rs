//! One finding: what was promised, which rule was broken, what was left, how to see it again.

use std::collections::BTreeMap;

use crate::judge::Grade;
use crate::report::{Finding, Report, text::findings, words};
use crate::story::{Event, Story};

/// A finding, as the page shows it.
pub(super) struct FindingPart<'r> {
    pub(super) criterion: &'static str,
    pub(super) claim: &'static str,
    pub(super) class: &'static str,
    pub(super) grade: &'static str,
    pub(super) after: String,
    pub(super) when: String,
    pub(super) rules: Vec<String>,
    pub(super) evidence: Vec<String>,
    pub(super) smaller: Option<String>,
    pub(super) replay: String,
    pub(super) story: Option<String>,
    pub(super) worlds: Option<(&'r str, &'r str)>,
}

impl<'r> FindingPart<'r> {
    pub(super) fn new(report: &'r Report, found: &'r Finding, stories: &BTreeMap<&str, String>) -> Self {
        let (class, grade) = match found.grade {
            Grade::Held => ("held", "held"),
            Grade::HealedByRecovery => ("healed", "↻ healed by recovery"),
            Grade::HealedByRetry => ("healed", "↻ healed by the retry"),
            Grade::Violated => ("violated", "✗ VIOLATED"),
        };
        let story = report.story(found);
        let statements = report.statements(found);
        Self {
            criterion: found.criterion.name(),
            claim: found.criterion.claim(),
            class,
            grade,
            after: words::schedule(&found.schedule, statements),
            when: findings::when(found).1,
            // Where no rule is more exact, the promise itself is the rule, and has been said.
            rules: shown(&found.rules).filter(|rule| rule != found.criterion.claim()).collect(),
            evidence: shown(&found.evidence).collect(),
            smaller: found.shrunk_from.as_ref().map(|shrunk| words::smaller(shrunk, statements)),
            replay: words::visible(&found.replay),
            story: stories.get(found.replay.as_str()).cloned(),
            worlds: story.and_then(|story| Some((story.before.name.as_str(), world_of(story, found)?))),
        }
    }
}

fn shown(sentences: &[String]) -> impl Iterator<Item = String> {
    sentences.iter().map(|sentence| words::visible(sentence))
}

/// The world at the moment of a finding.
fn world_of<'s>(story: &'s Story, found: &Finding) -> Option<&'s str> {
    let of_client = |client: &str| {
        let continued = story.continuations.iter().filter(move |continued| continued.client.name() == client);
        continued.flat_map(|continued| &continued.events).collect::<Vec<_>>()
    };
    let events: Vec<&Event> = match &found.client {
        Some(client) => of_client(client),
        None => story.trunk.iter().collect(),
    };
    events.into_iter().rev().find_map(|event| match event {
        Event::Observed { moment, breaches, world, .. }
            if moment.name() == found.moment && breaches.contains_key(&found.criterion) =>
        {
            Some(world.name.as_str())
        }
        Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
    })
}
