//! Fault scenarios: files that say what is asked, what goes wrong, and what becomes of each promise then.
//!
//! A file is read as a whole and told all of its mistakes at once, or it is a [`FaultScenario`]; a file with a mistake is
//! never run in part. What is written in it is decided in `read`; whether it came true is decided in `play`. Not
//! verified: that the title and the reason say what the schedule does.
//!
//! ```toml
//! title = "The links fail after the chapters are committed"
//! why = "The retry is refused, and the listener sees chapters that lead nowhere."
//! flow = "chapter-import"
//! strategy = ["as-found", "one-transaction"]
//! schedule = "link-segments#1:before=error"
//!
//! [expect]                    # of each strategy without a table of its own; what is not named held
//! no-orphan-rows = "violated"
//!
//! [expect.one-transaction]    # instead of the above: everything held
//! ```

mod find;
mod folder;
mod play;
mod read;
mod request;
mod save;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::document::Text;
use crate::judge::{Criterion, Grade};
use crate::story::Clients;
use crate::subject::Subject;

pub use crate::document::{Mistake, Mistakes};
pub use find::find;
pub use play::{Difference, Played, Unplayable};
pub use save::{RequestFile, name, save};

/// The criteria that are not expected to hold, and how each fares.
pub type Expected = BTreeMap<Criterion, Grade>;

/// One case of one flow, for some of its strategies, and what is expected of each.
#[derive(Clone)]
pub struct FaultScenario {
    /// The file.
    pub path: PathBuf,
    /// What happens, in a line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// The flow.
    pub flow: String,
    /// Its strategies, and what is expected of each. A criterion that is not named is expected to hold.
    pub strategies: Vec<(String, Expected)>,
    /// Who sends the request again.
    pub clients: Clients,
    asked: request::Asked,
    source: String,
    /// The schedule without flow and strategy, and where it stands.
    schedule: Text,
    /// Where the clients are named; the schedule where they are not.
    clients_place: Range<usize>,
}

impl FaultScenario {
    /// Reads a file about one of these flows.
    ///
    /// # Errors
    /// All mistakes of the file, and of the paths and the request in it.
    pub fn open(path: &Path, known: &[Subject]) -> Result<Self, Mistakes> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Mistakes::new(path, "", vec![Mistake::of_file(format!("read {}: {error}", path.display()))])
        })?;
        Self::read(path, &text, known)
    }

    /// Reads the text of a file. The path says what the paths in it are relative to.
    ///
    /// # Errors
    /// As [`FaultScenario::open`].
    pub fn read(path: &Path, text: &str, known: &[Subject]) -> Result<Self, Mistakes> {
        read::read(path, text, known).map_err(|mistakes| Mistakes::new(path, text, mistakes))
    }

    /// The request in words.
    pub fn asked(&self) -> &str {
        &self.asked.words
    }

    /// The schedule, without flow and strategy.
    pub fn faults(&self) -> String {
        self.schedule.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The schedule of one strategy, as it is typed.
    pub fn schedule(&self, strategy: &str) -> String {
        schedule_line(&self.flow, strategy, &self.schedule.text)
    }

    /// The strategies to be played, with their request.
    fn subjects(&self) -> &[Subject] {
        &self.asked.subjects
    }
}

fn schedule_line(flow: &str, strategy: &str, faults: &str) -> String {
    std::iter::once(format!("{flow}/{strategy}").as_str())
        .chain(faults.split_whitespace())
        .collect::<Vec<_>>()
        .join(" ")
}
