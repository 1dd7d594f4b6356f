//! Reads the requests that a user brings along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Failure, args};
use crate::Subject;
use crate::error::in_full;
use crate::fault_scenario::RequestFile;
use crate::request_format::{GivenParts, RequestPart};

/// These strategies, with the user's own files where there are some.
pub(super) fn read(files: &args::Requests, known: &[Subject]) -> Result<Vec<Subject>, Failure> {
    let asked_by = known.iter().filter_map(Subject::request_parts).flatten().filter_map(RequestPart::asked_by);
    let options: BTreeSet<&str> = asked_by.map(|(option, _)| option).collect();
    if let Some((option, _)) = files.named().find(|(option, _)| !options.contains(option)) {
        let remedy = "make its subject with Subject::readable, which takes requests that serde reads";
        return Err(Failure::Input(format!("no flow here reads its request from a file, as {option} asks; {remedy}")));
    }
    known.iter().map(|subject| with_files(files, subject)).collect()
}

/// The strategy, with those of the files that are its request.
fn with_files(files: &args::Requests, subject: &Subject) -> Result<Subject, Failure> {
    let parts = parts(files, subject);
    let mut asked = subject.clone();
    if !parts.is_empty() {
        let read = |(_, path): &(_, &Path)| std::fs::read(path).map_err(|error| unreadable(path, &error));
        let contents = parts.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
        let mut given = GivenParts::default();
        for ((part, path), content) in parts.iter().zip(contents) {
            part.refuse(&content).map_err(|refused| self::refused(path, &in_full(&*refused)))?;
            given.give(part.key(), content);
        }
        if let Some(read) = subject.with_request(&given) {
            asked = read.map_err(|problem| refused(parts[0].1, &in_full(&*problem)))?;
        }
    }
    let options = parts.iter().filter_map(|(part, path)| Some((part.asked_by()?.0, path)));
    let options = options.map(|(option, path)| format!("{option} '{}'", path.display())).collect::<Vec<_>>().join(" ");
    let asked = asked.replay_options(options);
    // What has no parts, or no more than those, is sent as it is.
    Ok(files.first.and_then(|first| asked.first_parts(first.get())).unwrap_or(asked))
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

/// The parts of the request that are in files, as a fault scenario calls them.
pub(super) fn in_files<'a>(files: &'a args::Requests, subject: &'a Subject) -> Vec<RequestFile<'a>> {
    parts(files, subject).into_iter().map(|(part, path)| (part.key(), path)).collect()
}

fn parts<'a>(files: &'a args::Requests, subject: &'a Subject) -> Vec<(&'a RequestPart, &'a Path)> {
    let parts = subject.request_parts().unwrap_or_default().iter();
    parts.filter_map(|part| Some((part, files.file(part.asked_by()?.0)?))).collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!("read {}: {error}", path.display()))
}

fn refused(path: &Path, problem: &str) -> Failure {
    Failure::Input(format!("{}: {problem}", path.display()))
}
