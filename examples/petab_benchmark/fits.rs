//! Fits from many starts.
use crate::{arguments::Arguments, nominal::Nominal};
use cpu_time::ProcessTime;
use holobiont::fit::{
    CohortObjective, Control, LbfgsOptions, LocalFit, LocalMethod, MultiStart, MultiStartOptions,
    ObjectiveOptions, Sampling, Search, TrustRegionOptions, local_fit, multi_start,
};
use holobiont::solve::{Method, Rodas5P};
use std::path::Path;

/// Most steps of a solve in a search: enough for any of the problems, and an end to parameters that make a model race.
const SEARCH_STEPS: usize = 20_000;

/// What the fits of one problem found.
pub struct Fits {
    /// all starts, the best first
    pub starts: MultiStart,
    /// the best end, refined by the tolerances of the evaluation
    pub best: Option<LocalFit>,
    /// CPU s of all
    pub seconds: f64,
}

/// Fits a problem; priors take part.
pub fn run(nominal: &Nominal, arguments: &Arguments) -> Result<Fits, String> {
    let objective = |(relative, absolute): (f64, f64), method: Method| {
        let options = ObjectiveOptions {
            prior: true,
            method,
            ..crate::nominal::options(relative, absolute)
        };
        CohortObjective::new(&nominal.problem, options).map_err(|e| e.to_string())
    };
    let steps = Method::Rodas5P(Rodas5P {
        max_steps: SEARCH_STEPS,
    });
    let exact = objective((arguments.rtol, arguments.atol), Method::default())?;
    let objective = objective(arguments.fit_tolerances, steps)?;
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
        nominal: arguments.nominal,
        hops: arguments.hops,
        best_hops: arguments.best_hops,
        threads: Some(arguments.threads),
        method,
        ..MultiStartOptions::default()
    };
    let given = match &arguments.points {
        None => Vec::new(),
        Some(folder) => points(folder, nominal)?,
    };
    let search = MultiStartOptions {
        starts: if given.is_empty() { search.starts } else { 0 },
        ..search
    };
    let clock = ProcessTime::now();
    let starts = multi_start(
        &objective,
        &nominal.problem.parameters,
        &given,
        &search,
        Control::default(),
        None,
    )
    .map_err(|e| e.to_string())?;
    let (lower, upper) = nominal.problem.parameters.search_bounds();
    let method = LocalMethod::default();
    let best = starts.best().map(|best| {
        local_fit(
            &exact,
            (&lower, &upper),
            &best.fit.x,
            &method,
            Control::default(),
        )
    });
    let seconds = clock.elapsed().as_secs_f64();
    Ok(Fits {
        starts,
        best,
        seconds,
    })
}

/// Start points from NAME.tsv; its columns may stand in any order.
fn points(folder: &Path, nominal: &Nominal) -> Result<Vec<Search>, String> {
    let file = folder.join(format!("{}.tsv", nominal.name));
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let wrong = |what: &str| format!("{}: {what}", file.display());
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let columns: Option<Vec<usize>> = (nominal.gradient.iter())
        .map(|(id, _)| header.iter().position(|column| column == id))
        .collect();
    let columns = columns.ok_or_else(|| wrong("a parameter has no column"))?;
    let point = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |column: &usize| cells.get(*column)?.parse::<f64>().ok();
        let values: Option<Vec<f64>> = columns.iter().map(number).collect();
        values
            .map(Search)
            .ok_or_else(|| wrong("a cell is no number"))
    };
    lines.filter(|line| !line.is_empty()).map(point).collect()
}
