//! A compound by its elemental formula, and its molar mass.
use super::ChemistryError;
use crate::units::Ratio;
use std::collections::BTreeMap;
use std::fmt;

/// Source of the standard atomic weights: IUPAC 2021.
pub const ATOMIC_WEIGHTS: &str = "10.1515/pac-2019-0603";

/// Standard atomic weights in g/mol, abridged to five digits.
///
/// Source: IUPAC, Standard atomic weights of the elements 2021, doi:10.1515/pac-2019-0603, abridged values.
const ELEMENTS: [(&str, f64); 12] = [
    ("C", 12.011),
    ("Ca", 40.078),
    ("Cl", 35.45),
    ("Fe", 55.845),
    ("H", 1.0080),
    ("K", 39.098),
    ("Mg", 24.305),
    ("N", 14.007),
    ("Na", 22.990),
    ("O", 15.999),
    ("P", 30.974),
    ("S", 32.06),
];

/// A neutral compound as elements and their numbers, which may be fractions (biomass `CH1.8O0.5N0.2`).
///
/// ```
/// use holobiont::chemistry::Compound;
/// let acetic_acid = Compound::parse("CH3COOH")?;
/// assert_eq!(acetic_acid, Compound::parse("C2H4O2")?);
/// assert!((acetic_acid.molar_mass() - 60.052).abs() < 1e-9);
/// # Ok::<(), holobiont::chemistry::ChemistryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compound {
    formula: String,
    counts: BTreeMap<&'static str, Ratio>,
}

impl PartialEq for Compound {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

impl Compound {
    /// Reads a formula: element symbols, each with a number after it where it is not 1. Brackets and charges are not read.
    ///
    /// # Errors
    /// [`ChemistryError::Formula`] with the column, [`ChemistryError::TooLong`] for more than six decimals.
    pub fn parse(formula: &str) -> Result<Compound, ChemistryError> {
        let problem = |column: usize, problem: String| ChemistryError::Formula {
            formula: formula.to_string(),
            column: column + 1,
            problem,
        };
        let letters: Vec<char> = formula.chars().collect();
        let mut counts: BTreeMap<&'static str, Ratio> = BTreeMap::new();
        let mut at = 0;
        while at < letters.len() {
            let start = at;
            let run = |from: usize, belongs: fn(&char) -> bool| {
                from + letters[from..].iter().take_while(|c| belongs(c)).count()
            };
            if !letters[at].is_ascii_uppercase() {
                let expected = "expected the symbol of an element, as in `C6H12O6`".to_string();
                return Err(problem(start, expected));
            }
            at = run(at + 1, char::is_ascii_lowercase);
            let symbol: String = letters[start..at].iter().collect();
            let Some((known, _)) = ELEMENTS.iter().find(|(known, _)| *known == symbol) else {
                let known: Vec<&str> = ELEMENTS.iter().map(|(known, _)| *known).collect();
                let message = format!("`{symbol}` is none of {}", known.join(", "));
                return Err(problem(start, message));
            };
            let digits = at;
            at = run(at, |c| c.is_ascii_digit() || *c == '.');
            let number: String = letters[digits..at].iter().collect();
            let count = match number.is_empty() {
                true => Ratio::ONE,
                false => decimal(&number).map_err(|fault| {
                    fault.error(formula, || problem(digits, not_a_number(&number)))
                })?,
            };
            let sum = counts
                .get(known)
                .copied()
                .unwrap_or(Ratio::ZERO)
                .plus(count);
            counts.insert(known, sum.ok_or_else(|| too_long(formula))?);
        }
        if counts.is_empty() {
            return Err(problem(0, "the formula is empty".to_string()));
        }
        Ok(Compound {
            formula: formula.to_string(),
            counts,
        })
    }

    /// The number of atoms of an element.
    pub fn count(&self, symbol: &str) -> Ratio {
        self.counts.get(symbol).copied().unwrap_or(Ratio::ZERO)
    }

    /// The elements with their numbers, in alphabetical order.
    pub fn elements(&self) -> impl Iterator<Item = (&'static str, Ratio)> {
        self.counts.iter().map(|(symbol, count)| (*symbol, *count))
    }

    /// Molar mass in g/mol.
    pub fn molar_mass(&self) -> f64 {
        let weight = |symbol: &str| ELEMENTS.iter().find(|(known, _)| *known == symbol);
        self.elements()
            .filter_map(|(symbol, count)| Some(count.value() * weight(symbol)?.1))
            .sum()
    }

    /// Molar mass in g/mmol.
    pub fn grams_per_millimole(&self) -> f64 {
        self.molar_mass() / 1000.0
    }
}

impl fmt::Display for Compound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.formula)
    }
}

pub(super) fn too_long(text: &str) -> ChemistryError {
    ChemistryError::TooLong {
        text: text.to_string(),
    }
}

pub(super) fn not_a_number(text: &str) -> String {
    format!("`{text}` is not a positive number")
}

/// Why a decimal number cannot be a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    NoNumber,
    TooLong,
}

impl Fault {
    /// The error of the text that holds the number.
    pub(super) fn error(
        self,
        text: &str,
        no_number: impl FnOnce() -> ChemistryError,
    ) -> ChemistryError {
        match self {
            Fault::NoNumber => no_number(),
            Fault::TooLong => too_long(text),
        }
    }
}

/// A positive decimal number as an exact ratio.
pub(super) fn decimal(text: &str) -> Result<Ratio, Fault> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(Fault::NoNumber);
    }
    let numerator: i64 = digits.parse().map_err(|_| Fault::TooLong)?;
    let places = u32::try_from(part.len()).map_err(|_| Fault::TooLong)?;
    let denominator = 10_i64.checked_pow(places).ok_or(Fault::TooLong)?;
    match Ratio::new(numerator, denominator) {
        Some(ratio) if ratio.numerator() > 0 => Ok(ratio),
        Some(_) => Err(Fault::NoNumber),
        None => Err(Fault::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_counted_exactly() {
        let biomass = Compound::parse("CH1.8O0.5N0.2").unwrap();
        assert_eq!(Some(biomass.count("H")), Ratio::new(9, 5));
        assert_eq!(biomass.count("S"), Ratio::ZERO);
        assert_eq!(Compound::parse("NaCl").unwrap().count("N"), Ratio::ZERO);
    }

    #[test]
    fn formulas_that_cannot_be_read_say_where() {
        let message = |text: &str| Compound::parse(text).unwrap_err().to_string();
        assert_eq!(
            message("C6h12O6"),
            "chemical formula `C6h12O6`, column 3: expected the symbol of an element, as in `C6H12O6`"
        );
        assert!(message("C2Xx").contains("column 3: `Xx` is none of C, Ca"));
        assert!(message("C1.2.3").ends_with("column 2: `1.2.3` is not a positive number"));
        assert!(message("CH0").contains("`0` is not a positive number"));
        assert!(message("CH1.00000001").contains("too long"));
        assert!(message("").contains("empty"));
    }
}
