//! What halfway is known to say wrongly, or to say otherwise before a change that is on its way: where a constant is true,
//! the naive side says the same, so that the rest can be compared. Each becomes false with the change, and then goes.

/// A folder that is empty in the expected world counts as missing where there is a file in it, so that a success answer
/// is called a lie because of a leftover.
pub(crate) const A_FOLDER_THAT_IS_FILLED_IS_MISSING: bool = false;

/// A folder that no rule declares and that held a file before the request counts as litter once it is empty.
pub(crate) const A_FOLDER_THAT_IS_EMPTIED_IS_LITTER: bool = false;

/// A success is no lie where something that was to go is still there.
pub(crate) const A_DELETION_NEED_NOT_HAPPEN: bool = true;

/// Whether everything is there is asked of each row and each file by itself, with what it refers to: that a row refers to
/// one row, and the file is that of another, goes unseen.
pub(crate) const WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER: bool = true;

/// After a failed retry it is forgotten that the first attempt was told to have succeeded.
pub(crate) const AN_EARLIER_SUCCESS_IS_FORGOTTEN: bool = true;

/// A file that was there before the request belongs to nobody from then on without being an orphan, even if a row held it.
pub(crate) const A_FILE_MAY_LOSE_ITS_ROW: bool = false;

/// A world that is as it was prepared is in order at rest also after a request, although the first start had changed it.
pub(crate) const WHAT_WAS_NEVER_STARTED_IS_ALWAYS_IN_ORDER: bool = false;
