//! One piece of evidence: what was seen, the declared rule that it breaks, and the rows and files that it is about.
//!
//! Only the sentences are made in every case; where they point to is found out for those who look.

use super::{Scene, Words};
use crate::roles::{Comparison, Extras, Seen, shortened};

/// A row or a file of the world that is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowOrFile {
    /// A row, by its number in its table.
    Row {
        /// The table.
        table: String,
        /// The row.
        row: usize,
    },
    /// What stands at this path.
    File(String),
}

/// One piece of evidence.
#[derive(Default)]
pub(super) struct Evidence {
    /// What was seen, in words.
    pub(super) sentence: String,
    /// The declared rules that this breaks; none where the criterion itself is the rule.
    pub(super) rules: Vec<String>,
    /// What it is about, where somebody looks.
    pub(super) places: Vec<RowOrFile>,
}

impl Evidence {
    /// A sentence that points to no place.
    pub(super) fn said(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), ..Self::default() }
    }

    /// The same, about this rule.
    pub(super) fn of_rule(mut self, rule: String) -> Self {
        self.rules.push(rule);
        self
    }

    /// The same, about these places as well.
    pub(super) fn at(mut self, places: impl IntoIterator<Item = RowOrFile>) -> Self {
        self.places.extend(places);
        self
    }
}

/// The evidence in the order of its sentences: those of rows and paths hold ids, whose order differs from run to run.
pub(super) fn sorted(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort_by(|a, b| a.sentence.cmp(&b.sentence));
    evidence
}

/// The first few sentences, and how many more there are; rules and places all stay.
pub(super) fn brief(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let sentences = shortened(evidence.iter().map(|evidence| evidence.sentence.clone()).collect());
    let mut brief: Vec<Evidence> = sentences.into_iter().map(Evidence::said).collect();
    for (at, evidence) in evidence.into_iter().enumerate() {
        let Some(last) = brief.len().checked_sub(1) else { break };
        let kept = &mut brief[at.min(last)];
        kept.rules.extend(evidence.rules);
        kept.places.extend(evidence.places);
    }
    brief
}

impl Scene<'_> {
    /// These rows, where somebody looks.
    pub(super) fn rows(&self, table: &str, rows: &[usize]) -> Vec<RowOrFile> {
        match self.words {
            Words::Told => rows.iter().map(|&row| RowOrFile::Row { table: table.to_owned(), row }).collect(),
            Words::Omitted => Vec::new(),
        }
    }

    /// Where the world differs from another one, where somebody looks.
    pub(super) fn differing(&self, other: Seen, extras: Extras) -> Vec<RowOrFile> {
        match self.words {
            Words::Told => differing(other, self.now, extras),
            Words::Omitted => Vec::new(),
        }
    }
}

fn differing(other: Seen, now: Seen, extras: Extras) -> Vec<RowOrFile> {
    let compared = Comparison::new(other, now, extras);
    let mut places = Vec::new();
    for (&table, (_, new)) in &compared.tables {
        let changed = compared.changed(table).into_iter().map(|row| row.new);
        let rows = new.iter().copied().chain(changed);
        places.extend(rows.map(|row| RowOrFile::Row { table: table.to_owned(), row }));
    }
    let changed = compared.files.changed.iter().map(|(_, new)| new);
    places.extend(compared.files.new.iter().chain(changed).map(|(path, _)| RowOrFile::File((*path).to_owned())));
    places
}
