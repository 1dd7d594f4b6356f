//! The world as a whole.

use super::*;

#[test]
fn all_or_nothing_allows_no_mixture() {
    let criterion = Criterion::AllOrNothing;
    let mixture = "this is neither what was there before nor the whole result";
    let not_there = "success was answered, and this is not the result";
    check(criterion, |world| world.answer = None, &[]);
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(
        criterion,
        |world| {
            *world = Observation { answer: None, ..before() };
            rows(world, "scenarios").push(vec![ID.into(), "Late".into(), Value::Null, Value::Null, 3.into()]);
        },
        &[mixture, "scenarios: 1 row more: scenarios-1 (title \"Late\")"],
    );
    check(
        criterion,
        |world| {
            world.answer = None;
            rows(world, "jobs").clear();
            rows(world, "chapters").clear();
            rows(world, "scenarios").clear();
            world.files.clear();
        },
        &[
            mixture,
            "empty directory gone: context (it counts as a file does)",
            "segments: 3 rows changed (segments-1, segments-2 and segments-3): chapter_id was null, is a row that is not there",
        ],
    );
    check(
        criterion,
        |world| *world = Observation { answer: Some(success()), ..before() },
        &[
            not_there,
            "jobs: 1 row fewer: jobs-1 (state \"completed\")",
            "scenarios: 1 row fewer: scenarios-1 (title \"Late\", path \"context/<scenarios-1>/context.txt\", context \
             \"be polite\")",
            "file gone: context/<scenarios-1>/context.txt (9 bytes)",
            "chapters: 2 rows fewer: chapters-1 (episode 1, from 0, to 10) and chapters-2 (episode 1, from 10)",
            "segments: 3 rows changed (segments-1, segments-2 and segments-3): chapter_id was chapters-1 and chapters-2, is null",
        ],
    );
}

#[test]
fn a_mixture_that_is_nearly_the_result_is_told_by_what_it_lacks() {
    let nearly = "this is neither what was there before nor the whole result; compared with the whole result:";
    check(
        Criterion::AllOrNothing,
        |world| {
            world.answer = None;
            rows(world, "scenarios")[0][2] = Value::Null;
            rows(world, "chapters")[1][3] = 12.into();
        },
        &[
            nearly,
            "scenarios: scenarios-1 changed: path was \"context/<scenarios-1>/context.txt\", is null",
            "chapters: chapters-2 changed: to was null, is 12",
        ],
    );
}

#[test]
fn a_mixture_in_the_middle_is_told_by_what_it_has() {
    check(
        Criterion::AllOrNothing,
        |world| {
            // Four rows more than before, three links and a file less than in the result.
            world.answer = None;
            for segment in rows(world, "segments").iter_mut() {
                segment[2] = Value::Null;
            }
            world.files = before().files;
        },
        &[
            "this is neither what was there before nor the whole result",
            "jobs: 1 row more: jobs-1 (state \"completed\")",
            "scenarios: 1 row more: scenarios-1 (title \"Late\", path \"context/<scenarios-1>/context.txt\", context \"be polite\")",
            "chapters: 2 rows more: chapters-1 (episode 1, from 0, to 10) and chapters-2 (episode 1, from 10)",
        ],
    );
}

#[test]
fn a_log_never_holds_less() {
    let mut old = before();
    rows(&mut old, "jobs").push(vec![30.into(), "failed".into()]);
    let reference = Reference::new(&rules(), old.clone(), [result(), again()]);
    let broken = |world: &Observation| {
        judge(&reference, Moment::AtRest, world, Words::Told).breaches.contains_key(&Criterion::AllOrNothing)
    };
    assert!(!broken(&old));
    assert!(broken(&before()), "the log has lost what it held before");
}

#[test]
fn the_retry_converges() {
    let criterion = Criterion::RetryConverges;
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(criterion, |world| rows(world, "scenarios")[0][4] = 99.into(), &[]);
    check(
        criterion,
        |world| {
            rows(world, "jobs").push(vec![32.into(), "failed".into()]);
            rows(world, "scenarios").push(vec![OTHER.into(), "Late".into(), Value::Null, Value::Null, 3.into()]);
        },
        &["scenarios: 1 row more: scenarios-1 (title \"Late\")"],
    );
    check(
        criterion,
        |world| put(world, &format!("context/.{OTHER}.tmp"), "12"),
        &["file more: context/.<id>.tmp (2 bytes)"],
    );
}

/// The first start of the application makes a folder: where it did not get so far, nothing is broken yet.
#[test]
fn a_world_on_which_the_application_was_never_started_is_in_order_as_long_as_nobody_asked() {
    let bare = Observation { files: BTreeMap::new(), ..before() };
    let half = Observation { files: result().files, ..before() };
    let judged = |reference: &Reference, world: &Observation| judge(reference, Moment::AtRest, world, Words::Told);
    let breaks = |judged: Judgement| {
        let is_broken = judged.breaches.contains_key(&Criterion::AllOrNothing);
        assert_eq!(judged.broken.contains_key(&Criterion::AllOrNothing), is_broken);
        is_broken
    };
    let knowing = reference().with_bare(&bare);
    assert!(!breaks(judged(&knowing, &bare).of_a_first_start(&knowing)));
    assert!(breaks(judged(&knowing, &bare)), "somebody asked");
    assert!(breaks(judged(&knowing, &half).of_a_first_start(&knowing)), "it is half there");
    assert!(breaks(judged(&reference(), &bare).of_a_first_start(&reference())), "nobody knows that world");
}
