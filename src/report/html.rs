//! The report for people at a browser: one file, with nothing in it that needs a network or a framework.
//!
//! All markup is made here and in `templates/`, where the template library escapes every value: no text of a flow is
//! ever markup. Each story and each world stands in the page once, in a `template` element; the script clones it where
//! somebody opens it, and makes no markup of its own.

mod finding;
mod matrix;
mod timeline;
mod world;

use std::collections::BTreeMap;

use askama::Template as _;

use crate::judge::Criterion;
use crate::report::recommend::{RULE, recommend};
use crate::report::{Report, StrategyReport, text, words};
use finding::FindingPart;
use matrix::{Column, FlowPart};
use timeline::{AllSeen, Seen, StoryPart, TimelineItem};
use world::WorldPart;

/// The width for which the sentences of the text report are made, in columns: the page wraps them itself.
const WIDTH: usize = *text::WIDTHS.end();

#[derive(askama::Template)]
#[template(path = "report.html")]
struct Page<'r> {
    style: &'static str,
    script: &'static str,
    verdict: Vec<String>,
    is_as_expected: bool,
    asked: String,
    done: String,
    notes: Vec<String>,
    inferred: Vec<InferredPart>,
    columns: Vec<Column>,
    criteria: [Criterion; 8],
    flows: Vec<FlowPart<'r>>,
    cells: Vec<CellFindings<'r>>,
    stories: Vec<StoryPart<'r>>,
    seen: Vec<(String, Seen<'r>)>,
    worlds: Vec<WorldPart<'r>>,
    findings: usize,
    rule: &'static str,
    depth: u32,
}

/// The rules that halfway infers for a strategy, to be pasted.
struct InferredPart {
    name: String,
    rust: String,
    toml: String,
}

/// What a click on a cell opens.
struct CellFindings<'r> {
    id: String,
    findings: Vec<FindingPart<'r>>,
}

/// The page.
///
/// # Panics
/// Never: a template that is written to memory cannot fail.
pub fn render(report: &Report) -> String {
    let story_ids: BTreeMap<&str, String> =
        report.stories.iter().enumerate().map(|(at, story)| (story.again.as_str(), format!("s{at}"))).collect();
    let columns = matrix::columns(report);
    let flows: Vec<FlowPart> =
        recommend(report).iter().enumerate().map(|(at, flow)| FlowPart::new(report, flow, at, &columns)).collect();
    let cells = flows.iter().flat_map(|flow| &flow.rows).flat_map(|row| &row.cells).filter(|cell| cell.is_open());
    let cells: Vec<CellFindings> = cells
        .map(|cell| CellFindings {
            id: cell.id.clone(),
            findings: cell.findings.iter().map(|found| FindingPart::new(report, found, &story_ids)).collect(),
        })
        .collect();
    let mut seen = AllSeen::new();
    let stories = report.stories.iter().map(|story| (&story_ids[story.again.as_str()], story));
    let stories: Vec<StoryPart> = stories.map(|(id, story)| StoryPart::new(id, story, &mut seen)).collect();
    let verdict = text::verdict(report, WIDTH);
    let totals = &report.totals;
    let page = Page {
        style: include_str!("../../templates/report.css"),
        script: include_str!("../../templates/report.js"),
        verdict: verdict.lines().map(str::to_owned).collect(),
        is_as_expected: verdict.starts_with("as expected"),
        asked: text::asked(report),
        done: format!(
            "{} cases run, {} pruned (equal worlds), {:.1} s",
            words::number(totals.cases),
            words::number(totals.pruned),
            totals.seconds
        ),
        notes: text::notes(report, usize::MAX).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        inferred: inferred(report),
        columns,
        criteria: Criterion::ALL,
        findings: cells.iter().map(|cell| cell.findings.len()).sum(),
        flows,
        cells,
        stories,
        seen: numbered(seen),
        worlds: report.worlds.iter().map(|(name, view)| WorldPart::new(name, view)).collect(),
        rule: RULE,
        depth: report.options.depth,
    };
    page.render().expect("a page in memory can be written")
}

/// What was seen, in the order of its numbers.
fn numbered(seen: AllSeen<'_>) -> Vec<(String, Seen<'_>)> {
    let mut seen: Vec<(usize, Seen)> = seen.into_iter().map(|(seen, at)| (at, seen)).collect();
    seen.sort_by_key(|(at, _)| *at);
    seen.into_iter().map(|(at, seen)| (format!("o{at}"), seen)).collect()
}

fn inferred(report: &Report) -> Vec<InferredPart> {
    let told = report.strategies.iter().filter(|strategy| !strategy.inferred.is_empty());
    let part = |strategy: &StrategyReport| InferredPart {
        name: format!("{}/{}", strategy.flow, strategy.strategy),
        rust: text::inferred::rust(strategy),
        toml: text::inferred::toml(strategy),
    };
    told.map(part).collect()
}
