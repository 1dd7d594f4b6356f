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
use crate::run::{Detail, Stage, play};
use crate::schedule::PlannedFault;

/// What was seen of a breach when its witness was played again.
#[derive(Clone)]
pub(crate) struct Sighting {
    /// The last moment at which it was seen.
    pub(crate) moment: Moment,
    /// In which part of the case that was.
    pub(crate) branch: Branch,
    /// What was seen.
    pub(crate) evidence: Vec<String>,
}

/// The breaches of each witness.
pub(crate) type Sightings = BTreeMap<(Vec<PlannedFault>, Criterion), Sighting>;

/// Plays all witnesses again.
pub(crate) fn confirm(stage: &Stage<'_>, tally: &Tally, pool: &Pool<'_>) -> Result<Sightings> {
    let witnesses: BTreeSet<&[PlannedFault]> =
        tally.cells.values().filter_map(|entry| entry.witness.as_deref()).collect();
    let witnesses: Vec<&[PlannedFault]> = witnesses.into_iter().collect();
    pool.progress().planned(&stage.subject().name(), witnesses.len());
    let played = pool.run(&witnesses, |runtime, _, faults| {
        let played = runtime.block_on(play(stage, faults, Detail::Evidence))?;
        let trail = played.trail();
        let sightings = Criterion::ALL.into_iter().filter_map(|criterion| {
            let breach = trail.last_breach(criterion)?;
            let evidence = breach.evidence.to_vec();
            Some((criterion, Sighting { moment: breach.moment, branch: breach.branch, evidence }))
        });
        Ok((grade(trail), sightings.collect::<Vec<_>>()))
    })?;

    let mut sightings = Sightings::new();
    let mut grades: BTreeMap<&[PlannedFault], BTreeMap<Criterion, Grade>> = BTreeMap::new();
    for (faults, (graded, seen)) in witnesses.iter().zip(played) {
        grades.insert(faults, graded);
        sightings.extend(seen.into_iter().map(|(criterion, sighting)| ((faults.to_vec(), criterion), sighting)));
    }
    for (&(_, _, criterion), entry) in &tally.cells {
        let Some(faults) = &entry.witness else { continue };
        let again = grades[faults.as_slice()].get(&criterion).copied();
        if again != Some(entry.grade) {
            let schedule = faults.iter().fold(stage.subject().name(), |line, fault| format!("{line} {fault}"));
            let again = again.map_or("does not apply", Grade::name);
            let difference = format!("{criterion} was {} while exploring, and {again} when played again", entry.grade);
            return Err(Error::NotDeterministic { schedule, difference });
        }
    }
    Ok(sightings)
}
