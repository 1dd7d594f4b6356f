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
    /// The request that the caller sends. A retry sends the same value again, so it holds the idempotency key, if any.
    type Request: Send + Sync + 'static;
    /// The answer that the caller gets on success.
    type Response: Serialize;
    /// The error that the caller gets on failure: any error of your own, `anyhow::Error`, [`BoxError`], a text.
    type Error: Into<BoxError>;
    /// All that the process holds: pools, settings, locks. A crash loses it; [`Flow::boot`] builds it again.
    type App: 'static;

    /// The import's name, kebab-case, such as `chapter-import`.
    fn flow(&self) -> &str;

    /// The strategy's name, kebab-case, such as `as-found`.
    fn strategy(&self) -> &str;

    /// Builds the schema, and the rows and files that exist before the request. It has to close its connections.
    /// halfway calls it once per request, and breaks nothing here: this world is the template of all cases.
    ///
    /// # Errors
    /// Any error of your own. Without a world halfway cannot judge: see [`Error::Prepare`](crate::Error::Prepare).
    fn prepare(&self, world: &World, request: &Self::Request) -> impl Future<Output = Result<(), BoxError>>;

    /// Starts the application on a world: connects, migrates, recovers what an earlier process left.
    fn boot(&self, world: &World) -> impl Future<Output = Result<Self::App, BoxError>>;

    /// Carries out one request.
    fn import(
        &self,
        app: &Self::App,
        request: &Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>>;

    /// Waits until the application has done the work that it accepted and does in the background: a queue, a worker.
    ///
    /// halfway awaits this after each start, attempt and retry, however that ended, before it looks at the world.
    /// Faults hit that work, too. A caller that has got its answer keeps it, whatever fault hits then. If your
    /// application does no work in the background, leave this method out.
    fn at_rest(&self, app: &Self::App) -> impl Future<Output = ()> {
        let _ = app;
        std::future::ready(())
    }

    /// Gives the same request with only its first `parts` parts (rows, chapters), if it has more than these. `None`
    /// means that it cannot be made smaller. A witness with a small request is easier to read.
    fn first_parts(&self, request: &Self::Request, parts: usize) -> Option<Self::Request> {
        let _ = (request, parts);
        None
    }

    /// Says which rows and files belong together, and what an answer promises, after this request was carried out.
    ///
    /// Without this method halfway infers the rules, and lists them in its report: see [`Rules::inferred`].
    fn rules(&self, request: &Self::Request) -> Rules {
        let _ = request;
        Rules::inferred()
    }
}
