//! The steps of one phase: a line for each, and one line for a loop over steps that all went well.

use super::operations;
use crate::report::{words, wrap};
use crate::story::{OperationOutcome, StepOutcome, StepRecord};

/// Rounds of a loop from which on it is one line.
const ROUNDS: usize = 3;
/// Steps in one round of a loop that is still recognised.
const LONGEST: usize = 12;

/// The steps, in the order in which they were entered.
pub(super) fn render(records: &[&StepRecord], width: usize) -> String {
    let told = |(mark, text, told): (&str, String, Vec<&StepRecord>)| {
        let line = wrap::hanging(&format!("  {mark} "), &text, width) + "\n";
        // Of a loop only the names of its steps are told.
        let inside = if told.len() == 1 { told[0].operations.iter().collect() } else { Vec::new() };
        line + &operations::render(&inside, told[0].statement.as_deref(), "      ", width)
    };
    lines(records).into_iter().map(told).collect()
}

/// A mark and a text for each step or loop, with the steps that it stands for.
pub(in crate::report) fn lines<'r>(records: &[&'r StepRecord]) -> Vec<(&'static str, String, Vec<&'r StepRecord>)> {
    let mut lines = Vec::new();
    let mut rest = records;
    while let Some(first) = rest.first() {
        let ((mark, text), length) = match repetition(rest) {
            Some(found) => (folded(rest, found), found.steps * found.rounds),
            None => (single(first), 1),
        };
        let (told, others) = rest.split_at(length);
        lines.push((mark, text, told.to_vec()));
        rest = others;
    }
    lines
}

/// A loop: so many steps in a round, so many rounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Repetition {
    steps: usize,
    rounds: usize,
}

/// The loop that begins here and covers most, if one does.
fn repetition(records: &[&StepRecord]) -> Option<Repetition> {
    let went_well = |record: &&&StepRecord| {
        let inside = record.operations.iter().all(|operation| operation.outcome == OperationOutcome::Done);
        record.outcome == StepOutcome::Done && inside
    };
    let well = records.iter().take_while(went_well).count();
    let loops = (1..=LONGEST.min(well / ROUNDS)).map(|steps| {
        let follows = |at: usize| {
            let (earlier, later) = (records[at - steps], records[at]);
            earlier.step == later.step && earlier.occurrence + 1 == later.occurrence
        };
        let length = (steps..well).take_while(|&at| follows(at)).count() + steps;
        Repetition { steps, rounds: length / steps }
    });
    let loops = loops.filter(|found| found.rounds >= ROUNDS);
    // Of two that cover the same, the one with the shorter round.
    loops.min_by_key(|found| (usize::MAX - found.steps * found.rounds, found.steps))
}

fn folded(records: &[&StepRecord], found: Repetition) -> (&'static str, String) {
    let last = &records[found.steps * (found.rounds - 1)..];
    let ranges = records[..found.steps].iter().zip(last).map(|(first, last)| (first.occurrence, last.occurrence));
    let ranges: Vec<_> = ranges.collect();
    let names: Vec<_> = records[..found.steps]
        .iter()
        .map(|record| record.statement.as_ref().unwrap_or(&record.step).as_str())
        .collect();
    let range = |(first, last): (u32, u32)| format!("#{first}..#{last}");
    let text = if ranges.iter().all(|known| *known == ranges[0]) {
        let each = if found.steps > 1 { ", in turn" } else { "" };
        format!("{} {}{each}", names.join(", "), range(ranges[0]))
    } else {
        let steps = names.iter().zip(&ranges).map(|(name, &known)| format!("{name} {}", range(known)));
        steps.collect::<Vec<_>>().join(", ") + ", in turn"
    };
    // Whether a statement went well, the engine tells its caller alone.
    let is_heard = records[..found.steps].iter().any(|record| record.statement.is_some());
    (if is_heard { "·" } else { "✓" }, text)
}

fn single(record: &StepRecord) -> (&'static str, String) {
    let statement = record.statement.as_deref();
    let name = statement.map_or_else(|| record.step.clone(), words::visible);
    let step = format!("{name} #{}", record.occurrence);
    match &record.outcome {
        // Whether a statement went well, the engine tells its caller alone.
        StepOutcome::Done if statement.is_some() => ("·", step),
        StepOutcome::Done => ("✓", step),
        StepOutcome::Failed(error) => ("✗", format!("{step}: {}", words::visible(error))),
        StepOutcome::Hit(planned) => ("⚡", words::fault(planned, statement)),
        StepOutcome::Outage => ("✗", format!("{step}: the outage goes on")),
        StepOutcome::Unfinished => ("…", format!("{step}: unfinished, dropped before its end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(steps: &str, lines: &[&str]) {
        let records: Vec<_> = steps
            .split(' ')
            .map(|step| {
                let (step, failed) = step.strip_suffix('!').map_or((step, false), |step| (step, true));
                let (name, occurrence) = step.split_once('#').expect("step#occurrence");
                let outcome = if failed { StepOutcome::Failed("it broke".to_owned()) } else { StepOutcome::Done };
                StepRecord {
                    step: name.to_owned(),
                    statement: None,
                    occurrence: occurrence.parse().expect("a number"),
                    outcome,
                    operations: Vec::new(),
                }
            })
            .collect();
        let expected: String = lines.iter().flat_map(|line| ["  ", line, "\n"]).collect();
        assert_eq!(render(&records.iter().collect::<Vec<_>>(), 80), expected, "{steps}");
    }

    #[test]
    fn a_loop_is_one_line() {
        check("a#1 a#2 a#3", &["✓ a #1..#3"]);
        check("x#1 a#2 a#3 a#4 a#5 y#1", &["✓ x #1", "✓ a #2..#5", "✓ y #1"]);
        check("a#1 b#1 a#2 b#2 a#3 b#3 c#1", &["✓ a, b #1..#3, in turn", "✓ c #1"]);
        check("a#1 b#4 a#2 b#5 a#3 b#6", &["✓ a #1..#3, b #4..#6, in turn"]);
        check("a#1 b#1 a#2 b#2 a#3 b#3 a#4", &["✓ a, b #1..#3, in turn", "✓ a #4"]);
    }

    #[test]
    fn what_is_no_loop_is_told_step_by_step() {
        check("a#1 a#2", &["✓ a #1", "✓ a #2"]);
        check("a#1 a#3 a#5", &["✓ a #1", "✓ a #3", "✓ a #5"]);
    }

    #[test]
    fn a_step_that_did_not_go_well_is_never_folded() {
        check("a#1 a#2 a#3 a#4! a#5", &["✓ a #1..#3", "✗ a #4: it broke", "✓ a #5"]);
    }
}
