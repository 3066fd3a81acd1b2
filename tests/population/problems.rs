//! Small population problems, written as PEtab files and read back.
// every test takes what it needs
#![allow(dead_code)]
use holobiont::exchange::petab;
use holobiont::population::PopulationProblem;
use std::fs;

/// One compartment with first-order absorption.
pub const ORAL: &str = "id = \"oral\"
[species.depot]
initial = 0
[species.central]
initial = 0
[parameters]
ka = { value = 1 }
V = { value = 20 }
CL = { value = 4 }
[reactions.absorption]
rate = \"ka*depot\"
consumes = { depot = 1 }
produces = { central = 1 }
[reactions.elimination]
rate = \"CL/V*central\"
consumes = { central = 1 }
";

/// Files of a problem: (name, text).
pub struct Files(pub Vec<(&'static str, String)>);

impl Files {
    /// Replaces a file, or adds it.
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, text.into()));
        self
    }

    /// Leaves a file out.
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self
    }

    /// The files in a folder of their own.
    pub fn written(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut yaml = "format_version: 2.0.0\nmodel_files:\n  m:\n    language: holobiont\n    location: model.toml\n".to_owned();
        let has = |name: &str| self.0.iter().any(|(own, _)| *own == name);
        for kind in [
            "parameter",
            "observable",
            "condition",
            "experiment",
            "measurement",
        ] {
            if has(&format!("{kind}s.tsv")) {
                yaml.push_str(&format!("{kind}_files: [{kind}s.tsv]\n"));
            }
        }
        yaml.push_str("extensions:\n  holobiont:\n    version: \"1\"\n    required: true\n");
        let own = [
            "input",
            "dose",
            "individual",
            "random_effect",
            "random_effect_correlation",
            "covariate_effect",
        ];
        for kind in own {
            if has(&format!("{kind}s.tsv")) {
                yaml.push_str(&format!("    {kind}_files: [{kind}s.tsv]\n"));
            }
        }
        fs::write(folder.path().join("problem.yaml"), yaml).unwrap();
        for (name, text) in &self.0 {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    /// The tables as they are read, with the folder that they stand in.
    pub fn petab(&self) -> (tempfile::TempDir, petab::PetabProblem) {
        let folder = self.written();
        let read = petab::read(&folder.path().join("problem.yaml"));
        let problem = read.unwrap_or_else(|errors| panic!("{errors:#?}"));
        (folder, problem)
    }

    /// The problem, or every message.
    pub fn read(&self) -> Result<PopulationProblem, Vec<String>> {
        let folder = self.written();
        let texts = |errors: Vec<petab::PetabError>| -> Vec<String> {
            errors.iter().map(ToString::to_string).collect()
        };
        let problem = petab::read(&folder.path().join("problem.yaml")).map_err(texts)?;
        problem.population_problem().map_err(texts)
    }

    pub fn problem(&self) -> PopulationProblem {
        self.read()
            .unwrap_or_else(|errors| panic!("{}", errors.join("\n")))
    }
}

/// A table from cells separated by blanks.
pub fn table(text: &str) -> String {
    text.trim()
        .lines()
        .map(|line| {
            line.split_whitespace()
                .collect::<Vec<_>>()
                .join("\t")
                .replace("NA", "")
                + "\n"
        })
        .collect()
}

/// Readings of y = 10 exp(-ke t) at times 0 and 1.
pub const WANG: [(f64, f64); 10] = [
    (10.68, 3.6837),
    (10.402, 6.454),
    (9.8814, 5.8565),
    (9.3408, 5.6209),
    (10.082, 6.7583),
    (9.8938, 6.5049),
    (9.8908, 6.9557),
    (10.234, 6.4488),
    (9.9882, 6.7112),
    (9.6736, 6.6402),
];

/// Ten subjects, two readings each, y = 10 exp(-ke t) with ke = 0.5 e^eta: Wang 2007, doi:10.1007/s10928-007-9060-6, as in nlmixr2's tests.
pub fn wang() -> Files {
    let mut measurements = "observableId experimentId time measurement\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    for (i, (first, second)) in WANG.iter().enumerate() {
        measurements.push_str(&format!("obs s{i} 0 {first}\nobs s{i} 1 {second}\n"));
        experiments.push_str(&format!("s{i} 0 NA\n"));
    }
    Files(vec![
        (
            "model.toml",
            "id = \"decay\"\n[species.y]\ninitial = 10\n[parameters.ke]\nvalue = 0.5\n[reactions.loss]\nrate = \"ke*y\"\nconsumes = { y = 1 }\n".to_owned(),
        ),
        ("measurements.tsv", table(&measurements)),
        ("experiments.tsv", table(&experiments)),
        ("observables.tsv", table("observableId observableFormula noiseFormula\nobs y sqrt(v)*y")),
        (
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 ke 0.01 10 0.5 true log
                 omega 0.01 2 0.2 true log
                 v 0.001 1 0.1 true log",
            ),
        ),
        (
            "random_effects.tsv",
            table("randomEffectId parameterId transformation standardDeviation\neta ke log omega"),
        ),
    ])
}

/// Absorption and elimination with correlated effects, a covariate, occasions, log-normal and combined noise: numbers drawn once from the model.
pub fn oral() -> Files {
    let mut measurements = "observableId experimentId time measurement censoring\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    let mut doses = "experimentId targetId time value\n".to_owned();
    let mut individuals = "individualId experimentId occasionId weight\n".to_owned();
    let concentrations = [
        [2.1, 3.9, 3.3, 1.9, 0.7],
        [2.8, 4.6, 3.1, 1.6, 0.6],
        [1.3, 2.7, 3.2, 2.4, 1.1],
        [1.6, 3.1, 2.9, 2.2, 0.9],
        [3.0, 4.2, 2.9, 1.1, 0.3],
        [2.7, 3.6, 2.4, 1.0, 0.3],
        [1.9, 3.5, 3.0, 1.8, 0.6],
        [2.3, 3.7, 3.4, 1.7, 0.8],
    ];
    for (i, row) in concentrations.iter().enumerate() {
        let (individual, occasion) = (i / 2, ["first", "second"][i % 2]);
        experiments.push_str(&format!("e{i} 0 NA\n"));
        doses.push_str(&format!("e{i} depot 0 100\n"));
        individuals.push_str(&format!(
            "p{individual} e{i} {occasion} {}\n",
            60 + 8 * individual
        ));
        for (time, c) in [0.5, 1.5, 3.0, 6.0, 11.0].iter().zip(row) {
            measurements.push_str(&format!("conc e{i} {time} {c} none\n"));
        }
        measurements.push_str(&format!("effect e{i} 3 {} none\n", 5.0 + 0.4 * row[2]));
    }
    Files(vec![
        ("model.toml", ORAL.to_owned()),
        ("measurements.tsv", table(&measurements)),
        ("experiments.tsv", table(&experiments)),
        ("doses.tsv", table(&doses)),
        ("individuals.tsv", table(&individuals)),
        (
            "observables.tsv",
            table(
                "observableId observableFormula noiseFormula noiseDistribution
                 conc central/V a+b*central/V normal
                 effect base+slope*central/V c log-normal",
            ),
        ),
        (
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 ka 0.01 100 0.9 true log
                 V 1 500 19 true log
                 CL 0.1 100 4.1 true log
                 base 0 20 5.1 true lin
                 slope -3 3 0.35 true lin
                 on_weight -3 3 0.8 true lin
                 omega_V 0.001 3 0.2 true log
                 omega_CL 0.001 3 0.3 true log
                 rho -0.99 0.99 0.4 true lin
                 gamma_CL 0.001 3 0.1 true log
                 omega_base 0.001 3 0.2 true log
                 a 0.001 10 0.1 true log
                 b 0.001 1 0.08 true log
                 c 0.001 1 0.06 true log",
            ),
        ),
        (
            "random_effects.tsv",
            table(
                "randomEffectId parameterId transformation level standardDeviation
                 eta_V V log individual omega_V
                 eta_CL CL log individual omega_CL
                 eta_base base identity individual omega_base
                 kappa_CL CL log occasion gamma_CL",
            ),
        ),
        (
            "random_effect_correlations.tsv",
            table("randomEffectId1 randomEffectId2 correlation\neta_V eta_CL rho"),
        ),
        (
            "covariate_effects.tsv",
            table("parameterId covariate coefficient\nCL ln(weight/70) on_weight"),
        ),
    ])
}
