//! Guards that clean up when a request is dropped.

use std::path::{Path, PathBuf};

use halfway::{Rules, step};
use uuid::Uuid;

use crate::kit::{App, Fail, Import, Outcome, RENAME, SWEEP, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<DropAndBoot>(), Stranger::of::<DropOnly>()]
}

/// A temporary file, removed when nobody needs it any more.
struct Temporary(PathBuf);

impl Temporary {
    fn new(dir: &Path) -> Self {
        Self(dir.join(format!("upload-{}.part", Uuid::now_v7())))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is nothing at this name, and that is as it should be.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn upload(app: &App) -> Outcome {
    let temporary = Temporary::new(&app.dir);
    step(WRITE, async { std::fs::write(&temporary.0, "a picture") }).await?;
    step(RENAME, async { std::fs::rename(&temporary.0, app.dir.join("logo.png")) }).await?;
    Ok(done())
}

struct DropAndBoot;

impl Import for DropAndBoot {
    const NAME: &'static str = "guards/drop-and-boot";

    async fn boot(app: &App) -> Result<(), Fail> {
        for name in app.list("")?.iter().filter(|name| name.starts_with("upload-")) {
            step(SWEEP, app.remove(name)).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        upload(app).await
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("logo.png")
    }
}

struct DropOnly;

impl Import for DropOnly {
    const NAME: &'static str = "guards/drop-only";

    async fn import(app: &App) -> Outcome {
        upload(app).await
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("logo.png")
    }
}
