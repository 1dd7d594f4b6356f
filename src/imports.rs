//! The reference flows.
