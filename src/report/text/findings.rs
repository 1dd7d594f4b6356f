//! The findings, one block for each witness: the verdict, what happened, what was left, the command to see it again.
//!
//! Of several witnesses for one criterion the smallest is shown; criteria with the same one share a block. Breaches that
//! heal are in the matrix, except for those that only a retry heals in a strategy that is expected to hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{Edge, FaultClass};
use crate::judge::{Criterion, Grade};
use crate::report::{Expect, Finding, Report, StrategyReport, words, wrap};
use crate::schedule::{Phase, Schedule};

/// Sentences of evidence for one moment; the rest is counted.
const SENTENCES: usize = 6;

/// What parts a strategy from what is said about it.
const TITLE_GAP: &str = "   ";

/// All blocks, each with an empty line behind it.
pub(super) fn render(report: &Report, width: usize) -> String {
    let blocks = report.strategies.iter().flat_map(|strategy| blocks(strategy, &report.findings));
    blocks.map(|block| block.render(width) + "\n").collect()
}

/// The blocks of one strategy, each with an empty line behind it.
pub(in crate::report) fn of_strategy(strategy: &StrategyReport, findings: &[Finding], width: usize) -> Vec<String> {
    blocks(strategy, findings).iter().map(|block| block.render(width) + "\n").collect()
}

/// Criteria of one strategy that share their smallest witness and their grade.
struct Block<'a> {
    strategy: &'a StrategyReport,
    grade: Grade,
    findings: Vec<&'a Finding>,
}

fn blocks<'a>(strategy: &'a StrategyReport, findings: &'a [Finding]) -> Vec<Block<'a>> {
    let own = || findings.iter().filter(|found| found.flow == strategy.flow && found.strategy == strategy.strategy);
    let mut grades = vec![Grade::Violated];
    if strategy.expect == Expect::Holds {
        grades.push(Grade::HealedByRetry);
    }
    let mut blocks = Vec::new();
    for grade in grades {
        let mut by_witness: BTreeMap<Size<'a>, Vec<&Finding>> = BTreeMap::new();
        // A criterion that is violated somewhere has no block for the places where it heals.
        for criterion in Criterion::ALL.into_iter().filter(|&criterion| worst(own(), criterion) == Some(grade)) {
            let witnesses = || own().filter(|found| found.criterion == criterion && found.grade == grade);
            if let Some(smallest) = witnesses().map(|found| Size::of(found, strategy)).min() {
                // A case may have shown it at more than one moment, or to both of its clients.
                let line = smallest.line;
                let shown = witnesses().filter(|found| found.replay == line);
                by_witness.entry(smallest).or_default().extend(shown);
            }
        }
        blocks.extend(by_witness.into_values().map(|findings| Block { strategy, grade, findings }));
    }
    blocks
}

fn worst<'a>(findings: impl Iterator<Item = &'a Finding>, criterion: Criterion) -> Option<Grade> {
    findings.filter(|found| found.criterion == criterion).map(|found| found.grade).max()
}

/// What makes one witness smaller than another: fewer faults, then plainer ones, then earlier ones. The command itself
/// settles the rest, so that the order of the findings does not matter.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Size<'a> {
    faults: usize,
    at: Vec<(usize, Phase, usize, u32, Edge)>,
    line: &'a str,
}

impl<'a> Size<'a> {
    fn of(finding: &'a Finding, strategy: &StrategyReport) -> Self {
        let Ok(Schedule { faults, .. }) = finding.schedule.parse() else {
            return Self { faults: usize::MAX, at: Vec::new(), line: &finding.replay };
        };
        let at = faults.iter().map(|planned| {
            let point = &planned.point;
            let run = point.place.step();
            let step = run.and_then(|run| strategy.steps.iter().position(|step| *step == run.step));
            let occurrence = run.map_or(0, |run| run.occurrence);
            (subtlety(planned.fault.class()), planned.phase, step.unwrap_or(usize::MAX), occurrence, point.edge)
        });
        Self { faults: faults.len(), at: at.collect(), line: &finding.replay }
    }
}

/// How much a reader has to know of a fault to believe in it.
const fn subtlety(class: FaultClass) -> usize {
    match class {
        FaultClass::Error => 0,
        FaultClass::Crash => 1,
        FaultClass::LostAck => 2,
        FaultClass::Outage => 3,
        FaultClass::Cancel => 4,
        FaultClass::Panic => 5,
        FaultClass::DiskError => 6,
        FaultClass::Torn => 7,
        FaultClass::PowerLoss => 8,
    }
}

impl Block<'_> {
    fn render(&self, width: usize) -> String {
        let witness = self.findings[0];
        let mut text = self.title(width);
        let mut say = |label: &str, said: &str| {
            text.push_str(&wrap::hanging(&format!("  {label:<8}"), said, width));
            text.push('\n');
        };
        say("after", &words::schedule(&witness.schedule, &self.strategy.statements));
        let mut label = "left";
        for (when, evidence) in self.evidence() {
            say(label, &format!("{when}: {evidence}"));
            label = "";
        }
        if let Some(shrunk) = &witness.shrunk_from {
            text.push_str(&wrap::hanging("  smaller ", &words::smaller(shrunk, &self.strategy.statements), width));
            text.push('\n');
        }
        // The command is copied: whatever its length, it stays one line.
        text + "  again   " + &words::visible(&witness.replay) + "\n"
    }

    fn title(&self, width: usize) -> String {
        let verdict = match self.grade {
            Grade::Violated => "VIOLATED ",
            Grade::Held | Grade::HealedByRecovery | Grade::HealedByRetry => "ONLY THE RETRY HEALS ",
        };
        let mut criteria: Vec<_> = self.findings.iter().map(|found| found.criterion.name()).collect();
        criteria.dedup();
        let title = wrap::hanging(verdict, &criteria.join(", "), width);
        let name = format!("{} / {}", self.strategy.flow, self.strategy.strategy);
        let expected = match self.strategy.expect {
            Expect::Holds => Some("(expected to hold)"),
            Expect::Caught => None,
        };
        let whose: Vec<_> = std::iter::once(name.as_str()).chain(expected).collect();
        let beside = format!("{title}{TITLE_GAP}{}\n", whose.join(TITLE_GAP));
        if beside.lines().all(|line| wrap::columns(line) <= width) {
            return beside;
        }
        format!("{title}\n{}\n", wrap::items("         ", whose, TITLE_GAP, width))
    }

    /// What was seen, moment by moment, in the order of the moments.
    fn evidence(&self) -> Vec<(String, String)> {
        let mut moments: BTreeMap<(usize, String), Vec<Vec<String>>> = BTreeMap::new();
        for finding in &self.findings {
            let by_criterion = moments.entry(when(finding)).or_default();
            let known: BTreeSet<_> = by_criterion.iter().flatten().cloned().collect();
            let new = finding.evidence.iter().map(|sentence| words::visible(sentence));
            by_criterion.push(new.filter(|sentence| !known.contains(sentence)).collect());
        }
        let seen = moments.into_iter().filter(|(_, by_criterion)| by_criterion.iter().any(|said| !said.is_empty()));
        seen.map(|((_, when), by_criterion)| (when, joined(&by_criterion))).collect()
    }
}

/// The sentences of several criteria. Where they are too many, the first of each criterion go before the second of any:
/// those say the most, and none of the criteria must hide another one's cause.
fn joined(by_criterion: &[Vec<String>]) -> String {
    let mut ranked: Vec<(usize, usize)> = Vec::new();
    for (criterion, sentences) in by_criterion.iter().enumerate() {
        ranked.extend((0..sentences.len()).map(|rank| (rank, criterion)));
    }
    ranked.sort_unstable();
    let more = ranked.len().saturating_sub(SENTENCES);
    ranked.truncate(SENTENCES);
    ranked.sort_unstable_by_key(|&(rank, criterion)| (criterion, rank));
    let mut text = String::new();
    for (rank, criterion) in ranked {
        text.push_str(match text.chars().last() {
            None => "",
            Some(':') => " ",
            Some(_) => "; ",
        });
        text.push_str(&by_criterion[criterion][rank]);
    }
    if more > 0 { format!("{text}; and {more} more") } else { text }
}

/// A finding's moment as a time and in words. A name that this version does not know speaks for itself, and comes last.
pub(in crate::report) fn when(finding: &Finding) -> (usize, String) {
    match (finding.moment.as_str(), finding.client.as_deref()) {
        ("at-rest", _) => (0, "at rest".to_owned()),
        ("after-recovery", _) => (1, "after recovery".to_owned()),
        ("after-retry", Some("impatient")) => (3, "after the impatient retry".to_owned()),
        ("after-retry", _) => (2, "after the retry".to_owned()),
        ("after-restart", Some("impatient")) => (5, "after the impatient retry and one more start".to_owned()),
        ("after-restart", Some(_)) => (4, "after the retry and one more start".to_owned()),
        ("after-restart", None) => (4, "after one more start".to_owned()),
        (other, _) => (4, words::visible(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(by_criterion: &[&[&str]], told: &str) {
        let owned = |sentences: &&[&str]| sentences.iter().map(|&sentence| sentence.to_owned()).collect();
        assert_eq!(joined(&by_criterion.iter().map(owned).collect::<Vec<_>>()), told);
    }

    #[test]
    fn no_criterion_hides_the_cause_that_another_one_tells() {
        check(&[&["a", "b"], &["c"]], "a; b; c");
        check(&[&["this:", "a"], &["b"]], "this: a; b");
        check(&[&["1", "2", "3", "4", "5", "6", "and 2 more"], &["cause"], &[]], "1; 2; 3; 4; 5; cause; and 2 more");
    }
}
