//! Designs that people build, as programs: some hold, some are known to break.

use std::collections::BTreeSet;

use super::program::{
    Answer, Cells, Change, Content, Effect, Ending, Folder, Found, Journal, Key, OnError, Part, Path, Program, Rule,
    Shape, Start, State, Table, What, Which,
};

const DOC: Key = Key(0);
const FILE: Path = Path { folder: Folder::Files, doc: DOC, ending: Ending::Txt };
const TEMPORARY: Path = Path { ending: Ending::Tmp, ..FILE };

/// All of them.
pub(crate) fn all() -> [Program; 9] {
    [
        row_file_row(),
        file_then_row(),
        intent(),
        job_apart(),
        one_transaction(),
        undo_on_error(),
        resumed(),
        answered_again(),
        folder_then_row(),
    ]
}

/// A row, its file, and the row again.
pub(crate) fn row_file_row() -> Program {
    Program {
        import: vec![
            one(What::Insert(Table::Docs, DOC, cells(State::Done))),
            one(What::Write(FILE, Content::Long)),
            one(What::Update(Table::Docs, Which::Key(DOC), Change::Path(Some(FILE)))),
        ],
        ..empty()
    }
}

/// The whole file under its own name; then the row, once. Each start sweeps.
pub(crate) fn file_then_row() -> Program {
    Program {
        boot: vec![Start::SweepFiles(Folder::Files)],
        import: vec![
            one(What::Write(TEMPORARY, Content::Long)),
            one(What::Rename(TEMPORARY, FILE)),
            one(What::Upsert(Table::Docs, DOC, Cells { path: Some(FILE), ..cells(State::Done) })),
        ],
        ..empty()
    }
}

/// An intent that each start finishes or takes back.
pub(crate) fn intent() -> Program {
    Program {
        boot: vec![Start::Finish(State::Draft), Start::SweepFiles(Folder::Files)],
        import: vec![
            one(What::Upsert(Table::Docs, DOC, Cells { path: Some(FILE), ..cells(State::Draft) })),
            one(What::Write(FILE, Content::Long)),
            one(What::Update(Table::Docs, Which::Key(DOC), Change::State(State::Done))),
        ],
        rules: rules([
            Rule::RowNeedsFile(Table::Docs),
            Rule::FileNeedsRow(Folder::Files, Table::Docs),
            Rule::Settles(Table::Docs),
        ]),
        ..empty()
    }
}

/// A job that says how far it is, and a transaction for what counts.
pub(crate) fn job_apart() -> Program {
    Program {
        boot: vec![Start::Close(Table::Jobs, State::Pending, State::Failed)],
        import: vec![
            one(What::Upsert(Table::Jobs, DOC, cells(State::Pending))),
            Part::Transaction(vec![
                fails(What::Upsert(Table::Docs, DOC, cells(State::Done))),
                fails(What::Update(Table::Jobs, Which::Key(DOC), Change::State(State::Done))),
            ]),
        ],
        // Not by its key: a commit that was not told has completed it.
        undo: vec![fails(What::Update(Table::Jobs, Which::State(State::Pending), Change::State(State::Failed)))],
        rules: rules([
            Rule::Settles(Table::Jobs),
            Rule::IsLog(Table::Jobs),
            Rule::FileNeedsRow(Folder::Files, Table::Docs),
        ]),
        ..empty()
    }
}

/// All in one transaction, and the row that is there already is the answer.
pub(crate) fn one_transaction() -> Program {
    Program {
        import: vec![Part::Transaction(vec![
            fails(What::Check(Table::Docs, Which::Key(DOC), Found::AnswersWithIt)),
            fails(What::Insert(Table::Docs, DOC, cells(State::Done))),
            fails(What::Insert(Table::Jobs, DOC, Cells { parent: Some(DOC), ..cells(State::Done) })),
        ])],
        answer: Answer::Doc(DOC),
        rules: rules([
            Rule::ParentIsThere(Table::Jobs),
            Rule::DocNeeds(Table::Jobs),
            Rule::AnswerNamesDoc,
            Rule::FileNeedsRow(Folder::Files, Table::Docs),
        ]),
        ..empty()
    }
}

/// What was made is taken back where the rest fails.
pub(crate) fn undo_on_error() -> Program {
    Program {
        generated: BTreeSet::from([Table::Docs]),
        import: vec![
            one(What::Insert(Table::Docs, DOC, Cells { path: Some(FILE), ..cells(State::Done) })),
            one(What::Write(FILE, Content::Long)),
        ],
        undo: vec![
            Effect { what: What::Remove(FILE), on_error: OnError::GoesOn },
            fails(What::Delete(Table::Docs, Which::Key(DOC))),
        ],
        answer: Answer::File(FILE),
        rules: rules([
            Rule::RowNeedsFile(Table::Docs),
            Rule::FileNeedsRow(Folder::Files, Table::Docs),
            Rule::AnswerNamesFile(Content::Long),
        ]),
        ..empty()
    }
}

/// Drafts of an earlier attempt are deleted by the next, and by each start.
pub(crate) fn resumed() -> Program {
    Program {
        generated: BTreeSet::from([Table::Docs]),
        boot: vec![Start::Drop(Table::Docs, State::Draft), Start::SweepFiles(Folder::Files)],
        import: vec![
            one(What::Check(Table::Docs, Which::State(State::Done), Found::AnswersWithIt)),
            one(What::Delete(Table::Docs, Which::State(State::Draft))),
            one(What::Insert(Table::Docs, DOC, Cells { path: Some(FILE), ..cells(State::Draft) })),
            one(What::Write(FILE, Content::Long)),
            one(What::Update(Table::Docs, Which::Key(DOC), Change::State(State::Done))),
        ],
        answer: Answer::Doc(DOC),
        rules: rules([
            Rule::RowNeedsFile(Table::Docs),
            Rule::FileNeedsRow(Folder::Files, Table::Docs),
            Rule::Settles(Table::Docs),
            Rule::AnswerNamesDoc,
        ]),
        ..empty()
    }
}

/// A guard refuses what is there already, and what was done is logged.
pub(crate) fn answered_again() -> Program {
    Program {
        generated: BTreeSet::from([Table::Docs, Table::Log]),
        import: vec![
            one(What::Insert(Table::Log, Key(1), cells(State::Pending))),
            one(What::Check(Table::Docs, Which::State(State::Done), Found::Refuses)),
            Part::Transaction(vec![
                fails(What::Insert(Table::Docs, DOC, cells(State::Done))),
                fails(What::Insert(Table::Log, Key(0), Cells { parent: Some(DOC), ..cells(State::Done) })),
            ]),
        ],
        rules: rules([Rule::IsLog(Table::Log), Rule::FileNeedsRow(Folder::Files, Table::Docs)]),
        ..empty()
    }
}

/// A folder for each row, made before the row is; each start sweeps.
pub(crate) fn folder_then_row() -> Program {
    let path = Path { folder: Folder::Own, ..FILE };
    Program {
        generated: BTreeSet::from([Table::Docs]),
        boot: vec![Start::SweepFolders],
        import: vec![
            one(What::Check(Table::Docs, Which::State(State::Done), Found::AnswersWithIt)),
            one(What::MakeFolder(DOC)),
            one(What::Write(path, Content::Long)),
            one(What::Insert(Table::Docs, DOC, Cells { path: Some(path), ..cells(State::Done) })),
        ],
        undo: vec![
            Effect { what: What::RemoveTree(DOC), on_error: OnError::GoesOn },
            fails(What::Delete(Table::Docs, Which::Key(DOC))),
        ],
        answer: Answer::Doc(DOC),
        ..empty()
    }
}

fn empty() -> Program {
    Program {
        generated: BTreeSet::new(),
        shape: Shape::Uuid,
        journal: Journal::Rollback,
        seeds: Vec::new(),
        boot: Vec::new(),
        import: Vec::new(),
        undo: Vec::new(),
        answer: Answer::Nothing,
        rules: rules([Rule::RowNeedsFile(Table::Docs), Rule::FileNeedsRow(Folder::Files, Table::Docs)]),
    }
}

fn rules(rules: impl IntoIterator<Item = Rule>) -> BTreeSet<Rule> {
    rules.into_iter().collect()
}

const fn cells(state: State) -> Cells {
    Cells { state, path: None, parent: None }
}

const fn one(what: What) -> Part {
    Part::One(fails(what))
}

const fn fails(what: What) -> Effect {
    Effect { what, on_error: OnError::Fails }
}
