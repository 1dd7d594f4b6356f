//! The table `[rules]`: for each rule a list of what its method takes, as a report prints the rules that it infers.

use crate::document::{self, Keys, Mistake, table, text, texts};
use crate::observe::Value;
use crate::rules::Rules;

/// What takes one text, and so on.
const KEYS: [&str; 17] = [
    "inferred",
    "not_inferred",
    "generated_id",
    "generated",
    "log",
    "ignore_table",
    "reference",
    "needs_child",
    "row_needs_file",
    "file_needs_row",
    "paths_below",
    "row_needs_file_at",
    "file_named_after_row",
    "text_names_row",
    "file_stands_alone",
    "generated_in_files",
    "settles",
];

/// The rules that are inferred, and those of the table; without inference where it says so.
pub(super) fn read(value: &document::Value<'_>, mistakes: &mut Vec<Mistake>) -> Rules {
    let what = "rules, such as generated_id = [[\"users\", \"id\"]]";
    let Some(all) = table(value, what, mistakes) else { return Rules::new() };
    let keys = Keys::new(all, value.span(), &KEYS, mistakes);
    let is_inferred = keys.get("inferred").is_none_or(|value| {
        let said = value.get_ref().as_bool();
        if said.is_none() {
            mistakes.push(Mistake::new(value.span(), "this is neither true nor false", "false: no rule is inferred"));
        }
        said.unwrap_or(true)
    });
    let mut rules = if is_inferred { Rules::inferred() } else { Rules::new() };
    for key in KEYS.into_iter().filter(|&key| key != "inferred") {
        let Some(value) = keys.get(key) else { continue };
        let Some(calls) = value.get_ref().as_array() else {
            mistakes.push(Mistake::new(value.span(), "this is no list", format!("{key} = [{}]", example(key))));
            continue;
        };
        for call in calls {
            rules = with_one(rules, key, call, mistakes);
        }
    }
    rules
}

/// What one call of a rule looks like.
fn example(key: &str) -> &'static str {
    match key {
        "log" | "ignore_table" | "not_inferred" => "[\"table\"]",
        "file_stands_alone" => "[\"path\"]",
        "generated_id" | "generated" | "row_needs_file" => "[\"table\", \"column\"]",
        "reference" => "[\"child\", \"column\", \"parent\", \"id\"]",
        "needs_child" => "[\"parent\", \"id\", \"child\", \"column\"]",
        "file_needs_row" => "[\"folder\", \"table\", \"column\"]",
        "paths_below" => "[\"table\", \"column\", \"folder\"]",
        "row_needs_file_at" | "file_named_after_row" => "[\"table\", \"path/{id}\"]",
        "text_names_row" => "[\"table\", \"column\", \"pattern {id}\", \"parent\"]",
        "generated_in_files" => "[\"*.json\", \"pattern {}\"]",
        _ => "[\"table\", \"column\", [\"state\"]]",
    }
}

/// The rules with this one, where it is what the rule takes.
fn with_one(rules: Rules, key: &str, call: &document::Value<'_>, mistakes: &mut Vec<Mistake>) -> Rules {
    let wanted = example(key);
    if key == "settles" {
        return match settles(call, wanted, mistakes) {
            Some((table, column, states)) => rules.settles(&table, &column, states),
            None => rules,
        };
    }
    let Some(given) = texts(call, wanted, mistakes) else { return rules };
    let given: Vec<&str> = given.iter().map(|text| text.text.as_str()).collect();
    match (key, &given[..]) {
        ("not_inferred", [subject]) => rules.not_inferred(subject),
        ("generated_id", [table, column]) => rules.generated_id(table, column),
        ("generated", [table, column]) => rules.generated(table, column),
        ("log", [table]) => rules.log(table),
        ("ignore_table", [table]) => rules.ignore_table(table),
        ("reference", [child, column, parent, id]) => rules.reference(child, column, parent, id),
        ("needs_child", [parent, id, child, column]) => rules.needs_child(parent, id, child, column),
        ("row_needs_file", [table, column]) => rules.row_needs_file(table, column),
        ("file_needs_row", [folder, table, column]) => rules.file_needs_row(folder, table, column),
        ("paths_below", [table, column, folder]) => rules.paths_below(table, column, folder),
        ("row_needs_file_at", [table, pattern]) => rules.row_needs_file_at(table, pattern),
        ("file_named_after_row", [table, pattern]) => rules.file_named_after_row(table, pattern),
        ("text_names_row", [table, column, pattern, parent]) => rules.text_names_row(table, column, pattern, parent),
        ("file_stands_alone", [path]) => rules.file_stands_alone(path),
        ("generated_in_files", [paths, pattern]) => rules.generated_in_files(paths, pattern),
        _ => {
            mistakes.push(Mistake::new(call.span(), "this is not what the rule takes", wanted));
            rules
        }
    }
}

/// A table, its column, and the states in which a row may stay.
fn settles(
    call: &document::Value<'_>,
    wanted: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<(String, String, Vec<Value>)> {
    let parts: Vec<&document::Value<'_>> = call.get_ref().as_array().into_iter().flatten().collect();
    let [table, column, states] = parts[..] else {
        mistakes.push(Mistake::new(call.span(), "this is not what the rule takes", wanted));
        return None;
    };
    let states = texts(states, wanted, mistakes)?;
    let states = states.iter().map(|state| Value::from(state.text.as_str())).collect();
    Some((text(table, wanted, mistakes)?.text, text(column, wanted, mistakes)?.text, states))
}
