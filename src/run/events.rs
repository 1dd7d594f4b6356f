//! What happened, as a story tells it.

use crate::inject::{OperationTrace, Trace};
use crate::observe::Answer;
use crate::story::{Event, StepRecord};

/// The steps, each with its file operations, and between them the operations outside of any step.
pub(super) fn events(trace: &Trace) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut operations = trace.operations.iter().peekable();
    for record in &trace.steps {
        // What belongs to no step comes before the step whose operations follow it.
        let is_mine = |operation: &&OperationTrace| operation.within.as_ref().is_some_and(|within| record.is(within));
        let has_some = operations.clone().any(|operation| is_mine(&operation));
        while let Some(operation) = operations.next_if(|operation| has_some && !is_mine(operation)) {
            events.push(Event::Operation(operation.record()));
        }
        let operations = std::iter::from_fn(|| operations.next_if(is_mine)).map(OperationTrace::record).collect();
        let (step, outcome) = (record.step.name().to_owned(), record.outcome.clone());
        let statement = record.seen.map(|seen| seen.words.to_owned());
        let occurrence = record.occurrence;
        events.push(Event::Step(StepRecord { step, occurrence, statement, outcome, operations }));
    }
    events.extend(operations.map(|operation| Event::Operation(operation.record())));
    events
}

/// What the caller was told instead of a success, and the remedy where the harness has one.
pub(super) fn in_words(answer: Option<&Answer>) -> String {
    match answer {
        None => "no answer".to_owned(),
        Some(Answer::Success(value)) => format!("it succeeds: {value}"),
        Some(Answer::Failure(error)) => error.clone(),
        // tokio's own words.
        Some(Answer::Panicked { message, .. })
            if message.contains("only when running on the multi-threaded runtime") =>
        {
            format!(
                "it blocks in place, which takes another runtime; ask for one with Exploration::multi_thread: {message}"
            )
        }
        Some(Answer::Panicked { message, .. }) => format!("panic: {message}"),
        Some(Answer::Hung { deadline_ms }) => format!("it is not over after {deadline_ms} ms"),
        Some(Answer::NotBooted(reason)) => reason.clone(),
    }
}
