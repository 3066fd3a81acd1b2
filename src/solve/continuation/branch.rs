//! Curves of states of rest as dead records: points, their kinds, how the curves end.
use super::{
    Along, ContinuationOptions,
    equations::{Point, Rest},
    newton::{Border, correct},
};

/// What a point of a curve is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// one of many
    Regular,
    /// the curve turns back: two states of rest meet
    Fold,
    /// a pair of complex eigenvalues crosses the imaginary axis: oscillations begin
    Hopf,
    /// a real eigenvalue crosses 0 without a fold: another curve crosses here
    Branch,
    /// the first or last point
    End,
}

impl PointKind {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            PointKind::Regular => "regular",
            PointKind::Fold => "fold",
            PointKind::Hopf => "Hopf",
            PointKind::Branch => "branch",
            PointKind::End => "end",
        }
    }
}

/// A state of rest.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchPoint {
    /// of the parameter, or the factor
    pub value: f64,
    /// all states, those held among them, in the system's order
    pub states: Vec<f64>,
    /// what it is
    pub kind: PointKind,
    /// eigenvalues of the Jacobian with positive real part
    pub unstable: usize,
    /// eigenvalue with the largest real part: real and imaginary part, per time; at rest without free states minus infinity
    pub leading: (f64, f64),
}

impl BranchPoint {
    /// Whether small disturbances die out.
    pub fn is_stable(&self) -> bool {
        self.unstable == 0
    }
}

/// Why a curve ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// it left the range
    Range,
    /// it came back to its start
    Closed,
    /// the most points were reached
    MostPoints,
    /// no step was short enough: Newton's method did not converge, or the curve has a corner
    StepTooSmall,
    /// a state would become negative
    Negative {
        /// id of the state
        state: String,
    },
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Range => write!(f, "end of the range"),
            End::Closed => write!(f, "back at its start"),
            End::MostPoints => write!(f, "most points reached"),
            End::StepTooSmall => write!(f, "no step was short enough"),
            End::Negative { state } => write!(f, "`{state}` would become negative"),
        }
    }
}

/// A curve of states of rest.
#[derive(Clone, Debug)]
pub struct Branch {
    /// in the order of the curve; along it the value may rise and fall
    pub points: Vec<BranchPoint>,
    /// why it ends at its first and at its last point
    pub ends: [End; 2],
    /// time at which everything was evaluated
    pub time: f64,
    /// registers where the value is that of the start
    pub(super) registers: Vec<f64>,
    pub(super) along: Along,
}

impl Branch {
    /// The points of a kind, in order.
    pub fn of_kind(&self, kind: PointKind) -> impl Iterator<Item = &BranchPoint> {
        self.points.iter().filter(move |point| point.kind == kind)
    }

    /// Registers `[parameters | input coefficients]` at a value.
    pub fn registers(&self, value: f64) -> Vec<f64> {
        self.along.registers(&self.registers, value)
    }

    /// Whether points of the curve rest under other equations too: registers may differ that no rate reads.
    fn rests(&self, rest: &mut Rest, options: &ContinuationOptions) -> bool {
        let last = self.points.len() - 1;
        (0..=4).all(|k| {
            let point = &self.points[k * last / 4];
            let here = Point {
                states: rest.free_of(&point.states),
                value: point.value,
            };
            let held = rest.all_of(&here.states) == point.states;
            let scale = rest.scale(&here.states, options);
            held && rest.is_at_rest(&here, &scale)
        })
    }

    /// Whether a state of rest lies on the curve: where the curve passes its value, the states are the same.
    pub(super) fn passes(
        &self,
        rest: &mut Rest,
        start: &Point,
        options: &ContinuationOptions,
    ) -> bool {
        if !self.rests(rest, options) {
            return false;
        }
        let scale = rest.scale(&start.states, options);
        for pair in self.points.windows(2) {
            let (a, b) = (pair[0].value - start.value, pair[1].value - start.value);
            if a * b > 0.0 {
                continue;
            }
            let share = if a == b { 0.0 } else { a / (a - b) };
            let states = pair[0].states.iter().zip(&pair[1].states);
            let between: Vec<f64> = states.map(|(a, b)| a + share * (b - a)).collect();
            let guess = Point {
                states: rest.free_of(&between),
                value: start.value,
            };
            let Some(found) = correct(rest, &guess, &Border::value(guess.states.len()), &scale)
            else {
                continue;
            };
            let near =
                |(i, x): (usize, &f64)| (x - start.states[i]).abs() <= 1e-4 * scale.states[i];
            if found.point.states.iter().enumerate().all(near) {
                return true;
            }
        }
        false
    }
}

impl Along {
    /// Registers in which the value is set.
    pub(super) fn registers(&self, base: &[f64], value: f64) -> Vec<f64> {
        let mut registers = base.to_vec();
        match self {
            Along::Value(register) => registers[*register] = value,
            Along::Factor(factors) => {
                for &register in factors {
                    registers[register] = base[register] * value;
                }
            }
        }
        registers
    }

    /// The registers that move.
    pub(super) fn moving(&self) -> Vec<usize> {
        match self {
            Along::Value(register) => vec![*register],
            Along::Factor(registers) => registers.clone(),
        }
    }
}
