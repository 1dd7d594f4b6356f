//! `halfway list`: flows, strategies, steps, and the faults that apply.

use std::fmt::Write as _;

use super::args::{List, ListFormat};
use super::explore::selected;
use super::progress::{Bar, interruptible};
use super::{Exit, Failure, output, requests};
use crate::harness::{Listed, Settings, list};

pub(super) fn run(typed: &List) -> Result<Exit, Failure> {
    let subjects = selected(requests::read(&typed.requests)?, &typed.selection)?;
    let bar = Bar::new();
    let settings = Settings { interrupted: interruptible(), ..Settings::default() };
    let listed = list(&subjects, &settings, &bar);
    bar.clear();
    let listed = listed?;
    match typed.format {
        ListFormat::Text => output::print(&text(&listed))?,
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(&listed).expect("names and lists are JSON");
            output::print_raw(&(json + "\n"))?;
        }
    }
    Ok(Exit::AsExpected)
}

fn text(listed: &[Listed]) -> String {
    let mut text = String::new();
    let mut flow = "";
    for strategy in listed {
        if strategy.flow != flow {
            flow = &strategy.flow;
            let _ = writeln!(text, "{flow}");
        }
        let _ = writeln!(text, "\n  {} ({})", strategy.strategy, strategy.expect.name());
        for step in &strategy.steps {
            let _ = writeln!(text, "    {:<20} {:<9} {}", step.step, step.resource.name(), step.phases.join(", "));
        }
        text.push('\n');
    }
    text + FAULTS
}

/// Which faults apply where. The JSON list has them step by step.
const FAULTS: &str = "\
Faults, by the edge of a step:
  before  error, error:disk-full, outage, cancel, panic, crash; database: error:busy; disk: error:denied
  during  cancel, crash
  after   lost-ack, cancel, panic, crash

A case:   FLOW/STRATEGY [PHASE/]STEP#OCCURRENCE:EDGE=FAULT ...   with PHASE boot, retry or impatient
";
