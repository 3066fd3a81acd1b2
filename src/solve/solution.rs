//! A dead record of one integration, and the observables computed from it.
use super::{SolveError, Statistics, Status, path::Path};
use crate::compile::{Outputs, Point, Scratch, System};

/// Registers that were in force over a stretch of time, and their derivatives along the directions.
#[derive(Clone, Debug)]
pub(super) struct Epoch {
    /// `[effective parameters | input coefficients]`
    pub registers: Vec<f64>,
    /// per direction: (register, derivative), the non-zero ones
    pub tangents: Vec<Vec<(usize, f64)>>,
}

/// An event that was executed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Execution {
    /// position among `System::event_ids`
    pub event: usize,
    /// when its assignments were made
    pub time: f64,
}

/// A dead record of one integration. Times after a failure hold NaN.
#[derive(Clone, Debug)]
pub struct Solution {
    /// how it ended
    pub status: Status,
    /// output times
    pub times: Vec<f64>,
    /// what it cost
    pub statistics: Statistics,
    /// the events executed, in order
    pub events: Vec<Execution>,
    /// of each event executed, d time / d direction
    pub(super) event_slopes: Vec<f64>,
    pub(super) states: Vec<f64>,
    pub(super) state_count: usize,
    pub(super) sensitivities: Vec<f64>,
    pub(super) direction_count: usize,
    pub(super) epochs: Vec<Epoch>,
    /// per output time: epoch, and the time at which formulas are evaluated (finite also at infinity)
    pub(super) at: Vec<(usize, f64)>,
    /// its steps, where they were to be recorded
    pub(super) path: Option<Box<Path>>,
}

impl Solution {
    /// A record with all numbers still NaN.
    pub(super) fn empty(
        times: &[f64],
        state_count: usize,
        direction_count: usize,
        registers: usize,
    ) -> Self {
        let unknown = Epoch {
            registers: vec![f64::NAN; registers],
            tangents: vec![Vec::new(); direction_count],
        };
        Solution {
            status: Status::Finished,
            times: times.to_vec(),
            statistics: Statistics::default(),
            events: Vec::new(),
            event_slopes: Vec::new(),
            states: vec![f64::NAN; times.len() * state_count],
            state_count,
            sensitivities: vec![f64::NAN; times.len() * direction_count * state_count],
            direction_count,
            epochs: vec![unknown],
            at: vec![(0, f64::NAN); times.len()],
            path: None,
        }
    }

    /// The solution itself, or its failure as an error.
    pub fn finished(self) -> Result<Solution, SolveError> {
        match self.status {
            Status::Finished => Ok(self),
            Status::Failed { time, cause } => Err(SolveError { time, cause }),
        }
    }

    /// Number of directions of the sensitivities.
    pub fn directions(&self) -> usize {
        self.direction_count
    }

    /// States at output time k.
    pub fn states(&self, k: usize) -> &[f64] {
        &self.states[k * self.state_count..(k + 1) * self.state_count]
    }

    /// d state / d direction j at output time k.
    pub fn sensitivity(&self, k: usize, direction: usize) -> &[f64] {
        assert!(
            direction < self.direction_count,
            "direction {direction} of {}",
            self.direction_count
        );
        let row = k * self.direction_count + direction;
        &self.sensitivities[row * self.state_count..(row + 1) * self.state_count]
    }

    /// d time / d direction j of the event executed k-th, see `events`.
    pub fn event_time_sensitivity(&self, k: usize, direction: usize) -> f64 {
        assert!(
            direction < self.direction_count,
            "direction {direction} of {}",
            self.direction_count
        );
        self.event_slopes[k * self.direction_count + direction]
    }

    /// The registers in force at output time k: effective parameters, then five input coefficients (c0, c1, c2, c3, t0) each.
    pub fn registers(&self, k: usize) -> &[f64] {
        &self.epochs[self.at[k].0].registers
    }

    fn point<'a>(&'a self, k: usize, placeholders: &'a [f64]) -> Point<'a> {
        let (epoch, time) = self.at[k];
        Point {
            time,
            states: self.states(k),
            registers: &self.epochs[epoch].registers,
            placeholders,
        }
    }

    /// Values of `which` formulas at output time k with the given placeholder values.
    pub fn outputs(
        &self,
        outputs: &Outputs,
        k: usize,
        which: &[usize],
        placeholders: &[f64],
        values: &mut [f64],
    ) {
        outputs.evaluate(&self.point(k, placeholders), which, values);
    }

    /// The same, in memory that is used again.
    pub(crate) fn outputs_in(
        &self,
        outputs: &Outputs,
        k: usize,
        (which, placeholders): (&[usize], &[f64]),
        values: &mut [f64],
        scratch: &mut Scratch,
    ) {
        outputs.evaluate_in(&self.point(k, placeholders), which, values, scratch);
    }

    /// Values, total derivatives along the directions (which.len() x directions, row-major; placeholders held), and
    /// d/d placeholders (which.len() x placeholders, row-major).
    #[allow(clippy::too_many_arguments)]
    pub fn outputs_with_derivatives(
        &self,
        outputs: &Outputs,
        k: usize,
        which: &[usize],
        placeholders: &[f64],
        values: &mut [f64],
        d_directions: &mut [f64],
        d_placeholders: &mut [f64],
    ) {
        let point = self.point(k, placeholders);
        let (n, m) = (self.state_count, self.direction_count);
        let count = point.registers.len();
        let mut d_states = vec![0.0; which.len() * n];
        let mut d_registers = vec![0.0; which.len() * count];
        outputs.differentiate(
            &point,
            which,
            values,
            &mut d_states,
            &mut d_registers,
            d_placeholders,
        );
        let tangents = &self.epochs[self.at[k].0].tangents;
        for w in 0..which.len() {
            let (by_state, by_register) = (
                &d_states[w * n..(w + 1) * n],
                &d_registers[w * count..(w + 1) * count],
            );
            for (j, tangent) in tangents.iter().enumerate() {
                let through_states: f64 = by_state
                    .iter()
                    .zip(self.sensitivity(k, j))
                    .filter(|(d, _)| **d != 0.0)
                    .map(|(d, s)| d * s)
                    .sum();
                let direct: f64 = tangent
                    .iter()
                    .map(|&(register, d)| by_register[register] * d)
                    .sum();
                d_directions[w * m + j] = through_states + direct;
            }
        }
    }

    /// The trajectory of one state at the output times.
    pub fn series(&self, state: usize) -> Vec<f64> {
        (0..self.times.len())
            .map(|k| self.states(k)[state])
            .collect()
    }

    /// All observables of the network at the output times: one row per time, in the order of `System::observable_ids`.
    pub fn observables(&self, system: &System) -> Vec<Vec<f64>> {
        let outputs = system.observables();
        let which: Vec<usize> = (0..outputs.ids().len()).collect();
        let row = |k: usize| {
            let mut values = vec![f64::NAN; which.len()];
            let states = self.states(k);
            // a state may be undefined, but where the solve did not come all are
            if states.is_empty() || !states.iter().all(|y| y.is_nan()) {
                self.outputs(outputs, k, &which, &[], &mut values);
            }
            values
        };
        (0..self.times.len()).map(row).collect()
    }
}
