//! Rows, files and jobs that belong together.

use super::*;

#[test]
fn no_row_lacks_the_rows_it_needs() {
    let criterion = Criterion::NoOrphanRows;
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = 99.into(),
        &[
            "segments-1 is without the row of chapters that chapter_id names",
            "chapters-1 lacks 1 row of segments that lies within",
        ],
    );
    check(
        criterion,
        |world| rows(world, "segments").iter_mut().for_each(|row| row[2] = Value::Null),
        &[
            "2 rows (chapters-1 and chapters-2) are without a row of segments",
            "2 chapters (chapters-1 and chapters-2) lack 3 rows of segments that lie within",
        ],
    );
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = 22.into(),
        &["segments-1 is linked to a row of chapters outside of which it lies"],
    );
    // Not in the same episode, or in no chapter at all: nothing to be linked to.
    check(criterion, |world| rows(world, "segments").push(vec![2.into(), 0.into(), Value::Null]), &[]);
    check(criterion, |world| rows(world, "segments").push(vec![1.into(), (-1).into(), Value::Null]), &[]);
    // The first position that is no longer within is not within.
    check(
        criterion,
        |world| rows(world, "segments")[2][2] = 21.into(),
        &[
            "chapters-2 is without a row of segments",
            "segments-3 is linked to a row of chapters outside of which it lies",
        ],
    );
}

#[test]
fn no_row_lacks_its_complete_file() {
    let criterion = Criterion::NoOrphanRows;
    let file = "context/<scenarios-1>/context.txt";
    check(
        criterion,
        |world| drop(world.files.remove(PATH)),
        &[
            &format!("scenarios-1 names a file that is not there: {file}"),
            &format!("scenarios-1 lacks its file {file}"),
        ],
    );
    check(
        criterion,
        |world| drop(world.files.insert(PATH.to_owned(), Entry::EmptyDirectory)),
        &[
            &format!("scenarios-1 names a file that is not there: {file}"),
            &format!("scenarios-1 has an empty directory for its file {file}"),
        ],
    );
    check(criterion, |world| put(world, PATH, "be"), &[&format!("scenarios-1 has only 2 of 9 bytes in {file}")]);
    check(criterion, |world| put(world, PATH, ""), &[&format!("scenarios-1 has nothing instead of 9 bytes in {file}")]);
    check(
        criterion,
        |world| rows(world, "scenarios")[0][2] = Value::Null,
        &["scenarios-1 has no path, so its content is lost"],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = "be polite and kind".into(),
        &["scenarios-1 has 18 bytes that are not the 9 sent in context"],
    );
}

#[test]
fn every_file_belongs_to_a_row() {
    let criterion = Criterion::NoOrphanFiles;
    check(criterion, |world| put(world, "context/x.tmp", "1"), &["context/x.tmp (1 byte) belongs to no row"]);
    // A row holds its path, but the folder is not declared.
    check(
        criterion,
        |world| {
            put(world, "contexts/x", "1");
            rows(world, "scenarios").push(vec![
                OTHER.into(),
                "Early".into(),
                "contexts/x".into(),
                Value::Null,
                3.into(),
            ]);
        },
        &["contexts/x (1 byte) belongs to no row"],
    );
    check(
        criterion,
        |world| rows(world, "scenarios").clear(),
        &["context/<id>/context.txt (9 bytes) belongs to no row"],
    );
    check(
        criterion,
        |world| drop(world.files.insert(format!("context/{OTHER}"), Entry::EmptyDirectory)),
        &["the empty directory context/<id> belongs to no row"],
    );
    check(criterion, |world| drop(world.files.insert("context".to_owned(), Entry::EmptyDirectory)), &[]);
    // What was there before, as it was, belongs to whomever it belonged to; changed, it does not.
    let mut old = before();
    put(&mut old, "old.txt", "as it was");
    let reference = Reference::new(&rules(), old.clone(), [result(), again()]);
    for (content, sentences) in [("as it was", vec![]), ("changed", vec!["old.txt (7 bytes) belongs to no row"])] {
        put(&mut old, "old.txt", content);
        let mut breaches = judge(&reference, Moment::AtRest, &old, Words::Told).breaches;
        assert_eq!(breaches.remove(&criterion).unwrap_or_default(), sentences);
    }
}

#[test]
fn no_job_stays_unfinished() {
    let criterion = Criterion::NoStuckJob;
    check(criterion, |world| rows(world, "jobs")[0][1] = "failed".into(), &[]);
    check(
        criterion,
        |world| rows(world, "jobs").push(vec![32.into(), "processing".into()]),
        &["jobs-2 is \"processing\" and nothing runs it"],
    );
    check(criterion, |world| rows(world, "jobs")[0][1] = Value::Null, &["jobs-1 is null and nothing runs it"]);
}

#[test]
fn a_file_that_stands_alone_needs_no_row_and_its_neighbour_does() {
    let orphans = |alone: &str, paths: &[&str]| {
        let files = paths.iter().map(|path| ((*path).to_owned(), Entry::File(b"x".as_slice().into())));
        let world = Observation { files: files.collect(), ..Observation::default() };
        let rules = Rules::new().file_stands_alone(alone);
        let reference = Reference::new(&rules, Observation::default(), [world.clone(), world.clone()]);
        let judged = judge(&reference, Moment::AtRest, &world, Words::Told);
        judged.breaches.get(&Criterion::NoOrphanFiles).cloned().unwrap_or_default()
    };
    let today = ["notes/today.txt", "notes/today.txt~"];
    assert_eq!(orphans("notes/today.txt", &today[..1]), [""; 0]);
    assert_eq!(orphans("notes/today.txt", &today), ["notes/today.txt~ (1 byte) belongs to no row"]);
    assert_eq!(orphans("notes/*.txt", &today), ["notes/today.txt~ (1 byte) belongs to no row"]);
    // Without a star it is a path and no pattern.
    assert_eq!(orphans("notes/{day}.txt", &today[..1]), ["notes/today.txt (1 byte) belongs to no row"]);
    assert_eq!(orphans("notes/{day}.txt", &["notes/{day}.txt"]), [""; 0]);
}

#[test]
fn a_file_whose_row_is_gone_belongs_to_nobody_though_it_is_as_before() {
    let rules = Rules::new().file_needs_row("a", "rows", "path");
    let with_rows = |rows: &[&[Value]]| {
        let files = ["a/x", "a/y"].map(|path| (path.to_owned(), Entry::File(b"x".as_slice().into())));
        let tables = [("rows".to_owned(), table(&["path"], rows))].into();
        Observation { tables, files: files.into(), ..Observation::default() }
    };
    // Nobody held a/y before, so it may stay as it is.
    let before = with_rows(&[&["a/x".into()]]);
    let reference = Reference::new(&rules, before.clone(), [before.clone(), before]);
    let mut judged = judge(&reference, Moment::AtRest, &with_rows(&[]), Words::Told).breaches;
    assert_eq!(judged.remove(&Criterion::NoOrphanFiles).unwrap_or_default(), ["a/x (1 byte) belongs to no row"]);
}

#[test]
fn a_directory_may_be_empty_where_it_was_or_where_all_its_files_were_nobodys() {
    let rules = Rules::new().file_needs_row("a", "rows", "path");
    let file = || Entry::File(b"x".as_slice().into());
    let tables = BTreeMap::from([("rows".to_owned(), table(&["path"], &[&["a/owned/x".into()]]))]);
    let files = [
        ("a/empty".to_owned(), Entry::EmptyDirectory),
        ("a/nobodys/x".to_owned(), file()),
        ("a/nobodys/y".to_owned(), file()),
        ("a/owned/x".to_owned(), file()),
        ("a/owned/y".to_owned(), file()),
    ];
    let before = Observation { tables: tables.clone(), files: files.into(), ..Observation::default() };
    let reference = Reference::new(&rules, before.clone(), [before.clone(), before]);
    let orphans = |path: &str| {
        let files = [(path.to_owned(), Entry::EmptyDirectory)].into();
        let world = Observation { tables: tables.clone(), files, ..Observation::default() };
        judge(&reference, Moment::AtRest, &world, Words::Told).breaches.contains_key(&Criterion::NoOrphanFiles)
    };
    assert!(!orphans("a/empty"), "it was empty before");
    assert!(!orphans("a/nobodys"), "its files belonged to nobody before");
    assert!(orphans("a/owned"), "one of its files belonged to a row before");
    assert!(orphans("a/new"), "it was not there before");
}

#[test]
fn a_folder_of_the_rules_may_be_empty_and_may_be_no_file() {
    let claimed = Rules::new().file_needs_row("a/b", "rows", "path");
    let named = Rules::new().file_named_after_row("rows", "a/b/{path}");
    for rules in [claimed, named] {
        // Which rules a file breaks; none where it belongs to somebody.
        let broken = |path: &str, entry: Entry| {
            let tables = [("rows".to_owned(), table(&["path"], &[]))].into();
            let world = Observation { tables, files: [(path.to_owned(), entry)].into(), ..Observation::default() };
            let before = Observation { files: BTreeMap::new(), ..world.clone() };
            let reference = Reference::new(&rules, before.clone(), [before.clone(), before]);
            let mut judged = judge(&reference, Moment::AtRest, &world, Words::Told);
            judged.broken.remove(&Criterion::NoOrphanFiles).map(|broken| broken.rules).unwrap_or_default()
        };
        let nobodys = ["a file below no declared folder belongs to no row"];
        for path in ["a", "a/b"] {
            assert_eq!(broken(path, Entry::EmptyDirectory), [""; 0], "{path}");
            assert_eq!(broken(path, Entry::File(b"x".as_slice().into())), nobodys, "{path}");
        }
        for path in ["a/c", "a/bb", "b"] {
            assert_eq!(broken(path, Entry::EmptyDirectory), nobodys, "{path}");
        }
    }
}

#[test]
fn an_empty_directory_belongs_to_the_row_after_which_it_or_what_is_in_it_is_named() {
    for (pattern, of_row, of_nobody) in [
        ("a/{id}", "a/7", "a/8"),
        ("a/{id}/x.txt", "a/7", "a/8"),
        ("a/{id}/*", "a/7/x", "a/8/x"),
        ("a/{id}/*/y", "a/7/x", "a/8/x"),
    ] {
        let rules = Rules::new().file_named_after_row("rows", pattern);
        let orphans = |path: &str| {
            let tables = [("rows".to_owned(), table(&["id"], &[&[7.into()]]))].into();
            let files = [(path.to_owned(), Entry::EmptyDirectory)].into();
            let world = Observation { tables, files, ..Observation::default() };
            let before = Observation { files: BTreeMap::new(), ..world.clone() };
            let reference = Reference::new(&rules, before.clone(), [before.clone(), before]);
            judge(&reference, Moment::AtRest, &world, Words::Told).breaches.contains_key(&Criterion::NoOrphanFiles)
        };
        assert!(!orphans(of_row), "{pattern}: {of_row}");
        assert!(orphans(of_nobody), "{pattern}: {of_nobody}");
    }
}

#[test]
fn paths_that_are_relative_to_the_directory_itself_are_what_they_are() {
    for (folder, path) in [("", "a/x"), ("a", "x"), ("/a/", "./x"), ("a", "/x")] {
        let rules = Rules::new().row_needs_file("rows", "path").paths_below("rows", "path", folder);
        let rules = rules.file_needs_row("a", "rows", "path");
        let tables = [("rows".to_owned(), table(&["path"], &[&[path.into()]]))].into();
        let files = [("a/x".to_owned(), Entry::File(b"x".as_slice().into()))].into();
        let world = Observation { tables, files, ..Observation::default() };
        let before = Observation { files: BTreeMap::new(), ..world.clone() };
        let reference = Reference::new(&rules, before, [world.clone(), world.clone()]);
        let breaches = judge(&reference, Moment::AtRest, &world, Words::Told).breaches;
        assert!(breaches.is_empty(), "{folder:?} and {path:?}: {breaches:?}");
    }
}

#[test]
fn a_row_has_the_file_that_its_pattern_makes_of_it_and_no_other() {
    let blob = |bytes: &[u8]| Value::Blob(bytes.into());
    for (id, pattern, file, has_it) in [
        (7.into(), "a/{id}/*", "a/7/x", true),
        (7.into(), "a/{id}/*", "a/8/x", false),
        (blob(&[1, 0xab]), "a/{id}", "a/01ab", true),
        (blob(&[1, 0xab]), "a/{id}", "a/01ac", false),
        (blob(&[0x11; 16]), "a/{id}", "a/11111111-1111-1111-1111-111111111111", true),
        (blob(&[0x11; 16]), "a/{id}", "a/11111111111111111111111111111111", true),
        (Value::Null, "a/{id}", "b", true),
    ] {
        let rules = Rules::new().row_needs_file_at("rows", pattern);
        let tables = [("rows".to_owned(), table(&["id"], &[std::slice::from_ref(&id)]))].into();
        let files = [(file.to_owned(), Entry::File(b"x".as_slice().into()))].into();
        let world = Observation { tables, files, ..Observation::default() };
        let reference = Reference::new(&rules, world.clone(), [world.clone(), world.clone()]);
        let judged = judge(&reference, Moment::AtRest, &world, Words::Told);
        assert_eq!(!judged.breaches.contains_key(&Criterion::NoOrphanRows), has_it, "{id} {pattern} {file}");
    }
}
