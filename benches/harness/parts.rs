//! What a case is made of besides its attempts, each part on its own: how long it takes once.
//!
//! The harness does not let itself be timed from inside. These are the same operations through the public interface, with a
//! dump of our own; how often a case needs each depends on what it shares with others.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use halfway::judge::{Reference, Words, judge};
use halfway::observe::{Answer, Entry, Moment, Observation, Table, Value};
use halfway::{Flow, World};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::by_hand::{attempt, runtime, world};

/// The parts with their times in microseconds, the median of several rounds.
pub(crate) fn of<F: Flow>(flow: &F, request: &F::Request, parent: &Path, rounds: usize) -> Vec<(&'static str, f64)> {
    let dir = tempfile::tempdir_in(parent).expect("a temporary directory");
    let (runtime, world) = (runtime(), world(dir.path()));
    runtime.block_on(flow.prepare(&world, request)).expect("prepared");
    let before = observe(&world, dir.path(), None);
    let app = runtime.block_on(flow.boot(&world)).expect("booted");
    assert!(attempt(&runtime, flow, &app, request), "the import works when nothing breaks it");
    drop(app);
    let answer = Some(Answer::Failure("nobody knows".to_owned()));
    let result = observe(&world, dir.path(), answer.clone());
    let rules = flow.rules(request);
    let reference = Reference::new(&rules, before, [result.clone(), result.clone()]);

    let copy = || {
        let to = tempfile::tempdir_in(parent).expect("a temporary directory");
        copy_folder(dir.path(), to.path());
    };
    vec![
        ("start of the application", time(rounds, || drop(runtime.block_on(flow.boot(&world)).expect("booted")))),
        ("copy of a world, and its removal", time(rounds, copy)),
        ("look at a world: all rows, all files", time(rounds, || drop(observe(&world, dir.path(), answer.clone())))),
        ("verdict on what was seen", time(rounds, || drop(judge(&reference, Moment::AtRest, &result, Words::Omitted)))),
    ]
}

fn time(rounds: usize, part: impl Fn()) -> f64 {
    const REPEATED: u32 = 20;
    let round = || {
        let begin = Instant::now();
        (0..REPEATED).for_each(|_| part());
        begin.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATED)
    };
    crate::median((0..rounds).map(|_| round()).collect())
}

fn observe(world: &World, dir: &Path, answer: Option<Answer>) -> Observation {
    let mut files = BTreeMap::new();
    read_folder(world.dir(), "", &mut files);
    Observation { tables: dump(&dir.join("world.sqlite")), files, answer, ..Observation::default() }
}

fn dump(database: &Path) -> BTreeMap<String, Table> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("opened");
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("asked");
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).expect("asked").map(|name| name.expect("read")).collect();
    names
        .into_iter()
        .map(|name| {
            let mut rows = connection.prepare(&format!("SELECT * FROM \"{name}\"")).expect("asked");
            let columns: Vec<String> = rows.column_names().into_iter().map(str::to_owned).collect();
            let width = columns.len();
            let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get_ref(at).map(value)).collect();
            let rows = rows.query_map([], row).expect("asked").map(|row| row.expect("read")).collect();
            (name, Table { columns, rows })
        })
        .collect()
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Entry>) {
    for entry in fs::read_dir(folder).expect("listed") {
        let entry = entry.expect("listed");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, Entry::File(fs::read(entry.path()).expect("read").into()));
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("made");
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
