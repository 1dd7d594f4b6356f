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
#[expect(unsafe_code, reason = "the kernel is asked for what no library asks it for")]
mod kernel;
mod launch;
mod remote;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{Builder, JoinHandle};

use calls::Supervisor;
pub(crate) use launch::launch;

use super::command_line::{CommandLine, Over};
use super::unwatched;

/// The most bytes of an output that are kept.
const KEPT: u64 = 1 << 20;

/// A program that runs. Dropped, it is killed, with all that it started.
pub(crate) struct Supervised {
    first: OwnedFd,
    thread: Option<JoinHandle<()>>,
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
    folder: &Path,
    over: impl FnOnce(io::Result<Over>) + Send + 'static,
) -> io::Result<Supervised> {
    unwatched(|| {
        let (socket, end) = kernel::messengers()?;
        let outputs = Outputs { output: tempfile::tempfile()?, errors: tempfile::tempfile()? };
        let (launcher, word) = &line.launcher;
        let mut command = Command::new(launcher);
        command.arg(word).args(&line.words).envs(line.environment.iter().cloned()).current_dir(folder);
        command.stdin(Stdio::from(end)).stdout(outputs.output.try_clone()?).stderr(outputs.errors.try_clone()?);
        // What is typed at the terminal is for halfway.
        let mut child = command.process_group(0).spawn()?;
        // The end that the child has is its own alone: that it is gone is heard.
        drop(command);
        let heard = hear(&socket);
        let (first, listener) = match heard {
            Ok(heard) => heard,
            Err(error) => {
                child.wait()?;
                return Err(error);
            }
        };
        kernel::wake_callers_here(&listener);
        let serving = move || over(unwatched(|| serve(listener, &socket, child, outputs)));
        let thread = Builder::new().name("halfway-supervisor".to_owned()).spawn(serving)?;
        Ok(Supervised { first, thread: Some(thread) })
    })
}

/// Waits until the program is about to begin: a handle of the process with which all of it ends, and where its calls are
/// heard.
fn hear(socket: &UnixStream) -> io::Result<(OwnedFd, OwnedFd)> {
    let (mut first, mut listener) = (None, None);
    loop {
        let (bytes, passed) = kernel::receive_message(socket)?;
        match bytes.split_first() {
            Some((&launch::STARTED, _)) => first = passed,
            Some((&launch::HEARD, _)) => listener = passed,
            Some((&launch::FAILED, reason)) => return Err(io::Error::other(String::from_utf8_lossy(reason))),
            _ => return Err(io::Error::other("the process that becomes the program ended before it did")),
        }
        if let (Some(_), Some(_)) = (&first, &listener) {
            return Ok((first.expect("it is there"), listener.expect("it is there")));
        }
    }
}

/// Carries out calls until no process of the program is left.
fn serve(listener: OwnedFd, socket: &UnixStream, mut child: Child, mut outputs: Outputs) -> io::Result<Over> {
    kernel::mask_nothing()?;
    let mut supervisor = Supervisor::default();
    while let Some(notification) = kernel::receive(&listener)? {
        let reply = supervisor.answer(&notification);
        kernel::reply(&listener, notification.id, reply);
    }
    drop(listener);
    child.wait()?;
    if let Some(problem) = supervisor.problem {
        return Err(problem);
    }
    let (bytes, _) = kernel::receive_message(socket)?;
    let end = match bytes.split_first() {
        Some((&launch::OVER, status)) => ended(status.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes))),
        Some((&launch::FAILED, reason)) => return Err(io::Error::other(String::from_utf8_lossy(reason))),
        _ => Err(libc::SIGKILL),
    };
    Ok(Over { end, output: kept(&mut outputs.output)?, errors: kept(&mut outputs.errors)? })
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
