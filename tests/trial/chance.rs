//! Chance: relapses, dropout, noise, spreads, and progression on series made by hand.
use super::support::{read, small};
use holobiont::trial::{
    Options, Rise, Subjects, Trial, confirmed_progression, expected_relapses, nearest_step, run,
};

fn trial(changes: &[(&str, &str)]) -> Trial {
    let (model, system) = small();
    let (population, design) = read(&model, &system, changes);
    let options = Options {
        seed: 11,
        trials: Some(0),
        ..Options::default()
    };
    run(&model, &system, &population, &design, &options).expect("a trial")
}

#[test]
fn relapses_come_as_often_as_their_rate_says() {
    let (model, system) = small();
    let bigger = (
        "id = \"placebo\", size = 40",
        "id = \"placebo\", size = 300",
    );
    let (population, design) = read(&model, &system, &[bigger]);
    let options = Options {
        seed: 11,
        trials: Some(0),
        ..Options::default()
    };
    let trial = run(&model, &system, &population, &design, &options).expect("a trial");
    let seen: usize = trial.arm(0).iter().map(|p| p.relapses.len()).sum();
    // the same subjects live again: the integral of their rates
    let ms = model.scenario("ms").expect("there");
    let subjects = Subjects::new(
        &model,
        &system,
        &population,
        ms,
        vec!["relapse_rate".to_string()],
        11,
    );
    let settled: Vec<_> = (subjects.settle(0..300, 672.0).expect("sound").into_iter())
        .map(|s| s.expect("solved"))
        .collect();
    let days: Vec<f64> = (0..=672).map(f64::from).collect();
    let lives = subjects.treated(&settled, None, &days).expect("sound");
    let expected: f64 = lives
        .iter()
        .map(|life| expected_relapses(life.as_ref().expect("solved"), 0, 672.0))
        .sum();
    // counts of a Poisson process scatter by the root of their mean; the weekly grid of the trial adds less than 1 %
    assert!(
        (seen as f64 - expected).abs() < 3.5 * expected.sqrt() + 0.01 * expected,
        "{seen} seen, {expected} expected"
    );
    for patient in &trial.patients {
        assert!(patient.relapses.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            patient
                .relapses
                .iter()
                .all(|day| (0.0..=672.0).contains(day))
        );
    }
}

#[test]
fn dropout_follows_its_hazard_and_hides_what_comes_after() {
    let table = "[dropout]\nhazard = 0.5\nevidence = \"assumed\"\n[[endpoint]]\nid = \"arr\"";
    let trial = trial(&[
        ("[[endpoint]]\nid = \"arr\"", table),
        ("size = 40", "size = 150"),
    ]);
    let dropped = trial.patients.iter().filter(|p| p.dropped).count() as f64;
    let (n, share) = (
        trial.patients.len() as f64,
        1.0 - (-0.5 * 672.0 / 365.25_f64).exp(),
    );
    assert!(
        (dropped - n * share).abs() < 3.5 * (n * share * (1.0 - share)).sqrt(),
        "{dropped} of {n}, {share} expected"
    );
    for patient in &trial.patients {
        assert!(patient.relapses.iter().all(|day| *day <= patient.left));
        let rows = patient.readings.iter().skip(3).chain([&patient.disability]);
        for row in rows {
            for (day, reading) in trial.visits.iter().zip(row) {
                assert_eq!(reading.is_finite(), *day <= patient.left, "{patient:?}");
            }
        }
    }
}

#[test]
fn noise_has_the_spread_that_the_design_gives_it() {
    // nobody differs, nobody is infected: what is left is noise
    let alike = [
        ("cv = 0.4", "cv = 0"),
        ("sd = 0.5", "sd = 0"),
        ("rate = 2,", "rate = 0,"),
    ];
    let trial = trial(&alike);
    let marker = trial
        .design
        .endpoints
        .iter()
        .position(|e| e.id == "marker")
        .expect("there");
    let logs: Vec<f64> = trial
        .arm(0)
        .iter()
        .flat_map(|p| p.readings[marker].iter().map(|x| x.ln()))
        .collect();
    let (n, mean) = (
        logs.len() as f64,
        logs.iter().sum::<f64>() / logs.len() as f64,
    );
    let sd = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let sigma = 1.09_f64.ln().sqrt();
    assert!(
        (mean - 6.0_f64.ln()).abs() < 4.0 * sigma / n.sqrt(),
        "{mean}"
    );
    assert!(
        (sd / sigma - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
        "{sd} {sigma}"
    );
    // points are steps of the scale
    let steps = |score: &f64| (2.0 * score).fract() == 0.0 && *score != 0.5;
    assert!(
        trial
            .patients
            .iter()
            .all(|p| p.disability.iter().all(steps))
    );
}

#[test]
fn draws_stay_within_the_declared_range_and_keep_their_median() {
    let (model, system) = small();
    let wide = [("cv = 0.4", "cv = 1.5"), ("rate = 2,", "rate = 0,")];
    let (population, _) = read(&model, &system, &wide);
    let ms = model.scenario("ms").expect("there");
    let subjects = Subjects::new(
        &model,
        &system,
        &population,
        ms,
        vec!["activity".to_string()],
        4,
    );
    let settled = subjects.settle(0..400, 1.0).expect("sound");
    let settled: Vec<_> = settled.into_iter().map(|s| s.expect("solved")).collect();
    let lives = subjects.treated(&settled, None, &[0.0]).expect("sound");
    // without infections activity rests at the drive, whose range is 0.2 to 2
    let mut drives: Vec<f64> = lives
        .iter()
        .map(|life| life.as_ref().expect("solved").at(0, 0.0))
        .collect();
    drives.sort_by(f64::total_cmp);
    assert!(
        drives[0] > 0.199 && drives[399] < 2.001,
        "{} {}",
        drives[0],
        drives[399]
    );
    // the range cuts more above 1.2 than below: more than half of the draws lie below
    let below = drives.iter().filter(|x| **x < 1.2).count();
    assert!(below > 220, "{below}");
}

#[test]
fn infections_raise_activity_for_their_days_and_are_the_same_in_every_arm() {
    let (model, system) = small();
    let (population, _) = read(
        &model,
        &system,
        &[("cv = 0.4", "cv = 0"), ("rate = 2,", "rate = 20,")],
    );
    let ms = model.scenario("ms").expect("there");
    let subjects = Subjects::new(
        &model,
        &system,
        &population,
        ms,
        vec!["activity".to_string()],
        4,
    );
    let settled = subjects.settle(0..30, 400.0).expect("sound");
    let settled: Vec<_> = settled.into_iter().map(|s| s.expect("solved")).collect();
    let days: Vec<f64> = (0..=400).map(f64::from).collect();
    let mean = |scenario: Option<&str>| {
        let scenario = scenario.and_then(|id| model.scenario(id));
        let lives = subjects.treated(&settled, scenario, &days).expect("sound");
        let lives: Vec<_> = lives
            .into_iter()
            .map(|life| life.expect("solved"))
            .collect();
        let each = lives
            .iter()
            .map(|life| life.values[0].iter().skip(100).sum::<f64>() / 301.0);
        (each.sum::<f64>() / 30.0, lives)
    };
    let ((untreated, lives), (treated, treated_lives)) = (mean(None), mean(Some("drug")));
    // 20 infections a year of 7 days, one at a time: 1 - exp(-20 * 7 / 365.25) of the days
    let ill = 1.0 - (-20.0 * 7.0 / 365.25_f64).exp();
    assert!(
        (untreated / (1.2 * (1.0 + 2.0 * ill)) - 1.0).abs() < 0.1,
        "{untreated}"
    );
    assert!((treated / untreated - 0.4).abs() < 0.02, "{treated}");
    let (a, b) = (lives[0].at(0, 350.0), treated_lives[0].at(0, 350.0));
    assert!(
        (b / a - 0.4).abs() < 1e-3,
        "the same infections on the same days"
    );
}

#[test]
fn progression_is_a_rise_that_stays() {
    let rises = [
        Rise {
            up_to: 0.0,
            by: 1.5,
        },
        Rise {
            up_to: 5.5,
            by: 1.0,
        },
        Rise {
            up_to: 10.0,
            by: 0.5,
        },
    ];
    let days: Vec<f64> = (0..8).map(|k| 84.0 * f64::from(k)).collect();
    let onset = |scores: &[f64]| {
        confirmed_progression(&days[..scores.len()], scores, &rises, 168.0)
            .map(|o| (o.day, o.confirmed))
    };
    let gap = f64::NAN;
    // from 0 a rise of 1.5 is needed
    assert_eq!(onset(&[0.0, 1.0, 1.0, 1.0, 1.0]), None);
    assert_eq!(onset(&[0.0, 1.5, 1.5, 1.5]), Some((84.0, 252.0)));
    // up to 5.5 one of 1.0, above one of 0.5
    assert_eq!(onset(&[5.5, 6.0, 6.0, 6.0]), None);
    assert_eq!(onset(&[5.5, 6.5, 6.5, 6.5]), Some((84.0, 252.0)));
    assert_eq!(onset(&[6.0, 6.5, 6.5, 6.5]), Some((84.0, 252.0)));
    // a rise that goes back, and one that comes again and stays
    assert_eq!(onset(&[2.0, 3.0, 2.5, 3.0, 3.0, 3.5]), Some((252.0, 420.0)));
    // too late to be confirmed
    assert_eq!(onset(&[2.0, 2.0, 2.0, 3.0, 3.0]), None);
    // a missing visit neither confirms nor refutes
    assert_eq!(onset(&[2.0, 3.0, gap, 3.0]), Some((84.0, 252.0)));
    assert_eq!(onset(&[2.0, 3.0, 3.0, gap, 3.0]), Some((84.0, 336.0)));
    assert_eq!(onset(&[2.0, 3.0, 3.0, gap]), None);
    assert_eq!(
        onset(&[gap, 3.0, 3.0, 3.0, 4.0, 4.0, 4.0]),
        Some((336.0, 504.0))
    );
    assert_eq!(onset(&[]), None);
}

#[test]
fn a_score_is_the_nearest_step() {
    let steps = [0.0, 1.0, 1.5, 2.0, 10.0];
    for (value, step) in [
        (-3.0, 0.0),
        (0.49, 0.0),
        (0.5, 0.0),
        (0.51, 1.0),
        (1.3, 1.5),
        (5.9, 2.0),
        (99.0, 10.0),
    ] {
        assert_eq!(nearest_step(&steps, value), step, "{value}");
    }
}
