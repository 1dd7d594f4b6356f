//! Fits words into a width.
//!
//! Knows nothing of what the words say. Commands are not wrapped here: a line that is copied has to stay one line.

use unicode_width::UnicodeWidthChar as _;
use unicode_width::UnicodeWidthStr as _;

/// How many columns the text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The text behind `first`, broken at blanks so that no line is wider than `width`; the lines after the first are
/// indented as deep as the first one begins. A word that is wider than a whole line is broken where the line ends.
pub(super) fn hanging(first: &str, text: &str, width: usize) -> String {
    items(first, text.split(' ').filter(|word| !word.is_empty()), " ", width)
}

/// As [`hanging`], but broken only between items, where the separator stands otherwise.
pub(super) fn items<'a>(
    first: &str,
    items: impl IntoIterator<Item = &'a str>,
    separator: &str,
    width: usize,
) -> String {
    let indent = columns(first);
    let room = width.saturating_sub(indent).max(1);
    let mut lines = vec![String::new()];
    for item in items {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            lines.pop();
            lines.extend(pieces(item, room));
        } else if columns(line) + columns(separator) + columns(item) <= room {
            line.extend([separator, item]);
        } else {
            lines.extend(pieces(item, room));
        }
    }
    first.to_owned() + &lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// The text, cut to a width; the last column of a text that was cut is an ellipsis.
pub(super) fn clip(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut clipped = pieces(text, width.saturating_sub(1).max(1)).swap_remove(0);
    clipped.push('…');
    clipped
}

/// The text with blanks behind it, up to a width.
pub(super) fn pad(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(columns(text)))
}

fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let wide = letter.width().unwrap_or(0);
        if used + wide > room && used > 0 {
            pieces.push(String::new());
            used = 0;
        }
        pieces.last_mut().expect("there is a first piece").push(letter);
        used += wide;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hang_below_the_first_one() {
        for (text, wrapped) in [
            ("", "left "),
            ("one", "left one"),
            ("one two", "left one\n     two"),
            ("one  two", "left one\n     two"),
            ("a b c d", "left a b c\n     d"),
            ("abcdefgh i", "left abcde\n     fgh i"),
            ("a bcdefgh", "left a\n     bcdef\n     gh"),
            ("日本語", "left 日本\n     語"),
        ] {
            assert_eq!(hanging("left ", text, 10), wrapped, "{text:?}");
        }
    }

    #[test]
    fn a_clipped_text_is_as_wide_as_it_was_cut_and_says_so() {
        for (text, width, clipped) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…")]
        {
            assert_eq!(clip(text, width), clipped);
            assert!(columns(clipped) <= width);
        }
    }
}
