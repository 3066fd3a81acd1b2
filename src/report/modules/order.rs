//! The order of boxes around an ellipse: what acts on others stands left of what it acts on, with few crossings of edges.
use super::graph::Graph;
use nalgebra::{DMatrix, DVector};

/// Crossings that a box may save by standing one place further from its level.
const FIDELITY: f64 = 1.2;

/// The boxes around the ellipse, clockwise from its left end: along the upper half to the right end and back along the lower half.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// the leftmost, the upper ones from left to right, then the rightmost, the lower ones from right to left
    pub around: Vec<usize>,
    /// how many stand on the upper half, without the two ends
    pub upper: usize,
}

impl Order {
    /// How many places two boxes lie apart around the ellipse.
    pub fn distance(&self, a: usize, b: usize) -> usize {
        let place = |node: usize| self.around.iter().position(|known| *known == node);
        let apart = match (place(a), place(b)) {
            (Some(a), Some(b)) => a.abs_diff(b),
            _ => 0,
        };
        apart.min(self.around.len() - apart)
    }
}

/// Finds the order: levels from left to right, halves by turns, then swaps of two boxes as long as one saves more crossings than
/// it displaces.
pub fn order(graph: &Graph) -> Order {
    let count = graph.nodes.len();
    let levels = levels(graph);
    let mut by_level: Vec<usize> = (0..count).collect();
    by_level.sort_by(|a, b| levels[*a].total_cmp(&levels[*b]).then(a.cmp(b)));
    let mut rank = vec![0; count];
    for (place, node) in by_level.iter().enumerate() {
        rank[*node] = place;
    }
    if count < 3 {
        return Order {
            around: by_level,
            upper: 0,
        };
    }
    let (mut upper, mut lower) = (vec![by_level[0]], Vec::new());
    for (place, node) in by_level[1..count - 1].iter().enumerate() {
        match place % 2 {
            0 => upper.push(*node),
            _ => lower.push(*node),
        }
    }
    let middle = upper.len() - 1;
    upper.push(by_level[count - 1]);
    upper.extend(lower.into_iter().rev());
    let mut around = upper;
    let mut best = cost(graph, &around, middle, &rank);
    loop {
        let mut better = None;
        for i in 0..count {
            for j in i + 1..count {
                around.swap(i, j);
                let found = cost(graph, &around, middle, &rank);
                if found < best - 1e-9 {
                    best = found;
                    better = Some((i, j));
                }
                around.swap(i, j);
            }
        }
        match better {
            Some((i, j)) => around.swap(i, j),
            None => break,
        }
    }
    Order {
        around,
        upper: middle,
    }
}

/// Trophic levels (MacKay, Johnson, Sansom 2020, doi:10.1098/rsos.201138): the least squares of level(to) - level(from) - 1 over edges.
fn levels(graph: &Graph) -> Vec<f64> {
    let count = graph.nodes.len();
    let mut matrix = DMatrix::<f64>::identity(count, count) * 1e-6;
    let mut side = DVector::<f64>::zeros(count);
    for bundle in &graph.bundles {
        let (from, to) = (bundle.from, bundle.to);
        matrix[(from, from)] += 1.0;
        matrix[(to, to)] += 1.0;
        matrix[(from, to)] -= 1.0;
        matrix[(to, from)] -= 1.0;
        side[to] += 1.0;
        side[from] -= 1.0;
    }
    match matrix.cholesky() {
        Some(factor) => factor.solve(&side).iter().copied().collect(),
        None => vec![0.0; count],
    }
}

/// Where a place around the ellipse stands from left to right, between 0 and `count - 1`.
fn across(place: usize, upper: usize, count: usize) -> f64 {
    let lower = count - 2 - upper;
    let most = (count - 1) as f64;
    match place {
        0 => 0.0,
        p if p <= upper => most * p as f64 / (upper + 1) as f64,
        p if p == upper + 1 => most,
        p => most * (count - p) as f64 / (lower + 1) as f64,
    }
}

/// Crossings of edges, and how far boxes stand from their levels.
fn cost(graph: &Graph, around: &[usize], upper: usize, rank: &[usize]) -> f64 {
    let count = around.len();
    let mut place = vec![0; count];
    let mut displaced = 0.0;
    for (at, node) in around.iter().enumerate() {
        place[*node] = at;
        displaced += (across(at, upper, count) - rank[*node] as f64).abs();
    }
    let mut chords: Vec<(usize, usize)> = (graph.bundles.iter())
        .map(|b| (place[b.from], place[b.to]))
        .map(|(a, b)| (a.min(b), a.max(b)))
        .collect();
    chords.sort_unstable();
    chords.dedup();
    let mut crossings = 0;
    for (number, (a, b)) in chords.iter().enumerate() {
        let others = chords[number + 1..].iter();
        crossings += others
            .filter(|(c, d)| (a < c && c < b && b < d) || (c < a && a < d && d < b))
            .count();
    }
    crossings as f64 + FIDELITY * displaced
}

#[cfg(test)]
mod tests {
    use super::super::graph::{Bundle, Node};
    use super::*;

    #[test]
    fn a_chain_stands_from_left_to_right() {
        let bundle = |from, to| Bundle {
            from,
            to,
            couplings: Vec::new(),
        };
        let graph = Graph {
            nodes: vec![Node::default(); 4],
            bundles: vec![bundle(2, 0), bundle(0, 3), bundle(3, 1)],
        };
        let order = order(&graph);
        assert_eq!(order.around[0], 2, "what nothing acts on is leftmost");
        assert_eq!(order.around[order.upper + 1], 1);
    }
}
