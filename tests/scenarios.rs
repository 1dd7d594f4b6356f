//! The fault scenarios in `scenarios/`: one test for each file, under its name. Each strategy fares as its file expects.
//!
//! `cargo test --test scenarios chapter-import/links-fail` runs one. A file that is added is a test; nothing is built for it.

#[path = "scenarios/review.rs"]
mod review;
#[path = "scenarios/same_format.rs"]
mod same_format;
#[path = "scenarios/schema.rs"]
mod schema;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use halfway::Subject;
use halfway::fault_scenario::{FaultScenario, Played, find};
use halfway::harness::Settings;
use halfway::imports::{Requests, subjects};
use libtest_mimic::{Arguments, Failed, Trial};

/// The folder of the fault scenarios; tests run where it is.
const FOLDER: &str = "scenarios";

/// The flows of this crate.
fn known() -> Vec<Subject> {
    subjects(&Requests::default())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let files = find(&[PathBuf::from(FOLDER)]).expect("there are fault scenarios");
    let of_file = |path: &PathBuf| {
        let path = path.clone();
        Trial::test(name(&path), move || check(&path))
    };
    let mut tests: Vec<Trial> = files.iter().map(of_file).collect();
    tests.push(Trial::test("reader_and_schema_agree", same_format::reader_and_schema_agree));
    tests.push(Trial::test("every_name_is_known_to_both", same_format::every_name_is_known_to_both));
    tests.push(Trial::test("the_example_of_the_readme_comes_true", the_example_of_the_readme_comes_true));
    let names: Vec<String> = files.iter().map(|path| name(path)).collect();
    tests.push(Trial::test("every_snapshot_belongs_to_a_fault_scenario", move || {
        review::every_snapshot_belongs_to_a_fault_scenario(&names)
    }));
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// The name of a file in tests and snapshots: its path below the folder, without the ending.
fn name(path: &Path) -> String {
    let below = path.strip_prefix(FOLDER).unwrap_or(path).with_extension("");
    below.display().to_string()
}

fn check(path: &Path) -> Result<(), Failed> {
    let scenario = FaultScenario::open(path, &known())?;
    let folder = path.parent().and_then(Path::file_name);
    if folder.is_none_or(|folder| *folder != *scenario.flow) {
        return Err(format!("{}: a fault scenario of {1} is in {FOLDER}/{1}/", path.display(), scenario.flow).into());
    }
    schema::validate(&std::fs::read_to_string(path)?)?;
    let played = scenario.play(&Settings::default())?;
    let failures: Vec<String> = played.iter().filter_map(|played| failure(&scenario, played)).collect();
    let sheet = review::sheet(&scenario, &played);
    if review::sheet(&scenario, &scenario.play(&Settings::default())?) != sheet {
        return Err("played twice, it is not the same: something in it is made up anew in each run".into());
    }
    // Where it is not as expected the difference in the snapshot says why: it is made in any case.
    let reviewed = catch_unwind(AssertUnwindSafe(|| review::compare(&name(path), &sheet)));
    match (failures.is_empty(), reviewed) {
        (true, Ok(())) => Ok(()),
        (true, Err(differs)) => resume_unwind(differs),
        (false, _) => Err(failures.join("\n").into()),
    }
}

fn the_example_of_the_readme_comes_true() -> Result<(), Failed> {
    let readme = std::fs::read_to_string("docs/scenarios.md")?;
    let (_, example) = readme.split_once("```toml\ntitle = ").ok_or("docs/scenarios.md shows no fault scenario")?;
    let (example, _) = example.split_once("```").ok_or("the example of docs/scenarios.md does not end")?;
    let text = format!("title = {example}");
    schema::validate(&text)?;
    let scenario = FaultScenario::read(Path::new("scenarios/chapter-import/example.toml"), &text, &known())?;
    let played = scenario.play(&Settings::default())?;
    let failures: Vec<String> = played.iter().filter_map(|played| failure(&scenario, played)).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

fn failure(scenario: &FaultScenario, played: &Played) -> Option<String> {
    let differences: Vec<String> = played.differences.iter().map(ToString::to_string).collect();
    let (flow, strategy, again) = (&scenario.flow, &played.strategy, &played.story.again);
    (!differences.is_empty()).then(|| format!("{flow}/{strategy}\n{}\n  again   {again}", differences.join("\n")))
}
