//! Algebraic states: values and sensitivities that satisfy 0 = g(t, y, z, p) at a start or after a jump.
//!
//! Newton's method on the algebraic block, g_z dz = -g, with halved steps while the residual does not fall; then
//! g_z s_z = -(g_y s_y + g_p). Between jumps the method itself keeps the equations.
use super::{Cause, block::Block};
use crate::lanes::Lane;
use nalgebra::{DMatrix, DVector};

const ITERATIONS: usize = 50;
/// of the scaled correction: far below the error of a step
const ENOUGH: f64 = 1e-6;
/// of the state's size
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Positions of the algebraic states.
fn rows(mass: &[f64]) -> Vec<usize> {
    (0..mass.len()).filter(|&i| mass[i] == 0.0).collect()
}

/// The algebraic equations of one lane at its point.
struct Linear<const W: usize> {
    residual: DVector<f64>,
    /// the algebraic block of J
    matrix: DMatrix<f64>,
    /// J and df/dt
    j: Vec<Lane<W>>,
    f_t: Vec<Lane<W>>,
}

fn linearise<const W: usize>(block: &mut Block<W>, lane: usize, rows: &[usize]) -> Linear<W> {
    let (n, system) = (block.states, block.system);
    let (mut f, mut f_t) = (vec![Lane::<W>::ZERO; n], vec![Lane::<W>::ZERO; n]);
    let mut j = vec![Lane::<W>::ZERO; system.jacobian_pattern().len()];
    system.rhs_jacobian(
        &mut block.workspace,
        &block.t,
        &block.y,
        &mut f,
        &mut j,
        &mut f_t,
    );
    let residual = DVector::from_iterator(rows.len(), rows.iter().map(|&row| f[row].0[lane]));
    let mut matrix = DMatrix::zeros(rows.len(), rows.len());
    for (&(row, column), j) in system.jacobian_pattern().iter().zip(&j) {
        let place = |i: u32| rows.binary_search(&(i as usize)).ok();
        if let (Some(row), Some(column)) = (place(row), place(column)) {
            matrix[(row, column)] += j.0[lane];
        }
    }
    Linear {
        residual,
        matrix,
        j,
        f_t,
    }
}

/// Brings the algebraic states of one lane to their equations.
pub(super) fn solve_states<const W: usize>(block: &mut Block<W>, lane: usize) -> Result<(), Cause> {
    let rows = rows(block.system.mass());
    let Linear {
        mut residual,
        mut matrix,
        ..
    } = linearise(block, lane, &rows);
    for _ in 0..ITERATIONS {
        if residual.iter().all(|r| *r == 0.0) {
            return Ok(());
        }
        let correction = matrix.lu().solve(&-&residual).ok_or(Cause::Inconsistent)?;
        if !correction.iter().all(|c| c.is_finite()) {
            return Err(Cause::Inconsistent);
        }
        let before: Vec<f64> = rows.iter().map(|&row| block.y[row].0[lane]).collect();
        // far below the error of a step, or at the limit of rounding
        let negligible = |(row, c): (&usize, &f64)| {
            let y = block.y[*row].0[lane].abs();
            c.abs() <= (ENOUGH * (block.absolute + block.relative * y)).max(ROUNDING * y)
        };
        let done = rows.iter().zip(correction.iter()).all(negligible);
        let mut fraction = 1.0;
        loop {
            for ((&row, before), c) in rows.iter().zip(&before).zip(correction.iter()) {
                block.y[row].0[lane] = before + fraction * c;
            }
            let new = linearise(block, lane, &rows);
            // also false for NaN
            let falls = new.residual.norm() <= residual.norm();
            if falls || done {
                (residual, matrix) = (new.residual, new.matrix);
                break;
            }
            fraction *= 0.5;
            if fraction < 1e-6 {
                return Err(Cause::Inconsistent);
            }
        }
        if done {
            return Ok(());
        }
    }
    Err(Cause::Inconsistent)
}

/// Sensitivities of the algebraic states of one lane from those of the others, at a fixed time.
pub(super) fn solve_sensitivities<const W: usize>(
    block: &mut Block<W>,
    lane: usize,
    directions: usize,
) {
    solve_totals(block, lane, &vec![0.0; directions]);
}

/// Total derivatives of the algebraic states of one lane from those of the others, at a moment with the derivatives `moment`.
pub(super) fn solve_totals<const W: usize>(block: &mut Block<W>, lane: usize, moment: &[f64]) {
    let Some(tapes) = block.tapes.clone() else {
        return;
    };
    let (n, system) = (block.states, block.system);
    let rows = rows(system.mass());
    if rows.is_empty() {
        return;
    }
    let Linear { matrix, f_t, .. } = linearise(block, lane, &rows);
    let factors = matrix.lu();
    let pattern = system.jacobian_pattern();
    let (mut j_values, mut fp) = (
        vec![Lane::<W>::ZERO; pattern.len()],
        vec![Lane::<W>::ZERO; tapes.pattern().len()],
    );
    tapes.jacobian_parameters(
        system,
        &mut block.workspace,
        &block.t,
        &block.y,
        &mut j_values,
        &mut fp,
    );
    let mut s = vec![0.0; n];
    for (j, slope) in moment.iter().enumerate() {
        block.read_sensitivity(lane, j, &mut s);
        for &row in &rows {
            s[row] = 0.0;
        }
        let mut total = vec![0.0; n];
        for (&(row, column), value) in pattern.iter().zip(&j_values) {
            total[row as usize] += value.0[lane] * s[column as usize];
        }
        block.add_direct(&mut total, lane, j, &fp);
        let right = rows
            .iter()
            .map(|&row| -(total[row] + f_t[row].0[lane] * slope));
        let solved = factors.solve(&DVector::from_iterator(rows.len(), right));
        for (position, &row) in rows.iter().enumerate() {
            *block.sensitivity(lane, row, j) =
                solved.as_ref().map_or(f64::NAN, |solved| solved[position]);
        }
    }
}

/// Rates of the algebraic states of one lane from those of the others.
pub(super) fn complete_flow<const W: usize>(block: &mut Block<W>, lane: usize, flow: &mut [f64]) {
    let rows = rows(block.system.mass());
    if rows.is_empty() {
        return;
    }
    for &row in &rows {
        flow[row] = 0.0;
    }
    let Linear { matrix, j, f_t, .. } = linearise(block, lane, &rows);
    let mut right: Vec<f64> = f_t.iter().map(|f_t| -f_t.0[lane]).collect();
    for (&(row, column), j) in block.system.jacobian_pattern().iter().zip(&j) {
        right[row as usize] -= j.0[lane] * flow[column as usize];
    }
    let right = DVector::from_iterator(rows.len(), rows.iter().map(|&row| right[row]));
    let solved = matrix.lu().solve(&right);
    for (position, &row) in rows.iter().enumerate() {
        flow[row] = solved.as_ref().map_or(f64::NAN, |solved| solved[position]);
    }
}
