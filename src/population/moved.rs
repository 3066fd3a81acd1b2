//! Derivatives at modes by differences along the coordinates, on the same steps of the solver: smooth, and exact to about 1e-9.
//!
//! What depends on $\psi$ alone (the gradient $g$ of $\ln p$, the information $A$, any number made of them) is differenced along
//! every $\psi_k$ with the steps of the base solve repeated (`solve::path`). The length is the cube root of the rounding times the
//! size of the coordinate: 1 for a transformed individual parameter, its value for a shared one.

use super::conditional::{Answer, Conditional, Evaluator, Failure, Point, Recorded, Want};
use super::person::Kind;
use crate::fit::Infeasibility;
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// Rounding of a sensitivity at the end of a solve.
const ROUNDING: f64 = 32.0 * f64::EPSILON;

/// An individual's readings a little to both sides of a point along a coordinate.
#[derive(Clone, Debug)]
pub(crate) struct Sides {
    pub down: Conditional,
    pub up: Conditional,
    /// distance of the two along the coordinate
    pub width: f64,
}

impl Sides {
    /// The derivative of a number along the coordinate.
    pub fn slope(&self, number: impl Fn(&Conditional) -> Option<f64>) -> f64 {
        match (number(&self.up), number(&self.down)) {
            (Some(up), Some(down)) => (up - down) / self.width,
            _ => f64::NAN,
        }
    }
}

/// Length of the move along a coordinate: `share` of its size.
fn length(evaluator: &Evaluator, person: usize, psi: &DVector<f64>, k: usize, share: f64) -> f64 {
    let person = &evaluator.people[person];
    let size = match person.kinds[k] {
        Kind::Individual(_) => 1.0,
        Kind::Shared => {
            let row = &evaluator.problem.problem.parameters.rows[person.rows[k]];
            let width = row.upper - row.lower;
            let least = if width.is_finite() {
                1e-3 * width
            } else {
                1e-3
            };
            let value = psi[k].abs();
            // where a value is positive by nature its size is the scale, however small
            if row.lower >= 0.0 && value > 0.0 {
                value
            } else {
                value.max(least)
            }
        }
    };
    // a power of two, so that moving is exact
    let length = share * size;
    f64::from_bits(length.to_bits() & !((1 << 52) - 1))
}

/// Which moves: (person of the base point, its psi, its recorded solutions, coordinates).
pub(crate) struct Base<'r> {
    pub person: usize,
    pub psi: &'r DVector<f64>,
    pub recorded: &'r Recorded,
    pub at: &'r Conditional,
    pub coordinates: Vec<usize>,
    pub frozen: Option<Arc<Vec<f64>>>,
}

impl Base<'_> {
    fn moved(&self, psi: DVector<f64>) -> Point {
        Point {
            person: self.person,
            psi,
            frozen: self.frozen.clone(),
        }
    }
}

/// The sides of every base point along its coordinates, in their order. Where one side has no value the base takes its place.
pub(crate) fn sides(
    evaluator: &Evaluator,
    natural: &[f64],
    bases: &[Base],
    want: Want,
) -> Vec<Result<Vec<Sides>, Failure>> {
    let recorded: Vec<&Recorded> = bases.iter().map(|b| b.recorded).collect();
    let mut moves = Vec::new();
    for (b, base) in bases.iter().enumerate() {
        for &k in &base.coordinates {
            let length = length(evaluator, base.person, base.psi, k, ROUNDING.cbrt());
            for sign in [-1.0, 1.0] {
                let mut psi = base.psi.clone();
                psi[k] += sign * length;
                moves.push((b, [k, k], base.moved(psi)));
            }
        }
    }
    let answers = evaluator.evaluate_moved(natural, &recorded, &moves, want);
    let mut both = moves.chunks_exact(2).zip(pairs(answers));
    bases
        .iter()
        .map(|base| {
            let own: Vec<_> = both.by_ref().take(base.coordinates.len()).collect();
            own.into_iter()
                .map(|(pair, (down, up))| {
                    let k = pair[0].1[0];
                    let (low, high) = (pair[0].2.psi[k], pair[1].2.psi[k]);
                    let middle = base.psi[k];
                    Ok(match (down, up) {
                        (Ok(down), Ok(up)) => Sides {
                            down,
                            up,
                            width: high - low,
                        },
                        (Ok(down), Err(_)) => Sides {
                            down,
                            up: base.at.clone(),
                            width: middle - low,
                        },
                        (Err(_), Ok(up)) => Sides {
                            down: base.at.clone(),
                            up,
                            width: high - middle,
                        },
                        (Err(failure), Err(_)) => return Err(failure),
                    })
                })
                .collect()
        })
        .collect()
}

fn pairs(answers: Vec<Answer>) -> Vec<(Answer, Answer)> {
    let mut answers = answers.into_iter();
    let mut pairs = Vec::new();
    while let (Some(down), Some(up)) = (answers.next(), answers.next()) {
        pairs.push((down, up));
    }
    pairs
}

/// -d^2 ln p / d psi^2 from the gradients on both sides of every coordinate (0 for coordinates left out), made symmetric.
pub(crate) fn hessian(n: usize, coordinates: &[usize], sides: &[Sides]) -> DMatrix<f64> {
    let mut b = DMatrix::zeros(n, n);
    for (&k, side) in coordinates.iter().zip(sides) {
        let column = (&side.down.gradient - &side.up.gradient) / side.width;
        b.set_column(k, &column);
    }
    0.5 * (&b + b.transpose())
}

/// A number that is not finite.
pub(crate) fn non_finite(evaluator: &Evaluator, person: usize) -> Failure {
    Failure {
        subject: Some(evaluator.problem.individuals[person].id.clone()),
        time: None,
        why: Infeasibility::NonFinite,
    }
}

/// Derivatives of -d^2 ln p / d psi^2 along every coordinate of a base point, from gradients at the corners around it. Third
/// derivatives: exact to about 1e-7.
pub(crate) fn third(
    evaluator: &Evaluator,
    natural: &[f64],
    bases: &[Base],
) -> Vec<Result<Vec<DMatrix<f64>>, Failure>> {
    // (a fourth root: truncation and rounding of a second difference are alike there)
    let share = ROUNDING.sqrt().sqrt();
    let recorded: Vec<&Recorded> = bases.iter().map(|b| b.recorded).collect();
    let mut moves = Vec::new();
    for (b, base) in bases.iter().enumerate() {
        for (i, &k) in base.coordinates.iter().enumerate() {
            let by_k = length(evaluator, base.person, base.psi, k, share);
            for &l in &base.coordinates[..i] {
                let by_l = length(evaluator, base.person, base.psi, l, share);
                for (u, v) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                    let mut psi = base.psi.clone();
                    psi[k] += u * by_k;
                    psi[l] += v * by_l;
                    moves.push((b, [k, l], base.moved(psi)));
                }
            }
            for u in [1.0, -1.0] {
                let mut psi = base.psi.clone();
                psi[k] += u * by_k;
                moves.push((b, [k, k], base.moved(psi)));
            }
        }
    }
    let mut answers = evaluator
        .evaluate_moved(natural, &recorded, &moves, Want::Smooth)
        .into_iter();
    bases
        .iter()
        .map(|base| {
            let n = base.psi.len();
            let mut all = vec![DMatrix::zeros(n, n); base.coordinates.len()];
            let mut failed = None;
            let mut next = || -> DVector<f64> {
                match answers.next().expect("one answer a move") {
                    Ok(at) => at.gradient,
                    Err(failure) => {
                        failed.get_or_insert(failure);
                        DVector::zeros(n)
                    }
                }
            };
            for (i, &k) in base.coordinates.iter().enumerate() {
                let by_k = length(evaluator, base.person, base.psi, k, share);
                for (j, &l) in base.coordinates[..i].iter().enumerate() {
                    let by_l = length(evaluator, base.person, base.psi, l, share);
                    let (a, b, c, d) = (next(), next(), next(), next());
                    let mixed = (b + c - a - d) / (4.0 * by_k * by_l);
                    all[i].set_column(l, &mixed);
                    all[j].set_column(k, &mixed);
                }
                let (up, down) = (next(), next());
                let pure = (2.0 * &base.at.gradient - up - down) / (by_k * by_k);
                all[i].set_column(k, &pure);
            }
            match failed {
                Some(failure) => Err(failure),
                None => Ok(all
                    .into_iter()
                    .map(|b| 0.5 * (&b + b.transpose()))
                    .collect()),
            }
        })
        .collect()
}
