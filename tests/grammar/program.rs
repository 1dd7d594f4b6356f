//! A small import and its application, as plain data: what both sides of the comparison read.
//!
//! It says what is done, and nothing of what comes of it.

use std::collections::BTreeSet;
use std::fmt;

/// One flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The tables whose ids are made up anew in each attempt.
    pub(crate) generated: BTreeSet<Table>,
    /// What such an id looks like.
    pub(crate) shape: Shape,
    /// How the database keeps what it does not have in its file yet.
    pub(crate) journal: Journal,
    /// What is there before the application was ever started.
    pub(crate) seeds: Vec<Seed>,
    /// What each start of the application does, statement by statement.
    pub(crate) boot: Vec<Start>,
    /// What a request does.
    pub(crate) import: Vec<Part>,
    /// What is done where that fails, before the failure is told.
    pub(crate) undo: Vec<Effect>,
    /// What is answered where that succeeds.
    pub(crate) answer: Answer,
    /// What is declared of the worlds and the answers.
    pub(crate) rules: BTreeSet<Rule>,
}

/// What an id that is made up looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Uuid,
    /// A word and some digits.
    Short,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    Rollback,
    WriteAhead,
}

/// Every table has the columns `id` (the primary key), `state`, `path` and `parent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Docs,
    Jobs,
    Log,
}

impl Table {
    pub(crate) const ALL: [Self; 3] = [Self::Docs, Self::Jobs, Self::Log];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Docs => "docs",
            Self::Jobs => "jobs",
            Self::Log => "log",
        }
    }
}

/// Names a row of a table. Where the table's ids are generated, it names the row that this attempt makes under that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u8);

impl Key {
    /// The id where ids are given by the caller.
    pub(crate) const fn given(self) -> &'static str {
        const NAMES: [&str; 4] = ["ash", "birch", "cedar", "dogwood"];
        NAMES[self.0 as usize % NAMES.len()]
    }
}

/// What is in the column `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Draft,
    Pending,
    Done,
    Failed,
}

impl State {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A folder. `Files` is always there; `Spool` where the program names it; each row of `docs` may have one of its own,
/// within `Files`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Folder {
    Files,
    Spool,
    Own,
}

impl Folder {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Spool => "spool",
            Self::Own => "own",
        }
    }

    /// Whether what is in the other folder is below this one.
    pub(crate) fn covers(self, other: Self) -> bool {
        self == other || (self == Self::Files && other == Self::Own)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Txt,
    Tmp,
}

impl Ending {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Tmp => "tmp",
        }
    }
}

/// A file, named after a row of `docs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) folder: Folder,
    pub(crate) doc: Key,
    pub(crate) ending: Ending,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Content {
    Long,
    Short,
}

impl Content {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Long => "the whole of it\n",
            Self::Short => "it\n",
        }
    }
}

/// What a row holds beside its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cells {
    pub(crate) state: State,
    pub(crate) path: Option<Path>,
    /// A row of `docs`.
    pub(crate) parent: Option<Key>,
}

/// What is there before the first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seed {
    Row(Table, Key, Cells),
    File(Path, Content),
}

/// A statement of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Removes the files right in the folder whose path no row of `docs` holds.
    SweepFiles(Folder),
    /// Removes the folders that are not those of a row of `docs`, with what is in them.
    SweepFolders,
    /// Deletes the rows of `docs` whose file is not there.
    SweepRows,
    /// Rows of `docs` in the state: done where their file is there, deleted where it is not.
    Finish(State),
    /// Rows in the first state are put into the second.
    Close(Table, State, State),
    /// Deletes all rows in the state.
    Drop(Table, State),
    /// Deletes the rows whose parent is not there.
    DropUnparented(Table),
    /// The application does not start where a row is in the state.
    RefuseWhen(Table, State),
}

/// A part of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    One(Effect),
    Transaction(Vec<Effect>),
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) what: What,
    pub(crate) on_error: OnError,
}

/// What becomes of the error of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    /// The import fails; where it is an effect of the undoing, that ends.
    Fails,
    /// Nothing: the next effect follows.
    GoesOn,
}

/// What an effect does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Fails where there is a row with that id.
    Insert(Table, Key, Cells),
    Upsert(Table, Key, Cells),
    Update(Table, Which, Change),
    Delete(Table, Which),
    /// Replaces what is at that path. Fails where its folder is not there.
    Write(Path, Content),
    /// Fails where the first is not there; replaces the second.
    Rename(Path, Path),
    /// Fails where there is none.
    Remove(Path),
    /// Makes the row's own folder where it is not there.
    MakeFolder(Key),
    /// Fails where there is none, or something in it.
    RemoveFolder(Key),
    /// Fails where there is none.
    RemoveTree(Key),
    /// Where there is such a row, the import goes no further.
    Check(Table, Which, Found),
}

/// Which rows are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Key(Key),
    State(State),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    State(State),
    Path(Option<Path>),
}

/// What happens where a row is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The import fails.
    Refuses,
    /// The import answers a success.
    Answers(Answer),
    /// The import answers a success that names the row, the oldest where there are several.
    AnswersWithIt,
}

/// What a success answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Nothing,
    Word(u8),
    /// The id of the row of `docs`.
    Doc(Key),
    File(Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Where a row holds a path, there is a file.
    RowNeedsFile(Table),
    /// A file in the folder is there because a row holds its path.
    FileNeedsRow(Folder, Table),
    /// A job may stay `done` or `failed`, and in no other state.
    Settles(Table),
    /// A parent is a row of `docs`.
    ParentIsThere(Table),
    /// Each row of `docs` is the parent of a row of the table.
    DocNeeds(Table),
    /// The table may hold more than a run without faults leaves in it.
    IsLog(Table),
    /// The row of `docs` with this given id holds the path of a file with this content.
    Stores(Key, Content),
    /// A success answer carries the id of a row of `docs`.
    AnswerNamesDoc,
    /// A success answer carries the path of a file with this content.
    AnswerNamesFile(Content),
}

impl Program {
    /// Whether the ids of the table are made up.
    pub(crate) fn generates(&self, table: Table) -> bool {
        self.generated.contains(&table)
    }

    /// The folders that are there from the beginning.
    pub(crate) fn folders(&self) -> BTreeSet<Folder> {
        // What is printed names the folder wherever it is used.
        let spool = self.to_string().contains(Folder::Spool.name());
        [Folder::Files].into_iter().chain(spool.then_some(Folder::Spool)).collect()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.folder.name(), self.doc.given(), self.ending.name())
    }
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state.name())?;
        if let Some(path) = self.path {
            write!(f, ", {path}")?;
        }
        self.parent.map_or(Ok(()), |parent| write!(f, ", of {}", parent.given()))
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "{}", key.given()),
            Self::State(state) => write!(f, "all {}", state.name()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "answer"),
            Self::Word(word) => write!(f, "answer word {word}"),
            Self::Doc(key) => write!(f, "answer the id of docs {}", key.given()),
            Self::File(path) => write!(f, "answer the path {path}"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insert(table, key, cells) => write!(f, "insert {} {} ({cells})", table.name(), key.given()),
            Self::Upsert(table, key, cells) => write!(f, "upsert {} {} ({cells})", table.name(), key.given()),
            Self::Update(table, which, Change::State(state)) => {
                write!(f, "update {} {which}: {}", table.name(), state.name())
            }
            Self::Update(table, which, Change::Path(Some(path))) => {
                write!(f, "update {} {which}: {path}", table.name())
            }
            Self::Update(table, which, Change::Path(None)) => write!(f, "update {} {which}: no path", table.name()),
            Self::Delete(table, which) => write!(f, "delete {} {which}", table.name()),
            Self::Write(path, content) => write!(f, "write {path} {:?}", content.text()),
            Self::Rename(from, to) => write!(f, "rename {from} {to}"),
            Self::Remove(path) => write!(f, "remove {path}"),
            Self::MakeFolder(key) => write!(f, "make the folder of {}", key.given()),
            Self::RemoveFolder(key) => write!(f, "remove the empty folder of {}", key.given()),
            Self::RemoveTree(key) => write!(f, "remove the folder of {} and all in it", key.given()),
            Self::Check(table, which, found) => {
                write!(f, "if {} has {which}: ", table.name())?;
                match found {
                    Found::Refuses => write!(f, "refuse"),
                    Found::Answers(answer) => write!(f, "{answer}"),
                    Found::AnswersWithIt => write!(f, "answer its id"),
                }
            }
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on_error {
            OnError::Fails => write!(f, "{}", self.what),
            OnError::GoesOn => write!(f, "try to {}", self.what),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SweepFiles(folder) => write!(f, "sweep files in {} without a row of docs", folder.name()),
            Self::SweepFolders => write!(f, "sweep folders without a row of docs"),
            Self::SweepRows => write!(f, "sweep docs without their file"),
            Self::Finish(state) => write!(f, "finish docs all {}", state.name()),
            Self::Close(table, from, to) => {
                write!(f, "update {} all {}: {}", table.name(), from.name(), to.name())
            }
            Self::Drop(table, state) => write!(f, "delete {} all {}", table.name(), state.name()),
            Self::DropUnparented(table) => write!(f, "delete {} without their parent", table.name()),
            Self::RefuseWhen(table, state) => write!(f, "if {} has all {}: refuse", table.name(), state.name()),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowNeedsFile(table) => write!(f, "a row of {} needs its file", table.name()),
            Self::FileNeedsRow(folder, table) => {
                write!(f, "a file in {} needs a row of {}", folder.name(), table.name())
            }
            Self::Settles(table) => write!(f, "a row of {} settles as done or failed", table.name()),
            Self::ParentIsThere(table) => write!(f, "a row of {} needs its parent", table.name()),
            Self::DocNeeds(table) => write!(f, "a row of docs needs one of {}", table.name()),
            Self::IsLog(table) => write!(f, "{} is a log", table.name()),
            Self::Stores(key, content) => write!(f, "docs {} stores {:?}", key.given(), content.text()),
            Self::AnswerNamesDoc => write!(f, "the answer names a row of docs"),
            Self::AnswerNamesFile(content) => write!(f, "the answer names a file {:?}", content.text()),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.generated.is_empty() {
            writeln!(f, "generated ids in {:?}, each a {:?}", self.generated, self.shape)?;
        }
        if self.journal == Journal::WriteAhead {
            writeln!(f, "write-ahead log")?;
        }
        writeln!(f, "prepare")?;
        for seed in &self.seeds {
            match seed {
                Seed::Row(table, key, cells) => writeln!(f, "  {} {} ({cells})", table.name(), key.given())?,
                Seed::File(path, content) => writeln!(f, "  {path} {:?}", content.text())?,
            }
        }
        writeln!(f, "boot")?;
        for start in &self.boot {
            writeln!(f, "  {start}")?;
        }
        writeln!(f, "import")?;
        for part in &self.import {
            match part {
                Part::One(effect) => writeln!(f, "  {effect}")?,
                Part::Transaction(effects) => {
                    writeln!(f, "  begin")?;
                    for effect in effects {
                        writeln!(f, "    {effect}")?;
                    }
                    writeln!(f, "  commit")?;
                }
            }
        }
        writeln!(f, "  {}", self.answer)?;
        writeln!(f, "undo")?;
        for effect in &self.undo {
            writeln!(f, "  {effect}")?;
        }
        writeln!(f, "rules")?;
        for rule in &self.rules {
            writeln!(f, "  {rule}")?;
        }
        Ok(())
    }
}
