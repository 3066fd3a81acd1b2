//! Shares of virtual subjects, and findings about them.
use super::support::{read, small};
use holobiont::trial::{Shares, Subjects, shares};

fn of(subject: &str, treatment: Option<&str>, day: f64, changes: &[(&str, &str)]) -> Shares {
    let (model, system) = small();
    let (population, _) = read(&model, &system, changes);
    let subject = model.scenario(subject).expect("there");
    let treatment = treatment.map(|id| model.scenario(id).expect("there"));
    shares(&model, &system, &population, subject, treatment, day).expect("shares")
}

#[test]
fn a_relapse_within_a_year_is_as_probable_as_the_rate_says() {
    let alike = [
        ("cv = 0.4", "cv = 0"),
        ("sd = 0.5", "sd = 0"),
        ("rate = 2,", "rate = 0,"),
    ];
    let year = of("ms", None, 365.25, &alike);
    assert_eq!((year.subjects, year.failures.len()), (60, 0));
    assert!(
        (year.by_name["relapse_share"] - (1.0 - (-0.96_f64).exp())).abs() < 1e-4,
        "{year:?}"
    );
    // all rest at an activity of 1.2: none above it
    assert_eq!(of("healthy", None, 100.0, &alike).by_name["active"], 0.0);
}

#[test]
fn a_treatment_lowers_shares_and_day_0_knows_none() {
    let (untreated, treated) = (
        of("ms", None, 672.0, &[]),
        of("ms", Some("drug"), 672.0, &[]),
    );
    for share in ["active", "relapse_share", "progression_share"] {
        assert!(
            treated.by_name[share] < untreated.by_name[share],
            "{share}: {treated:?} {untreated:?}"
        );
    }
    assert!(untreated.by_name["once_active"] >= untreated.by_name["active"]);
    let start = of("ms", Some("drug"), 0.0, &[]);
    assert_eq!(
        (
            start.by_name["relapse_share"],
            start.by_name["progression_share"]
        ),
        (0.0, 0.0)
    );
    assert_eq!(
        start.by_name["active"],
        of("ms", None, 0.0, &[]).by_name["active"]
    );
}

#[test]
fn values_of_parameters_give_way_to_what_a_scenario_sets() {
    let (model, system) = small();
    let alike = [
        ("cv = 0.4", "cv = 0"),
        ("sd = 0.5", "sd = 0"),
        ("rate = 2,", "rate = 0,"),
    ];
    let (population, _) = read(&model, &system, &alike);
    let register = |id: &str| system.parameter_index(id).expect("a parameter");
    let ms = model.scenario("ms").expect("there");
    let subjects = Subjects::of_population(&model, &system, &population, ms)
        .at(&[(register("most"), 2.0), (register("drive"), 0.7)]);
    let settled = subjects.settle(0..1, 1.0).expect("sound");
    let settled: Vec<_> = settled.into_iter().map(|s| s.expect("solved")).collect();
    let lives = subjects.treated(&settled, None, &[0.0]).expect("sound");
    let rate = (subjects.quantities().iter()).position(|id| id == "relapse_rate");
    let life = lives[0].as_ref().expect("solved");
    let rate = life.at(rate.expect("it is asked for"), 0.0);
    // the scenario sets the drive to 1.2
    assert!((rate - 2.4).abs() < 1e-4, "{rate}");
}

#[cfg(feature = "report")]
#[test]
fn a_scorecard_speaks_of_shares_when_it_has_subjects() {
    use holobiont::scorecard::{Outcome, Quantities, read_targets, score};
    let head = "id\tclaim\tquantity\tscenario\treference\tsubject\tday\tcontrast\tvalue\tlower\tupper\tlevel\tunit\tnull\tdoi";
    let row = |id: &str, quantity: &str, scenario: &str, reference: &str, contrast: &str| {
        format!(
            "{id}\tS\t{quantity}\t{scenario}\t{reference}\tms\t672\t{contrast}\t1\t0.5\t2\t0.95\t1\tno\t10.1/x"
        )
    };
    let rows = [
        head.to_string(),
        row("level", "active", "ms", "baseline", "level"),
        row("difference", "active", "ms", "healthy", "difference_share"),
        row("odds", "progression_share", "drug", "placebo", "odds_ratio"),
        row("hazard", "relapse_share", "drug", "placebo", "hazard_ratio"),
        row("same", "relapse_share", "ms", "placebo", "hazard_ratio"),
        row(
            "start",
            "relapse_share",
            "drug",
            "baseline",
            "difference_share",
        ),
        row(
            "elsewhere",
            "active",
            "fasting",
            "placebo",
            "difference_share",
        ),
    ];
    let targets =
        read_targets("t.tsv".as_ref(), &rows.join("\n")).unwrap_or_else(|e| panic!("{e:?}"));
    let (model, system) = small();
    let (population, _) = read(&model, &system, &[]);
    let without = score(&model, &system, &targets, &Quantities::default());
    assert!(
        without
            .iter()
            .all(|row| matches!(row.outcome, Outcome::NotRepresentable(_)))
    );
    let quantities = Quantities {
        population: Some(population),
        ..Quantities::default()
    };
    let rows = score(&model, &system, &targets, &quantities);
    let value = |at: usize| match &rows[at].outcome {
        Outcome::Contrast(contrast) => *contrast,
        other => panic!("{}: {other:?}", rows[at].target.id),
    };
    let (untreated, healthy) = (of("ms", None, 672.0, &[]), of("healthy", None, 672.0, &[]));
    let active = |shares: &Shares| 100.0 * shares.by_name["active"];
    assert_eq!(value(0), active(&untreated));
    assert_eq!(value(1), active(&untreated) - active(&healthy));
    assert!(value(2) < 1.0 && value(3) < 1.0 && value(3) > 0.2);
    assert_eq!(value(4), 1.0);
    assert!(value(5) > 0.0);
    assert_eq!(
        rows[6].outcome,
        Outcome::NotRepresentable("no scenario `fasting`".to_string())
    );
}
