//! From the end of a run to a state of rest: Newton's method at the value of the start, and what is wrong where there is none.
//!
//! A state that moves for ever, however slowly, draws others along, so the names of those that move say little. The one that leads is
//! seen in the left eigenvector of the slowest eigenvalue of J: it is what the equations cannot bring to rest.
use super::{
    ContinuationError, ContinuationOptions, Origin,
    equations::{Linear, Point, Rest, Scale},
    newton::{Border, correct},
};
use crate::solve::steady::{annihilates, left_null_space};
use nalgebra::{DMatrix, DVector};

/// A state rests when Newton's method moves it by less than this share.
const MOVED: f64 = 0.1;
/// An eigenvalue below this share of one per run had no time to die out.
const SLOW: f64 = 3.0;
const POWERS: usize = 30;

/// The state of rest that a run ended at.
pub(super) fn rest(
    rest: &mut Rest,
    origin: &Origin,
    options: &ContinuationOptions,
) -> Result<Point, ContinuationError> {
    let start = Point {
        states: rest.free_of(&origin.states),
        value: rest.first_value(),
    };
    if !(options.from..=options.to).contains(&start.value) {
        return Err(ContinuationError::OutsideRange {
            value: start.value,
            from: options.from,
            to: options.to,
        });
    }
    let linear = rest
        .linearise(&start)
        .map_err(|k| ContinuationError::NotFinite { state: rest.id(k) })?;
    if let Some(k) = rest.timed(&start) {
        return Err(ContinuationError::DependsOnTime { state: rest.id(k) });
    }
    let scale = rest.scale(&start.states, options);
    dependent(rest, &start, &linear, &scale, origin)?;
    let border = Border::value(start.states.len());
    let found = correct(rest, &start, &border, &scale).map(|found| found.point);
    if let Some(found) = &found
        && rest.negative(&found.states, &scale).is_none()
        && moved(&start, found, options) <= MOVED
    {
        return Ok(found.clone());
    }
    Err(restless(rest, &linear, &scale, origin))
}

/// The largest relative difference of a state between two points.
fn moved(a: &Point, b: &Point, options: &ContinuationOptions) -> f64 {
    let pairs = a.states.iter().zip(&b.states);
    pairs
        .map(|(a, b)| match (a - b).abs() <= options.absolute {
            true => 0.0,
            false => (a - b).abs() / a.abs().max(b.abs()),
        })
        .fold(0.0, f64::max)
}

/// J in scaled states, $S^{-1} J S$.
fn scaled(linear: &Linear, scale: &Scale) -> DMatrix<f64> {
    let n = scale.states.len();
    DMatrix::from_fn(n, n, |i, j| {
        linear.j[(i, j)] * scale.states[j] / scale.states[i]
    })
}

/// Positions of the entries of a vector that matter, the largest first.
fn leading(weights: &DVector<f64>, share: f64) -> Vec<usize> {
    let largest = weights.amax();
    let mut found: Vec<usize> = (0..weights.len())
        .filter(|&k| weights[k].abs() >= share * largest)
        .collect();
    found.sort_by(|a, b| weights[*b].abs().total_cmp(&weights[*a].abs()));
    found
}

/// Conserved totals, states that grow evenly, and other reasons for a singular J.
fn dependent(
    rest: &mut Rest,
    start: &Point,
    linear: &Linear,
    scale: &Scale,
    origin: &Origin,
) -> Result<(), ContinuationError> {
    let ids = |rest: &Rest, found: Vec<usize>| found.iter().map(|&k| rest.id(k)).collect();
    let Some(laws) = left_null_space(&linear.j, &scale.states) else {
        return Ok(());
    };
    for law in laws.row_iter() {
        let sized = DVector::from_iterator(
            scale.states.len(),
            law.iter().zip(&scale.states).map(|(l, s)| l * s),
        );
        let total: f64 = sized.iter().map(|s| s.abs()).sum();
        let drift = (law * &linear.f)[0] * origin.run / total;
        if drift.abs() > 1e-6 {
            return Err(ContinuationError::Restless {
                states: ids(rest, leading(&sized, 0.5)),
                leads: true,
                run: origin.run,
                unit: unit(rest),
                change: drift.abs(),
            });
        }
    }
    if laws.nrows() == 0 {
        return Ok(());
    }
    // a law of the system holds elsewhere too
    let elsewhere = Point {
        states: (start.states.iter().zip(&scale.states).enumerate())
            .map(|(k, (y, s))| y + s * (0.1 + 0.05 * (k % 7) as f64))
            .collect(),
        value: start.value,
    };
    let law = laws.row(0).transpose();
    let states = ids(rest, leading(&law, 1e-6));
    match rest.linearise(&elsewhere) {
        Ok(other) if annihilates(&laws, &other.j) => Err(ContinuationError::Conserved { states }),
        _ => Err(ContinuationError::Singular { states }),
    }
}

fn unit(rest: &Rest) -> String {
    rest.system.time_unit().unwrap_or("time units").to_owned()
}

/// Which states do not come to rest.
fn restless(rest: &Rest, linear: &Linear, scale: &Scale, origin: &Origin) -> ContinuationError {
    let n = scale.states.len();
    let rates = DVector::from_iterator(
        n,
        linear
            .f
            .iter()
            .zip(&scale.states)
            .map(|(f, s)| f * origin.run / s),
    );
    let factors = scaled(linear, scale).transpose().lu();
    let mut weights = DVector::from_element(n, 1.0 / (n as f64).sqrt());
    let mut slowest = f64::INFINITY;
    for _ in 0..POWERS {
        let Some(next) = factors.solve(&weights) else {
            break;
        };
        let length = next.norm();
        if !length.is_finite() || length == 0.0 {
            break;
        }
        slowest = 1.0 / length;
        weights = next / length;
    }
    // a slow mode leads; without one, whatever moves most
    let leads = slowest * origin.run < SLOW;
    let found = match leads {
        true => leading(&weights, 0.5),
        false => leading(&rates, 0.999),
    };
    ContinuationError::Restless {
        change: found.first().map_or(0.0, |&k| rates[k].abs()),
        states: found.iter().map(|&k| rest.id(k)).collect(),
        leads,
        run: origin.run,
        unit: unit(rest),
    }
}
