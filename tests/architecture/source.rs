//! Reads a source file as far as the architecture needs it: its code without comments, and the paths in it.
//!
//! Not a parser: it knows line comments, identifiers and the braces of a `use`. Paths that a macro puts together are not
//! seen.

use std::path::{Path, PathBuf};

/// One file of the source.
pub(crate) struct Source {
    /// Its path, relative to the crate, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// A file with this text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The module at the root of the crate to which the file belongs.
    pub(crate) fn module(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
    }

    /// How many modules deep the file is below the root of the crate.
    pub(crate) fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    /// The text without comments.
    pub(crate) fn code(&self) -> String {
        let lines = self.text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
        lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// Every path that begins with this crate or module, without that beginning: `fault::Edge`, `Subject`.
    pub(crate) fn paths_from(&self, beginning: &str) -> Vec<String> {
        let code = self.code();
        let start = format!("{beginning}::");
        let mut paths = Vec::new();
        for (at, _) in code.match_indices(&start) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|before| !is_of_a_name(before) && before != ':' && before != '$') {
                paths.extend(flattened(&code[at + start.len()..]));
            }
        }
        paths
    }

    /// Whether the word stands in the code.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let code = self.code();
        code.match_indices(word).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            ![before, after].into_iter().flatten().any(is_of_a_name)
        })
    }

    /// The greatest number of `super::` in a row.
    pub(crate) fn highest_climb(&self) -> usize {
        let code = self.code();
        (1..10).take_while(|&steps| code.contains(&"super::".repeat(steps))).count()
    }
}

/// Every Rust file below the folder.
pub(crate) fn read_all(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder of the source can be read") {
            let path = entry.expect("its entries, too").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let source = |file: PathBuf| {
        let below = file.strip_prefix(root).expect("it was found there");
        let path = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        Source { path, text: std::fs::read_to_string(&file).expect("the source can be read") }
    };
    files.into_iter().map(source).collect()
}

impl Source {
    /// Whether there is an `unsafe` block or attribute with no line above it that says why it is sound.
    pub(crate) fn unsafe_without_reason(&self) -> bool {
        let mut above: Vec<&str> = Vec::new();
        for line in self.text.lines() {
            let code = line.trim_start();
            let is_unsafe = ["unsafe {", "#[unsafe("].iter().any(|sign| code.contains(sign));
            if is_unsafe && !code.starts_with("//") && !above.iter().any(|comment| comment.contains("SAFETY:")) {
                return true;
            }
            // A reason stands right above, in a comment of any length.
            if code.starts_with("//") { above.push(code) } else { above.clear() }
        }
        false
    }
}

/// The paths of one tree of a `use`, or the one path of an expression, at the beginning of the text.
fn flattened(text: &str) -> Vec<String> {
    if let Some(group) = text.strip_prefix('{') {
        return members(group).into_iter().flat_map(|member| flattened(member.trim())).collect();
    }
    let end = text.find(|letter| !is_of_a_name(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.strip_prefix("::") {
        Some(rest) => flattened(rest).into_iter().map(|path| format!("{name}::{path}")).collect(),
        None => vec![name.to_owned()],
    }
}

/// What stands between the commas up to the brace that closes the group.
fn members(group: &str) -> Vec<&str> {
    let (mut open, mut from) = (0, 0);
    let mut members = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => open += 1,
            ',' if open == 0 => {
                members.push(&group[from..at]);
                from = at + 1;
            }
            '}' if open == 0 => {
                members.push(&group[from..at]);
                break;
            }
            '}' => open -= 1,
            _ => {}
        }
    }
    members.retain(|member| !member.trim().is_empty());
    members
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
