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
#[path = "grammar/printed.rs"]
mod printed;
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
use std::collections::{BTreeMap, BTreeSet};

use change::{Alteration, apply};
use comparison::{Said, compare, said_of};
use halfway::judge::{Criterion, Grade};
use program::{Program, State, Table};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use truth::{Grades, Senseless, truth};

/// How many flows are drawn.
const FLOWS: u32 = 200;

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

/// What was drawn.
#[derive(Default)]
struct Drawn {
    flows: u32,
    senseless: BTreeMap<Senseless, u32>,
    /// Flows for which nothing is worse than healed by recovery.
    sound: u32,
    grades: BTreeSet<(Criterion, Grade)>,
}

impl Drawn {
    fn note(&mut self, so: &Result<Grades, Senseless>) {
        self.flows += 1;
        match so {
            Ok(grades) => {
                self.sound += u32::from(holds(grades));
                self.grades.extend(grades.iter().map(|((_, criterion), fared)| (*criterion, fared.worst)));
            }
            Err(why) => *self.senseless.entry(*why).or_default() += 1,
        }
    }

    /// Whether there was enough of everything for the comparison to mean something.
    fn assert_varied(&self) {
        let senseless = self.senseless.values().sum::<u32>();
        assert!(senseless * 2 < self.flows, "of {} flows too many say nothing: {:?}", self.flows, self.senseless);
        assert!(self.sound * 20 > self.flows, "of {} flows only {} are sound", self.flows, self.sound);
        for criterion in Criterion::ALL {
            let was = |grade| self.grades.contains(&(criterion, grade));
            assert!(was(Grade::Held) && was(Grade::Violated), "{criterion} was never kept, or never broken");
            let can_be_healed = !criterion.is_about_retries() && !criterion.is_about_what_was_told();
            let was_healed = was(Grade::HealedByRecovery) || was(Grade::HealedByRetry);
            assert_eq!(was_healed, can_be_healed, "{criterion}");
        }
    }
}

fn holds(grades: &Grades) -> bool {
    grades.values().all(|fared| fared.worst <= Grade::HealedByRecovery)
}

#[test]
fn halfway_says_of_every_small_flow_what_is_so() {
    let drawn = RefCell::new(Drawn::default());
    let found = runner().run(&draw::program(), |program| {
        let so = truth(&program);
        drawn.borrow_mut().note(&so);
        compare(said_of(&program), so).map_err(TestCaseError::fail)
    });
    match found {
        Ok(()) => {}
        Err(TestError::Fail(difference, program)) => panic!("{difference}\n\n{program}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let drawn = drawn.into_inner();
    println!("{} flows, {} of them sound, senseless: {:?}", drawn.flows, drawn.sound, drawn.senseless);
    drawn.assert_varied();
}

/// Nobody has to be asked whether these hold: the reasons stand beside each.
#[test]
fn the_naive_side_says_of_known_designs_what_is_known_of_them() {
    let check = |name: &str, program: &Program, is_sound: bool| {
        let grades = truth(program).unwrap_or_else(|why| panic!("{name} says nothing: {why:?}"));
        let broken: Vec<String> = grades
            .iter()
            .filter(|(_, fared)| fared.worst > Grade::HealedByRecovery)
            .map(|((class, criterion), fared)| format!("{} {criterion} {}", class.name(), fared.worst))
            .collect();
        assert_eq!(broken.is_empty(), is_sound, "{name}: {broken:?}");
    };
    // The row is there, and nobody knows of a file.
    check("row-file-row", &designs::row_file_row(), false);
    check("file-then-row", &designs::file_then_row(), true);
    check("intent", &designs::intent(), true);
    check("job-apart", &designs::job_apart(), true);
    check("one-transaction", &designs::one_transaction(), true);
    // Nobody undoes after a crash.
    check("undo-on-error", &designs::undo_on_error(), false);
    // The file of a draft stays where the process lives on: no start comes to sweep it.
    check("resumed", &designs::resumed(), false);
    // The retry of what was carried out is refused.
    check("refused-again", &designs::answered_again(), false);
    // As the file of a draft.
    check("folder-then-row", &designs::folder_then_row(), false);
}

/// The application does something else than the program of which the naive side speaks.
#[test]
fn a_difference_is_seen() {
    let check = |program: &Program, alteration: Alteration| {
        let mut other = program.clone();
        apply(&mut other, alteration);
        assert_ne!(&other, program);
        let differs = compare(said_of(&other), truth(program)).is_err();
        assert!(differs, "this passes for what was to be played:\n{other}\n{program}");
    };
    check(&designs::file_then_row(), Alteration::RemoveStart(0));
    check(&designs::job_apart(), Alteration::FlattenTransaction(0));
    check(&designs::job_apart(), Alteration::RemoveUndo(0));
    check(&designs::undo_on_error(), Alteration::RemoveUndo(0));
    check(&designs::one_transaction(), Alteration::Tolerate(2));
    check(&designs::intent(), Alteration::AddStart(program::Start::Drop(Table::Docs, State::Done)));
    check(&designs::file_then_row(), Alteration::SwapInsertAndUpsert(2));
    assert!(matches!(said_of(&designs::file_then_row()), Said::Grades(..)));
}
