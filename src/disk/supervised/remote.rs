//! What a call of another process means: the text behind an address, the place behind a path, the file behind a number.

use std::ffi::{CString, OsStr};
use std::fs::{self, OpenOptions};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use libc::c_int;

use super::kernel;

/// A name in a directory that is open here: whatever happens to the path meanwhile, it is this name.
pub(super) struct Place {
    pub(super) directory: OwnedFd,
    pub(super) name: CString,
    /// The path without links.
    pub(super) path: Vec<u8>,
}

/// The longest path.
const PATH: usize = 4096;
/// So many links are followed.
const LINKS: usize = 40;
/// The most that one write takes.
const WRITE: u64 = 0x7fff_f000;

/// A text that ends with a zero.
pub(super) fn text(thread: u32, address: u64) -> Option<Vec<u8>> {
    let mut text = vec![0; PATH];
    let length = kernel::read_memory(thread, address, &mut text).ok()?;
    text.truncate(length);
    text.truncate(text.iter().position(|&byte| byte == 0)?);
    Some(text)
}

/// So many bytes; fewer where fewer are there.
pub(super) fn bytes(thread: u32, address: u64, count: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(count.min(WRITE)).unwrap_or(0)];
    let mut read = 0;
    while read < bytes.len() {
        match kernel::read_memory(thread, address + read as u64, &mut bytes[read..]) {
            Ok(more @ 1..) => read += more,
            _ => break,
        }
    }
    bytes.truncate(read);
    bytes
}

/// The bytes of a write in several parts, put together.
pub(super) fn gathered(thread: u32, address: u64, count: u64) -> Vec<u8> {
    let parts = bytes(thread, address, count.min(1024) * 16);
    let number = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes));
    parts.chunks_exact(16).flat_map(|part| bytes(thread, number(part), number(&part[8..]))).collect()
}

/// The numbers of a structure.
pub(super) fn numbers(thread: u32, address: u64, count: u64) -> Vec<u64> {
    let bytes = bytes(thread, address, count * 8);
    bytes.chunks_exact(8).filter_map(|bytes| bytes.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes))).collect()
}

/// The rights that the caller takes away from new files.
pub(super) fn mask(thread: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or(0o022)
}

/// Where a descriptor of the caller's leads.
pub(super) fn path_of(thread: u32, file: c_int) -> Option<Vec<u8>> {
    let path = if file == libc::AT_FDCWD { format!("/proc/{thread}/cwd") } else { format!("/proc/{thread}/fd/{file}") };
    let path = fs::read_link(path).ok()?.into_os_string().into_vec();
    path.starts_with(b"/").then_some(path)
}

/// What a path of the caller's names. None where it names nothing that could be made, changed or removed: the caller is told
/// so by the kernel.
pub(super) fn place(thread: u32, directory: c_int, path: &[u8], follows: bool) -> Option<Place> {
    let mut path = absolute(thread, directory, path)?;
    for _ in 0..LINKS {
        let name = path.file_name()?.to_owned();
        let parent = path.parent()?;
        let directory =
            OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(parent).ok()?;
        let parent = fs::read_link(format!("/proc/self/fd/{}", directory.as_raw_fd())).ok()?;
        let whole = parent.join(&name);
        match fs::read_link(&whole) {
            Ok(target) if follows => path = plain(&parent.join(target)),
            _ => {
                let name = CString::new(name.into_vec()).ok()?;
                return Some(Place { directory: directory.into(), name, path: whole.into_os_string().into_vec() });
            }
        }
    }
    None
}

fn absolute(thread: u32, directory: c_int, path: &[u8]) -> Option<PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    if path.as_os_str().is_empty() {
        return None;
    }
    if let Ok(own) = path.strip_prefix("/proc/self") {
        return Some(Path::new("/proc").join(thread.to_string()).join(own));
    }
    if path.is_absolute() {
        let root = fs::read_link(format!("/proc/{thread}/root")).ok()?;
        return Some(plain(&root.join(path.strip_prefix("/").unwrap_or(path))));
    }
    let base = path_of(thread, directory)?;
    Some(plain(&Path::new(OsStr::from_bytes(&base)).join(path)))
}

/// The path without a slash at its end.
fn plain(path: &Path) -> PathBuf {
    path.components().collect()
}
