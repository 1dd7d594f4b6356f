//! Whether what is said in one world means the same as what is said in another: a text, a number, a row.
//!
//! An answer names rows by their ids. Two answers mean the same when they name rows that play the same role, each in its
//! own world.

use std::cell::OnceCell;

use super::Seen;
use super::comparison::{Comparison, Extras};
use super::ids::{Key, Node, key_of, label};
use super::names::tokens;
use super::pairs::Pairs;
use crate::observe::Value;

/// What is said in the first world, held against what is said in the second.
pub(crate) struct Meanings<'a> {
    from: Seen<'a>,
    to: Seen<'a>,
    /// Which row became which, where they are not equal: dear, and seldom needed.
    compared: OnceCell<Comparison<'a>>,
}

/// How what is said in two worlds compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It means the same.
    Same,
    /// It is something else.
    Other,
    /// It names a row of another role.
    OtherRow,
    /// It names a row that is not there.
    NoRow,
}

impl<'a> Meanings<'a> {
    pub(crate) fn new(from: Seen<'a>, to: Seen<'a>) -> Self {
        Self { from, to, compared: OnceCell::new() }
    }

    /// How two texts compare. An id that no row of the first world owns differs from run to run and names nobody: any id
    /// is as good.
    pub(crate) fn of_texts(&self, was: &str, is: &str) -> Meaning {
        let (was_tokens, is_tokens) = (tokens(self.from, &[], was), tokens(self.to, &[], is));
        let (mut was_rest, mut is_rest) = (0, 0);
        let mut meaning = Meaning::Same;
        for (was_token, is_token) in was_tokens.iter().zip(&is_tokens) {
            if was[was_rest..was_token.start] != is[is_rest..is_token.start] {
                return self.of_digits(was, is);
            }
            (was_rest, is_rest) = (was_token.end, is_token.end);
            if let (Some(was), Some(is), Meaning::Same) = (was_token.key, is_token.key, meaning) {
                meaning = self.of_ids(was, is);
            }
        }
        if was_tokens.len() != is_tokens.len() || was[was_rest..] != is[is_rest..] {
            self.of_digits(was, is)
        } else {
            meaning
        }
    }

    /// Whether two values are ids of rows that play the same role, in a column whose ids are made up anew.
    pub(crate) fn are_ids_of_one(&self, was: &Value, is: &Value) -> bool {
        self.from.lens.rules().generated_ids.iter().any(|column| {
            let label = label(column);
            let keys = key_of(label, was).zip(key_of(label, is));
            let is_new = |key: Key| self.from.lens.constants.number(key).is_none();
            keys.is_some_and(|(was, is)| {
                let owned = self.from.form.graph.index.owners(was).next().is_some();
                owned && is_new(was) && is_new(is) && self.of_ids(was, is) == Meaning::Same
            })
        })
    }

    /// Whether two rows, each of its world, play the same role.
    pub(crate) fn is_one_row(&self, was: (&str, usize), is: (&str, usize)) -> bool {
        let node = |seen: Seen, (table, row): (&str, usize)| {
            let at = seen.lens.tables(seen.observation).position(|(name, _)| name == table);
            at.and_then(|at| Node::try_from(seen.form.graph.starts[at] + row).ok())
        };
        node(self.from, was).zip(node(self.to, is)).is_some_and(|(was, is)| self.is_one(was, is))
    }

    /// Whether the text holds an id that is made up anew.
    pub(crate) fn names_somebody(&self, was: &str) -> bool {
        tokens(self.from, &[], was).iter().any(|token| token.key.is_some())
    }

    fn of_ids(&self, was: Key, is: Key) -> Meaning {
        let owners = |seen: Seen<'a>, key| seen.form.graph.index.owners(key).collect::<Vec<Node>>();
        let (was_owners, is_owners) = (owners(self.from, was), owners(self.to, is));
        let constant = |key| self.from.lens.constants.number(key);
        if was_owners.is_empty() || (constant(was).is_some() && was == is) {
            Meaning::Same
        } else if is_owners.is_empty() {
            Meaning::NoRow
        } else if was_owners.iter().any(|&was| is_owners.iter().any(|&is| self.is_one(was, is))) {
            Meaning::Same
        } else {
            Meaning::OtherRow
        }
    }

    /// Two texts that differ may do so in the numbers in them only, which are ids.
    fn of_digits(&self, was: &str, is: &str) -> Meaning {
        let (was_runs, is_runs) = (runs(was), runs(is));
        let is_same = |(was, is): (&&str, &&str)| {
            let number = |run: &str| run.parse::<i64>().map(Value::from);
            let ids = || number(was).ok().zip(number(is).ok());
            let short = || self.are_ids_of_one(&(**was).into(), &(**is).into());
            was == is || ids().is_some_and(|(was, is)| self.are_ids_of_one(&was, &is)) || short()
        };
        let whole = || self.are_ids_of_one(&was.into(), &is.into());
        let is_alike = (was_runs.len() == is_runs.len() && was_runs.iter().zip(&is_runs).all(is_same)) || whole();
        if is_alike { Meaning::Same } else { Meaning::Other }
    }

    fn is_one(&self, was: Node, is: Node) -> bool {
        let (was, is) = (was as usize, is as usize);
        if self.from.form.descriptor(was) == self.to.form.descriptor(is) {
            return true;
        }
        let compared = self.compared.get_or_init(|| Comparison::new(self.from, self.to, Extras::Told));
        compared.pairs.role(&compared.from, was) == Pairs::role_of_new(&compared.to, is)
    }
}

/// A text in runs of digits and of anything else.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (at, pair) in (1..).zip(text.as_bytes().windows(2)) {
        if pair[0].is_ascii_digit() != pair[1].is_ascii_digit() {
            runs.push(&text[start..at]);
            start = at;
        }
    }
    runs.push(&text[start..]);
    runs
}
