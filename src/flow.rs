//! The import under test.

use serde::Serialize;

use crate::error::BoxError;
use crate::rules::Rules;
use crate::world::World;

/// An import under test, as production runs it: one strategy of one flow.
///
/// The harness prepares a world once per request, then boots, imports, breaks, boots again and imports again, as often
/// as there are cases. It knows nothing of the flow but this trait.
pub trait Flow: Send + Sync + 'static {
    /// What the caller sends. The same value is sent again on a retry, so it holds the idempotency key, if there is one.
    type Request: Send + Sync + 'static;
    /// What a caller is told on success.
    type Response: Serialize;
    /// What a caller is told on failure: any error of your own, `anyhow::Error`, [`BoxError`], a text.
    type Error: Into<BoxError>;
    /// What the process holds: pools, settings, locks. A crash loses it; [`Flow::boot`] builds it again.
    type App: 'static;

    /// The import's name, kebab-case, such as `chapter-import`.
    fn flow(&self) -> &str;

    /// The strategy's name, kebab-case, such as `as-found`.
    fn strategy(&self) -> &str;

    /// Builds the schema and what exists before the request, and leaves no connection open. Runs once per request: its
    /// world is the template of all cases. Nothing is broken here.
    fn prepare(&self, world: &World, request: &Self::Request) -> impl Future<Output = Result<(), BoxError>>;

    /// Starts the application on a world: connects, migrates, recovers what an earlier process left.
    fn boot(&self, world: &World) -> impl Future<Output = Result<Self::App, BoxError>>;

    /// Carries out one request.
    fn import(
        &self,
        app: &Self::App,
        request: &Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>>;

    /// Waits until the work is done that the application accepted and does in background: a queue, a worker.
    ///
    /// It is awaited after each start, attempt and retry, however that ended, before the world is looked at; faults are due
    /// in that work, too. A caller who has got his answer keeps it, whatever hits then. Without work in background there is
    /// nothing to wait for.
    fn at_rest(&self, app: &Self::App) -> impl Future<Output = ()> {
        let _ = app;
        std::future::ready(())
    }

    /// The same request with only its first `parts` parts (rows, chapters), where it has more than those: a witness with a
    /// small request is plainer. None where it cannot be made smaller.
    fn first_parts(&self, request: &Self::Request, parts: usize) -> Option<Self::Request> {
        let _ = (request, parts);
        None
    }

    /// Which rows and files belong together, and what an answer promises, once this request was carried out.
    ///
    /// Unless you say otherwise, halfway infers the rules and lists them in its report: see [`Rules::inferred`].
    fn rules(&self, request: &Self::Request) -> Rules {
        let _ = request;
        Rules::inferred()
    }
}
