//! How an operation is carried out, whoever makes it: the watcher is asked before, and told after.

use super::operation::Operation;
use super::real::{self, Answer};
use super::watch::{Decision, Watched};

/// Has an operation carried out, or refused, as the watcher wants it. `real` is told how many bytes to write at most.
pub(super) fn carry_out(
    entry: &Watched,
    operation: &Operation<'_>,
    real: impl FnOnce(Option<usize>) -> Answer,
) -> Answer {
    let Some(_turn) = entry.take_turn() else { return real(None) };
    let most = match entry.before(operation) {
        Decision::Proceed => None,
        Decision::Shorten(most) => Some(most),
        Decision::Fail(errno) => {
            entry.after(operation, Err(errno.number()));
            real::set_errno(errno.number());
            return -1;
        }
    };
    let answer = real(most);
    let errno = real::errno();
    entry.after(operation, usize::try_from(answer).map_err(|_| errno));
    real::set_errno(errno);
    answer
}
