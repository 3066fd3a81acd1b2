//! A network with every element, its text, and trajectories to compare.
use holobiont::compile::InputKind;
use holobiont::exchange::sbml::{Version, WriteOptions, read_text, write};
use holobiont::network::{
    Compartment, Evidence, Input, Network, Observable, Parameter, Reaction, Reference, Rule,
    Species,
};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
use std::collections::BTreeMap;

pub const VERSIONS: [Version; 2] = [Version::L3V1, Version::L3V2];

pub fn options(version: Version) -> WriteOptions {
    WriteOptions {
        version,
        ..WriteOptions::default()
    }
}

pub fn written(network: &Network, version: Version) -> String {
    write(network, &options(version)).unwrap_or_else(|error| panic!("{}: {error}", network.id))
}

pub fn read(text: &str) -> Network {
    match read_text(text) {
        Ok(model) => model.network,
        Err(errors) => panic!("{errors:?}\n{text}"),
    }
}

/// All states, observables and assigned quantities at the times, by id.
pub fn trajectories(
    network: &Network,
    times: &[f64],
) -> Result<BTreeMap<String, Vec<f64>>, String> {
    let system = network.compile().map_err(|error| error.to_string())?;
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times,
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-11,
        absolute: 1e-14,
    };
    let solution = solve(&problem, &Method::default(), &tolerances);
    let solution = solution.finished().map_err(|error| error.to_string())?;
    let mut found = BTreeMap::new();
    for (state, id) in system.state_ids().iter().enumerate() {
        found.insert(id.clone(), solution.series(state));
    }
    let observables = solution.observables(&system);
    for (i, id) in system.observable_ids().iter().enumerate() {
        found.insert(id.clone(), observables.iter().map(|row| row[i]).collect());
    }
    Ok(found)
}

/// The largest difference of a quantity that both have, over the quantity's own scale.
pub fn difference(a: &BTreeMap<String, Vec<f64>>, b: &BTreeMap<String, Vec<f64>>) -> (f64, String) {
    let mut worst = (0.0, String::new());
    for (id, ours) in a {
        let Some(theirs) = b.get(id) else {
            return (f64::INFINITY, format!("{id} is missing"));
        };
        let finite = ours.iter().filter(|x| x.is_finite());
        let scale = finite.fold(1e-12f64, |scale, x| scale.max(x.abs()));
        for (x, y) in ours.iter().zip(theirs) {
            let same = x == y || x.is_nan() && y.is_nan();
            let difference = if same { 0.0 } else { (x - y).abs() / scale };
            // NaN counts as infinitely far
            if difference.is_nan() || difference > worst.0 {
                worst = (
                    if difference.is_nan() {
                        f64::INFINITY
                    } else {
                        difference
                    },
                    id.clone(),
                );
            }
        }
    }
    worst
}

pub fn steps(end: f64, n: u32) -> Vec<f64> {
    (0..=n).map(|i| end * f64::from(i) / f64::from(n)).collect()
}

/// A network with every kind of element that has no event.
pub fn everything() -> Network {
    let mut network = Network::new("everything");
    network.name = Some("a < b & \"c\" für alle".to_string());
    network.time_unit = Some("d".to_string());
    // its formulas exercise functions, not units
    network.imported = true;
    network.cite(Reference::new("Somebody 2001", ""));
    network.cite(Reference::new(
        "Author 2013",
        "10.1371/journal.pcbi.1003388",
    ));
    network.compartment("gut", Compartment::new(2.0).unit("l"));
    let mut swelling = Compartment::new(1.0).unit("l");
    swelling.constant = false;
    network.compartment("swelling", swelling);
    let concentration = |value: f64| Species::new(value).unit("mmol/l");
    network
        .species("A", concentration(3.0).within("gut"))
        .unwrap();
    network
        .species("B", concentration(1.0).within("swelling"))
        .unwrap();
    let mut amount = Species::new(4.0).unit("mmol").within("gut");
    amount.amount = true;
    amount.name = Some("Grüße & <mehr>".to_string());
    network.species("C", amount).unwrap();
    let mut fed = Species::new("A + 1").unit("mmol/l").within("gut");
    fed.boundary = true;
    network.species("F", fed).unwrap();
    network
        .species("plain", Species::new(0.5).unit("g/l"))
        .unwrap();
    let mut converted = concentration(0.0).within("gut");
    converted.conversion_factor = Some("factor".to_string());
    converted.nonnegative = false;
    network.species("G", converted).unwrap();
    network.parameter("factor", Parameter::new(2.5));
    network.parameter(
        "k",
        Parameter::new(0.3)
            .unit("1/d")
            .source("10.1093/nar/gkz1055", Evidence::Human),
    );
    network.parameter("K", Parameter::new(1.5).name("half <saturation>"));
    network.parameter("n", Parameter::new(2.5));
    network.parameter(
        "Y",
        Parameter::new(0.4).source("a guess & more", Evidence::Assumed),
    );
    let mut drift = Parameter::new(0.1);
    drift.constant = false;
    network.parameter("drift", drift.clone());
    network.parameter("start", Parameter::unset());
    network.initial_assignment("start", "2 * k + 1").unwrap();
    network.rate_rule("drift", "0.05 * cos(time)").unwrap();
    network
        .rate_rule("swelling", "0.1 * swelling * (1 - swelling / 3)")
        .unwrap();
    network
        .function("saturation", &["x", "h"], "x / (h + x)")
        .unwrap();
    network
        .function("twice", &["x"], "saturation(x, 1) + saturation(x, 1)")
        .unwrap();
    let rate = "gut * k * saturation(A, K) * (1 + hill(F, K, n))";
    let mut reaction = Reaction::rate(rate)
        .consumes("A", 1.0)
        .produces("B", "1 / Y");
    reaction.name = Some("A → B".to_string());
    network.reaction("growth", reaction).unwrap();
    let reaction = Reaction::rate("k * C * sigmoid(B) + max(0, min(step_in, 2)) * smooth_in");
    let reaction = reaction
        .consumes("C", "1 + drift")
        .produces("G", 2.0)
        .produces("plain", 1.0);
    network.reaction("spill", reaction).unwrap();
    network
        .reaction("loss", Reaction::rate("plain * k").consumes("plain", 1.0))
        .unwrap();
    let table = |kind| Input {
        kind,
        knots: vec![(0.0, 1.0), (1.0, 2.0), (2.5, 2.5), (3.0, 7.0), (4.0, 6.0)],
        ..Input::default()
    };
    network.input("step_in", table(InputKind::Step));
    network.input("line_in", table(InputKind::Linear));
    network.input("smooth_in", table(InputKind::Smooth));
    network
        .assignment("total", "A * gut + B * swelling + line_in")
        .unwrap();
    let unit = Some("1/d".to_string());
    let (id, formula) = ("speed".to_string(), "growth / (total + 1)".into());
    network
        .rule(Rule::Assignment { id, formula, unit })
        .unwrap();
    let formulas = [
        ("logic", "(A > 1 && B < 2) + 2 * (A > B || plain == 0)"),
        ("choice", "piecewise(A, time < 1, B, time < 2, twice(C))"),
        (
            "exact",
            "log1p(A / 1e9) + expm1(B / 1e9) + sign(A - B) + xlogy(A, B)",
        ),
        (
            "whole",
            "floor(A) + ceil(B) + rem(C, 3) + quotient(C, 0.7) + abs(A - 2) + factorial(2)",
        ),
        (
            "roots",
            "sqrt(A) + A ^ 1.5 + exp(-A) + ln(B + 1) + log10(A + 1) + tanh(A) + arcsinh(B)",
        ),
    ];
    for (id, formula) in formulas {
        let observable = Observable::new(formula);
        network.observable(id, observable).unwrap();
    }
    network.constraint("ordered", "k < K").unwrap();
    network
}
