//! The unit of an expression, inferred from the units of its symbols.
//!
//! A bare number fits any unit in a sum, a comparison or a branch, and is a pure factor in a product; since such a factor may
//! be a conversion (`1000 * x`), a term with one is compared by dimension alone. A symbol without unit makes everything
//! that contains it unknown, where it matters; unknown never is an error.
use super::function::Function;
use super::graph::{Graph, QuickMap};
use super::node::{Expr, Node};
use crate::units::{Ratio, Unit};

/// Units within an expression that do not go together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitMismatch {
    /// Two parts that are added, compared or chosen between measure different things.
    #[error("in `{expression}`: `{first}` is in {first_unit}, but `{second}` is in {second_unit}")]
    Dimension {
        /// where both meet, as text
        expression: String,
        /// one part
        first: String,
        /// its unit
        first_unit: String,
        /// the other part
        second: String,
        /// its unit
        second_unit: String,
    },
    /// Two parts that meet measure the same thing in units of different size.
    #[error(
        "in `{expression}`: `{first}` is in {first_unit}, but `{second}` is in {second_unit}; convert one to the other"
    )]
    Factor {
        /// where both meet, as text
        expression: String,
        /// one part
        first: String,
        /// its unit
        first_unit: String,
        /// the other part
        second: String,
        /// its unit
        second_unit: String,
    },
    /// An argument or exponent that must be a pure number has a unit.
    #[error("in `{expression}`: `{argument}` must be dimensionless, but is in {unit}")]
    NotDimensionless {
        /// the call, as text
        expression: String,
        /// the argument
        argument: String,
        /// its unit
        unit: String,
    },
}

/// Characters of an expression that an error shows.
const SHOWN: usize = 120;

#[derive(Clone, Debug)]
enum Inferred {
    /// made of numbers only
    Literal,
    Unknown,
    Known {
        unit: Unit,
        /// false where a literal factor may have been a conversion
        exact: bool,
    },
}

impl Inferred {
    fn dimensionless() -> Inferred {
        Inferred::Known {
            unit: Unit::dimensionless(),
            exact: true,
        }
    }

    /// The unit of a product; `exact` says whether a literal factor is plainly no conversion.
    fn times(&self, other: &Inferred, exact: bool) -> Inferred {
        match (self, other) {
            (Inferred::Unknown, _) | (_, Inferred::Unknown) => Inferred::Unknown,
            (Inferred::Literal, Inferred::Literal) => Inferred::Literal,
            (Inferred::Literal, Inferred::Known { unit, exact: own })
            | (Inferred::Known { unit, exact: own }, Inferred::Literal) => Inferred::Known {
                unit: unit.clone(),
                exact: *own && exact,
            },
            (Inferred::Known { unit: a, exact: p }, Inferred::Known { unit: b, exact: q }) => {
                Inferred::Known {
                    unit: a.multiply(b),
                    exact: *p && *q,
                }
            }
        }
    }

    fn power(&self, exponent: Option<Ratio>) -> Inferred {
        match (self, exponent) {
            (Inferred::Known { unit, exact }, Some(exponent)) => Inferred::Known {
                unit: unit.rational_power(exponent),
                exact: *exact,
            },
            // a power with a varying exponent is known only of pure numbers
            (Inferred::Known { unit, .. }, None) if unit.is_dimensionless() => {
                Inferred::dimensionless()
            }
            (Inferred::Known { .. }, None) => Inferred::Unknown,
            (other, _) => other.clone(),
        }
    }
}

/// The unit of an expression, None where it is unknown or a mere number; `unit_of` gives those of symbols (and `time`).
///
/// The factor of the result is that of the symbols: literal coefficients do not count.
///
/// ```
/// use holobiont::{expr::{Graph, infer_unit}, units::Unit};
/// let mut graph = Graph::new();
/// let unit_of = |name: &str| Unit::parse(match name { "mu" => "1/d", "K" | "S" => "mmol/L", _ => return None }).ok();
/// let growth = graph.parse("mu * S / (K + S)")?;
/// assert_eq!(infer_unit(&graph, growth, &unit_of)?, Unit::parse("1/d").ok());
/// let wrong = graph.parse("mu + S")?;
/// assert_eq!(infer_unit(&graph, wrong, &unit_of).unwrap_err().to_string(), "in `S + mu`: `S` is in mmol/L, but `mu` is in 1/d");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`UnitMismatch`] for the innermost part whose units do not go together.
pub fn infer_unit(
    graph: &Graph,
    e: Expr,
    unit_of: &dyn Fn(&str) -> Option<Unit>,
) -> Result<Option<Unit>, UnitMismatch> {
    let mut inference = Inference {
        graph,
        known: QuickMap::default(),
    };
    for e in graph.reachable(&[e], |_| true) {
        let inferred = inference.node(e, unit_of)?;
        inference.known.insert(e.0, inferred);
    }
    Ok(match inference.of(e) {
        Inferred::Known { unit, .. } => Some(unit.clone()),
        Inferred::Literal | Inferred::Unknown => None,
    })
}

struct Inference<'a> {
    graph: &'a Graph,
    known: QuickMap<u32, Inferred>,
}

impl Inference<'_> {
    fn of(&self, e: Expr) -> &Inferred {
        &self.known[&e.0]
    }

    fn node(
        &self,
        e: Expr,
        unit_of: &dyn Fn(&str) -> Option<Unit>,
    ) -> Result<Inferred, UnitMismatch> {
        let declared = |name: &str| match unit_of(name) {
            Some(unit) => Inferred::Known { unit, exact: true },
            None => Inferred::Unknown,
        };
        Ok(match self.graph.node(e) {
            Node::Number(_) | Node::And(_) | Node::Or(_) | Node::Not(_) => Inferred::Literal,
            Node::Symbol(symbol) => declared(self.graph.name(*symbol)),
            Node::Time => declared("time"),
            Node::User(..) => Inferred::Unknown,
            Node::Sum(terms) => self.alike(e, terms)?,
            Node::Product(factors) => factors.iter().fold(Inferred::Literal, |product, factor| {
                product.times(self.of(*factor), self.is_plain(factors[0]))
            }),
            Node::Divide(a, b) => self.of(*a).times(
                &self.of(*b).power(Ratio::new(-1, 1)),
                self.is_plain(*a) && self.is_plain(*b),
            ),
            Node::Compare(_, a, b) => {
                self.alike(e, &[*a, *b])?;
                Inferred::Literal
            }
            Node::Select(_, then, otherwise) => self.alike(e, &[*then, *otherwise])?,
            Node::Call(function, arguments) => self.call(e, *function, arguments)?,
        })
    }

    /// Whether a leading literal is 1 or -1 (or there is none), so that it cannot be a conversion.
    fn is_plain(&self, e: Expr) -> bool {
        self.graph
            .as_number(e)
            .is_none_or(|value| value.abs() == 1.0)
    }

    fn call(
        &self,
        e: Expr,
        function: Function,
        arguments: &[Expr],
    ) -> Result<Inferred, UnitMismatch> {
        let a = arguments[0];
        Ok(match function {
            Function::Abs | Function::Floor | Function::Ceil => self.of(a).clone(),
            Function::Sign => Inferred::Literal,
            Function::Sqrt => self.of(a).power(Ratio::new(1, 2)),
            Function::Min | Function::Max | Function::Remainder => self.alike(e, arguments)?,
            Function::Quotient => self
                .of(a)
                .times(&self.of(arguments[1]).power(Ratio::new(-1, 1)), true),
            Function::Pow => self.power(e, a, arguments[1])?,
            Function::ScaledPow => {
                let power = self.power(e, arguments[1], arguments[2])?;
                self.of(a).times(&power, self.is_plain(a))
            }
            Function::XLogY => {
                self.pure(e, arguments[1])?;
                self.of(a).clone()
            }
            Function::Hill | Function::HillSlope | Function::HillCurvature => {
                self.alike(e, &arguments[..2])?;
                self.pure(e, arguments[2])?;
                match function {
                    Function::Hill => Inferred::dimensionless(),
                    Function::HillSlope => self.of(a).power(Ratio::new(-1, 1)),
                    _ => self.of(a).power(Ratio::new(-2, 1)),
                }
            }
            _ => {
                arguments
                    .iter()
                    .try_for_each(|&argument| self.pure(e, argument))?;
                Inferred::dimensionless()
            }
        })
    }

    fn power(&self, e: Expr, base: Expr, exponent: Expr) -> Result<Inferred, UnitMismatch> {
        self.pure(e, exponent)?;
        Ok(self
            .of(base)
            .power(self.graph.as_number(exponent).and_then(Ratio::nearest)))
    }

    /// Parts that must have one unit; the result is unknown if any part is.
    fn alike(&self, e: Expr, parts: &[Expr]) -> Result<Inferred, UnitMismatch> {
        let mut unknown = false;
        let mut found: Option<(Expr, &Unit, bool)> = None;
        for &part in parts {
            match (self.of(part), found) {
                (Inferred::Literal, _) => {}
                (Inferred::Unknown, _) => unknown = true,
                (Inferred::Known { unit, exact }, None) => found = Some((part, unit, *exact)),
                (Inferred::Known { unit, exact }, Some((first, first_unit, first_exact))) => {
                    let texts = |e: Expr| self.graph.text_shortened(e, SHOWN);
                    match unit.conversion_factor(first_unit) {
                        Err(_) => {
                            return Err(UnitMismatch::Dimension {
                                expression: texts(e),
                                first: texts(first),
                                first_unit: first_unit.to_string(),
                                second: texts(part),
                                second_unit: unit.to_string(),
                            });
                        }
                        // products of many factors may differ by rounding
                        Ok(factor) if *exact && first_exact && (factor - 1.0).abs() > 1e-9 => {
                            return Err(UnitMismatch::Factor {
                                expression: texts(e),
                                first: texts(first),
                                first_unit: first_unit.to_string(),
                                second: texts(part),
                                second_unit: unit.to_string(),
                            });
                        }
                        Ok(_) if *exact && !first_exact => found = Some((part, unit, true)),
                        Ok(_) => {}
                    }
                }
            }
        }
        Ok(match found {
            _ if unknown => Inferred::Unknown,
            Some((_, unit, exact)) => Inferred::Known {
                unit: unit.clone(),
                exact,
            },
            None => Inferred::Literal,
        })
    }

    /// An argument that must be a pure number.
    fn pure(&self, e: Expr, argument: Expr) -> Result<(), UnitMismatch> {
        match self.of(argument) {
            Inferred::Known { unit, .. } if !unit.is_dimensionless() => {
                Err(UnitMismatch::NotDimensionless {
                    expression: self.graph.text_shortened(e, SHOWN),
                    argument: self.graph.text_shortened(argument, SHOWN),
                    unit: unit.to_string(),
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str) -> Option<Unit> {
        let text = match name {
            "time" | "tau" => "d",
            "mu" => "1/d",
            "S" | "K" => "mmol/L",
            "S_umol" => "umol/L",
            "V" => "L",
            "m" => "kg",
            "n" => "dimensionless",
            _ => return None,
        };
        Some(Unit::parse(text).unwrap())
    }

    fn infer(text: &str) -> Result<Option<String>, UnitMismatch> {
        let mut graph = Graph::new();
        let e = graph.parse(text).unwrap();
        infer_unit(&graph, e, &unit).map(|unit| unit.map(|unit| unit.to_string()))
    }

    #[test]
    fn products_quotients_and_powers_have_their_units() {
        assert_eq!(infer("mu * S * V").unwrap().unwrap(), "mmol/d");
        assert_eq!(
            infer("sqrt(V^3) / m^0.75").unwrap().unwrap(),
            "L^(3/2)/kg^(3/4)"
        );
        assert_eq!(infer("hill(S, K, n) * S").unwrap().unwrap(), "mmol/L");
        assert_eq!(infer("exp(-mu * time)").unwrap().unwrap(), "dimensionless");
    }

    #[test]
    fn a_bare_number_fits_anywhere() {
        assert_eq!(infer("S + 1").unwrap().unwrap(), "mmol/L");
        assert_eq!(infer("max(S, 0)").unwrap().unwrap(), "mmol/L");
        assert_eq!(
            infer("piecewise(S, time > 3, 0)").unwrap().unwrap(),
            "mmol/L"
        );
        assert_eq!(infer("2 + 3").unwrap(), None);
    }

    #[test]
    fn a_literal_factor_may_be_a_conversion() {
        assert!(infer("1000 * S + S_umol").is_ok());
        assert!(matches!(
            infer("S + S_umol"),
            Err(UnitMismatch::Factor { .. })
        ));
        assert!(matches!(
            infer("1000 * S + V"),
            Err(UnitMismatch::Dimension { .. })
        ));
    }

    #[test]
    fn what_is_undeclared_stays_unknown_and_is_no_error() {
        assert_eq!(infer("S + other").unwrap(), None);
        assert_eq!(infer("mu * other").unwrap(), None);
        assert_eq!(infer("S^n / (K^n + S^n)").unwrap(), None);
        assert!(matches!(
            infer("other + S + V"),
            Err(UnitMismatch::Dimension { .. })
        ));
    }

    #[test]
    fn errors_name_the_innermost_part_and_both_units() {
        let error = infer("mu * (V + S / K * tau)").unwrap_err().to_string();
        assert!(
            error.contains("`V` is in L") && error.contains("in d"),
            "{error}"
        );
        let error = infer("mu * exp(S)").unwrap_err().to_string();
        assert_eq!(
            error,
            "in `exp(S)`: `S` must be dimensionless, but is in mmol/L"
        );
        assert!(matches!(
            infer("hill(S, V, 2)"),
            Err(UnitMismatch::Dimension { .. })
        ));
        assert!(matches!(
            infer("S < V"),
            Err(UnitMismatch::Dimension { .. })
        ));
        assert!(matches!(
            infer("2 ^ S"),
            Err(UnitMismatch::NotDimensionless { .. })
        ));
    }
}
