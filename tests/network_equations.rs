//! A network's flat equations are the mathematics its elements mean.
use holobiont::network::{
    Compartment, Equations, Event, Network, NetworkError, Observable, Parameter, Port, Reaction,
    Species,
};
use std::collections::HashMap;

type Outcome = Result<(), NetworkError>;

fn equations(network: &Network) -> Equations {
    match network.check() {
        Ok(checked) => checked.equations(),
        Err(errors) => panic!("{errors:?}"),
    }
}
/// Value of an expression; parameters have their default values.
fn value(
    equations: &Equations,
    e: holobiont::expr::Expr,
    states: &[(&str, f64)],
    time: f64,
) -> f64 {
    let states: HashMap<&str, f64> = states.iter().copied().collect();
    let parameter = |id: &str| {
        equations
            .parameters
            .iter()
            .find(|p| p.id == id)
            .map(|p| p.value)
    };
    equations
        .graph
        .evaluate(
            e,
            &|id| states.get(id).copied().or_else(|| parameter(id)),
            time,
        )
        .expect("all symbols have values")
}
fn derivative(equations: &Equations, id: &str, states: &[(&str, f64)]) -> f64 {
    let state = equations
        .states
        .iter()
        .find(|s| s.id == id)
        .expect("a state");
    value(equations, state.right_hand_side, states, 0.0)
}
fn initial(equations: &Equations, id: &str) -> f64 {
    let state = equations
        .states
        .iter()
        .find(|s| s.id == id)
        .expect("a state");
    value(equations, state.initial, &[], 0.0)
}

#[test]
fn a_plain_state_changes_by_stoichiometry_times_rate() -> Outcome {
    let mut n = Network::new("plain");
    n.species("S", Species::new(5.0))?
        .species("X", Species::new(1.0))?;
    n.parameter("Y", Parameter::new(0.5))
        .parameter("mu", Parameter::new(0.25));
    n.reaction(
        "growth",
        Reaction::rate("mu * S * X")
            .consumes("S", "1/Y")
            .produces("X", 1.0),
    )?;
    let e = equations(&n);
    assert_eq!(derivative(&e, "S", &[("S", 2.0), ("X", 3.0)]), -3.0);
    assert_eq!(derivative(&e, "X", &[("S", 2.0), ("X", 3.0)]), 1.5);
    Ok(())
}

#[test]
fn a_concentration_is_divided_by_the_compartment_and_an_amount_is_not() -> Outcome {
    let mut n = Network::new("compartments");
    n.compartment("gut", Compartment::new(4.0));
    n.species("c", Species::new(5.0).within("gut"))?;
    n.species(
        "a",
        Species {
            amount: true,
            ..Species::new(5.0).within("gut")
        },
    )?;
    n.reaction(
        "r",
        Reaction::rate("c").consumes("c", 1.0).produces("a", 1.0),
    )?;
    let e = equations(&n);
    assert_eq!(derivative(&e, "c", &[("c", 2.0)]), -0.5);
    assert_eq!(derivative(&e, "a", &[("c", 2.0)]), 2.0);
    Ok(())
}

#[test]
fn in_a_compartment_that_changes_the_state_is_the_amount() -> Outcome {
    let mut n = Network::new("growing");
    n.compartment(
        "cell",
        Compartment {
            constant: false,
            ..Compartment::new(4.0)
        },
    );
    n.species("c", Species::new(5.0).within("cell"))?;
    n.reaction("decay", Reaction::rate("c").consumes("c", 1.0))?;
    n.rate_rule("cell", "1")?;
    let e = equations(&n);
    assert_eq!(
        e.states.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["amount(c)", "cell"]
    );
    assert_eq!(initial(&e, "amount(c)"), 20.0);
    assert_eq!(
        derivative(&e, "amount(c)", &[("amount(c)", 12.0), ("cell", 6.0)]),
        -2.0
    );
    assert_eq!(
        value(
            &e,
            e.observables[0].expression,
            &[("amount(c)", 12.0), ("cell", 6.0)],
            0.0
        ),
        2.0
    );
    Ok(())
}

#[test]
fn assignments_are_substituted_whatever_their_order() -> Outcome {
    let mut n = Network::new("assigned");
    n.species("x", Species::new(1.0))?;
    n.assignment("a", "2 * b")?.assignment("b", "x + 1")?;
    n.rate_rule("x", "a * b")?;
    n.observable("o", Observable::new("a + b"))?;
    let e = equations(&n);
    assert_eq!(derivative(&e, "x", &[("x", 2.0)]), 18.0);
    let names: Vec<&str> = e.observables.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(names, ["a", "b", "o"]);
    assert_eq!(
        value(&e, e.observables[2].expression, &[("x", 2.0)], 0.0),
        9.0
    );
    Ok(())
}

#[test]
fn initial_values_follow_from_parameters_and_each_other() -> Outcome {
    let mut n = Network::new("initial");
    n.parameter("k", Parameter::new(3.0));
    n.species("x", Species::new("2 * y"))?
        .species("y", Species::new("k"))?
        .species("z", Species::new(7.0))?;
    n.initial_assignment("z", "x + total")?;
    n.assignment("total", "x + y")?;
    let e = equations(&n);
    assert_eq!(
        (initial(&e, "x"), initial(&e, "y"), initial(&e, "z")),
        (6.0, 3.0, 15.0)
    );
    Ok(())
}

#[test]
fn a_numeric_initial_value_is_a_register() -> Outcome {
    let mut n = Network::new("register");
    n.species("x", Species::new(2.0))?;
    let e = equations(&n);
    assert_eq!(e.parameters[0].id, "initial(x)");
    assert_eq!(e.graph.symbols_of(e.states[0].initial).len(), 1);
    Ok(())
}

#[test]
fn a_constant_computed_from_constants_is_no_state_and_one_computed_from_states_is() -> Outcome {
    let mut n = Network::new("computed");
    n.parameter("k", Parameter::new(3.0))
        .parameter("twice", Parameter::unset())
        .parameter("start", Parameter::unset());
    n.species("x", Species::new(2.0))?;
    n.initial_assignment("twice", "2 * k")?
        .initial_assignment("start", "x")?;
    n.rate_rule("x", "twice + start")?;
    let e = equations(&n);
    assert_eq!(
        e.states.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["x", "start"]
    );
    assert_eq!(initial(&e, "start"), 2.0);
    assert_eq!(derivative(&e, "x", &[("x", 9.0), ("start", 2.0)]), 8.0);
    assert_eq!(derivative(&e, "start", &[("x", 9.0)]), 0.0);
    Ok(())
}

#[test]
fn functions_are_inlined_through_each_other() -> Outcome {
    let mut n = Network::new("functions");
    n.species("x", Species::new(1.0))?;
    n.function("double", &["a"], "2 * a")?
        .function("area", &["x", "y"], "double(x) * y")?;
    n.rate_rule("x", "area(x + 1, 3)")?;
    assert_eq!(derivative(&equations(&n), "x", &[("x", 4.0)]), 30.0);
    Ok(())
}

#[test]
fn a_nonlinear_algebraic_rule_makes_its_quantity_a_massless_state() -> Outcome {
    let mut n = Network::new("algebraic");
    n.species("x", Species::new(1.0))?;
    n.reaction("decay", Reaction::rate("x").consumes("x", 1.0))?;
    n.parameter(
        "y",
        Parameter {
            constant: false,
            ..Parameter::new(0.5)
        },
    );
    n.algebraic_rule("x + y^2 - 10")?;
    let e = equations(&n);
    let y = e.states.iter().find(|s| s.id == "y").expect("a state");
    assert_eq!(y.mass, 0.0);
    assert_eq!(derivative(&e, "y", &[("x", 3.0), ("y", 1.0)]), -6.0);
    Ok(())
}

#[test]
fn algebraic_rules_that_are_linear_in_their_quantities_are_solved() -> Outcome {
    let free = || Parameter {
        constant: false,
        ..Parameter::new(1.0)
    };
    let mut n = Network::new("linear");
    n.species("x", Species::new(1.0))?;
    n.rate_rule("x", "-x")?;
    n.parameter("k", free()).parameter("s", free());
    n.parameter("a", free()).parameter("b", free());
    // the initial value reads what a rule determines
    n.initial_value("x", "k + 1")?;
    n.algebraic_rule("4 - 2 * k")?;
    // two rules that need each other: a = (s - x) / 3, b = (2 s + x) / 3
    n.algebraic_rule("a + b - s")?;
    n.algebraic_rule("b - 2 * a - x")?;
    n.algebraic_rule("s - k * x")?;
    let e = equations(&n);
    assert_eq!(e.states.len(), 1);
    assert_eq!(value(&e, e.states[0].initial, &[], 0.0), 3.0);
    let observed = |id: &str| {
        let found = e.observables.iter().find(|o| o.id == id);
        value(
            &e,
            found.expect("it is known").expression,
            &[("x", 3.0)],
            0.0,
        )
    };
    assert_eq!(
        [observed("a"), observed("b"), observed("s")],
        [1.0, 5.0, 6.0]
    );
    Ok(())
}

#[test]
fn a_quantity_that_an_algebraic_size_hides_stays_a_massless_state() -> Outcome {
    // V - amount / V: V is no formula of itself
    let mut n = Network::new("hidden");
    n.compartment(
        "V",
        Compartment {
            size: Some(2.0),
            constant: false,
            ..Compartment::default()
        },
    );
    n.species("c", Species::new(1.0).within("V"))?;
    n.reaction("decay", Reaction::rate("c").consumes("c", 1.0))?;
    n.algebraic_rule("V - c")?;
    let e = equations(&n);
    let size = e.states.iter().find(|s| s.id == "V").expect("a state");
    assert_eq!(size.mass, 0.0);
    Ok(())
}

#[test]
fn events_assign_states_and_make_parameters_states() -> Outcome {
    let mut n = Network::new("events");
    n.species("x", Species::new(1.0))?;
    n.parameter(
        "dose",
        Parameter {
            constant: false,
            ..Parameter::new(2.0)
        },
    );
    n.rate_rule("x", "-x")?;
    n.event(
        "bolus",
        Event::when("x < 0.1").set("x", "x + dose").set("dose", 0.0),
    )?;
    let e = equations(&n);
    let targets: Vec<&str> = e.events[0]
        .assignments
        .iter()
        .map(|a| e.states[a.state].id.as_str())
        .collect();
    assert_eq!(targets, ["x", "dose"]);
    assert_eq!(
        value(
            &e,
            e.events[0].assignments[0].value,
            &[("x", 1.0), ("dose", 2.0)],
            0.0
        ),
        3.0
    );
    Ok(())
}

#[test]
fn boundary_species_stand_still_and_constant_ones_are_registers() -> Outcome {
    let mut n = Network::new("boundary");
    n.species(
        "food",
        Species {
            boundary: true,
            ..Species::new(3.0)
        },
    )?;
    n.species(
        "water",
        Species {
            constant: true,
            boundary: true,
            ..Species::new(2.0)
        },
    )?;
    n.species("x", Species::new(1.0))?;
    n.reaction(
        "eat",
        Reaction::rate("food * water")
            .consumes("food", 1.0)
            .consumes("water", 1.0)
            .produces("x", 1.0),
    )?;
    let e = equations(&n);
    assert_eq!(
        e.states.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["food", "x"]
    );
    assert_eq!(derivative(&e, "food", &[]), 0.0);
    assert_eq!(derivative(&e, "x", &[("food", 5.0)]), 10.0);
    Ok(())
}

#[test]
fn composition_prefixes_every_id_and_ports_join_the_parts() -> Outcome {
    let mut section = Network::new("section");
    section.species("x", Species::new(1.0))?;
    section.parameter("out", Parameter::new(0.5));
    section
        .function("loss", &["x"], "out_rate(x)")?
        .function("out_rate", &["x"], "x * 2")?;
    section.reaction("inflow", Reaction::rate("upstream").produces("x", 1.0))?;
    section.reaction(
        "outflow",
        Reaction::rate("out * loss(x)").consumes("x", 1.0),
    )?;
    section.port(
        "from",
        Port::In {
            reads: "upstream".to_string(),
            unit: None,
        },
    );
    section.port(
        "to",
        Port::Out {
            offers: "outflow".to_string(),
        },
    );
    let mut n = Network::new("colon");
    n.parameter("food", Parameter::new(3.0));
    n.compose(&section, "near").compose(&section, "far");
    n.connect("near__from", "food")?
        .connect("far__from", "near__to")?;
    let e = equations(&n);
    let at = [("near__x", 4.0), ("far__x", 1.0)];
    assert_eq!(derivative(&e, "near__x", &at), 3.0 - 4.0);
    assert_eq!(derivative(&e, "far__x", &at), 4.0 - 1.0);
    Ok(())
}

#[test]
fn the_stoichiometry_matrix_knows_what_is_conserved() -> Outcome {
    let mut n = Network::new("conserved");
    n.species("a", Species::new(1.0))?
        .species("b", Species::new(1.0))?;
    n.parameter("two", Parameter::new(2.0));
    n.reaction(
        "there",
        Reaction::rate("a").consumes("a", 1.0).produces("b", "two"),
    )?;
    n.reaction(
        "back",
        Reaction::rate("b").consumes("b", "two").produces("a", 1.0),
    )?;
    let s = n.stoichiometry();
    assert_eq!(s.matrix.as_slice(), [-1.0, 2.0, 1.0, -2.0]); // by columns
    let laws = s.conserved();
    assert_eq!(laws.len(), 1);
    // 2 a + b, up to a factor
    assert!((laws[0][0] / laws[0][1] - 2.0).abs() < 1e-12);
    Ok(())
}

#[test]
fn equations_can_be_read_by_people() -> Outcome {
    let mut n = Network::new("logistic");
    n.species("N", Species::new(0.1))?;
    n.parameter("r", Parameter::new(1.0));
    n.reaction("growth", Reaction::rate("r * N").produces("N", 1.0))?;
    let e = equations(&n);
    assert_eq!(e.text(), ["dN/dt = N * r"]);
    assert!(e.latex()[0].starts_with("\\frac{\\mathrm{d}\\,\\mathrm{N}}{\\mathrm{d}t} = "));
    Ok(())
}

/// Ids of the massless states and assigned quantities of an imported network, and its number of warnings.
fn determined(n: &Network) -> (Vec<String>, usize) {
    let checked = n.check().expect("a sound network");
    let equations = checked.equations();
    let states = equations.states.into_iter();
    let massless = states.filter(|s| s.mass == 0.0).map(|s| s.id);
    let assigned = equations.observables.into_iter().map(|o| o.id);
    (massless.chain(assigned).collect(), checked.warnings().len())
}

#[test]
fn an_imported_rule_determines_what_has_no_value_first_and_a_boundary_species_last() -> Outcome {
    let boundary = || Species {
        boundary: true,
        ..Species::new(3.0)
    };
    let free = |value: f64| Parameter {
        constant: false,
        ..Parameter::new(value)
    };
    let mut n = Network::new("open");
    n.imported = true;
    n.allow_non_finite(true);
    n.species("b", boundary())?
        .species("s", Species::new(2.0))?;
    n.algebraic_rule("b - s")?;
    assert_eq!(determined(&n), (vec!["s".to_string()], 1));
    n.parameter("p", free(1.0)).parameter("q", free(f64::NAN));
    n.algebraic_rule("b + s + p + q - 9")?;
    assert_eq!(determined(&n), (vec!["s".to_string(), "q".to_string()], 2));
    n.imported = false;
    assert_eq!(n.check().unwrap_err().len(), 2);
    Ok(())
}

#[test]
fn a_rule_finds_its_quantity_through_rates_and_reactions() -> Outcome {
    let free = || Parameter {
        constant: false,
        ..Parameter::new(1.0)
    };
    let mut n = Network::new("through");
    n.species("x", Species::new(2.0))?;
    n.species("y", Species::new(2.0))?;
    n.parameter("p", free()).parameter("q", free());
    n.reaction("r", Reaction::rate("p * y").produces("y", 1.0))?;
    n.rate_rule("x", "q - x")?;
    n.algebraic_rule("r - 4")?;
    n.algebraic_rule("rateOf(x) - 2")?;
    assert_eq!(determined(&n), (vec!["p".to_string(), "q".to_string()], 0));
    let all = equations(&n);
    let residuals: Vec<f64> = (all.states.iter().filter(|s| s.mass == 0.0))
        .map(|s| {
            value(
                &all,
                s.right_hand_side,
                &[("x", 1.0), ("y", 3.0), ("p", 2.0), ("q", 7.0)],
                0.0,
            )
        })
        .collect();
    // p y - 4
    assert_eq!(residuals, [2.0]);
    let q = &all.observables[0];
    assert_eq!(value(&all, q.expression, &[("x", 1.0)], 0.0), 3.0);
    Ok(())
}

#[test]
fn a_chain_of_ten_thousand_algebraic_rules_is_matched() -> Outcome {
    let mut n = Network::new("chain");
    for k in 0..10_000 {
        n.parameter(
            &format!("p{k}"),
            Parameter {
                constant: false,
                ..Parameter::new(1.0)
            },
        );
    }
    // each but the last could also take the next one's quantity, which pushes all others along
    for k in 0..9_999 {
        n.algebraic_rule(format!("p{k} + p{}", k + 1))?;
    }
    n.algebraic_rule("p0 - 1")?;
    assert_eq!(determined(&n).0.len(), 10_000);
    Ok(())
}
