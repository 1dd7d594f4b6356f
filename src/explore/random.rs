//! Schedules drawn at random: any number of faults, at points that only show as the case unfolds.
//!
//! Where there are too many cases to run them all, some of them are better than none: nothing is said of those that were
//! not drawn. The numbers that pick the faults come from a seed, before any case is run, so that neither the threads nor
//! the results have a part in them.

use std::collections::{BTreeMap, BTreeSet};

use super::Bounds;
use super::exhaustive::Findings;
use super::known::KnownPoints;
use super::parallel::Pool;
use super::points::{Causes, first_faults, further_faults};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::inject::Trace;
use crate::judge::{Criterion, Grade, grade};
use crate::run::{Detail, Played, Stage, play};
use crate::schedule::{Phase, Place, PlannedFault};

/// How many cases are kept until what they met is noted.
const BATCH: usize = 256;

/// How many cases to draw, and from which seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawing {
    /// The cases.
    pub(crate) cases: u64,
    /// The seed. Equal seeds give equal cases, whatever else is explored.
    pub(crate) seed: u64,
}

/// A case that was drawn and run.
struct Drawn {
    faults: Vec<PlannedFault>,
    grades: BTreeMap<Criterion, Grade>,
    /// What the last of its faults and the continuations came through.
    phases: Vec<(Phase, Trace)>,
}

/// Runs cases that are drawn at random, each with one fault or more, up to the depth.
pub(crate) fn explore_drawn(stage: &Stage<'_>, bounds: &Bounds, drawing: Drawing, pool: &Pool<'_>) -> Result<Findings> {
    let (mut tally, mut met, mut not_fired) = (Tally::default(), KnownPoints::default(), Vec::new());
    tally.without_faults(stage.faultless());
    met.add(Phase::Attempt, &stage.faultless().trace);
    let planned = usize::try_from(drawing.cases).unwrap_or(usize::MAX);
    pool.progress().planned(&stage.subject().name(), planned);

    let mut generator = fastrand::Rng::with_seed(drawing.seed);
    let mut left = planned;
    while left > 0 {
        let batch: Vec<Vec<u32>> = (0..left.min(BATCH)).map(|_| picks(&mut generator, bounds.depth)).collect();
        left -= batch.len();
        let drawn = pool.run(&batch, |runtime, _, picks| {
            match stage.tried(
                || runtime.block_on(draw(stage, bounds, picks, Detail::Grades)),
                |outcome| !matches!(outcome, Err(Error::NotFired { .. })),
            ) {
                Ok((faults, played)) => {
                    Ok(Ok(Drawn { grades: grade(played.trail()), phases: phases(played, &faults), faults }))
                }
                Err(error @ Error::NotFired { .. }) => Ok(Err(error)),
                Err(error) => Err(error),
            }
        })?;
        for case in drawn {
            match case {
                Ok(Drawn { faults, grades, phases }) => {
                    tally.case(&faults, &grades);
                    for (phase, trace) in &phases {
                        met.add(*phase, trace);
                    }
                }
                Err(_) if stage.is_shuffled() => {}
                Err(error) => not_fired.push(error),
            }
        }
    }
    // The run without faults is one of the cases.
    let (nodes, ran) = (Vec::new(), Vec::new());
    Ok(Findings { tally, met, cases: drawing.cases + 1, pruned: 0, not_fired, unreached: 0, missed: None, nodes, ran })
}

/// The numbers that pick the faults of one case.
fn picks(generator: &mut fastrand::Rng, depth: u32) -> Vec<u32> {
    let count = generator.u32(1..=depth.max(1));
    (0..count).map(|_| generator.u32(..)).collect()
}

fn phases(played: Played, faults: &[PlannedFault]) -> Vec<(Phase, Trace)> {
    let last = faults.last().map_or(Phase::Attempt, |last| last.phase);
    let continued = played.continuations.into_iter().flat_map(|continued| continued.phases);
    std::iter::once((last, played.trace)).chain(continued).collect()
}

/// Turns numbers into faults: each number picks one of all the faults that can come next, so that smaller numbers pick
/// earlier points, and fewer numbers make fewer faults. Whoever draws the numbers can shrink them.
///
/// Returns the faults and the case that they make.
pub(crate) async fn draw(
    stage: &Stage<'_>,
    bounds: &Bounds,
    picks: &[u32],
    detail: Detail,
) -> Result<(Vec<PlannedFault>, Played)> {
    let mut faults: Vec<PlannedFault> = Vec::new();
    let mut played = None;
    for &pick in picks {
        let candidates = candidates(stage, bounds, &faults, played.as_ref());
        if candidates.is_empty() {
            break;
        }
        faults.push(candidates[pick as usize % candidates.len()].clone());
        played = Some(play(stage, &faults, detail).await?);
    }
    let played = match played {
        Some(played) => played,
        None => play(stage, &faults, detail).await?,
    };
    Ok((faults, played))
}

/// All the faults that can come next.
fn candidates(
    stage: &Stage<'_>,
    bounds: &Bounds,
    faults: &[PlannedFault],
    played: Option<&Played>,
) -> Vec<PlannedFault> {
    let (Some(last), Some(played)) = (faults.last(), played) else {
        let mut any = any_first(bounds, Phase::Attempt, &stage.faultless().trace);
        any.extend(any_first(bounds, Phase::FirstBoot, stage.first_boot()));
        return any;
    };
    let mut candidates = any_further(bounds, last.phase, &played.trace.after(&last.point.place));
    // An attempt that does not see its fault gives no answer.
    candidates.retain(|next| next.point.place != Place::Answer || last.fault.is_seen_by_the_flow());
    for continued in &played.continuations {
        for (phase, trace) in &continued.phases {
            candidates.extend(any_further(bounds, *phase, trace));
        }
    }
    candidates
}

fn any_first(bounds: &Bounds, phase: Phase, trace: &Trace) -> Vec<PlannedFault> {
    any(first_faults(bounds, phase, trace), further_faults(bounds, phase, trace, Causes::Usual))
}

fn any_further(bounds: &Bounds, phase: Phase, trace: &Trace) -> Vec<PlannedFault> {
    any(further_faults(bounds, phase, trace, Causes::All), further_faults(bounds, phase, trace, Causes::Usual))
}

/// Every fault with every cause, and the losses of power that can be told of without a record of what came before.
fn any(mut faults: Vec<PlannedFault>, usual: Vec<PlannedFault>) -> Vec<PlannedFault> {
    let known: BTreeSet<PlannedFault> = faults.iter().cloned().collect();
    faults.extend(usual.into_iter().filter(|fault| !known.contains(fault)));
    faults
}
