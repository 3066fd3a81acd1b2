//! The study as a population problem of the library: its tables beside the model in `problem/`, the fit, and profiles of elasticities.
//!
//! Butyrate is a step input that changes halfway between visits; a visit without butyrate stands under that of its neighbours, but its
//! markers are left out. The elasticity acts on butyrate over the subject's own mean, and the mean has a coefficient of its own on the
//! typical marker (Mundlak 1978, doi:10.2307/1913646): what stays between subjects for other reasons does not reach the elasticity.
use crate::{
    interval::Interval,
    tables::{MARKERS, Study},
};
use holobiont::{
    exchange::{files::write_files, petab},
    fit::{Control, Natural},
    noise::Reading,
    population::{Method, PopulationFit, PopulationFitOptions, PopulationProblem, fit_population},
};
use std::{error::Error, fmt::Write, path::Path};

/// Days between visits. The tables name visits only; what a marker remembers of the visit before is exp(-turnover times half of it),
/// below 1 % for both.
pub const DAYS: f64 = 28.0;

/// Files of the problem that do not depend on the data.
const FIXED: [(&str, &str); 6] = [
    ("model.toml", include_str!("problem/model.toml")),
    ("parameters.tsv", include_str!("problem/parameters.tsv")),
    ("observables.tsv", include_str!("problem/observables.tsv")),
    (
        "random_effects.tsv",
        include_str!("problem/random_effects.tsv"),
    ),
    (
        "covariate_effects.tsv",
        include_str!("problem/covariate_effects.tsv"),
    ),
    ("problem.yaml", include_str!("problem/problem.yaml")),
];

/// The problem as files: name and content, `problem.yaml` last.
pub fn files(study: &Study, days: f64) -> Vec<(String, Vec<u8>)> {
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\tcensoring\n".to_owned();
    let mut experiments = "experimentId\ttime\tconditionId\n".to_owned();
    let mut inputs = "experimentId\tinputId\ttime\tvalue\n".to_owned();
    let mut individuals = "individualId\texperimentId\tbutyrate_mean\n".to_owned();
    // writing to a text cannot fail
    for (number, subject) in study.subjects.iter().enumerate() {
        let id = format!("s{}", number + 1);
        let _ = writeln!(experiments, "{id}\t0\t");
        let _ = writeln!(
            individuals,
            "{}\t{id}\t{}",
            subject.id,
            subject.usual_butyrate()
        );
        let mut before = None;
        for (visit, butyrate) in subject.butyrate.iter().enumerate() {
            let Some(butyrate) = butyrate else { continue };
            let from = before.map_or(0.0, |last: usize| 0.5 * (last + visit) as f64 * days);
            let _ = writeln!(inputs, "{id}\tbutyrate\t{from}\t{butyrate}");
            before = Some(visit);
        }
        let used = |marker: usize| {
            subject
                .used(marker)
                .map(move |(visit, _, r)| (visit, marker, r))
        };
        let mut readings: Vec<(usize, usize, Reading)> =
            (0..MARKERS.len()).flat_map(used).collect();
        readings.sort_by_key(|(visit, marker, _)| (*visit, *marker));
        for (visit, marker, reading) in readings {
            let (value, censoring) = match reading {
                Reading::Below(limit) => (limit, "left"),
                Reading::Value(v) | Reading::Above(v) | Reading::Between(v, _) => (v, "none"),
            };
            let (observable, time) = (MARKERS[marker].0, visit as f64 * days);
            let _ = writeln!(
                measurements,
                "{observable}_reading\t{id}\t{time}\t{value}\t{censoring}"
            );
        }
    }
    let data = [
        ("measurements.tsv", measurements),
        ("experiments.tsv", experiments),
        ("inputs.tsv", inputs),
        ("individuals.tsv", individuals),
    ];
    let fixed = FIXED.iter().map(|(name, text)| (*name, (*text).to_owned()));
    let all = data.into_iter().chain(fixed);
    all.map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .collect()
}

/// The problem, by way of files in a folder of its own.
pub fn problem(
    study: &Study,
    days: f64,
) -> Result<PopulationProblem, Box<dyn Error + Send + Sync>> {
    let lines = |errors: Vec<petab::PetabError>| {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        texts.join("\n")
    };
    let folder = tempfile::tempdir()?;
    write_files(folder.path(), &files(study, days))?;
    let read = petab::read(&folder.path().join("problem.yaml")).map_err(lines)?;
    Ok(read.population_problem().map_err(lines)?)
}

/// Writes the problem for `holobiont fit`.
pub fn write(study: &Study, folder: &Path) -> Result<(), Box<dyn Error>> {
    Ok(write_files(folder, &files(study, DAYS))?)
}

/// What a fit says of one marker.
#[derive(Clone, Debug)]
pub struct Marker {
    /// elasticity within subjects
    pub within: Interval,
    /// elasticity between subjects' means
    pub between: Interval,
    /// variance between subjects and of the noise, of logarithms
    pub variances: [f64; 2],
}

/// Fits a problem by FOCEI, which is exact here: the logarithm of a reading is linear in the effects.
pub fn fit(
    problem: &PopulationProblem,
    given: Option<&Natural>,
    routes: &[Method],
) -> Result<PopulationFit, Box<dyn Error + Send + Sync>> {
    let mut options = PopulationFitOptions {
        routes: routes.to_vec(),
        ..PopulationFitOptions::default()
    };
    options.search.threads = Some(1);
    options.search.nominal = given.is_none();
    let given: Vec<Natural> = given.into_iter().cloned().collect();
    let fit = fit_population(problem, &options, &given, Control::default(), None)?;
    if fit.converged {
        Ok(fit)
    } else {
        Err(format!("the search did not converge: {:?}", fit.stop).into())
    }
}

/// The parts of a fit that belong to a marker; an error where a standard error does not exist.
pub fn marker(fit: &PopulationFit, marker: usize) -> Result<Marker, Box<dyn Error + Send + Sync>> {
    let of = |name: &str| {
        let id = format!("{}_{name}", MARKERS[marker].0);
        let row = fit.estimates.iter().find(|e| e.id == id);
        row.ok_or_else(|| format!("the problem estimates no `{id}`"))
    };
    let interval = |name: &str| -> Result<Interval, String> {
        let row = of(name)?;
        let error = row.natural_standard_error;
        let error = error.ok_or_else(|| format!("`{}` has no standard error", row.id))?;
        Ok(Interval {
            value: row.value,
            error,
        })
    };
    let square = |name: &str| of(name).map(|row| row.value * row.value);
    Ok(Marker {
        within: interval("elasticity")?,
        between: interval("between")?,
        variances: [square("spread")?, square("noise")?],
    })
}

/// Where -2 ln L, minimised over all else, is 3.84 (the 95 % point of chi-squared) above its minimum on either side of the elasticity.
pub fn profile(
    problem: &PopulationProblem,
    best: &PopulationFit,
    marker: usize,
) -> Result<(f64, f64), Box<dyn Error + Send + Sync>> {
    let rise = Interval::QUANTILE * Interval::QUANTILE;
    let id = format!("{}_elasticity", MARKERS[marker].0);
    let table = &problem.problem.parameters;
    let row = table.index_of(&id).ok_or("the problem has no elasticity")?;
    let centre = best.natural(problem);
    let wald = self::marker(best, marker)?.within;
    let end = |sign: f64| -> Result<f64, Box<dyn Error + Send + Sync>> {
        let mut away = sign * Interval::QUANTILE * wald.error;
        for _ in 0..8 {
            let mut held = problem.clone();
            held.problem.parameters.rows[row].estimate = false;
            held.problem.parameters.rows[row].nominal = wald.value + away;
            let mut start = centre.clone();
            start.0[row] = wald.value + away;
            let value = fit(&held, Some(&start), &[])?.minus_two_log_likelihood;
            let above = value - best.minus_two_log_likelihood;
            if (above - rise).abs() < 1e-4 {
                break;
            }
            away *= (rise / above.max(1e-3)).sqrt();
        }
        Ok(wald.value + away)
    };
    Ok((end(-1.0)?, end(1.0)?))
}
