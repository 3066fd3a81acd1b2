//! Random effects in the standard: the joint density of readings and effects, beside closed forms.
use crate::occasions::{apart, within};
use crate::problems::{Files, oral, table};
use holobiont::exchange::files::write_files;
use holobiont::exchange::petab::{self, Format, PetabVersion};
use holobiont::fit::{CohortObjective, FitProblem, ObjectiveOptions};
use std::f64::consts::TAU;

/// The problem without extension, read back, and its warnings.
fn plain(files: &Files, version: PetabVersion) -> (FitProblem, Vec<String>) {
    let (_from, problem) = files.petab();
    let format = Format {
        version,
        plain: true,
    };
    let converted = petab::convert(&problem, format);
    let converted = converted.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &converted.files).unwrap();
    let read = petab::read(&folder.path().join("problem.yaml"));
    let read = read.unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(!read.is_mixed());
    let warnings = converted.warnings.iter().map(ToString::to_string);
    (read.fit_problem().unwrap(), warnings.collect())
}

const SHIFTS: [f64; 4] = [-0.2, 0.1, 0.25, -0.05];

/// Values of the individuals, some way off the typical ones: (volume, clearance, clearance on two occasions, base).
fn individual(i: usize) -> (f64, f64, [f64; 2], f64) {
    let weight = 60.0 + 8.0 * i as f64;
    let volume = 19.0 * (0.5 * SHIFTS[i]).exp();
    let clearance = 4.1 * (weight / 70.0f64).powf(0.8) * SHIFTS[3 - i].exp();
    let on = [0.06, -0.09].map(|kappa: f64| clearance * kappa.exp());
    (volume, clearance, on, 5.1 + 0.3 * SHIFTS[i])
}

/// Log-likelihood at those values; `share` is that of the second occasion.
fn at_them(problem: &FitProblem, share: Option<f64>) -> f64 {
    let mut natural = problem.parameters.nominal();
    let mut set = |id: String, value: f64| {
        let row = problem.parameters.index_of(&id);
        natural.0[row.unwrap_or_else(|| panic!("no row {id}"))] = value;
    };
    for i in 0..4 {
        let (volume, clearance, on, base) = individual(i);
        set(format!("V_p{i}"), volume);
        set(format!("CL_p{i}"), clearance);
        set(format!("CL_p{i}_first"), on[0]);
        set(format!("CL_p{i}_second"), on[1]);
        set(format!("base_p{i}"), base);
        if let Some(share) = share {
            set(format!("share_p{i}_second"), share);
        }
    }
    let mut options = ObjectiveOptions::default();
    options.tolerances.relative = 1e-11;
    options.tolerances.absolute = 1e-13;
    let objective = CohortObjective::new(problem, options).unwrap();
    objective.likelihood(&natural).unwrap().log_likelihood
}

fn normal(deviation: f64, sd: f64) -> f64 {
    -0.5 * (deviation / sd).powi(2) - sd.ln() - 0.5 * TAU.ln()
}

/// ln p(readings | values) + ln p(values), by hand.
fn by_hand() -> f64 {
    let text = oral().0;
    let (_, table) = text
        .iter()
        .find(|(name, _)| *name == "measurements.tsv")
        .unwrap();
    let mut sum = 0.0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let experiment: usize = cells[1][1..].parse().unwrap();
        let (time, reading): (f64, f64) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        let (volume, _, clearance, base) = individual(experiment / 2);
        let (ka, k) = (0.9, clearance[experiment % 2] / volume);
        let c = 100.0 / volume * ka / (ka - k) * ((-k * time).exp() - (-ka * time).exp());
        sum += match cells[0] {
            "conc" => normal(reading - c, 0.1 + 0.08 * c),
            _ => {
                let prediction: f64 = base + 0.35 * c;
                normal(reading.ln() - prediction.ln(), 0.06) - reading.ln()
            }
        };
    }
    for i in 0..4 {
        let (volume, clearance, on, base) = individual(i);
        let weight = 60.0 + 8.0 * i as f64;
        let first = (volume / 19.0).ln() / 0.2;
        let second = ((clearance / 4.1).ln() - 0.8 * (weight / 70.0f64).ln()) / 0.3;
        // the bivariate normal density with correlation 0.4
        let rho: f64 = 0.4;
        let square =
            (first * first - 2.0 * rho * first * second + second * second) / (1.0 - rho * rho);
        sum += -TAU.ln() - (0.2f64 * 0.3).ln() - 0.5 * (1.0 - rho * rho).ln() - 0.5 * square;
        sum += normal(base - 5.1, 0.2);
        sum += on
            .iter()
            .map(|c| normal((c / clearance).ln(), 0.1))
            .sum::<f64>();
    }
    sum
}

#[test]
fn the_joint_density_is_that_by_hand_in_both_versions() {
    let expected = by_hand();
    // version 1 has no doses: the depot begins with 100
    let mut experiments = "experimentId time conditionId\n".to_owned();
    for i in 0..8 {
        experiments += &format!("e{i} 0 dosed\n");
    }
    let without_doses = oral()
        .with("experiments.tsv", table(&experiments))
        .with(
            "conditions.tsv",
            table("conditionId targetId targetValue\ndosed depot 100"),
        )
        .without("doses.tsv");
    for (files, version) in [
        (oral(), PetabVersion::V2),
        (without_doses, PetabVersion::V1),
    ] {
        let (problem, warnings) = plain(&files, version);
        // 4 individuals: volume, clearance, clearance on two occasions, base
        assert!(
            warnings.iter().any(|w| w.contains("20 parameters")),
            "{warnings:#?}"
        );
        let found = at_them(&problem, None);
        assert!(
            (found - expected).abs() < 1e-7,
            "{version:?}: {found} for {expected}"
        );
    }
}

#[test]
fn occasions_within_an_experiment_become_periods() {
    let [one, other] = [apart(), within()].map(|files| {
        let (problem, _) = plain(&files, PetabVersion::V2);
        at_them(&problem, Some(1.07))
    });
    // what is left of the first dose is below the tolerance
    assert!((one - other).abs() < 1e-7, "{one} and {other}");
}

#[test]
fn what_has_no_form_is_told_with_its_place() {
    let effects = "randomEffectId\tparameterId\ttransformation\ttransformationLower\ttransformationUpper\tstandardDeviation\neta\tke\tprobit\t0\t5\tomega\n";
    let (_folder, problem) = crate::problems::wang()
        .with("random_effects.tsv", effects)
        .petab();
    let format = Format {
        version: PetabVersion::V2,
        plain: true,
    };
    let errors = petab::convert(&problem, format).expect_err("probit has no form");
    let text = errors[0].to_string();
    assert!(
        text.contains("random_effects.tsv, row 2, column transformation")
            && text.contains("probit"),
        "{text}"
    );
}

/// Readings of the model as it stands get an experiment, whose condition sets the individual's rate.
#[test]
fn an_individual_without_experiment_is_said_too() {
    let files = crate::problems::wang().without("experiments.tsv").with(
        "measurements.tsv",
        table("observableId experimentId time measurement\nobs NA 0 10.68\nobs NA 1 3.6837"),
    );
    let (problem, _) = plain(&files, PetabVersion::V2);
    let mut natural = problem.parameters.nominal();
    let row = problem.parameters.index_of("ke_as_it_stands").unwrap();
    natural.0[row] = 0.8;
    let objective = CohortObjective::new(&problem, ObjectiveOptions::default()).unwrap();
    let found = objective.likelihood(&natural).unwrap().log_likelihood;
    let sd = 0.1f64.sqrt();
    let y = 10.0 * (-0.8f64).exp();
    let expected = normal(10.68 - 10.0, sd * 10.0)
        + normal(3.6837 - y, sd * y)
        + normal((0.8f64 / 0.5).ln(), 0.2);
    // a hundred times the tolerance of the solve
    assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
}
