//! The flow `scenario-import`: a CSV file of scenarios, each with the context that its evaluator reads.
//!
//! Each strategy is one file, and tells its steps in order. What it does for one row is what its namesake in
//! [`super::scenario_create`] does; the rest that they share is in [`super::scenarios`].

pub mod as_found;
pub mod inline_column;
pub mod intent_log;
pub mod path_first;
pub mod undo_on_error;

pub use as_found::AsFound;
pub use inline_column::InlineColumn;
pub use intent_log::IntentLog;
pub use path_first::PathFirst;
pub use undo_on_error::UndoOnError;

/// The flow's name.
const FLOW: &str = "scenario-import";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Flow;
    use crate::imports::scenarios::answers::ImportAnswer;
    use crate::imports::scenarios::error::ScenarioError;
    use crate::imports::scenarios::import_request::ImportScenarios;
    use crate::imports::scenarios::testing::{TempWorld, block_on};

    const SKIPPED: [&str; 2] = ["Wrong number ", "refund after nine days"];

    async fn imported<F>(flow: &F, request: &ImportScenarios) -> (ImportAnswer, TempWorld)
    where
        F: Flow<Request = ImportScenarios, Response = ImportAnswer, Error = ScenarioError>,
    {
        let world = TempWorld::prepared(flow, request).await;
        let app = flow.boot(&world.world).await.expect("booted");
        let answer = flow.import(&app, request).await.expect("imported");
        assert_eq!((answer.created, answer.skipped), (18, 2), "{}", flow.strategy());
        assert_eq!(answer.created_titles.len(), 18, "{}", flow.strategy());
        assert_eq!(answer.skipped_titles, SKIPPED, "{}", flow.strategy());
        (answer, world)
    }

    /// The contexts that the world has to hold, by title: none for what was there before.
    fn contexts(request: &ImportScenarios) -> BTreeMap<String, Option<String>> {
        let before = request.existing.iter().map(|title| (title.clone(), None));
        let created = request.expected().into_iter().map(|new| (new.title, new.evaluator_context));
        before.chain(created).collect()
    }

    /// Every row with a context names a file of its own that holds it, and there are no others.
    async fn check_files<F>(flow: &F) -> ImportAnswer
    where
        F: Flow<Request = ImportScenarios, Response = ImportAnswer, Error = ScenarioError>,
    {
        let request = ImportScenarios::example();
        let (answer, world) = imported(flow, &request).await;
        let mut files = world.files();
        let rows = world.scenarios("evaluator_context_path").await;
        let stored = rows.into_iter().map(|(title, path)| (title, path.and_then(|path| files.remove(&path))));
        assert_eq!(stored.collect::<BTreeMap<_, _>>(), contexts(&request), "{}", flow.strategy());
        assert!(files.is_empty(), "{}: {files:?}", flow.strategy());
        assert_eq!(world.directories(), 12, "{}", flow.strategy());
        for created in answer.scenarios.iter().flatten() {
            let query = format!("SELECT count(*) FROM scenarios WHERE id = '{}' AND title = ", created.id);
            let title = created.title.replace('\'', "''");
            let path = created.evaluator_context_path.as_deref().unwrap_or("none");
            let query = format!("{query}'{title}' AND coalesce(evaluator_context_path, 'none') = '{path}'");
            assert_eq!(world.count(&query).await, 1, "{}", flow.strategy());
        }
        answer
    }

    #[test]
    fn a_file_is_imported_with_its_contexts_in_files() {
        block_on(async {
            assert_eq!(check_files(&AsFound).await.scenarios, None);
            for answer in
                [check_files(&UndoOnError).await, check_files(&PathFirst).await, check_files(&IntentLog).await]
            {
                assert_eq!(answer.scenarios.expect("they are told").len(), 18);
            }
        });
    }

    #[test]
    fn a_file_is_imported_with_its_contexts_in_a_column() {
        block_on(async {
            let request = ImportScenarios::example();
            let (answer, world) = imported(&InlineColumn, &request).await;
            assert_eq!(world.scenarios("evaluator_context").await, contexts(&request));
            assert_eq!(world.directories(), 0);
            for created in answer.scenarios.expect("they are told") {
                let address = format!("/api/scenarios/{}/evaluator-context", created.id);
                let given = contexts(&request)[&created.title].is_some();
                assert_eq!(created.evaluator_context_path, given.then_some(address));
            }
        });
    }

    /// A refusal that says why, and nothing but what was there before.
    async fn check_refused<F>(flow: &F)
    where
        F: Flow<Request = ImportScenarios, Response = ImportAnswer, Error = ScenarioError>,
    {
        let mut request = ImportScenarios::small();
        request.csv.extend_from_slice(b"one,more,,row,fax,\n");
        let world = TempWorld::prepared(flow, &request).await;
        let app = flow.boot(&world.world).await.expect("booted");
        let error = flow.import(&app, &request).await.expect_err("the mode is unknown").to_string();
        assert!(error.starts_with("line ") && error.contains("the mode is \"fax\""), "{error}");
        assert_eq!(world.scenarios("id").await.len(), request.existing.len(), "{}", flow.strategy());
        assert_eq!(world.directories(), 0, "{}", flow.strategy());
    }

    #[test]
    fn a_bad_file_is_refused_before_the_first_effect() {
        block_on(async {
            check_refused(&AsFound).await;
            check_refused(&UndoOnError).await;
            check_refused(&InlineColumn).await;
            check_refused(&PathFirst).await;
            check_refused(&IntentLog).await;
        });
    }

    #[test]
    fn every_scenario_with_a_context_is_promised_in_the_answer_by_each_strategy() {
        let request = ImportScenarios::example();
        for rules in [
            AsFound.rules(&request),
            UndoOnError.rules(&request),
            InlineColumn.rules(&request),
            PathFirst.rules(&request),
            IntentLog.rules(&request),
        ] {
            assert_eq!(rules.stored.len(), 12);
            assert_eq!(rules.promises.len(), 24);
        }
    }
}
