//! The network of a server, where each port is free, and the door by which halfway gets into it.
//!
//! A socket belongs to the network in which it was made, wherever it is used. So a process in there makes the sockets, and
//! passes them on.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use libc::c_int;

use super::gate::Gate;
use super::{Supervised, kernel};

/// The words with which halfway tells the process that becomes a program which network it sees.
pub(super) const OF_HALFWAY: &str = "of-halfway";
pub(super) const OWN: &str = "own";
pub(super) const BESIDE_ANOTHER: &str = "beside-another";

/// Which network a program sees.
#[derive(Clone, Copy)]
pub(crate) enum Network<'s> {
    /// That of halfway itself.
    OfHalfway,
    /// One of its own; what its client hears comes through this gate.
    Own(&'s Arc<Gate>),
    /// That of another program, which has one of its own.
    Beside(&'s Supervised),
}

impl Network<'_> {
    /// What its client hears through.
    pub(super) fn gate(self) -> Option<Arc<Gate>> {
        match self {
            Self::Own(gate) => Some(Arc::clone(gate)),
            Self::OfHalfway | Self::Beside(_) => None,
        }
    }

    /// How the process that becomes the program is told.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::OfHalfway => OF_HALFWAY,
            Self::Own(_) => OWN,
            Self::Beside(_) => BESIDE_ANOTHER,
        }
    }
}

const VERSION_4: u8 = b'4';
const VERSION_6: u8 = b'6';

/// The way into a program's network.
pub(super) struct Door(UnixStream);

impl Door {
    pub(super) fn new(end: OwnedFd) -> Self {
        Self(end.into())
    }

    /// A socket that belongs to that network.
    ///
    /// # Errors
    /// When the program is gone.
    pub(super) fn socket(&self, is_version_6: bool) -> io::Result<OwnedFd> {
        kernel::send(&self.0, &[if is_version_6 { VERSION_6 } else { VERSION_4 }], None)?;
        match kernel::receive_message(&self.0)? {
            (_, Some(socket)) => Ok(socket),
            (number, None) => Err(number.first_chunk().map_or_else(
                || io::ErrorKind::ConnectionRefused.into(),
                |bytes| io::Error::from_raw_os_error(i32::from_ne_bytes(*bytes)),
            )),
        }
    }
}

/// The other side of the door.
pub(super) struct Inside {
    ours: UnixStream,
    pub(super) theirs: OwnedFd,
}

impl Inside {
    pub(super) fn new() -> io::Result<Self> {
        let (ours, theirs) = kernel::messengers()?;
        Ok(Self { ours, theirs })
    }

    /// Makes the sockets that halfway asks for, as long as this child of this process lives.
    pub(super) fn serve_while(self, child: c_int) {
        let Self { ours, theirs } = self;
        drop(theirs);
        let Ok(child) = kernel::process(child) else { return };
        loop {
            let [is_asked, is_over] = kernel::wait_for([ours.as_fd(), child.as_fd()]);
            if is_over {
                return;
            }
            if !is_asked {
                continue;
            }
            let family = match kernel::receive_message(&ours) {
                Ok((asked, _)) if asked == [VERSION_4] => libc::AF_INET,
                Ok((asked, _)) if asked == [VERSION_6] => libc::AF_INET6,
                // halfway wants nothing more.
                _ => return,
            };
            let _ = match kernel::socket(family) {
                Ok(socket) => kernel::send(&ours, &[0], Some(socket.as_fd())),
                Err(error) => kernel::send(&ours, &error.raw_os_error().unwrap_or(libc::EIO).to_ne_bytes(), None),
            };
        }
    }
}
