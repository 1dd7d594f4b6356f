//! An inferred rule: what it adds, how it is pasted, and why it is there.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::rules::{Column, Reference, Rules};

/// A rule that was inferred, as a report tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Inferred {
    /// The method of [`Rules`] that declares it.
    pub rule: String,
    /// What that method is given.
    pub arguments: Vec<Argument>,
    /// What it is about, as [`Rules::not_inferred`] takes it.
    pub subject: String,
    /// Why it is there.
    pub because: String,
    /// Whether it is about a table that the request leaves as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_untouched: bool,
}

/// What a method of [`Rules`] is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    /// A text.
    Text(String),
    /// Several.
    Texts(Vec<String>),
}

/// The rules as Rust, to be pasted into [`crate::Flow::rules`]: a line for each.
pub fn as_rust(rules: &[Inferred]) -> Vec<String> {
    let calls = rules.iter().map(|rule| {
        let arguments: Vec<String> =
            rule.arguments.iter().map(Argument::quoted).map(|(mark, text)| mark + &text).collect();
        format!(".{}({})", rule.rule, arguments.join(", "))
    });
    calls.collect()
}

/// The rules as TOML, to be pasted into the table `[rules]` of a file: the calls of one method together.
pub fn as_toml(rules: &[Inferred]) -> String {
    let mut text = String::from("[rules]\n");
    let mut told: Vec<&str> = Vec::new();
    for rule in rules {
        if told.contains(&rule.rule.as_str()) {
            continue;
        }
        told.push(&rule.rule);
        let lines = rules.iter().filter(|other| other.rule == rule.rule).map(|other| {
            let arguments: Vec<String> = other.arguments.iter().map(|argument| argument.quoted().1).collect();
            format!("    [{}],\n", arguments.join(", "))
        });
        let _ = write!(text, "{} = [\n{}]\n", rule.rule, lines.collect::<String>());
    }
    text
}

impl Argument {
    /// In quotes, and what Rust wants before a list.
    fn quoted(&self) -> (String, String) {
        match self {
            Self::Text(text) => (String::new(), quoted(text)),
            Self::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                ("&".to_owned(), format!("[{}]", texts.join(", ")))
            }
        }
    }
}

/// A text in double quotes, as Rust and TOML both read it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// A rule that can be inferred.
pub(super) enum Rule {
    Log(String),
    Reference(Reference),
    GeneratedId(Column),
    Generated(Column),
    RowNeedsFile(Column),
    PathsBelow(Column, String),
    FileNeedsRow(String, Column),
    RowNeedsFileAt(String, String),
    FileNamedAfterRow(String, String),
    FileStandsAlone(String),
    GeneratedInFiles(String, String),
    Settles(Column, Vec<String>),
}

impl Rule {
    /// What it is about.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::Log(table) => table.clone(),
            Self::Reference(reference) => of_column(&reference.child),
            Self::GeneratedId(column)
            | Self::Generated(column)
            | Self::RowNeedsFile(column)
            | Self::PathsBelow(column, _)
            | Self::FileNeedsRow(_, column)
            | Self::Settles(column, _) => of_column(column),
            Self::RowNeedsFileAt(_, path)
            | Self::FileNamedAfterRow(_, path)
            | Self::FileStandsAlone(path)
            | Self::GeneratedInFiles(path, _) => path.clone(),
        }
    }

    /// The table that it is about, where it is about rows.
    pub(super) fn table(&self) -> Option<&str> {
        match self {
            Self::Log(table) | Self::RowNeedsFileAt(table, _) | Self::FileNamedAfterRow(table, _) => Some(table),
            Self::Reference(Reference { child: column, .. })
            | Self::GeneratedId(column)
            | Self::Generated(column)
            | Self::RowNeedsFile(column)
            | Self::PathsBelow(column, _)
            | Self::FileNeedsRow(_, column)
            | Self::Settles(column, _) => Some(&column.table),
            Self::FileStandsAlone(_) | Self::GeneratedInFiles(..) => None,
        }
    }

    /// As a report tells it.
    pub(super) fn inferred(&self, because: String) -> Inferred {
        let (rule, arguments) = self.call();
        Inferred { rule: rule.to_owned(), arguments, subject: self.subject(), because, is_untouched: false }
    }

    fn call(&self) -> (&'static str, Vec<Argument>) {
        let texts = |texts: &[&str]| texts.iter().map(|&text| Argument::Text(text.to_owned())).collect::<Vec<_>>();
        let of = |column: &Column| texts(&[&column.table, &column.column]);
        match self {
            Self::Log(table) => ("log", texts(&[table])),
            Self::Reference(Reference { child, parent }) => ("reference", [of(child), of(parent)].concat()),
            Self::GeneratedId(column) => ("generated_id", of(column)),
            Self::Generated(column) => ("generated", of(column)),
            Self::RowNeedsFile(column) => ("row_needs_file", of(column)),
            Self::PathsBelow(column, folder) => ("paths_below", [of(column), texts(&[folder])].concat()),
            Self::FileNeedsRow(folder, column) => ("file_needs_row", [texts(&[folder]), of(column)].concat()),
            Self::RowNeedsFileAt(table, pattern) => ("row_needs_file_at", texts(&[table, pattern])),
            Self::FileNamedAfterRow(table, pattern) => ("file_named_after_row", texts(&[table, pattern])),
            Self::FileStandsAlone(path) => ("file_stands_alone", texts(&[path])),
            Self::GeneratedInFiles(paths, pattern) => ("generated_in_files", texts(&[paths, pattern])),
            Self::Settles(column, states) => ("settles", [of(column), vec![Argument::Texts(states.clone())]].concat()),
        }
    }

    /// The rules with this one.
    pub(super) fn added_to(&self, rules: Rules) -> Rules {
        match self {
            Self::Log(table) => rules.log(table),
            Self::Reference(Reference { child, parent }) => {
                rules.reference(&child.table, &child.column, &parent.table, &parent.column)
            }
            Self::GeneratedId(column) => rules.generated_id(&column.table, &column.column),
            Self::Generated(column) => rules.generated(&column.table, &column.column),
            Self::RowNeedsFile(column) => rules.row_needs_file(&column.table, &column.column),
            Self::PathsBelow(column, folder) => rules.paths_below(&column.table, &column.column, folder),
            Self::FileNeedsRow(folder, column) => rules.file_needs_row(folder, &column.table, &column.column),
            Self::RowNeedsFileAt(table, pattern) => rules.row_needs_file_at(table, pattern),
            Self::FileNamedAfterRow(table, pattern) => rules.file_named_after_row(table, pattern),
            Self::FileStandsAlone(path) => rules.file_stands_alone(path),
            Self::GeneratedInFiles(paths, pattern) => rules.generated_in_files(paths, pattern),
            Self::Settles(column, states) => {
                rules.settles(&column.table, &column.column, states.iter().map(String::as_str))
            }
        }
    }
}

fn of_column(Column { table, column }: &Column) -> String {
    format!("{table}.{column}")
}
