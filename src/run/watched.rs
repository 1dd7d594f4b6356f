//! The file operations of one world, heard from its start to its end.

use std::sync::Arc;

use crate::disk::{Watch, Watcher};
use crate::error::Result;
use crate::fault::Survivors;
use crate::inject::{Operations, Probe, Recording, Statements};
use crate::schedule::{Place, PlannedFault};
use crate::world::{Site, Workshop};

/// Whose file operations are heard, and what is kept of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watching {
    /// Nobody's; statements are heard all the same.
    Nothing,
    /// Each is named and counted, and may be broken.
    Operations,
    /// What it changed is kept too, so that it can be told what a loss of power leaves.
    Changes,
    /// And what was there at each point of the first attempt.
    Moments,
}

impl Watching {
    /// What it takes to bring these faults about.
    pub(crate) fn needed_by(faults: &[PlannedFault]) -> Self {
        let needed = faults.iter().map(|planned| match planned.point.place {
            _ if planned.fault.needs_a_record() => Self::Changes,
            Place::Operation { .. } => Self::Operations,
            Place::Step(_) | Place::Answer => Self::Nothing,
        });
        needed.max().unwrap_or(Self::Nothing)
    }
}

/// A world whose file operations are heard, until the last of these is dropped; or at least are held up while it is copied.
#[derive(Clone)]
pub(crate) struct Watched {
    statements: Statements,
    operations: Option<Arc<Operations>>,
    watch: Arc<Watch>,
}

impl Watched {
    /// Hears the operations on a world from now on, as far as that is asked for.
    pub(super) fn start(site: &Site, watching: Watching) -> Result<Self> {
        let recording = match watching {
            Watching::Nothing | Watching::Operations => None,
            Watching::Changes | Watching::Moments => Some(Arc::new(Recording::new(site.tree()?))),
        };
        let statements = Statements::default();
        let is_heard = watching != Watching::Nothing;
        let operations = is_heard.then(|| Arc::new(Operations::new(statements.clone(), recording)));
        let watcher: Arc<dyn Watcher> = match &operations {
            Some(operations) => Arc::clone(operations) as _,
            None => Arc::new(statements.clone()),
        };
        Ok(Self { statements, operations, watch: Arc::new(Watch::start(site.root(), watcher)) })
    }

    /// Waits until nothing that was begun in the world is still going on in another thread.
    /// Returns whether that came about.
    pub(super) fn settle(&self) -> bool {
        self.watch.settle()
    }

    /// What waits so and tells how often anything was changed in the world, for whoever has nothing else to do with it.
    pub(super) fn settling(&self) -> impl Fn() -> Option<u64> + Send + Sync + 'static {
        let watch = Arc::clone(&self.watch);
        move || {
            watch.settle();
            watch.changes()
        }
    }

    /// Whether anybody listens to file operations.
    pub(super) const fn is_heard(&self) -> bool {
        self.operations.is_some()
    }

    /// The world as it is at this instant, elsewhere; no operation is on its way meanwhile.
    pub(super) fn copy(
        &self,
        site: &Arc<Site>,
        workshop: &Arc<Workshop>,
    ) -> impl Fn() -> Result<Site> + Send + Sync + 'static {
        let (watch, site, workshop) = (Arc::clone(&self.watch), Arc::clone(site), Arc::clone(workshop));
        move || watch.pause(|| site.copy(&workshop))
    }

    /// From now on statements and operations belong to this run of a phase.
    pub(super) fn begin(&self, probe: Probe) {
        self.statements.begin(probe.clone());
        if let Some(operations) = &self.operations {
            operations.begin(probe);
        }
    }

    /// From now on they belong to no phase.
    pub(super) fn end(&self) {
        self.statements.end();
        if let Some(operations) = &self.operations {
            operations.end();
        }
    }

    /// What was changed so far, where it is kept.
    pub(super) fn recording(&self) -> Option<&Arc<Recording>> {
        self.operations.as_ref().and_then(|operations| operations.recording())
    }

    /// How the world looks if the power goes, at the moment at which that is asked.
    pub(super) fn power_loss(
        &self,
        workshop: &Arc<Workshop>,
    ) -> impl Fn(Survivors) -> Result<Site> + Send + Sync + 'static {
        let (recording, workshop) = (self.recording().cloned(), Arc::clone(workshop));
        move |survivors| {
            let recording = recording.as_ref().expect("what is broken by a loss of power is recorded");
            Site::plant(&recording.storage().after_power_loss(survivors), &workshop)
        }
    }
}
