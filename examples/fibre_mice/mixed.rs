//! The mixed model: mice of vendors, fitted in turns.
//!
//! 1. Given all spreads, the most probable shared parameters and effects of vendors and mice; from those of vendors the spreads
//!    between them, and again.
//! 2. Given shared parameters and effects of vendors, the spreads between mice and of readings by the marginal likelihood of the mice
//!    (their effects integrated out by FOCEI) and their priors.
//!
//! The uncertainty of shared parameters and of effects of vendors is normal about the last mode with the Gauss-Newton matrix, mouse effects
//! integrated out.
use super::community::{ACID_IDS, identifier};
use super::effects::{KINDS, Spreads, VendorSpread, kind, of_mice};
use super::forecast::{fit_training, options};
use super::study::{Design, Occasions, Voice, row};
use super::tables::{Mouse, Study};
use holobiont::{
    cohort::Source,
    fit::{
        CohortObjective, Control, Derivatives, Fit, FitProblem, LocalMethod, MultiStartOptions,
        Objective, Order, Parameter, TrustRegionOptions,
    },
    population::{
        Coefficient, Estimator, Individual, IndividualParameter, PopulationFit,
        PopulationFitOptions, PopulationOptions, PopulationProblem, RandomEffect, Transform,
        fit_population,
    },
};
use nalgebra::{DMatrix, DVector};
use std::error::Error;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// turns of both steps
    pub turns: usize,
    /// the second step takes the first of so many mice
    pub every: usize,
}

/// A fitted mixed model.
pub struct Mixed<'a> {
    /// the community and its shared parameters
    pub design: &'a Design<'a>,
    /// vendors of the training mice
    pub vendors: Vec<String>,
    /// spreads between mice and of readings
    pub spreads: Spreads,
    /// spreads between vendors, by kind
    pub between: [VendorSpread; 6],
    /// shared parameters, then the effects of vendors: most probable values
    pub centre: DVector<f64>,
    /// a factor of their covariance
    pub factor: DMatrix<f64>,
    /// the fit of the spreads
    pub population: Option<PopulationFit>,
    /// the joint fit
    joint: Vec<f64>,
}

/// All effects.
pub fn effects_of(design: &Design) -> Vec<String> {
    let guilds = &design.community.guilds;
    let genera = guilds.iter().take(design.quantities.genera.len());
    let each: Vec<String> = genera
        .cloned()
        .chain(ACID_IDS.map(str::to_string))
        .collect();
    let whole = ["community", "whole"].map(str::to_string);
    let starts = each.iter().map(|id| format!("start_{id}"));
    each.iter().cloned().chain(whole).chain(starts).collect()
}

/// Effects that mice have.
fn mouse_effects(design: &Design) -> Vec<String> {
    let mut all = effects_of(design);
    all.retain(|effect| of_mice(effect));
    all
}

/// Id of an effect of a mouse or a vendor.
pub fn effect_id(effect: &str, whose: &str) -> String {
    format!("of_{effect}__{}", identifier(whose))
}

/// What a vendor is called beside mice.
pub fn vendor_name(vendor: &str) -> String {
    format!("vendor_{vendor}")
}

/// What the equations call an effect: the sum of those of a vendor and of a mouse, if mice have it.
pub fn sum_of(effect: &str, mouse: &str, vendor: &str) -> String {
    let of_vendor = effect_id(effect, &vendor_name(vendor));
    match of_mice(effect) {
        true => format!("{} + {of_vendor}", effect_id(effect, mouse)),
        false => of_vendor,
    }
}

/// A row of an effect.
pub fn effect_row(id: String, sd: f64) -> Parameter {
    let name = format!("ln {}", id.replace("__", " in "));
    row(id, name, 0.0, sd)
}

/// The vendors of a study, each once.
pub fn vendors_of(study: &Study) -> Vec<String> {
    let mut all: Vec<String> = study.mice.iter().map(|m| m.vendor.clone()).collect();
    all.sort();
    all.dedup();
    all
}

/// All samples of a mouse.
fn everything(mouse: &Mouse) -> Occasions {
    let samples = mouse.samples.iter();
    samples.map(|s| (s.day, Some(s.clone()))).collect()
}

/// Options of the fit of the spreads.
fn population_options() -> PopulationFitOptions {
    PopulationFitOptions {
        estimator: Estimator::Focei,
        population: PopulationOptions {
            objective: options(),
            ..PopulationOptions::default()
        },
        search: MultiStartOptions {
            starts: 0,
            method: LocalMethod::TrustRegion(TrustRegionOptions {
                max_iterations: 30,
                value_tolerance: 1e-5,
                ..TrustRegionOptions::default()
            }),
            ..MultiStartOptions::default()
        },
        routes: Vec::new(),
        ..PopulationFitOptions::default()
    }
}

/// Most probable values of the first `count` rows, and their covariance with all others integrated out.
fn posterior(
    problem: &FitProblem,
    found: &Fit,
    count: usize,
) -> Result<(DVector<f64>, DMatrix<f64>), Box<dyn Error>> {
    let objective = CohortObjective::new(problem, options())?;
    let mut out = Derivatives::new(objective.layout());
    let answer = objective.evaluate(&found.search(), Order::GaussNewton, &mut out);
    if answer.value().is_none() {
        return Err(format!("no curvature at the end of the fit: {answer}").into());
    }
    let dim = objective.dim();
    let factors = out.curvature.factor(&vec![0.0; dim], &vec![true; dim]);
    let factors = factors.ok_or("the curvature at the end of the fit is not positive definite")?;
    let mut covariance = DMatrix::zeros(count, count);
    for k in 0..count {
        let mut unit = vec![0.0; dim];
        unit[k] = 1.0;
        let column = factors.solve(&unit);
        covariance.set_column(k, &DVector::from_column_slice(&column[..count]));
    }
    let natural = found.natural(problem);
    let centre = DVector::from_column_slice(&natural.0[..count]);
    Ok((centre, 0.5 * (&covariance + covariance.transpose())))
}

impl<'a> Mixed<'a> {
    /// Fits the training mice: the first step, then turns of the second and the first.
    ///
    /// # Errors
    /// A fit without a value; curvature that is not positive definite.
    pub fn fit(
        design: &'a Design<'a>,
        training: &Study,
        effort: Effort,
    ) -> Result<Mixed<'a>, Box<dyn Error>> {
        let vendors = vendors_of(training);
        let count = design.shared() + vendors.len() * effects_of(design).len();
        let mut mixed = Mixed {
            design,
            vendors,
            spreads: Spreads::default(),
            between: VendorSpread::priors(),
            centre: DVector::zeros(count),
            factor: DMatrix::zeros(count, count),
            population: None,
            joint: Vec::new(),
        };
        let mut some = training.clone();
        some.mice = training
            .mice
            .iter()
            .step_by(effort.every)
            .cloned()
            .collect();
        mixed.fit_jointly(training)?;
        for _ in 0..effort.turns {
            mixed.fit_spreads(&some)?;
            mixed.fit_jointly(training)?;
        }
        Ok(mixed)
    }

    /// The first step.
    fn fit_jointly(&mut self, training: &Study) -> Result<(), Box<dyn Error>> {
        for _ in 0..3 {
            let mut problem = self.joint_problem(training)?;
            for (row, value) in problem.parameters.rows.iter_mut().zip(&self.joint) {
                row.nominal = *value;
            }
            let found = fit_training(&problem)?;
            let covariance;
            (self.centre, covariance) = posterior(&problem, &found, self.centre.len())?;
            self.joint = found.natural(&problem).0;
            let factor = covariance.clone().cholesky();
            let factor = factor.ok_or("the covariance of the fit is not positive definite")?;
            self.factor = factor.unpack();
            let mut squares = KINDS.map(|_| Vec::new());
            let effects = effects_of(self.design);
            let places = self.design.shared()..self.centre.len();
            for (at, effect) in places.zip(effects.iter().cycle()) {
                squares[kind(effect)].push(self.centre[at].powi(2) + covariance[(at, at)]);
            }
            self.between = std::array::from_fn(|k| {
                VendorSpread::posterior(k, self.vendors.len(), &squares[k])
            });
        }
        Ok(())
    }

    /// Rows of the vendors' effects.
    pub fn vendor_rows(&self) -> Vec<Parameter> {
        let effects = effects_of(self.design);
        let mut rows = Vec::new();
        for vendor in &self.vendors {
            let whose = vendor_name(vendor);
            rows.extend(effects.iter().map(|effect| {
                let sd = self.between[kind(effect)].sd;
                effect_row(effect_id(effect, &whose), sd)
            }));
        }
        rows
    }

    /// Shared parameters, vendors and mice at given spreads.
    fn joint_problem(&self, training: &Study) -> Result<FitProblem, Box<dyn Error>> {
        let mut rows = self.design.shared_rows(None);
        rows.extend(self.vendor_rows());
        let effects = mouse_effects(self.design);
        for mouse in &training.mice {
            rows.extend(effects.iter().map(|effect| {
                let id = effect_id(effect, &mouse.id);
                effect_row(id, self.spreads.mouse[kind(effect)])
            }));
        }
        let scatter = |q: usize, day: u32| Source::Constant(self.spreads.of_reading(q, day));
        let voice = |mouse: &Mouse, place: &mut dyn FnMut(&Voice)| {
            place(&Voice {
                effect: &|id: &str| Some(sum_of(id, &mouse.id, &mouse.vendor)),
                scatter: &scatter,
                unseen: None,
                censored: true,
            });
        };
        self.design.assemble(training, rows, &voice, &everything)
    }

    /// The second step.
    fn fit_spreads(&mut self, training: &Study) -> Result<(), Box<dyn Error>> {
        let problem = self.population_problem(training)?;
        let options = population_options();
        let fitted = fit_population(&problem, &options, &[], Control::default(), None)?;
        let natural = fitted.natural(&problem).0;
        self.spreads = Spreads::from_list(&natural[natural.len() - Spreads::COUNT..]);
        self.population = Some(fitted);
        Ok(())
    }

    /// The population of the training mice: shared parameters and effects of vendors stand still, spreads are estimated.
    fn population_problem(&self, training: &Study) -> Result<PopulationProblem, Box<dyn Error>> {
        let effects = mouse_effects(self.design);
        let mut rows = self.design.shared_rows(None);
        rows.extend(self.vendor_rows());
        for (row, value) in rows.iter_mut().zip(self.centre.iter()) {
            (row.nominal, row.estimate) = (*value, false);
        }
        let first_effect = rows.len();
        for effect in &effects {
            let mut typical = effect_row(effect_id(effect, "mice"), 1.0);
            (typical.prior, typical.estimate) = (None, false);
            rows.push(typical);
        }
        let first_spread = rows.len();
        rows.extend(self.spreads.rows());
        let scatter = |q: usize, day: u32| Spreads::source(first_spread, q, day);
        let voice = |mouse: &Mouse, place: &mut dyn FnMut(&Voice)| {
            place(&Voice {
                effect: &|id: &str| Some(sum_of(id, "mice", &mouse.vendor)),
                scatter: &scatter,
                unseen: None,
                censored: true,
            });
        };
        let problem = self.design.assemble(training, rows, &voice, &everything)?;
        let parameter = |k: usize| IndividualParameter {
            row: first_effect + k,
            typical: first_effect + k,
            transform: Transform::Identity,
            occasion: None,
        };
        let random = |(k, effect): (usize, &String)| RandomEffect {
            id: effect.clone(),
            typical: first_effect + k,
            level: Default::default(),
            standard_deviation: Coefficient::Row(first_spread + kind(effect)),
        };
        let individual = |(i, mouse): (usize, &Mouse)| Individual {
            id: mouse.id.clone(),
            subjects: vec![i],
            occasions: Vec::new(),
        };
        Ok(PopulationProblem {
            problem,
            parameters: (0..effects.len()).map(parameter).collect(),
            effects: effects.iter().enumerate().map(random).collect(),
            correlations: Vec::new(),
            covariate_effects: Vec::new(),
            individuals: training.mice.iter().enumerate().map(individual).collect(),
        })
    }
}
