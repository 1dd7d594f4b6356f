//! Whether a program's processes have come to rest: each of their threads sleeps, and went on sleeping between two looks.
//!
//! Source: `/proc/PID/task`, `/proc/PID/fdinfo`, proc(5), `pidfd_open(2)`.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};

use crate::disk::command_line::Rest;
use crate::disk::threads::{Sleep, sleep};

/// The processes below one of them.
pub(super) struct Tree {
    first: u32,
}

impl Tree {
    /// All that the process with this handle has started, and what that has; none when it is gone.
    pub(super) fn of(first: &OwnedFd) -> Option<Self> {
        let known = fs::read_to_string(format!("/proc/self/fdinfo/{}", first.as_raw_fd())).ok()?;
        let number = known.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
        Some(Self { first: number })
    }

    /// How often each thread was woken so far.
    ///
    /// # Errors
    /// When one of them is not asleep, or the first process is over.
    pub(super) fn asleep(&self) -> Result<Vec<(u32, Sleep)>, Rest> {
        if is_over(self.first) {
            return Err(Rest::Gone);
        }
        let mut found = Vec::new();
        let mut processes = vec![self.first];
        while let Some(process) = processes.pop() {
            let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
            for thread in threads.flatten().filter_map(|thread| thread.file_name().to_str()?.parse().ok()) {
                let of_thread = format!("/proc/{process}/task/{thread}");
                let Ok(status) = fs::read(format!("{of_thread}/status")) else { continue };
                found.push((thread, sleep(&status).ok_or(Rest::Busy)?));
                let children = fs::read_to_string(format!("{of_thread}/children")).unwrap_or_default();
                processes.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
        }
        Ok(found)
    }
}

/// Whether a process is gone, or only waits until its parent hears of its end.
fn is_over(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name comes first, in brackets, and may hold whatever it likes.
    let state = status.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    matches!(state, None | Some('Z' | 'X'))
}
