//! Where the named quantities of a system stand in the register file.
//!
//! The file is `[time | states | parameters, 5 coefficients an input | modes | direction K, tau | placeholders]`, then for
//! each program its `[constants | hoisted | temporaries]` (`emit`).
//!
//! An input u is $c_0 + s(c_1 + s(c_2 + s c_3))$ with $s = t - t_0$. Besides u itself, expressions may hold
//! s (`u.elapsed`), du/dt (`u.rate`) and d2u/dt2 (`u.curvature`): such names cannot clash with ids, which have no dots.
use std::collections::HashMap;

use crate::expr::{Graph, Symbol};

/// Registers of an input: c0, c1, c2, c3, t0.
pub(crate) const INPUT_REGISTERS: usize = 5;

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    State(usize),
    Parameter(usize),
    Input(usize),
    InputElapsed(usize),
    InputRate(usize),
    InputCurvature(usize),
    Direction(usize),
    TimeDirection,
    Placeholder(usize),
}

/// The meaning of every symbol of a graph that a tape may read.
pub(crate) type Quantities = HashMap<Symbol, Quantity>;

/// How many registers each block of the named part has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub states: usize,
    pub parameters: usize,
    pub inputs: usize,
    pub modes: usize,
    /// Whether there is a direction (K, tau).
    pub direction: bool,
    pub placeholders: usize,
}

impl Layout {
    pub(crate) fn time(&self) -> usize {
        0
    }
    pub(crate) fn state(&self, i: usize) -> usize {
        1 + i
    }
    /// Register `r` of the vector `[parameters | input coefficients]`.
    pub(crate) fn register(&self, r: usize) -> usize {
        1 + self.states + r
    }
    /// Length of that vector.
    pub(crate) fn registers(&self) -> usize {
        self.parameters + INPUT_REGISTERS * self.inputs
    }
    /// Coefficient `k` (c0, c1, c2, c3, t0) of input `i`.
    pub(crate) fn coefficient(&self, i: usize, k: usize) -> usize {
        self.register(self.parameters + INPUT_REGISTERS * i + k)
    }
    pub(crate) fn mode(&self, k: usize) -> usize {
        self.register(self.registers()) + k
    }
    pub(crate) fn direction(&self, i: usize) -> usize {
        self.mode(self.modes) + i
    }
    pub(crate) fn time_direction(&self) -> usize {
        self.direction(if self.direction { self.states } else { 0 })
    }
    pub(crate) fn placeholder(&self, i: usize) -> usize {
        self.time_direction() + usize::from(self.direction) + i
    }
    /// Where the named part ends.
    pub(crate) fn len(&self) -> usize {
        self.placeholder(self.placeholders)
    }

    /// What stands in named register `r`, for listings.
    pub(crate) fn describe(
        &self,
        r: usize,
        states: &[String],
        parameters: &[String],
        inputs: &[String],
    ) -> String {
        if r == self.time() {
            "time".into()
        } else if r < self.register(0) {
            states[r - 1].clone()
        } else if r < self.register(self.parameters) {
            parameters[r - self.register(0)].clone()
        } else if r < self.mode(0) {
            let k = r - self.register(self.parameters);
            format!(
                "{}.{}",
                inputs[k / INPUT_REGISTERS],
                ["c0", "c1", "c2", "c3", "t0"][k % INPUT_REGISTERS]
            )
        } else if r < self.direction(0) {
            format!("mode{}", r - self.mode(0))
        } else if r < self.time_direction() {
            format!("{}.direction", states[r - self.direction(0)])
        } else if self.direction && r == self.time_direction() {
            "time.direction".into()
        } else {
            format!("placeholder{}", r - self.placeholder(0))
        }
    }
}

/// Symbols that belong to one input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputSymbols {
    pub value: Symbol,
    pub elapsed: Symbol,
    pub rate: Symbol,
    pub curvature: Symbol,
}

/// Symbols of a system, by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    pub states: Vec<Symbol>,
    pub parameters: Vec<Symbol>,
    pub inputs: Vec<InputSymbols>,
    pub directions: Vec<Symbol>,
    pub time_direction: Option<Symbol>,
    pub quantities: Quantities,
}

impl Symbols {
    /// Interns the names of a system and of what goes with them.
    pub(crate) fn new(
        graph: &mut Graph,
        states: &[String],
        parameters: &[String],
        inputs: &[String],
    ) -> Self {
        let mut symbols = Symbols::default();
        for (i, id) in states.iter().enumerate() {
            let state = graph.intern(id);
            let direction = graph.intern(&format!("{id}.direction"));
            symbols.states.push(state);
            symbols.directions.push(direction);
            symbols.quantities.insert(state, Quantity::State(i));
            symbols.quantities.insert(direction, Quantity::Direction(i));
        }
        for (i, id) in parameters.iter().enumerate() {
            let parameter = graph.intern(id);
            symbols.parameters.push(parameter);
            symbols.quantities.insert(parameter, Quantity::Parameter(i));
        }
        for (i, id) in inputs.iter().enumerate() {
            let input = InputSymbols {
                value: graph.intern(id),
                elapsed: graph.intern(&format!("{id}.elapsed")),
                rate: graph.intern(&format!("{id}.rate")),
                curvature: graph.intern(&format!("{id}.curvature")),
            };
            symbols.inputs.push(input);
            symbols.quantities.insert(input.value, Quantity::Input(i));
            symbols
                .quantities
                .insert(input.elapsed, Quantity::InputElapsed(i));
            symbols
                .quantities
                .insert(input.rate, Quantity::InputRate(i));
            symbols
                .quantities
                .insert(input.curvature, Quantity::InputCurvature(i));
        }
        let time_direction = graph.intern("time.direction");
        symbols.time_direction = Some(time_direction);
        symbols
            .quantities
            .insert(time_direction, Quantity::TimeDirection);
        symbols
    }
}
