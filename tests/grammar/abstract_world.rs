//! A world as the naive side sees it: rows and files in plain collections.

use std::collections::{BTreeMap, BTreeSet};

use super::program::{Change, Content, Ending, Folder, Key, Path, Program, Seed, State, Table, Which};

/// An id of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    /// Of the caller's own choice.
    Given(Key),
    /// Made up before the first start.
    Seeded(Table, Key),
    /// Made up in this attempt.
    Fresh(u8, Table, Key),
}

/// A path, with the id that stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePath {
    pub(crate) folder: Folder,
    pub(crate) doc: Id,
    pub(crate) ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) id: Id,
    pub(crate) state: State,
    pub(crate) path: Option<FilePath>,
    pub(crate) parent: Option<Id>,
}

impl Row {
    /// The ids of other rows, and perhaps its own, that stand in it.
    pub(crate) fn names(&self) -> Vec<Id> {
        self.parent.into_iter().chain(self.path.map(|path| path.doc)).collect()
    }
}

/// The rows of each table, in the order in which they were inserted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Database {
    tables: BTreeMap<Table, Vec<Row>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AbstractWorld {
    pub(crate) database: Database,
    pub(crate) files: BTreeMap<FilePath, Content>,
    pub(crate) folders: BTreeSet<Folder>,
    /// The rows of `docs` that have a folder of their own, or had.
    pub(crate) own_folders: BTreeSet<Id>,
}

/// The effect itself failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

impl Database {
    pub(crate) fn rows(&self, table: Table) -> &[Row] {
        self.tables.get(&table).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn has(&self, table: Table, id: Id) -> bool {
        self.rows(table).iter().any(|row| row.id == id)
    }

    pub(crate) fn insert(&mut self, table: Table, row: Row) -> Result<(), Refused> {
        if self.has(table, row.id) {
            return Err(Refused);
        }
        self.tables.entry(table).or_default().push(row);
        Ok(())
    }

    pub(crate) fn upsert(&mut self, table: Table, row: Row) {
        let rows = self.tables.entry(table).or_default();
        match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }

    pub(crate) fn update(&mut self, table: Table, is_meant: impl Fn(&Row) -> bool, change: impl Fn(&mut Row)) {
        self.tables.entry(table).or_default().iter_mut().filter(|row| is_meant(row)).for_each(change);
    }

    pub(crate) fn delete(&mut self, table: Table, is_meant: impl Fn(&Row) -> bool) {
        self.tables.entry(table).or_default().retain(|row| !is_meant(row));
    }
}

impl AbstractWorld {
    /// Whether nothing is in the row's own folder.
    pub(crate) fn is_own_empty(&self, doc: Id) -> bool {
        self.in_own_folder(doc).next().is_none()
    }

    pub(crate) fn in_own_folder(&self, doc: Id) -> impl Iterator<Item = FilePath> {
        self.files.keys().copied().filter(move |path| path.folder == Folder::Own && path.doc == doc)
    }

    pub(crate) fn write(&mut self, path: FilePath, content: Content) -> Result<(), Refused> {
        if path.folder == Folder::Own && !self.own_folders.contains(&path.doc) {
            return Err(Refused);
        }
        self.files.insert(path, content);
        Ok(())
    }

    pub(crate) fn remove_own_folder(&mut self, doc: Id) -> Result<(), Refused> {
        if self.own_folders.remove(&doc) { Ok(()) } else { Err(Refused) }
    }

    pub(crate) fn remove_tree(&mut self, doc: Id) -> Result<(), Refused> {
        let inside: Vec<FilePath> = self.in_own_folder(doc).collect();
        for path in inside {
            self.files.remove(&path);
        }
        self.remove_own_folder(doc)
    }
}

/// Who gives names to rows: the attempt with this number; the preparation is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming<'a> {
    pub(crate) program: &'a Program,
    pub(crate) attempt: Option<u8>,
}

impl Naming<'_> {
    pub(crate) fn id(self, table: Table, key: Key) -> Id {
        match (self.program.generates(table), self.attempt) {
            (false, _) => Id::Given(key),
            (true, None) => Id::Seeded(table, key),
            (true, Some(attempt)) => Id::Fresh(attempt, table, key),
        }
    }

    pub(crate) fn path(self, path: Path) -> FilePath {
        FilePath { folder: path.folder, doc: self.id(Table::Docs, path.doc), ending: path.ending }
    }

    pub(crate) fn row(self, table: Table, key: Key, cells: super::program::Cells) -> Row {
        Row {
            id: self.id(table, key),
            state: cells.state,
            path: cells.path.map(|path| self.path(path)),
            parent: cells.parent.map(|parent| self.id(Table::Docs, parent)),
        }
    }

    pub(crate) fn means(self, which: Which, table: Table) -> impl Fn(&Row) -> bool {
        let id = match which {
            Which::Key(key) => Some(self.id(table, key)),
            Which::State(_) => None,
        };
        move |row| match which {
            Which::Key(_) => Some(row.id) == id,
            Which::State(state) => row.state == state,
        }
    }

    pub(crate) fn change(self, change: Change) -> impl Fn(&mut Row) {
        let path = match change {
            Change::Path(path) => path.map(|path| self.path(path)),
            Change::State(_) => None,
        };
        move |row| match change {
            Change::State(state) => row.state = state,
            Change::Path(_) => row.path = path,
        }
    }
}

/// What is there before the first start. A second row with the same id does not count, here and there.
pub(crate) fn prepare(program: &Program) -> AbstractWorld {
    let naming = Naming { program, attempt: None };
    let mut world = AbstractWorld { folders: program.folders(), ..AbstractWorld::default() };
    for seed in &program.seeds {
        match *seed {
            Seed::Row(table, key, cells) => world.database.upsert(table, naming.row(table, key, cells)),
            Seed::File(path, content) => {
                let path = naming.path(path);
                if path.folder == Folder::Own {
                    world.own_folders.insert(path.doc);
                }
                world.files.insert(path, content);
            }
        }
    }
    world
}
