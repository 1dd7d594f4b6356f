//! Turns an observation into a graph: rows, files and ids that nobody owns, and who mentions whom.
//!
//! A node's own content is what is left when generated values are blanked and ids are taken out of texts.

use super::colours::{Colour, Edge};
use super::digest::{Digest, of_bytes};
use super::ids::{Index, Key, Node, key_of, label};
use crate::observe::{Entry, Observation, Special, Table, Value};
use crate::rules::{Column, Rules};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A row.
    Row,
    /// A row of a log.
    Log,
    /// A file or an empty directory.
    File,
    /// An id that no row owns: of a row that is gone or not yet there, or of something outside the world.
    Nobody,
}

/// Rows, table by table, then files, then ids that nobody owns.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) contents: Vec<Colour>,
    pub(super) kinds: Vec<Kind>,
    pub(super) edges: Vec<Edge>,
    pub(super) index: Index,
    /// The first node of each table, and that of the files.
    pub(super) starts: Vec<usize>,
}

/// How the values of a column are read.
#[derive(Debug)]
pub(super) enum Reading {
    /// Made up anew in each run.
    Blank,
    /// The id of a row, in one of the columns with these labels.
    Follow(Vec<u64>),
    /// As it is, but for ids inside.
    Plain,
}

const ROW: u64 = 0x726f;
const FILE: u64 = 0x6669;
const PATH: u64 = 0x7061;
const INSIDE: u64 = 0x696e;
const LEADS_TO: u64 = 0x6c74;
const NOBODY: Colour = 0x6e6f;

/// How this column is read.
pub(super) fn reading(rules: &Rules, column: &Column) -> Reading {
    if rules.generated.contains(column) {
        return Reading::Blank;
    }
    let parents = rules.references.iter().filter(|reference| reference.child == *column);
    let parents: Vec<u64> = parents
        .filter(|reference| rules.generated_ids.contains(&reference.parent))
        .map(|reference| label(&reference.parent))
        .collect();
    if !parents.is_empty() {
        Reading::Follow(parents)
    } else if rules.generated_ids.contains(column) {
        Reading::Blank
    } else {
        Reading::Plain
    }
}

impl Graph {
    pub(super) fn new(rules: &Rules, observation: &Observation) -> Self {
        let index = Index::new(rules, observation);
        let rows: usize = observation.tables.values().map(|table| table.rows.len()).sum();
        let nodes = rows + observation.files.len();
        let mut graph = Self {
            contents: vec![0; nodes],
            kinds: vec![Kind::Row; nodes],
            edges: Vec::with_capacity(nodes),
            index,
            starts: Vec::with_capacity(observation.tables.len() + 1),
        };
        let mut first = 0;
        for (name, table) in &observation.tables {
            graph.starts.push(first);
            graph.read_table(rules, name, table, first);
            first += table.rows.len();
        }
        graph.starts.push(first);
        for (at, (path, entry)) in (first..).zip(&observation.files) {
            graph.kinds[at] = Kind::File;
            graph.contents[at] = graph.read_file(path, entry, at);
        }
        graph
    }

    fn read_table(&mut self, rules: &Rules, name: &str, table: &Table, first: usize) {
        let columns = table.columns.iter().map(|column| Column::new(name, column));
        let columns: Vec<_> = columns.map(|column| (label(&column), reading(rules, &column))).collect();
        let kind = if rules.logs.contains(name) { Kind::Log } else { Kind::Row };
        for (at, row) in (first..).zip(&table.rows) {
            let mut digest = Digest::new(ROW);
            for ((label, reading), value) in columns.iter().zip(row) {
                digest.word(*label);
                match reading {
                    Reading::Blank => {}
                    Reading::Follow(parents) => self.follow(&mut digest, parents, value, at, *label),
                    Reading::Plain => self.read_value(&mut digest, value, at, *label),
                }
            }
            self.kinds[at] = kind;
            self.contents[at] = digest.finish();
        }
    }

    fn follow(&mut self, digest: &mut Digest, parents: &[u64], value: &Value, at: usize, label: u64) {
        let keys = parents.iter().filter_map(|&parent| key_of(parent, value));
        let owned = keys.clone().find(|&key| self.index.owners(key).next().is_some());
        let key = owned.or_else(|| keys.clone().next());
        digest.word(u64::from(key.is_some()));
        if let Some(key) = key {
            self.mention(at, key, label);
        }
    }

    fn read_value(&mut self, digest: &mut Digest, value: &Value, at: usize, label: u64) {
        match value {
            Value::Null => digest.word(0),
            Value::Integer(number) => {
                digest.word(1);
                digest.word(number.cast_unsigned());
            }
            Value::Real(number) => {
                digest.word(2);
                digest.word(number.to_bits());
            }
            Value::Text(text) => {
                digest.word(3);
                self.read_text(digest, text, at, label);
            }
            Value::Blob(bytes) => {
                digest.word(4);
                let owned = key_of(label, value).filter(|&key| self.index.owners(key).next().is_some());
                match owned {
                    Some(key) => self.mention(at, key, label),
                    None => digest.bytes(bytes),
                }
            }
        }
    }

    fn read_file(&mut self, path: &str, entry: &Entry, at: usize) -> Colour {
        let mut digest = Digest::new(FILE);
        self.read_text(&mut digest, path, at, PATH);
        match entry {
            Entry::EmptyDirectory => digest.word(0),
            Entry::Database => digest.word(5),
            Entry::Link(target) => {
                digest.word(2);
                self.read_text(&mut digest, target, at, LEADS_TO);
            }
            Entry::Special(special) => {
                digest.word(4);
                read_special(&mut digest, *special);
            }
            Entry::Unreadable(reason) => {
                digest.word(3);
                digest.bytes(reason.as_bytes());
            }
            Entry::File(bytes) => {
                digest.word(1);
                match std::str::from_utf8(bytes) {
                    Ok(text) => self.read_text(&mut digest, text, at, INSIDE),
                    Err(_) => digest.bytes(bytes),
                }
            }
        }
        digest.finish()
    }

    /// What stands between the ids is content; the ids are mentions.
    fn read_text(&mut self, digest: &mut Digest, text: &str, at: usize, label: u64) {
        let tokens = self.index.tokens(text);
        let mut rest = 0;
        for (nth, token) in (1..).zip(&tokens) {
            digest.bytes(&text.as_bytes()[rest..token.start]);
            self.mention(at, token.key, label.wrapping_add(nth));
            rest = token.end;
        }
        digest.bytes(&text.as_bytes()[rest..]);
        digest.word(tokens.len() as u64);
    }

    /// Ids that nobody owns become nodes, too: two rows that mention the same one are told from two that do not.
    fn mention(&mut self, at: usize, key: Key, label: u64) {
        let from = node(at);
        let before = self.edges.len();
        self.edges.extend(self.index.owners(key).map(|to| Edge { from, to, label }));
        if self.edges.len() == before {
            let to = node(self.contents.len());
            self.contents.push(NOBODY);
            self.kinds.push(Kind::Nobody);
            self.index.claim(key, to);
            self.edges.push(Edge { from, to, label });
        }
    }

    /// The graph without its logs: whoever mentions a row of a log mentions nobody in particular.
    pub(super) fn without_logs(&self) -> (Vec<Colour>, Vec<Edge>) {
        let is_log = |node: Node| self.kinds[node as usize] == Kind::Log;
        let blanked = self.contents.iter().zip(&self.kinds);
        let contents = blanked.map(|(&content, &kind)| if kind == Kind::Log { NOBODY } else { content }).collect();
        (contents, self.edges.iter().filter(|edge| !is_log(edge.from)).copied().collect())
    }
}

fn read_special(digest: &mut Digest, special: Special) {
    match special {
        Special::Unknown => digest.word(0),
        Special::Pipe => digest.word(1),
        Special::Socket => digest.word(2),
        Special::BlockDevice(number) => {
            digest.word(3);
            digest.word(number);
        }
        Special::CharacterDevice(number) => {
            digest.word(4);
            digest.word(number);
        }
    }
}

/// The digest of a value with its ids, as it is.
pub(super) fn of_value(value: &Value) -> u128 {
    match value {
        Value::Null => 0,
        Value::Integer(number) => of_bytes(1, &number.to_le_bytes()),
        Value::Real(number) => of_bytes(2, &number.to_bits().to_le_bytes()),
        Value::Text(text) => of_text(text),
        Value::Blob(bytes) => of_bytes(4, bytes),
    }
}

/// The digest of a text.
pub(super) fn of_text(text: &str) -> u128 {
    of_bytes(3, text.as_bytes())
}

fn node(at: usize) -> Node {
    Node::try_from(at).expect("a world under test has fewer than 2^32 rows and files")
}
