//! Files and empty directories that belong to no row.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Scene;
use super::evidence::{Evidence, Place, brief, sorted};
use crate::observe::Entry;
use crate::roles::size_of;
use crate::rules::claims::{FILE_OF_NOBODY, file_named_after_row};
use crate::rules::pattern::Pattern;
use crate::rules::{FileNeedsRow, FileOfRow};

/// Every file belongs to a row; temporary files count. What was there before the request belongs to whomever it
/// belonged to then.
pub(super) fn no_orphan_files(scene: &Scene) -> Vec<Evidence> {
    let claims: Vec<Claim> = scene.rules.file_needs_row.iter().map(|rule| Claim::new(scene, rule)).collect();
    let named: Vec<Named> = scene.rules.file_named_after_row.iter().map(|rule| Named::new(scene, rule)).collect();
    let orphans = scene.now.observation.files.iter().filter(|&(path, entry)| {
        let was_there = scene.before.observation.files.get(path) == Some(entry);
        let is_declared = || {
            let is_within = claims.iter().any(|claim| is_at_or_above(path, claim.folder))
                || named.iter().any(|named| is_at_or_above(path, named.rule.path.folder()));
            *entry == Entry::EmptyDirectory && is_within
        };
        let stands_alone = scene.rules.stands_alone.contains(path);
        let is_covered =
            || claims.iter().any(|claim| claim.covers(path)) || named.iter().any(|named| named.covers(path, entry));
        !was_there && !stands_alone && !is_declared() && !is_covered()
    });
    let sentence = |(path, entry): (&String, &Entry)| match entry {
        Entry::File(bytes) => format!("{} ({}) belongs to no row", scene.names.path(path), size_of(bytes.len())),
        Entry::EmptyDirectory => format!("the empty directory {} belongs to no row", scene.names.path(path)),
        Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
            format!("{} ({}) belongs to no row", scene.names.path(path), scene.names.entry(entry))
        }
    };
    let rule = |path: &str, entry: &Entry| {
        let named = scene.rules.file_named_after_row.iter().find(|rule| is_meant(&rule.path, path, entry));
        let declared = scene.rules.file_needs_row.iter().find(|rule| is_below(path, &rule.folder));
        let declared = || declared.map_or_else(|| FILE_OF_NOBODY.to_owned(), FileNeedsRow::claim);
        named.map_or_else(declared, file_named_after_row)
    };
    let evidence = |(path, entry): (&String, &Entry)| {
        Evidence::said(sentence((path, entry))).of_rule(rule(path, entry)).at([Place::File(path.clone())])
    };
    // Paths hold ids, so their own order differs from run to run.
    brief(sorted(orphans.map(evidence).collect()))
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
                Entry::File(_) | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
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
