//! What happened, as a story tells it.

use crate::inject::{Touch, Trace};
use crate::observe::Answer;
use crate::story::{Event, StepRecord};

/// The steps, each with its file operations, and between them the operations outside of any step.
pub(super) fn told(trace: &Trace) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut touches = trace.touches.iter().peekable();
    for record in &trace.steps {
        // What belongs to no step comes before the step whose operations follow it.
        let is_mine = |touch: &&Touch| touch.within.as_ref().is_some_and(|within| record.is(within));
        let has_some = touches.clone().any(|touch| is_mine(&touch));
        while let Some(touch) = touches.next_if(|touch| has_some && !is_mine(touch)) {
            events.push(Event::Operation(touch.told()));
        }
        let operations = std::iter::from_fn(|| touches.next_if(is_mine)).map(Touch::told).collect();
        let (step, outcome) = (record.step.name().to_owned(), record.outcome.clone());
        let statement = record.seen.map(|seen| seen.words.to_owned());
        let occurrence = record.occurrence;
        events.push(Event::Step(StepRecord { step, occurrence, statement, outcome, operations }));
    }
    events.extend(touches.map(|touch| Event::Operation(touch.told())));
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
                "it blocks in place, which takes another runtime; ask for one with Exploring::multi_thread: {message}"
            )
        }
        Some(Answer::Panicked { message, .. }) => format!("panic: {message}"),
        Some(Answer::Hung { deadline_ms }) => format!("it is not over after {deadline_ms} ms"),
        Some(Answer::NotBooted(reason)) => reason.clone(),
    }
}
