//! A flow that is nothing but file operations: every function of the standard library that changes something.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use halfway::{BoxError, Flow, Rules, Step, World, step};

/// What is done in the one step.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// All of [`EXPECTED`].
    Seen,
    /// A file is made, and made again where that fails, up to three times.
    Stubborn,
    /// Another process writes a file.
    Outside,
    /// A file is synced, and synced again where that fails.
    SyncsTwice,
    /// A directory is listed, and its descriptor is something else afterwards.
    GivesBack,
}

#[derive(Clone, Copy)]
pub(crate) struct Touches(pub(crate) Way);

const TOUCH_ALL: Step = Step::new("touch-all");

/// What [`Way::Seen`] does.
pub(crate) const EXPECTED: [&str; 29] = [
    "create@a.txt#1",
    "write@a.txt#1",
    "write@a.txt#2",
    "write@a.txt#3",
    "write@a.txt#4",
    "truncate@a.txt#1",
    "sync@a.txt#1",
    "sync@a.txt#2",
    "open@a.txt#1",
    "write@a.txt#5",
    "open@a.txt#2",
    "create@c.txt#1",
    "write@c.txt#1",
    // First the whole path is tried, then what it lacks.
    "mkdir@d/e#1",
    "mkdir@d#1",
    "mkdir@d/e#2",
    "rename@d/e/b.txt#1",
    "link@d/l.txt#1",
    "symlink@d/s.txt#1",
    "open@c.txt#1",
    "write@c.txt#2",
    "unlink@d/l.txt#1",
    "open@d#1",
    "sync@d#1",
    "mkdir@gone#1",
    "create@gone/x#1",
    "open@gone#1",
    "unlink@gone/x#1",
    "rmdir@gone#1",
];

fn touch_all(dir: &Path) -> io::Result<()> {
    let at = |name: &str| dir.join(name);
    let mut file = File::create(at("a.txt"))?;
    file.write_all(b"plain")?;
    let _ = file.write_vectored(&[IoSlice::new(b" in "), IoSlice::new(b"parts")])?;
    file.write_all_at(b"P", 0)?;
    file.try_clone()?.write_all(b" by a copy")?;
    file.set_len(8)?;
    file.sync_data()?;
    file.sync_all()?;
    drop(file);
    OpenOptions::new().append(true).open(at("a.txt"))?.write_all(b" more")?;
    fs::copy(at("a.txt"), at("c.txt"))?;
    fs::create_dir_all(at("d/e"))?;
    fs::rename(at("a.txt"), at("d/../d/e/./b.txt"))?;
    fs::hard_link(at("d/e/b.txt"), at("d/l.txt"))?;
    symlink("e/b.txt", at("d/s.txt"))?;
    fs::write(at("c.txt"), b"other")?;
    fs::remove_file(at("d/l.txt"))?;
    File::open(at("d"))?.sync_all()?;
    fs::create_dir(at("gone"))?;
    File::create(at("gone/x"))?;
    fs::remove_dir_all(at("gone"))
}

fn stubborn(dir: &Path) -> io::Result<()> {
    let attempt = || File::create(dir.join("a.txt")).map(drop);
    attempt().or_else(|_| attempt()).or_else(|_| attempt())
}

fn outside(dir: &Path) -> io::Result<()> {
    let status = std::process::Command::new("touch").arg(dir.join("outside.txt")).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}

fn syncs_twice(dir: &Path) -> io::Result<()> {
    let mut file = File::create(dir.join("a.txt"))?;
    file.write_all(b"text")?;
    file.sync_all().or_else(|_| file.sync_all())?;
    File::open(dir)?.sync_all()
}

/// The C library closes the directory by itself, and the system gives its number to the next who asks.
fn gives_back(dir: &Path) -> io::Result<()> {
    fs::create_dir(dir.join("gone"))?;
    fs::remove_dir_all(dir.join("gone"))?;
    let others: Vec<UnixDatagram> = (0..32).map(|_| UnixDatagram::unbound()).collect::<Result<_, _>>()?;
    for other in others {
        // Nobody is at the other end.
        let _ = File::from(OwnedFd::from(other)).write(b"to nobody");
    }
    Ok(())
}

impl Flow for Touches {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = PathBuf;

    fn flow(&self) -> &'static str {
        "touches"
    }

    fn strategy(&self) -> &'static str {
        "all"
    }

    async fn prepare(&self, _world: &World, (): &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        Ok(world.dir().to_owned())
    }

    async fn import(&self, dir: &PathBuf, (): &()) -> Result<(), io::Error> {
        step(TOUCH_ALL, async {
            match self.0 {
                Way::Seen => touch_all(dir),
                Way::Stubborn => stubborn(dir),
                Way::Outside => outside(dir),
                Way::SyncsTwice => syncs_twice(dir),
                Way::GivesBack => gives_back(dir),
            }
        })
        .await
    }

    fn rules(&self, (): &()) -> Rules {
        Rules::new()
    }
}
