//! The line that a failed test prints repeats its case, in that test. The tests here start themselves.

use std::path::PathBuf;
use std::process::{Command, Output};

use halfway::{BoxError, Exploration, Flow, World, explore};

/// Writes two files in place. Faulty: a crash between the two leaves one of them, and the retry heals it.
struct TwoFiles;

impl Flow for TwoFiles {
    type Request = ();
    type Response = ();
    type Error = std::io::Error;
    type App = PathBuf;

    fn flow(&self) -> &'static str {
        "two-files"
    }

    fn strategy(&self) -> &'static str {
        "in-place"
    }

    async fn prepare(&self, _world: &World, (): &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        Ok(world.dir().to_owned())
    }

    async fn import(&self, dir: &PathBuf, (): &()) -> Result<(), std::io::Error> {
        std::fs::write(dir.join("one.txt"), "one")?;
        std::fs::write(dir.join("two.txt"), "two")
    }
}

/// Set for the tests that other tests of this file start.
const STARTED: &str = "STARTED_BY_ANOTHER_TEST";

/// What a test of this flow asserts: that it holds, which is wrong, where another test looks at how that fails; and by itself
/// that it is found out.
fn asserted(exploration: Exploration) {
    if std::env::var_os(STARTED).is_some() {
        exploration.assert_holds();
    } else {
        assert!(!exploration.run().expect("the harness can tell").is_as_expected());
    }
}

#[test]
fn two_files_hold() {
    asserted(explore(TwoFiles, ()));
}

#[tokio::test]
async fn two_files_hold_inside_a_runtime() {
    asserted(explore(TwoFiles, ()));
}

fn test(name: &str, variables: &[(&str, &str)]) -> Output {
    let mut test = Command::new(std::env::current_exe().expect("this program is somewhere"));
    // As cargo and cargo-nextest name the package to each test.
    test.env("CARGO_PKG_NAME", "halfway").env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env(STARTED, "1");
    test.args([name, "--exact", "--nocapture"]).envs(variables.iter().copied());
    test.output().expect("this program starts")
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat()
}

/// The case in a line as it is printed, and the test that it names.
fn case_and_test(line: &str) -> (String, String) {
    let rest = line.trim().strip_prefix("again   HALFWAY_REPLAY='").expect(line);
    let (case, rest) = rest.split_once("' cargo test -p halfway --test replay_in_a_test ").expect(line);
    (case.to_owned(), rest.strip_suffix(" -- --nocapture").expect(line).to_owned())
}

#[test]
fn each_line_that_a_failed_test_prints_repeats_its_case() {
    for name in ["two_files_hold", "two_files_hold_inside_a_runtime"] {
        let failed = test(name, &[]);
        assert!(!failed.status.success());
        let report = said(&failed);
        let lines: Vec<&str> = report.lines().filter(|line| line.trim().starts_with("again")).collect();
        assert!(!lines.is_empty(), "{report}");
        for line in lines {
            let (case, test_of_line) = case_and_test(line);
            assert_eq!(test_of_line, name);
            let again = test(name, &[("HALFWAY_REPLAY", &case)]);
            let story = said(&again);
            assert!(!again.status.success(), "{story}");
            assert!(story.contains(&case) && story.contains("all-or-nothing      healed-by-retry"), "{story}");
            assert!(story.contains("two-files/in-place was to hold, and this case is healed-by-retry"), "{story}");
        }
    }
}

#[test]
fn a_case_that_holds_passes_and_one_of_another_flow_is_left_to_its_own_test() {
    let whole = test("two_files_hold", &[("HALFWAY_REPLAY", "two-files/in-place")]);
    assert!(whole.status.success(), "without a fault it holds: {}", said(&whole));
    let other = said(&test("two_files_hold", &[("HALFWAY_REPLAY", "other/flow x#1:before=crash")]));
    assert!(other.contains("HALFWAY_REPLAY names other/flow, and this is two-files/in-place"), "{other}");
    assert!(other.contains("NOT AS EXPECTED"), "{other}");
    let wrong =
        said(&test("two_files_hold", &[("HALFWAY_REPLAY", "two-files/in-place create@one.txt#1:before=crush")]));
    let underlined =
        "\n  two-files/in-place create@one.txt#1:before=crush\n                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n";
    assert!(wrong.contains("HALFWAY_REPLAY: unknown fault \"crush\"") && wrong.contains(underlined), "{wrong}");
}

#[test]
fn how_far_a_test_is_passes_by_the_capture_of_its_output() {
    let told = |progress: Option<&str>| {
        let mut test = Command::new(std::env::current_exe().expect("this program is somewhere"));
        test.args(["two_files_hold", "--exact"]).env_remove("HALFWAY_PROGRESS");
        let output = test.envs(progress.map(|wanted| ("HALFWAY_PROGRESS", wanted))).output().expect("it starts");
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let always = told(Some("always"));
    assert!(always.contains("halfway: two-files/in-place: 0 of "), "{always}");
    assert!(always.contains("`.depth(1)` tries one fault in each case"), "{always}");
    assert_eq!([told(Some("never")), told(None)], ["", ""], "a quick test says nothing");
}

#[test]
fn a_report_is_left_where_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    test("two_files_hold", &[("HALFWAY_OUT", folder.path().to_str().expect("a text"))]);
    let report =
        std::fs::read_to_string(folder.path().join("two-files.in-place.two_files_hold.json")).expect("a report");
    let report = halfway::report::json::parse(&report).expect("it is one");
    assert_eq!(report.strategies.len(), 1);
}

#[test]
fn shards_explore_each_strategy_once() {
    for of in 1..=3 {
        let shards: Vec<Output> =
            (1..=of).map(|number| test("two_files_hold", &[("HALFWAY_SHARD", &format!("{number}/{of}"))])).collect();
        let explored = shards.iter().filter(|shard| !shard.status.success()).count();
        assert_eq!(explored, 1, "it fails where it is explored: {shards:?}");
        for other in shards.iter().filter(|shard| shard.status.success()) {
            assert!(said(other).contains("two-files/in-place belongs to shard "), "{}", said(other));
        }
    }
    let wrong = test("two_files_hold", &[("HALFWAY_SHARD", "4/3")]);
    assert!(!wrong.status.success() && said(&wrong).contains("HALFWAY_SHARD: a shard is one of several"));
}
