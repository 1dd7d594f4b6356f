//! Which ids are the same in every run, and therefore compare as they are.
//!
//! An id is what differs from run to run. Known are the world before the request and two runs without faults:
//!
//! | an id that | is |
//! |---|---|
//! | a row of the world before has, in a column that is declared as a generated id | that row's, in all worlds |
//! | the same, and is a number, or ends with one | the same, if the row is there after both runs, too: who deletes a row may give its number to another one |
//! | stands elsewhere in the world before, and looks like a UUID | a constant, compared as it is spelled |
//! | stands in both runs, and looks like a UUID | the same: it comes from the request, or is a digest |
//! | stands in both runs in a column that is declared, as a text | the same |
//! | stands in both runs in a column that is declared, and is a number, or ends with one | not a constant: it was counted, and a retry counts on |
//! | stands anywhere else | compared by the role of its row |
//!
//! What a text that ends with a number is made of cannot be seen: a digest that is no hexadecimal one, and ends with a
//! digit, is taken for counted.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

use super::digest::Digest;
use super::ids::{Identity, Key, find_uuids, key_of, label};
use super::lens::tables;
use crate::observe::{Answer, Entry, Observation, Table, Value};
use crate::rules::{Column, Rules};

/// Ids that are the same in every run. Looked up only: no hash order gets out of here.
#[derive(Clone, Debug, Default)]
pub(super) struct Constants {
    /// The ids of the rows that were there before, each with a number for that row. The number does not depend on the
    /// id: who prepares a world may draw ids at random.
    old: HashMap<Key, u128, BuildHasherDefault<Identity>>,
    /// Others.
    spelled: Keys,
}

type Keys = HashSet<Key, BuildHasherDefault<Identity>>;

const OLD: u64 = 0x6f6c;
const SPELLED: u64 = 0x7370;

impl Constants {
    /// Those of a world, and of two runs without faults on it.
    pub(super) fn new(rules: &Rules, before: &Observation, results: [&Observation; 2]) -> Self {
        let [one, other] = results.map(|result| Ids::of(rules, result));
        let is_in_both = |key: &Key| one.declared.contains_key(key) && other.declared.contains_key(key);
        let ids = Ids::of(rules, before);
        let old = ids.declared.iter().filter(|&(key, id)| id.origin == Origin::Free || is_in_both(key));
        let old: HashMap<_, _, _> = old.map(|(&key, id)| (key, id.row)).collect();
        let mut spelled = ids.looks_like_one;
        spelled.extend(one.looks_like_one.intersection(&other.looks_like_one));
        let declared = one.declared.iter().filter(|&(key, id)| id.origin == Origin::Free && is_in_both(key));
        spelled.extend(declared.map(|(&key, _)| key));
        spelled.retain(|key| !old.contains_key(key));
        Self { old, spelled }
    }

    /// Whether the id is the same in every run and of no row that was there before.
    pub(super) fn is_spelled(&self, key: Key) -> bool {
        self.spelled.contains(&key)
    }

    /// What an id that is the same in every run compares as.
    pub(super) fn number(&self, key: Key) -> Option<u128> {
        let spelled = || self.spelled.contains(&key).then(|| number(SPELLED, [key]));
        self.old.get(&key).copied().or_else(spelled)
    }
}

/// The ids of one world.
#[derive(Default)]
struct Ids {
    declared: HashMap<Key, Declared, BuildHasherDefault<Identity>>,
    looks_like_one: Keys,
}

/// An id in a column that is declared as one.
struct Declared {
    row: u128,
    origin: Origin,
}

/// Where an id may come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It may have been counted: the next one depends on how many there were.
    Counted,
    /// Anything else.
    Free,
}

impl Ids {
    fn of(rules: &Rules, observation: &Observation) -> Self {
        let mut ids = Self::default();
        for (name, table) in tables(rules, observation) {
            for (at, column) in table.columns.iter().enumerate() {
                let column = Column::new(name, column);
                if rules.generated_ids.contains(&column) {
                    ids.declare(&column, table, at);
                }
            }
            for text in table.rows.iter().flatten().filter_map(Value::as_text) {
                ids.look_into(text);
            }
        }
        for (path, entry) in &observation.files {
            ids.look_into(path);
            let Entry::File(bytes) = entry else { continue };
            if let Ok(text) = std::str::from_utf8(bytes) {
                ids.look_into(text);
            }
        }
        if let Some(Answer::Success(answer)) = &observation.answer {
            ids.look_into(&answer.to_string());
        }
        ids
    }

    fn declare(&mut self, column: &Column, table: &Table, at: usize) {
        let label = label(column);
        for (nth, row) in table.rows.iter().enumerate() {
            if let Some(key) = key_of(label, &row[at]) {
                let row_number = number(OLD, [u128::from(label), nth as u128]);
                let declared = Declared { row: row_number, origin: origin(&row[at]) };
                self.declared.entry(key).or_insert(declared);
            }
        }
    }

    fn look_into(&mut self, text: &str) {
        let mut tokens = Vec::new();
        find_uuids(text.as_bytes(), &mut tokens);
        self.looks_like_one.extend(tokens.into_iter().filter_map(|token| token.key));
    }
}

fn origin(id: &Value) -> Origin {
    if may_be_counted(id) { Origin::Counted } else { Origin::Free }
}

/// Whether an id may be one that was counted.
pub(super) fn may_be_counted(id: &Value) -> bool {
    match id {
        Value::Text(text) => is_counted(text),
        Value::Integer(_) | Value::Real(_) => true,
        Value::Null | Value::Blob(_) => false,
    }
}

/// The shortest text of hexadecimal digits that is taken for a digest.
const DIGEST: usize = 16;

/// Whether a text is a number, or ends with one: `7`, `job-7`.
fn is_counted(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let is_digest = is_hexadecimal && !is_number && text.len() >= DIGEST;
    text.ends_with(|last: char| last.is_ascii_digit()) && !is_digest
}

fn number<const N: usize>(purpose: u64, words: [u128; N]) -> u128 {
    let mut digest = Digest::new(purpose);
    for word in words {
        digest.wide(word);
    }
    digest.finish()
}
