//! What is wrong with a file, each mistake at its place, and how that is shown.
//!
//! Knows no key of the format. The text of the file is shown as it is, but for what would move the cursor.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::fault::UnknownName;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is, in bytes; `None` when it is about the file as a whole.
    pub place: Option<Range<usize>>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl Mistake {
    pub(crate) fn new(place: Range<usize>, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self { place: Some(place), problem: problem.to_string(), remedy: remedy.to_string() }
    }

    pub(crate) fn unknown(place: Range<usize>, unknown: &UnknownName) -> Self {
        Self::new(place, unknown.problem(), unknown.remedy())
    }

    pub(crate) fn of_file(problem: impl fmt::Display) -> Self {
        Self { place: None, problem: problem.to_string(), remedy: String::new() }
    }
}

/// All mistakes of one file: it was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    path: PathBuf,
    text: String,
    all: Vec<Mistake>,
}

impl Mistakes {
    /// The mistakes, in the order of the file.
    pub(crate) fn new(path: &Path, text: &str, mut all: Vec<Mistake>) -> Self {
        all.sort_by_key(|mistake| mistake.place.as_ref().map_or((0, 0), |place| (place.start, place.end)));
        all.dedup();
        Self { path: path.to_owned(), text: text.to_owned(), all }
    }

    /// The mistakes, in the order of the file.
    pub fn all(&self) -> &[Mistake] {
        &self.all
    }

    /// Each mistake with its line, underlined, in colour.
    pub fn render(&self) -> String {
        self.rendered(&Renderer::styled())
    }

    fn rendered(&self, renderer: &Renderer) -> String {
        let path = self.path.display().to_string();
        let shown = self.all.iter().map(|mistake| {
            // Names from the file stand in what is said of them.
            let title = Level::ERROR.primary_title(normalize_untrusted_str(&mistake.problem));
            let Some(place) = &mistake.place else {
                return renderer.render(&[title.element(Origin::path(path.as_str()))]);
            };
            let label = Some(normalize_untrusted_str(&mistake.remedy)).filter(|remedy| !remedy.is_empty());
            let underlined = AnnotationKind::Primary.span(place.clone()).label(label);
            let snippet = Snippet::source(self.text.as_str()).path(path.as_str()).annotation(underlined);
            renderer.render(&[title.element(snippet)])
        });
        shown.collect::<Vec<_>>().join("\n\n") + "\n"
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered(&Renderer::plain()))
    }
}

impl std::error::Error for Mistakes {}
