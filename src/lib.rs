//! halfway
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "harness")]
pub mod fault;
#[cfg(feature = "harness")]
pub mod flow;
#[cfg(feature = "cli")]
pub mod imports;
#[cfg(feature = "harness")]
pub mod inject;
#[cfg(feature = "harness")]
pub mod judge;
#[cfg(feature = "harness")]
pub mod observe;
#[cfg(feature = "harness")]
pub mod report;
#[cfg(feature = "harness")]
pub mod roles;
#[cfg(feature = "harness")]
pub mod rules;
#[cfg(feature = "harness")]
pub mod schedule;
pub mod step;
#[cfg(feature = "harness")]
pub mod story;
#[cfg(feature = "harness")]
pub mod world;
#[cfg(feature = "harness")]
pub use flow::{BoxError, Flow};
#[cfg(feature = "harness")]
pub use rules::Rules;
pub use step::{Step, step};
#[cfg(feature = "harness")]
pub use world::World;
