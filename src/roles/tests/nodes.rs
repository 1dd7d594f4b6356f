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
        difference(&Lens::new(&Rules::new()), &one_table("t", &columns, &[&was]), &one_table("t", &columns, &[&other, &is])),
        ["t: 1 row more: t-1 (nr 1, size 1.5, hash 1 byte)", "t: t-2 changed: name was \"a\", is \"c\""]
    );
}
