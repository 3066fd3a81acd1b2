//! What goes along when SAEM moves its parameters: moments, effects z and individual parameters.
//!
//! While moments are maximised individual parameters stay, and effects z follow. While the readings move parameters
//! ([`super::readings`]) effects z stay: individual parameters go with the typical values and with the spread, and so do their moments.

use super::chains::Chains;
use super::maximise::{Maximiser, Role};
use super::{Run, State};
use crate::population::conditional::Want;
use crate::population::person::Theta;
use nalgebra::{DMatrix, DVector};

/// Effects z beyond this are none that a chain could have drawn: the spread has vanished.
const FARTHEST: f64 = 50.0;

impl Maximiser {
    /// Whether a step of the readings moves individual parameters that vary.
    pub(super) fn moves_moments(&self, step: &[f64]) -> bool {
        let mut moved = self.roles.iter().zip(step);
        moved.any(|(role, step)| *role != Role::Steady && *step != 0.0)
    }

    /// Moments of the individual parameters of the same effects z: $t' = m' + A (t - m)$ with $A = L' L^{-1}$.
    pub(super) fn carry_moments(&self, run: &Run, from: &Theta, to: &Theta, state: &mut State) {
        let problem = run.problem();
        let own = ratio(&from.spread.individual, &to.spread.individual);
        let occasion = ratio(&from.spread.occasion, &to.spread.occasion);
        let centred = |s: &DVector<f64>, m: &DVector<f64>| {
            m * m.transpose() - s * m.transpose() - m * s.transpose()
        };
        let mut about = state.second.clone();
        let mut back = DMatrix::zeros(about.nrows(), about.ncols());
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let before = self.mean_of(i, &person.typical(problem, &from.natural));
            let after = self.mean_of(i, &person.typical(problem, &to.natural));
            about += centred(&state.first[i], &before);
            state.first[i] = &after + &own * (&state.first[i] - &before);
            back += centred(&state.first[i], &after);
        }
        state.second = &own * about * own.transpose() - back;
        state.occasions = &occasion * &state.occasions * occasion.transpose();
    }

    /// Effects z and readings of the chains, from effects about the typical values of the first theta; individual parameters are the
    /// same at the second. Where an effect has no spread left z is 0.
    pub(super) fn carry_chains(
        &self,
        run: &Run,
        [old, same, next]: [&Theta; 3],
        state: &mut State,
        chains: &mut Chains,
        effects: &[Vec<DVector<f64>>],
    ) {
        let people = &run.evaluator.people;
        let problem = run.problem();
        let mut psi = Vec::new();
        for (i, person) in people.iter().enumerate() {
            let mut own_psi = Vec::new();
            let mean = |theta: &Theta| self.mean_of(i, &person.typical(problem, &theta.natural));
            let shift = mean(old) - mean(same);
            let now = person.typical(problem, &next.natural);
            let factor = person.factor_at(same);
            let by_effects = person.by_effects(next);
            for (c, b) in effects[i].iter().enumerate() {
                let mut b = b.clone();
                let mut own = b.rows_mut(0, shift.len());
                own += &shift;
                let z = factor.solve_lower_triangular(&b);
                let z = z.filter(|z| z.iter().all(|v| v.is_finite() && v.abs() < FARTHEST));
                state.z[i][c] = z.unwrap_or_else(|| DVector::zeros(person.dim()));
                own_psi.push(&now + &by_effects * &state.z[i][c]);
            }
            psi.push(own_psi);
        }
        let mut answers = chains
            .evaluate(run, &next.natural, psi, Want::Value)
            .into_iter();
        for own in &mut state.ln_p {
            for ln_p in own {
                *ln_p = match answers.next().expect("one answer a point") {
                    Ok(at) => at.ln_p,
                    Err(_) => {
                        // any proposal is better than none
                        state.failed += 1;
                        -1e300
                    }
                };
            }
        }
    }
}

/// L' L^-1; 1 where L is not invertible.
fn ratio(from: &DMatrix<f64>, to: &DMatrix<f64>) -> DMatrix<f64> {
    let transposed = from.tr_solve_lower_triangular(&to.transpose());
    match transposed.filter(|t| t.iter().all(|v| v.is_finite())) {
        Some(transposed) => transposed.transpose(),
        None => DMatrix::identity(from.nrows(), from.ncols()),
    }
}
