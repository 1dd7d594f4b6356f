//! Names of files that are made up anew: it counts that there is a file of its kind, and not what it is called.

use super::*;

/// A world with these covers, each of a row with its title and path where it has one.
fn world(covers: &[(&str, &str, Option<&str>)]) -> Observation {
    let rows = covers.iter().filter_map(|(name, _, title)| Some(vec![(*title)?.into(), text(&path(name))]));
    Observation {
        tables: [("books".to_owned(), table(&["title", "cover"], rows.collect()))].into(),
        files: covers.iter().map(|(name, content, _)| (path(name), file(content))).collect(),
        ..Observation::default()
    }
}

fn path(name: &str) -> String {
    format!("covers/{name}.png")
}

const FRONT: (&str, &str, Option<&str>) = ("front", "the shop", None);

/// Two runs show what is made up; one cover was there before.
fn lens() -> Lens {
    let before = world(&[FRONT]);
    let run = |name: &str| world(&[FRONT, (name, "PNG", Some("Emma"))]);
    let rules = Rules::new().generated_id("books", "cover").row_needs_file("books", "cover");
    Lens::of_runs(&rules, &before, [&run("k3xq9"), &run("b7")])
}

fn print(covers: &[(&str, &str, Option<&str>)]) -> Fingerprint {
    Canonical::new(&lens(), &world(covers)).fingerprint()
}

#[test]
fn a_file_that_nobody_names_is_the_same_under_another_name_of_its_kind() {
    let orphan = print(&[FRONT, ("zzzzz", "PNG", None)]);
    assert_eq!(print(&[FRONT, ("aaaaa", "PNG", None)]), orphan);
    assert_ne!(print(&[FRONT, ("aaaaa", "PN", None)]), orphan, "it holds something else");
    assert_ne!(print(&[FRONT]), orphan, "it is there or not");
    assert_ne!(print(&[FRONT, ("aaaaa", "PNG", None), ("bbbbb", "PNG", None)]), orphan, "there are two");
}

#[test]
fn a_name_that_is_always_the_same_is_called_as_it_is() {
    let orphan = print(&[("zzzzz", "the shop", None)]);
    assert_ne!(print(&[FRONT]), orphan, "what was there is gone, and something like it is there");
    let lens = lens();
    let told = difference(&lens, &world(&[FRONT]), &world(&[("zzzzz", "the shop", None)]));
    assert_eq!(told, ["file more: covers/<generated>.png (8 bytes)", "file gone: covers/front.png (8 bytes)"]);
}

#[test]
fn a_row_still_has_the_file_that_it_names() {
    let (emma, persuasion) = (Some("Emma"), Some("Persuasion"));
    let right = print(&[("a1", "for Emma", emma), ("b2", "for Persuasion", persuasion)]);
    assert_eq!(print(&[("c3", "for Emma", emma), ("d4", "for Persuasion", persuasion)]), right);
    assert_ne!(print(&[("c3", "for Persuasion", emma), ("d4", "for Emma", persuasion)]), right, "they are swapped");
}

#[test]
fn ids_in_paths_are_still_told_from_each_other() {
    let run = |run: u32| {
        let run = Run(run);
        let mut world = Observation::default();
        world.tables.insert("chapters".to_owned(), table(&["id"], vec![vec![run.row(1)], vec![run.row(2)]]));
        world.files = [(run.path(1), file("one")), (run.path(2), file("two"))].into();
        world
    };
    let lens = Lens::of_runs(&rules(), &Observation::default(), [&run(1), &run(2)]);
    let mut of_nobody = run(3);
    of_nobody.files = [(Run(3).path(1), file("one")), (Run(4).path(2), file("two"))].into();
    let print = |world: &Observation| Canonical::new(&lens, world).fingerprint();
    assert_eq!(print(&run(5)), print(&run(1)));
    assert_ne!(print(&of_nobody), print(&run(1)), "a file of no row");
}
