//! The matrix: a row for each strategy, a column for each criterion, the worst grade in each cell.
//!
//! A violated cell says which classes of first fault break the promise, and whether one fault is enough: that is what
//! tells one repair from another. The layout gives way as the terminal gets narrower; nothing is left out.

use crate::fault::FaultClass;
use crate::judge::{Criterion, Grade};
use crate::report::{CellFault, Report, StrategyReport, wrap};

/// The matrix and its legend, each with an empty line behind it. Nothing when there is no strategy.
pub(super) fn render(report: &Report, width: usize) -> String {
    if report.strategies.is_empty() {
        return String::new();
    }
    let table = Table::of(report);
    let narrowest = LAYOUTS.len() - 1;
    let layout = LAYOUTS.into_iter().find(|&layout| table.width(layout) <= width).unwrap_or(LAYOUTS[narrowest]);
    let mut text = table.heading(layout);
    text.push_str(&table.body(layout, width));
    text + "\n" + &legend(report, layout, width) + "\n"
}

/// How the matrix is laid out.
#[derive(Clone, Copy)]
struct Layout {
    headings: Headings,
    gap: usize,
    expectation: Expectation,
}

/// How the names of the criteria stand above their columns.
#[derive(Clone, Copy)]
enum Headings {
    /// One word below the other.
    Stacked,
    /// Each on a line of its own, left of its column: the columns are as narrow as their cells.
    Staggered,
}

/// What the last column says.
#[derive(Clone, Copy)]
enum Expectation {
    /// What is expected, and whether it is so.
    Named,
    /// Only whether it is so, before the name of the strategy; there is no last column.
    Marked,
}

/// From the widest to the narrowest.
const LAYOUTS: [Layout; 4] = [
    Layout { headings: Headings::Stacked, gap: 2, expectation: Expectation::Named },
    Layout { headings: Headings::Stacked, gap: 1, expectation: Expectation::Named },
    Layout { headings: Headings::Staggered, gap: 1, expectation: Expectation::Named },
    Layout { headings: Headings::Staggered, gap: 1, expectation: Expectation::Marked },
];

/// What the last column adds where there is room.
const SURPRISE: &str = " NOT AS EXPECTED";

/// How far a strategy stands to the right of its flow.
const INDENT: usize = 2;

/// A name is cut on a terminal that is too narrow even for the last layout, but no shorter than this.
const SHORTEST_NAME: usize = 14;

/// So many classes of faults are shorter as a word than as their letters.
const WORTH_A_WORD: usize = 3;

struct Table<'a> {
    criteria: Vec<Criterion>,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    flow: &'a str,
    name: &'a str,
    cells: Vec<String>,
    strategy: &'a StrategyReport,
}

impl<'a> Table<'a> {
    fn of(report: &'a Report) -> Self {
        let applies = |criterion: &Criterion| report.strategies.iter().any(|row| row.knows(*criterion));
        let criteria: Vec<_> = Criterion::ALL.into_iter().filter(applies).collect();
        let classes = report.classes();
        let rows = report.strategies.iter().map(|strategy| Row {
            flow: &strategy.flow,
            name: &strategy.strategy,
            cells: criteria.iter().map(|&criterion| cell(strategy, criterion, &classes)).collect(),
            strategy,
        });
        Self { rows: rows.collect(), criteria }
    }

    fn width(&self, layout: Layout) -> usize {
        let columns: usize = self.columns(layout).iter().map(|column| column + layout.gap).sum();
        let last = self.rows.iter().map(|row| wrap::columns(&row.last(layout))).max().unwrap_or(0);
        self.names() + columns + last
    }

    fn names(&self) -> usize {
        INDENT + self.rows.iter().map(|row| wrap::columns(row.name)).max().unwrap_or(0)
    }

    fn columns(&self, layout: Layout) -> Vec<usize> {
        let heading = |criterion: Criterion| match layout.headings {
            Headings::Stacked => criterion.name().split('-').map(str::len).max().unwrap_or(0),
            Headings::Staggered => 1,
        };
        let widest = |at: usize| self.rows.iter().map(|row| wrap::columns(&row.cells[at])).max().unwrap_or(0);
        self.criteria.iter().enumerate().map(|(at, &criterion)| widest(at).max(heading(criterion))).collect()
    }

    fn heading(&self, layout: Layout) -> String {
        match layout.headings {
            Headings::Stacked => self.stacked(layout),
            Headings::Staggered => self.staggered(layout),
        }
    }

    fn stacked(&self, layout: Layout) -> String {
        let words: Vec<Vec<_>> = self.criteria.iter().map(|criterion| criterion.name().split('-').collect()).collect();
        let height = words.iter().map(Vec::len).max().unwrap_or(0);
        let columns = self.columns(layout);
        let mut text = String::new();
        for line in 0..height {
            let mut out = " ".repeat(self.names());
            for (words, &column) in words.iter().zip(&columns) {
                // The last words stand side by side, just above the cells.
                let word = (line + words.len()).checked_sub(height).map_or("", |at| words[at]);
                out.push_str(&" ".repeat(layout.gap));
                out.push_str(&wrap::pad(word, column));
            }
            text.push_str(out.trim_end());
            text.push('\n');
        }
        text
    }

    fn staggered(&self, layout: Layout) -> String {
        let columns = self.columns(layout);
        let start = |at: usize| {
            self.names() + layout.gap + columns[..at].iter().map(|column| column + layout.gap).sum::<usize>()
        };
        let mut text = String::new();
        for (at, criterion) in self.criteria.iter().enumerate().rev() {
            let mut out = format!("{:>width$}╮", format!("{criterion} "), width = start(at));
            for right in at + 1..columns.len() {
                out = wrap::pad(&out, start(right)) + "│";
            }
            text.push_str(&out);
            text.push('\n');
        }
        text
    }

    fn body(&self, layout: Layout, width: usize) -> String {
        let columns = self.columns(layout);
        let excess = self.width(layout).saturating_sub(width);
        let names = self.names().saturating_sub(excess).max(SHORTEST_NAME.min(self.names()));
        let spare = width.saturating_sub(self.width(layout));
        let mut text = String::new();
        let mut flow = "";
        for row in &self.rows {
            if row.flow != flow {
                flow = row.flow;
                text.push_str(flow);
                text.push('\n');
            }
            let mut out = wrap::pad(&wrap::clip(&row.first(layout), names), names);
            for (cell, &column) in row.cells.iter().zip(&columns) {
                out.push_str(&" ".repeat(layout.gap));
                out.push_str(&wrap::pad(cell, column));
            }
            out.push_str(&row.last(layout));
            if !row.strategy.as_expected && spare >= SURPRISE.len() {
                out.push_str(SURPRISE);
            }
            text.push_str(out.trim_end());
            text.push('\n');
        }
        text
    }
}

impl Row<'_> {
    fn mark(&self) -> &'static str {
        if self.strategy.as_expected { "✓" } else { "✗" }
    }

    fn first(&self, layout: Layout) -> String {
        match layout.expectation {
            Expectation::Named => format!("  {}", self.name),
            Expectation::Marked => format!("{} {}", self.mark(), self.name),
        }
    }

    /// The last column, and what parts it from the one before.
    fn last(&self, layout: Layout) -> String {
        match layout.expectation {
            Expectation::Named => {
                format!("{:gap$}{:<6} {}", "", self.strategy.expect.name(), self.mark(), gap = layout.gap)
            }
            Expectation::Marked => String::new(),
        }
    }
}

/// What stands in a cell.
pub(in crate::report) fn cell(strategy: &StrategyReport, criterion: Criterion, asked: &[FaultClass]) -> String {
    match strategy.worst(criterion) {
        None => "·".to_owned(),
        Some(Grade::Held) => "held".to_owned(),
        Some(Grade::HealedByRecovery) => "boot".to_owned(),
        Some(Grade::HealedByRetry) => "retry".to_owned(),
        Some(Grade::Violated) => format!("✗{}", breakers(strategy, criterion, asked)),
    }
}

/// The classes of first fault that break a promise: a capital where one fault is enough, a small letter where it takes
/// more.
fn breakers(strategy: &StrategyReport, criterion: Criterion, asked: &[FaultClass]) -> String {
    let fewest = |fault: CellFault| {
        let violated = |cell: &&crate::report::Cell| {
            cell.fault == fault && cell.criterion == criterion && cell.grade == Grade::Violated
        };
        strategy.cells.iter().filter(violated).map(|cell| cell.depth).min()
    };
    let alone = if fewest(CellFault::None).is_some() { "-" } else { "" };
    let depths: Vec<_> = FaultClass::ALL.map(|class| (class, fewest(CellFault::Class(class)))).into();
    let all = |enough: fn(u32) -> bool| {
        asked.len() >= WORTH_A_WORD
            && asked.iter().all(|class| depths.iter().any(|(known, depth)| known == class && depth.is_some_and(enough)))
    };
    if all(|depth| depth <= 1) {
        return format!("{alone}ALL");
    }
    if all(|depth| depth > 1) {
        return format!("{alone}all");
    }
    let letters = depths.iter().filter_map(|&(class, depth)| match depth? {
        ..=1 => Some(letter(class)),
        _ => Some(letter(class).to_ascii_lowercase()),
    });
    letters.fold(alone.to_owned(), |mut text, letter| {
        text.push(letter);
        text
    })
}

/// The letter of a class.
pub(in crate::report) const fn letter(class: FaultClass) -> char {
    match class {
        FaultClass::Error => 'E',
        FaultClass::LostAck => 'L',
        FaultClass::Outage => 'O',
        FaultClass::Cancel => 'C',
        FaultClass::Panic => 'P',
        FaultClass::Crash => 'K',
        FaultClass::DiskError => 'D',
        FaultClass::Torn => 'T',
        FaultClass::PowerLoss => 'W',
    }
}

fn legend(report: &Report, layout: Layout, width: usize) -> String {
    let mut grades = vec!["held: at every moment", "boot: healed by recovery", "retry: healed by the retry"];
    grades.push("·: not judged");
    match layout.expectation {
        Expectation::Named => {}
        Expectation::Marked => grades.push("✓ in front: as expected"),
    }
    let asked = &report.classes();
    let mut said = vec!["VIOLATED, by the class of the first fault:".to_owned()];
    said.extend(asked.iter().map(|&class| format!("{} {class},", letter(class))));
    if asked.len() >= WORTH_A_WORD {
        said.push("ALL each of these,".to_owned());
    }
    said.push("- no fault".to_owned());
    if report.options.depth > 1 {
        said.push("(a small letter: only with another fault)".to_owned());
    }
    let said = wrap::items("✗: ", said.iter().map(String::as_str), " ", width);
    format!("{}\n{said}\n", wrap::items("", grades, "   ", width))
}
