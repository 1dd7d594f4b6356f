//! The reference flows.

pub mod chapter_import;
