//! A flow that is written down where it is needed: what its start does, what a request does, when it is at rest.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use halfway::{BoxError, Flow, Rules, Step, World, inherit_worker, step};
use tokio::sync::{Notify, mpsc};

/// A future that stays on its thread.
pub(crate) type Local<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What the process holds.
pub(crate) struct App {
    pub(crate) dir: PathBuf,
    /// Jobs for the worker, where there is one.
    pub(crate) jobs: Option<mpsc::UnboundedSender<Job>>,
    pub(crate) done: Arc<Notify>,
    pub(crate) open: Arc<std::sync::atomic::AtomicUsize>,
}

/// A file that the worker is to write.
pub(crate) struct Job(pub(crate) PathBuf);

/// A flow of files.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    /// Before a request is made; returns whether the worker is wanted.
    pub(crate) boot: fn(&PathBuf) -> Worker,
    pub(crate) import: for<'a> fn(&'a App) -> Local<'a, std::io::Result<()>>,
    pub(crate) rules: fn() -> Rules,
}

/// Whether the application has a worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worker {
    None,
    One,
}

pub(crate) const FIRST: Step = Step::new("first");
pub(crate) const SECOND: Step = Step::new("second");
pub(crate) const THIRD: Step = Step::new("third");

/// Writes a file, in a step.
pub(crate) async fn write(name: Step, path: PathBuf) -> std::io::Result<()> {
    step(name, async { std::fs::write(path, "x") }).await
}

impl Script {
    /// A flow that starts with nothing, and whose files each stand alone.
    pub(crate) const fn new(import: for<'a> fn(&'a App) -> Local<'a, std::io::Result<()>>) -> Self {
        Self { name: "script", boot: |_| Worker::None, import, rules: Rules::new }
    }
}

impl Flow for Script {
    type Request = ();
    type Response = ();
    type Error = std::io::Error;
    type App = App;

    fn flow(&self) -> &'static str {
        "files"
    }

    fn strategy(&self) -> &str {
        self.name
    }

    async fn prepare(&self, _world: &World, (): &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let dir = world.dir().to_owned();
        let (done, open) = (Arc::new(Notify::new()), Arc::default());
        let jobs = ((self.boot)(&dir) == Worker::One).then(|| {
            let (jobs, mut waiting) = mpsc::unbounded_channel::<Job>();
            let (done, open) = (Arc::clone(&done), Arc::clone(&open));
            tokio::spawn(inherit_worker(async move {
                while let Some(Job(path)) = waiting.recv().await {
                    let _ = write(THIRD, path).await;
                    std::sync::atomic::AtomicUsize::fetch_sub(&open, 1, std::sync::atomic::Ordering::SeqCst);
                    done.notify_one();
                }
            }));
            jobs
        });
        Ok(App { dir, jobs, done, open })
    }

    async fn import(&self, app: &App, (): &()) -> std::io::Result<()> {
        (self.import)(app).await
    }

    async fn at_rest(&self, app: &App) {
        while app.open.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            app.done.notified().await;
        }
    }

    fn rules(&self, (): &()) -> Rules {
        let files = ["a.txt", "b.txt", "c.txt"].into_iter();
        files.fold((self.rules)(), Rules::file_stands_alone)
    }
}
