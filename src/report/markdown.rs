//! The report for the comment of a pull request: the matrix, what changed, the findings folded.
//!
//! What comes from a flow stands in fenced blocks only, where no markup and no mention works. The text stays shorter
//! than such a comment may be: findings that do not fit are counted.

use std::fmt::Write as _;

use crate::judge::{Criterion, Grade};
use crate::report::diff::{Diff, GradeChange};
use crate::report::recommend::{RULE, recommend};
use crate::report::text::{self, findings, matrix};
use crate::report::{Report, StrategyReport, words};

/// The most characters: GitHub takes 65,536.
const ROOM: usize = 60_000;

/// The width of the findings, in columns.
const WIDTH: usize = 100;

/// The report, and what changed against a baseline, if there is one.
pub fn render(report: &Report, change: Option<&Diff>) -> String {
    let mut text = head(report);
    if let Some(change) = change {
        text.push_str(&changed(change));
    }
    for recommended in recommend(report) {
        let own: Vec<_> = report.strategies.iter().filter(|own| own.flow == recommended.flow).collect();
        let _ = write!(text, "\n### {}\n\n", inline(recommended.flow));
        text.push_str(&table(report, &own));
        let _ = write!(text, "\nRecommended: {}.\n", inline(&recommended.reason));
    }
    if !report.strategies.is_empty() {
        let _ = write!(text, "\n{}\n", inline(&legend(report)));
        let _ = write!(text, "\n<sub>Rule of the recommendation: {RULE}.</sub>\n");
    }
    text.push_str(&inferred(report));
    let room = ROOM.saturating_sub(text.chars().count());
    text + &folded(report, room)
}

fn head(report: &Report) -> String {
    let verdict = text::verdict(report, WIDTH);
    // The words behind the colon are the headline only where there is no more to say.
    let is_short = verdict.lines().count() == 1;
    let headline = if is_short { verdict.as_str() } else { verdict.split(':').next().unwrap_or_default() };
    let mut head = format!(
        "## halfway: {}\n\n{}",
        inline(headline.trim()),
        fenced(&(text::notes(report, WIDTH) + &text::totals(report, WIDTH)))
    );
    if !is_short {
        head.push_str(&fenced(&verdict));
    }
    head
}

fn table(report: &Report, strategies: &[&StrategyReport]) -> String {
    let applies = |criterion: &Criterion| strategies.iter().any(|strategy| strategy.knows(*criterion));
    let criteria: Vec<_> = Criterion::ALL.into_iter().filter(applies).collect();
    let classes = report.classes();
    let mut table = "| strategy |".to_owned();
    for criterion in &criteria {
        let _ = write!(table, " {criterion} |");
    }
    let _ = write!(table, " expected |\n|{}\n", " --- |".repeat(criteria.len() + 2));
    for strategy in strategies {
        let _ = write!(table, "| {} |", inline(&strategy.strategy));
        for &criterion in &criteria {
            let cell = matrix::cell(strategy, criterion, &classes);
            let violated = strategy.worst(criterion) == Some(Grade::Violated);
            let _ = if violated { write!(table, " **{cell}** |") } else { write!(table, " {cell} |") };
        }
        let mark = if strategy.as_expected { "✓" } else { "✗ **NOT AS EXPECTED**" };
        let _ = writeln!(table, " {} {mark} |", strategy.expect.name());
    }
    table
}

/// What the words and letters in the cells mean.
fn legend(report: &Report) -> String {
    let letters = report.classes().into_iter().map(|class| format!("{} {class}", matrix::letter(class)));
    format!(
        "held: at every moment. boot: healed by recovery. retry: healed by the retry. ·: not judged. ✗: violated, by \
         the class of the first fault: {}, ALL each of these, - no fault; a small letter: only with another fault.",
        letters.collect::<Vec<_>>().join(", ")
    )
}

fn changed(change: &Diff) -> String {
    let counted = |shifts: &[GradeChange], how| format!("{} {how}", words::number(shifts.len() as u64));
    let (worse, better) = (counted(&change.worse, "worse"), counted(&change.better, "better"));
    let compared = words::counted(change.compared, "grade", "grades");
    let mut text = format!("\n### Against the baseline: {worse}, {better} ({compared} compared)\n");
    if !change.worse.is_empty() || !change.better.is_empty() || !change.apart.is_empty() {
        text.push('\n');
        text.push_str(&fenced(&text::diff::details(change, WIDTH)));
    }
    text
}

/// The smallest witnesses, strategy by strategy.
fn folded(report: &Report, room: usize) -> String {
    let (mut text, mut left_out) = (String::new(), 0);
    for strategy in &report.strategies {
        let blocks = findings::of_strategy(strategy, &report.findings, WIDTH);
        if blocks.is_empty() {
            continue;
        }
        let name = inline(&format!("{}/{}", strategy.flow, strategy.strategy));
        let count = words::counted(blocks.len(), "witness", "witnesses");
        let block = fenced(blocks.concat().trim_end_matches('\n'));
        let folded = format!("\n<details><summary>{name}: {count}</summary>\n\n{block}\n</details>\n");
        if text.chars().count() + folded.chars().count() <= room {
            text.push_str(&folded);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let count = words::counted(left_out, "strategy is", "strategies are");
        let _ = write!(text, "\nThe witnesses of {count} left out here: a comment has no room for them.\n");
    }
    if text.is_empty() { text } else { format!("\n### Findings\n{text}") }
}

/// The rules that halfway inferred, to be pasted.
fn inferred(report: &Report) -> String {
    let mut text = String::new();
    for strategy in report.strategies.iter().filter(|strategy| !strategy.inferred.is_empty()) {
        let name = inline(&format!("{}/{}", strategy.flow, strategy.strategy));
        let blocks = fenced(&text::inferred::rust(strategy)) + "\n" + &fenced(&text::inferred::toml(strategy));
        let _ = write!(
            text,
            "\n<details><summary>Rules that halfway infers for {name}</summary>\n\n{blocks}\n</details>\n"
        );
    }
    text
}

/// A block in which everything stands as it is: its fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A text within a line, with nothing in it that Markdown or HTML would take for its own.
fn inline(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in words::visible(text).chars() {
        match letter {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => plain.extend(['\\', letter]),
            _ => plain.push(letter),
        }
    }
    plain
}
