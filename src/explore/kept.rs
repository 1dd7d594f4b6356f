//! What was acknowledged has to stay: after each retry that succeeds, the application is started once more and the world is
//! looked at. Worlds that are equal, and break the same promises after the retry, are started once.

use std::collections::HashMap;
use std::sync::Arc;

use super::graph::Claims;
use super::parallel::Pool;
use crate::error::Result;
use crate::judge::{Breaches, Criterion, Judgement};
use crate::observe::Answer;
use crate::roles::Fingerprint;
use crate::run::{Case, Detail, Stage};
use crate::world::Site;

/// What makes two worlds after a retry one: the rows and files by role, and what is broken there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    world: Fingerprint,
    broken: Vec<Criterion>,
    /// Set apart from all others when nothing is to be pruned.
    apart: Option<usize>,
}

/// The world after a retry that succeeded.
pub(super) struct Acknowledged {
    key: Key,
    /// The world itself and the answer, where nobody has looked at one like it.
    world: Option<(Arc<Site>, Option<Answer>)>,
}

/// What is broken in each world once the application was started once more.
#[derive(Default)]
pub(super) struct Kept(HashMap<Key, Breaches>);

impl Kept {
    /// Keeps the world of a case that has come to the end of a retry, if the retry succeeded and the case, at this place
    /// among all, is the first to come there.
    pub(super) fn take(
        &self,
        case: &Case<'_, '_>,
        after_retry: &Judgement,
        apart: Option<usize>,
        at: usize,
        claims: &Claims<Key>,
    ) -> Result<Option<Acknowledged>> {
        if !case.answer().is_some_and(Answer::is_success) {
            return Ok(None);
        }
        let broken = after_retry.breaches.keys().copied().collect();
        let key = Key { world: after_retry.fingerprint, broken, apart };
        let is_new = !self.0.contains_key(&key) && claims.is_first(key.clone(), at);
        let world = if is_new { Some((case.image()?, case.answer().cloned())) } else { None };
        Ok(Some(Acknowledged { key, world }))
    }

    /// Starts the application on each of these worlds that is new.
    pub(super) fn learn<'k>(
        &mut self,
        stage: &Stage<'_>,
        pool: &Pool<'_>,
        acknowledged: impl Iterator<Item = &'k Acknowledged>,
    ) -> Result<()> {
        let mut new: Vec<(&Key, &Arc<Site>, &Option<Answer>)> = Vec::new();
        for Acknowledged { key, world } in acknowledged {
            // A thread that came too early keeps a world that another one stands for.
            let Some((site, answer)) = world else { continue };
            if new.iter().all(|(known, ..)| *known != key) {
                new.push((key, site, answer));
            }
        }
        let looks = pool.run(&new, |runtime, _, (_, site, answer)| {
            runtime.block_on(async {
                let watching = stage.watching(&[]);
                let mut case = Case::resume(stage, Detail::Grades, watching, site, (*answer).clone())?;
                case.once_more(None).await?;
                Ok(case.take_judgements().pop().expect("a success is looked at once more").breaches)
            })
        })?;
        self.0.extend(new.into_iter().map(|(key, ..)| key.clone()).zip(looks));
        Ok(())
    }

    /// What is broken in this world once the application was started once more.
    pub(super) fn after_restart(&self, acknowledged: Option<&Acknowledged>) -> Option<Breaches> {
        acknowledged.map(|world| self.0.get(&world.key).expect("each world after a success was looked at").clone())
    }
}
