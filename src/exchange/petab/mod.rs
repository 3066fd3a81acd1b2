//! Problems on disk: PEtab v2 with models in our own language or in SBML.
//!
//! A problem is a YAML file that names a model and tables (tab-separated, one header row). The standard:
//! <https://petab.readthedocs.io/en/latest/v2/documentation_data_format.html>. Read here are `parameter_files`, `observable_files`,
//! `measurement_files`, `condition_files` and `experiment_files`.
//!
//! **Model.** `language: holobiont`, with `location` either the path of a `model.toml` (relative to the YAML file) or
//! `builtin:NAME` for a model that ships inside the crate (`holobiont models` lists them); or `language: sbml` with the path of an
//! SBML file.
//!
//! **Experiments.** One experiment is one subject; each of its rows starts a period. Rows with the same time start one period
//! together. Time `-inf` is a steady state, and so is a measurement at time `inf`. An experiment of a steady state alone goes on at time 0. Measurements without
//! `experimentId` belong to the model as it stands, from time 0. What a condition sets stays set until another one sets it again.
//!
//! **Condition targets.** A model parameter or compartment size (replaced from the period's start on), or a state (set at the
//! period's start). The value is a formula of rows of the parameter table and of model parameters (with the value that earlier
//! periods gave them); the value for a state may also be linear in that state (`Blautia + dose`). Targets must not stand in the
//! parameter table, be inputs, or be assigned by a rule.
//!
//! **Noise.** `noiseDistribution` is one of the standard's `normal`, `log-normal`, `laplace`, `log-laplace`, or one of the extension's
//! `student-t`, `log-student-t` (see [`crate::noise`]). `noiseFormula` is the scale: the standard deviation of a normal distribution,
//! b of Laplace's, s of Student's; on the logarithmic scale (natural logarithms) for the `log-` ones. Ids in formulas mean the model
//! first, then the parameter table, then other observables. `chi2` is the sum of squared residuals over the scale, whatever the
//! distribution of the standard, as in PEtab's own `calculate_chi2`; it is not defined with Student's distributions and with censored
//! readings.
//!
//! **Priors.** All distributions of the standard. A prior is truncated at the bounds; the constant of the standard's implicit uniform
//! prior, where a row names none, is left out. An estimated parameter
//! needs finite bounds or a prior.
//!
//! **Errors and warnings.** Every fault is told with file, row and column, the same fault in several rows once; the checks are those of
//! PEtab's own linter and more (`tests/exchange_petab_bad`). What is read although the standard forbids it is a warning: spaces around
//! cells, other names for ids, compartments in the parameter table, estimated parameters with a prior and without bounds, observables
//! in the formula of another, values of a first period that name quantities of the model.
//!
//! **The extension** `holobiont` says what the standard cannot:
//!
//! ```yaml
//! extensions:
//!   holobiont:
//!     version: "1"
//!     required: true
//!     input_files: [inputs.tsv]
//!     dose_files: [doses.tsv]
//! ```
//!
//! | table | column | meaning |
//! |---|---|---|
//! | measurements | `censoring` | `none` (default), `left`: below `measurement`, `right`: above it, `interval`: between `measurement` and `measurementUpper` |
//! | measurements | `measurementUpper` | upper limit of an `interval` |
//! | observables | `noiseDistribution` | also `student-t` and `log-student-t`; only where the extension is declared |
//! | observables | `degreesOfFreedom` | degrees of freedom of Student's distributions, positive: a formula as `noiseFormula` is, so a number, an estimated parameter or a placeholder of the noise; empty for all others |
//! | parameters | `scale` | search scale: `lin`, `log`, `log10`, `logit`; empty: `log10` where both bounds are positive and at least a factor of 100 apart, else `lin`. Numbers on disk are always linear |
//! | parameters | `priorTruncated` | `false`: the bounds do not truncate the prior |
//! | parameters | `priorDistribution` | also `parameter-scale-normal`, `-laplace`, `-uniform`: densities of the search value, taken as they stand |
//! | parameters | `initializationPriorDistribution`, `initializationPriorParameters` | where searches start, where that is not the prior |
//! | parameters | `unit` | unit of the row's numbers; checked against the model's and converted on the way into the model |
//! | observables | `unit` | unit of the readings, for axes; an observable that is one id of the model is converted to it |
//! | observables | `group` | observables of one group form a composition: a report stacks them, as shares of their sum; two or more, of one `unit` |
//! | inputs | `experimentId`, `inputId`, `time`, `value` | one knot of an input's table, in time order; replaces the model's own table in that experiment |
//! | doses | `experimentId`, `targetId`, `time`, `lag`, `value`, `kind` | at `time + lag` the state `targetId` is increased by `value` (`kind` `add`, default) or becomes it (`set`) |
//! | doses | `duration` or `rate` | an infusion: all of `value * bioavailability` at a constant rate over `duration`, or at `rate`; infusions into one state add up |
//! | doses | `bioavailability` | factor on `value`; 1 where empty |
//! | doses | `interval`, `additional` | so many further doses (a whole number), one `interval` apart |
//! | doses | `steadyState` | `none` (default); `reset`: at `time` the system is in the periodic steady state of having received this dose every `interval` for ever, at `time + lag - interval` the last time, and earlier history is forgotten; then the dose is given as usual. `add`: the steady state is added to what is there (for models that are linear) |
//! | individuals | `individualId`, `experimentId`, `occasionId` | whose experiment it is, and on which occasion (optional); without the table each experiment is an individual |
//! | individuals | `occasionStart` | time from which on the experiment belongs to the occasion; empty: from its start. One row for each occasion within an experiment; states go on, parameters that vary between occasions change, and a reading at that time belongs to the occasion that begins |
//! | individuals | any other column | a covariate: numbers, constant within an individual; an empty cell is an error where an effect uses it |
//! | random effects | `randomEffectId`, `parameterId` | an effect on a parameter, whose value in the parameter table is the typical one |
//! | random effects | `transformation` | scale on which the parameter is normal: `identity`, `log`, `logit`, `probit`; the last two between `transformationLower` (0) and `transformationUpper` (1) |
//! | random effects | `level` | varies between each `individual` (default) or `occasion` |
//! | random effects | `standardDeviation` | on that scale: a number or a row of the parameter table |
//! | random effect correlations | `randomEffectId1`, `randomEffectId2`, `correlation` | a number or a row of the parameter table; 0 where no row stands |
//! | covariate effects | `parameterId`, `covariate`, `coefficient` | the transformed parameter is higher by `coefficient` (number or row) times `covariate`, a formula of covariate columns such as `ln(weight / 70)` |
//! | covariate effects | `transformation` | where the parameter has no random effect |
//!
//! The tables of individuals are named under `individual_files`, `random_effect_files`, `random_effect_correlation_files` and
//! `covariate_effect_files`; the statistical model is that of [`crate::population`].
//!
//! **Correlated endpoints.** Readings of one visit that err together (two markers of one sample) have effects between occasions, one
//! occasion a visit: parameters that are 0, one in the formula of each observable (`il6 * exp(with_il6)`), an effect of `level`
//! `occasion` on each, and the correlation of both. What the noise formula adds is the part of each reading's own.
//!
//! Numbers of inputs and doses are formulas of rows of the parameter table and of model parameters, in the units of the
//! model; derivatives pass through all of them. An empty `experimentId` means the measurements without experiment.
//! Doses of one experiment with `steadyState` at one time and with one interval are one regimen: a smaller dose in the evening is a row with
//! a `lag`. An infusion of a regimen may last no longer than the interval, and a lag must be shorter. A dose adds to the state as
//! it stands in the model, a concentration or an amount, and so does an infusion, in the course of its duration.
mod administration;
mod build;
mod changes;
mod conditions;
#[cfg(feature = "sbml")]
mod convert;
mod degrees_of_freedom;
mod dosing;
mod error;
mod extensions;
mod findings;
mod formula;
mod groups;
mod individuals;
mod layout;
mod mappings;
mod measurements;
mod model;
mod observation;
mod oddities;
mod parameters;
mod periods;
mod population;
mod read;
mod references;
mod repeats;
mod rows;
mod sheet;
mod subjects;
mod units;
mod v1;
mod write;
mod yaml;

#[cfg(feature = "sbml")]
pub use convert::{
    ConvertError, ConvertErrorKind, ConvertWarning, ConvertWarningKind, Converted, Format, convert,
};
pub use error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind};
pub use groups::Composition;
pub use model::FileError;
pub use parameters::parameter_table;
pub use population::{
    CorrelationRow, CovariateEffectRow, IndividualRow, NumberOrParameter, PopulationRows,
    RandomEffectRow,
};
pub use rows::{
    ConditionRow, DoseKind, DoseRow, ExperimentRow, InputRow, MappingRow, MeasurementRow,
    ModelSource, NoiseDistribution, ObservableRow, Origin, Override, PetabModel, PetabProblem,
    PetabVersion, SteadyState,
};
pub use write::{files, measurement_table, simulation_table, write};

use sheet::Findings;
use std::path::Path;

/// Id of the subject whose measurements name no experiment.
pub const MODEL_AS_IT_STANDS: &str = "default";

/// Reads a problem and checks all of it. Every error is returned, with file, row and column; nothing is built from a problem with
/// errors.
pub fn read(path: &Path) -> Result<PetabProblem, Vec<PetabError>> {
    let mut findings = Findings::default();
    let Some(files) = yaml::read(path, &mut findings.errors, &mut findings.warnings) else {
        repeats::join(&mut findings);
        return Err(findings.errors);
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let networks: Vec<_> = files
        .models
        .iter()
        .map(|file| model::named(file, folder, &mut findings))
        .collect();
    findings.reserves_words = files.version == PetabVersion::V2;
    let rows = match files.version {
        PetabVersion::V1 => v1::tables(&files, &mut findings),
        PetabVersion::V2 => read::tables(&files, &mut findings),
    };
    let mut models = Vec::new();
    for (file, network) in files.models.iter().zip(networks) {
        let Some((source, network)) = network else {
            continue;
        };
        let entities = model::entities(&network);
        let compiled = changes::compile(network, &rows, file, &files, &mut findings);
        if let Some((system, applied)) = compiled {
            let id = file.id.clone();
            models.push(PetabModel {
                id,
                source,
                system,
                applied,
                entities,
            });
        }
    }
    if models.len() < files.models.len() {
        repeats::join(&mut findings);
        return Err(findings.errors);
    }
    conditions::check_unset(&rows, &models, &mut findings);
    let tables = files.tables();
    let mut problem = PetabProblem {
        version: files.version,
        id: files.id,
        models,
        mappings: rows.mappings,
        parameters: rows.parameters,
        parameter_origins: rows.parameter_origins,
        observables: rows.observables,
        conditions: rows.conditions,
        experiments: rows.experiments,
        measurement_file: (files.measurements.first())
            .or(files
                .blocks
                .iter()
                .find_map(|block| block.measurements.first()))
            .cloned(),
        measurements: rows.measurements,
        inputs: rows.inputs,
        doses: rows.doses,
        population: rows.population,
        files: std::iter::once(path.to_owned()).chain(tables).collect(),
        warnings: Vec::new(),
    };
    oddities::look(&problem, &mut findings);
    if !findings.incomplete
        && let Some((fit, texts)) = build::with_formulas(&problem, &mut findings)
        && problem.is_mixed()
    {
        individuals::population(&problem, fit, &texts, &mut findings);
    }
    repeats::join(&mut findings);
    if !findings.errors.is_empty() {
        return Err(findings.errors);
    }
    problem.warnings = findings.warnings;
    Ok(problem)
}
