//! The schema of a database: its tables, indexes, triggers and views, each as the statement that makes it.
//!
//! Two ways to write one statement are one ([`super::sql`]). A statement says all that there is to say: checks, defaults,
//! collations, conditions of an index and what a trigger does stand nowhere else, so that what an engine tells of columns
//! would have to be added to it and could not take its place. Left out by whoever reads it: what the engine makes for
//! itself.

use std::collections::BTreeMap;

use super::sql;

/// What a database is made of, beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// By kind and name.
    pub objects: BTreeMap<(ObjectKind, String), SchemaObject>,
}

/// What a statement made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A table, virtual or not.
    Table,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
    /// A view.
    View,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Table, Self::Index, Self::Trigger, Self::View];

    /// The kind's name, as it stands in statements.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::View => "view",
        }
    }
}

/// A table, an index, a trigger or a view. Equal to one that was written in another way.
#[derive(Clone, Debug)]
pub struct SchemaObject {
    table: String,
    sql: String,
    form: Vec<String>,
}

impl SchemaObject {
    /// What this statement makes, which belongs to this table; a table or a view belongs to itself.
    pub fn new(table: impl Into<String>, sql: impl Into<String>) -> Self {
        let sql = sql.into();
        let form = sql::form(&sql);
        Self { table: table.into(), sql, form }
    }

    /// The table that it belongs to.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The statement, as the engine keeps it.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The statement, word by word: equal for all ways to write it.
    pub fn form(&self) -> &[String] {
        &self.form
    }
}

impl PartialEq for SchemaObject {
    fn eq(&self, other: &Self) -> bool {
        (&self.table, &self.form) == (&other.table, &other.form)
    }
}

impl Eq for SchemaObject {}
