//! Finds where one world differs from another: rows and files that are more, fewer, or changed.
//!
//! Rows that are equal on both sides, with all that they refer to, are no difference. The others are paired first, so
//! that a change can be told from a loss and a gain. How that is said is the business of [`super::difference`].

use std::collections::BTreeMap;

use super::graph::Reading;
use super::ids::{Key, key_of};
use super::lens::Finder;
use super::names::{Names, Shown, replace};
use super::pairs::{Pairs, position};
use super::{Part, Seen};
use crate::observe::{Entry, Observation, Value};

/// Whether rows that are more than expected are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extras {
    /// All of them.
    Told,
    /// Not those of logs, which may hold more.
    AllowedInLogs,
}

/// What stands at a path.
pub(crate) type File<'a> = (&'a str, &'a Entry);

/// Where the second world differs from the first.
pub(crate) struct Comparison<'a> {
    pub(crate) from: Names<'a>,
    pub(crate) to: Names<'a>,
    /// By table: the rows that only the first world has, and those that only the second has.
    pub(crate) tables: BTreeMap<&'a str, (Vec<usize>, Vec<usize>)>,
    /// The files that differ.
    pub(crate) files: ChangedFiles<'a>,
    pub(super) pairs: Pairs,
}

/// Files that differ.
pub(crate) struct ChangedFiles<'a> {
    /// Only the first world has them.
    pub(crate) gone: Vec<File<'a>>,
    /// Only the second world has them.
    pub(crate) new: Vec<File<'a>>,
    /// Both have them, with other content: as they were, and as they are.
    pub(crate) changed: Vec<(File<'a>, File<'a>)>,
}

/// A row that is otherwise than it was.
pub(crate) struct ChangedRow<'a> {
    /// Its number in the second world.
    pub(crate) new: usize,
    /// The columns that changed, with what stood there, in words.
    pub(crate) was: Vec<(&'a str, String)>,
}

impl<'a> Comparison<'a> {
    /// Compares two worlds.
    pub(crate) fn new(from: Seen<'a>, to: Seen<'a>, extras: Extras) -> Self {
        let gone = Alone::new(from, to);
        let new = Alone::new(to, from);
        let (from, to) = (Names::new(from), Names::new(to));
        let mut pairs = Pairs::default();
        let mut tables: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for table in gone.rows.keys().chain(new.rows.keys()).copied() {
            let rows = |alone: &Alone| alone.rows.get(table).cloned().unwrap_or_default();
            let allowed = extras == Extras::AllowedInLogs && to.seen.lens.rules().logs.contains(table);
            tables.insert(table, (rows(&gone), if allowed { Vec::new() } else { rows(&new) }));
        }
        for (table, (gone, new)) in &mut tables {
            pairs.take_out_of(table, &from, gone, &to, new);
        }
        let files = ChangedFiles::new(&from, gone.files, &to, new.files, &pairs);
        Self { from, to, tables, files, pairs }
    }

    /// The rows of a table that are otherwise than they were, as far as that can be shown.
    pub(crate) fn changed(&self, table: &str) -> Vec<ChangedRow<'a>> {
        let of_pair = |(old, new)| {
            let changes = changes(table, &self.from, old, &self.to, new, &self.pairs);
            let was = changes.into_iter().map(|(column, was, _)| (column, self.from.words(&was)));
            ChangedRow { new, was: was.collect() }
        };
        self.pairs.of(table).map(of_pair).filter(|row| !row.was.is_empty()).collect()
    }
}

impl<'a> ChangedFiles<'a> {
    fn new(from: &Names, mut gone: Vec<File<'a>>, to: &Names, mut new: Vec<File<'a>>, pairs: &Pairs) -> Self {
        let mut changed = Vec::new();
        let finders = to.seen.lens.in_paths();
        gone.retain(|&(old_path, old)| {
            let is_same = |path: &str| is_text_alike(&finders, (from, old_path), (to, path), pairs);
            let Some(at) = new.iter().position(|(path, _)| *path == old_path || is_same(path)) else { return true };
            let (path, is) = new.remove(at);
            if !is_content_alike((from, (old_path, old)), (to, (path, is)), pairs) {
                changed.push(((old_path, old), (path, is)));
            }
            false
        });
        // A directory that is no longer empty, or empty again, shows by the files in it.
        gone.retain(|file| !is_filled(file, to.seen.observation));
        new.retain(|file| !is_filled(file, from.seen.observation));
        Self { gone, new, changed }
    }
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
        let tables: Vec<&str> = here.lens.tables(here.observation).map(|(name, _)| name).collect();
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

/// The columns in which two rows differ, and what stands there.
pub(super) fn changes<'a>(
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
            (Reading::Generated, was, is) => (*was == Value::Null) == (*is == Value::Null),
            (Reading::Own(label), was, is) => is_id_alike(to, key_of(*label, was), key_of(*label, is)),
            (Reading::Plain(finders), Value::Text(was), Value::Text(is)) => {
                is_text_alike(finders, (from, was), (to, is), pairs)
            }
            (Reading::Plain(_), was, is) => was == is,
            (Reading::Follow(_), _, _) => false,
        };
        if is_alike {
            continue;
        }
        let shown_was = from.value(was_at, was_column, old).unwrap_or_else(|| from.hidden(reading, was));
        let shown_is = to.value(is_at, column, new).unwrap_or_else(|| to.hidden(reading, is));
        let looks_alike = from.words(&shown_was) == to.words(&shown_is);
        match reading {
            Reading::Plain(_) if looks_alike => {
                changes.push((name.as_str(), shown_was, Shown::Words("another one that begins alike".to_owned())));
            }
            Reading::Own(_) if looks_alike => {
                changes.push((name.as_str(), shown_was, Shown::Words("another one".to_owned())));
            }
            Reading::Follow(_) if looks_alike || refers_alike(from, &shown_was, to, &shown_is, pairs) => {}
            Reading::Plain(_) | Reading::Follow(_) | Reading::Own(_) | Reading::Generated => {
                changes.push((name.as_str(), shown_was, shown_is));
            }
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

/// Whether this is an empty directory that has something in it in the other world.
pub(super) fn is_filled((path, entry): &(&str, &Entry), other: &Observation) -> bool {
    let mut paths = other.files.keys();
    **entry == Entry::EmptyDirectory
        && paths.any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Whether two ids of a row are the same, as far as that counts.
fn is_id_alike(names: &Names, was: Option<Key>, is: Option<Key>) -> bool {
    let constant = |key: Key| names.seen.lens.constants.number(key);
    was.map(constant) == is.map(constant)
}

/// Whether two files are equal when each id stands for the role of its row.
fn is_content_alike((from, was): (&Names, File), (to, is): (&Names, File), pairs: &Pairs) -> bool {
    let (Entry::File(was_bytes), Entry::File(is_bytes)) = (was.1, is.1) else { return was.1 == is.1 };
    if to.seen.lens.is_made_up(is.0) {
        return was_bytes.is_empty() == is_bytes.is_empty();
    }
    let texts = (std::str::from_utf8(was_bytes), std::str::from_utf8(is_bytes));
    let (Ok(was_text), Ok(is_text)) = texts else { return was_bytes == is_bytes };
    is_text_alike(&to.seen.lens.in_file(is.0), (from, was_text), (to, is_text), pairs)
}

/// Whether two texts are equal when each id stands for the role of its row.
fn is_text_alike(finders: &[Finder], (from, was): (&Names, &str), (to, is): (&Names, &str), pairs: &Pairs) -> bool {
    let with_roles = |names: &Names, text: &str, role: &dyn Fn(usize) -> u128| {
        let owners = |key| names.seen.form.graph.index.owners(key);
        let sum = |key| owners(key).fold(0_u128, |sum, node| sum.wrapping_add(role(node as usize)));
        replace(names.seen, finders, text, |key| key.map(|key| format!("{:x}", sum(key))).unwrap_or_default())
    };
    was == is
        || with_roles(from, was, &|node| pairs.role(from, node))
            == with_roles(to, is, &|node| Pairs::role_of_new(to, node))
}
