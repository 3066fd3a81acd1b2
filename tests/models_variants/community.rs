//! `gut_ms_community`: the ten published groups in the place of six guilds.
use crate::support::*;

const GROUPS: &[&str] = &[
    "B", "NBSD", "NBFD", "LP", "BP1", "BP2", "BP3", "PP", "A", "M",
];

#[test]
fn the_groups_and_pathways_are_those_of_kettle2015() {
    let (community, published) = (variant("gut_ms_community"), variant("kettle2015"));
    let value = |variant: &Variant, id: &str| {
        let found = variant.model.network.all_parameters().iter();
        found
            .clone()
            .find(|(known, _)| known == id)
            .and_then(|(_, p)| p.value)
    };
    let mut same = 0;
    for row in &published.model.parameters {
        let of_growth = ["yield_", "k_", "ph1_", "ph2_", "ph3_", "ph4_", "gmax_"];
        if of_growth.iter().any(|head| row.id.starts_with(head)) && !row.id.starts_with("gmax_PP") {
            assert_eq!(
                value(&community, &row.id),
                value(&published, &row.id),
                "{}",
                row.id
            );
            same += 1;
        }
    }
    assert!(same > 120, "{same}");
    let reactions = community.model.network.all_reactions();
    for (id, _) in published.model.network.all_reactions() {
        if id.starts_with("growth_") {
            assert!(reactions.iter().any(|(known, _)| known == id), "{id}");
        }
    }
    for group in GROUPS {
        assert!(
            community
                .system
                .state_index(&format!("mucosa_{group}"))
                .is_some()
        );
    }
    for gone in ["Bac", "Akk", "mucosa_Ent", "cellulose"] {
        assert!(community.system.state_index(gone).is_none(), "{gone}");
    }
}

#[test]
fn health_rests_with_80_to_130_mmol_of_acids() {
    let community = variant("gut_ms_community");
    let healthy = community.run("healthy", &[1825.0, 3650.0]);
    for id in GROUPS {
        let series = healthy.series(community.system.state_index(id).expect("a group"));
        assert!(
            (series[1] / series[0] - 1.0).abs() < 0.05,
            "{id} {series:?}"
        );
        assert!(series[1] > 0.005, "{id} {series:?}");
    }
    let acids = community.last(&healthy, "tscfa");
    assert!((80.0..130.0).contains(&acids), "{acids}");
    let share = |id: &str| community.last(&healthy, id) / acids;
    assert!((0.5..0.7).contains(&share("acetate")));
    assert!((0.1..0.3).contains(&share("propionate")) && (0.1..0.3).contains(&share("butyrate")));
    assert!((5.5..6.7).contains(&community.last(&healthy, "pH")));
    for id in ["LPS", "TNF", "effector", "effector_brain", "permeability"] {
        let value = community.last(&healthy, id);
        assert!((0.8..1.25).contains(&value), "{id} {value}");
    }
}

#[test]
fn an_antibiotic_takes_groups_away_and_a_probiotic_adds_lp() {
    let community = variant("gut_ms_community");
    assert!(
        community.at("antibiotics", 9.0, "BP1") < 0.5 * community.at("twin_healthy", 9.0, "BP1")
    );
    assert!(
        community.at("probiotic_live", 80.0, "LP")
            > 1.02 * community.at("probiotic_dead", 80.0, "LP")
    );
}

#[test]
fn every_scenario_of_the_community_ends() {
    let community = variant("gut_ms_community");
    assert!(community.model.scenarios.len() >= 34);
    community.check_scenarios();
}
