//! Events compiled: triggers that read modes, and one tape an event for its delay, priority, values and factors.
//!
//! A trigger is brought to the form of relations joined by and, or, not: a number counts as true where it is not 0, and
//! choices between conditions become conditions. So its truth follows from the modes alone, which the solver keeps.
use std::collections::{HashMap, HashSet};

use super::build::{Known, visit};
use super::error::CompileError;
use super::layout::Symbols;
use super::lower::{Id, Lowering, Reading, for_operands};
use super::run::run;
use super::system::System;
use super::tape::Tape;
use super::workspace::Workspace;
use crate::expr::{Compare, Expr, Graph, Node};
use crate::network::{Equations, EventEquation};

/// What a relation is to the solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    pub compare: Compare,
    /// read by right-hand sides
    pub in_rates: bool,
    /// read by triggers
    pub in_triggers: bool,
    /// of time, inputs, parameters and states that nothing but jumps changes
    pub timed: bool,
}

impl Relation {
    /// Whether it flips as soon as it reads otherwise; else only beyond a distance of 0, so that a state may rest on a
    /// threshold of its own equations.
    pub(crate) fn follows_truth(&self) -> bool {
        self.timed || !self.in_rates
    }
    /// Whether it is true where its sides are equal.
    pub(crate) fn holds_at_equality(&self) -> bool {
        self.compare.holds(0.0, 0.0)
    }
    /// Whether it holds (or fails to hold) for one instant only, which a trigger must see.
    pub(crate) fn is_momentary(&self) -> bool {
        self.in_triggers && matches!(self.compare, Compare::Equal | Compare::NotEqual)
    }
}

/// One event, but for its tapes.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub persistent: bool,
    pub initial_value: bool,
    pub values_from_trigger_time: bool,
    pub delays: bool,
    pub has_priority: bool,
    /// states assigned
    pub states: Vec<usize>,
    pub(super) delay: Expr,
    priority: Expr,
    values: Vec<Expr>,
    factors: Vec<Expr>,
}

impl Event {
    /// Delay, values, factors: what has derivatives.
    pub(super) fn smooth_rows(&self) -> Vec<Expr> {
        let rows = std::iter::once(&self.delay).chain(&self.values);
        rows.chain(&self.factors).copied().collect()
    }

    pub(super) fn lower(&self, lowering: &mut Lowering) -> Vec<Id> {
        let rows = self.smooth_rows();
        let rows = rows.iter().chain([&self.priority]);
        rows.map(|&e| lowering.lower(e, Reading::Direct)).collect()
    }
}

/// What an event asks for at one point; factors are 1 where there are none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes<'a> {
    pub delay: f64,
    pub priority: f64,
    pub values: &'a [f64],
    pub factors: &'a [f64],
}

impl<'a> Wishes<'a> {
    /// From the results of an event's tape.
    pub(crate) fn of(event: &Event, rows: &'a [f64]) -> Self {
        let count = event.states.len();
        Wishes {
            delay: rows[0],
            priority: rows[1 + 2 * count],
            values: &rows[1..1 + count],
            factors: &rows[1 + count..1 + 2 * count],
        }
    }
}

/// Checks the names in events.
pub(super) fn check(known: &Known, events: &[EventEquation]) -> Result<(), CompileError> {
    for event in events {
        let place = |part: &str| format!("{part} of event `{}`", event.id);
        known.check(event.trigger, || place("trigger"))?;
        for (e, part) in [(event.delay, "delay"), (event.priority, "priority")] {
            e.map_or(Ok(()), |e| known.check(e, || place(part)))?;
        }
        for assignment in &event.assignments {
            for e in std::iter::once(assignment.value).chain(assignment.factor) {
                known.check(e, || place("an assignment"))?;
            }
        }
    }
    Ok(())
}

/// The triggers as conditions.
pub(super) fn triggers(equations: &mut Equations) -> Vec<Expr> {
    let (graph, events) = (&mut equations.graph, &equations.events);
    events.iter().map(|e| condition(graph, e.trigger)).collect()
}

/// The events' other parts.
pub(super) fn parts(equations: &mut Equations) -> Vec<Event> {
    let (graph, mut events) = (&mut equations.graph, Vec::new());
    let (zero, one) = (graph.number(0.0), graph.number(1.0));
    for event in &equations.events {
        let assignments = &event.assignments;
        events.push(Event {
            persistent: event.persistent,
            initial_value: event.initial_value,
            values_from_trigger_time: event.values_from_trigger_time,
            delays: event.delay.is_some(),
            has_priority: event.priority.is_some(),
            states: assignments.iter().map(|a| a.state).collect(),
            delay: event.delay.unwrap_or(zero),
            priority: event.priority.unwrap_or(zero),
            values: assignments.iter().map(|a| a.value).collect(),
            factors: assignments
                .iter()
                .map(|a| a.factor.unwrap_or(one))
                .collect(),
        });
    }
    events
}

/// What each of the `relations` is; the first `in_rates` are read by right-hand sides.
pub(super) fn describe(
    graph: &Graph,
    symbols: &Symbols,
    still: &[bool],
    relations: &[Expr],
    in_rates: usize,
    triggers: &[Expr],
) -> Vec<Relation> {
    let mut watched = HashSet::new();
    visit(graph, triggers, |e, node| {
        let relation = matches!(node, Node::Compare(..));
        if relation {
            watched.insert(e);
        }
        !relation
    });
    let states = symbols
        .states
        .iter()
        .zip(still)
        .filter(|(_, still)| !**still);
    let moving: HashSet<_> = states.map(|(symbol, _)| symbol).collect();
    let describe = |(k, &e): (usize, &Expr)| {
        let &Node::Compare(compare, ..) = graph.node(e) else {
            unreachable!("modes are relations")
        };
        Relation {
            compare,
            in_rates: k < in_rates,
            in_triggers: watched.contains(&e),
            timed: !graph.symbols_of(e).iter().any(|s| moving.contains(s)),
        }
    };
    relations.iter().enumerate().map(describe).collect()
}

/// The expression as relations joined by and, or, not.
fn condition(graph: &mut Graph, e: Expr) -> Expr {
    // operands are older than what they make, so ascending order is an order of evaluation
    let (mut found, mut stack) = (HashSet::new(), vec![e]);
    while let Some(e) = stack.pop() {
        if found.insert(e) {
            match graph.node(e) {
                Node::And(_) | Node::Or(_) | Node::Not(_) | Node::Select(..) => {
                    for_operands(graph.node(e), |operand| stack.push(operand));
                }
                Node::Compare(Compare::Equal | Compare::NotEqual, a, b)
                    if graph.is_condition(*a) && graph.is_condition(*b) =>
                {
                    stack.extend([*a, *b]);
                }
                _ => {}
            }
        }
    }
    let mut order: Vec<Expr> = found.into_iter().collect();
    order.sort_unstable();
    let mut known: HashMap<Expr, Expr> = HashMap::new();
    for e in order {
        let node = graph.node(e).clone();
        let list = |terms: &[Expr]| -> Vec<Expr> { terms.iter().map(|t| known[t]).collect() };
        let condition = match &node {
            Node::And(terms) => {
                let terms = list(terms);
                graph.and(&terms)
            }
            Node::Or(terms) => {
                let terms = list(terms);
                graph.or(&terms)
            }
            Node::Not(a) => graph.not(known[a]),
            Node::Select(c, a, b) => either(graph, known[c], known[a], known[b]),
            Node::Compare(compare @ (Compare::Equal | Compare::NotEqual), a, b)
                if known.contains_key(a) && known.contains_key(b) && graph.is_condition(*a) =>
            {
                let (a, b) = (known[a], known[b]);
                let other = graph.not(b);
                if *compare == Compare::Equal {
                    either(graph, a, b, other)
                } else {
                    either(graph, a, other, b)
                }
            }
            _ => graph.condition(e),
        };
        known.insert(e, condition);
    }
    known[&e]
}

fn either(graph: &mut Graph, which: Expr, then: Expr, otherwise: Expr) -> Expr {
    let not = graph.not(which);
    let (first, second) = (graph.and(&[which, then]), graph.and(&[not, otherwise]));
    graph.or(&[first, second])
}

impl System {
    /// The events, in the order of `event_ids`.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The truth of each trigger under the modes of one lane as they stand.
    pub(crate) fn read_triggers<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        truths: &mut [bool],
    ) {
        run(ws.instructions, &self.tapes.triggers.ops, &mut ws.registers);
        for (truth, &register) in truths.iter_mut().zip(&self.tapes.triggers.outputs) {
            *truth = ws.registers[register as usize].0[lane] != 0.0;
        }
    }

    /// Delay, priority, values and factors of an event at a point of one lane; see [`Wishes::of`].
    pub(crate) fn evaluate_event<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        event: usize,
        (t, y): (f64, &[f64]),
    ) -> Vec<f64> {
        let tape: &Tape = &self.tapes.events[event];
        self.set_point_of_lane(ws, lane, t, y);
        run(ws.instructions, &tape.ops, &mut ws.registers);
        let rows = tape.outputs.iter();
        rows.map(|&register| ws.registers[register as usize].0[lane])
            .collect()
    }
}
