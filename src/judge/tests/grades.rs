//! How a criterion fared over all moments of a case.

use super::*;

/// What is broken at rest, after recovery and after the retry of the restarted, and after that of the impatient client.
#[track_caller]
fn check_grade(moments: [&str; 4], expected: Grade) {
    check_grade_of(Criterion::NoStuckJob, moments, expected);
}

#[track_caller]
fn check_grade_of(criterion: Criterion, moments: [&str; 4], expected: Grade) {
    let breaches = |state: &str| match state {
        "clean" => Some(Breaches::new()),
        "-" => None,
        evidence => Some(BTreeMap::from([(criterion, vec![evidence.to_owned()])])),
    };
    let [at_rest, after_recovery, after_retry, impatient] = moments.map(breaches);
    let restarted = after_recovery.as_ref().zip(after_retry.as_ref());
    let retried = |after_retry| Retried { after_retry, after_restart: None };
    let restarted =
        restarted.map(|(after_recovery, after_retry)| Restarted { after_recovery, retried: retried(after_retry) });
    let impatient = impatient.as_ref().map(retried);
    let trail = Trail { at_rest: at_rest.as_slice(), after_restart: None, restarted, impatient };
    let grades = grade(trail);
    assert_eq!(grades[&criterion], expected, "{moments:?}");
    assert_eq!(trail.last_breach(criterion).is_none(), expected == Grade::Held, "{moments:?}");
    let goes_on = restarted.is_some() || impatient.is_some();
    assert_eq!(grades.contains_key(&Criterion::RetrySucceeds), goes_on);
    assert_eq!(grades.contains_key(&Criterion::RetryConverges), goes_on);
    assert_eq!(grades.len(), if goes_on { 8 } else { 6 });
}

#[test]
fn a_grade_is_as_good_as_the_worse_of_both_continuations() {
    check_grade(["clean", "clean", "clean", "clean"], Grade::Held);
    check_grade(["clean", "-", "-", "-"], Grade::Held);
    check_grade(["broken", "-", "-", "-"], Grade::Violated);
    check_grade(["broken", "clean", "clean", "clean"], Grade::HealedByRecovery);
    check_grade(["broken", "clean", "clean", "-"], Grade::HealedByRecovery);
    check_grade(["broken", "broken", "clean", "clean"], Grade::HealedByRetry);
    check_grade(["clean", "broken", "clean", "clean"], Grade::HealedByRetry);
    check_grade(["broken", "-", "-", "clean"], Grade::HealedByRetry);
    check_grade(["broken", "clean", "clean", "broken"], Grade::Violated);
    check_grade(["broken", "clean", "broken", "clean"], Grade::Violated);
    check_grade(["clean", "clean", "clean", "broken"], Grade::Violated);
}

#[test]
fn what_the_caller_was_told_is_healed_by_nothing() {
    for criterion in [Criterion::FailureSurfaced, Criterion::ResponseComplete] {
        check_grade_of(criterion, ["clean", "clean", "clean", "clean"], Grade::Held);
        check_grade_of(criterion, ["broken", "clean", "clean", "clean"], Grade::Violated);
        check_grade_of(criterion, ["broken", "broken", "clean", "clean"], Grade::Violated);
        check_grade_of(criterion, ["clean", "broken", "clean", "clean"], Grade::Violated);
        check_grade_of(criterion, ["broken", "-", "-", "clean"], Grade::Violated);
    }
}

#[test]
fn the_last_breach_is_the_one_that_nothing_healed() {
    let criterion = Criterion::NoStuckJob;
    let breaches = |evidence: &str| BTreeMap::from([(criterion, vec![evidence.to_owned()])]);
    let at_rest = [breaches("first"), breaches("second"), Breaches::new()];
    let (after_recovery, after_retry, impatient) = (breaches("recovered"), breaches("retried"), breaches("impatient"));
    let clean = Breaches::new();
    let retried = |after_retry| Retried { after_retry, after_restart: None };
    let trail = |recovered, restarted, impatient| Trail {
        at_rest: &at_rest,
        after_restart: None,
        restarted: Some(Restarted { after_recovery: recovered, retried: retried(restarted) }),
        impatient: Some(retried(impatient)),
    };
    for (trail, moment, branch, evidence) in [
        (trail(&after_recovery, &after_retry, &impatient), Moment::AfterRetry, Branch::Restarted, "retried"),
        (trail(&after_recovery, &clean, &impatient), Moment::AfterRetry, Branch::Impatient, "impatient"),
        (trail(&after_recovery, &clean, &clean), Moment::AfterRecovery, Branch::Restarted, "recovered"),
        (trail(&clean, &clean, &clean), Moment::AtRest, Branch::Trunk, "second"),
    ] {
        let evidence = [evidence.to_owned()];
        assert_eq!(trail.last_breach(criterion), Some(Breach { moment, branch, evidence: &evidence }));
    }
}

/// Broken after one more start only: in the run without faults, after the restarted and after the impatient retry.
#[test]
fn what_is_gone_after_one_more_start_is_healed_by_nothing() {
    let criterion = Criterion::AllOrNothing;
    let (clean, gone) = (Breaches::new(), BTreeMap::from([(criterion, vec!["gone".to_owned()])]));
    let kept = Retried { after_retry: &clean, after_restart: Some(&clean) };
    let lost = Retried { after_retry: &clean, after_restart: Some(&gone) };
    let restarted = |retried| Some(Restarted { after_recovery: &clean, retried });
    let held =
        Trail { after_restart: Some(&clean), restarted: restarted(kept), impatient: Some(kept), ..Trail::default() };
    assert_eq!(grade(held)[&criterion], Grade::Held);
    for (trail, branch) in [
        (Trail { after_restart: Some(&gone), ..Trail::default() }, Branch::Trunk),
        (Trail { restarted: restarted(lost), ..held }, Branch::Restarted),
        (Trail { impatient: Some(lost), ..held }, Branch::Impatient),
    ] {
        assert_eq!(grade(trail)[&criterion], Grade::Violated, "{branch:?}");
        let breach = trail.last_breach(criterion).expect("it is broken");
        assert_eq!((breach.moment, breach.branch), (Moment::AfterRestart, branch));
    }
}

#[test]
fn criteria_and_grades_are_called_alike_wherever_they_are_written() {
    let of_criteria = Criterion::ALL.map(|criterion| (json!(criterion), criterion.name(), criterion.to_string()));
    let grades = [Grade::Held, Grade::HealedByRecovery, Grade::HealedByRetry, Grade::Violated];
    let of_grades = grades.map(|grade| (json!(grade), grade.name(), grade.to_string()));
    for (written, name, shown) in of_criteria.into_iter().chain(of_grades) {
        assert_eq!((written, shown.as_str()), (json!(name), name));
    }
    assert_eq!(format!("[{:10}]", Grade::Held), "[held      ]");
}

#[test]
fn where_no_rule_is_more_exact_the_claim_of_the_criterion_is_what_is_broken() {
    let world = Observation { answer: Some(Answer::Hung { deadline_ms: 1 }), ..before() };
    let reference = reference();
    let broken = judge(&reference, Moment::AfterRetry, &world, Words::Told).broken;
    let rules: Vec<&str> = broken.values().flat_map(|broken| &broken.rules).map(String::as_str).collect();
    assert_eq!(
        rules,
        [
            "success is answered only when everything is there; every failure is told",
            "the same request, sent again, succeeds",
            "after the retry the world equals the world of a run without faults",
        ]
    );
    let claims: BTreeSet<&str> = Criterion::ALL.into_iter().map(Criterion::claim).collect();
    assert_eq!(claims.len(), Criterion::ALL.len(), "each claims something else");
    assert_eq!((reference.before(), reference.result()), (&before(), &result()));
}
