//! What becomes of each call: it is carried out here where it changes something under a watched directory, and left to its
//! caller elsewhere.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use libc::{c_int, c_long};

use super::kernel::{self, Notification, Reply};
use super::outside;
use super::remote::{self, Place};
use crate::disk::Node;
use crate::disk::carried;
use crate::disk::operation::{FileChange, FileId, LinkTarget, Operation};
use crate::disk::real::{self, Answer};
use crate::disk::text::text_of;
use crate::disk::watch::{self, Watched};
use crate::fault::Call;

/// What is known of one program and its files.
#[derive(Default)]
pub(super) struct Supervisor {
    threads: BTreeMap<u32, OwnedFd>,
    /// The files that were opened, by what the system tells them apart with.
    files: BTreeMap<(u64, u64), (FileId, String)>,
    /// The directories in which a name was changed.
    directories: BTreeSet<String>,
    /// What lies here is the program's world, watched or no more.
    home: PathBuf,
    /// How many bytes it has written under watched directories.
    pub(super) written: u64,
    /// Why nothing can be said of what the program did.
    pub(super) problem: Option<io::Error>,
}

/// A file of the caller's under a watched directory.
struct Open {
    file: OwnedFd,
    entry: Arc<Watched>,
    id: FileId,
    path: String,
}

/// A number of a call that was carried out, or of its error.
type Carried = Result<i64, c_int>;

impl Supervisor {
    /// Of a program whose world lies here.
    pub(super) fn of(home: PathBuf) -> Self {
        Self { home, ..Self::default() }
    }

    /// Carries a call out, or leaves it to its caller.
    pub(super) fn answer(&mut self, call: &Notification) -> Reply {
        let [first, second, third, fourth, fifth, _] = call.arguments;
        let here = libc::AT_FDCWD;
        match c_long::from(call.call) {
            libc::SYS_open => self.open(call, here, first, low(second), mode(third)),
            libc::SYS_creat => {
                self.open(call, here, first, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC, mode(second))
            }
            libc::SYS_openat => self.open(call, low(first), second, low(third), mode(fourth)),
            libc::SYS_openat2 => match remote::numbers(call.thread, third, 2)[..] {
                [flags, rights] => self.open(call, low(first), second, low(flags), mode(rights)),
                _ => Reply::Continue,
            },
            libc::SYS_write => self.write(call, None, || remote::bytes(call.thread, second, third)),
            libc::SYS_writev => self.write(call, None, || remote::gathered(call.thread, second, third)),
            libc::SYS_pwrite64 => self.write(call, Some(fourth), || remote::bytes(call.thread, second, third)),
            libc::SYS_pwritev => self.write(call, Some(fourth), || remote::gathered(call.thread, second, third)),
            libc::SYS_pwritev2 => {
                let offset = Some(fourth).filter(|&offset| offset != u64::MAX);
                self.write(call, offset, || remote::gathered(call.thread, second, third))
            }
            libc::SYS_sendfile => self.refuse(call, low(first), libc::EINVAL),
            libc::SYS_copy_file_range | libc::SYS_splice => {
                let errno = if c_long::from(call.call) == libc::SYS_splice { libc::EINVAL } else { libc::EXDEV };
                self.refuse(call, low(third), errno)
            }
            libc::SYS_truncate => truncate(call, first, second),
            libc::SYS_ftruncate => {
                self.resize(call, Call::Truncate, second, false, |file| real::ftruncate(file, signed(second)))
            }
            libc::SYS_fallocate => self.allocate(call, low(second), third, fourth),
            libc::SYS_fsync => self.sync(call, real::fsync),
            libc::SYS_fdatasync => self.sync(call, real::fdatasync),
            libc::SYS_sync | libc::SYS_syncfs => self.sync_all(call),
            libc::SYS_rename => self.rename(call, (here, first), (here, second), 0),
            libc::SYS_renameat => self.rename(call, (low(first), second), (low(third), fourth), 0),
            libc::SYS_renameat2 => self.rename(call, (low(first), second), (low(third), fourth), mode(fifth)),
            libc::SYS_link => self.link(call, (here, first), (here, second)),
            libc::SYS_linkat => self.link(call, (low(first), second), (low(third), fourth)),
            libc::SYS_symlink => self.symlink(call, first, (here, second)),
            libc::SYS_symlinkat => self.symlink(call, first, (low(second), third)),
            libc::SYS_unlink => self.remove(call, (here, first), 0),
            libc::SYS_unlinkat => self.remove(call, (low(first), second), low(third)),
            libc::SYS_rmdir => self.remove(call, (here, first), libc::AT_REMOVEDIR),
            libc::SYS_mkdir => self.make_directory(call, (here, first), mode(second)),
            libc::SYS_mkdirat => self.make_directory(call, (low(first), second), mode(third)),
            libc::SYS_mknod => self.make_node(call, (here, first), mode(second), third),
            libc::SYS_mknodat => self.make_node(call, (low(first), second), mode(third), fourth),
            _ => Reply::Continue,
        }
    }

    fn open(&mut self, call: &Notification, directory: c_int, path: u64, flags: c_int, rights: u32) -> Reply {
        let is_new = flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0;
        let follows = flags & libc::O_NOFOLLOW == 0 && !is_new;
        let Some(place) = place(call.thread, (directory, path), follows) else { return Reply::Continue };
        let Some((entry, relative)) = watch::find(&place.path) else {
            if !place.path.starts_with(self.home.as_os_str().as_bytes()) {
                outside::note(&place.path);
            }
            return Reply::Continue;
        };
        if flags & libc::O_TMPFILE == libc::O_TMPFILE {
            return refused(libc::EOPNOTSUPP);
        }
        let (there, name) = (place.directory.as_raw_fd(), place.name.as_ptr());
        // Whatever is no file may keep the caller waiting, which is its own business.
        let size = match fs::symlink_metadata(OsStr::from_bytes(&place.path)) {
            Ok(found) if !found.is_file() => return Reply::Continue,
            found => found.ok().map(|found| found.len()),
        };
        let created = size.is_none() && flags & libc::O_CREAT != 0;
        let emptied = size.is_some_and(|size| size > 0) && flags & libc::O_TRUNC != 0;
        let id = entry.next_file();
        let change = FileChange::Open { file: id, created, emptied, again: false };
        let operation = Operation { call: if created { Call::Create } else { Call::Open }, path: &relative, change };
        let rights = low((rights & !remote::mask(call.thread)).into());
        let flags_here = flags | libc::O_CLOEXEC | libc::O_NOFOLLOW;
        let opened = carry_out(&entry, &operation, |_| real::openat(there, name, flags_here, rights));
        let Ok(number) = opened else { return done(opened) };
        let file = kernel::owned(RawFd::try_from(number).unwrap_or(-1));
        if let Ok(found) = kernel::status(&file) {
            self.files.insert((found.st_dev, found.st_ino), (id, relative.clone()));
        }
        self.changed(&relative);
        Reply::Opened { file, closes_on_exec: flags & libc::O_CLOEXEC != 0 }
    }

    /// The file behind a descriptor of the caller's, if it lies under a watched directory and its names are known.
    fn file(&mut self, call: &Notification, number: c_int) -> Option<Open> {
        let path = remote::path_of(call.thread, number)?;
        let (entry, relative) = watch::find(&path)?;
        let file = self.descriptor(call.thread, number)?;
        let found = kernel::status(&file).ok()?;
        let kind = found.st_mode & libc::S_IFMT;
        if kind != libc::S_IFREG && kind != libc::S_IFDIR {
            return None;
        }
        let identity = (found.st_dev, found.st_ino);
        if let Some((id, path)) = self.files.get(&identity) {
            return Some(Open { file, entry, id: *id, path: path.clone() });
        }
        if found.st_nlink == 0 {
            // Nobody will ever see what it holds.
            return None;
        }
        // It was opened to be read, or by a process that was not heard.
        let id = entry.next_file();
        met(&entry, &relative, id);
        self.files.insert(identity, (id, relative.clone()));
        Some(Open { file, entry, id, path: relative })
    }

    fn descriptor(&mut self, thread: u32, number: c_int) -> Option<OwnedFd> {
        for _ in 0..2 {
            let handle = match self.threads.entry(thread) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(kernel::thread(thread).ok()?),
            };
            match kernel::file_of(handle, number) {
                Ok(file) => return Some(file),
                // The number of a thread that is gone is another one's.
                Err(error) if error.raw_os_error() == Some(libc::ESRCH) => drop(self.threads.remove(&thread)),
                Err(error) if error.raw_os_error() == Some(libc::EBADF) => return None,
                Err(error) => {
                    let problem = format!(
                        "the kernel does not let halfway reach a file of the program (pidfd_getfd): {error}; in a container, \
                         start that with --cap-add SYS_PTRACE"
                    );
                    self.problem = Some(io::Error::other(problem));
                    return None;
                }
            }
        }
        None
    }

    fn write(&mut self, call: &Notification, offset: Option<u64>, data: impl Fn() -> Vec<u8>) -> Reply {
        let Some(open) = self.file(call, low(call.arguments[0])) else { return Reply::Continue };
        let file = open.file.as_raw_fd();
        let appends = real::fcntl(file, libc::F_GETFL, 0) & c_long::from(libc::O_APPEND) != 0;
        let at = match offset {
            _ if appends => real::size_of_open(file),
            Some(offset) => offset,
            None => real::position(file),
        };
        let data = data();
        self.written += data.len() as u64;
        let change = FileChange::Write { file: open.id, offset: at, data: &data };
        done(carry_out(&open.entry, &Operation { call: Call::Write, path: &open.path, change }, |most| {
            let count = most.unwrap_or(data.len());
            match offset {
                None => real::write(file, data.as_ptr(), count),
                Some(offset) => real::pwrite(file, data.as_ptr(), count, signed(offset)),
            }
        }))
    }

    /// A copy by the kernel: the caller writes the bytes itself, where they are seen.
    fn refuse(&mut self, call: &Notification, to: c_int, errno: c_int) -> Reply {
        if self.file(call, to).is_some() { refused(errno) } else { Reply::Continue }
    }

    fn resize(
        &mut self,
        call: &Notification,
        kind: Call,
        length: u64,
        only_grows: bool,
        real: impl FnOnce(RawFd) -> Answer,
    ) -> Reply {
        let Some(open) = self.file(call, low(call.arguments[0])) else { return Reply::Continue };
        let change = FileChange::Resize { file: Some(open.id), length, only_grows };
        let operation = Operation { call: kind, path: &open.path, change };
        done(carry_out(&open.entry, &operation, |_| real(open.file.as_raw_fd())))
    }

    fn allocate(&mut self, call: &Notification, how: c_int, offset: u64, length: u64) -> Reply {
        if how != 0 {
            // What other modes do to the bytes is not followed.
            return self.refuse(call, low(call.arguments[0]), libc::EOPNOTSUPP);
        }
        self.resize(call, Call::Allocate, offset.saturating_add(length), true, |file| {
            real::fallocate(file, 0, signed(offset), signed(length))
        })
    }

    fn sync(&mut self, call: &Notification, real: fn(RawFd) -> Answer) -> Reply {
        let Some(open) = self.file(call, low(call.arguments[0])) else { return Reply::Continue };
        let operation = Operation { call: Call::Sync, path: &open.path, change: FileChange::Sync { file: open.id } };
        done(carry_out(&open.entry, &operation, |_| real(open.file.as_raw_fd())))
    }

    /// Everything that was changed is on the disk afterwards.
    fn sync_all(&mut self, call: &Notification) -> Reply {
        let Some(folder) = remote::path_of(call.thread, libc::AT_FDCWD) else { return Reply::Continue };
        let Some((entry, _)) = watch::find(&folder) else { return Reply::Continue };
        for (id, path) in self.files.values() {
            synced(&entry, path, *id);
        }
        for path in &self.directories {
            let id = entry.next_file();
            met(&entry, path, id);
            synced(&entry, path, id);
        }
        Reply::Continue
    }

    fn rename(&mut self, call: &Notification, from: (c_int, u64), to: (c_int, u64), flags: u32) -> Reply {
        let (from, to) = (place(call.thread, from, false), place(call.thread, to, false));
        let (Some(from), Some(to)) = (from, to) else { return Reply::Continue };
        let (old, new) = (watch::find(&from.path), watch::find(&to.path));
        let moved = || {
            let (old, new) = (from.directory.as_raw_fd(), to.directory.as_raw_fd());
            real::renameat2(old, from.name.as_ptr(), new, to.name.as_ptr(), flags)
        };
        let source = old.as_ref().map(|(_, path)| path.as_str());
        let reply = match (&old, &new) {
            (None, None) => return Reply::Continue,
            // Two names that change places are not followed.
            _ if flags & !libc::RENAME_NOREPLACE != 0 => return refused(libc::EINVAL),
            (_, Some((entry, path))) => {
                let operation = Operation { call: Call::Rename, path, change: FileChange::Rename { from: source } };
                done(carry_out(entry, &operation, |_| moved()))
            }
            (Some((entry, path)), None) => {
                let operation = Operation { call: Call::Rename, path, change: FileChange::Remove };
                done(carry_out(entry, &operation, |_| moved()))
            }
        };
        old.iter().chain(&new).for_each(|(_, path)| self.changed(path));
        reply
    }

    fn link(&mut self, call: &Notification, from: (c_int, u64), to: (c_int, u64)) -> Reply {
        let Some((place, entry, relative)) = watched(call.thread, to, false) else { return Reply::Continue };
        let Some(from) = self::place(call.thread, from, false) else { return Reply::Continue };
        let old = watch::find(&from.path);
        let change = FileChange::Link { from: old.as_ref().map(|(_, path)| path.as_str()) };
        self.name(&entry, &relative, Call::Link, change, || {
            let (old, new) = (from.directory.as_raw_fd(), place.directory.as_raw_fd());
            real::linkat(old, from.name.as_ptr(), new, place.name.as_ptr(), 0)
        })
    }

    fn symlink(&mut self, call: &Notification, target: u64, to: (c_int, u64)) -> Reply {
        let Some((place, entry, relative)) = watched(call.thread, to, false) else { return Reply::Continue };
        let Some(target) = remote::text(call.thread, target) else { return Reply::Continue };
        let (within, said) = (entry.below(&target), text_of(&target));
        let leads_to = within.as_deref().map_or(LinkTarget::AsSaid(&said), LinkTarget::Within);
        let target = [&target[..], b"\0"].concat();
        self.name(&entry, &relative, Call::Symlink, FileChange::Symlink { target: leads_to }, || {
            real::symlinkat(target.as_ptr().cast(), place.directory.as_raw_fd(), place.name.as_ptr())
        })
    }

    fn remove(&mut self, call: &Notification, path: (c_int, u64), flags: c_int) -> Reply {
        let Some((place, entry, relative)) = watched(call.thread, path, false) else { return Reply::Continue };
        let kind = if flags & libc::AT_REMOVEDIR == 0 { Call::Unlink } else { Call::Rmdir };
        self.name(&entry, &relative, kind, FileChange::Remove, || {
            real::unlinkat(place.directory.as_raw_fd(), place.name.as_ptr(), flags)
        })
    }

    fn make_directory(&mut self, call: &Notification, path: (c_int, u64), rights: u32) -> Reply {
        let Some((place, entry, relative)) = watched(call.thread, path, false) else { return Reply::Continue };
        let rights = rights & !remote::mask(call.thread);
        self.name(&entry, &relative, Call::Mkdir, FileChange::MakeDirectory, || {
            real::mkdirat(place.directory.as_raw_fd(), place.name.as_ptr(), rights)
        })
    }

    fn make_node(&mut self, call: &Notification, path: (c_int, u64), kind: u32, device: u64) -> Reply {
        let Some((place, entry, relative)) = watched(call.thread, path, false) else { return Reply::Continue };
        let change = match kind & libc::S_IFMT {
            libc::S_IFIFO => FileChange::MakeNode(Node::Pipe),
            libc::S_IFSOCK => FileChange::MakeNode(Node::Socket),
            libc::S_IFBLK => FileChange::MakeNode(Node::BlockDevice(device)),
            libc::S_IFCHR => FileChange::MakeNode(Node::CharacterDevice(device)),
            _ => FileChange::Open { file: entry.next_file(), created: true, emptied: false, again: false },
        };
        let kind = kind & !(remote::mask(call.thread) & 0o777);
        self.name(&entry, &relative, Call::Create, change, || {
            real::mknodat(place.directory.as_raw_fd(), place.name.as_ptr(), kind, device)
        })
    }

    /// A change of a name.
    fn name(
        &mut self,
        entry: &Watched,
        path: &str,
        call: Call,
        change: FileChange<'_>,
        real: impl FnOnce() -> Answer,
    ) -> Reply {
        self.changed(path);
        done(carry_out(entry, &Operation { call, path, change }, |_| real()))
    }

    /// A name was changed in the directory of this path.
    fn changed(&mut self, path: &str) {
        self.directories.insert(path.rsplit_once('/').map_or(String::new(), |(directory, _)| directory.to_owned()));
    }
}

/// The lower half of an argument, which is all that the kernel reads of a descriptor and of flags.
pub(super) fn low(argument: u64) -> c_int {
    c_int::from_ne_bytes(mode(argument).to_ne_bytes())
}

/// A length or an offset.
const fn signed(argument: u64) -> i64 {
    i64::from_ne_bytes(argument.to_ne_bytes())
}

/// The same without a sign.
#[expect(clippy::cast_possible_truncation, reason = "the upper half means nothing")]
const fn mode(argument: u64) -> u32 {
    argument as u32
}

fn truncate(call: &Notification, path: u64, length: u64) -> Reply {
    let Some((place, entry, relative)) = watched(call.thread, (libc::AT_FDCWD, path), true) else {
        return Reply::Continue;
    };
    let change = FileChange::Resize { file: None, length, only_grows: false };
    done(carry_out(&entry, &Operation { call: Call::Truncate, path: &relative, change }, |_| {
        let path = [&place.path[..], b"\0"].concat();
        real::truncate(path.as_ptr().cast(), signed(length))
    }))
}

fn place(thread: u32, (directory, path): (c_int, u64), follows: bool) -> Option<Place> {
    remote::place(thread, directory, &remote::text(thread, path)?, follows)
}

/// The place of a path, if it lies under a watched directory.
fn watched(thread: u32, path: (c_int, u64), follows: bool) -> Option<(Place, Arc<Watched>, String)> {
    let place = place(thread, path, follows)?;
    let (entry, relative) = watch::find(&place.path)?;
    Some((place, entry, relative))
}

/// Has an operation carried out, or refused, as the watcher wants it. `real` is told how many bytes to write at most.
fn carry_out(entry: &Watched, operation: &Operation<'_>, real: impl FnOnce(Option<usize>) -> Answer) -> Carried {
    let answer = carried::carry_out(entry, operation, real);
    if answer < 0 { Err(real::errno()) } else { Ok(answer) }
}

/// A file under this number is open from now on: nobody needs to decide about that.
fn met(entry: &Watched, path: &str, file: FileId) {
    let change = FileChange::Open { file, created: false, emptied: false, again: true };
    if let Some(_turn) = entry.take_turn() {
        entry.after(&Operation { call: Call::Open, path, change }, Ok(0));
    }
}

/// What a file or directory holds is on the disk: nobody needs to decide about that.
fn synced(entry: &Watched, path: &str, file: FileId) {
    if let Some(_turn) = entry.take_turn() {
        entry.after(&Operation { call: Call::Sync, path, change: FileChange::Sync { file } }, Ok(0));
    }
}

fn done(carried: Carried) -> Reply {
    Reply::Done(carried.unwrap_or_else(|errno| -i64::from(errno)))
}

fn refused(errno: c_int) -> Reply {
    Reply::Done(-i64::from(errno))
}
