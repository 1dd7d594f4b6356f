//! Criteria about answers: what the caller was told, and whether it is true.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Scene;
use super::contents::mismatch;
use super::evidence::{Evidence, brief};
use super::expected::{Difference, Path, What};
use super::rows::hexadecimal;
use super::rule_check::unescaped;
use super::worlds::said;
use crate::observe::{Answer, Entry, Moment, Table, Value};
use crate::roles::{Extras, Meanings, Names, Seen, count};
use crate::rules::{Column, Object, Promise, Target, claims};

/// Success is answered only when everything is there; every failure is told.
pub(super) fn failure_surfaced(scene: &Scene, moment: Moment) -> Vec<Evidence> {
    match &scene.now.observation.answer {
        Some(Answer::Success(_)) if scene.is_owed() && !scene.result.is_contained_in(&scene.now) => {
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

/// A success answer carries what it promises, and is that of a run without faults.
pub(super) fn response_complete(scene: &Scene) -> Vec<Evidence> {
    let Some(Answer::Success(answer)) = &scene.now.observation.answer else { return Vec::new() };
    let meanings = Meanings::new(scene.result, scene.now);
    let mut evidence: Vec<Evidence> = Vec::new();
    // Who promises something of a field says better what is wrong with it.
    let mut told: BTreeSet<Path> = BTreeSet::new();
    for promise in &scene.rules.promises {
        for (path, sentence) in broken(scene, &meanings, answer, promise) {
            told.insert(path);
            // Several promises about one object are broken at once when the object is not there.
            match evidence.last_mut() {
                Some(last) if last.sentence == sentence => last.rules.push(promise.claim()),
                _ => evidence.push(Evidence::said(sentence).of_rule(promise.claim())),
            }
        }
    }
    let differences = scene.expected.map(|expected| expected.differences(&meanings, answer)).unwrap_or_default();
    let is_new = |difference: &Difference| !told.iter().any(|path| difference.path.starts_with(path));
    let owed = |difference: &Difference| match difference.what {
        What::OtherRow(_) | What::NoRow => scene.is_owed(),
        What::Lacking | What::Unexpected | What::Otherwise(..) | What::Elements(..) | What::Element => true,
    };
    let differences = differences.iter().filter(|difference| is_new(difference) && owed(difference));
    evidence.extend(
        differences
            .map(|difference| Evidence::said(sentence(scene, difference)).of_rule(claims::SAME_ANSWER.to_owned())),
    );
    brief(evidence)
}

/// A difference from the answer of a run without faults, in words.
fn sentence(scene: &Scene, Difference { path, what }: &Difference) -> String {
    let place = place(path);
    let then = "without faults";
    match what {
        What::Lacking => format!("the answer lacks {}", name(path)),
        What::Unexpected => format!("the answer has {}, which it has not {then}", name(path)),
        What::Otherwise(was, is) => {
            let was = shown(&Names::new(scene.result), was);
            format!("{place} is {}, and {was} {then}", shown(&scene.names, is))
        }
        What::OtherRow(is) => format!("{place} is {}, which is another row than {then}", shown(&scene.names, is)),
        What::NoRow => format!("{place} names a row that is not there"),
        What::Elements(are, were) => format!("{place} has {}, and {were} {then}", count(*are, "element", "elements")),
        What::Element => format!("{place} is not among those that are there {then}"),
    }
}

/// A field with its place.
fn place(path: &[String]) -> String {
    if path.is_empty() { "the answer".to_owned() } else { format!("{} of the answer", name(path)) }
}

/// A field at the top by its name, another one by its JSON pointer.
fn name(path: &[String]) -> String {
    match path {
        [] => "everything".to_owned(),
        [name] => name.clone(),
        path => {
            let names = path.iter().map(|name| name.replace('~', "~0").replace('/', "~1"));
            format!("/{}", names.collect::<Vec<_>>().join("/"))
        }
    }
}

fn shown(names: &Names, value: &Json) -> String {
    match value {
        Json::String(text) => names.short(text),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
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

/// The objects that a promise is about, each with its path.
fn objects<'j>(answer: &'j Json, object: &Object) -> Vec<(Path, &'j Json)> {
    match object {
        Object::Answer => vec![(Path::new(), answer)],
        Object::Element { array, key, value } => {
            let is_meant = |element: &Json| match &element[key.as_str()] {
                Json::String(text) => text == value,
                Json::Number(number) => number.to_string() == *value,
                Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => false,
            };
            let elements = answer.pointer(array).and_then(Json::as_array).into_iter().flatten().enumerate();
            let meant = elements.filter(|(_, element)| is_meant(element));
            let above: Path = array.split('/').skip(1).map(unescaped).collect();
            meant.map(|(at, element)| ([above.as_slice(), &[at.to_string()]].concat(), element)).collect()
        }
    }
}

/// What is wrong about a promise, each with the path of what it is about.
fn broken(scene: &Scene, meanings: &Meanings, answer: &Json, promise: &Promise) -> Vec<(Path, String)> {
    let name = match &promise.object {
        Object::Answer => "the answer".to_owned(),
        Object::Element { array, key, value } => {
            format!("the element of {array} with {key} {}", scene.names.short(value))
        }
    };
    let objects = objects(answer, &promise.object);
    if objects.is_empty() {
        let array = match &promise.object {
            Object::Element { array, .. } => array.split('/').skip(1).map(unescaped).collect(),
            Object::Answer => Path::new(),
        };
        return vec![(array, format!("the answer lacks {name}"))];
    }
    let without_faults = scene.expected.map(|expected| self::objects(&expected.answer, &promise.object));
    let without_faults = without_faults.unwrap_or_default();
    let problem = |(nth, (path, object)): (usize, (Path, &Json))| {
        // Of several that are alike, the one at the same place.
        let wanted = without_faults.get(nth).or(without_faults.first()).map(|(_, wanted)| *wanted);
        let sentence = broken_of(scene, meanings, (object, wanted), &name, promise)?;
        Some(([path, vec![promise.field.clone()]].concat(), sentence))
    };
    objects.into_iter().enumerate().filter_map(problem).collect()
}

/// What is wrong about a promise that an object makes; `wanted` is the object that it is without faults.
fn broken_of(
    scene: &Scene,
    meanings: &Meanings,
    (object, wanted): (&Json, Option<&Json>),
    name: &str,
    promise: &Promise,
) -> Option<String> {
    let field = &promise.field;
    let value = match text(&object[field.as_str()], &promise.leads_to) {
        Ok(value) => value,
        Err(problem) if problem == NOTHING => return Some(format!("{name} lacks {field}")),
        Err(problem) => return Some(format!("{field} of {name} {problem}")),
    };
    let problem = match &promise.leads_to {
        _ if !scene.is_owed() => None,
        Target::Row(id) => {
            let wanted = wanted.and_then(|wanted| text(&wanted[field.as_str()], &promise.leads_to).ok());
            wrong_row(scene, meanings, id, &value, wanted.as_deref())
        }
        Target::File(content) => wrong_file(scene, &value, content),
        Target::Resource { address, id, column, content } => {
            wrong_resource(scene, &value, address, id, column, content)
        }
    };
    problem.map(|problem| format!("{field} of {name} {problem}"))
}

const NOTHING: &str = "is null";

/// The text that a promised field is, or what is wrong with it.
fn text(value: &Json, leads_to: &Target) -> Result<String, &'static str> {
    match value {
        Json::Null => Err(NOTHING),
        Json::String(text) if text.is_empty() => Err("is empty"),
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) if matches!(leads_to, Target::Row(_)) => Ok(number.to_string()),
        Json::Number(_) | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err("is no text"),
    }
}

/// A row that is not there, or not the one that the answer names without faults.
fn wrong_row(scene: &Scene, meanings: &Meanings, id: &Column, written: &str, wanted: Option<&str>) -> Option<String> {
    let Some((_, is)) = row(scene.now, id, written) else {
        return Some(format!("leads to a row of {} that is not there", id.table));
    };
    let (_, was) = row(scene.result, id, wanted?)?;
    let is_one = meanings.is_one_row((&id.table, was), (&id.table, is));
    (!is_one).then(|| format!("leads to {}, which is another row than without faults", scene.names.row(&id.table, is)))
}

fn wrong_file(scene: &Scene, path: &str, content: &[u8]) -> Option<String> {
    match scene.now.observation.at(path) {
        None => Some("leads to a file that is not there".to_owned()),
        Some(Entry::EmptyDirectory) => Some("leads to an empty directory".to_owned()),
        Some(other @ (Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_))) => {
            Some(format!("leads to {}", scene.names.entry(other)))
        }
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
    let Some((table, at)) = row(scene.now, id, named) else {
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
fn row<'a>(seen: Seen<'a>, id: &Column, written: &str) -> Option<(&'a Table, usize)> {
    let table = seen.observation.tables.get(&id.table)?;
    let column = table.column(&id.column)?;
    let is_meant = |value: &Value| match value {
        Value::Text(text) => **text == *written,
        Value::Integer(number) => number.to_string() == written,
        Value::Blob(bytes) => written.replace('-', "").eq_ignore_ascii_case(&hexadecimal(bytes)),
        Value::Null | Value::Real(_) => false,
    };
    let at = table.rows.iter().position(|row| is_meant(&row[column]))?;
    Some((table, at))
}
