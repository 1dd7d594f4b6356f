//! Commands in the file of a program, and with what they are started.

use std::ops::Range;

use super::{COMMAND, Reader};
use crate::document::{Keys, Mistake, Value, table, text, texts, wrong_type};
use crate::program::Words;

/// The folder of the file, in a word of a command.
const HERE: &str = "{here}";

impl Reader<'_> {
    /// A command, or several one after the other.
    pub(super) fn commands(&mut self, keys: &Keys<'_>, key: &str) -> Vec<Words> {
        let Some(value) = keys.get(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            self.mistakes.push(wrong_type(value, "a list", COMMAND));
            return Vec::new();
        };
        if values.is_empty() && key != "request" {
            return Vec::new();
        }
        let is_several = values.iter().next().is_some_and(|first| first.get_ref().is_array());
        if is_several {
            values.iter().filter_map(|value| self.command(value)).collect()
        } else {
            self.command(value).into_iter().collect()
        }
    }

    pub(super) fn command(&mut self, value: &Value<'_>) -> Option<Words> {
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

    /// A program that is named by a path lies beside the file; one that is not there may be made by `setup`, in the world.
    fn found(&mut self, program: &str, place: Range<usize>) -> Option<String> {
        if !program.contains('/') {
            return Some(program.to_owned());
        }
        let path = self.here.join(program);
        if path.is_file() {
            return Some(path.display().to_string());
        }
        if self.is_world_made {
            return Some(program.to_owned());
        }
        let remedy = format!("a program in PATH, or a path from {}", self.here.display());
        self.mistakes.push(Mistake::new(place, "there is no such program", remedy));
        None
    }

    pub(super) fn environment(&mut self, value: &Value<'_>) -> Vec<(String, String)> {
        let what = "variables and their values, such as { TZ = \"UTC\" }";
        let Some(variables) = table(value, what, self.mistakes) else { return Vec::new() };
        let here = self.here.display().to_string();
        let read = variables.iter().filter_map(|(name, value)| {
            let text = text(value, what, self.mistakes)?;
            Some((name.get_ref().to_string(), text.text.replace(HERE, &here)))
        });
        read.collect()
    }
}
