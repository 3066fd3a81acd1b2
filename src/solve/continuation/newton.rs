//! Newton's method on the equations of rest with one more row, and the tangent of a curve.
//!
//! In scaled unknowns, with every row of f divided by its largest entry, the bordered matrix is
//! $\begin{pmatrix} f_u & f_\mu \\ c & d \end{pmatrix}$: regular at folds when $(c, d)$ is the tangent.
use super::equations::{Linear, Point, Rest, Scale};
use nalgebra::{DMatrix, DVector};

/// scaled correction at which Newton's method has converged
const CONVERGED: f64 = 1e-10;
/// scaled correction below which rounding may keep it from shrinking
const ROUNDING: f64 = 1e-7;
const ITERATIONS: usize = 10;

/// The last row: a direction in scaled unknowns; the new point lies in the plane across it through the guess.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Border {
    pub states: Vec<f64>,
    pub value: f64,
}

impl Border {
    /// Keeps the value.
    pub(super) fn value(states: usize) -> Self {
        Border {
            states: vec![0.0; states],
            value: 1.0,
        }
    }

    /// Product of two directions; a direction of a curve has length 1.
    pub(super) fn dot(&self, other: &Border) -> f64 {
        let sum: f64 = (self.states.iter().zip(&other.states))
            .map(|(a, b)| a * b)
            .sum();
        sum / self.states.len().max(1) as f64 + self.value * other.value
    }

    /// From one point to another.
    pub(super) fn between(from: &Point, to: &Point, scale: &Scale) -> Self {
        let moves = from.states.iter().zip(&to.states).zip(&scale.states);
        Border {
            states: moves.map(|((a, b), s)| (b - a) / s).collect(),
            value: (to.value - from.value) / scale.value,
        }
    }

    /// The point some way along.
    pub(super) fn ahead(&self, from: &Point, step: f64, scale: &Scale) -> Point {
        let moves = from.states.iter().zip(&self.states).zip(&scale.states);
        Point {
            states: moves.map(|((y, d), s)| y + step * d * s).collect(),
            value: from.value + step * self.value * scale.value,
        }
    }

    /// The same direction in another scale, with length 1.
    pub(super) fn rescaled(&self, old: &Scale, new: &Scale) -> Self {
        let sizes = self.states.iter().zip(&old.states).zip(&new.states);
        let direction = Border {
            states: sizes.map(|((d, a), b)| d * a / b).collect(),
            value: self.value * old.value / new.value,
        };
        direction.of_length_one()
    }

    /// The other way.
    pub(super) fn reversed(&self) -> Self {
        Border {
            states: self.states.iter().map(|d| -d).collect(),
            value: -self.value,
        }
    }

    fn of_length_one(mut self) -> Self {
        let length = self.dot(&self).sqrt();
        if length > 0.0 {
            self.states.iter_mut().for_each(|d| *d /= length);
            self.value /= length;
        }
        self
    }
}

/// Where Newton's method ended.
#[derive(Clone, Debug)]
pub(super) struct Corrected {
    pub point: Point,
    pub linear: Linear,
    pub iterations: usize,
}

/// The scaled bordered matrix, and the weight of each row.
fn bordered(linear: &Linear, border: &Border, scale: &Scale) -> (DMatrix<f64>, Vec<f64>) {
    let n = scale.states.len();
    let mut matrix = DMatrix::zeros(n + 1, n + 1);
    let mut weights = vec![1.0; n];
    for row in 0..n {
        let mut largest = 0.0_f64;
        for column in 0..n {
            let entry = linear.j[(row, column)] * scale.states[column];
            matrix[(row, column)] = entry;
            largest = largest.max(entry.abs());
        }
        matrix[(row, n)] = linear.by_value[row] * scale.value;
        largest = largest.max(matrix[(row, n)].abs());
        if largest > 0.0 {
            weights[row] = 1.0 / largest;
            matrix.row_mut(row).scale_mut(weights[row]);
        }
    }
    for column in 0..n {
        matrix[(n, column)] = border.states[column] / n as f64;
    }
    matrix[(n, n)] = border.value;
    (matrix, weights)
}

/// The point of rest nearest to a guess in the plane across the border; None where Newton's method does not converge.
pub(super) fn correct(
    rest: &mut Rest,
    guess: &Point,
    border: &Border,
    scale: &Scale,
) -> Option<Corrected> {
    let n = guess.states.len();
    let mut point = guess.clone();
    let mut linear = rest.linearise(&point).ok()?;
    let mut last = f64::INFINITY;
    for iteration in 1..=ITERATIONS {
        let (matrix, weights) = bordered(&linear, border, scale);
        let mut right = DVector::zeros(n + 1);
        for row in 0..n {
            right[row] = -linear.f[row] * weights[row];
        }
        let change = matrix.lu().solve(&right)?;
        let size = change.amax();
        if !size.is_finite() || (iteration > 2 && size > 2.0 * last && last > ROUNDING) {
            return None;
        }
        if size >= last && last <= ROUNDING {
            return Some(Corrected {
                point,
                linear,
                iterations: iteration,
            });
        }
        for k in 0..n {
            point.states[k] += change[k] * scale.states[k];
        }
        point.value += change[n] * scale.value;
        linear = rest.linearise(&point).ok()?;
        if size <= CONVERGED {
            return Some(Corrected {
                point,
                linear,
                iterations: iteration,
            });
        }
        last = size;
    }
    (last <= ROUNDING).then_some(Corrected {
        point,
        linear,
        iterations: ITERATIONS,
    })
}

/// The tangent of length 1 at a point, on the side of `border`; None where the bordered matrix is singular.
pub(super) fn tangent(linear: &Linear, border: &Border, scale: &Scale) -> Option<Border> {
    let n = scale.states.len();
    let (matrix, _) = bordered(linear, border, scale);
    let mut right = DVector::zeros(n + 1);
    right[n] = 1.0;
    let solved = matrix.lu().solve(&right)?;
    let direction = Border {
        states: solved.as_slice()[..n].to_vec(),
        value: solved[n],
    };
    let finite = solved.iter().all(|x| x.is_finite());
    finite.then(|| direction.of_length_one())
}
