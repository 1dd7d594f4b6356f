//! The request of a fault scenario: in the file itself, or in files beside it.
//!
//! Of which parts it is made its flow says ([`crate::RequestFormat`]). Here it is decided how each is written down.

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::folder;
use crate::document::{Keys, Mistake, Text, Value, json, table, text, texts, wrong_type};
use crate::error::{BoxError, in_full};
use crate::request_format::{GivenParts, Inline, RequestPart, WHOLE};
use crate::subject::Subject;

/// What is asked, and how a person asks the same.
#[derive(Clone)]
pub(super) struct Asked {
    /// The strategies of the flow, with this request.
    pub(super) subjects: Vec<Subject>,
    /// The options with which `halfway replay` makes this request; `None` when there are none that do.
    pub(super) options: Option<String>,
    /// The request in words.
    pub(super) words: String,
}

/// The request that its subjects have by themselves.
pub(super) fn usual(flow: &str, known: &[Subject]) -> Asked {
    let subjects = of_flow(flow, known);
    let words = subjects.first().and_then(Subject::request_in_words);
    let words = words.map(|words| format!("{words} (the flow's own example)"));
    Asked {
        words: words.unwrap_or_else(|| format!("the usual request of {flow}")),
        options: Some(String::new()),
        subjects,
    }
}

/// The request that the table describes.
pub(super) fn read(
    scenario: &Path,
    flow: &str,
    known: &[Subject],
    value: &Value<'_>,
    key: Range<usize>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Asked> {
    let subjects = of_flow(flow, known);
    let place = if value.span().is_empty() { key } else { value.span() };
    let Some(parts) = subjects.first().and_then(Subject::request_parts) else {
        let remedy = "make its subjects with Subject::readable, which takes requests that serde reads";
        mistakes.push(Mistake::new(place, format!("requests of {flow} cannot be read"), remedy));
        return None;
    };
    let mut reader = Reader { scenario, place, given: GivenParts::default(), files: Vec::new(), inline: 0, mistakes };
    reader.parts(parts, value)?;
    let Reader { place, given, files, inline, .. } = reader;
    let mut asked = Vec::new();
    for subject in &subjects {
        match subject.with_request(&given)? {
            Ok(subject) => asked.push(subject),
            Err(refused) => {
                let problem = format!("this is no request of {flow}: {}", in_full(&*refused));
                mistakes.push(Mistake::new(place, problem, ""));
                return None;
            }
        }
    }
    let shown = files.iter().map(|(_, shown)| shown.as_str()).collect::<Vec<_>>().join(", ");
    let words = match (asked.first().and_then(Subject::request_in_words), shown.as_str()) {
        (Some(words), "") => words,
        (Some(words), shown) => format!("{words} ({shown})"),
        (None, "") => format!("the request of {flow} that the file holds"),
        (None, shown) => format!("the request in {shown}"),
    };
    let options = files.iter().map(|(option, shown)| Some(format!("{} '{shown}'", (*option)?)));
    let options = options.collect::<Option<Vec<String>>>().filter(|_| inline == 0);
    Some(Asked { subjects: asked, options: options.map(|options| options.join(" ")), words })
}

fn of_flow(flow: &str, known: &[Subject]) -> Vec<Subject> {
    known.iter().filter(|subject| subject.flow() == flow).cloned().collect()
}

/// The content of a part, and where a mistake in it is shown.
struct Content {
    bytes: Vec<u8>,
    place: Range<usize>,
    /// What a message begins with: the file that the content was read from.
    origin: String,
}

struct Reader<'a> {
    scenario: &'a Path,
    place: Range<usize>,
    given: GivenParts,
    /// The options that take the files, and the paths as a person types them.
    files: Vec<(Option<&'static str>, String)>,
    /// How many parts stand in the file itself.
    inline: usize,
    mistakes: &'a mut Vec<Mistake>,
}

impl Reader<'_> {
    /// All parts; those that can be read are, so that each is told its mistakes.
    fn parts(&mut self, parts: &[RequestPart], value: &Value<'_>) -> Option<()> {
        if let Some(whole) = parts.iter().find(|part| part.key() == WHOLE) {
            table(value, "[request] holds what is sent, or { file = \"../input/request.json\" }", self.mistakes)?;
            let place = self.place.clone();
            return self.part(whole, value, place);
        }
        let of_request = table(value, "[request] holds what is sent", self.mistakes)?;
        let known: Vec<&str> = parts.iter().map(RequestPart::key).collect();
        let keys = Keys::new(of_request, self.place.clone(), &known, self.mistakes);
        let mut all = Some(());
        for part in parts {
            let value = match part.inline() {
                Inline::Texts => match keys.get(part.key()) {
                    Some(value) => Some(value),
                    None => continue,
                },
                Inline::Text | Inline::Table(_) | Inline::List(_) => {
                    keys.required(part.key(), part.what(), self.mistakes)
                }
            };
            let read = value.and_then(|value| self.part(part, value, value.span()));
            all = all.and(read);
        }
        all
    }

    fn part(&mut self, part: &RequestPart, value: &Value<'_>, place: Range<usize>) -> Option<()> {
        let content = match value.get_ref().as_table().filter(|table| names_a_file(table)) {
            Some(table) => {
                let path = self.path(table, value.span())?;
                self.open(&path, part)?
            }
            None => Content { bytes: self.inline(part, value)?, place, origin: String::new() },
        };
        part.refuse(&content.bytes).map_err(|refused| self.refuse(&content, &refused)).ok()?;
        self.given.give(part.key(), content.bytes);
        Some(())
    }

    /// What stands in the place of a file.
    fn inline(&mut self, part: &RequestPart, value: &Value<'_>) -> Option<Vec<u8>> {
        let what = part.what();
        let bytes = match part.inline() {
            Inline::Text => text(value, what, self.mistakes)?.text.into_bytes(),
            Inline::Table(keys) => {
                let of_part = table(value, what, self.mistakes)?;
                let before = self.mistakes.len();
                if let Some(keys) = keys {
                    Keys::new(of_part, value.span(), keys, self.mistakes);
                }
                let bytes = json(value, self.mistakes)?.to_string().into_bytes();
                if self.mistakes.len() > before {
                    return None;
                }
                bytes
            }
            Inline::List(document) if value.get_ref().is_array() => {
                document(json(value, self.mistakes)?).to_string().into_bytes()
            }
            Inline::List(_) => {
                self.mistakes.push(wrong_type(value, "a list", what));
                return None;
            }
            Inline::Texts => {
                let texts = texts(value, what, self.mistakes)?;
                let texts: Vec<String> = texts.into_iter().map(|text| text.text).collect();
                // That nothing is there is what no option says, too.
                self.inline += usize::from(!texts.is_empty());
                return Some(serde_json::Value::from(texts).to_string().into_bytes());
            }
        };
        self.inline += 1;
        Some(bytes)
    }

    /// The path in a table that names a file.
    fn path(&mut self, table: &DeTable<'_>, place: Range<usize>) -> Option<Text> {
        Keys::new(table, place, &["file"], self.mistakes).text("file", "the path of a file", self.mistakes)
    }

    fn open(&mut self, path: &Text, part: &RequestPart) -> Option<Content> {
        let place = path.place.clone();
        let named = folder::resolve(self.scenario, &path.text);
        let named = named.map_err(|(problem, remedy)| self.mistakes.push(Mistake::new(place.clone(), problem, remedy)));
        let named = named.ok()?;
        let shown = named.shown.display().to_string();
        match std::fs::read(&named.file) {
            Ok(bytes) => {
                self.files.push((part.asked_by().map(|(option, _)| option), shown.clone()));
                Some(Content { bytes, place, origin: format!("{shown}: ") })
            }
            Err(error) => {
                self.mistakes.push(Mistake::new(place, format!("read {shown}: {error}"), ""));
                None
            }
        }
    }

    fn refuse(&mut self, content: &Content, refused: &BoxError) {
        let remedy = "the request would be refused before anything is done";
        let problem = format!("{}{}", content.origin, in_full(&**refused));
        self.mistakes.push(Mistake::new(content.place.clone(), problem, remedy));
    }
}

/// A table with the key `file` is a file; anything else stands for itself.
fn names_a_file(table: &DeTable<'_>) -> bool {
    table.iter().any(|(key, _)| *key.get_ref() == "file")
}
