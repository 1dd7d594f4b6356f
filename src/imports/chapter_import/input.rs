//! What a file of chapters or a transcript has to look like, and what it says.
//!
//! Reads the podcast namespace's JSON chapters (version 1) and JSON transcripts (version 1). Times are seconds there and
//! whole milliseconds from here on. Chapters come out in the order of their starts. Fields that are not needed (`img`,
//! `url`, `toc`, `location`, ...) are tolerated and not looked at. Refuses to know of any database: the end of a last
//! chapter that does not name it stays open.
//!
//! The format lets a chapter do without a title; this import does not, because a chapter here is an entry that a
//! listener picks by its title.

mod element;

use serde_json::Value;

use self::element::Element;

/// The largest file of chapters that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// The most chapters in one file.
pub const MAX_CHAPTERS: usize = 500;
/// The longest title, in characters, blanks around it not counted.
pub const MAX_TITLE_CHARS: usize = 255;
/// The latest time, in seconds: eleven days, longer than any recording and exact in milliseconds.
pub const MAX_TIME_S: f64 = 1_000_000.0;

/// A chapter, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The title, without blanks around it.
    pub title: String,
    /// The first millisecond within.
    pub start_ms: i64,
    /// The first millisecond no longer within; `None` for a last chapter that reaches to the end of the last segment.
    pub end_ms: Option<i64>,
}

/// A segment of a transcript, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Who speaks, if that is known.
    pub speaker: Option<String>,
    /// The first millisecond.
    pub start_ms: i64,
    /// The end, in milliseconds; where the transcript does not name it, the start.
    pub end_ms: i64,
    /// What is said.
    pub body: String,
}

/// Why a file is refused: the place in it, what is wrong there, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct InputError {
    place: String,
    problem: String,
}

impl InputError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

/// Reads a file of chapters.
///
/// # Errors
/// The first thing in the file that is not as it should be.
pub fn read_chapters(text: &str) -> Result<Vec<Chapter>, InputError> {
    const FILE: &str = "chapters file";
    if text.len() > MAX_FILE_BYTES {
        let problem = format!("{} bytes; at most {MAX_FILE_BYTES} are read", text.len());
        return Err(InputError::new(FILE, problem));
    }
    let elements = read_list(text, FILE, "chapters")?;
    if elements.is_empty() || elements.len() > MAX_CHAPTERS {
        let problem = format!("{} chapters; an import takes 1 to {MAX_CHAPTERS}", elements.len());
        return Err(InputError::new("chapters", problem));
    }
    let mut chapters = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        chapters.push(read_chapter(&Element::new("chapters", index, element)?)?);
    }
    // A stable sort: chapters with one start keep the order of the file.
    chapters.sort_by_key(|chapter| chapter.start_ms);
    for next in 1..chapters.len() {
        let next_start_ms = chapters[next].start_ms;
        chapters[next - 1].end_ms.get_or_insert(next_start_ms);
    }
    Ok(chapters)
}

/// Reads a transcript. Its size is not limited: it is what the application has, not what somebody sends.
///
/// # Errors
/// The first thing in the file that is not as it should be.
pub fn read_transcript(text: &str) -> Result<Vec<Segment>, InputError> {
    let elements = read_list(text, "transcript file", "segments")?;
    let segments = elements.iter().enumerate();
    segments.map(|(index, element)| read_segment(&Element::new("segments", index, element)?)).collect()
}

fn read_chapter(element: &Element<'_>) -> Result<Chapter, InputError> {
    let start_ms = element.start_ms()?;
    let title = element.required("title")?;
    let Some(title) = title.as_str().map(str::trim) else {
        return Err(element.error("title", format!("{title} is no text")));
    };
    let chars = title.chars().count();
    if chars == 0 || chars > MAX_TITLE_CHARS {
        return Err(element.error("title", format!("{chars} characters; a title has 1 to {MAX_TITLE_CHARS}")));
    }
    if title.chars().any(char::is_control) {
        return Err(element.error("title", "holds a control character; a title is one line of text"));
    }
    Ok(Chapter { title: title.to_owned(), start_ms, end_ms: element.end_ms(start_ms)? })
}

fn read_segment(element: &Element<'_>) -> Result<Segment, InputError> {
    let start_ms = element.start_ms()?;
    let end_ms = element.end_ms(start_ms)?.unwrap_or(start_ms);
    element.required("body")?;
    let body = element.text("body")?.unwrap_or_default();
    Ok(Segment { speaker: element.text("speaker")?, start_ms, end_ms, body })
}

/// The elements of the one list that a document of version 1 consists of.
fn read_list(text: &str, file: &str, list: &str) -> Result<Vec<Value>, InputError> {
    let document: Value = serde_json::from_str(text).map_err(|error| syntax(file, &error))?;
    let Value::Object(mut fields) = document else {
        return Err(InputError::new(file, format!("no JSON object; it looks like {{\"{list}\": [...]}}")));
    };
    check_version(file, fields.get("version"))?;
    match fields.remove(list) {
        Some(Value::Array(elements)) => Ok(elements),
        Some(_) => Err(InputError::new(list, "no list")),
        None => Err(InputError::new(file, format!("no field \"{list}\""))),
    }
}

fn check_version(file: &str, version: Option<&Value>) -> Result<(), InputError> {
    let place = || format!("{file}: version");
    let Some(version) = version else {
        return Err(InputError::new(file, "no field \"version\"; this import reads version 1"));
    };
    let Some(text) = version.as_str() else {
        return Err(InputError::new(place(), format!("{version} is no text such as \"1.2.0\"")));
    };
    // What a later minor version adds may be passed over; what another major version means is unknown.
    match text.split('.').next() {
        Some("1") => Ok(()),
        _ => Err(InputError::new(place(), format!("\"{text}\" is not known; this import reads version 1"))),
    }
}

fn syntax(file: &str, error: &serde_json::Error) -> InputError {
    let message = error.to_string();
    // The parser puts line and column at the end; here they come first, as in every message about a place.
    let problem = message.rsplit_once(" at line ").map_or(message.as_str(), |(problem, _)| problem);
    InputError::new(format!("{file}: line {}, column {}", error.line(), error.column()), problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapters(list: &str) -> Result<Vec<Chapter>, InputError> {
        read_chapters(&format!(r#"{{"version":"1.2.0","chapters":[{list}]}}"#))
    }

    fn check(list: &str, expected: &[(&str, i64, Option<i64>)]) {
        let read = chapters(list).expect(list);
        let read: Vec<_> = read.iter().map(|c| (c.title.as_str(), c.start_ms, c.end_ms)).collect();
        assert_eq!(read, expected, "{list}");
    }

    fn refuse(text: &str, message: &str) {
        assert_eq!(read_chapters(text).expect_err(message).to_string(), message);
    }

    #[test]
    fn a_chapter_ends_where_it_says_or_where_the_next_one_starts() {
        check(r#"{"startTime":0,"title":"a"}"#, &[("a", 0, None)]);
        check(
            r#"{"startTime":0,"title":"a"},{"startTime":2.5,"title":"b"}"#,
            &[("a", 0, Some(2500)), ("b", 2500, None)],
        );
        check(
            r#"{"startTime":0,"title":"a","endTime":9},{"startTime":4,"title":"b","endTime":4}"#,
            &[("a", 0, Some(9000)), ("b", 4000, Some(4000))],
        );
        check(r#"{"startTime":0,"title":"a","endTime":null}"#, &[("a", 0, None)]);
    }

    #[test]
    fn chapters_are_ordered_by_start_and_keep_their_order_where_they_start_together() {
        check(
            r#"{"startTime":7,"title":"c"},{"startTime":1,"title":"a"},{"startTime":1,"title":"b"}"#,
            &[("a", 1000, Some(1000)), ("b", 1000, Some(7000)), ("c", 7000, None)],
        );
    }

    #[test]
    fn fields_that_are_not_needed_are_tolerated() {
        check(r#"{"startTime":0.0004,"title":" Ø ","img":1,"url":"u","toc":false,"x":{}}"#, &[("Ø", 0, None)]);
    }

    #[test]
    fn limits_are_reached_but_not_passed() {
        let titled = |chars: usize| chapters(&format!(r#"{{"startTime":0,"title":"{}"}}"#, "ø".repeat(chars)));
        assert!(titled(255).is_ok());
        assert_eq!(
            titled(256).expect_err("long").to_string(),
            "chapters[0].title: 256 characters; a title has 1 to 255"
        );
        let many = |count: usize| chapters(&vec![r#"{"startTime":0,"title":"a"}"#; count].join(","));
        assert_eq!(many(500).map(|chapters| chapters.len()), Ok(500));
        assert_eq!(many(501).expect_err("many").to_string(), "chapters: 501 chapters; an import takes 1 to 500");
        let sized = |bytes: usize| {
            let text = r#"{"version":"1","chapters":[{"startTime":0,"title":"a"}]}"#;
            read_chapters(&format!("{text}{}", " ".repeat(bytes - text.len())))
        };
        assert!(sized(MAX_FILE_BYTES).is_ok());
        let message = "chapters file: 1048577 bytes; at most 1048576 are read";
        assert_eq!(sized(MAX_FILE_BYTES + 1).expect_err("large").to_string(), message);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (element, message) in [
            (r#"{"startTime":-1,"title":"b"}"#, "chapters[1].startTime: -1 is negative; a start is at or after 0"),
            (r#"{"startTime":"1","title":"b"}"#, "chapters[1].startTime: \"1\" is no number of seconds"),
            (r#"{"title":"b"}"#, "chapters[1].startTime: missing"),
            (r#"{"startTime":1e7,"title":"b"}"#, "chapters[1].startTime: 10000000.0 is later than 1000000 seconds"),
            (r#"{"startTime":5,"endTime":4.9,"title":"b"}"#, "chapters[1].endTime: 4.9 is before the start"),
            (r#"{"startTime":5,"endTime":true,"title":"b"}"#, "chapters[1].endTime: true is no number of seconds"),
            (r#"{"startTime":5}"#, "chapters[1].title: missing"),
            (r#"{"startTime":5,"title":7}"#, "chapters[1].title: 7 is no text"),
            (r#"{"startTime":5,"title":" "}"#, "chapters[1].title: 0 characters; a title has 1 to 255"),
            (
                r#"{"startTime":5,"title":"a\u0000b"}"#,
                "chapters[1].title: holds a control character; a title is one line of text",
            ),
            ("5", "chapters[1]: 5 is no object"),
        ] {
            let error = chapters(&format!(r#"{{"startTime":0,"title":"a"}},{element}"#)).expect_err(element);
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_file_that_is_no_chapters_file_is_told_as_such() {
        refuse("", "chapters file: line 1, column 0: EOF while parsing a value");
        refuse("{\n  \"version\": 1.2.0", "chapters file: line 2, column 17: expected `,` or `}`");
        refuse("[]", "chapters file: no JSON object; it looks like {\"chapters\": [...]}");
        refuse(r#"{"chapters":[]}"#, "chapters file: no field \"version\"; this import reads version 1");
        refuse(r#"{"version":1}"#, "chapters file: version: 1 is no text such as \"1.2.0\"");
        refuse(
            r#"{"version":"2.0.0","chapters":[]}"#,
            "chapters file: version: \"2.0.0\" is not known; this import reads version 1",
        );
        refuse(r#"{"version":"1.2.0"}"#, "chapters file: no field \"chapters\"");
        refuse(r#"{"version":"1.2.0","chapters":{}}"#, "chapters: no list");
        refuse(r#"{"version":"1.2.0","chapters":[]}"#, "chapters: 0 chapters; an import takes 1 to 500");
    }

    #[test]
    fn a_transcript_may_lack_speakers_and_ends() {
        let text = r#"{"version":"1.0.0","segments":[{"startTime":0.5,"body":""},
            {"speaker":"A","startTime":1,"endTime":1.25,"body":"x\n"}]}"#;
        let segment = |speaker: Option<&str>, start_ms, end_ms, body: &str| Segment {
            speaker: speaker.map(str::to_owned),
            start_ms,
            end_ms,
            body: body.to_owned(),
        };
        let expected = vec![segment(None, 500, 500, ""), segment(Some("A"), 1000, 1250, "x\n")];
        assert_eq!(read_transcript(text), Ok(expected));
        let error = read_transcript(r#"{"version":"1","segments":[{"startTime":1}]}"#).expect_err("no body");
        assert_eq!(error.to_string(), "segments[0].body: missing");
    }
}
