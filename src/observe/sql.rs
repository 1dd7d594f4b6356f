//! A statement of SQL as a sequence of words: what is left of it when it does not matter how it was written.
//!
//! Not counted: white space, comments, whether a word is written in capitals, and quotes around a name that needs none.
//! It is no parser: it knows what a word is, and where a list ends. Source: <https://www.sqlite.org/lang_expr.html> and
//! <https://www.sqlite.org/lang_keywords.html>.

use std::iter::Peekable;
use std::str::CharIndices;

/// The words of a statement.
pub(crate) fn form(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = sql.char_indices().peekable();
    while let Some(&(start, letter)) = letters.peek() {
        match letter {
            _ if letter.is_ascii_whitespace() => drop(letters.next()),
            '-' if sql[start..].starts_with("--") => skip_past(&mut letters, sql, "\n"),
            '/' if sql[start..].starts_with("/*") => skip_past(&mut letters, sql, "*/"),
            '\'' => words.push(format!("'{}'", quoted(&mut letters, '\'').replace('\'', "''"))),
            '"' | '`' => words.push(name(&quoted(&mut letters, letter))),
            '[' => words.push(name(&quoted(&mut letters, ']'))),
            _ if is_of_a_word(letter) => {
                let end = sql[start..].find(|letter| !is_of_a_word(letter)).map_or(sql.len(), |length| start + length);
                while letters.next_if(|&(at, _)| at < end).is_some() {}
                words.push(sql[start..end].to_ascii_lowercase());
            }
            sign => {
                letters.next();
                words.push(sign.to_string());
            }
        }
    }
    words
}

/// Letters, digits, and everything beyond ASCII.
fn is_of_a_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$') || !letter.is_ascii()
}

/// A name as it would be written where it needs no quotes.
fn name(quoted: &str) -> String {
    let is_plain = quoted.chars().all(is_of_a_word) && !quoted.starts_with(|first: char| first.is_ascii_digit());
    if is_plain && !quoted.is_empty() {
        return quoted.to_ascii_lowercase();
    }
    format!("\"{}\"", quoted.to_ascii_lowercase().replace('"', "\"\""))
}

/// What stands between two quotes; a quote that is written twice is one that belongs to it.
fn quoted(letters: &mut Peekable<CharIndices<'_>>, end: char) -> String {
    letters.next();
    let mut text = String::new();
    while let Some((_, letter)) = letters.next() {
        if letter == end && (end == ']' || letters.next_if(|&(_, next)| next == end).is_none()) {
            break;
        }
        text.push(letter);
    }
    text
}

/// Goes on behind the next `end`, or to the end of it all.
fn skip_past(letters: &mut Peekable<CharIndices<'_>>, sql: &str, end: &str) {
    let Some(&(start, _)) = letters.peek() else { return };
    // A comment begins with two letters of its own.
    let body = start + 2;
    let stop = sql[body..].find(end).map_or(sql.len(), |length| body + length + end.len());
    while letters.next_if(|&(at, _)| at < stop).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_same(ways: &[&str]) {
        for way in ways {
            assert_eq!(form(way), form(ways[0]), "{way}");
        }
    }

    #[test]
    fn how_a_statement_is_written_does_not_count() {
        check_same(&[
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT DEFAULT 'It''s')",
            "create table notes(id integer primary key,title text default 'It''s')",
            "CREATE TABLE \"notes\" (\n  [id] INTEGER PRIMARY KEY, -- the id\n  `title` TEXT DEFAULT 'It''s' /* why, (not */\n)",
            "CREATE TABLE Notes(ID INTEGER PRIMARY KEY, \"Title\" TEXT DEFAULT 'It''s')",
        ]);
        check_same(&["CREATE TABLE t (\"a b\")", "create table t ([a b])", "create table t (`A B`)--"]);
        check_same(&["CREATE VIEW v AS SELECT a<=1", "create view v as select a <= 1/*"]);
    }

    #[test]
    fn what_a_statement_says_counts() {
        let ways = [
            "CREATE TABLE t (a)",
            "CREATE TABLE t (a, b)",
            "CREATE TABLE t (b, a)",
            "CREATE TABLE t (\"a b\")",
            "CREATE TABLE t (\"a, b\")",
            "CREATE TABLE t (a b)",
            "CREATE TABLE t (a DEFAULT 'x')",
            "CREATE TABLE t (a DEFAULT 'X')",
            "CREATE TABLE t (a DEFAULT 'x ')",
            "CREATE TABLE t (a DEFAULT '--x')",
            "CREATE TABLE t (a DEFAULT x)",
            "CREATE TABLE t (a DEFAULT 1.5)",
            "CREATE TABLE t (a DEFAULT 15)",
            "CREATE TABLE t (ä)",
            "CREATE TABLE t (Ä)",
            "CREATE TABLE t (a) STRICT",
            "CREATE TABLE t (a DEFAULT \"1\")",
            "CREATE TABLE t (a DEFAULT 1)",
            "CREATE TABLE t (\",\")",
            "CREATE TABLE t (,)",
            "CREATE TABLE t (\"\")",
            "CREATE TABLE t ()",
            "CREATE VIEW t AS SELECT 4 - 1",
            "CREATE VIEW t AS SELECT 4 - 2",
            "CREATE VIEW t AS SELECT 4 / 1",
            "CREATE VIEW t AS SELECT 4 / 2",
        ];
        for (at, one) in ways.iter().enumerate() {
            for other in &ways[at + 1..] {
                assert_ne!(form(one), form(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn a_comment_is_passed_over_to_its_end_and_not_further() {
        check_same(&["a b", "a--x\nb", "a/**/b", "/*/ x */a b", "a/*-*/b--"]);
        assert_eq!(form("\"\""), ["\"\""]);
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for sql in ["CREATE TABLE 'a", "x /*", "x --", "[", "\"", "'", "''", ""] {
            form(sql);
        }
        assert_eq!(form("'it''s"), ["'it''s'"]);
    }
}
