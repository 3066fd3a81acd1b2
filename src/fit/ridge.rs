//! Ridge regression of generalised Lotka-Volterra models on log-derivatives: rough estimates in no time, for starts.
//!
//! Between neighbouring samples of one subject, $\frac{\Delta \ln x_i}{\Delta t} \approx \mu_i + \sum_j m_{ij} x_j +
//! \sum_k \epsilon_{ik} u_k$: linear in the parameters. With the left sides as columns of $F$ and the regressors
//! $(x, 1, u)$ as columns of $Y$,
//! $$ \Theta = F Y^T (Y Y^T + D)^{-1} $$
//! minimises the squared error plus $\sum \Theta^2 D$, with a diagonal $D$ of separate penalties
//! (Stein et al. 2013, doi:10.1371/journal.pcbi.1003388, equation 5). These are starts, not estimates of trajectories.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// What can be wrong with a regression.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RidgeError {
    /// matrices do not fit together
    #[error("{what}: {expected} expected, {got} given")]
    Shape {
        /// which number
        what: &'static str,
        /// what it should be
        expected: usize,
        /// what it is
        got: usize,
    },
    /// not enough data and no penalty
    #[error("the regressors do not determine the coefficients; raise the penalties")]
    Singular,
    /// no pair of neighbouring samples
    #[error("no subject has two samples")]
    NoPairs,
    /// a subject's times do not ascend
    #[error("subject {subject}: time {time} does not come after {before}")]
    Order {
        /// index of the subject
        subject: usize,
        /// the time
        time: f64,
        /// the time before it
        before: f64,
    },
    /// a number that is not finite, a negative density or a floor that is not positive
    #[error("subject {subject}, sample {sample}: {value} is not a density")]
    Density {
        /// index of the subject
        subject: usize,
        /// index of the sample
        sample: usize,
        /// the number
        value: f64,
    },
}

/// Theta = F Y' (Y Y' + D)^-1 for responses F (r x n), regressors Y (m x n) and the penalty D (m x m).
///
/// # Errors
/// when the shapes do not fit or Y Y' + D is singular.
///
/// ```
/// use nalgebra::dmatrix;
/// let theta = holobiont::fit::ridge_regression(&dmatrix![2.0, 4.0], &dmatrix![1.0, 2.0], &dmatrix![5.0])?;
/// assert!((theta[(0, 0)] - 1.0f64).abs() < 1e-14); // half of the slope 2, because the penalty equals Y Y'
/// # Ok::<(), holobiont::fit::RidgeError>(())
/// ```
pub fn ridge_regression(
    responses: &DMatrix<f64>,
    regressors: &DMatrix<f64>,
    penalty: &DMatrix<f64>,
) -> Result<DMatrix<f64>, RidgeError> {
    let m = regressors.nrows();
    for (what, expected, got) in [
        (
            "columns of the responses",
            regressors.ncols(),
            responses.ncols(),
        ),
        ("rows of the penalty", m, penalty.nrows()),
        ("columns of the penalty", m, penalty.ncols()),
    ] {
        if expected != got {
            return Err(RidgeError::Shape {
                what,
                expected,
                got,
            });
        }
    }
    let normal = regressors * regressors.transpose() + penalty;
    let factor = normal.cholesky().ok_or(RidgeError::Singular)?;
    let right = regressors * responses.transpose();
    Ok(factor.solve(&right).transpose())
}

/// One subject's samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlvSeries {
    /// sampling times, ascending
    pub times: Vec<f64>,
    /// densities, one list of all taxa per time
    pub densities: Vec<Vec<f64>>,
    /// perturbation signals from each time on, one list per time; may be empty lists
    pub perturbations: Vec<Vec<f64>>,
}

/// Which densities stand on the right side between two samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regressor {
    /// those of the earlier sample, as in Stein et al. 2013
    #[default]
    Left,
    /// the mean of both samples
    Mean,
}

/// Options of [`glv_regression`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GlvRidge {
    /// penalty of growth rates
    pub growth: f64,
    /// penalty of interactions
    pub interaction: f64,
    /// penalty of susceptibilities
    pub susceptibility: f64,
    /// densities below are raised to it before logarithms are taken
    pub floor: f64,
    /// densities between two samples
    pub regressor: Regressor,
}

impl Default for GlvRidge {
    fn default() -> Self {
        GlvRidge {
            growth: 1.0,
            interaction: 1.0,
            susceptibility: 1.0,
            floor: 1e-6,
            regressor: Regressor::default(),
        }
    }
}

/// Coefficients of a generalised Lotka-Volterra model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlvCoefficients {
    /// growth rates by taxon
    pub growth: Vec<f64>,
    /// interactions, `interaction[affected][actor]`
    pub interaction: Vec<Vec<f64>>,
    /// susceptibilities, `susceptibility[taxon][perturbation]`
    pub susceptibility: Vec<Vec<f64>>,
}

/// Regresses the log-derivatives of all subjects' series.
///
/// Pairs of samples in which a taxon lies at or below the floor at both ends say nothing about its growth; they are left out of
/// that taxon's regression.
///
/// # Errors
/// when series are ragged, out of order or hold numbers that are no densities, or nothing is left to regress on.
pub fn glv_regression(
    series: &[GlvSeries],
    options: &GlvRidge,
) -> Result<GlvCoefficients, RidgeError> {
    let taxa = series
        .iter()
        .find_map(|s| s.densities.first())
        .map_or(0, Vec::len);
    let perturbations = series
        .iter()
        .find_map(|s| s.perturbations.first())
        .map_or(0, Vec::len);
    let mut pairs = Vec::new();
    for (subject, one) in series.iter().enumerate() {
        one.check(subject, taxa, perturbations)?;
        one.pairs(subject, options, &mut pairs)?;
    }
    if pairs.is_empty() {
        return Err(RidgeError::NoPairs);
    }
    let m = taxa + 1 + perturbations;
    let penalty = DMatrix::from_fn(m, m, |i, j| {
        if i != j {
            0.0
        } else if i < taxa {
            options.interaction
        } else if i == taxa {
            options.growth
        } else {
            options.susceptibility
        }
    });
    let mut result = GlvCoefficients {
        growth: vec![0.0; taxa],
        interaction: vec![vec![0.0; taxa]; taxa],
        susceptibility: vec![vec![0.0; perturbations]; taxa],
    };
    for taxon in 0..taxa {
        let used: Vec<&Pair> = pairs.iter().filter(|p| p.slope[taxon].is_some()).collect();
        let f = DMatrix::from_fn(1, used.len(), |_, c| used[c].slope[taxon].unwrap_or(0.0));
        let y = DMatrix::from_fn(m, used.len(), |r, c| used[c].regressors[r]);
        let theta = ridge_regression(&f, &y, &penalty)?;
        for actor in 0..taxa {
            result.interaction[taxon][actor] = theta[(0, actor)];
        }
        result.growth[taxon] = theta[(0, taxa)];
        for k in 0..perturbations {
            result.susceptibility[taxon][k] = theta[(0, taxa + 1 + k)];
        }
    }
    Ok(result)
}

struct Pair {
    slope: Vec<Option<f64>>,
    regressors: Vec<f64>,
}

impl GlvSeries {
    fn check(&self, subject: usize, taxa: usize, perturbations: usize) -> Result<(), RidgeError> {
        let n = self.times.len();
        let shape = |what, expected, got| {
            if expected == got {
                Ok(())
            } else {
                Err(RidgeError::Shape {
                    what,
                    expected,
                    got,
                })
            }
        };
        shape("samples with densities", n, self.densities.len())?;
        shape("samples with perturbations", n, self.perturbations.len())?;
        for pair in self.times.windows(2) {
            let ascends = pair[1] > pair[0];
            if !ascends {
                return Err(RidgeError::Order {
                    subject,
                    time: pair[1],
                    before: pair[0],
                });
            }
        }
        for (sample, (x, u)) in self.densities.iter().zip(&self.perturbations).enumerate() {
            shape("taxa", taxa, x.len())?;
            shape("perturbations", perturbations, u.len())?;
            let bad = x
                .iter()
                .find(|v| !v.is_finite() || **v < 0.0)
                .or_else(|| u.iter().find(|v| !v.is_finite()));
            if let Some(&value) = bad {
                return Err(RidgeError::Density {
                    subject,
                    sample,
                    value,
                });
            }
        }
        Ok(())
    }

    fn pairs(
        &self,
        subject: usize,
        options: &GlvRidge,
        out: &mut Vec<Pair>,
    ) -> Result<(), RidgeError> {
        let positive = options.floor > 0.0;
        if !positive {
            return Err(RidgeError::Density {
                subject,
                sample: 0,
                value: options.floor,
            });
        }
        for k in 1..self.times.len() {
            let step = self.times[k] - self.times[k - 1];
            let (before, after) = (&self.densities[k - 1], &self.densities[k]);
            let slope = before
                .iter()
                .zip(after)
                .map(|(&a, &b)| {
                    let seen = a > options.floor || b > options.floor;
                    seen.then(|| libm::log(b.max(options.floor) / a.max(options.floor)) / step)
                })
                .collect();
            let mut regressors: Vec<f64> = before
                .iter()
                .zip(after)
                .map(|(&a, &b)| match options.regressor {
                    Regressor::Left => a,
                    Regressor::Mean => 0.5 * (a + b),
                })
                .collect();
            regressors.push(1.0);
            regressors.extend(&self.perturbations[k - 1]);
            out.push(Pair { slope, regressors });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Densities that follow the regression's own recursion exactly: the coefficients come back without penalty.
    #[test]
    fn coefficients_of_an_exact_recursion_are_recovered() {
        let mu = [0.5, 0.3];
        let m = [[-0.4, -0.1], [-0.2, -0.3]];
        let eps = [-0.6, 0.2];
        let series: Vec<GlvSeries> = [[0.1, 0.9], [1.2, 0.05], [0.4, 0.4]]
            .iter()
            .map(|start| {
                let mut x = start.to_vec();
                let mut one = GlvSeries::default();
                for k in 0..8 {
                    let u = f64::from(u8::from(k == 2 || k == 5));
                    one.times.push(f64::from(k) * 0.5);
                    one.densities.push(x.clone());
                    one.perturbations.push(vec![u]);
                    let rate: Vec<f64> = (0..2)
                        .map(|i| mu[i] + m[i][0] * x[0] + m[i][1] * x[1] + eps[i] * u)
                        .collect();
                    x = x
                        .iter()
                        .zip(rate)
                        .map(|(x, r)| x * (0.5 * r).exp())
                        .collect();
                }
                one
            })
            .collect();
        let none = GlvRidge {
            growth: 0.0,
            interaction: 0.0,
            susceptibility: 0.0,
            ..GlvRidge::default()
        };
        let got = glv_regression(&series, &none).unwrap();
        for i in 0..2 {
            assert!((got.growth[i] - mu[i]).abs() < 1e-10);
            assert!((got.susceptibility[i][0] - eps[i]).abs() < 1e-10);
            for (got, want) in got.interaction[i].iter().zip(m[i]) {
                assert!((got - want).abs() < 1e-10);
            }
        }
        let heavy = GlvRidge {
            susceptibility: 1e9,
            ..none
        };
        let shrunk = glv_regression(&series, &heavy).unwrap();
        assert!(shrunk.susceptibility[0][0].abs() < 1e-6 && shrunk.growth[0].abs() > 0.1);
    }

    #[test]
    fn bad_series_are_named() {
        let good = GlvSeries {
            times: vec![0.0, 1.0],
            densities: vec![vec![1.0], vec![2.0]],
            perturbations: vec![vec![], vec![]],
        };
        let options = GlvRidge::default();
        assert!(glv_regression(std::slice::from_ref(&good), &options).is_ok());
        assert_eq!(glv_regression(&[], &options), Err(RidgeError::NoPairs));
        let mut bad = good.clone();
        bad.times[1] = 0.0;
        assert!(matches!(
            glv_regression(&[good.clone(), bad], &options),
            Err(RidgeError::Order { subject: 1, .. })
        ));
        let mut bad = good.clone();
        bad.densities[1] = vec![f64::NAN];
        assert!(matches!(
            glv_regression(&[bad], &options),
            Err(RidgeError::Density { sample: 1, .. })
        ));
        let mut bad = good;
        bad.densities[1] = vec![1.0, 2.0];
        assert!(matches!(
            glv_regression(&[bad], &options),
            Err(RidgeError::Shape { .. })
        ));
        assert!(matches!(
            ridge_regression(
                &DMatrix::zeros(1, 2),
                &DMatrix::zeros(3, 2),
                &DMatrix::zeros(3, 3)
            ),
            Err(RidgeError::Singular)
        ));
    }
}
