//! The request of a flow of one's own: whatever its type reads from JSON, in the fault scenario or in a file beside it.

use std::ops::Range;
use std::path::Path;

use super::folder;
use super::known::Asked;
use super::mistakes::Mistake;

use super::table::{Keys, Text, Value, json, table};
use crate::subject::Subject;

/// The usual request.
pub(super) fn usual(flow: &str, known: &[Subject]) -> Asked {
    let subjects = known.iter().filter(|subject| subject.flow() == flow).cloned().collect();
    Asked { subjects, options: Some(String::new()), words: format!("the usual request of {flow}") }
}

/// The request that the table holds, or the file that it names.
pub(super) fn read(
    scenario: &Path,
    flow: &str,
    known: &[Subject],
    value: &Value<'_>,
    key: Range<usize>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Asked> {
    let place = if value.span().is_empty() { key } else { value.span() };
    let of_request = table(value, "[request] holds what is sent, or { file = \"../input/request.json\" }", mistakes)?;
    let is_file = of_request.len() == 1 && of_request.iter().all(|(key, _)| *key.get_ref() == "file");
    let (text, options, words) = if is_file {
        let keys = Keys::new(of_request, place.clone(), &["file"], mistakes);
        let path = keys.text("file", "the path of a file", mistakes)?;
        let (text, shown) = from_file(scenario, &path).map_err(|mistake| mistakes.push(mistake)).ok()?;
        (text, Some(format!("--request '{shown}'")), format!("the request in {shown}"))
    } else {
        (json(value, mistakes)?.to_string(), None, format!("the request of {flow} that the file holds"))
    };
    let mut subjects = Vec::new();
    for subject in known.iter().filter(|subject| subject.flow() == flow) {
        match subject.with_request(&text) {
            Some(Ok(subject)) => subjects.push(subject),
            Some(Err(refused)) => {
                mistakes.push(Mistake::new(place, format!("this is no request of {flow}: {refused}"), ""));
                return None;
            }
            None => {
                let problem = format!("requests of {flow} cannot be read");
                let remedy = "make its subjects with Subject::readable, which takes requests that serde reads";
                mistakes.push(Mistake::new(place, problem, remedy));
                return None;
            }
        }
    }
    Some(Asked { subjects, options, words })
}

/// The text of a file, and the path as a person types it.
fn from_file(scenario: &Path, path: &Text) -> Result<(String, String), Mistake> {
    let named = folder::resolve(scenario, &path.text)
        .map_err(|(problem, remedy)| Mistake::new(path.place.clone(), problem, remedy))?;
    let shown = named.shown.display().to_string();
    match std::fs::read_to_string(&named.file) {
        Ok(text) => Ok((text, shown)),
        Err(error) => Err(Mistake::new(path.place.clone(), format!("read {shown}: {error}"), "")),
    }
}
