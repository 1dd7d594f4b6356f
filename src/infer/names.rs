//! What the names of tables and columns say: logs, and the states of jobs.

use std::collections::BTreeSet;

use super::Draft;
use super::rule::Rule;
use super::values::values;
use crate::observe::Value;

/// The words that say of a table that it is a log, where it ends with one.
const LOGS: [&str; 4] = ["log", "logs", "audit", "audits"];

/// The words that say of a table that it has a row for each attempt, where it ends with one: with the state of each, it is
/// a history, and another attempt leaves another row.
const ATTEMPTS: [&str; 6] = ["job", "jobs", "run", "runs", "attempt", "attempts"];

/// The words that say of a column that it holds a state, where it ends with one.
const STATES: [&str; 4] = ["status", "state", "phase", "stage"];

/// States in which nobody is at work any more, whatever the import is about.
const AT_REST: [&str; 24] = [
    "aborted",
    "archived",
    "cancelled",
    "canceled",
    "complete",
    "completed",
    "deleted",
    "discarded",
    "done",
    "error",
    "errored",
    "expired",
    "failed",
    "failure",
    "finished",
    "imported",
    "invalid",
    "published",
    "ready",
    "rejected",
    "skipped",
    "succeeded",
    "success",
    "timed_out",
];

/// Tables that are called so, and that nobody refers to.
pub(super) fn logs(draft: &mut Draft) {
    for (name, table) in draft.tables(draft.runs.results[0]) {
        let is_referred_to = draft.rules.references.iter().any(|reference| reference.parent.table == name);
        if draft.rules.logs.contains(name) || is_referred_to {
            continue;
        }
        let has_state = || table.columns.iter().any(|column| ends_with(column, &STATES));
        if ends_with(name, &LOGS) {
            draft.add(&Rule::Log(name.to_owned()), "its name");
        } else if ends_with(name, &ATTEMPTS) && has_state() {
            draft.add(&Rule::Log(name.to_owned()), "its name and its states: it has a row for each attempt");
        }
    }
}

/// Columns that are called so and hold texts: what a finished run leaves settles, and what says so by itself.
pub(super) fn states(draft: &mut Draft) {
    for column in draft.columns() {
        if !ends_with(&column.column, &STATES)
            || draft.rules.settles.contains_key(&column)
            || draft.is_generated(&column)
        {
            continue;
        }
        let found = draft.runs.results.iter().flat_map(|world| values(world, &column));
        let found: BTreeSet<Option<&str>> = found.filter(|value| **value != Value::Null).map(Value::as_text).collect();
        // A number says nothing by itself.
        let Some(found) = found.into_iter().collect::<Option<BTreeSet<&str>>>().filter(|found| !found.is_empty())
        else {
            continue;
        };
        // As the application writes them.
        let is_loud = found.iter().all(|state| state.chars().all(|letter| !letter.is_ascii_lowercase()));
        let known = AT_REST.map(|state| if is_loud { state.to_ascii_uppercase() } else { state.to_owned() });
        let mut states: Vec<String> = found.iter().map(|&state| state.to_owned()).collect();
        states.extend(known.into_iter().filter(|state| !found.contains(state.as_str())));
        let left: Vec<String> = found.iter().map(|state| format!("\"{state}\"")).collect();
        let because = format!(
            "a finished run leaves {}; the other states say by their names that the work is over",
            left.join(", ")
        );
        draft.add(&Rule::Settles(column, states), because);
    }
}

/// Whether a table's name is the plural of a word: `books` of `book`, `boxes` of `box`, `categories` of `category`.
pub(super) fn is_plural_of(table: &str, word: &str) -> bool {
    let (table, word) = (table.to_ascii_lowercase(), word.to_ascii_lowercase());
    let stem = word.strip_suffix('y').map(|stem| format!("{stem}ies"));
    !word.is_empty() && (table == format!("{word}s") || table == format!("{word}es") || stem == Some(table))
}

/// Whether the last word of a name is one of these: `import_log`, `importLog`, `log`.
fn ends_with(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let Some(start) = name.len().checked_sub(word.len()).filter(|&start| name.is_char_boundary(start)) else {
            return false;
        };
        let (rest, last) = name.split_at(start);
        let begins_a_word = rest.is_empty()
            || rest.ends_with(['_', '-', '.'])
            || last.starts_with(|first: char| first.is_ascii_uppercase());
        begins_a_word && last.eq_ignore_ascii_case(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_counts() {
        for name in ["log", "LOGS", "import_log", "importLog", "audit"] {
            assert!(ends_with(name, &LOGS), "{name}");
        }
        for name in ["blog", "catalog", "log_lines", "", "g", "dialogs", "ölog"] {
            assert!(!ends_with(name, &LOGS), "{name}");
        }
        assert!(ends_with("jobStatus", &STATES) && !ends_with("estate", &STATES));
    }
}
