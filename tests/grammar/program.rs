//! A small import and its application, as plain data: what both sides of the comparison read.
//!
//! It says what is done, and nothing of what comes of it.

use std::collections::BTreeSet;

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
