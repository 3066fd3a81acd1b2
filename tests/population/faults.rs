//! Faults of the tables about individuals: what is wrong, where, and what to try.
use crate::problems::{Files, oral, table, wang};

fn errors(files: &Files) -> Vec<String> {
    match files.read() {
        Ok(_) => Vec::new(),
        Err(errors) => errors,
    }
}

/// Each fault alone: the file, the place and the words that its message must hold.
#[test]
fn every_fault_is_told_with_its_place() {
    let weights = |last: &str| {
        let mut text = "individualId experimentId occasionId weight\n".to_owned();
        for i in 0..8 {
            let weight = if i == 7 {
                last
            } else {
                ["60", "68", "76", "84"][i / 2]
            };
            text.push_str(&format!(
                "p{} e{i} {} {weight}\n",
                i / 2,
                ["first", "second"][i % 2]
            ));
        }
        table(&text)
    };
    let effects = |row: &str| {
        table(&format!(
            "randomEffectId parameterId transformation level standardDeviation
             eta_V V log individual omega_V
             eta_CL CL log individual omega_CL
             eta_base base identity individual omega_base
             kappa_CL CL log occasion gamma_CL
             {row}"
        ))
    };
    let correlations = |rows: &str| {
        table(&format!(
            "randomEffectId1 randomEffectId2 correlation\neta_V eta_CL rho\n{rows}"
        ))
    };
    let cases: Vec<(&str, Files, &[&str])> = vec![
        (
            "a covariate is missing for one subject",
            oral().with("individuals.tsv", weights("NA")),
            &["individuals.tsv", "row 9", "weight", "p3"],
        ),
        (
            "a covariate changes within a subject",
            oral().with("individuals.tsv", weights("99")),
            &["individuals.tsv", "row 9", "weight", "p3", "constant"],
        ),
        (
            "an experiment belongs to nobody",
            oral().with(
                "individuals.tsv",
                weights("84")
                    .lines()
                    .take(8)
                    .fold(String::new(), |all, l| all + l + "\n"),
            ),
            &["individuals.tsv", "e7", "no individual"],
        ),
        (
            "an unknown parameter",
            oral().with("random_effects.tsv", effects("eta_x W log individual 0.1")),
            &["random_effects.tsv", "row 6", "parameterId", "`W`"],
        ),
        (
            "a standard deviation below 0",
            oral().with(
                "random_effects.tsv",
                effects("eta_x ka log individual -0.1"),
            ),
            &[
                "random_effects.tsv",
                "row 6",
                "standardDeviation",
                "negative",
            ],
        ),
        (
            "a second transformation",
            oral().with(
                "random_effects.tsv",
                effects("eta_x V identity individual 0.1"),
            ),
            &["random_effects.tsv", "row 6", "transformation", "`V`"],
        ),
        (
            "a typical value outside its transformation",
            oral()
                .with(
                    "random_effects.tsv",
                    effects("eta_x ka logit individual 0.1"),
                )
                .with(
                    "parameters.tsv",
                    oral()
                        .0
                        .iter()
                        .find(|(n, _)| *n == "parameters.tsv")
                        .unwrap()
                        .1
                        .replace("\t0.9\t", "\t1.9\t"),
                ),
            &["random_effects.tsv", "row 6", "1.9", "logit"],
        ),
        (
            "an unknown effect in a correlation",
            oral().with(
                "random_effect_correlations.tsv",
                correlations("eta_V eta_ka 0.1"),
            ),
            &["random_effect_correlations.tsv", "row 3", "eta_ka"],
        ),
        (
            "a correlation between levels",
            oral().with(
                "random_effect_correlations.tsv",
                correlations("eta_V kappa_CL 0.1"),
            ),
            &["random_effect_correlations.tsv", "row 3", "occasions"],
        ),
        (
            "an Omega that is not positive definite",
            oral().with(
                "random_effect_correlations.tsv",
                correlations("eta_V eta_base 0.9\neta_CL eta_base -0.9"),
            ),
            &["random_effect_correlations.tsv", "not positive definite"],
        ),
        (
            "occasions that nobody has",
            oral().with(
                "individuals.tsv",
                weights("84")
                    .lines()
                    .map(|l| {
                        let mut cells: Vec<&str> = l.split('\t').collect();
                        cells.remove(2);
                        cells.join("\t") + "\n"
                    })
                    .collect::<String>(),
            ),
            &["random_effects.tsv", "kappa_CL", "occasionId"],
        ),
        (
            "an unknown covariate",
            oral().with(
                "covariate_effects.tsv",
                table("parameterId covariate coefficient\nCL ln(wieght/70) on_weight"),
            ),
            &[
                "covariate_effects.tsv",
                "row 2",
                "wieght",
                "did you mean `weight`",
            ],
        ),
        (
            "a covariate effect without transformation",
            oral().with(
                "covariate_effects.tsv",
                table("parameterId covariate coefficient\nslope weight on_weight"),
            ),
            &[
                "covariate_effects.tsv",
                "row 2",
                "`slope`",
                "transformation",
            ],
        ),
        (
            "an estimated standard deviation that begins at 0",
            wang().with(
                "parameters.tsv",
                table(
                    "parameterId lowerBound upperBound nominalValue estimate scale
                     ke 0.01 10 0.5 true log
                     omega 0 2 0 true lin
                     v 0.001 1 0.1 true log",
                ),
            ),
            &[
                "random_effects.tsv",
                "row 2",
                "standardDeviation",
                "begin above 0",
            ],
        ),
        (
            "two effects of one level on one parameter",
            oral().with("random_effects.tsv", effects("eta_V2 V log individual 0.1")),
            &["random_effects.tsv", "row 6", "eta_V", "leave one out"],
        ),
        (
            "a dose before its experiment",
            oral().with(
                "doses.tsv",
                table("experimentId targetId time value\ne0 depot -1 100"),
            ),
            &["doses.tsv", "row 2", "time -1", "before the start of `e0`"],
        ),
    ];
    for (name, files, words) in cases {
        let found = errors(&files);
        let holds = |text: &String| words.iter().all(|word| text.contains(word));
        assert!(
            found.iter().any(holds),
            "{name}: {words:?} not in {found:#?}"
        );
    }
    assert!(errors(&oral()).is_empty() && errors(&wang()).is_empty());
}

#[test]
fn what_is_written_is_read_again() {
    use holobiont::exchange::petab;
    let folder = tempfile::tempdir().unwrap();
    let (_own, problem) = oral().petab();
    let file = petab::write(&problem, folder.path()).unwrap();
    let again = petab::read(&file).unwrap();
    assert_eq!(problem.population, again.population);
    assert_eq!(problem.population.effects.len(), 4);
}

/// What is sound but odd is said, and fitted all the same.
#[test]
fn oddities_are_told() {
    let base = wang();
    let readings = &base
        .0
        .iter()
        .find(|(name, _)| *name == "measurements.tsv")
        .unwrap()
        .1;
    let censored: String = readings
        .lines()
        .enumerate()
        .map(|(i, line)| format!("{line}\t{}\n", if i == 0 { "censoring" } else { "left" }))
        .collect();
    let odd = wang().with("measurements.tsv", censored).with(
        "doses.tsv",
        table("experimentId targetId time value\ns3 y 2 1"),
    );
    let (_folder, problem) = odd.petab();
    let told: Vec<String> = problem.warnings.iter().map(ToString::to_string).collect();
    let has = |words: &[&str]| told.iter().any(|t| words.iter().all(|w| t.contains(w)));
    assert!(
        has(&["doses.tsv", "row 2", "at 2 comes after", "at 1"]),
        "{told:?}"
    );
    assert!(
        has(&["measurements.tsv", "row 2", "`obs` are censored"]),
        "{told:?}"
    );
}
