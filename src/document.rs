//! A file in TOML that a person writes: read key by key, and told all of its mistakes at once, each at its place.
//!
//! Which keys there are is the business of those who read.

mod mistakes;
mod table;

use toml::de::DeTable;

pub use mistakes::{Mistake, Mistakes};
pub(crate) use table::{Keys, Text, Value, json, place_within, table, text, texts, wrong_type};

/// What `read` makes of the text, or all mistakes of the text.
pub(crate) fn read<T>(
    source: &str,
    read: impl FnOnce(&DeTable<'_>, &mut Vec<Mistake>) -> Option<T>,
) -> Result<T, Vec<Mistake>> {
    let (document, errors) = DeTable::parse_recoverable(source);
    let mut found = Vec::new();
    let value = read(document.get_ref(), &mut found);
    let mut mistakes = no_toml(source, &errors);
    // What could not be read as TOML was not understood: what else could be said of that line says the same again.
    let lines: Vec<usize> = mistakes.iter().filter_map(|mistake| line(source, mistake)).collect();
    let is_new = |mistake: &Mistake| line(source, mistake).is_none_or(|line| !lines.contains(&line));
    mistakes.extend(found.into_iter().filter(is_new));
    match value {
        Some(value) if mistakes.is_empty() => Ok(value),
        _ => Err(mistakes),
    }
}

/// What is no TOML at all.
fn no_toml(source: &str, errors: &[toml::de::Error]) -> Vec<Mistake> {
    let mistakes = errors.iter().map(|error| {
        let (problem, remedy) = error.message().split_once(", ").unwrap_or((error.message(), ""));
        let place = error.span().unwrap_or(0..0);
        // The parser may point behind the last line.
        let end = place.end.min(source.len());
        Mistake::new(place.start.min(end)..end, problem, remedy)
    });
    mistakes.collect()
}

fn line(source: &str, mistake: &Mistake) -> Option<usize> {
    let begin = mistake.place.as_ref()?.start.min(source.len());
    Some(source.get(..begin)?.matches('\n').count())
}
