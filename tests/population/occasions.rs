//! Occasions within an experiment: the same likelihood as with an experiment for each, where nothing is left of the one before.
use crate::problems::{Files, oral, table};
use crate::values::gradient_is_that_of_the_value;
use holobiont::fit::ObjectiveOptions;
use holobiont::population::{Method, PopulationObjective, PopulationOptions};
use holobiont::solve::Tolerances;

/// By then 100 mg are gone: CL/V is about 0.2 per hour.
const LATER: f64 = 1000.0;

/// Clearance and the share of the dose that arrives differ between occasions; the share stands in a condition, too.
pub fn apart() -> Files {
    let mut doses = "experimentId targetId time value\n".to_owned();
    for i in 0..8 {
        doses.push_str(&format!("e{i} depot 0 100*share\n"));
    }
    let files = oral();
    let text = |name: &str| {
        let found = files.0.iter().find(|(own, _)| *own == name);
        found.expect("a file of the problem").1.clone()
    };
    let parameters = text("parameters.tsv") + "share\t0.1\t10\t1\ttrue\tlog\n";
    let parameters = parameters + "gamma_share\t0.001\t3\t0.15\ttrue\tlog\n";
    let effects = text("random_effects.tsv") + "kappa_share\tshare\tlog\toccasion\tgamma_share\n";
    oral()
        .with("doses.tsv", table(&doses))
        .with("parameters.tsv", parameters)
        .with("random_effects.tsv", effects)
}

/// The same with one experiment an individual; the second occasion begins half an hour before its dose.
pub fn within() -> Files {
    let files = apart();
    let text = |name: &str| {
        let found = files.0.iter().find(|(own, _)| *own == name);
        found.expect("a file of the problem").1.clone()
    };
    let mut measurements = String::new();
    for (number, line) in text("measurements.tsv").lines().enumerate() {
        let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        if number > 0 {
            let experiment: usize = cells[1][1..].parse().unwrap();
            let time: f64 = cells[2].parse().unwrap();
            cells[1] = format!("e{}", experiment / 2);
            cells[2] = format!("{}", time + LATER * (experiment % 2) as f64);
        }
        measurements += &(cells.join("\t") + "\n");
    }
    let mut experiments = "experimentId time conditionId\n".to_owned();
    let mut doses = "experimentId targetId time value\n".to_owned();
    let mut individuals = "individualId experimentId occasionId occasionStart weight\n".to_owned();
    for i in 0..4 {
        experiments += &format!("e{i} 0 NA\n");
        doses += &format!("e{i} depot 0 100*share\ne{i} depot {LATER} 100*share\n");
        let weight = 60 + 8 * i;
        let start = LATER - 0.5;
        individuals += &format!("p{i} e{i} first NA {weight}\np{i} e{i} second {start} {weight}\n");
    }
    files
        .with("measurements.tsv", measurements)
        .with("experiments.tsv", table(&experiments))
        .with("doses.tsv", table(&doses))
        .with("individuals.tsv", table(&individuals))
}

fn minus_two(files: &Files, method: Method) -> f64 {
    let problem = files.problem();
    let options = PopulationOptions {
        objective: ObjectiveOptions {
            tolerances: Tolerances {
                relative: 1e-10,
                absolute: 1e-12,
            },
            ..ObjectiveOptions::default()
        },
        ..PopulationOptions::default()
    };
    let objective = PopulationObjective::new(&problem, method, options).unwrap();
    let natural = problem.problem.parameters.nominal();
    objective
        .marginal(&natural)
        .unwrap()
        .minus_two_log_likelihood
}

#[test]
fn occasions_within_an_experiment_are_those_of_experiments_apart() {
    for method in [Method::Fo, Method::Foce, Method::Focei, Method::Laplace] {
        let (one, other) = (minus_two(&apart(), method), minus_two(&within(), method));
        // ten times the tolerance of solves of readings of order 1
        assert!(
            (one - other).abs() < 1e-8 * one.abs(),
            "{method:?}: {one} and {other}"
        );
    }
}

/// Some of the first dose is left: the state goes on, with the clearance of the occasion.
#[test]
fn gradients_pass_from_one_occasion_to_the_next() {
    let files = within();
    let mut moved = Vec::new();
    for (name, text) in files.0 {
        let text = match name {
            "measurements.tsv" => text
                .lines()
                .map(|line| {
                    let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
                    if let Ok(time) = cells[2].parse::<f64>()
                        && time >= LATER
                    {
                        cells[2] = format!("{}", time - LATER + 12.0);
                    }
                    cells.join("\t") + "\n"
                })
                .collect(),
            "doses.tsv" => text.replace(&format!("\t{LATER}\t"), "\t12\t"),
            "individuals.tsv" => text.replace(&format!("\t{}\t", LATER - 0.5), "\t11.5\t"),
            _ => text,
        };
        moved.push((name, text));
    }
    let files = Files(moved);
    for method in [Method::Focei, Method::Laplace] {
        gradient_is_that_of_the_value(&files, method, 5e-6);
    }
}

#[test]
fn the_table_comes_back_as_it_was_and_its_faults_are_told() {
    let (_folder, problem) = within().petab();
    let files = holobiont::exchange::petab::files(&problem).unwrap();
    let (_, text) = files
        .iter()
        .find(|(name, _)| name == "individuals.tsv")
        .expect("the table is written");
    let text = String::from_utf8(text.clone()).unwrap();
    assert!(text.starts_with("individualId\texperimentId\toccasionId\toccasionStart\tweight\np0\te0\tfirst\t\t60\np0\te0\tsecond\t999.5\t60\n"), "{text}");

    let wrong = |rows: &str| {
        let header = "individualId experimentId occasionId occasionStart weight\n";
        let all =
            format!("{header}{rows}p1 e1 first NA 68\np2 e2 first NA 76\np3 e3 first NA 84\n");
        within()
            .with("individuals.tsv", table(&all))
            .read()
            .expect_err("it is wrong")
            .join("\n")
    };
    let two = wrong("p0 e0 first NA 60\np1 e0 second 500 68\n");
    assert!(
        two.contains("individuals.tsv, row 3, column individualId") && two.contains("`p0`"),
        "{two}"
    );
    let twice = wrong("p0 e0 first 500 60\np0 e0 second 500 60\n");
    assert!(
        twice.contains("row 3")
            && twice.contains("from 500 on")
            && twice.contains("first in row 2"),
        "{twice}"
    );
}

/// Two markers of one sample that err together, as effects between visits: the likelihood is that of bivariate normal readings.
#[test]
fn effects_of_visits_are_correlated_endpoints() {
    let readings = [
        [[1.2, 3.3], [0.7, 2.4]],
        [[1.9, 3.6], [1.1, 3.4]],
        [[0.4, 2.2], [1.3, 2.9]],
    ];
    let mut measurements = "observableId experimentId time measurement\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    let mut individuals = "individualId experimentId occasionId occasionStart\n".to_owned();
    for (i, visits) in readings.iter().enumerate() {
        experiments += &format!("e{i} 0 NA\n");
        for (k, [first, second]) in visits.iter().enumerate() {
            let time = 1 + k;
            measurements += &format!("one e{i} {time} {first}\ntwo e{i} {time} {second}\n");
            let start = if k == 0 {
                "NA".to_owned()
            } else {
                time.to_string()
            };
            individuals += &format!("p{i} e{i} visit{k} {start}\n");
        }
    }
    let files = Files(vec![
        (
            "model.toml",
            "id = \"rest\"\n[species.x]\ninitial = 1\n[parameters.k]\nvalue = 0\n[reactions.loss]\nrate = \"k*x\"\nconsumes = { x = 1 }\n".to_owned(),
        ),
        ("measurements.tsv", table(&measurements)),
        ("experiments.tsv", table(&experiments)),
        ("individuals.tsv", table(&individuals)),
        (
            "observables.tsv",
            table("observableId observableFormula noiseFormula\none a*x+with_one c\ntwo b*x+with_two c"),
        ),
        (
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 a 0 10 1 true lin
                 b 0 10 3 true lin
                 with_one -10 10 0 false lin
                 with_two -10 10 0 false lin
                 s_one 0.01 10 0.4 true log
                 s_two 0.01 10 0.6 true log
                 rho -0.99 0.99 0.5 true lin
                 c 0.01 1 0.2 true log",
            ),
        ),
        (
            "random_effects.tsv",
            table(
                "randomEffectId parameterId transformation level standardDeviation
                 kappa_one with_one identity occasion s_one
                 kappa_two with_two identity occasion s_two",
            ),
        ),
        (
            "random_effect_correlations.tsv",
            table("randomEffectId1 randomEffectId2 correlation\nkappa_one kappa_two rho"),
        ),
    ]);
    let (v1, v2, between) = (
        0.4f64.powi(2) + 0.04,
        0.6f64.powi(2) + 0.04,
        0.5 * 0.4 * 0.6,
    );
    let determinant = v1 * v2 - between * between;
    let mut expected = 0.0;
    for [first, second] in readings.iter().flatten() {
        let (d1, d2) = (first - 1.0, second - 3.0);
        let square = (v2 * d1 * d1 - 2.0 * between * d1 * d2 + v1 * d2 * d2) / determinant;
        expected += 2.0 * std::f64::consts::TAU.ln() + determinant.ln() + square;
    }
    // linear in the effects, with noise that does not depend on them: both are exact
    for method in [Method::Focei, Method::Laplace] {
        let found = minus_two(&files, method);
        assert!(
            (found - expected).abs() < 1e-6,
            "{method:?}: {found} for {expected}"
        );
    }
}
