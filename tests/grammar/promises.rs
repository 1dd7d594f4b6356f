//! Which criteria an abstract world and an answer break, each straight from its definition.

use std::cell::Cell;
use std::collections::BTreeSet;

use halfway::judge::Criterion;

use super::abstract_world::{AbstractWorld, FilePath, Id, Row};
use super::naive::{Reply, Told};
use super::pending::A_DELETION_NEED_NOT_HAPPEN;
use super::program::{Content, Program, Rule, State, Table};
use super::sameness::{holds_all_of, is_one_row, is_same};

/// What worlds are compared with.
pub(crate) struct Measure<'a> {
    pub(crate) program: &'a Program,
    /// What was prepared, before the application was started for the first time.
    pub(crate) bare: AbstractWorld,
    /// What was there before the request.
    pub(crate) before: AbstractWorld,
    /// What a run without faults leaves.
    pub(crate) result: AbstractWorld,
    /// What a run without faults answers.
    pub(crate) reply: Reply,
    /// Whether an answer named a row that may or may not be the one that it names without faults.
    pub(crate) is_unsure: Cell<bool>,
}

/// When a world is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    AtRest,
    AfterRecovery,
    AfterRetry,
    /// After a success, once the application was started again.
    AfterRestart,
}

/// What has happened to a world so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nobody has sent a request yet.
    Never,
    Already,
}

/// What is looked at.
pub(crate) struct Look<'a> {
    pub(crate) moment: Moment,
    pub(crate) asked: Asked,
    pub(crate) world: &'a AbstractWorld,
    /// What the caller was told last.
    pub(crate) told: Told,
    /// Whether a success was told, then or earlier.
    pub(crate) acknowledged: bool,
}

impl Look<'_> {
    fn is_after_retry(&self) -> bool {
        matches!(self.moment, Moment::AfterRetry | Moment::AfterRestart)
    }

    fn is_told_of_success(&self) -> bool {
        matches!(self.told, Told::Success(_))
    }
}

impl Measure<'_> {
    pub(crate) fn breaches(&self, look: &Look) -> BTreeSet<Criterion> {
        let breaks = |criterion: &Criterion| match criterion {
            Criterion::FailureSurfaced => self.lies(look),
            Criterion::ResponseComplete => self.lacks_what_it_promises(look),
            Criterion::NoOrphanRows => self.has_orphan_row(look.world),
            Criterion::NoOrphanFiles => self.has_orphan_file(look.world),
            Criterion::NoStuckJob => self.has_stuck_job(look.world),
            Criterion::AllOrNothing => self.is_a_mixture(look),
            Criterion::RetrySucceeds => look.is_after_retry() && !look.is_told_of_success(),
            Criterion::RetryConverges => look.is_after_retry() && !is_same(self.program, look.world, &self.result),
            other => unreachable!("the interpreter knows nothing of {other}"),
        };
        Criterion::ALL.into_iter().filter(breaks).collect()
    }

    /// "Success is answered only when everything is there; every failure is told": what was to be made or changed is as it
    /// was to be, and what was to go is gone.
    fn lies(&self, look: &Look) -> bool {
        let is_down = look.moment == Moment::AfterRestart && !look.is_told_of_success();
        is_down
            || look.is_told_of_success()
                && !(self.everything_came(look.world)
                    && (A_DELETION_NEED_NOT_HAPPEN || self.everything_went(look.world)))
    }

    fn everything_came(&self, world: &AbstractWorld) -> bool {
        holds_all_of(self.program, world, &self.result)
    }

    fn everything_went(&self, world: &AbstractWorld) -> bool {
        let rows = Table::ALL.into_iter().all(|table| {
            let mut before = self.before.database.rows(table).iter();
            before.all(|row| self.result.database.has(table, row.id) || !world.database.has(table, row.id))
        });
        let files = self.before.files.keys();
        let mut folders = self.before.own_folders.difference(&self.result.own_folders);
        rows && folders.all(|doc| !world.own_folders.contains(doc))
            && files.into_iter().all(|path| self.result.files.contains_key(path) || !world.files.contains_key(path))
    }

    /// "A success answer carries what it promises", and it leads there.
    fn lacks_what_it_promises(&self, look: &Look) -> bool {
        let Told::Success(reply) = look.told else {
            return false;
        };
        if self.is_another_answer(look.world, reply) {
            return true;
        }
        let names_doc = matches!(reply, Reply::Row(id) if look.world.database.has(Table::Docs, id));
        let names_file = |content| matches!(reply, Reply::File(path) if look.world.files.get(&path) == Some(&content));
        self.program.rules.iter().any(|rule| {
            if let Rule::AnswerNamesFile(content) = *rule {
                !names_file(content)
            } else {
                *rule == Rule::AnswerNamesDoc && !names_doc
            }
        })
    }

    /// Without faults the answer says something else.
    fn is_another_answer(&self, world: &AbstractWorld, reply: Reply) -> bool {
        let fits = |id, wanted| is_one_row(self.program, (world, id), (&self.result, wanted));
        let is_one = |id, wanted| {
            let others = Table::ALL.into_iter().flat_map(|table| world.database.rows(table));
            let is_there = Table::ALL.into_iter().any(|table| world.database.has(table, id));
            let is_changed =
                is_there && !fits(id, wanted) && !others.map(|row| row.id).any(|other| fits(other, wanted));
            // Nothing else is that row, so that this may be it, changed: nobody defines when it still is.
            self.is_unsure.set(self.is_unsure.get() || is_changed);
            fits(id, wanted)
        };
        match (self.reply, reply) {
            (Reply::Nothing, Reply::Nothing) => false,
            (Reply::Word(wanted), Reply::Word(said)) => said != wanted,
            (Reply::Row(wanted), Reply::Row(id)) => !is_one(id, wanted),
            (Reply::File(wanted), Reply::File(path)) => {
                wanted.folder != path.folder || wanted.ending != path.ending || !is_one(path.doc, wanted.doc)
            }
            (Reply::Nothing | Reply::Word(_) | Reply::Row(_) | Reply::File(_), _) => true,
        }
    }

    /// "No row lacks the rows or the complete file that it needs."
    fn has_orphan_row(&self, world: &AbstractWorld) -> bool {
        let has_parent = |row: &Row| row.parent.is_none_or(|parent| world.database.has(Table::Docs, parent));
        let has_file = |row: &Row| row.path.is_none_or(|path| world.files.contains_key(&path));
        let docs = world.database.rows(Table::Docs);
        let is_kept = |rule: &Rule| {
            if let Rule::RowNeedsFile(table) = *rule {
                world.database.rows(table).iter().all(has_file)
            } else if let Rule::ParentIsThere(table) = *rule {
                world.database.rows(table).iter().all(has_parent)
            } else if let Rule::DocNeeds(table) = *rule {
                docs.iter().all(|doc| world.database.rows(table).iter().any(|row| row.parent == Some(doc.id)))
            } else if let Rule::Stores(key, content) = *rule {
                let stores = |row: &Row| row.path.and_then(|path| world.files.get(&path)) == Some(&content);
                docs.iter().filter(|row| row.id == Id::Given(key)).all(stores)
            } else {
                true
            }
        };
        !self.program.rules.iter().all(is_kept)
    }

    /// "Every file belongs to a row; temporary files count." What belonged to nobody before the request, and is as it was,
    /// is not the doing of the import; so are the folders, none of which it makes.
    fn has_orphan_file(&self, world: &AbstractWorld) -> bool {
        let was_nobodys = |path: &FilePath, content: &Content| {
            self.before.files.get(path) == Some(content) && !self.is_owned(&self.before, *path)
        };
        let is_orphan_folder = |doc: &Id| {
            // Emptied by the import, and a row had a file in it.
            let was_nobodys = self.before.own_folders.contains(doc)
                && !self.before.in_own_folder(*doc).any(|path| self.is_owned(&self.before, path));
            world.is_own_empty(*doc) && !was_nobodys
        };
        world.own_folders.iter().any(is_orphan_folder)
            || world.files.iter().any(|(path, content)| !self.is_owned(world, *path) && !was_nobodys(path, content))
    }

    fn is_owned(&self, world: &AbstractWorld, path: FilePath) -> bool {
        self.program.rules.iter().any(|rule| {
            matches!(*rule, Rule::FileNeedsRow(folder, table) if folder.covers(path.folder)
                && world.database.rows(table).iter().any(|row| row.path == Some(path)))
        })
    }

    /// "No job stays unfinished while nothing runs it."
    fn has_stuck_job(&self, world: &AbstractWorld) -> bool {
        let is_settled = |row: &Row| matches!(row.state, State::Done | State::Failed);
        self.program
            .rules
            .iter()
            .any(|rule| matches!(*rule, Rule::Settles(table) if !world.database.rows(table).iter().all(is_settled)))
    }

    /// "The world holds what was there before, or the whole result, never a mixture; an acknowledged import is there."
    fn is_a_mixture(&self, look: &Look) -> bool {
        let is_result = is_same(self.program, look.world, &self.result);
        // A first start that did not get far has changed nothing yet.
        let is_bare = look.asked == Asked::Never
            && look.moment == Moment::AtRest
            && is_same(self.program, look.world, &self.bare);
        let is_before = is_bare || is_same(self.program, look.world, &self.before);
        !(is_result || (is_before && !look.acknowledged))
    }
}
