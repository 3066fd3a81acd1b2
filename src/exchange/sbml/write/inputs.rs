//! Inputs as functions of time: one cubic a segment, in choices that nest no deeper than the table needs.
use crate::compile::InputKind;
use crate::expr::{Compare, Expr, Graph};
use crate::schedule::{Dual, coefficients};

/// The most choices side by side; more are grouped, so that a table of n knots nests about log n deep.
const SIDE_BY_SIDE: usize = 8;

/// The value of an input as an expression of time.
pub(super) fn expression(graph: &mut Graph, kind: InputKind, knots: &[(f64, f64)]) -> Expr {
    let dual = |value| Dual::new(value, 0.0);
    let duals: Vec<(Dual, Dual)> = knots.iter().map(|(t, v)| (dual(*t), dual(*v))).collect();
    if duals.is_empty() {
        return graph.number(0.0);
    }
    let mut pieces: Vec<(f64, Expr)> = Vec::new();
    for segment in 0..=duals.len() {
        let (c, t0) = coefficients(kind, &duals, segment);
        let time = graph.time();
        let start = graph.number(t0);
        let s = graph.sub(time, start);
        let mut value = graph.number(c[3].value);
        for coefficient in [c[2], c[1], c[0]] {
            let lower = graph.number(coefficient.value);
            let scaled = graph.mul(value, s);
            value = graph.add(lower, scaled);
        }
        let end = knots.get(segment).map_or(f64::INFINITY, |knot| knot.0);
        match pieces.last_mut() {
            // equal neighbours are one piece; of knots at one time only the last opens a segment
            Some(last) if last.1 == value => last.0 = end,
            Some(last) if segment > 1 && knots[segment - 1].0 == knots[segment - 2].0 => {
                *last = (end, value)
            }
            _ => pieces.push((end, value)),
        }
    }
    choice(graph, &pieces)
}

/// The piece in force: each holds until the time before it.
fn choice(graph: &mut Graph, pieces: &[(f64, Expr)]) -> Expr {
    let size = pieces.len().div_ceil(SIDE_BY_SIDE);
    let mut groups: Vec<(f64, Expr)> = Vec::new();
    for group in pieces.chunks(size.max(1)) {
        let value = match group {
            [single] => single.1,
            several => choice(graph, several),
        };
        groups.push((group[group.len() - 1].0, value));
    }
    let (_, mut value) = groups[groups.len() - 1];
    for &(end, earlier) in groups[..groups.len() - 1].iter().rev() {
        let (time, end) = (graph.time(), graph.number(end));
        let before = graph.compare(Compare::Less, time, end);
        value = graph.select(before, earlier, value);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(f64, f64); 5] = [(0.0, 1.0), (1.0, 2.0), (2.5, 2.5), (3.0, 7.0), (4.0, 6.0)];

    fn value(kind: InputKind, knots: &[(f64, f64)], time: f64) -> f64 {
        let mut graph = Graph::new();
        let e = expression(&mut graph, kind, knots);
        graph.evaluate(e, &|_| None, time).unwrap()
    }

    #[test]
    fn inputs_pass_their_knots_and_are_constant_outside() {
        for kind in [InputKind::Step, InputKind::Linear, InputKind::Smooth] {
            for (time, wanted) in TABLE.into_iter().chain([(-3.0, 1.0), (9.0, 6.0)]) {
                // two roundings of a cubic
                assert!(
                    (value(kind, &TABLE, time) - wanted).abs() < 1e-14,
                    "{kind:?} at {time}"
                );
            }
        }
    }

    #[test]
    fn steps_hold_and_lines_are_straight() {
        assert_eq!(value(InputKind::Step, &TABLE, 2.9), 2.5);
        assert_eq!(value(InputKind::Linear, &TABLE, 1.75), 2.25);
        assert_eq!(value(InputKind::Step, &[], 1.0), 0.0);
    }

    #[test]
    fn a_long_table_nests_by_its_logarithm() {
        let knots: Vec<(f64, f64)> = (0..5000)
            .map(|i| (f64::from(i), f64::from(i % 7)))
            .collect();
        let mut graph = Graph::new();
        let e = expression(&mut graph, InputKind::Step, &knots);
        let text = graph.text(e);
        let (mut depth, mut deepest) = (0, 0);
        for c in text.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            deepest = deepest.max(depth);
        }
        assert!(deepest <= 6, "{deepest}");
        assert_eq!(
            graph.evaluate(e, &|_| None, 4321.5).unwrap(),
            f64::from(4321 % 7)
        );
    }
}
