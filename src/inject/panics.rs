//! Panics in a case: caught, kept quiet, and told apart from the injected one.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What an injected panic unwinds with.
pub(crate) struct InjectedPanic;

/// A panic that was caught.
#[derive(Debug, PartialEq, Eq)]
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
    let message = MESSAGE.take().unwrap_or_else(|| "a panic without a message".to_owned());
    Caught { message, injected }
}

/// Puts a hook in front of the one that is there, once per process: it keeps the message of a panic in a case.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IN_A_CASE.get() {
                MESSAGE.set(Some(describe(info)));
            } else {
                previous(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    if info.payload().is::<InjectedPanic>() {
        return "injected panic".to_owned();
    }
    let message = info.payload_as_str().unwrap_or("a panic without a message");
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
    }
}
