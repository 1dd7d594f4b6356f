//! The JSON report: field by field the value itself, and back.
//!
//! `schema/report.schema.json` says what it looks like; the two are tested against each other. Reading is lenient about
//! fields that it does not know, and strict about the version.

use crate::report::Report;

/// The version of the format that this crate writes and reads.
pub const SCHEMA: u32 = 1;

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
#[error("read report: {0}")]
pub struct ParseError(Problem);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}; is it the output of \"halfway --format json\", and all of it?")]
    NoReport(serde_json::Error),
    #[error("its schema is {0}, and this halfway reads schema {SCHEMA}; use the halfway that wrote it")]
    OtherSchema(u64),
}

/// The report as JSON: indented, fields in the order of the type, a newline at the end. Equal reports give equal bytes.
///
/// # Panics
/// Never: a report holds nothing that JSON cannot say.
pub fn render(report: &Report) -> String {
    let mut json = serde_json::to_string_pretty(report).expect("a report has no map, and serialises without an error");
    json.push('\n');
    json
}

/// Reads a report back.
///
/// # Errors
/// When the text is no JSON, is no report, or is one of another schema.
pub fn parse(json: &str) -> Result<Report, ParseError> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| ParseError(Problem::NoReport(error)))?;
    // The version first: what another version calls a field is not this version's mistake.
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema != u64::from(SCHEMA) => Err(ParseError(Problem::OtherSchema(schema))),
        _ => serde_json::from_value(value).map_err(|error| ParseError(Problem::NoReport(error))),
    }
}
