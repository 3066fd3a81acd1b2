//! Where the estimates of a population come from: searches of an approximation, or SAEM.

use super::certificate::Seeds;
use super::error::PopulationError;
use super::fit::{Estimator, PopulationFitOptions};
use super::marginal::{Grid, Method, PopulationObjective};
use super::model::PopulationProblem;
use super::newton::{ExactEnd, newton};
use super::saem::{Memory, SaemError, SaemRun, Saved, saem};
use crate::fit::{
    CheckpointError, CheckpointFolder, Control, Evaluation, FitError, MultiStart, MultiStartError,
    MultiStartOptions, Natural, Objective, Search, StartFit, StopReason, fingerprint, multi_start,
};
use nalgebra::DVector;
use std::path::Path;

/// The end of a search.
pub(super) struct Found<'a> {
    pub x: Search,
    pub stop: StopReason,
    pub complete: bool,
    /// what gives standard errors there
    pub objective: PopulationObjective<'a>,
    /// distinct optima, best first: -2 ln L and search values
    pub modes: Vec<(f64, Search)>,
    /// searches, and those without a value
    pub searches: (usize, usize),
    /// runs of SAEM
    pub runs: Vec<SaemRun>,
    /// of SAEM: the gradient of the exact likelihood, where it can be had
    pub exact_gradient: Option<DVector<f64>>,
}

/// Searches by the estimator of the options.
pub(super) fn search<'a>(
    problem: &'a PopulationProblem,
    options: &PopulationFitOptions,
    given: &[Natural],
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<Found<'a>, PopulationError> {
    let table = &problem.problem.parameters;
    let given: Vec<Search> = given.iter().map(|natural| table.search(natural)).collect();
    // quadrature goes on from where the quicker method ends
    let first = match options.estimator.method() {
        None | Some(Method::Quadrature) => Method::Focei,
        Some(other) => other,
    };
    let objective = PopulationObjective::new(problem, first, options.population)?;
    if objective.dim() == 0 {
        return Err(FitError::NothingToEstimate.into());
    }
    if options.estimator == Estimator::Saem {
        let start = given
            .first()
            .map_or_else(|| table.nominal(), |x| table.natural(x));
        return by_saem(objective, options, &start, control, resume);
    }
    let mut found = multi_start(&objective, table, &given, &options.search, control, resume)
        .map_err(FitError::from)?;
    let mut objective = objective;
    if options.estimator == Estimator::Quadrature {
        // Newton steps on small grids spare most of those on fine ones
        let ends: Vec<Search> = optima(&found.starts)
            .iter()
            .map(|s| {
                newton(&objective, &s.fit.x, NEAR, Grid::Small).map_or(s.fit.x.clone(), |(x, _)| x)
            })
            .collect();
        let Some(best) = ends.first() else {
            return Err(no_start(&found));
        };
        let finer = PopulationObjective::new(problem, Method::Quadrature, options.population)?;
        objective = finer
            .near(&table.natural(best))
            .map_err(|answer| failed(&answer))?;
        let search = MultiStartOptions {
            starts: 0,
            nominal: false,
            hops: 0,
            best_hops: 0,
            ..options.search.clone()
        };
        let folder = resume.map(|folder| folder.join("quadrature"));
        found = multi_start(
            &objective,
            table,
            &ends,
            &search,
            control,
            folder.as_deref(),
        )
        .map_err(FitError::from)?;
    }
    let Some(best) = found.best() else {
        return Err(no_start(&found));
    };
    let modes = optima(&found.starts)
        .iter()
        .filter_map(|s| Some((2.0 * s.fit.value?, s.fit.x.clone())))
        .collect();
    Ok(Found {
        x: best.fit.x.clone(),
        stop: best.fit.stop.clone(),
        complete: found.complete,
        modes,
        searches: (found.starts.len(), found.failures()),
        objective,
        runs: Vec::new(),
        exact_gradient: None,
    })
}

/// The mean of independent runs.
fn by_saem<'a>(
    objective: PopulationObjective<'a>,
    options: &PopulationFitOptions,
    start: &Natural,
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<Found<'a>, PopulationError> {
    let checkpoint = |error: CheckpointError| FitError::from(MultiStartError::from(error));
    let folder = match resume {
        None => None,
        Some(folder) => {
            // problem, data and tolerances by the bits of the likelihood at the start
            let at_start = objective
                .marginal(start)
                .map_err(|answer| failed(&answer))?;
            let text = format!(
                "{}|{:?}|{start:?}|{at_start:?}",
                env!("CARGO_PKG_VERSION"),
                options.saem
            );
            let opened = CheckpointFolder::open(folder, &fingerprint(&text), 1);
            Some(opened.map_err(checkpoint)?)
        }
    };
    let mut before: Vec<Option<Saved>> = (0..options.saem.runs.max(1)).map(|_| None).collect();
    for round in 0.. {
        let mut runs = Vec::new();
        let mut left = Vec::new();
        for (run, before) in before.into_iter().enumerate() {
            let (evaluator, priors) = (objective.evaluator(), objective.priors());
            let folder = folder.as_ref();
            let memory = Memory { folder, before };
            let which = (run, round);
            let done = saem(
                evaluator,
                priors,
                start,
                options.saem,
                which,
                control,
                memory,
            );
            let (run, saved) = done.map_err(|error| match error {
                SaemError::Infeasible(failure) => failed(&super::marginal::infeasible(failure)),
                SaemError::Checkpoint(error) => checkpoint(error).into(),
            })?;
            runs.push(run);
            left.push(Some(saved));
        }
        let complete = runs.iter().all(|run| run.complete);
        if !complete {
            return Ok(Found {
                x: mean(&runs),
                stop: StopReason::Interrupted,
                complete,
                modes: Vec::new(),
                searches: (runs.len(), 0),
                exact_gradient: None,
                objective,
                runs,
            });
        }
        let mut ends = Ends::of(&objective, runs);
        let mut arrived = ends.have_arrived();
        if !arrived && let Some(polished) = ends.polished(&objective) {
            arrived = polished.have_arrived();
            if arrived {
                ends = polished.refined(&objective);
            } else if round >= options.saem.doublings {
                ends = polished.at_the_best(&objective);
            }
        }
        if !arrived && round < options.saem.doublings {
            before = left;
            continue;
        }
        return Ok(Found {
            x: ends.x,
            stop: StopReason::Finished,
            complete,
            modes: Vec::new(),
            searches: (ends.runs.len(), 0),
            exact_gradient: ends.end.exact.map(|(_, gradient)| gradient),
            objective,
            runs: ends.runs,
        });
    }
    unreachable!("there is a last round")
}

/// What a parameter may be off in the units of -2 ln L: a tenth of a standard error.
pub(super) const OFF: f64 = 0.01;
/// Newton steps end at this part of it.
const POLISHED: f64 = 0.01;

/// Decrement of Newton steps on small grids before a search on fine ones.
const NEAR: f64 = 1e-5;

/// Ends of runs and their mean.
struct Ends {
    runs: Vec<SaemRun>,
    x: Search,
    end: ExactEnd,
}

impl Ends {
    fn of(objective: &PopulationObjective, runs: Vec<SaemRun>) -> Ends {
        let x = mean(&runs);
        let end = ExactEnd::of(objective, &x, Grid::Small);
        Ends { runs, x, end }
    }

    /// Whether runs agree and their mean is stationary, as far as that can be told. Where it cannot, nothing more is run.
    fn have_arrived(&self) -> bool {
        let Some(errors) = self.end.errors() else {
            return true;
        };
        let agree = seeds(&self.runs, &errors).is_none_or(|seeds| seeds.agree);
        let rest = self.end.decrement();
        agree && rest.is_none_or(|rest| rest < OFF * self.x.0.len() as f64)
    }

    /// Newton steps on the exact likelihood lead every run on; None where there are too many effects.
    fn polished(&self, objective: &PopulationObjective) -> Option<Ends> {
        let enough = self.enough();
        let further = |run: &SaemRun| {
            let (x, newton_steps) = newton(objective, &run.x, enough, Grid::Small)?;
            Some(SaemRun {
                x,
                newton_steps,
                ..run.clone()
            })
        };
        let runs: Option<Vec<SaemRun>> = self.runs.iter().map(further).collect();
        Some(Ends::of(objective, runs?))
    }

    fn enough(&self) -> f64 {
        POLISHED * OFF * self.x.0.len() as f64
    }

    /// Further steps of the mean, on a finer grid.
    fn refined(mut self, objective: &PopulationObjective) -> Ends {
        if let Some((x, _)) = newton(objective, &self.x, self.enough(), Grid::Fine) {
            self.end = ExactEnd::of(objective, &x, Grid::Fine);
            self.x = x;
        }
        self
    }

    /// The end of the best run in place of a mean of ends that lie apart.
    fn at_the_best(mut self, objective: &PopulationObjective) -> Ends {
        let ends = self
            .runs
            .iter()
            .map(|run| ExactEnd::of(objective, &run.x, Grid::Small));
        let value = |end: &ExactEnd| end.exact.as_ref().map_or(f64::INFINITY, |e| e.0);
        let best = (ends.zip(&self.runs)).min_by(|a, b| value(&a.0).total_cmp(&value(&b.0)));
        if let Some((end, run)) = best {
            (self.x, self.end) = (run.x.clone(), end);
        }
        self
    }
}

fn mean(runs: &[SaemRun]) -> Search {
    let mean = |k: usize| runs.iter().map(|run| run.x.0[k]).sum::<f64>() / runs.len() as f64;
    Search((0..runs[0].x.0.len()).map(mean).collect())
}

/// How far the runs of SAEM end apart, in standard errors.
pub(super) fn seeds(runs: &[SaemRun], errors: &[Option<f64>]) -> Option<Seeds> {
    if runs.len() < 2 {
        return None;
    }
    let mean = mean(runs);
    let distance = |run: &SaemRun| -> f64 {
        let each = run.x.0.iter().zip(&mean.0).zip(errors);
        each.filter_map(|((x, m), se)| Some((x - m).abs() / (*se)?))
            .fold(0.0, f64::max)
    };
    let furthest = runs.iter().map(distance).fold(0.0, f64::max);
    Some(Seeds {
        runs: runs.len(),
        furthest,
        agree: furthest < 0.25,
    })
}

fn no_start(found: &MultiStart) -> PopulationError {
    let first = found.starts.iter().min_by_key(|s| s.start);
    let first = first.map_or_else(String::new, |s| match &s.fit.stop {
        StopReason::InfeasibleStart { message } => message.clone(),
        other => format!("{other:?}"),
    });
    FitError::NoFeasibleStart {
        starts: found.starts.len(),
        first,
    }
    .into()
}

pub(super) fn failed(answer: &Evaluation) -> PopulationError {
    FitError::NoFeasibleStart {
        starts: 1,
        first: answer.to_string(),
    }
    .into()
}

/// The ends of searches that are different: in value by more than 0.001, or in place by more than a hundredth on the search scale.
fn optima(starts: &[StartFit]) -> Vec<&StartFit> {
    let mut kept: Vec<&StartFit> = Vec::new();
    for start in starts
        .iter()
        .filter(|s| s.fit.value.is_some() && s.fit.stop.is_converged())
    {
        let same = |other: &&StartFit| {
            let distance = |(a, b): (&f64, &f64)| (a - b).abs() / (1.0 + b.abs());
            let apart = start.fit.x.0.iter().zip(&other.fit.x.0).map(distance);
            let value = |s: &StartFit| s.fit.value.unwrap_or(f64::INFINITY);
            apart.fold(0.0, f64::max) < 1e-2 || (value(start) - value(other)).abs() < 5e-4
        };
        if !kept.iter().any(same) {
            kept.push(start);
        }
    }
    if kept.is_empty() {
        kept.extend(starts.iter().find(|s| s.fit.value.is_some()));
    }
    kept
}
