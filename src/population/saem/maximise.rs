//! The maximisation of SAEM: from averages of moments of the draws to parameters.
//!
//! With $t_i = m_i(\theta) + \eta_i$ (the transformed parameters of individual i that have an effect between individuals) the averages are
//! $s_i \approx E[t_i \mid y]$, $S \approx \sum_i E[t_i t_i^\top \mid y]$ and $K \approx \sum_{ik} E[\kappa_{ik}\kappa_{ik}^\top \mid y]$. Then
//!
//! * typical values and covariate coefficients: Gauss-Newton steps of the normal regression of $s_i$ on $m_i$ with weights $\Omega^{-1}$
//!   (exact in one where $m_i$ is linear in the search values), priors included;
//! * $\Omega$ from $C = \bigl(S - \sum_i (s_i m_i^\top + m_i s_i^\top - m_i m_i^\top)\bigr)/N$, $\Gamma$ from $K$: standard deviations $\sqrt{C_{jj}}$, correlations
//!   $C_{jk}/\sqrt{C_{jj} C_{kk}}$, each where it is estimated;
//! * all other parameters: $x \leftarrow x + \gamma\,I^{-1} g$ with the gradient $g$ of $\ln p(y \mid \psi)$ over the draws and an average information
//!   $I$ (no sensitivities are needed for those of the noise).

use super::chains::Chains;
use super::{Run, State};
use crate::fit::{ArrowLayout, Derivatives, Natural, Order, Scale, Search};
use crate::population::model::{Coefficient, Level};
use crate::population::person::{Kind, Theta};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// What each search entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// mean of parameters that vary between individuals
    Mean,
    /// standard deviation or correlation
    Spread,
    /// everything else
    Steady,
}

/// Largest step of one iteration on the search scale.
pub(super) const STEP: f64 = 0.5;
/// A standard deviation falls by this factor at most in an iteration of exploration.
const ANNEALING: f64 = 0.95;
/// At the beginning of every exploration after the first, standard deviations are this many times as large: the chains see widely again.
const LIFT: f64 = 4.0;
/// Iterations after which correlations begin to move, and their share while exploring.
const CORRELATIONS: (usize, f64) = (20, 0.1);

pub(super) struct Maximiser {
    pub(super) roles: Vec<Role>,
    /// per individual and effect of the individual level: its coordinate
    coordinates: Vec<Vec<usize>>,
    /// search entries whose rows give standard deviations of readings or effects: they fall slowly
    annealed: Vec<bool>,
}

impl Maximiser {
    pub fn new(run: &Run) -> Self {
        let problem = run.problem();
        let estimated = &run.evaluator.estimated;
        let own = problem.effects_of(Level::Individual);
        let varies = |typical: usize| own.iter().any(|&e| problem.effects[e].typical == typical);
        let is = |value: Coefficient, row: usize| value == Coefficient::Row(row);
        let roles = estimated
            .iter()
            .map(|&row| {
                let spread = problem
                    .effects
                    .iter()
                    .any(|e| is(e.standard_deviation, row))
                    || problem.correlations.iter().any(|c| is(c.value, row));
                let covariate =
                    |c: &super::super::CovariateEffect| is(c.coefficient, row) && varies(c.typical);
                // a row that is shared by readings as well is moved by them
                let shared = run.evaluator.people.iter().any(|p| {
                    p.rows
                        .iter()
                        .zip(&p.kinds)
                        .any(|(r, k)| *r == row && matches!(k, Kind::Shared))
                });
                match () {
                    () if shared => Role::Steady,
                    () if spread => Role::Spread,
                    () if varies(row) || problem.covariate_effects.iter().any(covariate) => {
                        Role::Mean
                    }
                    () => Role::Steady,
                }
            })
            .collect();
        let coordinates = run
            .evaluator
            .people
            .iter()
            .map(|person| {
                (0..own.len())
                    .map(|c| {
                        // an effect of a parameter that no reading shows has no coordinate
                        let acts = |k: &usize| person.embedding[(*k, c)] != 0.0;
                        (0..person.rows.len()).find(acts).unwrap_or(usize::MAX)
                    })
                    .collect()
            })
            .collect();
        let annealed = estimated
            .iter()
            .map(|&row| {
                problem
                    .effects
                    .iter()
                    .any(|e| is(e.standard_deviation, row))
            })
            .collect();
        Maximiser {
            roles,
            coordinates,
            annealed,
        }
    }

    /// Averages the draws and moves the parameters; the chains keep their individual parameters.
    pub fn step(
        &self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        chains: &mut Chains,
        gamma: f64,
    ) {
        let problem = run.problem();
        let table = &problem.problem.parameters;
        let people = &run.evaluator.people;
        let own = theta.spread.individual.nrows();
        let old_x = state.x.clone();
        let typical: Vec<DVector<f64>> = people
            .iter()
            .map(|p| p.typical(problem, &theta.natural))
            .collect();
        // moments of the draws
        let share = 1.0 / run.chains as f64;
        let occasions = theta.spread.occasion.nrows();
        let mut second = DMatrix::zeros(own, own);
        let mut of_occasions = DMatrix::zeros(occasions, occasions);
        let mut effects: Vec<Vec<DVector<f64>>> = Vec::new();
        let mut count = 0;
        for (i, person) in people.iter().enumerate() {
            let factor = person.factor_at(theta);
            let mean = self.mean_of(i, &typical[i]);
            let mut first = DVector::zeros(own);
            let mut drawn = Vec::new();
            for z in &state.z[i] {
                let b = &factor * z;
                let t = &mean + b.rows(0, own);
                first += share * &t;
                second += share * &t * t.transpose();
                let mut at = own;
                while at < b.len() && occasions > 0 {
                    let kappa = b.rows(at, occasions);
                    of_occasions += share * kappa * kappa.transpose();
                    at += occasions;
                }
                drawn.push(b);
            }
            count += (person.dim() - own).checked_div(occasions).unwrap_or(0);
            let before = &state.first[i];
            state.first[i] = before + gamma * (first - before);
            effects.push(drawn);
        }
        let moved = |old: &DMatrix<f64>, new: DMatrix<f64>| old + gamma * (new - old);
        state.second = moved(&state.second, second);
        state.occasions = moved(&state.occasions, of_occasions);

        let step = self.by_readings(run, theta, state, chains, gamma);
        self.means(run, theta, state, &typical);
        self.spreads(run, theta, state, count);
        let (lower, upper) = table.search_bounds();
        let clamp = |x: &mut Search| {
            for (k, x) in x.0.iter_mut().enumerate() {
                *x = x.clamp(lower[k], upper[k]);
            }
        };
        clamp(&mut state.x);
        // correlations that are none: the spread stays as it was
        let with_spread_of = |x: &Search, other: &Search| {
            let kept = |(k, x): (usize, &f64)| match self.roles[k] {
                Role::Spread => other.0[k],
                _ => *x,
            };
            Search(x.0.iter().enumerate().map(kept).collect())
        };
        let maximum = run.theta(&state.x).unwrap_or_else(|| {
            state.x = with_spread_of(&state.x, &old_x);
            run.theta(&state.x).unwrap_or_else(|| theta.clone())
        });
        let before = state.x.clone();
        for (x, step) in state.x.0.iter_mut().zip(&step) {
            *x += step;
        }
        clamp(&mut state.x);
        let next = run.theta(&state.x).unwrap_or_else(|| {
            state.x = with_spread_of(&state.x, &before);
            run.theta(&state.x).unwrap_or_else(|| maximum.clone())
        });
        if self.moves_moments(&step) {
            self.carry_moments(run, &maximum, &next, state);
        }
        self.carry_chains(run, [theta, &maximum, &next], state, chains, &effects);
    }

    /// The coordinates of an individual that vary between individuals.
    pub(super) fn mean_of(&self, i: usize, typical: &DVector<f64>) -> DVector<f64> {
        let at = |&k: &usize| typical.get(k).copied().unwrap_or(0.0);
        DVector::from_iterator(
            self.coordinates[i].len(),
            self.coordinates[i].iter().map(at),
        )
    }

    /// Entries of a role.
    pub(super) fn entries(&self, role: Role) -> Vec<usize> {
        (0..self.roles.len())
            .filter(|&k| self.roles[k] == role)
            .collect()
    }

    /// Gradient and curvature of minus the log-prior on the search scale.
    pub(super) fn prior(&self, run: &Run, state: &State) -> (Vec<f64>, Vec<f64>) {
        let table = &run.problem().problem.parameters;
        let natural: Natural = table.natural(&state.x);
        let scales = table.derivatives(&state.x);
        let mut out = Derivatives::new(Arc::new(ArrowLayout::dense(state.x.0.len())));
        let mut value = 0.0;
        // where a prior has no density it does not pull
        let _ = run
            .priors
            .subtract(&natural, &scales, Order::GaussNewton, &mut value, &mut out);
        (out.gradient.clone(), out.curvature.diagonal())
    }

    fn means(&self, run: &Run, theta: &Theta, state: &mut State, typical: &[DVector<f64>]) {
        let entries = self.entries(Role::Mean);
        let own = theta.spread.individual.nrows();
        if entries.is_empty() || own == 0 {
            return;
        }
        let table = &run.problem().problem.parameters;
        let l = &theta.spread.individual;
        let omega = l * l.transpose();
        // effects without spread say nothing about means
        let weight = omega.clone().cholesky().map_or_else(
            || {
                DMatrix::from_diagonal(
                    &omega
                        .diagonal()
                        .map(|v| if v > 0.0 { 1.0 / v } else { 0.0 }),
                )
            },
            |factor| factor.inverse(),
        );
        let mut means: Vec<DVector<f64>> = (0..typical.len())
            .map(|i| self.mean_of(i, &typical[i]))
            .collect();
        for _ in 0..3 {
            let natural = table.natural(&state.x);
            let slopes = table.derivatives(&state.x);
            let (pull, stiffness) = self.prior(run, state);
            let n = entries.len();
            let mut gradient = DVector::zeros(n);
            let mut curvature = DMatrix::zeros(n, n);
            for (i, person) in run.evaluator.people.iter().enumerate() {
                let by_row =
                    person.typical_slopes(run.problem(), &natural.0, &run.evaluator.estimated);
                let design = DMatrix::from_fn(own, n, |e, c| {
                    let k = self.coordinates[i][e];
                    if k == usize::MAX {
                        0.0
                    } else {
                        by_row[(k, entries[c])] * slopes[entries[c]].first
                    }
                });
                let weighted = design.transpose() * &weight;
                gradient += &weighted * (&state.first[i] - &means[i]);
                curvature += &weighted * design;
            }
            for (c, &k) in entries.iter().enumerate() {
                gradient[c] -= pull[k];
                curvature[(c, c)] += stiffness[k] + 1e-12;
            }
            let Some(factor) = curvature.cholesky() else {
                return;
            };
            let step = factor.solve(&gradient);
            let longest = step.amax();
            let shrink = if longest > STEP { STEP / longest } else { 1.0 };
            for (c, &k) in entries.iter().enumerate() {
                state.x.0[k] += shrink * step[c];
            }
            let natural = table.natural(&state.x);
            for (i, person) in run.evaluator.people.iter().enumerate() {
                means[i] = self.mean_of(i, &person.typical(run.problem(), &natural.0));
            }
            if longest < 1e-10 {
                break;
            }
        }
    }

    fn spreads(&self, run: &Run, theta: &Theta, state: &mut State, occasions: usize) {
        let problem = run.problem();
        let people = &run.evaluator.people;
        let natural = problem.problem.parameters.natural(&state.x);
        let exploring = run.options.anneals(state.iteration);
        let lifts = run.options.lifts(state.iteration);
        for level in [Level::Individual, Level::Occasion] {
            let effects = problem.effects_of(level);
            let c = match level {
                Level::Individual => {
                    let mut c = state.second.clone();
                    for (i, person) in people.iter().enumerate() {
                        let m = self.mean_of(i, &person.typical(problem, &natural.0));
                        let s = &state.first[i];
                        c += &m * m.transpose() - s * m.transpose() - &m * s.transpose();
                    }
                    c / people.len() as f64
                }
                Level::Occasion => &state.occasions / occasions.max(1) as f64,
            };
            for (j, &e) in effects.iter().enumerate() {
                if let Coefficient::Row(row) = problem.effects[e].standard_deviation
                    && let Ok(entry) = run.evaluator.estimated.binary_search(&row)
                    && self.roles[entry] == Role::Spread
                {
                    // effects that share a row share their mean square
                    let same: Vec<usize> = (0..effects.len())
                        .filter(|&o| {
                            problem.effects[effects[o]].standard_deviation == Coefficient::Row(row)
                        })
                        .collect();
                    if same[0] != j {
                        continue;
                    }
                    let mean = same.iter().map(|&o| c[(o, o)]).sum::<f64>() / same.len() as f64;
                    let drawn = same.len()
                        * match level {
                            Level::Individual => people.len(),
                            Level::Occasion => occasions,
                        };
                    let mut sd = self.with_prior(run, entry, mean.max(0.0).sqrt(), drawn);
                    if exploring && self.annealed[entry] {
                        sd = sd.max(ANNEALING * theta.natural[row]);
                    }
                    if lifts && self.annealed[entry] {
                        sd = (LIFT * sd).min(problem.problem.parameters.rows[row].upper);
                    }
                    state.x.0[entry] = scale_of(run, row).search(sd);
                }
            }
            for pair in &problem.correlations {
                let place = |e: usize| effects.iter().position(|&o| o == e);
                if let (Some(a), Some(b)) = (place(pair.first), place(pair.second))
                    && let Coefficient::Row(row) = pair.value
                    && let Ok(entry) = run.evaluator.estimated.binary_search(&row)
                    && self.roles[entry] == Role::Spread
                {
                    let both = (c[(a, a)] * c[(b, b)]).sqrt();
                    let wanted = if both > 0.0 {
                        (c[(a, b)] / both).clamp(-0.999, 0.999)
                    } else {
                        0.0
                    };
                    let now = theta.natural[row];
                    let (wait, slow) = CORRELATIONS;
                    let (_, at) = run.options.place(state.iteration);
                    let value = match exploring {
                        true if lifts => 0.0,
                        true if at < wait => now,
                        true => now + slow * (wanted - now),
                        false => wanted,
                    };
                    state.x.0[entry] = scale_of(run, row).search(value);
                }
            }
        }
    }

    /// A standard deviation that maximises -n ln s - n v / (2 s^2) + ln prior(s), from that without prior.
    fn with_prior(&self, run: &Run, entry: usize, sd: f64, n: usize) -> f64 {
        let table = &run.problem().problem.parameters;
        let row = &table.rows[run.evaluator.estimated[entry]];
        let Some(prior) = row.prior.as_ref().filter(|_| run.evaluator.options.prior) else {
            return sd;
        };
        let n = n as f64;
        let mut s = sd.max(1e-8).clamp(row.lower, row.upper);
        for _ in 0..30 {
            let density = prior.ln_density(s);
            // in ln s: n (v/s^2 - 1) + s prior'
            let slope = n * (sd * sd / (s * s) - 1.0) + s * density.first;
            let bend = -2.0 * n * sd * sd / (s * s) + s * density.first + s * s * density.second;
            let step = if bend < 0.0 {
                -slope / bend
            } else {
                slope.signum() * 0.1
            };
            s = (s * libm::exp(step.clamp(-STEP, STEP))).clamp(row.lower.max(1e-12), row.upper);
            if step.abs() < 1e-10 {
                break;
            }
        }
        s
    }
}

fn scale_of(run: &Run, row: usize) -> Scale {
    run.problem().problem.parameters.rows[row].scale
}
