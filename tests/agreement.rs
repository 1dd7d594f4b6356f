//! The two ways of halfway agree: a reference flow that is broken in this process, and the same flow as a server that is
//! broken as a program, fare alike in every criterion, strategy and class of faults that both know.
//!
//! Both are judged by inferred rules. Torn writes are left out for their time; disk errors, since in this process halfway
//! spares a file that another connection of a pool opens once more: when that happens is up to the pool. Of a program it
//! breaks each, and there `scenario-create/intent-log` does not answer in time: its pool goes on trying to open the database.
#![cfg(all(feature = "cli", target_os = "linux", target_arch = "x86_64"))]

#[path = "programs/trying.rs"]
mod trying;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, explore_all};
use halfway::imports::{Requests, subjects};
use halfway::judge::Grade;
use halfway::report::Report;
use halfway::{Rules, Silent, Subject};

use trying::{Folder, can_run, said};

/// The worst grade with one fault, by strategy, class of faults and criterion.
type Grades = BTreeMap<(String, String, String), Grade>;

const FLOWS: [&str; 2] = ["scenario-create", "chapter-import"];

/// The flows as servers: `cargo test` builds them beside this test.
fn server() -> PathBuf {
    let this = env::current_exe().expect("the path of this test");
    let folder = this.parent().and_then(|deps| deps.parent()).expect("the folder of what cargo builds");
    folder.join("examples/reference_server")
}

fn in_this_process() -> Grades {
    let chosen = subjects(&Requests::default()).into_iter().filter(|subject| FLOWS.contains(&subject.flow()));
    let subjects: Vec<Subject> = chosen.map(|subject| subject.rules(Rules::inferred())).collect();
    let faults = [FaultClass::Crash, FaultClass::PowerLoss].into();
    let settings = Settings { depth: 1, faults, ..Settings::default() };
    grades(&explore_all(&subjects, &settings, &Silent).expect("the harness can tell").report)
}

fn as_programs() -> Grades {
    let mut folder = Folder::new();
    let mut files = Vec::new();
    let server = server();
    assert!(server.is_file(), "{} is not there: build it: cargo build --example reference_server", server.display());
    for subject in subjects(&Requests::default()).iter().filter(|subject| FLOWS.contains(&subject.flow())) {
        let (flow, strategy) = (subject.flow(), subject.strategy());
        let command = format!("\"{}\", \"{flow}\", \"{strategy}\"", server.display());
        let file = format!(
            "name = \"{flow}\"\nstrategy = \"{strategy}\"\nsetup = [{command}, \"prepare\"]\nserve = [{command}]\n\
             http = {{ method = \"POST\", url = \"http://127.0.0.1:8080/\" }}\n"
        );
        files.push(format!("{flow}.{strategy}.toml"));
        folder = folder.with(&files[files.len() - 1], &file);
    }
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.extend(["--depth", "1", "--faults", "crash,power-loss", "--format", "json", "--out", "it.json"]);
    let output = folder.halfway(&arguments);
    // Some of them are faulty.
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let written = fs::read_to_string(folder.0.path().join("it.json")).expect("a report");
    grades(&serde_json::from_str(&written).expect("a report"))
}

fn grades(report: &Report) -> Grades {
    let cells = report.strategies.iter().flat_map(|strategy| {
        let name = format!("{}/{}", strategy.flow, strategy.strategy);
        strategy.cells.iter().map(move |cell| {
            ((name.clone(), format!("{:?}", cell.fault), cell.criterion.name().to_owned()), cell.grade)
        })
    });
    cells.collect()
}

#[test]
fn a_flow_and_the_same_flow_as_a_program_fare_alike() {
    if !can_run(&[]) {
        return;
    }
    let (here, there) = (in_this_process(), as_programs());
    assert!(here.len() >= 10 * FLOWS.len() * 3, "{here:?}");
    assert_eq!(here.len(), there.len());
    let differences: Vec<String> = here
        .iter()
        .filter(|&(cell, grade)| there.get(cell) != Some(grade))
        .map(|(cell, grade)| format!("{cell:?}: {grade:?} in this process, {:?} as a program", there.get(cell)))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
