//! The unit itself: dimension, factor, and the symbols it was written with.
use super::message::excerpt;
use super::ratio::Ratio;
use super::scale::Scale;
use super::symbols::{BASE, lookup};
use std::fmt;

/// What can be wrong with units.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// The text is no unit.
    #[error("unit `{}`, character {column}: {message}", excerpt(.text, *.column))]
    Syntax {
        /// the whole text
        text: String,
        /// 1-based, in characters
        column: usize,
        /// what is wrong and what was expected
        message: String,
    },
    /// A symbol that stands for no unit.
    #[error("unit `{}`, character {column}: there is no unit `{}`{}", excerpt(.text, *.column), excerpt(.symbol, 1), near_text(.near))]
    UnknownSymbol {
        /// the whole text
        text: String,
        /// 1-based, in characters
        column: usize,
        /// the unknown symbol
        symbol: String,
        /// symbols that may have been meant
        near: Vec<String>,
    },
    /// Two units that measure different things.
    #[error("`{from}` ({from_dimension}) cannot be converted to `{to}` ({to_dimension})")]
    Incompatible {
        /// the unit at hand
        from: String,
        /// its base dimensions
        from_dimension: String,
        /// the unit wanted
        to: String,
        /// its base dimensions
        to_dimension: String,
    },
}

fn near_text(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", near.join("` or `"))
    }
}

/// A unit of measurement: exponents of the base dimensions, a factor, and the symbols it was written with.
///
/// Two units are equal when dimension and factor are: `mM` and `mmol/L` are equal.
#[derive(Clone, Debug)]
pub struct Unit {
    dimension: [Ratio; BASE.len()],
    /// to the coherent unit of the base dimensions
    scale: Scale,
    /// the part of the scale that is written as a number
    number: Scale,
    /// symbols as written, each once, exponents not 0
    terms: Vec<(String, Ratio)>,
}

impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        self.same_dimension(other) && self.scale.times(other.scale.inverse()).value() == 1.0
    }
}

impl Unit {
    /// The unit 1.
    pub fn dimensionless() -> Unit {
        Unit {
            dimension: [Ratio::ZERO; BASE.len()],
            scale: Scale::ONE,
            number: Scale::ONE,
            terms: Vec::new(),
        }
    }

    /// Reads a unit.
    ///
    /// Factors are separated by `*`, `·`, `.`, blanks or `/`, read from left to right (`a/b*c` is `a c/b`); exponents are
    /// written `cm^3`, `cm3`, `cm³`, `d^-1`, `d-1` or `m^(1/2)`; numbers may stand anywhere (`1e11 copies/cm^3`, `10^9 cells`).
    ///
    /// ```
    /// use holobiont::units::Unit;
    /// assert_eq!(Unit::parse("(g/L)^2*d^-1")?, Unit::parse("g2 L-2 / d")?);
    /// assert!(Unit::parse("mml/L").unwrap_err().to_string().contains("`mmol`"));
    /// # Ok::<(), holobiont::units::UnitError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Unit, UnitError> {
        super::parse::parse(text)
    }

    /// The unit of one symbol, prefix included.
    pub(super) fn symbol(symbol: &str) -> Option<Unit> {
        let (exponents, scale) = lookup(symbol)?;
        let plain = ["dimensionless", "fraction"].contains(&symbol);
        let terms = if plain {
            Vec::new()
        } else {
            vec![(symbol.to_owned(), Ratio::ONE)]
        };
        Some(Unit {
            dimension: exponents.map(Ratio::integer),
            scale,
            number: Scale::ONE,
            terms,
        })
    }

    /// A bare positive number.
    pub(super) fn of_number(number: Scale) -> Unit {
        Unit {
            scale: number,
            number,
            ..Unit::dimensionless()
        }
    }

    /// The unit of a product.
    pub fn multiply(&self, other: &Unit) -> Unit {
        let mut product = self.clone();
        for (sum, exponent) in product.dimension.iter_mut().zip(other.dimension) {
            *sum = sum.plus(exponent).unwrap_or(*sum);
        }
        product.scale = self.scale.times(other.scale);
        product.number = self.number.times(other.number);
        for (symbol, exponent) in &other.terms {
            match product.terms.iter_mut().find(|(known, _)| known == symbol) {
                Some((_, sum)) => *sum = sum.plus(*exponent).unwrap_or(*sum),
                None => product.terms.push((symbol.clone(), *exponent)),
            }
        }
        product
            .terms
            .retain(|(_, exponent)| *exponent != Ratio::ZERO);
        product
    }

    /// The unit of a quotient.
    pub fn divide(&self, other: &Unit) -> Unit {
        self.multiply(&other.power(-1))
    }

    /// The unit of an integer power.
    pub fn power(&self, exponent: i32) -> Unit {
        self.rational_power(Ratio::integer(exponent))
    }

    /// The unit of a power, roots included.
    pub fn rational_power(&self, exponent: Ratio) -> Unit {
        let times = |own: Ratio| own.times(exponent).unwrap_or(own);
        let terms = self
            .terms
            .iter()
            .map(|(symbol, own)| (symbol.clone(), times(*own)));
        Unit {
            dimension: self.dimension.map(times),
            scale: self.scale.power(exponent),
            number: self.number.power(exponent),
            terms: terms
                .filter(|(_, exponent)| *exponent != Ratio::ZERO)
                .collect(),
        }
    }

    /// Whether both measure the same thing, whatever their factors.
    pub fn same_dimension(&self, other: &Unit) -> bool {
        self.dimension == other.dimension
    }

    /// Whether the unit is that of a pure number, whatever its factor (1, %, pH).
    pub fn is_dimensionless(&self) -> bool {
        self.dimension
            .iter()
            .all(|exponent| *exponent == Ratio::ZERO)
    }

    /// The number that turns a value in this unit into one in `to`.
    ///
    /// # Errors
    /// [`UnitError::Incompatible`] when the dimensions differ.
    pub fn conversion_factor(&self, to: &Unit) -> Result<f64, UnitError> {
        if self.same_dimension(to) {
            return Ok(self.scale.times(to.scale.inverse()).value());
        }
        Err(UnitError::Incompatible {
            from: self.to_string(),
            from_dimension: self.dimension_text(),
            to: to.to_string(),
            to_dimension: to.dimension_text(),
        })
    }

    /// The symbols as written with their exponents.
    pub(super) fn written(&self) -> &[(String, Ratio)] {
        &self.terms
    }

    /// The part of the factor that is written as a number.
    pub(super) fn number_before(&self) -> f64 {
        self.number.value()
    }

    /// The factor to the coherent unit of the base dimensions.
    pub(super) fn factor(&self) -> f64 {
        self.scale.value()
    }

    /// The base dimensions alone, as text (`m^-3 mol s^-1`; `dimensionless` when there are none).
    pub fn dimension_text(&self) -> String {
        let terms: Vec<String> = BASE
            .iter()
            .zip(self.dimension)
            .filter(|(_, exponent)| *exponent != Ratio::ZERO)
            .map(|(base, exponent)| {
                if exponent == Ratio::ONE {
                    (*base).to_owned()
                } else {
                    format!("{base}^{exponent}")
                }
            })
            .collect();
        if terms.is_empty() {
            "dimensionless".into()
        } else {
            terms.join(" ")
        }
    }
}

/// The number that turns a value in the unit `from` into one in `to`, both as text.
///
/// ```
/// use holobiont::units::conversion_factor;
/// assert_eq!(conversion_factor("1/d", "1/h")?, 1.0 / 24.0);
/// assert!(conversion_factor("g/L", "mol/L").is_err());
/// # Ok::<(), holobiont::units::UnitError>(())
/// ```
///
/// # Errors
/// When a text is no unit or the dimensions differ.
pub fn conversion_factor(from: &str, to: &str) -> Result<f64, UnitError> {
    Unit::parse(from)?.conversion_factor(&Unit::parse(to)?)
}

impl fmt::Display for Unit {
    /// As [`Unit::parse`] reads it: `mmol/L/d`, `1/d`, `1e11 copies/cm^3`, `dimensionless`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.number.value();
        let side = |above: bool| {
            let wanted = move |exponent: Ratio| (exponent > Ratio::ZERO) == above;
            self.terms
                .iter()
                .filter(move |(_, exponent)| wanted(*exponent))
        };
        let above: Vec<String> = side(true)
            .map(|(symbol, exponent)| power_text(symbol, *exponent))
            .collect();
        let mut text = match (above.is_empty(), value == 1.0) {
            (true, true) if self.terms.is_empty() => "dimensionless".to_owned(),
            (true, true) => "1".to_owned(),
            (true, false) => factor_text(value),
            (false, true) => above.join("*"),
            (false, false) => format!("{} {}", factor_text(value), above.join("*")),
        };
        for (symbol, exponent) in side(false) {
            text.push('/');
            text.push_str(&power_text(symbol, exponent.negative()));
        }
        f.pad(&text)
    }
}

fn power_text(symbol: &str, exponent: Ratio) -> String {
    if exponent == Ratio::ONE {
        symbol.to_owned()
    } else {
        format!("{symbol}^{exponent}")
    }
}

fn factor_text(value: f64) -> String {
    if (1e-4..1e6).contains(&value) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

impl std::str::FromStr for Unit {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Unit, UnitError> {
        Unit::parse(text)
    }
}

impl serde::Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Unit::parse(&text).map_err(serde::de::Error::custom)
    }
}
