//! Which strategy of a flow to choose: by a rule that is stated, from the matrix and nothing else.

use crate::judge::{Criterion, Grade};
use crate::report::{Report, StrategyReport, words};

/// The rule, as reports state it.
pub const RULE: &str = "of the strategies that are as expected and violate no criterion, the one with the fewest \
                        healed criteria; of those, the one with the fewest steps; of those, the first";

/// What follows from the matrix for one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation<'r> {
    /// The flow.
    pub flow: &'r str,
    /// The strategy to choose, if one keeps every promise.
    pub choice: Option<&'r StrategyReport>,
    /// Why, as a sentence.
    pub reason: String,
}

/// A recommendation for each flow, in the order of the report.
pub fn recommend(report: &Report) -> Vec<Recommendation<'_>> {
    let mut flows: Vec<&str> = report.strategies.iter().map(|strategy| strategy.flow.as_str()).collect();
    flows.dedup();
    flows.into_iter().map(|flow| of_flow(report, flow)).collect()
}

fn of_flow<'r>(report: &'r Report, flow: &'r str) -> Recommendation<'r> {
    let strategies = || report.strategies.iter().filter(|strategy| strategy.flow == flow);
    if report.totals.not_fired > 0 {
        let reason = "none: some of the planned faults did not happen, so this run cannot tell".to_owned();
        return Recommendation { flow, choice: None, reason };
    }
    let is_of_flow = |name: &String| name.split_once('/').is_some_and(|(of, _)| of == flow);
    if report.partial.as_ref().is_some_and(|partial| partial.missing.iter().any(is_of_flow)) {
        let reason = "none: the run was stopped before all strategies of the flow were explored".to_owned();
        return Recommendation { flow, choice: None, reason };
    }
    let sound = strategies().filter(|strategy| strategy.as_expected && violated(strategy).is_empty());
    let choice = sound.min_by_key(|strategy| (healed(strategy).len(), strategy.steps.len()));
    let reason = match choice {
        Some(choice) => format!("{}: violates no criterion, {}", choice.strategy, measures(choice)),
        None => match strategies().min_by_key(|strategy| violated(strategy).len()) {
            Some(least) => format!(
                "none: no strategy that is as expected keeps every promise; {} violates the fewest ({})",
                least.strategy,
                names(&violated(least))
            ),
            None => "none: no strategy was explored".to_owned(),
        },
    };
    Recommendation { flow, choice, reason }
}

fn measures(strategy: &StrategyReport) -> String {
    let healed = healed(strategy);
    let steps = words::counted(strategy.steps.len(), "step", "steps");
    if healed.is_empty() {
        return format!("heals nothing because nothing breaks, {steps}");
    }
    format!("{} healed ({}), {steps}", healed.len(), names(&healed))
}

fn names(criteria: &[Criterion]) -> String {
    if criteria.is_empty() {
        return "none".to_owned();
    }
    criteria.iter().map(|criterion| criterion.name()).collect::<Vec<_>>().join(", ")
}

fn violated(strategy: &StrategyReport) -> Vec<Criterion> {
    of_grade(strategy, |grade| grade == Grade::Violated)
}

fn healed(strategy: &StrategyReport) -> Vec<Criterion> {
    of_grade(strategy, |grade| matches!(grade, Grade::HealedByRecovery | Grade::HealedByRetry))
}

fn of_grade(strategy: &StrategyReport, is_meant: fn(Grade) -> bool) -> Vec<Criterion> {
    Criterion::ALL.into_iter().filter(|&criterion| strategy.worst(criterion).is_some_and(is_meant)).collect()
}
