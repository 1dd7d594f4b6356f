//! Reads the requests that a user brings along.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Failure, args};
use crate::Subject;
use crate::fault_scenario::{Known, RequestFile};
#[cfg(feature = "cli")]
use crate::imports::chapter_import::{ChapterImport, input};
#[cfg(feature = "cli")]
use crate::imports::scenarios::create_request::CreateScenario;
#[cfg(feature = "cli")]
use crate::imports::scenarios::import_request::ImportScenarios;
#[cfg(feature = "cli")]
use crate::imports::{Requests, subjects};

/// Every strategy of every flow, with the user's own files where there are some.
pub(super) fn read(files: &args::Requests, known: &Known) -> Result<Vec<Subject>, Failure> {
    let subjects = match known {
        #[cfg(feature = "cli")]
        Known::Reference => reference(files)?,
        Known::Own(subjects) => own(files, subjects)?,
    };
    Ok(subjects
        .into_iter()
        .map(|subject| {
            let options = replay_options(files, subject.flow(), known);
            let subject = subject.replay_options(options);
            // What has no parts, or no more than those, is sent as it is.
            files.first.and_then(|first| subject.first_parts(first.get())).unwrap_or(subject)
        })
        .collect())
}

/// Flows of one's own, with the request in the file where there is one.
fn own(files: &args::Requests, known: &[Subject]) -> Result<Vec<Subject>, Failure> {
    if let Some((option, _)) = files.named().find(|(option, _)| *option != "--request") {
        let remedy = "a request of your own is one file: --request FILE";
        return Err(args::usage(format!("no flow here takes {option}; {remedy}")).into());
    }
    let Some(file) = &files.request else { return Ok(known.to_vec()) };
    let json = text(file)?;
    let read = known.iter().filter_map(|subject| subject.with_request(&json));
    let read: Vec<Subject> = read.collect::<Result<_, _>>().map_err(|problem| refused(file, problem))?;
    if read.is_empty() {
        let remedy = "make its subject with Subject::readable, which takes requests that serde reads";
        return Err(Failure::Input(format!("no flow here reads its request from a file; {remedy}")));
    }
    Ok(read)
}

/// The flows of this crate.
#[cfg(feature = "cli")]
fn reference(files: &args::Requests) -> Result<Vec<Subject>, Failure> {
    let mut requests = Requests::default();
    if let (Some(chapters), Some(transcript)) = (&files.chapters, &files.transcript) {
        let (chapters_json, transcript_json) = (text(chapters)?, text(transcript)?);
        input::read_chapters(&chapters_json).map_err(|problem| refused(chapters, problem))?;
        input::read_transcript(&transcript_json).map_err(|problem| refused(transcript, problem))?;
        requests.chapters = ChapterImport::new(chapters_json, transcript_json);
    }
    if let Some(csv) = &files.csv {
        let bytes = std::fs::read(csv).map_err(|error| unreadable(csv, &error))?;
        let request = ImportScenarios::new("import-of-your-own", bytes, Vec::new());
        requests.import = request.map_err(|problem| refused(csv, problem))?;
    }
    if let Some(request) = &files.request {
        requests.create = CreateScenario::from_json(&text(request)?).map_err(|problem| refused(request, problem))?;
    }
    Ok(subjects(&requests))
}

/// The files, each as its option and its SHA-256, and how much of them is sent.
pub(super) fn digests(files: &args::Requests) -> Result<BTreeMap<String, String>, Failure> {
    let digest = |(option, path): (&str, &PathBuf)| {
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        Ok((option.to_owned(), format!("{:x}", Sha256::digest(bytes))))
    };
    let first = files.first.map(|first| Ok(("--first".to_owned(), first.to_string())));
    files.named().map(digest).chain(first).collect()
}

/// The options with which the flow gets the same request again.
fn replay_options(files: &args::Requests, flow: &str, known: &Known) -> String {
    let option = |(key, path): (&str, &Path)| {
        // The option for a scenario is called after what it asks for.
        let option = if matches!(key, "scenario" | "") { "request" } else { key };
        format!("--{option} '{}'", path.display())
    };
    parts(files, flow, known).into_iter().map(option).collect::<Vec<_>>().join(" ")
}

/// The parts of the flow's request that are in files, as a fault scenario calls them.
pub(super) fn parts<'a>(files: &'a args::Requests, flow: &str, known: &Known) -> Vec<RequestFile<'a>> {
    let parts = match flow {
        // The file is the whole request.
        _ if matches!(known, Known::Own(_)) => vec![("", &files.request)],
        "chapter-import" => vec![("chapters", &files.chapters), ("transcript", &files.transcript)],
        "scenario-import" => vec![("csv", &files.csv)],
        _ => vec![("scenario", &files.request)],
    };
    parts.into_iter().filter_map(|(key, path)| path.as_deref().map(|path| (key, path))).collect()
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("read {}: {error}", path.display()))
}

fn refused(path: &Path, problem: impl std::fmt::Display) -> Failure {
    Failure::Input(format!("{}: {problem}", path.display()))
}
