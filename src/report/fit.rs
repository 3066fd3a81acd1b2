//! A fitted cohort as files: tables of parameters, starts, iterations and readings, and the pictures.
use super::{
    draw::DrawError,
    pictures::{
        Estimate, Observed, Pairs, Start, observed_against_predicted, parameters, subject_fit,
        waterfall,
    },
};
use crate::{
    cohort::{Cohort, Simulation, Subject, formula_values},
    exchange::tables::{TableWriter, number_text},
    fit::{Bound, Fit, FitProblem, Natural, StartSummary, StopReason},
    noise::Reading,
    schedule::Start as PeriodStart,
    solve::{Method, Problem, Tolerances, solve},
};

/// Points of a predicted curve.
const POINTS: usize = 240;
/// The probability on each side of the middle 95 % of readings.
const OUTSIDE_95: f64 = 0.025;

/// The tables and pictures of a fit, as (file name, content): `parameters.csv`, `starts.csv`, `history.csv`, `readings.csv`,
/// `pictures/parameters.svg`, `pictures/waterfall.svg`, `pictures/observed_predicted.svg` and `pictures/subject_ID.svg` for every
/// subject. `truth` are the values that made a virtual cohort.
///
/// # Errors
/// When a picture cannot be drawn.
pub fn fit_files(
    problem: &FitProblem,
    fit: &Fit,
    truth: Option<&[(String, f64)]>,
) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
    let options = fit.provenance.options.objective;
    let natural = fit.natural(problem);
    let simulations = problem
        .cohort
        .simulate(&natural.0, &options.method, &options.tolerances);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, text: String| files.push((name.to_owned(), text.into_bytes()));
    add("parameters.csv", parameter_csv(problem, fit));
    add("starts.csv", starts_csv(problem, fit));
    add("history.csv", history_csv(fit));
    add("readings.csv", readings_csv(&problem.cohort, &simulations));
    let estimates: Vec<Estimate> = fit
        .uncertainty
        .estimates
        .iter()
        .map(|e| Estimate {
            name: e.id.clone(),
            unit: e.unit.clone(),
            value: e.value,
            interval: e.interval,
            at_bound: e.at_bound.is_some(),
            truth: truth
                .and_then(|t| t.iter().find(|(id, _)| *id == e.id))
                .map(|(_, value)| *value),
        })
        .collect();
    let model = &fit.provenance.model;
    add(
        "pictures/parameters.svg",
        parameters(&format!("{model}: estimates"), &estimates).svg()?,
    );
    let starts: Vec<Start> = begun(fit)
        .map(|s| Start {
            objective: s.value.map_or(f64::NAN, |v| -v),
            converged: s.stop.is_converged(),
        })
        .collect();
    add(
        "pictures/waterfall.svg",
        waterfall(&format!("{model}: local searches"), &starts).svg()?,
    );
    let pairs = observed_pairs(&problem.cohort, &simulations);
    add(
        "pictures/observed_predicted.svg",
        observed_against_predicted(&format!("{model}: observed and predicted"), &pairs).svg()?,
    );
    for subject in &problem.cohort.subjects {
        let endpoints = observed(
            problem,
            subject,
            &natural,
            &options.method,
            &options.tolerances,
        );
        let figure = subject_fit(
            &format!("{model}: {}", subject.id),
            problem.cohort.system.time_unit(),
            &endpoints,
        );
        add(
            &format!("pictures/subject_{}.svg", subject.id),
            figure.svg()?,
        );
    }
    Ok(files)
}

/// The searches that were begun before the fit was interrupted.
fn begun(fit: &Fit) -> impl Iterator<Item = &StartSummary> {
    fit.starts
        .iter()
        .filter(|s| s.value.is_some() || s.stop != StopReason::Interrupted)
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(String::new, number_text)
}

fn parameter_csv(problem: &FitProblem, fit: &Fit) -> String {
    let percent = number_text((fit.uncertainty.level * 1e4).round() / 100.0);
    let (low, high) = (format!("lower_{percent}"), format!("upper_{percent}"));
    let columns = [
        "parameterId",
        "name",
        "unit",
        "estimated",
        "value",
        "standard_error",
        &low,
        &high,
        "at_bound",
        "determined",
        "lowerBound",
        "upperBound",
    ];
    let mut writer = TableWriter::csv(&columns);
    for row in &problem.parameters.rows {
        let estimate = fit.uncertainty.estimates.iter().find(|e| e.id == row.id);
        let bound = match estimate.and_then(|e| e.at_bound) {
            Some(Bound::Lower) => "lower",
            Some(Bound::Upper) => "upper",
            None => "",
        };
        writer.row([
            row.id.clone(),
            row.name.clone().unwrap_or_default(),
            row.unit.clone().unwrap_or_default(),
            row.estimate.to_string(),
            number_text(estimate.map_or(row.nominal, |e| e.value)),
            cell(estimate.and_then(|e| e.standard_error)),
            cell(estimate.and_then(|e| e.interval).map(|i| i.0)),
            cell(estimate.and_then(|e| e.interval).map(|i| i.1)),
            bound.to_owned(),
            estimate.map_or_else(String::new, |e| e.determined.to_string()),
            cell(row.estimate.then_some(row.lower)),
            cell(row.estimate.then_some(row.upper)),
        ]);
    }
    writer.finish()
}

/// A word of an enum as serde writes it.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(map)) => map
            .get("reason")
            .and_then(|r| r.as_str())
            .map(str::to_owned)
            .or_else(|| map.keys().next().cloned())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn starts_csv(problem: &FitProblem, fit: &Fit) -> String {
    let mut columns = vec![
        "start",
        "origin",
        "objective",
        "stop",
        "iterations",
        "evaluations",
        "infeasible",
    ];
    let ids: Vec<&str> = fit
        .uncertainty
        .estimates
        .iter()
        .map(|e| e.id.as_str())
        .collect();
    columns.extend(&ids);
    debug_assert_eq!(ids.len(), problem.parameters.estimated().len());
    let mut writer = TableWriter::csv(&columns);
    for start in begun(fit) {
        let head = [
            start.start.to_string(),
            word(&start.origin),
            cell(start.value),
            word(&start.stop),
            start.iterations.to_string(),
            (start.counts.values + start.counts.gradients).to_string(),
            start.counts.infeasible.to_string(),
        ];
        writer.row(
            head.into_iter()
                .chain(start.to.iter().map(|v| number_text(*v))),
        );
    }
    writer.finish()
}

fn history_csv(fit: &Fit) -> String {
    let mut writer = TableWriter::csv(&[
        "iteration",
        "objective",
        "projected_gradient",
        "trust_radius",
    ]);
    for record in &fit.history {
        writer.row([
            record.iteration.to_string(),
            number_text(record.value),
            number_text(record.gradient),
            number_text(record.radius),
        ]);
    }
    writer.finish()
}

fn readings_csv(cohort: &Cohort, simulations: &[Simulation]) -> String {
    let columns = [
        "subject",
        "endpoint",
        "time",
        "censoring",
        "reading",
        "upper",
        "prediction",
        "noise",
        "ln_density",
        "chi2",
    ];
    let mut writer = TableWriter::csv(&columns);
    for (subject, simulation) in cohort.subjects.iter().zip(simulations) {
        for (visit, prediction) in subject.visits.iter().zip(&simulation.predictions) {
            let (censoring, value, upper) = match visit.reading {
                Reading::Value(v) => ("none", v, None),
                Reading::Below(v) => ("left", v, None),
                Reading::Above(v) => ("right", v, None),
                Reading::Between(a, b) => ("interval", a, Some(b)),
            };
            writer.row([
                subject.id.clone(),
                cohort.endpoints[visit.endpoint].id.clone(),
                number_text(visit.time),
                censoring.to_owned(),
                number_text(value),
                cell(upper),
                cell(prediction.arguments.first().copied()),
                prediction
                    .arguments
                    .iter()
                    .skip(1)
                    .map(|v| number_text(*v))
                    .collect::<Vec<_>>()
                    .join(";"),
                number_text(prediction.ln_density),
                cell(prediction.chi2),
            ]);
        }
    }
    writer.finish()
}

fn observed_pairs(cohort: &Cohort, simulations: &[Simulation]) -> Vec<Pairs> {
    let mut pairs: Vec<Pairs> = cohort
        .endpoints
        .iter()
        .map(|e| {
            (
                e.name.clone().unwrap_or_else(|| e.id.clone()),
                e.unit.clone(),
                Vec::new(),
            )
        })
        .collect();
    for (subject, simulation) in cohort.subjects.iter().zip(simulations) {
        for (visit, prediction) in subject.visits.iter().zip(&simulation.predictions) {
            if let Reading::Value(value) = visit.reading {
                pairs[visit.endpoint]
                    .2
                    .push((prediction.arguments[0], value));
            }
        }
    }
    pairs.retain(|p| !p.2.is_empty());
    pairs
}

/// Predicted curves with their noise, and readings, of one subject. Where the solve fails the curves are left out.
pub fn observed(
    problem: &FitProblem,
    subject: &Subject,
    natural: &Natural,
    method: &Method,
    tolerances: &Tolerances,
) -> Vec<Observed> {
    let cohort = &problem.cohort;
    let formulas = formula_values(cohort, &natural.0);
    let registers = subject.registers(cohort.system.parameters(), &natural.0, &formulas);
    let times = curve_times(subject, &registers);
    let solution = solve(
        &Problem {
            system: &cohort.system,
            parameters: &registers,
            schedule: &subject.schedule,
            times: &times,
            sensitivity: None,
        },
        method,
        tolerances,
    )
    .finished();
    let mut found = Vec::new();
    for (index, endpoint) in cohort.endpoints.iter().enumerate() {
        let visits: Vec<_> = subject
            .visits
            .iter()
            .filter(|v| v.endpoint == index)
            .collect();
        let Some(first) = visits.first() else {
            continue;
        };
        let mut observed = Observed {
            name: endpoint.name.clone().unwrap_or_else(|| endpoint.id.clone()),
            unit: endpoint.unit.clone(),
            logarithmic: endpoint.noise.logarithmic(),
            readings: visits.iter().map(|v| (v.time, v.reading)).collect(),
            ..Observed::default()
        };
        if let Ok(solution) = &solution {
            // a curve has one set of placeholder values: those of the first reading
            let placeholders = first.placeholder_values(
                cohort.outputs.placeholders().len(),
                &natural.0,
                &formulas,
            );
            let which = endpoint.formulas();
            let mut values = vec![0.0; which.len()];
            let mut spread = Vec::new();
            for (k, time) in times.iter().enumerate() {
                solution.outputs(&cohort.outputs, k, &which, &placeholders, &mut values);
                observed.prediction.push((*time, values[0]));
                let quantile = |p| endpoint.noise.quantile(p, &values);
                spread.push(quantile(OUTSIDE_95).zip(quantile(1.0 - OUTSIDE_95)));
            }
            // a band needs its limits everywhere
            observed.spread = spread
                .into_iter()
                .collect::<Option<_>>()
                .unwrap_or_default();
        }
        found.push(observed);
    }
    found
}

/// Evenly spaced times from the start to the last reading, with the moments at which something happens.
fn curve_times(subject: &Subject, registers: &[f64]) -> Vec<f64> {
    let moments: Vec<f64> = subject
        .schedule
        .periods
        .iter()
        .filter_map(|p| match &p.start {
            PeriodStart::At(moment) => Some(moment),
            PeriodStart::SteadyState => None,
        })
        .map(|m| registers[m.at.0] + m.lag.map_or(0.0, |lag| registers[lag.0]))
        .collect();
    let last = subject
        .visits
        .iter()
        .map(|v| v.time)
        .filter(|t| t.is_finite())
        .fold(f64::NEG_INFINITY, f64::max);
    let start = moments.iter().copied().fold(f64::INFINITY, f64::min);
    let start = if start.is_finite() { start } else { 0.0 };
    let end = if last > start { last } else { start + 1.0 };
    let mut times: Vec<f64> = (0..=POINTS)
        .map(|i| start + (end - start) * i as f64 / POINTS as f64)
        .collect();
    times.extend(moments.into_iter().filter(|t| *t > start && *t < end));
    times.extend(
        subject
            .visits
            .iter()
            .map(|v| v.time)
            .filter(|t| *t >= start && *t <= end),
    );
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}
