//! Criteria about the world as a whole: as before, or as after a run without faults.

use super::Scene;
use super::evidence::{Evidence, RowOrFile};
use crate::observe::Answer;
use crate::roles::{Extras, Part, Seen};

/// The world holds what was there before, or the whole result, never a mixture; an acknowledged import is there.
pub(super) fn all_or_nothing(scene: &Scene) -> Vec<Evidence> {
    if let Some(damage) = &scene.now.observation.damage {
        return vec![Evidence::said(format!("the database is damaged: {damage}"))];
    }
    let is_acknowledged = scene.is_owed() && scene.now.observation.answer.as_ref().is_some_and(Answer::is_success);
    if is_as(scene, &scene.result) || (!is_acknowledged && is_as(scene, &scene.before)) {
        return Vec::new();
    }
    if is_acknowledged {
        let headline = "success was answered, and this is not the result";
        said(headline, scene.difference_from_result(), scene.differing(scene.result, Extras::AllowedInLogs))
    } else {
        let headline = "this is neither what was there before nor the whole result";
        if scene.is_nearer_to_the_result() {
            let headline = format!("{headline}; compared with the whole result:");
            let places = scene.differing(scene.before, Extras::Told);
            return said(&headline, scene.difference_from_result(), places);
        }
        let left = scene.difference(scene.before, Extras::Told);
        said(headline, left, scene.differing(scene.before, Extras::Told))
    }
}

/// After the retry the world equals the world of a run without faults.
pub(super) fn retry_converges(scene: &Scene) -> Vec<Evidence> {
    if is_as(scene, &scene.result) {
        return Vec::new();
    }
    let mut differences: Vec<Evidence> = scene.difference_from_result().into_iter().map(Evidence::said).collect();
    if let Some(first) = differences.first_mut() {
        first.places = scene.differing(scene.result, Extras::AllowedInLogs);
    }
    differences
}

/// A headline, about all of these places, and what is behind it.
pub(super) fn said(headline: &str, differences: Vec<String>, places: Vec<RowOrFile>) -> Vec<Evidence> {
    let headline = Evidence::said(headline).at(places);
    std::iter::once(headline).chain(differences.into_iter().map(Evidence::said)).collect()
}

/// Whether the world is that one, but for what logs hold beyond it.
fn is_as(scene: &Scene, other: &Seen) -> bool {
    scene.now.form.fingerprint_without_logs() == other.form.fingerprint_without_logs()
        && other.form.is_contained_in(scene.now.form, Part::Logs)
}
