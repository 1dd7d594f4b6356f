//! Requests and schedules, drawn together and shrunk together.
//!
//! The exhaustive exploration tries every schedule of one request. Here each case has a request of its own, with odd
//! texts and times, and up to three faults. The generator is seeded with a constant: the same cases in every run.

#[path = "properties/requests.rs"]
mod requests;
#[path = "properties/worlds.rs"]
mod worlds;

use std::cell::RefCell;

use halfway::harness::{Settings, play_drawn};
use halfway::imports::chapter_import::{self, ChapterImport};
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::import_request::ImportScenarios;
use halfway::imports::{scenario_create, scenario_import};
use halfway::judge::Grade;
use halfway::{Flow, Subject};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use worlds::{Refusal, send};

/// Cases for each flow.
const CASES: u32 = 96;

/// The greatest number of faults in a case.
const FAULTS: usize = 3;

/// A request, and the numbers that pick the faults.
type Case<R> = (R, Vec<u32>);

/// The smallest case in which a flow does not hold, if there is one; and how many faults the cases had, case by case.
type Found<R> = (Result<(), TestError<Case<R>>>, Vec<usize>);

/// Draws requests with schedules, and looks for a case in which the flow does not hold.
fn search<F: Flow + Clone>(flow: &F, requests: impl Strategy<Value = F::Request>) -> Found<F::Request>
where
    F::Request: Clone + std::fmt::Debug,
{
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let faults = RefCell::new(Vec::new());
    let found = runner.run(&(requests, vec(any::<u32>(), 0..=FAULTS)), |(request, picks)| {
        let subject = Subject::new(flow.clone(), request);
        let drawn = play_drawn(&subject, &picks, &Settings::default());
        let drawn = drawn.map_err(|error| TestCaseError::fail(format!("could not tell: {error}")))?;
        faults.borrow_mut().push(drawn.schedule.faults.len());
        let broken = drawn.verdict.iter().filter(|(_, grade)| **grade > Grade::HealedByRecovery);
        let broken: Vec<String> = broken
            .map(|(criterion, grade)| format!("{criterion} {}: {:?}", grade.name(), drawn.evidence.get(criterion)))
            .collect();
        if broken.is_empty() {
            return Ok(());
        }
        Err(TestCaseError::fail(format!("under the schedule '{}': {}", drawn.schedule, broken.join("; "))))
    });
    (found, faults.into_inner())
}

#[track_caller]
fn assert_holds<F: Flow + Clone>(flow: &F, requests: impl Strategy<Value = F::Request>)
where
    F::Request: Clone + std::fmt::Debug,
{
    let (found, faults) = search(flow, requests);
    if let Err(counterexample) = found {
        panic!("{}/{}: {counterexample}", flow.flow(), flow.strategy());
    }
    assert_eq!(faults.len(), CASES as usize);
    for count in 0..=FAULTS {
        assert!(faults.contains(&count), "no case had {count} faults: {faults:?}");
    }
}

/// The search finds a case, shrinks it to one fault, and says its schedule.
#[track_caller]
fn assert_caught_by_one_fault<F: Flow + Clone>(flow: &F, requests: impl Strategy<Value = F::Request>)
where
    F::Request: Clone + std::fmt::Debug,
{
    let name = format!("{}/{}", flow.flow(), flow.strategy());
    match search(flow, requests).0 {
        Err(TestError::Fail(reason, (_, picks))) => {
            assert_eq!(picks.len(), 1, "{name}: {reason}");
            let start = format!("under the schedule '{name} ");
            assert!(reason.message().starts_with(&start), "{reason} does not start with {start}");
        }
        other => panic!("{name} is known to break under one fault, and the search says {other:?}"),
    }
}

#[test]
fn intent_log_holds_for_any_scenario_under_three_faults() {
    assert_holds(&scenario_create::IntentLog, requests::create_scenario());
}

#[test]
fn intent_log_holds_for_any_file_of_scenarios_under_three_faults() {
    assert_holds(&scenario_import::IntentLog, requests::import_scenarios());
}

#[test]
fn one_transaction_upsert_holds_for_any_chapters_under_three_faults() {
    assert_holds(&chapter_import::OneTransactionUpsert, requests::import_chapters());
}

#[test]
fn the_search_sees_what_is_known_to_break() {
    assert_caught_by_one_fault(&scenario_create::UndoOnError, requests::create_scenario());
    assert_caught_by_one_fault(&scenario_import::InlineColumn, requests::import_scenarios());
    assert_caught_by_one_fault(&chapter_import::OneTransaction, requests::import_chapters());
}

#[test]
fn the_same_search_finds_the_same_case() {
    let found = || search(&scenario_create::InlineColumn, requests::create_scenario());
    let ((first, first_faults), (second, second_faults)) = (found(), found());
    assert_eq!(first_faults, second_faults);
    assert_eq!(first.map_err(|error| error.to_string()), second.map_err(|error| error.to_string()));
}

/// The request is refused with an error that says this, and the world is as it was.
fn check_refused<F: Flow>(flow: &F, good: &F::Request, bad: &F::Request, message: &str) {
    let name = format!("{}/{}", flow.flow(), flow.strategy());
    let Refusal { error, before, after } = send(flow, good, bad);
    let error = error.unwrap_or_else(|| panic!("{name} accepts what it should refuse with {message:?}"));
    assert!(error.contains(message), "{name}: {error:?} does not say {message:?}");
    assert_eq!(after, before, "{name}: {message}");
}

#[test]
fn a_bad_scenario_is_refused_by_every_strategy_and_leaves_nothing() {
    let good = CreateScenario::example();
    let long = |chars: usize| "é".repeat(chars);
    let bad = [
        (CreateScenario { title: " \n".to_owned(), ..good.clone() }, "the title is empty"),
        (CreateScenario { title: long(256), ..good.clone() }, "the title has 256 characters"),
        (CreateScenario { prompt: String::new(), ..good.clone() }, "the prompt is empty"),
        (CreateScenario { prompt: long(10_001), ..good.clone() }, "the prompt has 10001 characters"),
        (CreateScenario { description: Some(long(1_001)), ..good.clone() }, "the description has 1001 characters"),
        (CreateScenario { evaluator_context: Some(long(5_001)), ..good.clone() }, "the evaluator context has 5001"),
        (CreateScenario { request_id: String::new(), ..good.clone() }, "the request id is empty"),
    ];
    for (bad, message) in bad {
        check_refused(&scenario_create::AsFound, &good, &bad, message);
        check_refused(&scenario_create::UndoOnError, &good, &bad, message);
        check_refused(&scenario_create::InlineColumn, &good, &bad, message);
        check_refused(&scenario_create::PathFirst, &good, &bad, message);
        check_refused(&scenario_create::IntentLog, &good, &bad, message);
    }
}

#[test]
fn a_bad_file_of_scenarios_is_refused_by_every_strategy_and_leaves_nothing() {
    const HEADER: &str = "title,prompt,description,evaluator_context,mode,category\n";
    let good = ImportScenarios::small();
    let many = "a,b,,,chat,\n".repeat(101);
    let bad: [(Vec<u8>, &str); 7] = [
        (Vec::new(), "line 1: the header is \"\""),
        (HEADER.into(), "no rows"),
        (format!("{HEADER}a,b,,,chat,\nc,d,,,fax,\n").into(), "line 3: the mode is \"fax\""),
        (format!("{HEADER}a,b,,,chat,\nc,d\n").into(), "line 3: the row has 2 fields"),
        (format!("{HEADER}a,b,,,chat,\n,d,,,chat,\n").into(), "line 3: the title is empty"),
        (format!("{HEADER}{many}").into(), "more than 100 rows"),
        ([HEADER.as_bytes(), b"a,b,,\xff,chat,\n"].concat(), "line 2: the field \"evaluator_context\" is not UTF-8"),
    ];
    for (csv, message) in bad {
        let bad = ImportScenarios { csv, ..good.clone() };
        check_refused(&scenario_import::AsFound, &good, &bad, message);
        check_refused(&scenario_import::UndoOnError, &good, &bad, message);
        check_refused(&scenario_import::InlineColumn, &good, &bad, message);
        check_refused(&scenario_import::PathFirst, &good, &bad, message);
        check_refused(&scenario_import::IntentLog, &good, &bad, message);
    }
}

#[test]
fn a_bad_file_of_chapters_is_refused_by_every_strategy_and_leaves_nothing() {
    let good = ChapterImport::example();
    let list = |chapters: &str| format!(r#"{{"version":"1.2.0","chapters":[{chapters}]}}"#);
    let bad = [
        ("{".to_owned(), "chapters file: line 1"),
        (list(""), "chapters: 0 chapters"),
        (list(r#"{"startTime":0,"title":"a"},{"startTime":-1,"title":"b"}"#), "chapters[1].startTime: -1 is negative"),
        (list(r#"{"startTime":0,"title":" "}"#), "chapters[0].title: 0 characters"),
        (list(r#"{"startTime":5,"endTime":4,"title":"a"}"#), "chapters[0].endTime: 4 is before the start"),
    ];
    for (chapters_json, message) in bad {
        let bad = ChapterImport { chapters_json, ..good.clone() };
        check_refused(&chapter_import::AsFound, &good, &bad, message);
        check_refused(&chapter_import::OneTransaction, &good, &bad, message);
        check_refused(&chapter_import::UndoOnError, &good, &bad, message);
        check_refused(&chapter_import::Upsert, &good, &bad, message);
        check_refused(&chapter_import::OneTransactionUpsert, &good, &bad, message);
    }
}
