//! Why a scenario was not created, as the caller is told.

use super::new_scenario::InvalidRequest;

/// Why a scenario was not created.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The request was refused before anything was done.
    #[error(transparent)]
    Invalid(#[from] InvalidRequest),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The disk failed.
    #[error("the disk failed")]
    Disk(#[from] std::io::Error),
    /// The same request is being carried out right now.
    #[error("request \"{request_id}\" is in progress; wait for its answer, or send it again later")]
    InProgress {
        /// Its id.
        request_id: String,
    },
    /// Another request was carried out under this id.
    #[error("request \"{request_id}\" was carried out before with other content; send this one under an id of its own")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// Somebody else created or removed scenarios between the plan and its publication.
    #[error("titles changed meanwhile; send the request again")]
    TitlesChanged,
    /// Somebody took this attempt for a dead one and undid it: another process that was started on the same world.
    #[error("the attempt was undone meanwhile; send the request again")]
    Abandoned,
    /// What is stored as the answer to this request is none.
    #[error("the stored answer to request \"{request_id}\" cannot be read")]
    StoredAnswer {
        /// The id.
        request_id: String,
        /// Why.
        source: serde_json::Error,
    },
}
