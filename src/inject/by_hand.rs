//! Faults that a person puts in with the variable `FAILPOINTS`.
//!
//! ```text
//! FAILPOINTS='chapter-import/link-segments:before=return(error)' halfway replay chapter-import/as-found
//! FAILPOINTS='link-segments:after=2*off->1*return(crash)' my-server
//! ```
//!
//! In a case the name has the flow in front; in an application that runs on its own it is the step's alone.

use std::future::pending;
use std::sync::OnceLock;

use super::consequence::Consequence;
use super::first_poll::FirstPoll;
use super::panics::InjectedPanic;
use crate::error::{Error, Result as HarnessResult};
use crate::fault::{Cause, Edge, Fault};
use crate::step::Step;
use crate::step_error::StepError;

/// The variable that `fail` documents.
const VARIABLE: &str = "FAILPOINTS";

/// Arms what `FAILPOINTS` says, once per process.
pub(crate) fn arm_from_environment() -> HarnessResult<()> {
    static ARMED: OnceLock<Result<(), String>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| match std::env::var(VARIABLE) {
        Ok(text) => arm(&text),
        Err(std::env::VarError::NotPresent) => Ok(()),
        Err(error) => Err(error.to_string()),
    });
    armed.clone().map_err(Error::FailPoints)
}

fn arm(text: &str) -> Result<(), String> {
    for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (name, actions) =
            entry.split_once('=').ok_or_else(|| format!("\"{entry}\" has no \"=\"; it is NAME=ACTIONS"))?;
        for fault in returned(actions) {
            fault.parse::<Fault>().map_err(|unknown| format!("\"{entry}\": {unknown}"))?;
        }
        fail::cfg(name, actions).map_err(|problem| format!("\"{entry}\": {problem}"))?;
    }
    Ok(())
}

/// The faults that actions return: `2*off->1*return(crash)` returns `crash`.
fn returned(actions: &str) -> impl Iterator<Item = &str> {
    actions.split("->").filter_map(|action| action.split_once("return(")?.1.strip_suffix(')'))
}

/// The fault in an action `return(FAULT)`.
///
/// # Panics
/// When it is none, or cannot happen at this edge. Planned faults always are; a person may mistype.
pub(super) fn parse(name: &str, edge: Edge, text: Option<String>) -> Fault {
    let text = text.unwrap_or_else(|| Fault::Error(Cause::Usual).to_string());
    let fault: Fault = text.parse().unwrap_or_else(|unknown| panic!("failpoint {name}: {unknown}"));
    assert!(fault.fits(edge), "failpoint {name}: {fault} cannot happen {edge} an effect");
    fault
}

/// A step outside any case.
pub(super) async fn around<T, E: StepError>(step: Step, effect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    if let Err(error) = arm_from_environment() {
        panic!("{error}");
    }
    let due = |edge: Edge| {
        let name = format!("{}:{edge}", step.name());
        fail::eval(&name, |text| parse(&name, edge, text))
    };
    if let Some(fault) = due(Edge::Before) {
        return Err(strike(fault).await);
    }
    if let Some(fault) = due(Edge::During) {
        FirstPoll::of(effect, || true).await;
        return Err(strike(fault).await);
    }
    let outcome = effect.await;
    match due(Edge::After) {
        Some(fault) => Err(strike(fault).await),
        None => outcome,
    }
}

/// Brings a fault about in a process of its own. An outage is one error here: nobody knows where the attempt ends. A
/// cancelled step waits for ever, until whoever waits for it gives up.
async fn strike<E: StepError>(fault: Fault) -> E {
    match Consequence::of(fault) {
        Consequence::Fails(error) | Consequence::FailsFromNowOn(error) => error,
        Consequence::GivenUp => pending().await,
        Consequence::Panics => std::panic::panic_any(InjectedPanic),
        Consequence::Dies => std::process::abort(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_outside_a_case_is_broken_by_its_bare_name() {
        const STEP: Step = Step::new("by-hand-only");
        let run = async || around(STEP, async { Ok::<_, std::io::Error>(()) }).await;
        assert!(run().await.is_ok());
        arm("by-hand-only:before=1*off->1*return(error:disk-full)").expect("well formed");
        assert!(run().await.is_ok());
        let error = run().await.expect_err("the second run");
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        assert!(run().await.is_ok());
    }

    #[test]
    fn what_is_no_failpoint_is_named() {
        assert_eq!(arm("x"), Err("\"x\" has no \"=\"; it is NAME=ACTIONS".to_owned()));
        assert_eq!(
            arm("x=1*off->return(eror)"),
            Err("\"x=1*off->return(eror)\": unknown fault \"eror\"; did you mean \"error\"?".to_owned())
        );
        assert!(arm("x=explode").expect_err("no action").starts_with("\"x=explode\": "));
    }
}
