//! A pathway: what is consumed and produced, in whole or decimal numbers, with an exact element balance.
use super::compound::{decimal, not_a_number, too_long};
use super::{ChemistryError, Compound};
use crate::units::Ratio;
use std::collections::BTreeMap;
use std::fmt;

/// A pathway such as `2 hexose + 2 acetate -> 3 butyrate + 2 H2 + 4 CO2 + 2 H2O`; compounds are named by ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Pathway {
    text: String,
    reactants: Vec<(String, Ratio)>,
    products: Vec<(String, Ratio)>,
}

impl Pathway {
    /// Reads a pathway.
    ///
    /// # Errors
    /// [`ChemistryError::Pathway`] if it is none.
    pub fn parse(text: &str) -> Result<Pathway, ChemistryError> {
        let problem = |problem: String| ChemistryError::Pathway {
            pathway: text.to_string(),
            problem,
        };
        let (left, right) = text
            .split_once("->")
            .ok_or_else(|| problem("there is no arrow `->`".to_string()))?;
        let side = |side: &str| -> Result<Vec<(String, Ratio)>, ChemistryError> {
            let mut terms: Vec<(String, Ratio)> = Vec::new();
            for term in side.split('+') {
                let words: Vec<&str> = term.split_whitespace().collect();
                let (number, compound) = match words[..] {
                    [compound] => (Ratio::ONE, compound),
                    [number, compound] => {
                        let number = decimal(number)
                            .map_err(|fault| fault.error(text, || problem(not_a_number(number))))?;
                        (number, compound)
                    }
                    _ => {
                        let term = term.trim();
                        return Err(problem(format!("`{term}` is not a number and a compound")));
                    }
                };
                if terms.iter().any(|(known, _)| known == compound) {
                    return Err(problem(format!("`{compound}` stands twice on one side")));
                }
                if compound.starts_with(|c: char| c.is_ascii_digit()) {
                    return Err(problem(format!("`{compound}` is not the id of a compound")));
                }
                terms.push((compound.to_string(), number));
            }
            Ok(terms)
        };
        Ok(Pathway {
            text: text.trim().to_string(),
            reactants: side(left)?,
            products: side(right)?,
        })
    }

    /// Compounds consumed, with their numbers.
    pub fn reactants(&self) -> &[(String, Ratio)] {
        &self.reactants
    }

    /// Compounds produced, with their numbers.
    pub fn products(&self) -> &[(String, Ratio)] {
        &self.products
    }

    /// The same pathway with another name for a compound.
    pub fn rename(&self, from: &str, to: &str) -> Pathway {
        let side = |side: &[(String, Ratio)]| {
            let name = |id: &String| if id == from { to } else { id }.to_string();
            side.iter().map(|(id, n)| (name(id), *n)).collect()
        };
        Pathway {
            text: self.text.clone(),
            reactants: side(&self.reactants),
            products: side(&self.products),
        }
    }

    /// Compares the atoms of both sides, element by element, in exact arithmetic.
    ///
    /// # Errors
    /// A compound without formula, or the first element that does not balance with its atoms on both sides.
    pub fn check(
        &self,
        compound_of: &dyn Fn(&str) -> Option<Compound>,
    ) -> Result<(), ChemistryError> {
        let atoms = |side: &[(String, Ratio)]| {
            let mut atoms: BTreeMap<&'static str, Ratio> = BTreeMap::new();
            for (id, number) in side {
                let compound = compound_of(id).ok_or_else(|| ChemistryError::UnknownCompound {
                    pathway: self.text.clone(),
                    compound: id.clone(),
                })?;
                for (element, count) in compound.elements() {
                    let sum = atoms.entry(element).or_insert(Ratio::ZERO);
                    let more = count.times(*number).and_then(|more| more.plus(*sum));
                    *sum = more.ok_or_else(|| too_long(&self.text))?;
                }
            }
            Ok::<_, ChemistryError>(atoms)
        };
        let (left, right) = (atoms(&self.reactants)?, atoms(&self.products)?);
        for element in left.keys().chain(right.keys()) {
            let count = |side: &BTreeMap<&'static str, Ratio>| {
                side.get(element).copied().unwrap_or(Ratio::ZERO)
            };
            if count(&left) != count(&right) {
                return Err(ChemistryError::Unbalanced {
                    pathway: self.text.clone(),
                    element,
                    left: count(&left).to_string(),
                    right: count(&right).to_string(),
                });
            }
        }
        Ok(())
    }

    /// Net production of each compound per mole of `substrate` consumed, the substrate's own -1 included.
    ///
    /// # Errors
    /// [`ChemistryError::NotConsumed`] if the pathway does not consume the substrate.
    pub fn per(&self, substrate: &str) -> Result<Vec<(String, Ratio)>, ChemistryError> {
        let mut net: Vec<(String, Ratio)> = Vec::new();
        let consumed = self.reactants.iter().map(|(id, n)| (id, n.negative()));
        for (id, number) in consumed.chain(self.products.iter().map(|(id, n)| (id, *n))) {
            match net.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => *sum = sum.plus(number).ok_or_else(|| too_long(&self.text))?,
                None => net.push((id.clone(), number)),
            }
        }
        let own = net
            .iter()
            .find(|(id, n)| id == substrate && n.numerator() < 0);
        let scale = own.and_then(|(_, n)| n.negative().inverse());
        let scale = scale.ok_or_else(|| ChemistryError::NotConsumed {
            pathway: self.text.clone(),
            compound: substrate.to_string(),
        })?;
        for (_, number) in &mut net {
            *number = number.times(scale).ok_or_else(|| too_long(&self.text))?;
        }
        Ok(net)
    }
}

impl fmt::Display for Pathway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Pathway::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_pathway_is_scaled_to_one_mole_of_its_substrate() {
        let pathway = Pathway::parse("4 H2 + 2 CO2 -> acetate + 2 H2O").unwrap();
        let per: Vec<String> = (pathway.per("H2").unwrap().iter())
            .map(|(id, n)| format!("{id} {n}"))
            .collect();
        assert_eq!(per, ["H2 -1", "CO2 (-1/2)", "acetate (1/4)", "H2O (1/2)"]);
        assert!(pathway.per("acetate").is_err());
    }

    #[test]
    fn pathways_that_cannot_be_read_say_why() {
        assert!(error("hexose = 3 acetate").contains("no arrow"));
        assert!(error("hexose -> 3 acetate + ").contains("`` is not a number and a compound"));
        assert!(error("hexose -> 3acetate").contains("`3acetate` is not the id of a compound"));
        assert!(error("hexose -> x acetate").contains("`x` is not a positive number"));
        assert!(error("a -> b + 2 b").contains("`b` stands twice"));
    }
}
