//! Plays each witness again, from the template on, as a person would who types its line.
//!
//! An exploration takes short cuts: it goes on from worlds that other cases left, and lets one case stand for many. What
//! it reports must not depend on that. Where a witness does not fare as it did in the exploration, the cases for which it
//! stands are played one by one, and what they show is reported. Cases are merged by their worlds; what differs between
//! them is then in the memory of the process, or a matter of time or chance.

use std::collections::{BTreeMap, BTreeSet};

use super::exhaustive::Findings;
use super::parallel::Pool;
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

/// Cases that were played from the template on.
#[derive(Default)]
pub(crate) struct Confirmed {
    cases: BTreeMap<Vec<PlannedFault>, Again>,
    /// How many witnesses fared otherwise.
    pub(crate) otherwise: usize,
    /// How many cases were played for which those stand.
    pub(crate) one_by_one: usize,
    /// How many breaches, each of one promise by one class of faults, none of those cases shows.
    pub(crate) not_again: usize,
}

/// A case that was played again. One whose faults do not all happen has no grades.
#[derive(Default)]
struct Again {
    grades: BTreeMap<Criterion, Grade>,
    sightings: BTreeMap<Criterion, Sighting>,
    story: Option<Story>,
}

/// What is said of cases: how some of the criteria fare.
type Claims = BTreeMap<Vec<PlannedFault>, Vec<(Criterion, Grade)>>;

/// So many cases are played at most for one witness that fared otherwise.
const MOST: usize = 64;

/// Plays all witnesses again, and puts right what fares otherwise. Stories are told of those with fewer faults than this.
pub(crate) fn confirm(
    stage: &Stage<'_>,
    exploration: &mut Findings,
    with_story_below: usize,
    pool: &Pool<'_>,
) -> Result<Confirmed> {
    let mut confirmed = Confirmed::default();
    let witnesses: BTreeSet<&Vec<PlannedFault>> =
        exploration.tally.cells.values().filter_map(|entry| entry.witness.as_ref()).collect();
    let witnesses: Vec<Vec<PlannedFault>> = witnesses.into_iter().cloned().collect();
    let story = |faults: &[PlannedFault]| faults.len() < with_story_below;
    let mut claims = Claims::new();
    for (&(_, _, criterion), entry) in &exploration.tally.cells {
        if let Some(faults) = &entry.witness {
            claims.entry(faults.clone()).or_default().push((criterion, entry.grade));
        }
    }
    confirmed.play(stage, &witnesses, &claims, story, pool)?;
    let cells: Vec<_> = exploration.tally.cells.keys().copied().collect();
    for cell in cells {
        let entry = &exploration.tally.cells[&cell];
        let Some(faults) = &entry.witness else { continue };
        let (claimed, criterion) = (entry.grade, cell.2);
        if confirmed.grade(faults, criterion) == Some(claimed) {
            continue;
        }
        let mut others = exploration.stood_for(cell, claimed, MOST);
        others.retain(|other| other != faults);
        confirmed.otherwise += 1;
        confirmed.one_by_one += others.len();
        let claims = others.iter().map(|other| (other.clone(), vec![(criterion, claimed)])).collect();
        confirmed.play(stage, &others, &claims, story, pool)?;
        let played = std::iter::once(faults).chain(&others);
        let graded = played.filter_map(|faults| Some((confirmed.grade(faults, criterion)?, faults)));
        // Of several that fare alike, the first.
        let worst = graded.rev().max_by_key(|(grade, _)| *grade).map(|(grade, faults)| (grade, faults.clone()));
        let (grade, witness) = worst.unwrap_or((Grade::Held, Vec::new()));
        if grade < claimed {
            confirmed.not_again += 1;
        }
        let entry = exploration.tally.cells.get_mut(&cell).expect("a cell that is there");
        entry.grade = grade;
        entry.witness = (grade > Grade::Held).then_some(witness);
        if grade < Grade::Violated {
            entry.violations = 0;
        }
    }
    Ok(confirmed)
}

impl Confirmed {
    /// What was seen of a breach in this case.
    ///
    /// # Panics
    /// When the case was not played, or does not show it.
    pub(crate) fn sighting(&self, faults: &[PlannedFault], criterion: Criterion) -> &Sighting {
        &self.cases[faults].sightings[&criterion]
    }

    /// The stories of these cases, those that were not told yet included.
    pub(crate) fn stories(
        &mut self,
        stage: &Stage<'_>,
        told: &BTreeSet<&[PlannedFault]>,
        pool: &Pool<'_>,
    ) -> Result<Vec<Story>> {
        let untold = told.iter().filter(|faults| self.cases.get(**faults).is_none_or(|again| again.story.is_none()));
        let untold: Vec<Vec<PlannedFault>> = untold.map(|faults| faults.to_vec()).collect();
        for faults in &untold {
            self.cases.remove(faults);
        }
        self.play(stage, &untold, &Claims::new(), |_| true, pool)?;
        Ok(told.iter().filter_map(|faults| self.cases.get_mut(*faults)?.story.take()).collect())
    }

    fn grade(&self, faults: &[PlannedFault], criterion: Criterion) -> Option<Grade> {
        self.cases.get(faults)?.grades.get(&criterion).copied()
    }

    /// Plays the cases that were not played yet. Where steps come in another order each time, a case is tried again until it
    /// shows what is claimed of it, or often enough.
    fn play(
        &mut self,
        stage: &Stage<'_>,
        cases: &[Vec<PlannedFault>],
        claims: &Claims,
        with_story: impl Fn(&[PlannedFault]) -> bool + Sync,
        pool: &Pool<'_>,
    ) -> Result<()> {
        let new: Vec<&Vec<PlannedFault>> = cases.iter().filter(|faults| !self.cases.contains_key(*faults)).collect();
        pool.progress().planned(&stage.subject().name(), new.len());
        let played = pool.run(&new, |runtime, _, faults| {
            let detail = if with_story(faults) { Detail::Story } else { Detail::Evidence };
            let again = || match runtime.block_on(play(stage, faults, detail)) {
                Ok(played) => Ok(Again::new(stage, faults, played, detail)),
                Err(Error::NotFired { .. }) => Ok(Again::default()),
                Err(error) => Err(error),
            };
            let claims = claims.get(*faults).map(Vec::as_slice).unwrap_or_default();
            let is_claimed = |again: &Result<Again>| match again {
                Ok(again) => claims.iter().all(|(criterion, grade)| again.grades.get(criterion) == Some(grade)),
                Err(_) => true,
            };
            stage.tried(again, is_claimed)
        })?;
        self.cases.extend(new.into_iter().cloned().zip(played));
        Ok(())
    }
}

impl Again {
    fn new(stage: &Stage<'_>, faults: &[PlannedFault], played: Played, detail: Detail) -> Self {
        let seen = |criterion| Some((criterion, sighting(&played, criterion)?));
        let sightings = Criterion::ALL.into_iter().filter_map(seen).collect();
        let grades = grade(played.trail());
        let story = (detail == Detail::Story).then(|| played.story(stage, line(stage, faults)));
        Self { grades, sightings, story }
    }
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
