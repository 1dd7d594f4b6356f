//! What halfway says otherwise than the definitions, on purpose: where a constant is true, the naive side says the same, so
//! that the rest can be compared. In each of these cases another criterion is broken, so that no faulty flow holds.

/// A success is no lie where something that was to go is still there; `all-or-nothing` tells it.
pub(crate) const A_DELETION_NEED_NOT_HAPPEN: bool = true;

/// Whether everything is there is asked of each row and each file by itself, with what it refers to: that a row refers to
/// one row, and the file is that of another, is told by `all-or-nothing` and `retry-converges`.
pub(crate) const WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER: bool = true;

/// After a failed retry it is forgotten that the first attempt was told to have succeeded; `retry-succeeds` tells it.
pub(crate) const AN_EARLIER_SUCCESS_IS_FORGOTTEN: bool = true;
