//! The flow `scenario-create`: one scenario, with the context that its evaluator reads.
//!
//! Each strategy is one file, and tells its steps in order. What they share is in [`super::scenarios`].

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
const FLOW: &str = "scenario-create";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flow;
    use crate::imports::scenarios::answers::Scenario;
    use crate::imports::scenarios::create_request::CreateScenario;
    use crate::imports::scenarios::error::ScenarioError;
    use crate::imports::scenarios::testing::{TempWorld, block_on};

    async fn created<F>(flow: &F, request: &CreateScenario) -> (Scenario, TempWorld)
    where
        F: Flow<Request = CreateScenario, Response = Scenario, Error = ScenarioError>,
    {
        let world = TempWorld::prepared(flow, request).await;
        let app = flow.boot(&world.world).await.expect("booted");
        let answer = flow.import(&app, request).await.expect("created");
        (answer, world)
    }

    /// The row names a file, and that is the only one and holds the context.
    async fn check_file<F>(flow: &F, path_in_answer: bool)
    where
        F: Flow<Request = CreateScenario, Response = Scenario, Error = ScenarioError>,
    {
        let request = CreateScenario::example();
        let (answer, world) = created(flow, &request).await;
        let path = format!("evaluator_context/{}/context.txt", answer.id);
        let context = request.evaluator_context.clone().expect("the example has one");
        assert_eq!(world.files(), [(path.clone(), context)].into(), "{}", flow.strategy());
        let rows = world.scenarios("evaluator_context_path").await;
        assert_eq!(rows, [(request.title.clone(), Some(path.clone()))].into(), "{}", flow.strategy());
        assert_eq!(answer.evaluator_context_path, path_in_answer.then_some(path), "{}", flow.strategy());
    }

    #[test]
    fn a_scenario_is_created_with_its_context_in_a_file() {
        block_on(async {
            check_file(&AsFound, false).await;
            check_file(&UndoOnError, true).await;
            check_file(&PathFirst, true).await;
            check_file(&IntentLog, true).await;
        });
    }

    #[test]
    fn a_scenario_is_created_with_its_context_in_a_column() {
        block_on(async {
            let request = CreateScenario::example();
            let (answer, world) = created(&InlineColumn, &request).await;
            let address = format!("/api/scenarios/{}/evaluator-context", answer.id);
            assert_eq!(answer.evaluator_context_path, Some(address));
            let rows = world.scenarios("evaluator_context").await;
            assert_eq!(rows, [(request.title, request.evaluator_context)].into());
            assert_eq!(world.directories(), 0);
        });
    }

    /// No file, no directory, no path.
    async fn check_without_context<F>(flow: &F)
    where
        F: Flow<Request = CreateScenario, Response = Scenario, Error = ScenarioError>,
    {
        let request = CreateScenario { evaluator_context: None, ..CreateScenario::example() };
        let (answer, world) = created(flow, &request).await;
        assert_eq!(answer.evaluator_context_path, None, "{}", flow.strategy());
        assert_eq!(world.scenarios("evaluator_context_path").await, [(request.title, None)].into());
        assert_eq!(world.directories(), 0, "{}", flow.strategy());
    }

    #[test]
    fn a_scenario_without_a_context_has_no_file() {
        block_on(async {
            check_without_context(&AsFound).await;
            check_without_context(&UndoOnError).await;
            check_without_context(&InlineColumn).await;
            check_without_context(&PathFirst).await;
            check_without_context(&IntentLog).await;
        });
    }

    /// A refusal that says why, and nothing in the world.
    async fn check_refused<F>(flow: &F)
    where
        F: Flow<Request = CreateScenario, Response = Scenario, Error = ScenarioError>,
    {
        let request = CreateScenario { title: "é".repeat(256), ..CreateScenario::example() };
        let world = TempWorld::prepared(flow, &request).await;
        let app = flow.boot(&world.world).await.expect("booted");
        let error = flow.import(&app, &request).await.expect_err("the title is too long");
        assert_eq!(error.to_string(), "the title has 256 characters; at most 255 are allowed");
        assert!(world.scenarios("id").await.is_empty(), "{}", flow.strategy());
        assert_eq!(world.directories(), 0, "{}", flow.strategy());
        assert!(flow.rules(&request).promises.is_empty(), "{}", flow.strategy());
    }

    #[test]
    fn a_bad_request_is_refused_before_the_first_effect() {
        block_on(async {
            check_refused(&AsFound).await;
            check_refused(&UndoOnError).await;
            check_refused(&InlineColumn).await;
            check_refused(&PathFirst).await;
            check_refused(&IntentLog).await;
        });
    }
}
