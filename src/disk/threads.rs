//! Whether other threads have come to rest.
//!
//! A thread that waits for work sleeps, and goes on sleeping. One that is in the middle of something may sleep for a moment
//! (for a lock, say): it is taken for idle only when it was not woken between several looks.
//! Source: `/proc/self/task`, proc(5), Linux.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
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
    let mut watched: BTreeMap<Id, Option<File>> = BTreeMap::new();
    let mut before = None;
    let mut same = 0;
    for _ in 0..ROUNDS {
        let mut others = known();
        others.remove(&this());
        if others.is_empty() {
            return true;
        }
        let now =
            others.into_iter().map(|thread| look(watched.entry(thread).or_insert_with(|| status(thread)).as_ref()));
        let now: Option<Vec<Sleep>> = now.collect();
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
pub(super) type Sleep = [u64; 2];

/// What the kernel says of a thread, as long as there is one of this number. It is read again and again, and opened once.
fn status(thread: Id) -> Option<File> {
    File::open(format!("/proc/self/task/{thread}/status")).ok()
}

fn look(status: Option<&File>) -> Option<Sleep> {
    // It is some 1,500 bytes long; a thread that is gone has none.
    let mut text = [0; 4096];
    let Some(length) = status.and_then(|status| status.read_at(&mut text, 0).ok()) else { return Some([0, 0]) };
    sleep(&text[..length])
}

/// The same of a thread whose status this is; none when it does not sleep. What is dead sleeps for good.
pub(super) fn sleep(status: &[u8]) -> Option<Sleep> {
    let mut sleep = [None; 2];
    for line in status.split(|byte| *byte == b'\n') {
        let value = |name: &[u8]| line.strip_prefix(name).map(<[u8]>::trim_ascii);
        if value(b"State:").is_some_and(|state| !matches!(state.first(), Some(b'S' | b'Z' | b'X'))) {
            return None;
        }
        for (count, name) in sleep.iter_mut().zip([&b"voluntary_ctxt_switches:"[..], b"nonvoluntary_ctxt_switches:"]) {
            if let Some(value) = value(name) {
                *count = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            }
        }
    }
    Some([sleep[0]?, sleep[1]?])
}
