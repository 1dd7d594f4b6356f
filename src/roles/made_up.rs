//! Which names of files are made up anew in each run, although they look like any other name.
//!
//! A file is called so where one run without faults leaves it and the other leaves one of its kind under another name:
//! `covers/k3xq9.png`, `covers/b7.png`. It then counts that there is one, and not what it is called. Whatever stands in the
//! world before, or in both runs, is called as it is called, of the same kind or not.

use std::collections::BTreeSet;

use super::ids::{Token, without_uuids};
use super::vocabulary::Vocabulary;
use crate::observe::Observation;

/// The kinds of names that are made up anew, and the paths that are not.
#[derive(Clone, Debug, Default)]
pub(super) struct MadeUp {
    kinds: Vocabulary,
    constant: BTreeSet<String>,
}

impl MadeUp {
    /// Of the world before the request, and of two runs without faults on it.
    pub(super) fn new(before: &Observation, [one, other]: [&Observation; 2]) -> Self {
        let in_both = one.files.keys().filter(|path| other.files.contains_key(*path));
        let constant: BTreeSet<String> = before.files.keys().chain(in_both).cloned().collect();
        let only_in = |run: &Observation| -> Vec<String> {
            run.files.keys().filter(|path| !constant.contains(*path)).cloned().collect()
        };
        let (ones, mut others) = (only_in(one), only_in(other));
        let mut kinds = Vocabulary::default();
        for path in ones {
            // What differs in nothing but what looks like an id is known without this.
            let plain = without_uuids(&path);
            if let Some(at) = others.iter().position(|other| without_uuids(other) == plain) {
                others.remove(at);
                continue;
            }
            // The one of its kind that is most like it.
            let alike = (0..others.len()).filter_map(|at| Some((Vocabulary::likeness(&path, &others[at])?, at))).min();
            if let Some((_, at)) = alike {
                kinds.learn(&path, &others.remove(at));
            }
        }
        // Paths are looked up only where there is something that may be made up.
        let constant = if kinds.is_empty() { BTreeSet::new() } else { constant };
        Self { kinds, constant }
    }

    /// Whether no name is made up.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What of a path is made up anew.
    pub(super) fn tokens(&self, path: &str) -> Vec<Token> {
        if self.constant.contains(path) {
            return Vec::new();
        }
        let words = self.kinds.made_up(path).unwrap_or_default().into_iter();
        words.map(|word| Token { start: word.start, end: word.end, key: None }).collect()
    }
}
