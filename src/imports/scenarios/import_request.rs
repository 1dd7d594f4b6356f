//! The request to import a file of scenarios.

use sha2::{Digest, Sha256};

use super::csv_file;
use super::new_scenario::{InvalidRequest, NewScenario, check_request_id};
use super::plan::plan;

/// The request to import a file of scenarios, and the world that it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportScenarios {
    /// The caller's name for this request: the same on a retry, another for another request.
    pub request_id: String,
    /// The file: CSV with the header `title,prompt,description,evaluator_context,mode,category`, 1 to 100 rows, at most
    /// 5 MiB, UTF-8.
    pub csv: Vec<u8>,
    /// The titles of the scenarios that exist before: no part of what the caller sends, but of what the import finds.
    pub existing: Vec<String>,
}

impl ImportScenarios {
    /// A request that was checked.
    ///
    /// # Errors
    /// When the file cannot be accepted: the message names line and field.
    pub fn new(
        request_id: impl Into<String>,
        csv: impl Into<Vec<u8>>,
        existing: Vec<String>,
    ) -> Result<Self, InvalidRequest> {
        let request = Self { request_id: request_id.into(), csv: csv.into(), existing };
        request.rows()?;
        Ok(request)
    }

    /// A realistic file of 20 rows, two of which are skipped.
    ///
    /// # Panics
    /// Never: a test holds the embedded file to it.
    pub fn example() -> Self {
        let existing = vec!["Wrong Number".to_owned(), "greeting in two languages".to_owned()];
        Self::new("import-20", include_str!("../../../scenarios/input/scenarios.csv"), existing)
            .expect("the embedded file is valid")
    }

    /// Four rows: two with a context, one without, one that is skipped. For deep exploration.
    ///
    /// # Panics
    /// Never: a test holds the embedded file to it.
    pub fn small() -> Self {
        let existing = vec!["Wrong Number".to_owned(), "greeting in two languages".to_owned()];
        Self::new("import-4", include_str!("../../../scenarios/input/scenarios-small.csv"), existing)
            .expect("the embedded file is valid")
    }

    /// The same request with the first rows of its file only; `None` where it has no more than those.
    pub(crate) fn first_parts(&self, rows: usize) -> Option<Self> {
        let csv = csv_file::first_rows(&self.csv, rows)?.to_vec();
        Some(Self { csv, ..self.clone() })
    }

    /// The rows of the file, in its order.
    pub(crate) fn rows(&self) -> Result<Vec<NewScenario>, InvalidRequest> {
        check_request_id(&self.request_id)?;
        csv_file::read(&self.csv)
    }

    /// The scenarios that the request creates when nothing disturbs it. None when it is refused.
    pub(crate) fn expected(&self) -> Vec<NewScenario> {
        self.rows().map(|rows| plan(&rows, &self.existing).created).unwrap_or_default()
    }

    /// Tells this request from another one that is sent under the same id.
    pub(crate) fn digest(&self) -> String {
        format!("{:x}", Sha256::digest(&self.csv))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &ImportScenarios, rows: usize, created: usize, with_context: usize) {
        assert_eq!(request.rows().expect("valid").len(), rows);
        let expected = request.expected();
        assert_eq!(expected.len(), created);
        assert_eq!(expected.iter().filter(|row| row.evaluator_context.is_some()).count(), with_context);
    }

    #[test]
    fn the_embedded_files_hold_what_is_said_of_them() {
        check(&ImportScenarios::example(), 20, 18, 12);
        check(&ImportScenarios::small(), 4, 3, 2);
    }

    #[test]
    fn the_larger_file_is_as_awkward_as_real_ones() {
        let rows = ImportScenarios::example().rows().expect("valid");
        let any = |test: fn(&str) -> bool| {
            rows.iter().any(|row| test(&row.prompt))
                && rows.iter().filter_map(|row| row.evaluator_context.as_deref()).any(test)
        };
        assert!(any(|text| text.contains(',')));
        assert!(any(|text| text.contains('\n')));
        assert!(any(|text| text.contains('"')));
        assert!(any(|text| !text.is_ascii()));
        let longest = rows.iter().filter_map(|row| row.evaluator_context.as_ref()).map(String::len).max();
        assert!(longest > Some(2_000), "{longest:?}");
    }

    #[test]
    fn the_first_rows_are_those_of_the_file() {
        for request in [ImportScenarios::example(), ImportScenarios::small()] {
            let rows = request.rows().expect("valid");
            for count in 1..rows.len() {
                let first = request.first_parts(count).expect("it has more rows");
                assert_eq!(first.rows().expect("valid"), rows[..count]);
            }
            assert_eq!(request.first_parts(rows.len()), None);
            assert_eq!(request.first_parts(0), None);
        }
    }
}
