//! Algebraic rules are solved where they are linear, differentiated where they hold by themselves, and integrated otherwise.
use holobiont::compile::System;
use holobiont::network::{
    Compartment, Equations, Event, Network, NetworkError, Parameter, Reaction, Species,
};
use holobiont::schedule::Schedule;
use holobiont::solve::{Cause, Method, Problem, Solution, Status, Tolerances, solve};

type Outcome = Result<(), NetworkError>;

fn free(value: f64) -> Parameter {
    Parameter {
        constant: false,
        ..Parameter::new(value)
    }
}
fn equations(network: &Network) -> Equations {
    match network.check() {
        Ok(checked) => checked.equations(),
        Err(errors) => panic!("{errors:?}"),
    }
}
fn system(network: &Network) -> System {
    System::compile(&equations(network)).expect("sound equations")
}
fn massless(equations: &Equations) -> Vec<&str> {
    let states = equations.states.iter().filter(|s| s.mass == 0.0);
    states.map(|s| s.id.as_str()).collect()
}
fn text(equations: &Equations, id: &str) -> String {
    let found = equations.observables.iter().find(|o| o.id == id);
    equations
        .graph
        .text(found.expect("an assigned quantity").expression)
}
fn run(system: &System, times: &[f64], method: &Method) -> Solution {
    let schedule = Schedule::default();
    let problem = Problem {
        system,
        parameters: system.parameters(),
        schedule: &schedule,
        times,
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-9,
        absolute: 1e-12,
    };
    solve(&problem, method, &tolerances)
}
fn finished(system: &System, times: &[f64], method: &Method) -> Solution {
    run(system, times, method).finished().expect("a solution")
}
fn value(system: &System, solution: &Solution, at: usize, id: &str) -> f64 {
    let position = system.state_ids().iter().position(|s| s == id);
    solution.states(at)[position.expect("a state")]
}
fn cause(solution: Solution) -> Cause {
    match solution.status {
        Status::Failed { cause, .. } => cause,
        Status::Finished => panic!("finished"),
    }
}
/// x decays at the rate 1 from 3.
fn decay(id: &str) -> Result<Network, NetworkError> {
    let mut n = Network::new(id);
    n.rate_rule("x", "-x")?;
    n.species("x", Species::new(3.0))?;
    Ok(n)
}

#[test]
fn a_linear_rule_becomes_an_assignment_that_explicit_methods_solve() -> Outcome {
    let mut n = decay("linear")?;
    n.parameter("y", free(0.5)).parameter("twice", free(0.0));
    n.algebraic_rule("x + 2 * y - 10")?;
    n.rate_rule("twice", "2 * rateOf(y)")?;
    let e = equations(&n);
    assert_eq!(massless(&e), [""; 0]);
    assert_eq!(text(&e, "y"), "-0.5 * (x - 10)");
    let s = system(&n);
    let solution = finished(&s, &[1.0], &Method::Tsit5(Default::default()));
    // dy/dt = -x'/2 = x/2, so twice(1) = 3 (1 - exp(-1))
    let expected = 3.0 * (1.0 - (-1.0f64).exp());
    assert!((value(&s, &solution, 0, "twice") - expected).abs() < 1e-7);
    Ok(())
}

#[test]
fn the_rule_holds_at_the_start_too_whatever_start_value_is_given() -> Outcome {
    let mut n = decay("start")?;
    n.parameter("y", free(100.0)).parameter("z", free(1.0));
    n.algebraic_rule("y - 2 * x")?;
    n.rate_rule("z", "0")?;
    n.initial_assignment("z", "y + 1")?;
    let s = system(&n);
    let solution = finished(&s, &[0.0], &Method::default());
    assert_eq!(value(&s, &solution, 0, "z"), 7.0);
    Ok(())
}

#[test]
fn linear_systems_of_rules_are_eliminated() -> Outcome {
    let mut n = decay("system")?;
    for id in ["a", "b", "c"] {
        n.parameter(id, free(1.0));
    }
    // no order of the three rules gives one unknown at a time; a = x + 2, b = x - 1, c = 3 solves them
    n.algebraic_rule("a + b + c - 2 * x - 4")?;
    n.algebraic_rule("a - b + c - 6")?;
    n.algebraic_rule("a + 2 * b - c - 3 * x + 3")?;
    let e = equations(&n);
    assert_eq!(massless(&e), [""; 0]);
    let at = |id: &str| {
        let found = e.observables.iter().find(|o| o.id == id).expect("assigned");
        let x = |id: &str| (id == "x").then_some(7.0);
        e.graph
            .evaluate(found.expression, &x, 0.0)
            .expect("x alone")
    };
    for (id, expected) in [("a", 9.0), ("b", 6.0), ("c", 3.0)] {
        assert!((at(id) - expected).abs() < 1e-12, "{id} {}", at(id));
    }
    Ok(())
}

#[test]
fn a_nonlinear_rule_stays_an_equation_and_takes_up_what_was_solved() -> Outcome {
    let mut n = decay("mixed")?;
    n.parameter("a", free(1.0)).parameter("b", free(1.0));
    n.algebraic_rule("a - b - 1")?;
    n.algebraic_rule("b^2 + a - x - 1")?;
    let e = equations(&n);
    assert_eq!(massless(&e).len(), 1);
    let s = system(&n);
    let solution = finished(&s, &[0.0, 1.0], &Method::default());
    // b^2 + b = x
    for at in 0..2 {
        let x = value(&s, &solution, at, "x");
        let b = match massless(&e)[0] {
            "a" => value(&s, &solution, at, "a") - 1.0,
            _ => value(&s, &solution, at, "b"),
        };
        assert!((b - (-0.5 + (0.25 + x).sqrt())).abs() < 1e-8, "{b}");
    }
    Ok(())
}

#[test]
fn a_rule_is_divided_by_constants_unless_they_are_zero() -> Outcome {
    let mut n = decay("pivot")?;
    n.parameter("k", Parameter::new(4.0))
        .parameter("y", free(1.0));
    n.algebraic_rule("k * y - x")?;
    assert_eq!(text(&equations(&n), "y"), "x / k");
    finished(&system(&n), &[1.0], &Method::Tsit5(Default::default()));
    n.parameter_mut("k").expect("declared").value = Some(0.0);
    let rule = "algebraic rule `1`".to_string();
    assert_eq!(
        cause(run(&system(&n), &[1.0], &Method::default())),
        Cause::Undetermined { rule }
    );
    Ok(())
}

#[test]
fn a_sum_that_reactions_conserve_is_checked_at_the_start_and_after_events() -> Outcome {
    let build = |total: f64| {
        let mut n = Network::new("conserved");
        n.compartment("V", Compartment::new(3.0));
        n.species("a", Species::new(2.0).within("V"))?;
        n.species("b", Species::new(0.1).within("V"))?;
        n.parameter("k", Parameter::new(0.7));
        n.parameter("total", Parameter::new(total));
        n.reaction(
            "r",
            Reaction::rate("k * a")
                .consumes("a", 1.0)
                .produces("b", 0.3),
        )?;
        n.algebraic_rule("0.3 * a + b - total")?;
        Ok::<Network, NetworkError>(n)
    };
    let mut n = build(0.7)?;
    let e = equations(&n);
    assert_eq!((massless(&e).len(), e.requirements.len()), (0, 1));
    finished(&system(&n), &[5.0], &Method::Tsit5(Default::default()));
    let rule = "algebraic rule `1`".to_string();
    let broken = Cause::Contradiction { rule };
    assert_eq!(
        cause(run(&system(&build(0.71)?), &[5.0], &Method::default())),
        broken
    );
    n.event("dose", Event::when("time > 1").set("b", "b + 0.01"))?;
    let solution = run(&system(&n), &[5.0], &Method::default());
    assert!(matches!(solution.status, Status::Failed { time, .. } if (time - 1.0).abs() < 1e-9));
    assert_eq!(cause(solution), broken);
    Ok(())
}

#[test]
fn a_rule_on_a_state_determines_what_its_rate_reads() -> Outcome {
    // y' = (p - 1) y, so y stays at 1 where p is 1
    let mut n = decay("index 2")?;
    n.parameter("y", free(1.0)).parameter("p", free(1.0));
    n.rate_rule("y", "p * y - y")?;
    n.algebraic_rule("y - 1")?;
    let e = equations(&n);
    assert_eq!((massless(&e), e.requirements.len()), (vec!["p"], 1));
    let s = system(&n);
    let solution = finished(&s, &[0.0, 2.0], &Method::default());
    for at in 0..2 {
        assert!((value(&s, &solution, at, "p") - 1.0).abs() < 1e-9);
        assert!((value(&s, &solution, at, "y") - 1.0).abs() < 1e-9);
    }
    n.parameter_mut("y").expect("declared").value = Some(1.1);
    let rule = "algebraic rule `1`".to_string();
    assert_eq!(
        cause(run(&system(&n), &[1.0], &Method::default())),
        Cause::Contradiction { rule }
    );
    Ok(())
}

#[test]
fn rules_that_compete_for_a_quantity_leave_a_constraint_on_states() -> Outcome {
    // z = x and z = 3, so x stays at 3: 0 = x' = q - x
    let mut n = Network::new("competing");
    n.species("x", Species::new(3.0))?;
    n.parameter("q", free(0.0)).parameter("z", free(0.0));
    n.rate_rule("x", "q - x")?;
    n.algebraic_rule("z - x")?;
    n.algebraic_rule("z - 3")?;
    let e = equations(&n);
    assert_eq!(massless(&e), [""; 0]);
    assert_eq!((text(&e, "q").as_str(), e.requirements.len()), ("x", 1));
    Ok(())
}

#[test]
fn a_pendulum_in_cartesian_coordinates_swings_on_its_circle() -> Outcome {
    let mut n = Network::new("pendulum");
    for (id, start) in [("x", 1.0), ("y", 0.0), ("u", 0.0), ("v", 0.0)] {
        n.parameter(id, free(start));
    }
    n.parameter("tension", free(0.0));
    n.rate_rule("x", "u")?;
    n.rate_rule("y", "v")?;
    n.rate_rule("u", "-tension * x")?;
    n.rate_rule("v", "-tension * y - 1")?;
    n.algebraic_rule("x^2 + y^2 - 1")?;
    let e = equations(&n);
    assert_eq!((massless(&e), e.requirements.len()), (vec!["tension"], 2));
    let s = system(&n);
    // quarter of a period from rest at the horizontal: K(sin(pi/4)), a complete elliptic integral
    let quarter = 1.854_074_677_301_372;
    let solution = finished(&s, &[quarter, 4.0 * quarter], &Method::default());
    let at = |row, id| value(&s, &solution, row, id);
    // tolerance 1e-9 per step, growing with the drift
    for (row, x, y, tension) in [(0, 0.0, -1.0, 3.0), (1, 1.0, 0.0, 0.0)] {
        for (id, expected) in [("x", x), ("y", y), ("tension", tension)] {
            assert!(
                (at(row, id) - expected).abs() < 1e-5,
                "{id} {}",
                at(row, id)
            );
        }
    }
    Ok(())
}

#[test]
fn rules_that_nothing_can_fulfil_are_refused_by_number() -> Outcome {
    let refused = |rules: &[&str]| {
        let mut n = decay("refused")?;
        n.parameter("p", free(1.0))
            .parameter("k", Parameter::new(1.0));
        for rule in rules {
            n.algebraic_rule(*rule)?;
        }
        let errors = n.check().expect_err("an over-determined network");
        Ok::<Vec<String>, NetworkError>(errors.iter().map(|e| e.to_string()).collect())
    };
    let nothing = |number: usize| {
        format!("algebraic rule `{number}`: nothing is left for this rule to determine")
    };
    for (rules, number) in [
        (&["x - 2"][..], 1),
        (&["k - 1"], 1),
        (&["p^2 - x", "p^3 - 1"], 2),
        (&["p - x", "2 * p - 2 * x"], 2),
        (&["p - 1", "p - 2"], 2),
    ] {
        let errors = refused(rules)?;
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(&nothing(number)), "{errors:?}");
    }
    Ok(())
}

#[test]
#[cfg(feature = "sbml")]
fn a_refused_rule_of_an_sbml_file_is_named_with_its_line() {
    let math = |id: &str, number: &str| {
        format!(
            "<algebraicRule><math xmlns=\"http://www.w3.org/1998/Math/MathML\">\
             <apply><minus/><ci>{id}</ci><cn>{number}</cn></apply></math></algebraicRule>"
        )
    };
    let text = format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\">\n\
         <model id=\"m\">\n\
         <listOfParameters><parameter id=\"p\" value=\"1\" constant=\"false\"/></listOfParameters>\n\
         <listOfRules>\n{}\n{}\n</listOfRules></model></sbml>",
        math("p", "1"),
        math("p", "2")
    );
    let errors = holobiont::exchange::sbml::read_text(&text).expect_err("two rules for p");
    assert_eq!(errors.len(), 1);
    let message = errors[0].to_string();
    assert!(
        message.contains("line 6") && message.contains("algebraic rule `2`"),
        "{message}"
    );
}

/// n rules, each linear in all n quantities, whose solution is p_k = k + 1.
fn dense(n: usize) -> Network {
    let mut network = Network::new("dense");
    for k in 0..n {
        network.parameter(&format!("p{k}"), free(0.0));
    }
    for i in 0..n {
        // spread evenly by the golden section, to three decimals; the diagonal keeps the rules apart
        let coefficient = |k: usize| {
            let spread = (0.618_034 * (i * n + k) as f64).fract();
            (spread * 2e3).round() / 1e3 - 1.0 + if i == k { n as f64 } else { 0.0 }
        };
        let terms: Vec<String> = (0..n)
            .map(|k| format!("({})*p{k}", coefficient(k)))
            .collect();
        let right: f64 = (0..n).map(|k| coefficient(k) * (k as f64 + 1.0)).sum();
        let rule = format!("{} - ({right})", terms.join(" + "));
        network.algebraic_rule(rule).expect("a sound formula");
    }
    network
}

#[test]
fn rules_that_all_need_each_other_are_solved_by_elimination() {
    let equations = equations(&dense(12));
    assert!(equations.states.is_empty());
    for k in 0..12 {
        let id = format!("p{k}");
        let found = equations.observables.iter().find(|o| o.id == id);
        let e = found.expect("an assigned quantity").expression;
        let value = equations
            .graph
            .evaluate(e, &|_| None, 0.0)
            .expect("a number");
        // rounding of a few elimination steps
        assert!((value - (k as f64 + 1.0)).abs() < 1e-9, "{id}: {value}");
    }
}

#[test]
fn very_many_rules_that_all_need_each_other_are_left_to_the_integration() {
    let system = system(&dense(60));
    assert!(system.state_ids().len() > 50);
    let solution = finished(&system, &[0.0, 1.0], &Method::default());
    for (id, value) in system.state_ids().iter().zip(solution.states(1)) {
        let k: f64 = id[1..].parse().expect("a number");
        assert!((value - (k + 1.0)).abs() < 1e-6, "{id}: {value}");
    }
}
