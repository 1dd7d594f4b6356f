//! What the owners of the application asked for: the same of every strategy, whether it keeps it or not.
//!
//! Strategies differ only in where a context is kept.

use crate::Rules;
use crate::rules::{Column, Object, StoredIn, Target};

use super::context_files::FOLDER;
use super::new_scenario::NewScenario;

/// Where a strategy keeps contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In a file, whose path is in the row.
    File,
    /// In the row.
    Column,
}

/// The address of the resource that serves a context from its row.
const ADDRESS: &str = "/api/scenarios/{id}/evaluator-context";

/// The address at which the context of this scenario is served.
pub(crate) fn context_address(id: &str) -> String {
    ADDRESS.replace("{id}", id)
}

/// What is promised about one scenario. `None` when the request is refused.
pub(crate) fn of_creation(storage: Storage, created: Option<&NewScenario>) -> Rules {
    let rules = of_world(storage);
    let Some(created) = created else { return rules };
    of_scenario(rules, storage, created, &Object::Answer).answer_carries(Object::Answer, "id", id_of_scenario())
}

/// What is promised about the scenarios that an import creates.
pub(crate) fn of_import(storage: Storage, created: &[NewScenario]) -> Rules {
    let with_context = created.iter().filter(|scenario| scenario.evaluator_context.is_some());
    with_context.fold(of_world(storage), |rules, scenario| {
        let (array, key) = ("/scenarios".to_owned(), "title".to_owned());
        let element = Object::Element { array, key, value: scenario.title.clone() };
        of_scenario(rules, storage, scenario, &element).answer_carries(element, "id", id_of_scenario())
    })
}

/// The tables of the intent log: an intent that stays is a leftover, an answer is part of the result.
pub(crate) fn with_intent_log(rules: Rules) -> Rules {
    rules.generated_id("intents", "scenario_id").generated("intents", "created_at").generated("requests", "created_at")
}

fn of_world(storage: Storage) -> Rules {
    let rules = Rules::new().generated_id("scenarios", "id").generated("scenarios", "created_at").file_needs_row(
        FOLDER,
        "scenarios",
        "evaluator_context_path",
    );
    match storage {
        Storage::File => rules.row_needs_file("scenarios", "evaluator_context_path"),
        Storage::Column => rules,
    }
}

fn of_scenario(rules: Rules, storage: Storage, scenario: &NewScenario, object: &Object) -> Rules {
    let Some(context) = &scenario.evaluator_context else { return rules };
    let (place, target) = match storage {
        Storage::File => (
            StoredIn::File { path_column: "evaluator_context_path".to_owned() },
            Target::File(context.as_bytes().into()),
        ),
        Storage::Column => (
            StoredIn::Column { column: "evaluator_context".to_owned() },
            Target::Resource {
                address: ADDRESS.to_owned(),
                id: Column::new("scenarios", "id"),
                column: "evaluator_context".to_owned(),
                content: context.as_bytes().into(),
            },
        ),
    };
    rules.row_stores("scenarios", ("title", &scenario.title), place, context.as_bytes()).answer_carries(
        object.clone(),
        "evaluatorContextPath",
        target,
    )
}

fn id_of_scenario() -> Target {
    Target::Row(Column::new("scenarios", "id"))
}
