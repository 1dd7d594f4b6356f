//! Rules about a success answer: what it says, which fields it carries, and which fields may differ.

use std::sync::Arc;

use super::{Column, Rules};

/// Whether a success says that the result is there. See [`Rules::success_means_accepted`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SuccessMeans {
    /// The result is there.
    #[default]
    Done,
    /// The request was accepted; the result follows.
    Accepted,
}

/// A field that a success answer carries, and where it leads. See [`Rules::answer_carries`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The object in the answer that has the field.
    pub object: Object,
    /// The field's name.
    pub field: String,
    /// The row, file or resource to which the field's value leads.
    pub leads_to: Target,
}

/// An object within an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// The answer itself.
    Answer,
    /// The element of the array at this JSON pointer whose field has this value.
    Element {
        /// A JSON pointer (RFC 6901) to the array.
        array: String,
        /// The field by which the element is known.
        key: String,
        /// The value of that field.
        value: String,
    },
}

/// The row, file or resource to which the value of a promised field leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The id of a row.
    Row(Column),
    /// The path of a file with this content.
    File(Arc<[u8]>),
    /// The address of a resource that the application serves from a row.
    Resource {
        /// The address, with `{id}` where the row's id stands.
        address: String,
        /// The row's id.
        id: Column,
        /// The column of that row with the content.
        column: String,
        /// The content.
        content: Arc<[u8]>,
    },
}

impl Rules {
    /// A success answer carries this field, and the field leads there. If it names a row, this has to be the row that
    /// the answer of a run without faults names, by role.
    #[must_use]
    pub fn answer_carries(mut self, object: Object, field: &str, leads_to: Target) -> Self {
        self.promises.push(Promise { object, field: field.to_owned(), leads_to });
        self
    }

    /// The field at this JSON pointer of a success answer may differ from the answer of a run without faults, or be
    /// missing. `*` stands for any element of an array or any field of an object.
    ///
    /// halfway compares a success answer with that answer field by field, and an id by the role of its row. It compares
    /// these with nothing, because they are made up anew: a value that differs between two runs without faults and is
    /// no id of a row (a duration), a value of a column that is [`generated`](Rules::generated), and a later time of
    /// the same day. It does compare a count or a duration that happens to be the same in both runs: name the field
    /// here if it may differ.
    ///
    /// ```
    /// # use halfway::Rules;
    /// let rules = Rules::new().answer_may_differ("/tookMs").answer_may_differ("/items/*/attempts");
    /// ```
    #[must_use]
    pub fn answer_may_differ(mut self, pointer: &str) -> Self {
        self.answer_may_differ.insert(pointer.to_owned());
        self
    }

    /// A success answer says that the request was accepted, not that it is done: the result follows, at the latest
    /// after a restart. halfway judges the result that a success owes only after the application was started again.
    /// Until then recovery has to heal a world that is neither as before nor the result.
    #[must_use]
    pub fn success_means_accepted(mut self) -> Self {
        self.success_means = SuccessMeans::Accepted;
        self
    }
}
