//! Schedules drawn at random: any number of faults, at points that only show as the case unfolds.

use super::Bounds;
use super::points::{Causes, faults_at};
use crate::error::Result;
use crate::inject::Record;
use crate::run::{Detail, Played, Stage, play};
use crate::schedule::{Phase, PlannedFault};

/// Turns numbers into faults: each number picks one of all the faults that can come next, so that smaller numbers pick
/// earlier points, and fewer numbers make fewer faults. Whoever draws the numbers can shrink them.
///
/// Returns the faults and the case that they make.
pub(crate) async fn draw(stage: &Stage<'_>, bounds: &Bounds, picks: &[u32]) -> Result<(Vec<PlannedFault>, Played)> {
    let mut faults: Vec<PlannedFault> = Vec::new();
    let mut played = play(stage, &faults, Detail::Evidence).await?;
    for &pick in picks {
        let candidates = candidates(stage, bounds, &faults, &played);
        if candidates.is_empty() {
            break;
        }
        faults.push(candidates[pick as usize % candidates.len()].clone());
        played = play(stage, &faults, Detail::Evidence).await?;
    }
    Ok((faults, played))
}

/// All the faults that can come next.
fn candidates(stage: &Stage<'_>, bounds: &Bounds, faults: &[PlannedFault], played: &Played) -> Vec<PlannedFault> {
    let at = |phase: Phase, records: &[Record]| -> Vec<PlannedFault> {
        records.iter().flat_map(|record| faults_at(phase, record, &bounds.faults, Causes::All)).collect()
    };
    let Some(last) = faults.last() else {
        return at(Phase::Attempt, &stage.faultless().0.steps);
    };
    let step = last.point.place.step();
    let after = step
        .and_then(|step| played.trace.steps.iter().position(|record| record.is(step)))
        .map_or(played.trace.steps.len(), |at| at + 1);
    let mut candidates = at(last.phase, &played.trace.steps[after..]);
    for continued in &played.continuations {
        for (phase, trace) in &continued.phases {
            candidates.extend(at(*phase, &trace.steps));
        }
    }
    candidates
}
