//! Trajectory fits of the Lotka-Volterra community to mice, and predictions of mice that a fit has not seen.
use crate::mice::{self, Inoculation, Mouse};
use holobiont::{
    cohort::Source,
    compile::System,
    fit::{
        CohortObjective, Control, FitProblem, LocalMethod, Natural, ObjectiveOptions, Parameter,
        ParameterTable, Prior, Scale, TrustRegionOptions, local_fit,
    },
    library::LotkaVolterra,
    solve::{Method, Status, Tolerances, Tsit5},
};
use std::{error::Error, f64::consts::LN_10, sync::Arc};

/// Predicted densities of one mouse, samples after day 0 x taxa.
type Densities = Vec<Vec<f64>>;

/// What a fit assumes before it sees a mouse, and what is chosen or compared: the rest stands below.
#[derive(Clone, Copy, Debug)]
pub struct Assumptions {
    /// standard deviation of the prior of interactions between different taxa, around 0
    pub width: f64,
    /// whether population 3 receives C. difficile
    pub inoculation: bool,
}

/// Mean, standard deviation, lower and upper bound of a normal prior.
type Normal = (f64, f64, f64, f64);

/// Growth, wide: samples at least a day apart show no rate faster than e^5 = 150-fold a day.
const GROWTH: Normal = (0.5, 3.0, -2.0, 5.0);
/// Self-limitation, wide, at most -0.125: a full gut holds about 4e11 copies/cm3 (0.9e11 bacteria per gram, Sender et al. 2016,
/// doi:10.1371/journal.pbio.1002533, of about four rRNA operons each, Vetrovsky and Baldrian 2013,
/// doi:10.1371/journal.pone.0057923), which a taxon of growth 0.5 fills alone at -0.125.
const SELF: Normal = (-1.0, 10.0, -10.0, -0.125);
/// Bound of interactions.
const INTERACTION_BOUND: f64 = 10.0;
/// Susceptibility to one day of clindamycin, wide: e^-10 to e^10 is nine decades, more than the readings span.
const SUSCEPTIBILITY: Normal = (0.0, 10.0, -15.0, 15.0);
/// Standard deviation of log10 readings: a factor of five. As the other priors are wide, only its ratio to the width of the prior
/// of interactions matters, and that width is chosen.
const SIGMA: f64 = 0.7;
/// Most trial points of a fit.
const ITERATIONS: u64 = 100;
/// ln of the density that the gavage adds (mean, standard deviation): known to a factor of ten.
const INOCULUM: (f64, f64) = (-4.0 * LN_10, LN_10);
/// The gavage follows one day after clindamycin (Buffie et al. 2012, doi:10.1128/IAI.05496-11, whose mice these are).
const INOCULATION_DAY: f64 = 1.0;

/// The community and how it is integrated.
pub struct Study {
    /// the compiled model
    pub system: Arc<System>,
    /// the mechanism: ids of taxa and parameters
    pub community: LotkaVolterra,
}

/// Integration for fits: errors far below those of the readings.
pub const TOLERANCES: Tolerances = Tolerances {
    relative: 1e-5,
    absolute: 1e-9,
};

impl Study {
    /// Method and tolerances.
    pub fn options(&self) -> ObjectiveOptions {
        ObjectiveOptions {
            method: Method::Tsit5(Tsit5::default()),
            tolerances: TOLERANCES,
            ..ObjectiveOptions::default()
        }
    }

    fn row(id: String, (mean, sd, lower, upper): Normal) -> Parameter {
        Parameter {
            id,
            name: None,
            unit: None,
            scale: Scale::Linear,
            lower,
            upper,
            nominal: mean,
            estimate: true,
            prior: Some(Prior::Normal { mean, sd }),
            initialization: None,
        }
    }

    /// The parameter table: every parameter of the community with its prior, starting from the prior's centre.
    pub fn table(&self, assumptions: &Assumptions) -> ParameterTable {
        let taxa = &self.community.taxa;
        let mut rows = Vec::new();
        for taxon in taxa {
            rows.push(Self::row(LotkaVolterra::growth(taxon), GROWTH));
        }
        for affected in taxa {
            for actor in taxa {
                let width = (
                    0.0,
                    assumptions.width,
                    -INTERACTION_BOUND,
                    INTERACTION_BOUND,
                );
                let prior = if affected == actor { SELF } else { width };
                rows.push(Self::row(
                    LotkaVolterra::interaction(affected, actor),
                    prior,
                ));
            }
        }
        for taxon in taxa {
            rows.push(Self::row(
                LotkaVolterra::susceptibility(taxon, "clindamycin"),
                SUSCEPTIBILITY,
            ));
        }
        if assumptions.inoculation {
            rows.push(Parameter {
                scale: Scale::Log,
                lower: 1e-8,
                upper: 1.0,
                nominal: INOCULUM.0.exp(),
                initialization: None,
                prior: Some(Prior::LogNormal {
                    log_mean: INOCULUM.0,
                    log_sd: INOCULUM.1,
                }),
                ..Self::row("inoculum".into(), GROWTH)
            });
        }
        ParameterTable { rows }
    }

    /// Mice and priors as one problem.
    pub fn problem(
        &self,
        mice: &[Mouse],
        assumptions: &Assumptions,
    ) -> Result<FitProblem, Box<dyn Error>> {
        let parameters = self.table(assumptions);
        let sources: Vec<(usize, Source)> = parameters
            .rows
            .iter()
            .enumerate()
            .filter_map(|(row, p)| {
                Some((self.system.parameter_index(&p.id)?, Source::Parameter(row)))
            })
            .collect();
        let inoculation = assumptions.inoculation.then(|| Inoculation {
            row: parameters.rows.len() - 1,
            day: INOCULATION_DAY,
        });
        let sigma = SIGMA * LN_10;
        let cohort = mice::cohort(
            &self.system,
            &self.community.taxa,
            mice,
            &sources,
            sigma,
            inoculation,
        )?;
        Ok(FitProblem { cohort, parameters })
    }

    /// One local fit, from the prior's centre or from an earlier fit to the same mice. Nothing else enters.
    pub fn fit(
        &self,
        mice: &[Mouse],
        assumptions: &Assumptions,
        earlier: Option<&Natural>,
    ) -> Result<Natural, Box<dyn Error>> {
        let problem = self.problem(mice, assumptions)?;
        let objective = CohortObjective::new(&problem, self.options())?;
        let (lower, upper) = problem.parameters.search_bounds();
        let nominal = problem.parameters.nominal();
        let start = problem.parameters.search(earlier.unwrap_or(&nominal));
        let options = TrustRegionOptions {
            max_iterations: ITERATIONS,
            value_tolerance: 1e-5,
            ..Default::default()
        };
        let fit = local_fit(
            &objective,
            (&lower, &upper),
            &start,
            &LocalMethod::TrustRegion(options),
            Control::default(),
        );
        fit.value
            .ok_or_else(|| format!("the fit found no feasible point: {:?}", fit.stop))?;
        Ok(problem.parameters.natural(&fit.x))
    }

    /// Predicted densities (samples after day 0 x taxa) of each mouse; `None` where the solve failed.
    pub fn predict(
        &self,
        mice: &[Mouse],
        natural: &Natural,
        assumptions: &Assumptions,
    ) -> Result<Vec<Option<Densities>>, Box<dyn Error>> {
        let problem = self.problem(mice, assumptions)?;
        let options = self.options();
        let taxa = self.community.taxa.len();
        let simulations = problem
            .cohort
            .simulate(&natural.0, &options.method, &options.tolerances);
        Ok(simulations
            .iter()
            .map(|simulation| {
                (simulation.status == Status::Finished).then(|| {
                    let values: Vec<f64> = simulation
                        .predictions
                        .iter()
                        .map(|p| p.arguments[0] - mice::BACKGROUND)
                        .collect();
                    values.chunks(taxa).map(<[f64]>::to_vec).collect()
                })
            })
            .collect())
    }

    /// Squared errors of each mouse. A mouse whose trajectory cannot be computed counts with the error of a taxon that is off by
    /// the whole range of the readings (six decades) in every reading.
    pub fn score(
        &self,
        mice: &[Mouse],
        natural: &Natural,
        assumptions: &Assumptions,
    ) -> Result<Vec<(f64, usize)>, Box<dyn Error>> {
        const OFF: f64 = 6.0;
        let predictions = self.predict(mice, natural, assumptions)?;
        Ok(mice
            .iter()
            .zip(predictions)
            .map(|(mouse, predicted)| match predicted {
                Some(predicted) => mice::squared_error(mouse, &predicted),
                None => {
                    let count = (mouse.days.len() - 1) * self.community.taxa.len();
                    (OFF * OFF * count as f64, count)
                }
            })
            .collect())
    }
}
