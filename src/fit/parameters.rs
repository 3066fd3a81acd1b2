//! The parameter table and the one map between natural and search values.
//!
//! The search moves in *search* values $x$, each estimated row on its own [`Scale`]; everything else sees *natural* values
//! $\theta$. The map is [`Scale::natural`] and its inverse [`Scale::search`]; no other place converts.
//!
//! | scale | $\theta(x)$ | needs |
//! |---|---|---|
//! | linear | $x$ | |
//! | log | $e^x$ | bounds $\ge 0$ |
//! | log10 | $10^x$ | bounds $\ge 0$ |
//! | logit | $1/(1+e^{-x})$ | bounds in $[0, 1]$ |

use super::prior::Prior;
use serde::{Deserialize, Serialize};

/// The scale on which the search moves one parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// as it stands
    #[default]
    Linear,
    /// natural logarithm
    Log,
    /// decimal logarithm
    Log10,
    /// logarithm of the odds
    Logit,
}

/// A natural value and its first two derivatives with respect to the search value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledValue {
    /// natural value
    pub value: f64,
    /// d natural / d search
    pub first: f64,
    /// second derivative
    pub second: f64,
}

impl Scale {
    /// The natural value of a search value, with derivatives.
    pub fn natural(self, x: f64) -> ScaledValue {
        use std::f64::consts::LN_10;
        match self {
            Scale::Linear => ScaledValue {
                value: x,
                first: 1.0,
                second: 0.0,
            },
            Scale::Log => {
                let value = libm::exp(x);
                ScaledValue {
                    value,
                    first: value,
                    second: value,
                }
            }
            Scale::Log10 => {
                let value = libm::exp10(x);
                ScaledValue {
                    value,
                    first: LN_10 * value,
                    second: LN_10 * LN_10 * value,
                }
            }
            Scale::Logit => {
                // both tails without overflow
                let small = libm::exp(-x.abs());
                let value = if x >= 0.0 { 1.0 } else { small } / (1.0 + small);
                let first = small / ((1.0 + small) * (1.0 + small));
                ScaledValue {
                    value,
                    first,
                    second: first * (1.0 - 2.0 * value),
                }
            }
        }
    }

    /// The search value of a natural value; infinite or NaN outside the scale's domain.
    pub fn search(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Log => libm::log(value),
            Scale::Log10 => libm::log10(value),
            Scale::Logit => libm::log(value) - libm::log1p(-value),
        }
    }

    /// The closed range of natural values the scale can hold.
    fn domain(self) -> (f64, f64) {
        match self {
            Scale::Linear => (f64::NEG_INFINITY, f64::INFINITY),
            Scale::Log | Scale::Log10 => (0.0, f64::INFINITY),
            Scale::Logit => (0.0, 1.0),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Scale::Linear => "linear",
            Scale::Log => "log",
            Scale::Log10 => "log10",
            Scale::Logit => "logit",
        }
    }
}

/// One row of the parameter table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// identifier
    pub id: String,
    /// name for people
    pub name: Option<String>,
    /// unit as text
    pub unit: Option<String>,
    /// scale of the search
    pub scale: Scale,
    /// lower bound, natural
    pub lower: f64,
    /// upper bound, natural
    pub upper: f64,
    /// value when not estimated, and the first start
    pub nominal: f64,
    /// whether the search moves it
    pub estimate: bool,
    /// prior density on the natural scale
    pub prior: Option<Prior>,
    /// where sampled starts come from, if not from `prior`
    #[serde(default)]
    pub initialization: Option<Prior>,
}

/// All rows, in file order; those with `estimate` are searched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterTable {
    /// the rows
    pub rows: Vec<Parameter>,
}

/// Natural values of all rows of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Natural(pub Vec<f64>);

/// Search values of the estimated rows only, on their scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search(pub Vec<f64>);

/// What can be wrong with a row of the table (`row` counts from 0).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// two rows share an id
    #[error("parameter `{id}` (row {row}): the id is already used in row {first}")]
    Duplicate {
        /// the id
        id: String,
        /// second row
        row: usize,
        /// first row
        first: usize,
    },
    /// a bound is NaN or the lower exceeds the upper
    #[error("parameter `{id}` (row {row}): bounds [{lower}, {upper}] are not an interval")]
    Bounds {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
    },
    /// an estimated parameter that cannot move
    #[error(
        "parameter `{id}` (row {row}): the lower bound equals the upper bound {value}, so there is nothing to estimate; set estimate to false and the nominal value to {value}"
    )]
    Pinned {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// the bound
        value: f64,
    },
    /// an infinite bound on a scale that needs finite ones
    #[error(
        "parameter `{id}` (row {row}): the {side} bound {bound} is infinite on the {scale} scale; give a bound inside the scale's domain or use the linear scale"
    )]
    InfiniteBound {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// "lower" or "upper"
        side: &'static str,
        /// the bound, natural
        bound: f64,
        /// name of the scale
        scale: &'static str,
    },
    /// a bound outside what the scale can hold
    #[error(
        "parameter `{id}` (row {row}): the bounds [{lower}, {upper}] leave the domain of the {scale} scale"
    )]
    Domain {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
        /// name of the scale
        scale: &'static str,
    },
    /// the nominal value is NaN or infinite
    #[error("parameter `{id}` (row {row}): the nominal value {nominal} is not a finite number")]
    Nominal {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// nominal value
        nominal: f64,
    },
    /// the nominal value of an estimated row lies outside its bounds
    #[error(
        "parameter `{id}` (row {row}): the nominal value {nominal} lies outside the bounds [{lower}, {upper}]"
    )]
    NominalOutside {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// nominal value
        nominal: f64,
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
    },
    /// the prior's own parameters are not sound
    #[error("parameter `{id}` (row {row}): the prior {prior:?} is not a distribution ({why})")]
    Prior {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// the prior
        prior: Prior,
        /// what is wrong
        why: &'static str,
    },
    /// the bounds cut off the whole prior
    #[error(
        "parameter `{id}` (row {row}): the prior {prior:?} has no probability within the bounds [{lower}, {upper}]"
    )]
    PriorOutside {
        /// the id
        id: String,
        /// its row
        row: usize,
        /// the prior
        prior: Prior,
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
    },
}

impl ParameterTable {
    /// Row indices of the estimated parameters, in table order: entry k of a [`Search`] vector is row `estimated()[k]`.
    pub fn estimated(&self) -> Vec<usize> {
        (0..self.rows.len())
            .filter(|&i| self.rows[i].estimate)
            .collect()
    }

    /// The row with this id.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// Natural values of all rows at a search point (fixed rows at their nominal value).
    ///
    /// # Panics
    /// when `x` does not have one entry per estimated row.
    pub fn natural(&self, x: &Search) -> Natural {
        let mut entries = x.0.iter();
        let values = self
            .rows
            .iter()
            .map(|row| {
                if row.estimate {
                    let x = entries.next().expect("one search value per estimated row");
                    // rounding of the map must not leave the box
                    row.scale.natural(*x).value.clamp(row.lower, row.upper)
                } else {
                    row.nominal
                }
            })
            .collect();
        assert!(
            entries.next().is_none(),
            "one search value per estimated row"
        );
        Natural(values)
    }

    /// d natural / d search of the estimated rows, first and second.
    pub fn derivatives(&self, x: &Search) -> Vec<ScaledValue> {
        self.rows
            .iter()
            .filter(|row| row.estimate)
            .zip(&x.0)
            .map(|(row, x)| row.scale.natural(*x))
            .collect()
    }

    /// Search values of the estimated rows, from natural values of all rows.
    pub fn search(&self, natural: &Natural) -> Search {
        Search(
            self.rows
                .iter()
                .zip(&natural.0)
                .filter(|(row, _)| row.estimate)
                .map(|(row, value)| {
                    row.scale
                        .search(*value)
                        .clamp(row.scale.search(row.lower), row.scale.search(row.upper))
                })
                .collect(),
        )
    }

    /// Nominal values of all rows.
    pub fn nominal(&self) -> Natural {
        Natural(self.rows.iter().map(|row| row.nominal).collect())
    }

    /// Lower and upper bounds of the estimated rows on the search scale.
    pub fn search_bounds(&self) -> (Vec<f64>, Vec<f64>) {
        self.rows
            .iter()
            .filter(|row| row.estimate)
            .map(|row| (row.scale.search(row.lower), row.scale.search(row.upper)))
            .unzip()
    }

    /// All errors of the table at once.
    pub fn check(&self) -> Vec<ParameterError> {
        let mut errors = Vec::new();
        let mut seen = std::collections::HashMap::new();
        for (index, row) in self.rows.iter().enumerate() {
            if let Some(&first) = seen.get(&row.id) {
                errors.push(ParameterError::Duplicate {
                    id: row.id.clone(),
                    row: index,
                    first,
                });
            } else {
                seen.insert(&row.id, index);
            }
            row.check(index, &mut errors);
        }
        errors
    }
}

impl Parameter {
    fn check(&self, row: usize, errors: &mut Vec<ParameterError>) {
        let id = || self.id.clone();
        let (lower, upper) = (self.lower, self.upper);
        if !self.nominal.is_finite() {
            errors.push(ParameterError::Nominal {
                id: id(),
                row,
                nominal: self.nominal,
            });
        }
        if !self.estimate {
            return;
        }
        if lower.is_nan() || upper.is_nan() || lower > upper {
            errors.push(ParameterError::Bounds {
                id: id(),
                row,
                lower,
                upper,
            });
            return;
        }
        if lower == upper {
            errors.push(ParameterError::Pinned {
                id: id(),
                row,
                value: lower,
            });
            return;
        }
        let scale = self.scale.name();
        let (least, most) = self.scale.domain();
        if lower < least || upper > most {
            errors.push(ParameterError::Domain {
                id: id(),
                row,
                lower,
                upper,
                scale,
            });
            return;
        }
        if self.scale != Scale::Linear {
            for (side, bound) in [("lower", lower), ("upper", upper)] {
                if !self.scale.search(bound).is_finite() {
                    errors.push(ParameterError::InfiniteBound {
                        id: id(),
                        row,
                        side,
                        bound,
                        scale,
                    });
                }
            }
        }
        if self.nominal.is_finite() && !(lower..=upper).contains(&self.nominal) {
            errors.push(ParameterError::NominalOutside {
                id: id(),
                row,
                nominal: self.nominal,
                lower,
                upper,
            });
        }
        if let Some(prior) = &self.prior {
            if let Err(why) = prior.check() {
                errors.push(ParameterError::Prior {
                    id: id(),
                    row,
                    prior: prior.clone(),
                    why,
                });
            } else if prior.ln_probability(lower, upper) == f64::NEG_INFINITY {
                errors.push(ParameterError::PriorOutside {
                    id: id(),
                    row,
                    prior: prior.clone(),
                    lower,
                    upper,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn row(id: &str, scale: Scale, lower: f64, upper: f64, nominal: f64) -> Parameter {
        Parameter {
            id: id.into(),
            name: None,
            unit: None,
            scale,
            lower,
            upper,
            nominal,
            estimate: true,
            prior: None,
            initialization: None,
        }
    }

    #[test]
    fn every_error_of_a_table_is_reported_at_once() {
        let mut rows = vec![
            row("a", Scale::Linear, 0.0, 1.0, 0.5),
            row("a", Scale::Linear, 2.0, 1.0, 0.5),
            row("b", Scale::Linear, 1.0, 1.0, 1.0),
            row("c", Scale::Log, 0.0, 1.0, 0.5),
            row("d", Scale::Log, -1.0, 1.0, 0.5),
            row("e", Scale::Log10, 1.0, f64::INFINITY, 2.0),
            row("f", Scale::Logit, 0.1, 1.0, 0.5),
            row("g", Scale::Linear, f64::NEG_INFINITY, 3.0, 4.0),
            row("h", Scale::Linear, 0.0, 1.0, f64::NAN),
        ];
        rows[0].prior = Some(Prior::Normal { mean: 0.0, sd: 0.0 });
        rows.push(Parameter {
            initialization: None,
            prior: Some(Prior::Uniform {
                lower: 5.0,
                upper: 6.0,
            }),
            ..row("i", Scale::Linear, 0.0, 1.0, 0.5)
        });
        let errors = ParameterTable { rows }.check();
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 11, "{texts:#?}");
        assert!(matches!(errors[0], ParameterError::Prior { .. }));
        assert!(
            texts
                .iter()
                .any(|t| t.contains("`c`")
                    && t.contains("lower bound 0 is infinite on the log scale"))
        );
        assert!(
            texts
                .iter()
                .any(|t| t.contains("`g`") && t.contains("nominal value 4"))
        );
    }

    #[test]
    fn fixed_rows_keep_their_nominal_value() {
        let mut fixed = row("k", Scale::Log, f64::NAN, f64::NAN, 7.0);
        fixed.estimate = false;
        let table = ParameterTable {
            rows: vec![fixed, row("m", Scale::Log10, 0.1, 10.0, 1.0)],
        };
        assert!(table.check().is_empty());
        assert_eq!(table.estimated(), vec![1]);
        assert_eq!(table.natural(&Search(vec![1.0])).0, vec![7.0, 10.0]);
        assert_eq!(table.search(&Natural(vec![7.0, 1.0])).0, vec![0.0]);
    }

    proptest! {
        #[test]
        fn search_inverts_natural_and_derivatives_are_those_of_the_map(x in -8.0..8.0_f64) {
            for scale in [Scale::Linear, Scale::Log, Scale::Log10, Scale::Logit] {
                let at = scale.natural(x);
                // logit loses digits of 1 - theta towards 1
                prop_assert!((scale.search(at.value) - x).abs() < 1e-11);
                let h = 1e-5;
                let (up, down) = (scale.natural(x + h), scale.natural(x - h));
                // central differences: h^2 truncation, here relative to the value
                let tolerance = 1e-8 * (1.0 + at.value.abs() * 10.0);
                prop_assert!(((up.value - down.value) / (2.0 * h) - at.first).abs() < tolerance);
                prop_assert!(((up.first - down.first) / (2.0 * h) - at.second).abs() < tolerance * 10.0);
            }
        }
    }
}
