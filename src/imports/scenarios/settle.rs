//! Undoes what intents left that nobody works on any more.
//!
//! At the start of the application these are all; while it runs, those of the request that the caller has the turn of.
//! Nothing is ever finished from an intent: the caller sends the request again anyway.
//!
//! Relies on: one process at a time works on a world ([`super::running`] keeps two runs of one request apart within it),
//! and nobody else writes below the folder of contexts.

use std::path::Path;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::app::App;
use super::context_files::remove_directory;
use super::durable_files::{list_leftovers, remove_leftover, sync_parent};
use super::error::ScenarioError;
use super::running::Running;
use crate::{BoxError, Step, World, step};

/// Marks intents as abandoned, so that they cannot be published any more, and says which they are.
pub(crate) const ABANDON_INTENTS: Step = Step::new("abandon-intents");
/// Deletes abandoned intents whose files are gone.
pub(crate) const FORGET_INTENT: Step = Step::new("forget-intent");

/// What a process that keeps an intent log holds.
#[derive(Debug)]
pub struct IntentLogApp {
    pub(crate) app: App,
    pub(crate) running: Running,
}

/// Whose intents are to be settled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// Those of one request, which the caller has the turn of.
    Request(&'a str),
    /// All: nobody is at work.
    Everyone,
}

impl IntentLogApp {
    /// Connects, and undoes what dead processes left. At the start nobody is at work, so every intent is a dead one. One
    /// that cannot be settled keeps the application down: the next start tries again.
    pub(crate) async fn boot(world: &World) -> Result<Self, BoxError> {
        let app = App::boot(world).await?;
        settle(&mut *app.connection().await?, &app.dir, Whose::Everyone).await?;
        Ok(Self { app, running: Running::default() })
    }

    /// Undoes what a failed attempt left. The attempt's connection may be the very thing that broke: it went back to the
    /// pool, which gives out only one that is fit. A failure here is not told, because the caller has to hear of the first
    /// one; what it leaves, the next attempt of the same request settles, or the next start.
    pub(crate) async fn settle_failed_attempt(&self, request_id: &str) {
        if let Ok(mut conn) = self.app.connection().await {
            let _ = settle(&mut conn, &self.app.dir, Whose::Request(request_id)).await;
        }
    }
}

/// Undoes what intents left, and forgets them. Does nothing about a request that was published: the transaction that
/// did so deleted its intents, whether its caller was told or not.
///
/// Can be broken off anywhere and begun again. Intents are abandoned first: a publication that is still on its way to the
/// database, its client gone, comes too late or makes this too late, but never meets it half-way. Files go before the
/// intent, which is the only memory of them, and their removal is synced before that memory is given up.
pub(crate) async fn settle(conn: &mut SqliteConnection, dir: &Path, whose: Whose<'_>) -> Result<(), ScenarioError> {
    let abandoned = abandon(conn, whose).await?;
    if abandoned.is_empty() {
        return Ok(());
    }
    for Abandoned { path, .. } in &abandoned {
        for leftover in list_leftovers(dir, path).await? {
            remove_leftover(&leftover).await?;
        }
        remove_directory(dir, path).await?;
    }
    sync_parent(dir).await?;
    forget(conn, &abandoned).await?;
    Ok(())
}

/// An intent that nobody can publish any more.
struct Abandoned {
    scenario_id: String,
    path: String,
}

/// Marks them, and reads them in the order in which they were recorded.
async fn abandon(conn: &mut SqliteConnection, whose: Whose<'_>) -> Result<Vec<Abandoned>, sqlx::Error> {
    let abandon = match whose {
        Whose::Request(id) => {
            sqlx::query_as("UPDATE intents SET abandoned = 1 WHERE request_id = ? RETURNING rowid, scenario_id, path")
                .bind(id)
        }
        Whose::Everyone => sqlx::query_as("UPDATE intents SET abandoned = 1 RETURNING rowid, scenario_id, path"),
    };
    let mut rows: Vec<(i64, String, String)> = step(ABANDON_INTENTS, abandon.fetch_all(conn)).await?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(_, scenario_id, path)| Abandoned { scenario_id, path }).collect())
}

/// Deletes these and no others: only their files are known to be gone.
async fn forget(conn: &mut SqliteConnection, abandoned: &[Abandoned]) -> Result<(), sqlx::Error> {
    let mut forget = QueryBuilder::<Sqlite>::new("DELETE FROM intents WHERE scenario_id IN ");
    forget.push_tuples(abandoned, |mut row, intent| {
        row.push_bind(&intent.scenario_id);
    });
    step(FORGET_INTENT, forget.build().execute(conn)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Flow;
    use crate::imports::scenario_create::IntentLog as Create;
    use crate::imports::scenario_import::IntentLog as Import;
    use crate::imports::scenarios::context_files::FOLDER;
    use crate::imports::scenarios::create_request::CreateScenario;
    use crate::imports::scenarios::import_request::ImportScenarios;
    use crate::imports::scenarios::testing::{TempWorld, block_on};

    /// What a kill leaves: intents, some with a directory, some with files in it.
    async fn leave_intents(world: &TempWorld, request_id: &str) {
        for (id, files) in [("dead-1", &["context.txt"][..]), ("dead-2", &["context.txt.new"]), ("dead-3", &[])] {
            world
                .execute(&format!(
                    "INSERT INTO intents (scenario_id, request_id, path)
                     VALUES ('{id}', '{request_id}', '{FOLDER}/{id}/context.txt')"
                ))
                .await;
            if id != "dead-3" {
                fs::create_dir(world.world.dir().join(FOLDER).join(id)).expect("made");
            }
            for file in files {
                fs::write(world.world.dir().join(FOLDER).join(id).join(file), "half").expect("written");
            }
        }
    }

    #[test]
    fn the_start_of_the_application_settles_what_anybody_left() {
        block_on(async {
            let world = TempWorld::prepared(&Create, &CreateScenario::example()).await;
            leave_intents(&world, "somebody-else").await;
            drop(Create.boot(&world.world).await.expect("booted"));
            assert_eq!(world.count("SELECT count(*) FROM intents").await, 0);
            assert_eq!(world.directories(), 0);
        });
    }

    #[test]
    fn a_retry_settles_what_its_own_request_left_and_nothing_else() {
        block_on(async {
            let request = CreateScenario::example();
            let world = TempWorld::prepared(&Create, &request).await;
            let log = Create.boot(&world.world).await.expect("booted");
            leave_intents(&world, &request.request_id).await;
            world
                .execute("INSERT INTO intents (scenario_id, request_id, path) VALUES ('running', 'another', 'a/b/c')")
                .await;
            Create.import(&log, &request).await.expect("created");
            assert_eq!(world.count("SELECT count(*) FROM intents").await, 1);
            assert_eq!(world.count("SELECT count(*) FROM intents WHERE NOT abandoned").await, 1);
            assert_eq!(world.directories(), 1);
        });
    }

    #[test]
    fn intents_that_were_published_are_left_alone() {
        block_on(async {
            let request = ImportScenarios::example();
            let world = TempWorld::prepared(&Import, &request).await;
            let log = Import.boot(&world.world).await.expect("booted");
            Import.import(&log, &request).await.expect("imported");
            log.settle_failed_attempt(&request.request_id).await;
            drop(Import.boot(&world.world).await.expect("booted again"));
            assert_eq!(world.files().len(), 12);
        });
    }

    #[test]
    fn what_cannot_be_settled_keeps_the_application_down_and_is_not_forgotten() {
        block_on(async {
            let world = TempWorld::prepared(&Create, &CreateScenario::example()).await;
            leave_intents(&world, "r1").await;
            let in_the_way = world.world.dir().join(FOLDER).join("dead-1/a-directory");
            fs::create_dir(&in_the_way).expect("made");
            assert!(Create.boot(&world.world).await.is_err());
            assert_eq!(world.count("SELECT count(*) FROM intents").await, 3);
            fs::remove_dir(in_the_way).expect("removed");
            drop(Create.boot(&world.world).await.expect("booted"));
            assert_eq!((world.count("SELECT count(*) FROM intents").await, world.directories()), (0, 0));
        });
    }

    #[test]
    fn the_same_request_gets_the_same_answer_and_creates_nothing_more() {
        block_on(async {
            let request = CreateScenario::example();
            let world = TempWorld::prepared(&Create, &request).await;
            let log = Create.boot(&world.world).await.expect("booted");
            let first = Create.import(&log, &request).await.expect("created");
            assert_eq!(Create.import(&log, &request).await.expect("the same"), first);
            let log = Create.boot(&world.world).await.expect("booted again");
            assert_eq!(Create.import(&log, &request).await.expect("the same"), first);
            assert_eq!((world.scenarios("id").await.len(), world.directories()), (1, 1));

            let request = ImportScenarios::small();
            let world = TempWorld::prepared(&Import, &request).await;
            let log = Import.boot(&world.world).await.expect("booted");
            let first = Import.import(&log, &request).await.expect("imported");
            assert_eq!(Import.import(&log, &request).await.expect("the same"), first);
            assert_eq!((world.scenarios("id").await.len(), world.directories()), (5, 2));
        });
    }

    #[test]
    fn another_request_under_the_same_id_is_refused() {
        block_on(async {
            let request = CreateScenario::example();
            let world = TempWorld::prepared(&Create, &request).await;
            let log = Create.boot(&world.world).await.expect("booted");
            Create.import(&log, &request).await.expect("created");
            let other = CreateScenario { category: None, ..request };
            let refusal = Create.import(&log, &other).await.expect_err("another request").to_string();
            assert!(refusal.contains("was carried out before with other content"), "{refusal}");
            assert_eq!(world.directories(), 1);
        });
    }

    #[test]
    fn a_request_that_is_in_progress_is_refused_until_it_is_over() {
        block_on(async {
            let request = CreateScenario::example();
            let world = TempWorld::prepared(&Create, &request).await;
            let log = Create.boot(&world.world).await.expect("booted");
            let (first, second) = tokio::join!(Create.import(&log, &request), Create.import(&log, &request));
            let first = first.expect("it has the turn");
            assert!(matches!(second, Err(ScenarioError::InProgress { .. })), "{second:?}");
            assert_eq!(Create.import(&log, &request).await.expect("the same"), first);
        });
    }

    #[test]
    fn a_request_that_was_dropped_can_be_sent_again_at_once() {
        block_on(async {
            let request = ImportScenarios::small();
            // However far the client lets it come: each poll is a little further.
            for polls in 1..200 {
                let world = TempWorld::prepared(&Import, &request).await;
                let log = Import.boot(&world.world).await.expect("booted");
                let attempt = Box::pin(Import.import(&log, &request));
                let over = give_up_after(polls, attempt).await;
                let answer = Import.import(&log, &request).await.expect("imported");
                assert_eq!((answer.created, answer.skipped), (3, 1), "{polls} polls");
                assert_eq!(world.count("SELECT count(*) FROM intents").await, 0, "{polls} polls");
                assert_eq!((world.files().len(), world.directories()), (2, 2), "{polls} polls");
                assert_eq!(world.count("SELECT count(*) FROM scenarios").await, 5, "{polls} polls");
                if over {
                    return;
                }
            }
            panic!("the import never ends");
        });
    }

    /// Polls the future so often and drops it; says whether it was over by then.
    async fn give_up_after(polls: usize, mut future: impl Future + Unpin) -> bool {
        let mut polled = 0;
        std::future::poll_fn(|context| {
            polled += 1;
            match std::pin::Pin::new(&mut future).poll(context) {
                std::task::Poll::Ready(_) => std::task::Poll::Ready(true),
                std::task::Poll::Pending if polled >= polls => std::task::Poll::Ready(false),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        })
        .await
    }
}
