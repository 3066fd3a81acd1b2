//! The compiled system: names and patterns, the tapes of its right-hand side, Jacobian, initial values and conditions.
//!
//! How equations become a system stands in `build`; what a solver runs in `workspace`.
use std::collections::HashMap;
use std::sync::OnceLock;

use super::emit::Program;
use super::error::CompileError;
use super::events::{Event, Relation};
use super::layout::{Layout, Symbols};
use super::lu::SparseLu;
use super::outputs::Outputs;
use super::sensitivity::Sensitivity;
use super::tape::Tape;
use crate::expr::Expr;
use crate::network::{Equations, InputEquation, RequirementEquation};

/// The tapes that every system has; they share one [`Program`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Tapes {
    /// f
    pub right_hand_side: Tape,
    /// f, J, df/dt
    pub jacobian: Tape,
    /// y(0)
    pub initial: Tape,
    /// Truth of each condition, then the signed difference of its sides.
    pub conditions: Tape,
    /// Truth of each trigger, under the modes.
    pub triggers: Tape,
    /// Value and size of each requirement.
    pub requirements: Tape,
    /// Per event: delay, values, factors, priority.
    pub events: Vec<Tape>,
}

/// Names in order, with the way back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub ids: Vec<String>,
    index: HashMap<String, usize>,
}

impl Names {
    pub(crate) fn new<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let index = ids
            .iter()
            .enumerate()
            .rev()
            .map(|(i, id)| (id.clone(), i))
            .collect();
        Names { ids, index }
    }
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }
}

/// A network compiled to instruction tapes: immutable, `Send + Sync`, built once.
///
/// ```
/// use holobiont::{compile::Point, network::{Network, Parameter, Reaction, Species}};
/// let mut network = Network::new("decay");
/// network.species("butyrate", Species::new(10.0))?;
/// network.parameter("absorption", Parameter::new(0.5));
/// network.reaction("uptake", Reaction::rate("absorption * butyrate").consumes("butyrate", 1.0))?;
/// let system = network.compile()?;
/// assert_eq!(system.jacobian_pattern(), [(0, 0)]);
/// let outputs = system.outputs(&[("log".into(), "ln(butyrate) + offset".into())], &["offset".into()])?;
/// let mut value = [0.0];
/// let at = Point { time: 0.0, states: &[1.0], registers: system.parameters(), placeholders: &[2.0] };
/// outputs.evaluate(&at, &[0], &mut value);
/// assert_eq!(value, [2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A register vector is `[parameters | c0, c1, c2, c3, t0 of each input]`; an input is
/// $c_0 + c_1 s + c_2 s^2 + c_3 s^3$ with $s = t - t_0$.
#[derive(Clone, Debug)]
pub struct System {
    /// The flat equations; their graph also holds the Jacobian.
    pub(crate) equations: Equations,
    pub(crate) states: Names,
    pub(crate) parameters: Names,
    pub(crate) inputs: Names,
    pub(crate) observables: Names,
    pub(crate) event_ids: Vec<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) values: Vec<f64>,
    pub(crate) mass: Vec<f64>,
    pub(crate) nonnegative: Vec<bool>,
    pub(crate) symbols: Symbols,
    pub(crate) layout: Layout,
    /// Relations that are modes, by expression, and in order.
    pub(crate) modes: HashMap<Expr, usize>,
    pub(crate) relations: Vec<Expr>,
    /// What they are to the solver.
    pub(crate) described: Vec<Relation>,
    /// States that nothing but jumps changes.
    pub(crate) still: Vec<bool>,
    /// Whether the model itself gives states values that are infinite or undefined.
    pub(crate) undefined: bool,
    /// The signed differences of their sides.
    pub(crate) differences: Vec<Expr>,
    pub(crate) jacobian: Vec<Expr>,
    pub(crate) pattern: Vec<(u32, u32)>,
    pub(crate) depends_on_time: bool,
    pub(crate) linear: bool,
    pub(crate) program: Program,
    pub(crate) tapes: Tapes,
    pub(crate) lu: SparseLu,
    /// compiled when first asked for
    pub(crate) network_outputs: OnceLock<Outputs>,
}

impl System {
    /// The network's id.
    pub fn id(&self) -> &str {
        &self.equations.id
    }
    /// What algebraic rules require beyond the equations.
    pub(crate) fn requirements(&self) -> &[RequirementEquation] {
        &self.equations.requirements
    }
    /// The unit of time, as text; `None` when undeclared.
    pub fn time_unit(&self) -> Option<&str> {
        self.equations.time_unit.as_deref()
    }
    /// Ids of the states, in order.
    pub fn state_ids(&self) -> &[String] {
        &self.states.ids
    }
    /// Ids of the parameters, in register order.
    pub fn parameter_ids(&self) -> &[String] {
        &self.parameters.ids
    }
    /// Ids of the inputs, in order.
    pub fn input_ids(&self) -> &[String] {
        &self.inputs.ids
    }
    /// Ids of the observables, in order.
    pub fn observable_ids(&self) -> &[String] {
        &self.observables.ids
    }
    /// The position of a state.
    pub fn state_index(&self, id: &str) -> Option<usize> {
        self.states.position(id)
    }
    /// The register of a parameter.
    pub fn parameter_index(&self, id: &str) -> Option<usize> {
        self.parameters.position(id)
    }
    /// The position of an input.
    pub fn input_index(&self, id: &str) -> Option<usize> {
        self.inputs.position(id)
    }
    /// The position of an observable.
    pub fn observable_index(&self, id: &str) -> Option<usize> {
        self.observables.position(id)
    }
    /// The unit of a state, parameter, input or observable, as text; `None` when undeclared.
    pub fn unit_of(&self, id: &str) -> Option<&str> {
        let equations = &self.equations;
        let state = self.state_index(id).map(|i| &equations.states[i].unit);
        let parameter = || {
            self.parameter_index(id)
                .map(|i| &equations.parameters[i].unit)
        };
        let input = || self.input_index(id).map(|i| &equations.inputs[i].unit);
        let observable = || {
            self.observable_index(id)
                .map(|i| &equations.observables[i].unit)
        };
        state
            .or_else(parameter)
            .or_else(input)
            .or_else(observable)?
            .as_deref()
    }
    /// Default values of all parameter registers.
    pub fn parameters(&self) -> &[f64] {
        &self.values
    }
    /// Default tables of the inputs.
    pub fn inputs(&self) -> &[InputEquation] {
        &self.equations.inputs
    }
    /// Diagonal of the mass matrix: 1 for a differential, 0 for an algebraic equation.
    pub fn mass(&self) -> &[f64] {
        &self.mass
    }
    /// Which states are never negative in a sound model.
    pub fn nonnegative(&self) -> &[bool] {
        &self.nonnegative
    }
    /// Ids of the events.
    pub fn event_ids(&self) -> &[String] {
        &self.event_ids
    }
    /// Number of conditions in the right-hand side and in the triggers of events.
    pub fn mode_count(&self) -> usize {
        self.relations.len()
    }
    /// Whether time occurs in the right-hand side, explicitly or through an input.
    pub fn depends_on_time(&self) -> bool {
        self.depends_on_time
    }
    /// Whether the rates are a constant matrix times the states plus constants as long as parameters and inputs stand still: no
    /// condition, no explicit time, no algebraic equation, inputs in steps only.
    pub fn is_linear(&self) -> bool {
        self.linear
    }
    /// (row, column) of each Jacobian entry, row by row.
    pub fn jacobian_pattern(&self) -> &[(u32, u32)] {
        &self.pattern
    }
    /// Length of the register vector: all parameters, then 5 coefficients (c0, c1, c2, c3, t0) per input.
    pub fn register_count(&self) -> usize {
        self.layout.registers()
    }
    /// The network's own observables as formulas, compiled at the first call: all of `observable_ids`, no placeholders.
    pub fn observables(&self) -> &Outputs {
        self.network_outputs.get_or_init(|| {
            let observables = self.equations.observables.iter();
            let formulas = observables.map(|o| (o.id.clone(), o.expression)).collect();
            let graph = self.equations.graph.clone();
            Outputs::build(graph, &self.symbols, self.layout, formulas, &[])
        })
    }

    /// Compiles further formulas, given as (id, text): over states, parameters, inputs, time, ids of observables and of
    /// reactions (their rates), `rateOf(id)` (the derivative by time) and `placeholders`, extra numbers that are set at each evaluation.
    ///
    /// # Errors
    /// A formula that cannot be read, an unknown id, or a placeholder named like a quantity of the system.
    pub fn outputs(
        &self,
        formulas: &[(String, String)],
        placeholders: &[String],
    ) -> Result<Outputs, CompileError> {
        Outputs::parse(self, formulas, placeholders)
    }

    /// Compiles df/dp for the given registers (parameters and input coefficients alike, below `register_count`), the
    /// directional derivatives of J and df/dp, and the derivatives of the initial values.
    ///
    /// # Errors
    /// A register that is out of range.
    pub fn sensitivity(&self, registers: &[usize]) -> Result<Sensitivity, CompileError> {
        Sensitivity::compile(self, registers)
    }

    /// A readable listing of what was compiled.
    pub fn explain(&self) -> String {
        super::explain::explain(self)
    }
}
