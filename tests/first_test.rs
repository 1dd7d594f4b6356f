//! The first test of the README, and what the README says that it prints.

#[rustfmt::skip]
#[path = "first_test/add_book.rs"]
#[expect(clippy::unnecessary_literal_bound, reason = "as the README has it, shorter")]
mod add_book;

use add_book::AddBook;
use halfway::explore;
use halfway::report::text;

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_shows_this_very_flow() {
    let shown = include_str!("first_test/add_book.rs");
    let (imports, flow) = shown.split_once("pub(crate) ").expect("the flow");
    assert!(README.contains(flow), "the README shows another flow than tests/first_test/add_book.rs");
    assert!(imports.lines().filter(|line| !line.is_empty()).all(|line| README.contains(line.trim_end_matches("};"))));
}

#[test]
fn it_finds_what_the_readme_says() {
    let report = explore(AddBook, "The Name of the Rose").run().expect("it can tell").report;
    let name = "it_finds_what_the_readme_says";
    let told = text::render(&report, 120)
        .replace(name, "a_book_is_whole_or_not_there")
        .replace("-p halfway --test first_test ", "-p my-app --test halfway ");
    let shown = README.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("what it prints");
    for part in shown.split("\n\n") {
        assert!(told.contains(part.trim_end()), "it does not print:\n{part}\nbut:\n{told}");
    }
}
