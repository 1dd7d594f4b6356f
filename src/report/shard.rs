//! A part of a run: which of how many.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several machines that share a run, as `2/4`. Each explores its part of the strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// Its part of so many things, which lie side by side: from where to where. Some parts may be empty.
    pub fn part_of(self, things: usize) -> std::ops::Range<usize> {
        let begin = |number: usize| number * things / self.of;
        begin(self.number - 1)..begin(self.number)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            Some(_) | None => Err(format!("a shard is one of several, such as 1/4 up to 4/4, and not {text:?}")),
        }
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_have_everything_once_and_in_order() {
        for things in 0..20 {
            for of in 1..8 {
                let all: Vec<usize> = (1..=of).flat_map(|number| Shard { number, of }.part_of(things)).collect();
                assert_eq!(all, (0..things).collect::<Vec<_>>(), "{things} in {of}");
            }
        }
    }

    #[test]
    fn a_shard_is_read_as_it_is_told() {
        assert_eq!("2/4".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/4".to_owned()));
        for wrong in ["", "2", "0/4", "5/4", "a/b", "2/4/5"] {
            assert!(wrong.parse::<Shard>().is_err_and(|said| said.contains("such as 1/4")), "{wrong}");
        }
    }
}
