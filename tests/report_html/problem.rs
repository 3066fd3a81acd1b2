//! A small community on disk: three taxa of logistic growth in three subjects, with a composition, a limit and a bound that is
//! too low.
use std::{fs, path::Path};
use tempfile::TempDir;

const YAML: &str = "format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files:
  community: {language: holobiont, location: model/model.toml}
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
condition_files: [conditions.tsv]
experiment_files: [experiments.tsv]
extensions:
  holobiont: {version: \"1\", required: true}
";

const MODEL: &str = "id = \"community\"
name = \"Three taxa in a mouse\"
description = \"Logistic growth of taxa that do not meet.\"
time_unit = \"d\"

[[mechanism]]
type = \"lotka_volterra\"
taxa = [\"A\", \"B\", \"C\"]

[initial]
A = 0.1
B = 0.1
C = 0.1
";

const TAXA: [&str; 3] = ["A", "B", "C"];
/// Growth rates and capacities that made the readings.
const GROWTH: [f64; 3] = [0.9, 0.6, 0.4];
const CAPACITY: [f64; 3] = [1.0, 2.0, 3.0];
/// Readings below it are censored.
const LIMIT: f64 = 0.08;

/// The figures in the report of a fit of three subjects.
pub const FIGURES: [&str; 11] = [
    "data-1-0",
    "data-2-0",
    "data-3-0",
    "composition-1-0",
    "observed-predicted",
    "residuals-time",
    "residuals-prediction",
    "residuals-quantiles",
    "waterfall",
    "parameters-shared",
    "parameters-subjects",
];

/// The problem with so many subjects; `upper` bounds the growth rate of C, whose truth is 0.4.
pub fn problem(subjects: usize, upper: f64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), subjects, upper);
    folder
}

fn write(folder: &Path, subjects: usize, upper: f64) {
    let mut model = "parameterId\tvalue\tunit\tsource\tevidence\tname\n".to_owned();
    for (i, taxon) in TAXA.iter().enumerate() {
        model += &format!(
            "mu_{taxon}\t{}\t1/d\t10.1371/journal.pcbi.1003388\tanimal\tgrowth of {taxon}\n",
            GROWTH[i]
        );
        for (j, other) in TAXA.iter().enumerate() {
            let value = if i == j {
                -GROWTH[i] / CAPACITY[i]
            } else {
                0.0
            };
            model += &format!("m_{taxon}_{other}\t{value}\t\t\tassumed\t\n");
        }
    }
    let mut parameters =
        "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tscale\n".to_owned();
    parameters += "mu_A\t0.05\t5\t0.5\ttrue\tlog\nmu_B\t0.05\t5\t0.5\ttrue\tlog\n";
    parameters += &format!("mu_C\t0.05\t{upper}\t0.2\ttrue\tlog\n");
    parameters += "sd\t0.01\t2\t0.3\ttrue\tlog\n";
    let mut observables =
        "observableId\tobservableName\tobservableFormula\tnoiseFormula\tnoiseDistribution\tunit\tgroup\n"
            .to_owned();
    for taxon in TAXA {
        observables += &format!("y_{taxon}\ttaxon {taxon}\t{taxon}\tsd\tlog-normal\t1\ttaxa\n");
    }
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\tcensoring\n".to_owned();
    let mut conditions = "conditionId\ttargetId\ttargetValue\n".to_owned();
    let mut experiments = "experimentId\ttime\tconditionId\n".to_owned();
    for subject in 1..=subjects {
        let start = 0.05 * subject as f64;
        parameters += &format!("start_{subject}\t0.001\t10\t0.1\ttrue\tlog\n");
        conditions += &format!("given_{subject}\tA\tstart_{subject}\n");
        experiments += &format!("mouse_{subject}\t0\tgiven_{subject}\n");
        for visit in 0..6 {
            let time = 2.0 * f64::from(visit);
            for i in 0..3 {
                let start = if i == 0 { start } else { 0.1 };
                let grown =
                    CAPACITY[i] / (1.0 + (CAPACITY[i] / start - 1.0) * (-GROWTH[i] * time).exp());
                // noise with a spread of about 0.15 that looks like none of the curves
                let phase = (7 * subject + 3 * i) as f64 + 2.3 * f64::from(visit);
                let value = grown * (0.2 * (5.0 * phase).sin()).exp();
                let (value, censoring) = if value < LIMIT {
                    (LIMIT, "left")
                } else {
                    (value, "")
                };
                measurements += &format!(
                    "y_{}\tmouse_{subject}\t{time}\t{value}\t{censoring}\n",
                    TAXA[i]
                );
            }
        }
    }
    fs::create_dir(folder.join("model")).unwrap();
    for (name, text) in [
        ("problem.yaml", YAML),
        ("model/model.toml", MODEL),
        ("model/parameters.tsv", &model),
        ("parameters.tsv", &parameters),
        ("observables.tsv", &observables),
        ("measurements.tsv", &measurements),
        ("conditions.tsv", &conditions),
        ("experiments.tsv", &experiments),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
}
