//! Panics in a case: caught, kept quiet, and told apart from the injected one.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What an injected panic unwinds with.
pub(crate) struct InjectedPanic;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caught {
    /// Its message and where it came from.
    pub(crate) message: String,
    /// Whether it is the fault itself.
    pub(crate) injected: bool,
}

thread_local! {
    static IN_A_CASE: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a piece of a case; a panic in it is a value, and is not printed.
pub(crate) fn catch<T>(piece: impl FnOnce() -> T) -> Result<T, Caught> {
    install_hook();
    IN_A_CASE.set(true);
    // The flow's state is behind the probe and the world, which are looked at from outside after a panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(piece));
    IN_A_CASE.set(false);
    outcome.map_err(|payload| caught(&*payload))
}

fn caught(payload: &(dyn Any + Send)) -> Caught {
    let injected = payload.is::<InjectedPanic>();
    // One that was caught in a task and goes on unwinding here passed no hook on this thread.
    let message = MESSAGE.take().or_else(|| text(payload).map(str::to_owned));
    let message = message.unwrap_or_else(|| WITHOUT_A_MESSAGE.to_owned());
    Caught { message, injected }
}

const WITHOUT_A_MESSAGE: &str = "a panic without a message";

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    if payload.is::<InjectedPanic>() {
        return Some(INJECTED);
    }
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

const INJECTED: &str = "injected panic";

/// Puts a hook in front of the one that is there, once per process: it keeps the message of a panic in a case, and keeps
/// quiet of an injected one wherever it unwinds, in a task or on another thread too.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IN_A_CASE.get() {
                MESSAGE.set(Some(describe(info)));
            } else if !info.payload().is::<InjectedPanic>() {
                previous(info);
            }
        }));
    });
}

/// The message of a panic, if it is one.
fn text_of(payload: &dyn Any) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    if info.payload().is::<InjectedPanic>() {
        return INJECTED.to_owned();
    }
    let message = text_of(info.payload()).unwrap_or(WITHOUT_A_MESSAGE);
    match info.location() {
        Some(at) => format!("{message} ({}:{})", at.file(), at.line()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_injected_panic_is_told_apart_from_the_flows_own() {
        let injected = catch(|| panic::panic_any(InjectedPanic)).expect_err("a panic");
        assert!(injected.injected);
        let own = catch(|| panic!("row {} is gone", 7)).expect_err("a panic");
        assert!(!own.injected);
        assert!(own.message.starts_with("row 7 is gone (src/inject/panics.rs:"), "{}", own.message);
        assert_eq!(catch(|| 1), Ok(1));
        let thrown_on = catch(|| panic::resume_unwind(Box::new("from a task"))).expect_err("a panic");
        assert_eq!(thrown_on.message, "from a task");
    }
}
