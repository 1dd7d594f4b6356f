//! Which rule a breach breaks, where, and how a world is shown.

use super::*;

fn judged(moment: Moment, world: &Observation) -> Judgement {
    judge(&reference(), moment, world, Words::Told)
}

/// The rules behind a breach, after a change to the result.
#[track_caller]
fn check_rules(criterion: Criterion, change: Change, expected: &[&str]) {
    let mut world = result();
    change(&mut world);
    let broken = judged(Moment::AfterRetry, &world).broken.remove(&criterion).unwrap_or_default();
    assert_eq!(broken.rules, expected);
}

#[test]
fn a_breach_names_the_rule_that_it_breaks() {
    use Criterion::{AllOrNothing, NoOrphanFiles, NoOrphanRows, NoStuckJob, ResponseComplete};
    check_rules(
        NoOrphanRows,
        |world| rows(world, "segments").iter_mut().for_each(|row| row[2] = Value::Null),
        &[
            "each row of chapters needs a row of segments that names it in chapter_id",
            "each row of segments names in chapter_id the row of chapters in whose span (from up to to) its start lies",
        ],
    );
    check_rules(
        NoOrphanRows,
        |world| drop(world.files.remove(PATH)),
        &[
            "a row of scenarios that holds a path in path needs a file there",
            "a row of scenarios has the content that was sent in the file that path names",
        ],
    );
    check_rules(
        NoOrphanFiles,
        |world| put(world, "context/left.tmp", "x"),
        &["each file below context is at a path that a row of scenarios holds in path"],
    );
    check_rules(
        NoOrphanFiles,
        |world| put(world, "elsewhere", "x"),
        &["a file below no declared folder belongs to no row"],
    );
    check_rules(
        NoStuckJob,
        |world| rows(world, "jobs")[0][1] = "pending".into(),
        &["state of jobs comes to rest as completed or failed, unless the job is running"],
    );
    check_rules(
        ResponseComplete,
        |world| world.answer = Some(Answer::Success(json!({"path": PATH, "created": [{"title": "Late"}]}))),
        &[
            "a success answer carries id, and it names a row of scenarios",
            "a success answer carries address in each element of /created, and it leads to the content that was sent",
        ],
    );
    // No declared rule is more exact than the promise itself.
    check_rules(AllOrNothing, |world| rows(world, "scenarios").clear(), &[AllOrNothing.claim()]);
}

#[test]
fn many_breaches_of_many_rules_keep_their_rules_and_places() {
    let mut world = result();
    for file in ["a", "b", "c", "d", "e", "context/f", "g", "h"] {
        put(&mut world, file, "x");
    }
    let judgement = judged(Moment::AtRest, &world);
    assert_eq!(judgement.breaches[&Criterion::NoOrphanFiles].len(), 6, "sentences are cut");
    let broken = &judgement.broken[&Criterion::NoOrphanFiles];
    assert_eq!((broken.rules.len(), broken.places.len()), (2, 8), "{broken:?}");
}

/// What is shown of a world: tables with the state of each row and what it breaks, then files.
fn shown(moment: Moment, world: &Observation) -> Vec<String> {
    let reference = reference();
    let judgement = judge(&reference, moment, world, Words::Told);
    lines(&view(&reference, world, &judgement))
}

fn lines(view: &WorldView) -> Vec<String> {
    let breaks = |breaks: &BTreeSet<Criterion>| {
        let names: Vec<String> = breaks.iter().map(|broken| format!(" !{broken}")).collect();
        names.concat()
    };
    let mut lines = Vec::new();
    for table in &view.tables {
        lines.push(format!("{} {} {:?}", table.table, table.count, table.not_shown));
        for row in &table.rows {
            let was: Vec<String> = row.was.iter().map(|(column, was)| format!(" {column} was {was}")).collect();
            let (values, was, breaks) = (row.values.join(" "), was.concat(), breaks(&row.breaks));
            lines.push(format!("  {} {:?} {values}{was}{breaks}", row.row, row.state));
        }
    }
    for file in &view.files {
        let was = file.was.as_ref().map(|was| format!(" was {was}")).unwrap_or_default();
        lines.push(format!("{} {:?} {}{was}{}", file.path, file.state, file.holds, breaks(&file.breaks)));
    }
    lines
}

#[test]
fn a_world_is_shown_with_what_changed_and_what_is_wrong() {
    let mut world = result();
    rows(&mut world, "segments")[0][2] = Value::Null;
    rows(&mut world, "jobs")[0][1] = "pending".into();
    put(&mut world, "context/left.tmp", "xyz");
    world.answer = None;
    assert_eq!(
        shown(Moment::AtRest, &world),
        [
            "chapters 2 {}",
            "  chapters-1 New 1 0 10 !no-orphan-rows !all-or-nothing",
            "  chapters-2 New 1 10 null !all-or-nothing",
            "jobs 1 {}",
            "  jobs-1 New \"pending\" !no-stuck-job !all-or-nothing",
            "scenarios 1 {}",
            "  scenarios-1 New \"Late\" \"context/<scenarios-1>/context.txt\" \"be polite\" !all-or-nothing",
            "segments 3 {}",
            "  segments-1 AsBefore 1 0 null !no-orphan-rows",
            "  segments-2 Changed 1 5 chapters-1 chapter_id was null !all-or-nothing",
            "  segments-3 Changed 1 10 chapters-2 chapter_id was null !all-or-nothing",
            "context/<scenarios-1>/context.txt New 9 bytes !all-or-nothing",
            "context/left.tmp New 3 bytes !no-orphan-files !all-or-nothing",
        ]
    );
}

#[test]
fn what_a_retry_should_have_made_is_shown_as_missing() {
    let mut world = before();
    world.answer = Some(success());
    let shown = shown(Moment::AfterRetry, &world);
    for missing in [
        "  chapters-1 Missing 1 0 10 !failure-surfaced !all-or-nothing !retry-converges",
        "context/<scenarios-1>/context.txt Missing 9 bytes !failure-surfaced !all-or-nothing !retry-converges",
    ] {
        assert!(shown.iter().any(|line| line == missing), "{missing}: {shown:#?}");
    }
    // Who was told that it failed owes nothing before the retry.
    world.answer = Some(Answer::Failure("no".into()));
    let owed = self::shown(Moment::AtRest, &world);
    assert_eq!(owed, ["chapters 0 {}", "jobs 0 {}", "scenarios 0 {}", "segments 3 {AsBefore: 3}"]);
}

#[test]
fn of_many_rows_the_wrong_ones_are_shown_and_the_others_counted() {
    let mut world = result();
    for job in 0..20 {
        let state = if job == 17 { "pending" } else { "completed" };
        rows(&mut world, "jobs").push(vec![(40 + job).into(), state.into()]);
    }
    let reference = reference();
    let judgement = judge(&reference, Moment::AtRest, &world, Words::Told);
    let view = view(&reference, &world, &judgement);
    let jobs = view.tables.iter().find(|table| table.table == "jobs").expect("a table");
    assert_eq!((jobs.rows.len(), jobs.count), (5, 21));
    assert_eq!(jobs.not_shown, BTreeMap::from([(State::New, 16)]));
    assert!(jobs.rows.iter().any(|row| row.breaks.contains(&Criterion::NoStuckJob)), "{jobs:?}");
}

#[test]
fn the_world_before_is_shown_as_it_is() {
    let reference = reference();
    let view = view_before(&reference);
    assert_eq!(
        lines(&view),
        [
            "chapters 0 {}",
            "jobs 0 {}",
            "scenarios 0 {}",
            "segments 3 {}",
            "  segments-1 AsBefore 1 0 null",
            "  segments-2 AsBefore 1 5 null",
            "  segments-3 AsBefore 1 10 null",
            "context AsBefore an empty directory",
        ]
    );
}

#[test]
fn a_table_is_shown_by_its_columns_that_compare_and_in_the_order_of_names() {
    let mut world = result();
    rows(&mut world, "segments").reverse();
    let reference = reference();
    let shown = view(&reference, &world, &judge(&reference, Moment::AtRest, &world, Words::Told));
    let table = |name: &str| shown.tables.iter().find(|table| table.table == name).expect("a table");
    assert_eq!(table("scenarios").columns, ["title", "path", "context"]);
    assert_eq!(table("segments").columns, ["episode", "start", "chapter_id"]);
    let names: Vec<&String> = table("segments").rows.iter().map(|row| &row.row).collect();
    assert_eq!(names, ["segments-1", "segments-2", "segments-3"]);
}

#[test]
fn worlds_that_look_the_same_have_the_same_short_name_and_others_another() {
    let reference = reference();
    let named = |world: &Observation| {
        let judgement = judge(&reference, Moment::AtRest, world, Words::Told);
        view(&reference, world, &judgement).name()
    };
    assert_eq!(named(&result()), named(&again()), "ids and times do not count");
    assert_ne!(named(&result()), named(&before()));
    assert!(named(&result()).len() == 12 && named(&result()).chars().all(|letter| letter.is_ascii_hexdigit()));
}

#[test]
fn a_file_that_is_as_before_is_counted_beside_a_new_one() {
    let mut old = before();
    put(&mut old, "old.txt", "as it was");
    let reference = Reference::new(&rules(), old.clone(), [result(), again()]);
    put(&mut old, "new.txt", "new");
    let shown = view(&reference, &old, &judge(&reference, Moment::AtRest, &old, Words::Told));
    let files: Vec<(&str, State)> = shown.files.iter().map(|file| (file.path.as_str(), file.state)).collect();
    assert_eq!(files, [("new.txt", State::New)]);
    assert_eq!(shown.files_not_shown, BTreeMap::from([(State::AsBefore, 2)]));
}

#[test]
fn rows_that_are_gone_stand_behind_those_that_are_there() {
    let mut world = before();
    rows(&mut world, "segments").drain(..2);
    rows(&mut world, "segments").push(vec![1.into(), 20.into(), Value::Null]);
    let shown = shown(Moment::AtRest, &world);
    let segments: Vec<&String> = shown.iter().filter(|line| line.starts_with("  segments")).collect();
    let gone = "  segments-2 Gone 1 5 null";
    assert_eq!(segments, ["  segments-2 Changed 1 20 null start was 0 !all-or-nothing", gone]);
}

#[test]
fn of_a_file_that_changed_it_is_shown_what_stood_there() {
    let mut old = before();
    put(&mut old, "old.txt", "as it was");
    let reference = Reference::new(&rules(), old.clone(), [result(), again()]);
    put(&mut old, "old.txt", "new");
    let shown = view(&reference, &old, &judge(&reference, Moment::AtRest, &old, Words::Told));
    let file = shown.files.iter().find(|file| file.path == "old.txt").expect("it is shown");
    assert_eq!((file.state, file.holds.as_str(), file.was.as_deref()), (State::Changed, "3 bytes", Some("9 bytes")));
    assert!(file.breaks.contains(&Criterion::NoOrphanFiles), "changed, it belongs to nobody");
}
