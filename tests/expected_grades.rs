//! Every cell of the matrix is what reasoning from the code of the strategy says it is.
//!
//! The table was written before anything was run. Where the two differ, one of them is wrong; the table's last lines
//! tell which it was, and why.

#[path = "expected_grades/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

use halfway::Silent;
use halfway::harness::{Explored, Settings, explore_all, replay};
use halfway::imports::{Requests, subjects};
use halfway::judge::Grade;
use halfway::report::recommend::recommend;
use halfway::report::{Cell, CellFault, Expect, Finding, html, json, markdown, text};
use halfway::story::{Event, Story};
use table::{Expected, letter};

const TABLE: &str = include_str!("expected_grades/table.txt");

/// All strategies, with up to two faults: explored once for all tests of this file.
fn explored() -> &'static Explored {
    static EXPLORED: OnceLock<Explored> = OnceLock::new();
    EXPLORED.get_or_init(|| {
        explore_all(&subjects(&Requests::default()), &Settings::default(), &Silent).expect("the harness can tell")
    })
}

fn expected() -> Vec<Expected> {
    table::read(TABLE).unwrap_or_else(|problem| panic!("tests/expected_grades/table.txt: {problem}"))
}

fn cell(expected: &Expected) -> Option<&'static Cell> {
    let strategies = &explored().report.strategies;
    let strategy = strategies.iter().find(|known| format!("{}/{}", known.flow, known.strategy) == expected.strategy)?;
    let is_meant =
        |cell: &&Cell| (cell.fault, cell.depth, cell.criterion) == (expected.fault, expected.depth, expected.criterion);
    strategy.cells.iter().find(is_meant)
}

#[test]
fn every_cell_is_as_reasoning_from_the_code_says() {
    let mut differences = String::new();
    for expected in expected() {
        let cell = cell(&expected);
        let found = cell.map(|cell| cell.grade);
        if found != expected.grade {
            let witness = cell.and_then(|cell| cell.witness.as_deref()).unwrap_or("(no witness)");
            let Expected { strategy, fault, depth, criterion, grade, line } = &expected;
            let (fault, expected, found) = (fault.name(), letter(*grade), letter(found));
            let _ = writeln!(
                differences,
                "line {line:<4} {strategy:<37} {criterion:<17} depth {depth} {fault:<9} expected {expected}, found {found}  {witness}"
            );
        }
    }
    assert!(differences.is_empty(), "expected and found grades differ:\n{differences}");
}

#[test]
fn every_cell_that_is_found_is_expected() {
    let key = |strategy: &str, fault: CellFault, depth: u32, criterion| (strategy.to_owned(), fault, depth, criterion);
    let expected: BTreeSet<_> = expected()
        .iter()
        .filter(|expected| expected.grade.is_some())
        .map(|expected| key(&expected.strategy, expected.fault, expected.depth, expected.criterion))
        .collect();
    for strategy in &explored().report.strategies {
        let name = format!("{}/{}", strategy.flow, strategy.strategy);
        for cell in &strategy.cells {
            let key = key(&name, cell.fault, cell.depth, cell.criterion);
            assert!(expected.contains(&key), "the table says nothing of {key:?}, graded {:?}", cell.grade);
        }
    }
}

#[test]
fn the_recommended_strategies_hold_and_all_others_are_violated_somewhere() {
    let recommended =
        ["scenario-create/intent-log", "scenario-import/intent-log", "chapter-import/one-transaction-upsert"];
    let strategies = &explored().report.strategies;
    assert_eq!(strategies.len(), 15);
    let chosen = recommend(&explored().report)
        .into_iter()
        .map(|flow| flow.choice.map(|c| format!("{}/{}", flow.flow, c.strategy)));
    assert_eq!(chosen.collect::<Vec<_>>(), recommended.map(|name| Some(name.to_owned())), "the rule chooses them, too");
    for strategy in strategies {
        let name = format!("{}/{}", strategy.flow, strategy.strategy);
        let worst = strategy.cells.iter().map(|cell| cell.grade).max().expect("every strategy has cells");
        if recommended.contains(&&*name) {
            assert_eq!(strategy.expect, Expect::Holds, "{name}");
            assert!(worst <= Grade::HealedByRecovery, "{name}: {}", worst.name());
        } else {
            assert_eq!(strategy.expect, Expect::Caught, "{name}");
            assert_eq!(worst, Grade::Violated, "{name}");
        }
        assert!(strategy.as_expected, "{name}");
    }
}

#[test]
fn every_finding_can_be_shown_from_its_story_to_its_world() {
    let report = &explored().report;
    assert!(report.findings.len() > 200, "{} findings", report.findings.len());
    for finding in &report.findings {
        let place = format!("{} of {}", finding.criterion, finding.schedule);
        assert!(!finding.rules.is_empty() && !finding.evidence.is_empty(), "{place}");
        let story = report.story(finding).expect(&place);
        assert_eq!(story.verdict.get(&finding.criterion), Some(&finding.grade), "{place}");
        assert!(report.worlds.contains_key(&story.before.name), "{place}");
    }
    let page = html::render(report);
    // Each finding of the page shows the world before and the world in which it was seen.
    assert_eq!(page.matches("<div class=\"worlds\">").count(), report.findings.len());
    let used: BTreeSet<&str> = page
        .split("data-use=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() < 20)
        .collect();
    assert!(used.len() > 200, "{} parts", used.len());
    for part in used {
        assert!(page.contains(&format!("<template id=\"{part}\">")), "{part} is not in the page");
    }
}

/// What a story shows of a criterion at its moment, for its client.
fn evidence<'s>(story: &'s Story, finding: &Finding) -> Vec<&'s [String]> {
    let of_client = |client: &str| {
        let continued = story.continuations.iter().filter(move |continuation| continuation.client.name() == client);
        continued.flat_map(|continuation| &continuation.events).collect::<Vec<_>>()
    };
    let events: Vec<&Event> = match &finding.client {
        Some(client) => of_client(client),
        None => story.trunk.iter().collect(),
    };
    let at = |event: &&'s Event| match event {
        Event::Observed { moment, breaches, .. } if moment.name() == finding.moment => {
            breaches.get(&finding.criterion).map(Vec::as_slice)
        }
        Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
    };
    events.iter().filter_map(at).collect()
}

#[test]
fn every_finding_of_the_json_report_is_seen_again_when_its_schedule_is_replayed() {
    let report = json::parse(&json::render(&explored().report)).expect("it reads back");
    let all = subjects(&Requests::default());
    let mut told: BTreeMap<&str, Story> = BTreeMap::new();
    for finding in &report.findings {
        let name = format!("{}/{}", finding.flow, finding.strategy);
        let whole = all.iter().find(|subject| subject.name() == name).expect("it was explored");
        let parts = finding.shrunk_from.as_ref().and_then(|shrunk| shrunk.first);
        let part = parts.map(|parts| whole.first_parts(parts).expect("a part of the request"));
        let schedule = finding.schedule.parse().expect("a schedule");
        let story = told.entry(&finding.replay).or_insert_with(|| {
            replay(part.as_ref().unwrap_or(whole), &schedule, &Settings::default()).expect("every fault happens again")
        });
        let place = format!("{} of {}", finding.criterion, finding.replay);
        assert_eq!(story.verdict.get(&finding.criterion), Some(&finding.grade), "{place}");
        assert_eq!(evidence(story, finding).last(), Some(&finding.evidence.as_slice()), "{place}");
        assert_eq!(story.again, finding.replay, "{place}");
    }
    assert!(told.len() > 100, "{} cases", told.len());
}

#[test]
fn the_reports_of_the_whole_run_fit_where_they_go() {
    let page = html::render(&explored().report).len();
    assert!(page < 2_000_000, "the page has {page} bytes");
    let comment = markdown::render(&explored().report, None);
    assert!(comment.chars().count() < 65_536, "the comment has {} characters", comment.chars().count());
    assert!(!comment.contains("left out here"), "the comment has all witnesses");
}

#[test]
fn every_planned_fault_happens() {
    let explored = explored();
    assert!(explored.not_fired.is_empty(), "{:#?}", explored.not_fired);
    assert_eq!(explored.report.totals.not_fired, 0);
    assert!(explored.is_as_expected());
}

#[test]
fn the_matrix_is_the_one_that_a_reviewer_has_read() {
    let mut report = explored().report.clone();
    (report.totals.seconds, report.totals.cases_per_second) = (0.0, 0.0);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("matrix", text::summary(&report, 100)));
}

#[test]
fn a_table_that_is_badly_written_is_refused_with_its_line() {
    let check = |text: &str, expected: &str| assert_eq!(table::read(text), Err(expected.to_owned()), "{text}");
    check("no-stuck-job h hhhhhh hhhhhh x", "line 1: no strategy was named yet");
    check("strategy a/b\nno-stuck-jobs h hhhhhh hhhhhh x", "line 2: \"no-stuck-jobs\" is no criterion");
    check("strategy a/b\n\nno-stuck-job h hhhhh hhhhhh x", "line 3: 5 grades for depth 1; it takes 6");
    check("strategy a/b\nno-stuck-job h hhhhhh hhxhhh y", "line 2: 'x' is no grade; grades are . h b r V");
    check("strategy a/b\nno-stuck-job h hhhhhh hhhhhh", "line 2: no reason is given");
    assert_eq!(table::read("strategy a/b\nno-stuck-job h hhhhhh hhhhhh x").expect("well written").len(), 13);
}
