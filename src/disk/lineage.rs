//! From which thread a thread descends.
//!
//! A new thread gets the timer slack of the thread that starts it, whatever library starts it, and keeps it under any name.
//! So a number there is a mark that is handed on. It changes nothing else: by so many nanoseconds more or less the kernel
//! may be late with a sleep. Source: prctl(2), `PR_SET_TIMERSLACK`, Linux. Elsewhere only the thread itself has the mark.

/// The mark of a thread and its descendants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u32);

/// The slack that the kernel gives if nobody asks for another, in nanoseconds.
const USUAL: u32 = 50_000;

impl Mark {
    /// So many can be used at a time. Nobody else is likely to want so odd a slack.
    pub(crate) const ALL: [Self; 999] = {
        let mut all = [Self(0); 999];
        let mut at = 0_u32;
        while at < 999 {
            all[at as usize] = Self(USUAL + 1 + at);
            at += 1;
        }
        all
    };
}

/// Marks this thread, and all threads that it starts from now on; or takes the mark away.
pub(crate) fn descend_from(mark: Option<Mark>) {
    system::set(mark.map_or(USUAL, |Mark(slack)| slack));
}

/// The mark of this thread.
pub(crate) fn mark_of_this_thread() -> Option<Mark> {
    let slack = system::get();
    // In this order, so that a slack that is no mark costs one comparison.
    (slack > USUAL && Mark::ALL.last().is_some_and(|last| slack <= last.0)).then_some(Mark(slack))
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod system {
    pub(super) use crate::disk::real::{set_timer_slack as set, timer_slack as get};
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod system {
    use std::cell::Cell;

    thread_local! {
        static SLACK: Cell<u32> = const { Cell::new(super::USUAL) };
    }

    pub(super) fn set(slack: u32) {
        SLACK.set(slack);
    }

    pub(super) fn get() -> u32 {
        SLACK.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_the_mark_of_the_one_that_started_it() {
        let mark = || std::thread::spawn(mark_of_this_thread).join().expect("nothing can fail there");
        std::thread::spawn(move || {
            assert_eq!(mark(), None);
            descend_from(Some(Mark::ALL[7]));
            assert_eq!((mark_of_this_thread(), mark()), (Some(Mark::ALL[7]), Some(Mark::ALL[7])));
            descend_from(None);
            assert_eq!(mark(), None);
        })
        .join()
        .expect("the marks are as expected");
    }
}
