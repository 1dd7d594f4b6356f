//! Rows and answers whose path is a symbolic link: they have what it leads to.

use super::*;

const BLOB: &str = "blobs/1";

/// The whole result; the file is elsewhere, and a link stands at the path that the row holds.
fn linked(target: &str) -> Observation {
    let mut world = result();
    let file = world.files.insert(PATH.to_owned(), Entry::Link(target.to_owned())).expect("the file of the row");
    world.files.insert(BLOB.to_owned(), file);
    world
}

fn breaches(world: &Observation) -> Breaches {
    let reference = Reference::new(&rules(), before(), [world.clone(), world.clone()]);
    judge(&reference, Moment::AtRest, world, Words::Told).breaches
}

#[test]
fn a_link_to_a_file_of_the_world_is_as_good_as_the_file() {
    assert_eq!(breaches(&linked(BLOB)), Breaches::new());
}

#[test]
fn a_link_that_leads_to_no_file_of_the_world_is_none() {
    for target in ["nothing", "/blobs/1", "../blobs/1"] {
        let broken = breaches(&linked(target));
        let rows = &broken[&Criterion::NoOrphanRows];
        assert!(rows.iter().any(|line| line.contains("names a file that is not there")), "{rows:?}");
        assert_eq!(broken[&Criterion::NoOrphanFiles], ["blobs/1 (9 bytes) belongs to no row"]);
        let answer = &broken[&Criterion::ResponseComplete];
        assert!(answer.iter().any(|line| line.contains("leads to a file that is not there")), "{answer:?}");
    }
}

#[test]
fn what_no_row_names_belongs_to_nobody_whatever_it_is() {
    let mut world = result();
    for (path, entry) in [
        ("context/link", Entry::Link(PATH.to_owned())),
        ("context/pipe", Entry::Special(crate::observe::Special::Pipe)),
        ("context/secret", Entry::Unreadable("permission denied".to_owned())),
    ] {
        world.files.insert(path.to_owned(), entry);
    }
    // The id of the row is another one in each run, so that the path in the link shows by role.
    let told = &judge(&reference(), Moment::AtRest, &world, Words::Told).breaches[&Criterion::NoOrphanFiles];
    let row = told[0].split(['<', '>']).nth(1).expect("the link leads to the file of a row").to_owned();
    assert!(row.starts_with("scenarios-"), "{told:?}");
    assert_eq!(
        *told,
        [
            format!("context/link (a symbolic link to context/<{row}>/context.txt) belongs to no row").as_str(),
            "context/pipe (a named pipe) belongs to no row",
            "context/secret (unreadable: permission denied) belongs to no row",
        ]
    );
}
