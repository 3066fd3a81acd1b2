//! Fits a virtual fibre study in twelve mice, embedded in the repository, and recovers its truth.
//!
//! The model is `gut_scfa` in its mouse setting. Every mouse is at the steady state of chow until day 0; from then on it eats a purified
//! diet with cellulose alone, with resistant starch or with inulin. Eight stools of 14 days give the load (16S copies), three acids and the
//! copies of five guilds. Below 2 mmol/l (butyrate 4) and, for guilds, 1e11 copies/l a reading is only known to lie below. The readings
//! were drawn by `holobiont virtual` (seed 1, with these `--limit`s) at the values of `problem/truth.tsv`: ten numbers that the mice
//! share, food and transit of each mouse.
//! Usage: `fit_cohort [FOLDER]`.
use holobiont::{
    exchange::{files::write_files, petab},
    fit::{Control, FitOptions, LocalMethod, MultiStartOptions, Sampling, TrustRegionOptions, fit},
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
        "{} mice, {} parameters",
        problem.cohort.subjects.len(),
        problem.parameters.estimated().len()
    );
    let options = FitOptions {
        search: MultiStartOptions {
            starts: 2,
            sampling: Sampling::Prior,
            // a search that sits in a local optimum need not be finished to be told from the best
            method: LocalMethod::TrustRegion(TrustRegionOptions {
                max_iterations: 30,
                ..TrustRegionOptions::default()
            }),
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let found = fit(&problem, &options, &[], Control::default(), None)?;

    println!(
        "{:<18}{:>10}{:>10}   95 % interval",
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
            format!("{} to {}", short(low), short(high))
        });
        println!(
            "{:<18}{:>10}{:>10}   {interval}",
            estimate.id,
            short(known),
            short(estimate.value)
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

/// A number for people.
fn short(value: f64) -> String {
    if value.abs() < 1e5 {
        format!("{value:.3}")
    } else {
        format!("{value:.2e}")
    }
}
