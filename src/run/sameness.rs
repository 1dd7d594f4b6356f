//! Whether two runs of the same faults did the same.
//!
//! Tasks that run side by side come in another order each time. That is no difference in what is done: then the same steps
//! and file operations are there, each as often as before. Which step a file operation belongs to, and which number a
//! generated name has, is a matter of order, too.

use std::collections::BTreeMap;

use crate::fault::Call;
use crate::inject::{OperationTrace, Trace};
use crate::observe::{Entry, Observation};

/// How two runs compare.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sameness {
    /// The same, in the same order.
    Same,
    /// The same, in another order.
    Shuffled,
    /// Not the same; the first difference, in words.
    Different(String),
}

/// Compares two runs.
pub(crate) fn sameness(expected: &Trace, found: &Trace) -> Sameness {
    match first_difference(expected, found) {
        None => Sameness::Same,
        Some(_) if counted(expected) == counted(found) => Sameness::Shuffled,
        Some(difference) => Sameness::Different(difference),
    }
}

/// Whether all that was done in a run is done in the whole run, too, in whatever order.
pub(crate) fn is_part_of(part: &Trace, whole: &Trace) -> bool {
    let whole = counted(whole);
    counted(part).iter().all(|(what, times)| whole.get(what).is_some_and(|most| times <= most))
}

/// What was done.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Done {
    Step(&'static str),
    Operation(Call, String),
}

fn counted(trace: &Trace) -> BTreeMap<Done, usize> {
    let steps = trace.steps.iter().map(|record| Done::Step(record.step.name()));
    let operations =
        trace.operations.iter().map(|operation| Done::Operation(operation.run.call, unnumbered(operation)));
    let mut counted = BTreeMap::new();
    for done in steps.chain(operations) {
        *counted.entry(done).or_insert(0) += 1;
    }
    counted
}

/// The path of an operation, generated names without their numbers: those are given in the order in which they are met.
fn unnumbered(operation: &OperationTrace) -> String {
    let mut pieces = operation.run.path.split("id-");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |path, piece| path + "id-" + piece.trim_start_matches(|letter: char| letter.is_ascii_digit()))
}

/// The first step or file operation at which two runs differ, in words.
pub(crate) fn first_difference(expected: &Trace, found: &Trace) -> Option<String> {
    let steps = |trace: &Trace| trace.steps.iter().map(|record| record.run().to_string()).collect::<Vec<_>>();
    let operations = |trace: &Trace| {
        let name = |operation: &OperationTrace| match operation.within.clone() {
            Some(step) => format!("{step}/{}", operation.run),
            None => operation.run.to_string(),
        };
        trace.operations.iter().map(name).collect::<Vec<_>>()
    };
    first_different("step", &steps(expected), &steps(found))
        .or_else(|| first_different("file operation", &operations(expected), &operations(found)))
}

fn first_different(what: &str, expected: &[String], found: &[String]) -> Option<String> {
    let name = |known: Option<&String>| known.map_or("the end", String::as_str).to_owned();
    (0..expected.len().max(found.len())).find_map(|at| {
        let (expected, found) = (name(expected.get(at)), name(found.get(at)));
        (expected != found).then(|| format!("{what} {} is {expected} in the first and {found} in the second", at + 1))
    })
}

/// Where the texts of a file differ that the difference of two worlds names, with the remedy.
pub(super) fn differing_text(one: &Observation, other: &Observation, difference: &str) -> Option<String> {
    let is_named = |path: &&String| difference.contains(&format!("file changed: {path}: "));
    let path = one.files.keys().find(is_named)?;
    let (Entry::File(one), Entry::File(other)) = (one.files.get(path)?, other.files.get(path)?) else { return None };
    let (one, other) = (std::str::from_utf8(one).ok()?, std::str::from_utf8(other).ok()?);
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let line = text.chars().take(same).collect::<Vec<_>>().iter().rposition(|&letter| letter == '\n');
        let start = line.map_or(0, |line| line + 1).max(same.saturating_sub(AROUND));
        let shown = text.chars().skip(start).take(same - start + AROUND);
        shown.take_while(|&letter| letter != '\n').collect::<String>()
    };
    let (one, other) = (around(one), around(other));
    Some(format!(
        "; its text begins to differ at {one:?} against {other:?}: Rules::generated_in_files({path:?}, PATTERN) says what may"
    ))
}

/// So many letters before and after the first that differs are shown.
const AROUND: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Resource;
    use crate::inject::StepTrace;
    use crate::schedule::OperationRun;
    use crate::step::Step;
    use crate::story::{OperationOutcome, StepOutcome};

    fn trace(steps: &[&'static str], paths: &[&str]) -> Trace {
        let mut trace = Trace::default();
        for &name in steps {
            let step = Step::new(name);
            let occurrence = 1 + trace.steps.iter().filter(|record: &&StepTrace| record.step == step).count();
            let occurrence = u32::try_from(occurrence).expect("a few");
            let outcome = StepOutcome::Done;
            trace.steps.push(StepTrace { step, occurrence, resource: Resource::Disk, outcome, seen: None });
        }
        trace.operations = paths
            .iter()
            .map(|path| OperationTrace {
                within: None,
                run: OperationRun { call: Call::Write, path: (*path).to_owned(), occurrence: 1 },
                extent: None,
                outcome: OperationOutcome::Done,
            })
            .collect();
        trace
    }

    #[test]
    fn the_text_of_a_file_that_differs_is_shown_with_the_remedy() {
        let world = |text: &str| Observation {
            files: [("a.opf".to_owned(), Entry::File(text.as_bytes().into()))].into(),
            ..Observation::default()
        };
        let (one, other) = (world("<a>\n<at>10:05</at>\n"), world("<a>\n<at>10:17</at>\n"));
        assert_eq!(
            differing_text(&one, &other, "file changed: a.opf: was 24 bytes, is as many others").as_deref(),
            Some(
                "; its text begins to differ at \"<at>10:05</at>\" against \"<at>10:17</at>\": \
                 Rules::generated_in_files(\"a.opf\", PATTERN) says what may"
            )
        );
        assert_eq!(differing_text(&one, &other, "t: 1 row more"), None);
    }

    #[test]
    fn another_order_of_the_same_is_no_difference_in_what_is_done() {
        let known = trace(&["a", "b", "b"], &["id-1/x", "id-2/y"]);
        assert_eq!(sameness(&known, &known), Sameness::Same);
        assert_eq!(sameness(&known, &trace(&["b", "a", "b"], &["id-1/y", "id-2/x"])), Sameness::Shuffled);
        for other in [trace(&["a", "b"], &["id-1/x", "id-2/y"]), trace(&["a", "b", "b"], &["id-1/x", "id-1/x"])] {
            let Sameness::Different(difference) = sameness(&known, &other) else { panic!("{other:?}") };
            assert!(difference.contains("in the first and"), "{difference}");
        }
    }

    #[test]
    fn a_part_has_nothing_that_the_whole_has_not() {
        let whole = trace(&["a", "b", "b"], &[]);
        assert!(is_part_of(&trace(&["b", "b"], &[]), &whole));
        assert!(!is_part_of(&trace(&["a", "a"], &[]), &whole));
        assert!(!is_part_of(&trace(&["c"], &[]), &whole));
    }
}
