//! Says in sentences how one world differs from another.
//!
//! Rows that are equal on both sides, with all that they refer to, go unmentioned. The others are paired, so that a
//! change can be told from a loss and a gain: by their own values, by their id, by likeness.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Names, Shown, count, entry, list, masked};
use super::{Part, Seen};
use crate::observe::{Entry, Value};
use crate::roles::graph::{Reading, of_value, reading};
use crate::rules::Column;

/// How many sentences are told, before the rest is counted.
const SENTENCES: usize = 6;
/// How many values of a row are told.
const VALUES: usize = 3;
/// Rows are compared one by one with each other up to this number: more of them cannot be told one by one anyway.
const COMPARED: usize = 24;

/// Whether rows that are more than expected are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extras {
    /// All of them.
    Told,
    /// Not those of logs, which may hold more.
    AllowedInLogs,
}

/// See [`super::difference`].
pub(crate) fn difference_between(from: Seen, to: Seen, extras: Extras) -> Vec<String> {
    if from.form.fingerprint() == to.form.fingerprint() {
        return Vec::new();
    }
    let gone = Alone::new(from, to);
    let new = Alone::new(to, from);
    let (from, to) = (Names::new(from), Names::new(to));
    let mut sentences = Vec::new();
    let mut tables: Vec<&str> = gone.rows.keys().chain(new.rows.keys()).copied().collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        let rows = |alone: &Alone| alone.rows.get(table).cloned().unwrap_or_default();
        let (mut gone, mut new) = (rows(&gone), rows(&new));
        if extras == Extras::AllowedInLogs && to.seen.rules.logs.contains(table) {
            new.clear();
        }
        let changed = pairs(table, &from, &mut gone, &to, &mut new);
        sentences.extend(sentence_about_rows(&to, table, &new, "more"));
        sentences.extend(sentence_about_rows(&from, table, &gone, "fewer"));
        sentences.extend(sentence_about_changes(table, &from, &to, &changed));
    }
    sentences.extend(sentences_about_files(&from, &gone.files, &to, &new.files));
    if sentences.is_empty() {
        sentences.push("the same rows and files are connected with one another in another way".to_owned());
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

/// Rows and files without an equal on the other side.
struct Alone<'a> {
    rows: BTreeMap<&'a str, Vec<usize>>,
    files: Vec<(&'a str, &'a Entry)>,
}

impl<'a> Alone<'a> {
    fn new(here: Seen<'a>, there: Seen) -> Self {
        Self::among(here, here.form.without_equal_in(there.form, Part::Everything))
    }

    fn among(here: Seen<'a>, nodes: Vec<usize>) -> Self {
        let starts = &here.form.graph.starts;
        let tables: Vec<&str> = here.observation.tables.keys().map(String::as_str).collect();
        let paths: Vec<_> = here.observation.files.iter().map(|(path, entry)| (path.as_str(), entry)).collect();
        let mut alone = Self { rows: BTreeMap::new(), files: Vec::new() };
        for node in nodes {
            let table = starts.partition_point(|&start| start <= node) - 1;
            match tables.get(table) {
                Some(name) => alone.rows.entry(*name).or_default().push(node - starts[table]),
                None => alone.files.push(paths[node - starts[table]]),
            }
        }
        alone
    }
}

/// Takes out of both lists the rows that are one row, changed.
fn pairs(table: &str, from: &Names, gone: &mut Vec<usize>, to: &Names, new: &mut Vec<usize>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    if gone.is_empty() || new.is_empty() {
        return pairs;
    }
    let by_rank = |names: &Names, rows: &mut Vec<usize>| {
        let at = position(names, table);
        rows.sort_by_key(|&row| names.rank(at, row));
    };
    by_rank(from, gone);
    by_rank(to, new);
    for key in [own_values, own_ids] {
        let mut known: BTreeMap<Vec<u128>, Vec<usize>> = BTreeMap::new();
        for &row in new.iter().rev() {
            known.entry(key(to, table, row)).or_default().push(row);
        }
        gone.retain(|&row| {
            let key = key(from, table, row);
            let partner = if key.is_empty() { None } else { known.get_mut(&key).and_then(Vec::pop) };
            pairs.extend(partner.map(|partner| (row, partner)));
            partner.is_none()
        });
        let paired: BTreeSet<usize> = pairs.iter().map(|&(_, row)| row).collect();
        new.retain(|row| !paired.contains(row));
    }
    if gone.len() <= COMPARED && new.len() <= COMPARED {
        gone.retain(|&row| {
            let mine = own_values(from, table, row);
            let likeness = |other: usize| {
                let theirs = own_values(to, table, other);
                mine.iter().zip(&theirs).filter(|(mine, theirs)| mine == theirs).count()
            };
            let nearest = new.iter().enumerate().rev().max_by_key(|&(_, &other)| likeness(other));
            let nearest = nearest.filter(|&(_, &other)| likeness(other) * 2 > mine.len()).map(|(at, _)| at);
            pairs.extend(nearest.map(|at| (row, new.remove(at))));
            nearest.is_none()
        });
    }
    pairs
}

/// The values of a row that are neither generated nor references.
fn own_values(names: &Names, table: &str, row: usize) -> Vec<u128> {
    let (_, rows) = names.tables[position(names, table)];
    let plain = rows
        .columns
        .iter()
        .zip(&rows.rows[row])
        .filter(|(column, _)| matches!(reading(names.seen.rules, &Column::new(table, column)), Reading::Plain));
    plain.map(|(_, value)| own_value(names, value)).collect()
}

/// A value without the ids in it.
fn own_value(names: &Names, value: &Value) -> u128 {
    match value {
        Value::Text(text) => of_value(&masked(names.seen, text).as_str().into()),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => of_value(value),
    }
}

/// The generated ids of a row. They are compared, never shown.
fn own_ids(names: &Names, table: &str, row: usize) -> Vec<u128> {
    let (_, rows) = names.tables[position(names, table)];
    let ids = rows.columns.iter().zip(&rows.rows[row]);
    let ids = ids.filter(|(column, _)| names.seen.rules.generated_ids.contains(&Column::new(table, column)));
    ids.map(|(_, value)| of_value(value)).collect()
}

fn position(names: &Names, table: &str) -> usize {
    names.tables.iter().position(|(name, _)| *name == table).expect("rows come from a table that was seen")
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

fn sentence_about_changes(table: &str, from: &Names, to: &Names, pairs: &[(usize, usize)]) -> Option<String> {
    let mut by_column: BTreeMap<&str, (Vec<Shown>, Vec<Shown>)> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for &(old, new) in pairs {
        for (column, was, is) in changes(table, from, old, to, new) {
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
        (many, _) => Some(format!("{table}: {} changed: {told}", count(many, "row", "rows"))),
    }
}

/// The columns in which two rows differ, and what stands there.
fn changes<'a>(table: &str, from: &Names, old: usize, to: &Names<'a>, new: usize) -> Vec<(&'a str, Shown, Shown)> {
    let (was_at, is_at) = (position(from, table), position(to, table));
    let (was_table, is_table) = (from.tables[was_at].1, to.tables[is_at].1);
    let mut changes = Vec::new();
    for (column, name) in is_table.columns.iter().enumerate() {
        let Some(was_column) = was_table.column(name) else { continue };
        let (was, is) = (&was_table.rows[old][was_column], &is_table.rows[new][column]);
        let shown = (from.value(was_at, was_column, old), to.value(is_at, column, new));
        let (Some(shown_was), Some(shown_is)) = shown else { continue };
        if from.words(&shown_was) != to.words(&shown_is) {
            if !refers_alike(from, &shown_was, to, &shown_is) {
                changes.push((name.as_str(), shown_was, shown_is));
            }
        } else if matches!(reading(to.seen.rules, &Column::new(table, name)), Reading::Plain)
            && own_value(from, was) != own_value(to, is)
        {
            changes.push((name.as_str(), shown_was, Shown::Words("another one that begins alike".to_owned())));
        }
    }
    changes
}

/// Rows can have other numbers in the other world, and be equal all the same.
fn refers_alike(from: &Names, was: &Shown, to: &Names, is: &Shown) -> bool {
    let descriptor = |names: &Names, shown: &Shown| match *shown {
        Shown::Words(_) => None,
        Shown::Row(table, rank) => {
            let row = (0..names.tables[table].1.rows.len()).find(|&row| names.rank(table, row) == rank)?;
            Some(names.seen.form.descriptors()[names.seen.form.graph.starts[table] + row])
        }
    };
    descriptor(from, was).is_some_and(|was| Some(was) == descriptor(to, is))
}

fn sentences_about_files(
    from: &Names,
    gone: &[(&str, &Entry)],
    to: &Names,
    new: &[(&str, &Entry)],
) -> impl Iterator<Item = String> {
    let mut new = new.to_vec();
    let mut changed = Vec::new();
    let mut gone = gone.to_vec();
    gone.retain(|(old_path, old)| {
        let shown = from.path(old_path);
        let Some(at) = new.iter().position(|(path, _)| path == old_path || to.path(path) == shown) else {
            return true;
        };
        let (_, is) = new.remove(at);
        if *old != is {
            changed.push(format!("file changed: {shown}: was {}, is {}", entry(old), change(old, is)));
        }
        false
    });
    changed.sort_unstable();
    let more = sentence_about_files(to, &new, "more");
    let fewer = sentence_about_files(from, &gone, "gone");
    more.into_iter().chain(fewer).chain(changed)
}

fn change(was: &Entry, is: &Entry) -> String {
    match (was, is) {
        (Entry::File(was), Entry::File(is)) if was.len() > is.len() && was.starts_with(is) => {
            format!("the first {} of it", super::size_of(is.len()))
        }
        (Entry::File(was), Entry::File(is)) if was.len() == is.len() => "as many others".to_owned(),
        (Entry::File(_) | Entry::EmptyDirectory, is) => entry(is),
    }
}

fn sentence_about_files(names: &Names, files: &[(&str, &Entry)], how: &str) -> Option<String> {
    let mut told: Vec<String> =
        files.iter().map(|(path, what)| format!("{} ({})", names.path(path), entry(what))).collect();
    told.sort_unstable();
    let subject = match files.len() {
        0 => return None,
        1 => "file".to_owned(),
        many => format!("{many} files"),
    };
    Some(format!("{subject} {how}: {}", list(told.into_iter())))
}
