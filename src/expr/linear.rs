//! Expressions that are linear in a symbol, taken apart.
use super::graph::{Graph, QuickMap, mention_bit};
use super::node::{Expr, Node, Symbol};

impl Graph {
    /// Slope and rest of `e = slope * symbol + rest`, neither of which mentions the symbol; none where `e` is not built linearly
    /// from it.
    pub(crate) fn linear_parts(&mut self, e: Expr, symbol: Symbol) -> Option<(Expr, Expr)> {
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let mask = mention_bit(symbol);
        // of the nodes that mention the symbol
        let mut parts: QuickMap<u32, (Expr, Expr)> = QuickMap::default();
        for at in self.reachable(&[e], |e| self.may_mention_any(e, mask)) {
            let node = self.node(at).clone();
            let known = |child: &Expr| parts.get(&child.0).copied();
            let rest_of = |child: &Expr| known(child).map_or(*child, |(_, rest)| rest);
            let slope_of = |child: &Expr| known(child).map_or(zero, |(slope, _)| slope);
            let mentioned = node.children().filter(|child| known(child).is_some());
            let (slope, rest) = match (&node, mentioned.count()) {
                (Node::Symbol(name), _) if *name == symbol => (one, zero),
                (_, 0) => continue,
                (Node::Sum(terms), _) => {
                    let slopes: Vec<Expr> = terms.iter().map(slope_of).collect();
                    let rests: Vec<Expr> = terms.iter().map(rest_of).collect();
                    (self.sum(&slopes), self.sum(&rests))
                }
                (Node::Product(factors), 1) => {
                    let scaled = |part: &dyn Fn(&Expr) -> Expr| -> Vec<Expr> {
                        let of = |f: &Expr| known(f).map_or(*f, |_| part(f));
                        factors.iter().map(of).collect()
                    };
                    let (slopes, rests) = (scaled(&slope_of), scaled(&rest_of));
                    (self.product(&slopes), self.product(&rests))
                }
                (Node::Divide(above, below), 1) if known(above).is_some() => {
                    let (slope, rest) = (slope_of(above), rest_of(above));
                    (self.div(slope, *below), self.div(rest, *below))
                }
                (Node::Select(condition, then, otherwise), _) if known(condition).is_none() => {
                    let slopes = (slope_of(then), slope_of(otherwise));
                    let rests = (rest_of(then), rest_of(otherwise));
                    (
                        self.select(*condition, slopes.0, slopes.1),
                        self.select(*condition, rests.0, rests.1),
                    )
                }
                _ => return None,
            };
            parts.insert(at.0, (slope, rest));
        }
        Some(parts.get(&e.0).copied().unwrap_or((zero, e)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, String)> {
        let mut graph = Graph::new();
        let e = graph.parse(text).expect("a sound formula");
        let x = graph.intern("x");
        let (slope, rest) = graph.linear_parts(e, x)?;
        Some((graph.text(slope), graph.text(rest)))
    }

    #[test]
    fn slope_and_rest_of_a_linear_expression_are_found() {
        let pair = |a: &str, b: &str| Some((a.to_string(), b.to_string()));
        assert_eq!(parts("2 * (x + a) - x"), pair("1", "2 * a"));
        assert_eq!(parts("k * x / b - c"), pair("k / b", "-c"));
        assert_eq!(parts("a + exp(b)"), pair("0", "a + exp(b)"));
    }

    #[test]
    fn what_is_not_linear_is_not_taken_apart() {
        for text in [
            "x * x",
            "a / x",
            "exp(x)",
            "floor(x)",
            "if(x > 1, x, x + 2)",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
