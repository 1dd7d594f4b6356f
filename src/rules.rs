//! Which rows and files belong together, declared once per flow, as data.
//!
//! Rules say what must be true of *any* world, and what an answer promises. They hold no code: the oracle reads them,
//! reports print them.

pub(crate) mod claims;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// The table's name.
    pub table: String,
    /// The column's name.
    pub column: String,
}

impl Column {
    /// The column of that name in that table.
    pub fn new(table: &str, column: &str) -> Self {
        Self { table: table.to_owned(), column: column.to_owned() }
    }
}

/// The rules of one flow, for one request.
///
/// ```
/// use halfway::Rules;
///
/// let rules = Rules::new()
///     .generated_id("users", "id")
///     .generated("users", "created_at")
///     .row_needs_file("users", "avatar_path")
///     .file_needs_row("avatars", "users", "avatar_path")
///     .reference("sessions", "user_id", "users", "id");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Ids that the application or the database makes up: they compare by the role of their row.
    pub generated_ids: BTreeSet<Column>,
    /// Other values that differ from run to run, such as times: they do not compare at all.
    pub generated: BTreeSet<Column>,
    /// Tables that are logs: what they hold beyond the expected is no leftover.
    pub logs: BTreeSet<String>,
    /// Tables that are no part of the world: neither their rows nor their schema are looked at.
    pub ignored_tables: BTreeSet<String>,
    /// Child → parent: the child's column is null, or names a parent.
    pub references: Vec<Reference>,
    /// Parent needs child.
    pub needs_child: Vec<NeedsChild>,
    /// Children that belong to the parents in whose span they lie.
    pub spans: Vec<Span>,
    /// Row → file: where the column is not null, a file is at that path.
    pub row_needs_file: BTreeSet<Column>,
    /// File → row: every file below the folder is at a path that the column of a row holds.
    pub file_needs_row: Vec<FileNeedsRow>,
    /// Files that belong to no row.
    pub stands_alone: BTreeSet<String>,
    /// States in which a job may stay.
    pub settles: BTreeMap<Column, BTreeSet<String>>,
    /// What rows of the result hold, byte for byte.
    pub stored: Vec<Stored>,
    /// What a success answer carries.
    pub promises: Vec<Promise>,
}

/// See [`Rules::reference`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The child's column that names its parent.
    pub child: Column,
    /// The parent's column that is named, usually its id.
    pub parent: Column,
}

/// See [`Rules::needs_child`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsChild {
    /// The parent's id.
    pub parent: Column,
    /// The child's column that names its parent.
    pub child: Column,
}

/// Children that lie at a position, and parents that reach from one position to another: a child that lies within at
/// least one parent of its scope is linked to one of those parents. See [`Rules::linked_by_span`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The child's table.
    pub child: String,
    /// The child's column with its position.
    pub position: String,
    /// The child's column that names its parent.
    pub link: String,
    /// The parent's table.
    pub parent: String,
    /// The parent's id.
    pub id: String,
    /// The parent's column with the first position within.
    pub from: String,
    /// The parent's column with the first position no longer within.
    pub to: String,
    /// The column, in both tables, that has to be equal for the two to meet.
    pub scope: String,
}

/// See [`Rules::file_needs_row`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNeedsRow {
    /// The folder, relative to the world's directory, without a slash at its end. The folder itself may be empty.
    pub folder: String,
    /// The column with the paths, relative to the world's directory.
    pub path: Column,
}

/// A row of the result that holds content of the request, byte for byte. See [`Rules::row_stores`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The column by which the row is known in the request, such as its title.
    pub key: Column,
    /// The value of that column. Every row that has it is meant.
    pub value: String,
    /// Where the content is.
    pub place: Place,
    /// The content.
    pub content: Arc<[u8]>,
}

/// Where the content of a row is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file; this column of the row holds its path.
    File {
        /// The column with the path.
        path_column: String,
    },
    /// In the row itself, in this column.
    Column {
        /// The column with the content.
        column: String,
    },
}

/// A field that a success answer carries, and where it leads. See [`Rules::answer_carries`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Where in the answer the object with the field is.
    pub object: Object,
    /// The field's name.
    pub field: String,
    /// What the field's value leads to.
    pub leads_to: Target,
}

/// An object within an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// The answer itself.
    Answer,
    /// The element of the array at this JSON pointer whose field has this value.
    Element {
        /// A JSON pointer (RFC 6901) to the array.
        array: String,
        /// The field by which the element is known.
        key: String,
        /// That field's value.
        value: String,
    },
}

/// What the value of a promised field leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The id of a row.
    Row(Column),
    /// The path of a file with this content.
    File(Arc<[u8]>),
    /// The address of a resource that the application serves from a row.
    Resource {
        /// The address, with `{id}` where the row's id stands.
        address: String,
        /// The row's id.
        id: Column,
        /// The column of that row with the content.
        column: String,
        /// The content.
        content: Arc<[u8]>,
    },
}

impl Rules {
    /// No rules: nothing belongs to anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The column is an id that is made up anew in each run. Two worlds are equal when their rows play the same roles,
    /// whatever their ids are; ids are followed into other rows, into paths and into texts. An id that is a number is
    /// followed only along [`Rules::reference`].
    #[must_use]
    pub fn generated_id(mut self, table: &str, column: &str) -> Self {
        self.generated_ids.insert(Column::new(table, column));
        self
    }

    /// The column's value differs from run to run, such as a time, and compares with nothing.
    #[must_use]
    pub fn generated(mut self, table: &str, column: &str) -> Self {
        self.generated.insert(Column::new(table, column));
        self
    }

    /// The table is a log: it may hold more than a run without faults leaves in it, never less.
    #[must_use]
    pub fn log(mut self, table: &str) -> Self {
        self.logs.insert(table.to_owned());
        self
    }

    /// The table is no part of the world: neither its rows nor its schema, with its indexes and triggers, are looked at.
    #[must_use]
    pub fn ignore_table(mut self, table: &str) -> Self {
        self.ignored_tables.insert(table.to_owned());
        self
    }

    /// The child's column is null or names a parent that is there.
    #[must_use]
    pub fn reference(mut self, child: &str, column: &str, parent: &str, id: &str) -> Self {
        self.references.push(Reference { child: Column::new(child, column), parent: Column::new(parent, id) });
        self
    }

    /// Each parent has at least one child.
    #[must_use]
    pub fn needs_child(mut self, parent: &str, id: &str, child: &str, column: &str) -> Self {
        self.needs_child.push(NeedsChild { parent: Column::new(parent, id), child: Column::new(child, column) });
        self
    }

    /// Children are linked to the parents in whose span they lie.
    #[must_use]
    pub fn linked_by_span(mut self, span: Span) -> Self {
        self.spans.push(span);
        self
    }

    /// Where the column is not null, a file is at that path, relative to the world's directory.
    #[must_use]
    pub fn row_needs_file(mut self, table: &str, path_column: &str) -> Self {
        self.row_needs_file.insert(Column::new(table, path_column));
        self
    }

    /// Every file below the folder, and every empty directory in it, is there because a row's column holds its path.
    /// Files below no declared folder belong to nobody.
    #[must_use]
    pub fn file_needs_row(mut self, folder: &str, table: &str, path_column: &str) -> Self {
        let path = Column::new(table, path_column);
        self.file_needs_row.push(FileNeedsRow { folder: folder.trim_matches('/').to_owned(), path });
        self
    }

    /// The file at this path, relative to the world's directory, needs no row.
    #[must_use]
    pub fn file_stands_alone(mut self, path: &str) -> Self {
        self.stands_alone.insert(path.to_owned());
        self
    }

    /// The column's value comes to rest in one of these states. In any other, somebody has to be at work.
    #[must_use]
    pub fn settles(mut self, table: &str, column: &str, states: &[&str]) -> Self {
        let states = states.iter().map(|&state| state.to_owned()).collect();
        self.settles.insert(Column::new(table, column), states);
        self
    }

    /// Each row that has this value in its key column stores this content.
    #[must_use]
    pub fn row_stores(mut self, table: &str, key: (&str, &str), place: Place, content: &[u8]) -> Self {
        let (key, value) = (Column::new(table, key.0), key.1.to_owned());
        self.stored.push(Stored { key, value, place, content: content.into() });
        self
    }

    /// A success answer carries this field, and it leads there.
    #[must_use]
    pub fn answer_carries(mut self, object: Object, field: &str, leads_to: Target) -> Self {
        self.promises.push(Promise { object, field: field.to_owned(), leads_to });
        self
    }
}
