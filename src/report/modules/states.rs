//! The states of a model with one module: how each acts on the rate of change of the others, by the signs of the Jacobian.
use super::graph::{Bundle, Coupling, Graph, Node, Strength};
use crate::{
    exchange::model::Model,
    expr::Variable,
    network::{Equations, StateEquation},
};

/// More states make no readable picture.
const MOST: usize = 30;

/// The states and their effects on each other; none for a single state, for more than thirty, and where nothing acts.
///
/// The strength of an effect of state j on state i is its share of what all states do to i, with a sign:
/// \\(J_{ij} x_j / \sum_k |J_{ik} x_k|\\), at the start of the model, with 1 for a state that starts at 0. It has no range.
pub fn states(model: &Model, equations: &Equations) -> Option<Graph> {
    let states = &equations.states;
    if states.len() < 2 || states.len() > MOST {
        return None;
    }
    let start = start(equations)?;
    let mut bundles = Vec::new();
    let mut inside = vec![Vec::new(); states.len()];
    for (to, state) in states.iter().enumerate() {
        let effects = effects(equations, state, &start);
        let all: f64 = effects.iter().map(|effect| effect.abs()).sum();
        for (from, effect) in effects.into_iter().enumerate() {
            let acts = effect.is_finite() && effect != 0.0 && all.is_finite();
            if !acts {
                continue;
            }
            let coupling = Coupling {
                source: states[from].id.clone(),
                target: state.id.clone(),
                strength: Some(Strength {
                    value: effect / all,
                    range: None,
                }),
            };
            match from == to {
                true => inside[to].push(coupling),
                false => bundles.push(Bundle {
                    from,
                    to,
                    couplings: vec![coupling],
                }),
            }
        }
    }
    let name = |id: &str| {
        let mut all = model.network.all_species().iter();
        let species = all.find(|(known, _)| known == id);
        species
            .and_then(|(_, s)| s.name.clone())
            .unwrap_or_default()
    };
    let node = |(state, inside): (&StateEquation, Vec<Coupling>)| Node {
        title: state.id.clone(),
        states: vec![(state.id.clone(), name(&state.id))],
        inside,
        ..Node::default()
    };
    (!bundles.is_empty()).then(|| Graph {
        nodes: states.iter().zip(inside).map(node).collect(),
        bundles,
    })
}

/// The states where the picture is made.
fn start(equations: &Equations) -> Option<Vec<f64>> {
    let values = |id: &str| constant(equations, id);
    let starts = equations.states.iter().map(|state| {
        let value = equations.graph.evaluate(state.initial, &values, 0.0).ok()?;
        Some(if value == 0.0 { 1.0 } else { value })
    });
    starts.collect()
}

/// The value of a parameter, or of an input at time 0.
fn constant(equations: &Equations, id: &str) -> Option<f64> {
    let parameter = equations.parameters.iter().find(|p| p.id == id);
    let input = || equations.inputs.iter().find(|input| input.id == id);
    let at_start = || {
        let knots = &input()?.knots;
        let before = knots.iter().take_while(|knot| knot.0 <= 0.0).last();
        Some(before.or(knots.first())?.1)
    };
    // the derivative of an input
    let still = || id.ends_with(".rate").then_some(0.0);
    parameter.map(|p| p.value).or_else(at_start).or_else(still)
}

/// J_ij x_j of one state i; 0 where it cannot be computed.
fn effects(equations: &Equations, state: &StateEquation, start: &[f64]) -> Vec<f64> {
    let mut graph = equations.graph.clone();
    let place = |id: &str| equations.states.iter().position(|s| s.id == id);
    let mut found = Vec::new();
    for (from, acting) in equations.states.iter().enumerate() {
        let Some(symbol) = graph.lookup(&acting.id) else {
            found.push(0.0);
            continue;
        };
        let slope = graph.derivative(state.right_hand_side, Variable::Symbol(symbol));
        let values = |id: &str| match place(id) {
            Some(place) => Some(start[place]),
            None => constant(equations, id),
        };
        let value = graph.evaluate(slope, &values, 0.0).unwrap_or(0.0);
        found.push(value * start[from]);
    }
    found
}
