//! File operations in a story: those around a fault one by one, the others in short.

use crate::report::{words, wrap};
use crate::story::{OperationOutcome, OperationRecord};

/// So many operations before and after the one that was hit are told one by one.
const AROUND: usize = 3;

/// The operations, in the order in which they were carried out, each line behind `indent`; all of one statement, where one
/// makes them that no step names.
pub(super) fn render(operations: &[&OperationRecord], statement: Option<&str>, indent: &str, width: usize) -> String {
    let lines = lines(operations, statement).into_iter();
    lines.map(|(mark, said)| wrap::hanging(&format!("{indent}{mark} "), &said, width) + "\n").collect()
}

/// A mark and a text for each operation, or for several that are alike.
pub(in crate::report) fn lines(
    operations: &[&OperationRecord],
    statement: Option<&str>,
) -> Vec<(&'static str, String)> {
    let is_near = |at: usize| {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(operations.len());
        around.into_iter().any(|near| matches!(operations[near].outcome, OperationOutcome::Hit(_)))
    };
    let mut lines = Vec::new();
    let mut at = 0;
    while at < operations.len() {
        let first = operations[at];
        let is_like_it = |other: &usize| {
            let other = operations[*other];
            other.operation == first.operation && other.outcome == OperationOutcome::Done
        };
        let is_alone = is_near(at) || first.outcome != OperationOutcome::Done;
        let more = (at + 1..operations.len()).take_while(|other| !is_near(*other) && is_like_it(other)).count();
        let count = if is_alone { 1 } else { 1 + more };
        lines.push(told(first, statement, count));
        at += count;
    }
    lines
}

fn told(record: &OperationRecord, statement: Option<&str>, count: usize) -> (&'static str, String) {
    let (call, path) = record.operation.split_once('@').unwrap_or((&record.operation, ""));
    let name = format!("{call} {}", words::visible(path));
    let last = record.occurrence as usize + count - 1;
    let name = if count > 1 { format!("{name} #{}..#{last}", record.occurrence) } else { name };
    let numbered = format!("{name} #{}", record.occurrence);
    let extent = if record.extent.is_empty() { String::new() } else { format!(": {}", record.extent) };
    match &record.outcome {
        OperationOutcome::Done if count > 1 => ("·", name),
        OperationOutcome::Done => ("·", numbered + &extent),
        OperationOutcome::Failed(error) => ("✗", format!("{numbered}: {}", words::visible(error))),
        OperationOutcome::Hit(planned) => ("⚡", words::fault(planned, statement) + &extent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operations: &str, lines: &[&str]) {
        let records: Vec<OperationRecord> = operations
            .split(' ')
            .map(|operation| {
                let (operation, outcome) = match operation.strip_suffix('!') {
                    Some(hit) => (hit, OperationOutcome::Hit(format!("{hit}:before=crash").parse().expect("a fault"))),
                    None => (operation, OperationOutcome::Done),
                };
                let (name, occurrence) = operation.split_once('#').expect("operation#occurrence");
                let occurrence = occurrence.parse().expect("a number");
                OperationRecord { operation: name.to_owned(), occurrence, extent: String::new(), outcome }
            })
            .collect();
        let expected: String = lines.iter().flat_map(|line| ["  ", line, "\n"]).collect();
        assert_eq!(render(&records.iter().collect::<Vec<_>>(), None, "  ", 80), expected, "{operations}");
    }

    #[test]
    fn operations_that_went_well_are_told_in_short() {
        check("open@a#1 write@a#1 write@a#2 write@a#3 sync@a#1", &["· open a #1", "· write a #1..#3", "· sync a #1"]);
    }

    #[test]
    fn those_around_a_fault_are_told_one_by_one() {
        check(
            "write@a#1 write@a#2 write@a#3 write@a#4 write@a#5 write@a#6! write@a#7",
            &[
                "· write a #1..#2",
                "· write a #3",
                "· write a #4",
                "· write a #5",
                "⚡ crash before write a #6",
                "· write a #7",
            ],
        );
    }
}
