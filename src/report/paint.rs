//! Colours for a text that is complete without them.
//!
//! Takes what [`crate::report::text`] and [`crate::report::story`] render, and styles the words that they put at known
//! places; it adds and removes nothing else. Whether the terminal wants colours is its caller's business. Evidence is
//! never styled: it belongs to the flow, and may say anything.

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

/// What a line may begin with, and the style of that beginning.
const BEGINNINGS: [(&str, &str); 25] = [
    ("VIOLATED", RED),
    ("ONLY THE RETRY HEALS", YELLOW),
    ("NOT AS EXPECTED:", RED),
    ("COULD NOT TELL:", RED),
    ("PARTIAL:", YELLOW),
    ("as expected so far:", GREEN),
    ("as expected:", GREEN),
    ("WORSE", RED),
    ("BETTER", GREEN),
    ("no worse:", GREEN),
    ("  was     ", DIM),
    ("  is      ", DIM),
    ("  ✓", GREEN),
    ("  ✗", RED),
    ("  ⚡", YELLOW),
    ("  …", DIM),
    ("  after   ", DIM),
    ("  left    ", DIM),
    ("  smaller ", DIM),
    ("  breaks  ", DIM),
    ("  answer  ", DIM),
    ("  up      ", DIM),
    ("held: ", DIM),
    ("✗: ", DIM),
    ("== ", BOLD),
];

/// What stands alone on a line of a story, above what it is about.
const HEADINGS: [&str; 8] =
    ["attempt", "boot", "retry", "impatient retry", "at rest", "after recovery", "after the retry", "verdict"];

/// The text with its known words in colour. Without the ANSI sequences it is the same text.
pub fn paint(text: &str) -> String {
    let mut painted = String::with_capacity(text.len() * 2);
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        painted.push_str(&paint_line(line));
        painted.push_str(end);
    }
    painted
}

fn paint_line(line: &str) -> String {
    if is_row(line) {
        return words(line, cell_style);
    }
    if HEADINGS.contains(&line) {
        return styled(BOLD, line);
    }
    if let Some((label, command)) = line.split_once("again   ").filter(|(indent, _)| indent.trim().is_empty()) {
        return format!("{label}{}{}", styled(DIM, "again   "), styled(CYAN, command));
    }
    if let Some((criterion, grade)) = graded(line) {
        return format!("{criterion}{}", styled(grade_style(grade), grade));
    }
    match BEGINNINGS.iter().find(|(beginning, _)| line.starts_with(beginning)) {
        Some((beginning, style)) => format!("{}{}", styled(style, beginning), &line[beginning.len()..]),
        None => line.to_owned(),
    }
}

fn styled(style: &str, text: &str) -> String {
    format!("{style}{text}{RESET}")
}

/// A row of the matrix: its last word, or its first, says whether the strategy is as expected.
fn is_row(line: &str) -> bool {
    if line.starts_with("✓ ") || line.starts_with("✗ ") {
        return true;
    }
    let row = line.trim_end_matches(" NOT AS EXPECTED");
    line.starts_with("  ") && !line.starts_with("   ") && (row.ends_with(" ✓") || row.ends_with(" ✗"))
}

fn words(line: &str, style: fn(&str) -> Option<&'static str>) -> String {
    let pieces = line.split(' ').map(|word| style(word).map_or_else(|| word.to_owned(), |style| styled(style, word)));
    pieces.collect::<Vec<_>>().join(" ")
}

fn cell_style(word: &str) -> Option<&'static str> {
    match word {
        "held" | "·" => Some(DIM),
        "boot" | "retry" => Some(YELLOW),
        "✓" => Some(GREEN),
        "NOT" | "AS" | "EXPECTED" => Some(RED),
        broken if broken.starts_with('✗') => Some(RED),
        _ => None,
    }
}

/// A line of a story's verdict: a criterion, and how it fared.
fn graded(line: &str) -> Option<(&str, &str)> {
    let grade = line.rsplit(' ').next()?;
    let known = matches!(grade, "held" | "healed-by-recovery" | "healed-by-retry" | "VIOLATED");
    (known && line.starts_with("  ") && line.split_whitespace().count() == 2)
        .then(|| line.split_at(line.len() - grade.len()))
}

fn grade_style(grade: &str) -> &'static str {
    match grade {
        "held" => GREEN,
        "VIOLATED" => RED,
        _ => YELLOW,
    }
}
