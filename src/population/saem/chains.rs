//! Metropolis-Hastings draws of the random effects, all individuals and chains side by side.
//!
//! | move | proposal | |
//! |---|---|---|
//! | independent | t with five degrees of freedom about the mode with the curvature there (f-SAEM: Karimi, Lavielle & Moulines 2020, doi:10.1016/j.csda.2019.07.001); standard normal where there is no mode | mixes at once where the conditional distribution is near normal |
//! | one effect | normal about the present value | scale moved towards 44 % taken |
//! | all effects | normal about the present values, shaped like the curvature at the mode | towards 30 % |

use super::{Run, State};
use crate::population::conditional::{Point, Want};
use crate::population::modes::{ModeOptions, modes};
use crate::population::person::{Person, Theta};
use crate::population::stream::{Purpose, Stream};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Degrees of freedom of independent proposals.
const NU: f64 = 5.0;
/// Modes are sought anew in each of the first iterations, then every so many.
const ALWAYS: usize = 20;
pub(super) const EVERY: usize = 10;

/// Scales of the random walks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::population) struct Scales {
    /// per individual and effect
    one: Vec<Vec<f64>>,
    /// per individual
    all: Vec<f64>,
}

impl Scales {
    pub fn new(people: &[Person]) -> Self {
        Scales {
            one: people.iter().map(|p| vec![1.0; p.dim()]).collect(),
            all: people
                .iter()
                .map(|p| 2.0 / (p.dim().max(1) as f64).sqrt())
                .collect(),
        }
    }
}

/// Proposals about the mode of an individual.
#[derive(Clone, Debug)]
struct About {
    centre: DVector<f64>,
    /// U with U^-1 U^-T the covariance: U (z - centre) is standard
    root: DMatrix<f64>,
}

/// Moves and how often they were taken.
#[derive(Serialize, Deserialize)]
pub(super) struct Chains {
    /// made anew before the first draw after a checkpoint
    #[serde(skip)]
    about: Vec<Option<About>>,
    starts: Vec<DVector<f64>>,
    tried: [usize; 3],
    taken: [usize; 3],
}

/// A move of every chain: proposed effects, and ln of the ratio of the proposal's densities there and back.
type Proposals = Vec<Vec<(DVector<f64>, f64)>>;

impl Chains {
    pub fn new(run: &Run) -> Self {
        let people = &run.evaluator.people;
        Chains {
            about: vec![None; people.len()],
            starts: people.iter().map(|p| DVector::zeros(p.dim())).collect(),
            tried: [0; 3],
            taken: [0; 3],
        }
    }

    pub fn acceptance(&self) -> [f64; 3] {
        std::array::from_fn(|k| self.taken[k] as f64 / self.tried[k].max(1) as f64)
    }

    /// Draws all chains anew at theta.
    pub fn draw(&mut self, run: &Run, theta: &Theta, state: &mut State) {
        let k = state.iteration;
        if k < ALWAYS || k.is_multiple_of(EVERY) {
            self.find_modes(run, theta);
        }
        if k == run.options.exploration {
            (self.tried, self.taken) = ([0; 3], [0; 3]);
        }
        let most = run
            .evaluator
            .people
            .iter()
            .map(Person::dim)
            .max()
            .unwrap_or(0);
        if most == 0 {
            return;
        }
        let mut streams: Vec<Vec<Stream>> = (0..state.z.len())
            .map(|i| {
                let stream = |c| Stream::new(run.seed, Purpose::Saem, k as u64, i * run.chains + c);
                (0..run.chains).map(stream).collect()
            })
            .collect();
        self.independent(run, theta, state, &mut streams);
        self.walk(run, theta, state, &mut streams);
        // one effect in turn: all of them every so many iterations
        self.one_effect(run, theta, state, &mut streams, k % most);
    }

    fn find_modes(&mut self, run: &Run, theta: &Theta) {
        self.about.resize(self.starts.len(), None);
        let options = ModeOptions {
            tolerance: 1e-2,
            iterations: 20,
        };
        let found = modes(run.evaluator, theta, &self.starts, &[], options);
        for (i, mode) in found.into_iter().enumerate() {
            self.about[i] = mode.ok().and_then(|mode| {
                let root = mode.information().cholesky()?.l().transpose();
                self.starts[i] = mode.z.clone();
                Some(About {
                    centre: mode.z,
                    root,
                })
            });
        }
    }

    fn independent(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
    ) {
        let mut proposals: Proposals = Vec::new();
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let q = person.dim();
            let about = self.about[i].as_ref();
            let ln_density = |z: &DVector<f64>| match about {
                Some(about) => {
                    let u = &about.root * (z - &about.centre);
                    -0.5 * (NU + q as f64) * libm::log1p(u.norm_squared() / NU)
                }
                None => -0.5 * z.norm_squared(),
            };
            let mut own = Vec::new();
            for c in 0..run.chains {
                let stream = &mut streams[i][c];
                let normal = DVector::from_fn(q, |_, _| stream.normal());
                let z = match about {
                    Some(about) => {
                        let chi2: f64 = (0..NU as usize).map(|_| stream.normal().powi(2)).sum();
                        let u = normal / (chi2 / NU).sqrt();
                        let step = about.root.solve_upper_triangular(&u);
                        &about.centre + step.expect("a factor has no zero on its diagonal")
                    }
                    None => normal,
                };
                let ratio = ln_density(&state.z[i][c]) - ln_density(&z);
                own.push((z, ratio));
            }
            proposals.push(own);
        }
        self.judge(run, theta, state, streams, proposals, 0);
    }

    fn walk(&mut self, run: &Run, theta: &Theta, state: &mut State, streams: &mut [Vec<Stream>]) {
        let mut proposals: Proposals = Vec::new();
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let q = person.dim();
            let scale = state.scales.all[i];
            let mut own = Vec::new();
            for c in 0..run.chains {
                let normal = DVector::from_fn(q, |_, _| streams[i][c].normal());
                let step = match &self.about[i] {
                    Some(about) => about
                        .root
                        .solve_upper_triangular(&normal)
                        .expect("a factor has no zero on its diagonal"),
                    None => normal,
                };
                own.push((&state.z[i][c] + scale * step, 0.0));
            }
            proposals.push(own);
        }
        let taken = self.judge(run, theta, state, streams, proposals, 1);
        let rate = adaptation(state.iteration);
        for (scale, share) in state.scales.all.iter_mut().zip(taken) {
            *scale *= libm::exp(rate * (share - 0.3));
        }
    }

    fn one_effect(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
        effect: usize,
    ) {
        let mut proposals: Proposals = Vec::new();
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let which = effect % person.dim().max(1);
            let mut own = Vec::new();
            for c in 0..run.chains {
                let mut z = state.z[i][c].clone();
                if person.dim() > 0 {
                    z[which] += state.scales.one[i][which] * streams[i][c].normal();
                }
                own.push((z, 0.0));
            }
            proposals.push(own);
        }
        let taken = self.judge(run, theta, state, streams, proposals, 2);
        let rate = adaptation(state.iteration);
        for (i, share) in taken.into_iter().enumerate() {
            let own = &mut state.scales.one[i];
            if !own.is_empty() {
                let which = effect % own.len();
                own[which] *= libm::exp(rate * (share - 0.44));
            }
        }
    }

    /// Takes or refuses every proposal; the share taken of every individual.
    fn judge(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
        proposals: Proposals,
        kind: usize,
    ) -> Vec<f64> {
        let people = &run.evaluator.people;
        let mut points = Vec::with_capacity(people.len() * run.chains);
        for (i, own) in proposals.iter().enumerate() {
            let typical = people[i].typical(run.problem(), &theta.natural);
            let by_effects = people[i].by_effects(theta);
            points.extend(own.iter().map(|(z, _)| Point {
                person: i,
                psi: &typical + &by_effects * z,
                frozen: None,
            }));
        }
        let mut answers = run
            .evaluator
            .evaluate(&theta.natural, &points, Want::Value)
            .into_iter();
        let mut shares = Vec::new();
        for (i, own) in proposals.into_iter().enumerate() {
            let mut taken = 0;
            for (c, (z, ratio)) in own.into_iter().enumerate() {
                let answer = answers.next().expect("one answer a point");
                let uniform = streams[i][c].uniform();
                let Ok(at) = answer else {
                    state.failed += 1;
                    continue;
                };
                let old = &state.z[i][c];
                let ln_ratio =
                    at.ln_p - state.ln_p[i][c] - 0.5 * (z.norm_squared() - old.norm_squared())
                        + ratio;
                if libm::log(uniform) < ln_ratio {
                    taken += 1;
                    state.z[i][c] = z;
                    state.ln_p[i][c] = at.ln_p;
                }
            }
            self.tried[kind] += run.chains;
            self.taken[kind] += taken;
            shares.push(taken as f64 / run.chains as f64);
        }
        shares
    }
}

/// How fast scales move: less and less, so that the draws keep their distribution.
fn adaptation(iteration: usize) -> f64 {
    1.0 / (1.0 + iteration as f64 / 10.0).sqrt()
}
