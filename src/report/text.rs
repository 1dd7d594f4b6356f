//! The report for people at a terminal: the findings, then the matrix, so that the matrix is what stays on the screen.
//!
//! Plain text, complete without colour; [`crate::report::paint`] adds the colours. It decides which of the findings are
//! worth a block, and what goes first. Not shown: the number of cases in each cell; the JSON report has it.

pub mod diff;
pub(in crate::report) mod findings;
pub(in crate::report) mod inferred;
pub(in crate::report) mod matrix;

use std::fmt::Write;
use std::ops::RangeInclusive;

use crate::fault::FaultClass;
use crate::judge::{Criterion, Grade};
use crate::report::{Expect, Options, Partial, Report, StrategyReport, words, wrap};

/// The widths, in columns, that the text is laid out for. A width outside is taken for the nearest one inside.
pub const WIDTHS: RangeInclusive<usize> = 80..=120;

/// The findings and the summary.
pub fn render(report: &Report, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut text = findings::render(report, width);
    text.push_str(&summary(report, width));
    text
}

/// The matrix, what was done, and the verdict, without findings.
pub fn summary(report: &Report, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut text = matrix::render(report, width);
    text.push_str(&inferred::render(report));
    text.push_str(&notes(report, width));
    text.push_str(&totals(report, width));
    text.push_str(&verdict(report, width));
    text
}

/// What a reader has to know of how each strategy was tried, with an empty line behind it; nothing where there is nothing.
pub(in crate::report) fn notes(report: &Report, width: usize) -> String {
    let mut text = String::new();
    for strategy in &report.strategies {
        for note in &strategy.notes {
            let name = format!("note {}/{}: ", strategy.flow, strategy.strategy);
            text.push_str(&line(&name, &words::visible(note), width));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

pub(in crate::report) fn totals(report: &Report, width: usize) -> String {
    let totals = &report.totals;
    let done = format!(
        "{} cases run, {} pruned (equal worlds), {:.1} s, {:.0} cases/s",
        words::number(totals.cases),
        words::number(totals.pruned),
        totals.seconds,
        totals.cases_per_second
    );
    format!("{}\n{}\n", wrap::hanging("", &asked(report), width), wrap::hanging("", &done, width))
}

/// What was asked for, and which faults were tried besides.
pub(in crate::report) fn asked(report: &Report) -> String {
    let options = &report.options;
    let names = |classes: &[FaultClass]| classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(", ");
    let mut faults = names(&options.faults);
    let besides: Vec<FaultClass> =
        report.classes().into_iter().filter(|class| !options.faults.contains(class)).collect();
    if !besides.is_empty() {
        let _ = write!(faults, "; where a strategy names no step also {}", names(&besides));
    }
    let drawn = options.random.map_or(String::new(), |cases| {
        format!(
            "{} drawn for each strategy, ",
            words::counted(usize::try_from(cases).unwrap_or(usize::MAX), "case", "cases")
        )
    });
    format!("{}, depth {}, {drawn}seed {}, faults {faults}", options.backend, options.depth, options.seed)
}

pub(in crate::report) fn verdict(report: &Report, width: usize) -> String {
    let mut text = String::new();
    if let Some(partial) = &report.partial {
        text.push_str(&line("PARTIAL: ", &stopped(report, partial), width));
    }
    if report.totals.not_fired > 0 {
        let count = words::number(report.totals.not_fired);
        let said = format!(
            "{count} of the planned faults did not fire. That is an error of the harness, or a flow whose steps are not \
             the same from run to run; replay one schedule twice to see which."
        );
        text.push_str(&line("COULD NOT TELL: ", &said, width));
    }
    if report.totals.retried > 0 {
        let said = format!(
            "{} times a case was tried again: tasks run side by side, and come in another order each time. Points are named \
             by step and occurrence all the same; which of several equal steps comes first is not tried in every order.",
            words::number(report.totals.retried)
        );
        text.push_str(&line("ORDER: ", &said, width));
    }
    if report.strategies.is_empty() {
        text.push_str(&line("COULD NOT TELL: ", "no strategy was explored.", width));
        return text;
    }
    let surprises: Vec<_> = report.strategies.iter().filter(|strategy| !strategy.as_expected).collect();
    if surprises.is_empty() {
        let so_far = if report.partial.is_some() { "as expected so far: " } else { "as expected: " };
        text.push_str(&line(so_far, &as_expected(report), width));
        return text;
    }
    let of_all = words::counted(report.strategies.len(), "strategy", "strategies");
    text.push_str(&line("NOT AS EXPECTED: ", &format!("{} of {of_all}", surprises.len()), width));
    for strategy in surprises {
        text.push_str(&line(
            &format!("  {}/{} ", strategy.flow, strategy.strategy),
            &surprise(strategy, &report.options),
            width,
        ));
    }
    text
}

/// That a run was stopped, and what is missing.
pub(in crate::report) fn stopped(report: &Report, partial: &Partial) -> String {
    let (done, missing) = (report.strategies.len(), partial.missing.len());
    let of_all = words::counted(done + missing, "strategy", "strategies");
    let names: Vec<String> = partial.missing.iter().map(|name| words::visible(name)).collect();
    format!(
        "the run was stopped; {done} of {of_all} explored to the end, and nothing is said of the rest: {}",
        names.join(", ")
    )
}

fn line(first: &str, said: &str, width: usize) -> String {
    // A hanging indent as deep as a long name would leave no room for what is said about it.
    if wrap::columns(first) + wrap::columns(said) <= width {
        return format!("{first}{said}\n");
    }
    let name = first.trim_start();
    let indent = &first[..first.len() - name.len()];
    let mut wrapped = wrap::hanging(&format!("{indent}  "), &format!("{name}{said}"), width);
    wrapped.replace_range(indent.len()..indent.len() + 2, "");
    wrapped + "\n"
}

fn as_expected(report: &Report) -> String {
    let count = |expect| report.strategies.iter().filter(|strategy| strategy.expect == expect).count();
    let strategies = |count: usize| words::counted(count, "strategy", "strategies");
    let (hold, hold_verb) = (count(Expect::Holds), if count(Expect::Holds) == 1 { "holds" } else { "hold" });
    let (caught, caught_verb) = (count(Expect::Caught), if count(Expect::Caught) == 1 { "is" } else { "are" });
    match (hold, caught) {
        (0, caught) => format!("{} {caught_verb} caught", strategies(caught)),
        (hold, 0) => format!("{} {hold_verb}", strategies(hold)),
        (hold, caught) => {
            format!("{} {hold_verb}, {} {caught_verb} caught", strategies(hold), words::number(caught as u64))
        }
    }
}

fn surprise(strategy: &StrategyReport, options: &Options) -> String {
    let graded = |grade: Grade| {
        let criteria = Criterion::ALL.into_iter().filter(|&criterion| strategy.worst(criterion) == Some(grade));
        criteria.map(Criterion::name).collect::<Vec<_>>().join(", ")
    };
    match strategy.expect {
        Expect::Holds => {
            let (violated, retry) = (graded(Grade::Violated), graded(Grade::HealedByRetry));
            match (violated.is_empty(), retry.is_empty()) {
                (false, true) => format!("was to hold, and violates {violated}"),
                (true, false) => format!("was to hold, and only the retry heals {retry}"),
                (false, false) => format!("was to hold, and violates {violated}; only the retry heals {retry}"),
                (true, true) => "was to hold, and no case shows that it does not".to_owned(),
            }
        }
        Expect::Caught if options.random.is_some() => {
            "was to be caught, and nothing is violated in the cases that were drawn: draw more, or run all".to_owned()
        }
        Expect::Caught => {
            "was to be caught, and nothing is violated: either it was repaired, or the harness has become \
                           blind to its breach"
                .to_owned()
        }
    }
}
