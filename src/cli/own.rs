//! The command for flows of one's own, in a test without a harness.
//!
//! `cargo test` starts such a test with the arguments that it has for every test, and so does cargo-nextest: those are
//! understood, too. Everything else is what `halfway` understands.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use super::args::COMMANDS;
use super::run_on;
use crate::subject::{Again, Subject};

/// The command `halfway` for these flows: explore, list, replay, check, report, diff, merge.
///
/// Call it from a test with `harness = false`: the test needs nothing else. `cargo test` then explores all flows, and
/// `cargo test --test NAME -- --help` lists the other commands. halfway looks for fault scenarios in the folder
/// `scenarios` of the package.
///
/// ```toml
/// [[test]]
/// name = "imports"
/// harness = false
/// ```
///
/// ```no_run
/// # use halfway::{BoxError, Flow, World};
/// # struct Import;
/// # impl Flow for Import {
/// #     type Request = String;
/// #     type Response = ();
/// #     type Error = BoxError;
/// #     type App = ();
/// #     fn flow(&self) -> &str { "import" }
/// #     fn strategy(&self) -> &str { "as-it-is" }
/// #     async fn prepare(&self, _world: &World, _request: &String) -> Result<(), BoxError> { Ok(()) }
/// #     async fn boot(&self, _world: &World) -> Result<(), BoxError> { Ok(()) }
/// #     async fn import(&self, _app: &(), _request: &String) -> Result<(), BoxError> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     halfway::command([halfway::Subject::readable(Import, "a request".to_owned())])
/// }
/// ```
pub fn command(subjects: impl IntoIterator<Item = Subject>) -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let program = Path::new(arguments.first().map_or("halfway".as_ref(), OsString::as_os_str));
    let program = self::program(program, package.as_deref());
    let again = || Again::Program(program.clone());
    let subjects: Vec<Subject> = subjects.into_iter().map(|subject| subject.repeated_by(again())).collect();
    if let Some(asked) = AsTest::read(&arguments[1..]) {
        let names: Vec<String> = subjects.iter().map(Subject::name).collect();
        let chosen: Vec<&String> = names.iter().filter(|name| asked.means(name)).collect();
        if asked.lists {
            chosen.iter().filter(|_| !asked.only_ignored).for_each(|name| println!("{name}: test"));
        }
        if asked.lists || asked.only_ignored || chosen.is_empty() {
            return ExitCode::SUCCESS;
        }
        arguments.truncate(1);
        arguments.extend(chosen.into_iter().map(OsString::from));
    }
    run_on(&subjects, &program, arguments)
}

/// What a person types to start this program again.
fn program(path: &Path, package: Option<&str>) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let is_test = path.parent().is_some_and(|folder| folder.ends_with("deps"));
    match name.rsplit_once('-') {
        Some((test, _)) if is_test => {
            let package = package.map_or(String::new(), |package| format!(" -p {package}"));
            format!("cargo test{package} --test {test} --")
        }
        _ => path.display().to_string(),
    }
}

/// What `cargo test` or cargo-nextest asks of any test.
#[derive(Debug, Default, PartialEq, Eq)]
struct AsTest {
    /// Which tests there are, and nothing more.
    lists: bool,
    only_ignored: bool,
    is_exact: bool,
    names: Vec<String>,
    but_not: Vec<String>,
}

impl AsTest {
    /// Nothing where the arguments are for halfway.
    fn read(arguments: &[OsString]) -> Option<Self> {
        let mut asked = Self::default();
        let mut is_as_test = false;
        let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
        while let Some(argument) = arguments.next() {
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
                _ => (argument.clone(), None),
            };
            match option.as_str() {
                "--list" => asked.lists = true,
                "--ignored" => asked.only_ignored = true,
                "--exact" => asked.is_exact = true,
                "--skip" => asked.but_not.extend(value.or_else(|| arguments.next())),
                "--nocapture" | "--no-capture" | "--include-ignored" | "--show-output" | "--quiet" | "-q" => {}
                "--test-threads" | "--color" | "--logfile" => drop(value.or_else(|| arguments.next())),
                // Ours has it, too.
                "--format" if is_as_test || asked.lists => drop(value.or_else(|| arguments.next())),
                name if asked.names.is_empty() && COMMANDS.contains(&name) => return None,
                name if name.starts_with('-') => return None,
                name => {
                    asked.names.push(name.to_owned());
                    continue;
                }
            }
            is_as_test = true;
        }
        // A name alone is what `cargo test NAME` gives to each test.
        (is_as_test || !asked.names.is_empty()).then_some(asked)
    }

    fn means(&self, test: &str) -> bool {
        let fits = |name: &String| if self.is_exact { test == name } else { test.contains(name.as_str()) };
        (self.names.is_empty() || self.names.iter().any(fits)) && !self.but_not.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Option<AsTest> {
        AsTest::read(&typed.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_asked_of_any_test_is_understood() {
        let listed = read("--list --format terse").expect("as nextest asks");
        assert!(listed.lists && !listed.only_ignored && listed.means("import/as-it-is"));
        assert!(read("--list --format terse --ignored").expect("as nextest asks").only_ignored);
        let one = read("import/as-it-is --exact --nocapture").expect("as nextest asks");
        assert!(one.means("import/as-it-is") && !one.means("import/as-it-is-not"));
        assert!(!read("some_test").expect("as cargo test asks").means("import/as-it-is"));
        assert!(read("-q --test-threads 1 --skip as-it").is_some_and(|asked| !asked.means("import/as-it-is")));
    }

    #[test]
    fn what_is_asked_of_halfway_is_not_taken_for_that() {
        for typed in ["", "list", "replay x/y", "import --depth 1", "--format json", "explore import", "--help"] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_test_is_started_by_cargo_and_anything_else_by_its_name() {
        let test = Path::new("/x/target/debug/deps/my-imports-0123456789abcdef");
        assert_eq!(program(test, None), "cargo test --test my-imports --");
        assert_eq!(program(test, Some("shop")), "cargo test -p shop --test my-imports --");
        assert_eq!(program(Path::new("target/debug/my-imports"), Some("shop")), "target/debug/my-imports");
    }
}
