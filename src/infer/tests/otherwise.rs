//! What follows no longer, or follows as well, where one thing of the shelf is otherwise.

use super::*;

fn both(worlds: &mut Worlds, change: impl Fn(&mut Observation, &str)) {
    let [_, one, other] = worlds;
    change(one, "aaaaaaaa");
    change(other, "bbbbbbbb");
}

fn all(worlds: &mut Worlds, change: impl Fn(&mut Observation)) {
    worlds.iter_mut().for_each(change);
}

#[test]
fn a_file_is_of_a_row_where_each_such_file_is() {
    check(
        |worlds| both(worlds, |world, _| put(world, "texts/9.txt", "of no book")),
        &[r#".file_named_after_row("books", "texts/{id}.txt")"#, r#".row_needs_file_at("books", "texts/{id}.txt")"#],
        &[r#".file_stands_alone("texts/2.txt")"#, r#".file_stands_alone("texts/9.txt")"#],
    );
    // In the other run there is none.
    check(
        |worlds| {
            all(worlds, |world| drop(world.files.remove("texts/1.txt")));
            worlds[2].files.remove("texts/2.txt");
        },
        &[r#".file_named_after_row("books", "texts/{id}.txt")"#, r#".row_needs_file_at("books", "texts/{id}.txt")"#],
        &[],
    );
    // A book without one.
    check(
        |worlds| all(worlds, |world| drop(world.files.remove("texts/1.txt"))),
        &[r#".row_needs_file_at("books", "texts/{id}.txt")"#],
        &[],
    );
}

/// Both runs leave these pages, and a file.
fn pages(key: &'static str, made: impl Fn(&str) -> Value, file: impl Fn(&str) -> String) -> impl Fn(&mut Worlds) {
    move |worlds| {
        all(worlds, |world| make(world, "pages", &["page"], &format!("CREATE TABLE pages (page {key})")));
        both(worlds, |world, run| {
            add(world, "pages", &[made(run)]);
            put(world, &file(run), "a page");
        });
    }
}

#[test]
fn a_file_is_named_after_a_key_that_does_not_stand_there_by_chance() {
    let named = &[r#".file_named_after_row("pages", "p/{page}.md")"#, r#".row_needs_file_at("pages", "p/{page}.md")"#];
    let long = |_: &str| "p/the-name-of-the-rose.md".to_owned();
    check(pages("TEXT UNIQUE", |_| "the-name-of-the-rose".into(), long), &[], named);
    let alone = [r#".file_stands_alone("p/the-name-of-the-rose.md")"#];
    check(pages("TEXT", |_| "the-name-of-the-rose".into(), long), &[], &alone);
    check(
        pages("TEXT UNIQUE", |_| "rose".into(), |_| "p/rose.md".to_owned()),
        &[],
        &[r#".file_stands_alone("p/rose.md")"#],
    );
    check(pages("INTEGER UNIQUE", |_| 7.into(), |_| "p/7.md".to_owned()), &[], &[r#".file_stands_alone("p/7.md")"#]);
    let short = |run: &str| run[..2].to_owned();
    check(
        pages("TEXT UNIQUE", move |run| short(run).as_str().into(), move |run| format!("p/{}.md", short(run))),
        &[],
        &[&[r#".generated_id("pages", "page")"#], named.as_slice()].concat(),
    );
}

#[test]
fn absolute_paths_of_files_are_refused_and_other_texts_with_a_slash_are_not() {
    let mut worlds = worlds();
    both(&mut worlds, |world, _| add(world, "import_log", &["/srv/app/texts/2.txt".into()]));
    let said = inferred(&Rules::inferred(), &worlds).expect_err("it leads to another world");
    assert!(said.starts_with("line of import_log holds absolute paths, such as /srv/app/texts/2.txt: "), "{said}");
    for other in ["/srv/app/texts/22.txt", "app/texts/2.txt", "/api/books"] {
        check(|worlds| both(worlds, |world, _| add(world, "import_log", &[other.into()])), &[], &[]);
    }
}

#[test]
fn what_two_first_starts_make_in_another_way_or_at_their_time_is_generated() {
    let bare = Observation::default();
    let started = |took: &str| {
        let mut world = Observation::default();
        make(
            &mut world,
            "migrations",
            &["name", "took", "at"],
            "CREATE TABLE migrations (name TEXT, took TEXT, at INTEGER)",
        );
        add(&mut world, "migrations", &["first".into(), took.into(), NOON.into()]);
        world
    };
    let (one, other) = (started("a moment"), started("two"));
    let runs = Runs { bare: &bare, starts: [&one, &other], before: &one, results: [&one, &one], during: DURING };
    let told = as_rust(&infer(&Rules::new(), &runs).expect("it can be meant").1);
    assert_eq!(told, [r#".generated("migrations", "took")"#, r#".generated("migrations", "at")"#]);
}

#[test]
fn a_text_that_differs_in_nothing_but_a_known_id_is_no_other_text() {
    let note = |world: &mut Observation, run: &str| {
        let line = format!("done by {run}-job");
        add(world, "import_log", &[line.as_str().into()]);
    };
    check(|worlds| both(worlds, note), &[], &[]);
}

#[test]
fn an_id_is_told_apart_and_stands_elsewhere() {
    let answer = |world: &mut Observation, run: &str| {
        world.answer = Some(Answer::Success(json!({"id": 2, "token": format!("{run}-token")})));
    };
    let (generated, id) = (r#".generated("book_authors", "token")"#, r#".generated_id("book_authors", "token")"#);
    check(|worlds| both(worlds, answer), &[generated], &[id]);
    let twice = |world: &mut Observation, run: &str| {
        answer(world, run);
        add(world, "book_authors", &[2.into(), "Umberto".into(), format!("{run}-token").as_str().into()]);
    };
    check(|worlds| both(worlds, twice), &[], &[]);
    let missing = |world: &mut Observation, run: &str| {
        answer(world, run);
        add(world, "book_authors", &[2.into(), "Umberto".into(), Value::Null]);
    };
    check(|worlds| both(worlds, missing), &[], &[]);
}

#[test]
fn what_rows_refer_to_is_a_key_whatever_the_schema_says() {
    let tags = |worlds: &mut Worlds| {
        all(worlds, |world| {
            make(world, "tags", &["code"], "CREATE TABLE tags (code TEXT)");
            make(world, "uses", &["tag"], "CREATE TABLE uses (tag TEXT REFERENCES tags (code))");
        });
        both(worlds, |world, run| {
            add(world, "tags", &[run[..2].into()]);
            add(world, "uses", &[run[..2].into()]);
        });
    };
    check(tags, &[], &[r#".reference("uses", "tag", "tags", "code")"#, r#".generated_id("tags", "code")"#]);
}

#[test]
fn numbers_are_counted_where_they_go_on_from_those_before() {
    let prices = |old: Option<i64>, new: [i64; 2]| {
        move |worlds: &mut Worlds| {
            all(worlds, |world| {
                make(world, "prices", &["nr"], "CREATE TABLE prices (nr INTEGER PRIMARY KEY)");
                if let Some(old) = old {
                    add(world, "prices", &[old.into()]);
                }
            });
            both(worlds, |world, _| new.iter().for_each(|&new| add(world, "prices", &[new.into()])));
        }
    };
    let counted = [r#".generated_id("prices", "nr")"#];
    check(prices(None, [1, 2]), &[], &counted);
    check(prices(Some(10), [11, 12]), &[], &counted);
    check(prices(None, [10, 90]), &[], &[]);
    check(prices(Some(50), [10, 11]), &[], &[]);
}

#[test]
fn a_column_names_rows_by_its_key_or_its_name_and_in_each_world() {
    let named = |worlds: &mut Worlds, table: &str, column: &str, row: Value| {
        all(worlds, |world| {
            make(world, "categories", &["id"], "CREATE TABLE categories (id INTEGER PRIMARY KEY, UNIQUE (id))");
            add(world, "categories", &[70.into()]);
            make(world, table, &[column], &format!("CREATE TABLE {table} ({column} INTEGER)"));
            add(world, table, std::slice::from_ref(&row));
        });
    };
    let counted = r#".generated_id("categories", "id")"#;
    for (column, parent, value) in [("book_id", "books", 1), ("bookId", "books", 1), ("category_id", "categories", 70)]
    {
        let rule = format!(r#".reference("reviews", "{column}", "{parent}", "id")"#);
        check(|worlds| named(worlds, "reviews", column, value.into()), &[], &[&rule, counted]);
    }
    check(|worlds| named(worlds, "reviews", "book_id", Value::Null), &[], &[counted]);
    check(|worlds| named(worlds, "reviews", "book_id", 99.into()), &[], &[counted]);
    check(
        |worlds| all(worlds, |world| add(world, "book_authors", &[Value::Null, "Eco".into(), "of none".into()])),
        &[],
        &[],
    );
}

#[test]
fn a_log_is_known_by_its_name_or_as_a_history_of_attempts() {
    let with = |table: &'static str, column: &'static str| {
        move |worlds: &mut Worlds| {
            all(worlds, |world| {
                make(world, table, &[column], &format!("CREATE TABLE {table} ({column} INTEGER)"));
                add(world, table, &[1.into()]);
            });
        }
    };
    check(with("audit", "nr"), &[], &[r#".log("audit")"#]);
    check(with("import_runs", "state"), &[], &[r#".log("import_runs")"#]);
    check(with("import_runs", "nr"), &[], &[]);
    check(with("books_read", "state"), &[], &[]);
}

#[test]
fn an_index_tells_apart_the_rows_of_its_own_table_only() {
    let index = |table: &'static str| {
        move |worlds: &mut Worlds| {
            all(worlds, |world| {
                let object = SchemaObject::new(table, format!("CREATE UNIQUE INDEX one ON {table} (token)"));
                Arc::make_mut(&mut world.schema).objects.insert((ObjectKind::Index, "one".to_owned()), object);
            });
        }
    };
    check(index("others"), &[], &[]);
    let (generated, id) = (r#".generated("book_authors", "token")"#, r#".generated_id("book_authors", "token")"#);
    check(index("book_authors"), &[generated], &[id]);
}

#[test]
fn what_differs_inside_a_file_is_known_by_what_stands_before_it() {
    let alone =
        |paths: &[&str]| paths.iter().map(|path| format!(r#".file_stands_alone("{path}")"#)).collect::<Vec<_>>();
    let inside = |path: &str, place: &str| format!(r#".generated_in_files("{path}", "{place}")"#);
    let check_inside = |files: &[&str], text: &dyn Fn(&str) -> String, rules: Vec<String>| {
        let rules: Vec<String> = alone(files).into_iter().chain(rules).collect();
        let write = |world: &mut Observation, run: &str| files.iter().for_each(|file| put(world, file, &text(run)));
        check(|worlds| both(worlds, write), &[], &rules.iter().map(String::as_str).collect::<Vec<_>>());
    };
    let second = |run: &str| if run.starts_with('a') { 1 } else { 2 };
    check_inside(&["o.txt"], &|_| "as ever\n".to_owned(), vec![]);
    check_inside(
        &["o.txt"],
        &|run| format!("made 2024-03-01T12:00:0{}Z", second(run)),
        vec![inside("o.txt", "made {}")],
    );
    check_inside(
        &["o.txt", "p.txt"],
        &|run| format!("took {run} ms\nby {run}, it is said\n"),
        ["o.txt", "p.txt"].iter().flat_map(|file| [inside(file, "took {} "), inside(file, "by {},")]).collect(),
    );
    check_inside(&["o.txt"], &|run| "x\n".repeat(second(run)) + run, vec![]);
    // As it was before.
    let old = |world: &mut Observation| put(world, "o.txt", "made 2024-03-01T12:00:01Z");
    check(|worlds| all(worlds, old), &[], &[]);
}
