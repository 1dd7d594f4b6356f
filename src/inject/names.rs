//! What a file operation is called: the same in every run, although ids and temporary names are not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fault::Call;
use crate::roles::Vocabulary;
use crate::schedule::{OperationRun, escape};

/// The names of the file operations of one run of a phase.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What is known to be generated, whatever it looks like.
    vocabulary: Arc<Vocabulary>,
    /// The generated parts of paths that were met, each with its number.
    ids: BTreeMap<String, usize>,
    /// How often each operation was met, by the place of its step among the records.
    met: BTreeMap<(Option<usize>, Call, String), u32>,
}

/// Where a world keeps its database, and the application its files.
const FOLDERS: [&str; 2] = ["database", "files"];

impl Names {
    /// Nothing was met yet, and this is known.
    pub(super) fn knowing(vocabulary: Arc<Vocabulary>) -> Self {
        Self { vocabulary, ..Self::default() }
    }

    /// The next operation of this kind on this path, in the step at this place.
    pub(super) fn next(&mut self, within: Option<usize>, call: Call, path: &str) -> OperationRun {
        let path = self.path(path);
        let occurrence = self.met.entry((within, call, path.clone())).or_insert(0);
        *occurrence += 1;
        OperationRun { call, path, occurrence: *occurrence }
    }

    /// A path in the words of a schedule. The database's files go by their names, the application's by their paths
    /// within its directory.
    fn path(&mut self, path: &str) -> String {
        let [database, files] = FOLDERS;
        let inside = |folder: &str| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        let named = match (inside(database), inside(files)) {
            // Not to be taken for one of the database's.
            (None, Some(name)) if name.starts_with("world.sqlite") => format!("./{name}"),
            (Some(name), _) | (None, Some(name)) => name.to_owned(),
            (None, None) if path == files => ".".to_owned(),
            (None, None) => path.to_owned(),
        };
        let parts: Vec<String> = named.split('/').map(|part| self.part(part)).collect();
        let named = escape(&parts.join("/"));
        let vocabulary = Arc::clone(&self.vocabulary);
        vocabulary.named(&named, |generated| self.id(generated)).unwrap_or(named)
    }

    /// One part of a path, what is generated in it called by its number.
    fn part(&mut self, part: &str) -> String {
        let mut named = String::new();
        let mut rest = part;
        while !rest.is_empty() {
            if let Some(uuid) = rest.get(..UUID).filter(|text| is_uuid(text)) {
                named.push_str(&self.id(uuid));
                rest = &rest[UUID..];
                continue;
            }
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, others) = rest.split_at(end);
            named.push_str(&if is_generated(word) { self.id(word) } else { word.to_owned() });
            let mut letters = others.chars();
            named.extend(letters.next());
            rest = letters.as_str();
        }
        named
    }

    fn id(&mut self, generated: &str) -> String {
        let next = self.ids.len() + 1;
        format!("id-{}", self.ids.entry(generated.to_owned()).or_insert(next))
    }
}

/// The length of a UUID with its hyphens.
const UUID: usize = 36;

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Whether a word looks as if nobody had thought of it: many hexadecimal digits, a long number, the names that programs
/// give to temporary files, anything long with digits in it.
fn is_generated(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let all = |is: fn(&u8) -> bool| word.as_bytes().iter().all(is);
    match word.len() {
        16.. => has_digit,
        8.. if has_digit && all(u8::is_ascii_hexdigit) => true,
        6.. if all(u8::is_ascii_digit) => true,
        9 => word.starts_with("tmp"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_parts_are_called_in_the_order_in_which_they_are_met() {
        let mut names = Names::default();
        for (path, expected) in [
            ("database/world.sqlite-wal", "world.sqlite-wal"),
            ("files", "."),
            ("files/evaluator_context", "evaluator_context"),
            ("files/c/6f9619ff-8b86-4011-b42d-00c04fc964ff/context.txt.new", "c/id-1/context.txt.new"),
            ("files/c/c0ffee00-1234-4abc-8def-0123456789ab-6f9619ff-8b86-4011-b42d-00c04fc964ff", "c/id-2-id-1"),
            ("files/.tmpAb3dEf/x", ".id-3/x"),
            ("files/0123456789abcdef0123456789abcdef.txt", "id-4.txt"),
            ("files/row-12.txt", "row-12.txt"),
            ("files/1700000000/deadbeef", "id-5/deadbeef"),
            ("files/world.sqlite", "./world.sqlite"),
            ("files/a b#1", "a%20b%231"),
        ] {
            assert_eq!(names.path(path), expected);
        }
    }

    #[test]
    fn an_operation_is_counted_within_its_step() {
        let mut names = Names::default();
        let mut next = |within, path| names.next(within, Call::Write, path).to_string();
        assert_eq!(next(Some(0), "files/a"), "write@a#1");
        assert_eq!(next(Some(0), "files/a"), "write@a#2");
        assert_eq!(next(Some(1), "files/a"), "write@a#1");
        assert_eq!(next(None, "files/a"), "write@a#1");
    }
}
