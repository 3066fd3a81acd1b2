//! One gradient and one local fit of the 44 mice on fibre diets: 80 shared parameters, 16 a mouse, 22 states.
//!
//! `HOLOBIONT_SHARED=DIR cargo bench --bench fibre`; without the shared data there is nothing to measure. CPU time; the gradient
//! on one core, the fit on all.
#![allow(
    dead_code,
    reason = "modules of the example, of which the bench needs a part"
)]
use cpu_time::ProcessTime;
use holobiont::fit::{CohortObjective, Derivatives, Objective, Order};
use std::{hint::black_box, path::Path, time::Instant};

#[path = "../examples/fibre_mice/community.rs"]
mod community;
#[path = "../examples/fibre_mice/forecast.rs"]
mod forecast;
#[path = "../examples/fibre_mice/scores.rs"]
mod scores;
#[path = "../examples/fibre_mice/study.rs"]
mod study;
#[path = "../examples/fibre_mice/tables.rs"]
mod tables;
#[path = "../examples/fibre_mice/variation.rs"]
mod variation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Ok(shared) = std::env::var("HOLOBIONT_SHARED") else {
        println!("HOLOBIONT_SHARED is not set: nothing to measure");
        return Ok(());
    };
    let folder = Path::new(&shared).join("data/liu2022_fibre_mice");
    let training = tables::read(&folder, tables::Days::All)?;
    let prepared = forecast::Prepared::new(&training)?;
    let (_, problem) = prepared.training(&training)?;
    let objective = CohortObjective::new(&problem, forecast::options())?;
    let x = problem.parameters.search(&problem.parameters.nominal());
    let mut out = Derivatives::new(objective.layout());
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let begun = ProcessTime::now();
            one.install(|| black_box(objective.evaluate(&x, Order::GaussNewton, &mut out)));
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (mice, parameters) = (training.mice.len(), problem.parameters.estimated().len());
    println!(
        "{mice} mice, {} states, {parameters} parameters",
        prepared.community.system.state_ids().len()
    );
    println!(
        "gradient and Gauss-Newton matrix, one core: {:.0} ms (least of five)",
        1e3 * times[0]
    );
    let (begun, wall) = (ProcessTime::now(), Instant::now());
    let found = forecast::fit_training(&problem)?;
    println!(
        "local fit: {:.1} s of processor time, {:.1} s; end: {:?}",
        begun.elapsed().as_secs_f64(),
        wall.elapsed().as_secs_f64(),
        found.stop
    );
    Ok(())
}
