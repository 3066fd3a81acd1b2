//! Mice on fibre diets: fits a community to some, forecasts others from their day-0 sample and their diet alone.
//!
//! Usage: `fibre_mice --train DIR --test DIR [--output DIR]`, each DIR with `samples.csv`, `load.csv`, `scfa.csv` and
//! `absolute_genus.csv` (`tables` lists their columns).
use holobiont::{
    fit::{
        CohortObjective, Control, LocalMethod, Natural, ObjectiveOptions, TrustRegionOptions,
        local_fit,
    },
    solve::{Method, Tolerances, Tsit5},
};
use std::{collections::HashMap, error::Error, path::PathBuf, time::Instant};

mod community;
mod scores;
mod study;
mod tables;
mod variation;
use community::{Community, Constants};
use scores::{Forecast, GROUPS, Quantities, Scoring};
use study::{Assumptions, Design};
use tables::{Days, Sample, Study};

struct Arguments {
    train: PathBuf,
    test: PathBuf,
    output: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let (mut train, mut test, mut output) = (None, None, None);
    let mut list = std::env::args().skip(1);
    while let Some(flag) = list.next() {
        let to = match flag.as_str() {
            "--train" => &mut train,
            "--test" => &mut test,
            "--output" => &mut output,
            other => return Err(format!(
                "`{other}` is not known; usage: fibre_mice --train DIR --test DIR [--output DIR]"
            )
            .into()),
        };
        *to = Some(PathBuf::from(
            list.next()
                .ok_or_else(|| format!("{flag} needs a folder"))?,
        ));
    }
    let needed =
        |folder: Option<PathBuf>, flag: &str| folder.ok_or_else(|| format!("{flag} DIR is needed"));
    Ok(Arguments {
        train: needed(train, "--train")?,
        test: needed(test, "--test")?,
        output,
    })
}

fn options() -> ObjectiveOptions {
    ObjectiveOptions {
        method: Method::Tsit5(Tsit5::default()),
        tolerances: Tolerances {
            relative: 1e-4,
            absolute: 1e-6,
        },
        ..ObjectiveOptions::default()
    }
}

/// One local fit from the centre of the priors.
fn fit(problem: &holobiont::fit::FitProblem) -> Result<Natural, Box<dyn Error>> {
    let objective = CohortObjective::new(problem, options())?;
    let (lower, upper) = problem.parameters.search_bounds();
    let start = problem.parameters.search(&problem.parameters.nominal());
    let method = LocalMethod::TrustRegion(TrustRegionOptions {
        max_iterations: 60,
        value_tolerance: study::e("TOL", 1e-8),
        ..TrustRegionOptions::default()
    });
    let fit = local_fit(
        &objective,
        (&lower, &upper),
        &start,
        &method,
        Control::default(),
    );
    let value = fit
        .value
        .ok_or_else(|| format!("the fit found no feasible point: {:?}", fit.stop))?;
    eprintln!("value {value:.1}, {:?}, {:?}", fit.stop, fit.counts);
    Ok(problem.parameters.natural(&fit.x))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let training = tables::read(&arguments.train, Days::All)?;
    let first = tables::read(&arguments.test, Days::First)?;
    let quantities = Quantities::of(&training);
    let spreads = variation::spreads(&quantities, &training);
    let pathways: HashMap<String, String> = [
        (
            "bacteroides",
            "2 substrate -> 2 acetate + propionate + succinate + 2 H2 + CO2",
        ),
        (
            "lactate",
            "6 substrate + H2O -> 10 acetate + 4 lactate + 2 formate + ethanol",
        ),
        ("butyrate", "substrate -> butyrate + 2 CO2 + 2 H2"),
        ("acetogen", "substrate -> 3 acetate"),
        (
            "other",
            "3 substrate + 2 H2O -> 3 acetate + propionate + butyrate + 5 CO2 + 7 H2",
        ),
    ]
    .map(|(a, b)| (a.to_string(), b.to_string()))
    .into();
    let pathways: HashMap<String, String> = if std::env::var("GENERIC").is_ok() {
        let o = pathways["other"].clone();
        pathways.into_iter().map(|(k, _)| (k, o.clone())).collect()
    } else {
        pathways
    };
    let community = Community::new(&quantities, &pathways, Constants::default())?;
    let design = Design::new(
        &community,
        &quantities,
        &spreads,
        &training,
        Assumptions::default(),
    );
    let all = |mouse: &tables::Mouse| {
        mouse
            .samples
            .iter()
            .map(|s| (s.day, Some(s.clone())))
            .collect()
    };
    let problem = design.problem(&training, None, &all)?;
    let begun = Instant::now();
    let natural = fit(&problem)?;
    eprintln!(
        "{} parameters, {:.1} s",
        problem.parameters.estimated().len(),
        begun.elapsed().as_secs_f64()
    );

    let known = &natural.0[..design.shared()];
    let forecasts = forecast(&design, &first, &training, known)?;
    let test = tables::read(&arguments.test, Days::All)?;
    let scoring = Scoring {
        quantities: &quantities,
        training: &training,
        test: &test,
        forecasts: &forecasts,
    };
    print_scores(&scoring, &spreads);
    print_inulin(
        &arguments.train,
        &quantities,
        &community,
        &problem,
        &natural,
    )?;
    if let Some(folder) = &arguments.output {
        std::fs::create_dir_all(folder)?;
        let file = folder.join("forecast.csv");
        std::fs::write(&file, scoring.table())?;
        println!("{}", file.display());
    }
    Ok(())
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
    folder: &std::path::Path,
    quantities: &Quantities,
    community: &Community,
    problem: &holobiont::fit::FitProblem,
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

/// Fits each test mouse's own parameters to its day-0 sample and runs its diet.
fn forecast(
    design: &Design,
    first: &Study,
    training: &Study,
    known: &[f64],
) -> Result<Vec<Forecast>, Box<dyn Error>> {
    let days = Scoring::days(training);
    let start = |mouse: &tables::Mouse| vec![(0, Some(mouse.start().clone()))];
    let problem = design.problem(first, Some(known), &start)?;
    let natural = fit(&problem)?;
    let later = |mouse: &tables::Mouse| -> Vec<(u32, Option<Sample>)> {
        days[mouse.diet].1.iter().map(|day| (*day, None)).collect()
    };
    let ahead = design.problem(first, Some(known), &later)?;
    let forecasts = design.forecasts(&ahead, &natural, &options());
    forecasts
        .into_iter()
        .zip(&first.mice)
        .map(|(forecast, mouse)| {
            forecast.ok_or_else(|| {
                format!("mouse `{}`: the forecast could not be computed", mouse.id).into()
            })
        })
        .collect()
}
