//! What the kernel is asked for: notifications of another process's calls, its memory and its files.
//!
//! Source: the manual pages seccomp(2), `seccomp_unotify(2)`, `pidfd_getfd(2)`, `process_vm_readv(2)`, unix(7).

use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use libc::{c_char, c_int, c_long, c_short, c_ulong, c_void, iovec};

/// A call that another process is about to make, and that waits for an answer. Laid out as the kernel's.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Notification {
    pub(super) id: u64,
    /// The thread that calls.
    pub(super) thread: u32,
    flags: u32,
    /// The number of the call.
    pub(super) call: i32,
    architecture: u32,
    instruction: u64,
    pub(super) arguments: [u64; 6],
}

/// What becomes of a call.
#[derive(Debug)]
pub(super) enum Reply {
    /// The caller makes it itself.
    Continue,
    /// It was carried out, with this result; below zero, the number of an error.
    Done(i64),
    /// It is a new descriptor of the caller's, which is this file.
    Opened { file: OwnedFd, closes_on_exec: bool },
}

#[repr(C)]
#[derive(Default)]
struct Response {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

#[repr(C)]
#[derive(Default)]
struct AddedDescriptor {
    id: u64,
    flags: u32,
    source: u32,
    number: u32,
    number_flags: u32,
}

const RECEIVE: c_ulong = 0xc050_2100;
const SEND: c_ulong = 0xc018_2101;
const ADD_DESCRIPTOR: c_ulong = 0x4018_2103;
const SET_FLAGS: c_ulong = 0x4008_2104;
const CONTINUE: u32 = 1;
/// The descriptor that is added answers the call.
const AND_SEND: u32 = 2;
/// An interface that carries something.
const IS_UP: c_short = 1;
/// The caller wakes up on the processor on which it is answered.
const WAKE_UP_HERE: u64 = 1;
/// A descriptor of one thread, whose group may not be its own.
const OF_A_THREAD: c_int = libc::O_EXCL;

fn answered(answer: c_long) -> io::Result<c_long> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

fn descriptor(answer: c_long) -> io::Result<OwnedFd> {
    let number = RawFd::try_from(answered(answer)?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// The next call that waits for an answer; none when no process is left that could make one.
pub(super) fn receive(listener: &OwnedFd) -> io::Result<Option<Notification>> {
    loop {
        let mut waiting = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the structure is ours and lives as long as the call.
        if unsafe { libc::poll(&raw mut waiting, 1, -1) } < 0 {
            continue;
        }
        if waiting.revents & libc::POLLIN == 0 {
            return Ok(None);
        }
        let mut notification = Notification::default();
        // SAFETY: the kernel fills the structure, which is laid out as it wants it and all zeros, as it demands.
        let answer = unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE, &raw mut notification) };
        match answered(answer.into()) {
            Ok(_) => return Ok(Some(notification)),
            // The caller was killed in between, or this thread was interrupted.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EINTR)) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether a call waits that was not received yet.
pub(super) fn is_something_waiting(listener: &OwnedFd) -> bool {
    let mut waiting = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: the structure is ours and lives as long as the call.
    unsafe { libc::poll(&raw mut waiting, 1, 0) > 0 && waiting.revents & libc::POLLIN != 0 }
}

/// Answers a call. That the caller is gone meanwhile is no error.
pub(super) fn reply(listener: &OwnedFd, id: u64, reply: Reply) {
    let response = match reply {
        Reply::Continue => Response { id, flags: CONTINUE, ..Response::default() },
        Reply::Done(value @ 0..) => Response { id, value, ..Response::default() },
        Reply::Done(error) => Response { id, error: i32::try_from(error).unwrap_or(-libc::EIO), ..Response::default() },
        Reply::Opened { file, closes_on_exec } => {
            let number_flags = if closes_on_exec { libc::O_CLOEXEC.unsigned_abs() } else { 0 };
            let source = file.as_raw_fd().unsigned_abs();
            let added = AddedDescriptor { id, flags: AND_SEND, source, number: 0, number_flags };
            // SAFETY: the kernel reads the structure, which lives as long as the call.
            let answer = unsafe { libc::ioctl(listener.as_raw_fd(), ADD_DESCRIPTOR, &raw const added) };
            if answer >= 0 {
                return;
            }
            let error = io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
            Response { id, error: -error, ..Response::default() }
        }
    };
    // SAFETY: the kernel reads the structure, which lives as long as the call.
    unsafe {
        libc::ioctl(listener.as_raw_fd(), SEND, &raw const response);
    }
}

/// Has callers woken without a detour, where the kernel knows how (6.6).
pub(super) fn wake_callers_here(listener: &OwnedFd) {
    // SAFETY: nothing but numbers; a kernel that does not know the flag refuses it.
    unsafe {
        libc::ioctl(listener.as_raw_fd(), SET_FLAGS, WAKE_UP_HERE);
    }
}

/// Has all calls of this process for which the filter says so wait for an answer. Returns where they wait.
pub(super) fn listen(filter: &[libc::sock_filter]) -> io::Result<OwnedFd> {
    const SET_MODE_FILTER: c_int = 1;
    const NEW_LISTENER: c_ulong = 1 << 3;
    /// A signal that does not kill waits for the answer: the call would be made twice otherwise.
    const WAIT_KILLABLE: c_ulong = 1 << 5;
    let length = u16::try_from(filter.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len: length, filter: filter.as_ptr().cast_mut() };
    // SAFETY: the kernel reads the program, which lives as long as the call.
    descriptor(unsafe {
        libc::syscall(libc::SYS_seccomp, SET_MODE_FILTER, NEW_LISTENER | WAIT_KILLABLE, &raw const program)
    })
}

/// A handle of a thread of another process.
pub(super) fn thread(number: u32) -> io::Result<OwnedFd> {
    // SAFETY: nothing but numbers.
    descriptor(unsafe { libc::syscall(libc::SYS_pidfd_open, number, OF_A_THREAD) })
}

/// A handle of a process.
pub(super) fn process(number: c_int) -> io::Result<OwnedFd> {
    // SAFETY: nothing but numbers.
    descriptor(unsafe { libc::syscall(libc::SYS_pidfd_open, number, 0) })
}

/// What a descriptor of another process leads to, as a descriptor of ours.
pub(super) fn file_of(thread: &OwnedFd, number: c_int) -> io::Result<OwnedFd> {
    // SAFETY: nothing but numbers.
    descriptor(unsafe { libc::syscall(libc::SYS_pidfd_getfd, thread.as_raw_fd(), number, 0) })
}

/// Ends a process, and with the first of a namespace all that live in it.
pub(super) fn kill(process: &OwnedFd) {
    // SAFETY: nothing but numbers and a null pointer, which stands for the usual information.
    unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), libc::SIGKILL, std::ptr::null::<c_void>(), 0);
    }
}

/// Bytes of another process's memory: as many as can be read from there on, at most as many as there is room for.
pub(super) fn read_memory(thread: u32, address: u64, room: &mut [u8]) -> io::Result<usize> {
    let Ok(thread) = libc::pid_t::try_from(thread) else { return Ok(0) };
    let length = room.len();
    let to = iovec { iov_base: room.as_mut_ptr().cast(), iov_len: length };
    // Page by page: what follows the last page that is there does not spoil what comes before it.
    let first = (4096 - usize::try_from(address % 4096).unwrap_or(0)).min(length);
    let address_of = |from: u64| std::ptr::without_provenance_mut(usize::try_from(from).unwrap_or(0));
    let part = |from: u64, iov_len| iovec { iov_base: address_of(from), iov_len };
    let from = [part(address, first), part(address + first as u64, length - first)];
    let parts = if first < length { 2 } else { 1 };
    // SAFETY: the kernel writes into `room` alone; what it reads belongs to the other process, and it looks after that.
    let answer = unsafe { libc::process_vm_readv(thread, &raw const to, 1, from.as_ptr(), parts, 0) };
    answered(answer as c_long).map(|bytes| usize::try_from(bytes).unwrap_or(0))
}

/// Room for what the kernel says of one descriptor that is passed on.
#[repr(C)]
struct Passed {
    header: libc::cmsghdr,
    number: RawFd,
}

/// Sends some bytes, and a descriptor with them.
pub(super) fn send(socket: &impl AsRawFd, bytes: &[u8], passed: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut part = iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: these are plain data, for which zeros are a value.
    let (mut message, mut control): (libc::msghdr, Passed) = unsafe { std::mem::zeroed() };
    (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
    if let Some(passed) = passed {
        control.header.cmsg_len = size_of::<libc::cmsghdr>() + size_of::<RawFd>();
        (control.header.cmsg_level, control.header.cmsg_type) = (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        control.number = passed.as_raw_fd();
        (message.msg_control, message.msg_controllen) = ((&raw mut control).cast(), size_of::<Passed>());
    }
    // SAFETY: the kernel reads what the message points to, all of which lives as long as the call.
    answered(unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) } as c_long).map(drop)
}

/// Receives one message: its bytes, none at the end, and the descriptor that came with them.
pub(super) fn receive_message(socket: &impl AsRawFd) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut bytes = vec![0; 512];
    let mut part = iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    // SAFETY: these are plain data, for which zeros are a value.
    let (mut message, mut control): (libc::msghdr, Passed) = unsafe { std::mem::zeroed() };
    (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
    (message.msg_control, message.msg_controllen) = ((&raw mut control).cast(), size_of::<Passed>());
    // SAFETY: the kernel writes into what the message points to, all of which lives as long as the call.
    let answer = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, libc::MSG_CMSG_CLOEXEC) };
    bytes.truncate(usize::try_from(answered(answer as c_long)?).unwrap_or(0));
    let is_passed = message.msg_controllen > 0 && control.header.cmsg_type == libc::SCM_RIGHTS;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows it.
    let passed = is_passed.then(|| unsafe { OwnedFd::from_raw_fd(control.number) });
    Ok((bytes, passed))
}

/// A pair of sockets that keep messages apart.
pub(super) fn messengers() -> io::Result<(UnixStream, OwnedFd)> {
    let (mut pair, kind) = ([0; 2], libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC);
    // SAFETY: the kernel fills the array, which is as long as it has to be.
    let answer = unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) };
    answered(answer.into())?;
    // SAFETY: the kernel has just made both for us, and nobody else knows them.
    Ok(unsafe { (UnixStream::from_raw_fd(pair[0]), OwnedFd::from_raw_fd(pair[1])) })
}

/// Gives this thread a mask of its own for the rights of new files: none is taken away from them.
pub(super) fn mask_nothing() -> io::Result<()> {
    // SAFETY: nothing but numbers; the mask is this thread's own from then on.
    answered(unsafe { libc::unshare(libc::CLONE_FS) }.into())?;
    // SAFETY: nothing but numbers.
    unsafe {
        libc::umask(0);
    }
    Ok(())
}

/// What is known of an open file.
pub(super) fn status(file: &impl AsRawFd) -> io::Result<libc::stat> {
    // SAFETY: `stat` is plain data, for which zeros are a value.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `found` is ours and lives as long as the call.
    answered(unsafe { libc::fstat(file.as_raw_fd(), &raw mut found) }.into())?;
    Ok(found)
}

/// The first descriptor of this process, which its parent gave it for messages, and an empty input in its place.
pub(super) fn take_messenger() -> io::Result<OwnedFd> {
    // SAFETY: nothing but numbers.
    let socket = descriptor(unsafe { libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 3) }.into())?;
    let nothing = File::open("/dev/null")?;
    // SAFETY: nothing but numbers.
    answered(unsafe { libc::dup2(nothing.as_raw_fd(), 0) }.into())?;
    Ok(socket)
}

/// Has the kernel kill this process when its parent ends.
pub(super) fn die_with_parent() -> io::Result<()> {
    // SAFETY: nothing but numbers.
    answered(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) }.into()).map(drop)
}

/// Gives up the rights that a program could gain by starting another one.
pub(super) fn gain_no_rights() -> io::Result<()> {
    // SAFETY: nothing but numbers.
    answered(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into()).map(drop)
}

/// Takes this process out of what it shares with others.
pub(super) fn unshare(what: c_int) -> io::Result<()> {
    // SAFETY: nothing but numbers.
    answered(unsafe { libc::unshare(what) }.into()).map(drop)
}

/// Limits what this process, and each that it starts, may use of this resource.
pub(super) fn limit(resource: libc::__rlimit_resource_t, most: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the kernel reads the structure, which lives as long as the call.
    answered(unsafe { libc::setrlimit(resource, &raw const limit) }.into()).map(drop)
}

/// Takes this process into what a process with this handle lives in.
pub(super) fn enter(process: &impl AsRawFd, what: c_int) -> io::Result<()> {
    // SAFETY: nothing but numbers.
    answered(unsafe { libc::setns(process.as_raw_fd(), what) }.into()).map(drop)
}

/// Lets this process's network reach itself under 127.0.0.1 and `::1`.
pub(super) fn raise_loopback() -> io::Result<()> {
    // SAFETY: nothing but numbers.
    let socket = descriptor(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) }.into())?;
    // SAFETY: this is plain data, for which zeros are a value.
    let mut interface: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in interface.ifr_name.iter_mut().zip(b"lo") {
        *to = c_char::from_ne_bytes([*from]);
    }
    interface.ifr_ifru.ifru_flags = IS_UP;
    // SAFETY: the kernel reads the structure, which lives as long as the call.
    answered(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const interface) }.into()).map(drop)
}

/// A socket for connections in this process's network, that waits for nothing.
pub(super) fn socket(family: c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: nothing but numbers.
    descriptor(unsafe { libc::socket(family, kind, 0) }.into())
}

/// How many bytes have arrived at a socket and were not read.
pub(super) fn unread(socket: &OwnedFd) -> c_int {
    let mut count = 0;
    // SAFETY: the kernel writes the number, which lives as long as the call.
    unsafe {
        libc::ioctl(socket.as_raw_fd(), libc::FIONREAD, &raw mut count);
    }
    count
}

/// Waits until there is something to read from one of these, or it is over. Returns which of them it is.
pub(super) fn wait_for(files: [BorrowedFd<'_>; 2]) -> [bool; 2] {
    let mut waiting = files.map(|file| libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 });
    // SAFETY: the structures are ours and live as long as the call; their number is right.
    unsafe {
        libc::poll(waiting.as_mut_ptr(), 2, -1);
    }
    waiting.map(|file| file.revents != 0)
}

/// The numbers of the user and the group of this process.
pub(super) fn identity() -> (u32, u32) {
    // SAFETY: there is nothing that could be wrong with these.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

/// Makes a second process of this one, which has a single thread. Returns the number of the new one, or nothing in it.
pub(super) fn fork() -> io::Result<Option<c_int>> {
    // SAFETY: the process has no other thread, so that no lock is held by somebody who is not there afterwards.
    let number = answered(unsafe { libc::fork() }.into())?;
    Ok(if number == 0 { None } else { c_int::try_from(number).ok() })
}

/// Waits until a child ends. Returns its number, and its status as `wait` gives it; none when there is no child.
pub(super) fn wait() -> Option<(c_int, c_int)> {
    loop {
        let mut status = 0;
        // SAFETY: the kernel writes the status, which lives as long as the call.
        let child = unsafe { libc::wait(&raw mut status) };
        if child > 0 {
            return Some((child, status));
        }
        if io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return None;
        }
    }
}

/// A descriptor that the kernel has just made for this process.
pub(super) fn owned(number: RawFd) -> OwnedFd {
    // SAFETY: nobody else knows the number.
    unsafe { OwnedFd::from_raw_fd(number) }
}
