//! Children that lie in the span of a parent, and are linked to it or not.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Scene;
use super::evidence::Evidence;
use super::rows::Key;
use crate::observe::{Table, Value};
use crate::roles::grouped;
use crate::rules::{Column, Span};

/// Links that are missing, and links that lead elsewhere.
pub(super) fn not_linked(scene: &Scene) -> Vec<Evidence> {
    scene.rules.spans.iter().flat_map(|span| judge_span(scene, span)).collect()
}

/// The columns that a span names.
pub(super) fn columns(span: &Span) -> Vec<Column> {
    let child = [&span.position, &span.link, &span.scope].map(|column| Column::new(&span.child, column));
    let parent = [&span.id, &span.from, &span.to, &span.scope].map(|column| Column::new(&span.parent, column));
    child.into_iter().chain(parent).collect()
}

/// A parent's reach.
struct Reach<'a> {
    id: Option<Key<'a>>,
    from: f64,
    to: f64,
    row: usize,
}

impl Reach<'_> {
    fn holds(&self, position: f64) -> bool {
        self.from <= position && position < self.to
    }
}

fn judge_span(scene: &Scene, span: &Span) -> Vec<Evidence> {
    let tables = &scene.now.observation.tables;
    let (Some(children), Some(parents)) = (tables.get(&span.child), tables.get(&span.parent)) else {
        return Vec::new();
    };
    let Some(reaches) = reaches(span, parents) else { return Vec::new() };
    let known: HashSet<Key> = reaches.values().flatten().filter_map(|reach| reach.id).collect();
    let columns = [&span.position, &span.link, &span.scope].map(|column| children.column(column));
    let [Some(position), Some(link), Some(scope)] = columns else { return Vec::new() };
    let (mut lacking, mut lacked, mut misled) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (row, values) in children.rows.iter().enumerate() {
        let Some(at) = values[position].as_number() else { continue };
        let within = Key::of(&values[scope]).and_then(|scope| reaches.get(&scope)).into_iter().flatten();
        let within: Vec<&Reach> = within.filter(|reach| reach.holds(at)).collect();
        let linked = Key::of(&values[link]);
        if linked.is_some_and(|linked| within.iter().any(|reach| reach.id == Some(linked))) {
            continue;
        }
        if linked.is_some_and(|linked| known.contains(&linked)) {
            misled.push(row);
        } else if !within.is_empty() {
            lacked.push(row);
            lacking.extend(within.iter().map(|reach| reach.row));
        }
    }
    let lacking: Vec<usize> = lacking.into_iter().collect();
    told(scene, span, &lacking, &lacked, &misled)
}

fn told(scene: &Scene, span: &Span, lacking: &[usize], lacked: &[usize], misled: &[usize]) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if !lacking.is_empty() {
        let (verb, names) =
            (if lacking.len() == 1 { "lacks" } else { "lack" }, scene.names.rows(&span.parent, lacking));
        let who =
            if lacking.len() == 1 { names } else { format!("{} {} ({names})", grouped(lacking.len()), span.parent) };
        let lie = if lacked.len() == 1 { "1 row" } else { &format!("{} rows", grouped(lacked.len())) };
        let does = if lacked.len() == 1 { "lies" } else { "lie" };
        let sentence = format!("{who} {verb} {lie} of {} that {does} within", span.child);
        let places = [scene.rows(&span.parent, lacking), scene.rows(&span.child, lacked)].concat();
        evidence.push(Evidence::said(sentence).of_rule(span.claim()).at(places));
    }
    if !misled.is_empty() {
        let names = scene.names.rows(&span.child, misled);
        let (verb, lie) = if misled.len() == 1 { ("is", "it lies") } else { ("are", "they lie") };
        let sentence = format!("{names} {verb} linked to a row of {} outside of which {lie}", span.parent);
        evidence.push(Evidence::said(sentence).of_rule(span.claim()).at(scene.rows(&span.child, misled)));
    }
    evidence
}

/// The parents' reaches by scope. A parent without an end reaches for ever.
fn reaches<'a>(span: &Span, parents: &'a Table) -> Option<HashMap<Key<'a>, Vec<Reach<'a>>>> {
    let columns = [&span.id, &span.from, &span.to, &span.scope].map(|column| parents.column(column));
    let [Some(id), Some(from), Some(to), Some(scope)] = columns else { return None };
    let mut reaches: HashMap<Key, Vec<Reach>> = HashMap::new();
    for (row, values) in parents.rows.iter().enumerate() {
        let end = if values[to] == Value::Null { Some(f64::INFINITY) } else { values[to].as_number() };
        if let (Some(scope), Some(from), Some(to)) = (Key::of(&values[scope]), values[from].as_number(), end) {
            reaches.entry(scope).or_default().push(Reach { id: Key::of(&values[id]), from, to, row });
        }
    }
    Some(reaches)
}
