//! The faults of a case, each in its phase, before anybody sends the request again in peace.

use super::{Begun, Case, Process};
use crate::error::{Error, Result};
use crate::inject::Trace;
use crate::judge::Judgement;
use crate::observe::Moment;
use crate::roles::Fingerprint;
use crate::run::stage::Detail;
use crate::schedule::{Phase, PlannedFault};

/// What came of the faults of a case, before anybody sends the request again in peace.
pub(crate) struct Trunk {
    /// The steps and file operations of the last phase.
    pub(crate) trace: Trace,
    /// What was judged at rest, after each faulted phase. The last is the world from which the case goes on.
    pub(crate) judgements: Vec<Judgement>,
    /// The world at the instant of the last fault, where the flow saw it and went on.
    pub(crate) at_hit: Option<Fingerprint>,
}

impl Case<'_, '_> {
    /// Lets the faults happen, each in its phase, and looks at the world after each phase, but for those whose faults are
    /// among the first `known`: what is at rest after them was seen before.
    pub(crate) async fn trunk(&mut self, faults: &[PlannedFault], known: usize) -> Result<Trunk> {
        let mut rest = faults;
        let mut trace = Trace::default();
        while let Some(next) = rest.first() {
            let same_phase = rest.iter().take_while(|fault| fault.phase == next.phase).count();
            trace = self.faulted(next.phase, rest[..same_phase].to_vec(), faults).await?;
            let hits = trace.hits.len();
            if hits == 0 {
                return Err(self.not_fired(faults, next, "; the phase does not come to this point"));
            }
            rest = &rest[hits..];
            if faults.len() - rest.len() > known {
                self.observe(Moment::AtRest)?;
            }
        }
        let at_hit = self.at_hit.take().map(|site| self.stage.look_at(&site, None)).transpose()?;
        let at_hit = at_hit.map(|observation| self.stage.fingerprint(&observation));
        Ok(Trunk { trace, judgements: std::mem::take(&mut self.judgements), at_hit })
    }

    async fn faulted(&mut self, phase: Phase, plan: Vec<PlannedFault>, all: &[PlannedFault]) -> Result<Trace> {
        let impossible = match (phase, &self.process, self.begun) {
            (Phase::Attempt, _, Begun::Asked | Begun::StartBroken) => Some("; the first attempt is over by then"),
            (Phase::FirstBoot, _, Begun::Started | Begun::StartBroken | Begun::Asked) => {
                Some("; the first start is over by then")
            }
            (Phase::Impatient, Process::Down { .. }, _) => Some("; no process survived that could be asked again"),
            _ => None,
        };
        if let Some(reason) = impossible {
            return Err(self.not_fired(all, &plan[0], reason));
        }
        if self.begun == Begun::Started && phase != Phase::Attempt {
            self.attempt_unharmed().await?;
            self.observe(Moment::AtRest)?;
        }
        match phase {
            // Whoever asks for something now asks an application that was started again.
            Phase::FirstBoot => {
                self.begun = Begun::StartBroken;
                self.boot(phase, plan).await
            }
            Phase::Attempt | Phase::Impatient => self.import(phase, plan).await,
            Phase::Boot => {
                self.end_process()?;
                self.boot(phase, plan).await
            }
            Phase::Retry => {
                self.end_process()?;
                self.boot(Phase::Boot, Vec::new()).await?;
                // The case without this fault is judged here; for a person the moment belongs to the story.
                if self.detail == Detail::Story {
                    self.observe(Moment::AfterRecovery)?;
                    self.judgements.pop();
                }
                self.import(phase, plan).await
            }
        }
    }

    fn not_fired(&self, faults: &[PlannedFault], fault: &PlannedFault, hint: &str) -> Error {
        let schedule = faults.iter().fold(self.stage.subject.name(), |line, fault| format!("{line} {fault}"));
        Error::NotFired { schedule, fault: fault.to_string(), hint: hint.to_owned() }
    }
}
