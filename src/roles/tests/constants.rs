//! An id is what differs from run to run; what is the same in each compares as it is.

use super::*;
use crate::observe::Answer;

const NIL: &str = "00000000-0000-0000-0000-000000000000";
const TENANTS: [&str; 2] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const DIGEST: &str = "9e107d9d372bb6826bd81d3542a419d6";

fn one_table(name: &str, columns: &[&str], rows: &[&[Value]]) -> (String, Table) {
    (name.to_owned(), table(columns, rows.iter().map(|row| row.to_vec()).collect()))
}

fn world(tables: impl IntoIterator<Item = (String, Table)>) -> Observation {
    Observation { tables: tables.into_iter().collect(), ..Observation::default() }
}

/// Two tenants that were there before, and documents of theirs with ids of their own.
fn tenants(tenant_ids: [&str; 2], documents: &[(&str, &str, &str)]) -> Observation {
    let tenants: Vec<Vec<Value>> =
        tenant_ids.iter().zip(["a", "b"]).map(|(id, name)| vec![text(id), text(name)]).collect();
    let rows = documents.iter().map(|(id, tenant, status)| vec![text(id), text(tenant), text(status)]);
    let tables = [
        ("tenants".to_owned(), table(&["id", "name"], tenants)),
        ("documents".to_owned(), table(&["id", "tenant", "status"], rows.collect())),
    ];
    world(tables)
}

fn with_ids() -> Rules {
    Rules::new().generated_id("tenants", "id").generated_id("documents", "id").reference(
        "documents",
        "tenant",
        "tenants",
        "id",
    )
}

fn print(lens: &Lens, world: &Observation) -> Fingerprint {
    Canonical::new(lens, world).fingerprint()
}

#[test]
fn rows_that_swapped_the_ids_that_they_had_before_are_not_equal() {
    let before = tenants(TENANTS, &[]);
    let run = |run: Run| tenants(TENANTS, &[(&run.id(1), TENANTS[0], "new")]);
    let lens = Lens::of_runs(&with_ids(), &before, [&run(Run(1)), &run(Run(2))]);
    let swapped = tenants([TENANTS[1], TENANTS[0]], &[]);
    assert_ne!(print(&lens, &swapped), print(&lens, &before));
    assert_eq!(print(&Lens::new(&with_ids()), &swapped), print(&Lens::new(&with_ids()), &before), "nothing is known");
    assert_eq!(
        difference(&lens, &before, &swapped),
        ["tenants: 2 rows changed (tenants-1 and tenants-2): id was an id that was there before, is another one"]
    );
    // What is new compares by role, and names the old one all the same.
    assert_eq!(print(&lens, &run(Run(3))), print(&lens, &run(Run(1))));
    let other = tenants(TENANTS, &[(&Run(3).id(1), TENANTS[1], "new")]);
    assert_eq!(
        difference(&lens, &run(Run(1)), &other),
        ["documents: documents-1 changed: tenant was tenants-1, is tenants-2"]
    );
}

#[test]
fn who_prepares_a_world_may_draw_ids_at_random_and_rows_are_called_the_same() {
    let told = |run: Run| {
        let ids = [run.id(8), run.id(9)];
        let ids = [ids[0].as_str(), ids[1].as_str()];
        let before = tenants(ids, &[]);
        let result = |nth| tenants(ids, &[(&run.id(nth), ids[0], "new")]);
        let lens = Lens::of_runs(&with_ids(), &before, [&result(1), &result(2)]);
        let other = tenants(ids, &[(&run.id(3), ids[1], "new")]);
        (print(&lens, &result(1)), difference(&lens, &result(1), &other))
    };
    assert_eq!(told(Run(1)), told(Run(2)));
    assert_eq!(told(Run(1)).1, ["documents: documents-1 changed: tenant was tenants-1, is tenants-2"]);
}

#[test]
fn what_looks_like_an_id_and_is_the_same_in_every_run_compares_as_it_is_spelled() {
    let rules = Rules::new();
    let of = |status: &str, trace: &str| world([one_table("a", &["status", "trace"], &[&[text(status), text(trace)]])]);
    let before = of(NIL, NIL);
    let result = |run: Run| of(DIGEST, &run.id(1));
    let lens = Lens::of_runs(&rules, &before, [&result(Run(1)), &result(Run(2))]);
    assert_eq!(print(&lens, &result(Run(1))), print(&lens, &result(Run(3))), "what differs is an id");
    for other in [NIL, "9e107d9d372bb6826bd81d3542a419d7", TENANTS[0]] {
        assert_ne!(print(&lens, &of(other, &Run(1).id(1))), print(&lens, &result(Run(1))), "{other}");
    }
    let told = difference(&lens, &result(Run(1)), &of(NIL, &Run(1).id(1)));
    assert_eq!(told, [format!("a: a-1 changed: status was {DIGEST:?}, is {NIL:?}")]);
    // In paths, and in what files hold.
    let filed = |digest: &str, inside: &str| Observation {
        files: [(format!("blobs/{digest}.bin"), file(inside))].into(),
        ..Observation::default()
    };
    let lens = Lens::of_runs(&rules, &Observation::default(), [&filed(DIGEST, DIGEST), &filed(DIGEST, DIGEST)]);
    assert_ne!(print(&lens, &filed(NIL, DIGEST)), print(&lens, &filed(DIGEST, DIGEST)));
    assert_ne!(print(&lens, &filed(DIGEST, NIL)), print(&lens, &filed(DIGEST, DIGEST)));
    assert_eq!(
        difference(&lens, &filed(DIGEST, DIGEST), &filed(NIL, DIGEST)),
        ["file more: blobs/<id>.bin (32 bytes)".to_owned(), format!("file gone: blobs/{DIGEST}.bin (32 bytes)")]
    );
    // What both answers say is the same in every run, too.
    let answered =
        Observation { answer: Some(Answer::Success(serde_json::json!([TENANTS[0]]))), ..Observation::default() };
    let lens = Lens::of_runs(&rules, &Observation::default(), [&answered, &answered]);
    assert_ne!(print(&lens, &of(TENANTS[0], "")), print(&lens, &of(TENANTS[1], "")));
}

#[test]
fn a_declared_id_is_a_constant_unless_it_may_have_been_counted() {
    let rules = Rules::new().generated_id("a", "id").reference("b", "a_id", "a", "id");
    let of = |id: &Value, mention: &Value| {
        let tables = [
            one_table("a", &["id"], &[std::slice::from_ref(id)]),
            one_table("b", &["a_id"], &[std::slice::from_ref(mention)]),
        ];
        world(tables)
    };
    let empty = world([one_table("a", &["id"], &[]), one_table("b", &["a_id"], &[])]);
    for (same, other, is_equal) in [
        (text(DIGEST), text("9e107d9d372bb6826bd81d3542a419d7"), false),
        (text(TENANTS[0]), text(TENANTS[1]), false),
        // A digest that is as long as no UUID; the shortest; one with hyphens.
        (text("da39a3ee5e6b4b0d3255bfef95601890afd80709"), text("da39a3ee5e6b4b0d3255bfef95601890afd80708"), false),
        (text("9e107d9d372bb682"), text("9e107d9d372bb681"), false),
        (text("9e107d9d-372bb6826bd81d35"), text("9e107d9d-372bb6826bd81d34"), false),
        (text("upload-of-ada"), text("upload-of-bob"), false),
        (Value::Blob([1; 16].as_slice().into()), Value::Blob([2; 16].as_slice().into()), false),
        // A failed attempt takes a number, and the retry counts on.
        (1.into(), 2.into(), true),
        (text("1"), text("2"), true),
        (text("job-0001"), text("job-0002"), true),
        (text("feed7"), text("feed8"), true),
        (text("ordernumber000007"), text("ordernumber000008"), true),
        (text("00000000000000000001"), text("00000000000000000002"), true),
    ] {
        let result = of(&same, &same);
        let lens = Lens::of_runs(&rules, &empty, [&result, &result]);
        assert_eq!(print(&lens, &of(&other, &other)) == print(&lens, &result), is_equal, "{same} {other}");
        // What differs is no constant, whatever it is.
        let lens = Lens::of_runs(&rules, &empty, [&result, &of(&other, &other)]);
        assert_eq!(print(&lens, &of(&other, &other)), print(&lens, &result), "{same} {other}");
    }
}

#[test]
fn a_number_belongs_to_the_row_that_had_it_before_as_long_as_that_is_there() {
    let rules = Rules::new().generated_id("a", "id");
    let of = |rows: &[(i64, &str)]| {
        let rows: Vec<[Value; 2]> = rows.iter().map(|&(id, name)| [id.into(), name.into()]).collect();
        world([one_table("a", &["id", "name"], &rows.iter().map(<[Value; 2]>::as_slice).collect::<Vec<_>>())])
    };
    let before = of(&[(1, "x"), (2, "y"), (3, "z")]);
    let result = of(&[(1, "x"), (2, "y"), (4, "new")]);
    let lens = Lens::of_runs(&rules, &before, [&result, &result]);
    assert_ne!(print(&lens, &of(&[(2, "x"), (1, "y"), (4, "new")])), print(&lens, &result), "two have swapped theirs");
    assert_eq!(
        difference(&lens, &result, &of(&[(2, "x"), (1, "y"), (4, "new")])),
        ["a: 2 rows changed (a-2 and a-3): id was 1 and 2, is 1 and 2"]
    );
    assert_eq!(print(&lens, &of(&[(1, "x"), (2, "y"), (5, "new")])), print(&lens, &result), "a retry counts on");
    assert_eq!(
        print(&lens, &of(&[(1, "x"), (2, "y"), (3, "new")])),
        print(&lens, &result),
        "the number was free again"
    );
}

/// Bytes that are an id of a row mean that row, wherever they stand, unless they are the same in every run.
#[test]
fn bytes_that_are_the_id_of_a_row_are_followed_unless_they_are_the_same_in_every_run() {
    let rules = Rules::new().generated_id("a", "id");
    let id = |byte: u8| Value::Blob([byte; 16].as_slice().into());
    let of = |ids: [u8; 2], mention: u8| {
        let rows = ids.map(|byte| vec![id(byte), i64::from(byte == ids[0]).into()]);
        let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
        world([one_table("a", &["id", "first"], &rows), one_table("b", &["payload"], &[&[id(mention)]])])
    };
    let empty = Observation::default();
    let lens = Lens::of_runs(&rules, &empty, [&of([1, 2], 1), &of([3, 4], 3)]);
    assert_eq!(print(&lens, &of([5, 6], 5)), print(&lens, &of([1, 2], 1)));
    assert_ne!(print(&lens, &of([5, 6], 6)), print(&lens, &of([1, 2], 1)));
    let lens = Lens::of_runs(&rules, &empty, [&of([1, 2], 1), &of([1, 2], 1)]);
    assert_ne!(print(&lens, &of([5, 6], 5)), print(&lens, &of([1, 2], 1)));
    assert_ne!(print(&lens, &of([1, 2], 2)), print(&lens, &of([1, 2], 1)));
}

#[test]
fn of_a_generated_value_it_counts_whether_there_is_one() {
    let rules = Rules::new().generated("a", "finished_at").generated_id("a", "id");
    let of = |id: Value, at: Value| world([one_table("a", &["id", "name", "finished_at"], &[&[id, "x".into(), at]])]);
    let lens = Lens::new(&rules);
    let print = |id: Value, at: Value| print(&lens, &of(id, at));
    assert_eq!(print(1.into(), "now".into()), print(2.into(), 17.into()));
    assert_ne!(print(1.into(), "now".into()), print(1.into(), Value::Null));
    assert_ne!(print(1.into(), "now".into()), print(Value::Null, "now".into()));
    let told = |was: [Value; 2], is: [Value; 2]| {
        let ([was_id, was_at], [is_id, is_at]) = (was, is);
        difference(&lens, &of(was_id, was_at), &of(is_id, is_at))
    };
    assert_eq!(
        told([1.into(), Value::Null], [1.into(), "now".into()]),
        ["a: a-1 changed: finished_at was null, is a generated value"]
    );
    assert_eq!(
        told([1.into(), "then".into()], [Value::Null, Value::Null]),
        ["a: a-1 changed: finished_at was a generated value, is null; id was a generated id, is null"]
    );
}

#[test]
fn an_id_that_is_the_same_in_every_run_is_told_as_it_is_spelled_where_its_row_is_gone() {
    let run = |run: Run| tenants(TENANTS, &[(&run.id(1), TENANTS[0], "new")]);
    let lens = Lens::of_runs(&with_ids(), &world([]), [&run(Run(1)), &run(Run(2))]);
    let mut lost = run(Run(3));
    rows(&mut lost, "tenants").remove(0);
    let spelled = format!("documents: documents-1 changed: tenant was tenants-1, is \"{}\"", TENANTS[0]);
    let gone = "tenants: 1 row fewer: tenants-1 (name \"a\")";
    assert_eq!(difference(&lens, &run(Run(1)), &lost), [spelled.as_str(), gone]);
}
