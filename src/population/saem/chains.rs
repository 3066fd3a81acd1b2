//! Metropolis-Hastings draws of the random effects, all individuals and chains side by side.
//!
//! Individuals whose independent draws are mostly taken walk seldom ([`EASY`], [`SELDOM`]).
//!
//! | move | proposal | |
//! |---|---|---|
//! | independent | t with five degrees of freedom about the mode with the curvature there (f-SAEM: Karimi, Lavielle & Moulines 2020, doi:10.1016/j.csda.2019.07.001); standard normal where there is no mode | mixes at once where the conditional distribution is near normal |
//! | one effect | normal about the present value | scale moved towards 44 % taken |
//! | all effects | normal about the present values, shaped like the curvature at the mode | towards 30 % |

use super::{Run, State};
use crate::population::conditional::{Answer, Point, Recorded, Want};
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
/// Individuals whose independent draws are taken at least this often mix at once by them, and walk in one of so many iterations.
const EASY: f64 = 0.5;
const SELDOM: usize = 5;
/// Coordinates nearer than this part of their size are one point: what rounding leaves of moving effects to another theta.
const SAME: f64 = 1e-9;

/// Scales of the random walks, and how often independent draws are taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::population) struct Scales {
    /// per individual and effect
    one: Vec<Vec<f64>>,
    /// per individual
    all: Vec<f64>,
    /// per individual: share of independent draws taken, of late
    independent: Vec<f64>,
}

impl Scales {
    pub fn new(people: &[Person]) -> Self {
        Scales {
            one: people.iter().map(|p| vec![1.0; p.dim()]).collect(),
            all: people
                .iter()
                .map(|p| 2.0 / (p.dim().max(1) as f64).sqrt())
                .collect(),
            independent: vec![0.0; people.len()],
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

/// The solutions at the present effects of a chain.
#[derive(Clone, Debug)]
struct Kept {
    psi: DVector<f64>,
    solutions: Recorded,
}

impl Kept {
    /// Whether what varies between individuals is the same at psi.
    fn is_at(&self, psi: &DVector<f64>, person: &Person) -> bool {
        let same = |&k: &usize| (self.psi[k] - psi[k]).abs() <= SAME * (1.0 + psi[k].abs());
        person.varying.iter().all(same)
    }
}

/// Moves and how often they were taken.
#[derive(Serialize, Deserialize)]
pub(super) struct Chains {
    /// made anew before the first draw after a checkpoint
    #[serde(skip)]
    about: Vec<Option<About>>,
    /// per individual and chain, of individuals whose solutions hold; dropped at every checkpoint, because they belong to coordinates
    /// that are rounded otherwise than those made from the effects that are saved
    #[serde(skip)]
    kept: Vec<Vec<Option<Kept>>>,
    starts: Vec<DVector<f64>>,
    tried: [usize; 3],
    taken: [usize; 3],
}

/// Coordinates per individual and chain, in this order.
pub(super) fn points_of(psi: Vec<Vec<DVector<f64>>>) -> Vec<Point> {
    let point = |person, psi| Point {
        person,
        psi,
        frozen: None,
    };
    let people = psi.into_iter().enumerate();
    people
        .flat_map(|(person, own)| own.into_iter().map(move |psi| point(person, psi)))
        .collect()
}

/// A move of every chain: proposed effects, and ln of the ratio of the proposal's densities there and back.
type Proposals = Vec<Vec<(DVector<f64>, f64)>>;

impl Chains {
    pub fn new(run: &Run) -> Self {
        let people = &run.evaluator.people;
        Chains {
            about: vec![None; people.len()],
            kept: Vec::new(),
            starts: people.iter().map(|p| DVector::zeros(p.dim())).collect(),
            tried: [0; 3],
            taken: [0; 3],
        }
    }

    pub fn acceptance(&self) -> [f64; 3] {
        std::array::from_fn(|k| self.taken[k] as f64 / self.tried[k].max(1) as f64)
    }

    /// Forgets what is not saved, where a run is begun, taken up again or saved.
    pub fn forget(&mut self) {
        self.about.clear();
        self.kept.clear();
    }

    /// What the readings say of the chains at coordinates `psi` (per individual and chain), in this order. Nothing is solved again
    /// where the solutions at hand hold; of derivatives there are those of [`Want::Narrow`].
    pub fn evaluate(
        &mut self,
        run: &Run,
        natural: &[f64],
        psi: Vec<Vec<DVector<f64>>>,
        want: Want,
    ) -> Vec<Answer> {
        let evaluator = run.evaluator;
        let points = points_of(psi);
        let place = |at: usize| (at / run.chains, at % run.chains);
        self.kept
            .resize(evaluator.people.len(), vec![None; run.chains]);
        let stale: Vec<usize> = (0..points.len())
            .filter(|&at| {
                let (i, c) = place(at);
                let here = |kept: &Kept| kept.is_at(&points[at].psi, &evaluator.people[i]);
                evaluator.holds(i) && !self.kept[i][c].as_ref().is_some_and(here)
            })
            .collect();
        let again: Vec<Point> = stale.iter().map(|&at| points[at].clone()).collect();
        let solved = evaluator.evaluate_kept(natural, &again);
        for ((at, point), (answer, solutions)) in stale.into_iter().zip(again).zip(solved) {
            let (i, c) = place(at);
            self.kept[i][c] = answer.is_ok().then_some(Kept {
                psi: point.psi,
                solutions,
            });
        }
        let (mut at_hand, mut others) = (Vec::new(), Vec::new());
        let mut from = Vec::new();
        for (at, point) in points.into_iter().enumerate() {
            let (i, c) = place(at);
            from.push(self.kept[i][c].is_some());
            match &self.kept[i][c] {
                Some(kept) => at_hand.push((point, &kept.solutions)),
                None => others.push(point),
            }
        }
        let mut scored = evaluator.rescore(natural, &at_hand, want).into_iter();
        let mut solved = evaluator.evaluate(natural, &others, want).into_iter();
        let next = |kept| if kept { scored.next() } else { solved.next() };
        let answers = from.into_iter().map(next);
        answers.map(|a| a.expect("one answer a point")).collect()
    }

    /// Draws all chains anew at theta.
    pub fn draw(&mut self, run: &Run, theta: &Theta, state: &mut State) {
        let k = state.iteration;
        if k < ALWAYS || k.is_multiple_of(EVERY) || self.about.is_empty() {
            self.find_modes(run, theta);
        }
        if run.options.place(k).1 == run.options.exploration {
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
        // one effect in turn: all of them every so many iterations
        let turn = |(i, taken): (usize, &f64)| match (k + i) % SELDOM {
            _ if *taken < EASY => Some(k),
            0 => Some((k + i) / SELDOM),
            _ => None,
        };
        let turns: Vec<Option<usize>> = state
            .scales
            .independent
            .iter()
            .enumerate()
            .map(turn)
            .collect();
        self.walk(run, theta, state, &mut streams, &turns);
        self.one_effect(run, theta, state, &mut streams, &turns);
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
        let taken = self.judge(run, theta, state, streams, proposals, 0);
        let rate = adaptation(state.iteration);
        for (share, now) in state.scales.independent.iter_mut().zip(taken) {
            *share += rate * (now.unwrap_or(*share) - *share);
        }
    }

    fn walk(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
        turns: &[Option<usize>],
    ) {
        let mut proposals: Proposals = Vec::new();
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let q = person.dim();
            let scale = state.scales.all[i];
            let mut own = Vec::new();
            for c in (0..run.chains).filter(|_| turns[i].is_some()) {
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
            *scale *= share.map_or(1.0, |share| libm::exp(rate * (share - 0.3)));
        }
    }

    fn one_effect(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
        turns: &[Option<usize>],
    ) {
        let mut proposals: Proposals = Vec::new();
        for (i, person) in run.evaluator.people.iter().enumerate() {
            let which = turns[i].map(|turn| turn % person.dim().max(1));
            let mut own = Vec::new();
            for (c, which) in (0..run.chains).filter_map(|c| Some((c, which?))) {
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
            if let (Some(share), Some(turn), false) = (share, turns[i], own.is_empty()) {
                let which = turn % own.len();
                own[which] *= libm::exp(rate * (share - 0.44));
            }
        }
    }

    /// Takes or refuses every proposal; the share taken of every individual that moves.
    fn judge(
        &mut self,
        run: &Run,
        theta: &Theta,
        state: &mut State,
        streams: &mut [Vec<Stream>],
        proposals: Proposals,
        kind: usize,
    ) -> Vec<Option<f64>> {
        let people = &run.evaluator.people;
        let mut points = Vec::with_capacity(people.len() * run.chains);
        for (i, own) in proposals.iter().enumerate() {
            if own.is_empty() {
                continue;
            }
            let typical = people[i].typical(run.problem(), &theta.natural);
            let by_effects = people[i].by_effects(theta);
            points.extend(own.iter().map(|(z, _)| Point {
                person: i,
                psi: &typical + &by_effects * z,
                frozen: None,
            }));
        }
        let answers = run.evaluator.evaluate_kept(&theta.natural, &points);
        let mut answers = points.into_iter().zip(answers);
        self.kept.resize(people.len(), vec![None; run.chains]);
        let mut shares = Vec::new();
        for (i, own) in proposals.into_iter().enumerate() {
            let (mut taken, made) = (0, own.len());
            let holds = run.evaluator.holds(i);
            for (c, (z, ratio)) in own.into_iter().enumerate() {
                let (point, (answer, solutions)) = answers.next().expect("one answer a point");
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
                    let psi = point.psi;
                    self.kept[i][c] = holds.then_some(Kept { psi, solutions });
                }
            }
            self.tried[kind] += made;
            self.taken[kind] += taken;
            shares.push((made > 0).then(|| taken as f64 / made as f64));
        }
        shares
    }
}

/// How fast scales move: less and less, so that the draws keep their distribution.
fn adaptation(iteration: usize) -> f64 {
    1.0 / (1.0 + iteration as f64 / 10.0).sqrt()
}
