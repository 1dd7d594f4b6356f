//! Names rows by their role, and words for values, so that a sentence is the same in every run.
//!
//! A row's name is its table and its place in an order by content: numbers first, then texts, then its connections.
//! Rows that even then are alike share their role, and any of them may be meant. No generated value gets out of here.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Ordering;
use std::fmt::Write;

use super::Seen;
use super::graph::{Reading, reading};
use super::ids::{Key, Node, Token, key_of};
use super::lens::Finder;
use crate::observe::{Table, Value};
use crate::rules::Column;

/// How many characters of a value are shown.
const VALUE: usize = 40;
/// How many characters of a message are shown.
const MESSAGE: usize = 300;
/// How many members of a list are shown, before the rest is counted.
const LISTED: usize = 3;

/// The names of one world's rows.
pub(crate) struct Names<'a> {
    pub(super) seen: Seen<'a>,
    pub(super) tables: Vec<(&'a str, &'a Table)>,
    orders: Vec<OnceCell<Order>>,
    readings: Vec<OnceCell<Vec<Reading<'a>>>>,
    in_paths: Vec<Finder<'a>>,
}

/// The rows of a table in the order of their names.
#[derive(Clone)]
struct Order {
    rows: Vec<usize>,
    /// Where each row is in that order, from 0.
    places: Vec<usize>,
}

/// A value as people see it. Rows are kept as rows, so that many of them can be shown as a range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// A row: its table's number and its place in the order of names, from 1.
    Row(usize, usize),
    /// Anything else.
    Words(String),
}

impl<'a> Names<'a> {
    pub(crate) fn new(seen: Seen<'a>) -> Self {
        let tables: Vec<_> = seen.lens.tables(seen.observation).collect();
        let orders = vec![OnceCell::new(); tables.len()];
        let readings = tables.iter().map(|_| OnceCell::new()).collect();
        Self { seen, tables, orders, readings, in_paths: seen.lens.in_paths() }
    }

    /// The name of a row.
    pub(crate) fn row(&self, table: &str, row: usize) -> String {
        match self.tables.iter().position(|(name, _)| *name == table) {
            Some(at) => format!("{table}-{}", self.rank(at, row)),
            None => table.to_owned(),
        }
    }

    /// The names of rows: as a range where there is one, or the first of them and how many more.
    pub(crate) fn rows(&self, table: &str, rows: &[usize]) -> String {
        let at = self.tables.iter().position(|(name, _)| *name == table);
        let shown = rows.iter().filter_map(|&row| at.map(|at| Shown::Row(at, self.rank(at, row))));
        self.summary(shown.collect())
    }

    /// A path, with ids replaced.
    pub(crate) fn path(&self, path: &str) -> String {
        self.without_those(&self.in_paths, path).chars().flat_map(escape).collect()
    }

    /// A message in quotes, with ids replaced.
    pub(crate) fn message(&self, message: &str) -> String {
        quoted(&self.without_ids(message), MESSAGE)
    }

    /// A short text in quotes, with ids replaced.
    pub(crate) fn short(&self, text: &str) -> String {
        quoted(&self.without_ids(text), VALUE)
    }

    /// What several values are, each told once.
    pub(super) fn summary(&self, mut shown: Vec<Shown>) -> String {
        shown.sort_unstable();
        shown.dedup();
        if let (Some(&Shown::Row(table, first)), Some(&Shown::Row(other, last))) = (shown.first(), shown.last()) {
            if table == other && shown.len() > LISTED && last - first + 1 == shown.len() {
                return format!("{}-{first}..{last}", self.tables[table].0);
            }
        }
        list(shown.iter().map(|shown| self.words(shown)))
    }

    pub(super) fn words(&self, shown: &Shown) -> String {
        match shown {
            Shown::Row(table, rank) => format!("{}-{rank}", self.tables[*table].0),
            Shown::Words(words) => words.clone(),
        }
    }

    /// The value in a column of a row; `None` when it is made up anew in each run.
    pub(super) fn value(&self, table: usize, column: usize, row: usize) -> Option<Shown> {
        let value = &self.tables[table].1.rows[row][column];
        match &self.readings(table)[column] {
            Reading::Generated | Reading::Own(_) => None,
            Reading::Plain(finders) => Some(self.plain(finders, value)),
            Reading::Follow(_) if *value == Value::Null => Some(Shown::Words("null".to_owned())),
            Reading::Follow(parents) => {
                let mut keys = parents.iter().filter_map(|&parent| key_of(parent, value));
                let owner = keys.clone().find_map(|key| self.owner_of(key));
                let is_spelled = keys.any(|key| self.seen.lens.constants.is_spelled(key));
                Some(owner.unwrap_or_else(|| match value {
                    Value::Text(text) if is_spelled => Shown::Words(quoted(text, VALUE)),
                    _ => Shown::Words("a row that is not there".to_owned()),
                }))
            }
        }
    }

    fn plain(&self, finders: &[Finder], value: &Value) -> Shown {
        match value {
            Value::Text(text) => {
                let tokens = tokens(self.seen, finders, text);
                match tokens.as_slice() {
                    [Token { key: Some(key), start: 0, end }] if *end == text.len() => {
                        self.owner_of(*key).unwrap_or_else(|| Shown::Words("<id>".to_owned()))
                    }
                    _ => Shown::Words(quoted(&self.without_those(finders, text), VALUE)),
                }
            }
            Value::Blob(bytes) => Shown::Words(size_of(bytes.len())),
            Value::Null | Value::Integer(_) | Value::Real(_) => Shown::Words(value.to_string()),
        }
    }

    /// A row's own id, or a value that is made up anew: of neither more is told than what compares.
    pub(super) fn hidden(&self, reading: &Reading, value: &Value) -> Shown {
        let constants = &self.seen.lens.constants;
        let key = match reading {
            Reading::Own(label) => key_of(*label, value),
            Reading::Generated | Reading::Follow(_) | Reading::Plain(_) => None,
        };
        Shown::Words(match (key.map(|key| (constants.is_spelled(key), constants.number(key))), value) {
            (_, Value::Null) => "null".to_owned(),
            (Some((true, _)), Value::Text(text)) => quoted(text, VALUE),
            (Some((_, Some(_))), Value::Integer(number)) => number.to_string(),
            (Some((_, Some(_))), _) => "an id that was there before".to_owned(),
            (Some((_, None)), _) => "a generated id".to_owned(),
            (None, _) => "a generated value".to_owned(),
        })
    }

    /// The row with this id.
    fn owner_of(&self, key: Key) -> Option<Shown> {
        self.seen.form.graph.index.owners(key).find_map(|node| self.owner(node))
    }

    /// A node as people see it: a row, or the path of a file.
    pub(super) fn shown(&self, node: usize) -> Option<Shown> {
        let first = *self.seen.form.graph.starts.last()?;
        let file = || self.seen.observation.files.keys().nth(node.checked_sub(first)?);
        self.owner(Node::try_from(node).ok()?).or_else(|| Some(Shown::Words(self.path(file()?))))
    }

    /// The row that is this node.
    fn owner(&self, node: Node) -> Option<Shown> {
        let starts = &self.seen.form.graph.starts;
        let node = node as usize;
        let table = starts.partition_point(|&start| start <= node).checked_sub(1)?;
        (table < self.tables.len()).then(|| Shown::Row(table, self.rank(table, node - starts[table])))
    }

    /// The text with each id replaced by the name of its row, in angle brackets.
    pub(crate) fn without_ids(&self, text: &str) -> String {
        self.without_those(&[], text)
    }

    fn without_those(&self, finders: &[Finder], text: &str) -> String {
        let name = |key: Option<Key>| match key.map(|key| self.owner_of(key)) {
            Some(Some(owner)) => self.words(&owner),
            Some(None) => "id".to_owned(),
            None => "generated".to_owned(),
        };
        replace(self.seen, finders, text, name)
    }

    /// The place of a row in the order of names, from 1.
    pub(super) fn rank(&self, table: usize, row: usize) -> usize {
        self.order(table).places[row] + 1
    }

    /// The node that is shown, if it is a row.
    pub(super) fn node(&self, shown: &Shown) -> Option<usize> {
        match *shown {
            Shown::Row(table, rank) => Some(self.seen.form.graph.starts[table] + self.order(table).rows[rank - 1]),
            Shown::Words(_) => None,
        }
    }

    fn order(&self, table: usize) -> &Order {
        self.orders[table].get_or_init(|| order(self, table))
    }

    /// How each column of a table is read.
    pub(super) fn readings(&self, table: usize) -> &[Reading<'a>] {
        let (name, columns) = self.tables[table];
        let read = |column: &String| reading(self.seen.lens, &Column::new(name, column));
        self.readings[table].get_or_init(|| columns.columns.iter().map(read).collect())
    }
}

fn order(names: &Names, at: usize) -> Order {
    let (seen, table) = (names.seen, names.tables[at].1);
    let first = seen.form.graph.starts[at];
    let plain = names.readings(at).iter().enumerate().filter_map(|(column, reading)| match reading {
        Reading::Plain(finders) => Some((column, finders.as_slice())),
        Reading::Generated | Reading::Own(_) | Reading::Follow(_) => None,
    });
    let plain: Vec<(usize, &[Finder])> = plain.collect();
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    rows.sort_by(|&a, &b| {
        let pairs = || plain.iter().map(|&(column, finders)| (finders, &table.rows[a][column], &table.rows[b][column]));
        let numbers = pairs().map(|(_, a, b)| compare_numbers(a, b)).find(|order| order.is_ne());
        let texts = || pairs().map(|(finders, a, b)| compare_texts(seen, finders, a, b)).find(|order| order.is_ne());
        let colours = || seen.form.colours[first + a].cmp(&seen.form.colours[first + b]);
        numbers.or_else(texts).unwrap_or_else(colours)
    });
    let mut places = vec![0; rows.len()];
    for (place, &row) in rows.iter().enumerate() {
        places[row] = place;
    }
    Order { rows, places }
}

fn compare_numbers(a: &Value, b: &Value) -> Ordering {
    match (a.as_number(), b.as_number()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn compare_texts(seen: Seen, finders: &[Finder], a: &Value, b: &Value) -> Ordering {
    match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) if a == b => Ordering::Equal,
        (Some(a), Some(b)) => masked(seen, finders, a).cmp(&masked(seen, finders, b)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The text with its ids taken out: what of it compares between worlds.
pub(super) fn masked<'t>(seen: Seen, finders: &[Finder], text: &'t str) -> Cow<'t, str> {
    if tokens(seen, finders, text).is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(replace(seen, finders, text, |_| String::new()))
}

/// What of a text does not compare as it is.
pub(super) fn tokens(seen: Seen, finders: &[Finder], text: &str) -> Vec<Token> {
    seen.form.graph.index.tokens(&seen.lens.constants, finders, text)
}

/// The text with each id replaced, in angle brackets.
pub(super) fn replace(seen: Seen, finders: &[Finder], text: &str, name: impl Fn(Option<Key>) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = 0;
    for token in tokens(seen, finders, text) {
        let _ = write!(replaced, "{}<{}>", &text[rest..token.start], name(token.key));
        rest = token.end;
    }
    replaced + &text[rest..]
}

/// The first of many, and how many more there are.
pub(super) fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(LISTED);
    let shown: Vec<String> = items.take(LISTED).collect();
    match (more, shown.as_slice()) {
        (0, [but_last @ .., last]) if !but_last.is_empty() => format!("{} and {last}", but_last.join(", ")),
        (0, _) => shown.concat(),
        (more, _) => format!("{} and {} more", shown.join(", "), grouped(more)),
    }
}

/// So many of these: `1 row`, `1,204 rows`.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { singular } else { plural })
}

/// So many bytes.
pub(crate) fn size_of(bytes: usize) -> String {
    count(bytes, "byte", "bytes")
}

/// With a comma between thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn quoted(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}

/// Quotes and backslashes may stand in a path as they are; what cannot be seen may not.
fn escape(letter: char) -> impl Iterator<Item = char> {
    let escaped = if matches!(letter, '"' | '\'' | '\\') { None } else { Some(letter.escape_debug()) };
    let plain = escaped.is_none().then_some(letter);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_between_thousands() {
        let told = [0, 12, 999, 1_000, 12_345, 123_456, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "12", "999", "1,000", "12,345", "123,456", "1,234,567"]);
    }
}
