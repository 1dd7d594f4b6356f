//! What the statement that makes a table says of its columns: keys, references, defaults.
//!
//! Not read: keys of several columns, and what a table is made of that is virtual.

use crate::observe::{ObjectKind, Observation};

/// What the schema says of one table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Making {
    columns: Vec<OfColumn>,
    references: Vec<(String, String, Option<String>)>,
}

/// What it says of one column.
#[derive(Debug, PartialEq, Eq)]
struct OfColumn {
    name: String,
    key: Key,
    /// Its type is `INTEGER`: as a key the database counts it.
    is_integer: bool,
    /// Its default is the time.
    is_time: bool,
}

/// Whether a column tells rows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    No,
    /// No two rows may have the same value.
    Unique,
    /// It is the table's key.
    Primary,
}

impl Making {
    /// Of this table, as it is in this world. Nothing where the schema says nothing of it.
    pub(super) fn of(world: &Observation, table: &str) -> Self {
        let objects = world.schema.objects.iter();
        let mut making = Self::default();
        for ((kind, name), object) in objects {
            match kind {
                ObjectKind::Table if name.eq_ignore_ascii_case(table) => making.read_table(object.form()),
                ObjectKind::Index if object.table().eq_ignore_ascii_case(table) => making.read_index(object.form()),
                ObjectKind::Table | ObjectKind::Index | ObjectKind::Trigger | ObjectKind::View => {}
            }
        }
        making
    }

    /// Whether no two rows may have the same value there.
    pub(super) fn is_unique(&self, column: &str) -> bool {
        self.column(column).is_some_and(|column| column.key >= Key::Unique)
    }

    /// Whether the database counts the values.
    pub(super) fn is_counted(&self, column: &str) -> bool {
        self.column(column).is_some_and(|column| column.is_integer && column.key == Key::Primary)
    }

    /// Whether the value is the time, where nothing else is said.
    pub(super) fn is_time(&self, column: &str) -> bool {
        self.column(column).is_some_and(|column| column.is_time)
    }

    /// The column that is the key by itself.
    pub(super) fn key(&self) -> Option<&str> {
        self.columns.iter().find(|column| column.key >= Key::Primary).map(|column| column.name.as_str())
    }

    /// Each column that refers to a table, and to which column there; none where that is its key.
    pub(super) fn references(&self) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
        self.references.iter().map(|(child, table, id)| (child.as_str(), table.as_str(), id.as_deref()))
    }

    fn column(&self, name: &str) -> Option<&OfColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    fn read_table(&mut self, form: &[String]) {
        let Some(open) = form.iter().position(|word| word == "(") else { return };
        if form[..open].iter().any(|word| word == "virtual") {
            return;
        }
        for definition in parts(&form[open..]) {
            // A constraint may have a name.
            let definition = if definition.first().is_some_and(|word| word == "constraint") {
                definition.get(2..).unwrap_or_default()
            } else {
                definition
            };
            match definition {
                [first, second, rest @ ..] if first == "foreign" && second == "key" => self.read_foreign_key(rest),
                [first, second, rest @ ..] if first == "primary" && second == "key" => {
                    self.read_key(rest, Key::Primary);
                }
                [first, rest @ ..] if first == "unique" && rest.first().is_some_and(|word| word == "(") => {
                    self.read_key(rest, Key::Unique);
                }
                [first, ..] if first == "check" => {}
                [name, rest @ ..] => self.read_column(name, rest),
                [] => {}
            }
        }
    }

    fn read_column(&mut self, name: &str, rest: &[String]) {
        let name = plain(name);
        let outside = outside_of_brackets(rest);
        let follows = |first: &str, second: &str| outside.windows(2).any(|pair| pair[0] == first && pair[1] == second);
        let is_primary = follows("primary", "key");
        if let Some(at) = rest.iter().position(|word| word == "references") {
            let id = rest.get(at + 2).filter(|word| *word == "(").and_then(|_| only(&rest[at + 2..]));
            if let Some(table) = rest.get(at + 1) {
                self.references.push((name.clone(), plain(table), id));
            }
        }
        let default = rest.iter().position(|word| word == "default").map_or(&[][..], |at| &rest[at..]);
        let is_time = default.iter().any(|word| {
            ["current_timestamp", "current_time", "current_date", "unixepoch", "'now'"].contains(&word.as_str())
        });
        let is_integer = rest.first().is_some_and(|of_type| of_type == "integer");
        let key = match (is_primary, outside.contains(&"unique")) {
            (true, _) => Key::Primary,
            (false, true) => Key::Unique,
            (false, false) => Key::No,
        };
        self.columns.push(OfColumn { name, key, is_integer, is_time });
    }

    fn read_foreign_key(&mut self, rest: &[String]) {
        let Some(at) = rest.iter().position(|word| word == "references") else { return };
        let (Some(child), Some(table)) = (only(rest), rest.get(at + 1)) else { return };
        let has_columns = rest.get(at + 2).is_some_and(|word| word == "(");
        let id = if has_columns { only(&rest[at + 2..]) } else { None };
        if has_columns == id.is_some() {
            self.references.push((child, plain(table), id));
        }
    }

    fn read_key(&mut self, rest: &[String], key: Key) {
        let Some(name) = only(rest) else { return };
        if let Some(column) = self.columns.iter_mut().find(|column| column.name == name) {
            column.key = column.key.max(key);
        }
    }

    fn read_index(&mut self, form: &[String]) {
        let is_unique = form.get(1).is_some_and(|word| word == "unique") && !form.contains(&"where".to_owned());
        let Some(open) = form.iter().position(|word| word == "(") else { return };
        if is_unique {
            self.read_key(&form[open..], Key::Unique);
        }
    }
}

/// The parts of a list in brackets, separated by commas.
fn parts(list: &[String]) -> Vec<&[String]> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 1);
    for (at, word) in list.iter().enumerate() {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if (word == "," && depth == 1) || depth == 0 {
            parts.push(&list[start..at]);
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    parts
}

/// The words that stand in no brackets.
fn outside_of_brackets(words: &[String]) -> Vec<&str> {
    let mut depth = 0;
    let mut outside = Vec::new();
    for word in words {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            word if depth == 0 => outside.push(word),
            _ => {}
        }
    }
    outside
}

/// The name in a list that has only one.
fn only(list: &[String]) -> Option<String> {
    match parts(list).as_slice() {
        [[name, ..]] => Some(plain(name)),
        _ => None,
    }
}

/// A name without its quotes.
fn plain(name: &str) -> String {
    let inside = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.map_or_else(|| name.to_owned(), |inside| inside.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::{Schema, SchemaObject};

    fn making(statements: &[(ObjectKind, &str)]) -> Making {
        let objects = statements.iter().enumerate().map(|(nth, (kind, sql))| {
            let name = if *kind == ObjectKind::Table { "t".to_owned() } else { format!("i{nth}") };
            ((*kind, name), SchemaObject::new("t", *sql))
        });
        let schema = Arc::new(Schema { objects: objects.collect() });
        Making::of(&Observation { schema, ..Observation::default() }, "t")
    }

    fn references(sql: &str) -> Vec<(String, String, Option<String>)> {
        making(&[(ObjectKind::Table, sql)]).references
    }

    #[test]
    fn a_reference_is_read_at_its_column_and_at_the_end() {
        let of = |child: &str, table: &str, id: Option<&str>| vec![(child.into(), table.into(), id.map(Into::into))];
        for sql in [
            "CREATE TABLE t (a INTEGER PRIMARY KEY, p TEXT NOT NULL REFERENCES parents (id) ON DELETE CASCADE)",
            "CREATE TABLE T (a, \"P\" TEXT, FOREIGN KEY (p) REFERENCES \"parents\"(id) DEFERRABLE)",
            "CREATE TABLE t (a, p TEXT, CONSTRAINT named FOREIGN KEY ([p]) REFERENCES parents(id), CHECK (a IN (1, 2)))",
            "CREATE TABLE t (a, p TEXT CONSTRAINT c REFERENCES parents(id), UNIQUE (a, p))",
        ] {
            assert_eq!(references(sql), of("p", "parents", Some("id")), "{sql}");
        }
        assert_eq!(references("CREATE TABLE t (p REFERENCES parents)"), of("p", "parents", None));
        assert_eq!(references("CREATE TABLE t (p, FOREIGN KEY (p) REFERENCES parents)"), of("p", "parents", None));
        assert_eq!(references("CREATE TABLE t (p, q, FOREIGN KEY (p, q) REFERENCES parents (a, b))"), []);
        assert_eq!(references("CREATE TABLE t (p, q DEFAULT (1 + 2), r NUMERIC(1, 2))"), []);
    }

    #[test]
    fn keys_and_defaults_are_read() {
        let table =
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT UNIQUE, name TEXT CHECK (name = 'unique'),
            made TEXT DEFAULT CURRENT_TIMESTAMP, at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')), b, c, d DEFAULT 5,
            UNIQUE (b), UNIQUE (b, c))";
        let index = "CREATE UNIQUE INDEX i1 ON t (c COLLATE nocase)";
        let partial = "CREATE UNIQUE INDEX i2 ON t (name) WHERE name IS NOT NULL";
        let making = making(&[(ObjectKind::Table, table), (ObjectKind::Index, index), (ObjectKind::Index, partial)]);
        let all = ["id", "slug", "name", "made", "at", "b", "c", "d", "none"];
        let those = |is: &dyn Fn(&str) -> bool| all.into_iter().filter(|column| is(column)).collect::<Vec<_>>();
        assert_eq!(those(&|column| making.is_unique(column)), ["id", "slug", "b", "c"]);
        assert_eq!(those(&|column| making.is_counted(column)), ["id"]);
        assert_eq!(those(&|column| making.is_time(column)), ["made", "at"]);
        assert_eq!(making.key(), Some("id"));
        let text = self::making(&[(ObjectKind::Table, "CREATE TABLE t (id TEXT, n, PRIMARY KEY (id)) WITHOUT ROWID")]);
        assert_eq!((text.key(), text.is_unique("ID"), text.is_counted("id")), (Some("id"), true, false));
        let counted = self::making(&[(ObjectKind::Table, "CREATE TABLE t (n, id INTEGER, PRIMARY KEY (id ASC))")]);
        assert_eq!((counted.key(), counted.is_counted("id")), (Some("id"), true));
    }
    #[test]
    fn what_stands_in_brackets_and_what_only_looks_like_a_key_is_none() {
        let table = "CREATE TABLE t (a TEXT CHECK (a <> \"unique\"), b VARCHAR(3) UNIQUE, c LONG KEY, d KEY UNIQUE,
            e TEXT CHECK (e < CURRENT_TIMESTAMP), f INTEGER, CHECK (f > 0))";
        let making = making(&[(ObjectKind::Table, table)]);
        let unique: Vec<&str> =
            ["a", "b", "c", "d", "e", "f"].into_iter().filter(|name| making.is_unique(name)).collect();
        assert_eq!(unique, ["b", "d"]);
        assert_eq!((making.key(), making.is_time("e")), (None, false));
    }
}
