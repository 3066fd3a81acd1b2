//! A system of the size and density of a gut and immunity model: 40 states, about 190 parameters, one input.
//!
//! Ten guilds grow on three of eight substrates each, acids slow them through the pH, six acids feed a chain of sixteen
//! immune states. The numbers mean nothing. The bench includes this file too.
use super::{
    Equations, Graph, InputEquation, InputKind, ObservableEquation, ParameterEquation,
    StateEquation,
};

pub fn gut40() -> Equations {
    let mut parameters: Vec<(String, f64)> = Vec::new();
    let mut parameter = |name: String, value: f64| {
        parameters.push((name.clone(), value));
        name
    };
    let mut states: Vec<(String, String)> = Vec::new();
    let wash = parameter("washout".into(), 0.8);
    let acids = (0..6)
        .map(|m| format!("M{m}"))
        .collect::<Vec<_>>()
        .join(" + ");
    let (p0, p1) = (
        parameter("ph_base".into(), 7.2),
        parameter("ph_slope".into(), 0.02),
    );
    let (p2, p3) = (
        parameter("ph_half".into(), 5.6),
        parameter("ph_width".into(), 0.25),
    );
    let ph = format!("1/(1 + exp(-({p0} - {p1}*({acids}) - {p2})/{p3}))");
    let mut uptake: Vec<Vec<String>> = vec![Vec::new(); 8];
    let mut produced: Vec<Vec<String>> = vec![Vec::new(); 6];
    for i in 0..10 {
        let mut growth = Vec::new();
        for k in 0..3 {
            let s = (3 * i + 2 * k + i * i % 5) % 8;
            let mu = parameter(format!("mu_{i}_{k}"), 1.0 + 0.1 * (i + k) as f64);
            let half = parameter(format!("K_{i}_{k}"), 0.5 + 0.05 * (i * k) as f64);
            let rate = format!("{mu}*B{i}*S{s}/({half} + S{s})*({ph})");
            uptake[s].push(format!("{rate}/{}", parameter(format!("Y_{i}_{k}"), 0.3)));
            let m = (i + k) % 6;
            produced[m].push(format!("{}*{rate}", parameter(format!("q_{i}_{k}"), 0.6)));
            growth.push(rate);
        }
        let death = parameter(format!("death_{i}"), 0.02);
        states.push((
            format!("B{i}"),
            format!("{} - ({wash} + {death})*B{i}", growth.join(" + ")),
        ));
    }
    for (s, uptake) in uptake.iter().enumerate() {
        let share = parameter(format!("share_{s}"), 0.125);
        let taken = if uptake.is_empty() {
            "0".into()
        } else {
            uptake.join(" - ")
        };
        states.push((
            format!("S{s}"),
            format!("diet*{share} - {wash}*S{s} - {taken}"),
        ));
    }
    for (m, produced) in produced.iter().enumerate() {
        let (v, k) = (
            parameter(format!("v_{m}"), 20.0),
            parameter(format!("km_{m}"), 15.0),
        );
        states.push((
            format!("M{m}"),
            format!(
                "{} - {v}*M{m}/({k} + M{m}) - {wash}*M{m}",
                produced.join(" + ")
            ),
        ));
    }
    for k in 0..16 {
        let before = if k == 0 {
            "M2".to_string()
        } else {
            format!("I{}", k - 1)
        };
        let other = format!("I{}", (k + 5) % 16);
        let rate = parameter(format!("r_{k}"), 1.0 + k as f64);
        let (half, power) = (
            parameter(format!("h_{k}"), 0.7),
            parameter(format!("n_{k}"), 2.5),
        );
        let (loss, brake) = (
            parameter(format!("d_{k}"), 10f64.powi(k % 4)),
            parameter(format!("b_{k}"), 0.4),
        );
        let acid = (k * 7) % 6;
        states.push((
            format!("I{k}"),
            format!("{rate}*hill({before}, {half}, {power})/(1 + {brake}*{other}) - {loss}*I{k}*(1 + M{acid}/(1 + M{acid}))"),
        ));
    }
    let mut graph = Graph::new();
    let mut read = |text: &str| {
        graph
            .parse(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let states: Vec<StateEquation> = states
        .iter()
        .map(|(id, f)| StateEquation {
            id: id.clone(),
            unit: None,
            initial: read("1"),
            right_hand_side: read(f),
            mass: 1.0,
            nonnegative: true,
        })
        .collect();
    let total = read("B0 + B1 + B2 + B3 + B4 + B5 + B6 + B7 + B8 + B9");
    Equations {
        id: "gut40".into(),
        time_unit: Some("d".into()),
        graph,
        states,
        parameters: parameters
            .into_iter()
            .map(|(id, value)| ParameterEquation {
                id,
                value,
                unit: None,
            })
            .collect(),
        inputs: vec![InputEquation {
            id: "diet".into(),
            kind: InputKind::Step,
            unit: None,
            knots: vec![(0.0, 10.0), (1.0, 20.0)],
        }],
        observables: vec![ObservableEquation {
            id: "load".into(),
            expression: total,
            unit: None,
        }],
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    }
}
