//! A thread of its own for each call of the harness.
//!
//! The caller may be in a runtime already, as in `#[tokio::test]`, and a runtime does not start inside another. And all
//! threads that a call starts descend from its own thread: so halfway finds a step that runs outside its case.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

use crate::error::Result;
use crate::inject::{Marked, stray};
use crate::run::step_outside;
use crate::subject::Subject;

/// Does a piece of work on a thread of its own, and waits for it.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let work = || {
        let _marked = Marked::begin();
        work()
    };
    scope(|scope| {
        let thread = Builder::new().name("halfway".to_owned()).spawn_scoped(scope, work);
        thread.expect("the system gives the harness a thread").join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Fails where a step of this subject ran outside its case, in a task that outlived the last phase too.
pub(super) fn expect_no_stray(subject: &Subject) -> Result<()> {
    stray().map_or(Ok(()), |step| Err(step_outside(subject.erased(), step)))
}
