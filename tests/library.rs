//! The library from outside: a small flow of one's own, through public names only.
//!
//! What is wrong with an import is a finding, and the run goes on. What makes it impossible to tell is an error.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, replay};
use halfway::judge::{Criterion, Grade};
use halfway::observe::Answer;
use halfway::report::CellFault;
use halfway::story::{Ending, Event, Story};
use halfway::{BoxError, Error, Flow, Rules, Step, Subject, World, explore, step};

/// Writes a note in two steps: a draft, then its name. The boot removes a draft that is left.
#[derive(Clone, Copy)]
struct Note(Trait);

/// What is special about a note.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// Nothing: it holds.
    Sound,
    /// The draft stays where it is.
    NotSwept,
    /// Where a draft is left, the import waits for ever.
    Hangs,
    /// Where a draft is left, the import panics.
    Panics,
    /// Where a draft is left, the application does not start.
    DoesNotBoot,
    /// Every note holds another text.
    Random,
    /// Every other import has a step more.
    Erratic,
    /// A rule names a column that no table has.
    Misspelt,
    /// The import always fails.
    Fails,
    /// The world cannot be prepared.
    Unprepared,
}

const WRITE_DRAFT: Step = Step::new("write-draft");
const RENAME_DRAFT: Step = Step::new("rename-draft");
const SWEEP_DRAFT: Step = Step::new("sweep-draft");
const LOOK_AROUND: Step = Step::new("look-around");

struct App {
    dir: PathBuf,
}

impl App {
    fn has_draft(&self) -> bool {
        self.dir.join("draft.txt").exists()
    }
}

impl Flow for Note {
    type Request = &'static str;
    type Response = ();
    type Error = std::io::Error;
    type App = App;

    fn flow(&self) -> &'static str {
        "note"
    }

    fn strategy(&self) -> &'static str {
        "draft-first"
    }

    async fn prepare(&self, world: &World, _text: &&'static str) -> Result<(), BoxError> {
        if self.0 == Trait::Unprepared {
            return Err("no paper".into());
        }
        let url = world.database_url();
        let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
        rusqlite::Connection::open(path)?.execute("CREATE TABLE notes (id INTEGER, path TEXT)", [])?;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App { dir: world.dir().to_owned() };
        match self.0 {
            Trait::DoesNotBoot if app.has_draft() => return Err("there is a draft, and nobody knows what to do".into()),
            Trait::NotSwept | Trait::Hangs | Trait::Panics => {}
            _ if app.has_draft() => {
                step(SWEEP_DRAFT, async { std::fs::remove_file(app.dir.join("draft.txt")) }).await?;
            }
            _ => {}
        }
        Ok(app)
    }

    async fn import(&self, app: &App, text: &&'static str) -> Result<(), std::io::Error> {
        let (draft, note) = (app.dir.join("draft.txt"), app.dir.join("note.txt"));
        match self.0 {
            Trait::Hangs if app.has_draft() => std::future::pending().await,
            Trait::Panics if app.has_draft() => panic!("a draft that nobody expected"),
            Trait::Fails => return Err(std::io::Error::other("out of ink")),
            Trait::Erratic if is_odd() => step(LOOK_AROUND, async { Ok::<_, std::io::Error>(()) }).await?,
            _ => {}
        }
        let text = if self.0 == Trait::Random {
            format!("{text} {:?}", std::time::Instant::now())
        } else {
            (*text).to_owned()
        };
        step(WRITE_DRAFT, async { std::fs::write(&draft, text) }).await?;
        step(RENAME_DRAFT, async { std::fs::rename(&draft, &note) }).await
    }

    fn rules(&self, _text: &&'static str) -> Rules {
        let rules = Rules::new().file_stands_alone("note.txt");
        if self.0 == Trait::Misspelt { rules.row_needs_file("notes", "pth") } else { rules }
    }
}

/// Every other time.
fn is_odd() -> bool {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed) % 2 == 1
}

fn explored(special: Trait) -> Result<Explored, Error> {
    explore(Note(special), "good morning").depth(1).deadline(Duration::from_millis(300)).run()
}

fn worst(explored: &Explored, criterion: Criterion) -> Grade {
    explored.report.strategies[0].worst(criterion).expect("the criterion applies")
}

fn told(special: Trait, faults: &str) -> Story {
    let settings = Settings { deadline: Duration::from_millis(300), ..Settings::default() };
    let schedule = format!("note/draft-first {faults}").parse().expect("a schedule");
    replay(&Subject::new(Note(special), "good morning"), &schedule, &settings).expect("the fault happens")
}

/// The answers that callers got, in the order of the story.
fn answers(story: &Story) -> Vec<Answer> {
    let continued = story.continuations.iter().flat_map(|continuation| &continuation.events);
    let answered = |event: &Event| match event {
        Event::Ended(Ending::Answered(answer)) => Some(answer.clone()),
        Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
    };
    story.trunk.iter().chain(continued).filter_map(answered).collect()
}

const AFTER_THE_DRAFT: &str = "rename-draft#1:before=crash";

#[test]
fn a_flow_that_holds_holds() {
    explore(Note(Trait::Sound), "good morning").depth(2).assert_holds();
}

#[test]
fn what_only_the_retry_heals_does_not_hold_and_is_no_violation() {
    let explored = explored(Trait::NotSwept).expect("the harness can tell");
    assert_eq!(worst(&explored, Criterion::NoOrphanFiles), Grade::HealedByRetry);
    assert!(!explored.is_as_expected());
}

#[test]
fn only_the_faults_that_are_asked_for_are_tried() {
    let crash_only = explore(Note(Trait::Sound), "good morning").depth(2).faults([FaultClass::Crash]).run();
    let report = crash_only.expect("the harness can tell").report;
    assert_eq!(report.options.faults, [FaultClass::Crash]);
    let faults: BTreeSet<CellFault> = report.strategies[0].cells.iter().map(|cell| cell.fault).collect();
    assert_eq!(faults, [CellFault::None, CellFault::Class(FaultClass::Crash)].into());
}

#[test]
#[should_panic(expected = "VIOLATED")]
fn a_promise_that_does_not_hold_panics_with_the_report() {
    explore(Note(Trait::DoesNotBoot), "good morning").depth(1).assert_holds();
}

#[test]
#[should_panic(expected = "was to be caught, and nothing is violated")]
fn a_breach_that_is_not_found_panics_with_the_report() {
    explore(Note(Trait::Sound), "good morning").depth(1).assert_caught();
}

#[test]
#[should_panic(expected = "could not tell: note/draft-first: the run without faults does not succeed")]
fn what_cannot_be_told_panics_with_the_reason() {
    explore(Note(Trait::Fails), "good morning").assert_caught();
}

#[test]
fn a_flow_that_hangs_is_a_finding_and_the_run_goes_on() {
    let explored = explored(Trait::Hangs).expect("the harness can tell");
    assert_eq!(worst(&explored, Criterion::RetrySucceeds), Grade::Violated);
    assert!(explored.not_fired.is_empty());
    let last = answers(&told(Trait::Hangs, AFTER_THE_DRAFT)).pop();
    assert_eq!(last, Some(Answer::Hung { deadline_ms: 300 }));
}

#[test]
fn a_flow_that_panics_of_itself_is_a_finding_and_the_run_goes_on() {
    let explored = explored(Trait::Panics).expect("the harness can tell");
    assert_eq!(worst(&explored, Criterion::RetrySucceeds), Grade::Violated);
    let story = told(Trait::Panics, AFTER_THE_DRAFT);
    let is_its_own = |answer: &Answer| match answer {
        Answer::Panicked { message, injected } => !injected && message.contains("a draft that nobody expected"),
        _ => false,
    };
    assert!(answers(&story).iter().any(is_its_own), "{story:#?}");
}

#[test]
fn an_application_that_does_not_start_after_a_crash_is_a_finding() {
    let explored = explored(Trait::DoesNotBoot).expect("the harness can tell");
    assert_eq!(worst(&explored, Criterion::RetrySucceeds), Grade::Violated);
    let story = told(Trait::DoesNotBoot, AFTER_THE_DRAFT);
    let is_down = |answer: &Answer| matches!(answer, Answer::NotBooted(why) if why.contains("there is a draft"));
    assert!(answers(&story).iter().any(is_down), "{story:#?}");
}

/// The harness cannot tell, and says why.
fn check_error(special: Trait, messages: &[&str]) {
    let error = explored(special).expect_err("the harness cannot tell");
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    for message in messages {
        assert!(text.contains(message), "{text:?} does not say {message:?}");
    }
}

#[test]
fn a_flow_that_is_never_the_same_is_an_error() {
    check_error(Trait::Random, &["two runs of the same schedule differ", "leave different worlds"]);
    check_error(Trait::Erratic, &["two runs of the same schedule differ", "look-around#1"]);
}

#[test]
fn a_rule_that_names_what_is_not_there_is_an_error() {
    check_error(Trait::Misspelt, &["note/draft-first", "notes", "pth"]);
}

#[test]
fn a_flow_that_fails_without_a_fault_is_an_error() {
    check_error(Trait::Fails, &["the run without faults does not succeed", "out of ink"]);
    check_error(Trait::Unprepared, &["note/draft-first: prepare its world", "no paper"]);
}
