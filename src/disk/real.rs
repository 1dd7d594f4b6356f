//! The real operations: the kernel's own, asked for without the functions that are taken here.

use std::ffi::{CStr, CString};

use libc::{c_char, c_int, c_long, iovec, off_t};

/// What the kernel answers: -1, and `errno` says why; otherwise a number of its own.
pub(super) type Answer = c_long;

macro_rules! ask {
    ($number:ident $(, $argument:expr)*) => {
        // SAFETY: the arguments are those that our caller passed to the function of the same name, whose contract is the
        // system call's; where it is broken, the kernel answers EFAULT or EINVAL.
        unsafe { libc::syscall(libc::$number $(, $argument)*) }
    };
}

pub(super) fn openat(dir: c_int, path: *const c_char, flags: c_int, mode: c_int) -> Answer {
    ask!(SYS_openat, dir, path, flags, mode)
}

pub(super) fn close(fd: c_int) -> Answer {
    ask!(SYS_close, fd)
}

pub(super) fn dup(fd: c_int) -> Answer {
    ask!(SYS_dup, fd)
}

pub(super) fn dup3(old: c_int, new: c_int, flags: c_int) -> Answer {
    ask!(SYS_dup3, old, new, flags)
}

pub(super) fn fcntl(fd: c_int, command: c_int, argument: c_long) -> Answer {
    ask!(SYS_fcntl, fd, command, argument)
}

pub(super) fn write(fd: c_int, bytes: *const u8, count: usize) -> Answer {
    ask!(SYS_write, fd, bytes, count)
}

pub(super) fn writev(fd: c_int, parts: *const iovec, count: c_int) -> Answer {
    ask!(SYS_writev, fd, parts, count)
}

pub(super) fn pwrite(fd: c_int, bytes: *const u8, count: usize, offset: off_t) -> Answer {
    ask!(SYS_pwrite64, fd, bytes, count, offset)
}

pub(super) fn pwritev(fd: c_int, parts: *const iovec, count: c_int, offset: off_t) -> Answer {
    // The offset comes in two halves; with 64 bits the first holds it all.
    ask!(SYS_pwritev, fd, parts, count, offset, 0)
}

pub(super) fn pwritev2(fd: c_int, parts: *const iovec, count: c_int, offset: off_t, flags: c_int) -> Answer {
    ask!(SYS_pwritev2, fd, parts, count, offset, 0, flags)
}

pub(super) fn ftruncate(fd: c_int, length: off_t) -> Answer {
    ask!(SYS_ftruncate, fd, length)
}

pub(super) fn truncate(path: *const c_char, length: off_t) -> Answer {
    ask!(SYS_truncate, path, length)
}

pub(super) fn fallocate(fd: c_int, mode: c_int, offset: off_t, length: off_t) -> Answer {
    ask!(SYS_fallocate, fd, mode, offset, length)
}

pub(super) fn sendfile(to: c_int, from: c_int, offset: *mut off_t, count: usize) -> Answer {
    ask!(SYS_sendfile, to, from, offset, count)
}

pub(super) fn copy_file_range(
    from: c_int,
    from_offset: *mut off_t,
    to: c_int,
    to_offset: *mut off_t,
    count: usize,
    flags: u32,
) -> Answer {
    ask!(SYS_copy_file_range, from, from_offset, to, to_offset, count, flags)
}

pub(super) fn fsync(fd: c_int) -> Answer {
    ask!(SYS_fsync, fd)
}

pub(super) fn fdatasync(fd: c_int) -> Answer {
    ask!(SYS_fdatasync, fd)
}

pub(super) fn renameat2(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: u32) -> Answer {
    ask!(SYS_renameat2, from_dir, from, to_dir, to, flags)
}

pub(super) fn linkat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_int) -> Answer {
    ask!(SYS_linkat, from_dir, from, to_dir, to, flags)
}

pub(super) fn symlinkat(target: *const c_char, dir: c_int, path: *const c_char) -> Answer {
    ask!(SYS_symlinkat, target, dir, path)
}

pub(super) fn unlinkat(dir: c_int, path: *const c_char, flags: c_int) -> Answer {
    ask!(SYS_unlinkat, dir, path, flags)
}

pub(super) fn mkdirat(dir: c_int, path: *const c_char, mode: libc::mode_t) -> Answer {
    ask!(SYS_mkdirat, dir, path, mode)
}

pub(super) fn mknodat(dir: c_int, path: *const c_char, mode: libc::mode_t, device: libc::dev_t) -> Answer {
    ask!(SYS_mknodat, dir, path, mode, device)
}

pub(super) fn bind(socket: c_int, address: *const libc::sockaddr, length: libc::socklen_t) -> Answer {
    ask!(SYS_bind, socket, address, length)
}

/// The path of a socket's address, if it has one in the file system.
pub(super) fn path_of_socket(address: *const libc::sockaddr, length: libc::socklen_t) -> Option<CString> {
    let start = std::mem::offset_of!(libc::sockaddr_un, sun_path);
    let length = usize::try_from(length).ok()?;
    if address.is_null() || length <= start {
        return None;
    }
    // SAFETY: whoever calls `bind` passes so many bytes, and they live as long as that call.
    let bytes = unsafe { std::slice::from_raw_parts(address.cast::<u8>(), length) };
    let family = libc::sa_family_t::from_ne_bytes(bytes.first_chunk()?.to_owned());
    let path = bytes[start..].split(|&byte| byte == 0).next()?;
    let is_path = c_int::from(family) == libc::AF_UNIX && !path.is_empty();
    is_path.then(|| CString::new(path).ok()).flatten()
}

/// Whether something stands at the path, and how many bytes it holds.
pub(super) fn size_of(dir: c_int, path: *const c_char) -> Option<u64> {
    // SAFETY: `stat` is plain data, for which zeros are a value.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the path is our caller's; `found` is ours and lives as long as the call.
    let answer = unsafe { libc::fstatat(dir, path, &raw mut found, 0) };
    (answer == 0).then(|| u64::try_from(found.st_size).unwrap_or(0))
}

/// The size of an open file, in bytes.
pub(super) fn size_of_open(fd: c_int) -> u64 {
    found(fd).map_or(0, |found| u64::try_from(found.st_size).unwrap_or(0))
}

/// Which file of the system a descriptor leads to: the number of its device, and its own on that.
pub(super) fn identity(fd: c_int) -> Option<(u64, u64)> {
    found(fd).map(|found| (found.st_dev, found.st_ino))
}

fn found(fd: c_int) -> Option<libc::stat> {
    // SAFETY: `stat` is plain data, for which zeros are a value.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `found` is ours and lives as long as the call.
    let answer = unsafe { libc::fstat(fd, &raw mut found) };
    (answer == 0).then_some(found)
}

/// Where the next byte is written, in bytes.
pub(super) fn position(fd: c_int) -> u64 {
    // SAFETY: nothing but numbers.
    let position = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
    u64::try_from(position).unwrap_or(0)
}

/// The path behind a pointer, if it is one.
pub(super) fn text<'p>(path: *const c_char) -> Option<&'p CStr> {
    // SAFETY: whoever calls a function that takes a path passes a string that ends with a zero, or null; it lives as
    // long as that call, and so does whatever is made of it here.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
}

/// The bytes of a write.
pub(super) fn bytes<'b>(start: *const u8, count: usize) -> &'b [u8] {
    if start.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: whoever calls `write` passes so many bytes, and they live as long as that call.
    unsafe { std::slice::from_raw_parts(start, count) }
}

/// The bytes of a write in several parts, put together.
pub(super) fn gathered(parts: *const iovec, count: c_int) -> Vec<u8> {
    let count = usize::try_from(count).unwrap_or(0);
    if parts.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: whoever calls `writev` passes so many parts, and they live as long as that call.
    let parts = unsafe { std::slice::from_raw_parts(parts, count) };
    parts.iter().flat_map(|part| bytes(part.iov_base.cast(), part.iov_len)).copied().collect()
}

/// The reason why the last call on this thread failed.
pub(super) fn errno() -> c_int {
    // SAFETY: the location is this thread's own, and always there.
    unsafe { *libc::__errno_location() }
}

/// Says why a call failed.
pub(super) fn set_errno(errno: c_int) {
    // SAFETY: the location is this thread's own, and always there.
    unsafe { *libc::__errno_location() = errno }
}

/// The directory to which relative paths relate.
pub(super) fn current_directory() -> Option<CString> {
    let path = std::env::current_dir().ok()?;
    CString::new(path.into_os_string().into_encoded_bytes()).ok()
}

/// The number of this thread.
pub(super) fn thread() -> i32 {
    // SAFETY: there is nothing that could be wrong with it.
    unsafe { libc::gettid() }
}

/// Ends this process by SIGKILL.
pub(super) fn kill_this_process() -> ! {
    // SAFETY: nothing but numbers; the signal cannot be caught.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGKILL);
    }
    // The signal is on its way.
    loop {
        std::hint::spin_loop();
    }
}

/// By how many nanoseconds the kernel may be late when it wakes this thread, and those that it starts.
pub(super) fn timer_slack() -> u32 {
    // SAFETY: nothing but numbers.
    let slack = unsafe { libc::prctl(libc::PR_GET_TIMERSLACK, 0, 0, 0, 0) };
    u32::try_from(slack).unwrap_or(0)
}

/// Sets it.
pub(super) fn set_timer_slack(nanoseconds: u32) {
    // SAFETY: nothing but numbers. Where the kernel refuses, it stays as it is.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, libc::c_ulong::from(nanoseconds), 0, 0, 0);
    }
}

/// Lets a thread run only when nothing else wants to.
pub(super) fn make_idle(thread: i32) {
    // SAFETY: the kernel reads the structure, which lives as long as the call. A thread that is gone is an error that
    // changes nothing.
    unsafe {
        let lowest = libc::sched_param { sched_priority: 0 };
        libc::sched_setscheduler(thread, libc::SCHED_IDLE, &raw const lowest);
    }
}
