//! The numbers of all lanes of a block, and what a method must do with them.
use super::{Cause, Statistics};
use crate::compile::{Lane, Sensitivity, System, Workspace};

/// One step tried in one lane.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Attempt {
    /// done; scaled error of the states (NaN or infinite when the step left the domain of the model)
    Tried(f64),
    /// the matrix was singular or not finite
    Singular,
    /// hopeless at any step size
    Failed(Cause),
}

/// A method: one step from `(t, y, s)` to `(t + h, y1, s1)` in all lanes, and the curve between. Sealed.
pub(super) trait Stepper<const W: usize> {
    /// whether states between the ends of a step are at hand; else the driver steps from output time to output time
    const INTERPOLATES: bool;

    fn new(system: &System, tapes: Option<&Sensitivity>, directions: usize) -> Self;
    /// Evaluates what a step needs at `(t, y)`. Lanes marked `fresh` are not where their last step ended; their `block.h`
    /// holds the longest step allowed.
    fn prepare(&mut self, block: &mut Block<W>, fresh: &[bool; W]);
    /// First step of a fresh lane, at most `longest`; None when the right-hand side is not finite.
    fn first_step(&self, block: &Block<W>, lane: usize, longest: f64) -> Option<f64>;
    /// Position of a state whose rate at `(t, y)` is not finite.
    fn not_finite(&self, lane: usize) -> Option<usize>;
    /// One step of `block.h` in every lane into `block.y1`. May shorten `block.h` when it does not interpolate.
    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W];
    /// Sensitivities of the step just made, into `block.s1`.
    fn sensitivities(&mut self, block: &mut Block<W>);
    /// Scaled error of the sensitivities, the greatest over the directions.
    fn sensitivity_error(&mut self, block: &Block<W>, lane: usize) -> f64;
    /// The states at `t + theta h`, 0 < theta < 1.
    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]);
    /// The sensitivities along direction j at `t + theta h`.
    fn interpolate_sensitivity(
        &self,
        block: &Block<W>,
        lane: usize,
        direction: usize,
        theta: f64,
        out: &mut [f64],
    );
    /// The lane moves to the end of its step.
    fn commit(&mut self, lane: usize);
    /// Cost of the last attempt: inner steps beyond the one, and evaluations.
    fn work(&self) -> Statistics;
}

/// All lanes. Arrays of the sensitivities run over directions, then states.
pub(super) struct Block<'a, const W: usize> {
    pub system: &'a System,
    pub tapes: Option<&'a Sensitivity>,
    pub workspace: Workspace<W>,
    pub states: usize,
    pub directions: usize,
    pub absolute: f64,
    pub relative: f64,
    pub t: Lane<W>,
    pub h: Lane<W>,
    /// steps that may still be tried, for methods that make several at once
    pub steps_left: [usize; W],
    pub y: Vec<Lane<W>>,
    pub y1: Vec<Lane<W>>,
    pub s: Vec<Lane<W>>,
    pub s1: Vec<Lane<W>>,
    /// d register / d direction, directions x `tapes.registers()`
    pub tangents: Vec<Lane<W>>,
    /// for each direction the entries of df/dp whose register moves along it in some lane
    direct: Vec<Vec<u32>>,
    scratch: Vec<Lane<W>>,
}

pub(super) const fn zero<const W: usize>() -> Lane<W> {
    Lane([0.0; W])
}

/// y <- y + a x
#[inline(always)]
pub(super) fn add_scaled<const W: usize>(y: &mut Lane<W>, a: f64, x: &Lane<W>) {
    for lane in 0..W {
        y.0[lane] += a * x.0[lane];
    }
}

/// y <- y + a x, lane by lane
#[inline(always)]
pub(super) fn add_product<const W: usize>(y: &mut Lane<W>, a: &Lane<W>, x: &Lane<W>) {
    for lane in 0..W {
        y.0[lane] += a.0[lane] * x.0[lane];
    }
}

/// out <- out + A x for a sparse A given by its pattern; fastest when the pattern runs by rows
pub(super) fn add_matrix_vector<const W: usize>(
    out: &mut [Lane<W>],
    pattern: &[(u32, u32)],
    a: &[Lane<W>],
    x: &[Lane<W>],
) {
    let mut entries = pattern.iter().zip(a).peekable();
    while let Some((&(row, column), value)) = entries.next() {
        let mut sum = out[row as usize];
        add_product(&mut sum, value, &x[column as usize]);
        while let Some((&(_, column), value)) = entries.next_if(|((next, _), _)| *next == row) {
            add_product(&mut sum, value, &x[column as usize]);
        }
        out[row as usize] = sum;
    }
}

impl<'a, const W: usize> Block<'a, W> {
    pub(super) fn new(
        system: &'a System,
        tapes: Option<&'a Sensitivity>,
        directions: usize,
        tolerances: &super::Tolerances,
    ) -> Self {
        let n = system.state_ids().len();
        let registers = tapes.map_or(0, |tapes| tapes.registers().len());
        Block {
            system,
            tapes,
            workspace: system.workspace(),
            states: n,
            directions,
            absolute: tolerances.absolute,
            relative: tolerances.relative,
            t: zero(),
            h: Lane([1.0; W]),
            steps_left: [usize::MAX; W],
            y: vec![zero(); n],
            y1: vec![zero(); n],
            s: vec![zero(); n * directions],
            s1: vec![zero(); n * directions],
            tangents: vec![zero(); registers * directions],
            direct: vec![Vec::new(); directions],
            scratch: vec![zero(); n],
        }
    }

    /// Range of direction j in the arrays of the sensitivities.
    pub(super) fn direction(&self, j: usize) -> std::ops::Range<usize> {
        j * self.states..(j + 1) * self.states
    }

    /// RMS of v / (absolute + relative max(|a|, |b|)) over the states.
    pub(super) fn norm(&self, lane: usize, v: &[Lane<W>], a: &[Lane<W>], b: &[Lane<W>]) -> f64 {
        let mut sum = 0.0;
        for ((v, a), b) in v.iter().zip(a).zip(b) {
            // of a state that may be undefined, too
            if v.0[lane] == 0.0 {
                continue;
            }
            let scale = self.absolute + self.relative * a.0[lane].abs().max(b.0[lane].abs());
            let ratio = v.0[lane] / scale;
            sum += ratio * ratio;
        }
        (sum / v.len().max(1) as f64).sqrt()
    }

    /// The same over differential states only.
    pub(super) fn norm_differential(&self, lane: usize, v: &[Lane<W>]) -> f64 {
        let mut sum = 0.0;
        let masses = self.system.mass().iter().enumerate();
        for ((v, y), (state, mass)) in v.iter().zip(&self.y).zip(masses) {
            if !y.0[lane].is_finite() && self.system.may_be_undefined(state) {
                continue;
            }
            let ratio = mass * v.0[lane] / (self.absolute + self.relative * y.0[lane].abs());
            sum += ratio * ratio;
        }
        (sum / v.len().max(1) as f64).sqrt()
    }

    /// The first state of one lane that is infinite or undefined and must not be.
    pub(super) fn not_finite(&self, lane: usize, y: &[Lane<W>]) -> Option<usize> {
        let mut found = y.iter().enumerate().filter(|(_, y)| !y.0[lane].is_finite());
        found
            .find(|(state, _)| !self.system.may_be_undefined(*state))
            .map(|(state, _)| state)
    }

    /// States of one lane.
    pub(super) fn read_states(&self, lane: usize, out: &mut [f64]) {
        for (out, y) in out.iter_mut().zip(&self.y) {
            *out = y.0[lane];
        }
    }

    pub(super) fn write_states(&mut self, lane: usize, y: &[f64]) {
        for (to, from) in self.y.iter_mut().zip(y) {
            to.0[lane] = *from;
        }
    }

    /// f(t, y) of one lane as things stand (registers hoisted, modes set).
    pub(super) fn rate(&mut self, lane: usize, out: &mut [f64]) {
        let mut scratch = std::mem::take(&mut self.scratch);
        self.system
            .rhs(&mut self.workspace, &self.t, &self.y, &mut scratch);
        for (out, value) in out.iter_mut().zip(&scratch) {
            *out = value.0[lane];
        }
        self.scratch = scratch;
    }

    /// Finds the entries of df/dp that matter; to be called whenever tangents have changed.
    pub(super) fn find_direct(&mut self) {
        let Some(tapes) = self.tapes else { return };
        let count = tapes.registers().len();
        for (direct, tangents) in self
            .direct
            .iter_mut()
            .zip(self.tangents.chunks(count.max(1)))
        {
            direct.clear();
            let moves = |&(_, position): &(u32, u32)| tangents[position as usize].0 != [0.0; W];
            let entries = tapes.pattern().iter().zip(0..);
            direct.extend(entries.filter(|(at, _)| moves(at)).map(|(_, entry)| entry));
        }
    }

    /// Sum of the direct terms f_p dp of direction j: out <- out + f_p tangent.
    pub(super) fn add_direct(
        &self,
        out: &mut [Lane<W>],
        j: usize,
        f_p: &[Lane<W>],
        tapes: &Sensitivity,
    ) {
        let tangents = &self.tangents[j * tapes.registers().len()..];
        for &entry in &self.direct[j] {
            let (row, position) = tapes.pattern()[entry as usize];
            add_product(
                &mut out[row as usize],
                &f_p[entry as usize],
                &tangents[position as usize],
            );
        }
    }
}
