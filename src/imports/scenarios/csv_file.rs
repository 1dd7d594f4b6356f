//! Reads the scenarios of a CSV file.
//!
//! Decides whether the file as a whole can be accepted: one bad cell refuses it, with the line and the field. A byte order
//! mark is tolerated, and any line ending: the `csv` crate passes over both. Not noticed: a quote that opens in the very
//! last cell and never closes (the crate takes the end of the file for its end).

use csv::{ByteRecord, ReaderBuilder};

use super::new_scenario::{ContextLimit, InvalidRequest, NewScenario};

const HEADER: [&str; 6] = ["title", "prompt", "description", "evaluator_context", "mode", "category"];
const ROWS_LIMIT: usize = 100;
const BYTES_LIMIT: usize = 5 * 1024 * 1024;
const CONTEXT_LIMIT: ContextLimit = ContextLimit(50_000);

/// How many characters of a wrong header are shown.
const SHOWN: usize = 120;

/// The scenarios of the file, in its order.
pub(crate) fn read(csv: &[u8]) -> Result<Vec<NewScenario>, InvalidRequest> {
    if csv.len() > BYTES_LIMIT {
        let message = format!("the file has {} bytes; at most {BYTES_LIMIT} are allowed", csv.len());
        return Err(InvalidRequest::new(message));
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv);
    let mut records = reader.byte_records();

    let header = records.next().transpose().map_err(|error| unreadable(&error))?.unwrap_or_default();
    if !header.iter().eq(HEADER.iter().map(|name| name.as_bytes())) {
        let found = header.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
        // What is no CSV at all may be one line of megabytes.
        let found: String = found.chars().take(SHOWN).collect();
        let message = format!("line 1: the header is \"{found}\"; it has to be \"{}\"", HEADER.join(","));
        return Err(InvalidRequest::new(message));
    }

    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| unreadable(&error))?;
        let place = format!("line {}", record.position().map_or(0, csv::Position::line));
        if rows.len() == ROWS_LIMIT {
            return Err(InvalidRequest::new(format!("the file has more than {ROWS_LIMIT} rows")).at(place));
        }
        rows.push(row(&record).map_err(|error| error.at(place))?);
    }
    if rows.is_empty() {
        return Err(InvalidRequest::new("the file has a header and no rows; there is nothing to import"));
    }
    Ok(rows)
}

/// The header and the first rows, byte for byte; `None` where there are no more rows than those.
pub(crate) fn first_rows(csv: &[u8], rows: usize) -> Option<&[u8]> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv);
    let record = reader.byte_records().nth(rows.checked_add(1)?)?.ok()?;
    let end = usize::try_from(record.position()?.byte()).ok()?;
    csv.get(..end).filter(|_| rows > 0)
}

fn row(record: &ByteRecord) -> Result<NewScenario, InvalidRequest> {
    if record.len() != HEADER.len() {
        let message = format!("the row has {} fields; the header has {}", record.len(), HEADER.len());
        return Err(InvalidRequest::new(message));
    }
    let [title, prompt, description, evaluator_context, mode, category] = std::array::from_fn(|at| cell(record, at));
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let scenario = NewScenario {
        title: title?,
        prompt: prompt?,
        description: given(description?),
        mode: mode?.parse()?,
        category: given(category?),
        evaluator_context: given(evaluator_context?),
    };
    scenario.check(CONTEXT_LIMIT)?;
    Ok(scenario)
}

fn cell(record: &ByteRecord, at: usize) -> Result<String, InvalidRequest> {
    String::from_utf8(record[at].to_vec())
        .map_err(|_| InvalidRequest::new(format!("the field \"{}\" is not UTF-8", HEADER[at])))
}

fn unreadable(error: &csv::Error) -> InvalidRequest {
    InvalidRequest::new(format!("the file is no CSV: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "title,prompt,description,evaluator_context,mode,category";

    fn refused(csv: &[u8], expected: &str) {
        let error = read(csv).expect_err("not acceptable").to_string();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }

    fn cells(csv: &str) -> Vec<(String, String, Option<String>)> {
        let rows = read(csv.as_bytes()).expect("acceptable");
        rows.into_iter().map(|row| (row.title, row.prompt, row.evaluator_context)).collect()
    }

    fn check(body: &str, title: &str, prompt: &str, context: Option<&str>) {
        let expected = vec![(title.to_owned(), prompt.to_owned(), context.map(str::to_owned))];
        assert_eq!(cells(&format!("{LINE}\n{body}")), expected, "{body:?}");
    }

    #[test]
    fn every_way_of_quoting_is_understood() {
        check("a,b,,c,chat,", "a", "b", Some("c"));
        check("a,b,,,chat,\n", "a", "b", None);
        check("a,b,,\"\",chat,\n", "a", "b", None);
        check("\"a, b\",\"c\",,\"d,e\",chat,\n", "a, b", "c", Some("d,e"));
        check("\"say \"\"hi\"\"\",b,,\"\"\"\",phone,\n", "say \"hi\"", "b", Some("\""));
        check("a,\"one\ntwo\n\nfour\",,\"x\r\ny\",phone,\n", "a", "one\ntwo\n\nfour", Some("x\r\ny"));
        check("Größe 電話,été,,🎧,chat,\n", "Größe 電話", "été", Some("🎧"));
        check("a,b\"c,, d ,chat,\n", "a", "b\"c", Some(" d "));
    }

    #[test]
    fn a_byte_order_mark_and_any_line_ending_are_tolerated() {
        let expected = cells(&format!("{LINE}\na,b,,c,chat,\nd,e,,,phone,\n"));
        assert_eq!(cells(&format!("\u{feff}{LINE}\na,b,,c,chat,\nd,e,,,phone,\n")), expected);
        assert_eq!(cells(&format!("{LINE}\r\na,b,,c,chat,\r\nd,e,,,phone,\r\n")), expected);
        assert_eq!(cells(&format!("{LINE}\na,b,,c,chat,\n\nd,e,,,phone,")), expected);
    }

    #[test]
    fn a_file_without_the_exact_header_is_refused() {
        refused(b"", "line 1: the header is \"\"");
        refused(b"title,prompt,description,mode,category\n", "line 1: the header is \"title,prompt,description,mode");
        refused(b"Title,prompt,description,evaluator_context,mode,category\na,b,,,chat,\n", "it has to be \"title,");
        refused(format!("{LINE}\n").as_bytes(), "no rows");
    }

    #[test]
    fn a_bad_row_is_refused_with_its_line_and_field() {
        let body = |rest: &str| format!("{LINE}\na,\"two\nlines\",,,chat,\n{rest}\n").into_bytes();
        refused(&body("b,c,,,fax,"), "line 4: the mode is \"fax\"");
        refused(&body("b,c,chat"), "line 4: the row has 3 fields; the header has 6");
        refused(&body(",c,,,chat,"), "line 4: the title is empty");
        refused(&body(&format!("{},c,,,chat,", "é".repeat(256))), "line 4: the title has 256 characters");
        refused(&body(&format!("b,c,,{},chat,", "é".repeat(50_001))), "line 4: the evaluator context has 50001");
        let mut latin = body("b,caf?,,,chat,");
        let at = latin.iter().position(|&byte| byte == b'?').expect("it is there");
        latin[at] = 0xe9;
        refused(&latin, "line 4: the field \"prompt\" is not UTF-8");
    }

    #[test]
    fn a_context_may_have_fifty_thousand_characters() {
        let context = "é".repeat(50_000);
        check(&format!("a,b,,{context},chat,\n"), "a", "b", Some(&context));
    }

    #[test]
    fn a_hundred_rows_are_accepted_and_one_more_is_refused() {
        let file = |rows: usize| {
            let rows: Vec<_> = (0..rows).map(|row| format!("title {row},p,,,chat,\n")).collect();
            format!("{LINE}\n{}", rows.concat()).into_bytes()
        };
        assert_eq!(read(&file(100)).expect("acceptable").len(), 100);
        refused(&file(101), "line 102: the file has more than 100 rows");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_unread() {
        refused(&vec![b'x'; BYTES_LIMIT + 1], "at most 5242880 are allowed");
    }
}
