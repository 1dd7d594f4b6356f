//! Whether other threads have come to rest.
//!
//! A thread that waits for work sleeps, and goes on sleeping. One that is in the middle of something may sleep for a moment
//! (for a lock, say): it is taken for idle only when it was not woken between several looks.
//! Source: `/proc/self/task`, proc(5), Linux.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use super::real;

/// A thread, as the kernel numbers it.
pub(crate) type Id = i32;

/// So many looks have to see the same.
const LOOKS: usize = 3;

/// So often it is looked again: about a second. A thread that computes for longer is not waited for.
const ROUNDS: usize = 10_000;

/// Between two looks.
const PAUSE: Duration = Duration::from_micros(50);

/// The thread that asks.
pub(crate) fn this() -> Id {
    thread_local! {
        static THIS: Cell<Id> = const { Cell::new(0) };
    }
    if THIS.get() == 0 {
        THIS.set(real::thread());
    }
    THIS.get()
}

/// Waits until all of these but the one that asks sleep, or are gone. Returns whether that came about.
pub(super) fn wait_until_idle(known: impl Fn() -> BTreeSet<Id>) -> bool {
    let mut before = None;
    let mut same = 0;
    for _ in 0..ROUNDS {
        let mut others = known();
        others.remove(&this());
        if others.is_empty() {
            return true;
        }
        let now: Option<Vec<Sleep>> = others.into_iter().map(look).collect();
        same = if now.is_some() && now == before { same + 1 } else { 0 };
        if same >= LOOKS {
            return true;
        }
        before = now;
        if same > 0 {
            std::thread::yield_now();
        } else {
            std::thread::sleep(PAUSE);
        }
    }
    false
}

/// How often a thread that sleeps was woken so far; a thread that is gone never was.
type Sleep = [u64; 2];

fn look(thread: Id) -> Option<Sleep> {
    let Ok(status) = fs::read_to_string(format!("/proc/self/task/{thread}/status")) else {
        return Some([0, 0]);
    };
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let is_asleep = value("State:").is_some_and(|state| state.starts_with('S'));
    let count = |name: &str| value(name).and_then(|count| count.parse().ok());
    is_asleep.then_some([count("voluntary_ctxt_switches:")?, count("nonvoluntary_ctxt_switches:")?])
}
