//! Elements balance, carbon is kept, nothing falls below zero.
use crate::support::*;
use approx::assert_relative_eq;
use holobiont::library::{Acidity, Metabolites, Microbiota, PhWindow};
use holobiont::network::{Parameter, Species};

#[test]
fn all_fifteen_pathways_with_their_biomass_balance_every_element() {
    for (formula, nitrogen) in [("CH2O", false), ("CH1.8O0.5N0.2", true), ("C5H7O2N", true)] {
        let microbiota = Microbiota {
            biomass: formula.to_string(),
            guilds: groups(nitrogen),
            ..Microbiota::default()
        };
        let metabolites = Metabolites {
            pools: pools(),
            ..Metabolites::default()
        };
        let mut network = network(&[&metabolites, &microbiota]);
        for (group, substrate, _, _, growth_yield) in PATHWAYS {
            let id = format!("yield_{group}_{substrate}");
            network.parameter_mut(&id).expect("a yield").value = Some(*growth_yield);
        }
        set(&mut network, &[("gmax", 1.0), ("k_", 0.01)]);
        start(&mut network, 1.0);
        equations(&network);
        let stoichiometry = network.stoichiometry();
        assert_eq!(stoichiometry.reactions.len(), 15);
        for element in ["C", "H", "O", "N"] {
            let atoms = atoms(&network, formula, element);
            for (column, reaction) in stoichiometry.reactions.iter().enumerate() {
                let net = stoichiometry.matrix.column(column);
                let terms = atoms.iter().zip(net.iter());
                let (sum, size) = terms.fold((0.0, 1.0), |(sum, size), (a, n)| {
                    (sum + a * n, f64::max(size, (a * n).abs()))
                });
                assert!(
                    f64::abs(sum) <= 1e-12 * size,
                    "{element} of {reaction} with {formula}: {sum}"
                );
            }
        }
    }
}

#[test]
fn carbon_that_flows_in_is_in_pools_biomass_or_has_left() {
    for (window, acidity) in [
        (PhWindow::Trapezoid, Acidity::Clipped),
        (PhWindow::Smooth, Acidity::Smooth),
    ] {
        let mut network = small_gut(window, acidity);
        let carbon = atoms(&network, "CH2O", "C");
        let ids: Vec<String> = network
            .all_species()
            .iter()
            .map(|(id, _)| id.clone())
            .collect();
        let carbon_of = |id: &str| match id {
            "plasma_acetate" => 2.0,
            id => carbon[ids.iter().position(|known| known == id).expect("a species")],
        };
        // what every reaction that is no pathway adds to or takes from the lumen and the plasma
        let mut exchange = vec!["0".to_string()];
        for (id, reaction) in network.all_reactions() {
            if id.starts_with("growth_") || id.starts_with("splitting_") {
                continue;
            }
            let weight = |side: &[(String, holobiont::network::Formula)]| -> f64 {
                side.iter().map(|(species, _)| carbon_of(species)).sum()
            };
            let net = weight(&reaction.products) - weight(&reaction.reactants);
            exchange.push(format!("{net} * unit_less * {id}"));
        }
        // amounts and masses meet in the sum: a factor of undeclared unit
        network.parameter("unit_less", Parameter::new(1.0));
        network
            .species("exchanged", Species::new(0.0))
            .expect("a species");
        network
            .rate_rule("exchanged", exchange.join(" + "))
            .expect("a rule");
        let system = system(&network);
        let solution = run(&system, &[0.0, 0.1, 1.0, 10.0, 60.0]);
        let total = |k: usize| -> f64 {
            let states = solution.states(k);
            let of = |id: &String| states[system.state_index(id).expect("a state")];
            let volume = |id: &str| if id == "plasma_acetate" { 3.0 } else { 0.6 };
            ids.iter()
                .map(|id| volume(id) * carbon_of(id) * of(id))
                .sum()
        };
        let exchanged = system.state_index("exchanged").expect("a state");
        for k in 1..5 {
            // linear invariants are kept by the method to rounding of sums of size 1e5
            let now = total(k) - solution.states(k)[exchanged];
            assert_relative_eq!(now, total(0), epsilon = 1e-9 * total(k).max(1.0));
        }
        let last = solution.states(4);
        for (id, (x, kept)) in system
            .state_ids()
            .iter()
            .zip(last.iter().zip(system.nonnegative()))
        {
            // ten times the absolute tolerance: what dies out may end on either side of zero
            assert!(!kept || *x >= -1e-12, "{id} = {x}");
        }
        // the run has life in it: grams per litre
        let living =
            ["But", "Lact", "Ace", "Prop"].map(|id| last[system.state_index(id).expect("a guild")]);
        assert!(living.iter().sum::<f64>() > 1.0, "{living:?}");
    }
}

#[test]
fn a_state_at_zero_never_falls() {
    let network = small_gut(PhWindow::Trapezoid, Acidity::Clipped);
    let equations = equations(&network);
    let levels = [0.0, 0.3, 7.0];
    for state in equations.states.iter().filter(|s| s.nonnegative) {
        for level in levels {
            for other in ["", "acetate", "hexose", "CO2", "But"] {
                let value = |id: &str| {
                    let is_state = equations.states.iter().any(|s| s.id == id);
                    is_state.then(|| {
                        if id == state.id || id == other {
                            0.0
                        } else {
                            level
                        }
                    })
                };
                let change = derivative(&derivatives(&equations, &value), &state.id);
                assert!(
                    change >= 0.0,
                    "{} falls from 0 by {change} at {level}",
                    state.id
                );
            }
        }
    }
}
