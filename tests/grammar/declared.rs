//! The rules of a program, as halfway is told them.

use halfway::Rules;
use halfway::rules::{Column, Object, StoredIn, Target};

use super::program::{Program, Rule, State, Table};

/// Declares them.
pub(crate) fn declare(program: &Program) -> Rules {
    let mut rules = Rules::new();
    for table in &program.generated {
        rules = rules.generated_id(table.name(), "id");
    }
    let docs = Table::Docs.name();
    for rule in &program.rules {
        rules = match *rule {
            Rule::RowNeedsFile(table) => rules.row_needs_file(table.name(), "path"),
            Rule::FileNeedsRow(folder, table) => rules.file_needs_row(folder.name(), table.name(), "path"),
            Rule::Settles(table) => rules.settles(table.name(), "state", [State::Done.name(), State::Failed.name()]),
            Rule::ParentIsThere(table) => rules.reference(table.name(), "parent", docs, "id"),
            Rule::DocNeeds(table) => rules.needs_child(docs, "id", table.name(), "parent"),
            Rule::IsLog(table) => rules.log(table.name()),
            Rule::Stores(key, content) => {
                let place = StoredIn::File { path_column: "path".to_owned() };
                rules.row_stores(docs, ("id", key.given()), place, content.text().as_bytes())
            }
            Rule::AnswerNamesDoc => rules.answer_carries(Object::Answer, "doc", Target::Row(Column::new(docs, "id"))),
            Rule::AnswerNamesFile(content) => {
                let file = Target::File(content.text().as_bytes().into());
                rules.answer_carries(Object::Answer, "path", file)
            }
        };
    }
    rules
}
