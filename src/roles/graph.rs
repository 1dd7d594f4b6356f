//! Turns an observation into a graph: rows, files and ids that nobody owns, and who mentions whom.
//!
//! A node's own content is what is left when generated values are blanked and ids are taken out of texts.

use super::colours::{Colour, Edge};
use super::digest::{Digest, of_bytes};
use super::ids::{Index, Key, Node, key_of, label};
use super::lens::{Finder, Lens};
use crate::observe::{Entry, Observation, Special, Table, Value};
use crate::rules::Column;

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
pub(super) enum Reading<'l> {
    /// Made up anew in each run: only whether there is one counts.
    Generated,
    /// The row's own id, in the column with this label.
    Own(u64),
    /// The id of a row, in one of the columns with these labels.
    Follow(Vec<u64>),
    /// As it is, but for ids inside; these find some that do not look like one.
    Plain(Vec<Finder<'l>>),
}

const ROW: u64 = 0x726f;
const FILE: u64 = 0x6669;
const PATH: u64 = 0x7061;
const INSIDE: u64 = 0x696e;
const LEADS_TO: u64 = 0x6c74;
const NOBODY: Colour = 0x6e6f;

/// How this column is read.
pub(super) fn reading<'l>(lens: &'l Lens, column: &Column) -> Reading<'l> {
    let rules = lens.rules();
    if rules.generated.contains(column) {
        return Reading::Generated;
    }
    let parents = rules.references.iter().filter(|reference| reference.child == *column);
    let parents: Vec<u64> = parents
        .filter(|reference| rules.generated_ids.contains(&reference.parent))
        .map(|reference| label(&reference.parent))
        .collect();
    if !parents.is_empty() {
        Reading::Follow(parents)
    } else if rules.generated_ids.contains(column) {
        Reading::Own(label(column))
    } else {
        Reading::Plain(lens.in_column(column))
    }
}

impl Graph {
    pub(super) fn new(lens: &Lens, observation: &Observation) -> Self {
        let index = Index::new(lens, observation);
        let rows: usize = lens.tables(observation).map(|(_, table)| table.rows.len()).sum();
        let nodes = rows + observation.files.len();
        let mut graph = Self {
            contents: vec![0; nodes],
            kinds: vec![Kind::Row; nodes],
            edges: Vec::with_capacity(nodes),
            index,
            starts: Vec::with_capacity(observation.tables.len() + 1),
        };
        let mut first = 0;
        for (name, table) in lens.tables(observation) {
            graph.starts.push(first);
            graph.read_table(lens, name, table, first);
            first += table.rows.len();
        }
        graph.starts.push(first);
        let finders = lens.in_paths();
        for (at, (path, entry)) in (first..).zip(&observation.files) {
            graph.kinds[at] = Kind::File;
            graph.contents[at] = graph.read_file(lens, &finders, (path, entry), at);
        }
        graph
    }

    fn read_table(&mut self, lens: &Lens, name: &str, table: &Table, first: usize) {
        let columns = table.columns.iter().map(|column| Column::new(name, column));
        let columns: Vec<_> = columns.map(|column| (label(&column), reading(lens, &column))).collect();
        let kind = if lens.rules().logs.contains(name) { Kind::Log } else { Kind::Row };
        for (at, row) in (first..).zip(&table.rows) {
            let mut digest = Digest::new(ROW);
            for ((label, reading), value) in columns.iter().zip(row) {
                digest.word(*label);
                match reading {
                    Reading::Generated if *value == Value::Null => digest.word(0),
                    Reading::Generated => {}
                    Reading::Own(label) => read_own(lens, &mut digest, key_of(*label, value)),
                    Reading::Follow(parents) => self.follow(lens, &mut digest, parents, (value, at), *label),
                    Reading::Plain(finders) => self.read_value(lens, &mut digest, finders, (value, at), *label),
                }
            }
            self.kinds[at] = kind;
            self.contents[at] = digest.finish();
        }
    }

    fn follow(&mut self, lens: &Lens, digest: &mut Digest, parents: &[u64], (value, at): (&Value, usize), label: u64) {
        let keys = parents.iter().filter_map(|&parent| key_of(parent, value));
        let owned = keys.clone().find(|&key| self.index.owners(key).next().is_some());
        let key = owned.or_else(|| keys.clone().next());
        read_id(lens, digest, key);
        if let Some(key) = key {
            self.mention(at, key, label);
        }
    }

    fn read_value(
        &mut self,
        lens: &Lens,
        digest: &mut Digest,
        finders: &[Finder],
        (value, at): (&Value, usize),
        label: u64,
    ) {
        match value {
            Value::Null => digest.word(0),
            Value::Integer(number) => {
                digest.word(1);
                digest.word(u64::from_ne_bytes(number.to_ne_bytes()));
            }
            Value::Real(number) => {
                digest.word(2);
                digest.word(number.to_bits());
            }
            Value::Text(text) => {
                digest.word(3);
                self.read_text(lens, digest, finders, (text, at), label);
            }
            Value::Blob(bytes) => {
                digest.word(4);
                let owned = key_of(label, value).filter(|&key| self.index.owners(key).next().is_some());
                match owned.filter(|&key| !lens.constants.is_spelled(key)) {
                    Some(key) => {
                        read_own(lens, digest, Some(key));
                        self.mention(at, key, label);
                    }
                    None => digest.bytes(bytes),
                }
            }
        }
    }

    fn read_file(&mut self, lens: &Lens, finders: &[Finder], (path, entry): (&str, &Entry), at: usize) -> Colour {
        let mut digest = Digest::new(FILE);
        self.read_text(lens, &mut digest, finders, (path, at), PATH);
        match entry {
            Entry::EmptyDirectory => digest.word(0),
            Entry::Database => digest.word(5),
            Entry::Link(target) => {
                digest.word(2);
                self.read_text(lens, &mut digest, finders, (target, at), LEADS_TO);
            }
            Entry::Special(special) => {
                digest.word(4);
                read_special(&mut digest, *special);
            }
            Entry::Unreadable(reason) => {
                digest.word(3);
                digest.bytes(reason.as_bytes());
            }
            Entry::File(bytes) if lens.is_made_up(path) => {
                digest.word(6);
                digest.word(u64::from(bytes.is_empty()));
            }
            Entry::File(bytes) => {
                digest.word(1);
                match std::str::from_utf8(bytes) {
                    Ok(text) => self.read_text(lens, &mut digest, &lens.in_file(path), (text, at), INSIDE),
                    Err(_) => digest.bytes(bytes),
                }
            }
        }
        digest.finish()
    }

    /// What stands between the ids is content; the ids are mentions.
    fn read_text(
        &mut self,
        lens: &Lens,
        digest: &mut Digest,
        finders: &[Finder],
        (text, at): (&str, usize),
        label: u64,
    ) {
        let tokens = self.index.tokens(&lens.constants, finders, text);
        let mut rest = 0;
        for (nth, token) in (1..).zip(&tokens) {
            digest.bytes(&text.as_bytes()[rest..token.start]);
            if let Some(key) = token.key {
                if let Some(constant) = lens.constants.number(key) {
                    digest.wide(constant);
                }
                self.mention(at, key, label.wrapping_add(nth));
            }
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

/// Of an id that is made up anew it counts whether there is one; of one that is the same in every run, which.
fn read_own(lens: &Lens, digest: &mut Digest, key: Option<Key>) {
    match key.map(|key| lens.constants.number(key)) {
        Some(None) => {}
        None | Some(Some(_)) => read_id(lens, digest, key),
    }
}

/// Null, an id that is made up anew, or one that is the same in every run.
fn read_id(lens: &Lens, digest: &mut Digest, key: Option<Key>) {
    match key.map(|key| lens.constants.number(key)) {
        None => digest.word(0),
        Some(None) => digest.word(1),
        Some(Some(constant)) => {
            digest.word(2);
            digest.wide(constant);
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
