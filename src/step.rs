//! Names an effect, so that it can be broken.
//!
//! This is all that an application's own code needs of halfway. Without the feature `harness` it is nothing at all:
//! [`step`] hands back the very future that it was given. With it, the harness may put a fault before, during or
//! after the effect.

/// The name of one effect: a statement, a transaction, a file operation.
///
/// A constant, written once, next to the code that uses it. The name is kebab-case, and unique within its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(&'static str);

impl Step {
    /// A step of that name.
    ///
    /// # Panics
    /// When the name is not kebab-case (`a-z`, `0-9`, single hyphens inside): at compile time, in a constant. The name
    /// has to fit into a schedule, where `#`, `:`, `=`, `/` and blanks have a meaning of their own.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_kebab_case(name.as_bytes()), "the name of a step is kebab-case");
        Self(name)
    }

    /// The name, as schedules and reports show it.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// Whether a name can stand in a schedule.
pub(crate) const fn is_kebab_case(name: &[u8]) -> bool {
    let mut previous = b'-';
    let mut at = 0;
    while at < name.len() {
        let letter = name[at];
        let hyphen = letter == b'-';
        if (hyphen && previous == b'-') || !(hyphen || letter.is_ascii_lowercase() || letter.is_ascii_digit()) {
            return false;
        }
        previous = letter;
        at += 1;
    }
    previous != b'-'
}

/// Runs an effect under a name. Here, without the feature `harness`, that is the effect itself.
///
/// One step, one effect: what is done in several statements outside a transaction is several steps, or a crash between
/// them cannot be told from a crash inside one of them.
#[cfg(not(feature = "harness"))]
#[expect(clippy::inline_always, reason = "it is nothing at all, without optimisation too")]
#[inline(always)]
pub fn step<F: Future>(step: Step, effect: F) -> F {
    let _ = step;
    effect
}

/// Lets a task that the import spawns take part in its case: `tokio::spawn(halfway::inherit(work()))`. Here, without the
/// feature `harness`, that is the task itself.
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

/// Runs an effect under a name, at which the harness can break it.
///
/// Outside a world, as in production code that was built with the harness, the effect runs unharmed, unless
/// `FAILPOINTS` names the step.
///
/// One step, one effect: what is done in several statements outside a transaction is several steps, or a crash between
/// them cannot be told from a crash inside one of them.
///
/// # Errors
/// Those of the effect, and the injected ones, which are of the same type.
#[cfg(feature = "harness")]
pub async fn step<T, E: crate::step_error::StepError>(
    step: Step,
    effect: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    crate::inject::around(step, effect).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_named_in_kebab_case() {
        for (name, fits) in [
            ("insert-row", true),
            ("undo-2", true),
            ("x", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("a--b", false),
            ("Insert", false),
            ("a b", false),
            ("a#1", false),
            ("ä", false),
        ] {
            assert_eq!(is_kebab_case(name.as_bytes()), fits, "{name:?}");
        }
    }
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
