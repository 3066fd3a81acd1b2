//! Fits a virtual fibre study of twelve volunteers, embedded in the repository, and recovers its truth.
//!
//! The readings were drawn from the model `chemostat` by `holobiont virtual` (seed 1) at the values of `problem/truth.tsv`; fatty
//! acids below 25 mmol/l are only known to lie below. Every volunteer starts at the steady state of the usual diet, half of them
//! eat 20 g/d more fibre from day 0 on. Usage: `fit_cohort [FOLDER]`.
use holobiont::{
    exchange::{files::write_files, petab},
    fit::{Control, FitOptions, MultiStartOptions, fit},
    report::{Report, ReportOptions, Sources},
};
use std::{error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/fit_cohort".into());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fit_cohort/problem");
    let lines = |errors: Vec<petab::PetabError>| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let on_disk = petab::read(&here.join("problem.yaml")).map_err(lines)?;
    let sources = Sources::of(&on_disk)?;
    let problem = on_disk.fit_problem().map_err(lines)?;
    let truth: Vec<(String, f64)> = std::fs::read_to_string(here.join("truth.tsv"))?
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .map(|(id, value)| Ok((id.to_string(), value.parse()?)))
        .collect::<Result<_, std::num::ParseFloatError>>()?;

    println!(
        "{} volunteers, {} parameters",
        problem.cohort.subjects.len(),
        problem.parameters.estimated().len()
    );
    let options = FitOptions {
        search: MultiStartOptions {
            starts: 3,
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let found = fit(&problem, &options, &[], Control::default(), None)?;

    println!(
        "{:<14}{:>10}{:>10}   95 % interval",
        "parameter", "truth", "estimate"
    );
    let mut inside = 0;
    for estimate in &found.uncertainty.estimates {
        let known = truth
            .iter()
            .find(|(id, _)| *id == estimate.id)
            .map_or(f64::NAN, |(_, value)| *value);
        let interval = estimate.interval.map_or("none".into(), |(low, high)| {
            inside += usize::from(low <= known && known <= high);
            format!("{low:.3} to {high:.3}")
        });
        println!(
            "{:<14}{known:>10.3}{:>10.3}   {interval}",
            estimate.id, estimate.value
        );
    }
    println!(
        "{inside} of {} intervals hold the truth",
        found.uncertainty.estimates.len()
    );

    let shown = ReportOptions {
        sources: Some(&sources),
        truth: Some(&truth),
        ..ReportOptions::default()
    };
    let mut files = Report::of_fit(&problem, &found, shown)?.files()?;
    files.push(("fit.json".into(), serde_json::to_vec_pretty(&found)?));
    write_files(Path::new(&folder), &files)?;
    println!("report.html, pictures, tables and fit.json are in {folder}");
    Ok(())
}
