//! A program that was started on a world: the folder, and the server, where there is one.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::http::{self, Call, Reply};
use super::{LAUNCH, Program, Ready, Server, Words};
use crate::disk::{CommandLine, Gate, Network, Over, Rest, Supervised, supervise};
use crate::error::BoxError;

/// What was started on a world.
pub(crate) struct Running {
    folder: PathBuf,
    server: RefCell<Option<Rc<Up>>>,
}

/// A server that was started. Dropped, it is killed.
struct Up {
    process: Supervised,
    gate: Arc<Gate>,
    end: End,
}

/// How a program ends; nothing while it runs.
type End = watch::Receiver<Option<Arc<io::Result<Over>>>>;

/// The signal that kills a process which writes more into a file than it may (signal(7), Linux).
const FILE_TOO_LARGE: i32 = 25;

/// Between two looks whether a server is ready, or at rest.
const PAUSE: Duration = Duration::from_millis(1);

impl Running {
    /// Starts what stays up, where there is such a thing.
    pub(super) async fn start(program: &Program, folder: PathBuf) -> Result<Self, BoxError> {
        let running = Self { folder, server: RefCell::new(None) };
        running.serve(program).await?;
        Ok(running)
    }

    /// Has the server up, where there is one. Where it has ended, it is started again, as in production.
    async fn serve(&self, program: &Program) -> Result<Option<Rc<Up>>, BoxError> {
        let Some(server) = &program.serve else { return Ok(None) };
        let known = self.server.borrow().clone();
        if let Some(up) = known.filter(|up| up.end.borrow().is_none()) {
            return Ok(Some(up));
        }
        let up = Rc::new(Up::start(program, server, &self.folder).await?);
        *self.server.borrow_mut() = Some(Rc::clone(&up));
        Ok(Some(up))
    }

    /// Runs a command to its end, beside the server where there is one.
    pub(super) async fn run(&self, program: &Program, words: &Words) -> Result<Over, BoxError> {
        let up = self.serve(program).await?;
        if let Some(up) = &up {
            up.gate.open();
        }
        let network = up.as_ref().map_or(Network::OfHalfway, |up| Network::Beside(&up.process));
        run(program, words, network, &self.folder).await
    }

    /// Sends a request to the server.
    pub(super) async fn send(&self, program: &Program, call: &Call) -> Result<Reply, BoxError> {
        let up = self.serve(program).await?.ok_or("there is no server to send it to")?;
        match (call.send(&up.process, &up.gate).await, &program.serve) {
            (Ok(reply), _) => Ok(reply),
            (Err(error), Some(server)) => {
                up.gate.open();
                Err(up.end().await?.map_or(error, |over| told(&server.words, &over).into()))
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Waits until the server has done what it does in the background. Its client has heard what it was told.
    pub(super) async fn rest(&self) {
        let up = self.server.borrow().clone();
        if let Some(up) = up {
            up.gate.open();
            // That it could not be watched is told when it is asked again.
            let _ = up.end().await;
        }
    }
}

impl Up {
    /// Starts a server, and waits until it takes requests.
    async fn start(program: &Program, server: &Server, folder: &Path) -> Result<Self, BoxError> {
        let gate = Arc::new(Gate::default());
        let (process, end) = begin(program, &server.words, Network::Own(&gate), folder)?;
        let up = Self { process, gate, end };
        // Whoever only asks whether it is ready lets it go on.
        let no_gate = Gate::default();
        loop {
            let is_ready = match &server.ready {
                Ready::Listening(address) => http::connect(&up.process, *address).await.is_ok(),
                Ready::Answering(call) => call.send(&up.process, &no_gate).await.is_ok_and(|reply| reply.status < 500),
            };
            if is_ready {
                return Ok(up);
            }
            let ended = up.end.borrow().clone();
            match ended {
                Some(over) => return Err(told(&server.words, &over_of(&over)?).into()),
                None => sleep(PAUSE).await,
            }
        }
    }

    /// How it ended, if it did, once nothing that it has begun is under way.
    async fn end(&self) -> Result<Option<Over>, BoxError> {
        loop {
            match self.process.rest() {
                Rest::Busy => sleep(PAUSE).await,
                Rest::Asleep => return Ok(None),
                Rest::Gone => return over(self.end.clone()).await.map(Some),
            }
        }
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.gate.open();
    }
}

/// Runs a command in this folder to its end. Dropped before that, everything that it has started is killed.
pub(super) async fn run(
    program: &Program,
    words: &Words,
    network: Network<'_>,
    folder: &Path,
) -> Result<Over, BoxError> {
    let (running, end) = begin(program, words, network, folder)?;
    let over = over(end).await;
    drop(running);
    over
}

fn begin(program: &Program, words: &Words, network: Network<'_>, folder: &Path) -> Result<(Supervised, End), BoxError> {
    let line = CommandLine {
        words: words.iter().map(Into::into).collect(),
        environment: program.environment.clone(),
        limits: program.limits,
        launcher: (PathBuf::from("/proc/self/exe"), LAUNCH),
    };
    let (tell, end) = watch::channel(None);
    let running = supervise(&line, network, folder, move |over| drop(tell.send(Some(Arc::new(over)))));
    let running = running.map_err(|error| format!("{}: {error}", program.here.join(&words[0]).display()))?;
    Ok((running, end))
}

/// Waits for the end.
async fn over(mut end: End) -> Result<Over, BoxError> {
    let over = end.wait_for(Option::is_some).await.map_err(|_| "the program was not watched to its end")?;
    let over = over.as_ref().expect("it was waited for");
    Ok(over_of(over)?)
}

fn over_of(over: &io::Result<Over>) -> Result<Over, String> {
    match over {
        Ok(over) => Ok(over.clone()),
        Err(error) => Err(error.to_string()),
    }
}

/// How a command ended, and the last line of what it said.
pub(super) fn told(words: &Words, over: &Over) -> String {
    let how = match over.end {
        Ok(code) => format!("exit code {code}"),
        Err(FILE_TOO_LARGE) => "it wrote more into a file than limits = { disk = \"...\" } allows".to_owned(),
        Err(signal) => format!("killed by signal {signal}"),
    };
    format!("{}: {how}{}", words[0], last(&over.errors))
}

/// The last line of a text, with a mark before it.
pub(super) fn last(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().rfind(|line| !line.trim().is_empty()).map_or(String::new(), |line| format!(": {}", line.trim()))
}
