//! Plays each witness again, from the template on, as a person would who types its line.
//!
//! An exploration takes short cuts: it goes on from worlds that other cases left, and lets one case stand for many. What
//! it reports must not depend on that. A witness that does not fare as it did in the exploration is an error of the
//! harness, or of a flow that time or chance decides.

use std::collections::{BTreeMap, BTreeSet};

use super::parallel::Pool;
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::judge::{Branch, Criterion, Grade, grade};
use crate::observe::Moment;
use crate::run::{Detail, Played, Stage, play};
use crate::schedule::PlannedFault;
use crate::story::Story;

/// What was seen of a breach when its witness was played again.
#[derive(Clone)]
pub(crate) struct Sighting {
    /// The last moment at which it was seen.
    pub(crate) moment: Moment,
    /// In which part of the case that was.
    pub(crate) branch: Branch,
    /// What was seen.
    pub(crate) evidence: Vec<String>,
    /// The rules that this breaks.
    pub(crate) rules: Vec<String>,
}

/// The breaches of each witness.
pub(crate) type Sightings = BTreeMap<(Vec<PlannedFault>, Criterion), Sighting>;

/// What came of playing the witnesses again.
pub(crate) struct Confirmed {
    /// The breaches of each.
    pub(crate) sightings: Sightings,
    /// The stories of those that were to be told, in the order of their faults.
    pub(crate) stories: Vec<Story>,
}

/// Plays all witnesses again, and tells the stories of some.
pub(crate) fn confirm(
    stage: &Stage<'_>,
    tally: &Tally,
    told: &BTreeSet<&[PlannedFault]>,
    pool: &Pool<'_>,
) -> Result<Confirmed> {
    let witnesses: BTreeSet<&[PlannedFault]> =
        tally.cells.values().filter_map(|entry| entry.witness.as_deref()).collect();
    let witnesses: Vec<&[PlannedFault]> = witnesses.into_iter().collect();
    pool.progress().planned(&stage.subject().name(), witnesses.len());
    let played = pool.run(&witnesses, |runtime, _, faults| {
        let detail = if told.contains(faults) { Detail::Story } else { Detail::Evidence };
        let expected = tally.cells.iter().filter(|(_, entry)| entry.witness.as_deref() == Some(*faults));
        let expected: Vec<(Criterion, Grade)> =
            expected.map(|(&(_, _, criterion), entry)| (criterion, entry.grade)).collect();
        let is_as_before = |played: &Result<Played>| match played {
            Ok(played) => {
                let again = grade(played.trail());
                expected.iter().all(|(criterion, grade)| again.get(criterion) == Some(grade))
            }
            Err(error) => !matches!(error, Error::NotFired { .. }),
        };
        let played = stage.tried(|| runtime.block_on(play(stage, faults, detail)), is_as_before)?;
        let trail = played.trail();
        let sightings =
            Criterion::ALL.into_iter().filter_map(|criterion| Some((criterion, sighting(&played, criterion)?)));
        let (grades, sightings) = (grade(trail), sightings.collect::<Vec<_>>());
        let story = (detail == Detail::Story).then(|| played.story(stage, line(stage, faults)));
        Ok((grades, sightings, story))
    })?;

    let (mut sightings, mut stories) = (Sightings::new(), Vec::new());
    let mut grades: BTreeMap<&[PlannedFault], BTreeMap<Criterion, Grade>> = BTreeMap::new();
    for (faults, (graded, seen, story)) in witnesses.iter().zip(played) {
        grades.insert(faults, graded);
        stories.extend(story);
        sightings.extend(seen.into_iter().map(|(criterion, sighting)| ((faults.to_vec(), criterion), sighting)));
    }
    for (&(_, _, criterion), entry) in &tally.cells {
        let Some(faults) = &entry.witness else { continue };
        let again = grades[faults.as_slice()].get(&criterion).copied();
        if again != Some(entry.grade) {
            let schedule = line(stage, faults);
            let again = again.map_or("does not apply", Grade::name);
            let difference = format!("{criterion} was {} while exploring, and {again} when played again", entry.grade);
            return Err(Error::NotDeterministic { schedule, difference });
        }
    }
    Ok(Confirmed { sightings, stories })
}

/// What was seen of a breach in a case that was played for people.
pub(super) fn sighting(played: &Played, criterion: Criterion) -> Option<Sighting> {
    let trail = played.trail();
    let breach = trail.last_breach(criterion)?;
    let (moment, branch, evidence) = (breach.moment, breach.branch, breach.evidence.to_vec());
    let rules = played.rules(criterion, moment, branch);
    Some(Sighting { moment, branch, evidence, rules })
}

/// The schedule as it is typed.
pub(super) fn line(stage: &Stage<'_>, faults: &[PlannedFault]) -> String {
    faults.iter().fold(stage.subject().name(), |line, fault| format!("{line} {fault}"))
}
