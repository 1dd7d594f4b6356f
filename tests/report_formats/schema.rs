//! Holds a report to `schema/report.schema.json`.

use serde_json::Value;

/// Whether the schema takes the value; if not, why not.
pub(crate) fn validate(value: &Value) -> Result<(), String> {
    let schema = serde_json::from_str(include_str!("../../schema/report.schema.json")).expect("the schema is JSON");
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("report.schema.json", schema).expect("a resource");
    let mut schemas = boon::Schemas::new();
    let root = compiler.compile("report.schema.json", &mut schemas).expect("the schema is a JSON Schema");
    schemas.validate(value, root).map_err(|error| error.to_string())
}
