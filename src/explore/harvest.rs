//! Has all the worlds judged that one recorded attempt shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::images::{Images, World};
use super::parallel::{Pool, runtime};
use crate::durability::{Item, Tree};
use crate::error::{Error, Result};
use crate::fault::FaultClass;
use crate::judge::Judgement;
use crate::observe::Answer;
use crate::run::{Case, Detail, Stage, Watching};
use crate::schedule::PlannedFault;
use crate::world::Site;

/// The worlds that faults leave which end the process, each judged once.
pub(super) struct Harvest {
    /// Which world each fault leaves.
    pub(super) found: Vec<(PlannedFault, usize)>,
    /// The worlds.
    pub(super) worlds: Vec<Judged>,
}

/// A world that was judged.
pub(super) struct Judged {
    /// How.
    pub(super) judgement: Judgement,
    /// What the caller was told.
    pub(super) answer: Option<Answer>,
    /// The world itself.
    pub(super) image: Arc<Site>,
}

/// So many worlds are held in memory for each job,
const BATCH: usize = 32;
/// and no more once their files have so many bytes.
const MOST: usize = 256 << 20;

/// What came of the recorded attempt.
#[derive(Default)]
pub(super) struct Harvested {
    /// The worlds that it shows.
    pub(super) harvest: Option<Harvest>,
    /// The first file that something changes in a way that is not seen.
    pub(super) missed: Option<String>,
}

/// Makes one attempt, and judges the worlds that it goes through. Nothing is told of a subject whose file operations
/// cannot be followed: its crashes have to be carried out.
///
/// # Errors
/// When faults are asked for that can be told from a complete record only, and it is not complete.
pub(super) fn harvest(stage: &Stage<'_>, classes: &BTreeSet<FaultClass>, pool: &Pool<'_>) -> Result<Harvested> {
    if !classes.contains(&FaultClass::Crash) && !classes.iter().any(|class| class.is_of_operations()) {
        return Ok(Harvested::default());
    }
    let recorded = runtime().block_on(async {
        let mut case = Case::begin(stage, Detail::Grades, Watching::Moments).await?;
        let trace = case.attempt_unharmed().await?;
        let missed = case.missed_changes()?;
        let recording = Arc::clone(case.recording().expect("a case whose moments are asked for is recorded"));
        Ok::<_, Error>((trace, missed, recording, case.answer().cloned()))
    })?;
    let (trace, missed, recording, answer) = recorded;
    let is_needed = classes.contains(&FaultClass::PowerLoss);
    match (missed, is_needed) {
        (None, _) => {}
        (missed @ Some(_), false) => return Ok(Harvested { harvest: None, missed }),
        (Some(difference), true) => {
            return Err(Error::OperationsMissed { schedule: stage.subject().name(), difference });
        }
    }
    if stage.hears_operations() {
        stage.expect_the_same(&stage.faultless().trace, &trace)?;
    }
    let mut images = Images::new(&recording, &trace, classes, answer);
    let (mut worlds, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    let most = BATCH * pool.jobs();
    let entries = recording.entries();
    for (at, entry) in entries.iter().enumerate() {
        let new = images.advance(entry, at.checked_sub(1).map(|before| &entries[before]));
        bytes += new.iter().map(|world| size(&world.tree)).sum::<usize>();
        batch.extend(new);
        if batch.len() >= most || bytes >= MOST {
            worlds.extend(judge(stage, &std::mem::take(&mut batch), pool)?);
            bytes = 0;
        }
    }
    worlds.extend(judge(stage, &batch, pool)?);
    Ok(Harvested { harvest: Some(Harvest { found: images.found, worlds }), missed: None })
}

/// How many bytes the files of a world have.
fn size(tree: &Tree) -> usize {
    let of = |item: &Item| if let Item::File(bytes) = item { bytes.len() } else { 0 };
    tree.values().map(of).sum()
}

fn judge(stage: &Stage<'_>, worlds: &[World], pool: &Pool<'_>) -> Result<Vec<Judged>> {
    pool.progress().planned(&stage.subject().name(), worlds.len());
    pool.run(worlds, |_, _, world| {
        let image = stage.plant(&world.tree)?;
        let judgement = stage.judge_at_rest(&image, world.answer.clone())?;
        Ok(Judged { judgement, answer: world.answer.clone(), image: Arc::new(image) })
    })
}
