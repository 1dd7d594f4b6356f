//! The rows of a table as people see them: which columns, in which words. And what stands at a path.

use super::graph::Reading;
use super::names::{Names, size_of};
use crate::observe::Entry;
use crate::rules::Column;

impl<'a> Names<'a> {
    /// The columns of a table that can be shown: what is made up anew in each run cannot, and the row's own id is its name.
    pub(crate) fn columns(&self, table: &str) -> Vec<&'a str> {
        self.shown_columns(table).map(|(_, name)| name).collect()
    }

    /// The values of a row in those columns, in words.
    pub(crate) fn values(&self, table: &str, row: usize) -> Vec<String> {
        let Some(at) = self.table(table) else { return Vec::new() };
        let shown = |(column, _)| self.value(at, column, row).map_or_else(String::new, |shown| self.words(&shown));
        self.shown_columns(table).map(shown).collect()
    }

    /// The place of a row in the order of names.
    pub(crate) fn place(&self, table: &str, row: usize) -> usize {
        self.table(table).map_or(0, |at| self.rank(at, row))
    }

    /// How many rows a table has.
    pub(crate) fn count_of(&self, table: &str) -> usize {
        self.table(table).map_or(0, |at| self.tables[at].1.rows.len())
    }

    /// The names of all tables.
    pub(crate) fn table_names(&self) -> impl Iterator<Item = &'a str> {
        self.tables.iter().map(|(name, _)| *name)
    }

    /// What stands at a path.
    pub(crate) fn entry(&self, entry: &Entry) -> String {
        match entry {
            Entry::File(bytes) => size_of(bytes.len()),
            Entry::EmptyDirectory => "an empty directory".to_owned(),
            Entry::Link(target) => format!("a symbolic link to {}", self.path(target)),
            Entry::Special(special) => special.name().to_owned(),
            Entry::Unreadable(reason) => format!("unreadable: {reason}"),
        }
    }

    fn table(&self, table: &str) -> Option<usize> {
        self.tables.iter().position(|(name, _)| *name == table)
    }

    fn shown_columns(&self, table: &str) -> impl Iterator<Item = (usize, &'a str)> {
        let columns = self.table(table).map(|at| (self.tables[at].1.columns.iter(), self.readings(at)));
        let columns = columns.into_iter().flat_map(|(names, readings)| names.zip(readings).enumerate());
        let is_own_id = |name: &str| self.seen.lens.rules().generated_ids.contains(&Column::new(table, name));
        let shown = columns.filter(move |(_, (name, reading))| match reading {
            Reading::Generated | Reading::Own(_) => false,
            Reading::Follow(_) => true,
            Reading::Plain(_) => !is_own_id(name),
        });
        shown.map(|(column, (name, _))| (column, name.as_str()))
    }
}
