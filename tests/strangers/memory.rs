//! What the process remembers: flags, locks, counters, sets, and a file that stands for a lock.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use halfway::{Rules, step};

use crate::kit::{App, Fail, INSERT, Import, Outcome, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<DoneTooEarly>(),
        Stranger::of::<DoneAfter>(),
        Stranger::of::<PoisonedLock>(),
        Stranger::of::<PoisonCleared>(),
        Stranger::of::<CounterAsKey>(),
        Stranger::of::<InFlightSet>(),
        Stranger::of::<InFlightGuard>(),
        Stranger::of::<LockFile>(),
        Stranger::of::<LockFileGuardLate>(),
        Stranger::of::<LockFileGuarded>(),
        Stranger::of::<Static>(),
    ]
}

const USERS: &str = "CREATE TABLE users (name TEXT PRIMARY KEY, mail TEXT NOT NULL)";
const UPSERT: &str = "INSERT OR REPLACE INTO users VALUES ('ada', 'ada@example.org')";

struct DoneTooEarly;

impl Import for DoneTooEarly {
    const NAME: &'static str = "memory/done-too-early";
    const SCHEMA: &'static str = USERS;

    async fn import(app: &App) -> Outcome {
        if !app.memory.flag.swap(true, Ordering::SeqCst) {
            step(INSERT, app.sql(UPSERT)).await?;
        }
        Ok(done())
    }
}

struct DoneAfter;

impl Import for DoneAfter {
    const NAME: &'static str = "memory/done-after";
    const SCHEMA: &'static str = USERS;

    async fn import(app: &App) -> Outcome {
        if !app.memory.flag.load(Ordering::SeqCst) {
            step(INSERT, app.sql(UPSERT)).await?;
            app.memory.flag.store(true, Ordering::SeqCst);
        }
        Ok(done())
    }
}

struct PoisonedLock;

impl Import for PoisonedLock {
    const NAME: &'static str = "memory/poisoned-lock";
    const SCHEMA: &'static str = USERS;

    #[expect(clippy::await_holding_lock, reason = "that is the mistake")]
    async fn import(app: &App) -> Outcome {
        let mut seen = app.memory.keys.lock().expect("nobody panics under the lock");
        step(INSERT, app.sql(UPSERT)).await?;
        seen.insert("ada".to_owned());
        Ok(done())
    }
}

struct PoisonCleared;

impl Import for PoisonCleared {
    const NAME: &'static str = "memory/poison-cleared";
    const SCHEMA: &'static str = USERS;

    #[expect(clippy::await_holding_lock, reason = "one request at a time is what the lock is for")]
    async fn import(app: &App) -> Outcome {
        let mut seen = app.memory.keys.lock().unwrap_or_else(PoisonError::into_inner);
        step(INSERT, app.sql(UPSERT)).await?;
        seen.insert("ada".to_owned());
        Ok(done())
    }
}

struct CounterAsKey;

impl Import for CounterAsKey {
    const NAME: &'static str = "memory/counter-as-key";
    const SCHEMA: &'static str = "CREATE TABLE tickets (number TEXT PRIMARY KEY, subject TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        let number = app.memory.count.fetch_add(1, Ordering::SeqCst) + 1;
        let insert = "INSERT OR REPLACE INTO tickets VALUES (?, 'the door squeaks')";
        step(INSERT, app.sql_with(insert, &[&number.to_string()])).await?;
        Ok(done())
    }
}

/// Whether the key was free, and is taken now.
fn take(app: &App) -> bool {
    app.memory.keys.lock().unwrap_or_else(PoisonError::into_inner).insert("ada".to_owned())
}

fn free(app: &App) {
    app.memory.keys.lock().unwrap_or_else(PoisonError::into_inner).remove("ada");
}

struct InFlightSet;

impl Import for InFlightSet {
    const NAME: &'static str = "memory/in-flight-set";
    const SCHEMA: &'static str = USERS;

    async fn import(app: &App) -> Outcome {
        if !take(app) {
            return Err(Fail::Refused("this request is being worked on"));
        }
        let inserted = step(INSERT, app.sql(UPSERT)).await;
        free(app);
        inserted?;
        Ok(done())
    }
}

struct Flight<'a>(&'a App);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        free(self.0);
    }
}

struct InFlightGuard;

impl Import for InFlightGuard {
    const NAME: &'static str = "memory/in-flight-guard";
    const SCHEMA: &'static str = USERS;

    async fn import(app: &App) -> Outcome {
        if !take(app) {
            return Err(Fail::Refused("this request is being worked on"));
        }
        let _flight = Flight(app);
        step(INSERT, app.sql(UPSERT)).await?;
        Ok(done())
    }
}

fn lock_file(app: &App) -> PathBuf {
    app.dir.join("import.lock")
}

fn make_new(path: &PathBuf) -> std::io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path).map(drop)
}

struct LockFile;

impl Import for LockFile {
    const NAME: &'static str = "memory/lock-file";
    const SCHEMA: &'static str = USERS;

    async fn import(app: &App) -> Outcome {
        step(WRITE, async { make_new(&lock_file(app)) }).await?;
        let inserted = step(INSERT, app.sql(UPSERT)).await;
        app.remove("import.lock").await?;
        inserted?;
        Ok(done())
    }
}

struct Lock(PathBuf);

impl Lock {
    fn take(path: PathBuf) -> std::io::Result<Self> {
        make_new(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody could do anything about a failure here: the next start removes the file.
        let _ = std::fs::remove_file(&self.0);
    }
}

struct LockFileGuardLate;

impl Import for LockFileGuardLate {
    const NAME: &'static str = "memory/lock-file-guard-late";
    const SCHEMA: &'static str = USERS;

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("import.lock").await?)
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, async { make_new(&lock_file(app)) }).await?;
        let _lock = Lock(lock_file(app));
        step(INSERT, app.sql(UPSERT)).await?;
        Ok(done())
    }
}

struct LockFileGuarded;

impl Import for LockFileGuarded {
    const NAME: &'static str = "memory/lock-file-guarded";
    const SCHEMA: &'static str = USERS;

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("import.lock").await?)
    }

    async fn import(app: &App) -> Outcome {
        let _lock = step(WRITE, async { Lock::take(lock_file(app)) }).await?;
        step(INSERT, app.sql(UPSERT)).await?;
        Ok(done())
    }
}

static WAS_WRITTEN: AtomicBool = AtomicBool::new(false);

struct Static;

impl Import for Static {
    const NAME: &'static str = "memory/static";

    async fn import(app: &App) -> Outcome {
        if !WAS_WRITTEN.load(Ordering::SeqCst) {
            step(WRITE, app.write("motd.txt", "welcome")).await?;
            WAS_WRITTEN.store(true, Ordering::SeqCst);
        }
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("motd.txt")
    }
}
