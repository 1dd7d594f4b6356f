//! Criteria about answers: what the caller was told, and whether it is true.

use std::fmt::Write;

use serde_json::Value as Json;

use super::Scene;
use super::contents::mismatch;
use super::evidence::{Evidence, brief};
use super::worlds::said;
use crate::observe::{Answer, Entry, Moment, Table, Value};
use crate::roles::{Extras, Part};
use crate::rules::{Column, Object, Promise, Target};

/// Success is answered only when everything is there; every failure is told.
pub(super) fn failure_surfaced(scene: &Scene, moment: Moment) -> Vec<Evidence> {
    match &scene.now.observation.answer {
        Some(Answer::Success(_)) if !scene.result.form.is_contained_in(scene.now.form, Part::Everything) => {
            let places = scene.differing(scene.result, Extras::AllowedInLogs);
            said("success was answered, and something is missing", scene.difference_from_result(), places)
        }
        Some(Answer::Panicked { message, injected: false }) => {
            vec![Evidence::said(format!("the flow panicked: {}", scene.names.message(message)))]
        }
        Some(Answer::Hung { deadline_ms }) => vec![Evidence::said(hung(*deadline_ms))],
        // A start after a success: the caller was told that it is done, and is served no more.
        Some(Answer::NotBooted(why)) if moment == Moment::AfterRestart => {
            vec![Evidence::said(format!(
                "success was answered, and the application does not start any more: {}",
                scene.names.message(why)
            ))]
        }
        // That the fault itself panics says nothing of the flow, and any other failed start is a matter of the retry.
        Some(
            Answer::Success(_) | Answer::Failure(_) | Answer::Panicked { injected: true, .. } | Answer::NotBooted(_),
        )
        | None => Vec::new(),
    }
}

/// A success answer carries what it promises.
pub(super) fn response_complete(scene: &Scene) -> Vec<Evidence> {
    let Some(Answer::Success(answer)) = &scene.now.observation.answer else { return Vec::new() };
    let mut evidence: Vec<Evidence> = Vec::new();
    for promise in &scene.rules.promises {
        let Some(sentence) = broken(scene, answer, promise) else { continue };
        // Several promises about one object are broken at once when the object is not there.
        match evidence.last_mut() {
            Some(last) if last.sentence == sentence => last.rules.push(promise.claim()),
            _ => evidence.push(Evidence::said(sentence).of_rule(promise.claim())),
        }
    }
    brief(evidence)
}

/// The same request, sent again, succeeds.
pub(super) fn retry_succeeds(scene: &Scene) -> Vec<Evidence> {
    let message = |message: &str| scene.names.message(message);
    vec![Evidence::said(match &scene.now.observation.answer {
        Some(Answer::Success(_)) => return Vec::new(),
        Some(Answer::Failure(why)) => format!("the retry was refused: {}", message(why)),
        Some(Answer::Panicked { message: why, .. }) => format!("the retry panicked: {}", message(why)),
        Some(Answer::Hung { deadline_ms }) => format!("the retry hangs: {}", hung(*deadline_ms)),
        Some(Answer::NotBooted(why)) => format!("the application does not start: {}", message(why)),
        None => "the retry got no answer".to_owned(),
    })]
}

/// The columns that a promise names.
pub(super) fn columns(promise: &Promise) -> Vec<Column> {
    match &promise.leads_to {
        Target::Row(id) => vec![id.clone()],
        Target::File(_) => Vec::new(),
        Target::Resource { id, column, .. } => vec![id.clone(), Column::new(&id.table, column)],
    }
}

fn hung(deadline_ms: u64) -> String {
    let (seconds, rest) = (deadline_ms / 1000, deadline_ms % 1000);
    if rest == 0 { format!("no answer within {seconds} s") } else { format!("no answer within {deadline_ms} ms") }
}

fn broken(scene: &Scene, answer: &Json, promise: &Promise) -> Option<String> {
    let (object, name) = match &promise.object {
        Object::Answer => (Some(answer), "the answer".to_owned()),
        Object::Element { array, key, value } => {
            let elements = answer.pointer(array).and_then(Json::as_array).into_iter().flatten();
            let element = elements.into_iter().find(|element| element[key.as_str()].as_str() == Some(value.as_str()));
            (element, format!("the element of {array} with {key} {}", scene.names.short(value)))
        }
    };
    let field = &promise.field;
    let Some(object) = object else { return Some(format!("the answer lacks {name}")) };
    let value = match &object[field.as_str()] {
        Json::Null => return Some(format!("{name} lacks {field}")),
        Json::String(text) if text.is_empty() => return Some(format!("{field} of {name} is empty")),
        Json::String(text) => text.clone(),
        Json::Number(number) if matches!(promise.leads_to, Target::Row(_)) => number.to_string(),
        Json::Number(_) | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            return Some(format!("{field} of {name} is no text"));
        }
    };
    let problem = match &promise.leads_to {
        Target::Row(id) => {
            row(scene, id, &value).is_none().then(|| format!("leads to a row of {} that is not there", id.table))
        }
        Target::File(content) => wrong_file(scene, &value, content),
        Target::Resource { address, id, column, content } => {
            wrong_resource(scene, &value, address, id, column, content)
        }
    };
    problem.map(|problem| format!("{field} of {name} {problem}"))
}

fn wrong_file(scene: &Scene, path: &str, content: &[u8]) -> Option<String> {
    match scene.now.observation.files.get(path) {
        None => Some("leads to a file that is not there".to_owned()),
        Some(Entry::EmptyDirectory) => Some("leads to an empty directory".to_owned()),
        Some(Entry::File(found)) => mismatch(found, content).map(|what| format!("leads to {what}")),
    }
}

fn wrong_resource(
    scene: &Scene,
    value: &str,
    address: &str,
    id: &Column,
    column: &str,
    content: &[u8],
) -> Option<String> {
    let (before, after) = address.split_once("{id}").unwrap_or((address, ""));
    let Some(named) = value.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) else {
        return Some(format!("is no address like {address}"));
    };
    let Some((table, at)) = row(scene, id, named) else {
        return Some(format!("leads to a row of {} that is not there", id.table));
    };
    let found = table.column(column).map(|column| &table.rows[at][column]);
    match found {
        Some(Value::Text(text)) => mismatch(text.as_bytes(), content),
        Some(Value::Blob(bytes)) => mismatch(bytes, content),
        Some(Value::Null | Value::Integer(_) | Value::Real(_)) | None => {
            Some(format!("{} without {column}", scene.names.row(&id.table, at)))
        }
    }
    .map(|what| format!("leads to {what}"))
}

/// The row with this id, as an answer writes ids.
fn row<'a>(scene: &Scene<'a>, id: &Column, written: &str) -> Option<(&'a Table, usize)> {
    let table = scene.now.observation.tables.get(&id.table)?;
    let is_meant = |value: &Value| match value {
        Value::Text(text) => **text == *written,
        Value::Integer(number) => number.to_string() == written,
        Value::Blob(bytes) => is_written(bytes, written),
        Value::Null | Value::Real(_) => false,
    };
    let (at, _) = scene.values(id).find(|(_, value)| is_meant(value))?;
    Some((table, at))
}

/// Whether these bytes are the UUID that is written there.
fn is_written(bytes: &[u8], written: &str) -> bool {
    let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    written.replace('-', "").eq_ignore_ascii_case(&digits)
}
