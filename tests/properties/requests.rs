//! Draws requests that people could send and that make life hard: odd texts, odd files, odd times.
//!
//! Every request drawn here is one that validation admits.

use halfway::imports::chapter_import::ChapterImport;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::import_request::ImportScenarios;
use halfway::imports::scenarios::new_scenario::Mode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};

/// Pieces of which hostile texts are made.
const PIECES: [&str; 24] = [
    "a",
    "Zoë",
    "ß",
    "İ",
    "e\u{301}",
    "電話",
    "👩‍👩‍👧",
    "שלום",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "'",
    "\"",
    "\"\"",
    "''; --",
    ",",
    ";",
    "%s{id}",
    "\\",
    "../",
    "<scenarios-1>",
    "${x}",
    " ",
    "0",
];

/// Pieces that end or break a line, or that no terminal shows.
const CONTROLS: [&str; 8] = ["\n", "\r\n", "\r", "\t", "\u{1}", "\u{1b}[31m", "\u{7f}", "\u{85}"];

/// The first pieces of a text, so many characters of it, never blank.
fn text(pieces: &[&str], chars: usize) -> String {
    let text: String = pieces.concat().chars().take(chars).collect();
    if text.trim().is_empty() { "t".to_owned() } else { text }
}

fn any_piece() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => select(&PIECES[..]), 1 => select(&CONTROLS[..])]
}

fn title() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => vec(any_piece(), 1..12).prop_map(|pieces| text(&pieces, 255)),
        1 => Just("é".repeat(255)),
        1 => Just("🦀".repeat(255)),
    ]
}

/// None, empty, short, or as long as allowed.
fn context(longest: usize) -> impl Strategy<Value = Option<String>> {
    let short = vec(any_piece(), 1..40).prop_map(move |pieces| text(&pieces, longest));
    let long = (any_piece(), 1..=longest).prop_map(move |(piece, chars)| text(&vec![piece; chars], chars));
    let longest = select(&["x", "é", "🦀", "\n"][..]).prop_map(move |piece| piece.repeat(longest));
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(String::new())),
        4 => short.prop_map(Some),
        2 => long.prop_map(Some),
        1 => longest.prop_map(Some),
    ]
}

fn mode() -> impl Strategy<Value = Mode> {
    select(&[Mode::Phone, Mode::Chat][..])
}

/// One scenario.
pub(crate) fn create_scenario() -> impl Strategy<Value = CreateScenario> {
    let optional = || option::of(vec(any_piece(), 0..9).prop_map(|pieces| pieces.concat()));
    (title(), title(), optional(), mode(), optional(), context(5_000)).prop_map(
        |(title, prompt, description, mode, category, evaluator_context)| CreateScenario {
            request_id: "drawn".to_owned(),
            title,
            prompt,
            description,
            mode,
            category,
            evaluator_context,
        },
    )
}

/// How a file of scenarios is written.
#[derive(Clone, Copy, Debug)]
struct Writing {
    quotes: csv::QuoteStyle,
    line_end: csv::Terminator,
    mark: &'static str,
}

fn writing() -> impl Strategy<Value = Writing> {
    let quotes = select(&[csv::QuoteStyle::Always, csv::QuoteStyle::Necessary, csv::QuoteStyle::NonNumeric][..]);
    let line_end = select(&[csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')][..]);
    let mark = select(&["", "\u{feff}"][..]);
    (quotes, line_end, mark).prop_map(|(quotes, line_end, mark)| Writing { quotes, line_end, mark })
}

/// Titles of which some are the same but for case and outer blanks.
fn crowded_title() -> impl Strategy<Value = String> {
    let same = select(&["Lost card", " lost card", "LOST CARD  ", "Größe", "GRÖSSE", "größe\n", "été", "ÉTÉ\t"][..]);
    prop_oneof![3 => same.prop_map(str::to_owned), 2 => title()]
}

/// A file of 1 to 6 scenarios, and up to two that exist before.
pub(crate) fn import_scenarios() -> impl Strategy<Value = ImportScenarios> {
    let row = (crowded_title(), title(), option::of(title()), context(4_000), mode());
    (vec(row, 1..=6), writing(), vec(crowded_title(), 0..=2)).prop_map(|(rows, writing, existing)| {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(writing.quotes)
            .terminator(writing.line_end)
            .from_writer(writing.mark.as_bytes().to_vec());
        writer
            .write_record(["title", "prompt", "description", "evaluator_context", "mode", "category"])
            .expect("memory takes everything");
        for (title, prompt, description, context, mode) in rows {
            let (description, context) = (description.unwrap_or_default(), context.unwrap_or_default());
            let row = [&title, &prompt, &description, &context, mode.name(), ""];
            writer.write_record(row).expect("memory takes everything");
        }
        let csv = writer.into_inner().expect("memory takes everything");
        ImportScenarios { request_id: "drawn".to_owned(), csv, existing }
    })
}

/// A chapter by its start and end, in tenths of a second.
type Times = (u32, Option<u32>);

/// 1 to 8 chapters in any order, overlapping or empty, and up to 40 segments, many of them exactly on a boundary.
pub(crate) fn import_chapters() -> impl Strategy<Value = ChapterImport> {
    let start = prop_oneof![select(&[0, 10, 20, 30][..]), 0..600_u32];
    let length = prop_oneof![Just(0), Just(10), 0..200_u32];
    let chapter = (start, option::of(length)).prop_map(|(start, length)| (start, length.map(|length| start + length)));
    (vec((chapter, title()), 1..=8), vec((any::<u8>(), 0..800_u32), 0..=40)).prop_map(|(chapters, segments)| {
        let times: Vec<Times> = chapters.iter().map(|(times, _)| *times).collect();
        let list: Vec<Value> = chapters.iter().map(|(times, title)| chapter_json(*times, title)).collect();
        let segments: Vec<Value> = segments
            .iter()
            .map(|&(at, tenths)| json!({"startTime": seconds(near(&times, at, tenths)), "body": "…"}))
            .collect();
        ChapterImport::new(
            json!({"version": "1.2.0", "chapters": list}).to_string(),
            json!({"version": "1.0.0", "segments": segments}).to_string(),
        )
    })
}

/// In two cases of three the start or the end of some chapter, otherwise the time that was drawn.
fn near(chapters: &[Times], at: u8, tenths: u32) -> u32 {
    let (start, end) = chapters[usize::from(at) % chapters.len()];
    match at % 3 {
        0 => start,
        1 => end.unwrap_or(start),
        _ => tenths,
    }
}

fn chapter_json((start, end): Times, title: &str) -> Value {
    let title: String = title.chars().filter(|letter| !letter.is_control()).collect();
    let title = if title.trim().is_empty() { "t" } else { &title };
    let mut chapter = json!({"startTime": seconds(start), "title": title});
    if let Some(end) = end {
        chapter["endTime"] = json!(seconds(end));
    }
    chapter
}

fn seconds(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}
