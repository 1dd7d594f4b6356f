//! What it costs to break a program, in time and memory.
//!
//! 1. *One operation, one start.* A shell script that makes files, by itself and as halfway runs it without a fault: what
//!    comes on top for each operation that is watched, and for each start of the command. Both hold what halfway does with the
//!    world of such a run: a copy of it, a look at it.
//! 2. *All crashes* of scripts that make 100, 300 and 1,000 files: how many cases there are, how many commands were started
//!    for them, how long it takes, and how much memory halfway has at most. Each case leaves a world of its own, and each world
//!    is made, looked at, and asked again, so that the work grows with the square of the files.
//! 3. *All crashes* of programs that write one large file, in so many writes.
//!
//! Numbers at the end of the line choose other sizes: `cargo bench --bench programs -- 30 100`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const ROUNDS: usize = 5;
const FILES: [u32; 3] = [100, 300, 1_000];
/// Writes, and the size of each in megabytes.
const BYTES: [(u32, u32); 3] = [(10, 1), (30, 1), (10, 10)];

fn main() {
    // `cargo test --benches` only wants to know that this starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let chosen: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    one_operation(&folder);
    println!("\nall crashes (--faults crash)");
    println!("  {:<26} {:>6} {:>7} {:>10} {:>12} {:>14}", "", "cases", "starts", "time", "for each", "memory");
    for files in if chosen.is_empty() { FILES.to_vec() } else { chosen } {
        all_crashes(&folder, &format!("{files} files"), &making_files(files));
    }
    for (writes, megabytes) in BYTES {
        let request = format!("dd if=/dev/zero of=large bs={megabytes}M count={writes} status=none");
        all_crashes(&folder, &format!("{writes} writes of {megabytes} MB"), &request);
    }
}

/// A script with two operations for each file.
fn making_files(files: u32) -> String {
    format!("i=0; while [ $i -lt {files} ]; do echo $i > $i; i=$((i+1)); done")
}

fn one_operation(folder: &TempDir) {
    const FEW: u32 = 100;
    const MANY: u32 = 1_000;
    let operations = f64::from((MANY - FEW) * 2);
    let bare = |files| median(|| in_an_empty_folder(&making_files(files)));
    let watched = |files| {
        median(|| {
            let run = halfway(folder, &making_files(files), &["replay", "made/program"]);
            run.time.as_secs_f64() / f64::from(run.starts)
        })
    };
    let [few, many, one] = [bare(FEW), bare(MANY), bare(1)];
    let [few_watched, many_watched, one_watched] = [watched(FEW), watched(MANY), watched(1)];
    println!("{:<34} {:>12} {:>12}", "", "by itself", "in halfway");
    let row = |what, bare: f64, watched: f64| println!("{what:<34} {:>9.1} us {:>9.1} us", bare * 1e6, watched * 1e6);
    row("one operation", (many - few) / operations, (many_watched - few_watched) / operations);
    row("one start, to make one file", one, one_watched);
}

/// How long a script takes by itself.
fn in_an_empty_folder(script: &str) -> f64 {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let begin = Instant::now();
    let status = Command::new("sh").args(["-c", script]).current_dir(&folder).status();
    assert!(status.expect("it starts").success(), "it makes its files");
    begin.elapsed().as_secs_f64()
}

fn median(mut round: impl FnMut() -> f64) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn all_crashes(folder: &TempDir, what: &str, script: &str) {
    let options =
        ["--faults", "crash", "--depth", "1", "--deadline", "600", "--format", "json", "--out", "report.json"];
    let run = halfway(folder, script, &options);
    let report = fs::read_to_string(folder.path().join("report.json")).expect("it was written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    let number = |key: &str| report["totals"][key].as_u64().expect("a number");
    let cases = u32::try_from(number("cases") + number("pruned")).expect("few enough");
    println!(
        "  {what:<26} {cases:>6} {:>7} {:>8.1} s {:>9.1} ms {:>11} MB",
        run.starts,
        run.time.as_secs_f64(),
        (run.time / cases).as_secs_f64() * 1e3,
        run.memory_kb / 1024,
    );
}

/// A run of halfway.
struct Run {
    time: Duration,
    /// How often the command was started.
    starts: u32,
    /// The most memory that halfway had at one time.
    memory_kb: u64,
}

/// Runs halfway with a program that is this script.
fn halfway(folder: &TempDir, script: &str, options: &[&str]) -> Run {
    let count = folder.path().join("count");
    fs::write(&count, "").expect("it is written");
    // What is written outside of the world stays, whatever becomes of the case.
    let script = format!("echo >> {}; {script}", count.display());
    let file = format!("name = \"made\"\nrequest = [\"sh\", \"-c\", '''{script}''']\n");
    fs::write(folder.path().join("program.toml"), file).expect("it is written");
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_halfway"));
    command.arg("program.toml").args(options).current_dir(folder);
    let mut halfway = command.stdout(Stdio::null()).spawn().expect("it starts");
    let status = Path::new("/proc").join(halfway.id().to_string()).join("status");
    let mut memory_kb = 0;
    let ended = loop {
        memory_kb = memory_kb.max(peak_kb(&fs::read_to_string(&status).unwrap_or_default()));
        if let Some(ended) = halfway.try_wait().expect("it can be waited for") {
            break ended;
        }
        sleep(Duration::from_millis(1));
    };
    // A file that a killed run leaves by half is healed by the retry, which is not what is expected: exit code 1.
    assert!(ended.code().is_some_and(|code| code < 2), "halfway can tell");
    let time = begin.elapsed();
    let starts = fs::read_to_string(&count).expect("it is there").lines().count();
    Run { time, starts: u32::try_from(starts).expect("few enough"), memory_kb }
}

/// The peak of its memory, as the kernel tells it of a process.
fn peak_kb(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}
