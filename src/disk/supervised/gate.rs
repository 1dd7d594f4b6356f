//! Keeps the order in which a client hears of what a server does: nothing that the server does after its answer comes before
//! that answer is heard.
//!
//! A server answers, and goes on. Whether its next operation or its client is faster would be a matter of luck. So each call
//! of a server waits until its client has read all that was sent to it before; and from a whole answer on, until the client
//! says that it has heard it.

use std::fs;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::kernel;
use crate::disk::this_thread;
use crate::disk::threads::{self, Id, Sleep};

/// What stands between a server and its client.
#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
enum State {
    /// There is nothing that a client could hear.
    #[default]
    Open,
    /// This thread waits for an answer from this socket.
    Waiting(Id, OwnedFd),
    /// The answer is there, and was not heard yet.
    Answered,
}

/// Between two looks.
const PAUSE: Duration = Duration::from_micros(20);

impl Gate {
    /// From now on this thread waits for an answer from this socket.
    pub(crate) fn wait_for(&self, socket: OwnedFd) {
        *self.state() = State::Waiting(this_thread(), socket);
    }

    /// The whole of the answer is there.
    pub(crate) fn answered(&self) {
        *self.state() = State::Answered;
    }

    /// The answer was heard, or nobody waits for it any more.
    pub(crate) fn open(&self) {
        *self.state() = State::Open;
    }

    /// Waits until the client has heard all that was sent to it.
    pub(super) fn pass(&self) {
        let mut before = None;
        loop {
            let now = match &*self.state() {
                State::Open => return,
                State::Waiting(client, socket) => asleep(*client, socket),
                State::Answered => None,
            };
            if now.is_some() && now == before {
                return;
            }
            before = now;
            if now.is_none() {
                thread::sleep(PAUSE);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a client was woken that sleeps and has nothing left to read. What arrives wakes it before its sender goes on.
fn asleep(client: Id, socket: &OwnedFd) -> Option<Sleep> {
    let status = fs::read(format!("/proc/self/task/{client}/status")).ok()?;
    threads::sleep(&status).filter(|_| kernel::unread(socket) == 0)
}
