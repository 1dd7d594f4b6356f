//! What a reviewer reads of a fault scenario: what was asked, what went wrong, what was left, what the retry said, the
//! verdict. Made to be kept as a file and read as a difference, by somebody who knows the application and not the harness.
//!
//! It holds nothing that changes unless the behaviour does: no times, no ids, no steps that went well. What is as it was a
//! moment ago is said once. Not shown: rows and files that are as before and break nothing, and the world after a retry
//! that put everything right.

mod tables;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::judge::{Breaches, Grade};
use crate::observe::{Answer, Moment};
use crate::report::{words, wrap};
use crate::schedule::Phase;
use crate::story::{Client, Clients, Ending, Event, OperationOutcome, StepOutcome, Story, WorldSeen};

/// The width of a line, in columns.
const WIDTH: usize = 110;
/// The longest value of an answer that is shown in full, in columns.
const VALUE: usize = 90;

/// A fault scenario that was played.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// What happens, in a line.
    pub title: &'a str,
    /// Why it matters.
    pub why: &'a str,
    /// The request in words.
    pub asked: &'a str,
    /// Who sends it again.
    pub clients: Clients,
    /// The strategies, and what happened with each.
    pub strategies: Vec<(&'a str, &'a Story)>,
}

/// The sheet as text.
pub fn render(sheet: &Sheet<'_>) -> String {
    let mut text = format!("{}\n\n", sheet.title);
    text.push_str(&line("", sheet.why));
    text.push('\n');
    text.push_str(&line("asked    ", sheet.asked));
    let schedule = sheet.strategies.first().map(|(_, story)| words::schedule(&story.schedule, &story.statements));
    text.push_str(&line("wrong    ", &schedule.unwrap_or_default()));
    let goes_on = sheet.strategies.iter().any(|(_, story)| !story.continuations.is_empty());
    text.push_str(&line("then     ", if goes_on { then(sheet.clients) } else { "nothing: there is no retry" }));
    for (strategy, story) in &sheet.strategies {
        let _ = write!(text, "\n==== {strategy}\n");
        text.push_str(&told(story));
    }
    text
}

const fn then(clients: Clients) -> &'static str {
    match clients {
        Clients::Restarted => "the server starts again, and the client sends the same request again",
        Clients::Impatient => "the client sends the same request again, to the server as it is",
        Clients::Both => {
            "the server starts again, and the client sends the same request again; where the server survived, also \
             without a restart"
        }
    }
}

fn line(first: &str, said: &str) -> String {
    wrap::hanging(first, &words::visible(said), WIDTH) + "\n"
}

/// What was said of one phase, for those after it in which the same happens.
#[derive(Default)]
struct Said<'s> {
    /// What the phase is called.
    name: String,
    /// What the caller was told.
    answer: Option<&'s Answer>,
    /// What was seen at its end.
    seen: Option<(&'s WorldSeen, &'s Breaches)>,
}

fn told(story: &Story) -> String {
    let mut said = Vec::new();
    let mut text = events(&story.trunk, "", &mut said);
    for continuation in &story.continuations {
        let client = match continuation.client {
            Client::Restarted => "",
            Client::Impatient => ", without a restart",
        };
        text.push_str(&events(&continuation.events, client, &mut said));
    }
    text + &verdict(story)
}

fn events<'s>(events: &'s [Event], client: &str, said: &mut Vec<Said<'s>>) -> String {
    let mut text = String::new();
    let mut failed = Vec::new();
    for event in events {
        match event {
            Event::Began(began) => {
                let name = format!("{}{client}", heading(*began));
                let _ = write!(text, "\n{name}\n");
                said.push(Said { name, ..Said::default() });
            }
            Event::Step(record) => {
                let step = format!("{} #{}", record.step, record.occurrence);
                match &record.outcome {
                    StepOutcome::Hit(planned) => {
                        text.push_str(&line("  wrong  ", &words::fault(planned, record.statement.as_deref())));
                    }
                    StepOutcome::Failed(_) | StepOutcome::Outage => failed.push(step),
                    StepOutcome::Done | StepOutcome::Unfinished => {}
                }
                let outcomes = record.operations.iter().map(|operation| &operation.outcome);
                text.push_str(&hits(outcomes, record.statement.as_deref()));
            }
            Event::Operation(record) => text.push_str(&hits(std::iter::once(&record.outcome), None)),
            Event::Ended(ending) => {
                if !failed.is_empty() {
                    text.push_str(&line("  failed ", &std::mem::take(&mut failed).join(", ")));
                }
                text.push_str(&ended(ending, said));
                if let (Ending::Answered(answer), Some(now)) = (ending, said.last_mut()) {
                    now.answer = Some(answer);
                }
            }
            Event::Observed { moment, left, breaches, world } => {
                let is_right = *moment == Moment::AfterRetry && breaches.is_empty();
                text.push_str(&if is_right { right() } else { observed(world, left, breaches, said) });
                if let Some(now) = said.last_mut() {
                    now.seen = Some((world, breaches));
                }
            }
        }
    }
    text
}

/// All that there is to say after a retry that broke no promise: not one of them is kept by less.
fn right() -> String {
    line("  left   ", "what was asked for, and nothing besides but what logs keep") + &line("  breaks ", "no promise")
}

const fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::FirstBoot => "the first start of the server",
        Phase::Attempt => "the request",
        Phase::Boot => "the start of the server",
        Phase::Retry | Phase::Impatient => "the retry",
    }
}

fn hits<'s>(outcomes: impl Iterator<Item = &'s OperationOutcome>, statement: Option<&str>) -> String {
    let hits = outcomes.filter_map(|outcome| match outcome {
        OperationOutcome::Hit(planned) => Some(line("  wrong  ", &words::fault(planned, statement))),
        OperationOutcome::Done | OperationOutcome::Failed(_) => None,
    });
    hits.collect()
}

fn ended(ending: &Ending, said: &[Said<'_>]) -> String {
    let text = match ending {
        Ending::Booted => return String::new(),
        Ending::Cancelled => "nothing: the request was dropped".to_owned(),
        Ending::Crashed => "nothing: the server was killed".to_owned(),
        Ending::Killed => return line("  then   ", "the server was killed"),
        Ending::PowerLost => return line("  then   ", "the power failed"),
        Ending::Answered(answer @ Answer::Success(fields)) => {
            match said.iter().find(|said| said.answer == Some(answer)) {
                Some(said) => format!("the same as in {}", said.name),
                None => return success(fields),
            }
        }
        Ending::Answered(Answer::Failure(message)) => format!("a failure: \"{message}\""),
        Ending::Answered(Answer::Panicked { message, .. }) => format!("a failure: the server panicked: \"{message}\""),
        Ending::Answered(Answer::Hung { .. }) => "nothing: the server never answered".to_owned(),
        Ending::Answered(Answer::NotBooted(why)) => format!("nothing: the server does not start: \"{why}\""),
    };
    line("  told   ", &text)
}

/// A success, a field on each line: a field that is missing is a line that is missing.
fn success(answer: &serde_json::Value) -> String {
    let Some(fields) = answer.as_object() else {
        return line("  told   ", &format!("success: {}", wrap::clip(&answer.to_string(), VALUE)));
    };
    let mut text = line("  told   ", "success:");
    for (name, value) in fields {
        // Many elements are as many lines, and each is cut by itself.
        let values = value.as_array().filter(|values| values.iter().any(serde_json::Value::is_object));
        match values {
            None => {
                let _ = writeln!(text, "           {name}: {}", clipped(value));
            }
            Some(values) => {
                let _ = writeln!(text, "           {name}:");
                for value in values {
                    let _ = writeln!(text, "             {}", clipped(value));
                }
            }
        }
    }
    text
}

fn clipped(value: &serde_json::Value) -> String {
    wrap::clip(&words::visible(&value.to_string()), VALUE)
}

fn observed(world: &WorldSeen, left: &[String], breaches: &Breaches, said: &[Said<'_>]) -> String {
    let same = |is_same: &dyn Fn(&WorldSeen, &Breaches) -> bool| {
        let found = said.iter().find(|said| said.seen.is_some_and(|(world, breaches)| is_same(world, breaches)));
        found.map(|said| format!("the same as after {}", said.name))
    };
    let tables = tables::render(world);
    let world = match same(&|seen, _| seen == world) {
        Some(same) if !tables.is_empty() => line("  left   ", &same),
        _ if tables.is_empty() => line("  left   ", "nothing that was not there before"),
        _ => format!("  left\n{tables}"),
    };
    let broken = match same(&|_, seen| seen == breaches) {
        _ if breaches.is_empty() => line("  breaks ", "no promise"),
        Some(same) => line("  breaks ", &same),
        None => broken(breaches, left),
    };
    world + &broken
}

/// Each promise that is broken. What is seen of several is said once, and what the tables show is not said again.
fn broken(breaches: &Breaches, left: &[String]) -> String {
    let mut text = String::new();
    let mut told: BTreeSet<&str> = left.iter().map(String::as_str).collect();
    let mut label = "  breaks ";
    for (criterion, evidence) in breaches {
        text.push_str(&line(label, &format!("{criterion}: {}", criterion.claim())));
        label = "         ";
        for said in evidence.iter().filter(|said| told.insert(said.as_str())) {
            text.push_str(&line("           - ", said));
        }
    }
    text
}

fn verdict(story: &Story) -> String {
    let mut text = "\nverdict\n".to_owned();
    let broken = story.verdict.iter().filter(|(_, grade)| **grade > Grade::Held);
    for (criterion, grade) in broken.clone() {
        let grade = match grade {
            Grade::Held => continue,
            Grade::HealedByRecovery => "broken until the server was started again",
            Grade::HealedByRetry => "broken until the same request was sent again",
            Grade::Violated => "BROKEN FOR GOOD",
        };
        let _ = writeln!(text, "  {criterion:<18} {grade}");
    }
    let rest = if broken.count() == 0 { "every promise was kept, at every moment" } else { "the others were kept" };
    let _ = writeln!(text, "  {rest}");
    text
}
