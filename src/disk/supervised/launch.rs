//! The other side: a process that becomes the program under test.
//!
//! halfway starts itself for that, as a process with one thread. It makes a namespace of process numbers, whose first
//! process waits for the program: when that one is killed, everything that the program has started is gone with it, and
//! nothing can escape. It is killed when halfway ends, however that ends. The program itself is the second process; the
//! filter is its own from before its first instruction on.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

use super::filter::filter;
use super::kernel;

/// The first process of the program is there: with its handle.
pub(super) const STARTED: u8 = b'S';
/// The program is about to begin: with the descriptor from which its calls are heard.
pub(super) const HEARD: u8 = b'H';
/// The program is over: with its status, as `wait` gives it.
pub(super) const OVER: u8 = b'O';
/// It could not be started: with the reason.
pub(super) const FAILED: u8 = b'F';

/// Becomes the program of this command line, which must not be empty.
pub(crate) fn launch(line: Vec<OsString>) -> ! {
    let socket = match kernel::take_messenger() {
        Ok(socket) => socket,
        Err(error) => {
            eprintln!("halfway: this is a part of halfway, and nothing that you could start by hand: {error}");
            exit(2)
        }
    };
    if let Err(reason) = begin(line, &socket) {
        let _ = kernel::send(&socket, &[&[FAILED], reason.as_bytes()].concat(), None);
    }
    exit(2)
}

fn begin(line: Vec<OsString>, socket: &OwnedFd) -> Result<(), String> {
    let failed = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    kernel::die_with_parent().map_err(failed("ask to be killed with halfway"))?;
    alone()?;
    if kernel::fork().map_err(failed("make a process"))?.is_some() {
        while kernel::wait().is_some() {}
        exit(0)
    }
    kernel::die_with_parent().map_err(failed("ask to be killed with halfway"))?;
    // In its namespace it is the first. Said before there is anything that could be over before it.
    let handle = kernel::process(1).map_err(failed("get a handle of a process (pidfd_open)"))?;
    kernel::send(socket, &[STARTED], Some(handle.as_fd())).map_err(failed("send the handle of a process"))?;
    match kernel::fork().map_err(failed("make a process"))? {
        Some(program) => {
            // The first process of a namespace inherits those whose parent is gone: what the program has left in the background
            // goes on to its end, as in production.
            while let Some((child, status)) = kernel::wait() {
                if child == program {
                    let _ = kernel::send(socket, &[&[OVER][..], &status.to_ne_bytes()].concat(), None);
                }
            }
            exit(0)
        }
        None => Err(become_program(line, socket)),
    }
}

/// Takes this process's children into a namespace of their own.
fn alone() -> Result<(), String> {
    let (user, group) = kernel::identity();
    if user == 0 && kernel::unshare(libc::CLONE_NEWPID).is_ok() {
        return Ok(());
    }
    let made = kernel::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWPID)
        .and_then(|()| fs::write("/proc/self/setgroups", "deny"))
        .and_then(|()| fs::write("/proc/self/uid_map", format!("{user} {user} 1")))
        .and_then(|()| fs::write("/proc/self/gid_map", format!("{group} {group} 1")));
    made.map_err(|error| {
        format!(
            "make a namespace for the program's processes: {error}; let users make namespaces (sysctl \
             kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or start the container with \
             --cap-add SYS_ADMIN"
        )
    })
}

/// Does not return unless it fails.
fn become_program(line: Vec<OsString>, socket: &OwnedFd) -> String {
    if kernel::identity().0 != 0 {
        if let Err(error) = kernel::gain_no_rights() {
            return format!("give up rights to come: {error}");
        }
    }
    let heard = kernel::listen(&filter()).and_then(|listener| kernel::send(socket, &[HEARD], Some(listener.as_fd())));
    if let Err(error) = heard {
        let remedy = match error.raw_os_error() {
            Some(libc::EBUSY) => "; this process is watched by another program already",
            Some(libc::EINVAL | libc::ENOSYS) => "; it takes Linux 5.19 or newer",
            _ => "; in a container, start that with --security-opt seccomp=unconfined --cap-add SYS_PTRACE",
        };
        return format!("hear of the program's calls (seccomp): {error}{remedy}");
    }
    let mut line = line.into_iter();
    let Some(program) = line.next() else { return "the command is empty".to_owned() };
    let error = Command::new(&program).args(line).exec();
    format!("start {}: {error}", program.to_string_lossy())
}
