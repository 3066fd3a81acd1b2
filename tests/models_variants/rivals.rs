//! The rivals of the causal story: the gut as a bystander (`gut_ms_passive`) and as a victim (`gut_ms_reverse`).
use crate::support::*;

/// States of the gut: the lumen, the wall, and what of it reaches plasma.
fn of_the_gut(id: &str) -> bool {
    const GUT: &[&str] = &[
        "cellulose",
        "starch",
        "inulin",
        "mucin",
        "acetate",
        "propionate",
        "butyrate",
        "lactate",
        "Bac",
        "Bif",
        "But",
        "Akk",
        "Lch",
        "Ent",
        "mucus",
        "junctions",
        "LPS",
    ];
    id.starts_with("mucosa_")
        || id.starts_with("ileum_")
        || (id.starts_with("plasma_"))
        || GUT.contains(&id)
}

const HOST: &[&str] = &[
    "effector_brain",
    "effector",
    "regulatory",
    "axons",
    "NfL",
    "CRP",
    "MDA",
    "vagal_tone",
    "insulin",
];

#[test]
fn nothing_of_the_gut_acts_on_the_host_of_a_rival_but_it_does_in_gut_ms() {
    for name in ["gut_ms_passive", "gut_ms_reverse"] {
        let rival = variant(name);
        let above = rival.ancestors(HOST);
        assert!(above.len() > 20, "{above:?}");
        let gut: Vec<_> = above.iter().filter(|id| of_the_gut(id)).collect();
        assert!(gut.is_empty(), "{name}: {gut:?}");
        // nor a parameter of the gut: growth, death, food, absorption
        let registers: Vec<usize> = (rival.system.parameter_ids().iter().enumerate())
            .filter(|(_, id)| {
                [
                    "gmax_",
                    "kill_",
                    "inflow_",
                    "a_",
                    "crowding_A",
                    "crowding_B",
                    "passage_",
                    "T_t",
                ]
                .iter()
                .any(|head| id.starts_with(head))
            })
            .map(|(register, _)| register)
            .collect();
        assert!(registers.len() > 30);
        let sensitivity = rival.system.sensitivity(&registers).expect("tapes");
        let touched = sensitivity.pattern().iter().map(|(row, _)| *row as usize);
        let ids = rival.system.state_ids();
        let touched: Vec<_> = touched
            .map(|row| ids[row].as_str())
            .filter(|id| above.contains(id))
            .collect();
        assert!(touched.is_empty(), "{name}: {touched:?}");
    }
    let whole = variant("gut_ms");
    let above = whole.ancestors(HOST);
    assert!(above.iter().filter(|id| of_the_gut(id)).count() > 15);
}

#[test]
fn the_host_acts_on_the_gut_of_the_victim_not_on_that_of_the_bystander() {
    let gut = |rival: &Variant| -> Vec<String> {
        let ids = rival.system.state_ids().iter();
        ids.filter(|id| of_the_gut(id)).cloned().collect()
    };
    let passive = variant("gut_ms_passive");
    let ids = gut(&passive);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(passive.ancestors(&ids).iter().all(|id| of_the_gut(id)));
    let reverse = variant("gut_ms_reverse");
    let above = reverse.ancestors(&["Ent"]);
    for id in ["TNF", "effector", "axons", "vagal_tone"] {
        assert!(above.contains(&id), "{id} in {above:?}");
    }
}

#[test]
fn antibiotics_and_fibre_change_the_gut_of_the_bystander_alone() {
    let passive = variant("gut_ms_passive");
    for treated in ["antibiotics", "fibre_low", "fibre_high"] {
        let solution = passive.run(treated, &[9.0, 60.0]);
        let plain = match treated {
            "antibiotics" => passive.run("twin_healthy", &[9.0, 60.0]),
            _ => passive.run("ms", &[9.0, 60.0]),
        };
        let (mut gut, mut host) = (0.0_f64, 0.0_f64);
        for (state, id) in passive.system.state_ids().iter().enumerate() {
            let pairs = solution.series(state).into_iter().zip(plain.series(state));
            let apart = pairs.map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max);
            match of_the_gut(id) {
                true => gut = gut.max(apart),
                false => host = host.max(apart),
            }
        }
        // the host's equations are the same; the steps of the solver are not
        assert!(
            host < 1e-4 && gut > 0.1,
            "{treated}: host {host:e}, gut {gut}"
        );
    }
}

#[test]
fn disease_is_there_without_the_gut_and_changes_the_gut_of_the_victim() {
    for name in ["gut_ms_passive", "gut_ms_reverse"] {
        let rival = variant(name);
        let healthy = rival.run("healthy", &[3650.0]);
        assert!((rival.last(&healthy, "effector_brain") - 1.0).abs() < 0.05);
        assert!(rival.last(&healthy, "edss") < 1.0);
        assert!(rival.at("ms", 3650.0, "effector_brain") > 2.0);
        // genes decide: the twins do not differ
        let (ms, twin) = (
            rival.at("ms", 730.0, "effector_brain"),
            rival.at("twin_healthy", 730.0, "effector_brain"),
        );
        assert!((ms / twin - 1.0).abs() < 0.02, "{ms} {twin}");
        let changed = rival.at("ms", 1095.0, "share_Ent") / rival.last(&healthy, "share_Ent");
        assert_eq!(changed > 1.5, name == "gut_ms_reverse", "{name}: {changed}");
    }
}

#[test]
fn every_scenario_of_a_rival_ends() {
    variant("gut_ms_passive").check_scenarios();
    variant("gut_ms_reverse").check_scenarios();
}
