//! What a caller is told on success.
//!
//! Decides the shape only. The time of creation is left out of it: an answer that is stored and sent again has nothing
//! in it that differs from run to run but ids.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::context_files::context_path;
use super::new_scenario::NewScenario;

/// A scenario, as a row and as an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    /// Made up by the application, so that it is known before the row exists.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What the simulated caller is told to do.
    pub prompt: String,
    /// A note for people.
    pub description: Option<String>,
    /// How the agent is reached.
    pub mode: String,
    /// Where it is filed.
    pub category: Option<String>,
    /// Where the evaluator's context is: a path relative to the directory of the world, or the address of a resource.
    pub evaluator_context_path: Option<String>,
}

impl Scenario {
    /// A scenario with a new id, and without a path.
    pub(crate) fn draw(new: &NewScenario) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            title: new.title.clone(),
            prompt: new.prompt.clone(),
            description: new.description.clone(),
            mode: new.mode.name().to_owned(),
            category: new.category.clone(),
            evaluator_context_path: None,
        }
    }

    /// A scenario with a new id, and with the path that its context will have, if it has one.
    pub(crate) fn draw_with_path(new: &NewScenario) -> Self {
        let scenario = Self::draw(new);
        let path = new.evaluator_context.is_some().then(|| context_path(&scenario.id));
        Self { evaluator_context_path: path, ..scenario }
    }
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportAnswer {
    /// How many scenarios were created.
    pub created: usize,
    /// How many rows were skipped.
    pub skipped: usize,
    /// The titles of the former.
    pub created_titles: Vec<String>,
    /// The titles of the latter.
    pub skipped_titles: Vec<String>,
    /// The scenarios that were created. The application as it was found does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Vec<CreatedScenario>>,
}

/// One scenario that an import created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedScenario {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where the evaluator's context is, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluator_context_path: Option<String>,
}

impl ImportAnswer {
    /// The answer of the application as it was found: titles, and nothing that leads to what was created.
    pub(crate) fn titles(created: &[Scenario], skipped_titles: &[String]) -> Self {
        Self {
            created: created.len(),
            skipped: skipped_titles.len(),
            created_titles: created.iter().map(|scenario| scenario.title.clone()).collect(),
            skipped_titles: skipped_titles.to_vec(),
            scenarios: None,
        }
    }

    /// The answer that also says where each scenario is.
    pub(crate) fn complete(created: &[Scenario], skipped_titles: &[String]) -> Self {
        let scenarios = created.iter().map(CreatedScenario::from).collect();
        Self { scenarios: Some(scenarios), ..Self::titles(created, skipped_titles) }
    }
}

impl From<&Scenario> for CreatedScenario {
    fn from(scenario: &Scenario) -> Self {
        Self {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            evaluator_context_path: scenario.evaluator_context_path.clone(),
        }
    }
}
