//! Worlds that are equal by role have one fingerprint; every single change makes another one.

mod constants;
mod differences;
mod made_up;
mod nodes;
mod patterns;

use proptest::prelude::*;

use super::*;
use crate::observe::{Entry, Table, Value};
use crate::rules::Rules;

/// Makes the ids and times of one run: no two runs share any.
struct Run(u32);

impl Run {
    fn id(&self, nth: u32) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.0.wrapping_mul(0x9e37_79b9) ^ nth, nth ^ self.0)
    }

    fn row(&self, nth: u32) -> Value {
        text(&self.id(nth))
    }

    fn path(&self, nth: u32) -> String {
        format!("evaluator_context/{}/context.txt", self.id(nth))
    }

    fn scenario(&self, nth: u32, title: &str) -> Vec<Value> {
        vec![self.row(nth), title.into(), text(&self.path(nth)), i64::from(self.0).into()]
    }

    fn segment(&self, start: i64, chapter: u32) -> Vec<Value> {
        vec![start.into(), "as said".into(), self.row(chapter)]
    }
}

fn rules() -> Rules {
    Rules::new()
        .generated_id("scenarios", "id")
        .generated("scenarios", "created_at")
        .generated_id("chapters", "id")
        .generated_id("jobs", "id")
        .log("jobs")
        .reference("segments", "chapter_id", "chapters", "id")
}

/// Nothing is known to be the same in every run.
fn lens() -> Lens {
    Lens::new(&rules())
}

fn text(text: &str) -> Value {
    text.into()
}

fn file(content: &str) -> Entry {
    Entry::File(content.as_bytes().into())
}

fn table(columns: &[&str], rows: Vec<Vec<Value>>) -> Table {
    Table { columns: columns.iter().map(|&column| column.to_owned()).collect(), rows }
}

/// Two scenarios with a file each, two chapters with two segments each, and a job that an event mentions.
fn world(run: &Run) -> Observation {
    let scenarios = vec![run.scenario(1, "Early"), run.scenario(2, "Late")];
    let chapters = vec![vec![run.row(3), "Intro".into()], vec![run.row(4), "Talk".into()]];
    let segments = vec![run.segment(0, 3), run.segment(1, 3), run.segment(2, 4), run.segment(3, 4)];
    let events = vec![vec![text(&format!("{{\"job\":\"{}\"}}", run.id(5)))]];
    let tables = [
        ("scenarios", table(&["id", "title", "path", "created_at"], scenarios)),
        ("chapters", table(&["id", "title"], chapters)),
        ("segments", table(&["start", "body", "chapter_id"], segments)),
        ("jobs", table(&["id", "state"], vec![vec![run.row(5), "completed".into()]])),
        ("events", table(&["payload"], events)),
    ];
    Observation {
        tables: tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        files: [(run.path(1), file("be early")), (run.path(2), file("be late"))].into(),
        ..Observation::default()
    }
}

fn rows<'a>(world: &'a mut Observation, table: &str) -> &'a mut Vec<Vec<Value>> {
    &mut world.tables.get_mut(table).expect("a table of the world").rows
}

fn whole(world: &Observation) -> Fingerprint {
    Canonical::new(&lens(), world).fingerprint()
}

fn without_logs(world: &Observation) -> Fingerprint {
    Canonical::new(&lens(), world).fingerprint_without_logs()
}

/// A name, a change to a world of this run, and how it is told.
type Change = (&'static str, fn(&mut Observation, &Run), &'static [&'static str]);

const CHANGES: &[Change] = &[
    (
        "a value",
        |world, _| rows(world, "scenarios")[0][1] = "Soon".into(),
        &["scenarios: scenarios-2 changed: title was \"Early\", is \"Soon\""],
    ),
    (
        "a long value, far behind",
        |world, _| rows(world, "segments")[0][1] = text(&format!("as said{}\n\u{202e}", ", and said again".repeat(9))),
        &["segments: segments-1 changed: body was \"as said\", is \"as said, and said again, and said again,…\""],
    ),
    (
        "a text that is nothing but an id",
        |world, run| rows(world, "segments")[0][1] = run.row(3),
        &["segments: segments-1 changed: body was \"as said\", is chapters-1"],
    ),
    (
        "a text that begins with an id",
        |world, run| rows(world, "segments")[0][1] = text(&format!("{} said", run.id(3))),
        &["segments: segments-1 changed: body was \"as said\", is \"<chapters-1> said\""],
    ),
    (
        "a missing row",
        |world, _| drop(rows(world, "segments").remove(3)),
        &["segments: 1 row fewer: segments-4 (start 3, body \"as said\")"],
    ),
    (
        "a swapped reference",
        |world, run| rows(world, "segments")[0][2] = run.row(4),
        &["segments: segments-1 changed: chapter_id was chapters-1, is chapters-2"],
    ),
    (
        "references that are gone",
        |world, _| rows(world, "segments").iter_mut().for_each(|row| row[2] = Value::Null),
        &["segments: 4 rows changed (segments-1..4): chapter_id was chapters-1 and chapters-2, is null"],
    ),
    (
        "a reference to a row that is not there",
        |world, run| rows(world, "segments")[0][2] = run.row(77),
        &["segments: segments-1 changed: chapter_id was chapters-1, is a row that is not there"],
    ),
    (
        "a duplicate without children",
        |world, run| rows(world, "chapters").push(vec![run.row(6), "Talk".into()]),
        &["chapters: 1 row more: chapters-2 (title \"Talk\")"],
    ),
    (
        "a duplicate that shares the children",
        |world, run| {
            rows(world, "chapters").push(vec![run.row(6), "Talk".into()]);
            rows(world, "segments")[3][2] = run.row(6);
        },
        &["chapters: 1 row more: chapters-3 (title \"Talk\")"],
    ),
    (
        "a file that moved",
        |world, run| {
            let content = world.files.remove(&run.path(1)).expect("a file of the world");
            world.files.insert(format!("evaluator_context/{}/context.txt", run.id(99)), content);
        },
        &[
            "file more: evaluator_context/<id>/context.txt (8 bytes)",
            "file gone: evaluator_context/<scenarios-1>/context.txt (8 bytes)",
        ],
    ),
    (
        "files that changed places",
        |world, run| {
            world.files.insert(run.path(1), file("be late"));
            world.files.insert(run.path(2), file("be early"));
        },
        &[
            "file changed: evaluator_context/<scenarios-1>/context.txt: was 8 bytes, is 7 bytes",
            "file changed: evaluator_context/<scenarios-2>/context.txt: was 7 bytes, is 8 bytes",
        ],
    ),
    (
        "a torn file",
        |world, run| drop(world.files.insert(run.path(1), file("be"))),
        &["file changed: evaluator_context/<scenarios-1>/context.txt: was 8 bytes, is the first 2 bytes of it"],
    ),
    (
        "an empty directory",
        |world, _| drop(world.files.insert("evaluator_context/x".to_owned(), Entry::EmptyDirectory)),
        &["empty directory more: evaluator_context/x (it counts as a file does)"],
    ),
    (
        "a path that leads to the other row's file",
        |world, run| rows(world, "scenarios")[0][2] = text(&run.path(2)),
        &["scenarios: scenarios-1 changed: path was \"evaluator_context/<scenarios-1>/context.…\", is \
           \"evaluator_context/<scenarios-2>/context.…\""],
    ),
    (
        "a log's row",
        |world, run| rows(world, "jobs").push(vec![run.row(6), "failed".into()]),
        &["jobs: 1 row more: jobs-2 (state \"failed\")"],
    ),
];

#[test]
fn worlds_of_two_runs_are_equal() {
    assert_eq!(whole(&world(&Run(1))), whole(&world(&Run(2))));
    assert_eq!(difference(&lens(), &world(&Run(1)), &world(&Run(2))), Vec::<String>::new());
}

#[test]
fn every_single_change_makes_another_world_and_is_told_alike_in_every_run() {
    let mut fingerprints = vec![whole(&world(&Run(1)))];
    for (name, change, sentences) in CHANGES {
        for run in [Run(1), Run(2)] {
            let mut changed = world(&run);
            change(&mut changed, &run);
            // The world before is of the same run, as in a case, or of another one, as a reference is.
            assert_eq!(difference(&lens(), &world(&Run(1)), &changed), *sentences, "{name}");
            assert_eq!(difference(&lens(), &world(&Run(2)), &changed), *sentences, "{name}");
            fingerprints.push(whole(&changed));
        }
        let [.., first, second] = fingerprints.as_slice() else { panic!("two runs were made") };
        assert_eq!(first, second, "{name}");
        fingerprints.pop();
    }
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), CHANGES.len() + 1, "no two changes make the same world");
}

#[test]
fn what_logs_hold_counts_in_one_fingerprint_and_not_in_the_other() {
    for (name, change, _) in CHANGES {
        let mut changed = world(&Run(1));
        change(&mut changed, &Run(1));
        assert_eq!(without_logs(&changed) == without_logs(&world(&Run(2))), *name == "a log's row", "{name}");
    }
    let mut without_job = world(&Run(1));
    rows(&mut without_job, "jobs").clear();
    assert_eq!(without_logs(&without_job), without_logs(&world(&Run(2))), "an event mentions nobody in particular");
}

#[test]
fn an_extra_child_does_not_make_its_parent_another_row_and_a_lost_parent_does() {
    let forms = |world: &Observation| Canonical::new(&lens(), world);
    let mut more = world(&Run(2));
    rows(&mut more, "segments").push(Run(2).segment(4, 4));
    assert!(forms(&world(&Run(1))).is_contained_in(&forms(&more), Part::Everything));
    assert!(!forms(&more).is_contained_in(&forms(&world(&Run(1))), Part::Everything));
    let mut other = world(&Run(2));
    rows(&mut other, "chapters")[0][1] = "Outro".into();
    assert_eq!(forms(&world(&Run(1))).without_equal_in(&forms(&other), Part::Everything).len(), 3);
    let mut twice = world(&Run(2));
    let copy = rows(&mut twice, "segments")[0].clone();
    rows(&mut twice, "segments").push(copy);
    assert!(!forms(&twice).is_contained_in(&forms(&world(&Run(1))), Part::Everything), "each equal counts once");
}

#[test]
fn an_id_is_followed_whichever_way_it_is_written() {
    let rules = Rules::new().generated_id("a", "id").reference("b", "a_id", "a", "id");
    let world = |id: Value, mention: Value| Observation {
        tables: [
            ("a".to_owned(), table(&["id", "name"], vec![vec![id, "one".into()]])),
            ("b".to_owned(), table(&["a_id", "note"], vec![vec![Value::Null, mention]])),
        ]
        .into(),
        ..Observation::default()
    };
    let print = |id: Value, mention: Value| Canonical::new(&Lens::new(&rules), &world(id, mention)).fingerprint();
    let (one, two) = ("6f9619ff-8b86-4011-b42d-00c04fc964ff", "c0ffee00-1234-4abc-8def-0123456789ab");
    let bytes = |first: u8| Value::Blob(vec![first; 16].into());
    for (case, (a, b), is_equal) in [
        ("a text", ((text(one), text(one)), (text(two), text(two))), true),
        ("inside", ((text(one), text(&format!("x-{one}.tmp"))), (text(two), text(&format!("x-{two}.tmp")))), true),
        ("without hyphens", ((text(one), text(&one.replace('-', ""))), (text(two), text(&two.replace('-', "")))), true),
        ("in capitals", ((text(one), text(&one.to_uppercase())), (text(two), text(two))), true),
        ("as bytes", ((bytes(17), text(&"11".repeat(16))), (bytes(34), text(&"22".repeat(16)))), true),
        (
            "not a UUID",
            ((text("job_AbCdEf"), text("see job_AbCdEf!")), (text("job_123456"), text("see job_123456!"))),
            true,
        ),
        (
            "part of a word",
            ((text("job_AbCdEf"), text("job_AbCdEfG")), (text("job_123456"), text("job_123456G"))),
            false,
        ),
        (
            "behind a part of a word",
            ((text("job_AbCdEf"), text("ajob_AbCdEf")), (text("job_123456"), text("ajob_123456"))),
            false,
        ),
        (
            "as long as a UUID",
            (
                (text(&"one_rose".repeat(4)), text(&format!("see {}", "one_rose".repeat(4)))),
                (text(&"two_rose".repeat(4)), text(&format!("see {}", "two_rose".repeat(4)))),
            ),
            true,
        ),
        (
            "as short as one that is looked for",
            ((text("job_1234"), text("job_1234!")), (text("job_abcd"), text("job_abcd!"))),
            true,
        ),
        ("nothing", ((text(""), text("7")), (text(""), text("7"))), true),
        ("of another row", ((text(one), text(one)), (text(two), text(one))), false),
        ("a number elsewhere", ((7.into(), 7.into()), (8.into(), 8.into())), false),
        ("a short text elsewhere", ((text("7"), text("7")), (text("8"), text("8"))), false),
        ("a number nowhere else", ((7.into(), 1.into()), (8.into(), 1.into())), true),
    ] {
        assert_eq!(print(a.0, a.1) == print(b.0, b.1), is_equal, "{case}");
    }
}

#[test]
fn rows_that_are_connected_otherwise_are_named() {
    let rules = Rules::new().generated_id("a", "id").reference("b", "a_id", "a", "id");
    let world = |mentions: [i64; 4]| Observation {
        tables: [
            ("a".to_owned(), table(&["id", "name"], vec![vec![1.into(), "x".into()], vec![2.into(), "x".into()]])),
            ("b".to_owned(), table(&["a_id"], mentions.map(|id| vec![id.into()]).into())),
        ]
        .into(),
        ..Observation::default()
    };
    let lens = Lens::new(&rules);
    assert_eq!(difference(&lens, &world([1, 1, 2, 2]), &world([2, 2, 1, 1])), [""; 0]);
    assert_eq!(
        difference(&lens, &world([1, 1, 2, 2]), &world([1, 2, 2, 2])),
        ["the same rows and files are connected with one another in another way: see who refers to a-1 and a-2"]
    );
}

#[test]
fn a_number_is_followed_along_a_reference() {
    let rules = Rules::new().generated_id("a", "id").reference("b", "a_id", "a", "id");
    let world = |ids: [i64; 2], mention: i64| Observation {
        tables: [
            (
                "a".to_owned(),
                table(&["id", "name"], vec![vec![ids[0].into(), "one".into()], vec![ids[1].into(), "two".into()]]),
            ),
            ("b".to_owned(), table(&["a_id"], vec![vec![mention.into()]])),
        ]
        .into(),
        ..Observation::default()
    };
    let print = |ids, mention| Canonical::new(&Lens::new(&rules), &world(ids, mention)).fingerprint();
    assert_eq!(print([1, 2], 2), print([8, 5], 5));
    assert_ne!(print([1, 2], 2), print([8, 5], 8));
    assert_ne!(print([1, 2], 2), print([1, 2], 3));
    assert_eq!(print([1, 2], 3), print([1, 2], 4), "rows that are not there are alike");
}

#[test]
fn a_short_id_is_one_in_its_column_only() {
    let rules = Rules::new().generated_id("a", "id").generated_id("b", "id").reference("c", "a_id", "a", "id");
    let print = |[a, b]: [Value; 2]| {
        let one = |column: &str, value: Value| table(&[column], vec![vec![value]]);
        let tables = [("a", one("id", a.clone())), ("b", one("id", b)), ("c", one("a_id", a))];
        let tables = tables.map(|(name, table)| (name.to_owned(), table)).into();
        Canonical::new(&Lens::new(&rules), &Observation { tables, ..Observation::default() }).fingerprint()
    };
    assert_eq!(print([1.into(), 1.into()]), print([1.into(), 2.into()]));
    assert_eq!(print(["x".into(), "x".into()]), print(["x".into(), "y".into()]));
}

proptest! {
    #[test]
    fn neither_the_order_of_rows_nor_their_ids_count(run in 3_u32.., keys in prop::collection::vec(any::<u64>(), 16)) {
        let mut shuffled = world(&Run(run));
        let mut keys = keys.into_iter().cycle();
        for table in shuffled.tables.values_mut() {
            table.rows.sort_by_cached_key(|_| keys.next());
        }
        prop_assert_eq!(whole(&shuffled), whole(&world(&Run(1))));
        prop_assert_eq!(without_logs(&shuffled), without_logs(&world(&Run(1))));
        prop_assert_eq!(difference(&lens(), &world(&Run(1)), &shuffled), Vec::<String>::new());
        for (_, change, sentences) in CHANGES {
            let mut changed = world(&Run(run));
            change(&mut changed, &Run(run));
            for table in changed.tables.values_mut() {
                table.rows.sort_by_cached_key(|_| keys.next());
            }
            prop_assert_eq!(difference(&lens(), &world(&Run(1)), &changed), *sentences);
        }
    }
}

#[test]
fn a_fingerprint_is_written_in_32_digits_and_others_otherwise() {
    let written = |world: &Observation| Canonical::new(&lens(), world).fingerprint().to_string();
    let (here, elsewhere) = (written(&world(&Run(1))), written(&Observation::default()));
    assert_eq!(here, written(&world(&Run(2))));
    assert_ne!(here, elsewhere);
    assert!([here, elsewhere].iter().all(|written| u128::from_str_radix(written, 16).is_ok() && written.len() == 32));
}

#[test]
fn the_ids_in_a_text_are_told_by_role() {
    let run = Run(1);
    let text = format!("{} is at {}", run.id(2), run.path(1));
    let by_role = by_role(&lens(), &world(&run), &text);
    assert_eq!(by_role, "<scenarios-2> is at evaluator_context/<scenarios-1>/context.txt");
}
