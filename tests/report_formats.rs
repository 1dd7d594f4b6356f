//! What people and programs get to see of a report and of a story.

#[path = "report_formats/browser.rs"]
mod browser;
#[path = "report_formats/diff.rs"]
mod diff;
#[path = "report_formats/fixture.rs"]
mod fixture;
#[path = "report_formats/schema.rs"]
mod schema;
#[path = "report_formats/worlds.rs"]
mod worlds;

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::observe::Answer;
use halfway::report::diff::compare;
use halfway::report::{Cell, CellFault, Report, html, json, junit, markdown, paint, story, text};
use halfway::story::{Ending, Event, OperationOutcome, OperationRecord, StepOutcome, StepRecord};
use schema::validate;
use serde_json::{Value, json};

fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_report_reads_well_at_every_width() {
    for width in [80, 100, 120] {
        check(&format!("report-text-{width}"), &text::render(&fixture::report(), width));
    }
}

#[test]
fn a_surprise_is_what_stays_on_the_screen() {
    let report = fixture::surprising_report();
    check("report-text-surprise-100", &text::render(&report, 100));
    check("report-text-surprise-summary-120", &text::summary(&report, 120));
}

#[test]
fn a_story_reads_well_at_every_width() {
    for width in [80, 120] {
        check(&format!("story-outage-{width}"), &story::render(&fixture::story(), width));
        check(&format!("story-crash-{width}"), &story::render(&fixture::crash_story(), width));
    }
}

#[test]
fn the_report_is_json_for_programs() {
    let mut report = fixture::report();
    report.strategies.truncate(1);
    report.strategies[0].cells.truncate(3);
    report.findings.truncate(2);
    report.stories.truncate(1);
    check("report-json", &json::render(&report));
}

#[test]
fn colours_change_nothing_but_colours() {
    for width in [80, 100, 120] {
        let texts = [
            text::render(&fixture::report(), width),
            text::render(&fixture::surprising_report(), width),
            story::render(&fixture::story(), width),
            story::render(&fixture::crash_story(), width),
        ];
        for plain in texts {
            assert!(!plain.contains('\u{1b}'), "plain text holds no escape sequence, whatever the evidence holds");
            let painted = paint::paint(&plain);
            assert_ne!(painted, plain);
            assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
        }
    }
}

#[test]
fn colours_are_where_the_verdicts_are() {
    let escapes_shown = |text: &str| paint::paint(text).replace('\u{1b}', "␛");
    check("paint-report", &escapes_shown(&text::render(&fixture::surprising_report(), 100)));
    check("paint-story", &escapes_shown(&story::render(&fixture::story(), 100)));
}

#[test]
fn no_line_is_wider_than_the_terminal_but_a_command() {
    for width in [80, 100, 120] {
        let text = [
            text::render(&fixture::surprising_report(), width),
            story::render(&fixture::story(), width),
            story::render(&fixture::crash_story(), width),
        ]
        .concat();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("again ")) {
            // A schedule in the title of a story is copied, too.
            let is_schedule = line.contains("#20:during=crash boot/");
            assert!(is_schedule || unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn the_matrix_of_all_reference_flows_fits_a_screen() {
    for (width, height) in [(80, 38), (100, 30), (120, 30)] {
        let lines = text::summary(&fixture::report(), width).lines().count();
        assert!(lines <= height, "{lines} lines at {width} columns");
    }
}

#[test]
fn each_letter_of_the_matrix_and_each_class_that_was_tried_is_told() {
    let mut report = fixture::report();
    let cell = report.strategies[0].cells.iter().find(|cell| cell.grade == Grade::Violated).expect("there is one");
    let of_class = |class| Cell { fault: CellFault::Class(class), depth: 1, ..cell.clone() };
    let besides = [FaultClass::DiskError, FaultClass::Torn].map(of_class);
    report.strategies[0].cells.extend(besides);
    let text = text::summary(&report, 120);
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains("D disk-error, T torn,"), "{text}");
    let faults =
        "faults error, lost-ack, outage, cancel, panic, crash; where a strategy names no step also disk-error, torn";
    assert!(one_line.contains(faults), "{text}");
    let html = html::render(&report);
    assert!(html.contains(faults), "the page says so, too");
}

#[test]
fn the_order_of_the_findings_does_not_matter() {
    let mut report = fixture::report();
    let text = text::render(&report, 100);
    for _ in 0..report.findings.len() {
        report.findings.rotate_left(1);
        // The evidence of one moment is joined in the order of the criteria, so nothing at all may change.
        assert_eq!(text::render(&report, 100), text);
    }
}

#[test]
fn a_case_that_shows_a_breach_to_both_clients_has_one_block() {
    let mut report = fixture::report();
    let mut again = report.findings[2].clone();
    again.client = Some("impatient".into());
    report.findings.push(again);
    let text = text::render(&report, 100);
    let again = "  again   halfway replay 'chapter-import/undo-on-error link-segments#1:before=crash'";
    assert_eq!(text.matches(again).count(), 1, "{text}");
    assert!(text.contains("VIOLATED no-orphan-rows, retry-succeeds   chapter-import"), "{text}");
    assert!(
        text.contains("          after the impatient retry: 12 chapters without a segment; the retry was"),
        "{text}"
    );
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    for report in [fixture::report(), fixture::surprising_report()] {
        let written = json::render(&report);
        assert!(written.ends_with("}\n"));
        let read = json::parse(&written).expect("a report");
        assert_eq!(read, report);
        assert_eq!(json::render(&read), written);
    }
}

#[test]
fn a_text_that_is_no_report_says_why() {
    let other = json::render(&fixture::report()).replacen("\"schema\": 1", "\"schema\": 2", 1);
    for (text, start) in [
        (
            other.as_str(),
            "read report: its schema is 2, and this halfway reads schema 1; use the halfway that wrote it",
        ),
        ("", "read report: EOF while parsing a value at line 1 column 0; is it the output of"),
        ("{\"schema\":1}", "read report: missing field `options`; is it the output of"),
    ] {
        let error = json::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(start), "{error}");
    }
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&json::render(report)).expect("JSON")
}

#[test]
fn the_schema_takes_every_report() {
    for report in [fixture::report(), fixture::surprising_report()] {
        validate(&value(&report)).expect("the report is as the schema says");
    }
    let mut empty = fixture::report();
    (empty.strategies, empty.findings) = (Vec::new(), Vec::new());
    validate(&value(&empty)).expect("a run of nothing is a report");
}

/// That no rule says when a job is stuck is no promise that held: each format says so, and the cells are those of a report
/// that was made before this was told, so that the two compare.
#[test]
fn what_no_rule_gives_a_meaning_is_shown_as_not_judged() {
    let was = fixture::report();
    let mut report = fixture::report();
    report.strategies[0].not_judged = vec![Criterion::NoStuckJob];
    assert_eq!(report.strategies[0].worst(Criterion::NoStuckJob), None);
    validate(&value(&report)).expect("the schema knows it");
    assert_eq!(json::parse(&json::render(&report)).expect("it is a report"), report);
    let change = compare(&was, &report);
    assert!(change.worse.is_empty() && change.better.is_empty() && change.apart.is_empty());
    let is_told = |text: &str| text.contains('·') && text.contains("·: not judged");
    assert!(is_told(&text::render(&report, 100)) && is_told(&markdown::render(&report, None)));
    assert!(junit::render(&report).contains("not judged: no rule says when it is broken"));
    assert!(html::render(&report).contains("no-stuck-job not judged"));
}

#[test]
fn the_schema_takes_nothing_else() {
    let changes: [(&str, Value); 25] = [
        ("/schema", json!(2)),
        ("/more", json!(0)),
        ("/options/more", json!(0)),
        ("/options/faults/0", json!("meteor")),
        ("/options/depth", json!(0)),
        ("/totals/more", json!(0)),
        ("/totals/seconds", json!(null)),
        ("/totals/cases", json!(1.5)),
        ("/strategies/0/more", json!(0)),
        ("/strategies/0/strategy", json!("As_Found")),
        ("/strategies/0/cells/0/more", json!(0)),
        ("/strategies/0/cells/0/depth", json!(1)),
        ("/strategies/0/cells/1/depth", json!(0)),
        ("/findings/0/more", json!(0)),
        ("/findings/0/grade", json!("held")),
        ("/findings/0/schedule", json!("chapter-import/as-found link-segments:before=crash")),
        ("/findings/0/replay", json!("rm -rf /")),
        ("/findings/0/rules", json!([])),
        ("/findings/0/fault", json!("meteor")),
        ("/stories/0/more", json!(0)),
        ("/stories/0/trunk/0", json!({"began": "attempt", "ended": "booted"})),
        ("/stories/0/trunk/1/step/outcome", json!("maybe")),
        ("/stories/0/before", json!("no name")),
        ("/worlds/000000000000", json!({"tables": [], "files": [], "more": 0})),
        ("/worlds/short", json!({"tables": [], "files": []})),
    ];
    for (path, wrong) in changes {
        let mut report = value(&fixture::report());
        let (parent, field) = path.rsplit_once('/').expect("a path");
        match report.pointer_mut(parent).expect(path) {
            Value::Array(items) => items[field.parse::<usize>().expect("a position")] = wrong,
            object => object[field] = wrong,
        }
        validate(&report).expect_err(path);
    }
}

#[test]
fn the_schema_knows_every_name() {
    let mut report = fixture::report();
    let cell = report.strategies[0].cells[1].clone();
    report.strategies[0].cells.clear();
    for criterion in Criterion::ALL {
        for grade in [Grade::Held, Grade::HealedByRecovery, Grade::HealedByRetry, Grade::Violated] {
            for class in FaultClass::ALL {
                let cell = Cell { fault: CellFault::Class(class), criterion, grade, ..cell.clone() };
                report.strategies[0].cells.push(cell);
            }
        }
    }
    validate(&value(&report)).expect("every name is in the schema");
}

#[test]
fn the_schema_knows_everything_that_can_happen() {
    let mut report = fixture::report();
    let planned = || "c#1:before=crash".parse().expect("a fault");
    let answers = [
        Answer::Success(json!(["anything"])),
        Answer::Failure("no".into()),
        Answer::Panicked { message: "oh".into(), injected: true },
        Answer::Hung { deadline_ms: 1 },
        Answer::NotBooted("no".into()),
    ];
    let endings = [Ending::Booted, Ending::Cancelled, Ending::Crashed, Ending::Killed, Ending::PowerLost];
    let outcomes = [
        StepOutcome::Done,
        StepOutcome::Failed("no".into()),
        StepOutcome::Hit(planned()),
        StepOutcome::Outage,
        StepOutcome::Unfinished,
    ];
    // What is new here has to be put into the lists above and into the schema.
    for ending in &endings {
        match ending {
            Ending::Booted
            | Ending::Answered(_)
            | Ending::Cancelled
            | Ending::Crashed
            | Ending::Killed
            | Ending::PowerLost => {}
        }
    }
    let story = &mut report.stories[0];
    story.trunk.extend(endings.into_iter().chain(answers.map(Ending::Answered)).map(Event::Ended));
    story.trunk.extend(outcomes.map(|outcome| {
        Event::Step(StepRecord { step: "c".into(), occurrence: 1, statement: None, outcome, operations: Vec::new() })
    }));
    let operations = [OperationOutcome::Done, OperationOutcome::Failed("no".into()), OperationOutcome::Hit(planned())];
    story.trunk.extend(operations.map(|outcome| {
        let (operation, extent) = ("write@a".into(), String::new());
        Event::Operation(OperationRecord { operation, occurrence: 1, extent, outcome })
    }));
    validate(&value(&report)).expect("everything is in the schema");
    assert_eq!(json::parse(&json::render(&report)).expect("a report"), report);
}

#[test]
fn a_comment_reads_well_in_a_pull_request() {
    let report = fixture::report();
    check("report-markdown", &markdown::render(&report, None));
    let surprising = fixture::surprising_report();
    let change = compare(&report, &surprising);
    check("report-markdown-worse", &markdown::render(&surprising, Some(&change)));
}

#[test]
fn a_comment_fits_where_a_comment_goes() {
    for (times, fits) in [(60, true), (3000, false)] {
        let mut report = fixture::report();
        for finding in &mut report.findings {
            finding.evidence.insert(0, "what was left is told at length; ".repeat(times));
        }
        let text = markdown::render(&report, None);
        assert!(text.chars().count() < 65_536, "{times}: {}", text.chars().count());
        assert_eq!(!text.contains("left out here"), fits, "{times}");
    }
}

#[test]
fn nothing_of_a_flow_is_markup_in_a_comment() {
    let mut report = fixture::report();
    report.findings.truncate(1);
    report.findings[0].evidence = vec![format!("```` </details> @everyone {}", worlds::SCRIPT)];
    let text = markdown::render(&report, None);
    let fence = "`````";
    let (_, after) = text.split_once(&format!("{fence}text\n")).expect("a fence that is longer than the one within");
    let (block, _) = after.split_once(&format!("\n{fence}\n")).expect("an end of it");
    assert!(block.contains("@everyone") && block.contains("</details>"), "{block}");
}

#[test]
fn a_ci_is_red_where_the_exit_code_is() {
    check("report-junit", &junit::render(&fixture::report()));
    let surprising = junit::render(&fixture::surprising_report());
    check("report-junit-surprise", &surprising);
    let count = |text: &str, what: &str| text.matches(what).count();
    let expected = junit::render(&fixture::report());
    assert_eq!((count(&expected, "<failure"), count(&expected, "<testcase ")), (0, 15 * 8));
    // One criterion violated and one that only the retry heals; and all seven that apply of the one that was not caught.
    assert_eq!(count(&surprising, "<failure"), 2 + 7);
    assert_eq!(count(&surprising, "<error"), 1, "planned faults that did not happen");
}

#[test]
fn a_page_has_nothing_of_a_flow_as_markup() {
    let page = html::render(&fixture::report());
    assert!(page.contains("&#60;script&#62;document.title"), "the script is shown");
    assert_eq!(page.matches("<script").count(), 1, "and it is not one");
    assert_eq!(page.matches("<img").count(), 0);
    assert_eq!(page.matches('\u{1b}').count(), 0);
    for network in ["http://", "https://", "url(", "@import"] {
        assert!(!page.contains(network), "{network}");
    }
}

#[test]
fn a_report_that_was_saved_looks_the_same() {
    for report in [fixture::report(), fixture::surprising_report()] {
        let saved = json::parse(&json::render(&report)).expect("a report");
        assert_eq!(html::render(&saved), html::render(&report));
        assert_eq!(junit::render(&saved), junit::render(&report));
        assert_eq!(markdown::render(&saved, None), markdown::render(&report, None));
        assert_eq!(text::render(&saved, 100), text::render(&report, 100));
    }
}
