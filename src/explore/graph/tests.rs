//! Which cases are one, and who does what has to be done once.

use super::*;
use crate::observe::{Entry, Observation};
use crate::roles::{Canonical, Lens};
use crate::rules::Rules;

/// The number of a world with so many files.
fn world(files: usize) -> Fingerprint {
    let files = (0..files).map(|file| (format!("{file}.txt"), Entry::File(b"x".as_slice().into())));
    let observation = Observation { files: files.collect(), ..Observation::default() };
    Canonical::new(&Lens::new(&Rules::new()), &observation).fingerprint()
}

fn told(answer: &Answer) -> Key {
    Key::new(world(1), Some(answer), None)
}

fn panicked(injected: bool) -> Answer {
    Answer::Panicked { message: "no".to_owned(), injected }
}

#[test]
fn a_caller_who_knows_of_no_success_is_told_nothing() {
    let nothing = Key::new(world(1), None, None);
    assert_eq!(told(&Answer::Failure("no".to_owned())), nothing);
    assert_eq!(told(&panicked(true)), nothing);
}

#[test]
fn each_other_answer_makes_a_difference_and_so_does_the_world() {
    let nothing = Key::new(world(1), None, None);
    let all = [
        nothing,
        told(&Answer::Success(1.into())),
        told(&Answer::Success(2.into())),
        told(&panicked(false)),
        told(&Answer::Hung { deadline_ms: 1 }),
        told(&Answer::NotBooted("no".to_owned())),
        Key::new(world(2), None, None),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(all[..at].iter().all(|other| other != one), "{one:?}");
    }
    assert_eq!((all[0].world(), all[6].world()), (world(1), world(2)));
}

#[test]
fn what_is_set_apart_is_equal_to_nothing_else() {
    let key = Key::new(world(1), None, None);
    let apart = key.clone().set_apart(1);
    assert_ne!(apart, key);
    assert_ne!(apart, key.clone().set_apart(2));
    assert_eq!(apart, Key::new(world(1), None, Some(1)));
    assert_eq!(apart.world(), world(1));
}

#[test]
fn of_cases_with_one_key_the_first_in_order_does_it_whoever_comes_first() {
    let claims = Claims::new();
    assert!(claims.is_first("a", 5), "nobody else has come");
    assert!(claims.is_first("a", 5), "it asks again");
    assert!(!claims.is_first("a", 7));
    assert!(claims.is_first("a", 3), "it comes later, and is earlier in order");
    assert!(!claims.is_first("a", 5), "it is the first no longer");
    assert!(claims.is_first("b", 9), "another key");
}
