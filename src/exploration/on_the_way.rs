//! Tells how a test gets on that takes long: one line on the standard error after a quarter of a minute, and another one
//! each time that the time has doubled. A test that is quick says nothing.
//!
//! The lines pass by the capture of `cargo test`: they are of use while the test runs, and in the way afterwards.
//! `HALFWAY_PROGRESS=always` tells each round of cases as it begins, `HALFWAY_PROGRESS=never` tells nothing.

use std::env;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::explore::Progress;
use crate::harness::Settings;
use crate::report::number;

/// When something is told.
const PROGRESS: &str = "HALFWAY_PROGRESS";

/// After how long the first line comes.
const QUICK: Duration = Duration::from_secs(15);

/// Hears how an exploration gets on, and tells it.
pub(super) struct OnTheWay {
    begin: Instant,
    state: Mutex<State>,
}

/// How far an exploration is, and when that is told next.
struct State {
    subject: String,
    done: u64,
    planned: u64,
    next: Next,
    advice: &'static str,
}

/// When the next line comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Never,
    /// When more cases are planned.
    Round,
    /// Once it has taken so long.
    After(Duration),
}

impl OnTheWay {
    /// As the environment wants it.
    ///
    /// # Panics
    /// When it wants something that is not known.
    #[track_caller]
    pub(super) fn of(settings: &Settings) -> Self {
        let next = match env::var(PROGRESS).ok().as_deref() {
            None | Some("") => Next::After(QUICK),
            Some("always") => Next::Round,
            Some("never") => Next::Never,
            Some(other) => panic!("{PROGRESS}: always or never, and not {other:?}"),
        };
        Self { begin: Instant::now(), state: Mutex::new(State::new(next, settings)) }
    }

    fn tell(&self, change: impl FnOnce(&mut State, Duration) -> Option<String>) {
        let told = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), self.begin.elapsed());
        if let Some(line) = told {
            // A line that cannot be written is no reason to stop.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }
}

impl Progress for OnTheWay {
    fn planned(&self, subject: &str, cases: usize) {
        self.tell(|state, elapsed| state.planned(subject, cases, elapsed));
    }

    fn done(&self) {
        self.tell(State::done);
    }
}

impl State {
    fn new(next: Next, settings: &Settings) -> Self {
        let advice = match (settings.random, settings.depth) {
            (Some(_), _) => "",
            (None, 0 | 1) => "; `.random(500, 7)` draws 500 of them",
            (None, _) => "; `.depth(1)` tries one fault in each case, and takes far less time",
        };
        Self { subject: String::new(), done: 0, planned: 0, next, advice }
    }

    /// So many more cases are planned.
    fn planned(&mut self, subject: &str, cases: usize, elapsed: Duration) -> Option<String> {
        subject.clone_into(&mut self.subject);
        self.planned += cases as u64;
        (self.next == Next::Round && cases > 0).then(|| self.line(elapsed))
    }

    /// One more case is done.
    fn done(&mut self, elapsed: Duration) -> Option<String> {
        self.done += 1;
        match self.next {
            Next::After(time) if elapsed >= time => {
                self.next = Next::After(elapsed * 2);
                Some(self.line(elapsed))
            }
            Next::Never | Next::Round | Next::After(_) => None,
        }
    }

    fn line(&self, elapsed: Duration) -> String {
        let (done, planned, seconds) = (number(self.done), number(self.planned), elapsed.as_secs());
        let Self { subject, advice, .. } = self;
        format!("halfway: {subject}: {done} of {planned} cases known so far, after {seconds} s{advice}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told when a case comes to its end at each of these seconds.
    fn told(next: Next, settings: &Settings, seconds: impl IntoIterator<Item = u64>) -> Vec<String> {
        let mut state = State::new(next, settings);
        let planned = state.planned("import/as-it-is", 1200, Duration::ZERO);
        let done = seconds.into_iter().filter_map(|seconds| state.done(Duration::from_secs(seconds)));
        planned.into_iter().chain(done).collect()
    }

    #[test]
    fn a_quick_test_says_nothing() {
        assert_eq!(told(Next::After(QUICK), &Settings::default(), 0..15), [""; 0]);
    }

    #[test]
    fn a_long_test_says_how_far_it_is_each_time_that_the_time_has_doubled_and_what_to_do() {
        let lines = told(Next::After(QUICK), &Settings::default(), 0..125);
        let line = |done: u64, seconds: u64| {
            format!(
                "halfway: import/as-it-is: {done} of 1,200 cases known so far, after {seconds} s; `.depth(1)` tries one \
                 fault in each case, and takes far less time\n"
            )
        };
        assert_eq!(lines, [line(16, 15), line(31, 30), line(61, 60), line(121, 120)]);
    }

    #[test]
    fn the_advice_is_one_that_was_not_taken_yet() {
        let last = |settings: Settings| told(Next::After(QUICK), &settings, [20]).concat();
        assert!(
            last(Settings { depth: 1, ..Settings::default() }).ends_with("s; `.random(500, 7)` draws 500 of them\n")
        );
        assert!(last(Settings { random: Some(9), ..Settings::default() }).ends_with("after 20 s\n"));
    }

    #[test]
    fn the_environment_can_have_each_round_told_or_none() {
        let each = told(Next::Round, &Settings::default(), 0..100);
        assert_eq!(each.len(), 1, "{each:?}");
        assert!(each[0].starts_with("halfway: import/as-it-is: 0 of 1,200 cases known so far, after 0 s"), "{each:?}");
        assert_eq!(told(Next::Never, &Settings::default(), 0..100), [""; 0]);
    }
}
