//! Colours the nodes of a graph, so that nodes of one colour play the same role.
//!
//! A node's first colour is its own content; each round adds the colours of its neighbours. Two graphs that differ only
//! in numbering get the same colours. Not told apart: graphs that this refinement cannot tell apart (such as one ring
//! of six equal rows and two rings of three), which no import leaves behind.

use super::digest::{Digest, halves};
use super::ids::Node;

pub(super) type Colour = u128;

/// A mention of one node in another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Node,
    pub(super) to: Node,
    /// Where in the one the other is mentioned.
    pub(super) label: u64,
}

/// Rows, their parents, the parents' parents, and so on: no schema under test is deeper.
const GENERATIONS: usize = 4;
/// Each round but the last tells at least two nodes apart; a schema has few levels, so few rounds are needed.
const MOST_ROUNDS: usize = 16;

const FORWARD: u64 = 1;
const BACKWARD: u64 = 2;
const ROUND: u64 = 3;
const MEMBER: u64 = 4;

/// Colours by everything that a node is connected with, until nothing more is told apart.
pub(super) fn by_neighbours(mut colours: Vec<Colour>, edges: &[Edge]) -> Vec<Colour> {
    if edges.is_empty() {
        return colours;
    }
    // Nodes without a connection are never told apart by it. Were they counted, a row of a log that nobody mentions could
    // change the number of rounds, and with it the colours of all others.
    let mut connected: Vec<usize> = edges.iter().flat_map(|edge| [edge.from as usize, edge.to as usize]).collect();
    connected.sort_unstable();
    connected.dedup();
    let mut classes = count_classes(&colours, &connected);
    for _ in 0..MOST_ROUNDS {
        let mut sums = vec![0; colours.len()];
        for edge in edges {
            let (from, to) = (edge.from as usize, edge.to as usize);
            add(&mut sums[from], mention(FORWARD, edge.label, colours[to]));
            add(&mut sums[to], mention(BACKWARD, edge.label, colours[from]));
        }
        refine(&mut colours, &sums);
        let told_apart = count_classes(&colours, &connected);
        if told_apart == classes {
            break;
        }
        classes = told_apart;
    }
    colours
}

/// Colours by what a node mentions, and what that mentions, never by who mentions it: a row that has got one child more
/// keeps its colour. The number of rounds is fixed, so that these colours compare between worlds that are not equal.
pub(super) fn by_ancestors(mut colours: Vec<Colour>, edges: &[Edge]) -> Vec<Colour> {
    for _ in 0..GENERATIONS {
        let mut sums = vec![0; colours.len()];
        for edge in edges {
            add(&mut sums[edge.from as usize], mention(FORWARD, edge.label, colours[edge.to as usize]));
        }
        refine(&mut colours, &sums);
    }
    colours
}

/// The colour that [`by_ancestors`] gives to one node. The edges are in the order of the nodes that they come from.
pub(super) fn of_one_by_ancestors(colours: &[Colour], edges: &[Edge], node: usize) -> Colour {
    fn of_generation(colours: &[Colour], edges: &[Edge], node: usize, generation: usize) -> Colour {
        let Some(before) = generation.checked_sub(1) else { return colours[node] };
        let first = edges.partition_point(|edge| (edge.from as usize) < node);
        let mine = edges[first..].iter().take_while(|edge| edge.from as usize == node);
        let mut sum = 0;
        for edge in mine {
            add(&mut sum, mention(FORWARD, edge.label, of_generation(colours, edges, edge.to as usize, before)));
        }
        let mut colour = [of_generation(colours, edges, node, before)];
        refine(&mut colour, &[sum]);
        colour[0]
    }
    of_generation(colours, edges, node, GENERATIONS)
}

/// One number for all members, whatever their order.
pub(super) fn together(members: impl Iterator<Item = Colour>) -> Colour {
    let mut sum = 0;
    let mut count = 0;
    for member in members {
        add(&mut sum, mention(MEMBER, 0, member));
        count += 1;
    }
    mention(MEMBER, count, sum)
}

fn mention(direction: u64, label: u64, colour: Colour) -> Colour {
    let mut digest = Digest::new(direction);
    digest.word(label);
    digest.wide(colour);
    digest.finish()
}

/// A sum, because neighbours have no order.
fn add(sum: &mut u128, term: u128) {
    *sum = sum.wrapping_add(term);
}

fn refine(colours: &mut [Colour], sums: &[u128]) {
    for (colour, &sum) in colours.iter_mut().zip(sums) {
        let mut digest = Digest::new(ROUND);
        digest.wide(*colour);
        digest.wide(sum);
        *colour = digest.finish();
    }
}

fn count_classes(colours: &[Colour], nodes: &[usize]) -> usize {
    let mut classes: Vec<u64> = nodes.iter().map(|&node| halves(colours[node]).0).collect();
    classes.sort_unstable();
    classes.dedup();
    classes.len()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn edges(pairs: &[(Node, Node)]) -> Vec<Edge> {
        pairs.iter().map(|&(from, to)| Edge { from, to, label: 0 }).collect()
    }

    #[test]
    fn equal_nodes_in_a_row_are_told_apart_up_to_the_middle() {
        let row = edges(&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]);
        let colours: BTreeSet<Colour> = by_neighbours(vec![0; 7], &row).into_iter().collect();
        assert_eq!(colours.len(), 7);
    }

    #[test]
    fn one_node_has_the_colour_by_its_ancestors_that_it_has_among_all() {
        let edges = edges(&[(0, 1), (0, 2), (1, 2), (2, 4), (2, 5), (4, 5), (5, 6), (6, 0)]);
        let contents: Vec<Colour> = (0..8).collect();
        let all = by_ancestors(contents.clone(), &edges);
        let each: Vec<Colour> = (0..8).map(|node| of_one_by_ancestors(&contents, &edges, node)).collect();
        assert_eq!(each, all);
    }
}
