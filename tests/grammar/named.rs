//! What the keys of a program are called in a real world.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::program::{Cells, Folder, Key, Path, Program, Shape, Table};

/// How many keys there are.
const KEYS: u8 = 4;

/// The ids of one attempt, or of the preparation.
pub(crate) struct Names {
    made_up: BTreeMap<(Table, Key), String>,
}

/// A row as it is written.
pub(crate) struct WrittenRow {
    pub(crate) id: String,
    pub(crate) state: &'static str,
    pub(crate) path: Option<String>,
    pub(crate) parent: Option<String>,
}

impl Names {
    pub(crate) fn of_attempt(program: &Program) -> Self {
        Self::new(program, |_, _| Uuid::now_v7())
    }

    /// The same in each run.
    pub(crate) fn of_seeds(program: &Program) -> Self {
        Self::new(program, |table, key| {
            let table = Table::ALL.into_iter().position(|known| known == table).unwrap_or(0);
            Uuid::from_u128(0x5eed_0000_0000_7000_8000_0000_0000_0000 + (table as u128) * 0x100 + u128::from(key.0))
        })
    }

    fn new(program: &Program, make: impl Fn(Table, Key) -> Uuid) -> Self {
        let keys = program.generated.iter().flat_map(|&table| (0..KEYS).map(move |key| (table, Key(key))));
        let id = |table, key| match program.shape {
            Shape::Uuid => make(table, key).to_string(),
            // The last digits are those that were drawn.
            Shape::Short => format!("row_{:012x}", make(table, key).as_u128() & 0xffff_ffff_ffff),
        };
        Self { made_up: keys.map(|(table, key)| ((table, key), id(table, key))).collect() }
    }

    pub(crate) fn id(&self, table: Table, key: Key) -> String {
        self.made_up.get(&(table, key)).cloned().unwrap_or_else(|| key.given().to_owned())
    }

    pub(crate) fn path(&self, path: Path) -> String {
        let (doc, ending) = (self.id(Table::Docs, path.doc), path.ending.name());
        match path.folder {
            Folder::Files | Folder::Spool => format!("{}/{doc}.{ending}", path.folder.name()),
            Folder::Own => format!("{}/text.{ending}", self.own_folder(path.doc)),
        }
    }

    /// The folder of the row of `docs`.
    pub(crate) fn own_folder(&self, doc: Key) -> String {
        format!("{}/{}", Folder::Files.name(), self.id(Table::Docs, doc))
    }

    pub(crate) fn row(&self, table: Table, key: Key, cells: Cells) -> WrittenRow {
        WrittenRow {
            id: self.id(table, key),
            state: cells.state.name(),
            path: cells.path.map(|path| self.path(path)),
            parent: cells.parent.map(|parent| self.id(Table::Docs, parent)),
        }
    }
}
