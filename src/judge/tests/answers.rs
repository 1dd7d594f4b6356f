//! Answers: what the caller was told, and what it promises.

use super::*;

#[test]
fn every_failure_is_told_and_success_only_when_everything_is_there() {
    let criterion = Criterion::FailureSurfaced;
    let missing = "success was answered, and something is missing";
    check(criterion, |world| world.answer = Some(Answer::Failure("disk full".into())), &[]);
    check(criterion, |world| world.answer = None, &[]);
    check(criterion, |world| world.answer = Some(Answer::Panicked { message: "x".into(), injected: true }), &[]);
    check(criterion, |world| world.answer = Some(Answer::NotBooted("x".into())), &[]);
    check(
        criterion,
        |world| world.answer = Some(Answer::Panicked { message: format!("no {ID}"), injected: false }),
        &["the flow panicked: \"no <scenarios-1>\""],
    );
    check(criterion, |world| world.answer = Some(Answer::Hung { deadline_ms: 10_000 }), &["no answer within 10 s"]);
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = Value::Null,
        &[missing, "segments: segments-1 changed: chapter_id was chapters-1, is null"],
    );
    check(
        criterion,
        |world| rows(world, "jobs").clear(),
        &[missing, "jobs: 1 row fewer: jobs-1 (state \"completed\")"],
    );
    check(
        criterion,
        |world| drop(world.files.remove(PATH)),
        &[missing, "file gone: context/<scenarios-1>/context.txt (9 bytes)"],
    );
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(criterion, |world| put(world, "left.tmp", "x"), &[]);
}

#[test]
fn who_was_told_of_a_success_is_served_after_the_next_start() {
    let criterion = Criterion::FailureSurfaced;
    let world = Observation { answer: Some(Answer::NotBooted(format!("no {ID}"))), ..result() };
    assert_eq!(
        breaches(Moment::AfterRestart, &world)[&criterion],
        ["success was answered, and the application does not start any more: \"no <scenarios-1>\""]
    );
    for moment in [Moment::AtRest, Moment::AfterRecovery, Moment::AfterRetry] {
        assert_eq!(breaches(moment, &world).get(&criterion), None, "the retry is refused, and nothing was promised");
    }
}

fn answer(world: &mut Observation) -> &mut serde_json::Value {
    match world.answer.as_mut() {
        Some(Answer::Success(answer)) => answer,
        _ => panic!("the result is acknowledged"),
    }
}

#[test]
fn a_success_answer_carries_what_it_promises() {
    let criterion = Criterion::ResponseComplete;
    check(criterion, |world| world.answer = Some(Answer::Failure("no".into())), &[]);
    check(criterion, |world| answer(world)["path"] = json!(null), &["the answer lacks path"]);
    check(criterion, |world| answer(world)["path"] = json!(""), &["path of the answer is empty"]);
    check(criterion, |world| answer(world)["path"] = json!(7), &["path of the answer is no text"]);
    check(
        criterion,
        |world| answer(world)["path"] = json!("elsewhere"),
        &["path of the answer leads to a file that is not there"],
    );
    check(criterion, |world| put(world, PATH, "be"), &["path of the answer leads to only 2 of 9 bytes"]);
    check(criterion, |world| put(world, PATH, "be polity"), &["path of the answer leads to 9 bytes, but other ones"]);
    check(
        criterion,
        |world| answer(world)["id"] = json!(OTHER),
        &["id of the answer leads to a row of scenarios that is not there"],
    );
    check(
        criterion,
        |world| answer(world)["created"] = json!([{"title": "Early"}]),
        &["the answer lacks the element of /created with title \"Late\""],
    );
    let element = "address of the element of /created with title \"Late\"";
    check(
        criterion,
        |world| answer(world)["created"][0]["address"] = json!("/else/where"),
        &[&format!("{element} is no address like /scenarios/{{id}}/context")],
    );
    check(
        criterion,
        |world| answer(world)["created"][0]["address"] = json!("/scenarios/1/context"),
        &[&format!("{element} leads to a row of scenarios that is not there")],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = Value::Null,
        &[&format!("{element} leads to scenarios-1 without context")],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = "be".into(),
        &[&format!("{element} leads to only 2 of 9 bytes")],
    );
}

#[test]
fn an_id_in_an_answer_may_be_a_number_or_stand_for_bytes() {
    let uuid = Value::Blob((0..16).collect::<Vec<u8>>().into());
    for (id, written, is_found) in [
        (5.into(), json!(5), true),
        (5.into(), json!("5"), true),
        (5.into(), json!(6), false),
        (uuid.clone(), json!("00010203-0405-0607-0809-0a0b0c0d0e0f"), true),
        (uuid, json!("00010203-0405-0607-0809-0a0b0c0d0e00"), false),
    ] {
        let rules = Rules::new().answer_carries(Object::Answer, "id", Target::Row(Column::new("rows", "id")));
        let tables: BTreeMap<_, _> = [("rows".to_owned(), table(&["id"], &[&[id]]))].into();
        let answer = Some(Answer::Success(json!({"id": written})));
        let world = Observation { tables, answer, ..Observation::default() };
        let reference = Reference::new(&rules, world.clone(), [world.clone(), world.clone()]);
        let breaches = judge(&reference, Moment::AtRest, &world, Words::Told).breaches;
        assert_eq!(breaches.is_empty(), is_found, "{written}");
    }
}

#[test]
fn the_retry_succeeds() {
    let criterion = Criterion::RetrySucceeds;
    check(
        criterion,
        |world| world.answer = Some(Answer::Failure(format!("scenario {ID} exists\nasked by {OTHER}"))),
        &["the retry was refused: \"scenario <scenarios-1> exists\\nasked by <id>\""],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::Panicked { message: "oh".into(), injected: false }),
        &["the retry panicked: \"oh\""],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::Hung { deadline_ms: 1_500 }),
        &["the retry hangs: no answer within 1500 ms"],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::NotBooted("no such table".into())),
        &["the application does not start: \"no such table\""],
    );
    check(criterion, |world| world.answer = None, &["the retry got no answer"]);
}

#[test]
fn of_each_promise_it_is_told_that_it_is_broken_and_of_several_in_one_sentence_where_that_says_it_all() {
    let element = || Object::Element { array: "/created".into(), key: "title".into(), value: "Late".into() };
    let rules = rules().answer_carries(element(), "id", Target::Row(Column::new("scenarios", "id")));
    let mut sound = [result(), again()];
    for (world, id) in sound.iter_mut().zip([ID, AGAIN]) {
        answer(world)["created"][0]["id"] = json!(id);
    }
    let reference = Reference::new(&rules, before(), sound.clone());
    let told = |answer| {
        let world = Observation { answer: Some(Answer::Success(answer)), ..result() };
        let judged = judge(&reference, Moment::AtRest, &world, Words::Told);
        let criterion = Criterion::ResponseComplete;
        (judged.breaches[&criterion].clone(), judged.broken[&criterion].rules.len())
    };
    let lacking = |what: &str| format!("the answer lacks {what}");
    let nothing = vec![lacking("id"), lacking("path"), lacking("the element of /created with title \"Late\"")];
    assert_eq!(told(json!({"created": []})), (nothing, 4), "both promises of the element are broken");
    let (sentences, rules) = told(json!({"created": [{"title": "Late", "address": "/else/where"}]}));
    assert_eq!((sentences.len(), rules), (4, 4), "{sentences:?}");
}

#[test]
fn an_element_may_be_meant_by_a_number() {
    let element = Object::Element { array: "/rows".into(), key: "nr".into(), value: "7".into() };
    let rules = Rules::new().answer_carries(element, "path", Target::File(b"x".as_slice().into()));
    let told = |answer: serde_json::Value| {
        let files = [("x".to_owned(), Entry::File(b"x".as_slice().into()))].into();
        let world = Observation { files, answer: Some(Answer::Success(answer)), ..Observation::default() };
        let sound = Observation { answer: None, ..world.clone() };
        let reference = Reference::new(&rules, sound.clone(), [sound.clone(), sound]);
        let mut judged = judge(&reference, Moment::AtRest, &world, Words::Told);
        judged.breaches.remove(&Criterion::ResponseComplete).unwrap_or_default()
    };
    assert_eq!(told(json!({"rows": [{"nr": 6}, {"nr": 7, "path": "x"}]})), [""; 0]);
    assert_eq!(
        told(json!({"rows": [{"nr": 6, "path": "x"}]})),
        ["the answer lacks the element of /rows with nr \"7\""]
    );
    assert_eq!(told(json!({"rows": [{"nr": 6, "path": "x"}, {"nr": 7}]})).len(), 1);
}
