//! The story of one case, for people: what was done step by step, what was left at each moment, how it went on for each
//! client, the verdict, the command that repeats it.
//!
//! Plain text; [`crate::report::paint`] adds the colours. It shows everything that the story holds but the repetition: a
//! loop over a hundred rows is one line.

pub(in crate::report) mod operations;
pub(in crate::report) mod steps;

use crate::judge::{Breaches, Criterion, Grade};
use crate::observe::{Answer, Moment};
use crate::report::text::WIDTHS;
use crate::report::{words, wrap};
use crate::schedule::Phase;
use crate::story::{Client, Continuation, Ending, Event, Story};

/// The longest answer that is shown in full, in characters.
const ANSWER: usize = 400;

/// The story, for lines of this width.
pub fn render(story: &Story, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut text = format!("{}\n", words::visible(&story.schedule));
    text.push_str(&line("  ", &words::schedule(&story.schedule, &story.statements), width));
    let mut told = None;
    text.push_str(&events(&story.trunk, &mut told, width));
    for continuation in &story.continuations {
        text.push_str(&heading(continuation));
        let mut told = told;
        text.push_str(&events(&continuation.events, &mut told, width));
    }
    text.push_str(&verdict(story));
    if !story.notes.is_empty() {
        text.push('\n');
    }
    text.extend(story.notes.iter().map(|note| line("note    ", &words::visible(note), width)));
    text + "\nagain   " + &words::visible(&story.again) + "\n"
}

fn line(first: &str, said: &str, width: usize) -> String {
    wrap::hanging(first, said, width) + "\n"
}

fn heading(continuation: &Continuation) -> String {
    match continuation.client {
        Client::Restarted => "\n== restarted: the application is started again, then the client retries\n",
        Client::Impatient => "\n== impatient: the process survived, and the client retries without a restart\n",
    }
    .to_owned()
}

/// What was left when the world was last looked at: what has not changed since then is not told again.
type Told<'s> = Option<(Moment, &'s [String], &'s Breaches)>;

fn events<'s>(events: &'s [Event], told: &mut Told<'s>, width: usize) -> String {
    let mut text = String::new();
    let mut rest = events;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match first {
            Event::Began(phase) => text.extend(["\n", began(*phase), "\n"]),
            Event::Step(_) => {
                let count = 1 + others.iter().take_while(|event| matches!(event, Event::Step(_))).count();
                let run = &events[events.len() - others.len() - 1..][..count];
                let records = run.iter().filter_map(|event| match event {
                    Event::Step(record) => Some(record),
                    Event::Began(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
                });
                text.push_str(&steps::render(&records.collect::<Vec<_>>(), width));
                rest = &others[count - 1..];
            }
            Event::Operation(_) => {
                let count = 1 + others.iter().take_while(|event| matches!(event, Event::Operation(_))).count();
                let run = events[events.len() - others.len() - 1..][..count].iter();
                let records = run.filter_map(|event| match event {
                    Event::Operation(record) => Some(record),
                    Event::Began(_) | Event::Step(_) | Event::Ended(_) | Event::Observed { .. } => None,
                });
                text.push_str(&operations::render(&records.collect::<Vec<_>>(), None, "  ", width));
                rest = &others[count - 1..];
            }
            Event::Ended(ending) => text.push_str(&ended(ending, width)),
            Event::Observed { moment, left, breaches, world: _ } => {
                text.extend(["\n", words::moment(*moment), "\n"]);
                text.push_str(&observed(left, breaches, *told, width));
                *told = Some((*moment, left, breaches));
            }
        }
    }
    text
}

fn observed(left: &[String], breaches: &Breaches, told: Told<'_>, width: usize) -> String {
    let as_before = |what: &str, same: &dyn Fn(&[String], &Breaches) -> bool| match told {
        Some((moment, left, breaches)) if same(left, breaches) => {
            Some(line(&format!("  {what:<8}"), &format!("the same as {}", words::moment(moment)), width))
        }
        _ => None,
    };
    let same_left = as_before("left", &|before, _| before == left && !left.is_empty());
    let same_breaches = as_before("breaks", &|_, before| before == breaches && !breaches.is_empty());
    // What is left was said above; here it is enough to say what is wrong with it.
    let is_said = |sentence: &String| left.contains(sentence);
    let sentences = breaches.iter().flat_map(|(criterion, evidence)| {
        let new: Vec<&String> = evidence.iter().filter(|sentence| !is_said(sentence)).collect();
        let sentences =
            if new.is_empty() { vec![criterion.claim()] } else { new.iter().map(|text| text.as_str()).collect() };
        sentences.into_iter().map(move |sentence| format!("{criterion}: {sentence}"))
    });
    let nothing = "nothing: the world is as it was before the request";
    let left = same_left.unwrap_or_else(|| labelled("left", left, nothing, width));
    left + &same_breaches.unwrap_or_else(|| labelled("breaks", &sentences.collect::<Vec<_>>(), "no promise", width))
}

fn labelled(label: &str, sentences: &[String], none: &str, width: usize) -> String {
    if sentences.is_empty() {
        return line(&format!("  {label:<8}"), none, width);
    }
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    let said = labels.zip(sentences);
    said.map(|(label, sentence)| line(&format!("  {label:<8}"), &words::visible(sentence), width)).collect()
}

/// The heading of a phase.
pub(in crate::report) const fn began(phase: Phase) -> &'static str {
    match phase {
        Phase::FirstBoot => "first boot",
        Phase::Attempt => "attempt",
        Phase::Boot => "boot",
        Phase::Retry => "retry",
        Phase::Impatient => "impatient retry",
    }
}

/// How a phase ended, with a label.
pub(in crate::report) fn ending(ending: &Ending) -> (&'static str, String) {
    match ending {
        Ending::Booted => ("up", "the application is started".to_owned()),
        Ending::Answered(answer) => ("answer", answered(answer)),
        Ending::Cancelled => ("answer", "none: the request was dropped".to_owned()),
        Ending::Crashed => ("answer", "none: the process was killed".to_owned()),
        Ending::Killed => ("killed", "once the caller had the answer".to_owned()),
        Ending::PowerLost => ("power", "lost: what was not synced may be gone".to_owned()),
    }
}

fn ended(ended: &Ending, width: usize) -> String {
    let (label, said) = ending(ended);
    line(&format!("  {label:<8}"), &said, width)
}

fn answered(answer: &Answer) -> String {
    let quoted = |text: &str| format!("\"{}\"", wrap::clip(&words::visible(text), ANSWER));
    match answer {
        Answer::Success(value) => format!("success: {}", wrap::clip(&words::visible(&value.to_string()), ANSWER)),
        Answer::Failure(message) => format!("failure: {}", quoted(message)),
        Answer::Panicked { message, injected: true } => format!("panic, which was the fault: {}", quoted(message)),
        Answer::Panicked { message, injected: false } => format!("panic of the flow's own: {}", quoted(message)),
        Answer::Hung { deadline_ms } => format!("none within {} ms", words::number(*deadline_ms)),
        Answer::NotBooted(why) => format!("none: the application did not start: {}", quoted(why)),
    }
}

fn verdict(story: &Story) -> String {
    let mut text = "\nverdict\n".to_owned();
    if story.verdict.is_empty() {
        return text + "  no criterion applies\n";
    }
    let widest = story.verdict.keys().map(|criterion| criterion.name().len()).max().unwrap_or(0);
    for (criterion, grade) in &story.verdict {
        text.push_str(&graded(*criterion, *grade, widest));
    }
    text
}

fn graded(criterion: Criterion, grade: Grade, widest: usize) -> String {
    let grade = match grade {
        Grade::Violated => "VIOLATED",
        Grade::Held | Grade::HealedByRecovery | Grade::HealedByRetry => grade.name(),
    };
    format!("  {criterion:<widest$}   {grade}\n")
}
