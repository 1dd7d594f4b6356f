//! What an import of scenarios has to do: the rows of its file, which of them become scenarios, and their contexts.
//!
//! Computes only. When any of it is done is a strategy's business.

use std::collections::BTreeSet;

use halfway::imports::scenarios::answers::{CreatedScenario, ImportAnswer, Scenario};
use halfway::imports::scenarios::import_request::ImportScenarios;
use serde::Deserialize;
use uuid::Uuid;

use super::context_file::context_path;

/// Three rows: one with a context, one without, and one that is skipped.
pub(crate) fn request() -> ImportScenarios {
    let file = "title,prompt,description,evaluator_context,mode,category\n\
        Lost card,You want your card blocked.,,The card is blocked before anything else is asked.,phone,cards\n\
        Opening hours,When are you open on Saturday?,,,chat,small talk\n\
        WRONG NUMBER,You wanted the bakery next door.,,This row is skipped.,phone,small talk\n";
    ImportScenarios::new("import-3", file, vec!["Wrong Number".to_owned()]).expect("the file is valid")
}

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) prompt: String,
    pub(crate) description: Option<String>,
    pub(crate) evaluator_context: Option<String>,
    pub(crate) mode: String,
    pub(crate) category: Option<String>,
}

/// What is to be done for a request.
pub(crate) struct Work<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) rows: &'a [Row],
    pub(crate) plan: Plan,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) contexts: Vec<Context>,
}

/// The rows that become scenarios, and the titles of those that are skipped.
#[derive(PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) created: Vec<Row>,
    pub(crate) skipped_titles: Vec<String>,
}

/// A context that goes to disk.
pub(crate) struct Context {
    pub(crate) scenario_id: String,
    pub(crate) path: String,
    pub(crate) text: String,
}

impl<'a> Work<'a> {
    /// With new ids.
    pub(crate) fn new(request_id: &'a str, rows: &'a [Row], plan: Plan) -> Self {
        let scenarios: Vec<Scenario> = plan.created.iter().map(draw).collect();
        let pairs = scenarios.iter().zip(&plan.created);
        let contexts = pairs.filter_map(|(scenario, row)| {
            let (path, text) = scenario.evaluator_context_path.clone().zip(row.evaluator_context.clone())?;
            Some(Context { scenario_id: scenario.id.clone(), path, text })
        });
        Self { request_id, rows, contexts: contexts.collect(), scenarios, plan }
    }

    /// The answer once it is done.
    pub(crate) fn answer(&self) -> ImportAnswer {
        let created = |scenario: &Scenario| CreatedScenario {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            evaluator_context_path: scenario.evaluator_context_path.clone(),
        };
        ImportAnswer {
            created: self.scenarios.len(),
            skipped: self.plan.skipped_titles.len(),
            created_titles: self.scenarios.iter().map(|scenario| scenario.title.clone()).collect(),
            skipped_titles: self.plan.skipped_titles.clone(),
            scenarios: Some(self.scenarios.iter().map(created).collect()),
        }
    }
}

/// The rows of a file.
pub(crate) fn read(file: &[u8]) -> Vec<Row> {
    csv::Reader::from_reader(file).deserialize().collect::<Result<_, _>>().expect("the file is valid")
}

/// Skips the rows whose titles are there, in the database or earlier in the file.
pub(crate) fn plan(rows: &[Row], titles: &[String]) -> Plan {
    let fold = |title: &String| title.trim().to_lowercase();
    let mut taken: BTreeSet<String> = titles.iter().map(fold).collect();
    let (created, skipped): (Vec<Row>, Vec<Row>) = rows.iter().cloned().partition(|row| taken.insert(fold(&row.title)));
    Plan { created, skipped_titles: skipped.into_iter().map(|row| row.title).collect() }
}

fn draw(row: &Row) -> Scenario {
    let id = Uuid::now_v7().to_string();
    Scenario {
        title: row.title.clone(),
        prompt: row.prompt.clone(),
        description: row.description.clone(),
        mode: row.mode.clone(),
        category: row.category.clone(),
        evaluator_context_path: row.evaluator_context.as_ref().map(|_| context_path(&id)),
        id,
    }
}
