//! Which occurrence is hit, and which fault waits for which.

use super::*;
use crate::inject::{Kin, Part, Seat, around, taking_part};

const EFFECT: Step = Step::new("effect");

/// Runs the step three times under a plan, as code does that goes on after an error.
async fn check(plan: &[&str], expected: &str) {
    let plan = plan.iter().map(|fault| fault.parse().expect(fault)).collect();
    let ends = Ends {
        crash: Box::new(|| unreachable!("nothing crashes here")),
        lose_power: Box::new(|_| unreachable!("nothing loses its power here")),
    };
    let probe = Probe::armed("f", Phase::Attempt, plan, Keep::StepTrace, ends, Box::new(|| None));
    let effects = std::cell::Cell::new(0);
    taking_part(Part::new(probe.clone(), Seat::default(), Kin::Request), async {
        for _ in 0..3 {
            let effect = async {
                effects.set(effects.get() + 1);
                Ok::<(), std::io::Error>(())
            };
            let _ = around(EFFECT, effect).await;
        }
    })
    .await;
    let outcomes = probe.trace().steps.into_iter().map(|record| match record.outcome {
        StepOutcome::Hit(planned) => planned.to_string(),
        other => format!("{other:?}"),
    });
    assert_eq!(format!("{} effects: {}", effects.get(), outcomes.collect::<Vec<_>>().join(", ")), expected);
}

#[tokio::test]
async fn a_fault_hits_the_occurrence_that_it_is_planned_for() {
    check(&[], "3 effects: Done, Done, Done").await;
    check(&["effect#2:before=error"], "2 effects: Done, effect#2:before=error, Done").await;
    check(&["effect#3:after=lost-ack"], "3 effects: Done, Done, effect#3:after=lost-ack").await;
}

#[tokio::test]
async fn an_edge_that_an_earlier_fault_skipped_is_counted_all_the_same() {
    check(
        &["effect#1:before=error", "effect#2:after=lost-ack"],
        "2 effects: effect#1:before=error, effect#2:after=lost-ack, Done",
    )
    .await;
}

#[tokio::test]
async fn a_fault_waits_for_those_before_it_in_the_plan() {
    check(&["effect#2:before=error", "effect#1:before=error"], "2 effects: Done, effect#2:before=error, Done").await;
    check(
        &["effect#1:before=error", "effect#3:before=error"],
        "1 effects: effect#1:before=error, Done, effect#3:before=error",
    )
    .await;
}

#[tokio::test]
async fn an_outage_lasts_until_the_end_of_the_run() {
    check(&["effect#2:before=outage"], "1 effects: Done, effect#2:before=outage, Outage").await;
}
