//! The words for people that several views share: a schedule, a moment, a number, a text from outside.
//!
//! The names themselves belong to the vocabulary; here they become sentences.

use crate::observe::Moment;
use crate::report::ShrunkFrom;
use crate::schedule::{Phase, Place, PlannedFault, Schedule, StepRun};
use crate::story::Statements;

/// A schedule as it is typed, as a sentence. A line that is no schedule is its own sentence.
pub(crate) fn schedule(line: &str, statements: &Statements) -> String {
    let fault = |planned: &PlannedFault| {
        let step = planned.point.place.step();
        fault(planned, step.and_then(|run| statements.get(&run.step)).map(String::as_str))
    };
    match line.parse::<Schedule>() {
        Ok(schedule) if schedule.faults.is_empty() => "no fault at all".to_owned(),
        Ok(schedule) => schedule.faults.iter().map(fault).collect::<Vec<_>>().join(", then "),
        Err(_) => visible(line),
    }
}

/// What a finding was before it was made smaller, and how it was.
pub(super) fn smaller(shrunk: &ShrunkFrom, statements: &Statements) -> String {
    let because: Vec<String> = shrunk.because.iter().map(|sentence| visible(sentence)).collect();
    format!("from {}: {}", schedule(&shrunk.schedule, statements), because.join("; "))
}

/// A fault at its point. Where that is at or in a statement of SQL that no step names, `statement` says what it does.
pub(super) fn fault(planned: &PlannedFault, statement: Option<&str>) -> String {
    let point = &planned.point;
    let name = planned.fault.to_string();
    let name = name.split_once(':').map_or_else(|| name.clone(), |(name, cause)| format!("{name} ({cause})"));
    let phase = match planned.phase {
        Phase::FirstBoot => " in the first start",
        Phase::Attempt => "",
        Phase::Boot => " in boot",
        Phase::Retry => " in the retry",
        Phase::Impatient => " in the impatient retry",
    };
    let named = |step: &StepRun| {
        let name = statement.map_or_else(|| step.step.clone(), visible);
        format!("{name} #{}", step.occurrence)
    };
    let place = match &point.place {
        Place::Step(step) => named(step),
        Place::Answer => "the answer".to_owned(),
        Place::Operation { within: Some(step), operation } if statement.is_some() => {
            let (call, path) = (operation.call, visible(&operation.path));
            let when = format!("{path}, {} {call} {}", point.edge, operation.occurrence);
            return format!("{name} during {} ({when}){phase}", named(step));
        }
        Place::Operation { within, operation } => {
            let inside = within.as_ref().map_or(String::new(), |step| format!(" in {}", named(step)));
            format!("{} {} #{}{inside}", operation.call, visible(&operation.path), operation.occurrence)
        }
    };
    format!("{name} {} {place}{phase}", point.edge)
}

/// A moment.
pub(super) const fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::AtRest => "at rest",
        Moment::AfterRecovery => "after recovery",
        Moment::AfterRetry => "after the retry",
        Moment::AfterRestart => "after one more start",
    }
}

/// A number, its thousands apart.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many of these.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(count as u64), if count == 1 { one } else { many })
}

/// A text from outside, on one line: characters that would move the cursor or colour the terminal are written out.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || is_invisible(letter) {
            visible.extend(letter.escape_default());
        } else {
            visible.push(letter);
        }
    }
    visible
}

/// Marks that change the direction of the text around them, or take no place at all.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_a_sentence() {
        for (line, sentence) in [
            ("a/b", "no fault at all"),
            ("a/b c#1:before=crash", "crash before c #1"),
            ("a/b c#2:before=error:disk-full", "error (disk-full) before c #2"),
            ("a/b c#1:before=error boot/d#1:after=crash", "error before c #1, then crash after d #1 in boot"),
            (
                "a/b c#1:after=lost-ack retry/c#1:during=cancel impatient/e#3:before=panic",
                "lost-ack after c #1, then cancel during c #1 in the retry, then panic before e #3 in the impatient retry",
            ),
            (
                "a/b c#1/write@x/id-1.txt#2:during=torn:enospc boot/sync@.#1:after=power-loss",
                "torn (enospc) during write x/id-1.txt #2 in c #1, then power-loss after sync . #1 in boot",
            ),
            ("no schedule\u{7}", "no schedule\\u{7}"),
        ] {
            assert_eq!(schedule(line, &Statements::new()), sentence);
        }
    }

    #[test]
    fn a_statement_is_told_as_it_is_written() {
        let statements =
            Statements::from([("insert-into-book-authors".to_owned(), "INSERT INTO book_authors".to_owned())]);
        for (line, sentence) in [
            ("a/b insert-into-book-authors#2:before=error", "error before INSERT INTO book_authors #2"),
            (
                "a/b insert-into-book-authors#1/write@world.sqlite-wal#47:after=crash boot/c#1:before=crash",
                "crash during INSERT INTO book_authors #1 (world.sqlite-wal, after write 47), then crash before c #1 in boot",
            ),
        ] {
            assert_eq!(schedule(line, &statements), sentence);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (plain, grouped) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")]
        {
            assert_eq!(number(plain), grouped);
        }
    }

    #[test]
    fn a_text_from_outside_cannot_move_the_cursor() {
        assert_eq!(visible("Café — 日本\n\u{1b}[31m\t\u{202e}"), "Café — 日本\\n\\u{1b}[31m\\t\\u{202e}");
    }
}
