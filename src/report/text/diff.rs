//! What changed between two runs, for people: what is worse with its witness, what is better, what was not compared.

use crate::judge::Grade;
use crate::report::diff::{Diff, GradeChange};
use crate::report::{CellFault, words, wrap};
use crate::story::Statements;

/// The verdict and the details.
pub fn render(change: &Diff, width: usize) -> String {
    details(change, width) + &verdict(change, width)
}

/// What is worse, what is better, and what was not compared.
pub(in crate::report) fn details(change: &Diff, width: usize) -> String {
    let worse = change.worse.iter().map(|shift| block("WORSE", shift, width));
    let better = change.better.iter().map(|shift| block("BETTER", shift, width));
    let apart = change.apart.iter().map(|what| wrap::hanging("not compared: ", &words::visible(what), width) + "\n");
    worse.chain(better).chain(apart).collect()
}

/// One line that says how it stands.
pub(in crate::report) fn verdict(change: &Diff, width: usize) -> String {
    if change.compared == 0 {
        let said = "the two runs have nothing in common that could be compared.";
        return wrap::hanging("COULD NOT TELL: ", said, width) + "\n";
    }
    let counted = |shifts: &[GradeChange]| match shifts.len() {
        0 => "nothing".to_owned(),
        some => words::number(some as u64),
    };
    let (worse, better) = (counted(&change.worse), counted(&change.better));
    let compared = words::counted(change.compared, "grade", "grades");
    let beginning = if change.worse.is_empty() { "no worse: " } else { "WORSE THAN BEFORE: " };
    wrap::hanging(beginning, &format!("{worse} worse, {better} better, {compared} compared"), width) + "\n"
}

fn block(title: &str, shift: &GradeChange, width: usize) -> String {
    let whose = format!("{} / {}: {}", shift.flow, shift.strategy, shift.criterion);
    let mut text = wrap::hanging(&format!("{title:<8}"), &words::visible(&whose), width) + "\n";
    let mut say = |label: &str, said: &str| {
        text.push_str(&wrap::hanging(&format!("  {label:<8}"), said, width));
        text.push('\n');
    };
    say("was", grade(shift.was));
    say("is", &format!("{} {}", grade(shift.is), when(shift)));
    if let Some(witness) = &shift.witness {
        say("after", &words::schedule(witness, &Statements::new()));
        // The command is copied: whatever its length, it stays one line.
        let again = shift.replay.as_deref().map(words::visible).unwrap_or_default();
        text.extend(["  again   ", &again, "\n"]);
    }
    text
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Violated => "VIOLATED",
        Grade::Held | Grade::HealedByRecovery | Grade::HealedByRetry => grade.name(),
    }
}

/// Under which faults.
fn when(shift: &GradeChange) -> String {
    let classes: Vec<&str> = shift.faults.iter().filter(|&&fault| fault != CellFault::None).map(|f| f.name()).collect();
    let mut ways = Vec::new();
    if shift.faults.contains(&CellFault::None) {
        ways.push("without a fault".to_owned());
    }
    if !classes.is_empty() {
        let more = match shift.depth {
            0 | 1 => String::new(),
            depth => format!(" first, with up to {depth} faults"),
        };
        ways.push(format!("with {}{more}", classes.join(", ")));
    }
    ways.join(", and ")
}
