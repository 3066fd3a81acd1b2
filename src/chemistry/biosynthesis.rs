//! The making of biomass from a substrate, closed with carbon dioxide, water and ammonia.
use super::compound::too_long;
use super::{ChemistryError, Compound};
use crate::units::Ratio;

/// Net production per mole of substrate spent on biomass, in moles; negative what is taken up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Biosynthesis {
    /// Formula units of biomass.
    pub biomass: Ratio,
    /// Carbon dioxide.
    pub carbon_dioxide: Ratio,
    /// Water.
    pub water: Ratio,
    /// Ammonia.
    pub ammonia: Ratio,
}

/// Biomass keeps the electrons of the substrate spent on it; carbon closes with CO2, nitrogen with NH3, hydrogen and oxygen with
/// water.
///
/// With the degree of reduction \\(\gamma = 4 C + H - 2 O - 3 N\\), one mole of substrate makes \\(b = \gamma_S/\gamma_X\\)
/// formula units of biomass:
/// $$ \mathrm{S} \to b\\, \mathrm{X} + (C_S - b\\, C_X)\\, \mathrm{CO_2} + (N_S - b\\, N_X)\\, \mathrm{NH_3} + w\\, \mathrm{H_2O}. $$
/// The oxygen balance gives \\(w\\); the electron balance makes the hydrogen balance hold. For hexose and `CH2O` all but
/// \\(b = 6\\) is zero.
///
/// Reference: Roels 1980, doi:10.1002/bit.260221202 (degree of reduction with ammonia as nitrogen source).
///
/// # Errors
/// [`ChemistryError::Biosynthesis`] if either has other elements than C, H, O, N or no electrons to give.
pub fn biosynthesis(
    substrate: &Compound,
    biomass: &Compound,
) -> Result<Biosynthesis, ChemistryError> {
    let failed = |problem: String| ChemistryError::Biosynthesis {
        biomass: biomass.to_string(),
        substrate: substrate.to_string(),
        problem,
    };
    for compound in [substrate, biomass] {
        let other = compound
            .elements()
            .find(|(e, _)| !["C", "H", "O", "N"].contains(e));
        if let Some((element, _)) = other {
            let problem =
                format!("`{compound}` has {element}, and only C, H, O and N can be closed");
            return Err(failed(problem));
        }
    }
    let (from, to) = (reduction(substrate)?, reduction(biomass)?);
    if from.numerator() <= 0 || to.numerator() <= 0 {
        return Err(failed("it has no electrons to give".to_string()));
    }
    let long = || too_long(&format!("{substrate} -> {biomass}"));
    let made = to
        .inverse()
        .and_then(|to| from.times(to))
        .ok_or_else(long)?;
    // what is left of an element
    let rest = |element: &str| {
        let bound = made.times(biomass.count(element))?;
        substrate.count(element).plus(bound.negative())
    };
    let carbon_dioxide = rest("C").ok_or_else(long)?;
    let in_gas = Ratio::integer(2).times(carbon_dioxide).ok_or_else(long)?;
    let water = rest("O").and_then(|oxygen| oxygen.plus(in_gas.negative()));
    Ok(Biosynthesis {
        biomass: made,
        carbon_dioxide,
        water: water.ok_or_else(long)?,
        ammonia: rest("N").ok_or_else(long)?,
    })
}

/// Degree of reduction: electrons that a compound gives when burnt to CO2, water and ammonia.
fn reduction(compound: &Compound) -> Result<Ratio, ChemistryError> {
    let weights = [("C", 4), ("H", 1), ("O", -2), ("N", -3)];
    let sum = weights
        .iter()
        .try_fold(Ratio::ZERO, |sum, (element, weight)| {
            sum.plus(compound.count(element).times(Ratio::integer(*weight))?)
        });
    sum.ok_or_else(|| too_long(&compound.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(substrate: &str, biomass: &str) -> Biosynthesis {
        let read = |text: &str| Compound::parse(text).unwrap();
        biosynthesis(&read(substrate), &read(biomass)).unwrap()
    }

    #[test]
    fn carbohydrate_becomes_ch2o_without_rest() {
        for (substrate, carbons) in [("C6H12O6", 6), ("C3H6O3", 3)] {
            let made = make(substrate, "CH2O");
            assert_eq!(made.biomass, Ratio::integer(carbons));
            let rest = [made.carbon_dioxide, made.water, made.ammonia];
            assert_eq!(rest, [Ratio::ZERO; 3]);
        }
    }

    #[test]
    fn hydrogen_takes_up_carbon_dioxide_and_formate_gives_it_off() {
        assert_eq!(Some(make("H2", "CH2O").carbon_dioxide), Ratio::new(-1, 2));
        assert_eq!(Some(make("CH2O2", "CH2O").carbon_dioxide), Ratio::new(1, 2));
    }

    #[test]
    fn every_element_balances_for_any_biomass() {
        let mass = |text: &str| Compound::parse(text).unwrap();
        for substrate in ["C6H12O6", "C3H4O3", "H2", "C2H5NO2", "C3H8O3"] {
            for biomass in ["CH2O", "CH1.8O0.5N0.2", "C5H7O2N"] {
                let made = make(substrate, biomass);
                let right = [
                    (biomass, made.biomass),
                    ("CO2", made.carbon_dioxide),
                    ("H2O", made.water),
                    ("NH3", made.ammonia),
                ];
                for element in ["C", "H", "O", "N"] {
                    let sum = right.iter().fold(Ratio::ZERO, |sum, (compound, number)| {
                        let atoms = mass(compound).count(element).times(*number).unwrap();
                        sum.plus(atoms).unwrap()
                    });
                    assert_eq!(
                        sum,
                        mass(substrate).count(element),
                        "{element} of {substrate}"
                    );
                }
            }
        }
    }

    #[test]
    fn carbon_dioxide_alone_makes_no_biomass() {
        let read = |text: &str| Compound::parse(text).unwrap();
        let made = biosynthesis(&read("CO2"), &read("CH2O"));
        assert!(
            made.unwrap_err()
                .to_string()
                .contains("no electrons to give")
        );
        let made = biosynthesis(&read("C6H12O6"), &read("CH2OP0.1"));
        assert!(made.unwrap_err().to_string().contains("has P"));
    }
}
