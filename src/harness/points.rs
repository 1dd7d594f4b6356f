//! Decides where halfway breaks a subject: at the steps that it names; at its file operations, if they are asked for or
//! if it names no step. A subject that passes no point gets no verdict: it would hold, whatever it did.

use std::sync::Arc;

use super::{Settings, bounds, hosting, watching};
use crate::error::{Error, Result};
use crate::explore::{Bounds, runtime};
use crate::fault::FaultClass;
use crate::run::{Stage, Watching};
use crate::subject::Subject;
use crate::world::Workshop;

/// A subject on its stage, and how it is going to be broken.
pub(super) struct Planned<'s> {
    pub(super) stage: Stage<'s>,
    pub(super) bounds: Bounds,
    /// Sentences that a reader has to know.
    pub(super) notes: Vec<String>,
}

/// Sets the stage, and looks whether there is anything to break.
///
/// # Errors
/// When there is nothing to break.
pub(super) fn planned<'s>(subject: &'s Subject, workshop: &Arc<Workshop>, settings: &Settings) -> Result<Planned<'s>> {
    let set = |watching| runtime().block_on(Stage::set(subject, workshop, hosting(settings), watching));
    // A program names no step.
    let heard = if subject.is_program() { Watching::Operations } else { Watching::Nothing };
    let was_asked_for = watching(settings) != Watching::Nothing;
    let (stage, mut bounds) = (set(watching(settings).max(heard))?, bounds(settings));
    if stage.faultless().trace.steps.iter().any(|record| record.seen.is_none()) {
        return Ok(Planned { stage, bounds, notes: Vec::new() });
    }
    let nothing = |reason: &str| Error::NothingToBreak { subject: subject.name(), reason: reason.to_owned() };
    let stage = if stage.hears_operations() {
        stage
    } else {
        set(Watching::Operations).map_err(|error| match error {
            Error::OperationsUnseen(why) => nothing(&format!("and its file operations cannot be seen: {why}")),
            other => other,
        })?
    };
    let trace = &stage.faultless().trace;
    if trace.is_empty() && subject.is_program() {
        return Err(Error::NothingChanged { subject: subject.name() });
    }
    if trace.is_empty() {
        return Err(nothing("and no file operation in its world was seen"));
    }
    if was_asked_for {
        return Ok(Planned { stage, bounds, notes: Vec::new() });
    }
    let has_statements = !trace.steps.is_empty();
    // Crashes can be asked for alone: they hit file operations too. Of the other classes of steps none does.
    let has = |class: FaultClass| bounds.faults.contains(&class);
    if !has(FaultClass::Crash) || FaultClass::OF_STEPS.into_iter().all(has) {
        bounds.faults.extend([FaultClass::DiskError, FaultClass::Torn]);
        bounds.engine_opens = true;
    }
    let said = if subject.is_program() {
        bounds.depth = bounds.depth.min(1);
        "halfway broke its file operations, one fault in each case"
    } else if has_statements {
        "it names no step: halfway broke its SQL statements instead, and its file operations, these with one fault in each case"
    } else {
        bounds.depth = bounds.depth.min(1);
        "it names no step: halfway broke its file operations instead, one fault in each case"
    };
    Ok(Planned { stage, bounds, notes: vec![said.to_owned()] })
}
