//! Names an effect, so that halfway can break it.

/// The name of one effect: a statement, a transaction, a file operation.
///
/// Write it once, as a constant next to the code that uses it. The name is kebab-case, and unique within its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(&'static str);

impl Step {
    /// A step with this name.
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
