//! SAEM: stochastic approximation of expectation and maximisation.
//!
//! Delyon, Lavielle & Moulines 1999 (doi:10.1214/aos/1018031103), Kuhn & Lavielle 2004 (doi:10.1051/ps:2004007). An iteration k
//!
//! 1. draws the random effects of every individual, in several chains, by Metropolis-Hastings ([`chains`]);
//! 2. moves averages of their moments by a share $\gamma_k$ towards those of the draws: 1 at first (exploration), then
//!    $(k - K_1)^{-0.7}$ (smoothing);
//! 3. maximises ([`maximise`]): typical values and covariate coefficients by generalised least squares, standard deviations and
//!    correlations in closed form, and parameters without variability between individuals, those of the noise among them, by a
//!    Newton step of length $\gamma_k$ on the likelihood of the draws ([`readings`]); now and then all parameters have such a
//!    step as well.
//!
//! While it explores, standard deviations fall by a twentieth an iteration at most (simulated annealing) and correlations wait and
//! move slowly. The end of a run is the mean over the second half of its smoothing: shares that fall slowly forget where smoothing
//! began, and the mean is as sharp as that of shares $1/k$ (Polyak & Juditsky 1992, doi:10.1137/0330046).
//!
//! Runs whose ends lie apart, or off a maximum, are led on by Newton steps on the exact likelihood where there are at most four effects
//! ([`super::newton`]); that they end together is then what shows it. If they do not, there is another round.
//!
//! A run that smoothed before it had arrived may hold a standard deviation near 0, where its chains see nothing else. Every further
//! round therefore explores again with standard deviations several times as large and correlations of 0, and then smooths twice as
//! long.

mod carry;
mod chains;
mod maximise;
mod readings;

use super::conditional::{Evaluator, Failure, Point, Want};
use super::effects::Spread;
use super::model::PopulationProblem;
use super::person::Theta;
use crate::fit::{
    CheckpointError, CheckpointFolder, Control, Natural, Priors, Search, read_checkpoint,
    write_checkpoint,
};
use chains::Chains;
use maximise::Maximiser;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Shares of smoothing are k to minus this power.
const SMOOTHING: f64 = 0.7;

/// How long SAEM runs, and how it draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaemOptions {
    /// iterations of exploration, $\gamma = 1$
    pub exploration: usize,
    /// iterations of smoothing, $\gamma = 1/k$
    pub smoothing: usize,
    /// chains an individual; None: as many as make fifty over all individuals
    pub chains: Option<usize>,
    /// independent runs, each with a seed of its own, whose ends are compared; the result is their mean
    pub runs: usize,
    /// further rounds of exploration and twice the smoothing, at most, while runs end further than a quarter of a standard error from
    /// their mean, or their mean is not stationary, and Newton steps do not lead them together
    pub doublings: usize,
    /// seed of the first run
    pub seed: u64,
}

impl Default for SaemOptions {
    fn default() -> Self {
        SaemOptions {
            exploration: 100,
            smoothing: 150,
            chains: None,
            runs: 3,
            doublings: 3,
            seed: 1,
        }
    }
}

impl SaemOptions {
    /// Iterations up to the end of a round; there are none before the first, which is round 0.
    fn until(&self, round: usize) -> usize {
        (0..=round).map(|r| self.length(r)).sum()
    }

    fn length(&self, round: usize) -> usize {
        self.exploration + (self.smoothing << round)
    }

    /// The round of an iteration, and its place there.
    fn place(&self, iteration: usize) -> (usize, usize) {
        let (mut round, mut begin) = (0, 0);
        while iteration >= begin + self.length(round) && self.length(round) > 0 {
            begin += self.length(round);
            round += 1;
        }
        (round, iteration - begin)
    }

    /// The share that an iteration moves averages by.
    fn gamma(&self, iteration: usize) -> f64 {
        let (_, at) = self.place(iteration);
        match at.checked_sub(self.exploration) {
            None => 1.0,
            Some(smoothed) => libm::pow((smoothed + 1) as f64, -SMOOTHING),
        }
    }

    /// Whether standard deviations are held up.
    fn anneals(&self, iteration: usize) -> bool {
        self.place(iteration).1 < self.exploration
    }

    /// Whether an exploration after the first begins: standard deviations are lifted and correlations forgotten.
    fn lifts(&self, iteration: usize) -> bool {
        let (round, at) = self.place(iteration);
        round > 0 && at == 0
    }

    /// Iterations of a trace whose mean is its end: the second half of the smoothing it ends in; the last one while it explores.
    fn averaged(&self, iterations: usize) -> usize {
        let (_, at) = self.place(iterations.saturating_sub(1));
        (at + 1).saturating_sub(self.exploration).div_ceil(2).max(1)
    }
}

/// One run of SAEM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaemRun {
    /// its seed
    pub seed: u64,
    /// end, on the search scale
    pub x: Search,
    /// the search values of every iteration (iterations x parameters)
    pub trace: Vec<Vec<f64>>,
    /// share of draws that were taken in the smoothing phase: independent draws, moves of one effect, of all
    pub acceptance: [f64; 3],
    /// draws whose solve failed; they were refused
    pub failed: usize,
    /// whether it ran to its end
    pub complete: bool,
    /// Newton steps on the exact likelihood that led its end on, where runs did not arrive by themselves
    #[serde(default)]
    pub newton_steps: usize,
}

/// What a run remembers from iteration to iteration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub iteration: usize,
    pub x: Search,
    /// per individual and chain: the effects in z
    pub z: Vec<Vec<DVector<f64>>>,
    /// ln p(y | z)
    pub ln_p: Vec<Vec<f64>>,
    /// averages over draws, see [`maximise`]
    pub first: Vec<DVector<f64>>,
    pub second: DMatrix<f64>,
    pub occasions: DMatrix<f64>,
    /// information of the parameters without variability
    pub information: DMatrix<f64>,
    /// the same of all parameters, at effects that stay
    pub whole: DMatrix<f64>,
    pub scales: chains::Scales,
    pub trace: Vec<Vec<f64>>,
    pub failed: usize,
}

/// A run is saved every so many iterations, right before modes are sought anew.
const SAVED: usize = 2 * chains::EVERY;

/// What is saved of a run.
#[derive(Deserialize)]
pub(super) struct Saved {
    state: State,
    chains: Chains,
}

/// Where a run goes on from, and where it is saved.
pub(super) struct Memory<'f> {
    pub folder: Option<&'f CheckpointFolder>,
    /// what an earlier call left; it goes before what stands in the folder
    pub before: Option<Saved>,
}

/// The same, to be written.
#[derive(Serialize)]
struct Parts<'s> {
    state: &'s State,
    chains: &'s Chains,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum SaemError {
    /// an individual has no density at the start, or a covariance is none
    #[error("{}", super::marginal::infeasible(.0.clone()))]
    Infeasible(Failure),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<Failure> for SaemError {
    fn from(failure: Failure) -> Self {
        SaemError::Infeasible(failure)
    }
}

/// Everything that stays the same in a run.
pub(super) struct Run<'r, 'p> {
    pub evaluator: &'r Evaluator<'p>,
    pub priors: &'r Priors<'p>,
    pub options: SaemOptions,
    pub seed: u64,
    pub chains: usize,
}

impl<'p> Run<'_, 'p> {
    pub fn problem(&self) -> &'p PopulationProblem {
        self.evaluator.problem
    }

    pub fn theta(&self, x: &Search) -> Option<Theta> {
        let natural = self.problem().problem.parameters.natural(x).0;
        let spread = Spread::new(self.problem(), &natural, false)?;
        Some(Theta { natural, spread })
    }
}

/// Runs SAEM from a start to the end of a round, or goes on with what it left `before`.
pub(super) fn saem<'p>(
    evaluator: &Evaluator<'p>,
    priors: &Priors<'p>,
    start: &Natural,
    options: SaemOptions,
    (run, round): (usize, usize),
    control: Control,
    memory: Memory,
) -> Result<(SaemRun, Saved), SaemError> {
    let Memory { folder, before } = memory;
    let number = run;
    let problem = evaluator.problem;
    let people = evaluator.people.len();
    let run = Run {
        evaluator,
        priors,
        options,
        seed: options.seed + run as u64,
        chains: options
            .chains
            .unwrap_or_else(|| 50usize.div_ceil(people))
            .max(1),
    };
    let x = problem.problem.parameters.search(start);
    let fault = || Failure {
        subject: None,
        time: None,
        why: crate::fit::Infeasibility::Covariance,
    };
    let theta = run.theta(&x).ok_or_else(fault)?;
    let file =
        folder.map(|folder| folder.file(&format!("saem-{:05}.json", run.seed - options.seed)));
    let saved: Option<Saved> = match (before, &file) {
        (Some(before), _) => Some(before),
        (None, Some(file)) => read_checkpoint(file)?,
        (None, None) => None,
    };
    let (mut state, mut chains) = match saved {
        Some(saved) => (saved.state, saved.chains),
        None => (begin(&run, x, &theta)?, Chains::new(&run)),
    };
    chains.forget();
    let maximiser = Maximiser::new(&run);
    let last = options.until(round);
    while state.iteration < last {
        if control.stop_now().is_some() {
            break;
        }
        let k = state.iteration;
        if let Some(file) = file.as_ref().filter(|_| k.is_multiple_of(SAVED)) {
            write_checkpoint(
                file,
                &Parts {
                    state: &state,
                    chains: &chains,
                },
            )?;
        }
        if k.is_multiple_of(SAVED) {
            chains.forget();
        }
        let gamma = options.gamma(k);
        let theta = run.theta(&state.x).ok_or_else(fault)?;
        chains.draw(&run, &theta, &mut state);
        maximiser.step(&run, &theta, &mut state, &mut chains, gamma);
        state.trace.push(state.x.0.clone());
        state.iteration += 1;
        if let Some(observer) = control.observer {
            observer.saem_iteration(number, state.iteration, last);
        }
    }
    if let Some(file) = file.filter(|_| state.iteration == last) {
        write_checkpoint(
            &file,
            &Parts {
                state: &state,
                chains: &chains,
            },
        )?;
    }
    // what was saved may be further than this round, whose end decides whether there is another
    let trace = state.trace[..state.iteration.min(last)].to_vec();
    let found = SaemRun {
        seed: run.seed,
        acceptance: chains.acceptance(),
        failed: state.failed,
        complete: state.iteration >= last,
        newton_steps: 0,
        x: end(&trace, options).unwrap_or_else(|| state.x.clone()),
        trace,
    };
    Ok((found, Saved { state, chains }))
}

/// The mean of the last iterations of a trace.
fn end(trace: &[Vec<f64>], options: SaemOptions) -> Option<Search> {
    let last = &trace[trace.len() - options.averaged(trace.len()).min(trace.len())..];
    let mut mean = vec![0.0; last.first()?.len()];
    for x in last {
        for (m, x) in mean.iter_mut().zip(x) {
            *m += x / last.len() as f64;
        }
    }
    Some(Search(mean))
}

/// All chains at effects of 0.
fn begin(run: &Run, x: Search, theta: &Theta) -> Result<State, Failure> {
    let people = &run.evaluator.people;
    let points: Vec<Point> = people
        .iter()
        .enumerate()
        .map(|(person, p)| Point {
            person,
            psi: p.typical(run.problem(), &theta.natural),
            frozen: None,
        })
        .collect();
    let answers = run.evaluator.evaluate(&theta.natural, &points, Want::Value);
    let mut ln_p = Vec::new();
    for answer in answers {
        ln_p.push(vec![answer?.ln_p; run.chains]);
    }
    let own = theta.spread.individual.nrows();
    let occasions = theta.spread.occasion.nrows();
    Ok(State {
        iteration: 0,
        z: people
            .iter()
            .map(|p| vec![DVector::zeros(p.dim()); run.chains])
            .collect(),
        ln_p,
        first: vec![DVector::zeros(own); people.len()],
        second: DMatrix::zeros(own, own),
        occasions: DMatrix::zeros(occasions, occasions),
        information: DMatrix::zeros(x.0.len(), x.0.len()),
        whole: DMatrix::zeros(x.0.len(), x.0.len()),
        scales: chains::Scales::new(people),
        trace: Vec::new(),
        failed: 0,
        x,
    })
}
