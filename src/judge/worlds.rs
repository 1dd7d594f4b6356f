//! Criteria about the world as a whole: as before, or as after a run without faults.

use super::Scene;
use crate::roles::{Extras, Part, Seen};

/// The world holds what was there before, or the whole result, never a mixture; an acknowledged import is there.
pub(super) fn all_or_nothing(scene: &Scene) -> Vec<String> {
    if let Some(damage) = &scene.now.observation.damage {
        return vec![format!("the database is damaged: {damage}")];
    }
    let is_acknowledged = scene.now.observation.answer.as_ref().is_some_and(crate::observe::Answer::is_success);
    if is_as(scene, &scene.result) || (!is_acknowledged && is_as(scene, &scene.before)) {
        return Vec::new();
    }
    let (headline, differences) = if is_acknowledged {
        ("success was answered, and this is not the result", scene.difference_from_result())
    } else {
        let left = scene.difference(scene.before, Extras::Told);
        ("this is neither what was there before nor the whole result", left)
    };
    std::iter::once(headline.to_owned()).chain(differences).collect()
}

/// After the retry the world equals the world of a run without faults.
pub(super) fn retry_converges(scene: &Scene) -> Vec<String> {
    if is_as(scene, &scene.result) { Vec::new() } else { scene.difference_from_result() }
}

/// Whether the world is that one, but for what logs hold beyond it.
fn is_as(scene: &Scene, other: &Seen) -> bool {
    scene.now.form.fingerprint_without_logs() == other.form.fingerprint_without_logs()
        && other.form.is_contained_in(scene.now.form, Part::Logs)
}
