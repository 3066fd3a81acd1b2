//! The table, the starts and the waterfall picture.
use crate::{arguments::name_of, fits::Fits, nominal::Nominal};
use holobiont::report::{Start, waterfall};
use serde_json::{Map, json};
use std::path::Path;

/// One problem.
pub struct Row {
    name: String,
    refused: Option<String>,
    numbers: Option<Numbers>,
    fits: Option<Fits>,
}

struct Numbers {
    llh: f64,
    log_prior: f64,
    chi2: Option<f64>,
    gradient: Vec<(String, f64)>,
    gradient_error: f64,
    import_ms: f64,
    value_ms: f64,
    gradient_ms: f64,
    states: usize,
    parameters: usize,
    conditions: usize,
}

impl Row {
    /// A problem that was evaluated.
    pub fn new(nominal: &Nominal, fits: Option<Fits>) -> Self {
        Row {
            name: nominal.name.clone(),
            refused: None,
            numbers: Some(Numbers {
                llh: nominal.llh,
                log_prior: nominal.log_prior,
                chi2: nominal.chi2,
                gradient: nominal.gradient.clone(),
                gradient_error: nominal.gradient_error,
                import_ms: nominal.import_ms,
                value_ms: nominal.value_ms,
                gradient_ms: nominal.gradient_ms,
                states: nominal.states,
                parameters: nominal.gradient.len(),
                conditions: nominal.problem.cohort.subjects.len(),
            }),
            fits,
        }
    }

    /// A problem that was not.
    pub fn refused(file: &Path, message: String) -> Self {
        Row {
            name: name_of(file),
            refused: Some(message),
            numbers: None,
            fits: None,
        }
    }

    /// Whether it was not.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }
}

/// The table as Markdown.
pub fn text(rows: &[Row]) -> String {
    let mut text = "| problem | states | parameters | conditions | ln p at nominal | gradient error | import ms | value ms | gradient ms | best -ln p | starts within 0.1 | without value | CPU s |\n".to_owned();
    text.push_str(&"|---".repeat(13));
    text.push_str("|\n");
    for row in rows {
        let Some(n) = &row.numbers else {
            text.push_str(&format!("| {} | refused |\n", row.name));
            continue;
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {:.6} | {:.1e} | {:.0} | {:.3} | {:.3} |",
            row.name,
            n.states,
            n.parameters,
            n.conditions,
            n.llh,
            n.gradient_error,
            n.import_ms,
            n.value_ms,
            n.gradient_ms
        ));
        match &row.fits {
            None => text.push_str(" | | | |\n"),
            Some(fits) => {
                let best = fits.best.as_ref().and_then(|fit| fit.value);
                let near = near(fits, best);
                text.push_str(&format!(
                    " {} | {near} of {} | {} | {:.2} |\n",
                    best.map_or("none".to_owned(), |b| format!("{b:.4}")),
                    fits.starts.starts.len(),
                    fits.starts.failures(),
                    fits.seconds
                ));
            }
        }
    }
    text
}

/// Number of starts that ended within 0.1 of the best end.
fn near(fits: &Fits, best: Option<f64>) -> usize {
    let Some(best) = best else { return 0 };
    let ends = fits
        .starts
        .starts
        .iter()
        .filter_map(|start| start.fit.value);
    ends.filter(|value| *value <= best + 0.1).count()
}

/// The figures at nominal, and the fits where there are any, as JSON.
pub fn json(rows: &[Row], (rtol, atol): (f64, f64)) -> String {
    let problems: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let n = row.numbers.as_ref()?;
            let gradient: Map<_, _> = (n.gradient.iter())
                .map(|(id, g)| (id.clone(), json!(g)))
                .collect();
            let fits = row.fits.as_ref().map(|fits| {
                let best = fits.best.as_ref().and_then(|fit| fit.value);
                let mut starts: Vec<_> = fits.starts.starts.iter().collect();
                starts.sort_by_key(|start| start.start);
                let ends: Vec<_> = starts.iter().map(|start| start.fit.value).collect();
                json!({
                    "best": best, "within": near(fits, best), "failed": fits.starts.failures(),
                    "number": ends.len(), "objectives": ends, "cpu_s": fits.seconds,
                })
            });
            Some(json!({
                "fits": fits,
                "name": row.name, "llh": n.llh, "log_prior": n.log_prior, "chi2": n.chi2,
                "gradient": gradient, "gradient_error": n.gradient_error,
                "value_ms": n.value_ms, "gradient_ms": n.gradient_ms, "import_ms": n.import_ms,
                "states": n.states, "parameters": n.parameters, "conditions": n.conditions,
            }))
        })
        .collect();
    let mut text =
        serde_json::to_string_pretty(&json!({ "rtol": rtol, "atol": atol, "problems": problems }))
            .unwrap_or_default();
    text.push('\n');
    text
}

/// The ends of all searches, for the picture.
fn starts(fits: &Fits) -> Vec<Start> {
    let starts = fits.starts.starts.iter();
    starts
        .map(|start| Start {
            objective: start.fit.value.map_or(f64::NAN, |value| -value),
            converged: start.fit.stop.is_converged(),
        })
        .collect()
}

/// Writes the table, every start, and a waterfall of each problem.
pub fn write(folder: &Path, rows: &[Row]) -> Result<(), String> {
    let save = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, text))
            .map_err(|e| format!("{}: {e}", file.display()))
    };
    save("table.md", &text(rows))?;
    for row in rows {
        if let Some(fits) = &row.fits {
            let picture = waterfall(&format!("{}: local searches", row.name), &starts(fits));
            let picture = picture.svg().map_err(|e| e.to_string())?;
            save(&format!("waterfall_{}.svg", row.name), &picture)?;
        }
    }
    let mut starts =
        "problem\tstart\tvalue\titerations\tvalues\tgradients\tinfeasible\tstop\n".to_owned();
    for row in rows {
        for start in row.fits.iter().flat_map(|fits| &fits.starts.starts) {
            let (fit, counts) = (&start.fit, start.fit.counts);
            starts.push_str(&format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:?}\n",
                row.name,
                start.start,
                fit.value.map_or(String::new(), |v| v.to_string()),
                fit.iterations,
                counts.values,
                counts.gradients,
                counts.infeasible,
                fit.stop
            ));
        }
    }
    save("starts.tsv", &starts)
}
