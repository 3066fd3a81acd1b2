//! Theophylline as a population: 12 subjects, 132 readings, three random effects, written as an ODE model.
//!
//! Data: the public data folder (`HOLOBIONT_SHARED`, or `../shared`), doses in mg. Model: ka, V and CL log-normal with a diagonal
//! covariance, additive noise.
use holobiont::exchange::petab;
use holobiont::population::PopulationProblem;
use std::fs;

const MODEL: &str = "id = \"theophylline\"
[species.depot]
initial = 0
[species.central]
initial = 0
[parameters]
ka = { value = 1.5 }
V = { value = 30 }
CL = { value = 3 }
[reactions.absorption]
rate = \"ka*depot\"
consumes = { depot = 1 }
produces = { central = 1 }
[reactions.elimination]
rate = \"CL/V*central\"
consumes = { central = 1 }
";

/// A reading, with the dose that its subject took at time 0.
#[derive(Clone, Debug)]
pub struct Row {
    pub subject: String,
    pub dose: f64,
    pub time: f64,
    pub concentration: f64,
}

/// All readings, subject by subject.
pub fn rows() -> Vec<Row> {
    let shared = std::env::var("HOLOBIONT_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let file = format!("{shared}/data/population_classics/theophylline.csv");
    let text =
        fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}; set HOLOBIONT_SHARED"));
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').map(|c| c.trim_matches('"')).collect();
            let number = |k: usize| cells[k].parse::<f64>().expect("a number");
            Row {
                subject: cells[0].to_owned(),
                dose: number(1) * number(2),
                time: number(3),
                concentration: number(4),
            }
        })
        .collect()
}

/// The problem; its nominal values are ka 1.5, V 30, CL 3, standard deviations 0.5 of effects and 1 of readings.
pub fn problem() -> PopulationProblem {
    let mut experiments = "experimentId\ttime\tconditionId\n".to_owned();
    let mut doses = "experimentId\ttargetId\ttime\tvalue\n".to_owned();
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\n".to_owned();
    let mut before = String::new();
    for row in rows() {
        let s = &row.subject;
        if *s != before {
            experiments.push_str(&format!("s{s}\t0\t\n"));
            doses.push_str(&format!("s{s}\tdepot\t0\t{}\n", row.dose));
            before.clone_from(s);
        }
        let (time, value) = (row.time, row.concentration);
        measurements.push_str(&format!("conc\ts{s}\t{time}\t{value}\n"));
    }
    let parameters = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tscale
ka\t0.001\t100\t1.5\ttrue\tlog
V\t0.1\t1000\t30\ttrue\tlog
CL\t0.01\t100\t3\ttrue\tlog
omega_ka\t0.0001\t5\t0.5\ttrue\tlog
omega_V\t0.0001\t5\t0.5\ttrue\tlog
omega_CL\t0.0001\t5\t0.5\ttrue\tlog
sigma\t0.01\t10\t1\ttrue\tlog
";
    let effects = "randomEffectId\tparameterId\ttransformation\tstandardDeviation
eta_ka\tka\tlog\tomega_ka
eta_V\tV\tlog\tomega_V
eta_CL\tCL\tlog\tomega_CL
";
    let yaml = "format_version: 2.0.0
model_files: {m: {language: holobiont, location: model.toml}}
parameter_files: [parameters.tsv]
observable_files: [observables.tsv]
experiment_files: [experiments.tsv]
measurement_files: [measurements.tsv]
extensions: {holobiont: {version: \"1\", required: true, dose_files: [doses.tsv], random_effect_files: [random_effects.tsv]}}
";
    written(&[
        ("model.toml", MODEL),
        ("parameters.tsv", parameters),
        (
            "observables.tsv",
            "observableId\tobservableFormula\tnoiseFormula\nconc\tcentral/V\tsigma\n",
        ),
        ("experiments.tsv", &experiments),
        ("doses.tsv", &doses),
        ("measurements.tsv", &measurements),
        ("random_effects.tsv", effects),
        ("problem.yaml", yaml),
    ])
}

/// A problem from its files.
pub fn written(files: &[(&str, &str)]) -> PopulationProblem {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("the folder can be written to");
    }
    let read = petab::read(&folder.path().join("problem.yaml"));
    let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
    read.population_problem().expect("a sound problem")
}
