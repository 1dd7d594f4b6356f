//! Pairs rows of two worlds that are one row, changed: by their own values, by their id, by likeness.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Reading, of_text, of_value};
use super::lens::Finder;
use super::names::{Names, masked};
use crate::observe::Value;
use crate::rules::Column;

/// Rows are compared one by one with each other up to this number: more of them are not told one by one anyway.
const COMPARED: usize = 24;

/// Rows of the first world and what became of them.
#[derive(Default)]
pub(super) struct Pairs {
    by_table: BTreeMap<String, Vec<(usize, usize)>>,
    /// By node of the first world: the role of its partner.
    roles: BTreeMap<usize, u128>,
}

impl Pairs {
    /// The pairs of a table, by number of row.
    pub(super) fn of(&self, table: &str) -> impl Iterator<Item = (usize, usize)> {
        self.by_table.get(table).into_iter().flatten().copied()
    }

    /// A number for what a node of the first world is in the second one.
    pub(super) fn role(&self, from: &Names, node: usize) -> u128 {
        self.roles.get(&node).copied().unwrap_or_else(|| from.seen.form.descriptors()[node])
    }

    /// The same number, for a node of the second world.
    pub(super) fn role_of_new(to: &Names, node: usize) -> u128 {
        to.seen.form.descriptors()[node]
    }

    /// Takes out of both lists the rows that are one row, changed.
    pub(super) fn take_out_of(
        &mut self,
        table: &str,
        from: &Names,
        gone: &mut Vec<usize>,
        to: &Names,
        new: &mut Vec<usize>,
    ) {
        if gone.is_empty() || new.is_empty() {
            return;
        }
        let (old_at, new_at) = (position(from, table), position(to, table));
        gone.sort_by_key(|&row| from.rank(old_at, row));
        new.sort_by_key(|&row| to.rank(new_at, row));
        let mut pairs = Vec::new();
        for key in [own_values, own_ids] {
            pair_by(|row| key(from, table, row), gone, |row| key(to, table, row), new, &mut pairs);
        }
        if gone.len() <= COMPARED && new.len() <= COMPARED {
            pair_by_likeness(table, from, gone, to, new, &mut pairs);
        }
        for &(old, new) in &pairs {
            let (old, new) = (from.seen.form.graph.starts[old_at] + old, to.seen.form.graph.starts[new_at] + new);
            self.roles.insert(old, Self::role_of_new(to, new));
        }
        self.by_table.insert(table.to_owned(), pairs);
    }
}

fn pair_by(
    old_key: impl Fn(usize) -> Vec<u128>,
    gone: &mut Vec<usize>,
    new_key: impl Fn(usize) -> Vec<u128>,
    new: &mut Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let mut known: BTreeMap<Vec<u128>, Vec<usize>> = BTreeMap::new();
    for &row in new.iter().rev() {
        known.entry(new_key(row)).or_default().push(row);
    }
    gone.retain(|&row| {
        let key = old_key(row);
        let partner = if key.is_empty() { None } else { known.get_mut(&key).and_then(Vec::pop) };
        pairs.extend(partner.map(|partner| (row, partner)));
        partner.is_none()
    });
    let paired: BTreeSet<usize> = pairs.iter().map(|&(_, row)| row).collect();
    new.retain(|row| !paired.contains(row));
}

/// Rows that have at least half of their values in common.
fn pair_by_likeness(
    table: &str,
    from: &Names,
    gone: &mut Vec<usize>,
    to: &Names,
    new: &mut Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    gone.retain(|&row| {
        let mine = own_values(from, table, row);
        let likeness = |other: usize| {
            let theirs = own_values(to, table, other);
            mine.iter().zip(&theirs).filter(|(mine, theirs)| mine == theirs).count()
        };
        // Of several that are equally near, the first one.
        let nearest = new.iter().enumerate().rev().max_by_key(|&(_, &other)| likeness(other));
        let nearest = nearest.filter(|&(_, &other)| !mine.is_empty() && likeness(other) * 2 >= mine.len());
        let at = nearest.map(|(at, _)| at);
        pairs.extend(at.map(|at| (row, new.remove(at))));
        at.is_none()
    });
}

/// The values of a row that are neither generated nor references.
fn own_values(names: &Names, table: &str, row: usize) -> Vec<u128> {
    let at = position(names, table);
    let readings = names.readings(at).iter().zip(&names.tables[at].1.rows[row]);
    let plain = readings.filter_map(|(reading, value)| match reading {
        Reading::Plain(finders) => Some(own_value(names, finders, value)),
        Reading::Generated | Reading::Own(_) | Reading::Follow(_) => None,
    });
    plain.collect()
}

/// A value without the ids in it.
fn own_value(names: &Names, finders: &[Finder], value: &Value) -> u128 {
    match value {
        Value::Text(text) => of_text(&masked(names.seen, finders, text)),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => of_value(value),
    }
}

/// The generated ids of a row. They are compared, never shown.
fn own_ids(names: &Names, table: &str, row: usize) -> Vec<u128> {
    let (_, rows) = names.tables[position(names, table)];
    let ids = rows.columns.iter().zip(&rows.rows[row]);
    let ids = ids.filter(|(column, _)| names.seen.lens.rules().generated_ids.contains(&Column::new(table, column)));
    ids.map(|(_, value)| of_value(value)).collect()
}

/// The number of a table that is known to be there.
pub(super) fn position(names: &Names, table: &str) -> usize {
    names.tables.iter().position(|(name, _)| *name == table).expect("rows come from a table that was seen")
}
