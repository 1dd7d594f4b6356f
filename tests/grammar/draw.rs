//! The grammar: draws programs at random, and makes them smaller.
//!
//! Half of them are drawn effect by effect; half are a known design with a few changes, so that there are some that hold.

use proptest::collection::{btree_set, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::strategy::Union;

use super::change::{Alteration, apply};
use super::designs;
use super::program::{
    Answer, Cells, Change, Content, Effect, Ending, Folder, Found, Journal, Key, OnError, Part, Path, Program, Rule,
    Seed, Shape, Start, State, Table, What, Which,
};

/// Any program.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    prop_oneof![free(), altered()]
}

fn free() -> impl Strategy<Value = Program> {
    let made = (
        (btree_set(table(), 0..=1), shape(), journal()),
        vec(seed(), 0..=2),
        vec(start(), 0..=2),
        vec(part(), 1..=3),
        vec(effect(), 0..=2),
        answer(),
        btree_set(rule(), 1..=5),
    );
    made.prop_map(|((generated, shape, journal), seeds, boot, import, undo, answer, rules)| Program {
        generated,
        shape,
        journal,
        seeds,
        boot,
        import,
        undo,
        answer,
        rules,
    })
}

fn altered() -> impl Strategy<Value = Program> {
    let designs = Union::new(designs::all().into_iter().map(Just));
    (designs, vec(alteration(), 0..=3)).prop_map(|(mut program, alterations)| {
        for alteration in alterations {
            apply(&mut program, alteration);
        }
        program
    })
}

fn alteration() -> impl Strategy<Value = Alteration> {
    let at = any::<u8>;
    prop_oneof![
        3 => at().prop_map(Alteration::RemovePart),
        3 => at().prop_map(Alteration::SwapParts),
        2 => at().prop_map(Alteration::FlattenTransaction),
        2 => (at(), at()).prop_map(|(from, to)| Alteration::WrapParts(from, to)),
        2 => at().prop_map(Alteration::RemoveStart),
        2 => at().prop_map(Alteration::RemoveUndo),
        2 => at().prop_map(Alteration::Tolerate),
        2 => at().prop_map(Alteration::SwapInsertAndUpsert),
        3 => (at(), part()).prop_map(|(at, part)| Alteration::AddPart(at, part)),
        1 => (at(), effect()).prop_map(|(at, effect)| Alteration::AddUndo(at, effect)),
        2 => start().prop_map(Alteration::AddStart),
        1 => seed().prop_map(Alteration::AddSeed),
        1 => rule().prop_map(Alteration::ToggleRule),
        2 => table().prop_map(Alteration::ToggleGenerated),
        1 => answer().prop_map(Alteration::SetAnswer),
        1 => shape().prop_map(Alteration::SetShape),
        1 => journal().prop_map(Alteration::SetJournal),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![Just(Shape::Uuid), Just(Shape::Short)]
}

fn journal() -> impl Strategy<Value = Journal> {
    prop_oneof![3 => Just(Journal::Rollback), 1 => Just(Journal::WriteAhead)]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![4 => Just(Key(0)), 2 => Just(Key(1)), 1 => Just(Key(2))]
}

fn table() -> impl Strategy<Value = Table> {
    prop_oneof![4 => Just(Table::Docs), 3 => Just(Table::Jobs), 1 => Just(Table::Log)]
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![3 => Just(State::Done), 2 => Just(State::Pending), 1 => Just(State::Draft), 1 => Just(State::Failed)]
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![3 => Just(Content::Long), 1 => Just(Content::Short)]
}

fn folder() -> impl Strategy<Value = Folder> {
    prop_oneof![7 => Just(Folder::Files), 1 => Just(Folder::Spool)]
}

fn path() -> impl Strategy<Value = Path> {
    let ending = prop_oneof![3 => Just(Ending::Txt), 1 => Just(Ending::Tmp)];
    let folder = prop_oneof![5 => folder(), 1 => Just(Folder::Own)];
    (folder, key(), ending).prop_map(|(folder, doc, ending)| Path { folder, doc, ending })
}

fn keyed_cells() -> impl Strategy<Value = (Key, Cells)> {
    let own = |doc| Path { folder: Folder::Files, doc, ending: Ending::Txt };
    let path = prop_oneof![3 => Just(None), 4 => Just(Some(None)), 1 => path().prop_map(|path| Some(Some(path)))];
    let parent = prop_oneof![3 => Just(None), 2 => key().prop_map(Some)];
    (key(), state(), path, parent).prop_map(move |(key, state, path, parent)| {
        let path = path.map(|path: Option<Path>| path.unwrap_or(own(key)));
        (key, Cells { state, path, parent })
    })
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![2 => key().prop_map(Which::Key), 1 => state().prop_map(Which::State)]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => state().prop_map(Change::State),
        1 => path().prop_map(|path| Change::Path(Some(path))),
        1 => Just(Change::Path(None)),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        3 => Just(Answer::Nothing),
        1 => (0..2_u8).prop_map(Answer::Word),
        2 => key().prop_map(Answer::Doc),
        1 => path().prop_map(Answer::File),
    ]
}

fn found() -> impl Strategy<Value = Found> {
    prop_oneof![
        1 => Just(Found::Refuses),
        2 => answer().prop_map(Found::Answers),
        1 => Just(Found::AnswersWithIt),
    ]
}

fn what() -> impl Strategy<Value = What> {
    let renamed = (key(), any::<bool>()).prop_map(|(doc, is_same_folder)| {
        let folder = if is_same_folder { Folder::Files } else { Folder::Spool };
        let to = Path { folder: Folder::Files, doc, ending: Ending::Txt };
        What::Rename(Path { folder, ending: Ending::Tmp, ..to }, to)
    });
    prop_oneof![
        3 => (table(), keyed_cells()).prop_map(|(table, (key, cells))| What::Insert(table, key, cells)),
        4 => (table(), keyed_cells()).prop_map(|(table, (key, cells))| What::Upsert(table, key, cells)),
        3 => (table(), which(), change()).prop_map(|(table, which, change)| What::Update(table, which, change)),
        2 => (table(), which()).prop_map(|(table, which)| What::Delete(table, which)),
        4 => (path(), content()).prop_map(|(path, content)| What::Write(path, content)),
        1 => renamed,
        1 => path().prop_map(What::Remove),
        2 => key().prop_map(What::MakeFolder),
        1 => key().prop_map(What::RemoveFolder),
        1 => key().prop_map(What::RemoveTree),
        2 => (table(), which(), found()).prop_map(|(table, which, found)| What::Check(table, which, found)),
    ]
}

fn effect() -> impl Strategy<Value = Effect> {
    let on_error = prop_oneof![6 => Just(OnError::Fails), 1 => Just(OnError::GoesOn)];
    (what(), on_error).prop_map(|(what, on_error)| Effect { what, on_error })
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![3 => effect().prop_map(Part::One), 1 => vec(effect(), 1..=3).prop_map(Part::Transaction)]
}

fn seed() -> impl Strategy<Value = Seed> {
    prop_oneof![
        2 => (table(), keyed_cells()).prop_map(|(table, (key, cells))| Seed::Row(table, key, cells)),
        1 => (path(), content()).prop_map(|(path, content)| Seed::File(path, content)),
    ]
}

fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        3 => folder().prop_map(Start::SweepFiles),
        2 => Just(Start::SweepFolders),
        2 => Just(Start::SweepRows),
        2 => state().prop_map(Start::Finish),
        3 => (table(), state(), state()).prop_map(|(table, from, to)| Start::Close(table, from, to)),
        2 => (table(), state()).prop_map(|(table, state)| Start::Drop(table, state)),
        2 => table().prop_map(Start::DropUnparented),
        1 => (table(), state()).prop_map(|(table, state)| Start::RefuseWhen(table, state)),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        3 => Just(Rule::RowNeedsFile(Table::Docs)),
        1 => table().prop_map(Rule::RowNeedsFile),
        4 => Just(Rule::FileNeedsRow(Folder::Files, Table::Docs)),
        1 => (folder(), table()).prop_map(|(folder, table)| Rule::FileNeedsRow(folder, table)),
        3 => table().prop_map(Rule::Settles),
        2 => table().prop_map(Rule::ParentIsThere),
        1 => table().prop_map(Rule::DocNeeds),
        1 => table().prop_map(Rule::IsLog),
        1 => (key(), content()).prop_map(|(key, content)| Rule::Stores(key, content)),
        1 => Just(Rule::AnswerNamesDoc),
        1 => content().prop_map(Rule::AnswerNamesFile),
    ]
}
