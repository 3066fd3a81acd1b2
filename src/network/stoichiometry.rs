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
    /// Net stoichiometry; NaN where it could not be evaluated.
    pub matrix: DMatrix<f64>,
}

impl Stoichiometry {
    /// A basis of the conserved moieties: weights of the species whose weighted sum no reaction changes.
    ///
    /// By Gaussian elimination with partial pivoting; empty if an entry is NaN.
    pub fn conserved(&self) -> Vec<Vec<f64>> {
        let (n, m) = self.matrix.shape();
        if self.matrix.iter().any(|x| !x.is_finite()) {
            return Vec::new();
        }
        // eliminate [N | I]: rows whose left part vanishes hold weights of conserved sums
        let mut a = DMatrix::zeros(n, m + n);
        a.view_mut((0, 0), (n, m)).copy_from(&self.matrix);
        a.view_mut((0, m), (n, n)).fill_with_identity();
        let scale = self.matrix.amax().max(1.0);
        let mut rank = 0;
        for column in 0..m {
            let Some(pivot) =
                (rank..n).max_by(|i, j| a[(*i, column)].abs().total_cmp(&a[(*j, column)].abs()))
            else {
                break;
            };
            // smaller than rounding leaves of the entries
            if a[(pivot, column)].abs() <= 1e-12 * scale {
                continue;
            }
            a.swap_rows(rank, pivot);
            for row in rank + 1..n {
                let factor = a[(row, column)] / a[(rank, column)];
                for k in column..m + n {
                    a[(row, k)] -= factor * a[(rank, k)];
                }
            }
            rank += 1;
        }
        (rank..n)
            .map(|row| (0..n).map(|k| a[(row, m + k)]).collect())
            .collect()
    }
}

impl Network {
    /// The stoichiometry matrix. Coefficients that are formulas are evaluated with the parameters' values; those that
    /// cannot be evaluated are NaN. Boundary and constant species have zero rows.
    pub fn stoichiometry(&self) -> Stoichiometry {
        let mut graph = self.graph.clone();
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
                        .and_then(|e| graph.evaluate(e, &|id| self.number_of(id), 0.0).ok())
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
