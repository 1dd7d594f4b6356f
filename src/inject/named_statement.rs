//! What a statement of SQL is called: by what it does, and to which table.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::observe::words_of_sql;
use crate::step::Step;

/// The name of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NamedStatement {
    /// As a schedule has it: `insert-into-book-authors`.
    pub(crate) step: Step,
    /// As a person reads it: `INSERT INTO book_authors`.
    pub(crate) words: &'static str,
}

impl NamedStatement {
    /// The name of a statement that is a point; nothing for one that changes nothing that outlives the process, and for what
    /// a library does with each connection by itself.
    pub(super) fn of(sql: &str, only_reads: bool) -> Option<Self> {
        words(sql, only_reads).map(kept)
    }
}

/// Names are few, and are met again and again: each is kept once, for as long as the program runs.
fn kept(words: String) -> NamedStatement {
    static KEPT: Mutex<BTreeMap<String, NamedStatement>> = Mutex::new(BTreeMap::new());
    let mut known = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(named) = known.get(&words) {
        return *named;
    }
    let name: &'static str = kebab(&words).leak();
    let named = NamedStatement { step: Step::new(name), words: words.clone().leak() };
    known.insert(words, named);
    named
}

/// What a statement does, and to what, in capitals where SQL has words of its own.
fn words(sql: &str, only_reads: bool) -> Option<String> {
    let all = words_of_sql(sql);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let main = main_clause(&all);
    let verb = *main.first()?;
    let said = |what: &str, rest: &[&str]| {
        let object = object(rest);
        if object.is_empty() { what.to_owned() } else { format!("{what} {object}") }
    };
    let after = |word: &str| main.iter().position(|known| *known == word).map_or(&main[1..], |at| &main[at + 1..]);
    match verb {
        "commit" | "end" => Some("COMMIT".to_owned()),
        "release" => Some("RELEASE".to_owned()),
        // What is read is not changed; what is rolled back neither; and how a connection is set up is up to a pool.
        _ if only_reads => None,
        "rollback" | "savepoint" | "pragma" | "attach" | "detach" => None,
        "insert" => Some(said("INSERT INTO", after("into"))),
        "replace" => Some(said("REPLACE INTO", after("into"))),
        "delete" => Some(said("DELETE FROM", after("from"))),
        "update" if main.get(1) == Some(&"or") => Some(said("UPDATE", &main[3.min(main.len())..])),
        "update" => Some(said("UPDATE", &main[1..])),
        "create" | "drop" | "alter" => {
            let kind = main.iter().position(|word| KINDS.contains(word))?;
            let rest = main[kind + 1..].iter().copied().filter(|word| !["if", "not", "exists"].contains(word));
            let what = format!("{verb} {}", main[kind]).to_ascii_uppercase();
            Some(said(&what, &rest.collect::<Vec<_>>()))
        }
        "begin" => Some("BEGIN".to_owned()),
        other => Some(other.to_ascii_uppercase()),
    }
}

const KINDS: [&str; 4] = ["table", "index", "trigger", "view"];

/// The statement without the tables that it makes up for itself: `WITH ... INSERT`.
fn main_clause<'w>(all: &'w [&'w str]) -> &'w [&'w str] {
    if all.first() != Some(&"with") {
        return all;
    }
    let mut depth = 0_usize;
    let at = all.iter().position(|word| {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && ["insert", "replace", "update", "delete", "select"].contains(word)
    });
    at.map_or(all, |at| &all[at..])
}

/// The table, without the database in which it is.
fn object(words: &[&str]) -> String {
    let name = match words {
        [_, ".", table, ..] | [table, ..] => *table,
        [] => "",
    };
    name.trim_matches('"').to_owned()
}

/// A name that can stand in a schedule.
fn kebab(words: &str) -> String {
    let parts = words.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let name = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if name.is_empty() { "statement".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_by_what_it_does_and_to_what() {
        for (sql, words, step) in [
            ("INSERT INTO book_authors VALUES (1, 2)", "INSERT INTO book_authors", "insert-into-book-authors"),
            ("-- name: add\n insert or ignore into main.\"Book\" (a) select 1", "INSERT INTO book", "insert-into-book"),
            ("REPLACE INTO t DEFAULT VALUES", "REPLACE INTO t", "replace-into-t"),
            ("update or rollback jobs set a = 1", "UPDATE jobs", "update-jobs"),
            ("UPDATE [my jobs] SET a = 1", "UPDATE my jobs", "update-my-jobs"),
            ("DELETE FROM t WHERE a IN (SELECT a FROM u)", "DELETE FROM t", "delete-from-t"),
            ("WITH x(a) AS (SELECT 1) INSERT INTO t SELECT a FROM x", "INSERT INTO t", "insert-into-t"),
            ("CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)", "CREATE INDEX i", "create-index-i"),
            ("create virtual table f using fts5(a)", "CREATE TABLE f", "create-table-f"),
            ("DROP TABLE IF EXISTS t", "DROP TABLE t", "drop-table-t"),
            ("ALTER TABLE t ADD COLUMN b", "ALTER TABLE t", "alter-table-t"),
            ("BEGIN IMMEDIATE", "BEGIN", "begin"),
            ("VACUUM", "VACUUM", "vacuum"),
            ("INSERT INTO \"Größe\" VALUES (1)", "INSERT INTO größe", "insert-into-gr-e"),
        ] {
            let named = NamedStatement::of(sql, false).expect(sql);
            assert_eq!((named.words, named.step.name()), (words, step), "{sql}");
        }
    }

    #[test]
    fn what_only_reads_is_no_point_but_for_a_commit() {
        for sql in ["SELECT * FROM t", "BEGIN", "ROLLBACK", "SAVEPOINT s", "PRAGMA user_version", ""] {
            assert_eq!(NamedStatement::of(sql, true), None, "{sql}");
        }
        assert_eq!(NamedStatement::of("PRAGMA user_version = 3", false), None);
        let name = |sql| NamedStatement::of(sql, true).map(|named| named.words);
        assert_eq!(
            (name("commit"), name("END TRANSACTION"), name("RELEASE s")),
            (Some("COMMIT"), Some("COMMIT"), Some("RELEASE"))
        );
    }
}
