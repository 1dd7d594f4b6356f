//! Starts of the application: the first one, which makes what it needs, and those after a success, which lose nothing.
//!
//! Each flow is files alone, so that nothing but its own steps decides.

use std::io;
use std::path::PathBuf;

use halfway::harness::{Explored, Settings, replay};
use halfway::judge::{Criterion, Grade};
use halfway::report::{CellFault, Finding};
use halfway::{BoxError, Flow, Rules, Step, Subject, World, explore, step};

/// Writes a letter in two steps, a draft and its name. What its starts do is what differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Post {
    /// Each start makes the folder for letters if it is not there.
    MakesItsFolder,
    /// The first start makes two folders, and every later one takes both for granted as soon as it sees the first.
    MigratesInTwoSteps,
    /// The first start makes two folders, and any later one what is missing.
    MigratesWhatIsMissing,
    /// Each start removes drafts, and nothing else.
    SweepsDrafts,
    /// Each start removes every file.
    SweepsAll,
    /// A start with a letter there fails.
    StartsOnce,
    /// Only the second start after a letter removes it.
    SweepsAtTheThirdStart,
}

const MAKE_FOLDER: Step = Step::new("make-folder");
const MAKE_ARCHIVE: Step = Step::new("make-archive");
const SWEEP: Step = Step::new("sweep");
const WRITE_DRAFT: Step = Step::new("write-draft");
const RENAME_DRAFT: Step = Step::new("rename-draft");

impl Post {
    async fn start(self, dir: &std::path::Path) -> io::Result<()> {
        let (folder, archive) = (dir.join("letters"), dir.join("archive"));
        match self {
            Self::MigratesInTwoSteps if folder.exists() => {}
            Self::MigratesInTwoSteps | Self::MigratesWhatIsMissing => {
                step(MAKE_FOLDER, async { std::fs::create_dir_all(&folder) }).await?;
                step(MAKE_ARCHIVE, async { std::fs::create_dir_all(&archive) }).await?;
            }
            _ => step(MAKE_FOLDER, async { std::fs::create_dir_all(&folder) }).await?,
        }
        let letter = folder.join("letter.txt");
        match self {
            Self::StartsOnce if letter.exists() => return Err(io::Error::other("there is a letter already")),
            Self::SweepsAtTheThirdStart if letter.exists() => {
                let starts = dir.join("letters/starts");
                let count = std::fs::read(&starts).unwrap_or_default().len();
                std::fs::write(&starts, vec![b'.'; count + 1])?;
                if count == 1 {
                    step(SWEEP, async { std::fs::remove_file(&letter) }).await?;
                }
            }
            _ => {}
        }
        let swept: &[&str] = match self {
            Self::SweepsAll => &["letter.txt", "draft.txt"],
            Self::SweepsAtTheThirdStart => &[],
            _ => &["draft.txt"],
        };
        for name in swept {
            let path = folder.join(name);
            if path.exists() {
                step(SWEEP, async { std::fs::remove_file(&path) }).await?;
            }
        }
        Ok(())
    }
}

impl Flow for Post {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = PathBuf;

    fn flow(&self) -> &'static str {
        "post"
    }

    fn strategy(&self) -> &'static str {
        "draft-first"
    }

    async fn prepare(&self, _world: &World, _request: &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        self.start(world.dir()).await?;
        Ok(world.dir().to_owned())
    }

    async fn import(&self, dir: &PathBuf, _request: &()) -> Result<(), io::Error> {
        if matches!(self, Self::MigratesInTwoSteps | Self::MigratesWhatIsMissing) && !dir.join("archive").exists() {
            return Err(io::Error::other("there is no archive"));
        }
        let draft = dir.join("letters/draft.txt");
        step(WRITE_DRAFT, async { std::fs::write(&draft, "Dear Sir,") }).await?;
        step(RENAME_DRAFT, async { std::fs::rename(&draft, dir.join("letters/letter.txt")) }).await
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().file_stands_alone("letters/letter.txt").file_stands_alone("letters/starts")
    }
}

fn explored(post: Post) -> Explored {
    explore(post, ()).depth(1).run().expect("the harness can tell")
}

fn violated(explored: &Explored) -> Vec<Criterion> {
    let strategy = &explored.report.strategies[0];
    Criterion::ALL.into_iter().filter(|&criterion| strategy.worst(criterion) == Some(Grade::Violated)).collect()
}

fn finding(explored: &Explored, criterion: Criterion, fault: CellFault) -> Option<&Finding> {
    explored.report.findings.iter().find(|finding| finding.criterion == criterion && finding.fault == fault)
}

#[test]
fn what_the_first_start_makes_is_there_before_the_request() {
    for post in [Post::MakesItsFolder, Post::SweepsDrafts, Post::MigratesWhatIsMissing] {
        explore(post, ()).depth(2).assert_holds();
    }
}

#[test]
fn a_migration_that_is_not_atomic_is_found_in_the_first_start() {
    let explored = explored(Post::MigratesInTwoSteps);
    // Half a migration is neither what was there before the first start nor what is there after it, and it stays so.
    assert_eq!(violated(&explored), [Criterion::AllOrNothing, Criterion::RetrySucceeds, Criterion::RetryConverges]);
    let crash = CellFault::Class(halfway::fault::FaultClass::Crash);
    let found = finding(&explored, Criterion::RetrySucceeds, crash).expect("a crash shows it");
    assert_eq!(found.schedule, "post/draft-first first-boot/make-folder#1:during=crash");
    assert_eq!(found.evidence, ["the retry was refused: \"there is no archive\""]);
}

#[test]
fn what_was_acknowledged_is_there_after_one_more_start() {
    let explored = explored(Post::SweepsAll);
    let found = finding(&explored, Criterion::FailureSurfaced, CellFault::None).expect("no fault is needed");
    assert_eq!((found.moment.as_str(), found.schedule.as_str()), ("after-restart", "post/draft-first"));
    assert_eq!(found.grade, Grade::Violated);
    // A crash after the answer is one more way to get there.
    let line = "post/draft-first @answer:after=crash".parse().expect("a schedule");
    let story = replay(&Subject::new(Post::SweepsAll, ()), &line, &Settings::default()).expect("it happens");
    assert_eq!(story.verdict[&Criterion::FailureSurfaced], Grade::Violated);
}

#[test]
fn an_application_that_starts_once_is_told_of() {
    let explored = explored(Post::StartsOnce);
    let found = finding(&explored, Criterion::FailureSurfaced, CellFault::None).expect("no fault is needed");
    assert_eq!(
        found.evidence,
        ["success was answered, and the application does not start any more: \"there is a letter already\""]
    );
}

/// A crash after the effects and before the answer: the start after it counts one, the retry writes the letter again, and
/// the start after the retry removes it.
#[test]
fn what_a_retry_acknowledged_is_there_after_one_more_start() {
    let explored = explored(Post::SweepsAtTheThirdStart);
    let crash = CellFault::Class(halfway::fault::FaultClass::Crash);
    let found = finding(&explored, Criterion::FailureSurfaced, crash).expect("a crash shows it");
    assert_eq!(found.moment, "after-restart");
    assert_eq!(found.client.as_deref(), Some("restarted"));
}
