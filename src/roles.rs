//! Compares worlds by role: which row is connected with which, not what its id is.
//!
//! Generated ids and times differ from run to run. Here a world is a graph whose nodes are rows and files; an id in a
//! value, a path or a text is a mention of the row that owns it. Two worlds are equal when their graphs are, which
//! [`Canonical`] decides with a [`Fingerprint`], and [`difference`] tells people where they are not.
//!
//! A [`Lens`] says how a world is read: by which rules, and which ids are no such thing, because they are the same in every
//! run (`constants.rs` has the table). A UUID, with hyphens or as 32 hexadecimal digits, that is not one of these is an id
//! even when no row owns it. Of a generated value it counts whether there is one, never which.
//!
//! The schema counts, as it is. It knows no criterion. Not verified: the order of rows, and ids that are numbers or short
//! texts outside declared references and patterns.

mod colours;
mod comparison;
mod constants;
mod difference;
mod digest;
mod graph;
mod ids;
mod lens;
mod made_up;
mod meanings;
mod names;
mod pairs;
mod schema;
mod shown;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::fmt;
use std::sync::OnceLock;

use crate::observe::Observation;
use colours::{Colour, by_ancestors, by_neighbours, of_one_by_ancestors, together};
use graph::{Graph, Kind};

pub(crate) use comparison::{Comparison, Extras};
pub(crate) use difference::{difference_between, extent_between, shortened};
pub(crate) use ids::without_uuids;
pub use lens::Lens;
pub(crate) use meanings::{Meaning, Meanings};
pub(crate) use names::{Names, count, grouped, size_of};
pub(crate) use vocabulary::Vocabulary;

/// A world's role form as one number: equal for equal worlds, in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The role form of a world: what is left of it when ids and times are taken for what they mean.
#[derive(Debug)]
pub struct Canonical {
    graph: Graph,
    colours: Vec<Colour>,
    whole: Fingerprint,
    core: Fingerprint,
    /// Needed for few worlds only, so made on demand.
    descriptors: OnceLock<Vec<Colour>>,
}

/// What of a world is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All rows and files.
    Everything,
    /// The rows of logs.
    Logs,
}

/// A world as it was seen, with its role form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) lens: &'a Lens,
    pub(crate) observation: &'a Observation,
    pub(crate) form: &'a Canonical,
}

impl Canonical {
    /// The role form of what was seen.
    pub fn new(lens: &Lens, observation: &Observation) -> Self {
        let graph = Graph::new(lens, observation);
        let colours = by_neighbours(graph.contents.clone(), &graph.edges);
        let beside = schema::digest(lens, observation, &graph.index);
        let whole = fingerprint(&graph, &colours, beside, |kind| kind != Kind::Nobody);
        let core = if graph.kinds.contains(&Kind::Log) {
            let (contents, edges) = graph.without_logs();
            let colours = by_neighbours(contents, &edges);
            fingerprint(&graph, &colours, beside, |kind| matches!(kind, Kind::Row | Kind::File))
        } else {
            whole
        };
        Self { graph, colours, whole, core, descriptors: OnceLock::new() }
    }

    /// Of all rows and files. The answer does not count.
    pub fn fingerprint(&self) -> Fingerprint {
        self.whole
    }

    /// Of all rows and files but those of logs; who mentions a row of a log mentions nobody in particular.
    pub fn fingerprint_without_logs(&self) -> Fingerprint {
        self.core
    }

    /// For each node, what it is and what it refers to, directly or not: what refers to it does not count.
    fn descriptors(&self) -> &[Colour] {
        self.descriptors.get_or_init(|| by_ancestors(self.graph.contents.clone(), &self.graph.edges))
    }

    /// What one node is and what it refers to.
    fn descriptor(&self, node: usize) -> Colour {
        match self.descriptors.get() {
            Some(descriptors) => descriptors[node],
            None => of_one_by_ancestors(&self.graph.contents, &self.graph.edges, node),
        }
    }

    /// The rows and files, by number, that are here and have no equal in the other world. Each equal counts once.
    fn without_equal_in(&self, other: &Self, part: Part) -> Vec<usize> {
        if self.whole == other.whole {
            return Vec::new();
        }
        // Of several that are equal but for what refers to them, those go first that are equal in this, too. Which ones
        // are left must depend on their roles alone, never on the order of rows.
        let (mine, theirs) = (self.nodes(part), other.nodes(part));
        let (mine, theirs) = cancel((&self.colours, mine), (&other.colours, theirs));
        let by_colour = |form: &Self, mut nodes: Vec<usize>| {
            nodes.sort_by_key(|&node| form.colours[node]);
            nodes
        };
        let (mine, theirs) = (by_colour(self, mine), by_colour(other, theirs));
        let (mut alone, _) = cancel((self.descriptors(), mine), (other.descriptors(), theirs));
        alone.sort_by_key(|&node| self.colours[node]);
        alone
    }

    /// The rows and files, by number, that others refer to in another way than in the other world.
    fn connected_otherwise_than(&self, other: &Self) -> Vec<usize> {
        let (mine, theirs) = (self.nodes(Part::Everything), other.nodes(Part::Everything));
        let (mut mine, _) = cancel((&self.colours, mine), (&other.colours, theirs));
        mine.retain(|&node| self.graph.edges.iter().any(|edge| edge.to as usize == node));
        mine
    }

    fn nodes(&self, part: Part) -> Vec<usize> {
        let meant = |kind| match part {
            Part::Everything => kind != Kind::Nobody,
            Part::Logs => kind == Kind::Log,
        };
        (0..self.graph.kinds.len()).filter(|&node| meant(self.graph.kinds[node])).collect()
    }

    /// Whether each row or file of this part has an equal of its own in the other world. Extras there are allowed:
    /// equals are told by what they refer to, not by what refers to them.
    pub(crate) fn is_contained_in(&self, other: &Self, part: Part) -> bool {
        self.without_equal_in(other, part).is_empty()
    }
}

impl Seen<'_> {
    /// Whether each row and file has an equal of its own in the other world. A directory with nothing in it is there, too,
    /// where something lies in it.
    pub(crate) fn is_contained_in(&self, other: &Self) -> bool {
        let files = self.form.graph.starts.last().copied().unwrap_or_default();
        let is_filled = |node: usize| {
            let file = node.checked_sub(files).and_then(|at| self.observation.files.iter().nth(at));
            file.is_some_and(|(path, entry)| comparison::is_filled(&(path, entry), other.observation))
        };
        self.form.without_equal_in(other.form, Part::Everything).into_iter().all(is_filled)
    }
}

/// What the second world has more, less, or otherwise than the first: sentences for people, with rows named by role.
///
/// Empty exactly when both are equal. The sentences hold no generated value, so they are the same in every run.
pub fn difference(lens: &Lens, from: &Observation, to: &Observation) -> Vec<String> {
    let (from_form, to_form) = (Canonical::new(lens, from), Canonical::new(lens, to));
    let seen = |observation, form| Seen { lens, observation, form };
    difference_between(seen(from, &from_form), seen(to, &to_form), Extras::Told)
}

/// Nodes of one world with a number for each.
type Numbered<'a> = (&'a [Colour], Vec<usize>);

/// What is left of both when nodes with equal numbers are taken away in pairs.
fn cancel((my_numbers, mut mine): Numbered, (their_numbers, mut theirs): Numbered) -> (Vec<usize>, Vec<usize>) {
    mine.sort_by_key(|&node| my_numbers[node]);
    theirs.sort_by_key(|&node| their_numbers[node]);
    let (mut my_rest, mut their_rest) = (Vec::new(), Vec::new());
    let mut theirs = theirs.into_iter().peekable();
    for node in mine {
        let number = my_numbers[node];
        while let Some(other) = theirs.next_if(|&other| their_numbers[other] < number) {
            their_rest.push(other);
        }
        if theirs.next_if(|&other| their_numbers[other] == number).is_none() {
            my_rest.push(node);
        }
    }
    their_rest.extend(theirs);
    (my_rest, their_rest)
}

/// A text with the ids in it replaced by the names of the rows that own them in this world.
pub(crate) fn by_role(lens: &Lens, observation: &Observation, text: &str) -> String {
    let form = Canonical::new(lens, observation);
    Names::new(Seen { lens, observation, form: &form }).without_ids(text)
}

/// A number for these bytes: equal for equal bytes, in every process.
pub(crate) fn digest_of(bytes: &[u8]) -> u128 {
    digest::of_bytes(0, bytes)
}

/// Of what stands beside rows and files, and of those that count.
fn fingerprint(graph: &Graph, colours: &[Colour], beside: Colour, counts: impl Fn(Kind) -> bool) -> Fingerprint {
    let members = colours.iter().zip(&graph.kinds).filter(|&(_, &kind)| counts(kind));
    Fingerprint(together(members.map(|(&colour, _)| colour).chain([beside])))
}
