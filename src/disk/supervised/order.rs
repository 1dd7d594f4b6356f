//! Which of the calls that wait is carried out next: an order that is the same in each run.
//!
//! Threads and processes that run side by side come to their calls in an order that is a matter of luck. So a call waits until
//! everything else of the program waits, too; then the one that comes first by its file is carried out. A program that
//! computes for long meanwhile is not waited for.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use libc::c_long;

use super::calls::low;
use super::kernel::{self, Notification};
use super::rest::Tree;
use super::{Signs, remote};
use crate::disk::command_line::Rest;

/// The calls that wait for an answer.
pub(super) struct Waiting<'s> {
    listener: &'s OwnedFd,
    signs: &'s Signs,
    tree: Option<Tree>,
    calls: Vec<Notification>,
    /// So often it is looked whether everything else waits.
    patience: u32,
    /// How many processes and threads were started.
    pub(super) started: u64,
}

/// The most looks, some hundredths of a second: fewer where that was in vain.
const LOOKS: u32 = 200;
/// The fewest: two have to see the same.
const FEWEST: u32 = 3;
/// Between two looks at something that is busy.
const PAUSE: Duration = Duration::from_micros(50);
/// The threads of a program that does one thing at a time: the one that calls, and the one that waits for it.
const ALONE: usize = 2;

impl<'s> Waiting<'s> {
    pub(super) fn new(listener: &'s OwnedFd, first: &OwnedFd, signs: &'s Signs) -> Self {
        Self { listener, signs, tree: Tree::of(first), calls: Vec::new(), patience: LOOKS, started: 0 }
    }

    /// The next call to be carried out; none when no process is left that could make one.
    pub(super) fn next(&mut self) -> io::Result<Option<Notification>> {
        if self.calls.is_empty() {
            self.signs.is_busy.store(false, Ordering::SeqCst);
            let Some(call) = kernel::receive(self.listener)? else { return Ok(None) };
            self.signs.is_busy.store(true, Ordering::SeqCst);
            self.calls.push(call);
        }
        if let Some(at) = self.calls.iter().position(starts_a_process) {
            // In which order processes begin changes nothing.
            self.started += 1;
            return Ok(Some(self.calls.remove(at)));
        }
        let is_quiet = self.wait_for_the_others()?;
        self.patience = if is_quiet { LOOKS } else { (self.patience / 2).max(FEWEST) };
        let first = (0..self.calls.len()).min_by_key(|&at| {
            let call = &self.calls[at];
            (subject_of(call), call.call, call.thread)
        });
        Ok(first.map(|at| self.calls.remove(at)))
    }

    /// Takes in what comes to wait, until everything of the program does. Returns whether that came about.
    fn wait_for_the_others(&mut self) -> io::Result<bool> {
        if self.started == 0 {
            // There are no others.
            return Ok(true);
        }
        let mut before = None;
        for _ in 0..self.patience {
            while kernel::is_something_waiting(self.listener) {
                self.calls.extend(kernel::receive(self.listener)?);
                before = None;
            }
            let now = self.tree.as_mut().map_or(Err(Rest::Gone), Tree::asleep);
            match now {
                Ok(now) if now.len() <= ALONE => return Ok(true),
                Ok(now) if before.as_ref() == Some(&now) => return Ok(true),
                Ok(now) => before = Some(now),
                Err(Rest::Gone) => return Ok(true),
                Err(Rest::Busy | Rest::Asleep) => {
                    before = None;
                    thread::sleep(PAUSE);
                }
            }
        }
        Ok(false)
    }
}

fn starts_a_process(call: &Notification) -> bool {
    matches!(c_long::from(call.call), libc::SYS_clone | libc::SYS_clone3 | libc::SYS_fork | libc::SYS_vfork)
}

/// The file that a call is about, as far as its arguments tell: what orders calls that wait side by side.
fn subject_of(call: &Notification) -> Vec<u8> {
    let [first, second, ..] = call.arguments;
    let text = |address| remote::text(call.thread, address).unwrap_or_default();
    match c_long::from(call.call) {
        libc::SYS_open
        | libc::SYS_creat
        | libc::SYS_symlinkat
        | libc::SYS_truncate
        | libc::SYS_rename
        | libc::SYS_link
        | libc::SYS_symlink
        | libc::SYS_unlink
        | libc::SYS_rmdir
        | libc::SYS_mkdir
        | libc::SYS_mknod => text(first),
        libc::SYS_openat
        | libc::SYS_openat2
        | libc::SYS_renameat
        | libc::SYS_renameat2
        | libc::SYS_linkat
        | libc::SYS_unlinkat
        | libc::SYS_mkdirat
        | libc::SYS_mknodat => text(second),
        libc::SYS_copy_file_range | libc::SYS_splice => path_of(call, call.arguments[2]),
        _ => path_of(call, first),
    }
}

fn path_of(call: &Notification, file: u64) -> Vec<u8> {
    remote::path_of(call.thread, low(file)).unwrap_or_default()
}
