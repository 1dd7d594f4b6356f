//! A world as tables: what changed and what is wrong, marked in words as well as in colour.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{Criterion, FileView, RowView, State, TableView, WorldView};
use crate::report::words;

/// A world, as the page shows it.
pub(super) struct WorldPart<'r> {
    pub(super) name: &'r str,
    pub(super) tables: Vec<TablePart<'r>>,
    pub(super) files: Vec<FilePart>,
    pub(super) files_not_shown: Option<String>,
}

/// A table.
pub(super) struct TablePart<'r> {
    pub(super) table: &'r str,
    pub(super) count: String,
    pub(super) columns: &'r [String],
    pub(super) rows: Vec<RowPart>,
    pub(super) not_shown: Option<String>,
}

/// A row.
pub(super) struct RowPart {
    pub(super) row: String,
    pub(super) standing: Standing,
    pub(super) values: Vec<(String, Option<String>)>,
}

/// A file.
pub(super) struct FilePart {
    pub(super) path: String,
    pub(super) standing: Standing,
    pub(super) holds: (String, Option<String>),
}

/// How a row or file is.
pub(super) struct Standing {
    pub(super) class: &'static str,
    pub(super) mark: &'static str,
    pub(super) state: &'static str,
    pub(super) breaks: String,
}

impl<'r> WorldPart<'r> {
    pub(super) fn new(name: &'r str, view: &'r WorldView) -> Self {
        Self {
            name,
            tables: view.tables.iter().map(TablePart::new).collect(),
            files: view.files.iter().map(FilePart::new).collect(),
            files_not_shown: not_shown(&view.files_not_shown),
        }
    }
}

impl<'r> TablePart<'r> {
    fn new(view: &'r TableView) -> Self {
        Self {
            table: &view.table,
            count: words::counted(view.count, "row", "rows"),
            columns: if view.rows.is_empty() { &[] } else { &view.columns },
            rows: view.rows.iter().map(|row| RowPart::new(row, &view.columns)).collect(),
            not_shown: not_shown(&view.not_shown),
        }
    }
}

impl RowPart {
    fn new(view: &RowView, columns: &[String]) -> Self {
        let values = columns.iter().zip(&view.values);
        let values =
            values.map(|(column, value)| (words::visible(value), view.was.get(column).map(|was| words::visible(was))));
        Self { row: words::visible(&view.row), standing: standing(view.state, &view.breaks), values: values.collect() }
    }
}

impl FilePart {
    fn new(view: &FileView) -> Self {
        let holds = (words::visible(&view.holds), view.was.as_deref().map(words::visible));
        Self { path: words::visible(&view.path), standing: standing(view.state, &view.breaks), holds }
    }
}

fn standing(state: State, breaks: &BTreeSet<Criterion>) -> Standing {
    let (class, mark, state) = match state {
        State::AsBefore => ("before", "", "as before"),
        State::New => ("new", "+", "new"),
        State::Changed => ("changed", "~", "changed"),
        State::Gone => ("gone", "−", "gone"),
        State::Missing => ("missing", "∅", "missing"),
    };
    let breaks: Vec<&str> = breaks.iter().map(|criterion| criterion.name()).collect();
    Standing { class, mark, state, breaks: breaks.join(", ") }
}

fn not_shown(counts: &BTreeMap<State, usize>) -> Option<String> {
    let many = |(&state, &count): (&State, &usize)| {
        let state = standing(state, &BTreeSet::new()).state;
        format!("{} {state}", words::number(count as u64))
    };
    (!counts.is_empty()).then(|| counts.iter().map(many).collect::<Vec<_>>().join(", "))
}
