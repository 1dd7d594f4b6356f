//! Says how the requests of a flow are written down: in files for the command, and in fault scenarios.
//!
//! The flow decides the content of a request. This file only says which parts it has, and which function reads them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::BoxError;

/// How requests of type `R` are written down: their parts, and the function that reads them.
///
/// [`Subject::readable`](crate::Subject::readable) needs no such format: its request is one JSON file. If your request
/// has another form, or several files, describe it here:
///
/// ```
/// use halfway::{RequestFormat, RequestPart};
///
/// struct Books { csv: String }
///
/// let csv = RequestPart::text("csv").option("--csv", "The books: a CSV file");
/// let format = RequestFormat::new([csv], |given| Ok(Books { csv: given.text("csv")?.to_owned() }));
/// ```
///
/// Give the format to [`Subject::written`](crate::Subject::written). The command then takes `--csv FILE`, and a fault
/// scenario has `[request]` with `csv = "..."`, or `csv.file = "..."`.
pub struct RequestFormat<R> {
    parts: Vec<RequestPart>,
    read: Read<R>,
    words: Option<fn(&R) -> String>,
}

type Read<R> = Arc<dyn Fn(&GivenParts) -> Result<R, BoxError> + Send + Sync>;

/// One part of a request: a file, or a value that stands in its place in a fault scenario.
#[derive(Clone, Debug)]
pub struct RequestPart {
    key: &'static str,
    option: Option<(&'static str, &'static str)>,
    wanted: Option<&'static str>,
    inline: Inline,
    check: Option<Check>,
}

type Check = fn(&[u8]) -> Result<(), BoxError>;

/// How a part stands in a fault scenario itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inline {
    /// A text, which is the content of the file.
    Text,
    /// A table with these keys, or with any; the file is JSON.
    Table(Option<&'static [&'static str]>),
    /// A list; this function makes the JSON of the file from it.
    List(fn(Value) -> Value),
    /// A list of texts. It may be missing, and is never a file.
    Texts,
}

/// The parts of one request, as the command or a fault scenario gives them, by their keys.
#[derive(Clone, Debug, Default)]
pub struct GivenParts(BTreeMap<&'static str, Vec<u8>>);

impl<R> Clone for RequestFormat<R> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone(), read: Arc::clone(&self.read), words: self.words }
    }
}

impl<R> RequestFormat<R> {
    /// A format with these parts; `read` makes the request from them. An error of `read` says why it refuses the
    /// request.
    pub fn new(
        parts: impl IntoIterator<Item = RequestPart>,
        read: impl Fn(&GivenParts) -> Result<R, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self { parts: parts.into_iter().collect(), read: Arc::new(read), words: None }
    }

    /// A format of one JSON file, for the option `--request`.
    pub(crate) fn json() -> Self
    where
        R: DeserializeOwned,
    {
        let whole = RequestPart::table(WHOLE).option("--request", "The request: a JSON file");
        Self::new([whole], |given| Ok(serde_json::from_slice(given.bytes(WHOLE))?))
    }

    /// The same format, with the request in words, as a person says it who knows the application: "import 12 books".
    /// halfway tells these words first when it tells a fault scenario.
    #[must_use]
    pub fn words(mut self, words: fn(&R) -> String) -> Self {
        self.words = Some(words);
        self
    }

    pub(crate) fn parts(&self) -> &[RequestPart] {
        &self.parts
    }

    pub(crate) fn read(&self, given: &GivenParts) -> Result<R, BoxError> {
        (self.read)(given)
    }

    pub(crate) fn in_words(&self) -> Option<fn(&R) -> String> {
        self.words
    }
}

/// The key of a part that is the whole request.
pub(crate) const WHOLE: &str = "";

impl RequestPart {
    /// A file of any kind. In a fault scenario its text may stand in its place.
    pub fn text(key: &'static str) -> Self {
        Self::new(key, Inline::Text)
    }

    /// A JSON file. In a fault scenario a table may stand in its place.
    pub fn table(key: &'static str) -> Self {
        Self::new(key, Inline::Table(None))
    }

    /// A JSON file. In a fault scenario a list may stand in its place: `document` makes the JSON of the file from the
    /// list.
    pub fn list(key: &'static str, document: fn(Value) -> Value) -> Self {
        Self::new(key, Inline::List(document))
    }

    /// A list of texts that only a fault scenario may give, and no file: see [`GivenParts::texts`].
    pub fn texts(key: &'static str) -> Self {
        Self::new(key, Inline::Texts)
    }

    const fn new(key: &'static str, inline: Inline) -> Self {
        Self { key, option: None, wanted: None, inline, check: None }
    }

    /// The same part, with the option by which the command takes the file, such as `--csv`, and the text of its help.
    #[must_use]
    pub fn option(mut self, option: &'static str, help: &'static str) -> Self {
        self.option = Some((option, help));
        self
    }

    /// The same part, with the keys that its table may have. Any other key is a mistake in the fault scenario.
    #[must_use]
    pub fn keys(mut self, keys: &'static [&'static str]) -> Self {
        self.inline = Inline::Table(Some(keys));
        self
    }

    /// The same part, with a hint for a fault scenario that has something else in its place:
    /// `the text of the file, or { file = "../input/books.csv" }`.
    #[must_use]
    pub fn wanted(mut self, wanted: &'static str) -> Self {
        self.wanted = Some(wanted);
        self
    }

    /// The same part, with a check of its own: if the check refuses it, halfway shows the mistake at its place.
    #[must_use]
    pub fn check(mut self, check: fn(&[u8]) -> Result<(), BoxError>) -> Self {
        self.check = Some(check);
        self
    }

    pub(crate) const fn key(&self) -> &'static str {
        self.key
    }

    /// The option, and the text of its help.
    pub(crate) const fn asked_by(&self) -> Option<(&'static str, &'static str)> {
        self.option
    }

    pub(crate) const fn inline(&self) -> Inline {
        self.inline
    }

    pub(crate) fn what(&self) -> &'static str {
        self.wanted.unwrap_or(match self.inline {
            Inline::Text => "the text of the file, or { file = \"../input/request.txt\" }",
            Inline::Table(_) => "the fields of the request, or { file = \"../input/request.json\" }",
            Inline::List(_) => "a list, or { file = \"../input/request.json\" }",
            Inline::Texts => "a list of texts",
        })
    }

    pub(crate) fn refuse(&self, content: &[u8]) -> Result<(), BoxError> {
        self.check.map_or(Ok(()), |check| check(content))
    }
}

impl GivenParts {
    /// The content of the file, or of the value in its place; empty if there is neither.
    pub fn bytes(&self, key: &str) -> &[u8] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The same content as a text.
    ///
    /// # Errors
    /// When the content is not UTF-8.
    pub fn text(&self, key: &str) -> Result<&str, BoxError> {
        Ok(std::str::from_utf8(self.bytes(key))?)
    }

    /// The texts of a list; empty if there is no list.
    pub fn texts(&self, key: &str) -> Vec<String> {
        serde_json::from_slice(self.bytes(key)).unwrap_or_default()
    }

    pub(crate) fn give(&mut self, key: &'static str, content: Vec<u8>) {
        self.0.insert(key, content);
    }
}
