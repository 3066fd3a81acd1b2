//! Batch monocultures of three gut species (Garza et al. 2023): our batch model fitted to each, beside the published 102 parameters.
//!
//! Usage: `garza2023_batch DIR [--quick] [--output DIR]`, DIR with `bh.csv`, `bt.csv`, `ri.csv` and `published_parameters.csv`;
//! `--quick` fits from the documented start alone, `--output` writes pictures.
use std::{error::Error, path::PathBuf};

mod models;
mod pictures;
mod readings;
mod study;
use readings::MONOCULTURES;

const USAGE: &str = "usage: garza2023_batch DIR [--quick] [--output DIR]";
/// Sampled starts beside the documented one.
const STARTS: usize = 4;
/// Seed of the sampled starts.
const SEED: u64 = 1;

struct Arguments {
    folder: PathBuf,
    quick: bool,
    output: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let (mut folder, mut quick, mut output) = (None, false, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => quick = true,
            "--output" => output = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
            _ if folder.is_none() && !word.starts_with("--") => folder = Some(PathBuf::from(word)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Arguments {
        folder: folder.ok_or(USAGE)?,
        quick,
        output,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments {
        folder,
        quick,
        output,
    } = arguments()?;
    println!("Sums of squared residuals, each divided by the range of its quantity.");
    println!(
        "Published: 102 parameters of github.com/danielriosgarza/hungerGamesModel, fitted there to another objective."
    );
    if let Some(output) = &output {
        std::fs::create_dir_all(output)?;
    }
    for of in MONOCULTURES {
        let data = readings::read(&folder, of)?;
        let published = models::published(&folder, of.id)?;
        let theirs = study::weigh(
            &study::problem(&published, &data)?,
            &published.parameters.nominal(),
        )?;
        let model = models::ours(of.id)?;
        let problem = study::problem(&model, &data)?;
        let fitted = study::fit(&problem, if quick { 0 } else { STARTS }, SEED)?;

        println!("\n{} ({}): {}", of.name, of.id, of.experiments.join(", "));
        for fault in &data.faults {
            println!("fault in {}.csv: {fault}", of.id);
        }
        println!(
            "{:<12}{:>6}{:>12}{:>10}",
            "quantity", "n", "published", "ours"
        );
        let line = |name: &str, n: usize, theirs: f64, ours: f64| {
            let worse = if ours > theirs { "  worse" } else { "" };
            println!("{name:<12}{n:>6}{theirs:>12.3}{ours:>10.3}{worse}");
        };
        for (q, quantity) in of.quantities.iter().enumerate() {
            let (theirs, ours) = (theirs.sums[q], fitted.sum.sums[q]);
            line(quantity, fitted.sum.counts[q], theirs, ours);
        }
        let n = fitted.sum.counts.iter().sum();
        line("total", n, theirs.total(), fitted.sum.total());
        println!(
            "parameters fitted: {} published, {} ours",
            published.fitted, model.fitted
        );
        let ends = fitted.ends.iter().map(|end| match end {
            Some(end) => format!("{end:.3}"),
            None => "failed".to_string(),
        });
        let ends: Vec<String> = ends.collect();
        println!(
            "ends of the searches, from the documented start first: {}",
            ends.join(" ")
        );
        for (row, value) in model.parameters.rows.iter().zip(&fitted.natural.0) {
            let unit = row.unit.as_deref().unwrap_or("");
            let [x, lower, upper] = [*value, row.lower, row.upper].map(|v| row.scale.search(v));
            // a search ends near a bound, not on it
            let at_bound = match (x - lower) / (upper - lower) {
                share if share < 1e-3 => "  at its lower bound",
                share if share > 1.0 - 1e-3 => "  at its upper bound",
                _ => "",
            };
            println!("  {:<26}{value:>12.6} {unit}{at_bound}", row.id);
        }
        if let Some(output) = &output {
            let picture = pictures::draw(
                &data,
                (&published, &published.parameters.nominal()),
                (&model, &fitted.natural),
            )?;
            std::fs::write(output.join(format!("{}.svg", of.id)), picture.svg()?)?;
        }
    }
    Ok(())
}
