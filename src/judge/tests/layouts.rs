//! Rows and files that belong together by their names.

use super::*;

const BLOB: [u8; 16] = [0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn rules() -> Rules {
    Rules::new()
        .row_needs_file_at("docs", "docs/{id}.txt")
        .file_named_after_row("docs", "docs/{id}.txt")
        .file_named_after_row("docs", "albums/{id}/**")
        .file_named_after_row("docs", "blobs/{hash:2}/{hash}.bin")
        .row_needs_file("docs", "path")
        .file_needs_row("up", "docs", "path")
        .paths_below("docs", "path", "up/")
        .row_stores("docs", ("title", "Late"), StoredIn::File { path_column: "path".into() }, b"as sent")
        .settles("docs", "state", [2, 3])
}

/// One document with this id, hash, path and state, and these files and empty directories.
fn world(row: [Value; 4], files: &[&str]) -> Observation {
    let [id, hash, path, state] = row;
    let docs = table(&["id", "title", "hash", "path", "state"], &[&[id, "Late".into(), hash, path, state]]);
    let entry = |path: &&str| match path.strip_suffix('/') {
        Some(directory) => (directory.to_owned(), Entry::EmptyDirectory),
        None => ((*path).to_owned(), Entry::File(b"as sent".as_slice().into())),
    };
    Observation {
        tables: [("docs".to_owned(), docs)].into(),
        files: files.iter().map(entry).collect(),
        ..Observation::default()
    }
}

#[track_caller]
fn check(criterion: Criterion, row: [Value; 4], files: &[&str], expected: &[&str]) {
    let world = world(row, files);
    let reference = Reference::new(&rules(), Observation::default(), [world.clone(), world.clone()]);
    let mut breaches = judge(&reference, Moment::AtRest, &world, Words::Told).breaches;
    assert_eq!(breaches.remove(&criterion).unwrap_or_default(), expected);
}

fn row() -> [Value; 4] {
    [7.into(), "abcd".into(), "x.bin".into(), 3.into()]
}

const FILES: [&str; 2] = ["docs/7.txt", "up/x.bin"];

#[test]
fn a_row_needs_the_file_that_is_named_after_it() {
    let criterion = Criterion::NoOrphanRows;
    check(criterion, row(), &FILES, &[]);
    check(criterion, row(), &["docs/8.txt", "up/x.bin"], &["docs-1 has no file at docs/7.txt"]);
    check(criterion, row(), &["docs/7.txt/", "up/x.bin"], &["docs-1 has no file at docs/7.txt"]);
    let [_, hash, path, state] = row();
    check(criterion, [Value::Null, hash, path, state], &["up/x.bin"], &[]);
}

#[test]
fn an_empty_text_is_no_path_and_names_no_file() {
    // As null does: a row that says that it has no file yet, in a column that may not be null, names none.
    let criterion = Criterion::NoOrphanRows;
    let [id, hash, _, state] = row();
    check(criterion, [id, hash, "".into(), state], &FILES[..1], &["docs-1 has no path, so its content is lost"]);
    let world = world(["".into(), "".into(), "".into(), 3.into()], &[]);
    let rules = Rules::new().row_needs_file("docs", "path").row_needs_file_at("docs", "docs/{id}.txt");
    let reference = Reference::new(&rules, Observation::default(), [world.clone(), world.clone()]);
    assert_eq!(judge(&reference, Moment::AtRest, &world, Words::Told).breaches.get(&criterion), None);
}

#[test]
fn a_path_below_a_folder_leads_to_the_file_in_it() {
    let criterion = Criterion::NoOrphanRows;
    let told = ["docs-1 names a file that is not there: up/x.bin", "docs-1 lacks its file up/x.bin"];
    check(criterion, row(), &["docs/7.txt", "x.bin"], &told);
    check(Criterion::NoOrphanFiles, row(), &FILES, &[]);
    check(Criterion::NoOrphanFiles, row(), &["docs/7.txt", "up/y.bin"], &["up/y.bin (7 bytes) belongs to no row"]);
}

#[test]
fn a_file_belongs_to_the_row_that_it_is_named_after() {
    let criterion = Criterion::NoOrphanFiles;
    let with = |file: &'static str| [FILES[0], FILES[1], file];
    for file in
        ["blobs/ab/abcd.bin", "albums/7/a.png", "albums/7/b/c.png", "albums/7/", "albums/", "blobs/", "blobs/ab/"]
    {
        check(criterion, row(), &with(file), &[]);
    }
    for (file, told) in [
        ("docs/8.txt", "docs/8.txt (7 bytes) belongs to no row"),
        ("docs/7.txt.tmp", "docs/7.txt.tmp (7 bytes) belongs to no row"),
        ("albums/8/a.png", "albums/8/a.png (7 bytes) belongs to no row"),
        ("albums/8/", "the empty directory albums/8 belongs to no row"),
        ("blobs/ac/abcd.bin", "blobs/ac/abcd.bin (7 bytes) belongs to no row"),
        ("blobs/ac/", "the empty directory blobs/ac belongs to no row"),
    ] {
        check(criterion, row(), &with(file), &[told]);
    }
    // Bytes are written as digits, or as a UUID where they are as many.
    let [id, _, path, state] = row();
    let row = [id, Value::Blob(BLOB.as_slice().into()), path, state];
    let digits = "blobs/ab/ab0102030405060708090a0b0c0d0e0f.bin";
    let uuid = "blobs/ab/ab010203-0405-0607-0809-0a0b0c0d0e0f.bin";
    check(criterion, row.clone(), &with(digits), &[]);
    check(criterion, row, &with(uuid), &[]);
}

#[test]
fn a_breach_names_the_pattern_that_it_breaks() {
    let world = world(row(), &["docs/8.txt", "up/x.bin", "elsewhere"]);
    let reference = Reference::new(&rules(), Observation::default(), [world.clone(), world.clone()]);
    let broken = judge(&reference, Moment::AtRest, &world, Words::Told).broken;
    assert_eq!(broken[&Criterion::NoOrphanRows].rules, ["each row of docs needs a file at docs/{id}.txt"]);
    assert_eq!(
        broken[&Criterion::NoOrphanFiles].rules,
        [
            "each file at docs/{id}.txt is named after a row of docs",
            "a file below no declared folder belongs to no row"
        ]
    );
}

#[test]
fn a_state_may_be_a_number() {
    let criterion = Criterion::NoStuckJob;
    let state = |state: Value| {
        let [id, hash, path, _] = row();
        [id, hash, path, state]
    };
    check(criterion, state(2.into()), &FILES, &[]);
    check(criterion, state(3.0.into()), &FILES, &[]);
    check(criterion, state(1.into()), &FILES, &["docs-1 is 1 and nothing runs it"]);
    check(criterion, state("3".into()), &FILES, &["docs-1 is \"3\" and nothing runs it"]);
    check(criterion, state(Value::Null), &FILES, &["docs-1 is null and nothing runs it"]);
}
