//! Where programs write outside of the directories that are watched.

use std::collections::BTreeSet;
use std::mem::take;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::disk::text::text_of;

/// The folders since somebody asked last.
static FOLDERS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What stands there is the kernel's own.
const OF_THE_KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];

/// A file is opened to be changed.
pub(super) fn note(path: &[u8]) {
    let path = text_of(path);
    if OF_THE_KERNEL.iter().any(|folder| Path::new(&path).starts_with(folder)) {
        return;
    }
    // The name may be made up anew each time.
    if let Some((folder, _)) = path.rsplit_once('/') {
        let folder = if folder.is_empty() { "/" } else { folder };
        FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
    }
}

/// The folders in which programs opened files to change them since this was asked last.
pub(crate) fn take_written_outside() -> BTreeSet<String> {
    take(&mut *FOLDERS.lock().unwrap_or_else(PoisonError::into_inner))
}
