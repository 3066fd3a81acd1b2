//! Whole trials: bits, false positives, power, arms, adherence, failures.
use super::support::{read, small};
use holobiont::trial::{Kind, Options, Subjects, Trial, TrialError, run};

fn trial(changes: &[(&str, &str)], seed: u64, trials: usize) -> Trial {
    let (model, system) = small();
    let (population, design) = read(&model, &system, changes);
    let options = Options {
        seed,
        trials: Some(trials),
        ..Options::default()
    };
    run(&model, &system, &population, &design, &options).expect("a trial")
}

const PLACEBO_ONLY: (&str, &str) = ("scenario = \"drug\", ", "");

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let trial = pool.expect("a pool").install(|| trial(&[], seed, 20));
        // text with all digits: a reading that is missing is NaN, which equals nothing
        format!("{:?} {:?} {:?}", trial.patients, trial.rows, trial.power)
    };
    let one = on(1, 5);
    assert!(one == on(2, 5), "two threads give other bits");
    assert!(one != on(1, 6), "another seed gives the same");
}

#[test]
fn without_an_effect_one_finding_in_twenty_is_false() {
    let trials = 1000;
    let trial = trial(&[PLACEBO_ONLY], 1, trials);
    let power = trial.power.expect("repeated trials");
    assert_eq!(power.trials, trials);
    // four binomial standard errors; 40 subjects an arm make the tests of rates and hazards a little too eager
    let error = (0.05 * 0.95 / trials as f64).sqrt();
    for (row, found) in trial.rows.iter().zip(&power.rows) {
        let share = found.none.share();
        let eager = match trial.design.endpoints[row.endpoint].kind {
            Kind::Relapses | Kind::Progression => 0.01,
            _ => 0.0,
        };
        assert!(
            (0.05 - 4.0 * error..0.05 + 4.0 * error + eager).contains(&share),
            "{row:?}: {share}"
        );
        // arms that are alike find as much with their "effect" as without
        assert_eq!(found.none, found.effect);
    }
}

#[test]
fn a_drug_that_works_is_found_and_lowers_what_it_should() {
    let trial = trial(&[], 2, 100);
    let power = trial.power.as_ref().expect("repeated trials");
    for (row, found) in trial.rows.iter().zip(&power.rows) {
        let endpoint = &trial.design.endpoints[row.endpoint];
        assert!(
            row.treated.value < row.control.value,
            "{}: {row:?}",
            endpoint.id
        );
        assert!(
            found.effect.share() > 2.0 * found.none.share(),
            "{}: {found:?}",
            endpoint.id
        );
    }
    let marker = trial.rows.last().expect("the marker is the last endpoint");
    // the drug blocks 60 %
    assert!(
        marker.contrast.interval.0 < 0.4 && 0.4 < marker.contrast.interval.1,
        "{marker:?}"
    );
}

#[test]
fn subjects_are_allocated_once_and_failures_counted() {
    let trial = trial(&[], 3, 0);
    assert_eq!((trial.arm(0).len(), trial.arm(1).len()), (40, 40));
    let mut numbers: Vec<usize> = trial.patients.iter().map(|p| p.subject).collect();
    numbers.dedup();
    assert_eq!(numbers, (0..80).collect::<Vec<usize>>());
    assert_eq!(
        (trial.failures.len(), trial.solved, trial.screened),
        (0, 80 * 3, 80)
    );
    assert!(trial.power.is_none());
}

#[test]
fn only_eligible_subjects_take_part_and_too_few_are_an_error() {
    let eligible = |range: &str| {
        let (model, system) = small();
        let (population, design) = read(
            &model,
            &system,
            &[(
                "[[endpoint]]\nid = \"arr\"",
                &format!("[eligible]\nactivity = {range}\n[[endpoint]]\nid = \"arr\""),
            )],
        );
        run(&model, &system, &population, &design, &Options::default())
    };
    let trial = eligible("[1, 9]").expect("enough of them");
    assert!(trial.screened > 80 && trial.patients.len() == 80);
    let marker = trial
        .design
        .endpoints
        .iter()
        .position(|e| e.id == "marker")
        .expect("there");
    // 5 mg/l a unit of activity, with noise of a third: hardly below half of it
    assert!(trial.patients.iter().all(|p| p.readings[marker][0] > 1.5));
    match eligible("[50, 60]") {
        Err(TrialError::TooFewEligible { found, wanted, .. }) => {
            assert_eq!((found, wanted), (0, 80))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_taken_does_nothing_and_half_a_dose_half() {
    let (model, system) = small();
    let lives = |adherence: &str| {
        let table = format!("{adherence}\n[[endpoint]]\nid = \"arr\"");
        let no_noise = ("cv = 0.3, ", "cv = 0, ");
        let (population, design) = read(
            &model,
            &system,
            &[("[[endpoint]]\nid = \"arr\"", &table), no_noise],
        );
        let trial =
            run(&model, &system, &population, &design, &Options::default()).expect("a trial");
        trial.rows.last().expect("the marker").contrast.value
    };
    let all = |missed: f64| {
        format!(
            "[adherence]\nsubjects = 0\nintervals = 1\nmissed = {missed}\nevidence = \"assumed\""
        )
    };
    let ratio = |same_subjects_untreated: f64, value: f64| value / same_subjects_untreated;
    let nobody = lives(&all(0.0));
    assert!(
        (ratio(nobody, lives(&all(0.5))) - 0.7).abs() < 0.01,
        "half of the drug blocks 30 %"
    );
    assert!(
        (ratio(nobody, lives("")) - 0.4).abs() < 0.01,
        "the drug blocks 60 %"
    );
    let half = lives("[adherence]\nsubjects = 1\nintervals = 0.5\nevidence = \"assumed\"");
    assert!((0.4..1.0).contains(&ratio(nobody, half)), "{half}");
}

#[test]
fn a_treatment_brings_no_parameter_along_that_belongs_to_subjects() {
    let (model, system) = small();
    let (population, _) = read(
        &model,
        &system,
        &[("cv = 0.4", "cv = 0"), ("rate = 2,", "rate = 0,")],
    );
    let healthy = model.scenario("healthy").expect("there");
    let ids = vec!["activity".to_string(), "damage".to_string()];
    let subjects = Subjects::new(&model, &system, &population, healthy, ids, 1);
    let settled: Vec<_> = (subjects.settle(0..2, 100.0).expect("sound").into_iter())
        .map(|s| s.expect("solved"))
        .collect();
    let drug = model.scenario("drug");
    let life = subjects
        .treated(&settled, drug, &[0.0, 90.0])
        .expect("sound")
        .swap_remove(0)
        .expect("solved");
    // `drug` sets the drive of `ms`, which a healthy subject does not get: 0.3 (1 - 0.6) at rest
    assert!((life.at(0, 90.0) - 0.12).abs() < 1e-3, "{life:?}");
    // what it sets beside does act: damage grows by 0.0004 a day of activity, not by 0.0005
    let untreated = subjects
        .treated(&settled, None, &[0.0, 90.0])
        .expect("sound")
        .swap_remove(0)
        .expect("solved");
    assert!((untreated.at(0, 90.0) - 0.3).abs() < 1e-3);
    let grown = |life: &holobiont::trial::Life| life.at(1, 90.0) - life.at(1, 0.0);
    let area = 0.12 * 90.0 + (0.3 - 0.12) * (1.0 - (-9.0_f64).exp()) / 0.1;
    assert!((grown(&life) - 0.0004 * area).abs() < 1e-5);
    assert!((grown(&untreated) - 0.0005 * 0.3 * 90.0).abs() < 1e-5);
}

#[test]
fn a_small_trial_of_the_flagship_runs() {
    let model = holobiont::models::get("gut_ms")
        .expect("ships")
        .expect("sound");
    let system = model.network.compile().expect("a system");
    let text = holobiont::models::population("gut_ms").expect("ships");
    let population =
        holobiont::trial::Population::read("population.toml".as_ref(), text, &model, &system);
    let population = population.unwrap_or_else(|errors| panic!("{errors:?}"));
    for (id, text) in holobiont::models::trials("gut_ms") {
        let design =
            holobiont::trial::Design::read(id.as_ref(), text, &model, &system, &population);
        let mut design = design.unwrap_or_else(|errors| panic!("{errors:?}"));
        design.arms.iter_mut().for_each(|arm| arm.size = 4);
        design.horizon = 5.0 * design.every;
        let options = Options {
            seed: 1,
            trials: Some(2),
            ..Options::default()
        };
        let trial = run(&model, &system, &population, &design, &options).expect("a trial");
        assert_eq!(
            trial.rows.len(),
            design.endpoints.len() * (design.arms.len() - 1)
        );
        assert!(trial.failures.is_empty(), "{:?}", trial.failures);
    }
}
