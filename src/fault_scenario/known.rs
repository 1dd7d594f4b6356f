//! The flows that a fault scenario may be about.

#[cfg(feature = "cli")]
use crate::imports::{Requests, subjects};
use crate::subject::Subject;

/// Where flows and their requests come from.
#[derive(Clone)]
pub enum Known {
    /// The three imports of this crate.
    #[cfg(feature = "cli")]
    Reference,
    /// Flows of one's own, each with the request that is sent unless a file says otherwise.
    Own(Vec<Subject>),
}

impl Known {
    /// Every strategy of every flow, with its usual request.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        match self {
            #[cfg(feature = "cli")]
            Self::Reference => subjects(&Requests::default()),
            Self::Own(subjects) => subjects.clone(),
        }
    }

    /// Flows and strategies, in the order of the reports.
    pub(super) fn strategies(&self) -> Vec<(String, String)> {
        let subjects = self.subjects();
        subjects.iter().map(|subject| (subject.flow().to_owned(), subject.strategy().to_owned())).collect()
    }
}

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
