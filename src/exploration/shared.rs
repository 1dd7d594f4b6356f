//! Decides which explorations are this machine's, when several machines share the tests: `HALFWAY_SHARD=2/4`.
//!
//! A test does not know of the other tests, so the name of its subject alone decides. Not verified: that the other
//! machines run at all.

use std::env;

use crate::report::Shard;
use crate::subject::Subject;

/// Which machine this is, of how many.
const SHARD: &str = "HALFWAY_SHARD";

/// Whether another machine explores this subject; says so on the standard error.
///
/// # Panics
/// When the value in the environment is no shard.
#[track_caller]
pub(super) fn is_of_another_shard(subject: &Subject) -> bool {
    let Some(typed) = env::var(SHARD).ok().filter(|typed| !typed.trim().is_empty()) else { return false };
    let shard: Shard = typed.trim().parse().unwrap_or_else(|problem| panic!("{SHARD}: {problem}"));
    let number = number_of(&subject.name(), shard.of);
    if number == shard.number {
        return false;
    }
    eprintln!(
        "halfway: {} belongs to shard {number}/{}, and this is {shard}: it is not explored",
        subject.name(),
        shard.of
    );
    true
}

/// The shard of a subject, from 1: the same on each machine and with each version of Rust (FNV-1a).
fn number_of(name: &str, of: usize) -> usize {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let of = u64::try_from(of).expect("a count fits into 64 bits");
    usize::try_from(hash % of).expect("it is less than a count") + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_one_shard_and_each_shard_gets_some() {
        let names: Vec<String> = (0..40).map(|number| format!("import/strategy-{number}")).collect();
        for of in 1..6 {
            let mut counts = vec![0; of];
            for name in &names {
                counts[number_of(name, of) - 1] += 1;
            }
            assert!(counts.iter().all(|&count| count > 0), "{of} shards: {counts:?}");
        }
    }

    #[test]
    fn the_shard_of_a_name_is_the_same_wherever_it_is_asked_for() {
        // From the published test vectors of FNV-1a with 64 bits.
        assert_eq!(number_of("foobar", 1 << 16), 0x67e8 + 1);
    }
}
