//! Newton steps of SAEM by what the readings say of parameters while the effects z stay.
//!
//! At effects that stay, individual parameters go with the typical ones, and the gradient of $\sum_i \ln p(y_i \mid \psi_i(\theta, z_i))$ over the
//! draws is an estimate of the same gradient of the likelihood that moments give (Fisher's identity). What moments hardly move,
//! because every individual by itself says little of it, such a step moves at once: both in turn arrive where either alone is slow
//! (Yu & Meng 2011, doi:10.1198/jcgs.2011.203main; Lavielle & Meza 2007, doi:10.1007/s11222-007-9009-3, for expanded parameters
//! within SAEM). Parameters without variability have nothing but such steps, in every iteration; all parameters have them in one of
//! [`WHOLE`] iterations of smoothing, for the price of sensitivities.

use super::chains::{Chains, points_of};
use super::maximise::{Maximiser, Role, STEP};
use super::{Run, State};
use crate::population::conditional::Want;
use crate::population::newton::within;
use crate::population::person::Theta;
use nalgebra::{DMatrix, DVector};

/// All parameters have a step in one of so many iterations of smoothing.
const WHOLE: usize = 10;

impl Maximiser {
    /// A step of every search entry, of length gamma.
    pub(super) fn by_readings(
        &self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        chains: &mut Chains,
        gamma: f64,
    ) -> Vec<f64> {
        let mut all = vec![0.0; state.x.0.len()];
        let (_, at) = run.options.place(state.iteration);
        let smoothed = at.checked_sub(run.options.exploration);
        let whole = smoothed.is_some_and(|k| k.is_multiple_of(WHOLE));
        let entries: Vec<usize> = (0..all.len())
            .filter(|&k| whole || self.roles[k] == Role::Steady)
            .collect();
        if entries.is_empty() {
            return all;
        }
        let people = &run.evaluator.people;
        let psi: Vec<Vec<DVector<f64>>> = people
            .iter()
            .zip(&state.z)
            .map(|(person, own)| {
                let typical = person.typical(run.problem(), &theta.natural);
                let by_effects = person.by_effects(theta);
                own.iter().map(|z| &typical + &by_effects * z).collect()
            })
            .collect();
        let answers = if whole {
            // every sensitivity: solutions at hand have none
            let points = points_of(psi);
            run.evaluator.evaluate(&theta.natural, &points, Want::First)
        } else {
            chains.evaluate(run, &theta.natural, psi, Want::Narrow)
        };
        let slopes = run.problem().problem.parameters.derivatives(&state.x);
        let n = entries.len();
        let mut gradient = DVector::zeros(n);
        let mut information = DMatrix::zeros(n, n);
        let share = 1.0 / run.chains as f64;
        for (i, own) in answers.chunks(run.chains).enumerate() {
            let person = &people[i];
            let by_row =
                person.typical_slopes(run.problem(), &theta.natural, &run.evaluator.estimated);
            let typical = DMatrix::from_fn(by_row.nrows(), n, |k, c| {
                by_row[(k, entries[c])] * slopes[entries[c]].first
            });
            let by_spread = if whole {
                person.spread_slopes(theta)
            } else {
                Vec::new()
            };
            for (z, answer) in state.z[i].iter().zip(own) {
                let Ok(at) = answer else {
                    state.failed += 1;
                    continue;
                };
                let mut design = typical.clone();
                for (row, by_effects, _) in &by_spread {
                    if let Ok(entry) = run.evaluator.estimated.binary_search(row)
                        && let Ok(c) = entries.binary_search(&entry)
                    {
                        let mut column = design.column_mut(c);
                        column += slopes[entry].first * (by_effects * z);
                    }
                }
                gradient += share * design.tr_mul(&at.gradient);
                information += share * design.tr_mul(&(&at.information * &design));
            }
        }
        let (pull, stiffness) = self.prior(run, state);
        // the first whole step has a share of 1
        let mean = if whole {
            &mut state.whole
        } else {
            &mut state.information
        };
        for (a, &k) in entries.iter().enumerate() {
            gradient[a] -= pull[k];
            information[(a, a)] += stiffness[k];
            for (b, &l) in entries.iter().enumerate() {
                let old = mean[(k, l)];
                mean[(k, l)] = old + gamma * (information[(a, b)] - old);
            }
        }
        let mut weight = DMatrix::from_fn(n, n, |a, b| mean[(entries[a], entries[b])]);
        for a in 0..n {
            // an entry that nothing tells about stays where it is
            weight[(a, a)] += 1e-10 * (1.0 + weight[(a, a)]);
        }
        let (lower, upper) = run.problem().problem.parameters.search_bounds();
        let range: Vec<(f64, f64)> = entries
            .iter()
            .map(|&k| {
                let x = state.x.0[k];
                let (down, up) = (lower[k] - x, upper[k] - x);
                (down.clamp(-STEP, 0.0) / gamma, up.clamp(0.0, STEP) / gamma)
            })
            .collect();
        let step = within(&weight, &gradient, &range).unwrap_or_default();
        for (&k, step) in entries.iter().zip(step) {
            all[k] = gamma * step;
        }
        all
    }
}
