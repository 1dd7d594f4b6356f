//! Finds ids: which row owns one, and where in a text one stands.
//!
//! A UUID is known by its shape (with hyphens, or as 32 hexadecimal digits), whether a row owns it or not. Any other
//! text is an id only because a row owns it. An id of fewer than [`SHORTEST`] bytes, and one that is a number, says too
//! little to be looked for in texts: it is followed along declared references, and where a pattern says that one stands.
//! An id that is the same in every run is text like any other, unless a row had it before.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::constants::Constants;
use super::digest::{Digest, halves, of_bytes};
use super::lens::{Finder, Lens};
use crate::observe::{Observation, Value};
use crate::rules::Column;

/// The shortest id that is looked for in texts.
const SHORTEST: usize = 8;
const UUID: usize = 36;
const SIMPLE: usize = 32;

/// An id, wherever it stands, whichever way it is written.
pub(super) type Key = u128;

/// A node: a row, a file, or an id that nobody owns.
pub(super) type Node = u32;

/// A part of a text that does not compare as it is.
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The id that stands there; none where something is made up anew that is no id.
    pub(super) key: Option<Key>,
}

/// Which nodes own which id. Looked up only, never walked: no hash order gets out of here.
#[derive(Debug)]
pub(super) struct Index {
    heads: HashMap<Key, u32, BuildHasherDefault<Identity>>,
    /// Who owns an id, and the place of the next one who does.
    owners: Vec<(Node, Option<u32>)>,
    /// The lengths of the ids that are no UUIDs, and the bytes they begin with.
    lengths: Vec<usize>,
    beginnings: [bool; 256],
}

impl Index {
    /// The generated ids of all rows; rows are numbered table by table.
    pub(super) fn new(lens: &Lens, observation: &Observation) -> Self {
        let rows = lens.tables(observation).map(|(_, table)| table.rows.len()).sum();
        let heads = HashMap::with_capacity_and_hasher(rows, BuildHasherDefault::default());
        let mut index = Self { heads, owners: Vec::with_capacity(rows), lengths: Vec::new(), beginnings: [false; 256] };
        let mut first: Node = 0;
        for (name, table) in lens.tables(observation) {
            for id in lens.rules().generated_ids.iter().filter(|id| id.table == *name) {
                let Some(column) = table.column(&id.column) else { continue };
                let label = label(id);
                for (node, row) in (first..).zip(&table.rows) {
                    index.learn(label, &row[column], node);
                }
            }
            first += Node::try_from(table.rows.len()).expect("a world under test has fewer than 2^32 rows");
        }
        index.lengths.sort_unstable();
        index.lengths.dedup();
        index
    }

    fn learn(&mut self, label: u64, id: &Value, node: Node) {
        let Some(key) = key_of(label, id) else { return };
        let is_looked_for = |text: &&str| text.len() >= SHORTEST && uuid(text.as_bytes()).is_none();
        if let Some(text) = id.as_text().filter(is_looked_for) {
            self.lengths.push(text.len());
            self.beginnings[usize::from(text.as_bytes()[0])] = true;
        }
        self.claim(key, node);
    }

    /// Makes a node an owner of an id.
    pub(super) fn claim(&mut self, key: Key, node: Node) {
        let place = u32::try_from(self.owners.len()).expect("a world under test has fewer than 2^32 ids");
        let next = self.heads.insert(key, place);
        self.owners.push((node, next));
    }

    /// Who owns this id.
    pub(super) fn owners(&self, key: Key) -> impl Iterator<Item = Node> {
        let mut place = self.heads.get(&key).copied();
        std::iter::from_fn(move || {
            let (node, next) = self.owners[place? as usize];
            place = next;
            Some(node)
        })
    }

    /// The ids in a text, and what else is made up anew, from left to right.
    pub(super) fn tokens(&self, constants: &Constants, finders: &[Finder], text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        find_uuids(text.as_bytes(), &mut tokens);
        if self.lengths.is_empty() && finders.is_empty() {
            tokens.retain(|token| token.compares_by_role(constants));
            return tokens;
        }
        self.find_others(text.as_bytes(), &mut tokens);
        for finder in finders {
            finder.find(self, text, &mut tokens);
        }
        tokens.retain(|token| token.compares_by_role(constants));
        tokens.sort_by_key(|token| (token.start, std::cmp::Reverse(token.end)));
        let mut end = 0;
        tokens.retain(|token| {
            let free = token.start >= end;
            end = if free { token.end } else { end };
            free
        });
        tokens
    }

    fn find_others(&self, bytes: &[u8], tokens: &mut Vec<Token>) {
        for start in 0..bytes.len() {
            if !self.beginnings[usize::from(bytes[start])] || !ends_at(bytes, start) {
                continue;
            }
            for end in self.lengths.iter().map(|length| start + length).take_while(|&end| end <= bytes.len()) {
                let key = of_bytes(TEXT, &bytes[start..end]);
                if begins_at(bytes, end) && self.heads.contains_key(&key) {
                    tokens.push(Token { start, end, key: Some(key) });
                }
            }
        }
    }
}

impl Token {
    fn compares_by_role(&self, constants: &Constants) -> bool {
        self.key.is_none_or(|key| !constants.is_spelled(key))
    }
}

const TEXT: u64 = 0x7478;
const SHORT: u64 = 0x7368;
const NUMBER: u64 = 0x6e75;
const LABEL: u64 = 0x6c61;

/// A number for a column.
pub(super) fn label(column: &Column) -> u64 {
    let mut digest = Digest::new(LABEL);
    digest.bytes(column.table.as_bytes());
    digest.bytes(column.column.as_bytes());
    halves(digest.finish()).0
}

/// The id that this value is, in the column with this label, or in one that refers to it.
pub(super) fn key_of(label: u64, value: &Value) -> Option<Key> {
    let within_column = |purpose, bytes: &[u8]| {
        let mut digest = Digest::new(purpose);
        digest.word(label);
        digest.bytes(bytes);
        digest.finish()
    };
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(within_column(NUMBER, &number.to_le_bytes())),
        Value::Real(number) => Some(within_column(NUMBER, &number.to_bits().to_le_bytes())),
        Value::Text(text) if text.len() < SHORTEST => Some(within_column(SHORT, text.as_bytes())),
        Value::Text(text) => Some(uuid(text.as_bytes()).unwrap_or_else(|| of_bytes(TEXT, text.as_bytes()))),
        Value::Blob(bytes) => Some(match <[u8; 16]>::try_from(&**bytes) {
            Ok(uuid) => u128::from_be_bytes(uuid),
            Err(_) => of_bytes(TEXT, bytes),
        }),
    }
}

/// Finds UUIDs. Looks at every 32nd byte only, until one of them can be part of a UUID.
pub(super) fn find_uuids(bytes: &[u8], tokens: &mut Vec<Token>) {
    let mut at = SIMPLE - 1;
    while at < bytes.len() {
        if !is_uuid_byte(bytes[at]) {
            at += SIMPLE;
            continue;
        }
        let start = bytes[..at].iter().rposition(|&byte| !is_uuid_byte(byte)).map_or(0, |before| before + 1);
        let end = bytes[at..].iter().position(|&byte| !is_uuid_byte(byte)).map_or(bytes.len(), |after| at + after);
        find_uuids_in_run(bytes, start, end, tokens);
        at = end + SIMPLE;
    }
}

/// A text with `{}` for each UUID in it.
pub(crate) fn without_uuids(text: &str) -> String {
    let mut tokens = Vec::new();
    find_uuids(text.as_bytes(), &mut tokens);
    let (mut plain, mut from) = (String::new(), 0);
    for token in tokens {
        plain.extend([&text[from..token.start], "{}"]);
        from = token.end;
    }
    plain + &text[from..]
}

fn find_uuids_in_run(bytes: &[u8], start: usize, end: usize, tokens: &mut Vec<Token>) {
    let mut at = start;
    while at + SIMPLE <= end {
        let found = [UUID, SIMPLE].into_iter().map(|length| at + length).find_map(|stop| {
            let whole = stop <= end && ends_at(bytes, at) && begins_at(bytes, stop);
            let key = whole.then(|| uuid(&bytes[at..stop])).flatten();
            key.map(|key| Token { start: at, end: stop, key: Some(key) })
        });
        at = found.as_ref().map_or(at + 1, |token| token.end);
        tokens.extend(found);
    }
}

/// The UUID that these bytes write.
fn uuid(bytes: &[u8]) -> Option<Key> {
    let groups: &[(usize, usize)] = match bytes.len() {
        UUID if [8, 13, 18, 23].iter().all(|&at| bytes[at] == b'-') => &[(0, 8), (9, 13), (14, 18), (19, 23), (24, 36)],
        SIMPLE => &[(0, SIMPLE)],
        _ => return None,
    };
    let mut key = 0;
    for &(from, to) in groups {
        for &byte in &bytes[from..to] {
            let digit = DIGITS[usize::from(byte)];
            if digit == NO_DIGIT {
                return None;
            }
            key = key << 4 | u128::from(digit);
        }
    }
    Some(key)
}

const NO_DIGIT: u8 = 16;

/// The value of each hexadecimal digit: worlds hold thousands of ids, and reading them is a good part of the work.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

const fn is_uuid_byte(byte: u8) -> bool {
    byte == b'-' || byte.is_ascii_hexdigit()
}

/// Whether a word that comes before this place, if there is one, ends there.
fn ends_at(bytes: &[u8], at: usize) -> bool {
    at == 0 || !bytes[at - 1].is_ascii_alphanumeric()
}

/// Whether no word goes on across this place.
fn begins_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// Keys are digests or random already: hashing them again is work for nothing.
#[derive(Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = halves(of_bytes(0, bytes)).0;
    }

    fn write_u128(&mut self, key: u128) {
        let (high, low) = halves(key);
        self.0 = (high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_a_whole_word_of_its_shape() {
        let (hyphened, simple) = ("6f9619ff-8b86-4011-b42d-00c04fc964ff", "6f9619ff8b864011b42d00c04fc964ff");
        for uuid in [hyphened, simple] {
            assert_eq!(without_uuids(&format!("at {uuid}, -{uuid}.tmp")), "at {}, -{}.tmp");
        }
        assert_eq!(without_uuids(&format!("{} {simple}", "z".repeat(50))), format!("{} {{}}", "z".repeat(50)));
        assert_eq!(without_uuids(&format!("{simple}.tmp")), "{}.tmp");
        for none in [format!("x{simple}"), format!("{simple}x"), format!("{simple}0000"), hyphened.replace('-', "0")] {
            assert_eq!(without_uuids(&none), none);
        }
    }
}
