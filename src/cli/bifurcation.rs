//! `holobiont bifurcation`: states of rest over a parameter or a common factor.
use super::{
    Failure,
    arguments::Bifurcation,
    models::{compile, find},
    simulate::{scenario, set},
    terminal,
    times::{parse_quantity, parse_time},
};
use crate::{
    compile::System,
    exchange::{files::write_files, model::Model},
    expr::suggest,
    report::{DiagramReport, Quantity, TracedCurve},
    solve::{
        Along, Branch, Cause, ContinuationError, ContinuationOptions, Diagram, Origin, Problem,
        Tolerances, solve,
    },
};
use std::path::Path;

/// Quantities shown where none are asked for.
const SHOWN: usize = 4;

pub(super) fn run(command: &Bifurcation) -> Result<(), Failure> {
    if command.output.is_some() && command.output == command.plot {
        let message = "--output and --plot name the same file".to_owned();
        return Err(Failure::Usage(message));
    }
    let mut model = find(&command.model)?;
    hold(&mut model, &command.hold)?;
    let system = compile(&model)?;
    let (along, value, unit) = along(&system, command)?;
    let range = range(command, &value, unit.as_deref())?;
    let wanted = quantities(&system, &command.observe)?;
    let options = ContinuationOptions::over(range.0, range.1);
    let mut diagram = Diagram::new(&system, along, options).map_err(Failure::input)?;
    let mut names: Vec<Vec<String>> = Vec::new();
    let scenarios: Vec<Option<&str>> = match command.scenario.is_empty() {
        true => vec![None],
        false => command.scenario.iter().map(|id| Some(id.trim())).collect(),
    };
    for id in scenarios {
        let origin = origin(&model, &system, id, command)?;
        let curve = diagram.add(&origin).map_err(|error| failure(id, error))?;
        names.resize(diagram.branches().len(), Vec::new());
        names[curve].push(id.unwrap_or("the model as it stands").to_owned());
    }
    let quantities = match wanted.is_empty() {
        true => changing(&system, diagram.branches()),
        false => wanted,
    };
    let curves = (diagram.branches().iter().zip(&names))
        .map(|(branch, names)| TracedCurve::new(&system, branch, names.join(", "), &quantities))
        .collect();
    let over = match &command.parameter {
        Some(id) => format!(" over {id}"),
        None => format!(" over a common factor of {}", command.factor.join(", ")),
    };
    let report = DiagramReport {
        title: format!("{}: states of rest{over}", system.id()),
        value,
        unit,
        range,
        quantities,
        curves,
    };
    terminal::print(&report.text());
    let mut files = Vec::new();
    let name = |file: &Path| file.to_string_lossy().into_owned();
    if let Some(file) = &command.output {
        files.push((name(file), report.table().into_bytes()));
    }
    if let Some(file) = &command.plot {
        let svg = report.figure().svg().map_err(Failure::input)?;
        files.push((name(file), svg.into_bytes()));
    }
    write_files(Path::new(""), &files).map_err(Failure::input)
}

fn failure(scenario: Option<&str>, error: ContinuationError) -> Failure {
    let text = match scenario {
        Some(id) => format!("scenario `{id}`: {error}"),
        None => error.to_string(),
    };
    match error {
        ContinuationError::OutsideRange { .. } | ContinuationError::NothingToMultiply => {
            Failure::Input(vec![text])
        }
        _ => Failure::Numerical(text),
    }
}

/// A near id, as a hint.
fn near<'a>(id: &str, known: impl Iterator<Item = &'a String>) -> String {
    let found = suggest(id, known.map(String::as_str));
    let first = found.first();
    first.map_or_else(String::new, |n| format!("; did you mean `{n}`?"))
}

/// Species that keep their values become boundary species, which reactions read and do not change.
fn hold(model: &mut Model, ids: &[String]) -> Result<(), Failure> {
    let mut errors = Vec::new();
    for id in ids.iter().map(|id| id.trim()) {
        match model.network.species_mut(id) {
            Some(species) => species.boundary = true,
            None => {
                let known = model.network.all_species().iter().map(|(id, _)| id);
                let hint = near(id, known);
                errors.push(format!("--hold: the model has no species `{id}`{hint}"));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Failure::Input(errors)),
    }
}

/// What is varied, its name and its unit.
fn along(
    system: &System,
    command: &Bifurcation,
) -> Result<(Along, String, Option<String>), Failure> {
    let register = |id: &str, option: &str| {
        system.parameter_index(id).ok_or_else(|| {
            let hint = near(id, system.parameter_ids().iter());
            format!("{option}: the model has no parameter `{id}`{hint}")
        })
    };
    if let Some(id) = &command.parameter {
        let found = register(id, "--parameter").map_err(Failure::input)?;
        let unit = system.unit_of(id).map(str::to_owned);
        return Ok((Along::Value(found), id.clone(), unit));
    }
    let ids: Vec<&str> = command.factor.iter().map(|id| id.trim()).collect();
    let (mut registers, mut errors) = (Vec::new(), Vec::new());
    for id in &ids {
        match register(id, "--factor") {
            Ok(found) if registers.contains(&found) => {
                errors.push(format!("--factor: `{id}` is named twice"));
            }
            Ok(found) => registers.push(found),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Failure::Input(errors));
    }
    Ok((Along::Factor(registers), "factor".to_owned(), None))
}

fn range(command: &Bifurcation, what: &str, unit: Option<&str>) -> Result<(f64, f64), Failure> {
    let read = |option: &str, text: &str| {
        parse_quantity(text, unit, what).map_err(|e| Failure::Usage(format!("{option}: {e}")))
    };
    let (from, to) = (read("--from", &command.from)?, read("--to", &command.to)?);
    match from < to {
        true => Ok((from, to)),
        false => Err(Failure::Usage(format!(
            "--to must lie above --from: {to} does not lie above {from}"
        ))),
    }
}

fn quantities(system: &System, ids: &[String]) -> Result<Vec<Quantity>, Failure> {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for id in ids.iter().map(|id| id.trim()) {
        match Quantity::of(system, id) {
            Some(quantity) => found.push(quantity),
            None => {
                let known = system.state_ids().iter().chain(system.observable_ids());
                let hint = near(id, known);
                errors.push(format!(
                    "--observe: the model has no state or observable `{id}`{hint}"
                ));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(found),
        false => Err(Failure::Input(errors)),
    }
}

/// The end of the run of a scenario.
fn origin(
    model: &Model,
    system: &System,
    id: Option<&str>,
    command: &Bifurcation,
) -> Result<Origin, Failure> {
    let run = match system.time_unit() {
        Some(unit) => parse_time(&format!("{} d", command.days), Some(unit)),
        None => Ok(command.days),
    };
    let run = run.unwrap_or(command.days);
    if !run.is_finite() || run <= 0.0 {
        let message = format!("--days must be a positive number, not {}", command.days);
        return Err(Failure::Usage(message));
    }
    let (schedule, mut parameters, _) = scenario(model, system, id)?;
    set(system, &command.settings, &mut parameters)?;
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[run],
        sensitivity: None,
    };
    let tolerances: Tolerances = command.numerics.tolerances()?;
    let solution = solve(&problem, &command.numerics.method(), &tolerances);
    let solution = solution.finished().map_err(|error| match error.cause {
        Cause::Invalid(problem) => Failure::input(problem),
        _ => Failure::Numerical(error.to_string()),
    })?;
    Ok(Origin::of(&solution, 0, run))
}

/// The species that change most along the curves, by the ratio of their largest and smallest values.
fn changing(system: &System, branches: &[Branch]) -> Vec<Quantity> {
    let points = || branches.iter().flat_map(|branch| &branch.points);
    let change = |state: usize| {
        let sizes = points().map(|point| point.states[state].abs());
        let (low, high) = sizes.fold((f64::INFINITY, 0.0_f64), |(low, high), y| {
            (low.min(y), high.max(y))
        });
        if high > 0.0 { (high - low) / high } else { 0.0 }
    };
    let ids = system.state_ids();
    let mut order: Vec<(usize, f64)> = (0..ids.len()).map(|state| (state, change(state))).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let most = order.iter().take(SHOWN);
    most.filter_map(|(state, _)| Quantity::of(system, &ids[*state]))
        .collect()
}
