//! What it costs that file operations are seen, and what it saves.
//!
//! 1. *One write* of one byte through the standard library, against the system call with no function in between: while
//!    nothing is watched; inside a case, to a file that is none of its world's; to a file of a world that asks for nothing;
//!    and to one of a world that is heard.
//! 2. *All crashes of an import* of 10, 30 and 100 rows: at each edge of each step, before and after each file operation, in
//!    the middle of each write. How many points and how many worlds there are, how long it takes to take and judge the
//!    worlds, and how long until each was started again and asked again.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, explore_all, replay};
use halfway::imports::scenario_import::IntentLog;
use halfway::imports::scenarios::import_request::ImportScenarios;
use halfway::report::CellFault;
use halfway::{BoxError, Flow, Progress, Rules, Step, Subject, World, step};

const WRITES: u32 = 20_000;
const ROUNDS: usize = 9;

fn main() {
    // `cargo test --benches` only wants to know that this starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    one_write();
    all_crashes();
}

fn one_write() {
    let null = to_dev_null();
    let bare = nanoseconds(|| {
        rustix::io::write(null.as_fd(), b"x").expect("it takes everything");
    });
    println!("one write of one byte, median of {ROUNDS} rounds");
    let tell = |what: &str, time: f64| println!("  {what:<48} {time:>7.0} ns  {:>5.2} times", time / bare);
    tell("the system call by itself", bare);
    let mut null = to_dev_null();
    tell("nothing is watched", nanoseconds(|| null.write_all(b"x").expect("it takes everything")));
    for (what, to, faults) in [
        ("in a case, a file that is none of its world's", To::DevNull, &FaultClass::OF_STEPS[..]),
        ("a file of a world that asks for nothing", To::OwnFile, &FaultClass::OF_STEPS),
        ("a file of a world that is heard", To::OwnFile, &FaultClass::ALL),
    ] {
        tell(what, inside_a_case(to, faults));
    }
}

fn to_dev_null() -> File {
    File::options().write(true).open("/dev/null").expect("it is there")
}

/// For one write, the median of the rounds.
fn nanoseconds(mut write: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        (0..WRITES).for_each(|_| write());
        rounds.push(begin.elapsed().as_secs_f64() * 1e9 / f64::from(WRITES));
    }
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// Where a write goes.
#[derive(Clone, Copy)]
enum To {
    DevNull,
    OwnFile,
}

/// An import that measures itself.
struct Writes {
    to: To,
    found: Arc<Mutex<Vec<f64>>>,
}

fn inside_a_case(to: To, faults: &[FaultClass]) -> f64 {
    let found = Arc::default();
    let subject = Subject::new(Writes { to, found: Arc::clone(&found) }, ());
    let settings = Settings { faults: faults.iter().copied().collect(), ..Settings::default() };
    let nothing = subject.name().parse().expect("a schedule without faults");
    replay(&subject, &nothing, &settings).expect("it runs");
    *found.lock().expect("nobody panicked").last().expect("it was measured")
}

impl Flow for Writes {
    type Request = ();
    type Response = ();
    type Error = std::io::Error;
    type App = PathBuf;

    fn flow(&self) -> &'static str {
        "writes"
    }

    fn strategy(&self) -> &'static str {
        "measured"
    }

    async fn prepare(&self, _world: &World, (): &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        Ok(world.dir().to_owned())
    }

    async fn import(&self, dir: &PathBuf, (): &()) -> Result<(), std::io::Error> {
        const WRITE: Step = Step::new("write");
        step(WRITE, async {
            let mut file = match self.to {
                To::DevNull => to_dev_null(),
                To::OwnFile => File::create(dir.join("a.txt"))?,
            };
            let time = nanoseconds(|| file.write_all(b"x").expect("there is room"));
            self.found.lock().expect("nobody panicked").push(time);
            Ok(())
        })
        .await
    }

    fn rules(&self, (): &()) -> Rules {
        Rules::new().file_stands_alone("a.txt")
    }
}

fn all_crashes() {
    println!("\nall crashes of scenario-import/intent-log");
    println!("  rows  points  worlds  attempts  worlds taken and judged     until each was seen through");
    for rows in [10, 30, 100] {
        let request = ImportScenarios::new("bench", csv(rows), Vec::new()).expect("well formed");
        let subject = Subject::new(IntentLog, request);
        let faults = [FaultClass::Crash, FaultClass::Torn].into();
        let settings = Settings { depth: 1, faults, ..Settings::default() };
        let clock = Clock { begin: Instant::now(), planned: Mutex::default() };
        let report = explore_all(&[subject], &settings, &clock).expect("the harness can tell").report;
        let planned = clock.planned.into_inner().expect("nobody panicked");
        // The worlds are planned batch by batch, and then the cases that are carried out: torn writes that the flow sees.
        let (judged, carried_out) = planned.split_at(planned.len() - 2);
        let worlds: usize = judged.iter().map(|(_, cases)| cases).sum();
        let taken = carried_out[0].0 - judged[0].0;
        let cells = report.strategies[0].cells.iter();
        let mut points: Vec<(CellFault, u64)> = cells.map(|cell| (cell.fault, cell.cases)).collect();
        points.sort_unstable();
        points.dedup();
        let points: u64 = points.iter().filter(|(fault, _)| *fault != CellFault::None).map(|(_, cases)| cases).sum();
        let per_point = taken * 1e3 / f64::from(u32::try_from(points).expect("few"));
        println!(
            "  {rows:>4}  {points:>6}  {worlds:>6}  {:>8}  {taken:>6.2} s, {per_point:>5.2} ms a point  {:>6.2} s",
            carried_out[0].1 + 1,
            report.totals.seconds,
        );
    }
}

/// When which cases were planned, in seconds since the beginning.
struct Clock {
    begin: Instant,
    planned: Mutex<Vec<(f64, usize)>>,
}

impl Progress for Clock {
    fn planned(&self, _subject: &str, cases: usize) {
        self.planned.lock().expect("nobody panicked").push((self.begin.elapsed().as_secs_f64(), cases));
    }

    fn done(&self) {}
}

fn csv(rows: usize) -> Vec<u8> {
    let mut csv = "title,prompt,description,evaluator_context,mode,category\n".to_owned();
    for row in 1..=rows {
        let context = if row % 2 == 0 { String::new() } else { "The caller is polite at first. ".repeat(20) };
        let _ = writeln!(csv, "Scenario {row},You call because something has gone wrong.,,{context},phone,travel");
    }
    csv.into_bytes()
}
