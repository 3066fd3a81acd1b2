//! Numbers of the tables in the units of the model, so that no unit is needed to read them.
use super::error::{ConvertErrorKind, ConvertWarningKind, Notes};
use crate::exchange::{
    petab::{
        changes::aliases,
        rows::{MeasurementRow, Override, PetabProblem},
        units,
    },
    tables::{Place, number_text},
};
use crate::expr::{Graph, Node};
use crate::fit::{Prior, Scale};
use std::collections::{HashMap, HashSet};

/// Converts parameters and observables whose rows have another unit than the model.
pub(super) fn to_model(problem: &mut PetabProblem, notes: &mut Notes) {
    let converted = parameters(problem, notes);
    for row in &problem.measurements {
        let cells = [
            ("observableParameters", &row.observable_parameters),
            ("noiseParameters", &row.noise_parameters),
        ];
        for (column, values) in cells {
            for value in values {
                if let Override::Parameter(id) = value
                    && let Some(unit) = converted.get(id)
                {
                    let place = row.origin.place("measurements.tsv", column);
                    two_units(place, id, unit, notes);
                }
            }
        }
    }
    observables(problem, notes);
}

fn two_units(place: Place, id: &str, unit: &str, notes: &mut Notes) {
    let format = notes.format;
    let (id, unit) = (id.to_owned(), unit.to_owned());
    notes.error(place, ConvertErrorKind::Units { id, unit, format });
}

/// Converts rows of the parameter table; returns the ids of those whose numbers changed, with their old units.
fn parameters(problem: &mut PetabProblem, notes: &mut Notes) -> HashMap<String, String> {
    let mut converted = HashMap::new();
    let mut with_priors = Vec::new();
    for (position, row) in problem.parameters.rows.iter_mut().enumerate() {
        let Some(unit) = row.unit.clone() else {
            continue;
        };
        let origin = problem.parameter_origins.get(position);
        let place = |column| {
            origin.map_or_else(
                || Place::file("parameters.tsv").column(column),
                |origin| origin.place("parameters.tsv", column),
            )
        };
        let of_models: Vec<Option<&str>> = problem
            .models
            .iter()
            .map(|m| m.system.unit_of(&row.id))
            .collect();
        let Some(to) = of_models.iter().flatten().next() else {
            continue;
        };
        let factors: Vec<f64> = (of_models.iter())
            .map(|to| to.map_or(1.0, |to| units::factor(&unit, to).unwrap_or(1.0)))
            .collect();
        let factor = factors[0];
        if factors.iter().any(|other| *other != factor) {
            two_units(place("unit"), &row.id, &unit, notes);
            continue;
        }
        if factor == 1.0 {
            continue;
        }
        row.unit = Some((*to).to_owned());
        for number in [&mut row.lower, &mut row.upper, &mut row.nominal] {
            *number *= factor;
        }
        for prior in [&mut row.prior, &mut row.initialization]
            .into_iter()
            .flatten()
        {
            match scaled(prior, factor) {
                Some(scaled) => *prior = scaled,
                None => {
                    let (distribution, _) = prior.name_and_parameters();
                    let kind = ConvertErrorKind::Prior {
                        distribution,
                        on: format!(" in another unit than the model's ({unit}, {to})"),
                        format: notes.format,
                    };
                    notes.error(place("priorDistribution"), kind);
                }
            }
        }
        if row.prior.is_some() {
            with_priors.push(place("priorDistribution"));
        }
        converted.insert(row.id.clone(), unit);
    }
    let rows = with_priors.len();
    if let Some(place) = with_priors.into_iter().next() {
        let what = "a prior in another unit than the model's becomes that of the value in the unit of the model";
        notes.warning(place, ConvertWarningKind::Constant { what, rows });
    }
    converted
}

/// The distribution of `factor` times the parameter.
fn scaled(prior: &Prior, factor: f64) -> Option<Prior> {
    let shift = libm::log(factor);
    Some(match *prior {
        Prior::Untruncated(ref inner) => Prior::Untruncated(Box::new(scaled(inner, factor)?)),
        Prior::OnScale { scale, ref density } => {
            let density = match scale {
                Scale::Linear => scaled(density, factor)?,
                Scale::Log => shifted(density, shift)?,
                Scale::Log10 => shifted(density, libm::log10(factor))?,
                Scale::Logit => return None,
            };
            let density = Box::new(density);
            Prior::OnScale { scale, density }
        }
        Prior::Uniform { lower, upper } => Prior::Uniform {
            lower: lower * factor,
            upper: upper * factor,
        },
        Prior::LogUniform { lower, upper } => Prior::LogUniform {
            lower: lower * factor,
            upper: upper * factor,
        },
        Prior::Normal { mean, sd } => Prior::Normal {
            mean: mean * factor,
            sd: sd * factor,
        },
        Prior::Laplace { location, scale } => Prior::Laplace {
            location: location * factor,
            scale: scale * factor,
        },
        Prior::Cauchy { location, scale } => Prior::Cauchy {
            location: location * factor,
            scale: scale * factor,
        },
        Prior::LogNormal { log_mean, log_sd } => Prior::LogNormal {
            log_mean: log_mean + shift,
            log_sd,
        },
        Prior::LogLaplace {
            log_location,
            log_scale,
        } => Prior::LogLaplace {
            log_location: log_location + shift,
            log_scale,
        },
        Prior::Gamma { shape, scale } => Prior::Gamma {
            shape,
            scale: scale * factor,
        },
        Prior::ChiSquared { dof } => Prior::Gamma {
            shape: 0.5 * dof,
            scale: 2.0 * factor,
        },
        Prior::Exponential { scale } => Prior::Exponential {
            scale: scale * factor,
        },
        Prior::Rayleigh { scale } => Prior::Rayleigh {
            scale: scale * factor,
        },
    })
}

/// The density of a search value that is moved.
fn shifted(density: &Prior, by: f64) -> Option<Prior> {
    Some(match *density {
        Prior::Uniform { lower, upper } => Prior::Uniform {
            lower: lower + by,
            upper: upper + by,
        },
        Prior::Normal { mean, sd } => Prior::Normal {
            mean: mean + by,
            sd,
        },
        Prior::Laplace { location, scale } => Prior::Laplace {
            location: location + by,
            scale,
        },
        _ => return None,
    })
}

/// Writes the conversion of observables that are one id of the model into their formulas.
fn observables(problem: &mut PetabProblem, notes: &mut Notes) {
    let aliases = aliases(&problem.mappings);
    for row in &mut problem.observables {
        let Some(unit) = &row.unit else { continue };
        let mut graph = Graph::new();
        let Ok(formula) = graph.parse(&row.formula) else {
            continue;
        };
        let Node::Symbol(symbol) = graph.node(formula) else {
            continue;
        };
        let name = graph.name(*symbol);
        let id = aliases.get(name).map_or(name, String::as_str);
        let measured = |position: usize| {
            let on = |m: &MeasurementRow| {
                let model = match &m.model {
                    None => Some(0),
                    Some(id) => problem.models.iter().position(|model| model.id == *id),
                };
                m.observable == row.id && model == Some(position)
            };
            problem.models.len() == 1 || problem.measurements.iter().any(on)
        };
        let factors: HashSet<u64> = (problem.models.iter().enumerate())
            .filter(|(position, _)| measured(*position))
            .map(|(_, model)| match model.system.unit_of(id) {
                Some(of_model) => units::factor(of_model, unit).unwrap_or(1.0).to_bits(),
                None => 1f64.to_bits(),
            })
            .collect();
        let factors: Vec<f64> = factors.into_iter().map(f64::from_bits).collect();
        match factors.as_slice() {
            [] | [1.0] => {}
            [factor] => row.formula = format!("{} * {}", number_text(*factor), row.formula),
            _ => {
                let place = row.origin.place("observables.tsv", "unit");
                two_units(place, &row.id, unit, notes);
            }
        }
    }
}
