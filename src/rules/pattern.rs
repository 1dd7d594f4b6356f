//! Patterns of paths and of texts: literal text with holes, where values of a row stand.
//!
//! A hole takes the shortest text, of at least one character in a path, up to what follows it in the pattern, and never
//! leaves the segment of a path or the line of a text. `{{` and `}}` are braces. In paths `*` is anything within a
//! segment and `**` any depth. A malformed pattern keeps its mistake, and fits nothing: the check of the rules tells
//! the mistake.

use std::fmt;

/// A pattern, as it was written and as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    parts: Vec<Part>,
    problem: Option<String>,
}

/// A place in a pattern where a value stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hole {
    /// The table, where it is said.
    pub table: Option<String>,
    /// The column; none where any value may stand.
    pub column: Option<String>,
    /// How many of the value's first characters stand there; all of them if the pattern does not say.
    pub first: Option<usize>,
}

/// The part of a text that a hole took: its begin and its end, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken<'p> {
    pub(crate) hole: &'p Hole,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Hole(Hole),
    /// `*`
    Some,
    /// `**/`
    Folders,
    /// `**`
    Rest,
}

/// Whether stars are globs or themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stars {
    Globs,
    Literal,
}

impl Pattern {
    /// A pattern of paths.
    pub(crate) fn of_paths(written: &str) -> Self {
        Self::read(written, Stars::Globs)
    }

    /// A pattern of what stands somewhere in a text.
    pub(crate) fn of_texts(written: &str) -> Self {
        Self::read(written, Stars::Literal)
    }

    fn read(written: &str, stars: Stars) -> Self {
        let written = if stars == Stars::Globs { written.trim_matches('/') } else { written };
        let (parts, problem) = match parts(written, stars) {
            Ok(parts) => (parts, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        Self { written: written.to_owned(), parts, problem }
    }

    /// The mistake in the pattern, if there is one.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether it is one hole where any value may stand, and nothing else.
    pub(crate) fn is_any_value(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Hole(hole)] if *hole == Hole::default())
    }

    /// Whether it fits paths of any depth.
    pub(crate) fn is_open(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Folders | Part::Rest))
    }

    /// The holes, from left to right.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Literal(_) | Part::Some | Part::Folders | Part::Rest => None,
        })
    }

    /// The parts that the holes take of this path, if the pattern fits all of it.
    pub(crate) fn fit(&self, path: &str) -> Option<Vec<Taken<'_>>> {
        let mut taken = Vec::new();
        (self.problem.is_none() && fits(&self.parts, path, 0, &mut taken)).then_some(taken)
    }

    /// The pattern with these values in its holes; none where one has no value.
    pub(crate) fn filled(&self, value: impl Fn(&Hole) -> Option<String>) -> Option<Self> {
        let mut parts: Vec<Part> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let part = match part {
                Part::Hole(hole) => Part::Literal(cut(value(hole)?, hole.first)),
                other => other.clone(),
            };
            match (parts.last_mut(), part) {
                (Some(Part::Literal(text)), Part::Literal(more)) => text.push_str(&more),
                (_, part) => parts.push(part),
            }
        }
        let written = parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Hole(_) => "",
            Part::Some => "*",
            Part::Folders => "**/",
            Part::Rest => "**",
        });
        Some(Self { written: written.collect(), parts, problem: self.problem.clone() })
    }

    /// The only path that the pattern fits, where there is only one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(path)] => Some(path),
            _ => None,
        }
    }

    /// The patterns of all folders on the way to what this one fits.
    pub(crate) fn folders(&self) -> Vec<Self> {
        let mut folders = Vec::new();
        let mut push = |above: &[Part], last: Part| {
            let parts = above.iter().cloned().chain([last]).collect();
            folders.push(Self { written: self.written.clone(), parts, problem: None });
        };
        for (at, part) in self.parts.iter().enumerate() {
            let above = &self.parts[..at];
            match part {
                Part::Literal(text) => {
                    for (slash, _) in text.match_indices('/') {
                        push(above, Part::Literal(text[..slash].to_owned()));
                    }
                }
                Part::Folders | Part::Rest => push(above, Part::Rest),
                Part::Hole(_) | Part::Some => {}
            }
        }
        folders
    }

    /// The folder in which everything is that the pattern fits; empty where that may be anywhere.
    pub(crate) fn folder(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text.rfind('/').map_or("", |slash| &text[..slash]),
            _ => "",
        }
    }

    /// The parts that the holes take at each place where the pattern fits in this text, from left to right.
    pub(crate) fn find_in(&self, text: &str) -> Vec<Taken<'_>> {
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(start) = self.next_start(text, from) {
            let mut taken = Vec::new();
            match self.fit_at(text, start, &mut taken) {
                Some(end) => {
                    all.extend(taken);
                    from = end.max(start + 1);
                }
                None => from = start + 1,
            }
            // Behind the end there is no boundary any more.
            while from < text.len() && !text.is_char_boundary(from) {
                from += 1;
            }
        }
        all
    }

    /// The next place where the pattern may begin, at this place or behind it.
    fn next_start(&self, text: &str, from: usize) -> Option<usize> {
        match self.parts.first()? {
            Part::Literal(first) => text.get(from..)?.find(first.as_str()).map(|at| from + at),
            _ if from == 0 => Some(0),
            // Looked for byte by byte: a letter may end here that is longer than one.
            _ => text.as_bytes().get(from - 1..)?.iter().position(|&byte| byte == b'\n').map(|at| from + at),
        }
    }

    /// The end of what the pattern fits at this place.
    fn fit_at<'p>(&'p self, text: &str, start: usize, taken: &mut Vec<Taken<'p>>) -> Option<usize> {
        let mut at = start;
        for (nth, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(literal) => at += text[at..].starts_with(literal.as_str()).then_some(literal.len())?,
                Part::Hole(hole) => {
                    let line = text[at..].find('\n').map_or(text.len(), |end| at + end);
                    let end = match (hole.first, self.parts.get(nth + 1)) {
                        (Some(first), _) => end_of(&text[..line], at, first)?,
                        (None, Some(Part::Literal(next))) => at + text[at..].find(next.as_str())?,
                        (None, _) => line,
                    };
                    if end > line {
                        return None;
                    }
                    taken.push(Taken { hole, start: at, end });
                    at = end;
                }
                Part::Some | Part::Folders | Part::Rest => return None,
            }
        }
        Some(at)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// A text as it stands in a pattern: its braces twice.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// The first characters of a value.
fn cut(value: String, first: Option<usize>) -> String {
    match first {
        Some(first) => value.chars().take(first).collect(),
        None => value,
    }
}

/// The end of so many characters.
fn end_of(text: &str, at: usize, characters: usize) -> Option<usize> {
    let mut ends = text[at..].char_indices().map(|(start, letter)| at + start + letter.len_utf8());
    ends.nth(characters.checked_sub(1)?)
}

fn fits<'p>(parts: &'p [Part], path: &str, at: usize, taken: &mut Vec<Taken<'p>>) -> bool {
    let Some((part, rest)) = parts.split_first() else { return at == path.len() };
    let ends = || path[at..].char_indices().map(|(start, letter)| (at + start + letter.len_utf8(), letter));
    let within_segment = || ends().take_while(|&(_, letter)| letter != '/').map(|(end, _)| end);
    match part {
        Part::Literal(text) => path[at..].starts_with(text.as_str()) && fits(rest, path, at + text.len(), taken),
        Part::Hole(hole) => {
            let mut ends: Vec<usize> = within_segment().take(hole.first.unwrap_or(usize::MAX)).collect();
            // A value that is cut is as long as it may be, and shorter only where the whole value is.
            if hole.first.is_some() {
                ends.reverse();
            }
            ends.into_iter().any(|end| {
                let before = taken.len();
                taken.push(Taken { hole, start: at, end });
                let fit = fits(rest, path, end, taken);
                if !fit {
                    taken.truncate(before);
                }
                fit
            })
        }
        Part::Some => std::iter::once(at).chain(within_segment()).any(|end| fits(rest, path, end, taken)),
        Part::Folders => {
            let below = ends().filter(|&(_, letter)| letter == '/').map(|(end, _)| end);
            std::iter::once(at).chain(below).any(|end| fits(rest, path, end, taken))
        }
        Part::Rest => ends().any(|(end, _)| fits(rest, path, end, taken)),
    }
}

fn parts(written: &str, stars: Stars) -> Result<Vec<Part>, String> {
    let mut parts: Vec<Part> = Vec::new();
    let mut literal = String::new();
    let mut rest = written;
    let flush = |literal: &mut String, parts: &mut Vec<Part>| {
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(literal)));
        }
    };
    while let Some(letter) = rest.chars().next() {
        let globs = [("**/", Part::Folders), ("**", Part::Rest), ("*", Part::Some)];
        let glob = globs.into_iter().find(|(glob, _)| stars == Stars::Globs && rest.starts_with(glob));
        if let Some((glob, part)) = glob {
            flush(&mut literal, &mut parts);
            parts.push(part);
            rest = &rest[glob.len()..];
        } else if let Some((brace, behind)) = doubled(rest) {
            literal.push(brace);
            rest = behind;
        } else if letter == '{' {
            let Some((inside, behind)) = rest[1..].split_once('}') else {
                return Err("a brace is opened and not closed; write {{ for a brace".to_owned());
            };
            flush(&mut literal, &mut parts);
            if let Some(Part::Hole(last @ Hole { first: None, .. })) = parts.last() {
                return Err(format!("nothing tells where {{{last}}} ends and {{{inside}}} begins"));
            }
            parts.push(Part::Hole(hole(inside)?));
            rest = behind;
        } else if letter == '}' {
            return Err("a brace is closed and not opened; write }} for a brace".to_owned());
        } else {
            literal.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    flush(&mut literal, &mut parts);
    if parts.is_empty() { Err("it is empty".to_owned()) } else { Ok(parts) }
}

/// A brace that is written twice, and what comes behind it.
fn doubled(text: &str) -> Option<(char, &str)> {
    let of = |brace: char, twice| text.strip_prefix(twice).map(|behind| (brace, behind));
    of('{', "{{").or_else(|| of('}', "}}"))
}

fn hole(inside: &str) -> Result<Hole, String> {
    let (name, first) = match inside.split_once(':') {
        None => (inside, None),
        Some((name, first)) => match first.parse() {
            Ok(first) if first > 0 => (name, Some(first)),
            Ok(_) | Err(_) => {
                return Err(format!(
                    "{{{inside}}} says after its colon how many characters, and {first:?} is no such number"
                ));
            }
        },
    };
    let (table, column) = match name.split_once('.') {
        None => (None, name),
        Some((table, column)) => (Some(table.to_owned()), column),
    };
    let column = (!column.is_empty()).then(|| column.to_owned());
    if column.is_none() && (table.is_some() || first.is_some()) {
        return Err(format!("{{{inside}}} names no column"));
    }
    Ok(Hole { table, column, first })
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table.as_ref().map(|table| format!("{table}.")).unwrap_or_default();
        let first = self.first.map(|first| format!(":{first}")).unwrap_or_default();
        write!(f, "{table}{}{first}", self.column.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
