//! What findings told: information beside the prior, contraction, spectrum.
use crate::fit::{Derivatives, FitProblem, ParameterTable, Prior, Scale, Search};
use nalgebra::DMatrix;
use std::fmt;

/// A free parameter after a calibration; numbers are on its search scale unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// id
    pub id: String,
    /// search scale
    pub scale: Scale,
    /// declared range
    pub range: (f64, f64),
    /// mean and standard deviation of the prior
    pub prior: (f64, f64),
    /// the estimate
    pub estimate: f64,
    /// its standard deviation, of findings and prior together
    pub deviation: f64,
}

impl Calibrated {
    /// 1 less the ratio of the two standard deviations: 0 where findings told nothing.
    pub fn contraction(&self) -> f64 {
        1.0 - self.deviation / self.prior.1
    }

    /// Whether the estimate lies at an end of the range.
    pub fn at_an_end(&self) -> bool {
        let width = (self.range.1 - self.range.0) * EDGE;
        self.estimate < self.range.0 + width || self.estimate > self.range.1 - width
    }
}

/// A curvature that is not positive definite within its digits: one direction is told so much more strongly than the prior tells the others
/// that nothing is left of those. A subject that lives on the border between two states of rest does so, and an interval that is too narrow.
#[derive(Clone, Debug, PartialEq)]
pub struct NotDefinite {
    /// the parameter that is told most
    pub id: String,
    /// its information in units of the prior's
    pub ratio: f64,
}

impl fmt::Display for NotDefinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the curvature at the estimate is not positive definite within its digits: `{}` has {:.0e} times the information of its prior",
            self.id, self.ratio
        )
    }
}

impl std::error::Error for NotDefinite {}

/// Share of a range that counts as its end.
const EDGE: f64 = 1e-3;

/// The information of findings on free parameters at an estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Information {
    /// the free parameters, in order
    pub parameters: Vec<Calibrated>,
    /// eigenvalues of the findings' Fisher information in units of the prior's, the largest first
    pub spectrum: Vec<f64>,
    /// covariance of the free parameters on their search scales
    pub covariance: DMatrix<f64>,
}

impl Information {
    /// Number of directions that findings tell: the sum of l / (1 + l) over the spectrum.
    pub fn effective(&self) -> f64 {
        self.spectrum.iter().map(|l| l / (1.0 + l)).sum()
    }

    /// From the curvature of the objective (with prior) at `x`. Entries with a normal prior are parameters, all others levels of contrasts,
    /// which are eliminated.
    ///
    /// # Errors
    /// A curvature that is not positive definite within its digits.
    pub fn new(
        problem: &FitProblem,
        x: &Search,
        derivatives: &Derivatives,
    ) -> Result<Information, NotDefinite> {
        let table: &ParameterTable = &problem.parameters;
        let rows = table.estimated();
        let (lower, upper) = table.search_bounds();
        let prior = |row: usize| match &table.rows[row].prior {
            Some(Prior::OnScale { density, .. }) => match **density {
                Prior::Normal { mean, sd } => Some((mean, sd)),
                _ => None,
            },
            _ => None,
        };
        let free: Vec<usize> = (0..rows.len())
            .filter(|i| prior(rows[*i]).is_some())
            .collect();
        let curvature = derivatives.curvature.to_dense();
        let strongest = || {
            let told = free.iter().map(|&entry| {
                let sd = prior(rows[entry]).map_or(1.0, |p| p.1);
                (
                    table.rows[rows[entry]].id.clone(),
                    sd * sd * curvature[(entry, entry)],
                )
            });
            let (id, ratio) = told
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((String::new(), 0.0));
            NotDefinite { id, ratio }
        };
        let inverse = (curvature.clone().cholesky())
            .ok_or_else(strongest)?
            .inverse();
        let covariance =
            DMatrix::from_fn(free.len(), free.len(), |i, j| inverse[(free[i], free[j])]);
        let parameters: Vec<Calibrated> = (free.iter().enumerate())
            .map(|(k, &entry)| Calibrated {
                id: table.rows[rows[entry]].id.clone(),
                scale: table.rows[rows[entry]].scale,
                range: (lower[entry], upper[entry]),
                prior: prior(rows[entry]).unwrap_or((0.0, 1.0)),
                estimate: x.0[entry],
                deviation: covariance[(k, k)].sqrt(),
            })
            .collect();
        let precision = (covariance.clone().cholesky())
            .ok_or_else(strongest)?
            .inverse();
        let scaled = DMatrix::from_fn(free.len(), free.len(), |i, j| {
            let own = if i == j { 1.0 } else { 0.0 };
            precision[(i, j)] * parameters[i].prior.1 * parameters[j].prior.1 - own
        });
        let mut spectrum: Vec<f64> = scaled
            .symmetric_eigenvalues()
            .iter()
            .map(|l| l.max(0.0))
            .collect();
        spectrum.sort_by(|a, b| b.total_cmp(a));
        Ok(Information {
            parameters,
            spectrum,
            covariance,
        })
    }
}
