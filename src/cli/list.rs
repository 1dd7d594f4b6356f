//! `halfway list`: flows, strategies, steps, and the faults that apply.

use std::fmt::Write as _;

use super::args::{List, ListFormat};
use super::explore::selected;
use super::progress::{Bar, interruptible};
use super::{Exit, Failure, output, requests};
use crate::Subject;
use crate::fault::FaultClass;
use crate::harness::{Listed, ListedOperation, Settings, list};

pub(super) fn run(typed: &List, known: &[Subject]) -> Result<Exit, Failure> {
    let subjects = selected(requests::read(&typed.requests, known)?, &typed.selection)?;
    let bar = Bar::new();
    let mut settings = Settings { interrupted: interruptible(), ..Settings::default() };
    if typed.operations {
        settings.faults = FaultClass::ALL.into_iter().filter(|class| *class != FaultClass::PowerLoss).collect();
    }
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
            text.push_str(&operations(&step.operations));
        }
        if !strategy.outside.is_empty() {
            let _ = writeln!(text, "    outside of any step");
            text.push_str(&operations(&strategy.outside));
        }
        text.push('\n');
    }
    text + FAULTS
}

fn operations(listed: &[ListedOperation]) -> String {
    let widest = listed.iter().map(|listed| listed.operation.len()).max().unwrap_or(0);
    let mut text = String::new();
    for ListedOperation { operation, times, phases } in listed {
        let _ = writeln!(text, "      {operation:<widest$}  x{times:<3} {}", phases.join(", "));
    }
    text
}

/// Which faults apply where. The JSON list has them step by step.
const FAULTS: &str = "\
Faults, by the edge of a step:
  before  error, error:disk-full, outage, cancel, panic, crash; database: error:busy; disk: error:denied
  during  cancel, crash
  after   lost-ack, cancel, panic, crash

Faults, by the edge of a file operation (listed with --operations):
  before  disk-error:ERRNO, disk-error:ERRNO-onwards, crash, power-loss, power-loss:SURVIVORS; sync: disk-error:failed-sync
  during  write: torn:short, torn:enospc, torn:crash
  after   crash, power-loss, power-loss:SURVIVORS; also @answer:after=power-loss
  ERRNO is eio, enospc, edquot, eacces, erofs or emfile; SURVIVORS of what was not synced: everything, names, data, zeros,
  short, all-but-N, or each said by itself, as in (kept,lost,zeros,short)

A case:   FLOW/STRATEGY [PHASE/]POINT=FAULT ...   with PHASE boot, retry or impatient, and as POINT
          STEP#OCCURRENCE:EDGE or STEP#OCCURRENCE/OPERATION@PATH#OCCURRENCE:EDGE
";
