//! Success answers are compared with the answer of a run without faults, an id by the role of its row.

use super::*;

/// Two users with an id each, which a database counted, and what was answered.
fn world(users: &[(i64, &str)], logs: &[(&str, &str)], answer: serde_json::Value) -> Observation {
    let kind = |name: &str| if name == "bob" { "guest" } else { "user" };
    let users: Vec<[Value; 3]> = users.iter().map(|&(id, name)| [id.into(), name.into(), kind(name).into()]).collect();
    let logs: Vec<[Value; 3]> =
        logs.iter().map(|&(id, name)| [id.into(), name.into(), format!("at {id}").as_str().into()]).collect();
    let users: Vec<&[Value]> = users.iter().map(<[Value; 3]>::as_slice).collect();
    let logs: Vec<&[Value]> = logs.iter().map(<[Value; 3]>::as_slice).collect();
    let tables =
        [("users", table(&["id", "name", "kind"], &users)), ("notes", table(&["id", "name", "made_at"], &logs))];
    Observation {
        tables: tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        answer: Some(Answer::Success(answer)),
        ..Observation::default()
    }
}

fn rules() -> Rules {
    Rules::new().generated_id("users", "id").generated_id("notes", "id").generated("notes", "made_at")
}

/// What is said of an answer in a world, where two runs without faults left the others.
#[track_caller]
fn check_with(rules: &Rules, results: [&Observation; 2], now: &Observation, expected: &[&str]) {
    let before = world(&[], &[], json!(null));
    let reference = Reference::new(rules, before, results.map(Clone::clone));
    let mut breaches = judge(&reference, Moment::AfterRetry, now, Words::Told).breaches;
    assert_eq!(breaches.remove(&Criterion::ResponseComplete).unwrap_or_default(), expected);
}

/// The same for answers alone, in worlds that are equal.
#[track_caller]
fn check_answer(results: [serde_json::Value; 2], now: serde_json::Value, expected: &[&str]) {
    check_waived(&rules(), results, now, expected);
}

#[track_caller]
fn check_waived(rules: &Rules, results: [serde_json::Value; 2], now: serde_json::Value, expected: &[&str]) {
    let of = |answer| world(&[(1, "ada")], &[], answer);
    let [one, other] = results.map(of);
    check_with(rules, [&one, &other], &of(now), expected);
}

fn twice(answer: &serde_json::Value) -> [serde_json::Value; 2] {
    [answer.clone(), answer.clone()]
}

#[test]
fn a_field_that_is_the_same_without_faults_is_the_same_with_them() {
    let answer = json!({"created": 4, "titles": ["a", "b"], "by": {"name": "ada", "note": null}});
    check_answer(twice(&answer), answer.clone(), &[]);
    check_answer(twice(&answer), json!({"created": 4.0, "titles": ["a", "b"], "by": {"name": "ada"}}), &[]);
    check_answer(
        twice(&answer),
        json!({"created": 0, "titles": [], "by": {"name": "bob", "skipped": true}}),
        &[
            "/by/name of the answer is \"bob\", and \"ada\" without faults",
            "the answer has /by/skipped, which it has not without faults",
            "created of the answer is 0, and 4 without faults",
            "titles of the answer has 0 elements, and 2 without faults",
        ],
    );
    check_answer(
        twice(&answer),
        json!({"created": null, "titles": "a", "by": 7}),
        &[
            "by of the answer is 7, and an object without faults",
            "the answer lacks created",
            "titles of the answer is \"a\", and an array without faults",
        ],
    );
    check_answer(
        twice(&answer),
        json!({"created": 4, "titles": ["b", "a"], "by": {"name": "ada"}}),
        &[
            "/titles/0 of the answer is \"b\", and \"a\" without faults",
            "/titles/1 of the answer is \"a\", and \"b\" without faults",
        ],
    );
    check_answer(twice(&json!("done")), json!("none"), &["the answer is \"none\", and \"done\" without faults"]);
}

#[test]
fn what_differs_without_faults_is_made_up_anew() {
    let answer =
        |took: i64, trace: &str| json!({"took": took, "trace": trace, "note": format!("took {took}"), "created": 4});
    let results = [answer(3, ID), answer(4, AGAIN)];
    check_answer(results.clone(), answer(99, OTHER), &[]);
    check_answer(
        results.clone(),
        json!({"took": 3, "trace": OTHER, "note": "took 3", "created": 5}),
        &["created of the answer is 5, and 4 without faults"],
    );
    check_answer(results, json!({"created": 4}), &["the answer lacks trace"]);
    // A field that is not always there, and arrays of any length.
    let results = [json!({"a": [1, 2], "b": 1}), json!({"a": [1]})];
    check_answer(results.clone(), json!({"a": []}), &[]);
    check_answer(results, json!({"a": [3], "b": 2, "c": 1}), &["the answer has c, which it has not without faults"]);
    // Two runs within the same second.
    let at = |second: &str| json!({"at": format!("2026-05-06T07:08:{second}Z")});
    check_answer(twice(&at("09")), at("11"), &[]);
    check_answer(
        twice(&at("09")),
        at("08"),
        &["at of the answer is \"2026-05-06T07:08:08Z\", and \"2026-05-06T07:08:09Z\" without faults"],
    );
}

#[test]
fn what_rules_waive_may_be_anything_or_missing() {
    let answer = json!({"took": 3, "items": [{"id": 1, "tries": 1}, {"id": 2, "tries": 1}]});
    let rules = || rules().answer_may_differ("/took").answer_may_differ("/items/*/tries").answer_may_differ("/hint");
    let now = json!({"hint": "again", "items": [{"id": 1, "tries": 2}, {"id": 2}]});
    check_waived(&rules(), twice(&answer), now, &[]);
    let now = json!({"took": 3, "items": [{"id": 1, "tries": 2}, {"id": 3, "tries": 1}]});
    check_waived(&rules(), twice(&answer), now, &["/items/1/id of the answer is 3, and 2 without faults"]);
}

#[test]
fn an_answer_names_the_row_of_its_own_request() {
    let id = |id: i64| json!({"id": id, "link": format!("/users/{id}")});
    // A failed attempt took the number 1 and left nothing: the retry names the same row.
    let result = world(&[(1, "ada")], &[], id(1));
    check_with(&rules(), [&result, &result], &world(&[(2, "ada")], &[], id(2)), &[]);
    check_with(
        &rules(),
        [&result, &result],
        &world(&[(1, "bob"), (2, "ada")], &[], json!({"id": 3, "link": "/users/1"})),
        &["id of the answer is 3, and 1 without faults"],
    );
    // Promised, a number is an id: 1 is another row than it was.
    let promised = rules().answer_carries(Object::Answer, "id", Target::Row(Column::new("users", "id")));
    let now = world(&[(1, "bob"), (2, "ada")], &[], id(1));
    check_with(
        &promised,
        [&result, &result],
        &now,
        &["id of the answer leads to users-2, which is another row than without faults"],
    );
    check_with(&promised, [&result, &result], &world(&[(1, "bob"), (2, "ada")], &[], id(2)), &[]);
    // A row that is not as it should be is the same row.
    let changed = world(&[(1, "bob"), (2, "eve")], &[], id(2));
    check_with(&promised, [&result, &result], &changed, &[]);
}

#[test]
fn an_id_that_looks_like_one_names_its_row_wherever_it_stands() {
    let of = |notes: &[(&str, &str)], id: &str| {
        world(&[], notes, json!({"link": format!("/notes/{id}"), "at": format!("at {id}")}))
    };
    let results = [of(&[(ID, "ada")], ID), of(&[(AGAIN, "ada")], AGAIN)];
    let results = [&results[0], &results[1]];
    check_with(&rules(), results, &of(&[(OTHER, "ada")], OTHER), &[]);
    check_with(&rules(), results, &of(&[(OTHER, "ada"), (ID, "eve")], OTHER), &[]);
    check_with(
        &rules(),
        results,
        &of(&[(OTHER, "ada"), (ID, "eve")], ID),
        &["link of the answer is \"/notes/<notes-2>\", which is another row than without faults"],
    );
    check_with(&rules(), results, &of(&[(OTHER, "ada")], ID), &["link of the answer names a row that is not there"]);
    // What a column holds that is generated is generated in the answer, too: `at` is never compared.
    let mut now = of(&[(OTHER, "ada")], OTHER);
    now.answer = Some(Answer::Success(json!({"link": format!("/notes/{OTHER}"), "at": "whenever"})));
    check_with(&rules(), results, &now, &[]);
}

#[test]
fn elements_whose_order_differs_without_faults_compare_in_any_order() {
    let results = [json!({"names": ["a", "b", "b"]}), json!({"names": ["b", "a", "b"]})];
    check_answer(results.clone(), json!({"names": ["b", "b", "a"]}), &[]);
    check_answer(
        results,
        json!({"names": ["b", "a", "a"]}),
        &["/names/2 of the answer is not among those that are there without faults"],
    );
}

#[test]
fn elements_in_the_order_of_ids_that_are_made_up_anew_compare_in_any_order() {
    let (low, high) = if ID < OTHER { (ID, OTHER) } else { (OTHER, ID) };
    let of = |ids: [(&str, &str); 2]| {
        let notes = ids.map(|(id, name)| json!({"id": id, "name": name}));
        world(&[], &ids, json!({"notes": notes}))
    };
    let (first, second) =
        ([(low, "ada"), (high, "eve")], [(AGAIN, "ada"), ("9190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b", "eve")]);
    let results = [&of(first), &of(second)];
    check_with(&rules(), results, &of([(low, "eve"), (high, "ada")]), &[]);
    let told = ["/notes/0/id", "/notes/0/name", "/notes/1/id", "/notes/1/name"];
    let now = of([(high, "eve"), (low, "ada")]);
    let reference = Reference::new(&rules(), world(&[], &[], json!(null)), results.map(Clone::clone));
    let breaches = judge(&reference, Moment::AfterRetry, &now, Words::Told).breaches;
    let found = breaches.get(&Criterion::ResponseComplete).cloned().unwrap_or_default();
    assert_eq!(found.len(), told.len(), "{found:?}");
    assert!(found.iter().zip(told).all(|(found, place)| found.starts_with(place)), "{found:?}");
}

#[test]
fn all_elements_that_are_meant_are_looked_at() {
    let element = Object::Element { array: "/users".into(), key: "name".into(), value: "ada".into() };
    let promised = rules().answer_carries(element, "id", Target::Row(Column::new("users", "id")));
    let of = |users: &[i64]| {
        let elements: Vec<_> = users.iter().map(|id| json!({"name": "ada", "id": id})).collect();
        world(&[(1, "ada")], &[], json!({"users": elements}))
    };
    let result = of(&[1]);
    check_with(&promised, [&result, &result], &of(&[1]), &[]);
    check_with(
        &promised,
        [&result, &result],
        &of(&[1, 7]),
        &[
            "id of the element of /users with name \"ada\" leads to a row of users that is not there",
            "users of the answer has 2 elements, and 1 without faults",
        ],
    );
}

#[test]
fn who_was_told_that_it_is_accepted_is_owed_the_result_after_a_restart() {
    use Criterion::{AllOrNothing, FailureSurfaced, ResponseComplete};
    let rules = |accepted: bool| {
        let rules = rules().answer_carries(Object::Answer, "id", Target::Row(Column::new("users", "id")));
        if accepted { rules.success_means_accepted() } else { rules }
    };
    let result = world(&[(1, "ada")], &[], json!({"id": 1}));
    let nothing_yet = world(&[], &[], json!({"id": 1}));
    let half = world(&[(1, "")], &[], json!({"id": 1}));
    let broken = |accepted, moment, now: &Observation| -> Vec<Criterion> {
        let before = world(&[], &[], json!(null));
        let reference = Reference::new(&rules(accepted), before, [result.clone(), result.clone()]);
        judge(&reference, moment, now, Words::Told).breaches.into_keys().collect()
    };
    assert_eq!(broken(true, Moment::AtRest, &nothing_yet), []);
    assert_eq!(broken(true, Moment::AtRest, &half), [AllOrNothing], "recovery has to heal that");
    assert_eq!(broken(true, Moment::AfterRecovery, &nothing_yet), [FailureSurfaced, ResponseComplete, AllOrNothing]);
    assert_eq!(broken(true, Moment::AfterRecovery, &result), []);
    assert_eq!(broken(false, Moment::AtRest, &nothing_yet), [FailureSurfaced, ResponseComplete, AllOrNothing]);
    // What it says itself is owed at once.
    assert_eq!(broken(true, Moment::AtRest, &world(&[], &[], json!({}))), [ResponseComplete]);
}

#[test]
fn a_truth_value_is_compared_as_a_number_is() {
    let answer = json!({"is_new": true, "count": 0});
    check_answer(twice(&answer), answer.clone(), &[]);
    check_answer(
        twice(&answer),
        json!({"is_new": false, "count": 0}),
        &["is_new of the answer is false, and true without faults"],
    );
    check_answer(
        twice(&answer),
        json!({"is_new": 1, "count": false}),
        &["count of the answer is false, and 0 without faults", "is_new of the answer is 1, and true without faults"],
    );
}

/// Elements that come in another order in the second run, and are no texts.
#[test]
fn elements_of_any_kind_are_found_again_where_the_order_is_free() {
    for [a, b, c] in [
        [json!({"nr": 1}), json!({"nr": 2}), json!({"nr": 3})],
        [json!([1]), json!([2]), json!([3])],
        [json!([1, 1]), json!([1]), json!([1, 2])],
        [json!({"nr": 1, "x": 1}), json!({"nr": 1}), json!({"nr": 1, "x": 2})],
    ] {
        let results = [json!([a, b]), json!([b, a])];
        check_answer(results.clone(), json!([a, b]), &[]);
        check_answer(results.clone(), json!([b, a]), &[]);
        check_answer(results, json!([b, c]), &["1 of the answer is not among those that are there without faults"]);
    }
}

/// What a column holds that is generated may be anything in the answer, unless it is met by chance.
#[test]
fn what_is_generated_in_both_runs_is_not_compared_where_it_is_large_enough() {
    let of = |made_at: Value, answer: &serde_json::Value| {
        let mut world = world(&[], &[("1", "x")], json!({"made_at": answer}));
        rows(&mut world, "notes")[0][2] = made_at;
        world
    };
    let told = |made_at: [Value; 2], answer: serde_json::Value, now: serde_json::Value| {
        let [one, other] = made_at.map(|made_at| of(made_at, &answer));
        let reference = Reference::new(&rules(), world(&[], &[], json!(null)), [one, other]);
        let judged = judge(&reference, Moment::AfterRetry, &of(1.into(), &now), Words::Told);
        judged.breaches.contains_key(&Criterion::ResponseComplete)
    };
    let twice = |value: Value| [value.clone(), value];
    assert!(!told(twice(1_700_000_000.into()), json!(1_700_000_000), json!(1_600_000_000)));
    assert!(!told(twice((-1_000_000).into()), json!(-1_000_000), json!(5)));
    assert!(!told(twice("then".into()), json!("then"), json!("now")));
    assert!(told(twice(17.into()), json!(17), json!(18)));
    assert!(
        told([1_700_000_000.into(), 5.into()], json!(1_700_000_000), json!(1_600_000_000)),
        "it is in one run only"
    );
    assert!(told(["then".into(), "else".into()], json!("then"), json!("now")), "it is in one run only");
}

#[test]
fn elements_that_have_no_id_are_compared_in_their_order() {
    let answer = json!([{"kind": "k", "nr": 1}, {"kind": "k", "nr": 2}]);
    check_answer(twice(&answer), answer.clone(), &[]);
    check_answer(
        twice(&answer),
        json!([{"kind": "k", "nr": 2}, {"kind": "k", "nr": 1}]),
        &["/0/nr of the answer is 2, and 1 without faults", "/1/nr of the answer is 1, and 2 without faults"],
    );
}

#[test]
fn an_answer_that_names_another_row_of_the_world_before_is_another_answer() {
    let of = |named: &str| {
        let users = table(&["id", "name"], &[&[ID.into(), "ada".into()], &[OTHER.into(), "ada".into()]]);
        let answer = Some(Answer::Success(json!({"by": named})));
        Observation { tables: [("users".to_owned(), users)].into(), answer, ..Observation::default() }
    };
    let rules = Rules::new().generated_id("users", "id");
    let reference = Reference::new(&rules, Observation { answer: None, ..of(ID) }, [of(ID), of(ID)]);
    let told = |named| judge(&reference, Moment::AfterRetry, &of(named), Words::Told).breaches;
    assert_eq!(told(ID), Breaches::new());
    assert_eq!(told(OTHER).into_keys().collect::<Vec<_>>(), [Criterion::ResponseComplete]);
}
