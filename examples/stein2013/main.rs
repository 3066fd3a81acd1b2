//! The nine mice of Stein et al. 2013: the published regression repeated, Lotka-Volterra trajectories fitted and forecast.
//!
//! Usage: `stein2013 DIR [--quick]`, DIR with `mice.csv` and `regression_{F,Y,penalty}.csv`; `--quick` leaves the forecasts out.
use holobiont::{fit::Natural, library::LotkaVolterra, models};
use std::{error::Error, path::Path, sync::Arc};

mod mice;
mod regression;
mod study;
use mice::{carried, mean_of_others, rmse, squared_error};
use study::{Assumptions, Study};

/// Widths of the prior of interactions that are tried.
const WIDTHS: [f64; 4] = [0.3, 0.1, 0.05, 0.03];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("usage: stein2013 DIR [--quick]")?;
    let folder = Path::new(&folder);
    let quick = std::env::args().any(|a| a == "--quick");
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
    let community = LotkaVolterra {
        taxa: taxa.clone(),
        perturbations: vec!["clindamycin".into()],
        unit: None,
    };

    let (worst, compared) = regression::repeat(folder, &system)?;
    println!(
        "regression: {compared} coefficients, largest difference from the published {worst:.1e}"
    );

    let mice = mice::read(&folder.join("mice.csv"), &taxa)?;
    let study = Study {
        system: system.clone(),
        community,
    };
    let base = Assumptions {
        interaction: 0.1,
        sigma: 1.0,
        iterations: 100,
        inoculation: false,
    };
    let value = |id: &str| {
        system
            .parameter_index(id)
            .map_or(0.0, |index| system.parameters()[index])
    };
    let published = Natural(
        study
            .table(&base)
            .rows
            .iter()
            .map(|row| value(&row.id))
            .collect(),
    );
    let simple = |predict: &dyn Fn(&mice::Mouse) -> Vec<Vec<f64>>| {
        rmse(
            &mice
                .iter()
                .map(|mouse| squared_error(mouse, &predict(mouse)))
                .collect::<Vec<_>>(),
        )
    };
    println!("\nRMSE of log10 density, nine mice, samples after day 0");
    println!(
        "published parameters          {:.3}",
        rmse(&study.score(&mice, &published, &base)?)
    );
    println!("first sample carried forward  {:.3}", simple(&carried));
    println!(
        "mean of the other mice        {:.3}  (same treatment and day)",
        simple(&|m| mean_of_others(m, &mice))
    );

    for inoculation in [false, true] {
        println!(
            "\ntrajectories fitted, {}\nwidth of the interaction prior   in sample   each mouse left out",
            if inoculation {
                "C. difficile given to population 3 on day 1 (not in the file: Buffie et al. 2012, doi:10.1128/IAI.05496-11)"
            } else {
                "no inoculation"
            }
        );
        for interaction in WIDTHS {
            let assumptions = Assumptions {
                interaction,
                inoculation,
                ..base
            };
            let fit = study.fit(&mice, &assumptions)?;
            let inside = rmse(&study.score(&mice, &fit, &assumptions)?);
            let outside = if quick {
                "not run".to_string()
            } else {
                format!("{:.3}", rmse(&study.leave_one_out(&mice, &assumptions)?))
            };
            println!("{interaction:<33}{inside:<12.3}{outside}");
            if quick {
                break;
            }
        }
    }
    println!(
        "\nA wide prior fits the mice that it saw; a narrow one forecasts better: these data do not determine interactions."
    );
    Ok(())
}
