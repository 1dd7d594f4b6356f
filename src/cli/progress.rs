//! Shows how a run gets on, on a terminal, and stops it when somebody wants that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::Progress;

/// A bar on the standard error; nothing where that is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar with nothing to do yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:40} {wide_bar} {pos}/{len} cases  {per_sec}  {elapsed}");
        bar.set_style(style.expect("the template is well formed"));
        Self(bar)
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn planned(&self, subject: &str, cases: usize) {
        self.0.set_message(subject.to_owned());
        self.0.inc_length(cases as u64);
    }

    fn done(&self) {
        self.0.inc(1);
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
