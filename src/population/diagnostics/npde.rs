//! Prediction discrepancies and normalised prediction distribution errors.
//!
//! Of $K$ simulated readings $y_{ij}^{(k)}$ the discrepancy of a reading is its rank among them, $\text{pd}_{ij} = (r + u)/(K+1)$ with $u$ uniform: exactly
//! uniform under the model, whatever the model. Readings of one individual are correlated; with mean $E$ and covariance $V = C C^\top$ of its
//! simulated readings, observation and simulations are decorrelated by $C^{-1}(y - E)$, ranked again, and
//! $\text{npde} = \Phi^{-1}$ of that rank: standard normal and uncorrelated under the model (Brendel, Comets, Laffont, Laveille & Mentré
//! 2006, doi:10.1007/s11095-006-9067-5; Comets, Brendel & Mentré 2008, doi:10.1016/j.cmpb.2007.12.002, who rank without $u$). Readings with a
//! logarithmic axis are decorrelated as logarithms, in which they are closer to normal.
//!
//! Censored readings (Nguyen, Comets & Mentré 2012, doi:10.1007/s10928-012-9264-2): the discrepancy of a reading below its limit is uniform
//! between 0 and the predicted probability of that, and for decorrelation it becomes one of the simulated values below the limit.
//! Simulated values below the limit are replaced in the same way, so that both stay alike. Readings above a limit are treated as
//! in a mirror. A reading between two limits becomes a simulated value between them; nothing is replaced for it.

use super::ReadingDiagnostic;
use crate::noise::{Reading, normal_quantile};
use crate::population::conditional::on_axis;
use crate::population::limits::Limits;
use crate::population::model::PopulationProblem;
use crate::population::simulate::PopulationSimulation;
use crate::population::stream::{Purpose, Stream};
use nalgebra::{DMatrix, DVector};

/// Fills in `pd` and `npde`; gives the individuals whose readings cannot be decorrelated.
pub(super) fn add(
    problem: &PopulationProblem,
    simulation: &PopulationSimulation,
    limits: &[Limits],
    seed: u64,
    readings: &mut [ReadingDiagnostic],
) -> Vec<usize> {
    let mut without = Vec::new();
    let mut first = 0;
    while first < readings.len() {
        let individual = readings[first].individual;
        let own = readings[first..]
            .iter()
            .take_while(|r| r.individual == individual)
            .count();
        let which = first..first + own;
        let mut stream = Stream::new(seed, Purpose::CensoredReadings, 0, individual);
        let mut columns = Vec::new();
        for j in which.clone() {
            let endpoint = &problem.problem.cohort.endpoints[readings[j].endpoint];
            let axis = |value: f64| on_axis(endpoint, value).0;
            let simulated: Vec<f64> = (0..simulation.replicates)
                .map(|k| axis(simulation.replicate(k)[j]))
                .filter(|v| v.is_finite())
                .collect();
            let column = Column::new(&readings[j].reading, limits[j], axis, simulated);
            columns.push(column.placed(&mut stream));
        }
        // a draw that failed is missing in every column; a logarithm that does not exist can be missing in one
        let draws = columns.iter().map(|c| c.simulated.len()).min().unwrap_or(0);
        let whole = columns.iter().all(|c| c.simulated.len() == draws);
        for (reading, column) in readings[which.clone()].iter_mut().zip(&columns) {
            reading.pd = column.pd;
        }
        let errors = whole.then(|| decorrelated(&columns, &mut stream)).flatten();
        match errors {
            Some(errors) => {
                for (reading, error) in readings[which].iter_mut().zip(errors) {
                    reading.npde = Some(error);
                }
            }
            None => without.push(individual),
        }
        first += own;
    }
    without
}

/// One reading and what was simulated for it, on the axis of its noise.
struct Column {
    reading: Reading,
    lower: Option<f64>,
    upper: Option<f64>,
    simulated: Vec<f64>,
}

/// The same with a value for a censored reading, and simulated values beyond the limits drawn anew.
struct Placed {
    value: f64,
    pd: Option<f64>,
    simulated: Vec<f64>,
}

impl Column {
    fn new(
        reading: &Reading,
        limits: Limits,
        axis: impl Fn(f64) -> f64,
        simulated: Vec<f64>,
    ) -> Column {
        let reading = match *reading {
            Reading::Value(v) => Reading::Value(axis(v)),
            Reading::Below(v) => Reading::Below(axis(v)),
            Reading::Above(v) => Reading::Above(axis(v)),
            Reading::Between(a, b) => Reading::Between(axis(a), axis(b)),
        };
        Column {
            reading,
            lower: limits.lower.map(&axis),
            upper: limits.upper.map(&axis),
            simulated,
        }
    }

    fn placed(self, stream: &mut Stream) -> Placed {
        let mut sorted = self.simulated.clone();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let below = |limit: f64| sorted.partition_point(|v| *v < limit);
        let up_to = |limit: f64| sorted.partition_point(|v| *v <= limit);
        // ranks that a reading can have, and the value where nothing was simulated there
        let (from, to, else_value) = match self.reading {
            Reading::Value(v) => (below(v), up_to(v), v),
            Reading::Below(limit) => (0, below(limit), limit),
            Reading::Above(limit) => (up_to(limit), count, limit),
            Reading::Between(a, b) => (up_to(a), below(b).max(up_to(a)), 0.5 * (a + b)),
        };
        let uniform = stream.uniform();
        let pd = (count > 0)
            .then(|| (from as f64 + uniform * (to - from + 1) as f64) / (count + 1) as f64);
        let mut one_of = |from: usize, to: usize, otherwise: f64| {
            if to > from {
                let place = (stream.uniform() * (to - from) as f64) as usize;
                sorted[from + place.min(to - from - 1)]
            } else {
                otherwise
            }
        };
        let value = match self.reading {
            Reading::Value(v) => v,
            _ => one_of(from, to, else_value),
        };
        let mut simulated = self.simulated.clone();
        if let Some(limit) = self.lower {
            let end = below(limit);
            for v in simulated.iter_mut().filter(|v| **v < limit) {
                *v = one_of(0, end, limit);
            }
        }
        if let Some(limit) = self.upper {
            let start = up_to(limit);
            for v in simulated.iter_mut().filter(|v| **v > limit) {
                *v = one_of(start, count, limit);
            }
        }
        Placed {
            value,
            pd,
            simulated,
        }
    }
}

/// The errors of one individual; None without enough draws or rank.
fn decorrelated(columns: &[Placed], stream: &mut Stream) -> Option<Vec<f64>> {
    let n = columns.len();
    let draws = columns.first()?.simulated.len();
    // a covariance of fewer draws has no rank, one of hardly more draws much noise
    if draws < 2 * n + 10 {
        return None;
    }
    let mut all = DMatrix::from_fn(n, draws, |j, k| columns[j].simulated[k]);
    let mean = DVector::from_fn(n, |j, _| all.row(j).sum() / draws as f64);
    for mut draw in all.column_iter_mut() {
        draw -= &mean;
    }
    let covariance = &all * all.transpose() / (draws - 1) as f64;
    let factor = covariance.cholesky()?.unpack();
    let value = DVector::from_fn(n, |j, _| columns[j].value) - mean;
    let value = factor.solve_lower_triangular(&value)?;
    if !factor.solve_lower_triangular_mut(&mut all) {
        return None;
    }
    let errors = (0..n).map(|j| {
        let below = all.row(j).iter().filter(|v| **v < value[j]).count();
        normal_quantile((below as f64 + stream.uniform()) / (draws + 1) as f64)
    });
    Some(errors.collect())
}
