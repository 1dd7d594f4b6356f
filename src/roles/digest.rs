//! A digest of 128 bits, fast, and the same in every process.
//!
//! Two lanes of multiply-and-fold with constants of their own. Good enough that no two of a million worlds meet by
//! chance; no defence against somebody who looks for a collision.

const LEFT: u64 = 0x9e37_79b9_7f4a_7c15;
const RIGHT: u64 = 0xd6e8_feb8_6659_fd93;

/// A digest in the making.
#[derive(Clone, Copy)]
pub(super) struct Digest {
    left: u64,
    right: u64,
}

impl Digest {
    /// A digest for this purpose: what is digested for another one never looks the same.
    pub(super) const fn new(purpose: u64) -> Self {
        Self { left: LEFT.wrapping_add(purpose), right: RIGHT ^ purpose.rotate_left(17) }
    }

    pub(super) fn word(&mut self, word: u64) {
        self.left = fold(self.left ^ word, LEFT);
        self.right = fold(self.right.rotate_left(29) ^ word, RIGHT);
    }

    pub(super) fn wide(&mut self, wide: u128) {
        let (high, low) = halves(wide);
        self.word(high);
        self.word(low);
    }

    /// The length goes first, so that no two sequences of byte strings look the same.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().expect("a chunk of eight is eight bytes")));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last));
        }
    }

    pub(super) fn finish(mut self) -> u128 {
        let (left, right) = (self.left, self.right);
        self.word(left.wrapping_add(right.rotate_left(32)));
        u128::from(self.left) << 64 | u128::from(self.right)
    }
}

/// The digest of one byte string.
pub(super) fn of_bytes(purpose: u64, bytes: &[u8]) -> u128 {
    let mut digest = Digest::new(purpose);
    digest.bytes(bytes);
    digest.finish()
}

/// Both halves, high and low.
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
pub(super) const fn halves(wide: u128) -> (u64, u64) {
    ((wide >> 64) as u64, wide as u64)
}

const fn fold(a: u64, b: u64) -> u64 {
    let (high, low) = halves(a as u128 * b as u128);
    high ^ low
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn byte_strings_that_differ_in_one_bit_or_in_their_length_have_different_digests() {
        let mut seen = BTreeSet::new();
        let mut count = 0;
        for length in 0..40_usize {
            seen.insert(of_bytes(0, &vec![0; length]));
            count += 1;
            for bit in 0..length * 8 {
                let mut bytes = vec![0; length];
                bytes[bit / 8] |= 1 << (bit % 8);
                seen.insert(of_bytes(0, &bytes));
                count += 1;
            }
        }
        assert_eq!(seen.len(), count);
        let lane: BTreeSet<u64> = seen.iter().map(|&digest| halves(digest).0).collect();
        assert_eq!(lane.len(), count, "each lane tells them apart alone");
    }

    #[test]
    fn each_lane_tells_words_apart_before_they_are_mixed() {
        let mut lanes = [BTreeSet::new(), BTreeSet::new()];
        for bit in 0..64 {
            let mut digest = Digest::new(0);
            digest.word(1 << bit);
            lanes[0].insert(digest.left);
            lanes[1].insert(digest.right);
        }
        let ones: u32 = lanes.iter().flatten().map(|lane| lane.count_ones()).sum();
        assert!((3_600..4_600).contains(&ones), "about half of all bits are set: {ones} of 8192");
        assert_eq!(lanes.map(|lane| lane.len()), [64, 64]);
    }

    #[test]
    fn order_and_purpose_count() {
        let pair = |purpose, a, b| {
            let mut digest = Digest::new(purpose);
            digest.word(a);
            digest.word(b);
            digest.finish()
        };
        assert_ne!(pair(0, 1, 2), pair(0, 2, 1));
        assert_ne!(pair(0, 1, 2), pair(1, 1, 2));
    }
}
