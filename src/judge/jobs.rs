//! Jobs that nobody runs and that are not over.

use super::evidence::{Evidence, brief, sorted};
use super::{Criterion, Scene};
use crate::observe::Value;
use crate::rules::Rules;
use crate::rules::claims::settles;

/// The criteria that no rule gives a meaning: where none says in which states a job may stay, none is found stuck.
pub(crate) fn not_judged(rules: &Rules) -> Vec<Criterion> {
    if rules.settles.is_empty() { vec![Criterion::NoStuckJob] } else { Vec::new() }
}

/// No job stays unfinished while nothing runs it: whenever a world is looked at, nobody is at work in it.
pub(super) fn no_stuck_job(scene: &Scene) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (column, states) in &scene.rules.settles {
        for (row, state) in scene.values(column) {
            if states.iter().any(|settled| is_same(settled, state)) {
                continue;
            }
            let state = match state {
                Value::Text(state) => scene.names.short(state),
                other => other.to_string(),
            };
            let stuck = format!("{} is {state} and nothing runs it", scene.names.row(&column.table, row));
            let places = scene.rows(&column.table, &[row]);
            evidence.push(Evidence::said(stuck).of_rule(settles(column, states)).at(places));
        }
    }
    brief(sorted(evidence))
}

/// Whether a state is this one: `1` and `1.0` are.
fn is_same(settled: &Value, state: &Value) -> bool {
    settled == state || settled.as_number().is_some_and(|number| state.as_number() == Some(number))
}
