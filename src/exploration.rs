//! The harness for one flow, as a test calls it.

mod again;
mod kept;
mod on_the_way;
mod shared;
mod target;

use std::num::NonZeroUsize;
use std::panic::Location;
use std::time::Duration;

use crate::error::Result;
use crate::fault::FaultClass;
use crate::flow::Flow;
use crate::harness::{Explored, RuntimeKind, Settings, explore_all};
use crate::judge::Grade;
use crate::report::{Expect, text};
use crate::rules::Rules;
use crate::subject::{Again, Subject};

use on_the_way::OnTheWay;

/// The width of the report of a failed assertion, in columns: `cargo test` does not say how wide the terminal is.
const REPORT_WIDTH: usize = 100;

/// Breaks a flow at every step in every way. [`Exploration`] has the settings, and the ways to use the result.
///
/// Each finding ends with the line that repeats its case in this test:
/// `HALFWAY_REPLAY='…' cargo test -p PACKAGE --test FILE NAME -- --nocapture`. With this variable the test plays that case alone,
/// tells its story, and judges it. With `HALFWAY_OUT=FOLDER` the test writes its report into that folder, as
/// `FLOW.STRATEGY.TEST.json`. With `HALFWAY_SHARD=2/4` the second of four machines asserts its part of the strategies,
/// and passes the others by. A test that takes long says on the standard error how far it is; `HALFWAY_PROGRESS=always`
/// has it say so from the start, `HALFWAY_PROGRESS=never` keeps it quiet.
#[track_caller]
pub fn explore<F: Flow>(flow: F, request: F::Request) -> Exploration {
    let target = target::target(Location::caller().file());
    let again = Again::Test { package: again::package(), target, name: again::test() };
    let subject = Subject::new(flow, request).repeated_by(again);
    Exploration { subject, settings: Settings::default() }
}

/// An exploration that is about to start.
///
/// Without any setting it tries every fault, alone and in pairs, on all cores.
#[must_use = "nothing is explored before `run`, `assert_holds` or `assert_caught` is called"]
pub struct Exploration {
    subject: Subject,
    settings: Settings,
}

impl Exploration {
    /// The greatest number of faults in one case.
    pub fn depth(mut self, faults: u32) -> Self {
        self.settings.depth = faults;
        self
    }

    /// Tries only these classes of faults.
    pub fn faults(mut self, classes: impl IntoIterator<Item = FaultClass>) -> Self {
        self.settings.faults = classes.into_iter().collect();
        self
    }

    /// Draws this many cases at random from this seed, instead of running all of them.
    pub fn random(mut self, cases: u64, seed: u64) -> Self {
        (self.settings.random, self.settings.seed) = (Some(cases), seed);
        self
    }

    /// Judges by these rules instead of the flow's own.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.subject = self.subject.rules(rules);
        self
    }

    /// How many cases run side by side. The result does not depend on it.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.settings.jobs = jobs;
        self
    }

    /// How long one attempt, start or retry may take before it counts as hung.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Runs the application on a runtime with a second thread for spawned tasks, as `block_in_place` needs it. Without
    /// this setting all its tasks are on one thread, and come in the same order in every run.
    pub fn multi_thread(mut self) -> Self {
        self.settings.runtime = RuntimeKind::MultiThread;
        self
    }

    /// Explores, and gives the result.
    ///
    /// # Errors
    /// When the harness could not do its job: the flow fails without any fault, or two runs of it differ.
    #[track_caller]
    pub fn run(self) -> Result<Explored> {
        again::replayed(&self.subject, &self.settings);
        self.explored()
    }

    fn explored(self) -> Result<Explored> {
        let progress = OnTheWay::of(&self.settings);
        let explored = explore_all(&[self.subject], &self.settings, &progress)?;
        kept::keep(&explored.report);
        Ok(explored)
    }

    /// Explores, and fails if a criterion is worse than healed by recovery.
    ///
    /// # Panics
    /// With the report as text, when a criterion is worse than that; with the reason, when the harness could not tell.
    #[track_caller]
    pub fn assert_holds(mut self) {
        self.subject = self.subject.expect(Expect::Holds);
        self.assert();
    }

    /// Explores, and fails if no criterion is violated: a check of the harness itself, or of a repair still to come.
    ///
    /// # Panics
    /// With the report as text, when no criterion is violated; with the reason, when the harness could not tell.
    #[track_caller]
    pub fn assert_caught(mut self) {
        self.subject = self.subject.expect(Expect::Caught);
        self.assert();
    }

    #[track_caller]
    fn assert(self) {
        if let Some(story) = again::replayed(&self.subject, &self.settings) {
            let worst = story.verdict.values().copied().max().unwrap_or(Grade::Held);
            // One case need not show the weakness that there is.
            let is_as_expected = self.subject.expected() == Expect::Caught || Expect::Holds.is_met_by(worst);
            assert!(is_as_expected, "{} was to hold, and this case is {}", self.subject.name(), worst.name());
            return;
        }
        if shared::is_of_another_shard(&self.subject) {
            return;
        }
        let explored =
            self.explored().unwrap_or_else(|error| panic!("could not tell: {}", crate::error::in_full(&error)));
        if let Some(error) = explored.not_fired.first() {
            panic!("could not tell: {error}");
        }
        assert!(explored.is_as_expected(), "{}", text::render(&explored.report, REPORT_WIDTH));
    }
}
