//! Worlds made by hand: rows and files in every state, and values that are up to no good.

use std::collections::{BTreeMap, BTreeSet};

use halfway::judge::{Criterion, FileView, RowView, State, TableView, WorldView};
use halfway::story::WorldSeen;

/// What a page must show as it is, and never run.
pub(crate) const SCRIPT: &str = "<script>document.title = 'run'</script>";

fn row(name: &str, state: State, values: &[&str], breaks: &[Criterion]) -> RowView {
    let (values, breaks) = (values.iter().map(|&value| value.into()).collect(), breaks.iter().copied().collect());
    RowView { row: name.into(), state, values, was: BTreeMap::new(), breaks }
}

fn file(path: &str, holds: &str, state: State, breaks: &[Criterion]) -> FileView {
    let breaks: BTreeSet<Criterion> = breaks.iter().copied().collect();
    FileView { path: path.into(), holds: holds.into(), state, was: None, breaks }
}

fn chapters(rows: Vec<RowView>, count: usize, not_shown: &[(State, usize)]) -> TableView {
    let columns = ["episode_id", "title", "start_ms"].map(Into::into).into();
    TableView { table: "chapters".into(), count, columns, rows, not_shown: not_shown.iter().copied().collect() }
}

fn segments(rows: Vec<RowView>, not_shown: &[(State, usize)]) -> TableView {
    let columns = ["body", "chapter_id"].map(Into::into).into();
    let not_shown = not_shown.iter().copied().collect();
    TableView { table: "segments".into(), count: 600, columns, rows, not_shown }
}

/// The world before the request.
pub(crate) fn before() -> WorldSeen {
    let rows = vec![
        row("segments-1", State::AsBefore, &["\"Hello\"", "null"], &[]),
        row("segments-2", State::AsBefore, &["\"世界\"", "null"], &[]),
    ];
    WorldSeen::of(WorldView {
        tables: vec![chapters(Vec::new(), 0, &[]), segments(rows, &[(State::AsBefore, 598)])],
        files: vec![file("audio", "an empty directory", State::AsBefore, &[])],
        files_not_shown: BTreeMap::new(),
    })
}

/// A world with something wrong in every way.
pub(crate) fn broken() -> WorldSeen {
    let orphan = [Criterion::NoOrphanRows, Criterion::RetryConverges];
    let mut linked = row("segments-1", State::Changed, &["\"Hello\"", "chapters-2"], &orphan);
    linked.was = [("chapter_id".to_owned(), "null".to_owned())].into();
    let chapter = [
        row("chapters-1", State::New, &["episode-1", &format!("{SCRIPT:?}"), "0"], &orphan),
        row("chapters-2", State::New, &["episode-1", "\"Ein | Strich & ein `Strich`\"", "94500"], &[]),
        row("chapters-3", State::Missing, &["episode-1", "\"Outro\"", "312000"], &orphan[1..]),
    ];
    let mut cut = file("audio/<chapters-1>.mp3", "12 bytes", State::Changed, &orphan[..1]);
    cut.was = Some("1,204 bytes".into());
    WorldSeen::of(WorldView {
        tables: vec![
            chapters(chapter.into(), 12, &[(State::New, 10)]),
            segments(
                vec![linked, row("segments-2", State::Gone, &["\"世界\"", "null"], &[])],
                &[(State::AsBefore, 3), (State::Changed, 595)],
            ),
        ],
        files: vec![
            cut,
            file("audio/left.tmp", "3 bytes", State::New, &[Criterion::NoOrphanFiles]),
            file("audio/lost.mp3", "9 bytes", State::Missing, &orphan[1..]),
        ],
        files_not_shown: [(State::New, 2)].into(),
    })
}
