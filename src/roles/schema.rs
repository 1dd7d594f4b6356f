//! How the schemas of two worlds differ, and what of a world is neither row nor file: a number for it, and words.
//!
//! A name can hold an id that was made up (`staging_3f0c…`): ids compare with nothing here, and are not shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::digest::Digest;
use super::ids::Index;
use super::lens::Lens;
use super::names::Names;
use crate::observe::{Folder, ObjectKind, Observation, Schema, SchemaObject};

const SCHEMA: u64 = 0x7363;

/// A number for the schema, the damage, and the folders that are gone.
pub(super) fn digest(lens: &Lens, observation: &Observation, index: &Index) -> u128 {
    let mut digest = Digest::new(SCHEMA);
    for ((kind, name), object) in &observation.schema.objects {
        digest.bytes(kind.name().as_bytes());
        for word in [name.as_str(), object.table()].into_iter().chain(object.form().iter().map(String::as_str)) {
            without_ids(&mut digest, lens, index, word);
        }
    }
    digest.bytes(observation.damage.as_deref().unwrap_or_default().as_bytes());
    for folder in &observation.missing {
        digest.bytes(folder.name().as_bytes());
    }
    digest.finish()
}

fn without_ids(digest: &mut Digest, lens: &Lens, index: &Index, word: &str) {
    let mut rest = 0;
    for token in index.tokens(&lens.constants, &[], word) {
        digest.bytes(&word.as_bytes()[rest..token.start]);
        rest = token.end;
    }
    digest.bytes(&word.as_bytes()[rest..]);
}

/// What is otherwise in the second world, but for rows and files.
pub(super) fn sentences(from: &Names, to: &Names) -> Vec<String> {
    let (was, is) = (from.seen.observation, to.seen.observation);
    let mut sentences = Vec::new();
    for folder in [Folder::Files, Folder::Database] {
        match (was.missing.contains(&folder), is.missing.contains(&folder)) {
            (false, true) => sentences.push(format!("{} is gone", folder.name())),
            (true, false) => sentences.push(format!("{} is there, and was not", folder.name())),
            (true, true) | (false, false) => {}
        }
    }
    match (&was.damage, &is.damage) {
        (None, None) => sentences.extend(of_schemas(from, to)),
        (_, Some(damage)) => sentences.push(format!("the database is damaged: {damage}")),
        (Some(_), None) => sentences.push("the database is not damaged, and was".to_owned()),
    }
    sentences
}

fn of_schemas(from: &Names, to: &Names) -> Vec<String> {
    let (was, is) = (&from.seen.observation.schema, &to.seen.observation.schema);
    if Arc::ptr_eq(was, is) || was == is {
        return Vec::new();
    }
    if is.objects.is_empty() {
        return vec!["all tables are gone".to_owned()];
    }
    let mut sentences = Vec::new();
    let keys: BTreeSet<_> = was.objects.keys().chain(is.objects.keys()).collect();
    for key in keys {
        let named = |names: &Names| format!("the {} {}", key.0.name(), names.path(&key.1));
        match (was.objects.get(key), is.objects.get(key)) {
            (Some(old), None) if goes_with_its_table(key, old, is) => {}
            (Some(_), None) => sentences.push(format!("{} is gone", named(from))),
            (None, Some(new)) if goes_with_its_table(key, new, was) => {}
            (None, Some(_)) => sentences.push(format!("{} is more", named(to))),
            (Some(old), Some(new)) if old != new => {
                sentences.extend(of_objects(&named(to), (from, old), (to, new)));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    sentences
}

/// Whether it is an index or a trigger of a table that the other world has not: who reads of the table knows.
fn goes_with_its_table((kind, _): &(ObjectKind, String), object: &SchemaObject, other: &Schema) -> bool {
    match kind {
        ObjectKind::Table | ObjectKind::View => false,
        ObjectKind::Index | ObjectKind::Trigger => {
            let owner = |kind| other.objects.contains_key(&(kind, object.table().to_owned()));
            !owner(ObjectKind::Table) && !owner(ObjectKind::View)
        }
    }
}

/// What is otherwise within one of them, part by part where it has parts.
fn of_objects(named: &str, (from, old): (&Names, &SchemaObject), (to, new): (&Names, &SchemaObject)) -> Vec<String> {
    let (was, is) = (Parts::of(old), Parts::of(new));
    if was.around != is.around || was.inside.is_empty() {
        return vec![format!("{named} is otherwise: was {}, is {}", from.short(old.sql()), to.short(new.sql()))];
    }
    let mut sentences = Vec::new();
    for part in &was.inside {
        match is.inside.iter().find(|other| other.is_called(part)) {
            None => sentences.push(format!("{} of {named} is gone", part.called(from))),
            Some(other) if other.words != part.words => {
                let (was, is) = (part.words.join(" "), other.words.join(" "));
                let called = part.called(to);
                sentences.push(format!(
                    "{called} of {named} is otherwise: was {}, is {}",
                    from.short(&was),
                    to.short(&is)
                ));
            }
            Some(_) => {}
        }
    }
    let more = is.inside.iter().filter(|part| !was.inside.iter().any(|other| other.is_called(part)));
    sentences.extend(more.map(|part| format!("{} of {named} is more", part.called(to))));
    if sentences.is_empty() {
        sentences.push(format!("the columns of {named} are in another order"));
    }
    sentences
}

/// A statement that makes a table: the list in its first pair of parentheses, and what stands around it.
struct Parts<'s> {
    inside: Vec<Part<'s>>,
    around: Vec<&'s str>,
}

/// A column or a constraint.
struct Part<'s> {
    words: &'s [String],
}

impl<'s> Parts<'s> {
    fn of(object: &'s SchemaObject) -> Self {
        let words = object.form();
        let is_table = words.get(1).is_some_and(|word| word == "table");
        let mut parts = Self { inside: Vec::new(), around: Vec::new() };
        let (mut depth, mut start) = (0_usize, None);
        for (at, word) in words.iter().enumerate() {
            let before = depth;
            match word.as_str() {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            match (start, word.as_str()) {
                (None, "(") if is_table && parts.inside.is_empty() => start = Some(at + 1),
                (Some(from), ",") if depth == 1 => {
                    parts.inside.push(Part { words: &words[from..at] });
                    start = Some(at + 1);
                }
                (Some(from), ")") if before == 1 => {
                    parts.inside.push(Part { words: &words[from..at] });
                    start = None;
                }
                (None, word) => parts.around.push(word),
                (Some(_), _) => {}
            }
        }
        parts
    }
}

impl Part<'_> {
    fn is_constraint(&self) -> bool {
        let begins = self.words.first().map(String::as_str);
        matches!(begins, Some("constraint" | "primary" | "unique" | "check" | "foreign"))
    }

    /// Whether the other one is this one, changed or not: a column goes by its name, a constraint by all that it says.
    fn is_called(&self, other: &Self) -> bool {
        if self.is_constraint() { self.words == other.words } else { self.words.first() == other.words.first() }
    }

    fn called(&self, names: &Names) -> String {
        if self.is_constraint() {
            return format!("the constraint {}", names.short(&self.words.join(" ")));
        }
        format!("the column {}", names.path(self.words.first().map_or("", String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::{Canonical, difference};
    use crate::rules::Rules;

    fn world(statements: &[&str]) -> Observation {
        let object = |sql: &&str| {
            let form = SchemaObject::new("", *sql).form().to_vec();
            let kind = ObjectKind::ALL.into_iter().find(|kind| form[1] == kind.name()).expect("a kind");
            let owner = form.iter().position(|word| word == "on").filter(|_| kind != ObjectKind::View);
            let table = owner.map_or(&form[2], |on| &form[on + 1]);
            ((kind, form[2].trim_matches('"').to_owned()), SchemaObject::new(table, *sql))
        };
        let schema = Schema { objects: statements.iter().map(object).collect() };
        Observation { schema: schema.into(), ..Observation::default() }
    }

    fn check_worlds(from: &Observation, to: &Observation, expected: &[&str]) {
        let lens = Lens::new(&Rules::new());
        assert_eq!(difference(&lens, from, to), expected);
        let forms = [from, to].map(|world| Canonical::new(&lens, world));
        assert_eq!(forms[0].fingerprint() == forms[1].fingerprint(), expected.is_empty(), "{expected:?}");
        let cores = forms.map(|form| form.fingerprint_without_logs());
        assert_eq!(cores[0] == cores[1], expected.is_empty(), "{expected:?}, without logs");
    }

    fn check(from: &[&str], to: &[&str], expected: &[&str]) {
        check_worlds(&world(from), &world(to), expected);
    }

    const T: &str = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, UNIQUE (a, b))";

    #[test]
    fn a_schema_that_is_written_in_another_way_is_the_same() {
        check(&[T], &["create table \"t\"( [a] integer primary key, b text,unique(a,b) ) -- as before"], &[]);
        check(&[], &[], &[]);
    }

    #[test]
    fn what_is_more_or_gone_is_told() {
        let (index, trigger) = ("CREATE INDEX i ON t (b)", "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END");
        check(&[T, index], &[T], &["the index i is gone"]);
        check(&[T], &[T, trigger], &["the trigger r is more"]);
        check(&[T], &[T, "CREATE VIEW v AS SELECT a FROM t"], &["the view v is more"]);
        check(&[T], &[T, "CREATE TABLE staging (x)"], &["the table staging is more"]);
        // What belongs to a table goes with it.
        check(&["CREATE TABLE u (x)", T, index, trigger], &["CREATE TABLE u (x)"], &["the table t is gone"]);
        check(&[T, index], &[], &["all tables are gone"]);
        check(&[], &[T, index], &["the table t is more"]);
    }

    #[test]
    fn what_is_otherwise_is_told_part_by_part() {
        check(
            &[T],
            &["CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c DEFAULT (max(1, 2)), UNIQUE (a, b))"],
            &["the column c of the table t is more"],
        );
        check(
            &[T],
            &["CREATE TABLE t (b TEXT NOT NULL, a INTEGER PRIMARY KEY)"],
            &[
                "the column b of the table t is otherwise: was \"b text\", is \"b text not null\"",
                "the constraint \"unique ( a , b )\" of the table t is gone",
            ],
        );
        check(
            &["CREATE TABLE t (a, b)"],
            &["CREATE TABLE t (b, a)"],
            &["the columns of the table t are in another order"],
        );
        check(
            &["CREATE TABLE t (a)"],
            &["CREATE TABLE t (a) STRICT"],
            &["the table t is otherwise: was \"CREATE TABLE t (a)\", is \"CREATE TABLE t (a) STRICT\""],
        );
        check(
            &[T, "CREATE INDEX i ON t (a)"],
            &[T, "CREATE INDEX i ON t (b)"],
            &["the index i is otherwise: was \"CREATE INDEX i ON t (a)\", is \"CREATE INDEX i ON t (b)\""],
        );
    }

    #[test]
    fn an_id_in_a_name_is_no_difference_and_is_not_shown() {
        let staging = |id: &str| format!("CREATE TABLE \"staging_{id}\" (x)");
        let (one, other) = ("6f9619ff-8b86-4011-b42d-00c04fc964ff", "c0ffee00-1234-4abc-8def-0123456789ab");
        check(&[T], &[T, &staging(one)], &["the table staging_<id> is more"]);
        check(&[T, &staging(one)], &[T, &staging(other)], &[]);
        check(
            &[T, &staging(one)],
            &[T, "CREATE TABLE \"staging_\" (x)"],
            &["the table staging_ is more", "the table staging_<id> is gone"],
        );
    }

    #[test]
    fn damage_and_folders_that_are_gone_are_told() {
        let good = world(&[T]);
        let damaged = Observation { damage: Some("file is not a database".to_owned()), ..Observation::default() };
        check_worlds(&good, &damaged, &["the database is damaged: file is not a database"]);
        check_worlds(&damaged, &good, &["the database is not damaged, and was"]);
        let lost = Observation { missing: [Folder::Files].into(), ..world(&[T]) };
        check_worlds(&good, &lost, &["the world's directory is gone"]);
        let empty = Observation::default();
        check_worlds(&empty, &damaged, &["the database is damaged: file is not a database"]);
    }
}
