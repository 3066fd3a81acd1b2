//! Fits from many starts.
use crate::{arguments::Arguments, nominal::Nominal};
use cpu_time::ProcessTime;
use holobiont::fit::{
    CohortObjective, Control, LbfgsOptions, LocalMethod, MultiStart, MultiStartOptions,
    ObjectiveOptions, Sampling, TrustRegionOptions, multi_start,
};

/// What the fits of one problem found.
pub struct Fits {
    /// all starts, the best first
    pub starts: MultiStart,
    /// CPU s of all
    pub seconds: f64,
}

/// Fits a problem; priors take part.
pub fn run(nominal: &Nominal, arguments: &Arguments) -> Result<Fits, String> {
    let options = ObjectiveOptions {
        prior: true,
        ..crate::nominal::options(arguments.rtol, arguments.atol)
    };
    let objective = CohortObjective::new(&nominal.problem, options).map_err(|e| e.to_string())?;
    let method = match arguments.lbfgs {
        true => LocalMethod::Lbfgs(LbfgsOptions {
            max_iterations: arguments.iterations,
            ..LbfgsOptions::default()
        }),
        false => LocalMethod::TrustRegion(TrustRegionOptions {
            max_iterations: arguments.iterations,
            ..TrustRegionOptions::default()
        }),
    };
    let search = MultiStartOptions {
        starts: arguments.starts,
        seed: arguments.seed,
        sampling: Sampling::Prior,
        nominal: false,
        threads: Some(arguments.threads),
        method,
        ..MultiStartOptions::default()
    };
    let clock = ProcessTime::now();
    let starts = multi_start(
        &objective,
        &nominal.problem.parameters,
        &[],
        &search,
        Control::default(),
        None,
    )
    .map_err(|e| e.to_string())?;
    let seconds = clock.elapsed().as_secs_f64();
    Ok(Fits { starts, seconds })
}
