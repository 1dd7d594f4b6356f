//! The functions that take the place of the C library's, for the whole process.
//!
//! Each looks whether its file is under a watched directory. If not, the kernel is asked at once; if so, the watcher is
//! asked before and told after. `errno` is as the kernel left it, or as the watcher wants it.
//!
//! `sendfile` and `copy_file_range` into a watched file say that they do not work on it: every caller has to be ready for
//! that, and writes the bytes itself, where they can be seen.
//!
//! Source: the manual pages of the functions, Linux.

use std::ffi::CStr;
use std::sync::Arc;

use libc::{c_char, c_int, c_long, c_uint, dev_t, iovec, mode_t, off_t, size_t, sockaddr, socklen_t, ssize_t};

use super::carried::carry_out;
use super::descriptors::{self, OpenFile};
use super::node::Node;
use super::operation::{FileChange, LinkTarget, Operation};
use super::real::{self, Answer};
use super::text::{plain, text_of};
use super::watch::{self, Watched};
use crate::fault::Call;

/// What a path leads to, if that is under a watched directory.
fn locate(dir: c_int, path: *const c_char) -> Option<(Arc<Watched>, String)> {
    if !watch::any() || watch::is_unwatched() {
        return None;
    }
    let path = real::text(path)?.to_bytes();
    match path.first()? {
        b'/' => watch::find(&plain(path)),
        _ if dir == libc::AT_FDCWD => {
            let current = real::current_directory()?;
            watch::find(&plain(&[current.to_bytes(), b"/", path].concat()))
        }
        _ => {
            let file = descriptors::get(dir)?;
            watch::find(&plain(&[&*file.entry.path_of(&file.path), b"/", path].concat()))
        }
    }
}

/// The watched file behind a descriptor.
fn opened(fd: c_int) -> Option<Arc<OpenFile>> {
    if !watch::any() || watch::is_unwatched() {
        return None;
    }
    descriptors::get(fd)
}

/// A change of a name.
fn name_changed(
    dir: c_int,
    path: *const c_char,
    call: Call,
    change: FileChange<'_>,
    real: impl FnOnce() -> Answer,
) -> Answer {
    match locate(dir, path) {
        None => real(),
        Some((entry, path)) => carry_out(&entry, &Operation { call, path: &path, change }, |_| real()),
    }
}

/// A change of what an open file holds.
fn file_changed(
    file: &OpenFile,
    call: Call,
    change: FileChange<'_>,
    real: impl FnOnce(Option<usize>) -> Answer,
) -> Answer {
    carry_out(&file.entry, &Operation { call, path: &file.path, change }, real)
}

fn open_at(dir: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // The mode is passed on whether it counts or not.
    let real = || real::openat(dir, path, flags, c_int::from_ne_bytes(mode.to_ne_bytes()));
    let Some((entry, relative)) = locate(dir, path) else { return short(real()) };
    let before = real::size_of(dir, path);
    let created = before.is_none() && flags & libc::O_CREAT != 0;
    let emptied = before.is_some_and(|size| size > 0) && flags & libc::O_TRUNC != 0;
    let file = entry.next_file();
    let call = if created { Call::Create } else { Call::Open };
    let again = entry.is_open(&relative);
    let change = FileChange::Open { file, created, emptied, again };
    let fd = short(carry_out(&entry, &Operation { call, path: &relative, change }, |_| real()));
    if fd >= 0 {
        let appends = flags & libc::O_APPEND != 0;
        descriptors::remember(fd, Arc::new(OpenFile::new(fd, entry, file, relative, appends)));
    }
    fd
}

/// A write at the file's own position.
fn written(fd: c_int, data: &dyn Fn() -> Vec<u8>, real: impl FnOnce(Option<usize>) -> Answer) -> Answer {
    let Some(file) = opened(fd) else { return real(None) };
    let offset = if file.appends { real::size_of_open(fd) } else { real::position(fd) };
    let data = data();
    file_changed(&file, Call::Write, FileChange::Write { file: file.id, offset, data: &data }, real)
}

/// A write at a position of the caller's.
fn written_at(
    fd: c_int,
    offset: off_t,
    data: &dyn Fn() -> Vec<u8>,
    real: impl FnOnce(Option<usize>) -> Answer,
) -> Answer {
    let Some(file) = opened(fd) else { return real(None) };
    let offset = u64::try_from(offset).unwrap_or(0);
    let data = data();
    file_changed(&file, Call::Write, FileChange::Write { file: file.id, offset, data: &data }, real)
}

fn resized(fd: c_int, call: Call, length: off_t, only_grows: bool, real: impl FnOnce() -> Answer) -> Answer {
    let Some(file) = opened(fd) else { return real() };
    let length = u64::try_from(length).unwrap_or(0);
    file_changed(&file, call, FileChange::Resize { file: Some(file.id), length, only_grows }, |_| real())
}

fn synced(fd: c_int, real: impl FnOnce() -> Answer) -> c_int {
    let Some(file) = opened(fd) else { return short(real()) };
    short(file_changed(&file, Call::Sync, FileChange::Sync { file: file.id }, |_| real()))
}

fn copied(old: c_int, new: c_long) -> c_int {
    if let (Ok(fd @ 0..), Some(file)) = (c_int::try_from(new), descriptors::get(old)) {
        descriptors::remember(fd, file);
    }
    short(new)
}

/// An answer that is a descriptor, zero, or -1.
fn short(answer: Answer) -> c_int {
    c_int::try_from(answer).unwrap_or(-1)
}

/// An answer that counts bytes, or -1.
fn long(answer: Answer) -> ssize_t {
    ssize_t::try_from(answer).unwrap_or(-1)
}

fn renamed(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_uint) -> c_int {
    let real = || real::renameat2(from_dir, from, to_dir, to, flags);
    let (old, new) = (locate(from_dir, from), locate(to_dir, to));
    let from = old.as_ref().map(|(_, path)| path.as_str());
    short(match (&old, &new) {
        (_, Some((entry, path))) => {
            carry_out(entry, &Operation { call: Call::Rename, path, change: FileChange::Rename { from } }, |_| real())
        }
        // It leaves the watched directory.
        (Some((entry, path)), None) => {
            carry_out(entry, &Operation { call: Call::Rename, path, change: FileChange::Remove }, |_| real())
        }
        (None, None) => real(),
    })
}

fn linked(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_int) -> c_int {
    let old = locate(from_dir, from);
    let change = FileChange::Link { from: old.as_ref().map(|(_, path)| path.as_str()) };
    short(name_changed(to_dir, to, Call::Link, change, || real::linkat(from_dir, from, to_dir, to, flags)))
}

fn symlinked(target: *const c_char, dir: c_int, path: *const c_char) -> c_int {
    let said = real::text(target).map(CStr::to_bytes).unwrap_or_default();
    let (within, said) = (locate(dir, path).and_then(|(entry, _)| entry.below(said)), text_of(said));
    let target_of_link = within.as_deref().map_or(LinkTarget::AsSaid(&said), LinkTarget::Within);
    let change = FileChange::Symlink { target: target_of_link };
    short(name_changed(dir, path, Call::Symlink, change, || real::symlinkat(target, dir, path)))
}

fn node_made(dir: c_int, path: *const c_char, mode: mode_t, device: dev_t) -> c_int {
    let real = || real::mknodat(dir, path, mode, device);
    let change = match mode & libc::S_IFMT {
        libc::S_IFIFO => FileChange::MakeNode(Node::Pipe),
        libc::S_IFSOCK => FileChange::MakeNode(Node::Socket),
        libc::S_IFBLK => FileChange::MakeNode(Node::BlockDevice(device)),
        libc::S_IFCHR => FileChange::MakeNode(Node::CharacterDevice(device)),
        // A file without a descriptor.
        _ => match locate(dir, path) {
            Some((entry, _)) => {
                FileChange::Open { file: entry.next_file(), created: true, emptied: false, again: false }
            }
            None => return short(real()),
        },
    };
    short(name_changed(dir, path, Call::Create, change, real))
}

fn bound(socket: c_int, address: *const sockaddr, length: socklen_t) -> c_int {
    let real = || real::bind(socket, address, length);
    let path = if watch::any() { real::path_of_socket(address, length) } else { None };
    let Some(path) = path else { return short(real()) };
    short(name_changed(libc::AT_FDCWD, path.as_ptr(), Call::Create, FileChange::MakeNode(Node::Socket), real))
}

fn removed(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    let call = if flags & libc::AT_REMOVEDIR == 0 { Call::Unlink } else { Call::Rmdir };
    short(name_changed(dir, path, call, FileChange::Remove, || real::unlinkat(dir, path, flags)))
}

/// Defines functions under the names of the C library's.
macro_rules! interpose {
    ($( $( #[$attribute:meta] )* fn $($name:ident)+ ($($argument:ident: $type:ty),* $(,)?) -> $answer:ty $body:block )+) => {
        $( interpose!(@each ($($name)+) ($($argument: $type),*) $answer, $body); )+
    };
    (@each ($first:ident) $arguments:tt $answer:ty, $body:block) => {
        interpose!(@one $first $arguments $answer, $body);
    };
    (@each ($first:ident $($rest:ident)+) $arguments:tt $answer:ty, $body:block) => {
        interpose!(@one $first $arguments $answer, $body);
        interpose!(@each ($($rest)+) $arguments $answer, $body);
    };
    (@one $name:ident ($($argument:ident: $type:ty),*) $answer:ty, $body:block) => {
        // SAFETY: name and arguments are the C library's, and so is the contract; each is used as the kernel would use
        // it. Arguments that the C library takes only sometimes (the mode of `open`) come in a register of their own on
        // the systems for which this is built.
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) -> $answer $body
    };
}

interpose! {
    fn open open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
        open_at(libc::AT_FDCWD, path, flags, mode)
    }

    fn openat openat64(dir: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
        open_at(dir, path, flags, mode)
    }

    fn creat creat64(path: *const c_char, mode: mode_t) -> c_int {
        open_at(libc::AT_FDCWD, path, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC, mode)
    }

    fn close(fd: c_int) -> c_int {
        descriptors::forget(fd);
        short(real::close(fd))
    }

    fn dup(fd: c_int) -> c_int {
        copied(fd, real::dup(fd))
    }

    fn dup2(old: c_int, new: c_int) -> c_int {
        // Unlike its younger brother it takes a copy onto itself for done.
        if old == new {
            return if real::fcntl(old, libc::F_GETFD, 0) < 0 { -1 } else { new };
        }
        descriptors::forget(new);
        copied(old, real::dup3(old, new, 0))
    }

    fn dup3(old: c_int, new: c_int, flags: c_int) -> c_int {
        descriptors::forget(new);
        copied(old, real::dup3(old, new, flags))
    }

    fn fcntl fcntl64(fd: c_int, command: c_int, argument: c_long) -> c_int {
        let answer = real::fcntl(fd, command, argument);
        match command {
            libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => copied(fd, answer),
            _ => short(answer),
        }
    }

    fn write(fd: c_int, bytes: *const u8, count: size_t) -> ssize_t {
        let data = || real::bytes(bytes, count).to_vec();
        long(written(fd, &data, |most| real::write(fd, bytes, most.unwrap_or(count))))
    }

    fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
        let data = || real::gathered(parts, count);
        long(written(fd, &data, |most| match most {
            None => real::writev(fd, parts, count),
            Some(most) => real::write(fd, data()[..most].as_ptr(), most),
        }))
    }

    fn pwrite pwrite64(fd: c_int, bytes: *const u8, count: size_t, offset: off_t) -> ssize_t {
        let data = || real::bytes(bytes, count).to_vec();
        long(written_at(fd, offset, &data, |most| real::pwrite(fd, bytes, most.unwrap_or(count), offset)))
    }

    fn pwritev pwritev64(fd: c_int, parts: *const iovec, count: c_int, offset: off_t) -> ssize_t {
        let data = || real::gathered(parts, count);
        long(written_at(fd, offset, &data, |most| match most {
            None => real::pwritev(fd, parts, count, offset),
            Some(most) => real::pwrite(fd, data()[..most].as_ptr(), most, offset),
        }))
    }

    fn pwritev2 pwritev64v2(fd: c_int, parts: *const iovec, count: c_int, offset: off_t, flags: c_int) -> ssize_t {
        let data = || real::gathered(parts, count);
        // An offset of -1 means the file's own position.
        if offset == -1 {
            return long(written(fd, &data, |_| real::pwritev2(fd, parts, count, offset, flags)));
        }
        long(written_at(fd, offset, &data, |most| match most {
            None => real::pwritev2(fd, parts, count, offset, flags),
            Some(most) => real::pwrite(fd, data()[..most].as_ptr(), most, offset),
        }))
    }

    fn ftruncate ftruncate64(fd: c_int, length: off_t) -> c_int {
        short(resized(fd, Call::Truncate, length, false, || real::ftruncate(fd, length)))
    }

    fn truncate truncate64(path: *const c_char, length: off_t) -> c_int {
        let bytes = u64::try_from(length).unwrap_or(0);
        let change = FileChange::Resize { file: None, length: bytes, only_grows: false };
        short(name_changed(libc::AT_FDCWD, path, Call::Truncate, change, || real::truncate(path, length)))
    }

    fn fallocate fallocate64(fd: c_int, mode: c_int, offset: off_t, length: off_t) -> c_int {
        // Other modes than the plain one do not change the length; what they do to the bytes is not followed.
        let end = if mode == 0 { offset.saturating_add(length) } else { 0 };
        short(resized(fd, Call::Allocate, end, true, || real::fallocate(fd, mode, offset, length)))
    }

    fn posix_fallocate posix_fallocate64(fd: c_int, offset: off_t, length: off_t) -> c_int {
        let end = offset.saturating_add(length);
        // The only one that gives its error as its answer.
        match resized(fd, Call::Allocate, end, true, || real::fallocate(fd, 0, offset, length)) {
            0 => 0,
            _ => real::errno(),
        }
    }

    fn sendfile sendfile64(to: c_int, from: c_int, offset: *mut off_t, count: size_t) -> ssize_t {
        if opened(to).is_some() {
            real::set_errno(libc::EINVAL);
            return -1;
        }
        long(real::sendfile(to, from, offset, count))
    }

    fn copy_file_range(
        from: c_int,
        from_offset: *mut off_t,
        to: c_int,
        to_offset: *mut off_t,
        count: size_t,
        flags: c_uint,
    ) -> ssize_t {
        if opened(to).is_some() {
            real::set_errno(libc::EXDEV);
            return -1;
        }
        long(real::copy_file_range(from, from_offset, to, to_offset, count, flags))
    }

    fn fsync(fd: c_int) -> c_int {
        synced(fd, || real::fsync(fd))
    }

    fn fdatasync(fd: c_int) -> c_int {
        synced(fd, || real::fdatasync(fd))
    }

    fn rename(from: *const c_char, to: *const c_char) -> c_int {
        renamed(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0)
    }

    fn renameat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char) -> c_int {
        renamed(from_dir, from, to_dir, to, 0)
    }

    fn renameat2(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_uint) -> c_int {
        renamed(from_dir, from, to_dir, to, flags)
    }

    fn link(from: *const c_char, to: *const c_char) -> c_int {
        linked(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0)
    }

    fn linkat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_int) -> c_int {
        linked(from_dir, from, to_dir, to, flags)
    }

    fn symlink(target: *const c_char, path: *const c_char) -> c_int {
        symlinked(target, libc::AT_FDCWD, path)
    }

    fn symlinkat(target: *const c_char, dir: c_int, path: *const c_char) -> c_int {
        symlinked(target, dir, path)
    }

    fn unlink(path: *const c_char) -> c_int {
        removed(libc::AT_FDCWD, path, 0)
    }

    fn unlinkat(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
        removed(dir, path, flags)
    }

    fn rmdir(path: *const c_char) -> c_int {
        removed(libc::AT_FDCWD, path, libc::AT_REMOVEDIR)
    }

    fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
        short(name_changed(libc::AT_FDCWD, path, Call::Mkdir, FileChange::MakeDirectory, || {
            real::mkdirat(libc::AT_FDCWD, path, mode)
        }))
    }

    fn mkfifo(path: *const c_char, mode: mode_t) -> c_int {
        node_made(libc::AT_FDCWD, path, libc::S_IFIFO | mode, 0)
    }

    fn mkfifoat(dir: c_int, path: *const c_char, mode: mode_t) -> c_int {
        node_made(dir, path, libc::S_IFIFO | mode, 0)
    }

    fn mknod(path: *const c_char, mode: mode_t, device: dev_t) -> c_int {
        node_made(libc::AT_FDCWD, path, mode, device)
    }

    fn mknodat(dir: c_int, path: *const c_char, mode: mode_t, device: dev_t) -> c_int {
        node_made(dir, path, mode, device)
    }

    fn bind(socket: c_int, address: *const sockaddr, length: socklen_t) -> c_int {
        bound(socket, address, length)
    }

    fn mkdirat(dir: c_int, path: *const c_char, mode: mode_t) -> c_int {
        short(name_changed(dir, path, Call::Mkdir, FileChange::MakeDirectory, || real::mkdirat(dir, path, mode)))
    }
}
