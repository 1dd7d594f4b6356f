//! The JSON report: field by field the value itself, and back.
//!
//! `schema/report.schema.json` says what it looks like; the two are tested against each other. Reading is lenient about
//! fields that it does not know, and strict about the version.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::report::{Finding, Options, Partial, Report, StrategyReport, Totals};

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

/// The report as JSON: indented, each story and each world on a line of its own, fields in the order of the type, a newline
/// at the end. Equal reports give equal bytes.
///
/// # Panics
/// Never: a report holds nothing that JSON cannot say.
pub fn render(report: &Report) -> String {
    // No field is left out: who adds one to the report has to say here how it is written.
    let Report { schema, options, totals, strategies, findings, stories, worlds, partial } = report;
    let stories = stories.iter().map(on_one_line).collect();
    let worlds = worlds.iter().map(|(name, view)| (name.as_str(), on_one_line(view))).collect();
    let written =
        Written { schema: *schema, options, totals, strategies, findings, stories, worlds, partial: partial.as_ref() };
    let mut json = serde_json::to_string_pretty(&written).expect("a report is names, words and numbers");
    json.push('\n');
    json
}

/// The report, field by field. There are thousands of steps and operations: indented they would be most of the file.
#[derive(Serialize)]
struct Written<'r> {
    schema: u32,
    options: &'r Options,
    totals: &'r Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<&'r Partial>,
    strategies: &'r [StrategyReport],
    findings: &'r [Finding],
    stories: Vec<Box<RawValue>>,
    worlds: BTreeMap<&'r str, Box<RawValue>>,
}

fn on_one_line(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a report is names, words and numbers")
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
