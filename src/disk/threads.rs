//! Whether other threads have come to rest.
//!
//! A thread that waits for work sleeps, and goes on sleeping. One that is in the middle of something may sleep for a moment
//! (for a lock, say): it is taken for idle only when it was not woken between several looks.
//!
//! The first look and the last one ask whether a thread sleeps. Those between ask only whether it ran, which costs an eighth:
//! a thread that was woken and waits for a processor has run by the last look, or does not sleep then.
//! Source: `/proc/self/task`, proc(5), Linux.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// Of so many threads two files are kept open; of those beyond there is one, as long as somebody waits.
const KEPT: usize = 16;

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

/// Threads that may be waited for.
#[derive(Default)]
pub(super) struct Known {
    threads: Mutex<BTreeSet<Id>>,
    /// What is still open from the last wait.
    open: Mutex<BTreeMap<Id, Seen>>,
}

impl Known {
    /// The thread that asks is one of them.
    pub(super) fn add_this(&self) {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).insert(this());
    }

    /// Waits until all of these but the one that asks sleep, or are gone. Returns whether that came about.
    pub(super) fn wait_until_idle(&self) -> bool {
        let mut open = std::mem::take(&mut *self.open());
        let is_idle = self.wait(&mut open);
        open.retain(|_, seen| matches!(seen, Seen::Counted { .. }));
        *self.open() = open;
        is_idle
    }

    fn wait(&self, open: &mut BTreeMap<Id, Seen>) -> bool {
        let mut before = None;
        let mut same = 0;
        for _ in 0..ROUNDS {
            let mut others = self.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
            others.remove(&this());
            if others.is_empty() {
                return true;
            }
            let look = if same == 0 || same + 1 == LOOKS { Look::Asleep } else { Look::Ran };
            let now: Option<Vec<Runs>> = others
                .into_iter()
                .map(|thread| {
                    let is_kept = open.len() < KEPT;
                    open.entry(thread).or_insert_with(|| Seen::of(thread, is_kept)).runs(thread, look)
                })
                .collect();
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

    fn open(&self) -> MutexGuard<'_, BTreeMap<Id, Seen>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a look asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Whether the thread sleeps, and how often it ran.
    Asleep,
    /// How often it ran.
    Ran,
}

/// What changes when a thread runs: how long and how often it did, and how long it waited for that; or how often it gave its
/// processor up, and had to.
type Runs = [u64; 3];

/// A thread that is gone never runs.
const GONE: Runs = [0; 3];

/// Where it is seen what a thread does. The files are read again and again, and opened once.
enum Seen {
    /// Whether it sleeps, and how often it ran.
    Counted { stat: File, schedstat: File },
    /// All at once, at eight times the price.
    Status(File),
    /// There was no thread of this number.
    Gone,
    /// Nobody can tell.
    Unseen,
}

impl Seen {
    fn of(thread: Id, is_kept: bool) -> Self {
        let open = |name: &str| File::open(format!("/proc/self/task/{thread}/{name}"));
        if is_kept {
            if let (Ok(stat), Ok(schedstat)) = (open("stat"), open("schedstat")) {
                // Where the kernel does not count, it says that no thread ever ran.
                if counted(&schedstat).is_ok_and(|runs| runs.is_some_and(|[_, _, times]| times > 0)) {
                    return Self::Counted { stat, schedstat };
                }
            }
        }
        match open("status") {
            Ok(status) => Self::Status(status),
            Err(error) if is_gone(&error) => Self::Gone,
            Err(_) => Self::Unseen,
        }
    }

    /// How often the thread ran; nothing while it does not sleep, or nobody knows.
    fn runs(&mut self, thread: Id, look: Look) -> Option<Runs> {
        let runs = match self.look(look) {
            Err(error) if is_gone(&error) => {
                // Another thread may have its number by now.
                *self = Self::of(thread, matches!(self, Self::Counted { .. }));
                self.look(Look::Asleep)
            }
            seen => seen,
        };
        match runs {
            Err(error) if is_gone(&error) => Some(GONE),
            other => other.ok().flatten(),
        }
    }

    fn look(&self, look: Look) -> io::Result<Option<Runs>> {
        match self {
            // In this order: what it did since it slept is seen.
            Self::Counted { stat, schedstat } => match look {
                Look::Asleep if !is_asleep(stat)? => Ok(None),
                Look::Asleep | Look::Ran => counted(schedstat),
            },
            Self::Status(status) => told(status),
            Self::Gone => Ok(Some(GONE)),
            Self::Unseen => Ok(None),
        }
    }
}

/// There is no such thread, or no more.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

/// Whether a thread sleeps, by its line of `stat`: its number, its name in parentheses, and a letter.
fn is_asleep(stat: &File) -> io::Result<bool> {
    // The name has sixteen bytes at most, which may be parentheses too.
    let mut text = [0; 64];
    let length = stat.read_at(&mut text, 0)?;
    let text = &text[..length.min(NAMED)];
    let end = text.iter().rposition(|&byte| byte == b')');
    Ok(end.is_some_and(|end| text[end..].starts_with(b") S")))
}

/// So many bytes there are at most before all that has no parentheses.
const NAMED: usize = 48;

/// How often a thread ran, by its `schedstat`.
fn counted(schedstat: &File) -> io::Result<Option<Runs>> {
    let mut text = [0; 96];
    let length = schedstat.read_at(&mut text, 0)?;
    let mut numbers = text[..length].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(number);
    Ok(match (numbers.next().flatten(), numbers.next().flatten(), numbers.next().flatten()) {
        (Some(ran), Some(waited), Some(times)) => Some([ran, waited, times]),
        _ => None,
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// How often a thread that sleeps gave its processor up, by its `status`.
fn told(status: &File) -> io::Result<Option<Runs>> {
    // It is some 1,500 bytes long.
    let mut text = [0; 4096];
    let length = status.read_at(&mut text, 0)?;
    Ok(sleep(&text[..length]).map(|[given_up, lost]| [0, given_up, lost]))
}

/// How often a thread was woken whose status this is.
pub(super) type Sleep = [u64; 2];

/// The same of a thread whose status this is; none when it does not sleep. What is dead sleeps for good.
pub(super) fn sleep(status: &[u8]) -> Option<Sleep> {
    let mut switches = [None; 2];
    for line in status.split(|byte| *byte == b'\n') {
        let value = |name: &[u8]| line.strip_prefix(name).map(<[u8]>::trim_ascii);
        if value(b"State:").is_some_and(|state| !matches!(state.first(), Some(b'S' | b'Z' | b'X'))) {
            return None;
        }
        for (count, name) in switches.iter_mut().zip([&b"voluntary_ctxt_switches:"[..], b"nonvoluntary_ctxt_switches:"])
        {
            if let Some(value) = value(name) {
                *count = number(value);
            }
        }
    }
    Some([switches[0]?, switches[1]?])
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread::{Builder, JoinHandle};

    use super::*;

    /// A thread with a name that reads like a part of its `stat`, which does this and waits.
    fn thread(work: impl FnOnce() + Send + 'static) -> (Known, Sender<()>, JoinHandle<()>) {
        let (known, (end, wait)): (Known, (Sender<()>, Receiver<()>)) = (Known::default(), channel());
        let (tell, told) = channel();
        let body = move || {
            tell.send(this()).expect("the number is asked for");
            work();
            let _ = wait.recv();
        };
        let thread = Builder::new().name(") S) R (Z".to_owned()).spawn(body).expect("a thread");
        known.threads.lock().expect("nobody panics").insert(told.recv().expect("a number"));
        (known, end, thread)
    }

    #[test]
    fn a_thread_is_waited_for_until_it_waits_itself_and_then_again() {
        static IS_OVER: AtomicBool = AtomicBool::new(false);
        let (known, end, thread) = thread(|| {
            let begin = std::time::Instant::now();
            while begin.elapsed() < Duration::from_millis(30) {
                std::hint::spin_loop();
            }
            IS_OVER.store(true, Ordering::SeqCst);
        });
        assert!(known.wait_until_idle());
        assert!(IS_OVER.load(Ordering::SeqCst), "it was still at work");
        assert!(known.wait_until_idle(), "what is open from the last wait serves the next");
        drop(end);
        thread.join().expect("it comes to its end");
        assert!(known.wait_until_idle(), "what is gone is waited for no more");
        assert!(known.open().is_empty());
    }

    #[test]
    fn a_thread_that_has_the_number_of_one_that_is_gone_is_seen_as_itself() {
        static GO_ROUND: AtomicBool = AtomicBool::new(true);
        let (gone, end, thread_gone) = thread(|| {});
        let mut seen = Seen::of(*gone.threads.lock().expect("nobody panics").first().expect("one"), true);
        drop(end);
        thread_gone.join().expect("it comes to its end");
        let (known, _end, _thread) = thread(|| {
            while GO_ROUND.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
        });
        let number = *known.threads.lock().expect("nobody panics").first().expect("one");
        // As if the kernel had given the number of the first to the second. The first may go a moment after it was joined.
        let is_seen = (0..1000).any(|_| {
            std::thread::sleep(PAUSE);
            matches!(&seen, Seen::Counted { schedstat, .. } if counted(schedstat).is_err())
        });
        assert!(is_seen, "the first one is gone");
        let runs = seen.runs(number, Look::Asleep);
        GO_ROUND.store(false, Ordering::SeqCst);
        assert_eq!(runs, None, "the second one goes round and round");
    }

    #[test]
    fn the_files_agree_on_who_sleeps_and_who_does_not() {
        static GO_ROUND: AtomicBool = AtomicBool::new(true);
        let (known, _end, _thread) = thread(|| {
            while GO_ROUND.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
        });
        let number = *known.threads.lock().expect("nobody panics").first().expect("one");
        let mut both = [Seen::of(number, true), Seen::of(number, false)];
        assert!(matches!(both[1], Seen::Status(_)));
        assert!(both.iter_mut().all(|seen| seen.runs(number, Look::Asleep).is_none()), "it goes round");
        GO_ROUND.store(false, Ordering::SeqCst);
        assert!(known.wait_until_idle());
        for seen in &mut both {
            let runs = seen.runs(number, Look::Asleep);
            assert!(runs.is_some_and(|runs| runs != GONE), "it sleeps");
            assert_eq!(seen.runs(number, Look::Ran), runs, "and goes on sleeping");
        }
    }
}
