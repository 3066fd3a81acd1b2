//! Mice on fibre diets: fits a community to some, forecasts others from their day-0 sample and their diet alone.
//!
//! Usage: `fibre_mice --train DIR --test DIR [--output DIR]`, each DIR with `samples.csv`, `load.csv`, `scfa.csv` and
//! `absolute_genus.csv` (`tables` lists their columns).
use holobiont::{
    exchange::files::write_files,
    fit::{
        CohortObjective, Control, Fit, FitOptions, FitProblem, LocalMethod, MultiStartOptions,
        Natural, ObjectiveOptions, TrustRegionOptions, fit, local_fit,
    },
    report::{Report, ReportOptions},
    solve::{Method, Tolerances, Tsit5},
};
use std::{error::Error, path::PathBuf, time::Instant};

mod community;
mod scores;
mod study;
mod tables;
mod variation;
use community::{Community, Constants};
use scores::{Forecast, GROUPS, Quantities, Scoring};
use study::{Assumptions, Design};
use tables::{Days, Mouse, Study};

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

/// The search: far tighter than the scatter of the readings asks for.
fn search() -> TrustRegionOptions {
    TrustRegionOptions {
        max_iterations: 60,
        value_tolerance: 1e-8,
        ..TrustRegionOptions::default()
    }
}

/// One local fit from the centres of the priors.
fn fit_training(problem: &FitProblem) -> Result<Fit, Box<dyn Error>> {
    let search = MultiStartOptions {
        starts: 0,
        method: LocalMethod::TrustRegion(search()),
        ..MultiStartOptions::default()
    };
    let options = FitOptions {
        objective: options(),
        search,
        ..FitOptions::default()
    };
    Ok(fit(problem, &options, &[], Control::default(), None)?)
}

/// The most probable own parameters of mice whose shared ones are known.
fn fit_own(problem: &FitProblem) -> Result<Natural, Box<dyn Error>> {
    let objective = CohortObjective::new(problem, options())?;
    let (lower, upper) = problem.parameters.search_bounds();
    let start = problem.parameters.search(&problem.parameters.nominal());
    let method = LocalMethod::TrustRegion(search());
    let found = local_fit(
        &objective,
        (&lower, &upper),
        &start,
        &method,
        Control::default(),
    );
    if found.value.is_none() {
        return Err(format!(
            "no feasible point for the mice to forecast: {:?}",
            found.stop
        )
        .into());
    }
    Ok(problem.parameters.natural(&found.x))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let training = tables::read(&arguments.train, Days::All)?;
    let first = tables::read(&arguments.test, Days::First)?;
    let quantities = Quantities::of(&training);
    let spreads = variation::spreads(&quantities, &training);
    let community = Community::new(&quantities, Constants::default())?;
    let assumptions = Assumptions::default();
    let design = Design::new(&community, &quantities, &spreads, &training, assumptions);
    let all = |mouse: &Mouse| {
        mouse
            .samples
            .iter()
            .map(|s| (s.day, Some(s.clone())))
            .collect()
    };
    let problem = design.problem(&training, None, &all)?;
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
    // only now are the readings after day 0 of the test mice opened
    let test = tables::read(&arguments.test, Days::All)?;
    for note in training.notes.iter().chain(&test.notes) {
        println!("note: {note}");
    }
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
        let html = Report::of_fit(&problem, &found, ReportOptions::default())?.html()?;
        let files = [
            ("forecast.csv".to_string(), scoring.table().into_bytes()),
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

/// Fits each test mouse's own parameters to its day-0 sample and runs its diet.
fn forecast(
    design: &Design,
    first: &Study,
    training: &Study,
    known: &[f64],
) -> Result<Vec<Forecast>, Box<dyn Error>> {
    let days = Scoring::days(training);
    let start = |mouse: &Mouse| vec![(0, Some(mouse.start().clone()))];
    let natural = fit_own(&design.problem(first, Some(known), &start)?)?;
    let later = |mouse: &Mouse| days[mouse.diet].iter().map(|day| (*day, None)).collect();
    let ahead = design.problem(first, Some(known), &later)?;
    let forecasts = design.forecasts(&ahead, &natural, &options());
    let named = forecasts.into_iter().zip(&first.mice);
    named
        .map(|(forecast, mouse)| {
            forecast.ok_or_else(|| {
                format!("mouse `{}`: the forecast could not be computed", mouse.id).into()
            })
        })
        .collect()
}
