//! Rules about layouts in which paths and texts are made of the values of rows.

use std::borrow::Cow;

use super::pattern::Pattern;
use super::{Column, Rules};

/// Files at paths that a pattern makes of a row. See [`Rules::row_needs_file_at`] and [`Rules::file_named_after_row`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOfRow {
    /// The row's table.
    pub table: String,
    /// The pattern of the paths, relative to the world's directory.
    pub path: Pattern,
}

/// A column with texts that hold ids of rows. See [`Rules::text_names_row`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextNamesRow {
    /// The column with the texts.
    pub column: Column,
    /// The pattern of the places in a text where ids stand; its holes name columns of the parent.
    pub pattern: Pattern,
    /// The table whose rows are named.
    pub parent: String,
}

/// Parts of files that are made up anew. See [`Rules::generated_in_files`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedInFiles {
    /// The pattern of the paths of the files.
    pub files: Pattern,
    /// The pattern of the places in their text where a part is made up anew, and where an id stands.
    pub pattern: Pattern,
}

impl Rules {
    /// The paths in this column are relative to this folder, and the folder is relative to the world's directory. It
    /// counts for all rules that read paths from the column.
    #[must_use]
    pub fn paths_below(mut self, table: &str, column: &str, folder: &str) -> Self {
        self.paths_below.insert(Column::new(table, column), folder.trim_matches('/').to_owned());
        self
    }

    /// Each row of the table needs a file at the path that the pattern makes of it. In the pattern `{column}` is the
    /// value of that column, `{column:N}` its first N characters, `*` anything within a segment and `**` any depth. A
    /// row in which one of these columns is null needs no file. halfway follows the id in such a path to its row.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new().row_needs_file_at("docs", "docs/{id}.txt");
    /// ```
    #[must_use]
    pub fn row_needs_file_at(mut self, table: &str, pattern: &str) -> Self {
        self.row_needs_file_at.push(FileOfRow { table: table.to_owned(), path: Pattern::of_paths(pattern) });
        self
    }

    /// Each file whose path can fit the pattern, and each empty directory on the way to one, is there because of a row
    /// of the table: the pattern makes the path of the values of that row. Patterns are as in
    /// [`Rules::row_needs_file_at`].
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new()
    ///     .file_named_after_row("albums", "albums/{id}/**")
    ///     .file_named_after_row("blobs", "blobs/{hash:2}/{hash}.bin");
    /// ```
    #[must_use]
    pub fn file_named_after_row(mut self, table: &str, pattern: &str) -> Self {
        self.file_named_after_row.push(FileOfRow { table: table.to_owned(), path: Pattern::of_paths(pattern) });
        self
    }

    /// A text in this column holds ids of rows of the parent, at the place that the pattern names. With this rule
    /// halfway also follows ids that are numbers, or too short to be looked for. The hole names the column with the id.
    /// It ends where the pattern goes on, or else with the line, or with the word if the whole line is no id.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new().text_names_row("jobs", "payload", "document {id}", "documents");
    /// ```
    #[must_use]
    pub fn text_names_row(mut self, table: &str, column: &str, pattern: &str, parent: &str) -> Self {
        let (column, pattern) = (Column::new(table, column), Pattern::of_texts(pattern));
        self.text_names_row.push(TextNamesRow { column, pattern, parent: parent.to_owned() });
        self
    }

    /// Inside the files at these paths, the text at `{}` differs from run to run, and halfway does not compare it. The
    /// text at `{table.column}` is the id of a row. The paths are a pattern with stars.
    ///
    /// With the pattern `{}` alone all that such a file holds differs, also where it is no text: halfway compares only whether
    /// the file is there and holds anything.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new().generated_in_files("exports/*.json", r#""exportedAt":"{}""#);
    /// ```
    #[must_use]
    pub fn generated_in_files(mut self, paths: &str, pattern: &str) -> Self {
        let (files, pattern) = (Pattern::of_paths(paths), Pattern::of_texts(pattern));
        self.generated_in_files.push(GeneratedInFiles { files, pattern });
        self
    }

    /// Whether a rule says that the file at this path needs no row.
    pub(crate) fn stands_alone(&self, path: &str) -> bool {
        let fits = |alone: &String| alone.contains('*') && Pattern::of_paths(alone).fit(path).is_some();
        self.stands_alone.contains(path) || self.stands_alone.iter().any(fits)
    }

    /// The path, relative to the world's directory, that a value of this column is.
    pub(crate) fn path_in<'p>(&self, column: &Column, path: &'p str) -> Cow<'p, str> {
        match self.paths_below.get(column) {
            Some(folder) if !folder.is_empty() => {
                Cow::Owned(format!("{folder}/{}", path.trim_start_matches("./").trim_start_matches('/')))
            }
            Some(_) | None => Cow::Borrowed(path),
        }
    }
}
