//! The other side: a process that becomes the program under test.
//!
//! halfway starts itself for that, as a process with one thread. It makes a namespace of process numbers, whose first
//! process waits for the program: when that one is killed, everything that the program has started is gone with it, and
//! nothing can escape. It is killed when halfway ends, however that ends. The program itself is the second process; the
//! filter is its own from before its first instruction on. A server gets a network of its own, too: there its port is free,
//! and halfway reaches it by sockets that this side makes.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

use libc::c_int;

use super::filter::filter;
use super::kernel;
use super::network::{self, BESIDE_ANOTHER, OWN};

/// The first process of the program is there: with its handle.
pub(super) const STARTED: u8 = b'S';
/// The program is about to begin: with the descriptor from which its calls are heard.
pub(super) const HEARD: u8 = b'H';
/// The program has a network of its own: with the door to it.
pub(super) const DOOR: u8 = b'D';
/// The program lives in the network of another one: with the handle of that one. From halfway to this side.
pub(super) const BESIDE: u8 = b'B';
/// The program is over: with its status, as `wait` gives it.
pub(super) const OVER: u8 = b'O';
/// It could not be started: with the reason.
pub(super) const FAILED: u8 = b'F';

/// Becomes the program of this command line, behind the words that say which network it sees, and what it may use: the most
/// bytes of a file, and of memory.
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
    let mut line = line.into_iter();
    let network = line.next().unwrap_or_default();
    let mut most = || line.next().and_then(|most| most.to_str()?.parse().ok());
    let limits = [(libc::RLIMIT_FSIZE, most()), (libc::RLIMIT_DATA, most())];
    kernel::die_with_parent().map_err(failed("ask to be killed with halfway"))?;
    let beside =
        if network == BESIDE_ANOTHER { received(socket).map_err(failed("find the other program"))? } else { None };
    let door = alone(network == OWN, beside.as_ref())?;
    if let Some(door) = &door {
        kernel::send(socket, &[DOOR], Some(door.theirs.as_fd())).map_err(failed("send the door to a network"))?;
    }
    if let Some(first) = kernel::fork().map_err(failed("make a process"))? {
        if let Some(door) = door {
            door.serve_while(first);
        }
        while kernel::wait().is_some() {}
        exit(0)
    }
    drop((door, beside));
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
        None => Err(become_program(line, &limits, socket)),
    }
}

/// The handle of the program in whose network this one is to live.
fn received(socket: &OwnedFd) -> io::Result<Option<OwnedFd>> {
    match kernel::receive_message(socket)? {
        (bytes, Some(handle)) if bytes == [BESIDE] => Ok(Some(handle)),
        _ => Err(io::Error::other("halfway has not said which it is")),
    }
}

/// Takes this process's children into a namespace of their own, and this process into a network of its own, whose door is
/// returned, or into that of another program.
fn alone(has_network: bool, beside: Option<&OwnedFd>) -> Result<Option<network::Inside>, String> {
    let (user, group) = kernel::identity();
    let spaces = libc::CLONE_NEWPID | if has_network { libc::CLONE_NEWNET } else { 0 };
    let made = match beside {
        _ if user == 0 && beside.is_none_or(|other| kernel::enter(other, libc::CLONE_NEWNET).is_ok()) => {
            kernel::unshare(spaces)
        }
        Some(other) => {
            kernel::enter(other, libc::CLONE_NEWUSER | libc::CLONE_NEWNET).and_then(|()| kernel::unshare(spaces))
        }
        None => Err(io::ErrorKind::PermissionDenied.into()),
    };
    // Who has not the rights for that has them in a namespace of users.
    let made = made.or_else(|error| if beside.is_some() { Err(error) } else { as_user(user, group, spaces) });
    made.map_err(|error| {
        format!(
            "make a namespace for the program's processes: {error}; let users make namespaces (sysctl \
             kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or start the container with \
             --cap-add SYS_ADMIN"
        )
    })?;
    if !has_network {
        return Ok(None);
    }
    let inside = kernel::raise_loopback().and_then(|()| network::Inside::new());
    inside.map(Some).map_err(|error| {
        format!("make a network for the server: {error}; in a container, start that with --cap-add NET_ADMIN")
    })
}

fn as_user(user: u32, group: u32, spaces: c_int) -> io::Result<()> {
    kernel::unshare(libc::CLONE_NEWUSER | spaces)
        .and_then(|()| fs::write("/proc/self/setgroups", "deny"))
        .and_then(|()| fs::write("/proc/self/uid_map", format!("{user} {user} 1")))
        .and_then(|()| fs::write("/proc/self/gid_map", format!("{group} {group} 1")))
}

/// Does not return unless it fails.
fn become_program(
    mut line: impl Iterator<Item = OsString>,
    limits: &[(libc::__rlimit_resource_t, Option<u64>)],
    socket: &OwnedFd,
) -> String {
    for &(resource, most) in limits {
        if let Some(Err(error)) = most.map(|most| kernel::limit(resource, most)) {
            return format!("limit what the program uses: {error}");
        }
    }
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
    let Some(program) = line.next() else { return "the command is empty".to_owned() };
    let error = Command::new(&program).args(line).exec();
    format!("start {}: {error}", program.to_string_lossy())
}
