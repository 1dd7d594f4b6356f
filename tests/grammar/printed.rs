//! A program as a person reads it.

use std::fmt;

use super::program::{
    Answer, Cells, Change, Effect, Found, Journal, OnError, Part, Path, Program, Rule, Seed, Start, What, Which,
};

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
