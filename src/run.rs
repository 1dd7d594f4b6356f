//! One case: attempt, fault, restart, retry; and what was seen at each moment.
//!
//! The only place that starts the flow. It decides nothing about which faults are worth trying, and passes no
//! judgement of its own: what it sees goes to [`crate::judge`].

mod case;
mod events;
mod hosting;
mod killed;
mod left_behind;
#[cfg(feature = "cli")]
mod outside;
mod own_place;
mod phase;
mod play;
mod sameness;
mod setting;
mod stage;
mod turns;
mod watched;

pub(crate) use case::{Case, Process};
pub use hosting::RuntimeKind;
pub(crate) use hosting::{Hosting, step_outside};
pub use killed::Killable;
pub(crate) use killed::{die, last_process};
pub(crate) use left_behind::{LeftBehind, Straggler};
#[cfg(feature = "cli")]
pub(crate) use outside::written_outside;
pub(crate) use play::{Played, play};
pub(crate) use stage::{Detail, Faultless, Stage};
pub(crate) use watched::Watching;
