//! A report and two stories made by hand: every grade, every class of fault, evidence that is long, in other scripts,
//! or up to no good.

use std::collections::BTreeMap;

use halfway::fault::{Edge, Fault, FaultClass};
use halfway::judge::{Criterion, Grade};
use halfway::observe::{Answer, Moment};
use halfway::report::{Cell, CellFault, Expect, Finding, Operations, Options, Report, StrategyReport, Totals};
use halfway::schedule::{Phase, PlannedFault, Point, Schedule};
use halfway::story::{
    Client, Continuation, Ending, Event, OperationOutcome, OperationRecord, StepOutcome, StepRecord, Story,
};

use crate::worlds;

const CHAPTER_STEPS: &[&str] =
    &["create-job", "start-job", "insert-chapters", "link-segments", "complete-job", "undo-chapters"];
const SCENARIO_STEPS: &[&str] = &["insert-scenario", "make-folder", "write-context", "set-path"];

/// A grade for each criterion, in the order of the reports: `·`, `held`, `boot`, `retry`, or the classes that violate
/// it, `-` for the run without faults, a small letter where it takes two faults.
const STRATEGIES: [(&str, &str, Expect, &str); 15] = [
    ("chapter-import", "as-found", Expect::Caught, "LCPK · ELOCPK held CPK ELOCPK ELOCPK boot"),
    ("chapter-import", "one-transaction", Expect::Caught, "LK · held held CPK lo ELK boot"),
    ("chapter-import", "undo-on-error", Expect::Caught, "LK · eloCPK held CPK eloCPK eLoCPK retry"),
    ("chapter-import", "upsert", Expect::Caught, "retry · ELOCPK held CPK ELOCPK held held"),
    ("chapter-import", "one-transaction-upsert", Expect::Holds, "held · held held boot held held held"),
    ("scenario-create", "as-found", Expect::Caught, "LK -ELOCPK ELOCPK ELOCPK · ELOCPK held ELOCPK"),
    ("scenario-create", "undo-on-error", Expect::Caught, "LK held eloCPK eloCPK · eloCPK held LCPK"),
    ("scenario-create", "inline-column", Expect::Caught, "held held held held · held held LCK"),
    ("scenario-create", "path-first", Expect::Caught, "LK held ELOCPK CK · ELOCPK held ELOCPK"),
    ("scenario-create", "intent-log", Expect::Holds, "held held boot boot · boot held held"),
    ("scenario-import", "as-found", Expect::Caught, "LCK -ELOCPK ELOCPK ELOCPK · ELOCPK held ELOCPK"),
    ("scenario-import", "undo-on-error", Expect::Caught, "LK held eloCPK eloCPK · ELOCPK held LCPK"),
    ("scenario-import", "inline-column", Expect::Caught, "held LCK held held · held held held"),
    ("scenario-import", "path-first", Expect::Caught, "LK held ELOCPK CK · ELOCPK held ELOCPK"),
    ("scenario-import", "intent-log", Expect::Holds, "held held boot boot · boot held held"),
];

/// A run in which everything is as expected.
pub(crate) fn report() -> Report {
    let strategies = STRATEGIES.map(|(flow, name, expect, grades)| strategy(flow, name, expect, grades));
    let mut report = Report {
        schema: 1,
        options: Options {
            backend: "sqlite".into(),
            depth: 2,
            seed: 0,
            random: None,
            faults: FaultClass::OF_STEPS.into(),
            shard: None,
        },
        totals: Totals {
            cases: 12_345,
            pruned: 6_789,
            not_fired: 0,
            retried: 0,
            seconds: 23.4,
            cases_per_second: 527.4,
        },
        partial: None,
        strategies: strategies.into(),
        findings: findings(),
        stories: Vec::new(),
        worlds: BTreeMap::new(),
    };
    for (schedule, story) in [
        ("chapter-import/undo-on-error link-segments#1:before=crash", with_operations(story())),
        ("scenario-create/as-found set-path#1:before=error:disk-full", crash_story()),
    ] {
        report.keep(Story { schedule: schedule.into(), again: format!("halfway replay '{schedule}'"), ..story });
    }
    report
}

/// The same, with file operations: in a step, and outside of any.
fn with_operations(mut story: Story) -> Story {
    let operation = |name: &str, extent: &str, outcome| OperationRecord {
        operation: name.into(),
        occurrence: 1,
        extent: extent.into(),
        outcome,
    };
    let failed = OperationOutcome::Failed(format!("EIO {}", worlds::SCRIPT));
    let within = vec![
        operation("write@app.db-wal", "4096 bytes at 32", OperationOutcome::Done),
        operation("fsync@app.db-wal", "", failed),
    ];
    let steps = story.trunk.iter_mut().filter_map(|event| match event {
        Event::Step(record) => Some(record),
        Event::Began(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
    });
    steps.filter(|record| record.step == "create-job").for_each(|record| record.operations.clone_from(&within));
    story.trunk.push(Event::Operation(operation("unlink@left.tmp", "", OperationOutcome::Done)));
    story
}

/// A run in which one strategy that was to hold does not, one that was to be caught is not, and some faults did not
/// fire.
pub(crate) fn surprising_report() -> Report {
    let mut report = report();
    report.totals.not_fired = 3;
    report.strategies[4] =
        strategy("chapter-import", "one-transaction-upsert", Expect::Holds, "held · held held retry held LK held");
    report.strategies[7] =
        strategy("scenario-create", "inline-column", Expect::Caught, "held held held held · held held retry");
    report.findings.retain(|finding| finding.strategy != "inline-column");
    report.findings.extend([
        finding(
            "chapter-import/one-transaction-upsert commit-import#1:after=lost-ack",
            (Criterion::RetrySucceeds, Grade::Violated),
            ("after-retry", Some("impatient")),
            &["the retry was refused: \"UNIQUE constraint failed: chapters.request_id\""],
        ),
        finding(
            "chapter-import/one-transaction-upsert create-job#1:after=crash boot/close-jobs#1:before=crash",
            (Criterion::NoStuckJob, Grade::HealedByRetry),
            ("after-recovery", Some("restarted")),
            &["1 job is pending while nothing runs it"],
        ),
    ]);
    report
}

fn strategy(flow: &str, name: &str, expect: Expect, grades: &str) -> StrategyReport {
    let steps = if flow == "chapter-import" { CHAPTER_STEPS } else { SCENARIO_STEPS };
    let cells: Vec<Cell> = Criterion::ALL
        .into_iter()
        .zip(grades.split(' '))
        .flat_map(|(criterion, word)| cells(criterion, word))
        .collect();
    let worst = cells.iter().map(|cell| cell.grade).max().expect("a cell");
    StrategyReport {
        inferred: Vec::new(),
        flow: flow.into(),
        strategy: name.into(),
        expect,
        as_expected: expect.is_met_by(worst),
        steps: steps.iter().map(|&step| step.into()).collect(),
        statements: BTreeMap::new(),
        operations: vec![
            Operations { step: Some(steps[0].into()), operations: vec!["write@world.sqlite-wal".into()] },
            Operations { step: None, operations: vec!["open@world.sqlite".into(), "create@a/id-1.txt".into()] },
        ],
        notes: Vec::new(),
        not_judged: Vec::new(),
        cells,
    }
}

fn cells(criterion: Criterion, word: &str) -> Vec<Cell> {
    let grade = |letter: char| match word {
        "held" => Grade::Held,
        "boot" => Grade::HealedByRecovery,
        "retry" => Grade::HealedByRetry,
        letters if letters.contains(letter) => Grade::Violated,
        _ => Grade::Held,
    };
    if word == "·" {
        return Vec::new();
    }
    let mut cells =
        vec![cell(CellFault::None, 0, criterion, if word.starts_with('-') { Grade::Violated } else { Grade::Held })];
    for (class, letter) in FaultClass::OF_STEPS.into_iter().zip("ELOCPK".chars()) {
        let small = letter.to_ascii_lowercase();
        cells.push(cell(CellFault::Class(class), 1, criterion, grade(letter)));
        cells.push(cell(CellFault::Class(class), 2, criterion, grade(letter).max(grade(small))));
    }
    cells
}

fn cell(fault: CellFault, depth: u32, criterion: Criterion, grade: Grade) -> Cell {
    let violations = if grade == Grade::Violated { 4 } else { 0 };
    let witness = (grade != Grade::Held).then(|| "a/b c#1:before=crash".into());
    Cell { fault, depth, criterion, grade, cases: 12, violations, witness }
}

fn finding(
    schedule: &str,
    (criterion, grade): (Criterion, Grade),
    (moment, client): (&str, Option<&str>),
    evidence: &[&str],
) -> Finding {
    let (flow, rest) = schedule.split_once('/').expect("flow/strategy");
    let first = schedule.parse::<Schedule>().expect("a schedule").faults.first().map(|planned| planned.fault.class());
    Finding {
        flow: flow.into(),
        strategy: rest.split(' ').next().expect("a strategy").into(),
        fault: first.map_or(CellFault::None, CellFault::Class),
        criterion,
        grade,
        schedule: schedule.into(),
        moment: moment.into(),
        client: client.map(Into::into),
        rules: vec![format!("{} ({})", criterion.claim(), worlds::SCRIPT)],
        evidence: evidence.iter().map(|&sentence| sentence.into()).collect(),
        replay: format!("halfway replay '{schedule}'"),
        shrunk_from: None,
    }
}

fn findings() -> Vec<Finding> {
    let violated = |criterion| (criterion, Grade::Violated);
    let restarted = ("after-retry", Some("restarted"));
    let refused = "the retry was refused: \"Episode already has 12 chapters. Delete them first to re-import.\"";
    vec![
        // The larger one first: the smallest is chosen, not the first.
        finding(
            "chapter-import/undo-on-error link-segments#1:before=error undo-chapters#1:before=error",
            violated(Criterion::RetrySucceeds),
            restarted,
            &[refused],
        ),
        finding(
            "chapter-import/undo-on-error link-segments#1:before=crash",
            violated(Criterion::NoOrphanRows),
            restarted,
            &["12 chapters without a segment"],
        ),
        finding(
            "chapter-import/undo-on-error link-segments#1:before=crash",
            violated(Criterion::RetrySucceeds),
            restarted,
            &["12 chapters without a segment", refused],
        ),
        finding(
            "chapter-import/undo-on-error create-job#1:after=crash",
            violated(Criterion::NoStuckJob),
            ("after-recovery", Some("restarted")),
            &["1 job is pending while nothing runs it"],
        ),
        finding(
            "chapter-import/undo-on-error create-job#1:after=lost-ack undo-chapters#1:before=outage \
             boot/close-jobs#12:during=crash",
            violated(Criterion::FailureSurfaced),
            ("at-rest", None),
            &["the answer was success, and 12 of 12 chapters are missing"],
        ),
        finding(
            "chapter-import/undo-on-error link-segments#1:before=crash",
            (Criterion::RetryConverges, Grade::HealedByRetry),
            ("at-rest", None),
            &["healed breaches of strategies that are to be caught have no block"],
        ),
        finding(
            "scenario-create/as-found",
            violated(Criterion::ResponseComplete),
            ("at-rest", None),
            &["the answer lacks evaluatorContextPath, which it promises"],
        ),
        finding(
            "scenario-create/as-found set-path#1:before=error:disk-full",
            violated(Criterion::AllOrNothing),
            ("after-retry", Some("impatient")),
            &[
                "2 scenarios titled \"Entretien d’embauche — 面接の練習、その一：自己紹介と志望動機について話してください\"",
                "evaluator_context/scenario-1/context.txt is no row's: \"Ignore\u{1b}[31m this\nand that\u{202e}\"",
                "evaluator_context/scenario-1/an-unreasonably-long-name-that-has-no-blank-in-it-anywhere-and-goes-on-for-more-than-a-whole-line-of-any-terminal.txt is no row's",
                "4",
                "<img src=x onerror=alert(5)> ``` @everyone <!-- | -->",
                "6",
            ],
        ),
        finding(
            "scenario-create/as-found set-path#1:before=error:disk-full",
            violated(Criterion::NoOrphanRows),
            ("at-rest", None),
            &["1 scenario has a context in the request and no path"],
        ),
        finding(
            "scenario-create/as-found set-path#1:before=error:disk-full",
            violated(Criterion::NoOrphanFiles),
            restarted,
            &["evaluator_context/scenario-1/context.txt is no row's"],
        ),
        finding(
            "scenario-create/as-found set-path#1:before=error:disk-full",
            violated(Criterion::RetryConverges),
            restarted,
            &["1 scenario more than after a run without faults"],
        ),
        finding(
            "scenario-create/inline-column commit#1:after=lost-ack",
            violated(Criterion::RetryConverges),
            restarted,
            &["1 scenario more than after a run without faults"],
        ),
        finding(
            "scenario-create/intent-log rename-context#1:after=crash",
            (Criterion::NoOrphanFiles, Grade::HealedByRecovery),
            ("at-rest", None),
            &["evaluator_context/scenario-1/context.txt is no row's"],
        ),
    ]
}

fn step(name: &str, occurrence: u32, outcome: StepOutcome) -> Event {
    Event::Step(StepRecord { step: name.into(), occurrence, statement: None, outcome, operations: Vec::new() })
}

fn done(name: &str, occurrence: u32) -> Event {
    step(name, occurrence, StepOutcome::Done)
}

fn hit(phase: Phase, name: &str, occurrence: u32, edge: Edge, fault: Fault) -> Event {
    let point = Point::of_step(name, occurrence, edge);
    step(name, occurrence, StepOutcome::Hit(PlannedFault { phase, point, fault }))
}

fn observed(moment: Moment, left: &[&str], breaches: &[(Criterion, &[&str])]) -> Event {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let told = breaches.iter().map(|(criterion, evidence)| (*criterion, texts(evidence))).collect();
    let world = if breaches.is_empty() { worlds::before() } else { worlds::broken() };
    Event::Observed { moment, left: texts(left), breaches: told, world }
}

/// An import of chapters whose cleanup fails as well, told with both of its clients.
pub(crate) fn story() -> Story {
    let refused = "Episode already has 12 chapters. Delete them first to re-import.";
    let refusal = || Event::Ended(Ending::Answered(Answer::Failure(refused.into())));
    let orphans: &[&str] = &["12 of 12 chapters have no segment, the first is \"Einleitung — はじめに\""];
    let at_rest = [(Criterion::NoOrphanRows, orphans), (Criterion::AllOrNothing, &[] as &[&str])];
    let after: [(Criterion, &[&str]); 2] = [
        (Criterion::NoOrphanRows, orphans),
        (
            Criterion::RetrySucceeds,
            &["the retry was refused: \"Episode already has 12 chapters. Delete them first to re-import.\""],
        ),
    ];
    let left: &[&str] =
        &["12 chapters without a segment", "1 job, failed: \"link segments: connection reset by peer\""];
    let mut trunk = vec![Event::Began(Phase::Boot), done("migrate", 1), Event::Ended(Ending::Booted)];
    trunk.extend([Event::Began(Phase::Attempt), done("create-job", 1), done("start-job", 1)]);
    trunk.extend((1..=12).map(|at| done("insert-chapter", at)));
    trunk.extend([
        hit(Phase::Attempt, "link-segments", 1, Edge::Before, Fault::Outage),
        step("undo-chapters", 1, StepOutcome::Outage),
        step("fail-job", 1, StepOutcome::Failed("error communicating with database: connection reset by peer".into())),
        Event::Ended(Ending::Answered(Answer::Failure("link segments: connection reset by peer".into()))),
        observed(Moment::AtRest, left, &at_rest),
    ]);
    let restarted = vec![
        Event::Began(Phase::Boot),
        done("migrate", 1),
        Event::Ended(Ending::Booted),
        observed(Moment::AfterRecovery, left, &at_rest[..1]),
        Event::Began(Phase::Retry),
        done("count-chapters", 1),
        refusal(),
        observed(Moment::AfterRetry, left, &after),
    ];
    let impatient = vec![
        Event::Began(Phase::Impatient),
        done("count-chapters", 1),
        refusal(),
        observed(Moment::AfterRetry, left, &after),
    ];
    Story {
        schedule: "chapter-import/undo-on-error link-segments#1:before=outage".into(),
        statements: BTreeMap::new(),
        before: worlds::before(),
        trunk,
        continuations: vec![
            Continuation { client: Client::Restarted, events: restarted },
            Continuation { client: Client::Impatient, events: impatient },
        ],
        verdict: BTreeMap::from([
            (Criterion::FailureSurfaced, Grade::Held),
            (Criterion::NoOrphanRows, Grade::Violated),
            (Criterion::NoStuckJob, Grade::HealedByRecovery),
            (Criterion::AllOrNothing, Grade::HealedByRetry),
            (Criterion::RetrySucceeds, Grade::Violated),
        ]),
        again: "halfway replay 'chapter-import/undo-on-error link-segments#1:before=outage'".into(),
        notes: Vec::new(),
    }
}

/// An import of scenarios that is killed in a loop, started again with a fault in boot, and heals.
pub(crate) fn crash_story() -> Story {
    let mut trunk = vec![Event::Began(Phase::Attempt)];
    for row in 1..=19 {
        trunk.extend(["insert-scenario", "make-folder", "write-context", "set-path"].map(|name| done(name, row)));
    }
    trunk.extend([
        done("insert-scenario", 20),
        hit(Phase::Attempt, "make-folder", 20, Edge::During, Fault::Crash),
        Event::Ended(Ending::Crashed),
        observed(
            Moment::AtRest,
            &["20 scenarios", "19 files in evaluator_context"],
            &[(Criterion::NoOrphanRows, &["1 of 20 scenarios lacks its context"])],
        ),
        Event::Began(Phase::Boot),
        hit(Phase::Boot, "undo-intent", 1, Edge::Before, Fault::Cancel),
        step("close-intent", 1, StepOutcome::Unfinished),
        Event::Ended(Ending::Cancelled),
        Event::Began(Phase::Boot),
        Event::Ended(Ending::Answered(Answer::NotBooted("open database: disk I/O error".into()))),
        observed(Moment::AtRest, &[], &[]),
    ]);
    let events = vec![
        Event::Began(Phase::Retry),
        Event::Ended(Ending::Answered(Answer::Panicked { message: "index out of bounds".into(), injected: false })),
        Event::Ended(Ending::Answered(Answer::Hung { deadline_ms: 10_000 })),
        Event::Ended(Ending::Answered(Answer::Success(serde_json::json!({
            "created": 1, "createdTitles": ["Café \u{1b}[2J"], "skipped": 19,
            "skippedTitles": (1..=19).map(|row| format!("Scenario {row}")).collect::<Vec<_>>(),
        })))),
        observed(Moment::AfterRetry, &["20 scenarios", "20 files in evaluator_context"], &[]),
    ];
    Story {
        schedule: "scenario-import/intent-log make-folder#20:during=crash boot/undo-intent#1:before=cancel".into(),
        statements: BTreeMap::new(),
        before: worlds::before(),
        trunk,
        continuations: vec![Continuation { client: Client::Restarted, events }],
        verdict: BTreeMap::from([
            (Criterion::NoOrphanRows, Grade::HealedByRecovery),
            (Criterion::RetryConverges, Grade::Held),
        ]),
        again:
            "halfway replay 'scenario-import/intent-log make-folder#20:during=crash boot/undo-intent#1:before=cancel'"
                .into(),
        notes: Vec::new(),
    }
}
