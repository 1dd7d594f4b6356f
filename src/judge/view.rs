//! A judged world for people: its tables and files by role, small, with what changed and what is wrong.
//!
//! It shows what differs from the world before the request, and what breaks a promise. Of many rows the first few are
//! shown, and the others are counted. It decides nothing: what is wrong was judged before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Criterion, Judgement, Reference, RowOrFile};
use crate::observe::{Answer, Entry, Observation};
use crate::roles::{Canonical, Comparison, Extras, Names, Seen, digest_of};

/// How many rows of a table, and how many files, are shown.
const SHOWN: usize = 5;

/// A world at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldView {
    /// All tables, by name.
    pub tables: Vec<TableView>,
    /// The files that are shown, by path.
    pub files: Vec<FileView>,
    /// How many more files there are, by how they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files_not_shown: BTreeMap<State, usize>,
}

impl WorldView {
    /// A short name: equal for worlds that look the same, in every process.
    ///
    /// # Panics
    /// Never: a view holds nothing that JSON cannot say.
    pub fn name(&self) -> String {
        let json = serde_json::to_vec(self).expect("a view is names, words and numbers");
        format!("{:012x}", digest_of(&json) >> 80)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableView {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub count: usize,
    /// The columns, without those that are made up anew in each run.
    pub columns: Vec<String>,
    /// The rows that are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowView>,
    /// How many more rows there are, by how they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_shown: BTreeMap<State, usize>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowView {
    /// Its name by role.
    pub row: String,
    /// How it is.
    pub state: State,
    /// Its values, one for each column.
    pub values: Vec<String>,
    /// What stood in the columns that changed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub was: BTreeMap<String, String>,
    /// The criteria that it breaks.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub breaks: BTreeSet<Criterion>,
}

/// A file, or a directory with nothing in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// Its path, with ids replaced.
    pub path: String,
    /// What stands there.
    pub holds: String,
    /// How it is.
    pub state: State,
    /// What stood there before, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The criteria that it breaks.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub breaks: BTreeSet<Criterion>,
}

/// How a row or a file is, measured against the world before the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it was before.
    AsBefore,
    /// It was not there before.
    New,
    /// It is otherwise than before.
    Changed,
    /// It was there before.
    Gone,
    /// It is not there, and is after a run without faults; told only where that is a breach.
    Missing,
}

/// The world before the request.
pub fn view_before(reference: &Reference) -> WorldView {
    let lens = &reference.lens;
    let names = Names::new(Seen { lens, observation: &reference.before, form: &reference.before_form });
    let tables = names.table_names().map(|table| {
        let rows = (0..names.count_of(table)).map(|row| Shown::new(&names, table, row, State::AsBefore));
        table_view(&names, table, rows.collect(), Unchanged::Shown)
    });
    let tables = tables.collect();
    let files = reference.before.files.iter().map(|(path, what)| file_view(&names, (path, what), State::AsBefore));
    let (files, files_not_shown) = cut(files.collect(), standing, Unchanged::Shown);
    WorldView { tables, files, files_not_shown }
}

/// The world of this observation, which was judged so.
pub fn view(reference: &Reference, observation: &Observation, judgement: &Judgement) -> WorldView {
    let lens = &reference.lens;
    let form = Canonical::new(lens, observation);
    let seen = |observation, form| Seen { lens, observation, form };
    let now = seen(observation, &form);
    let since = Comparison::new(seen(&reference.before, &reference.before_form), now, Extras::Told);
    let lacking = lacking(judgement, observation);
    let result = seen(&reference.result, &reference.result_form);
    let wanted = (!lacking.is_empty()).then(|| Comparison::new(result, now, Extras::AllowedInLogs));
    let basis = Basis { since, wanted, lacking, judgement };
    let tables = basis.since.to.table_names().map(|table| basis.table(table)).collect();
    let (files, files_not_shown) = cut(basis.files(observation), standing, Unchanged::Counted);
    WorldView { tables, files, files_not_shown }
}

/// The broken criteria that want the whole result: what is missing breaks them.
fn lacking(judgement: &Judgement, observation: &Observation) -> BTreeSet<Criterion> {
    let broken = |criterion: &Criterion| judgement.broken.contains_key(criterion);
    let is_acknowledged = observation.answer.as_ref().is_some_and(Answer::is_success);
    let wants_all = |criterion: &Criterion| match criterion {
        Criterion::RetryConverges => true,
        Criterion::FailureSurfaced | Criterion::AllOrNothing => is_acknowledged,
        Criterion::ResponseComplete
        | Criterion::NoOrphanRows
        | Criterion::NoOrphanFiles
        | Criterion::NoStuckJob
        | Criterion::RetrySucceeds => false,
    };
    Criterion::ALL.into_iter().filter(broken).filter(wants_all).collect()
}

/// What is compared with what.
struct Basis<'a> {
    since: Comparison<'a>,
    wanted: Option<Comparison<'a>>,
    lacking: BTreeSet<Criterion>,
    judgement: &'a Judgement,
}

/// A row that may be shown. Its values are put into words only if it is: of many rows only the first few are.
struct Shown<'n, 'a> {
    names: &'n Names<'a>,
    row: usize,
    /// Its place in the order of names.
    place: usize,
    state: State,
    was: &'n [(&'a str, String)],
    breaks: BTreeSet<Criterion>,
}

/// Whether rows and files that are as before, and break nothing, are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unchanged {
    Shown,
    Counted,
}

impl<'n, 'a> Shown<'n, 'a> {
    fn new(names: &'n Names<'a>, table: &str, row: usize, state: State) -> Self {
        Self { names, row, place: names.place(table, row), state, was: &[], breaks: BTreeSet::new() }
    }

    fn in_words(self, table: &str) -> RowView {
        let Self { names, row, state, was, breaks, .. } = self;
        let was = was.iter().map(|(column, was)| ((*column).to_owned(), was.clone())).collect();
        RowView { row: names.row(table, row), state, values: names.values(table, row), was, breaks }
    }
}

impl Basis<'_> {
    fn table(&self, table: &str) -> TableView {
        let now = &self.since.to;
        let (gone, new) = self.since.tables.get(table).cloned().unwrap_or_default();
        let new: BTreeSet<usize> = new.into_iter().collect();
        let changed: BTreeMap<usize, _> = self.since.changed(table).into_iter().map(|row| (row.new, row.was)).collect();
        let rows = (0..now.count_of(table)).map(|row| {
            let (state, was) = match changed.get(&row) {
                Some(was) => (State::Changed, was.as_slice()),
                None if new.contains(&row) => (State::New, [].as_slice()),
                None => (State::AsBefore, [].as_slice()),
            };
            let breaks = self.breaks(&RowOrFile::Row { table: table.to_owned(), row });
            Shown { was, breaks, ..Shown::new(now, table, row, state) }
        });
        let mut rows: Vec<Shown> = rows.collect();
        rows.extend(gone.into_iter().map(|row| Shown::new(&self.since.from, table, row, State::Gone)));
        if let Some(wanted) = &self.wanted {
            let missing = wanted.tables.get(table).map(|(gone, _)| gone.as_slice()).unwrap_or_default();
            rows.extend(missing.iter().map(|&row| {
                let breaks = self.lacking.clone();
                Shown { breaks, ..Shown::new(&wanted.from, table, row, State::Missing) }
            }));
        }
        table_view(now, table, rows, Unchanged::Counted)
    }

    fn files(&self, observation: &Observation) -> Vec<FileView> {
        let (names, differing) = (&self.since.to, &self.since.files);
        let was = |path: &str| {
            let changed = differing.changed.iter().find(|(_, (new, _))| *new == path);
            changed.map(|((_, was), _)| self.since.from.entry(was))
        };
        let is_new = |path: &str| differing.new.iter().any(|(new, _)| *new == path);
        let mut files: Vec<FileView> = Vec::new();
        for (path, what) in &observation.files {
            let was = was(path);
            let state = match &was {
                Some(_) => State::Changed,
                None if is_new(path) => State::New,
                None => State::AsBefore,
            };
            let breaks = self.breaks(&RowOrFile::File(path.clone()));
            files.push(FileView { was, breaks, ..file_view(names, (path, what), state) });
        }
        files.extend(differing.gone.iter().map(|&file| file_view(&self.since.from, file, State::Gone)));
        let wanted = self.wanted.iter().flat_map(|wanted| wanted.files.gone.iter().map(move |&file| (wanted, file)));
        files.extend(wanted.map(|(wanted, file)| {
            let breaks = self.lacking.clone();
            FileView { breaks, ..file_view(&wanted.from, file, State::Missing) }
        }));
        // Paths hold ids, so their own order differs from run to run.
        files.sort_by(|a, b| (&a.path, a.state).cmp(&(&b.path, b.state)));
        files
    }

    fn breaks(&self, place: &RowOrFile) -> BTreeSet<Criterion> {
        let broken = self.judgement.broken.iter().filter(|(_, broken)| broken.places.contains(place));
        broken.map(|(&criterion, _)| criterion).collect()
    }
}

fn table_view(names: &Names, table: &str, mut rows: Vec<Shown>, unchanged: Unchanged) -> TableView {
    rows.sort_by_key(|shown| (shown.state >= State::Gone, shown.place));
    let (rows, not_shown) = cut(rows, |row| (row.state, !row.breaks.is_empty()), unchanged);
    let rows = rows.into_iter().map(|row| row.in_words(table)).collect();
    let columns = names.columns(table).into_iter().map(ToOwned::to_owned).collect();
    TableView { table: table.to_owned(), count: names.count_of(table), columns, rows, not_shown }
}

fn file_view(names: &Names, (path, what): (&str, &Entry), state: State) -> FileView {
    FileView { path: names.path(path), holds: names.entry(what), state, was: None, breaks: BTreeSet::new() }
}

fn standing(file: &FileView) -> (State, bool) {
    (file.state, !file.breaks.is_empty())
}

/// The first few, those that break something before the others, and how many more there are of each state.
fn cut<T>(
    items: Vec<T>,
    standing: impl Fn(&T) -> (State, bool),
    unchanged: Unchanged,
) -> (Vec<T>, BTreeMap<State, usize>) {
    let importance = |item: &T| match standing(item) {
        (_, true) => Some(0),
        (State::AsBefore, false) => (unchanged == Unchanged::Shown).then_some(2),
        (State::New | State::Changed | State::Gone | State::Missing, false) => Some(1),
    };
    let ranked = items.iter().enumerate().filter_map(|(at, item)| importance(item).map(|rank| (rank, at)));
    let mut ranked: Vec<(usize, usize)> = ranked.collect();
    ranked.sort_unstable();
    let shown: BTreeSet<usize> = ranked.into_iter().take(SHOWN).map(|(_, at)| at).collect();
    let (mut kept, mut not_shown) = (Vec::new(), BTreeMap::new());
    for (at, item) in items.into_iter().enumerate() {
        if shown.contains(&at) {
            kept.push(item);
        } else {
            *not_shown.entry(standing(&item).0).or_insert(0) += 1;
        }
    }
    (kept, not_shown)
}
