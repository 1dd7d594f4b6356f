//! The reference flows, their rules taken away: what halfway infers gives the same grades, but for those in the table.
//!
//! `without_rules/table.txt` says which grades inference cannot give, and why.

use std::collections::BTreeMap;

use halfway::harness::{Settings, explore_all};
use halfway::imports::{Requests, subjects};
use halfway::judge::{Criterion, Grade};
use halfway::report::Report;
use halfway::{Rules, Silent, Subject};

const TABLE: &str = include_str!("without_rules/table.txt");

/// The worst grade of each strategy in each criterion, with one fault at most.
fn grades(subjects: &[Subject]) -> BTreeMap<(String, &'static str), Option<Grade>> {
    let settings = Settings { depth: 1, ..Settings::default() };
    let report: Report = explore_all(subjects, &settings, &Silent).expect("the harness can tell").report;
    let of_strategy = report.strategies.iter().flat_map(|strategy| {
        let name = format!("{}/{}", strategy.flow, strategy.strategy);
        Criterion::ALL.map(move |criterion| ((name.clone(), criterion.name()), strategy.worst(criterion)))
    });
    of_strategy.collect()
}

/// A line of the table: strategy, criterion, the grade by the declared rules, that by inferred ones.
fn lost() -> Vec<[String; 4]> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let cells = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().take(4).collect();
        cells.try_into().map(|cells: [&str; 4]| cells.map(str::to_owned)).expect(line)
    };
    lines.map(cells).collect()
}

fn name(grade: Option<Grade>) -> String {
    grade.map_or("-", Grade::name).to_owned()
}

#[test]
fn inference_keeps_every_grade_but_those_that_it_cannot_give() {
    let declared = grades(&subjects(&Requests::default()));
    let bare: Vec<Subject> =
        subjects(&Requests::default()).into_iter().map(|subject| subject.rules(Rules::inferred())).collect();
    let inferred = grades(&bare);
    let differences = declared.iter().filter(|(cell, grade)| inferred[*cell] != **grade);
    let differences: Vec<[String; 4]> = differences
        .map(|((strategy, criterion), grade)| {
            let again = inferred[&(strategy.clone(), *criterion)];
            [strategy.clone(), (*criterion).to_owned(), name(*grade), name(again)]
        })
        .collect();
    let told = differences.iter().map(|cells| cells.join(" ")).collect::<Vec<_>>().join("\n");
    assert_eq!(differences, lost(), "they differ in:\n{told}");
}
