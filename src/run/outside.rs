//! What a program does outside of its world, which halfway neither breaks nor puts back.

use crate::disk::take_written_outside;

/// So many folders are named.
const NAMED: usize = 3;

/// What a reader has to know of where programs wrote since this was asked last; nothing where they kept to their worlds.
pub(crate) fn written_outside() -> Option<String> {
    let folders: Vec<String> = take_written_outside().into_iter().collect();
    if folders.is_empty() {
        return None;
    }
    let named = folders[..folders.len().min(NAMED)].join(", ");
    let more = folders.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} folders more") } else { String::new() };
    Some(format!(
        "it opens files outside of its world to write in them, in {named}{more}: halfway breaks nothing there, and what stands \
         there stays from case to case"
    ))
}
