//! A flow with its request, without its types: the harness works on this.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::{BoxError, in_full};
use crate::flow::Flow;
use crate::observe::Answer;
use crate::report::Expect;
#[cfg(feature = "command")]
use crate::request_format::{GivenParts, RequestFormat, RequestPart};
use crate::rules::Rules;
use crate::world::World;

/// One strategy of one flow, with the request that halfway sends to it.
#[derive(Clone)]
pub struct Subject {
    flow: Arc<dyn ErasedFlow>,
    expect: Expect,
    again: Again,
    #[cfg(feature = "command")]
    written: Option<Arc<dyn Written>>,
    replay_options: String,
    /// How many parts of the request are sent, if not all of them are.
    parts: Option<usize>,
    /// The rules that take the place of the flow's own.
    rules: Option<Rules>,
    /// All of its effects are those of other processes: nobody could name a step in it.
    is_program: bool,
}

/// How a person repeats a case.
#[derive(Clone)]
pub(crate) enum Again {
    /// By this program.
    Program(String),
    /// By the test of this name, in this program of this package. If they are not known: by all tests of all programs in
    /// all packages.
    Test {
        /// The package.
        package: Option<String>,
        /// The program, as an option: `--test FILE` or `--lib`.
        target: Option<String>,
        /// The test.
        name: Option<String>,
    },
}

/// A flow whose requests can be read.
#[cfg(feature = "command")]
trait Written: Send + Sync {
    fn parts(&self) -> &[RequestPart];
    fn with(&self, given: &GivenParts) -> Result<Arc<dyn ErasedFlow>, BoxError>;
}

impl Subject {
    /// A flow with this request. It is expected to hold.
    pub fn new<F: Flow>(flow: F, request: F::Request) -> Self {
        Self::of(WithRequest::new(Arc::new(flow), request))
    }

    /// As [`Subject::new`], with a request that halfway can read from JSON: with `--request FILE`, and from `[request]`
    /// in a fault scenario.
    #[cfg(feature = "command")]
    pub fn readable<F: Flow>(flow: F, request: F::Request) -> Self
    where
        F::Request: serde::de::DeserializeOwned,
    {
        Self::written(flow, request, RequestFormat::json())
    }

    /// As [`Subject::new`], with a request that is written down in another way: in a file of another form, or in
    /// several files.
    #[cfg(feature = "command")]
    pub fn written<F: Flow>(flow: F, request: F::Request, format: RequestFormat<F::Request>) -> Self {
        let flow = Arc::new(flow);
        let subject =
            Self::of(WithRequest { words: format.in_words(), ..WithRequest::new(Arc::clone(&flow), request) });
        Self { written: Some(Arc::new(Format { flow, format })), ..subject }
    }

    fn of<F: Flow>(flow: WithRequest<F>) -> Self {
        Self {
            flow: Arc::new(flow),
            expect: Expect::Holds,
            again: Again::Program("halfway".to_owned()),
            #[cfg(feature = "command")]
            written: None,
            replay_options: String::new(),
            parts: None,
            rules: None,
            is_program: false,
        }
    }

    /// The parts of its requests; `None` if they cannot be read.
    #[cfg(feature = "command")]
    pub(crate) fn request_parts(&self) -> Option<&[RequestPart]> {
        Some(self.written.as_ref()?.parts())
    }

    /// The same subject with the request of these parts; `None` if its requests cannot be read.
    #[cfg(feature = "command")]
    pub(crate) fn with_request(&self, given: &GivenParts) -> Option<Result<Self, BoxError>> {
        let flow = self.written.as_ref()?.with(given);
        Some(flow.map(|flow| Self { flow, ..self.clone() }))
    }

    /// The request in the words of a person who knows the application, if the flow has such words.
    #[cfg(feature = "command")]
    pub(crate) fn request_in_words(&self) -> Option<String> {
        self.flow.request_in_words()
    }

    /// The same subject; its cases are repeated in this way.
    pub(crate) fn repeated_by(mut self, again: Again) -> Self {
        self.again = again;
        self
    }

    /// The same subject; what it does, other processes do.
    #[cfg(feature = "cli")]
    pub(crate) fn of_a_program(mut self) -> Self {
        self.is_program = true;
        self
    }

    /// Whether other processes do what it does.
    pub(crate) const fn is_program(&self) -> bool {
        self.is_program
    }

    /// The same subject, with another expectation.
    #[must_use]
    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// The same subject, judged by these rules instead of the flow's own.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = Some(rules);
        self
    }

    /// The same subject, with the options with which `halfway replay` makes this request again. It needs none for the
    /// flow's own example.
    #[must_use]
    pub fn replay_options(mut self, options: impl Into<String>) -> Self {
        self.replay_options = options.into();
        self
    }

    /// The same subject with only the first parts (rows, chapters) of its request, as with `--first`. `None` if the
    /// request has no more parts than that. See [`Flow::first_parts`].
    pub fn first_parts(&self, parts: usize) -> Option<Self> {
        let flow = self.flow.first_parts(parts)?;
        Some(Self { flow, parts: Some(parts), ..self.clone() })
    }

    /// The flow's name.
    pub fn flow(&self) -> &str {
        self.flow.flow()
    }

    /// The strategy's name.
    pub fn strategy(&self) -> &str {
        self.flow.strategy()
    }

    /// The flow's and the strategy's name, as a schedule begins with them: `FLOW/STRATEGY`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.flow(), self.strategy())
    }

    /// Its expectation: it holds, or it is caught.
    pub const fn expected(&self) -> Expect {
        self.expect
    }

    /// The program that repeats its cases.
    #[cfg(feature = "command")]
    pub(crate) fn program(&self) -> &str {
        match &self.again {
            Again::Program(program) => program,
            Again::Test { .. } => "halfway",
        }
    }

    /// The command that shows a case of this subject again.
    pub(crate) fn replay_command(&self, schedule: &str) -> String {
        match &self.again {
            Again::Program(program) => {
                let blank = if self.replay_options.is_empty() { "" } else { " " };
                let parts = self.parts.map_or(String::new(), |parts| format!(" --first {parts}"));
                format!("{program} replay '{schedule}'{blank}{}{parts}", self.replay_options)
            }
            Again::Test { package, target, name } => {
                let first = self.parts.map_or(String::new(), |parts| format!(" HALFWAY_FIRST={parts}"));
                let package = package.as_ref().map_or(String::new(), |package| format!(" -p {package}"));
                let target = target.as_ref().map_or(String::new(), |target| format!(" {target}"));
                let name = name.as_ref().map_or(String::new(), |name| format!(" {name}"));
                format!("HALFWAY_REPLAY='{schedule}'{first} cargo test{package}{target}{name} -- --nocapture")
            }
        }
    }

    /// The declared rules by which halfway judges it.
    pub(crate) fn declared_rules(&self) -> Rules {
        self.rules.clone().unwrap_or_else(|| self.flow.rules())
    }

    pub(crate) fn erased(&self) -> &dyn ErasedFlow {
        &*self.flow
    }

    /// The flow, for code that goes on with it when the harness is done.
    pub(crate) const fn shared(&self) -> &Arc<dyn ErasedFlow> {
        &self.flow
    }
}

/// A future that stays on the thread that polls it.
pub(crate) type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// [`Flow`] without its types.
pub(crate) trait ErasedFlow: Send + Sync {
    fn flow(&self) -> &str;
    fn strategy(&self) -> &str;
    fn prepare<'a>(&'a self, world: &'a World) -> LocalFuture<'a, Result<(), BoxError>>;
    fn boot<'a>(&'a self, world: &'a World) -> LocalFuture<'a, Result<Box<dyn Any>, BoxError>>;
    fn import<'a>(&'a self, app: &'a dyn Any) -> LocalFuture<'a, Answer>;
    fn at_rest<'a>(&'a self, app: &'a dyn Any) -> LocalFuture<'a, ()>;
    fn rules(&self) -> Rules;
    fn first_parts(&self, parts: usize) -> Option<Arc<dyn ErasedFlow>>;
    #[cfg(feature = "command")]
    fn request_in_words(&self) -> Option<String>;
}

struct WithRequest<F: Flow> {
    flow: Arc<F>,
    request: F::Request,
    #[cfg(feature = "command")]
    words: Option<fn(&F::Request) -> String>,
}

#[cfg(feature = "command")]
struct Format<F: Flow> {
    flow: Arc<F>,
    format: RequestFormat<F::Request>,
}

#[cfg(feature = "command")]
impl<F: Flow> Written for Format<F> {
    fn parts(&self) -> &[RequestPart] {
        self.format.parts()
    }

    fn with(&self, given: &GivenParts) -> Result<Arc<dyn ErasedFlow>, BoxError> {
        let (flow, request) = (Arc::clone(&self.flow), self.format.read(given)?);
        Ok(Arc::new(WithRequest { words: self.format.in_words(), ..WithRequest::new(flow, request) }))
    }
}

impl<F: Flow> WithRequest<F> {
    fn new(flow: Arc<F>, request: F::Request) -> Self {
        Self {
            flow,
            request,
            #[cfg(feature = "command")]
            words: None,
        }
    }

    #[expect(clippy::unused_self, reason = "the type is that of this very flow")]
    fn app<'a>(&self, app: &'a dyn Any) -> &'a F::App {
        app.downcast_ref().expect("the app was booted by this very flow")
    }
}

impl<F: Flow> ErasedFlow for WithRequest<F> {
    fn flow(&self) -> &str {
        self.flow.flow()
    }

    fn strategy(&self) -> &str {
        self.flow.strategy()
    }

    fn prepare<'a>(&'a self, world: &'a World) -> LocalFuture<'a, Result<(), BoxError>> {
        Box::pin(self.flow.prepare(world, &self.request))
    }

    fn boot<'a>(&'a self, world: &'a World) -> LocalFuture<'a, Result<Box<dyn Any>, BoxError>> {
        Box::pin(async {
            let app = self.flow.boot(world).await?;
            Ok(Box::new(app) as Box<dyn Any>)
        })
    }

    fn import<'a>(&'a self, app: &'a dyn Any) -> LocalFuture<'a, Answer> {
        let app = self.app(app);
        Box::pin(async {
            match self.flow.import(app, &self.request).await {
                Ok(response) => serde_json::to_value(response)
                    .map_or_else(|error| Answer::Failure(format!("the answer is no JSON: {error}")), Answer::Success),
                Err(error) => Answer::Failure(in_full(&*error.into())),
            }
        })
    }

    fn at_rest<'a>(&'a self, app: &'a dyn Any) -> LocalFuture<'a, ()> {
        Box::pin(self.flow.at_rest(self.app(app)))
    }

    fn rules(&self) -> Rules {
        self.flow.rules(&self.request)
    }

    fn first_parts(&self, parts: usize) -> Option<Arc<dyn ErasedFlow>> {
        let request = self.flow.first_parts(&self.request, parts)?;
        let same = Self::new(Arc::clone(&self.flow), request);
        #[cfg(feature = "command")]
        let same = Self { words: self.words, ..same };
        Some(Arc::new(same))
    }

    #[cfg(feature = "command")]
    fn request_in_words(&self) -> Option<String> {
        self.words.map(|words| words(&self.request))
    }
}
