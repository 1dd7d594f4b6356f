//! Small changes to a program.

use super::program::{Answer, Effect, Journal, OnError, Part, Program, Rule, Seed, Shape, Start, Table, What};

/// One change. Numbers pick a place, whatever there is of them.
#[derive(Clone, Debug)]
pub(crate) enum Alteration {
    RemovePart(u8),
    SwapParts(u8),
    FlattenTransaction(u8),
    WrapParts(u8, u8),
    RemoveStart(u8),
    RemoveUndo(u8),
    Tolerate(u8),
    SwapInsertAndUpsert(u8),
    AddPart(u8, Part),
    AddUndo(u8, Effect),
    AddStart(Start),
    AddSeed(Seed),
    ToggleRule(Rule),
    ToggleGenerated(Table),
    SetAnswer(Answer),
    SetShape(Shape),
    SetJournal(Journal),
}

/// Makes the change, where there is a place for it.
pub(crate) fn apply(program: &mut Program, alteration: Alteration) {
    match alteration {
        Alteration::RemovePart(at) if program.import.len() > 1 => drop(take(&mut program.import, at)),
        Alteration::SwapParts(at) if program.import.len() > 1 => {
            let at = usize::from(at) % (program.import.len() - 1);
            program.import.swap(at, at + 1);
        }
        Alteration::FlattenTransaction(at) => flatten(&mut program.import, at),
        Alteration::WrapParts(from, to) => wrap(&mut program.import, from, to),
        Alteration::RemoveStart(at) => drop(take(&mut program.boot, at)),
        Alteration::RemoveUndo(at) => drop(take(&mut program.undo, at)),
        Alteration::Tolerate(at) => alter(program, at, |effect| effect.on_error = OnError::GoesOn),
        Alteration::SwapInsertAndUpsert(at) => alter(program, at, |effect| {
            if let What::Insert(table, key, cells) = effect.what {
                effect.what = What::Upsert(table, key, cells);
            } else if let What::Upsert(table, key, cells) = effect.what {
                effect.what = What::Insert(table, key, cells);
            }
        }),
        Alteration::AddPart(at, part) => {
            let at = usize::from(at) % (program.import.len() + 1);
            program.import.insert(at, part);
        }
        Alteration::AddUndo(at, effect) => {
            let at = usize::from(at) % (program.undo.len() + 1);
            program.undo.insert(at, effect);
        }
        Alteration::AddStart(start) => program.boot.push(start),
        Alteration::AddSeed(seed) => program.seeds.push(seed),
        Alteration::ToggleRule(rule) => {
            if !program.rules.remove(&rule) {
                program.rules.insert(rule);
            }
        }
        Alteration::ToggleGenerated(table) => {
            if !program.generated.remove(&table) {
                program.generated.insert(table);
            }
        }
        Alteration::SetAnswer(answer) => program.answer = answer,
        Alteration::SetShape(shape) => program.shape = shape,
        Alteration::SetJournal(journal) => program.journal = journal,
        Alteration::RemovePart(_) | Alteration::SwapParts(_) => {}
    }
}

fn take<T>(list: &mut Vec<T>, at: u8) -> Option<T> {
    let at = usize::from(at).checked_rem(list.len())?;
    Some(list.remove(at))
}

fn alter(program: &mut Program, at: u8, change: impl Fn(&mut Effect)) {
    let mut effects: Vec<&mut Effect> = program
        .import
        .iter_mut()
        .flat_map(|part| match part {
            Part::One(effect) => std::slice::from_mut(effect),
            Part::Transaction(effects) => effects,
        })
        .collect();
    if let Some(at) = usize::from(at).checked_rem(effects.len()) {
        change(effects[at]);
    }
}

/// Carries the effects of a transaction out one by one.
fn flatten(parts: &mut Vec<Part>, at: u8) {
    let transactions = |part: &(usize, &Part)| matches!(part.1, Part::Transaction(_));
    let places: Vec<usize> = parts.iter().enumerate().filter(transactions).map(|(place, _)| place).collect();
    let Some(at) = usize::from(at).checked_rem(places.len()) else {
        return;
    };
    if let Part::Transaction(effects) = parts.remove(places[at]) {
        parts.splice(places[at]..places[at], effects.into_iter().map(Part::One));
    }
}

/// Carries some parts out in one transaction.
fn wrap(parts: &mut Vec<Part>, from: u8, to: u8) {
    let Some(from) = usize::from(from).checked_rem(parts.len()) else {
        return;
    };
    let to = from + 1 + usize::from(to) % (parts.len() - from);
    let wrapped = parts.drain(from..to).flat_map(|part| match part {
        Part::One(effect) => vec![effect],
        Part::Transaction(effects) => effects,
    });
    let wrapped = wrapped.collect();
    parts.insert(from, Part::Transaction(wrapped));
}
