//! The nine mice of Stein et al. 2013: the published regression repeated, Lotka-Volterra trajectories fitted and forecast.
//!
//! Usage: `stein2013 DIR [--quick] [--output FOLDER]`, DIR with `mice.csv` and `regression_{F,Y,penalty}.csv`. `--quick` leaves
//! the forecasts and the choice of the prior out; `--output` writes a picture of each mouse and `forecast.csv`.
use holobiont::{exchange::files::write_files, fit::Natural, library::LotkaVolterra, models};
use std::{error::Error, path::PathBuf, sync::Arc};

mod choice;
mod mice;
mod pictures;
mod regression;
mod study;
use choice::{OFFERED, Trials, WIDTHS, fit_without};
use mice::{Mouse, carried, mean_of_others, rmse, squared_error};
use study::{Assumptions, Study};

const USAGE: &str = "usage: stein2013 DIR [--quick] [--output FOLDER]";
/// C. difficile, which the file does not carry.
const INOCULATION: &str = "C. difficile given to population 3 on day 1 (not in the file; Buffie et al. 2012, doi:10.1128/IAI.05496-11)";

struct Request {
    folder: PathBuf,
    quick: bool,
    output: Option<PathBuf>,
}

fn request() -> Result<Request, String> {
    let (mut folder, mut quick, mut output) = (None, false, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => quick = true,
            "--output" => output = Some(words.next().ok_or(USAGE)?.into()),
            _ if folder.is_none() && !word.starts_with('-') => folder = Some(word.into()),
            _ => return Err(format!("`{word}` was not expected; {USAGE}")),
        }
    }
    if quick && output.is_some() {
        return Err("--quick leaves out what --output would show: give one of them".into());
    }
    Ok(Request {
        folder: folder.ok_or(USAGE)?,
        quick,
        output,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let request = request()?;
    let model = models::get("stein2013").ok_or("the model ships inside the crate")?;
    let model = model.map_err(|errors| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    let system = Arc::new(model.network.compile()?);
    let taxa = system.state_ids().to_vec();
    let (worst, compared) = regression::repeat(&request.folder, &system)?;
    println!(
        "regression: {compared} coefficients, largest difference from the published {worst:.1e}"
    );
    let mice = mice::read(&request.folder.join("mice.csv"), &taxa)?;
    let study = Study {
        community: LotkaVolterra {
            taxa,
            perturbations: vec!["clindamycin".into()],
            unit: None,
        },
        system,
    };
    print_yardsticks(&study, &mice)?;
    if request.quick {
        print_quick(&study, &mice)?;
    } else {
        for inoculation in [false, true] {
            let trials = Trials::run(&study, &mice, inoculation)?;
            print_trials(&mice, &trials, inoculation);
            if let (Some(folder), false) = (&request.output, inoculation) {
                let files = pictures::files(&study, &mice, &trials)?;
                write_files(folder, &files)?;
            }
        }
    }
    if let Some(folder) = &request.output {
        println!("\npictures and forecast.csv are in {}", folder.display());
    }
    Ok(())
}

/// What a fit has to be compared with.
fn print_yardsticks(study: &Study, mice: &[Mouse]) -> Result<(), Box<dyn Error>> {
    let assumptions = Assumptions {
        width: WIDTHS[0],
        inoculation: false,
    };
    let system = &study.system;
    let value = |id: &str| {
        system
            .parameter_index(id)
            .map_or(0.0, |index| system.parameters()[index])
    };
    let table = study.table(&assumptions);
    let published = Natural(table.rows.iter().map(|row| value(&row.id)).collect());
    let simple = |predict: &dyn Fn(&Mouse) -> Vec<Vec<f64>>| {
        let parts: Vec<_> = mice
            .iter()
            .map(|mouse| squared_error(mouse, &predict(mouse)))
            .collect();
        rmse(&parts)
    };
    println!("\nRMSE of log10 density, nine mice, samples after day 0");
    println!(
        "published parameters          {:.3}",
        rmse(&study.score(mice, &published, &assumptions)?)
    );
    println!("first sample carried forward  {:.3}", simple(&carried));
    println!(
        "mean of the other mice        {:.3}  (same treatment and day)",
        simple(&|mouse| mean_of_others(mouse, mice))
    );
    Ok(())
}

/// Fits to all nine mice at all widths but the widest, which takes most of the time.
fn print_quick(study: &Study, mice: &[Mouse]) -> Result<(), Box<dyn Error>> {
    println!("\ntrajectories fitted (choice of the width and forecasts: not run)");
    println!("{:<35}in sample", "width of the interaction prior");
    let widths = &WIDTHS[..WIDTHS.len() - 1];
    let trials = fit_without(study, mice, &[], widths, false)?;
    for (width, trial) in widths.iter().zip(trials) {
        println!("{width:<35}{:.3}", rmse(&trial.errors));
    }
    Ok(())
}

fn print_trials(mice: &[Mouse], trials: &Trials, inoculation: bool) {
    let chosen = trials.choose(&[]);
    let choices: Vec<usize> = (0..mice.len()).map(|m| trials.choose(&[m])).collect();
    let (all, forecasts) = (trials.without(&[]), trials.left_out(|mouse| choices[mouse]));
    println!(
        "\ntrajectories fitted, {}",
        if inoculation {
            INOCULATION
        } else {
            "no inoculation"
        }
    );
    println!(
        "{:<35}{:<12}each mouse left out",
        "width of the interaction prior", "in sample"
    );
    println!(
        "{:<35}{:<12.3}{:.3}",
        "chosen without the mouse",
        rmse(&all[chosen].errors),
        rmse(&forecasts)
    );
    for (index, width) in WIDTHS.iter().enumerate() {
        println!(
            "{:<35}{:<12.3}{:.3}",
            if OFFERED.contains(&index) {
                format!("{width} for all")
            } else {
                format!("{width} for all (not a choice)")
            },
            rmse(&all[index].errors),
            rmse(&trials.left_out(|_| index))
        );
    }
    println!(
        "{:<10}{:<12}{:<15}{:<12}left out   chosen from these errors of leaving out one more, width {}",
        "",
        "population",
        "chosen width",
        "in sample",
        WIDTHS.map(|width| width.to_string()).join(", ")
    );
    let inner = |out: &[usize]| {
        (0..WIDTHS.len())
            .map(|width| format!("{:.3}", trials.inner_error(out, width)))
            .collect::<Vec<_>>()
            .join("  ")
    };
    for (index, mouse) in mice.iter().enumerate() {
        println!(
            "{:<10}{:<12}{:<15}{:<12.3}{:<11.3}{}",
            mouse.id,
            mouse.population,
            WIDTHS[choices[index]],
            rmse(&[all[chosen].errors[index]]),
            rmse(&[forecasts[index]]),
            inner(&[index])
        );
    }
    println!(
        "{:<22}{:<15}{:<12.3}{:<11.3}{}",
        "all",
        WIDTHS[chosen],
        rmse(&all[chosen].errors),
        rmse(&forecasts),
        inner(&[])
    );
}
