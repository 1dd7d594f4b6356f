//! Finds out what an import leaves behind when it dies halfway.
#![cfg_attr(
    feature = "harness",
    doc = r#"
An import writes rows into a database and files onto a disk, in several steps. halfway runs it again and again, breaks it
once at every step in every way that can happen in production, starts the application again, sends the request again,
and judges what is left: orphan rows, orphan files, stuck jobs, refused retries, duplicates, answers that lie.

# A tour

An import under test is a [`Flow`]. It says how to prepare a world, how the application boots, what a request does, and
which rows and files belong together ([`Rules`]). An effect can have a name: it is then a [`step`]. With a flow, a test
is one line:

```
use halfway::{BoxError, Flow, Rules, Step, World, explore, step};

/// Notes a greeting in a file. One effect: it happens or it does not.
struct Greeting;

const WRITE_NOTE: Step = Step::new("write-note");

impl Flow for Greeting {
    type Request = String;
    type Response = ();
    type Error = std::io::Error;
    type App = std::path::PathBuf;

    fn flow(&self) -> &'static str {
        "greeting"
    }

    fn strategy(&self) -> &'static str {
        "one-file"
    }

    async fn prepare(&self, _world: &World, _request: &String) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Self::App, BoxError> {
        Ok(world.dir().join("note.txt"))
    }

    async fn import(&self, note: &Self::App, request: &String) -> Result<(), std::io::Error> {
        step(WRITE_NOTE, async { std::fs::write(note, request) }).await
    }

    fn rules(&self, _request: &String) -> Rules {
        Rules::new().file_stands_alone("note.txt")
    }
}

explore(Greeting, "good morning".to_owned()).assert_holds();
```

`examples/avatar_upload.rs` is a whole import with a database: halfway finds it faulty, and the same file repairs it.

# What happens in a case

1. [`Flow::prepare`] builds the template, once. Each case works on a copy ([`World`]).
2. [`Flow::boot`] starts the application, [`Flow::import`] makes the first attempt. At a point of a step
   ([`schedule::Point`]) a fault ([`fault::Fault`]) hits.
3. halfway observes the world from outside ([`observe::Observation`]): at rest, after the next `boot`, and after the
   same request was sent again. If the process survived, an impatient client also retries without a restart.
4. halfway judges each observation by the rules, and compares it with a run without faults: eight criteria
   ([`judge::Criterion`]), four grades ([`judge::Grade`]).
5. The [`report::Report`] has the matrix, the smallest witness of each breach, and the line that repeats it
   ([`schedule::Schedule`]).

# In an application's own crate

```toml
[dependencies]
halfway = { version = "0.1", default-features = false }   # `step` alone: no cost, no dependency

[dev-dependencies]
halfway = { version = "0.1", default-features = false, features = ["harness"] }
```
"#
)]

/// The Rust of the README compiles.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

#[cfg(feature = "command")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "harness")]
mod disk;
#[cfg(feature = "command")]
mod document;
#[cfg(feature = "oracle")]
mod durability;
mod effect;
#[cfg(feature = "harness")]
mod error;
#[cfg(feature = "harness")]
mod exploration;
#[cfg(feature = "harness")]
mod explore;
/// What of the explorer only computes, for the tests of `mutants/oracle/`.
#[cfg(all(feature = "oracle", not(feature = "harness")))]
mod explore {
    mod bounds;
    mod graph;
    mod points;
    mod tally;

    use bounds::Bounds;
}
#[cfg(feature = "oracle")]
pub mod fault;
#[cfg(feature = "command")]
pub mod fault_scenario;
#[cfg(feature = "harness")]
mod flow;
#[cfg(feature = "harness")]
pub mod harness;
#[cfg(feature = "cli")]
pub mod imports;
#[cfg(feature = "oracle")]
mod infer;
#[cfg(feature = "harness")]
mod inject;
/// What a run leaves for the explorer, likewise.
#[cfg(all(feature = "oracle", not(feature = "harness")))]
mod inject {
    mod trace;

    pub(crate) use trace::{OperationTrace, Seen, StepTrace, Trace};
}
#[cfg(feature = "oracle")]
pub mod judge;
#[cfg(feature = "oracle")]
pub mod observe;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "harness")]
pub mod report;
/// The columns of the tally, likewise.
#[cfg(all(feature = "oracle", not(feature = "harness")))]
mod report {
    mod cell_fault;

    pub(crate) use cell_fault::CellFault;
}
#[cfg(feature = "command")]
mod request_format;
#[cfg(feature = "oracle")]
pub mod roles;
#[cfg(feature = "oracle")]
pub mod rules;
#[cfg(feature = "harness")]
mod run;
/// Stands in for the mechanism where only its types are named, likewise.
#[cfg(all(feature = "oracle", not(feature = "harness")))]
mod run {
    #[derive(Clone, Debug)]
    pub(crate) struct Killable;

    pub(crate) struct Faultless {
        pub(crate) at_rest: crate::judge::Judgement,
        pub(crate) after_restart: crate::judge::Judgement,
    }
}
#[cfg(feature = "oracle")]
pub mod schedule;
mod step;
mod step_error;
#[cfg(feature = "oracle")]
pub mod story;
#[cfg(feature = "harness")]
mod subject;
#[cfg(feature = "harness")]
mod world;
/// Likewise.
#[cfg(all(feature = "oracle", not(feature = "harness")))]
mod world {
    pub(crate) struct Site;
}

pub use effect::{inherit, inherit_blocking, inherit_worker, step};
pub use step::Step;
pub use step_error::{Injected, StepError};

#[cfg(feature = "command")]
pub use crate::{
    cli::own::command,
    request_format::{GivenParts, RequestFormat, RequestPart},
};
#[cfg(feature = "harness")]
pub use crate::{
    error::{BoxError, Error, Result},
    exploration::{Exploration, explore},
    explore::{Progress, Pruning, Silent},
    flow::Flow,
    rules::Rules,
    subject::Subject,
    world::World,
};
