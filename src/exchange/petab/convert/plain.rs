//! What belongs to the extension: said otherwise where the standard can, left out with a warning where the objective stays the same, refused
//! otherwise.
use super::{
    doses, effects,
    error::{ConvertErrorKind, ConvertWarningKind, Notes},
    priors,
};
use crate::exchange::{
    petab::rows::{Origin, PetabProblem, PetabVersion},
    tables::Place,
};
use crate::fit::Scale;
use crate::noise::Reading;
use std::collections::HashSet;

/// Leaves a problem that the standard can say.
pub(super) fn leave_out(problem: &mut PetabProblem, notes: &mut Notes) {
    effects::to_parameters(problem, notes);
    parameters(problem, notes);
    observables(problem, notes);
    measurements(problem, notes);
    inputs(problem, notes);
    match notes.format.version {
        PetabVersion::V2 => doses::to_periods(problem, notes),
        PetabVersion::V1 => {
            let format = notes.format;
            for row in std::mem::take(&mut problem.doses) {
                let place = row.origin.place("doses.tsv", "targetId");
                notes.error(place, ConvertErrorKind::Dose { format });
            }
        }
    }
}

/// Place of a row of the parameter table.
pub(super) fn parameter_place(origins: &[Origin], row: usize, column: &str) -> Place {
    match origins.get(row) {
        Some(origin) => origin.place("parameters.tsv", column),
        None => Place::file("parameters.tsv").column(column),
    }
}

fn parameters(problem: &mut PetabProblem, notes: &mut Notes) {
    let origins = problem.parameter_origins.clone();
    let place = |row: usize, column: &str| parameter_place(&origins, row, column);
    let table = &mut problem.parameters;
    let mut units = Vec::new();
    for (position, row) in table.rows.iter_mut().enumerate() {
        if row.unit.take().is_some() {
            units.push(place(position, "unit"));
        }
    }
    let why = "numbers are in the units of the model";
    notes.dropped(units, "the units of parameters", why);
    let scales: Vec<Place> = (table.rows.iter().enumerate())
        .filter(|(_, row)| match notes.format.version {
            PetabVersion::V1 => row.scale == Scale::Logit,
            PetabVersion::V2 => row.estimate && row.scale != Scale::Linear,
        })
        .map(|(position, _)| place(position, "scale"))
        .collect();
    if notes.format.version == PetabVersion::V1 {
        let rows = scales.len();
        if let Some(place) = scales.into_iter().next() {
            notes.warning(place, ConvertWarningKind::Logit { rows });
        }
        return;
    }
    let why = "searches choose their own; the objective does not change";
    notes.dropped(scales, "the search scales of parameters", why);
    let mut starts = Vec::new();
    for (position, row) in table.rows.iter_mut().enumerate() {
        if row.initialization.take().is_some() {
            starts.push(place(position, "initializationPriorDistribution"));
        }
    }
    let why = "searches start from the priors; the objective does not change";
    notes.dropped(starts, "where searches start", why);
    priors::to_standard(table, place, notes);
}

fn observables(problem: &mut PetabProblem, notes: &mut Notes) {
    let (mut units, mut groups) = (Vec::new(), Vec::new());
    for row in &mut problem.observables {
        let place = |column| row.origin.place("observables.tsv", column);
        if row.distribution.has_degrees_of_freedom() {
            let kind = ConvertErrorKind::Noise {
                distribution: row.distribution.name(),
                format: notes.format,
            };
            notes.error(place("noiseDistribution"), kind);
        }
        row.degrees_of_freedom = None;
        if row.unit.take().is_some() {
            units.push(place("unit"));
        }
        if row.group.take().is_some() {
            groups.push(place("group"));
        }
    }
    let why = "they stand at axes only, what they convert stands in the formulas";
    notes.dropped(units, "the units of observables", why);
    let why = "reports do not show the observables as a composition";
    notes.dropped(groups, "the groups of observables", why);
}

fn measurements(problem: &PetabProblem, notes: &mut Notes) {
    let format = notes.format;
    for row in &problem.measurements {
        if !matches!(row.reading, Reading::Value(_)) {
            let place = row.origin.place("measurements.tsv", "censoring");
            notes.error(place, ConvertErrorKind::Censored { format });
        }
    }
}

/// One error a table of an input.
fn inputs(problem: &mut PetabProblem, notes: &mut Notes) {
    let format = notes.format;
    let mut told = HashSet::new();
    for row in std::mem::take(&mut problem.inputs) {
        let experiment = match &row.experiment {
            Some(id) => format!("the experiment `{id}`"),
            None => "the model as it stands".to_owned(),
        };
        if told.insert((row.input.clone(), experiment.clone())) {
            let place = row.origin.place("inputs.tsv", "inputId");
            let input = row.input;
            let kind = ConvertErrorKind::InputTable {
                input,
                experiment,
                format,
            };
            notes.error(place, kind);
        }
    }
}
