//! Makes a witness as small as it can be: fewer faults, earlier occurrences, a smaller request.
//!
//! Greedy, and the same in every run: each smaller case is played, and taken if the same criterion has the same grade in
//! it. Of what comes out no fault can be left out under the whole request; that there is no smaller witness at all is not
//! claimed. Not tried: other faults, other points, a part of the request that is not its beginning.

use super::confirm::{Sighting, line, sighting};
use super::parallel::Pool;
use crate::error::{Error, Result};
use crate::judge::{Criterion, Grade, grade};
use crate::run::{Detail, Stage, play};
use crate::schedule::{Place, PlannedFault};
use crate::story::Story;

/// A witness, and what it shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Witness {
    /// Its faults.
    pub(crate) faults: Vec<PlannedFault>,
    /// The criterion that is broken.
    pub(crate) criterion: Criterion,
    /// How it fares.
    pub(crate) grade: Grade,
}

/// A smaller witness that shows the same.
pub(crate) struct Shrunk {
    /// How many parts of the request are sent; `None` is all of them.
    pub(crate) parts: Option<usize>,
    /// How it was made smaller.
    pub(crate) because: Vec<String>,
    /// What was seen of the breach.
    pub(crate) sighting: Sighting,
    /// What happened.
    pub(crate) story: Story,
}

/// Makes each of these witnesses smaller where that is possible.
pub(crate) fn shrink(stage: &Stage<'_>, witnesses: &[Witness], pool: &Pool<'_>) -> Result<Vec<Option<Shrunk>>> {
    pool.progress().planned(&stage.subject().name(), witnesses.len());
    pool.run(witnesses, |runtime, _, witness| runtime.block_on(shrink_one(stage, witness)))
}

async fn shrink_one(stage: &Stage<'_>, witness: &Witness) -> Result<Option<Shrunk>> {
    let mut witness = witness.clone();
    let mut numbers: Vec<usize> = (0..witness.faults.len()).collect();
    let mut because = Vec::new();
    loop {
        let steps = because.len();
        fewer_faults(stage, &mut witness, &mut numbers, &mut because).await?;
        earlier_occurrences(stage, &mut witness, &mut because).await?;
        if because.len() == steps {
            break;
        }
    }
    if let Some(shrunk) = smaller_request(stage, &witness, &because).await? {
        return Ok(Some(shrunk));
    }
    if because.is_empty() {
        return Ok(None);
    }
    tell(stage, &witness, None, because).await
}

/// Whether the case shows what the witness shows. One whose faults do not all happen does not.
async fn shows(stage: &Stage<'_>, witness: &Witness) -> Result<bool> {
    match play(stage, &witness.faults, Detail::Grades).await {
        Ok(played) => Ok(grade(played.trail()).get(&witness.criterion) == Some(&witness.grade)),
        Err(Error::NotFired { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Leaves out one fault after the other, as long as one is left. The numbers are those that the faults had at first.
async fn fewer_faults(
    stage: &Stage<'_>,
    witness: &mut Witness,
    numbers: &mut Vec<usize>,
    because: &mut Vec<String>,
) -> Result<()> {
    const NAMES: [&str; 3] = ["first", "second", "third"];
    let mut at = 0;
    while at < witness.faults.len() && witness.faults.len() > 1 {
        let mut smaller = witness.clone();
        smaller.faults.remove(at);
        if shows(stage, &smaller).await? {
            let number = numbers.remove(at);
            let name = NAMES.get(number).map_or_else(|| format!("{}th", number + 1), |name| (*name).to_owned());
            because.push(format!("the {name} fault is not needed"));
            *witness = smaller;
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// Hits earlier runs of the same steps and file operations.
async fn earlier_occurrences(stage: &Stage<'_>, witness: &mut Witness, because: &mut Vec<String>) -> Result<()> {
    for at in 0..witness.faults.len() {
        while let Some(earlier) = earlier(stage, witness, at).await? {
            because.push(format!("{} can be {}", witness.faults[at].point.place, earlier.faults[at].point.place));
            *witness = earlier;
        }
    }
    Ok(())
}

/// The witness with an earlier occurrence of one of its faults, if it shows the same.
async fn earlier(stage: &Stage<'_>, witness: &Witness, at: usize) -> Result<Option<Witness>> {
    for pick in [of_step, of_operation] {
        let mut known = witness.clone();
        let Some(&mut occurrence) = pick(&mut known.faults[at].point.place) else { continue };
        let mut tries = vec![1, occurrence / 2, occurrence.saturating_sub(1)];
        tries.dedup();
        for earlier in tries.into_iter().filter(|&earlier| earlier >= 1 && earlier < occurrence) {
            let mut smaller = witness.clone();
            if let Some(occurrence) = pick(&mut smaller.faults[at].point.place) {
                *occurrence = earlier;
            }
            if shows(stage, &smaller).await? {
                return Ok(Some(smaller));
            }
        }
    }
    Ok(None)
}

fn of_step(place: &mut Place) -> Option<&mut u32> {
    match place {
        Place::Step(run) | Place::Operation { within: Some(run), .. } => Some(&mut run.occurrence),
        Place::Operation { within: None, .. } | Place::Answer => None,
    }
}

fn of_operation(place: &mut Place) -> Option<&mut u32> {
    match place {
        Place::Operation { operation, .. } => Some(&mut operation.occurrence),
        Place::Step(_) | Place::Answer => None,
    }
}

/// Sends the beginning of the request only: one part, then two, four and so on, until they show the same.
async fn smaller_request(stage: &Stage<'_>, witness: &Witness, because: &[String]) -> Result<Option<Shrunk>> {
    let mut parts = 1;
    while let Some(subject) = stage.subject().first_parts(parts) {
        let set = stage.of_other(&subject).await;
        match set {
            Ok(small) if shows(&small, witness).await? => {
                let enough = if parts == 1 {
                    "part of the request is".to_owned()
                } else {
                    format!("{parts} parts of the request are")
                };
                let because = because.iter().cloned().chain([format!("the first {enough} enough")]).collect();
                return tell(&small, witness, Some(parts), because).await;
            }
            // A request that cannot be carried out, or makes no row that a rule names, is no smaller one.
            Ok(_) | Err(Error::NoReference { .. } | Error::Rules { .. } | Error::Prepare { .. }) => {}
            Err(error) => return Err(error),
        }
        parts *= 2;
    }
    Ok(None)
}

async fn tell(
    stage: &Stage<'_>,
    witness: &Witness,
    parts: Option<usize>,
    because: Vec<String>,
) -> Result<Option<Shrunk>> {
    let played = play(stage, &witness.faults, Detail::Story).await?;
    let schedule = line(stage, &witness.faults);
    let again = grade(played.trail()).get(&witness.criterion).copied();
    // One that does not show it twice is no witness; the one that was found is shown.
    let sighting = sighting(&played, witness.criterion).filter(|_| again == Some(witness.grade));
    Ok(sighting.map(|sighting| Shrunk { parts, because, sighting, story: played.story(stage, schedule) }))
}
