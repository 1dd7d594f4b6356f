//! Each declared rule as a sentence: what a report says is broken.
//!
//! A sentence is about the rule and never about a world, so it is the same in every run.

use super::{Column, FileNeedsRow, FileOfRow, NeedsChild, Object, Promise, Reference, Span, Stored, StoredIn, Target};
use crate::observe::Value;

impl Reference {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let Self { child, parent } = self;
        format!("each row of {} names a row of {} in {}, or none", child.table, parent.table, child.column)
    }
}

impl NeedsChild {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let Self { parent, child } = self;
        format!("each row of {} needs a row of {} that names it in {}", parent.table, child.table, child.column)
    }
}

impl Span {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let Self { child, position, link, parent, from, to, .. } = self;
        format!(
            "each row of {child} names in {link} the row of {parent} in whose span ({from} up to {to}) its {position} lies"
        )
    }
}

impl FileNeedsRow {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let Self { folder, path: Column { table, column } } = self;
        let whose = if folder.is_empty() { String::new() } else { format!(" below {folder}") };
        format!("each file{whose} is at a path that a row of {table} holds in {column}")
    }
}

impl Stored {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let table = &self.key.table;
        match &self.place {
            StoredIn::File { path_column } => {
                format!("a row of {table} has the content that was sent in the file that {path_column} names")
            }
            StoredIn::Column { column } => format!("a row of {table} has the content that was sent in {column}"),
        }
    }
}

impl Promise {
    /// The rule as a sentence.
    pub fn claim(&self) -> String {
        let place = match &self.object {
            Object::Answer => String::new(),
            Object::Element { array, .. } => format!(" in each element of {array}"),
        };
        let leads_to = match &self.leads_to {
            Target::Row(id) => format!("names a row of {}", id.table),
            Target::File(_) => "leads to a file with the content that was sent".to_owned(),
            Target::Resource { .. } => "leads to the content that was sent".to_owned(),
        };
        format!("a success answer carries {}{place}, and it {leads_to}", self.field)
    }
}

/// [`super::Rules::row_needs_file`] as a sentence.
pub(crate) fn row_needs_file(Column { table, column }: &Column) -> String {
    format!("a row of {table} that holds a path in {column} needs a file there")
}

/// [`super::Rules::settles`] as a sentence.
pub(crate) fn settles(Column { table, column }: &Column, states: &[Value]) -> String {
    let word = |state: &Value| state.as_text().map_or_else(|| state.to_string(), ToOwned::to_owned);
    let states: Vec<String> = states.iter().map(word).collect();
    format!("{column} of {table} comes to rest as {}, unless the job is running", states.join(" or "))
}

/// [`super::Rules::row_needs_file_at`] as a sentence.
pub(crate) fn row_needs_file_at(FileOfRow { table, path }: &FileOfRow) -> String {
    format!("each row of {table} needs a file at {path}")
}

/// [`super::Rules::file_named_after_row`] as a sentence.
pub(crate) fn file_named_after_row(FileOfRow { table, path }: &FileOfRow) -> String {
    format!("each file at {path} is named after a row of {table}")
}

/// What is true of a success answer unless [`super::Rules::answer_may_differ`] says otherwise.
pub(crate) const SAME_ANSWER: &str = "a success answer is that of a run without faults, ids by the role of their rows";

/// What is true of a file where no rule speaks of its folder.
pub(crate) const FILE_OF_NO_ROW: &str = "a file below no declared folder belongs to no row";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pattern::Pattern;

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let column = Column::new;
        let content: std::sync::Arc<[u8]> = b"c".as_slice().into();
        let stored = |place| Stored { key: column("s", "title"), value: "t".into(), place, content: content.clone() };
        let promise = |object, leads_to| Promise { object, field: "path".into(), leads_to };
        let file = |path| FileOfRow { table: "docs".into(), path: Pattern::of_paths(path) };
        let element = Object::Element { array: "/all".into(), key: "title".into(), value: "t".into() };
        let sentences = [
            Reference { child: column("segments", "chapter_id"), parent: column("chapters", "id") }.claim(),
            NeedsChild { parent: column("chapters", "id"), child: column("segments", "chapter_id") }.claim(),
            FileNeedsRow { folder: "avatars".into(), path: column("users", "avatar") }.claim(),
            FileNeedsRow { folder: String::new(), path: column("users", "avatar") }.claim(),
            stored(StoredIn::File { path_column: "path".into() }).claim(),
            stored(StoredIn::Column { column: "context".into() }).claim(),
            promise(Object::Answer, Target::File(content.clone())).claim(),
            promise(element, Target::Row(column("s", "id"))).claim(),
            row_needs_file(&column("users", "avatar")),
            settles(&column("jobs", "state"), &["done".into(), 3_i64.into()]),
            row_needs_file_at(&file("docs/{id}.txt")),
            file_named_after_row(&file("docs/{id}/**")),
        ];
        assert_eq!(
            sentences,
            [
                "each row of segments names a row of chapters in chapter_id, or none",
                "each row of chapters needs a row of segments that names it in chapter_id",
                "each file below avatars is at a path that a row of users holds in avatar",
                "each file is at a path that a row of users holds in avatar",
                "a row of s has the content that was sent in the file that path names",
                "a row of s has the content that was sent in context",
                "a success answer carries path, and it leads to a file with the content that was sent",
                "a success answer carries path in each element of /all, and it names a row of s",
                "a row of users that holds a path in avatar needs a file there",
                "state of jobs comes to rest as done or 3, unless the job is running",
                "each row of docs needs a file at docs/{id}.txt",
                "each file at docs/{id}/** is named after a row of docs",
            ]
        );
    }
}
