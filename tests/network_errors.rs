//! Every error of a network has a message that says what is wrong, where, and what to try.
use holobiont::network::{
    Compartment, Event, Evidence, Input, InputKind, Network, NetworkError, Observable, Parameter,
    Port, Reaction, Species,
};

fn network() -> Network {
    let mut network = Network::new("test");
    network.time_unit = Some("d".to_string());
    network
}
fn messages(network: &Network) -> Vec<String> {
    match network.check() {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|e| e.to_string()).collect(),
    }
}
type Outcome = Result<(), NetworkError>;

#[test]
fn a_formula_that_cannot_be_read_is_refused_at_once_with_its_column() {
    let error = network()
        .reaction("growth", Reaction::rate("mu * (X + ").produces("X", 1.0))
        .expect_err("a bracket is open");
    let message = error.to_string();
    assert!(
        message.starts_with(
            "reaction `growth`, rate law: cannot read the formula `mu * (X + `: column 11: "
        ),
        "{message}"
    );
}

#[test]
fn unknown_ids_are_found_all_at_once_with_near_names() -> Outcome {
    let mut n = network();
    n.species("Blautia", Species::new(1.0))?;
    n.parameter("mu_Blautia", Parameter::new(1.0));
    n.reaction(
        "growth",
        Reaction::rate("mu_blautia * Blautia").produces("Blautai", 1.0),
    )?;
    n.observable("total", Observable::new("Blautia + 2 * Other"))?;
    n.rate_rule("Blautiaa", "1")?;
    assert_eq!(
        messages(&n),
        [
            "rate rule `Blautiaa`: unknown id `Blautiaa`; did you mean `Blautia`?",
            "reaction `growth`, rate law, column 1: unknown id `mu_blautia`; did you mean `mu_Blautia` or `Blautia`?",
            "reaction `growth`, species produced: unknown id `Blautai`; did you mean `Blautia`?",
            "observable `total`, column 15: unknown id `Other`",
        ]
    );
    Ok(())
}

#[test]
fn ids_must_be_valid_free_and_unique() -> Outcome {
    let mut n = network();
    n.parameter("k 1", Parameter::new(1.0));
    n.parameter("time", Parameter::new(1.0));
    n.parameter("k", Parameter::new(1.0));
    n.species("k", Species::new(1.0))?;
    assert_eq!(
        messages(&n),
        [
            "the id `k` is declared twice: as species and as parameter",
            "parameter `k 1`: `k 1` is not a valid id; use letters, digits and underscores, and begin with a letter or underscore",
            "parameter `time`: the id `time` has a meaning of its own in formulas; choose another",
        ]
        .map(String::from)
        .to_vec()
        .tap_sorted_like(&messages(&n))
    );
    Ok(())
}

/// The same messages in the order of another list, so that a test states a set.
trait TapSorted {
    fn tap_sorted_like(self, other: &[String]) -> Vec<String>;
}
impl TapSorted for Vec<String> {
    fn tap_sorted_like(mut self, other: &[String]) -> Vec<String> {
        self.sort_by_key(|m| other.iter().position(|o| o == m));
        self
    }
}

#[test]
fn circular_rules_are_printed_as_a_circle() -> Outcome {
    let mut n = network();
    n.assignment("a", "b + 1")?
        .assignment("b", "c * 2")?
        .assignment("c", "a")?;
    assert_eq!(messages(&n), ["circular rules: a -> b -> c -> a"]);
    Ok(())
}

#[test]
fn circular_initial_values_are_printed_as_a_circle() -> Outcome {
    let mut n = network();
    n.species("x", Species::new("y"))?
        .species("y", Species::new("2 * x"))?;
    assert_eq!(messages(&n), ["circular initial values: x -> y -> x"]);
    Ok(())
}

#[test]
fn two_things_cannot_determine_one_quantity() -> Outcome {
    let mut n = network();
    n.species("x", Species::new(1.0))?;
    n.species("y", Species::new(1.0))?;
    n.reaction("growth", Reaction::rate("x").produces("x", 1.0))?;
    n.rate_rule("x", "2")?;
    n.assignment("y", "1")?.assignment("y", "2")?;
    n.assignment("z", "1")?.assignment("z", "2")?;
    assert_eq!(
        messages(&n),
        [
            "`x` is over-determined: by rate rule `x` and reaction `growth`; keep one",
            "`y` is over-determined: by assignment rule `y` and assignment rule `y`; keep one",
            "`z` is over-determined: by assignment rule `z` and assignment rule `z`; keep one",
        ]
    );
    Ok(())
}

#[test]
fn constants_do_not_change() -> Outcome {
    let mut n = network();
    n.parameter("k", Parameter::new(1.0));
    n.compartment("gut", Compartment::new(1.0));
    n.species(
        "s",
        Species {
            constant: true,
            ..Species::new(1.0)
        },
    )?;
    n.rate_rule("k", "1")?;
    n.reaction("r", Reaction::rate("k").consumes("s", 1.0))?;
    n.event("grow", Event::when("time > 1").set("gut", 2.0))?;
    assert_eq!(
        messages(&n),
        [
            "reaction `r` changes `s`, which is constant; declare it with constant = false if it changes",
            "event `grow`, assignment of `gut` changes `gut`, which is constant; declare it with constant = false if it changes",
            "rate rule `k` changes `k`, which is constant; declare it with constant = false if it changes",
        ]
    );
    Ok(())
}

#[test]
fn an_algebraic_rule_needs_exactly_one_quantity_to_determine() -> Outcome {
    let mut n = network();
    n.parameter("k", Parameter::new(1.0));
    n.algebraic_rule("k - 1")?;
    assert_eq!(
        messages(&n),
        [
            "algebraic rule `1`: nothing is left for this rule to determine; declare the quantity it determines with constant = false, or remove the rule"
        ]
    );
    let mut n = network();
    let free = || Parameter {
        constant: false,
        ..Parameter::new(1.0)
    };
    n.parameter("a", free()).parameter("b", free());
    n.algebraic_rule("a + b - 1")?;
    assert_eq!(
        messages(&n),
        [
            "algebraic rule `1`: the rule could determine any of `a`, `b`; give the others a rule or make them constant"
        ]
    );
    n.algebraic_rule("a - b")?;
    assert_eq!(messages(&n), [""; 0]);
    n.algebraic_rule("a * b")?;
    assert_eq!(
        messages(&n),
        [
            "algebraic rule `3`: nothing is left for this rule to determine (`a`, `b` already determined by other algebraic rules); declare the quantity it determines with constant = false, or remove the rule"
        ]
    );
    Ok(())
}

#[test]
fn values_must_be_there_finite_and_not_negative() -> Outcome {
    let mut n = network();
    n.parameter("k", Parameter::unset());
    n.parameter("l", Parameter::new(f64::NAN));
    n.parameter(
        "m",
        Parameter {
            lower: Some(2.0),
            upper: Some(1.0),
            ..Parameter::new(1.0)
        },
    );
    n.species("x", Species::new(-1.0))?;
    n.species("y", Species::default())?;
    n.species(
        "z",
        Species {
            nonnegative: false,
            ..Species::new(-1.0)
        },
    )?;
    assert_eq!(
        messages(&n),
        [
            "species `x`, initial value is -1, but the species cannot be negative (set nonnegative = false if it can)",
            "parameter `l`, value is nan, not a finite number",
            "parameter `m`: the lower bound 2 is not below the upper bound 1",
            "parameter `k` has no value; give it one in the parameter table, or an initial assignment or a rule",
            "species `y`, initial value has no value; give it one in the parameter table, or an initial assignment or a rule",
        ]
    );
    Ok(())
}

#[test]
fn knots_of_an_input_stand_in_time_order() {
    let mut n = network();
    let knots = vec![(0.0, 1.0), (2.0, 0.0), (1.0, f64::INFINITY)];
    n.input(
        "u",
        Input {
            kind: InputKind::Linear,
            knots,
            ..Input::default()
        },
    );
    assert_eq!(
        messages(&n),
        [
            "input `u`, value of knot 3 is inf, not a finite number",
            "input `u`: knot 3 at time 1 does not come after the one before it",
        ]
    );
}

#[test]
fn a_reaction_needs_a_rate_law() -> Outcome {
    let mut n = network();
    n.species("x", Species::new(1.0))?;
    n.reaction("growth", Reaction::default().produces("x", 1.0))?;
    assert_eq!(messages(&n), ["reaction `growth` has no rate law"]);
    Ok(())
}

#[test]
fn functions_are_known_take_their_arguments_and_do_not_recur() -> Outcome {
    let mut n = network();
    n.parameter("k", Parameter::new(1.0));
    n.function("half", &["x"], "x / 2 + k")?;
    n.function("f", &["x"], "g(x)")?
        .function("g", &["x"], "f(x) + 1")?;
    n.observable("o", Observable::new("hlaf(k) + half(k, k)"))?;
    assert_eq!(
        messages(&n),
        [
            "function `half`, column 9: unknown id `k`",
            "functions call each other in a circle: f -> g -> f",
            "observable `o`, column 1: unknown function `hlaf`; did you mean `half`?",
            "observable `o`: function `half` takes 1 arguments, 2 given",
        ]
        .map(String::from)
        .to_vec()
        .tap_sorted_like(&messages(&n))
    );
    Ok(())
}

#[test]
fn ports_must_be_connected() -> Outcome {
    let mut part = network();
    part.species("x", Species::new(1.0))?;
    part.reaction("growth", Reaction::rate("food * x").produces("x", 1.0))?;
    part.port(
        "substrate",
        Port::In {
            reads: "food".to_string(),
            unit: None,
        },
    );
    let mut n = network();
    n.parameter("sugar", Parameter::new(1.0));
    n.compose(&part, "gut");
    assert_eq!(
        messages(&n),
        ["port `gut__substrate` is not connected: nothing declares `gut__food`"]
    );
    let error = n.connect("gut__substrat", "sugar").expect_err("a typo");
    assert_eq!(
        error.to_string(),
        "there is no port `gut__substrat` to connect; did you mean `gut__substrate`?"
    );
    n.connect("gut__substrate", "sugar")?;
    assert_eq!(messages(&n), [""; 0]);
    Ok(())
}

#[test]
fn elements_name_elements_of_the_right_kind() -> Outcome {
    let mut n = network();
    n.parameter("k", Parameter::new(1.0).source("10.1/x", Evidence::Assumed));
    n.species("x", Species::new(1.0).within("k"))?;
    n.reaction("r", Reaction::rate("k").produces("k", 1.0))?;
    assert_eq!(
        messages(&n),
        [
            "species `x`: `k` is a parameter, not a compartment",
            "reaction `r`, species produced: `k` is a parameter, not a species"
        ]
    );
    Ok(())
}

#[test]
fn units_must_be_readable_and_fit() -> Outcome {
    let mut n = network();
    n.compartment("gut", Compartment::new(1.0).unit("l"));
    n.species("x", Species::new(1.0).unit("mmol/l").within("gut"))?;
    n.species("y", Species::new("k").unit("mmol"))?;
    n.parameter("k", Parameter::new(1.0).unit("1/d"));
    n.parameter("K", Parameter::new(1.0).unit("mol/l"));
    n.parameter("odd", Parameter::new(1.0).unit("mmmol"));
    n.reaction(
        "fits",
        Reaction::rate("k * x * gut")
            .consumes("x", 1.0)
            .produces("y", 2.0),
    )?;
    n.reaction("wrong", Reaction::rate("k * x").consumes("x", 1.0))?;
    n.reaction(
        "mixed",
        Reaction::rate("k * x * gut * x / (K + x)").consumes("x", 1.0),
    )?;
    n.observable("total", Observable::new("x").unit("mol/l"))?;
    n.observable("thousandth", Observable::new("x / 1000").unit("mol/l"))?;
    assert_eq!(
        messages(&n),
        [
            "parameter `odd`: unit `mmmol`, character 1: there is no unit `mmmol`; did you mean `mmol`?",
            "reaction `wrong`: the derivative of `x` is in mmol/l/d, but the formula is in mmol/d/l^2",
            "reaction `mixed`, rate law: the units do not fit: in `K + x`: `K` is in mol/l, but `x` is in mmol/l; convert one to the other",
            "species `y`, initial value: `y` is in mmol, but the formula is in 1/d",
            "observable `total`: `total` is in mol/l, but the formula is in mmol/l",
        ]
    );
    Ok(())
}

#[test]
fn undeclared_units_stand_as_they_are() -> Outcome {
    let mut n = network();
    n.species("x", Species::new(1.0).unit("g"))?;
    n.parameter("k", Parameter::new(1.0));
    n.reaction("decay", Reaction::rate("k * x").consumes("x", 1.0))?;
    n.reaction("growth", Reaction::rate("0.5 * x").produces("x", 1.0))?;
    n.assignment("half", "x / 2")?;
    n.observable("o", Observable::new("half + k"))?;
    assert_eq!(
        messages(&n),
        ["reaction `growth`: the derivative of `x` is in g/d, but the formula is in g"]
    );
    Ok(())
}
