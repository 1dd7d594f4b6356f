//! A library in which a book has a folder, which is called after its author, its title and its number.
//!
//! What is right is said with each case, and follows from the library alone.

use super::*;

/// What a run leaves that gives the book this number: an author, a book, and two files in the folder of the book.
fn shelved(id: i64) -> Observation {
    let mut world = empty();
    add(&mut world, "authors", &[1.into(), "Franz Kafka".into()]);
    add(&mut world, "books", &[id.into(), "Metamorphosis".into()]);
    for file in ["cover.jpg", "Metamorphosis.epub"] {
        put(&mut world, &format!("Franz Kafka/Metamorphosis ({id})/{file}"), "as Gregor Samsa awoke");
    }
    world
}

fn empty() -> Observation {
    let mut world = Observation { schema: Arc::new(Schema::default()), ..Observation::default() };
    make(
        &mut world,
        "authors",
        &["id", "name"],
        "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    );
    make(
        &mut world,
        "books",
        &["id", "title"],
        "CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT)",
    );
    world
}

/// The same with a column for the folder of each book.
fn with_folders(ids: [i64; 2], folder: impl Fn(i64) -> Value) -> Worlds {
    [None, Some(ids[0]), Some(ids[1])].map(|id| {
        let mut world = id.map_or_else(empty, shelved);
        make(&mut world, "folders", &["book_id", "path"], "CREATE TABLE folders (book_id INTEGER, path TEXT)");
        if let Some(id) = id {
            add(&mut world, "folders", &[id.into(), folder(id)]);
        }
        world
    })
}

/// The rules about files, and no others.
fn of_files(worlds: &Worlds) -> Vec<String> {
    let told = told(&Rules::inferred(), worlds);
    told.into_iter().filter(|rule| rule.contains("file") || rule.contains("paths")).collect()
}

const AS_THEY_ARE: [&str; 2] = [
    r#".file_stands_alone("Franz Kafka/Metamorphosis (1)/Metamorphosis.epub")"#,
    r#".file_stands_alone("Franz Kafka/Metamorphosis (1)/cover.jpg")"#,
];

#[test]
fn a_path_with_the_value_of_another_row_is_no_rule_about_the_row_in_front_of_it() {
    // `{name}/Metamorphosis (1)/cover.jpg` is true of this author and this book alone, and another author needs no such
    // file.
    assert_eq!(of_files(&[empty(), shelved(1), shelved(1)]), AS_THEY_ARE);
    // Nor is everything in the folder of the author his alone: the book is a row of its own.
    let mut worlds = [empty(), shelved(1), shelved(1)];
    for world in &mut worlds[1..] {
        world.files = std::mem::take(&mut world.files)
            .into_iter()
            .map(|(path, entry)| (path.replace("Franz Kafka/", "Franz Kafka/by year/"), entry))
            .collect();
    }
    assert!(!of_files(&worlds).iter().any(|rule| rule.contains("{name}")), "{:?}", of_files(&worlds));
}

#[test]
fn two_rows_show_what_stays_where_the_rest_could_be_the_value_of_a_row() {
    // Two authors with a file called so, and a title that is called so as well: it is the kind of file that stays.
    let portraits = |mut world: Observation| {
        add(&mut world, "authors", &[2.into(), "Max Brod and others".into()]);
        add(&mut world, "books", &[7.into(), "portrait".into()]);
        for name in ["Franz Kafka", "Max Brod and others"] {
            put(&mut world, &format!("{name}/portrait.png"), "a picture");
        }
        world
    };
    let told = of_files(&[empty(), portraits(shelved(1)), portraits(shelved(1))]);
    let [named, needed] = [
        r#".file_named_after_row("authors", "{name}/portrait.png")"#,
        r#".row_needs_file_at("authors", "{name}/portrait.png")"#,
    ];
    assert_eq!(told, [&[named, needed], AS_THEY_ARE.as_slice()].concat());
}

#[test]
fn a_number_that_differs_between_the_runs_is_found_wherever_it_stands_in_a_path() {
    // The book gets number 2 in one run and 42 in the other, and the paths differ in that alone.
    let told = of_files(&[empty(), shelved(2), shelved(42)]);
    let of = |file: &str| {
        let path = format!("Franz Kafka/Metamorphosis ({{id}})/{file}");
        [format!(r#".file_named_after_row("books", "{path}")"#), format!(r#".row_needs_file_at("books", "{path}")"#)]
    };
    assert_eq!(told, [of("Metamorphosis.epub"), of("cover.jpg")].concat());
}

#[test]
fn a_column_that_holds_the_path_of_a_folder_owns_what_is_in_it() {
    let path = |id: i64| format!("Franz Kafka/Metamorphosis ({id})").as_str().into();
    let rules = [r#".file_named_after_row("folders", "{path}/**")"#, r#".row_needs_file_at("folders", "{path}/**")"#];
    for ids in [[1, 1], [2, 42]] {
        assert_eq!(of_files(&with_folders(ids, path)), rules, "{ids:?}");
    }
    // Below a folder of the application.
    let mut worlds = with_folders([2, 42], path);
    for world in &mut worlds {
        world.files = std::mem::take(&mut world.files)
            .into_iter()
            .map(|(path, entry)| (format!("library/{path}"), entry))
            .collect();
    }
    assert_eq!(
        of_files(&worlds),
        [
            r#".file_named_after_row("folders", "library/{path}/**")"#,
            r#".row_needs_file_at("folders", "library/{path}/**")"#,
        ]
    );
    // A folder that holds nothing is no less the row's; the row needs no file then.
    let mut worlds = with_folders([2, 42], path);
    for world in &mut worlds[1..] {
        add(world, "folders", &[3.into(), "Franz Kafka/The Trial (3)".into()]);
        world.files.insert("Franz Kafka/The Trial (3)".to_owned(), Entry::EmptyDirectory);
    }
    assert_eq!(of_files(&worlds), rules[..1]);
}

#[test]
fn a_text_that_is_called_like_a_folder_by_chance_owns_nothing() {
    // One word, the same in both runs, of one row: it may be the kind of thing as well as a folder.
    let mut worlds = with_folders([1, 1], |_| "covers".into());
    for world in &mut worlds[1..] {
        put(world, "covers/front.png", "a picture");
    }
    let told = of_files(&worlds);
    assert!(!told.iter().any(|rule| rule.contains("{path}")), "{told:?}");
    // Two rows with one folder: neither owns what is in it.
    let mut worlds = with_folders([1, 1], |_| "Franz Kafka/Metamorphosis (1)".into());
    for world in &mut worlds[1..] {
        add(world, "folders", &[2.into(), "Franz Kafka/Metamorphosis (1)".into()]);
    }
    assert_eq!(of_files(&worlds), AS_THEY_ARE);
    // One of the texts is no folder.
    let mut worlds = with_folders([1, 1], |_| "Franz Kafka/Metamorphosis (1)".into());
    for world in &mut worlds[1..] {
        add(world, "folders", &[2.into(), "Franz Kafka/The Trial (2)".into()]);
    }
    assert_eq!(of_files(&worlds), AS_THEY_ARE);
    // It was there before the request: nothing shows that a row makes it.
    let mut worlds = with_folders([1, 1], |_| "Franz Kafka/Metamorphosis (1)".into());
    put(&mut worlds[0], "Franz Kafka/Metamorphosis (1)/cover.jpg", "another");
    assert_eq!(of_files(&worlds), AS_THEY_ARE);
}

#[test]
fn a_number_of_two_tables_names_neither_where_nothing_tells_which() {
    // The author and the book are number 1, and so is the file.
    let numbered = |id: i64| {
        let mut world = shelved(id);
        world.files.clear();
        put(&mut world, &format!("covers/{id}.png"), "a picture");
        world
    };
    assert_eq!(of_files(&[empty(), numbered(1), numbered(1)]), [r#".file_stands_alone("covers/1.png")"#]);
    // It is the book's where the number differs with that of the book.
    assert_eq!(
        of_files(&[empty(), numbered(1), numbered(41)]),
        [r#".file_named_after_row("books", "covers/{id}.png")"#, r#".row_needs_file_at("books", "covers/{id}.png")"#]
    );
    // And where there are two books and one author.
    let two = || {
        let mut world = numbered(1);
        add(&mut world, "books", &[2.into(), "The Trial".into()]);
        put(&mut world, "covers/2.png", "another picture");
        world
    };
    assert_eq!(
        of_files(&[empty(), two(), two()]),
        [r#".file_named_after_row("books", "covers/{id}.png")"#, r#".row_needs_file_at("books", "covers/{id}.png")"#]
    );
}

#[test]
fn a_place_in_a_file_is_that_of_each_such_file() {
    // The file says when it was made, in a folder that is called after the number of the book.
    let dated = |id: i64, second: u32| {
        let mut world = shelved(id);
        world.files.retain(|path, _| path.ends_with("/cover.jpg"));
        let text = format!("<date>2024-03-01 12:00:0{second}.123456789 UTC</date> by Brod\n<serial>{second}7</serial>");
        put(&mut world, &format!("Franz Kafka/Metamorphosis ({id})/metadata.opf"), &text);
        world
    };
    let inside = |worlds: &Worlds| -> Vec<String> {
        let told = told(&Rules::inferred(), worlds);
        told.into_iter().filter(|rule| rule.contains("generated_in_files")).collect()
    };
    let path = "Franz Kafka/Metamorphosis (*)/metadata.opf";
    assert_eq!(
        inside(&[empty(), dated(2, 1), dated(42, 2)]),
        [
            format!(r#".generated_in_files("{path}", "<date>{{}}<")"#),
            format!(r#".generated_in_files("{path}", "<serial>{{}}7")"#),
        ]
    );
    // By the folder that a column names.
    let with_folder = |id: Option<i64>| {
        let mut world = id.map_or_else(empty, |id| dated(id, 1));
        make(&mut world, "folders", &["book_id", "path"], "CREATE TABLE folders (book_id INTEGER, path TEXT)");
        if let Some(id) = id {
            add(&mut world, "folders", &[id.into(), format!("Franz Kafka/Metamorphosis ({id})").as_str().into()]);
        }
        world
    };
    assert_eq!(
        inside(&[with_folder(None), with_folder(Some(2)), with_folder(Some(42))]),
        [r#".generated_in_files("*/*/metadata.opf", "<date>{}<")"#]
    );
}

#[test]
fn a_column_that_is_called_like_one_row_of_a_table_names_its_rows() {
    // A table of links, as of a library: each number is that of a row of the table with that name in the plural.
    let linked = |id: i64| {
        let mut world = shelved(id);
        make(
            &mut world,
            "books_authors_link",
            &["book", "author"],
            "CREATE TABLE books_authors_link (book INTEGER NOT NULL, author INTEGER NOT NULL, UNIQUE (book, author))",
        );
        add(&mut world, "books_authors_link", &[id.into(), 1.into()]);
        world
    };
    let references = |worlds: &Worlds| -> Vec<String> {
        let told = told(&Rules::inferred(), worlds);
        told.into_iter().filter(|rule| rule.contains("reference(")).collect()
    };
    for ids in [[1, 1], [2, 42]] {
        assert_eq!(
            references(&[empty(), linked(ids[0]), linked(ids[1])]),
            [
                r#".reference("books_authors_link", "book", "books", "id")"#,
                r#".reference("books_authors_link", "author", "authors", "id")"#
            ]
        );
    }
    // The number of the other run is none of those ids.
    let [mut one, other] = [linked(2), linked(42)];
    one.tables.get_mut("books_authors_link").expect("it is there").rows[0][0] = 42.into();
    assert_eq!(references(&[empty(), one, other]), [r#".reference("books_authors_link", "author", "authors", "id")"#]);
    // A text is no id of a row with a number, and a column of the table itself does not name its own rows.
    let titled = |id: i64| {
        let mut world = shelved(id);
        make(&mut world, "loans", &["book"], "CREATE TABLE loans (book TEXT)");
        add(&mut world, "loans", &["Metamorphosis".into()]);
        make(&mut world, "pages", &["id", "page"], "CREATE TABLE pages (id INTEGER PRIMARY KEY, page INTEGER)");
        add(&mut world, "pages", &[1.into(), 1.into()]);
        world
    };
    assert_eq!(references(&[empty(), titled(1), titled(1)]), Vec::<String>::new());
}

#[test]
fn rules_of_tables_that_the_request_leaves_as_they_are_come_last() {
    let with_tags = |mut world: Observation| {
        make(&mut world, "a_tags", &["id"], "CREATE TABLE a_tags (id INTEGER PRIMARY KEY)");
        add(&mut world, "a_tags", &[1.into()]);
        world
    };
    let worlds = [with_tags(empty()), with_tags(shelved(2)), with_tags(shelved(42))];
    let (_, found) = inferred(&Rules::inferred(), &worlds).expect("it can be meant");
    let untouched: Vec<(&str, bool)> = found
        .iter()
        .map(|rule| (rule.subject.as_str(), rule.is_untouched))
        .filter(|(subject, _)| subject.contains(".id"))
        .collect();
    assert_eq!(untouched, [("authors.id", false), ("books.id", false), ("a_tags.id", true)]);
    assert!(found.last().is_some_and(|rule| rule.is_untouched));
}
