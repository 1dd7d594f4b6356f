//! How the worlds of one subject are read: by its rules, and by what is known of its runs.

use std::collections::BTreeSet;

use super::constants::Constants;
use super::ids::{Index, Key, Token, key_of, label};
use super::made_up::MadeUp;
use crate::observe::{Observation, Table, Value};
use crate::rules::pattern::{Hole, Pattern, Taken};
use crate::rules::{Column, FileOfRow, Rules, StoredIn};

/// What it takes to read a world by role: the rules of a subject, and which ids are the same in each of its runs.
#[derive(Clone, Debug)]
pub struct Lens {
    rules: Rules,
    pub(super) constants: Constants,
    made_up: MadeUp,
    /// The columns whose texts are paths of several segments. A hole of a pattern is within one: such a text is found as
    /// an id, and not by a pattern.
    deep: BTreeSet<Column>,
}

impl Lens {
    /// Nothing is known but the rules: whatever can be an id compares by role.
    pub fn new(rules: &Rules) -> Self {
        Self {
            rules: rules.clone(),
            constants: Constants::default(),
            made_up: MadeUp::default(),
            deep: BTreeSet::new(),
        }
    }

    /// The world before the request is known, and what two runs without faults make of it.
    pub fn of_runs(rules: &Rules, before: &Observation, results: [&Observation; 2]) -> Self {
        let constants = Constants::new(rules, before, results);
        let deep = deep(rules, [before, results[0], results[1]]);
        Self { rules: rules.clone(), constants, made_up: MadeUp::new(before, results), deep }
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The tables that are part of the world, in their order.
    pub(crate) fn tables<'o>(&self, observation: &'o Observation) -> impl Iterator<Item = (&'o str, &'o Table)> {
        tables(&self.rules, observation)
    }

    /// Where a path may hold ids that do not look like one, and where its name is made up anew. An id comes first: it says
    /// whose file it is.
    pub(super) fn in_paths(&self) -> Vec<Finder<'_>> {
        let made_up = (!self.made_up.is_empty()).then_some(Finder::MadeUp(&self.made_up));
        self.in_paths_below("").into_iter().chain(made_up).collect()
    }

    fn in_paths_below<'l>(&'l self, folder: &'l str) -> Vec<Finder<'l>> {
        let named =
            named_files(&self.rules).filter(|named| columns_of(named).all(|column| !self.deep.contains(&column)));
        let finders = named.map(|named| Finder::new(&self.rules, &named.path, &named.table, Within::Path { folder }));
        finders.flatten().collect()
    }

    /// Where a text in this column may.
    pub(super) fn in_column(&self, column: &Column) -> Vec<Finder<'_>> {
        let texts = self.rules.text_names_row.iter().filter(|names| names.column == *column);
        let texts = texts.filter_map(|names| Finder::new(&self.rules, &names.pattern, &names.parent, Within::Text));
        let mut finders: Vec<Finder> = texts.collect();
        if self.holds_paths(column) {
            let folder = self.rules.paths_below.get(column).map_or("", String::as_str);
            finders.extend(self.in_paths_below(folder));
        }
        finders
    }

    /// Where the text of the file at this path may, and where something is made up anew in it.
    pub(super) fn in_file(&self, path: &str) -> Vec<Finder<'_>> {
        let meant = self.rules.generated_in_files.iter().filter(|generated| generated.files.fit(path).is_some());
        meant.filter_map(|generated| Finder::new(&self.rules, &generated.pattern, "", Within::Text)).collect()
    }

    /// Whether all that the file at this path holds is made up anew in each run: only whether it holds anything counts.
    pub(super) fn is_made_up(&self, path: &str) -> bool {
        let mut whole = self.rules.generated_in_files.iter().filter(|generated| generated.pattern.is_any_value());
        whole.any(|generated| generated.files.fit(path).is_some())
    }

    fn holds_paths(&self, column: &Column) -> bool {
        let rules = &self.rules;
        let is_stored =
            |place: &StoredIn| matches!(place, StoredIn::File { path_column } if *path_column == column.column);
        rules.row_needs_file.contains(column)
            || rules.paths_below.contains_key(column)
            || rules.file_needs_row.iter().any(|needs| needs.path == *column)
            || rules.stored.iter().any(|stored| stored.key.table == column.table && is_stored(&stored.place))
    }
}

fn named_files(rules: &Rules) -> impl Iterator<Item = &FileOfRow> {
    rules.row_needs_file_at.iter().chain(&rules.file_named_after_row)
}

/// The columns that the holes of a pattern of paths name.
fn columns_of(named: &FileOfRow) -> impl Iterator<Item = Column> + '_ {
    named.path.holes().filter_map(|hole| Some(Column::new(&named.table, hole.column.as_deref()?)))
}

/// Of the columns in patterns of paths those that hold paths of several segments.
fn deep(rules: &Rules, worlds: [&Observation; 3]) -> BTreeSet<Column> {
    let is_deep = |value: &Value| value.as_text().is_some_and(|text| text.contains('/'));
    let holds_one = |column: &Column| {
        worlds
            .iter()
            .filter_map(|world| world.tables.get(&column.table))
            .any(|table| table.column(&column.column).is_some_and(|at| table.rows.iter().any(|row| is_deep(&row[at]))))
    };
    named_files(rules).flat_map(columns_of).filter(holds_one).collect()
}

/// The tables that are part of the world.
pub(super) fn tables<'o>(rules: &Rules, observation: &'o Observation) -> impl Iterator<Item = (&'o str, &'o Table)> {
    let tables = observation.tables.iter().filter(|(name, _)| !rules.ignored_tables.contains(*name));
    tables.map(|(name, table)| (name.as_str(), table))
}

/// Finds what stands in a text that does not look like an id.
#[derive(Debug)]
pub(super) enum Finder<'l> {
    /// As a pattern says.
    Pattern(OfPattern<'l>),
    /// As two runs without faults show.
    MadeUp(&'l MadeUp),
}

impl<'l> Finder<'l> {
    /// Nothing where the pattern says nothing of ids.
    fn new(rules: &Rules, pattern: &'l Pattern, table: &'l str, within: Within<'l>) -> Option<Self> {
        OfPattern::new(rules, pattern, table, within).map(Self::Pattern)
    }

    /// What stands in the text.
    pub(super) fn find(&self, index: &Index, text: &str, tokens: &mut Vec<Token>) {
        match self {
            Self::Pattern(pattern) => pattern.find(index, text, tokens),
            Self::MadeUp(made_up) => tokens.extend(made_up.tokens(text)),
        }
    }
}

/// Finds what a pattern says of a text.
#[derive(Debug)]
pub(super) struct OfPattern<'l> {
    pattern: &'l Pattern,
    /// The labels of the columns with ids that the holes name.
    holes: Vec<(&'l Hole, Meaning)>,
    within: Within<'l>,
}

/// What stands at a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The id of a row, in the column with this label.
    Id(u64),
    /// Something that is made up anew in each run.
    Generated,
    /// What compares as it is.
    Plain,
}

/// How a text is held against a pattern.
#[derive(Clone, Copy, Debug)]
enum Within<'l> {
    /// As a whole: it is a path relative to this folder.
    Path { folder: &'l str },
    /// The pattern may fit anywhere in it.
    Text,
}

impl<'l> OfPattern<'l> {
    fn new(rules: &Rules, pattern: &'l Pattern, table: &'l str, within: Within<'l>) -> Option<Self> {
        let meaning = |hole: &'l Hole| {
            let Some(column) = &hole.column else { return (hole, Meaning::Generated) };
            let column = Column::new(hole.table.as_deref().unwrap_or(table), column);
            let is_id = rules.generated_ids.contains(&column);
            (hole, if is_id { Meaning::Id(label(&column)) } else { Meaning::Plain })
        };
        let holes: Vec<_> = pattern.holes().map(meaning).collect();
        let says_something = holes.iter().any(|(_, meaning)| *meaning != Meaning::Plain);
        says_something.then_some(Self { pattern, holes, within })
    }

    /// What stands in the text where the pattern says.
    fn find(&self, index: &Index, text: &str, tokens: &mut Vec<Token>) {
        match self.within {
            Within::Text => self.read(index, text, &self.pattern.find_in(text), 0, tokens),
            Within::Path { folder: "" } => {
                self.read(index, text, &self.pattern.fit(text).unwrap_or_default(), 0, tokens);
            }
            Within::Path { folder } => {
                let path = text.trim_start_matches("./").trim_start_matches('/');
                let (whole, before) = (format!("{folder}/{path}"), folder.len() + 1);
                let taken = self.pattern.fit(&whole).unwrap_or_default();
                let taken = taken.into_iter().filter(|taken| taken.start >= before).map(|taken| Taken {
                    start: taken.start - before,
                    end: taken.end - before,
                    ..taken
                });
                self.read(index, path, &taken.collect::<Vec<_>>(), text.len() - path.len(), tokens);
            }
        }
    }

    fn read(&self, index: &Index, text: &str, taken: &[Taken], shift: usize, tokens: &mut Vec<Token>) {
        for Taken { hole, start, end } in taken {
            let meaning = self.holes.iter().find(|(known, _)| std::ptr::eq(*known, *hole));
            let (key, end) = match meaning.map(|(_, meaning)| *meaning) {
                Some(Meaning::Generated) if start < end => (None, *end),
                Some(Meaning::Id(label)) if hole.first.is_some() => {
                    // The first characters of an id are those of the id that stands elsewhere in the same text.
                    let is_whole = |other: &&Taken| {
                        (&other.hole.table, &other.hole.column, other.hole.first) == (&hole.table, &hole.column, None)
                    };
                    let whole = taken.iter().filter(is_whole).map(|whole| &text[whole.start..whole.end]);
                    let mut whole = whole.filter(|whole| whole.starts_with(&text[*start..*end]));
                    let Some(whole) = whole.next() else { continue };
                    (Some(written(index, label, whole)), *end)
                }
                Some(Meaning::Id(label)) => {
                    let (key, end) = self.id(index, label, text, *start, *end);
                    (Some(key), end)
                }
                Some(Meaning::Generated | Meaning::Plain) | None => continue,
            };
            tokens.push(Token { start: start + shift, end: end + shift, key });
        }
    }

    /// The id that stands there, and its end: where a pattern ends with a hole, more may follow in the line.
    fn id(&self, index: &Index, label: u64, text: &str, start: usize, end: usize) -> (Key, usize) {
        let key = written(index, label, &text[start..end]);
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        let word = text[start..end].find(|letter| !is_part(letter)).map_or(end, |length| start + length);
        match self.within {
            Within::Text if word > start && word < end && index.owners(key).next().is_none() => {
                (written(index, label, &text[start..word]), word)
            }
            Within::Text | Within::Path { .. } => (key, end),
        }
    }
}

/// The id that this text writes, in the column with this label: a number, or a text, which digits may be, too.
fn written(index: &Index, label: u64, text: &str) -> Key {
    let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from);
    let keys = number.into_iter().chain([text.into()]).filter_map(|value| key_of(label, &value));
    let keys: Vec<Key> = keys.collect();
    let owned = keys.iter().copied().find(|&key| index.owners(key).next().is_some());
    owned.unwrap_or(keys[0])
}
