//! The file operations of this process, seen below whoever makes them, and broken where somebody asks for it.
//!
//! The standard library, the database engine and everything else in the process reach the kernel through functions such
//! as `open` and `fsync`. Functions of the same names in this crate take their place for the whole process
//! (`interposed`); each asks whether its file lies under a directory that is watched ([`Watch`]). Elsewhere the call goes
//! straight through: one look at a number where nothing is watched, one at a table otherwise. Where the directory is
//! watched, the [`Watcher`] hears of each operation before and after it, one operation at a time, and may refuse it.
//!
//! Only here is code that the compiler cannot check for memory safety. It decides nothing: what is due is the watcher's
//! business, and what a loss of power leaves is computed elsewhere, from what the watcher was told.
//!
//! Not seen: reads; mapped memory; `io_uring`; streams of C (`fopen`), whose calls do not leave the C library; programs
//! that the application starts (those that halfway itself starts are: `supervised`). `O_SYNC` is taken for nothing. Whoever relies on a complete record compares what it adds
//! up to with what is there. Linux with 64 bits only: elsewhere nothing can be watched, and [`available`] says so.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod carried;
#[cfg(feature = "cli")]
mod command_line;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod descriptors;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[expect(unsafe_code, reason = "functions under the names of the C library's")]
mod interposed;
mod lineage;
mod node;
mod operation;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[expect(unsafe_code, reason = "the kernel is asked, and pointers of callers are followed")]
mod real;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[expect(unsafe_code, reason = "the database engine calls back, and its connections are asked")]
mod statements;
#[cfg(all(feature = "cli", target_os = "linux", target_arch = "x86_64"))]
mod supervised;
#[cfg(all(feature = "cli", not(all(target_os = "linux", target_arch = "x86_64"))))]
#[path = "disk/supervised_elsewhere.rs"]
mod supervised;
mod text;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod threads;
mod watch;

#[cfg(feature = "cli")]
pub(crate) use command_line::{CommandLine, Limits, Over, Rest};
pub(crate) use lineage::{Mark, descend_from, mark_of_this_thread};
pub(crate) use node::Node;
pub(crate) use operation::{FileChange, FileId, LinkTarget, Operation};
#[cfg(feature = "cli")]
pub(crate) use supervised::{Gate, Network, Supervised, launch, supervise, take_written_outside};
pub(crate) use text::{os_name_of, text_of, text_of_os};
pub(crate) use watch::{
    Decision, Statement, ThreadId, Watch, Watcher, available, kill_this_process, leave_behind, this_thread, unwatched,
};
