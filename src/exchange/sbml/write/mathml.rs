//! Expressions as the MathML of SBML.
//!
//! Conditions and numbers are kept apart, as Level 3 Version 1 wants it: a condition used as a number is a `piecewise` of 1 and 0,
//! a number used as a condition is compared with 0. Functions that MathML lacks are called by the ids under which `functions` defines
//! them. The formula is written from a stack, not by recursion, and its size with all shared parts spelt out is known before a byte
//! is written.
use super::functions::{Definitions, Spelling};
use super::xml::{Attributes, Xml};
use super::{SbmlWriteError, Version};
use crate::expr::{Compare, Expr, Function, Graph, Node};
use crate::network::Place;
use std::collections::HashMap;

/// Namespace of MathML.
pub(super) const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
const TIME: &str = "http://www.sbml.org/sbml/symbols/time";
const RATE_OF: &str = "http://www.sbml.org/sbml/symbols/rateOf";
/// Name of the rate of change among calls.
pub(super) const RATE_OF_NAME: &str = "rateOf";
/// The most operations that one formula may have when its shared parts are spelt out.
pub(super) const LARGEST: u64 = 1_000_000;

/// What an operand has to be.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Want {
    Number,
    Condition,
}

/// What the formulas of one document share.
pub(super) struct Mathematics<'a> {
    pub graph: &'a Graph,
    pub version: Version,
    pub definitions: &'a Definitions,
}

/// What is still to be written; the next one last.
enum Piece {
    Expr(Expr, Want),
    Open(&'static str),
    Close(&'static str),
    Empty(&'static str),
    Number(f64),
    Name(String),
    RateOf,
}

impl Mathematics<'_> {
    /// The `math` element of a formula.
    ///
    /// # Errors
    /// A formula that is too large, or a part that has no form in this version of SBML.
    pub fn write(
        &self,
        xml: &mut Xml,
        e: Expr,
        want: Want,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        if size(self.graph, e) > LARGEST {
            let (place, limit) = (place(), LARGEST);
            return Err(SbmlWriteError::TooLarge { place, limit });
        }
        xml.open("math", &Attributes::new().with("xmlns", MATHML));
        self.pieces(xml, Piece::Expr(e, want), place)?;
        xml.close("math");
        Ok(())
    }

    /// The `math` element of a function of named arguments.
    ///
    /// # Errors
    /// As [`Mathematics::write`].
    pub fn lambda(
        &self,
        xml: &mut Xml,
        arguments: &[String],
        body: Expr,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        if self.graph.depends_on_time(body) {
            let why = "a function of SBML cannot read the time; make it an argument";
            let (place, function) = (place(), "time".to_string());
            return Err(SbmlWriteError::Function {
                place,
                function,
                why,
            });
        }
        if size(self.graph, body) > LARGEST {
            let (place, limit) = (place(), LARGEST);
            return Err(SbmlWriteError::TooLarge { place, limit });
        }
        xml.open("math", &Attributes::new().with("xmlns", MATHML));
        xml.open("lambda", &Attributes::new());
        for argument in arguments {
            xml.open("bvar", &Attributes::new());
            xml.text("ci", &Attributes::new(), argument);
            xml.close("bvar");
        }
        self.pieces(xml, Piece::Expr(body, Want::Number), place)?;
        xml.close("lambda");
        xml.close("math");
        Ok(())
    }

    fn pieces(
        &self,
        xml: &mut Xml,
        first: Piece,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        let none = Attributes::new();
        let mut todo = vec![first];
        let mut next = Vec::new();
        while let Some(piece) = todo.pop() {
            match piece {
                Piece::Open(name) => xml.open(name, &none),
                Piece::Close(name) => xml.close(name),
                Piece::Empty(name) => xml.empty(name, &none),
                Piece::Name(name) => xml.text("ci", &none, &name),
                Piece::Number(value) => number(xml, value),
                Piece::RateOf => csymbol(xml, RATE_OF, "rateOf"),
                Piece::Expr(e, want) => {
                    if *self.graph.node(e) == Node::Time && want == Want::Number {
                        csymbol(xml, TIME, "time");
                        continue;
                    }
                    self.expression(e, want, &mut next, place)?;
                    todo.extend(next.drain(..).rev());
                }
            }
        }
        Ok(())
    }

    /// An expression as pieces, in order.
    fn expression(
        &self,
        e: Expr,
        want: Want,
        out: &mut Vec<Piece>,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        let node = self.graph.node(e);
        let is_condition = matches!(
            node,
            Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Not(_)
        );
        match (is_condition, want) {
            (true, Want::Condition) => self.condition(node, out),
            (true, Want::Number) => {
                // 1 where it holds, else 0
                out.extend([Piece::Open("piecewise"), Piece::Open("piece")]);
                out.extend([Piece::Number(1.0), Piece::Expr(e, Want::Condition)]);
                out.extend([Piece::Close("piece"), Piece::Open("otherwise")]);
                out.extend([Piece::Number(0.0), Piece::Close("otherwise")]);
                out.push(Piece::Close("piecewise"));
            }
            (false, Want::Condition) => match self.graph.as_number(e) {
                Some(value) => out.push(Piece::Empty(if value == 0.0 { "false" } else { "true" })),
                None => {
                    out.extend([Piece::Open("apply"), Piece::Empty("neq")]);
                    out.extend([Piece::Expr(e, Want::Number), Piece::Number(0.0)]);
                    out.push(Piece::Close("apply"));
                }
            },
            (false, Want::Number) => self.number(e, node, out, place)?,
        }
        Ok(())
    }

    fn condition(&self, node: &Node, out: &mut Vec<Piece>) {
        let (operator, operands, want) = match node {
            Node::Compare(relation, a, b) => {
                let operator = match relation {
                    Compare::Less => "lt",
                    Compare::LessEqual => "leq",
                    Compare::Greater => "gt",
                    Compare::GreaterEqual => "geq",
                    Compare::Equal => "eq",
                    Compare::NotEqual => "neq",
                };
                (operator, vec![*a, *b], Want::Number)
            }
            Node::And(terms) => ("and", terms.to_vec(), Want::Condition),
            Node::Or(terms) => ("or", terms.to_vec(), Want::Condition),
            Node::Not(a) => ("not", vec![*a], Want::Condition),
            _ => return,
        };
        apply(operator, &operands, want, out);
    }

    fn number(
        &self,
        e: Expr,
        node: &Node,
        out: &mut Vec<Piece>,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        match node {
            Node::Number(bits) => out.push(Piece::Number(f64::from_bits(*bits))),
            Node::Symbol(symbol) => out.push(Piece::Name(self.graph.name(*symbol).to_owned())),
            Node::Sum(terms) => self.sum(terms, out),
            Node::Product(factors) => match self.graph.as_number(factors[0]) {
                Some(-1.0) => {
                    out.extend([Piece::Open("apply"), Piece::Empty("minus")]);
                    product(&factors[1..], out);
                    out.push(Piece::Close("apply"));
                }
                _ => product(factors, out),
            },
            Node::Divide(a, b) => apply("divide", &[*a, *b], Want::Number, out),
            Node::Select(..) => self.piecewise(e, out),
            Node::User(name, arguments) => {
                let name = self.graph.name(*name);
                out.push(Piece::Open("apply"));
                if name == RATE_OF_NAME {
                    if self.version == Version::L3V1 {
                        let (place, version) = (place(), self.version);
                        let what = "the rate of change of a quantity in a formula (rateOf)";
                        return Err(SbmlWriteError::Version {
                            place,
                            what,
                            version,
                        });
                    }
                    out.push(Piece::RateOf);
                } else {
                    out.push(Piece::Name(name.to_owned()));
                }
                out.extend(arguments.iter().map(|a| Piece::Expr(*a, Want::Number)));
                out.push(Piece::Close("apply"));
            }
            Node::Call(function, arguments) => match self.definitions.spelling(*function) {
                Spelling::Element(name) => apply(name, arguments, Want::Number, out),
                Spelling::Defined(id) => {
                    out.extend([Piece::Open("apply"), Piece::Name(id.to_owned())]);
                    out.extend(arguments.iter().map(|a| Piece::Expr(*a, Want::Number)));
                    out.push(Piece::Close("apply"));
                }
                Spelling::None => return Err(unwritable(*function, place())),
            },
            Node::Time | Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Not(_) => {}
        }
        Ok(())
    }

    /// Terms with a minus are subtracted from the others.
    fn sum(&self, terms: &[Expr], out: &mut Vec<Piece>) {
        let minus = |term: &&Expr| self.negated(**term).is_some();
        let (less, more): (Vec<&Expr>, Vec<&Expr>) = terms.iter().partition(minus);
        let total = |list: &[&Expr], out: &mut Vec<Piece>| {
            if list.len() > 1 {
                out.extend([Piece::Open("apply"), Piece::Empty("plus")]);
            }
            for term in list {
                match self.negated(**term) {
                    Some(Negated::Number(value)) => out.push(Piece::Number(value)),
                    Some(Negated::Product(factors)) => product(factors, out),
                    None => out.push(Piece::Expr(**term, Want::Number)),
                }
            }
            if list.len() > 1 {
                out.push(Piece::Close("apply"));
            }
        };
        if less.is_empty() {
            return total(&more, out);
        }
        out.extend([Piece::Open("apply"), Piece::Empty("minus")]);
        if !more.is_empty() {
            total(&more, out);
        }
        total(&less, out);
        out.push(Piece::Close("apply"));
    }

    /// What is subtracted, if the term is a negative number or has the factor -1.
    fn negated(&self, term: Expr) -> Option<Negated<'_>> {
        match self.graph.node(term) {
            Node::Number(bits) => {
                let value = f64::from_bits(*bits);
                (value < 0.0).then_some(Negated::Number(-value))
            }
            Node::Product(factors) if self.graph.as_number(factors[0]) == Some(-1.0) => {
                Some(Negated::Product(&factors[1..]))
            }
            _ => None,
        }
    }

    /// A chain of choices as one `piecewise`.
    fn piecewise(&self, e: Expr, out: &mut Vec<Piece>) {
        out.push(Piece::Open("piecewise"));
        let mut rest = e;
        while let Node::Select(condition, then, otherwise) = self.graph.node(rest) {
            out.extend([Piece::Open("piece"), Piece::Expr(*then, Want::Number)]);
            out.push(Piece::Expr(*condition, Want::Condition));
            out.push(Piece::Close("piece"));
            rest = *otherwise;
        }
        out.extend([Piece::Open("otherwise"), Piece::Expr(rest, Want::Number)]);
        out.extend([Piece::Close("otherwise"), Piece::Close("piecewise")]);
    }
}

enum Negated<'a> {
    Number(f64),
    Product(&'a [Expr]),
}

fn unwritable(function: Function, place: Place) -> SbmlWriteError {
    SbmlWriteError::Function {
        place,
        function: function.name().to_owned(),
        why: "neither MathML nor a finite formula expresses it",
    }
}

fn product(factors: &[Expr], out: &mut Vec<Piece>) {
    match factors {
        [single] => out.push(Piece::Expr(*single, Want::Number)),
        _ => apply("times", factors, Want::Number, out),
    }
}

fn apply(operator: &'static str, operands: &[Expr], want: Want, out: &mut Vec<Piece>) {
    out.extend([Piece::Open("apply"), Piece::Empty(operator)]);
    out.extend(operands.iter().map(|e| Piece::Expr(*e, want)));
    out.push(Piece::Close("apply"));
}

fn csymbol(xml: &mut Xml, url: &str, name: &str) {
    let attributes = Attributes::new().with("encoding", "text");
    xml.text("csymbol", &attributes.with("definitionURL", url), name);
}

/// The shortest decimal that reads back to the same double.
fn number(xml: &mut Xml, value: f64) {
    let none = Attributes::new();
    if value.is_nan() {
        return xml.empty("notanumber", &none);
    }
    if value.is_infinite() {
        if value > 0.0 {
            return xml.empty("infinity", &none);
        }
        xml.open("apply", &none);
        xml.empty("minus", &none);
        xml.empty("infinity", &none);
        return xml.close("apply");
    }
    let text = super::xml::double(value);
    match text.split_once('e') {
        None => xml.text("cn", &none, &text),
        Some((digits, power)) => {
            xml.open("cn", &Attributes::new().with("type", "e-notation"));
            xml.characters(digits);
            xml.empty("sep", &none);
            xml.characters(power);
            xml.close("cn");
        }
    }
}

/// The number of nodes when every shared part is spelt out, as far as it can be counted.
fn size(graph: &Graph, e: Expr) -> u64 {
    let mut sizes: HashMap<Expr, u64> = HashMap::new();
    let mut todo = vec![e];
    while let Some(&top) = todo.last() {
        let waiting = todo.len();
        if !sizes.contains_key(&top) {
            let open = graph.node(top).children();
            todo.extend(open.filter(|child| !sizes.contains_key(child)));
        }
        if todo.len() == waiting {
            todo.pop();
            let below = graph.node(top).children().map(|child| sizes[&child]);
            let total = below.fold(1u64, u64::saturating_add);
            sizes.insert(top, total);
        }
    }
    sizes[&e]
}
