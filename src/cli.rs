//! The command: arguments, a validated command, an exit code.

pub mod args;
pub mod select;
