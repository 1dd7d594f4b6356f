//! Which requests this process is carrying out.
//!
//! Keeps two runs of one request from undoing each other. Knows nothing of other processes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::ScenarioError;

/// The ids of the requests that are being carried out.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Mutex<BTreeSet<String>>>);

/// The right to carry out a request. Ends when it is dropped: on return, on a panic, and when the client hangs up.
#[derive(Debug)]
pub(crate) struct Turn {
    running: Running,
    request_id: String,
}

impl Running {
    /// Takes the turn of this request, unless somebody has it.
    pub(crate) fn take_turn(&self, request_id: &str) -> Result<Turn, ScenarioError> {
        let request_id = request_id.to_owned();
        if self.ids().insert(request_id.clone()) {
            Ok(Turn { running: self.clone(), request_id })
        } else {
            Err(ScenarioError::InProgress { request_id })
        }
    }

    /// The set is whole even after a panic: nothing but single insertions and removals happens under the lock.
    fn ids(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.ids().remove(&self.request_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_turn_at_a_time_and_others_have_theirs() {
        let running = Running::default();
        let turn = running.take_turn("r1").expect("nobody has it");
        let refusal = running.take_turn("r1").expect_err("it is taken").to_string();
        assert_eq!(refusal, "request \"r1\" is in progress; wait for its answer, or send it again later");
        drop(running.take_turn("r2").expect("another request"));
        drop(turn);
        drop(running.take_turn("r1").expect("it is free again"));
    }

    #[test]
    fn a_turn_ends_with_a_panic() {
        let running = Running::default();
        let held = running.clone();
        let panicked = std::thread::spawn(move || {
            let _turn = held.take_turn("r1").expect("nobody has it");
            panic!("on purpose");
        })
        .join();
        assert!(panicked.is_err());
        assert!(running.take_turn("r1").is_ok());
    }
}
