//! Expressions as text of the maths language: what is written parses back to the same expression.
use super::function::Function;
use super::graph::Graph;
use super::node::{Expr, Node};
use crate::units::number_text;

/// How tightly an expression binds, in the order of the grammar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    Logical,
    Relation,
    Sum,
    Product,
    Not,
    Sign,
    Power,
    Primary,
}

/// One term of a sum, or a product: its sign is apart from what follows the sign.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    pub negative: bool,
    /// positive coefficient; None where it is 1 and something follows
    pub coefficient: Option<f64>,
    pub factors: &'a [Expr],
}

impl<'a> Signed<'a> {
    fn new(coefficient: f64, factors: &'a [Expr]) -> Self {
        let shown = factors.is_empty() || coefficient.abs() != 1.0;
        Signed {
            negative: coefficient < 0.0,
            coefficient: shown.then_some(coefficient.abs()),
            factors,
        }
    }
}

impl Graph {
    /// A term as sign, coefficient and factors.
    pub(super) fn signed<'a>(&'a self, term: &'a Expr) -> Signed<'a> {
        match self.node(*term) {
            Node::Number(bits) => Signed::new(f64::from_bits(*bits), &[]),
            Node::Product(factors) => self.signed_product(factors),
            _ => Signed::new(1.0, std::slice::from_ref(term)),
        }
    }

    /// A product as sign, coefficient and factors.
    pub(super) fn signed_product<'a>(&'a self, factors: &'a [Expr]) -> Signed<'a> {
        match self.as_number(factors[0]) {
            Some(coefficient) => Signed::new(coefficient, &factors[1..]),
            None => Signed::new(1.0, factors),
        }
    }

    /// The terms of a sum for display: as they stand, but one without minus first where there is one.
    pub(super) fn signed_terms<'a>(&'a self, terms: &'a [Expr]) -> Vec<Signed<'a>> {
        let mut signed: Vec<Signed> = terms.iter().map(|term| self.signed(term)).collect();
        if let Some(first) = signed.iter().position(|term| !term.negative) {
            signed[..=first].rotate_right(1);
        }
        signed
    }

    /// The argument and the base (2 or 10), where a quotient is a logarithm to that base.
    pub(super) fn as_logarithm(&self, above: Expr, below: Expr) -> Option<(Expr, u8)> {
        let below = self.as_number(below)?;
        let base = [2, 10]
            .into_iter()
            .find(|base| below == f64::from(*base).ln())?;
        match self.node(above) {
            Node::Call(Function::Ln, arguments) => Some((arguments[0], base)),
            _ => None,
        }
    }

    /// Text that parses back to the same expression.
    ///
    /// Shared parts are written out wherever they occur; [`Graph::text_shortened`] bounds the length.
    ///
    /// ```
    /// let mut graph = holobiont::expr::Graph::new();
    /// let e = graph.parse("-(k * x) - -2 + x^2/(K + x^2)")?;
    /// assert_eq!(graph.text(e), "2 - k * x + x ^ 2 / (K + x ^ 2)");
    /// # Ok::<(), holobiont::expr::ParseError>(())
    /// ```
    pub fn text(&self, e: Expr) -> String {
        self.write(e, usize::MAX)
    }

    /// The text, cut with `...` where it is longer than about `limit` characters.
    pub fn text_shortened(&self, e: Expr, limit: usize) -> String {
        self.write(e, limit)
    }

    fn write(&self, e: Expr, limit: usize) -> String {
        let mut out = Writer {
            graph: self,
            text: String::new(),
            todo: vec![Piece::Expr(e, Binding::Logical)],
        };
        while let Some(piece) = out.todo.pop() {
            if out.text.len() > limit {
                out.text.push_str("...");
                break;
            }
            match piece {
                Piece::Text(text) => out.text.push_str(text),
                Piece::Number(value) => out.text.push_str(&number_text(value)),
                Piece::Expr(e, least) => out.expression(e, least),
            }
        }
        out.text
    }
}

enum Piece<'a> {
    Text(&'a str),
    Number(f64),
    /// bracketed when it binds less tightly
    Expr(Expr, Binding),
}

/// Pieces still to be written stand on a stack, the next one last: no recursion.
struct Writer<'a> {
    graph: &'a Graph,
    text: String,
    todo: Vec<Piece<'a>>,
}

impl<'a> Writer<'a> {
    fn expression(&mut self, e: Expr, least: Binding) {
        let mut pieces = Vec::new();
        let binding = self.pieces(e, &mut pieces);
        if binding < least {
            self.text.push('(');
            self.todo.push(Piece::Text(")"));
        }
        self.todo.extend(pieces.into_iter().rev());
    }

    fn pieces(&self, e: Expr, pieces: &mut Vec<Piece<'a>>) -> Binding {
        let graph = self.graph;
        match graph.node(e) {
            Node::Number(bits) => {
                let value = f64::from_bits(*bits);
                if value.is_nan() {
                    pieces.push(Piece::Text("0 / 0"));
                    return Binding::Product;
                }
                pieces.push(Piece::Number(value));
                if value < 0.0 {
                    Binding::Sign
                } else {
                    Binding::Primary
                }
            }
            Node::Symbol(symbol) => {
                pieces.push(Piece::Text(graph.name(*symbol)));
                Binding::Primary
            }
            Node::Time => {
                pieces.push(Piece::Text("time"));
                Binding::Primary
            }
            Node::Sum(terms) => {
                for (i, term) in graph.signed_terms(terms).into_iter().enumerate() {
                    if i > 0 {
                        pieces.push(Piece::Text(if term.negative { " - " } else { " + " }));
                    }
                    self.term(term, i == 0, pieces);
                }
                Binding::Sum
            }
            Node::Product(factors) => {
                self.term(graph.signed_product(factors), true, pieces);
                Binding::Product
            }
            Node::Divide(a, b) => {
                if let Some((argument, base)) = graph.as_logarithm(*a, *b) {
                    pieces.push(Piece::Text(if base == 2 { "log2(" } else { "log10(" }));
                    pieces.push(Piece::Expr(argument, Binding::Logical));
                    pieces.push(Piece::Text(")"));
                    return Binding::Primary;
                }
                pieces.push(Piece::Expr(*a, Binding::Product));
                pieces.push(Piece::Text(" / "));
                pieces.push(Piece::Expr(*b, Binding::Not));
                Binding::Product
            }
            Node::Call(Function::Pow, arguments) => {
                pieces.push(Piece::Expr(arguments[0], Binding::Primary));
                pieces.push(Piece::Text(" ^ "));
                pieces.push(Piece::Expr(arguments[1], Binding::Not));
                Binding::Power
            }
            Node::Call(function, arguments) => self.call(function.name(), arguments, pieces),
            Node::User(name, arguments) => self.call(graph.name(*name), arguments, pieces),
            Node::Compare(relation, a, b) => {
                pieces.push(Piece::Expr(*a, Binding::Sum));
                pieces.push(Piece::Text(" "));
                pieces.push(Piece::Text(relation.symbol()));
                pieces.push(Piece::Text(" "));
                pieces.push(Piece::Expr(*b, Binding::Sum));
                Binding::Relation
            }
            Node::And(terms) | Node::Or(terms) => {
                let sign = if let Node::And(_) = graph.node(e) {
                    " && "
                } else {
                    " || "
                };
                self.list(terms, sign, Binding::Relation, pieces);
                Binding::Logical
            }
            Node::Not(a) => {
                pieces.push(Piece::Text("!"));
                pieces.push(Piece::Expr(*a, Binding::Not));
                Binding::Not
            }
            Node::Select(..) => {
                pieces.push(Piece::Text("piecewise("));
                let mut rest = e;
                while let Node::Select(condition, then, otherwise) = graph.node(rest) {
                    self.list(&[*then, *condition], ", ", Binding::Logical, pieces);
                    pieces.push(Piece::Text(", "));
                    rest = *otherwise;
                }
                pieces.push(Piece::Expr(rest, Binding::Logical));
                pieces.push(Piece::Text(")"));
                Binding::Primary
            }
        }
    }

    /// A term after its sign has been written, but for the first, which writes its own.
    fn term(&self, term: Signed<'a>, first: bool, pieces: &mut Vec<Piece<'a>>) {
        if first && term.negative {
            pieces.push(Piece::Text("-"));
        }
        if let Some(coefficient) = term.coefficient {
            pieces.push(Piece::Number(coefficient));
        }
        for (i, &factor) in term.factors.iter().enumerate() {
            let leads = i == 0 && term.coefficient.is_none();
            if !leads {
                pieces.push(Piece::Text(" * "));
            }
            pieces.push(Piece::Expr(
                factor,
                if leads {
                    Binding::Product
                } else {
                    Binding::Not
                },
            ));
        }
    }

    fn call(&self, name: &'a str, arguments: &[Expr], pieces: &mut Vec<Piece<'a>>) -> Binding {
        pieces.push(Piece::Text(name));
        pieces.push(Piece::Text("("));
        self.list(arguments, ", ", Binding::Logical, pieces);
        pieces.push(Piece::Text(")"));
        Binding::Primary
    }

    fn list(
        &self,
        list: &[Expr],
        separator: &'static str,
        least: Binding,
        pieces: &mut Vec<Piece<'a>>,
    ) {
        for (i, &e) in list.iter().enumerate() {
            if i > 0 {
                pieces.push(Piece::Text(separator));
            }
            pieces.push(Piece::Expr(e, least));
        }
    }
}
