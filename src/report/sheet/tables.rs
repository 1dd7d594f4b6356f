//! What is left in a world, as small tables: what is new, changed, gone or missing, and what breaks a promise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::judge::{Criterion, FileView, RowView, State, TableView};
use crate::report::{words, wrap};
use crate::story::WorldSeen;

/// The widest cell, in columns.
const CELL: usize = 24;
/// The widest table, in columns, without what is said beside a row.
const TABLE: usize = 112;
/// How many rows and files are shown, before the rest is counted.
const SHOWN: usize = 3;

/// The tables; nothing when the world is as it was before.
pub(super) fn render(world: &WorldSeen) -> String {
    let Some(view) = &world.view else { return String::new() };
    let mut text: String = view.tables.iter().map(rows).collect();
    text.push_str(&files(&view.files, &view.files_not_shown));
    text
}

/// A line of a table, and what is said beside it.
struct Line {
    state: State,
    cells: Vec<String>,
    beside: String,
}

fn rows(table: &TableView) -> String {
    let line = |row: &RowView| {
        let cells = table.columns.iter().zip(&row.values).map(|(column, is)| match row.was.get(column) {
            Some(was) => format!("{} → {}", cell(was), cell(is)),
            None => cell(is),
        });
        let name = format!("{} {}", mark(row.state), row.row);
        let cells = std::iter::once(name).chain(cells).collect();
        Line { state: row.state, cells, beside: beside(row.state, &row.breaks) }
    };
    let head: Vec<String> = std::iter::once(&table.table).chain(&table.columns).cloned().collect();
    // What changed, and what a row that breaks a promise does not have.
    let says_more = |&column: &usize| {
        let name = &table.columns[column];
        let lacks = |row: &RowView| !row.breaks.is_empty() && row.values.get(column).is_some_and(|is| is == "null");
        table.rows.iter().any(|row| row.was.contains_key(name) || lacks(row))
    };
    // The first column is most often what people call the row by.
    let says_more = (0..table.columns.len()).filter(says_more).map(|column| column + 1);
    let first: Vec<usize> = std::iter::once(1).filter(|_| !table.columns.is_empty()).chain(says_more).collect();
    aligned(&head, &first, table.rows.iter().map(line).collect(), &table.not_shown, "row")
}

fn files(files: &[FileView], not_shown: &BTreeMap<State, usize>) -> String {
    let line = |file: &FileView| {
        let holds = file.was.as_ref().map_or(file.holds.clone(), |was| format!("{was} → {}", file.holds));
        let path = format!("{} {}", mark(file.state), words::visible(&file.path));
        Line { state: file.state, cells: vec![path, holds], beside: beside(file.state, &file.breaks) }
    };
    aligned(&["files".to_owned(), String::new()], &[1], files.iter().map(line).collect(), not_shown, "file")
}

/// The lines below one another, with as many columns as fit; those that say more before the others.
fn aligned(
    head: &[String],
    first: &[usize],
    lines: Vec<Line>,
    not_shown: &BTreeMap<State, usize>,
    what: &str,
) -> String {
    let mut not_shown = not_shown.clone();
    let lines = few(lines, &mut not_shown);
    let more = more(&not_shown, what);
    if lines.is_empty() && more.is_empty() {
        return String::new();
    }
    let width = |at: usize| {
        let cells = lines.iter().map(|line| &line.cells[at]).chain([&head[at]]);
        cells.map(|cell| wrap::columns(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let columns = fitting(&widths, first);
    let row = |cells: &[String], beside: &str| {
        let cells = columns.iter().map(|&at| wrap::pad(&cells[at], widths[at]));
        format!("    {}  {beside}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
    };
    let mut text = row(head, "");
    for line in &lines {
        text.push_str(&row(&line.cells, &line.beside));
    }
    if !more.is_empty() {
        let _ = writeln!(text, "      and {more}");
    }
    text
}

/// The first few lines, those with something wrong before the others; the rest is counted.
fn few(lines: Vec<Line>, not_shown: &mut BTreeMap<State, usize>) -> Vec<Line> {
    let mut ranked: Vec<usize> = (0..lines.len()).collect();
    ranked.sort_by_key(|&at| lines[at].beside.is_empty());
    ranked.truncate(SHOWN);
    let mut kept = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        if ranked.contains(&at) {
            kept.push(line);
        } else {
            *not_shown.entry(line.state).or_insert(0) += 1;
        }
    }
    kept
}

/// The columns that fit into the widest table, in their order: the name, then those that come first, then the others.
fn fitting(widths: &[usize], first: &[usize]) -> BTreeSet<usize> {
    let mut columns = BTreeSet::new();
    let mut used = 0;
    for at in std::iter::once(0).chain(first.iter().copied()).chain(0..widths.len()) {
        if !columns.contains(&at) && (at == 0 || used + widths[at] + 2 <= TABLE) {
            columns.insert(at);
            used += widths[at] + 2;
        }
    }
    columns
}

/// How many more there are that differ from before.
fn more(not_shown: &BTreeMap<State, usize>, what: &str) -> String {
    let more = not_shown.iter().filter_map(|(state, &count)| {
        let said = match state {
            State::AsBefore => return None,
            State::New => "new",
            State::Changed => "changed",
            State::Gone => "gone",
            State::Missing => "missing",
        };
        Some(format!(
            "{} {said}",
            words::counted(count, &format!("{what} more that is"), &format!("{what}s more that are"))
        ))
    });
    more.collect::<Vec<_>>().join(", ")
}

const fn mark(state: State) -> char {
    match state {
        State::AsBefore => '=',
        State::New => '+',
        State::Changed => '~',
        State::Gone => '-',
        State::Missing => '?',
    }
}

/// What is wrong with a row or a file.
fn beside(state: State, breaks: &BTreeSet<Criterion>) -> String {
    let names: Vec<&str> = breaks.iter().map(|criterion| criterion.name()).collect();
    let missing = if state == State::Missing { "MISSING " } else { "" };
    if names.is_empty() { missing.to_owned() } else { format!("{missing}← {}", names.join(", ")) }
}

/// A value, without the quotes that set it off in a sentence.
fn cell(value: &str) -> String {
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    wrap::clip(&words::visible(&bare.replace("\\\"", "\"")), CELL)
}
