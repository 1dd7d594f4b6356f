//! What is written in the file of a program: its keys, and what each may say.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::{Program, Words, rules};
use crate::document::{self, Keys, Mistake, Mistakes, Text, Value, table, text, texts, wrong_type};
use crate::report::Expect;
use crate::rules::Rules;
use crate::step::is_kebab_case;

const KEYS: [&str; 10] =
    ["name", "strategy", "expect", "template", "setup", "boot", "request", "environment", "success", "rules"];
/// What `request` has to be.
const COMMAND: &str = "a command as a list, such as [\"./import.sh\", \"a.jpg\"], or a list of such commands";
/// The folder of the file, in a word of a command.
const HERE: &str = "{here}";

/// Reads the file.
pub(super) fn open(path: &Path) -> Result<Program, Mistakes> {
    let unreadable = |error: std::io::Error| Mistakes::new(path, "", vec![Mistake::of_file(error)]);
    let source = fs::read_to_string(path).map_err(unreadable)?;
    let here = path.canonicalize().map_err(unreadable)?.parent().map(Path::to_owned).unwrap_or_default();
    let strategy = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    document::read(&source, |document, mistakes| Reader { here, mistakes }.program(document, &strategy))
        .map_err(|mistakes| Mistakes::new(path, &source, mistakes))
}

struct Reader<'m> {
    here: PathBuf,
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
        let boot = self.commands(&keys, "boot");
        let request = match keys.required("request", COMMAND, self.mistakes) {
            Some(_) => self.commands(&keys, "request"),
            None => Vec::new(),
        };
        let environment = keys.get("environment").map(|value| self.environment(value)).unwrap_or_default();
        let success = keys.get("success").map_or(Some(0), |value| self.success(value));
        let rules = match keys.get("rules") {
            Some(value) => rules::read(value, self.mistakes),
            None => Rules::inferred(),
        };
        let expect = keys.get("expect").map_or(Some(Expect::Holds), |value| self.expected(value));
        let (name, strategy, success, expect) = (name?, strategy?, success?, expect?);
        let here = self.here;
        Some(Program { name, strategy, here, template, setup, boot, request, environment, success, rules, expect })
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

    /// A command, or several one after the other.
    fn commands(&mut self, keys: &Keys<'_>, key: &str) -> Vec<Words> {
        let Some(value) = keys.get(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            self.mistakes.push(wrong_type(value, "a list", COMMAND));
            return Vec::new();
        };
        let is_several = values.iter().next().is_some_and(|first| first.get_ref().is_array());
        if is_several {
            values.iter().filter_map(|value| self.command(value)).collect()
        } else {
            self.command(value).into_iter().collect()
        }
    }

    fn command(&mut self, value: &Value<'_>) -> Option<Words> {
        let words = texts(value, COMMAND, self.mistakes)?;
        let Some(program) = words.first().filter(|program| !program.text.is_empty()) else {
            self.mistakes.push(Mistake::new(value.span(), "the command is empty", COMMAND));
            return None;
        };
        let here = self.here.display().to_string();
        let mut meant: Words = words.iter().map(|word| word.text.replace(HERE, &here)).collect();
        meant[0] = self.found(&meant[0], program.place.clone())?;
        Some(meant)
    }

    /// A program that is named by a path lies beside the file, unless the world has it.
    fn found(&mut self, program: &str, place: Range<usize>) -> Option<String> {
        if !program.contains('/') {
            return Some(program.to_owned());
        }
        let path = self.here.join(program);
        if path.is_file() {
            return Some(path.display().to_string());
        }
        let remedy = format!("a program in PATH, or a path from {}", self.here.display());
        self.mistakes.push(Mistake::new(place, "there is no such program", remedy));
        None
    }

    fn environment(&mut self, value: &Value<'_>) -> Vec<(String, String)> {
        let what = "variables and their values, such as { TZ = \"UTC\" }";
        let Some(variables) = table(value, what, self.mistakes) else { return Vec::new() };
        let here = self.here.display().to_string();
        let read = variables.iter().filter_map(|(name, value)| {
            let text = text(value, what, self.mistakes)?;
            Some((name.get_ref().to_string(), text.text.replace(HERE, &here)))
        });
        read.collect()
    }

    fn success(&mut self, value: &Value<'_>) -> Option<i32> {
        let what = "{ exit = 0 }";
        let keys = Keys::new(table(value, what, self.mistakes)?, value.span(), &["exit"], self.mistakes);
        let exit = keys.required("exit", what, self.mistakes)?;
        let number = exit.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        if number.is_none_or(|number: i32| !(0..=255).contains(&number)) {
            self.mistakes.push(Mistake::new(exit.span(), "this is no exit code", "a number from 0 to 255"));
            return None;
        }
        number
    }
}
