//! Reads the matrix of a report, and holds examples to theirs.

use std::path::Path;
use std::process::Output;

use crate::trying::{command, said};

/// The line of the matrix that belongs to a strategy.
pub(crate) fn line<'s>(said: &'s str, strategy: &str) -> Vec<&'s str> {
    let line = said.lines().find(|line| line.trim_start().starts_with(strategy) && line.contains("  held"));
    line.unwrap_or_else(|| panic!("no line of {strategy} in {said}")).split_whitespace().collect()
}

/// What halfway says of an example of this package.
pub(crate) fn example(arguments: &[&str]) -> Output {
    command(Path::new(env!("CARGO_MANIFEST_DIR")), arguments).env_remove("TMPDIR").output().expect("start halfway")
}

/// How the strategies of an example fare: their grades in the order of the matrix, and what is expected of them.
pub(crate) fn fares(name: &str, options: &[&str], expected: &[(&str, [&str; 8], &str)]) {
    let files: Vec<String> = expected.iter().map(|(strategy, ..)| format!("programs/{name}/{strategy}.toml")).collect();
    let arguments: Vec<&str> = files.iter().map(String::as_str).chain(options.iter().copied()).collect();
    let output = example(&arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for (strategy, grades, expected) in expected {
        assert_eq!(line(&said, strategy), [&[*strategy][..], grades, &[expected, "✓"]].concat(), "{said}");
    }
}
