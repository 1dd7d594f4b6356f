//! Threads that never end: the report says that they are there.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, replay};
use halfway::report::{html, json, markdown, story, text};
use halfway::{BoxError, Flow, Rules, Subject, World, explore, inherit_blocking};

use super::script::{App, FIRST, Local, SECOND, Script, write};

/// What the report says beside its grades.
fn notes(flow: impl Flow<Request = ()>) -> Vec<String> {
    let exploration = explore(flow, ()).depth(1).deadline(Duration::from_millis(300)).faults([FaultClass::LostAck]);
    let report = exploration.run().expect("the harness can tell").report;
    let notes: Vec<String> = report.strategies[0].notes.clone();
    let notes: Vec<String> = notes.into_iter().filter(|note| note.contains("thread")).collect();
    for note in &notes {
        let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let rendered =
            [json::render(&report), html::render(&report), markdown::render(&report, None), text::render(&report, 120)];
        for rendered in rendered.map(one_line) {
            assert!(rendered.contains(note), "{note}\n{rendered}");
        }
    }
    notes
}

/// There is one note, and it says so, however often that came about.
fn expect_told(flow: impl Flow<Request = ()>, why: &str) {
    let said = notes(flow);
    let rest = format!(" {why}, and left a thread behind that is still there: a thread cannot be stopped from outside");
    let [note] = &said[..] else { panic!("{said:?}") };
    let times = note.strip_suffix(&rest).unwrap_or_else(|| panic!("{note}"));
    assert!(times == "once" || times.ends_with(" times"), "{note}");
}

/// Waits for ever where one of the two files is there and the other is not.
fn waits_between(dir: &Path) {
    while dir.join("a.txt").exists() && !dir.join("b.txt").exists() {
        std::thread::park();
    }
}

/// Never comes back where one of two files is there and the other is not.
fn never_comes_back(app: &App) -> Local<'_, std::io::Result<()>> {
    Box::pin(async {
        waits_between(&app.dir);
        write(FIRST, app.dir.join("a.txt")).await?;
        write(SECOND, app.dir.join("b.txt")).await
    })
}

#[test]
fn a_request_that_never_comes_back_leaves_a_thread_behind_and_the_report_says_so() {
    expect_told(Script::new(never_comes_back), "a start or a request did not come back within 300 ms");
}

/// Hands a closure to another thread, which waits for ever between the two files.
fn hands_on(app: &App) -> Local<'_, std::io::Result<()>> {
    Box::pin(async {
        let dir = app.dir.clone();
        write(FIRST, dir.join("a.txt")).await.inspect_err(|_| {
            let dir = dir.clone();
            std::thread::spawn(inherit_blocking(move || waits_between(&dir)));
        })?;
        write(SECOND, dir.join("b.txt")).await
    })
}

#[test]
fn work_on_another_thread_that_never_ends_is_told_as_well() {
    let why = "a process ended before what it had spawned with halfway::inherit or halfway::inherit_blocking";
    expect_told(Script::new(hands_on), why);
}

/// Two files, and an application that does not come to its end once it has failed.
struct Stays;

/// Its application.
struct Failing {
    dir: PathBuf,
    has_failed: AtomicBool,
}

impl Drop for Failing {
    fn drop(&mut self) {
        while self.has_failed.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }
}

impl Flow for Stays {
    type Request = ();
    type Response = ();
    type Error = std::io::Error;
    type App = Failing;

    fn flow(&self) -> &'static str {
        "files"
    }

    fn strategy(&self) -> &'static str {
        "stays"
    }

    async fn prepare(&self, _world: &World, (): &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Failing, BoxError> {
        Ok(Failing { dir: world.dir().to_owned(), has_failed: AtomicBool::default() })
    }

    async fn import(&self, app: &Failing, (): &()) -> std::io::Result<()> {
        let written = write(FIRST, app.dir.join("a.txt")).await;
        app.has_failed.fetch_or(written.is_err(), Ordering::SeqCst);
        written
    }

    fn rules(&self, (): &()) -> Rules {
        Rules::new().file_stands_alone("a.txt")
    }
}

#[test]
fn a_replay_says_what_the_report_says() {
    let flow = || Script::new(never_comes_back);
    let settings = Settings { deadline: Duration::from_millis(300), ..Settings::default() };
    let told = |faults: &str| {
        let subject = Subject::new(flow(), ());
        let schedule = format!("{}{faults}", subject.name()).parse().expect(faults);
        let story = replay(&subject, &schedule, &settings).expect("the harness can tell");
        story::render(&story, 120).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lost = told(&format!(" {}#1:after=lost-ack", FIRST.name()));
    let note = lost.split(" note ").nth(1).unwrap_or_else(|| panic!("{lost}"));
    let why = " a start or a request did not come back within 300 ms, and left a thread behind that is still there";
    assert!(note.contains(why), "{note}");
    assert!(!told("").contains(" note "), "without a fault every thread ends");
}

#[test]
fn an_application_that_does_not_end_when_it_is_dropped_is_told() {
    expect_told(Stays, "the application did not come to its end within 300 ms when it was dropped");
}

#[test]
fn where_every_thread_ends_nothing_is_said() {
    assert_eq!(notes(super::two_files()), [""; 0]);
}
