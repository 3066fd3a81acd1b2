//! Uncertainty at the optimum: Fisher matrix, standard errors, confidence intervals, and what the data do not determine.
//!
//! The Gauss-Newton matrix at the optimum is the expected information of the readings plus the curvature of the priors.
//! Parameters at an active bound are held there and left out. The free part is scaled to a unit diagonal and inverted block by
//! block: eigenvalues of each subject's own block, then of the Schur complement of the shared parameters. A direction whose
//! eigenvalue is below `rank_tolerance` times the largest is not determined: it is named, and parameters that take part in it
//! have no standard error. Intervals are symmetric on the search scale ($x \pm z\,\mathrm{se}$), mapped to natural values and
//! cut at the bounds.

use super::covariance::Covariance;
use super::objective::Derivatives;
use super::parameters::{ParameterTable, Search};
use crate::noise::normal_quantile;
use serde::{Deserialize, Serialize};

/// Options of [`uncertainty`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UncertaintyOptions {
    /// probability of the intervals
    pub level: f64,
    /// eigenvalues of the unit-diagonal matrix below this times the largest count as zero
    pub rank_tolerance: f64,
    /// a parameter within this share of its search range of a bound counts as on it
    pub bound_tolerance: f64,
}

impl Default for UncertaintyOptions {
    fn default() -> Self {
        UncertaintyOptions {
            level: 0.95,
            rank_tolerance: 1e-9,
            bound_tolerance: 1e-8,
        }
    }
}

/// Which bound a parameter lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// the lower one
    Lower,
    /// the upper one
    Upper,
}

/// One estimated parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// identifier
    pub id: String,
    /// unit as text
    pub unit: Option<String>,
    /// natural value
    pub value: f64,
    /// value on the search scale
    pub search: f64,
    /// standard error of the natural value (first order); none where undetermined or at a bound
    pub standard_error: Option<f64>,
    /// standard error on the search scale
    pub search_standard_error: Option<f64>,
    /// confidence interval, natural
    pub interval: Option<(f64, f64)>,
    /// the bound it lies on
    pub at_bound: Option<Bound>,
    /// false when it takes part in a direction that the data do not determine
    pub determined: bool,
}

/// A direction in the search space that neither data nor priors determine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undetermined {
    /// eigenvalue of the unit-diagonal matrix
    pub eigenvalue: f64,
    /// (parameter id, component on the search scale), the largest first; small ones left out
    pub components: Vec<(String, f64)>,
}

/// Uncertainty of all estimated parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// probability of the intervals
    pub level: f64,
    /// all estimated parameters in table order
    pub estimates: Vec<Estimate>,
    /// number of free parameters (not at a bound)
    pub free: usize,
    /// how many directions of them are determined
    pub rank: usize,
    /// eigenvalues of the scaled own blocks and Schur complement, descending
    pub eigenvalues: Vec<f64>,
    /// what is not determined
    pub undetermined: Vec<Undetermined>,
}

/// Components below this are not named and do not cost a parameter its standard error.
pub(super) const COMPONENT: f64 = 0.01;

/// The active bound of every estimated parameter: it lies there, and the gradient points outwards.
pub(super) fn active_bounds(
    table: &ParameterTable,
    x: &Search,
    derivatives: &Derivatives,
    options: &UncertaintyOptions,
) -> Vec<Option<Bound>> {
    let (lower, upper) = table.search_bounds();
    (0..x.0.len())
        .map(|i| {
            let bounds = (lower[i], upper[i]);
            active_bound(
                x.0[i],
                derivatives.gradient[i],
                bounds,
                options.bound_tolerance,
            )
        })
        .collect()
}

/// The bound that one search value lies on, with the gradient pointing outwards.
pub(super) fn active_bound(
    x: f64,
    gradient: f64,
    (lower, upper): (f64, f64),
    tolerance: f64,
) -> Option<Bound> {
    let near = if (upper - lower).is_finite() {
        tolerance * (upper - lower)
    } else {
        tolerance * (1.0 + x.abs())
    };
    if x - lower <= near && gradient >= 0.0 {
        Some(Bound::Lower)
    } else if upper - x <= near && gradient <= 0.0 {
        Some(Bound::Upper)
    } else {
        None
    }
}

/// Uncertainty at `x`, from gradient and Gauss-Newton matrix there.
pub fn uncertainty(
    table: &ParameterTable,
    x: &Search,
    derivatives: &Derivatives,
    options: &UncertaintyOptions,
) -> Uncertainty {
    let rows: Vec<_> = table.rows.iter().filter(|row| row.estimate).collect();
    let (lower, upper) = table.search_bounds();
    let at_bound = active_bounds(table, x, derivatives, options);
    let free: Vec<bool> = at_bound.iter().map(Option::is_none).collect();
    let covariance = Covariance::new(&derivatives.curvature, &free, options.rank_tolerance);
    let z = normal_quantile(0.5 + 0.5 * options.level);
    let scales = table.derivatives(x);
    let natural = table.natural(x);
    let estimates = table
        .estimated()
        .iter()
        .enumerate()
        .map(|(i, &row)| {
            let determined = !covariance.loose[i];
            let error = (free[i] && determined)
                .then(|| covariance.variance[i].sqrt())
                .filter(|e| e.is_finite());
            Estimate {
                id: rows[i].id.clone(),
                unit: rows[i].unit.clone(),
                value: natural.0[row],
                search: x.0[i],
                standard_error: error.map(|e| e * scales[i].first.abs()),
                search_standard_error: error,
                interval: error.map(|e| {
                    let end = |x: f64| rows[i].scale.natural(x.clamp(lower[i], upper[i])).value;
                    (end(x.0[i] - z * e), end(x.0[i] + z * e))
                }),
                at_bound: at_bound[i],
                determined,
            }
        })
        .collect();
    let undetermined = covariance
        .null
        .iter()
        .map(|(eigenvalue, vector)| {
            let mut components: Vec<(String, f64)> = vector
                .iter()
                .enumerate()
                .filter(|(_, v)| v.abs() >= COMPONENT)
                .map(|(i, v)| (rows[i].id.clone(), *v))
                .collect();
            components.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            Undetermined {
                eigenvalue: *eigenvalue,
                components,
            }
        })
        .collect();
    Uncertainty {
        level: options.level,
        estimates,
        free: free.iter().filter(|f| **f).count(),
        rank: free.iter().filter(|f| **f).count() - covariance.null.len(),
        eigenvalues: covariance.eigenvalues,
        undetermined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::arrow::ArrowLayout;
    use crate::fit::{Parameter, Scale};
    use nalgebra::DVector;
    use std::sync::Arc;

    fn table(scales: &[Scale]) -> ParameterTable {
        ParameterTable {
            rows: scales
                .iter()
                .enumerate()
                .map(|(k, scale)| Parameter {
                    id: format!("p{k}"),
                    name: None,
                    unit: None,
                    scale: *scale,
                    lower: 0.1,
                    upper: 10.0,
                    nominal: 1.0,
                    estimate: true,
                    prior: None,
                    initialization: None,
                })
                .collect(),
        }
    }

    fn derivatives(owner: &[Option<usize>], rows: &[(&[usize], &[f64])]) -> Derivatives {
        let mut out = Derivatives::new(Arc::new(ArrowLayout::new(owner)));
        for (entries, row) in rows {
            let j = DVector::from_column_slice(row);
            out.curvature.add(entries, &(&j * j.transpose()));
        }
        out
    }

    #[test]
    fn standard_errors_are_those_of_the_inverse_matrix() {
        let owner = [None, Some(0), Some(1)];
        let d = derivatives(
            &owner,
            &[
                (&[0, 1], &[3.0, 1.0]),
                (&[0, 1], &[1.0, 2.0]),
                (&[0, 2], &[1.0, 4.0]),
                (&[0, 2], &[2.0, -1.0]),
            ],
        );
        let table = table(&[Scale::Log, Scale::Linear, Scale::Log10]);
        let x = Search(vec![0.5, 2.0, 0.3]);
        let u = uncertainty(&table, &x, &d, &UncertaintyOptions::default());
        let inverse = d.curvature.to_dense().try_inverse().unwrap();
        assert_eq!((u.free, u.rank), (3, 3));
        for (i, e) in u.estimates.iter().enumerate() {
            let want = inverse[(i, i)].sqrt();
            assert!((e.search_standard_error.unwrap() - want).abs() < 1e-12 * want);
        }
        let e = &u.estimates[0];
        assert!((e.value - 0.5_f64.exp()).abs() < 1e-15);
        assert!(
            (e.standard_error.unwrap() - e.search_standard_error.unwrap() * e.value).abs() < 1e-15
        );
        let (low, high) = e.interval.unwrap();
        // symmetric on the log scale, 1.959964 standard errors
        assert!((low * high / (e.value * e.value) - 1.0).abs() < 1e-12);
        assert!(
            ((high / e.value).ln() / e.search_standard_error.unwrap() - 1.959_963_984_540_054)
                .abs()
                < 1e-9
        );
    }

    #[test]
    fn a_sum_alone_leaves_the_difference_undetermined_and_named() {
        let d = derivatives(
            &[None; 3],
            &[
                (&[0, 1, 2], &[1.0, 1.0, 0.0]),
                (&[0, 1, 2], &[0.0, 0.0, 2.0]),
            ],
        );
        let u = uncertainty(
            &table(&[Scale::Linear; 3]),
            &Search(vec![1.0; 3]),
            &d,
            &UncertaintyOptions::default(),
        );
        assert_eq!((u.free, u.rank), (3, 2));
        let names: Vec<&str> = u.undetermined[0]
            .components
            .iter()
            .map(|c| c.0.as_str())
            .collect();
        assert_eq!(names, ["p0", "p1"]);
        assert!(
            (u.undetermined[0].components[0].1 + u.undetermined[0].components[1].1).abs() < 1e-12
        );
        assert!(u.estimates[0].standard_error.is_none() && !u.estimates[1].determined);
        assert!((u.estimates[2].standard_error.unwrap() - 0.5).abs() < 1e-14);
    }

    #[test]
    fn parameters_at_bounds_are_held_and_reported() {
        let mut d = derivatives(
            &[None; 2],
            &[(&[0, 1], &[1.0, 1.0]), (&[0, 1], &[0.0, 1.0])],
        );
        d.gradient = vec![0.7, 0.0];
        let u = uncertainty(
            &table(&[Scale::Linear; 2]),
            &Search(vec![0.1, 1.0]),
            &d,
            &UncertaintyOptions::default(),
        );
        assert_eq!(u.estimates[0].at_bound, Some(Bound::Lower));
        assert_eq!(u.estimates[0].standard_error, None);
        assert_eq!((u.free, u.rank), (1, 1));
        // p0 held: the information of p1 is 2
        assert!((u.estimates[1].standard_error.unwrap() - 0.5_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn an_own_parameter_that_nothing_determines_does_not_spoil_the_rest() {
        let owner = [None, Some(0), Some(1)];
        let d = derivatives(
            &owner,
            &[
                (&[0, 1], &[3.0, 0.0]),
                (&[0, 2], &[1.0, 4.0]),
                (&[0, 2], &[1.0, 1.0]),
            ],
        );
        let u = uncertainty(
            &table(&[Scale::Linear; 3]),
            &Search(vec![1.0; 3]),
            &d,
            &UncertaintyOptions::default(),
        );
        assert_eq!((u.free, u.rank), (3, 2));
        assert_eq!(u.undetermined[0].components, vec![("p1".to_string(), 1.0)]);
        assert!(
            u.estimates[0].determined && u.estimates[2].determined && !u.estimates[1].determined
        );
    }
}
