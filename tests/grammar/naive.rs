//! Carries a program out on an abstract world, with at most one fault, in the plainest way there is.
//!
//! Written from what the faults are said to be. Knows nothing of how halfway brings one about.

use super::abstract_world::{AbstractWorld, Database, FilePath, Id, Naming, Refused, Row};
use super::program::{Answer, Effect, Found, OnError, Part, Program, Start, Table, What};

/// What a step acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Database,
    Disk,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The effect does not happen, and fails.
    Error,
    /// The effect happens, and its caller is told that it failed.
    LostAck,
    /// As an error, and nothing on this resource works any more until the attempt ends.
    Outage,
    /// Nothing of the attempt is carried on; what it holds open is given up. The process may live or not.
    Gone(When),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// A mishap at a step, counted from nought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hazard {
    pub(crate) step: usize,
    pub(crate) mishap: Mishap,
}

/// What a caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Success(Reply),
    Failure,
    /// Nothing: whoever would have told it is gone.
    Nothing,
}

/// A success answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Nothing,
    Word(u8),
    Row(Id),
    File(FilePath),
}

/// Why an attempt does not go on.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Failed,
    Gone,
}

impl From<Refused> for Stop {
    fn from(_: Refused) -> Self {
        Self::Failed
    }
}

/// A start, or an attempt, on a world.
struct Run<'a> {
    world: &'a mut AbstractWorld,
    /// The database as the transaction that is open sees it.
    open: Option<Database>,
    hazard: Option<Hazard>,
    out_of_order: Option<Resource>,
    /// The steps that were entered, each with whether its effect was carried out.
    steps: Vec<bool>,
}

/// What came of a start or an attempt.
pub(crate) struct Outcome {
    pub(crate) told: Told,
    /// The steps that were entered, each with whether its effect was carried out.
    pub(crate) steps: Vec<bool>,
}

/// Starts the application. A success says that it is up.
pub(crate) fn boot(program: &Program, world: &mut AbstractWorld, hazard: Option<Hazard>) -> Outcome {
    let mut run = Run::new(world, hazard);
    let told = match program.boot.iter().try_for_each(|&start| run.start(start)) {
        Ok(()) => Told::Success(Reply::Nothing),
        Err(Stop::Failed) => Told::Failure,
        Err(Stop::Gone) => Told::Nothing,
    };
    Outcome { told, steps: run.steps }
}

/// Sends the request. The number makes its ids differ from those of the other attempts.
pub(crate) fn import(program: &Program, attempt: u8, world: &mut AbstractWorld, hazard: Option<Hazard>) -> Outcome {
    let naming = Naming { program, attempt: Some(attempt) };
    let mut run = Run::new(world, hazard);
    let result = run.parts(naming);
    // A transaction that was not committed by then is rolled back.
    run.open = None;
    let told = match result {
        Ok(reply) => Told::Success(reply),
        Err(Stop::Gone) => Told::Nothing,
        Err(Stop::Failed) => match program.undo.iter().try_for_each(|&effect| run.effect(naming, effect).map(drop)) {
            Ok(()) | Err(Stop::Failed) => Told::Failure,
            Err(Stop::Gone) => Told::Nothing,
        },
    };
    Outcome { told, steps: run.steps }
}

impl<'a> Run<'a> {
    fn new(world: &'a mut AbstractWorld, hazard: Option<Hazard>) -> Self {
        Self { world, open: None, hazard, out_of_order: None, steps: Vec::new() }
    }

    /// The database as this run sees it.
    fn database(&mut self) -> &mut Database {
        self.open.as_mut().unwrap_or(&mut self.world.database)
    }

    fn step<T>(&mut self, resource: Resource, effect: impl FnOnce(&mut Self) -> Result<T, Refused>) -> Result<T, Stop> {
        let here = self.steps.len();
        self.steps.push(false);
        if self.out_of_order == Some(resource) {
            return Err(Stop::Failed);
        }
        let mishap = self.hazard.filter(|hazard| hazard.step == here).map(|hazard| hazard.mishap);
        match mishap {
            Some(Mishap::Error) => return Err(Stop::Failed),
            Some(Mishap::Outage) => {
                self.out_of_order = Some(resource);
                return Err(Stop::Failed);
            }
            Some(Mishap::Gone(When::Before)) => return Err(Stop::Gone),
            Some(Mishap::LostAck | Mishap::Gone(When::After)) | None => {}
        }
        let result = effect(self);
        self.steps[here] = result.is_ok();
        match mishap {
            Some(Mishap::LostAck) => Err(Stop::Failed),
            Some(Mishap::Gone(When::After)) => Err(Stop::Gone),
            Some(Mishap::Error | Mishap::Outage | Mishap::Gone(When::Before)) | None => Ok(result?),
        }
    }

    fn statement<T>(&mut self, effect: impl FnOnce(&mut Database) -> T) -> Result<T, Stop> {
        self.step(Resource::Database, |run| Ok(effect(run.database())))
    }

    fn parts(&mut self, naming: Naming) -> Result<Reply, Stop> {
        for part in &naming.program.import {
            match part {
                Part::One(effect) => {
                    if let Some(reply) = self.effect(naming, *effect)? {
                        return Ok(reply);
                    }
                }
                Part::Transaction(effects) => {
                    self.step(Resource::Database, |run| {
                        run.open = Some(run.world.database.clone());
                        Ok(())
                    })?;
                    for effect in effects {
                        if let Some(reply) = self.effect(naming, *effect)? {
                            return Ok(reply);
                        }
                    }
                    self.step(Resource::Database, |run| {
                        run.world.database = run.open.take().ok_or(Refused)?;
                        Ok(())
                    })?;
                }
            }
        }
        Ok(reply(naming, naming.program.answer))
    }

    fn effect(&mut self, naming: Naming, effect: Effect) -> Result<Option<Reply>, Stop> {
        match (self.what(naming, effect.what), effect.on_error) {
            (Err(Stop::Failed), OnError::GoesOn) => Ok(None),
            (result, OnError::Fails | OnError::GoesOn) => result,
        }
    }

    fn what(&mut self, naming: Naming, what: What) -> Result<Option<Reply>, Stop> {
        match what {
            What::Insert(table, key, cells) => {
                let row = naming.row(table, key, cells);
                self.step(Resource::Database, |run| run.database().insert(table, row))?;
            }
            What::Upsert(table, key, cells) => {
                self.statement(|database| database.upsert(table, naming.row(table, key, cells)))?;
            }
            What::Update(table, which, change) => {
                self.statement(|database| database.update(table, naming.means(which, table), naming.change(change)))?;
            }
            What::Delete(table, which) => {
                self.statement(|database| database.delete(table, naming.means(which, table)))?;
            }
            What::Write(path, content) => {
                self.step(Resource::Disk, |run| run.world.write(naming.path(path), content))?;
            }
            What::Rename(from, to) => self.step(Resource::Disk, |run| {
                let content = *run.world.files.get(&naming.path(from)).ok_or(Refused)?;
                run.world.write(naming.path(to), content)?;
                if from != to {
                    run.world.files.remove(&naming.path(from));
                }
                Ok(())
            })?,
            What::MakeFolder(key) => self.step(Resource::Disk, |run| {
                run.world.own_folders.insert(naming.id(Table::Docs, key));
                Ok(())
            })?,
            What::RemoveFolder(key) => self.step(Resource::Disk, |run| {
                let doc = naming.id(Table::Docs, key);
                if run.world.is_own_empty(doc) { run.world.remove_own_folder(doc) } else { Err(Refused) }
            })?,
            What::RemoveTree(key) => {
                self.step(Resource::Disk, |run| run.world.remove_tree(naming.id(Table::Docs, key)))?;
            }
            What::Remove(path) => {
                self.step(Resource::Disk, |run| run.world.files.remove(&naming.path(path)).map(drop).ok_or(Refused))?;
            }
            What::Check(table, which, found) => {
                let is_meant = naming.means(which, table);
                let row = self.statement(|database| database.rows(table).iter().copied().find(|row| is_meant(row)))?;
                if let Some(row) = row {
                    return match found {
                        Found::Refuses => Err(Stop::Failed),
                        Found::Answers(answer) => Ok(Some(reply(naming, answer))),
                        Found::AnswersWithIt => Ok(Some(Reply::Row(row.id))),
                    };
                }
            }
        }
        Ok(None)
    }

    fn start(&mut self, start: Start) -> Result<(), Stop> {
        match start {
            Start::SweepFiles(folder) => {
                let files = self.step(Resource::Disk, |run| Ok(run.world.files.clone()))?;
                let rows = self.statement(|database| database.rows(Table::Docs).to_vec())?;
                for path in files.into_keys().filter(|path| path.folder == folder) {
                    if !rows.iter().any(|row| row.path == Some(path)) {
                        self.step(Resource::Disk, |run| run.world.files.remove(&path).map(drop).ok_or(Refused))?;
                    }
                }
            }
            Start::SweepFolders => {
                let folders = self.step(Resource::Disk, |run| Ok(run.world.own_folders.clone()))?;
                let rows = self.statement(|database| database.rows(Table::Docs).to_vec())?;
                for doc in folders {
                    if !rows.iter().any(|row| row.id == doc) {
                        self.step(Resource::Disk, |run| run.world.remove_tree(doc))?;
                    }
                }
            }
            Start::SweepRows => {
                for row in self.statement(|database| database.rows(Table::Docs).to_vec())? {
                    if row.path.is_some() && !self.has_its_file(&row) {
                        self.statement(|database| database.delete(Table::Docs, |known| known.id == row.id))?;
                    }
                }
            }
            Start::Finish(state) => {
                for row in self.statement(|database| database.rows(Table::Docs).to_vec())? {
                    if row.state != state {
                        continue;
                    }
                    let is_it = |known: &Row| known.id == row.id;
                    if self.has_its_file(&row) {
                        self.statement(|database| {
                            database.update(Table::Docs, is_it, |row| row.state = super::program::State::Done);
                        })?;
                    } else {
                        self.statement(|database| database.delete(Table::Docs, is_it))?;
                    }
                }
            }
            Start::Close(table, from, to) => {
                self.statement(|database| database.update(table, |row| row.state == from, |row| row.state = to))?;
            }
            Start::Drop(table, state) => {
                self.statement(|database| database.delete(table, |row| row.state == state))?;
            }
            Start::DropUnparented(table) => self.statement(|database| {
                let docs = database.rows(Table::Docs).to_vec();
                let is_there = |parent| docs.iter().any(|doc| doc.id == parent);
                database.delete(table, |row| row.parent.is_some_and(|parent| !is_there(parent)));
            })?,
            Start::RefuseWhen(table, state) => {
                if self.statement(|database| database.rows(table).iter().any(|row| row.state == state))? {
                    return Err(Stop::Failed);
                }
            }
        }
        Ok(())
    }

    fn has_its_file(&self, row: &Row) -> bool {
        row.path.is_some_and(|path| self.world.files.contains_key(&path))
    }
}

fn reply(naming: Naming, answer: Answer) -> Reply {
    match answer {
        Answer::Nothing => Reply::Nothing,
        Answer::Word(word) => Reply::Word(word),
        Answer::Doc(key) => Reply::Row(naming.id(Table::Docs, key)),
        Answer::File(path) => Reply::File(naming.path(path)),
    }
}
