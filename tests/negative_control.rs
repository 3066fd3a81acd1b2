//! The negative control refuses tables that are wrong, its linear mixed model is the closed form, and the library agrees with it.
#![allow(
    dead_code,
    reason = "modules of the example, of which a test needs a part"
)]
use holobiont::noise::Reading;
use std::{fs, path::Path};

#[path = "../examples/negative_control/cohort.rs"]
mod cohort;
#[path = "../examples/negative_control/interval.rs"]
mod interval;
#[path = "../examples/negative_control/mixed_model.rs"]
mod mixed_model;
#[path = "../examples/negative_control/outcome.rs"]
mod outcome;
#[path = "../examples/negative_control/permutations.rs"]
mod permutations;
#[path = "../examples/negative_control/tables.rs"]
mod tables;
use tables::{Study, Subject, read};

const BLOOD: &str =
    "subject,visit,zonulin,IL6\na,T1,30,1\na,T2,31,<0.4\nb,T1,25,2\nb,T3,,2\nc,T4,40,1\n";
const STOOL: &str =
    "subject,visit,Butyric_acid\na,T1,900\na,T2,800\nb,T1,<20\nb,T3,NA\nc,T4,1200\nc,T1,1000\n";

/// A study from the text of its tables, or the messages without the folder.
fn study(blood: &str, stool: &str) -> Result<Study, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("blood.csv"), blood).unwrap();
    fs::write(folder.path().join("stool_scfa.csv"), stool).unwrap();
    let place = format!("{}/", folder.path().display());
    let shorter =
        |errors: tables::StudyErrors| errors.0.iter().map(|e| e.replace(&place, "")).collect();
    read(folder.path()).map_err(shorter)
}

/// Twelve invented adults, four visits; a value without pattern from three whole numbers.
fn invented() -> Study {
    let odd = |a: usize, b: usize, c: usize| {
        ((a * 37 + b * 17 + c * 29 + a * b * 7 + 11) % 41) as f64 / 20.0 - 1.0
    };
    let subject = |i: usize| Subject {
        id: format!("p{i}"),
        butyrate: std::array::from_fn(|v| {
            Some(900.0 * libm::exp(0.5 * odd(i, 9, 3) + 0.6 * odd(i, v, 1)))
        }),
        markers: std::array::from_fn(|m| {
            std::array::from_fn(|v| {
                let level = [30.0, 0.8][m] * libm::exp(0.4 * odd(i, 5, m + 6));
                // one reading is missing
                (m + v > 0 || i != 4)
                    .then(|| Reading::Value(level * libm::exp(0.25 * odd(i, v, 2 + m))))
            })
        }),
    };
    Study {
        subjects: (1..=12).map(subject).collect(),
        notes: Vec::new(),
    }
}

#[test]
fn nothing_is_left_out_without_a_note() {
    let study = study(BLOOD, STOOL).unwrap();
    assert_eq!(study.subjects.len(), 3);
    assert_eq!(study.subjects[1].butyrate[0], Some(10.0));
    assert_eq!(study.subjects[0].markers[1][1], Some(Reading::Below(0.4)));
    assert_eq!((study.readings(0), study.readings(1)), (4, 4));
    for told in [
        "a T2: IL-6 lies below 0.4",
        "b T1: butyrate below 20 ug/g",
        "b T3: no butyrate",
        "b T3: zonulin is missing",
        "c T1: IL-6 is missing",
    ] {
        assert!(
            study.notes.iter().any(|n| n.starts_with(told)),
            "{told}: {:#?}",
            study.notes
        );
    }
}

#[test]
fn wrong_tables_are_refused_with_their_place() {
    let cases = [
        (
            BLOOD.replace("IL6", "IL8"),
            STOOL.to_owned(),
            "blood.csv: no column `IL6`",
        ),
        (
            BLOOD.replace("<0.4", "0"),
            STOOL.to_owned(),
            "blood.csv: row 3, column `IL6`: `0` has no logarithm",
        ),
        (
            BLOOD.to_owned(),
            STOOL.replace("800", "many"),
            "stool_scfa.csv: row 3, column `Butyric_acid`: `many`",
        ),
        (
            BLOOD.replace("T3", "T9"),
            STOOL.to_owned(),
            "blood.csv: row 5, column `visit`: `T9` is none of T1",
        ),
        (
            BLOOD.replace("a,T2", "a,T1"),
            STOOL.to_owned(),
            "blood.csv: row 3: subject `a` has T1 twice",
        ),
        (
            BLOOD.to_owned(),
            STOOL.replace("c,T", "d,T"),
            "stool_scfa.csv: no row of subject `c`",
        ),
    ];
    for (blood, stool, expected) in cases {
        let messages = study(&blood, &stool).unwrap_err();
        assert!(
            messages.iter().any(|m| m.starts_with(expected)),
            "{expected}: {messages:#?}"
        );
    }
    let nowhere = read(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(
        nowhere.contains("blood.csv") && nowhere.contains("give the folder"),
        "{nowhere}"
    );
}

/// Balanced and without covariates the maximum is that of the analysis of variance: sigma^2 = SSW/(m (n - 1)), omega^2 = SSB/(m n) - sigma^2/n
/// with SSB the n-fold squares of the means; here about the regression on the mean of butyrate.
#[test]
fn variances_of_the_mixed_model_are_those_of_the_analysis_of_variance() {
    let mut study = invented();
    study.subjects.remove(3);
    let (m, n) = (study.subjects.len() as f64, 4.0);
    let ln = |r: Reading| match r {
        Reading::Value(v) => v.ln(),
        _ => unreachable!("nothing is censored"),
    };
    let mut within = [0.0; 3];
    let mut means = Vec::new();
    for subject in &study.subjects {
        let rows: Vec<(f64, f64)> = subject.used(1).map(|(_, b, r)| (b.ln(), ln(r))).collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| rows.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(&|r| r.0), mean(&|r| r.1));
        for row in &rows {
            let (dx, dy) = (row.0 - x, row.1 - y);
            within = [
                within[0] + dx * dx,
                within[1] + dx * dy,
                within[2] + dy * dy,
            ];
        }
        means.push((x, y));
    }
    let grand = |of: &dyn Fn(&(f64, f64)) -> f64| means.iter().map(of).sum::<f64>() / m;
    let (x, y) = (grand(&|p| p.0), grand(&|p| p.1));
    let sum =
        |of: &dyn Fn(f64, f64) -> f64| means.iter().map(|p| of(p.0 - x, p.1 - y)).sum::<f64>();
    let slope = sum(&|a, b| a * b) / sum(&|a, _| a * a);
    let sigma = (within[2] - within[1] * within[1] / within[0]) / (m * (n - 1.0));
    let omega = (sum(&|_, b| b * b) - slope * sum(&|a, b| a * b)) / m - sigma / n;
    let fit = mixed_model::fit(&study, 1).unwrap();
    assert!((fit.within.value - within[1] / within[0]).abs() < 1e-10);
    assert!((fit.between.value - slope).abs() < 1e-10);
    assert!(
        (fit.variances[1] / sigma - 1.0).abs() < 1e-6,
        "{} {sigma}",
        fit.variances[1]
    );
    assert!(
        (fit.variances[0] / omega - 1.0).abs() < 1e-6,
        "{} {omega}",
        fit.variances[0]
    );
}

/// With IL-6 the turnover is so fast beside weeks that both are one model. A search ends within about a thousandth of a standard error of the maximum.
#[test]
fn the_population_fit_is_the_mixed_model_where_turnover_is_fast() {
    let study = invented();
    let problem = cohort::problem(&study, cohort::DAYS).unwrap();
    let fit = cohort::fit(&problem, None, &[]).unwrap();
    let (own, mixed) = (
        cohort::marker(&fit, 1).unwrap(),
        mixed_model::fit(&study, 1).unwrap(),
    );
    let same = |a: f64, b: f64| (a - b).abs() < 1e-3 * mixed.within.error;
    assert!(
        same(own.within.value, mixed.within.value),
        "{own:?} {mixed:?}"
    );
    assert!(
        (own.within.error / mixed.within.error - 1.0).abs() < 0.02,
        "{own:?} {mixed:?}"
    );
    for part in 0..2 {
        assert!(
            (own.variances[part] / mixed.variances[part] - 1.0).abs() < 1e-3,
            "{own:?} {mixed:?}"
        );
    }
}

#[test]
fn permutations_have_the_same_bits_at_any_number_of_threads() {
    let study = invented();
    let problem = cohort::problem(&study, cohort::DAYS).unwrap();
    let start = problem.problem.parameters.nominal();
    let (one, failed) = permutations::run(&study, &start, 3, 4, 1);
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(permutations::run(&study, &start, 3, 4, 3).0, one);
    let (mixed, _) = permutations::run_mixed(&study, 3, 4, 2);
    assert!(mixed.into_iter().eq(one.iter().map(|p| p.mixed)));
    let mut order = permutations::order(50, 1, 7);
    assert_ne!(order, permutations::order(50, 1, 8));
    order.sort_unstable();
    assert!(order.into_iter().eq(0..50));
}

/// R: qbinom(c(0.025, 0.975), n, 0.05).
#[test]
fn limits_of_chance_are_quantiles_of_the_binomial_distribution() {
    assert_eq!(permutations::binomial_limits(40, 0.05), (0, 5));
    assert_eq!(permutations::binomial_limits(500, 0.05), (16, 35));
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn butyrate_is_coupled_to_neither_marker_of_110_adults() {
    let shared = std::env::var("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED is set");
    let study = read(&Path::new(&shared).join("data/thriene2025_adults")).expect("sound tables");
    assert_eq!(study.subjects.len(), 110);
    // fixed effects of the subjects, computed apart from these tables
    let expected = [(436, 0.0066, 0.0164), (437, -0.0212, 0.0402)];
    let outcome = outcome::run(&study, 1, 2, 1).expect("all fits converge");
    for (marker, (readings, value, error)) in expected.into_iter().enumerate() {
        assert_eq!(study.readings(marker), readings);
        let within = outcome.found[marker].population.within;
        assert!((within.value - value).abs() < 0.05 * error, "{within:?}");
        assert!((within.error / error - 1.0).abs() < 0.05, "{within:?}");
    }
    for (what, holds) in outcome.verdicts() {
        // two permutations say nothing of a rate
        assert!(holds || what.contains("permuted"), "{what}");
    }
}
