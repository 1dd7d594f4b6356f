//! Says in sentences how one world differs from another.
//!
//! What differs is found by [`super::comparison`]; here it becomes words.

use std::collections::{BTreeMap, BTreeSet};

use super::Seen;
use super::comparison::{ChangedFiles, Comparison, Extras, File, changes};
use super::names::{Names, Shown, count, list};
use super::pairs::Pairs;
use super::schema;
use crate::observe::Entry;

/// How many sentences are told, before the rest is counted.
const SENTENCES: usize = 6;
/// How many values of a row are told.
const VALUES: usize = 3;

/// See [`super::difference`].
pub(crate) fn difference_between(from: Seen, to: Seen, extras: Extras) -> Vec<String> {
    if from.form.fingerprint() == to.form.fingerprint() {
        return Vec::new();
    }
    let Comparison { from, to, tables, pairs, files } = Comparison::new(from, to, extras);
    let mut sentences = schema::sentences(&from, &to);
    for (table, (gone, new)) in tables {
        sentences.extend(sentence_about_rows(&to, table, &new, "more"));
        sentences.extend(sentence_about_rows(&from, table, &gone, "fewer"));
        sentences.extend(sentence_about_changes(table, &from, &to, &pairs));
    }
    sentences.extend(sentences_about_files(&from, &to, &files));
    if sentences.is_empty() {
        sentences.push(sentence_about_connections(&from, &to));
    }
    shortened(sentences)
}

/// The first few sentences, and how many more there are.
pub(crate) fn shortened(mut sentences: Vec<String>) -> Vec<String> {
    if sentences.len() > SENTENCES {
        let more = sentences.len() - (SENTENCES - 1);
        sentences.truncate(SENTENCES - 1);
        sentences.push(format!("and {}", count(more, "more like these", "more like these")));
    }
    sentences
}

fn sentence_about_rows(names: &Names, table: &str, rows: &[usize], how: &str) -> Option<String> {
    let described = describe(names, table, rows)?;
    Some(format!("{table}: {} {how}: {described}", count(rows.len(), "row", "rows")))
}

/// Rows, each with a few of its values: the first few of them.
fn describe(names: &Names, table: &str, rows: &[usize]) -> Option<String> {
    let at = names.tables.iter().position(|(name, _)| *name == table)?;
    let mut rows = rows.to_vec();
    rows.sort_by_key(|&row| names.rank(at, row));
    let one = |&row: &usize| {
        let columns = names.tables[at].1.columns.iter().enumerate();
        let values = columns.filter_map(|(column, name)| match names.value(at, column, row)? {
            Shown::Words(words) if words != "null" => Some(format!("{name} {words}")),
            Shown::Words(_) | Shown::Row(..) => None,
        });
        let values: Vec<String> = values.take(VALUES).collect();
        let name = names.row(table, row);
        if values.is_empty() { name } else { format!("{name} ({})", values.join(", ")) }
    };
    (!rows.is_empty()).then(|| list(rows.iter().map(one)))
}

fn sentence_about_changes(table: &str, from: &Names, to: &Names, pairs: &Pairs) -> Option<String> {
    let mut by_column: BTreeMap<&str, (Vec<Shown>, Vec<Shown>)> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for (old, new) in pairs.of(table) {
        for (column, was, is) in changes(table, from, old, to, new, pairs) {
            let (all_was, all_is) = by_column.entry(column).or_default();
            all_was.push(was);
            all_is.push(is);
            changed.insert(new);
        }
    }
    let told = by_column.into_iter().map(|(column, (was, is))| {
        let rows = if was.len() == changed.len() { String::new() } else { format!(" of {}", was.len()) };
        format!("{column}{rows} was {}, is {}", from.summary(was), to.summary(is))
    });
    let told = told.collect::<Vec<_>>().join("; ");
    match (changed.len(), changed.first()) {
        (1, Some(&row)) => Some(format!("{table}: {} changed: {told}", to.row(table, row))),
        (0, _) | (_, None) => None,
        (many, _) => {
            let which = to.rows(table, &changed.into_iter().collect::<Vec<_>>());
            Some(format!("{table}: {} changed ({which}): {told}", count(many, "row", "rows")))
        }
    }
}

/// Every row and file has its equal, and others refer to it.
fn sentence_about_connections(from: &Names, to: &Names) -> String {
    let otherwise = to.seen.form.connected_otherwise_than(from.seen.form);
    let which = to.summary(otherwise.into_iter().filter_map(|node| to.shown(node)).collect());
    format!("the same rows and files are connected with one another in another way: see who refers to {which}")
}

fn sentences_about_files<'a>(from: &Names, to: &Names, files: &ChangedFiles<'a>) -> impl Iterator<Item = String> {
    let sentence = |((_, old), (path, new)): &(File<'a>, File<'a>)| {
        format!("file changed: {}: was {}, is {}", to.path(path), from.entry(old), change(to, old, new))
    };
    let mut changed: Vec<String> = files.changed.iter().map(sentence).collect();
    changed.sort_unstable();
    let more = sentence_about_files(to, &files.new, "more");
    let fewer = sentence_about_files(from, &files.gone, "gone");
    more.into_iter().chain(fewer).chain(changed)
}

fn change(to: &Names, was: &Entry, is: &Entry) -> String {
    match (was, is) {
        (Entry::File(was), Entry::File(is)) if was.starts_with(is) => {
            format!("the first {} of it", super::size_of(is.len()))
        }
        (Entry::File(was), Entry::File(is)) if was.len() == is.len() => "as many others".to_owned(),
        (
            Entry::File(_)
            | Entry::Database
            | Entry::EmptyDirectory
            | Entry::Link(_)
            | Entry::Special(_)
            | Entry::Unreadable(_),
            is,
        ) => to.entry(is),
    }
}

fn sentence_about_files(names: &Names, files: &[(&str, &Entry)], how: &str) -> Option<String> {
    let mut told: Vec<String> =
        files.iter().map(|(path, what)| format!("{} ({})", names.path(path), names.entry(what))).collect();
    told.sort_unstable();
    let subject = match files.len() {
        0 => return None,
        1 => "file".to_owned(),
        many => format!("{many} files"),
    };
    Some(format!("{subject} {how}: {}", list(told.into_iter())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_more_than_six_sentences_five_are_told_and_the_rest_is_counted() {
        let told = |count: usize| shortened((1..=count).map(|at| at.to_string()).collect());
        assert_eq!(told(6), ["1", "2", "3", "4", "5", "6"]);
        assert_eq!(told(7), ["1", "2", "3", "4", "5", "and 2 more like these"]);
    }
}
