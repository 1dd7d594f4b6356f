//! Runs a flow outside the harness, and looks at all that it leaves.

use std::collections::BTreeMap;
use std::path::Path;

use halfway::{Flow, World};

/// Everything in a world: rows by table, and files by path.
type Contents = BTreeMap<String, Vec<String>>;

/// What a flow answered to a request, and whether the world is as it was before.
pub(crate) struct Refusal {
    /// The error, if there was one.
    pub(crate) error: Option<String>,
    /// What was there before the request.
    pub(crate) before: Contents,
    /// What was there after it.
    pub(crate) after: Contents,
}

/// Prepares a world for one request, and sends another to it.
pub(crate) fn send<F: Flow>(flow: &F, prepared_for: &F::Request, sent: &F::Request) -> Refusal {
    let dir = tempfile::tempdir().expect("a directory");
    let files = dir.path().join("files");
    std::fs::create_dir(&files).expect("a directory");
    let database = dir.path().join("world.sqlite");
    let world = World::new(format!("sqlite://{}?mode=rwc", database.display()), &files);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        flow.prepare(&world, prepared_for).await.expect("prepared");
        let app = flow.boot(&world).await.expect("booted");
        let before = contents(&database, &files);
        let error = flow.import(&app, sent).await.err().map(|error| error.into().to_string());
        Refusal { error, before, after: contents(&database, &files) }
    })
}

fn contents(database: &Path, files: &Path) -> Contents {
    let mut contents = tables(database).expect("the database can be read");
    let mut folders = vec![files.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("its entries, too").path();
            let bytes = if path.is_dir() { Vec::new() } else { std::fs::read(&path).expect("the file can be read") };
            contents.insert(path.display().to_string(), vec![format!("{bytes:?}")]);
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    contents
}

fn tables(database: &Path) -> rusqlite::Result<Contents> {
    let connection = rusqlite::Connection::open(database)?;
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?;
    let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let mut tables = Contents::new();
    for name in names {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = select.column_count();
        let row = |row: &rusqlite::Row| {
            (0..columns).map(|at| row.get_ref(at).map(|value| format!("{value:?}"))).collect::<Result<Vec<_>, _>>()
        };
        let rows = select.query_map([], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
        tables.insert(name, rows.into_iter().map(|values| values.join("|")).collect());
    }
    Ok(tables)
}
