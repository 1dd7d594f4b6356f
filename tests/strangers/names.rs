//! File names that are no UTF-8.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{App, Import, Outcome, Stranger, WRITE, WRITE_MORE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<NotUtf8>(), Stranger::of::<NotUtf8Twins>()]
}

const ALBUMS: &str = "CREATE TABLE albums (id TEXT PRIMARY KEY); INSERT INTO albums VALUES ('a1');";

fn album(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("albums/a1"))?;
    std::fs::write(dir.join("albums/a1/cover.jpg"), "a cover")
}

fn album_rules() -> Rules {
    Rules::new().file_named_after_row("albums", "albums/{id}/**")
}

/// Writes a track into the album, under a name in the Latin-1 of an old archive.
fn write_track(app: &App, name: &[u8]) -> io::Result<()> {
    std::fs::write(app.dir.join("albums/a1").join(OsStr::from_bytes(name)), "a track")
}

struct NotUtf8;

impl Import for NotUtf8 {
    const NAME: &'static str = "names/not-utf8";
    const SCHEMA: &'static str = ALBUMS;

    fn files(dir: &Path) -> io::Result<()> {
        album(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, async { write_track(app, b"caf\xe9.ogg") }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        album_rules()
    }
}

struct NotUtf8Twins;

impl Import for NotUtf8Twins {
    const NAME: &'static str = "names/not-utf8-twins";
    const SCHEMA: &'static str = ALBUMS;

    fn files(dir: &Path) -> io::Result<()> {
        album(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, async { write_track(app, b"caf\xe9.ogg") }).await?;
        step(WRITE_MORE, async { write_track(app, b"caf\xe8.ogg") }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        album_rules()
    }
}
