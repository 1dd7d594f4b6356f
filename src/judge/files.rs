//! Files and empty directories that belong to no row.

use std::collections::BTreeSet;

use super::Scene;
use super::evidence::{Evidence, Place, brief, sorted};
use crate::observe::Entry;
use crate::roles::size_of;
use crate::rules::FileNeedsRow;
use crate::rules::claims::FILE_OF_NOBODY;

/// Every file belongs to a row; temporary files count. What was there before the request belongs to whomever it
/// belonged to then.
pub(super) fn no_orphan_files(scene: &Scene) -> Vec<Evidence> {
    let claims: Vec<Claim> = scene.rules.file_needs_row.iter().map(|rule| Claim::new(scene, rule)).collect();
    let orphans = scene.now.observation.files.iter().filter(|&(path, entry)| {
        let was_there = scene.before.observation.files.get(path) == Some(entry);
        let is_declared = *entry == Entry::EmptyDirectory && claims.iter().any(|claim| claim.is_within(path));
        let stands_alone = scene.rules.stands_alone.contains(path);
        !was_there && !is_declared && !stands_alone && !claims.iter().any(|claim| claim.covers(path))
    });
    let sentence = |(path, entry): (&String, &Entry)| match entry {
        Entry::File(bytes) => format!("{} ({}) belongs to no row", scene.names.path(path), size_of(bytes.len())),
        Entry::EmptyDirectory => format!("the empty directory {} belongs to no row", scene.names.path(path)),
        Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_) => {
            format!("{} ({}) belongs to no row", scene.names.path(path), scene.names.entry(entry))
        }
    };
    let rule = |path: &str| {
        let declared = scene.rules.file_needs_row.iter().find(|rule| is_below(path, &rule.folder));
        declared.map_or_else(|| FILE_OF_NOBODY.to_owned(), FileNeedsRow::claim)
    };
    let evidence = |(path, entry): (&String, &Entry)| {
        Evidence::said(sentence((path, entry))).of_rule(rule(path)).at([Place::File(path.clone())])
    };
    // Paths hold ids, so their own order differs from run to run.
    brief(sorted(orphans.map(evidence).collect()))
}

/// A declared folder, and the paths that rows hold.
struct Claim<'a> {
    folder: &'a str,
    paths: BTreeSet<&'a str>,
    /// What those of them lead to that are links, or lie behind one: a file belongs to the row whose link leads to it.
    linked: BTreeSet<&'a str>,
}

impl<'a> Claim<'a> {
    fn new(scene: &Scene<'a>, rule: &'a FileNeedsRow) -> Self {
        let paths: BTreeSet<&str> = scene.values(&rule.path).filter_map(|(_, value)| value.as_text()).collect();
        let within = paths.iter().filter(|path| is_below(path, &rule.folder));
        let led = within.filter_map(|path| scene.now.observation.leads_to(path).filter(|(to, _)| to != path));
        let linked = led.map(|(to, _)| to).collect();
        Self { folder: &rule.folder, paths, linked }
    }

    fn covers(&self, path: &str) -> bool {
        (is_below(path, self.folder) && self.paths.contains(path)) || self.linked.contains(path)
    }

    /// Whether the folder is this one, or somewhere in it.
    fn is_within(&self, directory: &str) -> bool {
        self.folder == directory || is_below(self.folder, directory)
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
