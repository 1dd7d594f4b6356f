//! The file operations of programs that halfway starts, seen by the kernel's own means and carried out here.
//!
//! Each call that may change a file waits for an answer of this process (seccomp user notification). Where the file lies
//! under a directory that is watched, the watcher hears of it before and after, as of an operation of this process, and
//! may refuse it; this process carries it out, so that what was done and what was heard are one. Everywhere else the
//! program makes its call itself. All processes that the program starts are held to the same, whatever language they are
//! written in.
//!
//! Not seen: reads; mapped memory; whatever a file's rights, owner and times become. `O_SYNC` is taken for nothing. A file
//! without a name (`O_TMPFILE`), `io_uring` and copies of whole files by the kernel are refused, as systems without them do
//! it: programs write the bytes themselves then. x86-64 only, and no programs of the 32-bit kind.

mod calls;
mod filter;
mod gate;
#[expect(unsafe_code, reason = "the kernel is asked for what no library asks it for")]
mod kernel;
mod launch;
mod network;
mod order;
mod outside;
mod remote;
mod rest;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

use calls::Supervisor;
pub(crate) use gate::Gate;
pub(crate) use launch::launch;
use network::Door;
pub(crate) use network::Network;
use order::Waiting;
pub(crate) use outside::take_written_outside;
use rest::Tree;

use super::command_line::{CommandLine, Limits, Over, Rest};
use super::{threads, unwatched};

/// The most bytes of an output that are kept.
const KEPT: u64 = 1 << 20;

/// A program that runs. Dropped, it is killed, with all that it started.
pub(crate) struct Supervised {
    first: OwnedFd,
    door: Option<Door>,
    signs: Arc<Signs>,
    thread: Option<JoinHandle<()>>,
}

/// What others see of a supervisor.
#[derive(Default)]
struct Signs {
    /// Its thread, once it began.
    thread: threads::Known,
    /// Whether it has a call that waits.
    is_busy: AtomicBool,
}

/// What the process that becomes a program sends before it does.
struct Beginning {
    first: OwnedFd,
    listener: OwnedFd,
    door: Option<Door>,
}

/// Where a program's output goes.
struct Outputs {
    output: File,
    errors: File,
}

/// Starts a program in this folder. `over` is told how it ended.
///
/// # Errors
/// When it cannot be started, or the kernel does not let halfway hear of its calls: with the remedy.
pub(crate) fn supervise(
    line: &CommandLine,
    network: Network<'_>,
    folder: &Path,
    over: impl FnOnce(io::Result<Over>) + Send + 'static,
) -> io::Result<Supervised> {
    unwatched(|| {
        let (socket, end) = kernel::messengers()?;
        let outputs = Outputs { output: tempfile::tempfile()?, errors: tempfile::tempfile()? };
        let (launcher, word) = &line.launcher;
        let mut command = Command::new(launcher);
        let memory = line.limits.memory.map_or_else(|| "any".to_owned(), |most| most.to_string());
        command.args([word, network.word(), &line.limits.disk.to_string(), &memory]).args(&line.words);
        command.envs(line.environment.iter().cloned()).current_dir(folder);
        command.stdin(Stdio::from(end)).stdout(outputs.output.try_clone()?).stderr(outputs.errors.try_clone()?);
        // What is typed at the terminal is for halfway.
        let mut child = command.process_group(0).spawn()?;
        // The end that the child has is its own alone: that it is gone is heard.
        drop(command);
        if let Network::Beside(other) = network {
            kernel::send(&socket, &[launch::BESIDE], Some(other.first.as_fd()))?;
        }
        let Beginning { first, listener, door } = match hear(&socket) {
            Ok(heard) => heard,
            Err(error) => {
                child.wait()?;
                return Err(error);
            }
        };
        kernel::wake_callers_here(&listener);
        let signs = Arc::new(Signs::default());
        let home = folder.parent().unwrap_or(folder).canonicalize()?;
        let supervised = Serving {
            listener,
            first: first.try_clone()?,
            socket,
            child,
            gate: network.gate(),
            outputs,
            limits: line.limits,
            home,
        };
        let seen = Arc::clone(&signs);
        let serving = move || {
            seen.thread.add_this();
            over(unwatched(|| supervised.serve(&seen)));
        };
        let thread = Builder::new().name("halfway-supervisor".to_owned()).spawn(serving)?;
        Ok(Supervised { first, door, signs, thread: Some(thread) })
    })
}

impl Supervised {
    /// A socket in the network of this program, that waits for nothing.
    ///
    /// # Errors
    /// When the program is gone, or has no network of its own.
    pub(crate) fn socket(&self, is_version_6: bool) -> io::Result<OwnedFd> {
        let door = self.door.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        door.socket(is_version_6)
    }

    /// Whether what the program has started goes on. Asleep is it where each of its threads waits for something, and
    /// nothing of it was under way meanwhile.
    pub(crate) fn rest(&self) -> Rest {
        self.looked().map_or_else(|rest| rest, |()| Rest::Asleep)
    }

    fn looked(&self) -> Result<(), Rest> {
        let mut tree = Tree::of(&self.first).ok_or(Rest::Gone)?;
        let before = tree.asleep()?;
        let is_busy = !self.signs.thread.wait_until_idle() || self.signs.is_busy.load(Ordering::SeqCst);
        if !is_busy && tree.asleep()? == before { Ok(()) } else { Err(Rest::Busy) }
    }
}

/// Waits until the program is about to begin: a handle of the process with which all of it ends, where its calls are
/// heard, and the door to its network, where it has one of its own.
fn hear(socket: &UnixStream) -> io::Result<Beginning> {
    let (mut first, mut door) = (None, None);
    loop {
        let (bytes, passed) = kernel::receive_message(socket)?;
        match bytes.split_first() {
            Some((&launch::DOOR, _)) => door = passed.map(Door::new),
            Some((&launch::STARTED, _)) => first = passed,
            Some((&launch::HEARD, _)) => {
                let (Some(first), Some(listener)) = (first, passed) else {
                    return Err(io::Error::other("the process that becomes the program sent no handles"));
                };
                return Ok(Beginning { first, listener, door });
            }
            Some((&launch::FAILED, reason)) => return Err(io::Error::other(String::from_utf8_lossy(reason))),
            _ => return Err(io::Error::other("the process that becomes the program ended before it did")),
        }
    }
}

/// What a supervisor works with.
struct Serving {
    listener: OwnedFd,
    first: OwnedFd,
    socket: UnixStream,
    child: Child,
    gate: Option<Arc<Gate>>,
    outputs: Outputs,
    limits: Limits,
    /// What lies here is its world, watched or no more.
    home: PathBuf,
}

impl Serving {
    /// Carries out calls until no process of the program is left.
    fn serve(self, signs: &Signs) -> io::Result<Over> {
        let Self { listener, first, socket, mut child, gate, mut outputs, limits, home } = self;
        kernel::mask_nothing()?;
        let mut supervisor = Supervisor::of(home);
        let mut waiting = Waiting::new(&listener, &first, signs);
        while let Some(call) = waiting.next()? {
            if let Some(gate) = &gate {
                gate.pass();
            }
            let reply = supervisor.answer(&call);
            if let Some(problem) = beyond(&limits, supervisor.written, waiting.started) {
                supervisor.problem.get_or_insert(problem);
                kernel::kill(&first);
            }
            kernel::reply(&listener, call.id, reply);
        }
        drop(listener);
        child.wait()?;
        if let Some(problem) = supervisor.problem {
            return Err(problem);
        }
        let (bytes, _) = kernel::receive_message(&socket)?;
        let end = match bytes.split_first() {
            Some((&launch::OVER, status)) => ended(status.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes))),
            Some((&launch::FAILED, reason)) => return Err(io::Error::other(String::from_utf8_lossy(reason))),
            _ => Err(libc::SIGKILL),
        };
        Ok(Over { end, output: kept(&mut outputs.output)?, errors: kept(&mut outputs.errors)? })
    }
}

/// What is said of a program that uses more than it may.
fn beyond(limits: &Limits, written: u64, started: u64) -> Option<io::Error> {
    let what = if written > limits.disk {
        format!(
            "it has written more than {} bytes in its world; allow it more: limits = {{ disk = \"...\" }}",
            limits.disk
        )
    } else if started > limits.processes {
        let most = limits.processes;
        format!("it has started more than {most} processes and threads; allow it more: limits = {{ processes = ... }}")
    } else {
        return None;
    };
    Some(io::Error::other(what))
}

fn ended(status: i32) -> Result<i32, i32> {
    if libc::WIFSIGNALED(status) { Err(libc::WTERMSIG(status)) } else { Ok(libc::WEXITSTATUS(status)) }
}

fn kept(output: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    output.seek(SeekFrom::Start(0))?;
    output.take(KEPT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Drop for Supervised {
    fn drop(&mut self) {
        kernel::kill(&self.first);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that anybody would hear.
            let _ = thread.join();
        }
    }
}
