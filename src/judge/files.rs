//! Files and empty directories that belong to no row.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Scene;
use super::evidence::{Evidence, RowOrFile, brief, sorted};
use crate::observe::Entry;
use crate::roles::size_of;
use crate::rules::claims::{FILE_OF_NO_ROW, file_named_after_row};
use crate::rules::pattern::Pattern;
use crate::rules::{FileNeedsRow, FileOfRow};

/// Every file belongs to a row; temporary files count. What belonged to nobody before the request may go on so, and a
/// directory of such files may be empty now.
pub(super) fn no_orphan_files(scene: &Scene) -> Vec<Evidence> {
    let (owners, before, owners_before) = (Owners::new(scene), OnceCell::new(), OnceCell::new());
    let belonged_to_nobody = |path: &str, entry: &Entry| {
        let before: &Scene = before.get_or_init(|| scene.before());
        let owners: &Owners = owners_before.get_or_init(|| Owners::new(before));
        !owners.cover(path, entry)
    };
    let files_before = &scene.before.observation.files;
    let orphans = scene.now.observation.files.iter().filter(|&(path, entry)| {
        let is_as_before = || match entry {
            Entry::EmptyDirectory => {
                files_before.contains_key(path)
                    || is_folder_of(files_before, path, |path, entry| belonged_to_nobody(path, entry))
            }
            Entry::File(_) | Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
                files_before.get(path) == Some(entry) && belonged_to_nobody(path, entry)
            }
        };
        let is_declared = || *entry == Entry::EmptyDirectory && owners.are_at_or_below(path);
        let stands_alone = scene.rules.stands_alone(path);
        !stands_alone && !is_declared() && !owners.cover(path, entry) && !is_as_before()
    });
    let sentence = |(path, entry): (&String, &Entry)| match entry {
        Entry::File(bytes) => format!("{} ({}) belongs to no row", scene.names.path(path), size_of(bytes.len())),
        Entry::EmptyDirectory => format!("the empty directory {} belongs to no row", scene.names.path(path)),
        Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
            format!("{} ({}) belongs to no row", scene.names.path(path), scene.names.entry(entry))
        }
    };
    let rule = |path: &str, entry: &Entry| {
        let named = scene.rules.file_named_after_row.iter().find(|rule| is_meant(&rule.path, path, entry));
        let declared = scene.rules.file_needs_row.iter().find(|rule| is_below(path, &rule.folder));
        let declared = || declared.map_or_else(|| FILE_OF_NO_ROW.to_owned(), FileNeedsRow::claim);
        named.map_or_else(declared, file_named_after_row)
    };
    let evidence = |(path, entry): (&String, &Entry)| {
        Evidence::said(sentence((path, entry))).of_rule(rule(path, entry)).at([RowOrFile::File(path.clone())])
    };
    // Paths hold ids, so their own order differs from run to run.
    brief(sorted(orphans.map(evidence).collect()))
}

/// Whether there are files in a directory, and all of them are such ones.
fn is_folder_of(files: &BTreeMap<String, Entry>, directory: &str, are_meant: impl Fn(&str, &Entry) -> bool) -> bool {
    let mut within =
        files.range(format!("{directory}/")..).take_while(|(path, _)| is_below(path, directory)).peekable();
    within.peek().is_some() && within.all(|(path, entry)| are_meant(path, entry))
}

/// All that rows claim.
struct Owners<'s, 'a> {
    claims: Vec<Claim<'a>>,
    named: Vec<Named<'s, 'a>>,
}

impl<'s, 'a> Owners<'s, 'a> {
    fn new(scene: &'s Scene<'a>) -> Self {
        let claims = scene.rules.file_needs_row.iter().map(|rule| Claim::new(scene, rule));
        let named = scene.rules.file_named_after_row.iter().map(|rule| Named::new(scene, rule));
        Self { claims: claims.collect(), named: named.collect() }
    }

    fn cover(&self, path: &str, entry: &Entry) -> bool {
        self.claims.iter().any(|claim| claim.covers(path)) || self.named.iter().any(|named| named.covers(path, entry))
    }

    /// Whether a declared folder is this directory, or lies below it.
    fn are_at_or_below(&self, directory: &str) -> bool {
        self.claims.iter().any(|claim| is_at_or_above(directory, claim.folder))
            || self.named.iter().any(|named| is_at_or_above(directory, named.rule.path.folder()))
    }
}

/// A declared folder, and the paths that rows hold.
struct Claim<'a> {
    folder: &'a str,
    paths: BTreeSet<Cow<'a, str>>,
    /// What those of them lead to that are links, or lie behind one: a file belongs to the row whose link leads to it.
    linked: BTreeSet<&'a str>,
}

impl<'a> Claim<'a> {
    fn new(scene: &Scene<'a>, rule: &'a FileNeedsRow) -> Self {
        let paths = scene.values(&rule.path).filter_map(|(_, value)| value.as_text());
        let paths: BTreeSet<Cow<str>> = paths.map(|path| scene.rules.path_in(&rule.path, path)).collect();
        let within = paths.iter().filter(|path| is_below(path, &rule.folder));
        let led = within.filter_map(|path| scene.now.observation.leads_to(path).filter(|(to, _)| *to != path.as_ref()));
        let linked = led.map(|(to, _)| to).collect();
        Self { folder: &rule.folder, paths, linked }
    }

    fn covers(&self, path: &str) -> bool {
        (is_below(path, self.folder) && self.paths.contains(path)) || self.linked.contains(path)
    }
}

/// A pattern of paths, and what it makes of the rows: asked for few files only, so made on demand.
struct Named<'s, 'a> {
    scene: &'s Scene<'a>,
    rule: &'a FileOfRow,
    made: OnceCell<Made>,
}

/// What a pattern makes of the rows.
struct Made {
    /// Single paths.
    paths: BTreeSet<String>,
    /// Patterns with stars.
    open: Vec<Pattern>,
    /// The folders on the way.
    folders: Vec<Pattern>,
}

impl<'s, 'a> Named<'s, 'a> {
    fn new(scene: &'s Scene<'a>, rule: &'a FileOfRow) -> Self {
        Self { scene, rule, made: OnceCell::new() }
    }

    fn covers(&self, path: &str, entry: &Entry) -> bool {
        let made = || self.made.get_or_init(|| Made::new(self.scene, self.rule));
        let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fit(path).is_some());
        is_meant(&self.rule.path, path, entry)
            && match entry {
                Entry::File(_) | Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
                    made().paths.contains(path) || fits(&made().open)
                }
                Entry::EmptyDirectory => made().paths.contains(path) || fits(&made().open) || fits(&made().folders),
            }
    }
}

impl Made {
    fn new<'a>(scene: &Scene<'a>, rule: &'a FileOfRow) -> Self {
        let mut made = Self { paths: BTreeSet::new(), open: Vec::new(), folders: Vec::new() };
        for pattern in scene.named_by_rows(rule).flat_map(|(_, patterns)| patterns) {
            made.folders.extend(pattern.folders());
            match pattern.only() {
                Some(path) => drop(made.paths.insert(path.to_owned())),
                None => made.open.push(pattern),
            }
        }
        made
    }
}

/// Whether a pattern speaks of what is there: of a file that it fits, or of an empty directory on the way to one.
fn is_meant(pattern: &Pattern, path: &str, entry: &Entry) -> bool {
    let is_on_the_way = || pattern.folders().iter().any(|folder| folder.fit(path).is_some());
    pattern.fit(path).is_some() || (*entry == Entry::EmptyDirectory && is_on_the_way())
}

/// Whether a directory is the folder, or somewhere above it.
fn is_at_or_above(directory: &str, folder: &str) -> bool {
    folder == directory || is_below(folder, directory)
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
