//! Which rows of a file become scenarios, and which are skipped.

use std::collections::BTreeSet;

use super::new_scenario::NewScenario;

/// What an import is going to do, given the titles that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The rows that become scenarios, in the order of the file.
    pub(crate) created: Vec<NewScenario>,
    /// The titles of the others, in the order of the file.
    pub(crate) skipped_titles: Vec<String>,
}

/// A row whose title is there already, in the database or earlier in the file, is skipped. Titles are the same when they
/// are so without outer blanks and in lower case.
pub(crate) fn plan(rows: &[NewScenario], titles: &[String]) -> Plan {
    let mut taken: BTreeSet<String> = titles.iter().map(|title| fold(title)).collect();
    let (created, skipped): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| taken.insert(fold(&row.title)));
    Plan { created, skipped_titles: skipped.into_iter().map(|row| row.title).collect() }
}

fn fold(title: &str) -> String {
    title.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::scenarios::new_scenario::Mode;

    fn check(rows: &[&str], titles: &[&str], created: &[&str], skipped: &[&str]) {
        let row = |title: &&str| NewScenario {
            title: (*title).to_owned(),
            prompt: "p".to_owned(),
            description: None,
            mode: Mode::Chat,
            category: None,
            evaluator_context: None,
        };
        let titles: Vec<_> = titles.iter().map(|title| (*title).to_owned()).collect();
        let plan = plan(&rows.iter().map(row).collect::<Vec<_>>(), &titles);
        assert_eq!(plan.created.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), created);
        assert_eq!(plan.skipped_titles, skipped);
    }

    #[test]
    fn a_title_that_is_there_is_skipped_whatever_its_case_and_outer_blanks() {
        check(&["a", "b"], &[], &["a", "b"], &[]);
        check(&["a", "b"], &["b"], &["a"], &["b"]);
        check(&[" ÉTÉ ", "b"], &["été"], &["b"], &[" ÉTÉ "]);
        check(&["a", "A ", "a b"], &[], &["a", "a b"], &["A "]);
    }
}
