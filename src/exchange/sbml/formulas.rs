//! From formulas of SBML to expressions: names resolved, operators built.
use super::error::SbmlError;
use super::math::{Math, Operator};
use crate::expr::{Compare, Expr, Function, Graph, did_you_mean};
use std::collections::HashMap;

/// What names mean in one place.
pub(super) struct Scope<'a> {
    /// names that formulas may use, and the ids they have in the network
    pub values: &'a HashMap<String, String>,
    /// names that come first here: local parameters, arguments of a function
    pub locals: HashMap<String, String>,
    /// functions: their name in the network and number of arguments
    pub functions: &'a HashMap<String, (String, usize)>,
    /// whether only the locals are known (within a function)
    pub closed: bool,
    /// the element around the formula
    pub element: String,
}

impl Scope<'_> {
    fn id(&self, name: &str, line: u32) -> Result<&str, SbmlError> {
        let global = self.values.get(name).filter(|_| !self.closed);
        if let Some(id) = self.locals.get(name).or(global) {
            return Ok(id);
        }
        let globals = self.values.keys().filter(|_| !self.closed);
        let known = self.locals.keys().chain(globals).map(String::as_str);
        Err(SbmlError::UnknownName {
            line,
            element: self.element.clone(),
            kind: "quantity",
            name: name.to_string(),
            near: did_you_mean(name, known),
        })
    }

    /// The expression of a formula.
    pub(super) fn expression(&self, graph: &mut Graph, math: &Math) -> Result<Expr, SbmlError> {
        Ok(match math {
            Math::Number(value) => graph.number(*value),
            Math::Time => graph.time(),
            Math::Name(name, line) => graph.symbol(self.id(name, *line)?),
            Math::RateOf(name, line) => {
                let target = graph.symbol(self.id(name, *line)?);
                graph.user("rateOf", &[target])
            }
            Math::Call(name, line, arguments) => {
                let Some((id, expected)) = self.functions.get(name) else {
                    return Err(SbmlError::UnknownName {
                        line: *line,
                        element: self.element.clone(),
                        kind: "function",
                        name: name.clone(),
                        near: did_you_mean(name, self.functions.keys().map(String::as_str)),
                    });
                };
                if *expected != arguments.len() {
                    return Err(SbmlError::Math {
                        line: *line,
                        element: self.element.clone(),
                        message: format!(
                            "the function `{name}` takes {expected} arguments, {} are given",
                            arguments.len()
                        ),
                    });
                }
                let arguments = self.all(graph, arguments)?;
                graph.user(id, &arguments)
            }
            Math::Piecewise(pieces, otherwise) => {
                // outside all pieces the value is undefined
                let mut value = match otherwise {
                    Some(math) => self.expression(graph, math)?,
                    None => graph.number(f64::NAN),
                };
                for (then, condition) in pieces.iter().rev() {
                    let then = self.expression(graph, then)?;
                    let condition = self.expression(graph, condition)?;
                    value = graph.select(condition, then, value);
                }
                value
            }
            Math::Apply(operator, arguments) => {
                let arguments = self.all(graph, arguments)?;
                apply(graph, *operator, &arguments)
            }
        })
    }

    fn all(&self, graph: &mut Graph, list: &[Math]) -> Result<Vec<Expr>, SbmlError> {
        list.iter().map(|m| self.expression(graph, m)).collect()
    }
}

/// The numbers of arguments were checked by the reader.
fn apply(graph: &mut Graph, operator: Operator, a: &[Expr]) -> Expr {
    use Operator as O;
    let chain = |graph: &mut Graph, relation: Compare| {
        let pairs: Vec<Expr> = a
            .windows(2)
            .map(|p| graph.compare(relation, p[0], p[1]))
            .collect();
        graph.and(&pairs)
    };
    match operator {
        O::Plus => graph.sum(a),
        O::Minus if a.len() == 1 => graph.neg(a[0]),
        O::Minus => graph.sub(a[0], a[1]),
        O::Times => graph.product(a),
        O::Divide => graph.div(a[0], a[1]),
        O::Power => graph.pow(a[0], a[1]),
        O::Root => match graph.as_number(a[0]) {
            Some(2.0) => graph.call(Function::Sqrt, &[a[1]]),
            _ => {
                let one = graph.number(1.0);
                let exponent = graph.div(one, a[0]);
                graph.pow(a[1], exponent)
            }
        },
        O::Log => match graph.as_number(a[0]) {
            Some(base) => graph.logarithm(a[1], base),
            None => {
                let above = graph.call(Function::Ln, &[a[1]]);
                let below = graph.call(Function::Ln, &[a[0]]);
                graph.div(above, below)
            }
        },
        O::Ln => graph.call(Function::Ln, a),
        O::Exp => graph.call(Function::Exp, a),
        O::Abs => graph.call(Function::Abs, a),
        O::Floor => graph.call(Function::Floor, a),
        O::Ceiling => graph.call(Function::Ceil, a),
        O::Factorial => graph.call(Function::Factorial, a),
        O::Quotient => graph.call(Function::Quotient, a),
        O::Remainder => graph.call(Function::Remainder, a),
        O::Min => a[1..]
            .iter()
            .fold(a[0], |x, y| graph.call(Function::Min, &[x, *y])),
        O::Max => a[1..]
            .iter()
            .fold(a[0], |x, y| graph.call(Function::Max, &[x, *y])),
        O::And => graph.and(a),
        O::Or => graph.or(a),
        O::Not => graph.not(a[0]),
        O::Xor => {
            let no = graph.number(0.0);
            a.iter().fold(no, |x, y| {
                let (not_x, not_y) = (graph.not(x), graph.not(*y));
                let (left, right) = (graph.and(&[x, not_y]), graph.and(&[not_x, *y]));
                graph.or(&[left, right])
            })
        }
        O::Implies => {
            let not = graph.not(a[0]);
            graph.or(&[not, a[1]])
        }
        O::Equal => chain(graph, Compare::Equal),
        O::NotEqual => chain(graph, Compare::NotEqual),
        O::Less => chain(graph, Compare::Less),
        O::LessEqual => chain(graph, Compare::LessEqual),
        O::Greater => chain(graph, Compare::Greater),
        O::GreaterEqual => chain(graph, Compare::GreaterEqual),
        O::Circular(name) => graph
            .named_call(name, a)
            .expect("the language has all trigonometric and hyperbolic functions of MathML"),
    }
}
