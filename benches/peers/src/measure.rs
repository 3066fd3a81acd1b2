//! CPU time, the measures of error, and the rows that all programs write.
use cpu_time::ProcessTime;
use std::error::Error;
use std::fs;
use std::path::Path;

/// What a row is about.
pub const VALUES: &str = "values";
/// Values and sensitivities; the error is that of the sensitivities.
pub const GRADIENT: &str = "gradient";
/// Many subjects whose rate parameters differ; no error is known.
pub const SPREAD: &str = "spread";
/// References against a peer at a tight tolerance (`check`, `check gradient`).
pub const CHECK: &str = "check";

/// Files of rows in the folder of work, in the order of the tables.
pub const FILES: [&str; 5] = ["holobiont", "libroadrunner", "copasi", "amici", "diffsol"];

/// One measurement.
#[derive(Clone, Debug)]
pub struct Row {
    pub program: String,
    pub variant: String,
    pub problem: String,
    pub what: String,
    pub rtol: f64,
    /// CPU milliseconds per trajectory, the least of the repeats
    pub ms: f64,
    pub error: f64,
    /// accepted and rejected, per trajectory; NaN where a program does not tell
    pub steps: f64,
}

const HEADER: &str = "program,variant,problem,what,rtol,ms,error,steps";

/// Writes rows as CSV.
pub fn save(file: &Path, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let mut text = format!("{HEADER}\n");
    for r in rows {
        text += &format!(
            "{},{},{},{},{:e},{:.5},{:.3e},{:.0}\n",
            r.program, r.variant, r.problem, r.what, r.rtol, r.ms, r.error, r.steps
        );
    }
    Ok(fs::write(file, text)?)
}

/// Reads them.
pub fn load(file: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut rows = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [program, variant, problem, what, rtol, ms, error, steps] = cells[..] else {
            return Err(format!("{}: not a row: {line}", file.display()).into());
        };
        rows.push(Row {
            program: program.into(),
            variant: variant.into(),
            problem: problem.into(),
            what: what.into(),
            rtol: rtol.parse()?,
            ms: ms.parse()?,
            error: error.parse()?,
            steps: steps.parse()?,
        });
    }
    Ok(rows)
}

/// How often a measurement is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub repeats: usize,
    /// CPU seconds after which no further repeat begins
    pub seconds: f64,
}

impl Patience {
    pub fn new(quick: bool) -> Self {
        if quick {
            Patience {
                repeats: 2,
                seconds: 0.3,
            }
        } else {
            Patience {
                repeats: 11,
                seconds: 1.5,
            }
        }
    }

    /// CPU milliseconds of one call, the least of the repeats, and what the last call gave.
    pub fn least<T>(self, mut run: impl FnMut() -> T) -> (f64, T) {
        let (mut best, mut sum) = (f64::INFINITY, 0.0);
        let mut count = 0;
        loop {
            let start = ProcessTime::now();
            let result = run();
            let seconds = start.elapsed().as_secs_f64();
            best = best.min(seconds);
            sum += seconds;
            count += 1;
            if count >= self.repeats || (sum > self.seconds && count >= 2) {
                return (best * 1e3, result);
            }
        }
    }
}

/// Root mean square.
pub fn rms(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for term in terms {
        sum += term * term;
        count += 1;
    }
    (sum / count as f64).sqrt()
}
