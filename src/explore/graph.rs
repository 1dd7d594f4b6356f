//! The states that cases pass through, each kept once.
//!
//! After a fault a case stands at a *node*: the flow saw the fault and cleans up; the process is down and left this
//! world; or it survived and may be asked again. What can come after a node does not depend on how it was reached, so
//! cases that reach the same node share everything that follows. Not compared is what a process that survived holds in
//! memory. Therefore each first fault is followed by an impatient retry of its own; after further faults there is one
//! for each world and class of the last fault, and faults within such a retry are tried once per world.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fault::FaultClass;
use crate::inject::Trace;
use crate::judge::{Breaches, Criterion, Restarted, Retried};
use crate::observe::Answer;
use crate::roles::Fingerprint;
use crate::schedule::PlannedFault;
use crate::world::Site;

/// What makes two worlds equal for all that follows: rows and files by role, and what the caller was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    world: Fingerprint,
    told: String,
    /// Set apart from all others when nothing is to be pruned.
    apart: Option<usize>,
}

/// What makes two nodes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// The process is down.
    Down(Key),
    /// The process was started again, on a world that it recovered as far as it does; these criteria were broken at rest
    /// before that.
    Ready(Key, Vec<Criterion>),
    /// The process survived.
    Alive(Key),
    /// The flow saw a fault and went on: from the same node, with the same world at that instant, through the same
    /// steps, to the same end.
    Cleanup { from: NodeId, at_hit: Fingerprint, rest: Trace, end: Key },
}

impl Key {
    pub(super) fn new(world: Fingerprint, answer: Option<&Answer>, apart: Option<usize>) -> Self {
        let told = match answer {
            // Nobody was told that it is done; why not makes no difference to what has to be there.
            None | Some(Answer::Failure(_) | Answer::Panicked { injected: true, .. }) => String::new(),
            Some(other) => format!("{other:?}"),
        };
        Self { world, told, apart }
    }

    /// Not equal to any other, for all that follows.
    pub(super) fn set_apart(self, number: usize) -> Self {
        Self { apart: Some(number), ..self }
    }

    /// Of the world.
    pub(super) const fn world(&self) -> Fingerprint {
        self.world
    }
}

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub(super) usize);

impl NodeId {
    /// The state before the first attempt.
    pub(super) const ROOT: Self = Self(0);
}

/// From where a case is run.
#[derive(Clone)]
pub(super) enum Start {
    /// From the template: the first attempt is still to come.
    Template,
    /// From the world that a process left, with the last answer that the caller got.
    Image(Arc<Site>, Option<Answer>),
}

/// A state, and what is known of what follows it.
pub(super) struct Node {
    /// From where a case that goes on from here is run.
    pub(super) start: Start,
    /// The faults between that start and this node: none where the start is this very state.
    pub(super) replayed: Vec<PlannedFault>,
    /// What was broken at rest on the way here, the replayed faults included where a world was at rest after them.
    pub(super) at_rest: Vec<Breaches>,
    /// What is broken after recovery and after the retry. Only where the process is down.
    pub(super) restarted: Option<Restart>,
    /// The node to which a restart leads, where the retry begins. Only where the process is down.
    pub(super) ready: Option<NodeId>,
    /// How cases get here, by the number of their faults and the class of the first.
    pub(super) paths: BTreeMap<(usize, FaultClass), Paths>,
}

/// What is broken after a restart.
pub(super) struct Restart {
    pub(super) after_recovery: Breaches,
    pub(super) retry: Retry,
}

/// What is broken from a retry on.
#[derive(Clone)]
pub(super) struct Retry {
    pub(super) after_retry: Breaches,
    /// Once the application was started once more; where the retry succeeded.
    pub(super) after_restart: Option<Breaches>,
}

impl Restart {
    pub(super) fn graded(&self) -> Restarted<'_> {
        Restarted { after_recovery: &self.after_recovery, retried: self.retry.graded() }
    }
}

impl Retry {
    pub(super) fn graded(&self) -> Retried<'_> {
        Retried { after_retry: &self.after_retry, after_restart: self.after_restart.as_ref() }
    }
}

/// The cases that come to a node.
#[derive(Clone)]
pub(super) struct Paths {
    /// How many.
    pub(super) count: u64,
    /// The faults of the first of them.
    pub(super) first: Vec<PlannedFault>,
}

/// A case that was run: one more fault on top of a node, and what came of it.
pub(super) struct Ran {
    /// The node from which it went on.
    pub(super) from: NodeId,
    /// The fault since then.
    pub(super) fault: PlannedFault,
    /// What was broken at rest, from the template on.
    pub(super) at_rest: Vec<Breaches>,
    /// What is broken after the impatient client's retry, where the process survived.
    pub(super) impatient: Option<Retry>,
    /// The node at which the process is down.
    pub(super) down: NodeId,
    /// The node at which it survived.
    pub(super) alive: Option<NodeId>,
    /// The node at which the flow saw the last fault and went on.
    pub(super) cleanup: Option<NodeId>,
}

/// Who does what has to be done once: of all cases with the same key, the first in order, whatever the order in which
/// threads get there.
pub(super) struct Claims<K>(Mutex<HashMap<K, usize>>);

impl<K: Eq + Hash> Claims<K> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Whether the case at this position is, so far, the first with this key. The first of all is told so in any case.
    pub(super) fn is_first(&self, key: K, at: usize) -> bool {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let holder = claims.entry(key).or_insert(at);
        *holder = at.min(*holder);
        *holder == at
    }
}
