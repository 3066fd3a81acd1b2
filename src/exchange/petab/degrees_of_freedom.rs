//! Degrees of freedom of Student's distributions: they must be there, belong to such a distribution, and be positive.
use super::{
    error::PetabErrorKind,
    formula::Values,
    rows::{ObservableRow, Override, PetabProblem},
    sheet::Findings,
};
use crate::exchange::tables::Place;

/// Checks what is known before a fit: numbers, formulas of parameters at their nominal values, bounds, overrides of placeholders.
/// What depends on the model's state turns out when its readings are evaluated.
pub(super) fn check(
    problem: &PetabProblem,
    observables: &[ObservableRow],
    values: &mut Values,
    findings: &mut Findings,
) {
    for row in observables {
        let place = row.origin.place("observables.tsv", "degreesOfFreedom");
        match (&row.degrees_of_freedom, row.distribution) {
            (None, distribution) if distribution.has_degrees_of_freedom() => {
                findings.error(place, PetabErrorKind::MissingValue);
            }
            (Some(_), distribution) if !distribution.has_degrees_of_freedom() => {
                let distribution = distribution.name();
                findings.error(place, PetabErrorKind::NoDegreesOfFreedom { distribution });
            }
            (Some(formula), _) => check_formula(row, formula, &place, problem, values, findings),
            (None, _) => {}
        }
    }
}

fn check_formula(
    row: &ObservableRow,
    formula: &str,
    place: &Place,
    problem: &PetabProblem,
    values: &mut Values,
    findings: &mut Findings,
) {
    if let Some(position) = row.noise_placeholders.iter().position(|p| p == formula) {
        let measurements = problem.measurements.iter();
        for measurement in measurements.filter(|m| m.observable == row.id) {
            let place = measurement
                .origin
                .place("measurements.tsv", "noiseParameters");
            match measurement.noise_parameters.get(position) {
                Some(Override::Number(value)) => {
                    check_value(&value.to_string(), *value, &place, findings);
                }
                Some(Override::Parameter(id)) => {
                    check_parameter(id, &place, problem, values, findings);
                }
                None => {}
            }
        }
    } else if !values.is_model_id(formula) && values.row(formula).is_some() {
        check_parameter(formula, place, problem, values, findings);
    } else if let Ok(expression) = values.graph.parse(formula)
        && !values.graph.depends_on_time(expression)
    {
        // NaN where the model or a placeholder comes in
        let value = values.nominal(expression);
        if !value.is_nan() {
            check_value(formula, value, place, findings);
        }
    }
}

fn check_parameter(
    id: &str,
    place: &Place,
    problem: &PetabProblem,
    values: &Values,
    findings: &mut Findings,
) {
    let Some(parameter) = values.row(id).map(|row| &problem.parameters.rows[row]) else {
        return;
    };
    check_value(id, parameter.nominal, place, findings);
    if parameter.estimate && parameter.lower < 0.0 {
        let kind = PetabErrorKind::DegreesOfFreedomBound {
            id: id.to_owned(),
            lower: parameter.lower,
        };
        findings.error(place.clone(), kind);
    }
}

fn check_value(formula: &str, value: f64, place: &Place, findings: &mut Findings) {
    if !(value > 0.0 && value.is_finite()) {
        let kind = PetabErrorKind::DegreesOfFreedom {
            formula: formula.to_owned(),
            value,
        };
        findings.error(place.clone(), kind);
    }
}
