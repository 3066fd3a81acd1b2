//! One subject's part of the objective: -ln p of its readings with gradient and Gauss-Newton matrix in natural values.

use super::objective::{Evaluation, Infeasibility, Order};
use super::reach::{Reach, Slopes};
use crate::cohort::{Cohort, Subject};
use crate::noise::LnDensity;
use crate::solve::{Solution, Status};
use nalgebra::DMatrix;

/// What one subject adds, over its own list of parameters.
#[derive(Clone, Debug)]
pub(super) struct SubjectPart {
    /// -ln p, or why there is none
    pub answer: Evaluation,
    /// sum of squared normalised residuals over the readings where it is defined, and whether it was for all
    pub chi2: Option<f64>,
    pub gradient: Vec<f64>,
    pub curvature: DMatrix<f64>,
    /// columns whose squares sum to the curvature: a reading's sensitivities in units of its noise (parameters x readings)
    pub rows: DMatrix<f64>,
}

/// Scores a finished (or failed) solve. `natural` holds all rows of the parameter table.
pub(super) fn score(
    cohort: &Cohort,
    subject: &Subject,
    reach: &Reach,
    solution: &Solution,
    natural: &[f64],
    slopes: &Slopes,
    want: Order,
) -> SubjectPart {
    let infeasible = |time, why| SubjectPart {
        answer: Evaluation::Infeasible {
            subject: Some(subject.id.clone()),
            time,
            why,
        },
        chi2: None,
        gradient: Vec::new(),
        curvature: DMatrix::zeros(0, 0),
        rows: DMatrix::zeros(0, 0),
    };
    if let Status::Failed { time, cause } = &solution.status {
        return infeasible(Some(*time), Infeasibility::Solve(cause.clone()));
    }
    let parameters = if want == Order::Value {
        0
    } else {
        reach.entries.len()
    };
    let directions = reach.directions.len();
    let outputs = cohort.outputs_of(subject);
    let placeholders = outputs.placeholders().len();
    let mut ln_p = 0.0;
    let mut chi2 = Some(0.0);
    let mut gradient = vec![0.0; parameters];
    let mut rows: Vec<f64> = Vec::new();
    let mut density = LnDensity::default();
    for (k, visit) in subject.visits.iter().enumerate() {
        let endpoint = &cohort.endpoints[visit.endpoint];
        let which = endpoint.formulas();
        let m = which.len();
        let values = visit.placeholder_values(placeholders, natural, &slopes.values);
        let mut arguments = vec![0.0; m];
        let mut by_direction = vec![0.0; m * directions];
        let mut by_placeholder = vec![0.0; m * placeholders];
        if want == Order::Value {
            solution.outputs(outputs, k, &which, &values, &mut arguments);
        } else {
            solution.outputs_with_derivatives(
                outputs,
                k,
                &which,
                &values,
                &mut arguments,
                &mut by_direction,
                &mut by_placeholder,
            );
        }
        endpoint
            .noise
            .ln_density(&visit.reading, &arguments, &mut density);
        if !density.value.is_finite() {
            return infeasible(
                Some(visit.time),
                Infeasibility::Density {
                    endpoint: endpoint.id.clone(),
                    row: visit.row,
                },
            );
        }
        ln_p += density.value;
        chi2 = match (chi2, density.chi2) {
            (Some(sum), Some(one)) => Some(sum + one),
            _ => None,
        };
        if want == Order::Value {
            continue;
        }
        let jacobian = reach.jacobian(m, &by_direction, &by_placeholder, visit, slopes);
        for a in 0..m {
            let by_argument = density.gradient[a];
            if by_argument != 0.0 {
                let row = &jacobian[a * parameters..(a + 1) * parameters];
                for (g, slope) in gradient.iter_mut().zip(row) {
                    *g -= by_argument * slope;
                }
            }
        }
        if want == Order::GaussNewton {
            add_rows(&density.information, &jacobian, parameters, &mut rows);
        }
    }
    let (curvature, rows) = if want == Order::GaussNewton && parameters > 0 {
        let count = rows.len() / parameters;
        // column-major parameters x count: every reading's row is a column
        let stacked = DMatrix::from_vec(parameters, count, rows);
        (&stacked * stacked.transpose(), stacked)
    } else {
        (DMatrix::zeros(0, 0), DMatrix::zeros(0, 0))
    };
    SubjectPart {
        answer: Evaluation::Value(-ln_p),
        chi2,
        gradient,
        curvature,
        rows,
    }
}

/// Appends L^T J, where the information is L L^T: the sum of its squares is the reading's Gauss-Newton matrix.
fn add_rows(information: &[f64], jacobian: &[f64], parameters: usize, rows: &mut Vec<f64>) {
    let m = information.len().isqrt();
    let mut left = information.to_vec();
    for k in 0..m {
        let pivot = left[k * m + k];
        if pivot <= 0.0 || !pivot.is_finite() {
            continue;
        }
        let root = pivot.sqrt();
        let column: Vec<f64> = (0..m)
            .map(|i| if i < k { 0.0 } else { left[i * m + k] / root })
            .collect();
        let first = rows.len();
        rows.resize(first + parameters, 0.0);
        for (a, factor) in column.iter().enumerate() {
            if *factor != 0.0 {
                let slopes = &jacobian[a * parameters..(a + 1) * parameters];
                for (row, slope) in rows[first..].iter_mut().zip(slopes) {
                    *row += factor * slope;
                }
            }
        }
        if rows[first..].iter().all(|v| *v == 0.0) {
            rows.truncate(first);
        }
        for i in k..m {
            for j in k..m {
                left[i * m + j] -= column[i] * column[j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_square_to_the_gauss_newton_matrix() {
        let information = [4.0, 1.0, 1.0, 3.0];
        let jacobian = [1.0, 2.0, 3.0, -1.0, 0.5, 2.0];
        let mut rows = Vec::new();
        add_rows(&information, &jacobian, 3, &mut rows);
        let j = DMatrix::from_row_slice(2, 3, &jacobian);
        let want = j.transpose() * DMatrix::from_row_slice(2, 2, &information) * &j;
        let stacked = DMatrix::from_vec(3, rows.len() / 3, rows);
        assert!((&stacked * stacked.transpose() - want).amax() < 1e-13);
    }
}
