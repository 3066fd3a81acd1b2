//! The numbers of all lanes of a block, and what a method must do with them.
//!
//! States stand by state, then lane: one instruction does one state of all lanes. Sensitivities stand by lane, then group of
//! directions, then state, then direction: one instruction does one state of several directions of one subject, and the
//! matrices of a subject are read once for all of them (`groups`).
use super::{Cause, Statistics, groups::Groups};
use crate::compile::{Sensitivity, System, Workspace};
use crate::lanes::{Aligned, InstructionSet, Kernel, Lane, Registers};

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
    /// Position of a state whose rate at `(t, y)` is not finite, right after `prepare`.
    fn not_finite(&self, block: &Block<W>, lane: usize) -> Option<usize>;
    /// The same, after `advance`.
    fn was_not_finite(&self, lane: usize) -> Option<usize>;
    /// One step of `block.h` in every lane into `block.y1`. May shorten `block.h` when it does not interpolate.
    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W];
    /// Sensitivities of the step just made, into `block.s1`, in the lanes that are marked.
    fn sensitivities(&mut self, block: &mut Block<W>, lanes: &[bool; W]);
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
    /// The lanes marked move to the ends of their steps.
    fn commit(&mut self, lanes: &[bool; W]);
    /// Cost of the last attempt: inner steps beyond the one, and evaluations.
    fn work(&self) -> Statistics;
    /// Bytes of memory.
    fn bytes(&self) -> usize;
}

/// An entry of df/dp times the rate of its register along one direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Direct {
    /// position in the pattern of df/dp
    pub entry: u32,
    /// position among the states and directions of the group
    pub at: u32,
    pub slope: f64,
}

/// The rate of an infusion into a state along one direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Infused {
    pub state: usize,
    pub direction: usize,
    pub slope: f64,
    /// position among the states and directions of the group
    pub at: u32,
}

/// All lanes.
pub(super) struct Block<'a, const W: usize> {
    pub system: &'a System,
    pub tapes: Option<Sensitivity>,
    pub workspace: Workspace<W>,
    pub states: usize,
    pub directions: usize,
    pub groups: Groups,
    pub absolute: f64,
    pub relative: f64,
    pub t: Lane<W>,
    pub h: Lane<W>,
    /// steps that may still be tried, for methods that make several at once
    pub steps_left: [usize; W],
    pub y: Registers<W>,
    pub y1: Registers<W>,
    /// sensitivities, see [`at`](Block::at)
    pub s: Aligned<f64>,
    pub s1: Aligned<f64>,
    /// d register / d direction: lanes x directions x `tapes.registers()`
    tangents: Vec<f64>,
    /// lanes x groups: the entries of df/dp whose register moves
    direct: Vec<Vec<Direct>>,
    /// lanes x groups: the rates of infusions that move
    infused: Vec<Vec<Infused>>,
    scratch: Vec<Lane<W>>,
}

impl<'a, const W: usize> Block<'a, W> {
    pub(super) fn new(
        system: &'a System,
        tapes: Option<&Sensitivity>,
        directions: usize,
        tolerances: &super::Tolerances,
        instructions: InstructionSet,
    ) -> Self {
        let n = system.state_ids().len();
        let registers = tapes.map_or(0, |tapes| tapes.registers().len());
        let groups = Groups::new(n, directions);
        Block {
            system,
            tapes: tapes.cloned(),
            workspace: system.workspace(instructions),
            states: n,
            directions,
            absolute: tolerances.absolute,
            relative: tolerances.relative,
            t: Lane::ZERO,
            h: Lane([1.0; W]),
            steps_left: [usize::MAX; W],
            y: Registers::new(n),
            y1: Registers::new(n),
            s: Aligned::new(W * groups.size()),
            s1: Aligned::new(W * groups.size()),
            tangents: vec![0.0; W * registers * directions],
            direct: vec![Vec::new(); W * groups.count()],
            infused: vec![Vec::new(); W * groups.count()],
            scratch: vec![Lane::ZERO; n],
            groups,
        }
    }

    pub(super) fn instructions(&self) -> InstructionSet {
        self.workspace.instructions
    }

    /// Position of d state i / d direction j of one lane in `s` and `s1`.
    pub(super) fn at(&self, lane: usize, i: usize, j: usize) -> usize {
        lane * self.groups.size() + self.groups.at(i, j)
    }

    /// d state i / d direction j of one lane.
    pub(super) fn sensitivity(&mut self, lane: usize, i: usize, j: usize) -> &mut f64 {
        let at = self.at(lane, i, j);
        &mut self.s[at]
    }

    /// Sensitivities of one lane along direction j.
    pub(super) fn read_sensitivity(&self, lane: usize, j: usize, out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = self.s[self.at(lane, i, j)];
        }
    }

    pub(super) fn write_sensitivity(&mut self, lane: usize, j: usize, s: &[f64]) {
        for (i, s) in s.iter().enumerate() {
            *self.sensitivity(lane, i, j) = *s;
        }
    }

    /// The sensitivities of one lane, groups and padding included.
    pub(super) fn lane_range(&self, lane: usize) -> std::ops::Range<usize> {
        lane * self.groups.size()..(lane + 1) * self.groups.size()
    }

    fn tangent_at(&self, lane: usize, j: usize) -> usize {
        let registers = self
            .tapes
            .as_ref()
            .map_or(0, |tapes| tapes.registers().len());
        (lane * self.directions + j) * registers
    }

    /// d register / d direction j of one lane, in the order of `tapes.registers()`.
    pub(super) fn tangents(&self, lane: usize, j: usize) -> &[f64] {
        let registers = self
            .tapes
            .as_ref()
            .map_or(0, |tapes| tapes.registers().len());
        &self.tangents[self.tangent_at(lane, j)..][..registers]
    }

    pub(super) fn set_tangent(&mut self, lane: usize, j: usize, position: usize, slope: f64) {
        let at = self.tangent_at(lane, j) + position;
        self.tangents[at] = slope;
    }

    /// Nothing moves in this lane.
    pub(super) fn clear_directions(&mut self, lane: usize) {
        let range = self.lane_range(lane);
        self.s[range.clone()].fill(0.0);
        self.s1[range].fill(0.0);
        let range = self.tangent_at(lane, 0)..self.tangent_at(lane + 1, 0);
        self.tangents[range].fill(0.0);
        self.find_direct(lane);
        let nothing = vec![0.0; self.states];
        self.set_supply(lane, &nothing, &[]);
    }

    /// Finds the entries of df/dp that matter in a lane; to be called whenever its tangents have changed.
    pub(super) fn find_direct(&mut self, lane: usize) {
        let Some(tapes) = self.tapes.clone() else {
            return;
        };
        let groups = self.groups.count();
        for (group, members) in self.groups.iter().enumerate() {
            let mut direct = std::mem::take(&mut self.direct[lane * groups + group]);
            direct.clear();
            for (&(row, position), entry) in tapes.pattern().iter().zip(0..) {
                for k in 0..members.width.min(self.directions - members.first) {
                    let slope = self.tangents(lane, members.first + k)[position as usize];
                    if slope != 0.0 {
                        let at = row * members.width as u32 + k as u32;
                        direct.push(Direct { entry, at, slope });
                    }
                }
            }
            self.direct[lane * groups + group] = direct;
        }
    }

    /// The entries of df/dp that matter in a group of a lane.
    pub(super) fn direct(&self, lane: usize, group: usize) -> &[Direct] {
        &self.direct[lane * self.groups.count() + group]
    }

    /// Sets what infusions add to the rates of one lane, and its derivatives: (state, direction, slope).
    pub(super) fn set_supply(
        &mut self,
        lane: usize,
        supply: &[f64],
        slopes: &[(usize, usize, f64)],
    ) {
        self.workspace.set_supply(lane, supply);
        let groups = self.groups.count();
        for (group, members) in self.groups.iter().enumerate() {
            let infused = &mut self.infused[lane * groups + group];
            infused.clear();
            for &(state, direction, slope) in slopes {
                let within = direction.checked_sub(members.first);
                if let Some(k) = within.filter(|k| *k < members.width && slope != 0.0) {
                    infused.push(Infused {
                        state,
                        direction,
                        slope,
                        at: (state * members.width + k) as u32,
                    });
                }
            }
        }
    }

    /// The rates of infusions that move in a group of a lane.
    pub(super) fn infused(&self, lane: usize, group: usize) -> &[Infused] {
        &self.infused[lane * self.groups.count() + group]
    }

    /// The rates of infusions that move in a lane.
    pub(super) fn infused_of_lane(&self, lane: usize) -> impl Iterator<Item = &Infused> {
        let groups = self.groups.count();
        self.infused[lane * groups..(lane + 1) * groups]
            .iter()
            .flatten()
    }

    /// out <- out + (f_p dp + d supply) of direction j in one lane.
    pub(super) fn add_direct(&self, out: &mut [f64], lane: usize, j: usize, f_p: &[Lane<W>]) {
        let Some(tapes) = &self.tapes else { return };
        let tangents = self.tangents(lane, j);
        for (&(row, position), f_p) in tapes.pattern().iter().zip(f_p) {
            let slope = tangents[position as usize];
            if slope != 0.0 {
                out[row as usize] += f_p.0[lane] * slope;
            }
        }
        for infused in self.infused_of_lane(lane).filter(|i| i.direction == j) {
            out[infused.state] += infused.slope;
        }
    }

    /// RMS of v / (absolute + relative max(|a|, |b|)) over the states, in every lane.
    pub(super) fn norms(&self, v: &[Lane<W>], a: &[Lane<W>], b: &[Lane<W>]) -> [f64; W] {
        let (absolute, relative) = (self.absolute, self.relative);
        self.instructions().dispatch(Norms {
            absolute,
            relative,
            v,
            a,
            b,
        })
    }

    /// The same over differential states only, at `y`, in one lane.
    pub(super) fn norm_differential(&self, lane: usize, v: &[Lane<W>]) -> f64 {
        let mut sum = 0.0;
        let masses = self.system.mass().iter().enumerate();
        for ((v, y), (state, mass)) in v.iter().zip(&*self.y).zip(masses) {
            if !y.0[lane].is_finite() && self.system.may_be_undefined(state) {
                continue;
            }
            let ratio = mass * v.0[lane] / (self.absolute + self.relative * y.0[lane].abs());
            sum += ratio * ratio;
        }
        (sum / v.len().max(1) as f64).sqrt()
    }

    /// The lanes of which all states are finite.
    pub(super) fn finite(&self, y: &[Lane<W>]) -> [bool; W] {
        self.instructions().dispatch(Finite { y })
    }

    /// The first state of one lane that is infinite or undefined and must not be.
    pub(super) fn not_finite(&self, lane: usize, y: &[Lane<W>]) -> Option<usize> {
        let mut found = y.iter().enumerate().filter(|(_, y)| !y.0[lane].is_finite());
        found
            .find(|(state, _)| !self.system.may_be_undefined(*state))
            .map(|(state, _)| state)
    }

    /// Lanes that are marked move to the ends of their steps.
    pub(super) fn move_lanes(&mut self, moves: &[bool; W]) {
        let kernel = Moves {
            moves,
            y: &mut self.y,
            y1: &self.y1,
        };
        self.workspace.instructions.dispatch(kernel);
        if self.directions > 0 {
            for lane in (0..W).filter(|&lane| moves[lane]) {
                let range = self.lane_range(lane);
                self.s[range.clone()].copy_from_slice(&self.s1[range]);
            }
        }
    }

    /// States of one lane.
    pub(super) fn read_states(&self, lane: usize, out: &mut [f64]) {
        for (out, y) in out.iter_mut().zip(&*self.y) {
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

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        let direct: usize = self.direct.iter().map(Vec::capacity).sum();
        let infused: usize = self.infused.iter().map(Vec::capacity).sum();
        self.workspace.bytes()
            + self.y.bytes()
            + self.y1.bytes()
            + self.s.bytes()
            + self.s1.bytes()
            + size_of_val(&*self.tangents)
            + direct * size_of::<Direct>()
            + infused * size_of::<Infused>()
            + size_of_val(&*self.scratch)
    }
}

/// See [`Block::norms`].
struct Norms<'a, const W: usize> {
    absolute: f64,
    relative: f64,
    v: &'a [Lane<W>],
    a: &'a [Lane<W>],
    b: &'a [Lane<W>],
}

impl<const W: usize> Kernel for Norms<'_, W> {
    type Output = [f64; W];
    #[inline(always)]
    fn run(self) -> [f64; W] {
        let mut sums = [0.0; W];
        for ((v, a), b) in self.v.iter().zip(self.a).zip(self.b) {
            for l in 0..W {
                let (a, b) = (a.0[l].abs(), b.0[l].abs());
                let scale = self.absolute + self.relative * if a > b { a } else { b };
                let ratio = v.0[l] / scale;
                // also of a state that may be undefined
                let ratio = if v.0[l] == 0.0 { 0.0 } else { ratio };
                sums[l] += ratio * ratio;
            }
        }
        let count = self.v.len().max(1) as f64;
        sums.map(|sum| (sum / count).sqrt())
    }
}

/// See [`Block::finite`].
struct Finite<'a, const W: usize> {
    y: &'a [Lane<W>],
}

impl<const W: usize> Kernel for Finite<'_, W> {
    type Output = [bool; W];
    #[inline(always)]
    fn run(self) -> [bool; W] {
        let mut zeros = [0.0; W];
        for y in self.y {
            for l in 0..W {
                zeros[l] += 0.0 * y.0[l];
            }
        }
        zeros.map(|zero| zero == 0.0)
    }
}

/// See [`Block::move_lanes`].
struct Moves<'a, const W: usize> {
    moves: &'a [bool; W],
    y: &'a mut [Lane<W>],
    y1: &'a [Lane<W>],
}

impl<const W: usize> Kernel for Moves<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (y, y1) in self.y.iter_mut().zip(self.y1) {
            for l in 0..W {
                y.0[l] = if self.moves[l] { y1.0[l] } else { y.0[l] };
            }
        }
    }
}
