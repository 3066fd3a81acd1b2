//! `gut_ms_core`: few states, two states of rest, and the order of what scenarios do.
use crate::support::*;
use approx::assert_relative_eq;

const OBSERVED: &[&str] = &["crp", "treg", "nfl", "edss", "relapse_rate", "lmr"];

#[test]
fn there_are_fourteen_states_and_no_kinks() {
    let core = variant("gut_ms_core");
    assert!(
        core.system.state_ids().len() <= 14,
        "{:?}",
        core.system.state_ids()
    );
    assert_eq!(core.system.mode_count(), 0);
    for id in OBSERVED {
        assert!(core.system.observable_index(id).is_some(), "{id}");
    }
    let wanted = [
        "healthy",
        "dysbiotic",
        "twin_healthy",
        "ms",
        "propionate",
        "fibre_high",
        "fibre_low",
        "antibiotics",
        "fmt_single",
        "natalizumab",
        "infection",
    ];
    for id in wanted {
        let scenario = core.model.scenario(id).expect("a scenario");
        assert!(
            scenario.study.is_some() && scenario.standing.is_some(),
            "{id}"
        );
    }
}

#[test]
fn health_rests_at_the_reference_and_dysbiosis_beside_it() {
    let core = variant("gut_ms_core");
    let (healthy, dysbiotic) = (
        core.run("healthy", &[3650.0]),
        core.run("dysbiotic", &[3650.0]),
    );
    for id in [
        "junctions",
        "LPS",
        "TNF",
        "ROS",
        "effector",
        "regulatory",
        "effector_brain",
    ] {
        assert_relative_eq!(core.last(&healthy, id), 1.0, epsilon = 0.1);
    }
    assert!(core.last(&healthy, "edss") < 1.0);
    assert!(core.last(&dysbiotic, "Ent") > 10.0 * core.last(&healthy, "Ent"));
    assert!(core.last(&dysbiotic, "TNF") > 1.3 * core.last(&healthy, "TNF"));
    assert!(core.last(&dysbiotic, "lmr") > core.last(&healthy, "lmr"));
    assert!(core.last(&dysbiotic, "crp") > core.last(&healthy, "crp"));
}

#[test]
fn the_gut_parts_twins_and_treatments_have_an_order() {
    let core = variant("gut_ms_core");
    let cells = |scenario: &str| core.at(scenario, 730.0, "effector_brain");
    let ms = cells("ms");
    assert!(ms > 2.0 * cells("twin_healthy"));
    assert!(cells("natalizumab") < 0.2 * ms);
    assert!(cells("propionate") < 0.9 * ms);
    assert!(cells("fibre_high") < ms && ms < cells("fibre_low"));
    let edss = |scenario: &str| core.at(scenario, 3650.0, "edss");
    assert!(edss("ms") > 2.0 && edss("twin_healthy") < 2.0);
    // a course of antibiotics, and an infection, pass
    for scenario in ["antibiotics", "infection"] {
        let (then, twin) = (
            core.at(scenario, 365.0, "Ent"),
            core.at("twin_healthy", 365.0, "Ent"),
        );
        assert_relative_eq!(then, twin, max_relative = 0.05);
    }
    assert!(core.at("antibiotics", 9.0, "But") < 0.6 * core.at("twin_healthy", 9.0, "But"));
    assert!(
        core.at("infection", 20.0, "relapse_rate") > core.at("twin_healthy", 20.0, "relapse_rate")
    );
}

#[test]
fn every_scenario_of_the_core_ends() {
    variant("gut_ms_core").check_scenarios();
}
