//! Writes a case down as a fault scenario that expects what was seen.
//!
//! What it means to those who use the application nobody but a person can say; the reason is what was seen, to begin with.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use toml_writer::ToTomlValue as _;

use super::folder::ROOT;
use super::{FaultScenario, Mistakes};
use crate::error::{Error, Result};
use crate::judge::Grade;
use crate::report::schedule_in_words;
use crate::schedule::Schedule;
use crate::step::is_kebab_case;
use crate::story::Story;
use crate::subject::Subject;

/// A part of the request that is in a file, as the format calls it, and the file.
pub type RequestFile<'a> = (&'static str, &'a Path);

/// The name of a file to be saved.
///
/// # Errors
/// When it is more than a name, or not kebab-case.
pub fn name(name: &str) -> Result<String, String> {
    if is_kebab_case(name.as_bytes()) {
        return Ok(name.to_owned());
    }
    Err("a name is kebab-case and without a folder, such as links-fail".to_owned())
}

/// Writes the case into `scenarios/FLOW/NAME.toml`, and says which file that is. What is there already stays as it is.
///
/// # Errors
/// When a file of that name is there, a file of the request is not in the folder `scenarios`, or nothing can be written.
pub fn save(
    name: &str,
    schedule: &Schedule,
    story: &Story,
    request: &[RequestFile<'_>],
    known: &[Subject],
) -> Result<PathBuf> {
    let folder = Path::new(ROOT).join(&schedule.flow);
    let path = folder.join(name).with_extension("toml");
    let mut parts = Vec::new();
    for (key, file) in request {
        parts.push((*key, from_the_folder(file)?));
    }
    let text = text(schedule, story, &parts);
    std::fs::create_dir_all(&folder).map_err(Error::file("make", &folder))?;
    // What is saved can be read: a mistake in it would be ours, or the place of a file of the request.
    FaultScenario::read(&path, &text, known).map_err(|mistakes| unreadable(&path, &mistakes))?;
    let mut file = std::fs::File::create_new(&path).map_err(|error| {
        let is_there = error.kind() == ErrorKind::AlreadyExists;
        let said = "a fault scenario of that name is there; choose another name, or remove it first";
        Error::file("write", &path)(if is_there { std::io::Error::other(said) } else { error })
    })?;
    file.write_all(text.as_bytes()).map_err(Error::file("write", &path))?;
    Ok(path)
}

fn unreadable(path: &Path, mistakes: &Mistakes) -> Error {
    Error::file("write", path)(std::io::Error::other(mistakes.to_string()))
}

/// The file as a fault scenario of a flow names it.
fn from_the_folder(file: &Path) -> Result<String> {
    let root = Path::new(ROOT);
    let real = std::fs::canonicalize(file).map_err(Error::file("read", file))?;
    let within = std::fs::canonicalize(root).ok().and_then(|root| real.strip_prefix(root).ok().map(Path::to_owned));
    let outside =
        || std::io::Error::other("a fault scenario names files in the folder scenarios only; copy it there first");
    let within = within.as_deref().and_then(Path::to_str).ok_or_else(|| Error::file("save", file)(outside()))?;
    Ok(format!("../{within}"))
}

/// The text of the file.
fn text(schedule: &Schedule, story: &Story, request: &[(&str, String)]) -> String {
    let faults: Vec<String> = schedule.faults.iter().map(ToString::to_string).collect();
    let broken: Vec<_> = story.verdict.iter().filter(|(_, grade)| **grade > Grade::Held).collect();
    let mut text = String::new();
    for (key, value) in [
        ("title", schedule_in_words(&story.schedule, &story.statements)),
        ("why", reason(story)),
        ("flow", schedule.flow.clone()),
        ("strategy", schedule.strategy.clone()),
        ("schedule", faults.join(" ")),
    ] {
        let _ = writeln!(text, "{key} = {}", quoted(&value));
    }
    for (key, path) in request {
        let _ = if key.is_empty() {
            writeln!(text, "request.file = {}", quoted(path))
        } else {
            writeln!(text, "request.{key}.file = {}", quoted(path))
        };
    }
    if !broken.is_empty() {
        text.push_str("\n[expect]\n");
    }
    for (criterion, grade) in broken {
        let _ = writeln!(text, "{criterion} = {}", quoted(grade.name()));
    }
    text
}

/// What was seen of the worst breach.
fn reason(story: &Story) -> String {
    // Of several that are equally bad, the last is about retries: what stays.
    let worst = story.verdict.iter().max_by_key(|(_, grade)| **grade);
    let sighting = worst.and_then(|(criterion, _)| story.last_breach(*criterion));
    let evidence = sighting.map(|sighting| sighting.evidence.join("; "));
    evidence.unwrap_or_else(|| "Every promise held, at every moment.".to_owned())
}

fn quoted(text: &str) -> String {
    text.to_toml_value()
}
