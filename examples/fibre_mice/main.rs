//! Mice on fibre diets: fits a community to some, forecasts others from their day-0 samples and their diets alone.
//!
//! Usage: `fibre_mice --train DIR --test DIR [--output DIR] [--mixed [--quick]]`, each DIR with `samples.csv`, `load.csv`, `scfa.csv`
//! and `absolute_genus.csv` (`tables` lists their columns).
//!
//! `--mixed` also fits the mixed model: effects of mice and of their vendors (`effects` lists them with their priors,
//! `mixed` says how they are fitted), and forecasts distributions. A new vendor's effects come from their priors and from the day-0
//! samples of all its test mice; they are given for each mouse by itself as well. Then `forecast.csv` holds the mixed model's
//! forecasts with the limits of 90 % intervals in `lower` and `upper`. `--quick` takes few mice and few draws.
use holobiont::{
    exchange::files::write_files,
    exchange::petab::Composition,
    fit::{FitProblem, Natural},
    report::{FileDigest, Report, ReportOptions, Sources},
};
use std::{
    error::Error,
    path::{Path, PathBuf},
    time::Instant,
};

mod community;
mod comparison;
mod conditional;
mod effects;
mod forecast;
mod mixed;
mod predictive;
mod scores;
mod study;
mod tables;
mod variation;
use community::Community;
use comparison::Comparison;
use forecast::{Prepared, fit_training, forecast};
use scores::{GROUPS, Quantities, Scoring};
use tables::Days;

struct Arguments {
    train: PathBuf,
    test: PathBuf,
    output: Option<PathBuf>,
    mixed: bool,
    quick: bool,
}

const USAGE: &str = "usage: fibre_mice --train DIR --test DIR [--output DIR] [--mixed [--quick]]";

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let (mut train, mut test, mut output) = (None, None, None);
    let mut list = std::env::args().skip(1);
    let (mut mixed, mut quick) = (false, false);
    while let Some(flag) = list.next() {
        let to = match flag.as_str() {
            "--train" => &mut train,
            "--test" => &mut test,
            "--output" => &mut output,
            "--mixed" => {
                mixed = true;
                continue;
            }
            "--quick" => {
                quick = true;
                continue;
            }
            other => return Err(format!("`{other}` is not known; {USAGE}").into()),
        };
        *to = Some(PathBuf::from(
            list.next()
                .ok_or_else(|| format!("{flag} needs a folder"))?,
        ));
    }
    let needed =
        |folder: Option<PathBuf>, flag: &str| folder.ok_or_else(|| format!("{flag} DIR is needed"));
    if quick && !mixed {
        return Err(format!("`--quick` goes with `--mixed`; {USAGE}").into());
    }
    Ok(Arguments {
        train: needed(train, "--train")?,
        test: needed(test, "--test")?,
        output,
        mixed,
        quick,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let training = tables::read(&arguments.train, Days::All)?;
    let first = tables::read(&arguments.test, Days::First)?;
    let prepared = Prepared::new(&training)?;
    let (design, problem) = prepared.training(&training)?;
    let sources = sources(&arguments.train, prepared.quantities.len())?;
    let begun = Instant::now();
    let found = fit_training(&problem)?;
    let natural = found.natural(&problem);
    println!(
        "{} mice fitted with {} parameters ({} shared) in {:.1} s, end: {:?}",
        training.mice.len(),
        problem.parameters.estimated().len(),
        design.shared(),
        begun.elapsed().as_secs_f64(),
        found.stop
    );

    let known = &natural.0[..design.shared()];
    let forecasts = forecast(&design, &first, &training, known)?;
    let mixed = match arguments.mixed {
        true => Some(Comparison::new(
            &design,
            &training,
            &first,
            arguments.quick,
        )?),
        false => None,
    };
    // only now are the readings after day 0 of the test mice opened
    let test = tables::read(&arguments.test, Days::All)?;
    for note in training.notes.iter().chain(&test.notes) {
        println!("note: {note}");
    }
    let scoring = Scoring {
        quantities: &prepared.quantities,
        training: &training,
        test: &test,
        forecasts: &forecasts,
    };
    print_scores(&scoring, &prepared.spreads);
    print_inulin(
        &arguments.train,
        &prepared.quantities,
        &prepared.community,
        &problem,
        &natural,
    )?;
    if let Some(mixed) = &mixed {
        mixed.print(&scoring);
    }
    if let Some(folder) = &arguments.output {
        let shown = ReportOptions {
            sources: Some(&sources),
            ..ReportOptions::default()
        };
        let table = match &mixed {
            None => scoring.table(None),
            Some(Comparison { together, .. }) => {
                together.scoring(&scoring).table(Some(together.limits()))
            }
        };
        let html = Report::of_fit(&problem, &found, shown)?.html()?;
        let files = [
            ("forecast.csv".to_string(), table.into_bytes()),
            ("report.html".to_string(), html.into_bytes()),
        ];
        write_files(folder, &files)?;
        println!(
            "\nforecast.csv and the report of the fit are in {}",
            folder.display()
        );
    }
    Ok(())
}

/// Digests of the training tables, and which quantities form a community: the genera.
fn sources(folder: &Path, quantities: usize) -> Result<Sources, Box<dyn Error>> {
    let digest = |table: &&str| -> Result<FileDigest, std::io::Error> {
        let name = format!("{table}.csv");
        Ok(FileDigest::of(&name, &std::fs::read(folder.join(&name))?))
    };
    let tables = ["samples", "load", "scfa", "absolute_genus"];
    Ok(Sources {
        model_id: "fibre_mice".into(),
        files: tables.iter().map(digest).collect::<Result<_, _>>()?,
        compositions: vec![Composition {
            name: "genera".into(),
            observables: (1 + tables::ACIDS.len()..quantities).collect(),
        }],
        ..Sources::default()
    })
}

fn print_rows(title: &str, rows: &[scores::Row; 3]) {
    for (name, row) in GROUPS.iter().zip(rows) {
        let values: Vec<String> = row.rmse.iter().map(|value| format!("{value:.3}")).collect();
        println!("{title} {name} {}", values.join(" "));
    }
}

fn print_scores(scoring: &Scoring, spreads: &[variation::Spread]) {
    println!("RMSE quantity model carry mean change average");
    print_rows("RMSE", &scoring.rmse(1.0, false));
    println!("\ndetected readings alone");
    print_rows("detected", &scoring.rmse(1.0, true));
    println!("\nfloors ten times lower, ten times higher");
    print_rows("floors/10", &scoring.rmse(0.1, false));
    print_rows("floors*10", &scoring.rmse(10.0, false));
    let sd: Vec<f64> = spreads[1 + tables::ACIDS.len()..]
        .iter()
        .map(|s| s.within.hypot(s.passing))
        .collect();
    let [model, share] = scoring.presence(&sd);
    println!(
        "\npresence of genera, mean ln score: model {model:.3}, share of training mice {share:.3}"
    );
    let all = scoring.rmse(1.0, false);
    for (name, row) in GROUPS.iter().zip(all) {
        let names = ["carry", "mean", "change", "average"];
        let better: Vec<&str> = names
            .iter()
            .zip(&row.rmse[1..])
            .filter(|(_, rmse)| **rmse < row.rmse[0])
            .map(|(n, _)| *n)
            .collect();
        if !better.is_empty() {
            println!(
                "{name}: {} still forecast better than the model",
                better.join(", ")
            );
        }
    }
}

/// What the fitted community says about inulin beside the published regression, where the training folder has it.
fn print_inulin(
    folder: &Path,
    quantities: &Quantities,
    community: &Community,
    problem: &FitProblem,
    natural: &Natural,
) -> Result<(), Box<dyn Error>> {
    let published = tables::published_inulin(&folder.join("published_glv_inulin_top20.csv"))?;
    println!(
        "\ninulin: growth on it beside growth on what all diets share (1/d), and the published response of its species (1/d, 95 % interval)"
    );
    let value = |id: String| {
        let row = problem.parameters.rows.iter().position(|row| row.id == id);
        natural.0[row.expect("a shared row")].exp()
    };
    for (name, id) in quantities.genera.iter().zip(&community.guilds) {
        let (inulin, base) = (
            value(format!("ln_gmax_{id}_inulin")),
            value(format!("ln_gmax_{id}_base")),
        );
        let theirs: Vec<String> = published
            .iter()
            .filter(|response| response.taxon.split("_dash_").next() == name.split('-').next())
            .map(|r| {
                format!(
                    "{} {:.2} ({:.2}, {:.2})",
                    r.taxon.replace("_dash_", "-"),
                    r.median,
                    r.low,
                    r.high
                )
            })
            .collect();
        println!("{name:<32}{inulin:>7.2}{base:>7.2}   {}", theirs.join("; "));
    }
    if published.is_empty() {
        println!("(published_glv_inulin_top20.csv is not in the training folder)");
    }
    Ok(())
}
