//! Which parts of paths are made up anew, as two runs without faults show it.
//!
//! A UUID, a digest or a temporary name is known by its looks. A shorter one is not: `covers/k3xq9.png` may be anybody's
//! name. Where two runs take the same steps and differ in it alone, it is made up anew, and has a number instead.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Paths with holes for what is made up anew, learned from runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vocabulary(BTreeSet<Template>);

/// A path in pieces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Template {
    grain: Grain,
    /// None where something is made up anew.
    pieces: Vec<Option<String>>,
}

/// What is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Grain {
    /// Letters and digits.
    Fine,
    /// Hyphens and underscores, too: names are made up that have them.
    Coarse,
}

impl Vocabulary {
    /// Learns from paths that are the same but for what is made up anew. Returns whether there was anything to learn.
    pub(crate) fn learn(&mut self, one: &str, other: &str) -> bool {
        let learned = [Grain::Fine, Grain::Coarse].into_iter().find_map(|grain| Template::of(grain, one, other));
        learned.is_some_and(|template| self.0.insert(template))
    }

    /// In how many words two paths differ that are the same but for what is made up anew; none where they are not.
    pub(super) fn likeness(one: &str, other: &str) -> Option<usize> {
        let template = [Grain::Fine, Grain::Coarse].into_iter().find_map(|grain| Template::of(grain, one, other))?;
        Some(template.pieces.iter().filter(|piece| piece.is_none()).count())
    }

    /// The path, with `name` of each word that is made up anew.
    pub(crate) fn named(&self, path: &str, mut name: impl FnMut(&str) -> String) -> Option<String> {
        let (mut named, mut rest) = (String::new(), 0);
        for word in self.made_up(path)? {
            let piece = &path[word.clone()];
            named.push_str(&path[rest..word.start]);
            named.push_str(&if is_number(piece) { piece.to_owned() } else { name(piece) });
            rest = word.end;
        }
        Some(named + &path[rest..])
    }

    /// Where the words stand that are made up anew in this path; none where it is of no kind that is known.
    pub(super) fn made_up(&self, path: &str) -> Option<Vec<Range<usize>>> {
        self.0.iter().find_map(|template| {
            let pieces = template.grain.pieces(path);
            let place = |piece: &str| piece.as_ptr().addr() - path.as_ptr().addr();
            let words = || pieces.iter().zip(&template.pieces).filter(|(_, known)| known.is_none());
            template.fits(&pieces).then(|| words().map(|(piece, _)| place(piece)..place(piece) + piece.len()).collect())
        })
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Template {
    fn of(grain: Grain, one: &str, other: &str) -> Option<Self> {
        let (one, other) = (grain.pieces(one), grain.pieces(other));
        if one.len() != other.len() {
            return None;
        }
        let piece = |(one, other): (&&str, &&str)| match (one == other, is_word(one) && is_word(other)) {
            // Another one of its kind may look as if it were not made up anew: a digit less is enough.
            (true, true) if is_number(one) => Some(None),
            (true, _) => Some(Some((*one).to_owned())),
            (false, true) => Some(None),
            (false, false) => None,
        };
        let pieces: Vec<Option<String>> = one.iter().zip(&other).map(piece).collect::<Option<_>>()?;
        pieces.contains(&None).then_some(Self { grain, pieces })
    }

    fn fits(&self, pieces: &[&str]) -> bool {
        let fits = |(known, piece): (&Option<String>, &&str)| match known {
            Some(known) => known == piece,
            None => is_word(piece),
        };
        self.pieces.len() == pieces.len() && self.pieces.iter().zip(pieces).all(fits)
    }
}

impl Grain {
    fn is_of_a_word(self, letter: char) -> bool {
        letter.is_alphanumeric() || (self == Self::Coarse && matches!(letter, '-' | '_'))
    }

    /// Words, numbers of what is made up anew, and what stands between.
    fn pieces(self, path: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = path;
        while let Some(first) = rest.chars().next() {
            let is_word = self.is_of_a_word(first);
            let end = rest.find(|letter: char| self.is_of_a_word(letter) != is_word).unwrap_or(rest.len());
            let end = number_at(rest).unwrap_or(end);
            pieces.push(&rest[..end]);
            rest = &rest[end..];
        }
        pieces
    }
}

/// The length of `id-` and a number at the beginning.
fn number_at(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("id-")?;
    let count = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    (count > 0).then_some("id-".len() + count)
}

fn is_number(piece: &str) -> bool {
    number_at(piece) == Some(piece.len())
}

fn is_word(piece: &str) -> bool {
    piece.chars().next().is_some_and(char::is_alphanumeric) || piece.starts_with(['-', '_']) && piece.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, path: &str, expected: Option<&str>) {
        let mut vocabulary = Vocabulary::default();
        vocabulary.learn(one, other);
        let mut count = 0;
        let named = vocabulary.named(path, |_| {
            count += 1;
            format!("id-{count}")
        });
        assert_eq!(named.as_deref(), expected, "{one} and {other} teach nothing of {path}");
    }

    #[test]
    fn what_differs_between_two_paths_is_made_up_anew_in_others_of_their_kind() {
        check("covers/k3xq9.png", "covers/b7.png", "covers/zz.png", Some("covers/id-1.png"));
        check("covers/k3xq9.png", "covers/b7.png", "covers/zz.jpg", None);
        check("covers/k3xq9.png", "covers/b7.png", "thumbs/zz.png", None);
        check("a/id-1/x7", "a/id-2/y", "a/id-9/zz", Some("a/id-9/id-1"));
        check("a/V1StGX_R8-Z5/f", "a/Ujf-k__x/f", "a/-x_y/f", Some("a/id-1/f"));
        check("x1-y1.txt", "x2-y2.txt", "x3-y3.txt", Some("id-1-id-2.txt"));
        check("covers/id-1.png", "covers/id-1.png", "covers/b7.png", Some("covers/id-1.png"));
        check("a/id-x1.b", "a/id-x2.b", "a/id-zz.b", Some("a/id-id-1.b"));
        check("a/id-x1.b", "a/id-x2.b", "a/id-7zz.b", None);
        // A number is given already.
        check("covers/k3xq9.png", "covers/b7.png", "covers/id-4.png", Some("covers/id-4.png"));
    }

    #[test]
    fn two_paths_are_alike_by_the_words_in_which_they_differ() {
        let likeness = Vocabulary::likeness;
        assert_eq!(likeness("covers/k3xq9.png", "covers/b7.png"), Some(1));
        assert_eq!(likeness("x1-y1.txt", "x2-y2.txt"), Some(2));
        for (one, other) in [("a/b.txt", "a/b.txt"), ("a/b.txt", "a/c/b.txt"), ("a.", ".a")] {
            assert_eq!(likeness(one, other), None, "{one} and {other}");
        }
    }

    #[test]
    fn paths_of_another_build_teach_nothing() {
        check("a/b.txt", "a/b.txt", "a/b.txt", None);
        check("a/b.txt", "a/c/b.txt", "a/d.txt", None);
        check("a/.x", "a/x", "a/y", None);
    }
}
