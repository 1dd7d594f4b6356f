//! Whether a program's processes have come to rest: each of their threads sleeps, and went on sleeping between two looks.
//!
//! Source: `/proc/PID/task`, `/proc/PID/fdinfo`, proc(5), `pidfd_open(2)`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use crate::disk::command_line::Rest;
use crate::disk::threads::{Sleep, sleep};

/// The processes below one of them.
pub(super) struct Tree {
    first: u32,
    /// What is known of their threads. It is read again and again, and opened once.
    threads: BTreeMap<u32, Known>,
}

/// What the kernel says of a thread, as long as there is one.
struct Known {
    status: File,
    /// Some kernels do not tell.
    children: Option<File>,
}

impl Tree {
    /// All that the process with this handle has started, and what that has; none when it is gone.
    pub(super) fn of(first: &OwnedFd) -> Option<Self> {
        let known = fs::read_to_string(format!("/proc/self/fdinfo/{}", first.as_raw_fd())).ok()?;
        let number = known.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
        Some(Self { first: number, threads: BTreeMap::new() })
    }

    /// How often each thread was woken so far.
    ///
    /// # Errors
    /// When one of them is not asleep, or the first process is over.
    pub(super) fn asleep(&mut self) -> Result<Vec<(u32, Sleep)>, Rest> {
        let mut found = Vec::new();
        let mut processes = vec![self.first];
        while let Some(process) = processes.pop() {
            let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
            for thread in threads.flatten().filter_map(|thread| thread.file_name().to_str()?.parse().ok()) {
                let Some((status, children)) = self.look(process, thread) else { continue };
                let is_over = thread == self.first && status.windows(8).any(|part| part == b"State:\tZ");
                if is_over {
                    return Err(Rest::Gone);
                }
                found.push((thread, sleep(&status).ok_or(Rest::Busy)?));
                let children = String::from_utf8_lossy(&children);
                processes.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
        }
        if found.is_empty() { Err(Rest::Gone) } else { Ok(found) }
    }

    /// The status of a thread, and the processes that it has started; none when it is gone.
    fn look(&mut self, process: u32, thread: u32) -> Option<(Vec<u8>, Vec<u8>)> {
        for _ in 0..2 {
            let known = match self.threads.remove(&thread) {
                Some(known) => known,
                None => Known::open(process, thread)?,
            };
            // Another thread may have got the number of one that is gone: what is open still belongs to the old one.
            if let Some(status) = read(&known.status) {
                let children = known.children.as_ref().and_then(read).unwrap_or_default();
                self.threads.insert(thread, known);
                return Some((status, children));
            }
        }
        None
    }
}

impl Known {
    fn open(process: u32, thread: u32) -> Option<Self> {
        let open = |what| File::open(format!("/proc/{process}/task/{thread}/{what}")).ok();
        Some(Self { status: open("status")?, children: open("children") })
    }
}

fn read(file: &File) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    let length = file.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(length);
    Some(bytes)
}
