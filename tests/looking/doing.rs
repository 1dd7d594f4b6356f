//! An import that is a list of deeds: what a stranger's might do to a database and a directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, replay};
use halfway::judge::{Criterion, Grade};
use halfway::observe::Moment;
use halfway::story::Event;
use halfway::{BoxError, Flow, Rules, Step, Subject, World, explore, step};
use rusqlite::Connection;

/// What is done in a world.
pub(crate) type Deed = fn(&Place) -> io::Result<()>;

/// An import, as data.
#[derive(Clone, Copy)]
pub(crate) struct Doing {
    pub(crate) name: &'static str,
    pub(crate) prepare: Deed,
    pub(crate) boot: Deed,
    pub(crate) steps: &'static [(&'static str, Deed)],
    pub(crate) on_error: Deed,
    pub(crate) rules: fn() -> Rules,
}

impl Doing {
    /// It does nothing, and nothing belongs to anything.
    pub(crate) const NOTHING: Self =
        Self { name: "nothing", prepare: nothing, boot: nothing, steps: &[], on_error: nothing, rules: Rules::new };
}

#[expect(clippy::unnecessary_wraps, reason = "a deed as any other")]
pub(crate) fn nothing(_place: &Place) -> io::Result<()> {
    Ok(())
}

/// A world, as an application opens it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) database: PathBuf,
    pub(crate) dir: PathBuf,
    /// A connection that lives as long as the application.
    held: Arc<Mutex<Option<Connection>>>,
}

impl Place {
    pub(crate) fn new(database: PathBuf, dir: PathBuf) -> Self {
        Self { database, dir, held: Arc::default() }
    }

    fn of(world: &World) -> Self {
        let path = world.database_url().trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
        Self::new(path.into(), world.dir().to_owned())
    }

    /// Has statements carried out by a connection of their own.
    pub(crate) fn sql(&self, statements: &str) -> io::Result<()> {
        self.connection()?.execute_batch(statements).map_err(io::Error::other)
    }

    /// Has statements carried out in a database of the application's own, among its files.
    pub(crate) fn cache(&self, statements: &str) -> io::Result<()> {
        let connection = Connection::open(self.dir.join("cache.db")).map_err(io::Error::other)?;
        connection.execute_batch(statements).map_err(io::Error::other)
    }

    /// A number from the database.
    pub(crate) fn count(&self, query: &str) -> io::Result<i64> {
        self.connection()?.query_row(query, [], |row| row.get(0)).map_err(io::Error::other)
    }

    /// Has statements carried out by a new connection, or by the one that began a transaction.
    pub(crate) fn hold(&self, statements: &[&str]) -> io::Result<()> {
        let mut held = self.held.lock().expect("nobody panics with it");
        let goes_on = held.is_some() && statements[0] == "COMMIT";
        let fresh = if goes_on { None } else { Some(self.connection()?) };
        let connection = fresh.as_ref().or(held.as_ref()).expect("one of both");
        for statement in statements {
            connection.execute_batch(statement).map_err(io::Error::other)?;
        }
        if goes_on {
            *held = None;
        } else {
            *held = fresh;
        }
        Ok(())
    }

    fn connection(&self) -> io::Result<Connection> {
        let connection = Connection::open(&self.database).map_err(io::Error::other)?;
        connection.busy_timeout(std::time::Duration::ZERO).map_err(io::Error::other)?;
        // Less would let a journal come back that was removed, after a loss of power.
        connection.execute_batch("PRAGMA synchronous = EXTRA").map_err(io::Error::other)?;
        Ok(connection)
    }
}

impl Flow for Doing {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = Place;

    fn flow(&self) -> &'static str {
        "looking"
    }

    fn strategy(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, world: &World, _request: &()) -> Result<(), BoxError> {
        Ok((self.prepare)(&Place::of(world))?)
    }

    async fn boot(&self, world: &World) -> Result<Place, BoxError> {
        let place = Place::of(world);
        (self.boot)(&place)?;
        Ok(place)
    }

    async fn import(&self, place: &Place, _request: &()) -> io::Result<()> {
        for (name, deed) in self.steps {
            let done = step(Step::new(name), async { deed(place) }).await;
            if let Err(error) = done {
                (self.on_error)(place)?;
                return Err(error);
            }
        }
        Ok(())
    }

    fn rules(&self, _request: &()) -> Rules {
        (self.rules)()
    }
}

/// Explores it with single faults of every class, and comes to its end; then once more with those of steps, which alone say
/// how it fared: nothing here but the database syncs what it writes.
pub(crate) fn check(doing: Doing) -> Explored {
    check_with(doing, FaultClass::ALL);
    check_with(doing, FaultClass::OF_STEPS)
}

/// Explores it with single faults of these classes, and comes to its end.
pub(crate) fn check_with(doing: Doing, classes: impl IntoIterator<Item = FaultClass>) -> Explored {
    let explored = explore(doing, ()).faults(classes).depth(1).run();
    let explored = explored.unwrap_or_else(|error| panic!("{}: {error}", doing.name));
    assert!(explored.not_fired.is_empty(), "{}: {:?}", doing.name, explored.not_fired);
    explored
}

pub(crate) fn worst(explored: &Explored, criterion: Criterion) -> Grade {
    // One of which no rule says when it is broken is not broken.
    explored.report.strategies[0].worst(criterion).unwrap_or(Grade::Held)
}

/// What is left at rest after these faults, in words.
pub(crate) fn told(doing: Doing, faults: &str) -> Vec<String> {
    let subject = Subject::new(doing, ());
    let schedule = format!("{} {faults}", subject.name()).parse().expect(faults);
    let story = replay(&subject, &schedule, &Settings::default()).unwrap_or_else(|error| panic!("{faults}: {error}"));
    let at_rest = |event: &Event| match event {
        Event::Observed { moment: Moment::AtRest, left, .. } => Some(left.clone()),
        _ => None,
    };
    story.trunk.iter().rev().find_map(at_rest).expect("the world is looked at at rest")
}

/// Makes a named pipe, by another program.
pub(crate) fn make_pipe(path: &Path) -> io::Result<()> {
    let status = std::process::Command::new("mkfifo").arg(path).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("mkfifo does not work")) }
}
