//! A scenario as a caller describes it, and whether that description can be accepted.
//!
//! Knows neither JSON nor CSV: it names the field, the caller of `NewScenario::check` adds the place. Limits count
//! characters (Unicode scalar values), not bytes. Not verified: what a text says, control characters, normal forms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A scenario that is to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScenario {
    /// What people call it.
    pub title: String,
    /// What the simulated caller is told to do.
    pub prompt: String,
    /// A note for people.
    pub description: Option<String>,
    /// How the agent is reached.
    pub mode: Mode,
    /// Where it is filed.
    pub category: Option<String>,
    /// What the evaluator has to know. Never empty: an empty context is none.
    pub evaluator_context: Option<String>,
}

/// How the agent under test is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Mode {
    /// By voice.
    Phone,
    /// In writing.
    Chat,
}

/// Why a request is refused before anything was done: one sentence that names the place and the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRequest(String);

/// The most characters that an evaluator context may have; the two flows differ in nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContextLimit(pub(crate) usize);

const TITLE_LIMIT: usize = 255;
const PROMPT_LIMIT: usize = 10_000;
const DESCRIPTION_LIMIT: usize = 1_000;

impl NewScenario {
    /// Whether every field is within its limits; if not, which one is not.
    pub(crate) fn check(&self, context_limit: ContextLimit) -> Result<(), InvalidRequest> {
        let optional =
            |field, text: &Option<String>, limit| text.as_deref().map_or(Ok(()), |text| at_most(field, text, limit));
        not_blank("title", &self.title)?;
        at_most("title", &self.title, TITLE_LIMIT)?;
        not_blank("prompt", &self.prompt)?;
        at_most("prompt", &self.prompt, PROMPT_LIMIT)?;
        optional("description", &self.description, DESCRIPTION_LIMIT)?;
        optional("evaluator context", &self.evaluator_context, context_limit.0)
    }
}

/// A request id is the caller's word for "this is the same request again"; without one nothing can be repeated safely.
pub(crate) fn check_request_id(request_id: &str) -> Result<(), InvalidRequest> {
    not_blank("request id", request_id)?;
    at_most("request id", request_id, TITLE_LIMIT)
}

fn not_blank(field: &str, text: &str) -> Result<(), InvalidRequest> {
    if text.trim().is_empty() { Err(InvalidRequest::new(format!("the {field} is empty"))) } else { Ok(()) }
}

fn at_most(field: &str, text: &str, limit: usize) -> Result<(), InvalidRequest> {
    match text.chars().count() {
        count if count > limit => {
            Err(InvalidRequest::new(format!("the {field} has {count} characters; at most {limit} are allowed")))
        }
        _ => Ok(()),
    }
}

impl InvalidRequest {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same, said with the place in front.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl Mode {
    /// The mode as requests and rows name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Chat => "chat",
        }
    }
}

impl FromStr for Mode {
    type Err = InvalidRequest;

    fn from_str(name: &str) -> Result<Self, InvalidRequest> {
        match name {
            "phone" => Ok(Self::Phone),
            "chat" => Ok(Self::Chat),
            other => Err(InvalidRequest::new(format!("the mode is \"{other}\"; it has to be \"phone\" or \"chat\""))),
        }
    }
}

impl TryFrom<String> for Mode {
    type Error = InvalidRequest;

    fn try_from(name: String) -> Result<Self, InvalidRequest> {
        name.parse()
    }
}

impl From<Mode> for &'static str {
    fn from(mode: Mode) -> Self {
        mode.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: ContextLimit = ContextLimit(5_000);

    fn acceptable() -> NewScenario {
        NewScenario {
            title: "Lost card".to_owned(),
            prompt: "You lost your card.".to_owned(),
            description: None,
            mode: Mode::Phone,
            category: None,
            evaluator_context: None,
        }
    }

    fn check(change: impl FnOnce(&mut NewScenario), expected: Result<(), &str>) {
        let mut scenario = acceptable();
        change(&mut scenario);
        let found = scenario.check(LIMIT).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn a_field_may_be_as_long_as_its_limit_in_characters_however_many_bytes_these_are() {
        check(|new| new.title = "é".repeat(255), Ok(()));
        check(|new| new.prompt = "電".repeat(10_000), Ok(()));
        check(|new| new.description = Some("ß".repeat(1_000)), Ok(()));
        check(|new| new.evaluator_context = Some("🎧".repeat(5_000)), Ok(()));
    }

    #[test]
    fn one_character_more_is_refused_with_the_name_of_the_field() {
        let message = |field: &str, limit: usize| {
            format!("the {field} has {} characters; at most {limit} are allowed", limit + 1)
        };
        check(|new| new.title = "é".repeat(256), Err(&message("title", 255)));
        check(|new| new.prompt = "電".repeat(10_001), Err(&message("prompt", 10_000)));
        check(|new| new.description = Some("ß".repeat(1_001)), Err(&message("description", 1_000)));
        check(|new| new.evaluator_context = Some("🎧".repeat(5_001)), Err(&message("evaluator context", 5_000)));
    }

    #[test]
    fn a_title_and_a_prompt_have_to_say_something() {
        check(|new| new.title = String::new(), Err("the title is empty"));
        check(|new| new.title = " \t".to_owned(), Err("the title is empty"));
        check(|new| new.prompt = "\n".to_owned(), Err("the prompt is empty"));
    }

    #[test]
    fn a_mode_is_one_of_two_words() {
        assert_eq!("phone".parse(), Ok(Mode::Phone));
        assert_eq!("chat".parse(), Ok(Mode::Chat));
        let error = "Phone".parse::<Mode>().expect_err("not a mode").to_string();
        assert_eq!(error, "the mode is \"Phone\"; it has to be \"phone\" or \"chat\"");
    }
}
