//! Says in sentences how one world differs from another.
//!
//! Rows that are equal on both sides, with all that they refer to, go unmentioned. The others are paired first, so that
//! a change can be told from a loss and a gain.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Reading;
use super::names::{Names, Shown, count, entry, list, replace};
use super::pairs::{Pairs, position};
use super::{Part, Seen};
use crate::observe::{Entry, Value};

/// How many sentences are told, before the rest is counted.
const SENTENCES: usize = 6;
/// How many values of a row are told.
const VALUES: usize = 3;

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
    let mut pairs = Pairs::default();
    let mut tables: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for table in gone.rows.keys().chain(new.rows.keys()).copied() {
        let rows = |alone: &Alone| alone.rows.get(table).cloned().unwrap_or_default();
        let allowed = extras == Extras::AllowedInLogs && to.seen.rules.logs.contains(table);
        tables.insert(table, (rows(&gone), if allowed { Vec::new() } else { rows(&new) }));
    }
    for (table, (gone, new)) in &mut tables {
        pairs.take_out_of(table, &from, gone, &to, new);
    }
    let mut sentences = Vec::new();
    for (table, (gone, new)) in tables {
        sentences.extend(sentence_about_rows(&to, table, &new, "more"));
        sentences.extend(sentence_about_rows(&from, table, &gone, "fewer"));
        sentences.extend(sentence_about_changes(table, &from, &to, &pairs));
    }
    sentences.extend(sentences_about_files(&from, &gone.files, &to, &new.files, &pairs));
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
        (many, _) => Some(format!("{table}: {} changed: {told}", count(many, "row", "rows"))),
    }
}

/// The columns in which two rows differ, and what stands there.
fn changes<'a>(
    table: &str,
    from: &Names,
    old: usize,
    to: &Names<'a>,
    new: usize,
    pairs: &Pairs,
) -> Vec<(&'a str, Shown, Shown)> {
    let (was_at, is_at) = (position(from, table), position(to, table));
    let (was_table, is_table) = (from.tables[was_at].1, to.tables[is_at].1);
    let mut changes = Vec::new();
    for (column, name) in is_table.columns.iter().enumerate() {
        let Some(was_column) = was_table.column(name) else { continue };
        let (was, is) = (&was_table.rows[old][was_column], &is_table.rows[new][column]);
        let reading = &to.readings(is_at)[column];
        let is_alike = match (reading, was, is) {
            (Reading::Blank, _, _) => true,
            (Reading::Plain, Value::Text(was), Value::Text(is)) => is_text_alike(from, was, to, is, pairs),
            (Reading::Plain, was, is) => was == is,
            (Reading::Follow(_), _, _) => false,
        };
        if is_alike {
            continue;
        }
        let shown = (from.value(was_at, was_column, old), to.value(is_at, column, new));
        let (Some(shown_was), Some(shown_is)) = shown else { continue };
        let looks_alike = from.words(&shown_was) == to.words(&shown_is);
        match reading {
            Reading::Plain if looks_alike => {
                changes.push((name.as_str(), shown_was, Shown::Words("another one that begins alike".to_owned())));
            }
            Reading::Follow(_) if looks_alike || refers_alike(from, &shown_was, to, &shown_is, pairs) => {}
            Reading::Plain | Reading::Follow(_) | Reading::Blank => changes.push((name.as_str(), shown_was, shown_is)),
        }
    }
    changes
}

/// Rows can have other numbers in the other world, and be equal all the same.
fn refers_alike(from: &Names, was: &Shown, to: &Names, is: &Shown, pairs: &Pairs) -> bool {
    match (from.node(was), to.node(is)) {
        (Some(was), Some(is)) => pairs.role(from, was) == Pairs::role_of_new(to, is),
        (Some(_), None) | (None, Some(_) | None) => false,
    }
}

fn sentences_about_files(
    from: &Names,
    gone: &[(&str, &Entry)],
    to: &Names,
    new: &[(&str, &Entry)],
    pairs: &Pairs,
) -> impl Iterator<Item = String> {
    let mut new = new.to_vec();
    let mut changed = Vec::new();
    let mut gone = gone.to_vec();
    gone.retain(|(old_path, old)| {
        let is_same = |path: &str| is_text_alike(from, old_path, to, path, pairs);
        let Some(at) = new.iter().position(|(path, _)| path == old_path || is_same(path)) else { return true };
        let (path, is) = new.remove(at);
        if *old != is {
            changed.push(format!("file changed: {}: was {}, is {}", to.path(path), entry(old), change(old, is)));
        }
        false
    });
    changed.sort_unstable();
    // A directory that is no longer empty, or empty again, shows by the files in it.
    gone.retain(|file| !is_filled(file, to));
    new.retain(|file| !is_filled(file, from));
    let more = sentence_about_files(to, &new, "more");
    let fewer = sentence_about_files(from, &gone, "gone");
    more.into_iter().chain(fewer).chain(changed)
}

/// Whether this is an empty directory that has something in it in the other world.
fn is_filled((path, entry): &(&str, &Entry), other: &Names) -> bool {
    let mut paths = other.seen.observation.files.keys();
    **entry == Entry::EmptyDirectory
        && paths.any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Whether two texts are equal when each id stands for the role of its row.
fn is_text_alike(from: &Names, was: &str, to: &Names, is: &str, pairs: &Pairs) -> bool {
    let with_roles = |names: &Names, text: &str, role: &dyn Fn(usize) -> u128| {
        let owners = |key| names.seen.form.graph.index.owners(key);
        let sum = |key| owners(key).fold(0_u128, |sum, node| sum.wrapping_add(role(node as usize)));
        replace(names.seen, text, |key| format!("{:x}", sum(key)))
    };
    was == is
        || with_roles(from, was, &|node| pairs.role(from, node))
            == with_roles(to, is, &|node| Pairs::role_of_new(to, node))
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
