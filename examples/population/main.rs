//! Mixed effects: plasma propionate of 24 virtual subjects after a capsule, by FOCEI and by SAEM, beside the truth.
//!
//! `cargo run --release --example population [-- FOLDER]` writes a report of each fit into the folder (`target/population`). Absorption, volume,
//! clearance and baseline vary between subjects, clearance with weight; volume and clearance are correlated; readings below 8 umol/L are
//! censored. All numbers are invented: readings were drawn once from the model at the values of `truth.tsv`.
use holobiont::exchange::petab;
use holobiont::fit::Control;
use holobiont::population::{Estimator, PopulationFitOptions, fit_population};
use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/population".to_owned());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/population/problem");
    let lines = |errors: Vec<petab::PetabError>| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let problem = petab::read(&here.join("problem.yaml")).map_err(lines)?;
    let population = problem.population_problem().map_err(lines)?;
    let truth = fs::read_to_string(here.join("truth.tsv"))?;
    for estimator in [Estimator::Focei, Estimator::Saem] {
        let options = PopulationFitOptions {
            estimator,
            ..PopulationFitOptions::default()
        };
        let fit = fit_population(&population, &options, &[], Control::default(), None)?;
        println!("{estimator:?}: -2 ln L {:.3}", fit.minus_two_log_likelihood);
        println!(
            "{:16} {:>9} {:>9}   95 % interval",
            "parameter", "truth", "estimate"
        );
        for estimate in &fit.estimates {
            let mut rows = truth.lines().filter_map(|line| line.split_once('\t'));
            let truth = rows
                .find(|(id, _)| *id == estimate.id)
                .map_or("", |(_, value)| value);
            let interval = estimate
                .interval
                .map_or_else(String::new, |(from, to)| format!("{from:.3} to {to:.3}"));
            println!(
                "{:16} {truth:>9} {:>9.3}   {interval}",
                estimate.id, estimate.value
            );
        }
        for route in &fit.certificate.routes {
            if let Some(value) = route.minus_two_log_likelihood {
                let error = route
                    .error
                    .map_or_else(String::new, |e| format!(" +- {e:.2e}"));
                println!("  -2 ln L by {}: {value:.3}{error}", route.method.name());
            }
        }
        let name = format!("{estimator:?}").to_lowercase();
        let json = serde_json::to_string_pretty(&fit)?;
        let output = Path::new(&folder).join(name);
        fs::create_dir_all(&output)?;
        fs::write(output.join("fit.json"), json)?;
    }
    println!(
        "written to {folder}; `holobiont fit examples/population/problem/problem.yaml --output DIR` writes reports"
    );
    Ok(())
}
