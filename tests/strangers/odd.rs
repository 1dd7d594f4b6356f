//! What a folder can hold besides plain files: links, pipes, sockets, empty folders; and the folder itself.

use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{
    App, Fail, INSERT, Import, MAKE_FOLDER, Outcome, REMOVE, RENAME, SWEEP, Stranger, WRITE, done, or_not_there,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<LinkSwitched>(),
        Stranger::of::<LinkMadeAnew>(),
        Stranger::of::<LinkToTheWrong>(),
        Stranger::of::<HardLink>(),
        Stranger::of::<HardLinkWrittenThrough>(),
        Stranger::of::<Fifo>(),
        Stranger::of::<Socket>(),
        Stranger::of::<EmptyDirectory>(),
        Stranger::of::<EmptyDirectorySwept>(),
        Stranger::of::<OwnRoot>(),
    ]
}

fn releases(dir: &Path) -> io::Result<()> {
    std::fs::write(dir.join("release-1.txt"), "the first")?;
    std::fs::write(dir.join("release-2.txt"), "the second")?;
    symlink("release-1.txt", dir.join("current"))
}

fn release_rules() -> Rules {
    let rules = Rules::new().file_stands_alone("release-1.txt").file_stands_alone("release-2.txt");
    rules.file_stands_alone("current")
}

/// Gives `current` another target, in one moment.
async fn switch_to(app: &App, target: &str) -> Result<(), Fail> {
    app.remove("current.new").await?;
    step(WRITE, async { symlink(target, app.dir.join("current.new")) }).await?;
    step(RENAME, app.rename("current.new", "current")).await?;
    Ok(())
}

struct LinkSwitched;

impl Import for LinkSwitched {
    const NAME: &'static str = "odd/link-switched";

    fn files(dir: &Path) -> io::Result<()> {
        releases(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(step(SWEEP, app.remove("current.new")).await?)
    }

    async fn import(app: &App) -> Outcome {
        switch_to(app, "release-2.txt").await?;
        Ok(done())
    }

    fn rules() -> Rules {
        release_rules()
    }
}

struct LinkMadeAnew;

impl Import for LinkMadeAnew {
    const NAME: &'static str = "odd/link-made-anew";

    fn files(dir: &Path) -> io::Result<()> {
        releases(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(REMOVE, app.remove("current")).await?;
        step(WRITE, async { symlink("release-2.txt", app.dir.join("current")) }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        release_rules()
    }
}

struct LinkToTheWrong;

impl Import for LinkToTheWrong {
    const NAME: &'static str = "odd/link-to-the-wrong";

    fn files(dir: &Path) -> io::Result<()> {
        releases(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(step(SWEEP, app.remove("current.new")).await?)
    }

    async fn import(app: &App) -> Outcome {
        let is_first = std::fs::read_link(app.dir.join("current"))? == Path::new("release-1.txt");
        switch_to(app, if is_first { "release-2.txt" } else { "release-1.txt" }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        release_rules()
    }
}

struct HardLink;

impl Import for HardLink {
    const NAME: &'static str = "odd/hard-link";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(step(SWEEP, app.remove("page.html.new")).await?)
    }

    async fn import(app: &App) -> Outcome {
        // It may be another name of the published file: what is written must not be written there.
        app.remove("page.html.new").await?;
        step(WRITE, app.write("page.html.new", "<p>hello</p>")).await?;
        let (new, page) = (app.dir.join("page.html.new"), app.dir.join("page.html"));
        let publish = async {
            let linked = std::fs::hard_link(new, page);
            linked.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
        };
        step(RENAME, publish).await?;
        step(REMOVE, app.remove("page.html.new")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("page.html")
    }
}

struct HardLinkWrittenThrough;

impl Import for HardLinkWrittenThrough {
    const NAME: &'static str = "odd/hard-link-written-through";

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::write(dir.join("page.html"), "<p>old</p>")?;
        std::fs::hard_link(dir.join("page.html"), dir.join("page.html.new"))
    }

    async fn import(app: &App) -> Outcome {
        std::fs::write(app.dir.join("page.html.new"), "<p>new</p>")?;
        std::fs::rename(app.dir.join("page.html.new"), app.dir.join("page.html"))?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("page.html").file_stands_alone("page.html.new")
    }
}

const EVENTS: &str = "CREATE TABLE events (key TEXT PRIMARY KEY)";
const EVENT: &str = "INSERT OR REPLACE INTO events VALUES ('k1')";

struct Fifo;

impl Import for Fifo {
    const NAME: &'static str = "odd/fifo";
    const SCHEMA: &'static str = EVENTS;

    fn files(dir: &Path) -> io::Result<()> {
        let made = std::process::Command::new("mkfifo").arg(dir.join("control")).status()?;
        if made.success() { Ok(()) } else { Err(io::Error::other("mkfifo made no pipe")) }
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(EVENT)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("control")
    }
}

struct Socket;

impl Import for Socket {
    const NAME: &'static str = "odd/socket";
    const SCHEMA: &'static str = EVENTS;

    async fn boot(app: &App) -> Result<(), Fail> {
        app.remove("app.sock").await?;
        // Nobody calls: that the name stays is all that counts here.
        drop(UnixListener::bind(app.dir.join("app.sock"))?);
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(EVENT)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("app.sock")
    }
}

struct EmptyDirectory;

impl Import for EmptyDirectory {
    const NAME: &'static str = "odd/empty-directory";

    async fn import(app: &App) -> Outcome {
        step(MAKE_FOLDER, app.make_folder("site")).await?;
        step(WRITE, app.write("site/index.html", "<p>hello</p>")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("site/index.html")
    }
}

struct EmptyDirectorySwept;

impl Import for EmptyDirectorySwept {
    const NAME: &'static str = "odd/empty-directory-swept";

    async fn boot(app: &App) -> Result<(), Fail> {
        let site = app.dir.join("site");
        if site.exists() && app.list("site")?.is_empty() {
            step(SWEEP, async { std::fs::remove_dir(site) }).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(MAKE_FOLDER, app.make_folder("site")).await?;
        step(WRITE, app.write("site/index.html", "<p>hello</p>")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("site/index.html")
    }
}

struct OwnRoot;

impl Import for OwnRoot {
    const NAME: &'static str = "odd/own-root";

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::write(dir.join("data.txt"), "old")
    }

    async fn import(app: &App) -> Outcome {
        step(REMOVE, async { or_not_there(std::fs::remove_dir_all(&app.dir)) }).await?;
        step(MAKE_FOLDER, app.make_folder("")).await?;
        step(WRITE, app.write("data.txt", "new")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("data.txt")
    }
}
