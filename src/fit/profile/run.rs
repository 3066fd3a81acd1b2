//! From a problem and its best point to profiles with verdicts.

use super::result::{
    End, ObjectiveKind, Profile, ProfileProvenance, Profiled, Profiles, ProfilesOptions,
};
use super::rounds::profile;
use super::structure::{Structure, structure};
use super::verdict::verdict;
use super::{ProfileError, ProfileOptions};
use crate::fit::cohort_objective::{CohortObjective, ObjectiveOptions};
use crate::fit::error::FitError;
use crate::fit::local::Control;
use crate::fit::objective::Objective;
use crate::fit::parameters::{Natural, Parameter, Search};
use crate::fit::problem::FitProblem;
use crate::fit::result::instruction_set;
use crate::solve::Tolerances;
use std::path::Path;

/// Profiles of a problem from `best`, natural values of all rows, which a local search improves first. `resume` names a
/// checkpoint folder.
///
/// # Errors
/// everything that is wrong with the problem; an id that is not estimated; no value at `best`; a checkpoint of something else.
pub fn profiles(
    problem: &FitProblem,
    best: &Natural,
    options: &ProfilesOptions,
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<Profiles, ProfileError> {
    let table = &problem.parameters;
    let entries = options.entries(table)?;
    let objective = CohortObjective::new(problem, options.objective)?;
    if objective.dim() == 0 {
        return Err(FitError::NothingToEstimate.into());
    }
    let start = table.search(best);
    let found = profile(
        &objective,
        table,
        &start,
        &entries,
        &options.profile,
        control,
        resume,
    )?;
    let structure = structure_at(problem, &found.best.search, options)?;
    let estimated = table.estimated();
    let prior =
        options.objective.prior && estimated.iter().any(|&row| table.rows[row].prior.is_some());
    // whether a prior has a say in the combination that a parameter takes part in
    let shared = |id: &str| {
        let members = structure
            .combination_of(id)
            .map(|k| &structure.combinations[k].parameters);
        let has_prior = |id: &String| {
            let row = table.index_of(id);
            row.is_some_and(|row| table.rows[row].prior.is_some())
        };
        prior && members.is_some_and(|members| members.iter().any(has_prior))
    };
    let threshold = options.profile.threshold();
    let at_best = table.natural(&found.best.search);
    let mut parameters = Vec::new();
    let mut unfinished = Vec::new();
    for (&entry, profile) in entries.iter().zip(found.profiles) {
        let row = &table.rows[estimated[entry]];
        let Some(profile) = profile else {
            unfinished.push(row.id.clone());
            continue;
        };
        parameters.push(Profiled {
            id: row.id.clone(),
            name: row.name.clone(),
            unit: row.unit.clone(),
            scale: row.scale,
            bounds: (
                Some(row.lower).filter(|b| b.is_finite()),
                Some(row.upper).filter(|b| b.is_finite()),
            ),
            estimate: at_best.0[estimated[entry]],
            interval: interval(&profile, row),
            verdict: verdict(&row.id, &profile, &structure, threshold, shared(&row.id)),
            profile,
        });
    }
    let recorded = ProfilesOptions {
        profile: ProfileOptions {
            threads: None,
            ..options.profile.clone()
        },
        ..options.clone()
    };
    Ok(Profiles {
        schema: "holobiont.profile/1".into(),
        objective: if prior {
            ObjectiveKind::Posterior
        } else {
            ObjectiveKind::Likelihood
        },
        level: options.profile.level,
        threshold,
        entries: estimated
            .iter()
            .map(|&row| table.rows[row].id.clone())
            .collect(),
        best: found.best,
        improvements: found.improvements,
        settled: found.settled,
        structure,
        parameters,
        unfinished,
        provenance: ProfileProvenance {
            version: env!("CARGO_PKG_VERSION").into(),
            instruction_set: instruction_set(),
            options: recorded,
            model: problem.cohort.name(),
        },
    })
}

fn interval(profile: &Profile, row: &Parameter) -> (Option<f64>, Option<f64>) {
    let side = |end: &End| {
        let search = end.crossed().filter(|_| !end.is_open())?;
        Some(row.scale.natural(search).value.clamp(row.lower, row.upper))
    };
    (side(&profile.lower), side(&profile.upper))
}

/// The rank with tighter tolerances, sensitivities taking part in the control of the error; where that is asking too much, with the
/// options of the objective.
fn structure_at(
    problem: &FitProblem,
    best: &Search,
    options: &ProfilesOptions,
) -> Result<Structure, FitError> {
    let own = options.objective.tolerances;
    let relative = own.relative.min(options.structure.relative_tolerance);
    let tolerances = Tolerances {
        relative,
        absolute: own.absolute * relative / own.relative,
    };
    let plain = CohortObjective::new(problem, options.objective)?;
    let tight = CohortObjective::new(
        problem,
        ObjectiveOptions {
            tolerances,
            sensitivity_error_control: true,
            ..options.objective
        },
    )?;
    Ok(structure(
        &|x| {
            tight
                .sensitivity_rows(x)
                .or_else(|_| plain.sensitivity_rows(x))
        },
        &plain.layout(),
        &problem.parameters,
        best,
        &options.structure,
    ))
}
