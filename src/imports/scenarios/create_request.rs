//! The request to create one scenario, and how it is read from JSON.
//!
//! Refuses what it does not know: an unknown field is more likely a typing error than a wish. Each message names the
//! field. What the fields may hold is the business of [`super::new_scenario`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::new_scenario::{ContextLimit, InvalidRequest, Mode, NewScenario, check_request_id};

const CONTEXT_LIMIT: ContextLimit = ContextLimit(5_000);

/// The request to create one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateScenario {
    /// The caller's name for this request: the same on a retry, another for another request.
    pub request_id: String,
    /// 1 to 255 characters.
    pub title: String,
    /// 1 to 10 000 characters.
    pub prompt: String,
    /// At most 1 000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How the agent is reached.
    pub mode: Mode,
    /// Where it is filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// At most 5 000 characters. An empty one is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluator_context: Option<String>,
}

impl CreateScenario {
    /// Reads a request from a JSON object with camel-case fields.
    ///
    /// # Errors
    /// When the text is no JSON object, a field is unknown, missing or no text, or a value is out of its limits.
    pub fn from_json(text: &str) -> Result<Self, InvalidRequest> {
        let object: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| InvalidRequest::new(format!("the request is no JSON object: {error}")))?;
        let mut given = Map::new();
        for (field, value) in object {
            // All fields are texts. Said here, because serde's own message about a wrong type names no field.
            match value {
                Value::Null => {}
                Value::String(_) => _ = given.insert(field, value),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    return Err(InvalidRequest::new(format!("the field \"{field}\" is {value}; it has to be a text")));
                }
            }
        }
        let request: Self = serde_json::from_value(Value::Object(given))
            .map_err(|error| InvalidRequest::new(format!("the request cannot be read: {error}")))?;
        request.scenario()?;
        Ok(request)
    }

    /// A realistic request: one scenario with a context of about a kilobyte.
    ///
    /// # Panics
    /// Never: a test holds the embedded file to it.
    pub fn example() -> Self {
        Self::from_json(include_str!("../../../scenarios/input/request.json")).expect("the embedded request is valid")
    }

    /// The scenario that is asked for, within its limits.
    pub(crate) fn scenario(&self) -> Result<NewScenario, InvalidRequest> {
        check_request_id(&self.request_id)?;
        let scenario = NewScenario {
            title: self.title.clone(),
            prompt: self.prompt.clone(),
            description: self.description.clone(),
            mode: self.mode,
            category: self.category.clone(),
            evaluator_context: self.evaluator_context.clone().filter(|context| !context.is_empty()),
        };
        scenario.check(CONTEXT_LIMIT)?;
        Ok(scenario)
    }

    /// Tells this request from another one that is sent under the same id.
    pub(crate) fn digest(&self) -> String {
        let content = serde_json::to_vec(self).expect("texts always serialize");
        format!("{:x}", Sha256::digest(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let error = CreateScenario::from_json(json).expect_err("not a request").to_string();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }

    #[test]
    fn the_example_is_a_request_with_a_context() {
        let example = CreateScenario::example();
        let context = example.evaluator_context.as_deref().expect("it has a context");
        assert!(context.len() > 800 && !context.is_ascii(), "{} bytes", context.len());
        let json = serde_json::to_string(&example).expect("it is plain data");
        assert_eq!(CreateScenario::from_json(&json), Ok(example));
    }

    #[test]
    fn a_request_that_cannot_be_read_names_the_field() {
        check("[1]", "no JSON object");
        check(r#"{"requestId":"r1","title":"t","prompt":"p","#, "no JSON object: EOF");
        check(r#"{"requestId":"r1","prompt":"p","mode":"chat"}"#, "missing field `title`");
        check(r#"{"requestId":"r1","title":null,"prompt":"p","mode":"chat"}"#, "missing field `title`");
        check(r#"{"requestId":"r1","title":7,"prompt":"p","mode":"chat"}"#, "the field \"title\" is 7");
        check(r#"{"requestId":"r1","title":"t","prompt":"p","mode":"fax"}"#, "the mode is \"fax\"");
        check(r#"{"requestId":"r1","titel":"t","prompt":"p","mode":"chat"}"#, "unknown field `titel`");
        check(r#"{"requestId":" ","title":"t","prompt":"p","mode":"chat"}"#, "the request id is empty");
    }

    #[test]
    fn a_request_out_of_its_limits_names_the_field() {
        let long = "é".repeat(5_001);
        let json =
            format!(r#"{{"requestId":"r1","title":"t","prompt":"p","mode":"chat","evaluatorContext":"{long}"}}"#);
        check(&json, "the evaluator context has 5001 characters");
    }

    #[test]
    fn an_empty_context_is_none() {
        let json = r#"{"requestId":"r1","title":"t","prompt":"p","mode":"chat","evaluatorContext":""}"#;
        let request = CreateScenario::from_json(json).expect("a request");
        assert_eq!(request.scenario().expect("within limits").evaluator_context, None);
    }
}
