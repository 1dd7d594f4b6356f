//! Holds fault scenarios to `schema/scenario.schema.json`, so that an editor helps to write what halfway reads.

use serde_json::Value;

/// A fault scenario, as an editor sees it.
pub(crate) fn json(text: &str) -> Result<Value, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

/// Whether the schema takes the text; if not, why not.
pub(crate) fn validate(text: &str) -> Result<(), String> {
    let schema = serde_json::from_str(include_str!("../../schema/scenario.schema.json")).expect("the schema is JSON");
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("scenario.schema.json", schema).expect("a resource");
    let mut schemas = boon::Schemas::new();
    let root = compiler.compile("scenario.schema.json", &mut schemas).expect("the schema is a JSON Schema");
    schemas.validate(&json(text)?, root).map_err(|error| error.to_string())
}
