//! The marginal likelihood of a population by each method, and as an objective of searches.

use super::conditional::{Evaluator, Failure};
use super::effects::Spread;
use super::error::PopulationError;
use super::highest::{Highest, highest};
use super::importance::{ImportanceOptions, estimates};
use super::laplace::{Depth, Share, Shares, shares};
use super::linearised;
use super::model::PopulationProblem;
use super::modes::ModeOptions;
use super::person::{Person, Theta};
use super::quadrature::{QuadratureOptions, integrals, on_grids};
use crate::fit::{
    ArrowLayout, Derivatives, Evaluation, Infeasibility, Natural, Objective, ObjectiveOptions,
    Order, Priors, Search,
};
use crate::solve::{Exponential, Method as SolveMethod};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Random effects of an individual that a grid can take.
const MOST_EFFECTS: usize = 4;
/// Nodes a dimension where nobody asked how many it takes.
const NODES: usize = 9;
/// Nodes of a grid at most while a search goes on: 13 a dimension of three, 7 of four. The value at its end takes as many as it needs.
const SEARCHED: usize = 2500;

/// How fine a grid gradients of the exact likelihood take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    /// 5 nodes a dimension where there are more than two
    Small,
    /// up to 9 nodes a dimension, 7 of four
    Fine,
}

/// Nodes a dimension of the largest grid while a search goes on.
fn most_nodes(effects: usize) -> usize {
    let fits = |n: &usize| n.pow(effects as u32) <= SEARCHED;
    (1..=SEARCHED).take_while(fits).last().unwrap_or(NODES)
}

/// How the integral over the random effects is approximated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// first order: linear about effects of 0
    Fo,
    /// first-order conditional estimation without interaction
    Foce,
    /// the conditional mode with the expected information of the readings (first-order conditional estimation with interaction)
    #[default]
    Focei,
    /// Laplace's approximation with the exact Hessian
    Laplace,
    /// adaptive Gauss-Hermite quadrature
    Quadrature,
    /// importance sampling
    Importance,
}

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Fo => "fo",
            Method::Foce => "foce",
            Method::Focei => "focei",
            Method::Laplace => "laplace",
            Method::Quadrature => "quadrature",
            Method::Importance => "importance",
        }
    }
}

/// Options of a population's likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PopulationOptions {
    /// solver, tolerances, priors
    pub objective: ObjectiveOptions,
    /// whether linear models are solved by their matrix exponential where the method of the objective is Rodas5P
    pub exact_linear: bool,
    /// of quadrature
    pub quadrature: QuadratureOptions,
    /// of importance sampling
    pub importance: ImportanceOptions,
}

impl Default for PopulationOptions {
    fn default() -> Self {
        PopulationOptions {
            objective: ObjectiveOptions::default(),
            exact_linear: true,
            quadrature: QuadratureOptions::default(),
            importance: ImportanceOptions::default(),
        }
    }
}

impl PopulationOptions {
    /// What the individuals of a problem are solved with.
    fn objective_for(&self, problem: &PopulationProblem) -> ObjectiveOptions {
        let mut models = problem.problem.cohort.models.iter();
        match self.objective.method {
            SolveMethod::Rodas5P(_)
                if self.exact_linear && models.all(|m| m.system.is_linear()) =>
            {
                ObjectiveOptions {
                    method: SolveMethod::Exponential(Exponential::default()),
                    ..self.objective
                }
            }
            _ => self.objective,
        }
    }
}

/// One individual's part of a marginal likelihood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndividualMarginal {
    /// identifier
    pub id: String,
    /// ln L
    pub ln_likelihood: f64,
    /// its numerical error, where the method knows one: of the last finer grid, or a Monte Carlo standard error
    pub error: Option<f64>,
    /// nodes a dimension (quadrature)
    pub nodes: Option<usize>,
    /// shape of the weights' tail (importance sampling)
    pub k_hat: Option<f64>,
    /// nodes or draws whose solve failed
    pub failed: usize,
    /// whether the density has other peaks that a grid about the highest may miss (quadrature, more than two effects)
    #[serde(default)]
    pub between_peaks: bool,
    /// mode of the standardised effects z
    pub mode: Vec<f64>,
}

/// A marginal likelihood at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marginal {
    /// how it was computed
    pub method: Method,
    /// -2 ln L
    pub minus_two_log_likelihood: f64,
    /// numerical error of it; None where the method is an approximation of unknown error
    pub error: Option<f64>,
    /// number of readings
    pub readings: usize,
    /// individual by individual
    pub individuals: Vec<IndividualMarginal>,
}

impl Marginal {
    /// The objective function value of population pharmacokinetics: -2 ln L - n ln 2 pi, over n readings.
    pub fn ofv(&self) -> f64 {
        self.minus_two_log_likelihood - self.readings as f64 * libm::log(2.0 * std::f64::consts::PI)
    }
}

/// A population with its parameters as an [`Objective`]: minus the logarithms of marginal likelihood and priors.
#[derive(Debug)]
pub struct PopulationObjective<'a> {
    evaluator: Evaluator<'a>,
    method: Method,
    options: PopulationOptions,
    priors: Priors<'a>,
    layout: Arc<ArrowLayout>,
    /// nodes a dimension of every individual, where quadrature is searched
    nodes: Vec<usize>,
    /// the highest modes, where they are known: searches for modes begin there, else at the centre
    highest: Option<Highest>,
}

impl<'a> PopulationObjective<'a> {
    /// Checks the problem and compiles what the method needs.
    ///
    /// # Errors
    /// everything wrong with the problem; a method that cannot be used with it.
    pub fn new(
        problem: &'a PopulationProblem,
        method: Method,
        options: PopulationOptions,
    ) -> Result<Self, PopulationError> {
        let evaluator = Evaluator::new(problem, options.objective_for(problem))?;
        let dim = evaluator.estimated.len();
        if matches!(method, Method::Fo | Method::Foce) {
            linearised::check(&evaluator, method.name())?;
        }
        if method == Method::Quadrature {
            let limit = MOST_EFFECTS;
            let most = evaluator.people.iter().max_by_key(|p| p.dim());
            if let Some(person) = most.filter(|p| p.dim() > limit) {
                return Err(PopulationError::TooManyEffects {
                    individual: problem.individuals[person.number].id.clone(),
                    count: person.dim(),
                    limit,
                });
            }
        }
        Ok(PopulationObjective {
            evaluator,
            method,
            options,
            priors: Priors::new(&problem.problem.parameters, options.objective.prior),
            layout: Arc::new(ArrowLayout::dense(dim)),
            nodes: vec![NODES; problem.individuals.len()],
            highest: None,
        })
    }

    /// The same at parameters where the highest modes are known.
    pub(super) fn about(mut self, highest: Highest) -> Self {
        self.highest = Some(highest);
        self
    }

    /// The problem.
    pub fn problem(&self) -> &'a PopulationProblem {
        self.evaluator.problem
    }

    /// The same for searches near a point: quadrature keeps as many nodes as it takes there, on grids of at most 2500 nodes (13 a dimension of three, 7 of four).
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed, where the point has no likelihood.
    pub fn near(mut self, natural: &Natural) -> Result<Self, Box<Evaluation>> {
        if self.method == Method::Quadrature {
            let people = &self.evaluator.people;
            let most = |person: &Person| most_nodes(person.dim());
            // where a small grid is all there may be, nobody need know how many it would take
            if people.iter().all(|p| most(p) < NODES) {
                self.nodes = people.iter().map(most).collect();
                return Ok(self);
            }
            let found = self.marginal(natural)?;
            let wanted = found.individuals.iter().map(|i| i.nodes.unwrap_or(NODES));
            let nodes = wanted.zip(people).map(|(n, person)| n.min(most(person)));
            self.nodes = nodes.collect();
        }
        Ok(self)
    }

    pub(super) fn priors(&self) -> &Priors<'a> {
        &self.priors
    }

    /// The exact objective and its gradient on the search scale, by quadrature; None where that cannot be done.
    pub(super) fn exact(&self, natural: &Natural, grid: Grid) -> Option<(f64, DVector<f64>)> {
        let most = self.evaluator.people.iter().map(|p| p.dim()).max()?;
        if most > MOST_EFFECTS {
            return None;
        }
        let table = &self.evaluator.problem.problem.parameters;
        let theta = self.theta(natural, true).ok()?;
        let shares: Vec<Share> = self
            .shares(&theta, Depth::Value)
            .into_iter()
            .collect::<Result<_, _>>()
            .ok()?;
        let nodes = match grid {
            Grid::Small if most > 2 => 5,
            _ => NODES.min(most_nodes(most)),
        };
        let nodes = vec![nodes; shares.len()];
        let scales = table.derivatives(&table.search(natural));
        let mut out = Derivatives::new(self.layout.clone());
        let mut value = 0.0;
        for own in on_grids(&self.evaluator, &theta, &shares, &nodes, true) {
            value += own.value;
            for ((sum, g), scale) in out
                .gradient
                .iter_mut()
                .zip(own.gradient.iter())
                .zip(&scales)
            {
                *sum += g * scale.first;
            }
        }
        self.priors
            .subtract(natural, &scales, Order::Gradient, &mut value, &mut out)
            .ok()?;
        let gradient = DVector::from_vec(out.gradient);
        (value.is_finite() && gradient.iter().all(|g| g.is_finite())).then_some((value, gradient))
    }

    pub(super) fn evaluator(&self) -> &Evaluator<'a> {
        &self.evaluator
    }

    pub(super) fn theta(&self, natural: &Natural, slopes: bool) -> Result<Theta, Failure> {
        let spread = Spread::new(self.evaluator.problem, &natural.0, slopes);
        Ok(Theta {
            natural: natural.0.clone(),
            spread: spread.ok_or(Failure {
                subject: None,
                time: None,
                why: Infeasibility::Covariance,
            })?,
        })
    }

    /// Where searches for modes begin.
    pub(super) fn starts(&self) -> Vec<DVector<f64>> {
        let people = self.evaluator.people.iter();
        match &self.highest {
            Some(highest) => highest.z.clone(),
            None => people.map(|p| DVector::zeros(p.dim())).collect(),
        }
    }

    /// See [`highest`].
    pub(super) fn highest(&self, theta: &Theta) -> Highest {
        highest(&self.evaluator, theta, self.starts())
    }

    /// Shares for what is told of individuals: with the exact Hessian where it is positive definite.
    pub(super) fn conditional(&self, theta: &Theta) -> Shares {
        let of = |exact| {
            let options = ModeOptions::default();
            let depth = Depth::Value;
            shares(
                &self.evaluator,
                theta,
                &self.starts(),
                exact,
                depth,
                options,
            )
        };
        let with_information = of(false).into_iter();
        let both = of(true).into_iter().zip(with_information);
        both.map(|(exact, other)| exact.or(other)).collect()
    }

    pub(super) fn shares(&self, theta: &Theta, depth: Depth) -> Shares {
        self.shares_from(theta, depth, &self.starts())
    }

    pub(super) fn shares_from(
        &self,
        theta: &Theta,
        depth: Depth,
        starts: &[DVector<f64>],
    ) -> Shares {
        let linear = |conditional| {
            let options = ModeOptions::default();
            linearised::shares(&self.evaluator, theta, starts, conditional, depth, options)
        };
        match self.method {
            Method::Fo => return linear(false),
            Method::Foce => return linear(true),
            _ => {}
        }
        let exact = self.method == Method::Laplace;
        shares(
            &self.evaluator,
            theta,
            starts,
            exact,
            depth,
            ModeOptions::default(),
        )
    }

    /// Shares by the method that is searched: those of [`shares`](Self::shares), with value and gradient of quadrature where that
    /// is the method.
    pub(super) fn searched(
        &self,
        theta: &Theta,
        depth: Depth,
        starts: &[DVector<f64>],
    ) -> Result<Vec<Share>, Failure> {
        let mut found = self
            .shares_from(theta, depth, starts)
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        if self.method == Method::Quadrature {
            let gradient = depth == Depth::Gradient;
            let on_grids = on_grids(&self.evaluator, theta, &found, &self.nodes, gradient);
            for (share, own) in found.iter_mut().zip(on_grids) {
                share.value = own.value;
                share.gradient = own.gradient;
            }
        }
        Ok(found)
    }

    /// The marginal likelihood at natural values of all rows.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed, where an individual has no likelihood.
    pub fn marginal(&self, natural: &Natural) -> Result<Marginal, Box<Evaluation>> {
        let theta = self.theta(natural, false).map_err(infeasible)?;
        match &self.highest {
            None if !matches!(self.method, Method::Fo | Method::Foce) => {
                self.marginal_about(&theta, Some(&self.highest(&theta)))
            }
            highest => self.marginal_about(&theta, highest.as_ref()),
        }
    }

    /// About the highest modes, or those that searches of parameters follow.
    pub(super) fn marginal_about(
        &self,
        theta: &Theta,
        highest: Option<&Highest>,
    ) -> Result<Marginal, Box<Evaluation>> {
        let found = match highest {
            Some(highest) => self.shares_from(theta, Depth::Value, &highest.z),
            None => self.shares(theta, Depth::Value),
        };
        let several = highest.map(|h| h.several.as_slice()).unwrap_or_default();
        let mut shares = Vec::new();
        for share in found {
            shares.push(share.map_err(infeasible)?);
        }
        let all: Vec<Option<&Share>> = shares.iter().map(Some).collect();
        let problem = self.evaluator.problem;
        let part = |i: usize| IndividualMarginal {
            id: problem.individuals[i].id.clone(),
            ln_likelihood: -shares[i].value,
            error: None,
            nodes: None,
            k_hat: None,
            failed: 0,
            between_peaks: false,
            mode: shares[i].mode.z.iter().copied().collect(),
        };
        let mut individuals: Vec<IndividualMarginal> = (0..shares.len()).map(part).collect();
        let mut error = None;
        match self.method {
            Method::Quadrature => {
                let found = integrals(
                    &self.evaluator,
                    theta,
                    &all,
                    several,
                    self.options.quadrature,
                );
                let mut sum = 0.0;
                for (own, found) in individuals.iter_mut().zip(found) {
                    let found = found.expect("all have modes, and grids of three nodes always fit");
                    own.ln_likelihood = found.ln_likelihood;
                    own.error = Some(found.error);
                    own.nodes = Some(found.nodes);
                    own.failed = found.failed;
                    own.between_peaks = found.between_peaks;
                    sum += found.error;
                }
                error = Some(2.0 * sum);
            }
            Method::Importance => {
                let found = estimates(&self.evaluator, theta, &all, self.options.importance);
                let mut sum = 0.0;
                for (own, found) in individuals.iter_mut().zip(found) {
                    let found = found.expect("all have modes");
                    own.ln_likelihood = found.ln_likelihood;
                    own.error = Some(found.error);
                    own.k_hat = found.k_hat;
                    own.failed = found.failed;
                    sum += found.error * found.error;
                }
                error = Some(2.0 * sum.sqrt());
            }
            Method::Fo | Method::Foce | Method::Focei | Method::Laplace => {}
        }
        let sum: f64 = individuals.iter().map(|i| i.ln_likelihood).sum();
        if !sum.is_finite() {
            return Err(Box::new(Evaluation::Infeasible {
                subject: None,
                time: None,
                why: Infeasibility::NonFinite,
            }));
        }
        Ok(Marginal {
            method: self.method,
            minus_two_log_likelihood: -2.0 * sum,
            error,
            readings: self.evaluator.people.iter().map(|p| p.readings).sum(),
            individuals,
        })
    }

    /// ln of the prior density at natural values of all rows.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed, where a prior has no density.
    pub fn ln_prior(&self, natural: &Natural) -> Result<f64, Box<Evaluation>> {
        self.priors.ln(natural)
    }

    /// [`evaluate`](Objective::evaluate) with searches for modes that begin at `starts`: quicker near where they were found.
    pub(super) fn evaluate_from(
        &self,
        starts: &[DVector<f64>],
        x: &Search,
        want: Order,
        out: &mut Derivatives,
    ) -> Evaluation {
        match self.sum(starts, x, want, out) {
            Ok(value) if value.is_finite() => Evaluation::Value(value),
            Ok(_) => Evaluation::Infeasible {
                subject: None,
                time: None,
                why: Infeasibility::NonFinite,
            },
            Err(answer) => *answer,
        }
    }

    fn sum(
        &self,
        starts: &[DVector<f64>],
        x: &Search,
        want: Order,
        out: &mut Derivatives,
    ) -> Result<f64, Box<Evaluation>> {
        let table = &self.evaluator.problem.problem.parameters;
        let natural = table.natural(x);
        let scales = table.derivatives(x);
        let theta = self
            .theta(&natural, want != Order::Value)
            .map_err(infeasible)?;
        let depth = if want == Order::Value {
            Depth::Value
        } else {
            Depth::Gradient
        };
        let mut value = 0.0;
        let dim = self.evaluator.estimated.len();
        let mut information = DMatrix::zeros(dim, dim);
        if want != Order::Value {
            out.clear();
        }
        for share in self.searched(&theta, depth, starts).map_err(infeasible)? {
            value += share.value;
            if want != Order::Value {
                for (sum, g) in out.gradient.iter_mut().zip(share.gradient.iter()) {
                    *sum += g;
                }
                information += &share.information;
            }
        }
        if want != Order::Value {
            let slopes: Vec<f64> = scales.iter().map(|s| s.first).collect();
            for (g, slope) in out.gradient.iter_mut().zip(&slopes) {
                *g *= slope;
            }
            if want == Order::GaussNewton {
                let all: Vec<usize> = (0..dim).collect();
                out.curvature.add(&all, &information);
                out.curvature.scale(&slopes);
            }
        }
        self.priors
            .subtract(&natural, &scales, want, &mut value, out)?;
        Ok(value)
    }
}

pub(super) fn infeasible(failure: Failure) -> Box<Evaluation> {
    Box::new(Evaluation::Infeasible {
        subject: failure.subject,
        time: failure.time,
        why: failure.why,
    })
}

impl Objective for PopulationObjective<'_> {
    fn dim(&self) -> usize {
        self.evaluator.estimated.len()
    }

    fn layout(&self) -> Arc<ArrowLayout> {
        self.layout.clone()
    }

    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
        self.evaluate_from(&self.starts(), x, want, out)
    }
}
