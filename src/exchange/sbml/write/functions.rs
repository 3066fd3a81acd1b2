//! Functions that the MathML of SBML lacks, as function definitions of the file.
//!
//! | function | written as |
//! |---|---|
//! | hill | \\(1/(1 + (K/x)^n)\\) for \\(x > 0\\): no intermediate matters when it overflows |
//! | hill_slope, hill_curvature | with \\(q = \min(x/K, K/x)^{\lvert n\rvert} \le 1\\) |
//! | sigmoid | \\(1/(1 + e^{-x})\\) |
//! | log1p | \\(2 \operatorname{artanh}(x/(2 + x))\\) for \\(\lvert x\rvert < 1/2\\), else \\(\ln(1 + x)\\) |
//! | expm1 | \\(2 e^{x/2} \sinh(x/2)\\) |
//! | xlogy, scaled_pow | 0 where the first argument is 0 |
//! | min, max, quotient, rem | by cases, in Level 3 Version 1 only |
//!
//! The annotation of a definition names the function, so that a reader can put it back.
use super::Version;
use super::ids::Ids;
use crate::expr::{Expr, Function, Graph, Node};
use std::collections::HashSet;

/// How a function is written.
pub(super) enum Spelling<'a> {
    /// an element of MathML
    Element(&'static str),
    /// a call of a definition of the file
    Defined(&'a str),
    /// not at all
    None,
}

/// A function that the file defines.
pub(super) struct Definition {
    pub function: Function,
    pub id: String,
    pub arguments: Vec<String>,
    pub body: Expr,
}

/// The functions that the file defines for itself.
pub(super) struct Definitions {
    version: Version,
    pub list: Vec<Definition>,
}

impl Definitions {
    /// Definitions of the functions that occur in the expressions.
    pub fn of(version: Version, graph: &mut Graph, roots: &[Expr], ids: &mut Ids) -> Self {
        let mut found = HashSet::new();
        let mut seen = HashSet::new();
        let mut todo = roots.to_vec();
        while let Some(e) = todo.pop() {
            if seen.insert(e) {
                let node = graph.node(e);
                if let Node::Call(function, _) = node {
                    found.insert(*function);
                }
                todo.extend(node.children());
            }
        }
        let mut list = Vec::new();
        for function in Function::ALL.into_iter().filter(|f| found.contains(f)) {
            if element(function, version).is_none()
                && let Some((arguments, text)) = body(function)
            {
                list.push(Definition {
                    function,
                    id: ids.fresh(&format!("{}_", function.name())),
                    arguments: arguments.iter().map(|a| a.to_string()).collect(),
                    body: graph
                        .parse(text)
                        .expect("the formulas of this file can be read"),
                });
            }
        }
        Definitions { version, list }
    }

    /// How a function is written.
    pub fn spelling(&self, function: Function) -> Spelling<'_> {
        if let Some(name) = element(function, self.version) {
            return Spelling::Element(name);
        }
        match self.list.iter().find(|d| d.function == function) {
            Some(definition) => Spelling::Defined(&definition.id),
            None => Spelling::None,
        }
    }
}

/// The element of MathML.
fn element(function: Function, version: Version) -> Option<&'static str> {
    let since_version_2 = |name| (version >= Version::L3V2).then_some(name);
    Some(match function {
        Function::Exp => "exp",
        Function::Ln => "ln",
        Function::Sqrt => "root",
        Function::Abs => "abs",
        Function::Floor => "floor",
        Function::Ceil => "ceiling",
        Function::Sin => "sin",
        Function::Cos => "cos",
        Function::Tan => "tan",
        Function::Asin => "arcsin",
        Function::Acos => "arccos",
        Function::Atan => "arctan",
        Function::Sinh => "sinh",
        Function::Cosh => "cosh",
        Function::Tanh => "tanh",
        Function::Asinh => "arcsinh",
        Function::Acosh => "arccosh",
        Function::Atanh => "arctanh",
        Function::Factorial => "factorial",
        Function::Pow => "power",
        Function::Min => return since_version_2("min"),
        Function::Max => return since_version_2("max"),
        Function::Quotient => return since_version_2("quotient"),
        Function::Remainder => return since_version_2("rem"),
        _ => return None,
    })
}

/// Arguments and formula of a function that MathML lacks.
pub(in crate::exchange) fn definition(
    function: Function,
) -> Option<(&'static [&'static str], &'static str)> {
    body(function)
}

/// Arguments and formula of a definition. A comparison with NaN is false, so the last branch is the one that NaN takes.
fn body(function: Function) -> Option<(&'static [&'static str], &'static str)> {
    Some(match function {
        Function::Log1p => (
            &["x"],
            "piecewise(2 * arctanh(x / (2 + x)), x > -0.5 && x < 0.5, ln(1 + x))",
        ),
        // far below 0 the exponential is 0 and the hyperbolic sine overflows
        Function::Expm1 => (
            &["x"],
            "piecewise(-1, x < -100, 2 * exp(x / 2) * sinh(x / 2))",
        ),
        Function::Sign => (&["x"], "piecewise(1, x > 0, -1, x < 0, x)"),
        Function::Sigmoid => (&["x"], "1 / (1 + exp(-x))"),
        Function::Hill => (
            &["x", "K", "n"],
            "piecewise(piecewise(0, n > 0, 1, n < 0, 0.5), x <= 0, 1 / (1 + (K / x) ^ n))",
        ),
        Function::HillSlope => (
            &["x", "K", "n"],
            "piecewise(0, x < 0 || n == 0, n / K * 0 ^ (abs(n) - 1), x == 0, \
             n / x * (piecewise(x / K, x <= K, K / x) ^ abs(n) / (1 + piecewise(x / K, x <= K, K / x) ^ abs(n)) ^ 2))",
        ),
        Function::HillCurvature => (
            &["x", "K", "n"],
            "piecewise(0, x < 0 || n == 0, \
             -2 * n / K ^ 2, x == 0 && abs(n) == 1, \
             n * (abs(n) - 1) * 0 ^ (abs(n) - 2) / K ^ 2, x == 0, \
             piecewise(\
             n * (abs(n) - 1 - (abs(n) + 1) * (x / K) ^ abs(n)) * ((x / K) ^ abs(n) / x / x) / (1 + (x / K) ^ abs(n)) ^ 3, x <= K, \
             n * ((abs(n) - 1) * (K / x) ^ abs(n) - (abs(n) + 1)) * ((K / x) ^ abs(n) / x / x) / (1 + (K / x) ^ abs(n)) ^ 3))",
        ),
        Function::XLogY => (&["a", "b"], "piecewise(0, a == 0, a * ln(b))"),
        Function::ScaledPow => (&["a", "b", "n"], "piecewise(0, a == 0, a * b ^ n)"),
        Function::Min => (&["a", "b"], "piecewise(a, a <= b, b, b < a, a + b)"),
        Function::Max => (&["a", "b"], "piecewise(a, a >= b, b, b > a, a + b)"),
        Function::Quotient => (
            &["a", "b"],
            "piecewise(ceil(a / b), a / b < 0, floor(a / b))",
        ),
        Function::Remainder => (
            &["a", "b"],
            "a - b * piecewise(ceil(a / b), a / b < 0, floor(a / b))",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::functions::apply;

    /// Points on both sides of every case, small and large.
    const POINTS: [f64; 15] = [
        -1e3, -3.0, -1.0, -0.5, -1e-9, 0.0, 1e-12, 1e-3, 0.3, 0.5, 1.0, 2.0, 7.5, 40.0, 1e5,
    ];

    #[test]
    fn definitions_have_the_values_of_the_kernels() {
        for function in Function::ALL {
            let Some((arguments, text)) = body(function) else {
                continue;
            };
            let mut graph = Graph::new();
            let e = graph.parse(text).unwrap();
            let third = if arguments.len() > 2 {
                &POINTS[..]
            } else {
                &[0.0]
            };
            let second = if arguments.len() > 1 {
                &POINTS[..]
            } else {
                &[0.0]
            };
            for (a, b, c) in POINTS.iter().flat_map(|a| {
                second
                    .iter()
                    .flat_map(move |b| third.iter().map(move |c| (*a, *b, *c)))
            }) {
                let hill = matches!(
                    function,
                    Function::Hill | Function::HillSlope | Function::HillCurvature
                );
                // their domain, and exponents at which the kernels themselves do not overflow
                if hill && (b <= 0.0 || c.abs() > 10.0 || a > 0.0 && (a < 1e-4 || b < 1e-4)) {
                    continue;
                }
                let values = [a, b, c];
                let wanted = apply(function, &values);
                let named = |name: &str| {
                    arguments
                        .iter()
                        .position(|a| *a == name)
                        .map(|at| values[at])
                };
                let found = graph.evaluate(e, &named, 0.0).unwrap();
                // a few roundings: of the value, of the terms that a second derivative subtracts, of the dividend
                let scale = match function {
                    Function::HillCurvature if a > 0.0 => 1e-3f64.max(1.0 / (a * b)),
                    _ if hill => 1e-3,
                    Function::Remainder => a.abs(),
                    _ => 0.0,
                };
                let tolerance = 1e-12 * wanted.abs().max(scale);
                let mut apart = (found - wanted).abs();
                if function == Function::Remainder {
                    // at a whole quotient one rounding is a whole divisor
                    apart = apart.min((apart - b.abs()).abs());
                }
                let close = apart <= tolerance;
                let same = found == wanted || found.is_nan() && wanted.is_nan();
                assert!(
                    close || same,
                    "{function:?}{values:?}: {found}, not {wanted}"
                );
            }
        }
    }

    #[test]
    fn every_function_but_polygamma_can_be_written() {
        for version in [Version::L3V1, Version::L3V2] {
            for function in Function::ALL {
                let known = element(function, version).is_some() || body(function).is_some();
                assert_eq!(known, function != Function::Polygamma, "{function:?}");
            }
        }
    }
}
