//! What a success answer has to say: what the answer of a run without faults says, but for what is made up anew.
//!
//! Two runs without faults are known. What differs between their answers and is no id of a row is made up anew in each
//! run; so is what a column holds that is declared as generated, a later time, and what the rules waive. Everything else is
//! compared, field by field; an id means its row. Elements of an array are compared in their order, unless that differs
//! between the two runs, or is the order of ids that are made up anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::rule_check::unescaped;
use super::times::is_a_little_later;
use crate::observe::{Answer, Observation, Value};
use crate::roles::{Meaning, Meanings, Seen};
use crate::rules::{Column, Rules};

/// The answer of a run without faults, and which parts of it compare.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) answer: Json,
    root: Field,
    waived: Waived,
}

/// A part of an answer.
#[derive(Debug)]
enum Field {
    /// It may be anything, or missing.
    Any,
    /// A text, a number, a truth value or null.
    Value(Json),
    Object(BTreeMap<String, Field>),
    Array(Order, Vec<Field>),
}

/// How the elements of an array compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Kept,
    Free,
}

/// Where in an answer a field is: the names and numbers on the way to it.
pub(super) type Path = Vec<String>;

/// One difference between an answer and the expected one.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) path: Path,
    pub(super) what: What,
}

/// What is different.
#[derive(Debug, PartialEq)]
pub(super) enum What {
    Lacking,
    Unexpected,
    /// As it was expected, and as it is.
    Otherwise(Json, Json),
    /// It names a row of another role.
    OtherRow(Json),
    /// It names a row that is not there.
    NoRow,
    /// How many elements there are, and how many were expected.
    Elements(usize, usize),
    /// An element that is not expected, where the order does not count.
    Element,
}

impl Expected {
    /// Of two runs without faults. `None` where one of them was not answered with success.
    pub(super) fn new(rules: &Rules, one: Seen, other: Seen) -> Option<Self> {
        let (Some(Answer::Success(answer)), Some(Answer::Success(again))) =
            (&one.observation.answer, &other.observation.answer)
        else {
            return None;
        };
        let waived = Waived(
            rules.answer_may_differ.iter().map(|pointer| pointer.split('/').skip(1).map(unescaped).collect()).collect(),
        );
        let generated = [one, other].map(|seen| Generated::of(rules, seen.observation));
        let learning = Learning { meanings: Meanings::new(one, other), generated, waived: &waived };
        let root = learning.field(answer, again, &mut Path::new());
        Some(Self { answer: answer.clone(), root, waived })
    }

    /// Where this answer says something else.
    pub(super) fn differences(&self, meanings: &Meanings, answer: &Json) -> Vec<Difference> {
        let mut found = Vec::new();
        Comparing { meanings, waived: &self.waived }.field(&self.root, Some(answer), &mut Path::new(), &mut found);
        found
    }
}

/// What the rules waive, each as the names on the way to it; `*` stands for any.
#[derive(Debug)]
struct Waived(Vec<Path>);

impl Waived {
    fn holds(&self, path: &[String]) -> bool {
        let is_it = |pointer: &Path| {
            pointer.len() == path.len()
                && pointer.iter().zip(path).all(|(wanted, name)| wanted == "*" || wanted == name)
        };
        self.0.iter().any(is_it)
    }
}

/// The values of the columns that are declared as generated: texts, and numbers that are too large to be met by chance.
struct Generated(BTreeSet<String>);

const LARGE: f64 = 1e6;

impl Generated {
    fn of(rules: &Rules, observation: &Observation) -> Self {
        let values = |Column { table, column }: &Column| {
            let at = observation.tables.get(table).and_then(|table| Some((table, table.column(column)?)));
            at.into_iter().flat_map(|(table, at)| table.rows.iter().map(move |row| &row[at]))
        };
        let word = |value: &Value| match value {
            Value::Text(text) => Some(text.to_string()),
            Value::Integer(_) | Value::Real(_) => {
                value.as_number().filter(|number| number.abs() >= LARGE).map(|_| value.to_string())
            }
            Value::Null | Value::Blob(_) => None,
        };
        Self(rules.generated.iter().flat_map(values).filter_map(word).collect())
    }

    fn holds(&self, value: &Json) -> bool {
        match value {
            Json::String(text) => self.0.contains(text),
            Json::Number(number) => self.0.contains(&number.to_string()),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => false,
        }
    }
}

/// Finds out which parts compare.
struct Learning<'a> {
    meanings: Meanings<'a>,
    generated: [Generated; 2],
    waived: &'a Waived,
}

impl Learning<'_> {
    fn field(&self, one: &Json, other: &Json, path: &mut Path) -> Field {
        if self.waived.holds(path) {
            return Field::Any;
        }
        match (one, other) {
            (Json::Object(one), Json::Object(other)) => {
                let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                let field = |name: &String| {
                    path.push(name.clone());
                    let both = one.get(name).zip(other.get(name));
                    let field = both.map_or(Field::Any, |(one, other)| self.field(one, other, path));
                    path.pop();
                    (name.clone(), field)
                };
                Field::Object(names.into_iter().map(field).collect())
            }
            (Json::Array(one), Json::Array(other)) if one.len() == other.len() => self.array(one, other, path),
            (one, other) if self.is_generated(one, other) || !self.means_the_same(one, other) => Field::Any,
            (one, _) => Field::Value(one.clone()),
        }
    }

    fn array(&self, one: &[Json], other: &[Json], path: &mut Path) -> Field {
        let (order, partners) = match self.partners(one, other) {
            Some(partners) => (Order::Free, partners),
            None => (Order::Kept, other.iter().collect()),
        };
        let fields = one.iter().zip(partners).enumerate().map(|(at, (one, other))| {
            path.push(at.to_string());
            let field = self.field(one, other, path);
            path.pop();
            field
        });
        Field::Array(order, fields.collect())
    }

    /// For each element the one that means the same, where all have one, and not in the same order.
    fn partners<'j>(&self, one: &[Json], other: &'j [Json]) -> Option<Vec<&'j Json>> {
        if one.iter().zip(other).all(|(one, other)| self.is_same(one, other)) {
            return None;
        }
        let mut free: Vec<&Json> = other.iter().collect();
        let partner = |one: &Json| free.iter().position(|other| self.is_same(one, other)).map(|at| free.remove(at));
        one.iter().map(partner).collect()
    }

    fn is_same(&self, one: &Json, other: &Json) -> bool {
        match (one, other) {
            (Json::Object(one), Json::Object(other)) => {
                let is_same =
                    |(name, one): (&String, &Json)| other.get(name).is_some_and(|other| self.is_same(one, other));
                one.len() == other.len() && one.iter().all(is_same)
            }
            (Json::Array(one), Json::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.is_same(one, other))
            }
            (one, other) => self.is_generated(one, other) || self.means_the_same(one, other),
        }
    }

    fn means_the_same(&self, one: &Json, other: &Json) -> bool {
        meaning(&self.meanings, one, other) == Meaning::Same
    }

    fn is_generated(&self, one: &Json, other: &Json) -> bool {
        let [generated, generated_again] = &self.generated;
        generated.holds(one) && generated_again.holds(other)
    }
}

/// How two values compare that are neither arrays nor objects.
fn meaning(meanings: &Meanings, was: &Json, is: &Json) -> Meaning {
    let number = |number: &serde_json::Number| number.as_i64().map(Value::from);
    match (was, is) {
        (Json::String(was), Json::String(is)) => meanings.of_texts(was, is),
        (was, is) if was == is => Meaning::Same,
        (Json::Number(was), Json::Number(is)) => {
            let ids = number(was).zip(number(is));
            let is_one = ids.is_some_and(|(was, is)| meanings.are_ids_of_one(&was, &is));
            if is_one || was.as_f64() == is.as_f64() { Meaning::Same } else { Meaning::Other }
        }
        _ => Meaning::Other,
    }
}

struct Comparing<'c, 'a> {
    meanings: &'c Meanings<'a>,
    waived: &'c Waived,
}

impl Comparing<'_, '_> {
    fn field(&self, expected: &Field, is: Option<&Json>, path: &mut Path, found: &mut Vec<Difference>) {
        let mut tell = |what: What| found.push(Difference { path: path.clone(), what });
        match (expected, is) {
            (Field::Any, _) => {}
            (Field::Value(Json::Null), None) => {}
            (Field::Value(_) | Field::Object(_) | Field::Array(..), None) => tell(What::Lacking),
            (Field::Value(was), Some(is)) => match meaning(self.meanings, was, is) {
                Meaning::Other if is_a_little_later(was, is) => {}
                Meaning::Same => {}
                Meaning::Other if is.is_null() => tell(What::Lacking),
                Meaning::Other => tell(What::Otherwise(was.clone(), is.clone())),
                Meaning::OtherRow => tell(What::OtherRow(is.clone())),
                Meaning::NoRow => tell(What::NoRow),
            },
            (Field::Object(fields), Some(Json::Object(are))) => self.object(fields, are, path, found),
            (Field::Array(order, fields), Some(Json::Array(are))) => self.array(*order, fields, are, path, found),
            (Field::Object(_) | Field::Array(..), Some(Json::Null)) => tell(What::Lacking),
            (Field::Object(_), Some(is)) => tell(What::Otherwise(Json::Object(serde_json::Map::new()), is.clone())),
            (Field::Array(..), Some(is)) => tell(What::Otherwise(Json::Array(Vec::new()), is.clone())),
        }
    }

    fn object(
        &self,
        fields: &BTreeMap<String, Field>,
        are: &serde_json::Map<String, Json>,
        path: &mut Path,
        found: &mut Vec<Difference>,
    ) {
        for (name, field) in fields {
            path.push(name.clone());
            self.field(field, are.get(name), path, found);
            path.pop();
        }
        let unexpected = are.iter().filter(|(name, is)| !fields.contains_key(*name) && !is.is_null());
        for (name, _) in unexpected {
            path.push(name.clone());
            if !self.waived.holds(path) {
                found.push(Difference { path: path.clone(), what: What::Unexpected });
            }
            path.pop();
        }
    }

    fn array(&self, order: Order, fields: &[Field], are: &[Json], path: &mut Path, found: &mut Vec<Difference>) {
        if fields.len() != are.len() {
            found.push(Difference { path: path.clone(), what: What::Elements(are.len(), fields.len()) });
            return;
        }
        let mut in_order = Vec::new();
        for (at, (field, is)) in fields.iter().zip(are).enumerate() {
            path.push(at.to_string());
            self.field(field, Some(is), path, &mut in_order);
            path.pop();
        }
        if in_order.is_empty() {
            return;
        }
        let strangers = self.strangers(fields, are, path);
        match order {
            Order::Free => {
                let element =
                    |at: usize| Difference { path: [path.as_slice(), &[at.to_string()]].concat(), what: What::Element };
                found.extend(strangers.into_iter().map(element));
            }
            Order::Kept if strangers.is_empty() && self.is_in_order_of_ids(fields, are) => {}
            Order::Kept => found.extend(in_order),
        }
    }

    /// The elements without an expected one of their own, whatever the order.
    fn strangers(&self, fields: &[Field], are: &[Json], path: &mut Path) -> Vec<usize> {
        let mut free: Vec<&Field> = fields.iter().collect();
        let mut strangers = Vec::new();
        for (at, is) in are.iter().enumerate() {
            path.push(at.to_string());
            let is_expected = |field: &&Field| {
                let mut found = Vec::new();
                self.field(field, Some(is), &mut path.clone(), &mut found);
                found.is_empty()
            };
            match free.iter().position(is_expected) {
                Some(at) => drop(free.remove(at)),
                None => strangers.push(at),
            }
            path.pop();
        }
        strangers
    }

    /// Whether both arrays are in the order of the same field, with an id that is made up anew.
    fn is_in_order_of_ids(&self, fields: &[Field], are: &[Json]) -> bool {
        let is_id = |text: &str| self.meanings.names_somebody(text);
        let named = |field: &Field| match field {
            Field::Value(Json::String(text)) if is_id(text) => Some(text.clone()),
            Field::Any | Field::Value(_) | Field::Object(_) | Field::Array(..) => None,
        };
        let texts = |name: Option<&str>| {
            let was = fields.iter().map(|field| match (field, name) {
                (Field::Object(fields), Some(name)) => named(fields.get(name)?),
                (field, None) => named(field),
                (Field::Any | Field::Value(_) | Field::Array(..), Some(_)) => None,
            });
            let is = are.iter().map(|is| Some(name.map_or(Some(is), |name| is.get(name))?.as_str()?.to_owned()));
            was.collect::<Option<Vec<String>>>().zip(is.collect::<Option<Vec<String>>>())
        };
        let names: Vec<Option<&str>> = match fields.first() {
            Some(Field::Object(fields)) => fields.keys().map(|name| Some(name.as_str())).collect(),
            Some(Field::Any | Field::Value(_) | Field::Array(..)) | None => vec![None],
        };
        names.into_iter().filter_map(texts).any(|(was, is)| was.is_sorted() && is.is_sorted())
    }
}
