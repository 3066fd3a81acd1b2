//! Expressions that are affine in one symbol, taken apart.
use super::graph::{Graph, QuickMap};
use super::node::{Expr, Node, Symbol, Variable};

/// e = coefficient * symbol + rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    /// free of the symbol
    pub coefficient: Expr,
    /// free of the symbol
    pub rest: Expr,
    /// sum of the absolute values of what a numeric coefficient was added up from: a number far below it is rounding
    pub magnitude: f64,
}

impl Graph {
    /// Takes apart an expression that is affine in the symbol, whatever the values of the others; `None` for other expressions and
    /// for those in which the symbol does not occur.
    pub(crate) fn affine(&mut self, e: Expr, symbol: Symbol) -> Option<Affine> {
        let variable = Variable::Symbol(symbol);
        // nodes in which the symbol occurs; None where it does so in another way
        let mut known: QuickMap<u32, Option<Affine>> = QuickMap::default();
        for e in self.reachable(&[e], |e| self.may_mention(e, variable)) {
            let node = self.node(e).clone();
            if node == Node::Symbol(symbol) {
                let whole = Affine {
                    coefficient: self.number(1.0),
                    rest: self.number(0.0),
                    magnitude: 1.0,
                };
                known.insert(e.0, Some(whole));
                continue;
            }
            let holds = |operand: &Expr| known.contains_key(&operand.0);
            if !node.children().any(|operand| holds(&operand)) {
                continue;
            }
            let part = |operand: Expr| known.get(&operand.0).copied();
            let found = match &node {
                Node::Sum(terms) => self.affine_sum(terms, &part),
                Node::Product(factors) => self.affine_product(factors, &part),
                Node::Divide(a, b) if !holds(b) => part(*a).flatten().map(|a| Affine {
                    coefficient: self.div(a.coefficient, *b),
                    rest: self.div(a.rest, *b),
                    magnitude: a.magnitude / self.as_number(*b).unwrap_or(1.0).abs(),
                }),
                _ => None,
            };
            known.insert(e.0, found);
        }
        known.get(&e.0).copied().flatten()
    }

    fn affine_sum(
        &mut self,
        terms: &[Expr],
        part: &dyn Fn(Expr) -> Option<Option<Affine>>,
    ) -> Option<Affine> {
        let (mut coefficients, mut rests, mut magnitude) = (Vec::new(), Vec::new(), 0.0);
        for &term in terms {
            match part(term) {
                Some(found) => {
                    let found = found?;
                    coefficients.push(found.coefficient);
                    rests.push(found.rest);
                    magnitude += found.magnitude;
                }
                None => rests.push(term),
            }
        }
        Some(Affine {
            coefficient: self.sum(&coefficients),
            rest: self.sum(&rests),
            magnitude,
        })
    }

    fn affine_product(
        &mut self,
        factors: &[Expr],
        part: &dyn Fn(Expr) -> Option<Option<Affine>>,
    ) -> Option<Affine> {
        let mut others = Vec::with_capacity(factors.len());
        let mut found: Option<Affine> = None;
        for &factor in factors {
            match part(factor) {
                Some(_) if found.is_some() => return None,
                Some(affine) => found = Some(affine?),
                None => others.push(factor),
            }
        }
        let found = found?;
        let others = self.product(&others);
        Some(Affine {
            coefficient: self.mul(others, found.coefficient),
            rest: self.mul(others, found.rest),
            magnitude: found.magnitude * self.as_number(others).unwrap_or(1.0).abs(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, String)> {
        let mut graph = Graph::new();
        let e = graph.parse(text).expect("a formula");
        let x = graph.intern("x");
        let found = graph.affine(e, x)?;
        Some((graph.text(found.coefficient), graph.text(found.rest)))
    }
    fn texts(a: &str, b: &str) -> Option<(String, String)> {
        Some((a.to_string(), b.to_string()))
    }

    #[test]
    fn sums_products_and_quotients_are_taken_apart() {
        assert_eq!(parts("3 * x + y - 2"), texts("3", "y - 2"));
        assert_eq!(parts("2 * (x - (1 - x)) / 4"), texts("1", "-0.5"));
        assert_eq!(parts("k * (x + y) * z"), texts("k * z", "k * y * z"));
    }

    #[test]
    fn a_symbol_within_anything_else_is_not_affine() {
        for text in [
            "x^2",
            "x * (x + 1)",
            "1 / x",
            "piecewise(1, x > 3, 2) - x",
            "y + 1",
            "exp(x) - exp(x)",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_left_of_a_cancelled_coefficient_is_small_beside_its_magnitude() {
        let mut graph = Graph::new();
        let e = graph
            .parse("0.1 * (x + y) + 0.2 * (x - y) - 0.3 * (x + 1)")
            .expect("a formula");
        let x = graph.intern("x");
        let found = graph.affine(e, x).expect("affine");
        let coefficient = graph.as_number(found.coefficient).expect("a number");
        assert!(
            coefficient.abs() < 1e-15 * found.magnitude * 4.0,
            "{coefficient}"
        );
        assert!((found.magnitude - 0.6).abs() < 1e-12);
    }
}
