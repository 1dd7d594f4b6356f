//! Worlds that are equal by role have one fingerprint; every single change makes another one.

use super::*;
use crate::observe::{Entry, Table, Value};

/// Makes ids and times of one run: no two runs share any.
struct Run(u32);

impl Run {
    fn id(&self, nth: u32) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", self.0.wrapping_mul(0x9e37_79b9) ^ nth, nth ^ self.0)
    }

    fn time(&self) -> Value {
        i64::from(self.0).into()
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

fn table(columns: &[&str], rows: Vec<Vec<Value>>) -> Table {
    Table { columns: columns.iter().map(|&column| column.to_owned()).collect(), rows }
}

fn text(text: String) -> Value {
    Value::Text(text.into())
}

/// Two scenarios with a file each, two chapters with two segments each, and a job that an event mentions.
fn world(run: &Run) -> Observation {
    let path = |nth| format!("evaluator_context/{}/context.txt", run.id(nth));
    let scenario = |nth, title: &str| vec![text(run.id(nth)), title.into(), text(path(nth)), run.time()];
    let segment = |start: i64, chapter| vec![start.into(), text(format!("body {start}")), text(run.id(chapter))];
    let tables = [
        ("scenarios", table(&["id", "title", "path", "created_at"], vec![scenario(1, "Early"), scenario(2, "Late")])),
        (
            "chapters",
            table(&["id", "title"], vec![vec![text(run.id(3)), "Intro".into()], vec![text(run.id(4)), "End".into()]]),
        ),
        (
            "segments",
            table(&["start", "body", "chapter_id"], vec![segment(0, 3), segment(1, 3), segment(2, 4), segment(3, 4)]),
        ),
        ("jobs", table(&["id", "state"], vec![vec![text(run.id(5)), "completed".into()]])),
        ("events", table(&["payload"], vec![vec![text(format!("{{\"job\":\"{}\"}}", run.id(5)))]])),
    ];
    let file = |content: &str| Entry::File(content.as_bytes().into());
    Observation {
        tables: tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        files: [(path(1), file("be early")), (path(2), file("be late"))].into(),
        answer: None,
    }
}

fn rows<'a>(world: &'a mut Observation, table: &str) -> &'a mut Vec<Vec<Value>> {
    &mut world.tables.get_mut(table).expect("a table of the world").rows
}

fn print(world: &Observation) -> Fingerprint {
    Canonical::new(&rules(), world).fingerprint()
}

#[test]
fn worlds_of_two_runs_are_equal() {
    assert_eq!(print(&world(&Run(1))), print(&world(&Run(2))));
    assert_eq!(difference(&rules(), &world(&Run(1)), &world(&Run(2))), Vec::<String>::new());
}

/// A change to a world of this run.
type Change = fn(&mut Observation, &Run);

const CHANGES: &[(&str, Change, &[&str])] = &[(
    "a value",
    |world, _| rows(world, "scenarios")[0][1] = "Soon".into(),
    &["scenarios: 1 row more: scenarios-2 (title \"Soon\", path \"evaluator_context/<scenarios-2>/context.t…\")"],
)];

#[test]
fn every_single_change_makes_another_world() {
    for (name, change, _) in CHANGES {
        let mut changed = world(&Run(1));
        change(&mut changed, &Run(1));
        println!("{name}: {:#?}", difference(&rules(), &world(&Run(2)), &changed));
    }
}
