//! Symbolic derivatives of a system with their sparsity: J, df/dt, df/dp, and derivatives along a direction.
//!
//! Only symbols that occur are differentiated. Inputs are functions of time and of their five coefficients:
//! $\partial u/\partial c_k = s^k$, $\partial u/\partial t_0 = -\dot u$.
use super::layout::{INPUT_REGISTERS, Quantity, Symbols};
use crate::expr::{Expr, Graph, Node, RATE_OF, Symbol, Variable};
use crate::network::Equations;
use std::collections::HashMap;

/// Entries of a sparse matrix of expressions, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseExpressions {
    pub pattern: Vec<(u32, u32)>,
    pub entries: Vec<Expr>,
}

fn is_zero(graph: &Graph, e: Expr) -> bool {
    graph.as_number(e) == Some(0.0)
}

/// The derivatives of `rows` with respect to the states, without structural zeros, columns ascending.
pub(crate) fn jacobian(graph: &mut Graph, symbols: &Symbols, rows: &[Expr]) -> SparseExpressions {
    let mut result = SparseExpressions::default();
    for (row, &e) in rows.iter().enumerate() {
        let column = |symbol: Symbol| match symbols.quantities.get(&symbol) {
            Some(&Quantity::State(i)) => Some(i),
            _ => None,
        };
        let gradient = graph.gradient(e, &|symbol| column(symbol).is_some());
        let mut entries: Vec<(usize, Expr)> = (gradient.into_iter())
            .filter_map(|(symbol, entry)| Some((column(symbol)?, entry)))
            .collect();
        entries.sort_unstable();
        for (column, entry) in entries {
            result.pattern.push((row as u32, column as u32));
            result.entries.push(entry);
        }
    }
    result
}

/// The derivative of `e` with respect to time at fixed states: explicit time and time through inputs.
pub(crate) fn time_derivative(graph: &mut Graph, symbols: &Symbols, e: Expr) -> Expr {
    let mut terms = vec![graph.derivative(e, Variable::Time)];
    for symbol in graph.symbols_of(e) {
        let factor = match symbols.quantities.get(&symbol) {
            Some(&Quantity::Input(i)) => symbol_expression(graph, symbols.inputs[i].rate),
            Some(&Quantity::InputRate(i)) => symbol_expression(graph, symbols.inputs[i].curvature),
            Some(&Quantity::InputElapsed(_)) => graph.number(1.0),
            _ => continue,
        };
        let partial = graph.derivative(e, Variable::Symbol(symbol));
        terms.push(graph.mul(partial, factor));
    }
    graph.sum(&terms)
}

/// The derivatives of `rows` with respect to chosen registers, without structural zeros; columns are positions in
/// `registers`, ascending.
pub(crate) fn register_derivatives(
    graph: &mut Graph,
    symbols: &Symbols,
    rows: &[Expr],
    registers: &[usize],
) -> SparseExpressions {
    let parameters = symbols.parameters.len();
    let mut position = vec![Vec::new(); parameters + INPUT_REGISTERS * symbols.inputs.len()];
    for (k, &register) in registers.iter().enumerate() {
        position[register].push(k);
    }
    let mut result = SparseExpressions::default();
    for (row, &e) in rows.iter().enumerate() {
        let mut entries: Vec<(usize, Expr)> = Vec::new();
        let wanted = |symbol: Symbol| match symbols.quantities.get(&symbol) {
            Some(&Quantity::Parameter(i)) => !position[i].is_empty(),
            Some(&Quantity::Input(_)) => true,
            _ => false,
        };
        for (symbol, entry) in graph.gradient(e, &wanted) {
            match symbols.quantities.get(&symbol) {
                Some(&Quantity::Parameter(i)) => {
                    entries.extend(position[i].iter().map(|&k| (k, entry)));
                }
                Some(&Quantity::Input(i)) => {
                    let first = parameters + INPUT_REGISTERS * i;
                    if position[first..first + INPUT_REGISTERS]
                        .iter()
                        .all(Vec::is_empty)
                    {
                        continue;
                    }
                    let partial = entry;
                    let elapsed = symbol_expression(graph, symbols.inputs[i].elapsed);
                    let rate = symbol_expression(graph, symbols.inputs[i].rate);
                    for coefficient in 0..INPUT_REGISTERS {
                        let factor = match coefficient {
                            4 => graph.neg(rate),
                            0 => graph.number(1.0),
                            k => graph.product(&vec![elapsed; k]),
                        };
                        let entry = graph.mul(partial, factor);
                        entries.extend(position[first + coefficient].iter().map(|&k| (k, entry)));
                    }
                }
                _ => {}
            }
        }
        entries.sort_unstable();
        for (column, entry) in entries {
            if !is_zero(graph, entry) {
                result.pattern.push((row as u32, column as u32));
                result.entries.push(entry);
            }
        }
    }
    result
}

/// The derivatives of `expressions` along (K in the states, tau in time), shared parts once.
pub(crate) fn directional(graph: &mut Graph, symbols: &Symbols, expressions: &[Expr]) -> Vec<Expr> {
    let mut seeds = Vec::new();
    for (&state, &direction) in symbols.states.iter().zip(&symbols.directions) {
        seeds.push((Variable::Symbol(state), symbol_expression(graph, direction)));
    }
    if let Some(tau) = symbols.time_direction {
        let tau = symbol_expression(graph, tau);
        seeds.push((Variable::Time, tau));
        for input in &symbols.inputs {
            let rate = symbol_expression(graph, input.rate);
            let curvature = symbol_expression(graph, input.curvature);
            seeds.push((Variable::Symbol(input.elapsed), tau));
            seeds.push((Variable::Symbol(input.value), graph.mul(rate, tau)));
            seeds.push((Variable::Symbol(input.rate), graph.mul(curvature, tau)));
        }
    }
    graph.derivatives_along(expressions, &seeds)
}

/// The expression without `rateOf(id)`: the derivatives of states are their right-hand sides, those of what `defined` holds
/// follow. Gives what it is that has none.
pub(crate) fn replace_rates(
    graph: &mut Graph,
    symbols: &Symbols,
    equations: &Equations,
    e: Expr,
    defined: &HashMap<Symbol, Expr>,
) -> Result<Expr, String> {
    if !graph.has_calls(e) {
        return Ok(e);
    }
    let mut refused = None;
    let mut replace = |graph: &mut Graph, name: Symbol, arguments: &[Expr]| {
        if graph.name(name) != RATE_OF {
            return None;
        }
        let text = |graph: &Graph| {
            arguments
                .first()
                .map_or(String::new(), |of| graph.text(*of))
        };
        let &[of] = arguments else {
            refused = Some(text(graph));
            return None;
        };
        let &Node::Symbol(of_symbol) = graph.node(of) else {
            refused = Some(text(graph));
            return None;
        };
        let of = defined.get(&of_symbol).copied().unwrap_or(of);
        let mut seeds = vec![(Variable::Time, graph.number(1.0))];
        for symbol in graph.symbols_of(of) {
            let rate = match symbols.quantities.get(&symbol)? {
                Quantity::State(i) if equations.states[*i].mass == 0.0 => {
                    refused = Some(text(graph));
                    return None;
                }
                Quantity::State(i) => equations.states[*i].right_hand_side,
                Quantity::Input(i) => symbol_expression(graph, symbols.inputs[*i].rate),
                Quantity::InputRate(i) => symbol_expression(graph, symbols.inputs[*i].curvature),
                _ => continue,
            };
            seeds.push((Variable::Symbol(symbol), rate));
        }
        Some(graph.derivatives_along(&[of], &seeds)[0])
    };
    let replaced = graph.replace_calls(&[e], &mut replace)[0];
    refused.map_or(Ok(replaced), Err)
}

/// The expression of a symbol that is already interned.
pub(crate) fn symbol_expression(graph: &mut Graph, symbol: Symbol) -> Expr {
    let name = graph.name(symbol).to_owned();
    graph.symbol(&name)
}
