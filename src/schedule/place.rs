//! Where a fault happens: at a step, or at a file operation inside one.
//!
//! ```text
//! link-segments#2                            the second run of a step
//! write-file#1/write@context/id-1.txt#3      the third write to that file in the first run of a step
//! open@world.sqlite-wal#1                    the first time that this file is opened outside of any step
//! @answer                                    the caller has got the answer
//! ```
//!
//! Paths are relative to the world's directory, those of the database's files to its own. What looks like a generated
//! id is called `id-1`, `id-2`, in the order in which they are met. Signs that have a meaning in a schedule are written
//! as `%` and two hexadecimal digits.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::ScheduleError;
use crate::fault::{Call, UnknownName};
use crate::step::is_kebab_case;

/// Where in a phase.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// At a step.
    Step(StepRun),
    /// At a file operation.
    Operation {
        /// The step in which it happens; `None` outside of any step.
        within: Option<StepRun>,
        /// The operation.
        operation: OperationRun,
    },
    /// Where the caller has got the answer.
    Answer,
}

/// How [`Place::Answer`] is written.
const ANSWER: &str = "@answer";

/// One run of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRun {
    /// The step's name.
    pub step: String,
    /// Which run of the step in this phase, counted from 1.
    pub occurrence: u32,
}

/// One run of a file operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationRun {
    /// What is done.
    pub call: Call,
    /// To which file or directory, in the words of a schedule.
    pub path: String,
    /// Which such operation in this run of the step, or in this phase outside of any step, counted from 1.
    pub occurrence: u32,
}

impl Place {
    /// The run of a step that is hit, or in which the operation is.
    pub const fn step(&self) -> Option<&StepRun> {
        match self {
            Self::Step(step) => Some(step),
            Self::Operation { within, .. } => within.as_ref(),
            Self::Answer => None,
        }
    }

    /// The operation that is hit, if it is one.
    pub const fn operation(&self) -> Option<&OperationRun> {
        match self {
            Self::Step(_) | Self::Answer => None,
            Self::Operation { operation, .. } => Some(operation),
        }
    }
}

impl OperationRun {
    /// The operation without its occurrence: `write@context.txt`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.call, self.path)
    }
}

/// A path in the words of a schedule: signs that mean something there are written as `%` and their number.
pub fn escape(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter.is_whitespace() || letter.is_control() || matches!(letter, '%' | '#' | '=' | '@' | '\'' | '"') {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(escaped, "%{byte:02x}");
            }
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

impl fmt::Display for StepRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.step, self.occurrence)
    }
}

impl fmt::Display for OperationRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}#{}", self.call, self.path, self.occurrence)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => step.fmt(f),
            Self::Operation { within: Some(step), operation } => write!(f, "{step}/{operation}"),
            Self::Operation { within: None, operation } => operation.fmt(f),
            Self::Answer => f.write_str(ANSWER),
        }
    }
}

impl FromStr for StepRun {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let (step, occurrence) = counted(text)?;
        if !is_kebab_case(step.as_bytes()) {
            return Err(ScheduleError::at(text, "the name of a step is kebab-case, such as link-segments"));
        }
        Ok(Self { step: step.to_owned(), occurrence })
    }
}

impl FromStr for OperationRun {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let (name, occurrence) = counted(text)?;
        let (call, path) = name.split_once('@').ok_or_else(|| {
            ScheduleError::at(text, "a file operation is OPERATION@PATH#OCCURRENCE; the \"@\" is missing")
        })?;
        let known = Call::ALL.into_iter().find(|known| known.name() == call);
        let unknown = || ScheduleError::at(text, UnknownName::new("file operation", call, Call::ALL.map(Call::name)));
        if path.is_empty() {
            return Err(ScheduleError::at(text, "a file operation is OPERATION@PATH#OCCURRENCE; the path is missing"));
        }
        Ok(Self { call: known.ok_or_else(unknown)?, path: path.to_owned(), occurrence })
    }
}

impl FromStr for Place {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        if text == ANSWER {
            return Ok(Self::Answer);
        }
        let Some((before, _)) = text.split_once('@') else { return text.parse().map(Self::Step) };
        // The path may hold a slash; what stands before the operation cannot.
        match before.rsplit_once('/') {
            None => Ok(Self::Operation { within: None, operation: text.parse()? }),
            Some((step, _)) => {
                Ok(Self::Operation { within: Some(step.parse()?), operation: text[step.len() + 1..].parse()? })
            }
        }
    }
}

/// A name and its occurrence; the first goes without saying.
fn counted(text: &str) -> Result<(&str, u32), ScheduleError> {
    let Some((name, occurrence)) = text.rsplit_once('#') else { return Ok((text, 1)) };
    let occurrence = occurrence.parse().ok().filter(|&occurrence| occurrence > 0);
    let occurrence = occurrence.ok_or_else(|| ScheduleError::at(text, "an occurrence is a number, counted from 1"))?;
    Ok((name, occurrence))
}
