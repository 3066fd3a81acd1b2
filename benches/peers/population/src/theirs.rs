//! The fits of ferx-core: its own model files, NONMEM rows, its default options but for one thread and what a job names.
use crate::theophylline::Row;
use crate::{End, Estimator, Job};
use ferx_core::ode::OdeMethod;
use ferx_core::{
    CompiledModel, EstimationMethod, FitOptions, FitResult, Population, fit, parse_model_string,
    read_nonmem_csv,
};
use std::path::Path;

/// Model files, and how they are solved.
pub const MODELS: &[&str] = &[
    "closed_form",
    "ode",
    "ode, rtol 1e-6",
    "ode, Rodas5P",
    "ode_concentration",
];

pub struct Theirs {
    models: Vec<(String, CompiledModel)>,
    population: Population,
}

impl Theirs {
    pub fn new(folder: &Path, rows: &[Row]) -> Self {
        let mut csv = "ID,TIME,DV,EVID,AMT,CMT,MDV\n".to_owned();
        let mut before = "";
        for row in rows {
            let s = row.subject.as_str();
            if s != before {
                csv.push_str(&format!("{s},0,.,1,{},1,1\n", row.dose));
                before = s;
            }
            csv.push_str(&format!("{s},{},{},0,.,2,0\n", row.time, row.concentration));
        }
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), csv).expect("it can be written to");
        let population = read_nonmem_csv(file.path(), None, None);
        let read = |name: &str| {
            let file = folder.join(format!("{name}.ferx"));
            let text = std::fs::read_to_string(&file);
            let text = text.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let model = parse_model_string(&text);
            let model = model.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            (name.to_owned(), model)
        };
        Theirs {
            models: ["closed_form", "ode", "ode_concentration"].map(read).into(),
            population: population.unwrap_or_else(|e| panic!("ferx-core's reader: {e}")),
        }
    }

    pub fn fit(&self, job: &Job) -> Result<End, String> {
        let (name, way) = job.model.split_once(", ").unwrap_or((job.model, ""));
        let (_, model) = self
            .models
            .iter()
            .find(|(own, _)| own == name)
            .expect("a model that was read");
        let mut start = model.default_params.clone();
        // the model files name ka, V, CL in this order
        start.theta = job.start.typical.to_vec();
        let mut options = FitOptions {
            threads: Some(1),
            saem_seed: Some(job.seed),
            imp_seed: Some(job.seed),
            imp_samples: 1000,
            ..FitOptions::default()
        }
        .quiet();
        match way {
            "" => {}
            "rtol 1e-6" => (options.ode_reltol, options.ode_abstol) = (1e-6, 1e-9),
            "Rodas5P" => options.ode_method = OdeMethod::Rodas5P,
            other => unreachable!("{other}"),
        }
        options.method = match job.estimator {
            Estimator::Focei => EstimationMethod::FoceI,
            Estimator::Laplace => EstimationMethod::Laplace,
            Estimator::Saem | Estimator::SaemImportance => EstimationMethod::Saem,
        };
        if job.estimator == Estimator::SaemImportance {
            options.methods = vec![EstimationMethod::Saem, EstimationMethod::Imp];
            options.imp_eval_only = true;
        }
        let found = fit(model, &self.population, &start, &options)?;
        Ok(end(&found))
    }
}

fn end(found: &FitResult) -> End {
    // it leaves out n ln 2 pi
    let constant = found.n_obs as f64 * (2.0 * std::f64::consts::PI).ln();
    let mut values = [f64::NAN; 7];
    let mut errors = [f64::NAN; 7];
    for k in 0..3 {
        values[k] = found.theta[k];
        values[3 + k] = found.omega[(k, k)].sqrt();
    }
    values[6] = found.sigma[0];
    let has_errors = match (&found.se_theta, &found.se_omega, &found.se_sigma) {
        (Some(theta), Some(omega), Some(sigma)) => {
            for k in 0..3 {
                errors[k] = theta[k] / values[k];
                // that of a variance
                errors[3 + k] = omega[k] / (2.0 * found.omega[(k, k)]);
            }
            errors[6] = sigma[0] / values[6];
            true
        }
        _ => false,
    };
    // that the method was given by options is no news
    let news = |remark: &&String| !remark.starts_with("No estimation method");
    let remarks = found.warnings.iter().filter(news).cloned().collect();
    End {
        values,
        errors: has_errors.then_some(errors),
        reported: found.ofv.is_finite().then_some(found.ofv + constant),
        importance: found
            .importance_sampling
            .as_ref()
            .map(|i| (i.minus2_log_likelihood + constant, i.mc_standard_error)),
        converged: found.converged,
        remarks,
    }
}
