//! What is written in the file of a program: its keys, and what each may say.

mod calls;
mod commands;
mod limits;

use std::fs;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::http::Call;
use super::{Action, Program, Success, rules};
use crate::disk::Limits;
use crate::document::{self, Keys, Mistake, Mistakes, Text, Value, text};
use crate::report::Expect;
use crate::rules::Rules;
use crate::step::is_kebab_case;

const KEYS: [&str; 14] = [
    "name",
    "strategy",
    "expect",
    "template",
    "setup",
    "boot",
    "serve",
    "ready",
    "request",
    "http",
    "environment",
    "success",
    "limits",
    "rules",
];
/// What `request` has to be.
const COMMAND: &str = "a command as a list, such as [\"./import.sh\", \"a.jpg\"], or a list of such commands";

/// Reads the file.
pub(super) fn open(path: &Path) -> Result<Program, Mistakes> {
    let unreadable = |error: std::io::Error| Mistakes::new(path, "", vec![Mistake::of_file(error)]);
    let source = fs::read_to_string(path).map_err(unreadable)?;
    let here = path.canonicalize().map_err(unreadable)?.parent().map(Path::to_owned).unwrap_or_default();
    let strategy = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    document::read(&source, |document, mistakes| {
        Reader { here, is_world_made: false, mistakes }.program(document, &strategy)
    })
    .map_err(|mistakes| Mistakes::new(path, &source, mistakes))
}

struct Reader<'m> {
    here: PathBuf,
    /// Something makes what lies in the world.
    is_world_made: bool,
    mistakes: &'m mut Vec<Mistake>,
}

impl Reader<'_> {
    fn program(mut self, document: &DeTable<'_>, file: &str) -> Option<Program> {
        let keys = Keys::new(document, 0..0, &KEYS, self.mistakes);
        let name = keys.text("name", "what is imported, in kebab-case, such as photo-import", self.mistakes);
        let name = name.and_then(|name| self.kebab(&name));
        let strategy = match keys.get("strategy") {
            Some(value) => {
                text(value, "how it is done, in kebab-case", self.mistakes).and_then(|name| self.kebab(&name))
            }
            None => self.name_of_file(file, &keys),
        };
        let template = keys.get("template").and_then(|value| self.template(value));
        let setup = self.commands(&keys, "setup");
        self.is_world_made = !setup.is_empty() || template.is_some();
        let boot = self.commands(&keys, "boot");
        let calls = keys.get("http").map(|value| self.calls(value)).unwrap_or_default();
        let serve = self.server(&keys, &calls);
        let request = self.request(&keys, calls);
        let environment = keys.get("environment").map(|value| self.environment(value)).unwrap_or_default();
        let success = keys.get("success").map_or(Some(Success::default()), |value| self.success(value));
        let limits = keys.get("limits").map_or(Some(Limits::default()), |value| self.limits(value));
        let rules = match keys.get("rules") {
            Some(value) => rules::read(value, self.mistakes),
            None => Rules::inferred(),
        };
        let expect = keys.get("expect").map_or(Some(Expect::Holds), |value| self.expected(value));
        let (name, strategy, success, limits, expect) = (name?, strategy?, success?, limits?, expect?);
        let here = self.here;
        Some(Program {
            name,
            strategy,
            here,
            template,
            setup,
            boot,
            serve,
            request,
            environment,
            success,
            limits,
            rules,
            expect,
        })
    }

    /// What the request is made of: commands, or requests to the server.
    fn request(&mut self, keys: &Keys<'_>, calls: Vec<Call>) -> Vec<Action> {
        match (keys.entry("request"), keys.entry("http")) {
            (None, Some(_)) => calls.into_iter().map(|call| Action::Send(Box::new(call))).collect(),
            (Some((key, _)), Some(_)) => {
                let remedy = "\"request\" is a command, \"http\" is a request to the server: keep one of them";
                self.mistakes.push(Mistake::new(key.span(), "there are two requests", remedy));
                Vec::new()
            }
            (_, None) => {
                keys.required("request", COMMAND, self.mistakes);
                self.commands(keys, "request").into_iter().map(Action::Run).collect()
            }
        }
    }

    fn kebab(&mut self, name: &Text) -> Option<String> {
        let is_one = is_kebab_case(name.text.as_bytes());
        if !is_one {
            let remedy = "a-z, 0-9, single hyphens inside: a line that repeats a case begins with it";
            self.mistakes.push(Mistake::new(name.place.clone(), "the name is not in kebab-case", remedy));
        }
        is_one.then(|| name.text.clone())
    }

    fn name_of_file(&mut self, file: &str, keys: &Keys<'_>) -> Option<String> {
        let name = file.to_lowercase().replace(['_', '.', ' '], "-");
        let is_one = is_kebab_case(name.as_bytes());
        if !is_one {
            let problem = "the name of the file is no name of a strategy";
            self.mistakes.push(Mistake::new(keys.place.clone(), problem, "add strategy = \"as-found\", say"));
        }
        is_one.then_some(name)
    }

    fn expected(&mut self, value: &Value<'_>) -> Option<Expect> {
        let what = "\"holds\", or \"caught\" where at least one promise is violated";
        let word = text(value, what, self.mistakes)?;
        let known = [Expect::Holds, Expect::Caught].into_iter().find(|expect| expect.name() == word.text);
        if known.is_none() {
            self.mistakes.push(Mistake::new(word.place, "this is no expectation", what));
        }
        known
    }

    fn template(&mut self, value: &Value<'_>) -> Option<PathBuf> {
        let what = "a folder beside this file; halfway copies it into each world";
        let folder = text(value, what, self.mistakes)?;
        let path = self.here.join(&folder.text);
        if !path.is_dir() {
            self.mistakes.push(Mistake::new(folder.place, "there is no such folder", what));
            return None;
        }
        Some(path)
    }
}
