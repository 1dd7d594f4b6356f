//! Which of the legal worlds are tried.

use super::Storage;
use super::storage::Pending;
use crate::fault::{FEW, Fate, Fates, Survivors};

/// So many combinations are all tried; the contract says the same number.
pub(crate) const ALL_OF: usize = 32;

/// So many changes are each lost by themselves; the contract says the same number.
pub(crate) const SINGLE: usize = 16;

impl Storage {
    /// Which changes survive, for each world that is tried if the power goes now; the worst first. Where nothing is
    /// unsynced there is one world.
    pub(crate) fn choices(&self) -> Vec<Survivors> {
        let pending = self.pending();
        if pending.is_empty() {
            return vec![Survivors::Nothing];
        }
        let mut choices = vec![
            Survivors::Nothing,
            Survivors::Names,
            Survivors::Data,
            Survivors::Zeros,
            Survivors::Short,
            Survivors::Everything,
        ];
        match combinations(pending) {
            Some(all) => choices.extend(all),
            None => choices.extend(single_losses(pending.len())),
        }
        choices
    }
}

/// Every combination, if they are few.
fn combinations(pending: &[Pending]) -> Option<impl Iterator<Item = Survivors>> {
    let count = pending.iter().map(|pending| pending.fates().len()).try_fold(1_usize, usize::checked_mul)?;
    if pending.len() > FEW || count > ALL_OF {
        return None;
    }
    let combination = move |mut number: usize| {
        let fate = |pending: &Pending| {
            let fates = pending.fates();
            let fate = fates[number % fates.len()];
            number /= fates.len();
            fate
        };
        let fates: Vec<Fate> = pending.iter().map(fate).collect();
        Survivors::Each(Fates::new(&fates).expect("they are few, and not none"))
    };
    Some((0..count).map(combination))
}

/// Single losses at even distances, the first and the last among them.
fn single_losses(count: usize) -> impl Iterator<Item = Survivors> {
    let tried = count.min(SINGLE);
    let place = move |at: usize| at * (count - 1) / (tried - 1).max(1) + 1;
    (0..tried).map(move |at| Survivors::AllBut(u32::try_from(place(at)).expect("changes are counted in thousands")))
}
