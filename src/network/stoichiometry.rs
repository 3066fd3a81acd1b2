//! The stoichiometry of a network as a matrix, and its conservation laws.
use super::{Formula, Network};
use nalgebra::DMatrix;

/// Net stoichiometry of species (rows) in reactions (columns).
#[derive(Clone, Debug, PartialEq)]
pub struct Stoichiometry {
    /// Ids of the rows.
    pub species: Vec<String>,
    /// Ids of the columns.
    pub reactions: Vec<String>,
    /// Net stoichiometry; entries whose value needs a formula are taken from `values`.
    pub matrix: DMatrix<f64>,
}

impl Network {
    /// The stoichiometry matrix. Coefficients that are formulas are evaluated with the parameters' values; those that
    /// cannot be evaluated are NaN. Boundary and constant species have zero rows.
    pub fn stoichiometry(&self) -> Stoichiometry {
        let mut graph = self.graph.clone();
        let value_of = |id: &str| -> Option<f64> {
            let parameter = self
                .parameters
                .iter()
                .find(|(known, _)| known == id)
                .and_then(|(_, p)| p.value);
            parameter.or_else(|| {
                self.compartments
                    .iter()
                    .find(|(known, _)| known == id)
                    .and_then(|(_, c)| c.size)
            })
        };
        let mut matrix = DMatrix::zeros(self.species.len(), self.reactions.len());
        for (column, (_, reaction)) in self.reactions.iter().enumerate() {
            let sides = reaction
                .reactants
                .iter()
                .map(|x| (x, -1.0))
                .chain(reaction.products.iter().map(|x| (x, 1.0)));
            for ((id, formula), sign) in sides {
                let Some(row) = self
                    .species
                    .iter()
                    .position(|(known, s)| known == id && !s.boundary && !s.constant)
                else {
                    continue;
                };
                let value = match formula {
                    Formula::Number(value) => *value,
                    formula => formula
                        .expr(&mut graph)
                        .ok()
                        .and_then(|e| graph.evaluate(e, &value_of, 0.0).ok())
                        .unwrap_or(f64::NAN),
                };
                matrix[(row, column)] += sign * value;
            }
        }
        Stoichiometry {
            species: self.species.iter().map(|(id, _)| id.clone()).collect(),
            reactions: self.reactions.iter().map(|(id, _)| id.clone()).collect(),
            matrix,
        }
    }
}
