//! Runs an effect, or a task, so that the harness can break it.
//!
//! An application's own code calls these functions. Without the feature `harness` they do nothing: each function hands
//! back the thing that it was given. With it, the harness may put a fault before, during or after the effect.

use crate::step::Step;
#[cfg(feature = "harness")]
use crate::step_error::StepError;

#[cfg(feature = "harness")]
pub use crate::inject::{inherit, inherit_blocking, inherit_worker};

/// Runs an effect under a name. Here, without the feature `harness`, it returns the effect itself.
///
/// One step, one effect: give each statement outside a transaction a step of its own. Otherwise halfway cannot tell a
/// crash between two statements from a crash inside one of them.
#[cfg(not(feature = "harness"))]
#[expect(clippy::inline_always, reason = "it is nothing at all, without optimisation too")]
#[inline(always)]
pub fn step<F: Future>(step: Step, effect: F) -> F {
    let _ = step;
    effect
}

/// Lets a task that the import spawns take part in its case: `tokio::spawn(halfway::inherit(work()))`. Here, without
/// the feature `harness`, it returns the task itself.
#[cfg(not(feature = "harness"))]
#[expect(clippy::inline_always, reason = "it is nothing at all, without optimisation too")]
#[inline(always)]
pub fn inherit<F: Future>(future: F) -> F {
    future
}

/// As [`inherit`], for `spawn_blocking` and `std::thread::spawn`.
#[cfg(not(feature = "harness"))]
#[expect(clippy::inline_always, reason = "it is nothing at all, without optimisation too")]
#[inline(always)]
pub fn inherit_blocking<T, F: FnOnce() -> T>(work: F) -> F {
    work
}

/// As [`inherit`], for a worker that lives as long as the application.
#[cfg(not(feature = "harness"))]
#[expect(clippy::inline_always, reason = "it is nothing at all, without optimisation too")]
#[inline(always)]
pub fn inherit_worker<F: Future>(future: F) -> F {
    future
}

/// Runs an effect under a name, so that the harness can break it there.
///
/// Outside a world, as in production code that was built with the harness, the effect runs unharmed, unless
/// `FAILPOINTS` names the step.
///
/// One step, one effect: give each statement outside a transaction a step of its own. Otherwise halfway cannot tell a
/// crash between two statements from a crash inside one of them.
///
/// # Errors
/// The errors of the effect, and the injected errors, which have the same type.
#[cfg(feature = "harness")]
pub async fn step<T, E: StepError>(step: Step, effect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    crate::inject::around(step, effect).await
}

#[cfg(all(test, not(feature = "harness")))]
mod bare {
    use super::*;

    const STEP: Step = Step::new("insert-row");

    /// Compiles only if the step is of the very type of its effect.
    fn same<F: Future>(effect: F) -> F {
        step(STEP, effect)
    }

    #[test]
    fn without_the_harness_a_step_is_its_effect() {
        let row = [7_u8; 64];
        // Made once each, so that nothing but the step makes the difference.
        let effect = || async move { Ok::<_, std::io::Error>(row.len()) };
        assert_eq!(size_of_val(&step(STEP, effect())), size_of_val(&effect()));
        assert_eq!(size_of_val(&same(std::future::ready(row))), size_of_val(&std::future::ready(row)));
        assert_eq!(same(std::future::ready(row)).into_inner(), row);
    }

    /// Compiles only if each is of the very type of what it was given.
    fn same_task<F: Future>(task: F) -> F {
        inherit_worker(inherit(task))
    }

    fn same_work<T, F: FnOnce() -> T>(work: F) -> F {
        inherit_blocking(work)
    }

    #[test]
    fn without_the_harness_what_inherits_is_what_was_given() {
        assert_eq!(same_task(std::future::ready(7)).into_inner(), 7);
        assert_eq!(same_work(|| 7)(), 7);
    }

    /// An error over one that halfway does not know: nothing is injected, so that any source will do.
    #[test]
    fn without_the_harness_an_error_of_ones_own_is_one_line() {
        #[derive(Debug)]
        struct Own(std::num::ParseIntError);
        impl From<std::num::ParseIntError> for Own {
            fn from(error: std::num::ParseIntError) -> Self {
                Self(error)
            }
        }
        impl std::fmt::Display for Own {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl crate::step_error::StepError for Own {
            type Source = std::num::ParseIntError;
        }
        let effect = || async { Ok::<i32, Own>("7".parse()?) };
        assert_eq!(size_of_val(&step(STEP, effect())), size_of_val(&effect()));
    }
}
