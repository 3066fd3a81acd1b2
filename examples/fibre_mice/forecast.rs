//! The fit of the training mice and the forecast of the others.
use super::community::{Community, Constants};
use super::scores::{Forecast, Quantities, Scoring};
use super::study::{Assumptions, Design};
use super::tables::{Mouse, Study};
use super::variation::{self, Spread};
use holobiont::{
    fit::{
        CohortObjective, Control, Fit, FitOptions, FitProblem, LocalMethod, MultiStartOptions,
        Natural, ObjectiveOptions, TrustRegionOptions, fit, local_fit,
    },
    solve::{Method, Tolerances, Tsit5},
};
use std::error::Error;

/// What comes before the fit: all of it from the training mice.
pub struct Prepared {
    /// what is forecast
    pub quantities: Quantities,
    /// how much mice differ
    pub spreads: Vec<Spread>,
    /// the compiled community
    pub community: Community,
}

impl Prepared {
    /// Chooses the genera and builds their community.
    pub fn new(training: &Study) -> Result<Prepared, Box<dyn Error>> {
        let quantities = Quantities::of(training);
        let spreads = variation::spreads(&quantities, training);
        let community = Community::new(&quantities, Constants::default())?;
        Ok(Prepared {
            quantities,
            spreads,
            community,
        })
    }

    /// The training mice's problem, and the design it came from.
    pub fn training(&self, training: &Study) -> Result<(Design<'_>, FitProblem), Box<dyn Error>> {
        let (community, spreads) = (&self.community, &self.spreads);
        let design = Design::new(
            community,
            &self.quantities,
            spreads,
            training,
            Assumptions::default(),
        );
        let all = |mouse: &Mouse| {
            mouse
                .samples
                .iter()
                .map(|s| (s.day, Some(s.clone())))
                .collect()
        };
        let problem = design.problem(training, None, &all)?;
        Ok((design, problem))
    }
}

/// Method and tolerances: errors far below the scatter of the readings.
pub fn options() -> ObjectiveOptions {
    ObjectiveOptions {
        method: Method::Tsit5(Tsit5::default()),
        tolerances: Tolerances {
            relative: 1e-5,
            absolute: 1e-8,
        },
        sensitivity_error_control: true,
        ..ObjectiveOptions::default()
    }
}

/// The search: ends when a step gains less than a millionth of the objective, about 0.05, which the integration still resolves.
fn search() -> TrustRegionOptions {
    TrustRegionOptions {
        max_iterations: 60,
        value_tolerance: 1e-6,
        ..TrustRegionOptions::default()
    }
}

/// One local fit from the centres of the priors.
pub fn fit_training(problem: &FitProblem) -> Result<Fit, Box<dyn Error>> {
    let search = MultiStartOptions {
        starts: 0,
        method: LocalMethod::TrustRegion(search()),
        ..MultiStartOptions::default()
    };
    let options = FitOptions {
        objective: options(),
        search,
        ..FitOptions::default()
    };
    Ok(fit(problem, &options, &[], Control::default(), None)?)
}

/// The most probable own parameters of mice whose shared ones are known.
fn fit_own(problem: &FitProblem) -> Result<Natural, Box<dyn Error>> {
    let objective = CohortObjective::new(problem, options())?;
    let (lower, upper) = problem.parameters.search_bounds();
    let start = problem.parameters.search(&problem.parameters.nominal());
    let method = LocalMethod::TrustRegion(search());
    let found = local_fit(
        &objective,
        (&lower, &upper),
        &start,
        &method,
        Control::default(),
    );
    if found.value.is_none() {
        return Err(format!(
            "no feasible point for the mice to forecast: {:?}",
            found.stop
        )
        .into());
    }
    Ok(problem.parameters.natural(&found.x))
}

/// Fits each test mouse's own parameters to its day-0 sample and runs its diet.
pub fn forecast(
    design: &Design,
    first: &Study,
    training: &Study,
    known: &[f64],
) -> Result<Vec<Forecast>, Box<dyn Error>> {
    let days = Scoring::days(training);
    let start = |mouse: &Mouse| vec![(0, Some(mouse.start().clone()))];
    let natural = fit_own(&design.problem(first, Some(known), &start)?)?;
    let later = |mouse: &Mouse| days[mouse.diet].iter().map(|day| (*day, None)).collect();
    let ahead = design.problem(first, Some(known), &later)?;
    let forecasts = design.forecasts(&ahead, &natural, &options());
    let named = forecasts.into_iter().zip(&first.mice);
    named
        .map(|(forecast, mouse)| {
            forecast.ok_or_else(|| {
                format!("mouse `{}`: the forecast could not be computed", mouse.id).into()
            })
        })
        .collect()
}
