//! Runs the commands of a program: as a flow whose every effect is one of its processes'.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{LAUNCH, Program, Words};
use crate::disk::{CommandLine, Over, supervise};
use crate::error::BoxError;
use crate::flow::Flow;
use crate::rules::Rules;
use crate::subject::{Again, Subject};
use crate::world::World;

/// The program as the harness knows it. `again` is what a person types to start halfway with this file.
pub(super) fn subject(program: Program, again: String) -> Subject {
    let (request, expect) = (program.request.clone(), program.expect);
    Subject::new(program, request).expect(expect).repeated_by(Again::Program(again))
}

impl Flow for Program {
    type Request = Vec<Words>;
    type Response = Value;
    type Error = BoxError;
    type App = PathBuf;

    fn flow(&self) -> &str {
        &self.name
    }

    fn strategy(&self) -> &str {
        &self.strategy
    }

    async fn prepare(&self, world: &World, _request: &Vec<Words>) -> Result<(), BoxError> {
        if let Some(template) = &self.template {
            copy(template, world.dir())?;
        }
        for words in &self.setup {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).envs(self.environment.iter().cloned()).current_dir(world.dir());
            let output = command.output().map_err(|error| format!("setup: start {}: {error}", words[0]))?;
            if !output.status.success() {
                return Err(format!("setup: {} ends with {}{}", words[0], output.status, last(&output.stderr)).into());
            }
        }
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        for words in &self.boot {
            let over = self.run(words, world.dir()).await?;
            if over.end != Ok(0) {
                return Err(told(words, &over).into());
            }
        }
        Ok(world.dir().to_owned())
    }

    async fn import(&self, folder: &PathBuf, request: &Vec<Words>) -> Result<Value, BoxError> {
        let mut answers = Vec::new();
        for words in request {
            let over = self.run(words, folder).await?;
            if over.end != Ok(self.success) {
                return Err(told(words, &over).into());
            }
            answers.push(answer(&over));
        }
        Ok(if answers.len() == 1 { answers.remove(0) } else { Value::Array(answers) })
    }

    fn rules(&self, _request: &Vec<Words>) -> Rules {
        self.rules.clone()
    }
}

impl Program {
    /// Runs a command to its end. Dropped before that, everything that it has started is killed.
    async fn run(&self, words: &Words, folder: &Path) -> Result<Over, BoxError> {
        let line = CommandLine {
            words: words.iter().map(OsString::from).collect(),
            environment: self.environment.clone(),
            launcher: (PathBuf::from("/proc/self/exe"), LAUNCH),
        };
        let (tell, told) = oneshot::channel();
        let running = supervise(&line, folder, move |over| drop(tell.send(over)));
        let running = running.map_err(|error| format!("{}: {error}", self.here.join(&words[0]).display()))?;
        let over = told.await.map_err(|_| io::Error::other("the program was not watched to its end"))??;
        drop(running);
        Ok(over)
    }
}

/// What the caller is told of a success: the exit code, and what was printed, as JSON where it is that.
fn answer(over: &Over) -> Value {
    let printed = String::from_utf8_lossy(&over.output);
    let printed = serde_json::from_str(&printed).unwrap_or_else(|_| json!(printed.trim_end()));
    json!({ "exit": over.end.unwrap_or_default(), "printed": printed })
}

/// How a command ended, and the last line of what it said.
fn told(words: &Words, over: &Over) -> String {
    let how = match over.end {
        Ok(code) => format!("exit code {code}"),
        Err(signal) => format!("killed by signal {signal}"),
    };
    format!("{}: {how}{}", words[0], last(&over.errors))
}

/// The last line of a text, with a mark before it.
fn last(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().rfind(|line| !line.trim().is_empty()).map_or(String::new(), |line| format!(": {}", line.trim()))
}

/// Copies what a folder holds. Links stay as they are.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, kind) = (to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            fs::create_dir_all(&path)?;
            copy(&entry.path(), &path)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &path)?;
        } else {
            fs::copy(entry.path(), &path)?;
        }
    }
    Ok(())
}
