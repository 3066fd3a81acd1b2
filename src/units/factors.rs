//! A unit taken apart into the symbols it was written with, for formats that spell units out.
use super::ratio::Ratio;
use super::symbols::{BASE, lookup};
use super::unit::Unit;

/// One symbol of a unit with its exponent.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitFactor {
    /// Exponents of m, kg, s, mol, K, A, cd, item and IU in the symbol itself.
    pub dimension: [i32; BASE.len()],
    /// The symbol as a multiple of the coherent unit of its dimension, as 86400 for a day.
    pub scale: f64,
    /// Its exponent in the unit.
    pub exponent: Ratio,
}

impl Unit {
    /// The symbols as written, each once, and the number that stands before them.
    ///
    /// ```
    /// use holobiont::units::Unit;
    /// let (number, factors) = Unit::parse("1e11 copies/cm^3/d")?.factors();
    /// assert_eq!((number, factors.len()), (1e11, 3));
    /// assert_eq!((factors[2].scale, factors[2].exponent.value()), (86400.0, -1.0));
    /// # Ok::<(), holobiont::units::UnitError>(())
    /// ```
    pub fn factors(&self) -> (f64, Vec<UnitFactor>) {
        let factor = |(symbol, exponent): &(String, Ratio)| {
            let (dimension, scale) = lookup(symbol)?;
            Some(UnitFactor {
                dimension,
                scale: scale.value(),
                exponent: *exponent,
            })
        };
        let factors = self.written().iter().filter_map(factor).collect();
        (self.number_before(), factors)
    }
}
