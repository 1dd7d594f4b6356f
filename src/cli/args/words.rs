//! The texts of the help beside the arguments.

use std::fmt::Write as _;

use crate::Subject;
use crate::request_format::RequestPart;

pub(super) const ABOUT: &str = "Finds out what an import leaves behind when it dies halfway";

pub(super) const LONG_ABOUT: &str = "\
Finds out what an import leaves behind when it dies halfway.

Runs each strategy of an import again and again, breaks it once at every step in every way that can happen in \
production, starts the application again, sends the request again, and judges the world that is left. Prints the smallest \
schedule that breaks each promise, the command that repeats it, and a matrix of all strategies.

Without a command, halfway explores.";

const EXIT_CODE: &str = "\
Exit code: 0 when everything is as expected, 1 when not, 2 when halfway could not tell, 130 when it was stopped.";

/// Examples with the names of the flows that there are.
pub(super) fn examples(program: &str, known: &[Subject]) -> String {
    let flow = known.first().map_or("FLOW", Subject::flow);
    let strategy = known.first().map_or("FLOW/STRATEGY".to_owned(), Subject::name);
    let asked = known.first().and_then(Subject::request_parts).unwrap_or_default();
    let files = asked.iter().filter_map(RequestPart::asked_by).map(|(option, _)| format!(" {option} FILE"));
    let files: String = files.collect();
    let mut lines = vec![
        (String::new(), "all flows, all strategies, all faults"),
        (format!("{flow} --depth 1"), "one flow, one fault in each case"),
        (format!("{strategy} --faults error,crash"), "one strategy, two classes of faults"),
        ("--faults all".to_owned(), "file operations and power loss too"),
        ("--random 500 --seed 7 --depth 3".to_owned(), "500 cases for each strategy, drawn at random"),
    ];
    if !files.is_empty() {
        lines.push((format!("{flow}{files}"), "a request of your own"));
    }
    let rest = [
        ("--out reports", "every format into one folder"),
        ("--format json --out report.json", "for programs; the schema is in schema/"),
        ("--baseline report.json", "fail where a grade is worse than in a saved run"),
        ("--format json --out report.json --resume report.json", "go on with a run that Ctrl-C stopped"),
        ("--shard 2/4 --format json --out part-2.json", "one of four machines that share a run"),
        ("merge part-*.json --out reports", "the report of all four"),
        ("report report.json --format html --out report.html", "a saved report in another format"),
        ("diff before.json after.json", "what changed between two saved runs"),
    ];
    lines.extend(rest.map(|(typed, why)| (typed.to_owned(), why)));
    if program == "halfway" {
        lines.push(("upload.toml".to_owned(), "a program in any language, as a file describes it"));
    }
    lines.extend([
        (format!("replay '{strategy} @answer:after=crash'"), "one case again, step by step"),
        (format!("replay '{strategy} @answer:after=crash' --save NAME"), "the same as a fault scenario"),
        ("check scenarios".to_owned(), "the fault scenarios in a folder"),
        ("list".to_owned(), "flows, strategies, steps"),
    ]);
    let lines = lines.into_iter().map(|(typed, why)| (format!("{program} {typed}").trim_end().to_owned(), why));
    let lines: Vec<(String, &str)> = lines.collect();
    let mut text = "Examples:\n".to_owned();
    for (typed, why) in lines {
        let _ = match typed.len() {
            ..=COLUMN => writeln!(text, "  {typed:<COLUMN$}  {why}"),
            _ => writeln!(text, "  {typed}\n  {:<COLUMN$}  {why}", ""),
        };
    }
    text + "\n" + EXIT_CODE
}

/// The width of the examples; the reason of a longer one stands below it.
const COLUMN: usize = 50;
