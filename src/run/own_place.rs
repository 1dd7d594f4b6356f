//! Whether an application keeps the path of its world in it. halfway goes on in a copy after a crash, where that path leads
//! to the old one.

use std::path::Path;

use crate::observe::{Entry, Observation, Value};

/// Where the path of a world below this directory stands; the first such place.
pub(super) fn kept(world: &Observation, workshop: &Path) -> Option<String> {
    let path = [workshop.as_os_str().as_encoded_bytes(), b"/"].concat();
    let is_within = |bytes: &[u8]| bytes.windows(path.len()).any(|part| part == path);
    let file = world.files.iter().find(|(_, entry)| matches!(entry, Entry::File(bytes) if is_within(bytes)));
    if let Some((name, _)) = file {
        return Some(format!("the file {name}"));
    }
    world.tables.iter().find_map(|(name, table)| {
        let is_kept = |value: &Value| value.as_text().is_some_and(|text| is_within(text.as_bytes()));
        let column = table.rows.iter().find_map(|row| row.iter().position(is_kept))?;
        Some(format!("{} of {name}", table.columns.get(column)?))
    })
}
