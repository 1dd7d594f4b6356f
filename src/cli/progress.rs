//! Shows how a run gets on, on a terminal, and stops it when somebody wants that.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use crate::Progress;

/// A bar on the standard error; nothing where that is no terminal.
pub(super) struct Bar {
    shown: ProgressBar,
    findings: Arc<AtomicUsize>,
    subjects: Arc<Mutex<Subjects>>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default)]
struct Subjects {
    /// Those that were begun in this run.
    begun: u32,
    /// Those that have not been.
    ahead: u32,
}

impl Bar {
    /// A bar with nothing to do yet.
    pub(super) fn new() -> Self {
        let (findings, subjects) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Subjects>>::default());
        let (seen, known) = (Arc::clone(&findings), Arc::clone(&subjects));
        let numbers = move |state: &ProgressState, to: &mut dyn Write| {
            let subjects = *known.lock().unwrap_or_else(PoisonError::into_inner);
            let cases = Cases { done: state.pos(), planned: state.len().unwrap_or_default(), elapsed: state.elapsed() };
            // A bar that cannot be drawn is no reason to stop.
            let _ = to.write_str(&cases.told(seen.load(Ordering::Relaxed), subjects));
        };
        let style = ProgressStyle::with_template("{msg}\n{wide_bar}  {numbers}");
        let bar = ProgressBar::new(0);
        bar.set_style(style.expect("the template is well formed").with_key("numbers", numbers));
        Self { shown: bar, findings, subjects }
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub(super) fn clear(&self) {
        self.shown.finish_and_clear();
    }
}

impl Progress for Bar {
    fn began(&self, subject: &str, number: usize, subjects: usize) {
        let mut known = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        known.begun += 1;
        known.ahead = u32::try_from(subjects.saturating_sub(number)).unwrap_or(u32::MAX);
        self.shown.set_message(format!("{subject}, {number} of {subjects}"));
    }

    fn planned(&self, subject: &str, cases: usize) {
        if self.shown.message().is_empty() {
            self.shown.set_message(subject.to_owned());
        }
        self.shown.inc_length(cases as u64);
    }

    fn done(&self) {
        self.shown.inc(1);
    }

    fn found(&self, findings: usize) {
        self.findings.fetch_add(findings, Ordering::Relaxed);
    }
}

/// The cases of a run.
struct Cases {
    done: u64,
    planned: u64,
    elapsed: Duration,
}

impl Cases {
    /// How the run gets on, in words.
    fn told(&self, findings: usize, subjects: Subjects) -> String {
        let Self { done, planned, elapsed } = self;
        #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
        let rate = *done as f64 / elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
        let rate = if *done == 0 { 0.0 } else { rate };
        let left = self.left(subjects).map_or(String::new(), |left| format!("  about {} left", HumanDuration(left)));
        format!("{done}/{planned} cases  {rate:.0}/s  {findings} findings{left}")
    }

    /// The time that is left: what is planned takes as long for each case as what is done, and a subject that was not
    /// begun as long as those that were. A guess: nobody knows how many cases a first fault will lead to.
    fn left(&self, Subjects { begun, ahead }: Subjects) -> Option<Duration> {
        if self.done == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a guess, for people")]
        let to_do = self.planned.saturating_sub(self.done) as f64 / self.done as f64;
        let planned = self.elapsed.mul_f64(to_do.min(1e6));
        let for_each = (self.elapsed + planned) / begun.max(1);
        Some(planned + for_each.saturating_mul(ahead))
    }
}

/// Ctrl-C ends the run between two cases, with everything put away; a second one ends the process at once, and the next
/// run sweeps up after it.
pub(super) fn interruptible() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&interrupted);
    // Without a handler, Ctrl-C kills the process; what it leaves goes with the next run, too.
    let _ = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    interrupted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(done: u64, planned: u64, subjects: Subjects, told: &str) {
        let cases = Cases { done, planned, elapsed: Duration::from_secs(10) };
        assert_eq!(cases.told(7, subjects), told);
    }

    #[test]
    fn the_time_left_is_that_of_the_planned_cases_and_of_the_subjects_ahead() {
        let only = Subjects { begun: 1, ahead: 0 };
        check(0, 50, only, "0/50 cases  0/s  7 findings");
        check(50, 50, only, "50/50 cases  5/s  7 findings  about 0 seconds left");
        check(50, 200, only, "50/200 cases  5/s  7 findings  about 30 seconds left");
        // Two took 20 seconds to their end, and four more take twice as long.
        check(50, 100, Subjects { begun: 2, ahead: 4 }, "50/100 cases  5/s  7 findings  about 50 seconds left");
    }
}
