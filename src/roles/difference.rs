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
    let mut told: Vec<Sentence> = schema::sentences(&from, &to).into_iter().map(Sentence::of_the_schema).collect();
    for (table, (gone, new)) in tables {
        told.extend(sentence_about_rows(&to, table, &new, "more"));
        told.extend(sentence_about_rows(&from, table, &gone, "fewer"));
        told.extend(sentence_about_changes(table, &from, &to, &pairs));
    }
    told.extend(sentences_about_files(&from, &to, &files));
    if told.is_empty() {
        return vec![sentence_about_connections(&from, &to)];
    }
    told.sort_by_key(|told| (told.count, told.kind));
    with_the_rest_named(told)
}

/// How many rows and files are more, fewer or changed.
pub(crate) fn extent_between(from: Seen, to: Seen, extras: Extras) -> usize {
    let compared = Comparison::new(from, to, extras);
    let rows =
        compared.tables.iter().map(|(table, (gone, new))| gone.len() + new.len() + compared.changed(table).len());
    let files = &compared.files;
    rows.sum::<usize>() + files.gone.len() + files.new.len() + files.changed.len()
}

/// One sentence. What concerns the fewest rows and files is told first: a lost link says more than all that hangs on it.
struct Sentence {
    /// How many rows or files it is about. None where it is about the schema.
    count: usize,
    kind: Kind,
    /// What it is about, as it is named where it is not told.
    subject: Subject,
    text: String,
}

/// Of two sentences about as many, the first kind is told first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// There is no value where there was one.
    Lost,
    Other,
}

#[derive(PartialEq, Eq)]
enum Subject {
    Schema,
    Table(String),
    Files,
}

impl Sentence {
    const fn of_the_schema(text: String) -> Self {
        Self { count: 0, kind: Kind::Other, subject: Subject::Schema, text }
    }

    fn of_rows(table: &str, count: usize, kind: Kind, text: String) -> Self {
        Self { count, kind, subject: Subject::Table(table.to_owned()), text }
    }

    const fn of_files(count: usize, text: String) -> Self {
        Self { count, kind: Kind::Other, subject: Subject::Files, text }
    }
}

/// The first few sentences, and what the others are about.
fn with_the_rest_named(mut told: Vec<Sentence>) -> Vec<String> {
    let rest = if told.len() > SENTENCES { told.split_off(SENTENCES - 1) } else { Vec::new() };
    let mut subjects: Vec<(&Subject, usize)> = Vec::new();
    for other in &rest {
        match subjects.iter_mut().find(|(subject, _)| *subject == &other.subject) {
            Some((_, count)) => *count += other.count,
            None => subjects.push((&other.subject, other.count)),
        }
    }
    let named = subjects.into_iter().map(|(subject, many)| match subject {
        Subject::Schema => "the schema".to_owned(),
        Subject::Table(table) => format!("{} of {table}", count(many, "row", "rows")),
        Subject::Files => count(many, "file", "files"),
    });
    let named: Vec<String> = named.collect();
    let more = (!rest.is_empty()).then(|| format!("and {} more like these: {}", rest.len(), named.join(", ")));
    told.into_iter().map(|told| told.text).chain(more).collect()
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

fn sentence_about_rows(names: &Names, table: &str, rows: &[usize], how: &str) -> Option<Sentence> {
    let described = describe(names, table, rows)?;
    let sentence = format!("{table}: {} {how}: {described}", count(rows.len(), "row", "rows"));
    Some(Sentence::of_rows(table, rows.len(), Kind::Other, sentence))
}

/// Rows, each with a few of its values: the first few of them. A row that only connects others is told by those.
fn describe(names: &Names, table: &str, rows: &[usize]) -> Option<String> {
    let at = names.tables.iter().position(|(name, _)| *name == table)?;
    let mut rows = rows.to_vec();
    rows.sort_by_key(|&row| names.rank(at, row));
    let one = |&row: &usize| {
        let columns = names.tables[at].1.columns.iter().enumerate();
        let shown = columns.filter_map(|(column, name)| Some((name, names.value(at, column, row)?)));
        let shown = shown.filter(|(_, shown)| *shown != null());
        let (rows, words): (Vec<_>, Vec<_>) = shown.partition(|(_, shown)| matches!(shown, Shown::Row(..)));
        let told = if words.is_empty() { rows } else { words };
        let values = told.iter().take(VALUES).map(|(name, shown)| format!("{name} {}", names.words(shown)));
        let values: Vec<String> = values.collect();
        let name = names.row(table, row);
        if values.is_empty() { name } else { format!("{name} ({})", values.join(", ")) }
    };
    (!rows.is_empty()).then(|| list(rows.iter().map(one)))
}

fn null() -> Shown {
    Shown::Words("null".to_owned())
}

fn sentence_about_changes(table: &str, from: &Names, to: &Names, pairs: &Pairs) -> Option<Sentence> {
    let mut kind = Kind::Other;
    let mut by_column: BTreeMap<&str, (Vec<Shown>, Vec<Shown>)> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for (old, new) in pairs.of(table) {
        for (column, was, is) in changes(table, from, old, to, new, pairs) {
            if is == null() && was != null() {
                kind = Kind::Lost;
            }
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
    let changed: Vec<usize> = changed.into_iter().collect();
    let sentence = match changed.as_slice() {
        [] => return None,
        [row] => format!("{table}: {} changed: {told}", to.row(table, *row)),
        many => {
            let which = to.rows(table, many);
            format!("{table}: {} changed ({which}): {told}", count(many.len(), "row", "rows"))
        }
    };
    Some(Sentence::of_rows(table, changed.len(), kind, sentence))
}

/// Every row and file has its equal, and others refer to it.
fn sentence_about_connections(from: &Names, to: &Names) -> String {
    let otherwise = to.seen.form.connected_otherwise_than(from.seen.form);
    let which = to.summary(otherwise.into_iter().filter_map(|node| to.shown(node)).collect());
    format!("the same rows and files are connected with one another in another way: see who refers to {which}")
}

fn sentences_about_files<'a>(from: &Names, to: &Names, files: &ChangedFiles<'a>) -> impl Iterator<Item = Sentence> {
    let sentence = |((_, old), (path, new)): &(File<'a>, File<'a>)| {
        format!("file changed: {}: was {}, is {}", to.path(path), from.entry(old), change(to, old, new))
    };
    let mut changed: Vec<String> = files.changed.iter().map(sentence).collect();
    changed.sort_unstable();
    let changed = changed.into_iter().map(|sentence| Sentence::of_files(1, sentence));
    let told = |names: &Names, files: &[File<'a>], how: &str| {
        let (directories, files): (Vec<File>, Vec<File>) =
            files.iter().partition(|(_, entry)| **entry == Entry::EmptyDirectory);
        [sentence_about_files(names, &files, how), sentence_about_directories(names, &directories, how)]
    };
    let alone = [told(to, &files.new, "more"), told(from, &files.gone, "gone")];
    alone.into_iter().flatten().flatten().chain(changed)
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

fn sentence_about_files(names: &Names, files: &[(&str, &Entry)], how: &str) -> Option<Sentence> {
    let mut told: Vec<String> =
        files.iter().map(|(path, what)| format!("{} ({})", names.path(path), names.entry(what))).collect();
    told.sort_unstable();
    let subject = match files.len() {
        0 => return None,
        1 => "file".to_owned(),
        many => format!("{many} files"),
    };
    Some(Sentence::of_files(files.len(), format!("{subject} {how}: {}", list(told.into_iter()))))
}

fn sentence_about_directories(names: &Names, directories: &[File], how: &str) -> Option<Sentence> {
    let mut told: Vec<String> = directories.iter().map(|(path, _)| names.path(path)).collect();
    told.sort_unstable();
    let (subject, counts) = match directories.len() {
        0 => return None,
        1 => ("empty directory".to_owned(), "it counts as a file does"),
        many => (format!("{many} empty directories"), "they count as files do"),
    };
    let sentence = format!("{subject} {how}: {} ({counts})", list(told.into_iter()));
    Some(Sentence::of_files(directories.len(), sentence))
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

    #[test]
    fn what_is_not_told_is_named() {
        let rows = |table: &str, count| Sentence::of_rows(table, count, Kind::Other, format!("{table} {count}"));
        let told = [rows("a", 1), rows("b", 1), rows("c", 1), rows("d", 1), rows("e", 1), rows("f", 2), rows("g", 1)];
        let files = [Sentence::of_files(3, "files".to_owned()), rows("f", 3)];
        let told = with_the_rest_named(told.into_iter().chain(files).collect());
        let rest = "and 4 more like these: 5 rows of f, 1 row of g, 3 files";
        assert_eq!(told, ["a 1", "b 1", "c 1", "d 1", "e 1", rest]);
        let six = ["a", "b", "c", "d", "e", "f"].map(|table| rows(table, 1));
        assert_eq!(with_the_rest_named(six.into()), ["a 1", "b 1", "c 1", "d 1", "e 1", "f 1"]);
    }
}
