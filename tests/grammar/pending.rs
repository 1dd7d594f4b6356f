//! What halfway is known to say wrongly, or to say otherwise before a change that is on its way: where a constant is true,
//! the naive side says the same, so that the rest can be compared. Each becomes false with the change, and then goes.

/// A folder that is empty in the expected world counts as missing where there is a file in it, so that a success answer
/// is called a lie because of a leftover.
pub(crate) const A_FOLDER_THAT_IS_FILLED_IS_MISSING: bool = true;

/// A folder that no rule declares and that held a file before the request counts as litter once it is empty.
pub(crate) const A_FOLDER_THAT_IS_EMPTIED_IS_LITTER: bool = true;

/// A success is no lie where something that was to go is still there.
pub(crate) const A_DELETION_NEED_NOT_HAPPEN: bool = true;
