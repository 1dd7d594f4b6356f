//! Runs the commands of a program, and sends its requests: as a flow whose every effect is one of its processes'.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::http::{Call, Reply};
use super::running::{self, Running, last, told};
use super::{Action, Program, Success, Words};
use crate::disk::{Network, Over};
use crate::error::BoxError;
use crate::flow::Flow;
use crate::rules::Rules;
use crate::subject::{Again, Subject};
use crate::world::World;

/// The program as the harness knows it. `again` is what a person types to start halfway with this file.
pub(super) fn subject(program: Program, again: String) -> Subject {
    let (request, expect) = (program.request.clone(), program.expect);
    Subject::new(program, request).of_a_program().expect(expect).repeated_by(Again::Program(again))
}

impl Flow for Program {
    type Request = Vec<Action>;
    type Response = Value;
    type Error = BoxError;
    type App = Running;

    fn flow(&self) -> &str {
        &self.name
    }

    fn strategy(&self) -> &str {
        &self.strategy
    }

    async fn prepare(&self, world: &World, _request: &Vec<Action>) -> Result<(), BoxError> {
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

    async fn boot(&self, world: &World) -> Result<Running, BoxError> {
        for words in &self.boot {
            let over = running::run(self, words, Network::OfHalfway, world.dir()).await?;
            if over.end != Ok(0) {
                return Err(told(words, &over).into());
            }
        }
        Running::start(self, world.dir().to_owned()).await
    }

    async fn import(&self, running: &Running, request: &Vec<Action>) -> Result<Value, BoxError> {
        let mut answers = Vec::new();
        for (at, action) in request.iter().enumerate() {
            if at > 0 {
                // Whether the next request finds all of the last one done is no matter of luck.
                running.rest().await;
            }
            answers.push(match action {
                Action::Run(words) => self.success.of_command(words, &running.run(self, words).await?)?,
                Action::Send(call) => self.success.of_call(call, &running.send(self, call).await?)?,
            });
        }
        Ok(if answers.len() == 1 { answers.remove(0) } else { Value::Array(answers) })
    }

    async fn at_rest(&self, running: &Running) {
        running.rest().await;
    }

    fn rules(&self, _request: &Vec<Action>) -> Rules {
        self.rules.clone()
    }
}

impl Success {
    /// What the caller is told of a success: the exit code, and what was printed, as JSON where it is that.
    fn of_command(&self, words: &Words, over: &Over) -> Result<Value, BoxError> {
        if over.end != Ok(self.exit) {
            return Err(told(words, over).into());
        }
        let printed = String::from_utf8_lossy(&over.output);
        self.check(&words[0], &printed)?;
        Ok(json!({ "exit": self.exit, "printed": said(&printed) }))
    }

    /// The same of a server: the status, and the body.
    fn of_call(&self, call: &Call, reply: &Reply) -> Result<Value, BoxError> {
        let is_one = if self.statuses.is_empty() {
            (200..300).contains(&reply.status)
        } else {
            self.statuses.contains(&reply.status)
        };
        if !is_one {
            return Err(format!("{}: status {}{}", call.name(), reply.status, last(&reply.body)).into());
        }
        let body = String::from_utf8_lossy(&reply.body);
        self.check(&call.name(), &body)?;
        Ok(json!({ "status": reply.status, "body": said(&body) }))
    }

    fn check(&self, who: &str, said: &str) -> Result<(), BoxError> {
        match &self.contains {
            Some(text) if !said.contains(text) => Err(format!("{who}: the answer does not contain {text:?}").into()),
            _ => Ok(()),
        }
    }
}

/// JSON where it is that.
fn said(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text.trim_end()))
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
