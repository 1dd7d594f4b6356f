//! Small flows from a grammar: what halfway says of each is what a naive interpreter of the same program finds.
//!
//! The interpreter works on plain maps, tries every fault at every step, and grades each promise from its definition. It
//! shares no line with halfway but the names of the criteria, grades and classes of faults.
//!
//! `HALFWAY_GRAMMAR_FLOWS=5000 cargo test --test grammar` draws more of them, `HALFWAY_GRAMMAR_SEED=7` others.

#[path = "grammar/abstract_world.rs"]
mod abstract_world;
#[path = "grammar/application.rs"]
mod application;
#[path = "grammar/change.rs"]
mod change;
#[path = "grammar/comparison.rs"]
mod comparison;
#[path = "grammar/declared.rs"]
mod declared;
#[path = "grammar/designs.rs"]
mod designs;
#[path = "grammar/draw.rs"]
mod draw;
#[path = "grammar/naive.rs"]
mod naive;
#[path = "grammar/named.rs"]
mod named;
#[path = "grammar/pending.rs"]
mod pending;
#[path = "grammar/program.rs"]
mod program;
#[path = "grammar/promises.rs"]
mod promises;
#[path = "grammar/sameness.rs"]
mod sameness;
#[path = "grammar/start.rs"]
mod start;
#[path = "grammar/statements.rs"]
mod statements;
#[path = "grammar/truth.rs"]
mod truth;

use std::cell::RefCell;
use std::collections::BTreeMap;

use comparison::compare;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use truth::{Senseless, truth};

/// How many flows are drawn.
const FLOWS: u32 = 300;

/// A number from the environment.
fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

fn runner() -> TestRunner {
    let cases = number("HALFWAY_GRAMMAR_FLOWS", FLOWS);
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("HALFWAY_GRAMMAR_SEED", 0).to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 600, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

#[test]
fn halfway_says_of_every_small_flow_what_is_so() {
    let senseless = RefCell::new(BTreeMap::<Senseless, u32>::new());
    let drawn = RefCell::new(0);
    let found = runner().run(&draw::program(), |program| {
        *drawn.borrow_mut() += 1;
        if let Err(why) = truth(&program) {
            *senseless.borrow_mut().entry(why).or_default() += 1;
        }
        compare(&program).map_err(TestCaseError::fail)
    });
    match found {
        Ok(()) => {}
        Err(TestError::Fail(difference, program)) => panic!("{difference}\n\n{program}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let (senseless, drawn) = (senseless.into_inner(), drawn.into_inner());
    println!("{drawn} flows, senseless: {senseless:?}");
    assert!(senseless.values().sum::<u32>() * 2 < drawn, "of {drawn} flows too many say nothing: {senseless:?}");
}
