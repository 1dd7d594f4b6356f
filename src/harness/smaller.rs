//! Makes findings smaller before they are shown, and keeps their first form.

use std::collections::BTreeMap;

use super::findings::{Witnesses, client};
use crate::error::Result;
use crate::explore::{Pool, Shrunk, Sighting, Witness, shrink};
use crate::judge::Criterion;
use crate::report::{CellFault, Finding, ShrunkFrom};
use crate::run::Stage;
use crate::story::Story;

/// The findings for which there is a smaller witness.
pub(super) type Smaller = BTreeMap<(Criterion, CellFault), Shrunk>;

/// Makes the witnesses smaller that have at least so many faults.
pub(super) fn shrunk(stage: &Stage<'_>, witnesses: &Witnesses<'_>, least: usize, pool: &Pool<'_>) -> Result<Smaller> {
    let large = witnesses.iter().filter(|(_, (_, faults))| faults.len() >= least);
    let (keys, large): (Vec<_>, Vec<_>) = large
        .map(|(&(criterion, fault), &(grade, faults))| {
            ((criterion, fault), Witness { faults: faults.to_vec(), criterion, grade })
        })
        .unzip();
    let shrunk = shrink(stage, &large, pool)?;
    Ok(keys.into_iter().zip(shrunk).filter_map(|(key, shrunk)| Some((key, shrunk?))).collect())
}

/// Shows the smaller witnesses in the place of those that were found.
pub(super) fn put_in(findings: &mut [Finding], mut smaller: Smaller, stories: &mut Vec<Story>) {
    for finding in findings {
        let Some(shrunk) = smaller.remove(&(finding.criterion, finding.fault)) else { continue };
        let Shrunk { parts, because, sighting: Sighting { moment, branch, evidence, rules }, story } = shrunk;
        finding.shrunk_from = Some(ShrunkFrom {
            schedule: std::mem::replace(&mut finding.schedule, story.schedule.clone()),
            replay: std::mem::replace(&mut finding.replay, story.again.clone()),
            because,
            first: parts,
        });
        moment.name().clone_into(&mut finding.moment);
        finding.client = client(branch).map(|client| client.name().to_owned());
        (finding.rules, finding.evidence) = (rules, evidence);
        stories.push(story);
    }
}
