//! The process under test: a thread of its own, with a runtime of its own and the application in it.
//!
//! What an application leaves behind, tasks that nobody waits for, ends with its runtime. A thread that does not come back,
//! because the application goes round in circles without ever waiting, is left behind: nobody can stop a thread. It runs
//! only when nothing else wants to, and what is asked of its process is not answered any more. That it is there is told.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::left_behind::{LeftBehind, Straggler};
use super::phase::{self, End, Later, PhaseRun, Scene};
use super::watched::Watched;
use crate::disk::{descend_from, leave_behind, this_thread};
use crate::error::{BoxError, Error, Result, in_full};
use crate::inject::{Probe, Running, Seat, SeatTaken, Stop};
use crate::observe::Answer;
use crate::step::Step;
use crate::subject::ErasedFlow;
use crate::world::World;

/// The runtime on which an application runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuntimeKind {
    /// All tasks on one thread, so that they come in the same order in every run.
    #[default]
    CurrentThread,
    /// Spawned tasks on a second thread: what calls `block_in_place` asks for it.
    MultiThread,
}

/// How processes are run.
#[derive(Clone, Debug)]
pub(crate) struct Hosting {
    /// How long one attempt, start or retry may take.
    pub(crate) deadline: Duration,
    /// The runtime of the application.
    pub(crate) runtime: RuntimeKind,
    /// What they leave behind.
    pub(crate) left_behind: LeftBehind,
}

/// A process that is up.
pub(crate) struct Host {
    orders: Option<Sender<Order>>,
    answers: Receiver<Ended<Answer>>,
    thread: Option<JoinHandle<()>>,
    signs: Arc<Signs>,
    deadline: Duration,
    seat: SeatTaken,
    left_behind: LeftBehind,
}

/// How far a process has come: looked at when it does not answer, so that nobody is woken for it.
#[derive(Default)]
struct Signs {
    /// Its thread, once it began.
    thread: AtomicI32,
    /// How many phases are over, but for what they left in background.
    over: AtomicUsize,
}

/// What comes of the start of an application, as others are told it.
pub(super) type Started = Result<(), String>;

/// An application, on its own thread.
type App = Box<dyn Any>;

/// A request to the application.
struct Order(Probe);

/// All of a phase is over.
type Ended<T> = Box<Result<PhaseRun<T>>>;

/// So much longer than the deadline a thread may take: it copies worlds, and waits for others.
const GRACE: Duration = Duration::from_secs(2);

impl Hosting {
    /// Builds the world of a flow, in a process that is of no case.
    pub(super) fn prepare(flow: &Arc<dyn ErasedFlow>, world: World) -> Result<(), BoxError> {
        let flow = Arc::clone(flow);
        let work = move || {
            descend_from(None);
            let runtime = RuntimeKind::CurrentThread.start();
            let prepared = runtime.block_on(flow.prepare(&world));
            runtime.shutdown_background();
            prepared
        };
        started("halfway-prepare", work).join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Starts an application on a world. It is up where its start came to a good end.
    pub(super) fn boot(
        &self,
        flow: &Arc<dyn ErasedFlow>,
        world: World,
        probe: &Probe,
        watched: &Watched,
    ) -> Result<(PhaseRun<Started>, Option<Host>)> {
        let (orders, ordered) = channel();
        let (tell, told) = channel();
        let (answers, answered) = channel();
        let signs = Arc::new(Signs::default());
        let seat = Seat::default();
        let taken = seat.taken();
        let process = Process {
            flow: Arc::clone(flow),
            runtime: self.runtime,
            deadline: self.deadline,
            seat,
            watched: watched.clone(),
            signs: Arc::clone(&signs),
        };
        let first = probe.clone();
        let thread = started("halfway-process", move || process.run(&world, &first, &tell, &ordered, &answers));
        let mut host = Host {
            orders: Some(orders),
            answers: answered,
            thread: Some(thread),
            signs,
            deadline: self.deadline,
            seat: taken,
            left_behind: self.left_behind.clone(),
        };
        let run = host.heard(&told).unwrap_or_else(|| host.left_behind(probe))?;
        let is_up = matches!((&run.end, &run.later), (End::Done(Ok(())), Later::AtRest));
        Ok((run, is_up.then_some(host)))
    }
}

impl Host {
    /// Sends the request.
    pub(super) fn import(&mut self, probe: &Probe) -> Result<PhaseRun<Answer>> {
        let is_taken = self.orders.as_ref().is_some_and(|orders| orders.send(Order(probe.clone())).is_ok());
        if !is_taken {
            // It is still at something else, and will be for ever.
            return Ok(PhaseRun { trace: probe.trace(), end: End::Hung, later: Later::AtRest });
        }
        let (_, none) = channel();
        let answers = std::mem::replace(&mut self.answers, none);
        let heard = self.heard(&answers);
        self.answers = answers;
        heard.unwrap_or_else(|| self.left_behind(probe))
    }

    /// What became of a phase; nothing when its thread does not come back.
    fn heard<T>(&mut self, told: &Receiver<Ended<T>>) -> Option<Result<PhaseRun<T>>> {
        let mut over = self.signs.over.load(Ordering::SeqCst);
        loop {
            match told.recv_timeout(self.deadline + GRACE) {
                Ok(run) => return Some(*run),
                Err(RecvTimeoutError::Timeout) => {
                    // What a phase left in background may take as long again.
                    let now = self.signs.over.load(Ordering::SeqCst);
                    if now == over {
                        return None;
                    }
                    over = now;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let thread = self.thread.take().expect("a thread that ended before it was asked to");
                    match thread.join() {
                        Err(panic) => resume_unwind(panic),
                        Ok(()) => unreachable!("a process tells how each phase ended"),
                    }
                }
            }
        }
    }

    /// The end of a phase that does not come to one, and of all that is asked of this process.
    fn left_behind<T>(&mut self, probe: &Probe) -> Result<PhaseRun<T>> {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            self.give_up(Straggler::Phase, thread);
        }
        let end = match probe.take_stop() {
            // It hit, and what runs on runs in a world that nobody looks at.
            Some(Stop::Crashed(image)) => End::Crashed(image?),
            Some(Stop::PowerLost(image)) => End::PowerLost(image?),
            Some(Stop::Cancelled) | None => End::Hung,
        };
        Ok(PhaseRun { trace: probe.trace(), end, later: Later::AtRest })
    }

    /// Nobody waits for this thread any more.
    fn give_up(&self, straggler: Straggler, thread: JoinHandle<()>) {
        leave_behind(self.signs.thread.load(Ordering::SeqCst));
        self.left_behind.thread(straggler, thread);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It ends when nothing more can be asked of it. What the application does when it is dropped may take as long as
        // anything else that it does.
        self.orders = None;
        let Some(thread) = self.thread.take() else { return };
        match self.answers.recv_timeout(self.deadline + GRACE) {
            Err(RecvTimeoutError::Disconnected) => {
                let _ = thread.join();
                self.left_behind.spawned(self.seat.clone());
            }
            Err(RecvTimeoutError::Timeout) | Ok(_) => self.give_up(Straggler::Drop, thread),
        }
    }
}

/// What the thread of a process works with.
struct Process {
    flow: Arc<dyn ErasedFlow>,
    runtime: RuntimeKind,
    deadline: Duration,
    seat: Seat,
    watched: Watched,
    signs: Arc<Signs>,
}

impl Process {
    fn run(
        self,
        world: &World,
        first: &Probe,
        told: &Sender<Ended<Started>>,
        orders: &Receiver<Order>,
        answers: &Sender<Ended<Answer>>,
    ) {
        self.signs.thread.store(this_thread(), Ordering::SeqCst);
        let runtime = self.runtime.start();
        let booted = self.boot(&runtime, world, first);
        let (run, app) = match booted {
            Ok(PhaseRun { trace, end, later }) => {
                let (end, app) = split(end);
                (Ok(PhaseRun { trace, end, later }), app)
            }
            Err(error) => (Err(error), None),
        };
        // Whoever asked may have given this process up by the time that it answers.
        let _ = told.send(Box::new(run));
        if let Some(app) = app {
            let _context = runtime.enter();
            while let Ok(Order(probe)) = orders.recv() {
                let _ = answers.send(Box::new(self.import(&runtime, &*app, &probe)));
            }
        }
        // What is left of it in background ends here, but for threads: nobody waits for them.
        runtime.shutdown_background();
    }

    fn boot(&self, runtime: &Runtime, world: &World, probe: &Probe) -> Result<PhaseRun<Result<App, BoxError>>> {
        let flow = &self.flow;
        let rest = async |end: &End<Result<App, BoxError>>| {
            if let End::Done(Ok(app)) = end {
                flow.at_rest(&**app).await;
            }
        };
        self.phase(runtime, probe, flow.boot(world), rest)
    }

    fn import(&self, runtime: &Runtime, app: &dyn Any, probe: &Probe) -> Result<PhaseRun<Answer>> {
        self.phase(runtime, probe, self.flow.import(app), async |_| self.flow.at_rest(app).await)
    }

    fn phase<T>(
        &self,
        runtime: &Runtime,
        probe: &Probe,
        work: impl Future<Output = T>,
        rest: impl AsyncFnOnce(&End<T>),
    ) -> Result<PhaseRun<T>> {
        let (seat, watched, deadline) = (&self.seat, &self.watched, self.deadline);
        let over = &|| {
            self.signs.over.fetch_add(1, Ordering::SeqCst);
        };
        let running = Running::begin();
        let run = runtime.block_on(phase::run(&Scene { probe, seat, watched, deadline, over }, work, rest))?;
        match running.stray() {
            None => Ok(run),
            Some(step) => Err(step_outside(&*self.flow, step)),
        }
    }
}

/// A step that took no part.
pub(crate) fn step_outside(flow: &dyn ErasedFlow, step: Step) -> Error {
    Error::StepOutside { subject: format!("{}/{}", flow.flow(), flow.strategy()), step: step.name() }
}

/// The end of a start as others are told it, and the application, where it came up.
fn split(end: End<Result<App, BoxError>>) -> (End<Started>, Option<App>) {
    match end {
        End::Done(Ok(app)) => (End::Done(Ok(())), Some(app)),
        End::Done(Err(error)) => (End::Done(Err(in_full(&*error))), None),
        End::Cancelled => (End::Cancelled, None),
        End::Crashed(image) => (End::Crashed(image), None),
        End::PowerLost(image) => (End::PowerLost(image), None),
        End::Panicked(caught) => (End::Panicked(caught), None),
        End::Hung => (End::Hung, None),
    }
}

impl RuntimeKind {
    /// A runtime of this kind.
    pub(crate) fn start(self) -> Runtime {
        let mut builder = match self {
            Self::CurrentThread => tokio::runtime::Builder::new_current_thread(),
            Self::MultiThread => tokio::runtime::Builder::new_multi_thread(),
        };
        builder.worker_threads(1).enable_all().build().expect("the system gives a process its event loop")
    }
}

fn started<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(name.to_owned()).spawn(work).expect("the system gives a process its thread")
}
