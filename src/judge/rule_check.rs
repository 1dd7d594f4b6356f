//! What is wrong with rules before anything is judged by them: a rule about what is never there holds in any world.
//!
//! Tables and columns have to be there in the world before the request or after a run without faults. Folders, files and
//! fields of an answer need not: some are made by failures only, or by other requests. There a name is wrong when what is
//! there instead shows it: a file that a run without faults makes and no rule speaks of, or a field of nearly that name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{answers, contents, spans};
use crate::observe::{Answer, Entry, Observation};
use crate::rules::pattern::{Hole, Pattern};
use crate::rules::{Column, FileOfRow, Object, Rules};

/// How much alike two names are of which one is meant for the other.
const ALIKE: f64 = 0.85;

/// What the rules say that cannot be meant, each with its remedy: malformed patterns, tables and columns that are not
/// there, folders and fields that are called otherwise.
///
/// To be asked before anything is judged by these rules, of the world before the request and of two runs without faults.
pub fn problems_of_rules(rules: &Rules, before: &Observation, results: [&Observation; 2]) -> Vec<String> {
    let mut problems = malformed(rules);
    problems.extend(without_states(rules));
    problems.extend(tables_and_columns(rules, &schema([before, results[0], results[1]])));
    problems.extend(folders(rules, before, results));
    problems.extend(fields(rules, results[0]));
    problems
}

/// The columns of all tables.
type Schema<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn schema(worlds: [&Observation; 3]) -> Schema<'_> {
    let mut schema = Schema::new();
    for (name, table) in worlds.into_iter().flat_map(|world| &world.tables) {
        let known = schema.entry(name).or_default();
        for column in &table.columns {
            if !known.contains(&column.as_str()) {
                known.push(column);
            }
        }
    }
    schema
}

fn malformed(rules: &Rules) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |rule: &str, pattern: &Pattern, hole: &dyn Fn(&Hole) -> Option<String>| {
        let of_hole = || pattern.holes().find_map(hole);
        if let Some(problem) = pattern.problem().map(ToOwned::to_owned).or_else(of_hole) {
            problems.push(format!("the pattern \"{pattern}\" of {rule} is malformed: {problem}"));
        }
    };
    let of_row = |table: &str, hole: &Hole| match hole {
        Hole { column: None, .. } => Some("{} names no column".to_owned()),
        Hole { table: Some(other), .. } if *other != table => {
            Some(format!("{{{hole}}} is of another table; only columns of {table} may stand there"))
        }
        Hole { .. } => None,
    };
    let files =
        [("row_needs_file_at", &rules.row_needs_file_at), ("file_named_after_row", &rules.file_named_after_row)];
    for (rule, FileOfRow { table, path }) in
        files.into_iter().flat_map(|(rule, all)| all.iter().map(move |of| (rule, of)))
    {
        check(rule, path, &|hole| of_row(table, hole));
    }
    for names in &rules.text_names_row {
        check("text_names_row", &names.pattern, &|hole| of_row(&names.parent, hole));
    }
    for generated in &rules.generated_in_files {
        let no_hole = |_: &Hole| Some("the paths of files have stars and no holes here".to_owned());
        check("generated_in_files", &generated.files, &no_hole);
        check("generated_in_files", &generated.pattern, &|hole| match hole {
            Hole { table: None, column: Some(_), .. } => {
                Some(format!("{{{hole}}} names no table; write {{table.{hole}}}"))
            }
            Hole { .. } => None,
        });
    }
    problems
}

fn without_states(rules: &Rules) -> impl Iterator<Item = String> {
    let empty = rules.settles.iter().filter(|(_, states)| states.is_empty());
    empty.map(|(Column { table, column }, _)| format!("settles names no state in which {column} of {table} may stay"))
}

/// The columns that the rules name.
fn columns(rules: &Rules) -> BTreeSet<Column> {
    let mut columns: Vec<&Column> = rules.generated_ids.iter().chain(&rules.generated).collect();
    columns.extend(rules.references.iter().flat_map(|reference| [&reference.child, &reference.parent]));
    columns.extend(rules.needs_child.iter().flat_map(|needs| [&needs.parent, &needs.child]));
    columns.extend(&rules.row_needs_file);
    columns.extend(rules.file_needs_row.iter().map(|needs| &needs.path));
    columns.extend(rules.settles.keys().chain(rules.paths_below.keys()));
    columns.extend(rules.stored.iter().map(|stored| &stored.key));
    columns.extend(rules.text_names_row.iter().map(|names| &names.column));
    let mut named: BTreeSet<Column> = columns.into_iter().cloned().collect();
    named.extend(rules.stored.iter().map(contents::column));
    named.extend(rules.spans.iter().flat_map(spans::columns));
    named.extend(rules.promises.iter().flat_map(answers::columns));
    let files = rules.row_needs_file_at.iter().chain(&rules.file_named_after_row);
    let files = files.map(|file| (&file.path, file.table.as_str()));
    let texts = rules.text_names_row.iter().map(|names| (&names.pattern, names.parent.as_str()));
    let inside = rules.generated_in_files.iter().map(|generated| (&generated.pattern, ""));
    for (pattern, table) in files.chain(texts).chain(inside) {
        let column = |hole: &Hole| Some(Column::new(hole.table.as_deref().unwrap_or(table), hole.column.as_deref()?));
        named.extend(pattern.holes().filter_map(column).filter(|column| !column.table.is_empty()));
    }
    named
}

fn tables_and_columns(rules: &Rules, schema: &Schema) -> Vec<String> {
    let columns = columns(rules);
    let mut tables: BTreeSet<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    tables.extend(rules.row_needs_file_at.iter().chain(&rules.file_named_after_row).map(|file| file.table.as_str()));
    tables.extend(rules.logs.iter().map(String::as_str));
    let mut problems = Vec::new();
    for &table in &tables {
        if rules.ignored_tables.contains(table) {
            problems
                .push(format!("the rules ignore the table {table}, and say something about it; drop one of the two"));
        }
    }
    // Whether an ignored table is there is not known: nobody looks at it.
    let is_missing = |table: &&str| !schema.contains_key(table) && !rules.ignored_tables.contains(*table);
    for table in tables.iter().copied().filter(is_missing) {
        let known: Vec<&str> = schema.keys().copied().collect();
        let there = if known.is_empty() { "the database has no table".to_owned() } else { there_are(&known) };
        problems
            .push(format!("the rules name a table that is not there: {table}; {}{there}", did_you_mean(table, &known)));
    }
    for Column { table, column } in &columns {
        let Some(known) = schema.get(table.as_str()).filter(|known| !known.contains(&column.as_str())) else {
            continue;
        };
        let (meant, all) = (did_you_mean(column, known), listed(known));
        problems
            .push(format!("the rules name a column that is not there: {column} of {table}; {meant}{table} has {all}"));
    }
    problems
}

/// What a run without faults leaves on the disk that no rule speaks of.
fn unclaimed<'a>(rules: &Rules, before: &Observation, results: [&'a Observation; 2]) -> BTreeSet<&'a str> {
    let files = results.into_iter().flat_map(|result| &result.files);
    let is_new = |(path, entry): &(&String, &Entry)| before.files.get(*path) != Some(*entry);
    let is_claimed = |path: &str| {
        rules.stands_alone(path)
            || rules.file_needs_row.iter().any(|needs| is_in(path, &needs.folder))
            || rules.file_named_after_row.iter().any(|named| is_named(&named.path, path))
    };
    let files = files.filter(|(_, entry)| **entry != Entry::EmptyDirectory).filter(is_new);
    files.map(|(path, _)| path.as_str()).filter(|path| !is_claimed(path)).collect()
}

fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_named(pattern: &Pattern, path: &str) -> bool {
    pattern.fit(path).is_some() || pattern.folders().iter().any(|folder| folder.fit(path).is_some())
}

fn folders(rules: &Rules, before: &Observation, results: [&Observation; 2]) -> Vec<String> {
    let worlds = [before, results[0], results[1]];
    let is_there = |folder: &str| worlds.iter().any(|world| world.files.keys().any(|path| is_in(path, folder)));
    let unclaimed = unclaimed(rules, before, results);
    let homes: BTreeSet<&str> = unclaimed.iter().flat_map(|path| above(path)).collect();
    let homes: Vec<&str> = homes.into_iter().collect();
    let files: Vec<&str> = unclaimed.into_iter().collect();
    let mut problems = Vec::new();

    let needs = rules.file_needs_row.iter().map(|needs| needs.folder.as_str());
    let named = rules.file_named_after_row.iter().chain(&rules.row_needs_file_at).map(|named| named.path.folder());
    let inside = rules.generated_in_files.iter().map(|generated| generated.files.folder());
    let folders: BTreeSet<&str> = needs.chain(named).chain(inside).collect();
    for folder in folders.into_iter().filter(|folder| !is_there(folder) && !homes.is_empty()) {
        let (meant, there) = (did_you_mean(folder, &homes), listed(&homes));
        problems.push(format!(
            "the rules name a folder that is not there: {folder}; {meant}a run without faults leaves files in {there} that no \
             rule speaks of"
        ));
    }
    for path in rules.stands_alone.iter().filter(|path| !is_there(path)) {
        let meant = did_you_mean(path, &files);
        if !meant.is_empty() {
            problems.push(format!("the rules name a file that is not there: {path}; {}", meant.trim_end()));
        }
    }
    for (Column { table, column }, folder) in &rules.paths_below {
        let holds_paths = |world: &&Observation| {
            let at = world.tables.get(table).and_then(|table| Some((table, table.column(column)?)));
            at.is_some_and(|(table, at)| table.rows.iter().any(|row| row[at].as_text().is_some()))
        };
        if !is_there(folder) && worlds.iter().any(holds_paths) {
            let known: BTreeSet<&str> =
                worlds.iter().flat_map(|world| world.files.keys()).flat_map(|path| above(path)).collect();
            let known: Vec<&str> = known.into_iter().collect();
            let there = if known.is_empty() { "there is no folder".to_owned() } else { there_are(&known) };
            let meant = did_you_mean(folder, &known);
            problems.push(format!(
                "the rules name a folder that is not there: {folder}, below which {column} of {table} has its paths; {meant}{there}"
            ));
        }
    }
    problems
}

/// The folders in which something is, from the outermost on.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(slash, _)| &path[..slash])
}

/// The fields that the rules name, and that the answer of a run without faults has under another name.
fn fields(rules: &Rules, result: &Observation) -> Vec<String> {
    let Some(Answer::Success(answer)) = &result.answer else { return Vec::new() };
    let escaped = |field: &str| field.replace('~', "~0").replace('/', "~1");
    let promised = rules.promises.iter().map(|promise| match &promise.object {
        Object::Answer => format!("/{}", escaped(&promise.field)),
        Object::Element { array, .. } => format!("{array}/*/{}", escaped(&promise.field)),
    });
    let pointers: BTreeSet<String> = promised.chain(rules.answer_may_differ.iter().cloned()).collect();
    let problem = |pointer: &String| {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Some(format!("\"{pointer}\" is no JSON pointer; write \"/{pointer}\""));
        }
        let names: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
        let (missing, known) = misnamed(answer, &names)?;
        let (meant, all) = (did_you_mean(&missing, &known), listed(&known));
        Some(format!(
            "the rules name a field that no answer without faults has: {missing} in \"{pointer}\"; {meant}it has {all}"
        ))
    };
    pointers.iter().filter_map(problem).collect()
}

/// The name that is not among those of its object, though one like it is; and those that are there.
fn misnamed<'j>(json: &'j Json, names: &[String]) -> Option<(String, Vec<&'j str>)> {
    let (name, rest) = names.split_first()?;
    match json {
        Json::Array(elements) if name == "*" => elements.iter().find_map(|element| misnamed(element, rest)),
        Json::Object(fields) if name == "*" => fields.values().find_map(|field| misnamed(field, rest)),
        Json::Array(elements) => misnamed(elements.get(name.parse::<usize>().ok()?)?, rest),
        Json::Object(fields) => {
            if let Some(field) = fields.get(name) {
                return misnamed(field, rest);
            }
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            (!did_you_mean(name, &known).is_empty()).then(|| (name.clone(), known))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

/// A name in a JSON pointer, as it is in the object.
pub(super) fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let likeness = |known: &str| {
        if last(name) == last(known) { 1.0 } else { strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()) }
    };
    let nearest = known.iter().map(|known| (likeness(known), known)).max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest
        .filter(|(alike, _)| *alike >= ALIKE)
        .map(|(_, known)| format!("did you mean \"{known}\"? "))
        .unwrap_or_default()
}

fn there_are(names: &[&str]) -> String {
    format!("there {} {}", if names.len() == 1 { "is" } else { "are" }, listed(names))
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
