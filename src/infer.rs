//! Rules that nobody wrote: what the schema, names, and two runs without faults say of a flow.
//!
//! | rule | because of |
//! |---|---|
//! | a reference | a foreign key; a column `book_id` whose values are ids of `books` |
//! | an id | keys that differ between the two runs, and those that the database counts |
//! | a generated value | what else differs, and what is the time of the run |
//! | row ↔ file | texts that are paths of files, and paths that are made of the values of a row |
//! | a state that settles | what a finished run leaves in a column such as `status` |
//! | a log | a table's name |
//!
//! What is declared wins. A rule that the runs themselves break is not inferred: without faults nothing is wrong. Not
//! inferred, since nothing shows it: that a parent needs a child, spans, which bytes of the request are stored where, and
//! what an answer promises beside being that of a run without faults.

mod chance;
mod files;
mod folders;
mod ids;
mod inside_files;
mod named;
mod names;
mod on_disk;
mod references;
mod rule;
mod schema;
mod values;

use crate::observe::{Observation, Table};
use crate::rules::{Column, Rules};

use rule::Rule;
pub use rule::{Argument, Inferred, as_rust, as_toml};
pub(crate) use values::Span;

/// What inference looks at.
pub(crate) struct Runs<'a> {
    /// The world on which the application was never started.
    pub(crate) bare: &'a Observation,
    /// What two first starts left there.
    pub(crate) starts: [&'a Observation; 2],
    /// The world before the request.
    pub(crate) before: &'a Observation,
    /// What two runs without faults left.
    pub(crate) results: [&'a Observation; 2],
    /// When all that took place.
    pub(crate) during: Span,
}

/// The declared rules and those that can be inferred beside them, where the declared ones ask for that; and why. Whether
/// they do or not: what two first starts make in another way is generated, since all cases but those of a broken first start
/// share one of them.
///
/// # Errors
/// What cannot be meant, with its remedy: absolute paths, an exception from what was not inferred.
pub(crate) fn infer(declared: &Rules, runs: &Runs) -> Result<(Rules, Vec<Inferred>), String> {
    let mut draft = Draft { runs, rules: declared.clone(), found: Vec::new(), left_out: Vec::new() };
    ids::of_first_starts(&mut draft);
    if declared.inference.is_on {
        files::expect_relative_paths(&draft)?;
        references::infer(&mut draft);
        names::logs(&mut draft);
        ids::infer(&mut draft);
        files::infer(&mut draft);
        inside_files::infer(&mut draft);
        names::states(&mut draft);
    }
    draft.expect_exceptions()?;
    // What the request has to do with comes first.
    draft.found.sort_by_key(|inferred| inferred.is_untouched);
    Ok((draft.rules, draft.found))
}

/// The rules as far as they are known.
struct Draft<'a> {
    runs: &'a Runs<'a>,
    rules: Rules,
    found: Vec<Inferred>,
    /// The subjects of rules that were to be left out.
    left_out: Vec<String>,
}

impl<'a> Draft<'a> {
    /// Adds a rule, unless it is switched off.
    fn add(&mut self, rule: &Rule, because: impl Into<String>) {
        let subject = rule.subject();
        if self.rules.inference.but_not.contains(&subject) {
            self.left_out.push(subject);
            return;
        }
        let is_untouched = rule.table().is_some_and(|table| self.leaves_as_it_is(table));
        self.found.push(Inferred { is_untouched, ..rule.inferred(because.into()) });
        self.rules = rule.added_to(std::mem::take(&mut self.rules));
    }

    /// Whether both runs leave the rows of a table as they were.
    fn leaves_as_it_is(&self, table: &str) -> bool {
        let rows = |world: &'a Observation| world.tables.get(table).map(|table| &table.rows);
        self.runs.results.iter().all(|&world| rows(world) == rows(self.runs.before))
    }

    /// The worlds, that before the request first.
    fn worlds(&self) -> [&'a Observation; 3] {
        [self.runs.before, self.runs.results[0], self.runs.results[1]]
    }

    /// The tables of a world that are part of it.
    fn tables<'w>(&self, world: &'w Observation) -> Vec<(&'w str, &'w Table)> {
        let tables = world.tables.iter().filter(|(name, _)| !self.rules.ignored_tables.contains(*name));
        tables.map(|(name, table)| (name.as_str(), table)).collect()
    }

    /// All columns of the tables of the first run.
    fn columns(&self) -> Vec<Column> {
        let tables = self.tables(self.runs.results[0]).into_iter();
        tables.flat_map(|(name, table)| table.columns.iter().map(move |column| Column::new(name, column))).collect()
    }

    /// Whether values of this column are known to differ from run to run.
    fn is_generated(&self, column: &Column) -> bool {
        self.rules.generated.contains(column) || self.rules.generated_ids.contains(column)
    }

    fn expect_exceptions(&self) -> Result<(), String> {
        let inference = &self.rules.inference;
        let Some(unknown) = inference.but_not.iter().find(|subject| !self.left_out.contains(subject)) else {
            return Ok(());
        };
        let mut known: Vec<&str> = self.found.iter().map(|inferred| inferred.subject.as_str()).collect();
        known.dedup();
        let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
        let remedy =
            if inference.is_on { "" } else { "; rules are inferred where they begin with `Rules::inferred()`" };
        Err(format!("`not_inferred(\"{unknown}\")` switches nothing off: halfway infers rules of {known}{remedy}"))
    }
}

#[cfg(test)]
mod tests;
