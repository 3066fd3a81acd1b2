//! The compiled system: tapes, sparsity, LU program, names, units.
//!
//! Registers that the caller sets: time, states, parameters (effective), inputs (5 numbers each: c0, c1, c2, c3, t0,
//! meaning c0 + c1 s + c2 s^2 + c3 s^3 with s = t - t0), modes (0/1), and for sensitivity tapes a direction (K, tau).
use crate::network::Equations;

/// One register in W lanes.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
pub(crate) struct Lane<const W: usize>(pub [f64; W]);

#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError { #[error("{0}")] Placeholder(String) }

/// Immutable, Send + Sync. Built once per network.
#[derive(Clone, Debug)]
pub struct System { /* private */ }

/// All mutable memory for W lanes of one system (registers, LU values, scratch).
pub(crate) struct Workspace<const W: usize> { /* private */ }

impl System {
    pub fn compile(equations: &Equations) -> Result<System, CompileError> { todo!() }
    pub fn id(&self) -> &str { todo!() }
    pub fn time_unit(&self) -> Option<&str> { todo!() }
    /// ids, in register order
    pub fn state_ids(&self) -> &[String] { todo!() }
    pub fn parameter_ids(&self) -> &[String] { todo!() }
    pub fn input_ids(&self) -> &[String] { todo!() }
    pub fn observable_ids(&self) -> &[String] { todo!() }
    pub fn state_index(&self, id: &str) -> Option<usize> { todo!() }
    pub fn parameter_index(&self, id: &str) -> Option<usize> { todo!() }
    pub fn input_index(&self, id: &str) -> Option<usize> { todo!() }
    pub fn observable_index(&self, id: &str) -> Option<usize> { todo!() }
    pub fn unit_of(&self, id: &str) -> Option<&str> { todo!() }
    /// default values of all parameter registers
    pub fn parameters(&self) -> &[f64] { todo!() }
    /// default input tables
    pub fn inputs(&self) -> &[crate::network::InputEquation] { todo!() }
    /// diagonal mass: 1 differential, 0 algebraic
    pub fn mass(&self) -> &[f64] { todo!() }
    pub fn nonnegative(&self) -> &[bool] { todo!() }
    pub fn event_ids(&self) -> &[String] { todo!() }
    pub fn mode_count(&self) -> usize { todo!() }
    /// true if time occurs in the right-hand side (else df/dt is zero)
    pub fn depends_on_time(&self) -> bool { todo!() }
    /// Listing with names of what was compiled.
    pub fn explain(&self) -> String { todo!() }
    /// Observables of the network itself as `Outputs` (all of `observable_ids`, no placeholders).
    pub fn observables(&self) -> &Outputs { todo!() }
    /// Compiles further formulas (PEtab observables, noise) over states, parameters, inputs, time, observable ids of the network, and
    /// `placeholders` (extra registers set per reading).
    pub fn outputs(&self, formulas: &[(String, String)], placeholders: &[String]) -> Result<Outputs, CompileError> { todo!() }
    /// Compiles df/dp for the given registers (index below `register_count`: parameters and input coefficients alike) and the directional tapes D_K J, D_K f_p, and the derivative of initial values.
    pub fn sensitivity(&self, registers: &[usize]) -> Result<Sensitivity, CompileError> { todo!() }

    // ---- used by `solve` only; all write W lanes at once -------------------------------------------------------------------
    pub(crate) fn workspace<const W: usize>(&self) -> Workspace<W> { todo!() }
    /// Length of the register vector a lane needs: all parameters, then 5 coefficients (c0, c1, c2, c3, t0) per input.
    pub fn register_count(&self) -> usize { todo!() }
    /// Sets one lane's registers `[effective parameters | input coefficients]`; call `hoist` before the next evaluation.
    pub(crate) fn set_registers<const W: usize>(&self, ws: &mut Workspace<W>, lane: usize, registers: &[f64]) { todo!() }
    /// Runs the parameter-only tape.
    pub(crate) fn hoist<const W: usize>(&self, ws: &mut Workspace<W>) { todo!() }
    /// Initial states from parameters, inputs and time; y has n entries.
    pub(crate) fn initial<const W: usize>(&self, ws: &mut Workspace<W>, t: &Lane<W>, y: &mut [Lane<W>]) { todo!() }
    /// Re-reads all relational conditions of one lane at (t, y) and stores their truth as modes.
    pub(crate) fn set_modes<const W: usize>(&self, ws: &mut Workspace<W>, lane: usize, t: f64, y: &[f64]) { todo!() }
    /// Signed distance of each relation to switching, one lane (positive: true side).
    pub(crate) fn triggers<const W: usize>(&self, ws: &mut Workspace<W>, lane: usize, t: f64, y: &[f64], out: &mut [f64]) { todo!() }
    pub(crate) fn modes<const W: usize>(&self, ws: &Workspace<W>, lane: usize) -> Vec<bool> { todo!() }
    pub(crate) fn rhs<const W: usize>(&self, ws: &mut Workspace<W>, t: &Lane<W>, y: &[Lane<W>], dy: &mut [Lane<W>]) { todo!() }
    /// f and J (values in `jacobian_pattern` order) and df/dt at one point.
    pub(crate) fn rhs_jacobian<const W: usize>(&self, ws: &mut Workspace<W>, t: &Lane<W>, y: &[Lane<W>], dy: &mut [Lane<W>], j: &mut [Lane<W>], dt: &mut [Lane<W>]) { todo!() }
    /// (row, column) of each Jacobian entry
    pub fn jacobian_pattern(&self) -> &[(u32, u32)] { todo!() }
    /// Factors mass/(gamma h) - J per lane. Returns per lane whether the pivots are sound (growth check passed);
    /// an unsound lane is refactored with dense pivoting (nalgebra) and stays usable. false only if singular or non-finite.
    pub(crate) fn factor<const W: usize>(&self, ws: &mut Workspace<W>, inverse_gamma_h: &Lane<W>, j: &[Lane<W>]) -> [bool; W] { todo!() }
    /// Solves with the factors, in place.
    pub(crate) fn solve_factored<const W: usize>(&self, ws: &mut Workspace<W>, x: &mut [Lane<W>]) { todo!() }
}

/// Tapes that forward sensitivities need, for a chosen list of parameter registers.
#[derive(Clone, Debug)]
pub struct Sensitivity { /* private */ }
impl Sensitivity {
    pub fn registers(&self) -> &[usize] { todo!() }
    /// (state row, position in `registers`) of each df/dp entry
    pub fn pattern(&self) -> &[(u32, u32)] { todo!() }
    /// (state row, position in `registers`) of each d initial/dp entry
    pub fn initial_pattern(&self) -> &[(u32, u32)] { todo!() }
    /// J and df/dp at one point.
    pub(crate) fn jacobian_parameters<const W: usize>(&self, system: &System, ws: &mut Workspace<W>, t: &Lane<W>, y: &[Lane<W>], j: &mut [Lane<W>], fp: &mut [Lane<W>]) { todo!() }
    /// Directional derivatives of J and of df/dp along (K in y, tau in t), at one point: `dj` in jacobian pattern order,
    /// `dfp` in `pattern` order. Inputs are differentiated through time as well.
    pub(crate) fn directional<const W: usize>(&self, system: &System, ws: &mut Workspace<W>, t: &Lane<W>, y: &[Lane<W>], k: &[Lane<W>], tau: &Lane<W>, dj: &mut [Lane<W>], dfp: &mut [Lane<W>]) { todo!() }
    /// d initial / dp, values in `initial_pattern` order.
    pub(crate) fn initial<const W: usize>(&self, system: &System, ws: &mut Workspace<W>, t: &Lane<W>, out: &mut [Lane<W>]) { todo!() }
}

/// Formulas over (t, y, p, inputs, placeholders) with derivatives; evaluated at visits, scalar.
#[derive(Clone, Debug)]
pub struct Outputs { /* private */ }
impl Outputs {
    pub fn ids(&self) -> &[String] { todo!() }
    pub fn placeholders(&self) -> &[String] { todo!() }
    /// Values of the selected formulas.
    pub fn evaluate(&self, at: &Point, which: &[usize], values: &mut [f64]) { todo!() }
    /// Values and dense derivatives: d_states (which.len() x n), d_registers (which.len() x register_count), d_placeholders (which.len() x placeholders), row-major.
    pub fn differentiate(&self, at: &Point, which: &[usize], values: &mut [f64], d_states: &mut [f64], d_registers: &mut [f64], d_placeholders: &mut [f64]) { todo!() }
}
/// Where outputs are evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> { pub time: f64, pub states: &'a [f64], /** `[effective parameters | input coefficients]` */ pub registers: &'a [f64], pub placeholders: &'a [f64] }

/// Compiled scalar formulas of named numbers (PEtab condition values, parameter maps), with derivatives.
#[derive(Clone, Debug)]
pub struct Formulas { /* private */ }
impl Formulas {
    pub fn compile(formulas: &[String], inputs: &[String]) -> Result<Formulas, CompileError> { todo!() }
    pub fn evaluate(&self, inputs: &[f64], values: &mut [f64]) { todo!() }
    /// jacobian: formulas x inputs, row-major
    pub fn differentiate(&self, inputs: &[f64], values: &mut [f64], jacobian: &mut [f64]) { todo!() }
}
