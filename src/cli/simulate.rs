//! `holobiont simulate`: one model, one schedule, one table and picture.
use super::{
    Failure,
    arguments::{Numerics, Simulate, Solver},
    models::{compile, find},
    terminal,
    times::{parse_quantity, parse_time},
};
use crate::{
    compile::System,
    exchange::{
        files::write_files,
        model::{Model, Scenario},
        tables::{TableWriter, number_text},
    },
    expr::suggest,
    report::{Curve, trajectories},
    schedule::Schedule,
    solve::{
        Cause, Dop853, Dopri5, Exponential, Method, Problem, Rodas5P, Tolerances, Tsit5, solve,
    },
};
use std::{collections::HashSet, path::Path};

impl Numerics {
    pub(super) fn tolerances(&self) -> Result<Tolerances, Failure> {
        let mut tolerances = Tolerances::default();
        for (given, own, name) in [
            (self.rtol, &mut tolerances.relative, "--rtol"),
            (self.atol, &mut tolerances.absolute, "--atol"),
        ] {
            if let Some(value) = given {
                if !(value > 0.0 && value.is_finite()) {
                    return Err(Failure::Usage(format!(
                        "{name} must be a positive number, not {value}"
                    )));
                }
                *own = value;
            }
        }
        Ok(tolerances)
    }

    pub(super) fn method(&self) -> Method {
        match self.solver.unwrap_or_default() {
            Solver::Rodas5p => Method::Rodas5P(Rodas5P::default()),
            Solver::Tsit5 => Method::Tsit5(Tsit5::default()),
            Solver::Dopri5 => Method::Dopri5(Dopri5::default()),
            Solver::Dop853 => Method::Dop853(Dop853::default()),
            Solver::Exponential => Method::Exponential(Exponential::default()),
        }
    }
}

pub(super) fn run(command: &Simulate) -> Result<(), Failure> {
    if command.output.is_some() && command.output == command.plot {
        let message = "--output and --plot name the same file".to_owned();
        return Err(Failure::Usage(message));
    }
    let model = find(&command.model)?;
    let system = compile(&model)?;
    let (schedule, mut parameters, until) = scenario(&model, &system, command.scenario.as_deref())?;
    set(&system, &command.settings, &mut parameters)?;
    let times = output_times(command, &system, until)?;
    let tolerances = command.numerics.tolerances()?;
    let problem = Problem {
        system: &system,
        parameters: &parameters,
        schedule: &schedule,
        times: &times,
        sensitivity: None,
    };
    let solution = solve(&problem, &command.numerics.method(), &tolerances);
    let solution = solution.finished().map_err(|error| match error.cause {
        Cause::Invalid(problem) => Failure::input(problem),
        _ => Failure::Numerical(error.to_string()),
    })?;
    let curve = |id: &String, values: Vec<f64>| Curve {
        name: id.clone(),
        unit: system.unit_of(id).map(str::to_owned),
        values,
    };
    let mut curves: Vec<Curve> = Vec::new();
    for (state, id) in system.state_ids().iter().enumerate() {
        curves.push(curve(id, solution.series(state)));
    }
    let observables = solution.observables(&system);
    for (i, id) in system.observable_ids().iter().enumerate() {
        if system.state_index(id).is_none() {
            curves.push(curve(id, observables.iter().map(|row| row[i]).collect()));
        }
    }
    let picture = match &command.plot {
        None => None,
        Some(file) => {
            let shown = shown(&curves, system.state_ids().len(), &command.show)?;
            let title = match &command.scenario {
                Some(scenario) => format!("{}, {scenario}", system.id()),
                None => system.id().to_owned(),
            };
            let figure = trajectories(&title, system.time_unit(), &times, &shown);
            Some((file, figure.svg().map_err(Failure::input)?))
        }
    };
    let table = table(&times, &curves);
    let mut files = Vec::new();
    let name = |file: &Path| file.to_string_lossy().into_owned();
    if let Some((file, svg)) = picture {
        files.push((name(file), svg.into_bytes()));
    }
    match &command.output {
        Some(file) => files.push((name(file), table.into_bytes())),
        None if command.plot.is_none() => terminal::print(&table),
        None => {}
    }
    write_files(Path::new(""), &files).map_err(Failure::input)
}

/// Schedule, extended parameter vector and end of a scenario; without one, the model as it stands.
pub(super) fn scenario(
    model: &Model,
    system: &System,
    id: Option<&str>,
) -> Result<(Schedule, Vec<f64>, Option<f64>), Failure> {
    let Some(id) = id else {
        let until = model.scenarios.first().and_then(|s| s.until);
        return Ok((Schedule::default(), system.parameters().to_vec(), until));
    };
    let scenario = find_scenario(model, id)?;
    let (schedule, parameters) = scenario.schedule(system).map_err(Failure::input)?;
    Ok((schedule, parameters, scenario.until))
}

/// The scenario with this id.
pub(super) fn find_scenario<'a>(model: &'a Model, id: &str) -> Result<&'a Scenario, Failure> {
    model.scenario(id).ok_or_else(|| {
        let ids: Vec<&str> = model.scenarios.iter().map(|s| s.id.as_str()).collect();
        let hint = match (suggest(id, ids.iter().copied()).first(), ids.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, true) => "the model has none".to_owned(),
            (None, false) => format!("there are {}", ids.join(", ")),
        };
        Failure::Input(vec![format!("unknown scenario `{id}`; {hint}")])
    })
}

/// Applies every `--set id=value`.
pub(super) fn set(
    system: &System,
    settings: &[String],
    parameters: &mut [f64],
) -> Result<(), Failure> {
    let mut errors = Vec::new();
    let mut set = HashSet::new();
    for setting in settings {
        let Some((id, text)) = setting.split_once('=') else {
            return Err(Failure::Usage(format!(
                "--set takes ID=VALUE, not `{setting}`"
            )));
        };
        let id = id.trim();
        let register = system
            .parameter_index(id)
            .or_else(|| system.parameter_index(&format!("initial({id})")));
        let Some(register) = register else {
            let known = system
                .parameter_ids()
                .iter()
                .chain(system.state_ids())
                .map(String::as_str);
            let near = suggest(id, known);
            let hint = near
                .first()
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            errors.push(format!(
                "--set {setting}: the model has no parameter or state `{id}`{hint}"
            ));
            continue;
        };
        if !set.insert(register) {
            errors.push(format!("--set {setting}: `{id}` is set twice"));
            continue;
        }
        match parse_quantity(text, system.unit_of(id), id) {
            Ok(value)
                if value < 0.0
                    && system
                        .state_index(id)
                        .is_some_and(|s| system.nonnegative()[s]) =>
            {
                errors.push(format!(
                    "--set {setting}: the state `{id}` cannot be negative"
                ));
            }
            Ok(value) => parameters[register] = value,
            Err(error) => errors.push(format!("--set {setting}: {error}")),
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Failure::Input(errors))
    }
}

fn output_times(
    command: &Simulate,
    system: &System,
    until: Option<f64>,
) -> Result<Vec<f64>, Failure> {
    let unit = system.time_unit();
    if !command.times.is_empty() {
        let mut times = Vec::new();
        for text in &command.times {
            let time =
                parse_time(text, unit).map_err(|e| Failure::Usage(format!("--times: {e}")))?;
            if times.last().is_some_and(|last| *last > time) {
                return Err(Failure::Usage(format!(
                    "--times: times out of order at `{text}`"
                )));
            }
            times.push(time);
        }
        return Ok(times);
    }
    let end = match &command.until {
        Some(text) => {
            parse_time(text, unit).map_err(|e| Failure::Usage(format!("--until: {e}")))?
        }
        None => until.ok_or_else(|| {
            Failure::Usage("say how long: --until TIME or --times A,B,C".to_owned())
        })?,
    };
    if end <= 0.0 {
        return Err(Failure::Usage(format!(
            "--until must lie after 0, not at {end}"
        )));
    }
    let steps = f64::from(command.steps);
    Ok((0..=command.steps)
        .map(|i| end * f64::from(i) / steps)
        .collect())
}

/// The curves of the picture: those asked for; else the states, with the other quantities where there is room.
fn shown(curves: &[Curve], states: usize, wanted: &[String]) -> Result<Vec<Curve>, Failure> {
    if wanted.is_empty() {
        let all = if curves.len() <= 16 {
            curves.len()
        } else {
            states
        };
        return Ok(curves[..all].to_vec());
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for id in wanted.iter().map(|id| id.trim()) {
        match curves.iter().find(|c| c.name == id) {
            Some(curve) => found.push(curve.clone()),
            None => {
                let near = suggest(id, curves.iter().map(|c| c.name.as_str()));
                let hint = near
                    .first()
                    .map(|n| format!("; did you mean `{n}`?"))
                    .unwrap_or_default();
                errors.push(format!(
                    "--show: the model has no state or observable `{id}`{hint}"
                ));
            }
        }
    }
    if errors.is_empty() {
        Ok(found)
    } else {
        Err(Failure::Input(errors))
    }
}

fn table(times: &[f64], curves: &[Curve]) -> String {
    let columns: Vec<&str> = std::iter::once("time")
        .chain(curves.iter().map(|c| c.name.as_str()))
        .collect();
    let mut writer = TableWriter::csv(&columns);
    for (k, time) in times.iter().enumerate() {
        writer.row(
            std::iter::once(*time)
                .chain(curves.iter().map(|c| c.values[k]))
                .map(number_text),
        );
    }
    writer.finish()
}
