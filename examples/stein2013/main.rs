//! The mice of Stein et al. 2013: the published regression reproduced, and gLV trajectories fitted to nine mice.
use holobiont::{library::LotkaVolterra, models, solve::Method};
use std::{error::Error, path::Path, time::Instant};
mod mice;
mod study;
use study::{Assumptions, Study};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: stein2013 DIR")?;
    let model = models::get("stein2013")
        .expect("ships")
        .map_err(|e| format!("{e:?}"))?;
    let system = std::sync::Arc::new(holobiont::compile::System::compile(
        &model
            .network
            .check()
            .map_err(|e| format!("{e:?}"))?
            .equations(),
    )?);
    let taxa: Vec<String> = system.state_ids().to_vec();
    let community = LotkaVolterra {
        taxa: taxa.clone(),
        perturbations: vec!["clindamycin".into()],
        unit: None,
    };
    let study = Study {
        system: system.clone(),
        community,
    };
    let mice = mice::read(&Path::new(&folder).join("mice.csv"), &taxa)?;
    let a = Assumptions {
        interaction: 0.3,
        sigma: 0.7,
        iterations: 200,
        inoculation: false,
    };
    let table = study.table(&a);
    let published = holobiont::fit::Natural(
        table
            .rows
            .iter()
            .map(|r| system.parameters()[system.parameter_index(&r.id).unwrap()])
            .collect(),
    );
    println!(
        "published {:.4}",
        mice::rmse(&study.score(&mice, &published, &a)?)
    );
    println!(
        "carried {:.4}",
        mice::rmse(
            &mice
                .iter()
                .map(|m| mice::squared_error(m, &mice::carried(m)))
                .collect::<Vec<_>>()
        )
    );
    println!(
        "others {:.4}",
        mice::rmse(
            &mice
                .iter()
                .map(|m| mice::squared_error(m, &mice::mean_of_others(m, &mice)))
                .collect::<Vec<_>>()
        )
    );
    let _ = Method::default();
    {
        let problem = study.problem(&mice, &a)?;
        let o = holobiont::fit::CohortObjective::new(&problem, study.options())?;
        use holobiont::fit::*;
        let x = problem.parameters.search(&problem.parameters.nominal());
        let mut d = Derivatives::new(o.layout());
        for want in [Order::Value, Order::Gradient, Order::GaussNewton] {
            let t = Instant::now();
            for _ in 0..20 {
                o.evaluate(&x, want, &mut d);
            }
            println!("{want:?} {:.2} ms", t.elapsed().as_secs_f64() * 50.0);
        }
    }
    if std::env::args().nth(2).is_some() {
        return Ok(());
    }
    for s in [0.3, 0.1, 0.03] {
        let a = Assumptions {
            interaction: s,
            ..a
        };
        let t = Instant::now();
        let fit = study.fit(&mice, &a)?;
        println!(
            "s {s} in {:.4} ({:.1} s)",
            mice::rmse(&study.score(&mice, &fit, &a)?),
            t.elapsed().as_secs_f64()
        );
        let t = Instant::now();
        println!(
            "   loo {:.4} ({:.1} s)",
            mice::rmse(&study.leave_one_out(&mice, &a)?),
            t.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
