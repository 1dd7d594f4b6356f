//! Ids that do not look like one are followed where a pattern says that they stand.

use super::*;
use crate::rules::StoredIn;

/// A document with its file and a job that mentions it; a second one is there in any case.
fn world(id: i64, mention: i64) -> Observation {
    let documents =
        vec![vec![id.into(), "one".into(), text(&format!("{id}.txt"))], vec![99.into(), "two".into(), Value::Null]];
    let jobs = vec![vec![text(&format!("index document {mention}, now"))]];
    Observation {
        tables: [
            ("documents".to_owned(), table(&["id", "title", "path"], documents)),
            ("jobs".to_owned(), table(&["payload"], jobs)),
        ]
        .into(),
        files: [(format!("docs/{id}.txt"), file("as sent"))].into(),
        ..Observation::default()
    }
}

fn rules() -> Rules {
    Rules::new()
        .generated_id("documents", "id")
        .text_names_row("jobs", "payload", "document {id}", "documents")
        .file_named_after_row("documents", "docs/{id}.txt")
        .row_needs_file("documents", "path")
        .paths_below("documents", "path", "docs")
}

fn print(rules: &Rules, world: &Observation) -> Fingerprint {
    Canonical::new(&Lens::new(rules), world).fingerprint()
}

#[test]
fn a_number_in_a_path_and_in_a_text_is_the_role_of_its_row() {
    assert_eq!(print(&rules(), &world(1, 1)), print(&rules(), &world(2, 2)));
    assert_ne!(print(&rules(), &world(1, 1)), print(&rules(), &world(1, 99)), "the job is about the other one");
    assert_eq!(
        difference(&Lens::new(&rules()), &world(1, 1), &world(2, 99)),
        [
            "jobs: jobs-1 changed: payload was \"index document <documents-1>, now\", is \"index document <documents-2>, now\""
        ]
    );
    let mut moved = world(2, 2);
    moved.files = [("docs/3.txt".to_owned(), file("as sent"))].into();
    assert_ne!(print(&rules(), &moved), print(&rules(), &world(1, 1)));
    assert_eq!(
        difference(&Lens::new(&rules()), &world(1, 1), &moved),
        ["file more: docs/<id>.txt (7 bytes)", "file gone: docs/<documents-1>.txt (7 bytes)"]
    );
    let without: [fn(Rules) -> Rules; 3] = [
        |rules| Rules { text_names_row: Vec::new(), ..rules },
        |rules| Rules { file_named_after_row: Vec::new(), ..rules },
        |rules| Rules { generated_ids: [].into(), ..rules },
    ];
    for (at, without) in without.into_iter().enumerate() {
        let rules = without(rules());
        assert_ne!(print(&rules, &world(1, 1)), print(&rules, &world(2, 2)), "without rule {at}");
    }
}

/// Whichever rule says that a column holds paths; a column of which no rule says so compares as it is.
#[test]
fn ids_in_paths_are_followed_in_the_columns_that_hold_paths_and_in_no_other() {
    let of = |id: i64, note: &str| {
        let path = format!("docs/{id}.txt");
        let documents = table(&["id", "path", "note"], vec![vec![id.into(), text(&path), text(note)]]);
        let tables = [("documents".to_owned(), documents)].into();
        Observation { tables, files: [(path, file("as sent"))].into(), ..Observation::default() }
    };
    let bare = || Rules::new().generated_id("documents", "id").file_named_after_row("documents", "docs/{id}.txt");
    assert_ne!(print(&bare(), &of(1, "")), print(&bare(), &of(2, "")));
    let stored = StoredIn::File { path_column: "path".to_owned() };
    for (at, rules) in [
        bare().row_needs_file("documents", "path"),
        bare().paths_below("documents", "path", ""),
        bare().file_needs_row("docs", "documents", "path"),
        bare().row_stores("documents", ("note", "n"), stored, b"as sent"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(print(&rules, &of(1, "docs/1.txt")), print(&rules, &of(2, "docs/1.txt")), "rule {at}");
        assert_ne!(print(&rules, &of(1, "docs/1.txt")), print(&rules, &of(2, "docs/2.txt")), "rule {at}");
    }
}

/// Relative to a folder, and with what may stand before a relative path; numbers of any length.
#[test]
fn an_id_in_a_path_below_a_folder_is_found_where_it_stands() {
    let of = |id: i64, path: &str| Observation {
        tables: [("documents".to_owned(), table(&["id", "path"], vec![vec![id.into(), text(path)]]))].into(),
        ..Observation::default()
    };
    let rules = Rules::new()
        .generated_id("documents", "id")
        .file_named_after_row("documents", "docs/{id}.txt")
        .paths_below("documents", "path", "docs");
    for before in ["", "./", "/", ".//"] {
        let print = |id: i64, named: i64| print(&rules, &of(id, &format!("{before}{named}.txt")));
        assert_eq!(print(1, 1), print(23, 23), "{before:?}");
        assert_eq!(print(1, 1), print(4567, 4567), "{before:?}");
        assert_ne!(print(1, 1), print(23, 1), "{before:?}");
    }
    assert_ne!(print(&rules, &of(1, "1.txt")), print(&rules, &of(1, "1.csv")));
}

/// A hole at the end takes the line; the id in it is all of that where a row owns it, and its first word elsewhere.
#[test]
fn an_id_at_the_end_of_a_pattern_may_hold_more_than_a_word() {
    let rules =
        Rules::new().generated_id("documents", "id").text_names_row("jobs", "payload", "document {id}", "documents");
    let of = |ids: [&str; 2], payload: &str| {
        let documents = ids.iter().zip([1, 2]).map(|(id, nr)| vec![text(id), nr.into()]);
        let tables = [
            ("documents".to_owned(), table(&["id", "nr"], documents.collect())),
            ("jobs".to_owned(), table(&["payload"], vec![vec![text(payload)]])),
        ];
        Observation { tables: tables.into(), ..Observation::default() }
    };
    let print = |ids, payload| print(&rules, &of(ids, payload));
    assert_eq!(print(["a.b", "a.c"], "document a.b"), print(["d.e", "f"], "document d.e"));
    assert_ne!(print(["a.b", "a.c"], "document a.b"), print(["a.b", "a.c"], "document a.c"));
    assert_eq!(print(["a", "b"], "document a: done"), print(["c", "d"], "document c: done"));
    assert_ne!(print(["a", "b"], "document a: done"), print(["c", "d"], "document c: failed"));
    assert_eq!(print(["a", "b"], "document .x"), print(["a", "b"], "document .y"), "an id of nobody, whatever it is");
}

#[test]
fn a_path_is_sharded_by_the_id_that_it_names() {
    let rules = Rules::new().generated_id("blobs", "id").row_needs_file_at("blobs", "b/{id:2}/{id}.bin");
    let world = |id: &str, shard: &str| Observation {
        tables: [("blobs".to_owned(), table(&["id"], vec![vec![text(id)]]))].into(),
        files: [(format!("b/{shard}/{id}.bin"), file("x"))].into(),
        ..Observation::default()
    };
    let (one, two) = (Run(1).id(1), Run(2).id(1));
    assert_ne!(one[..2], two[..2]);
    assert_eq!(print(&rules, &world(&one, &one[..2])), print(&rules, &world(&two, &two[..2])));
    assert_ne!(
        print(&rules, &world(&one, &one[..2])),
        print(&rules, &world(&two, &one[..2])),
        "it lies in another shard"
    );
}

#[test]
fn inside_files_a_pattern_says_what_is_made_up_anew() {
    let rules = Rules::new()
        .generated_id("documents", "id")
        .generated_in_files("exports/*.json", r#""at":"{}""#)
        .generated_in_files("exports/*.json", r#""document":{documents.id},"#);
    let world = |at: &str, id: i64, mention: i64, path: &str| Observation {
        tables: [("documents".to_owned(), table(&["id"], vec![vec![id.into()], vec![99.into()]]))].into(),
        files: [(path.to_owned(), file(&format!("{{\"at\":\"{at}\",\"document\":{mention},\"n\":1}}")))].into(),
        ..Observation::default()
    };
    let path = "exports/1.json";
    assert_eq!(print(&rules, &world("now", 1, 1, path)), print(&rules, &world("then", 2, 2, path)));
    assert_ne!(print(&rules, &world("now", 1, 1, path)), print(&rules, &world("now", 1, 7, path)));
    assert_ne!(print(&rules, &world("now", 1, 1, path)), print(&rules, &world("", 1, 1, path)), "nothing was made up");
    let elsewhere = "imports/1.json";
    assert_ne!(print(&rules, &world("now", 1, 1, elsewhere)), print(&rules, &world("then", 1, 1, elsewhere)));
}

#[test]
fn a_file_that_is_made_up_as_a_whole_counts_by_whether_it_holds_anything() {
    let rules = Rules::new().generated_in_files("*.index", "{}");
    let world = |path: &str, bytes: &[u8]| Observation {
        files: [(path.to_owned(), Entry::File(bytes.into()))].into(),
        ..Observation::default()
    };
    let (one, other) = (b"\xff\x00one".as_slice(), b"another\nline\xfe".as_slice());
    let (was, is) = (world("a.index", one), world("a.index", other));
    assert_eq!(print(&rules, &was), print(&rules, &is));
    assert_eq!(difference(&Lens::new(&rules), &was, &is), [""; 0]);
    let empty = world("a.index", b"");
    assert_ne!(print(&rules, &was), print(&rules, &empty));
    let emptied = "file changed: a.index: was 5 bytes, is the first 0 bytes of it";
    assert_eq!(difference(&Lens::new(&rules), &was, &empty), [emptied]);
    let mut beside = is.clone();
    beside.files.insert("b.txt".to_owned(), file("b"));
    assert_eq!(difference(&Lens::new(&rules), &was, &beside), ["file more: b.txt (1 byte)"]);
    assert_ne!(print(&rules, &world("a.data", one)), print(&rules, &world("a.data", other)), "no rule is about it");
    assert_ne!(difference(&Lens::new(&rules), &world("a.data", one), &world("a.data", other)), [""; 0]);
}

#[test]
fn a_table_that_is_ignored_is_no_part_of_the_world() {
    let rules = Rules::new().ignore_table("b");
    let world = |noise: i64| Observation {
        tables: ["a", "b", "c"]
            .map(|name| {
                let value = if name == "b" { noise } else { 1 };
                (name.to_owned(), table(&["value"], vec![vec![value.into()]; usize::from(name != "b") + 1]))
            })
            .into(),
        ..Observation::default()
    };
    assert_eq!(print(&rules, &world(1)), print(&rules, &world(2)));
    let mut more = world(2);
    rows(&mut more, "b").clear();
    rows(&mut more, "c").push(vec![7.into()]);
    assert_eq!(difference(&Lens::new(&rules), &world(1), &more), ["c: 1 row more: c-3 (value 7)"]);
    assert_ne!(print(&Rules::new(), &world(1)), print(&Rules::new(), &world(2)));
}
