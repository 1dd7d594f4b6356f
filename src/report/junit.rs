//! The report for a CI that reads JUnit XML: a suite for each flow, a case for each strategy and criterion.
//!
//! A case fails where the strategy is not as expected, as the exit code says: a breach that was to be caught is no
//! failure, and its text says what was seen. A baseline has no part in it. No times: the bytes depend on nothing but what
//! was found.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::judge::{Criterion, Grade};
use crate::report::{Expect, Finding, Report, StrategyReport, text, words};
use crate::story::Statements;

/// The report as JUnit XML.
///
/// # Panics
/// Never: XML that is written to memory cannot fail.
pub fn render(report: &Report) -> String {
    let mut junit = quick_junit::Report::new("halfway");
    let mut suites: Vec<TestSuite> = Vec::new();
    for strategy in &report.strategies {
        if suites.last().is_none_or(|suite| suite.name.as_str() != strategy.flow) {
            suites.push(TestSuite::new(strategy.flow.as_str()));
        }
        let suite = suites.last_mut().expect("one was put there");
        suite.add_test_cases(Criterion::ALL.map(|criterion| case(report, strategy, criterion)));
    }
    if report.totals.not_fired > 0 {
        let said = format!("{} of the planned faults did not happen", words::number(report.totals.not_fired));
        suites.push(could_not_tell("every-planned-fault-happens", said));
    }
    if let Some(partial) = &report.partial {
        suites.push(could_not_tell("every-strategy-is-explored", text::stopped(report, partial)));
    }
    junit.add_test_suites(suites);
    junit.to_string().expect("a report in memory can be written")
}

fn case(report: &Report, strategy: &StrategyReport, criterion: Criterion) -> TestCase {
    let worst = strategy.worst(criterion);
    let mut status = match (worst, strategy.expect, strategy.as_expected) {
        (None, _, _) => TestCaseStatus::skipped(),
        (Some(grade), Expect::Holds, _) if !Expect::Holds.is_met_by(grade) => failure(),
        (Some(_), Expect::Caught, false) => failure(),
        (Some(_), Expect::Holds | Expect::Caught, _) => TestCaseStatus::success(),
    };
    let said = said(report, strategy, criterion, worst);
    status.set_message(said.lines().next().unwrap_or_default());
    let is_failure = matches!(status, TestCaseStatus::NonSuccess { .. });
    if is_failure {
        status.set_description(said.as_str());
    }
    let mut case = TestCase::new(criterion.name(), status);
    case.set_classname(format!("{}.{}", strategy.flow, strategy.strategy));
    if !is_failure && worst.is_some() {
        case.set_system_out(said);
    }
    case
}

fn failure() -> TestCaseStatus {
    TestCaseStatus::non_success(NonSuccessKind::Failure)
}

/// How the criterion fared, and the smallest witness of it.
fn said(report: &Report, strategy: &StrategyReport, criterion: Criterion, worst: Option<Grade>) -> String {
    let Some(grade) = worst else {
        let is_without_rule = strategy.not_judged.contains(&criterion);
        let why = if is_without_rule { "not judged: no rule says when it is broken" } else { "no case applied to it" };
        return why.to_owned();
    };
    let expected = match (strategy.expect, strategy.as_expected) {
        (Expect::Holds, _) => "expected to hold",
        (Expect::Caught, true) => "the strategy is caught, as expected",
        (Expect::Caught, false) => "the strategy was to be caught, and nothing is violated",
    };
    let mut text = format!("{grade}; {expected}\n");
    let own = report.findings.iter().filter(|found| {
        (&found.flow, &found.strategy) == (&strategy.flow, &strategy.strategy)
            && found.criterion == criterion
            && found.grade == grade
    });
    // A longer line stands for more faults: the shortest is the plainest.
    if let Some(found) = own.min_by_key(|found| (found.schedule.split(' ').count(), found.fault)) {
        text.push_str(&witness(found, &strategy.statements));
    }
    text
}

fn witness(found: &Finding, statements: &Statements) -> String {
    let mut lines = vec![format!("after {}", words::schedule(&found.schedule, statements))];
    lines.extend(found.rules.iter().map(|rule| format!("breaks: {}", words::visible(rule))));
    lines.extend(found.evidence.iter().map(|seen| format!("left: {}", words::visible(seen))));
    lines.extend(found.shrunk_from.iter().map(|shrunk| format!("smaller: {}", words::smaller(shrunk, statements))));
    lines.push(format!("again: {}", words::visible(&found.replay)));
    lines.join("\n") + "\n"
}

/// A run that could not tell is no success, whatever its grades.
fn could_not_tell(claim: &str, said: String) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(said);
    let mut suite = TestSuite::new("halfway");
    suite.add_test_case(TestCase::new(claim, status));
    suite
}
