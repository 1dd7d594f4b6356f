//! What a node of the graph is made of, and which row of one world is which of another.

use super::*;
use crate::observe::Special;

fn one_table(name: &str, columns: &[&str], rows: &[&[Value]]) -> Observation {
    let rows = rows.iter().map(|row| row.to_vec()).collect();
    Observation { tables: [(name.to_owned(), table(columns, rows))].into(), ..Observation::default() }
}

#[test]
fn what_is_neither_file_nor_directory_is_told_from_any_other_of_its_kind() {
    let specials = [
        Special::Unknown,
        Special::Pipe,
        Special::Socket,
        Special::BlockDevice(1),
        Special::BlockDevice(2),
        Special::CharacterDevice(1),
        Special::CharacterDevice(2),
    ];
    let print = |special: Special| {
        let files = [("x".to_owned(), Entry::Special(special))].into();
        whole(&Observation { files, ..Observation::default() })
    };
    for (at, one) in specials.into_iter().enumerate() {
        for (other_at, other) in specials.into_iter().enumerate() {
            assert_eq!(print(one) == print(other), at == other_at, "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_row_became_the_one_that_has_most_of_its_values_whatever_they_are() {
    let columns = ["nr", "size", "hash", "name"];
    let row = |nr: i64, size: f64, hash: u8, name: &str| {
        vec![nr.into(), size.into(), Value::Blob([hash].as_slice().into()), name.into()]
    };
    let (was, other, is) = (row(2, 2.5, 2, "a"), row(1, 1.5, 1, "b"), row(2, 2.5, 2, "c"));
    assert_eq!(
        difference(
            &Lens::new(&Rules::new()),
            &one_table("t", &columns, &[&was]),
            &one_table("t", &columns, &[&other, &is])
        ),
        ["t: 1 row more: t-1 (nr 1, size 1.5, hash 1 byte)", "t: t-2 changed: name was \"a\", is \"c\""]
    );
}

#[test]
fn texts_that_begin_alike_are_told_to_be_others() {
    let of =
        |end: &str| one_table("t", &["nr", "note"], &[&[1.into(), text(&format!("{}{end}", "as said".repeat(9)))]]);
    let told = difference(&Lens::new(&Rules::new()), &of("."), &of("!"));
    let shown = "as said".repeat(9)[..40].to_owned();
    assert_eq!(told, [format!("t: t-1 changed: note was \"{shown}…\", is another one that begins alike")]);
}

/// A row is called by its place, which another row can take.
#[test]
fn who_refers_to_the_same_row_as_before_has_not_changed_in_that() {
    let of = |chapters: &[i64], named: i64, body: &str| {
        let chapters = chapters.iter().map(|&nr| vec![(nr + 100).into(), nr.into()]).collect();
        let segments = table(&["start", "body", "chapter_id"], vec![vec![7.into(), text(body), (named + 100).into()]]);
        let tables = [("chapters".to_owned(), table(&["id", "nr"], chapters)), ("segments".to_owned(), segments)];
        Observation { tables: tables.into(), ..Observation::default() }
    };
    let rules = Rules::new().generated_id("chapters", "id").reference("segments", "chapter_id", "chapters", "id");
    let told = |was: &Observation, is: &Observation| difference(&Lens::new(&rules), was, is);
    let body = "segments: segments-1 changed: body was \"a\", is \"b\"".to_owned();
    assert_eq!(
        told(&of(&[2], 2, "a"), &of(&[1, 2], 2, "b")),
        ["chapters: 1 row more: chapters-1 (nr 1)".to_owned(), body.clone()],
        "the chapter is called otherwise, and is the same"
    );
    assert_eq!(told(&of(&[2], 9, "a"), &of(&[2], 8, "b")), [body], "neither is there");
    assert_eq!(
        told(&of(&[1, 2], 1, "a"), &of(&[1, 2], 2, "b")),
        ["segments: segments-1 changed: body was \"a\", is \"b\"; chapter_id was chapters-1, is chapters-2"]
    );
}

#[test]
fn bytes_that_are_no_text_compare_one_by_one() {
    let of = |bytes: &[u8]| Observation {
        files: [("x".to_owned(), Entry::File(bytes.into()))].into(),
        ..Observation::default()
    };
    let told = |was: &[u8], is: &[u8]| difference(&Lens::new(&Rules::new()), &of(was), &of(is));
    assert_eq!(told(&[0xff, 1], &[0xff, 2]), ["file changed: x: was 2 bytes, is as many others"]);
    assert_eq!(told(&[0xff, 1], &[0xff, 1]), [""; 0]);
    let link = |target: &str| Observation {
        files: [("x".to_owned(), Entry::Link(target.to_owned()))].into(),
        ..Observation::default()
    };
    assert_eq!(
        difference(&Lens::new(&Rules::new()), &link("a"), &link("b")),
        ["file changed: x: was a symbolic link to a, is a symbolic link to b"]
    );
}

#[test]
fn the_rows_of_a_table_that_is_gone_are_told_and_those_of_one_that_is_made() {
    let (table, none) = (one_table("t", &["nr"], &[&[1.into()], &[2.into()]]), Observation::default());
    let told = |was: &Observation, is: &Observation| difference(&Lens::new(&Rules::new()), was, is);
    assert_eq!(told(&table, &none), ["t: 2 rows fewer: t-1 (nr 1) and t-2 (nr 2)"]);
    assert_eq!(told(&none, &table), ["t: 2 rows more: t-1 (nr 1) and t-2 (nr 2)"]);
}

#[test]
fn a_row_is_known_again_by_its_id_where_nothing_else_stayed() {
    let rules = Rules::new().generated_id("t", "id");
    let uuid = |nth: u32| Run(1).row(nth);
    let number = |nth: u32| Value::from(i64::from(nth));
    let ids: [&dyn Fn(u32) -> Value; 2] = [&uuid, &number];
    for id in ids {
        let of = |rows: &[(u32, i64, &str)]| {
            let rows: Vec<Vec<Value>> =
                rows.iter().map(|&(nth, nr, name)| vec![id(nth), nr.into(), name.into()]).collect();
            let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
            one_table("t", &["id", "nr", "name"], &rows)
        };
        let before = of(&[(1, 1, "a"), (2, 2, "b")]);
        let lens = Lens::of_runs(&rules, &before, [&before, &before]);
        assert_eq!(
            difference(&lens, &before, &of(&[(1, 1, "a"), (2, 9, "z")])),
            ["t: t-2 changed: name was \"b\", is \"z\"; nr was 2, is 9"]
        );
        assert_eq!(
            difference(&lens, &before, &of(&[(1, 1, "a"), (3, 9, "z")])),
            ["t: 1 row more: t-2 (nr 9, name \"z\")", "t: 1 row fewer: t-2 (nr 2, name \"b\")"]
        );
    }
}

/// To hold each of many against each is dear, and they are not told one by one anyway.
#[test]
fn of_many_rows_none_is_taken_for_another_by_likeness() {
    let of = |numbers: std::ops::Range<i64>| {
        let rows: Vec<Vec<Value>> = numbers.map(|nr| vec![nr.into(), "x".into()]).collect();
        let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
        one_table("t", &["nr", "name"], &rows)
    };
    let is_changed = |was, is| {
        let told = difference(&Lens::new(&Rules::new()), &of(was), &of(is));
        told.iter().any(|sentence| sentence.contains("changed"))
    };
    assert!(!is_changed(0..25, 30..31) && !is_changed(30..31, 0..25));
    assert!(is_changed(0..1, 30..31) && is_changed(0..24, 30..54));
}
