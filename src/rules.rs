//! Rules say which rows and files belong together: declared once per flow, as data.
//!
//! They say what must be true of *any* world, and what an answer promises. They hold no code: the oracle reads them,
//! and reports print them.

mod answers;
pub(crate) mod claims;
mod naming;
pub mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use self::answers::{Object, Promise, SuccessMeans, Target};
pub use self::naming::{FileOfRow, GeneratedInFiles, TextNamesRow};
use crate::observe::Value;

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
///
/// All rules take their arguments in one order: first the rows or files that the rule speaks of (a table, then its column,
/// then a pattern of its values), then the rows that they have to have.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Rules {
    /// Ids that the application or the database makes up: halfway compares them by the role of their row.
    pub generated_ids: BTreeSet<Column>,
    /// Other values that differ from run to run, such as times: halfway compares only whether there is a value.
    pub generated: BTreeSet<Column>,
    /// Tables that are logs: a row beyond the expected ones is no leftover.
    pub logs: BTreeSet<String>,
    /// Tables that are no part of the world: halfway looks neither at their rows nor at their schema.
    pub ignored_tables: BTreeSet<String>,
    /// Child → parent: the child's column is null, or names a parent.
    pub references: Vec<Reference>,
    /// Parent → child: each parent has at least one child.
    pub needs_child: Vec<NeedsChild>,
    /// Children that belong to the parents in whose span they lie.
    pub spans: Vec<Span>,
    /// Row → file: if the column is not null, a file is at that path.
    pub row_needs_file: BTreeSet<Column>,
    /// File → row: every file below the folder is at a path that the column of a row holds.
    pub file_needs_row: Vec<FileNeedsRow>,
    /// Files that belong to no row.
    pub stands_alone: BTreeSet<String>,
    /// Columns whose paths are relative to a folder of their own, which is relative to the world's directory.
    pub paths_below: BTreeMap<Column, String>,
    /// Row → file, at the path that a pattern makes of the row.
    pub row_needs_file_at: Vec<FileOfRow>,
    /// File → row: a file that fits the pattern is there because of a row.
    pub file_named_after_row: Vec<FileOfRow>,
    /// Texts that hold ids of rows.
    pub text_names_row: Vec<TextNamesRow>,
    /// Parts of files that differ from run to run.
    pub generated_in_files: Vec<GeneratedInFiles>,
    /// States in which a job may stay.
    pub settles: BTreeMap<Column, Vec<Value>>,
    /// The content that rows of the result hold, byte for byte.
    pub stored: Vec<Stored>,
    /// The fields that a success answer carries.
    pub promises: Vec<Promise>,
    /// JSON pointers to the fields of a success answer that may differ from the answer of a run without faults.
    pub answer_may_differ: BTreeSet<String>,
    /// Whether a success answer says that the result is there, or only that the request was accepted.
    pub success_means: SuccessMeans,
    /// Whether halfway infers further rules.
    pub(crate) inference: Inference,
}

/// Whether rules are inferred beside the declared ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inference {
    pub(crate) is_on: bool,
    /// The columns, tables and paths for which nothing is inferred.
    pub(crate) but_not: BTreeSet<String>,
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
    /// The parent's column with the first position within its span.
    pub from: String,
    /// The parent's column with the first position behind its span.
    pub to: String,
    /// A column of both tables: a child belongs only to parents with the same value in it.
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
    /// The value of that column. The rule holds for every row that has it.
    pub value: String,
    /// The place of the content.
    pub place: StoredIn,
    /// The content.
    pub content: Arc<[u8]>,
}

/// The place of a row's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredIn {
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

impl Rules {
    /// Starts without rules: only the rules that you declare count, and halfway infers nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the rules that halfway infers. A rule that you declare wins over an inferred one.
    ///
    /// halfway infers references from foreign keys; ids and times from two runs without faults; from paths, which file
    /// belongs to which row; and the states of jobs from the world that a finished run leaves. The report lists each
    /// rule with its reason, as Rust that you can paste. halfway cannot infer which bytes of a request are stored where
    /// ([`row_stores`](Self::row_stores)), that a parent needs a child ([`needs_child`](Self::needs_child)), and spans.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::inferred().log("deliveries").not_inferred("users.status");
    /// ```
    pub fn inferred() -> Self {
        Self { inference: Inference { is_on: true, ..Inference::default() }, ..Self::default() }
    }

    /// Whether halfway infers rules beside those that are declared.
    pub(crate) const fn are_inferred(&self) -> bool {
        self.inference.is_on
    }

    /// halfway infers nothing of this: `table.column`, a table, or a path, as the report names it.
    #[must_use]
    pub fn not_inferred(mut self, subject: &str) -> Self {
        self.inference.but_not.insert(subject.to_owned());
        self
    }

    /// The column is an id that is made up anew in each run. Two worlds are equal when their rows play the same roles,
    /// whatever their ids are. halfway follows an id into other rows, into paths and into texts. It follows an id that
    /// is a number only along [`Rules::reference`], and where a pattern says that an id stands
    /// ([`Rules::text_names_row`], [`Rules::file_named_after_row`]).
    ///
    /// Two kinds of ids are not made up anew, and halfway compares them as they are: an id that was there before the
    /// request, and a text that is the same in two runs without faults (a digest, a key that was sent).
    #[must_use]
    pub fn generated_id(mut self, table: &str, column: &str) -> Self {
        self.generated_ids.insert(Column::new(table, column));
        self
    }

    /// The column's value differs from run to run, such as a time. halfway compares only whether there is a value.
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

    /// The table is no part of the world: halfway looks neither at its rows nor at its schema, indexes and triggers.
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

    /// If the column is not null, a file is at that path, relative to the world's directory.
    #[must_use]
    pub fn row_needs_file(mut self, table: &str, path_column: &str) -> Self {
        self.row_needs_file.insert(Column::new(table, path_column));
        self
    }

    /// Every file below the folder, and every empty directory in it, is there because a row's column holds its path.
    /// A file below no declared folder belongs to no row.
    #[must_use]
    pub fn file_needs_row(mut self, folder: &str, table: &str, path_column: &str) -> Self {
        let path = Column::new(table, path_column);
        self.file_needs_row.push(FileNeedsRow { folder: folder.trim_matches('/').to_owned(), path });
        self
    }

    /// The file at this path, relative to the world's directory, needs no row. `*` stands for anything within one
    /// segment of the path, `**` for any depth.
    #[must_use]
    pub fn file_stands_alone(mut self, path: &str) -> Self {
        self.stands_alone.insert(path.to_owned());
        self
    }

    /// The column's value, a text or a number, comes to rest in one of these states. A row that stays in another state
    /// is a stuck job.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new().settles("jobs", "state", &["done", "failed"]).settles("mails", "is_sent", [1]);
    /// ```
    #[must_use]
    pub fn settles<V: Into<Value>>(mut self, table: &str, column: &str, states: impl IntoIterator<Item = V>) -> Self {
        let states = states.into_iter().map(Into::into).collect();
        self.settles.insert(Column::new(table, column), states);
        self
    }

    /// Each row that has this value in its key column stores this content.
    #[must_use]
    pub fn row_stores(mut self, table: &str, key: (&str, &str), place: StoredIn, content: &[u8]) -> Self {
        let (key, value) = (Column::new(table, key.0), key.1.to_owned());
        self.stored.push(Stored { key, value, place, content: content.into() });
        self
    }
}
