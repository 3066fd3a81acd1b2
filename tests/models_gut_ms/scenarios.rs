//! Every scenario runs; some of them do what they are for.
use crate::support::*;

#[test]
fn every_scenario_ends_with_finite_states_none_negative() {
    let model = gut_ms();
    assert!(model.model.scenarios.len() >= 34);
    for scenario in &model.model.scenarios {
        assert!(
            scenario.study.is_some() && scenario.standing.is_some(),
            "{}",
            scenario.id
        );
        let until = scenario.until.expect("an end");
        let solution = model.run(&scenario.id, &every(until / 50.0, until));
        for (state, id) in model.system.state_ids().iter().enumerate() {
            for value in solution.series(state) {
                // Rodas5P may pass 0 by its error
                assert!(
                    value.is_finite() && value > -1e-6,
                    "{}: {id} {value}",
                    scenario.id
                );
            }
        }
    }
}

#[test]
fn controls_do_nothing_and_what_they_control_does_something() {
    let model = gut_ms();
    let disease = |scenario: &str, day: f64, id: &str| {
        let solution = model.run(scenario, &[day]);
        model.last(&solution, id)
    };
    // a killed probiotic is no probiotic
    let (none, dead, live) = (
        disease("ms", 84.0, "Bif"),
        disease("probiotic_dead", 84.0, "Bif"),
        disease("probiotic_live", 84.0, "Bif"),
    );
    assert_eq!(none, dead);
    assert!((live / none - 1.0).abs() > 0.02, "{live} {none}");
    // a killed inoculum does not bring the disease of the living one
    assert!(
        disease("twin_transfer", 1095.0, "effector_brain")
            > 1.5 * disease("transfer_killed", 1095.0, "effector_brain")
    );
    // drugs that bar the way into the brain leave the gut as it is
    let gut = |scenario| ["LPS", "Ent", "But"].map(|id| disease(scenario, 1095.0, id));
    for (treated, ill) in gut("natalizumab").into_iter().zip(gut("ms")) {
        assert!((treated / ill - 1.0).abs() < 0.05, "{treated} {ill}");
    }
    assert!(
        disease("natalizumab", 1095.0, "effector_brain")
            < 0.2 * disease("ms", 1095.0, "effector_brain")
    );
}

#[test]
fn propionate_comes_and_goes() {
    let model = gut_ms();
    let at = |scenario: &str, day: f64| {
        let solution = model.run(scenario, &[day]);
        model.last(&solution, "plasma_propionate")
    };
    let (before, during, after) = (
        at("ms", 60.0),
        at("propionate_stop", 60.0),
        at("propionate_stop", 120.0),
    );
    assert!(during > 1.3 * before);
    assert!((after / at("ms", 120.0) - 1.0).abs() < 0.05);
}
