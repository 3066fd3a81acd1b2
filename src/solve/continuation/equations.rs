//! f, df/dy and df/dvalue over the states that are free, and the scale in which a curve has a length.
//!
//! Algebraic equations (mass 0) are rows like others. Conditions are read anew at every point; events do not take part.
use super::{Along, ContinuationError, ContinuationOptions, Origin};
use crate::{
    compile::{Sensitivity, System, Workspace},
    lanes::{InstructionSet, Lane},
};
use nalgebra::{DMatrix, DVector};

/// A point of the space of a curve: free states, and the value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub states: Vec<f64>,
    pub value: f64,
}

/// f and its derivatives at a point.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    pub f: DVector<f64>,
    pub j: DMatrix<f64>,
    pub by_value: DVector<f64>,
}

/// Sizes of the free states and of the range.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    pub states: Vec<f64>,
    pub value: f64,
}

/// The equations of rest of one system under one set of registers.
pub(super) struct Rest<'a> {
    pub system: &'a System,
    workspace: Workspace<1>,
    tapes: Sensitivity,
    along: Along,
    base: Vec<f64>,
    pub time: f64,
    /// all states; those that are held keep their numbers
    all: Vec<f64>,
    /// positions of the free states
    free: Vec<usize>,
    /// of each state among the free ones
    place: Vec<Option<usize>>,
    /// largest sizes met so far
    typical: Vec<f64>,
}

impl<'a> Rest<'a> {
    pub(super) fn new(
        system: &'a System,
        along: &Along,
        options: &ContinuationOptions,
        origin: &Origin,
    ) -> Result<Self, ContinuationError> {
        let n = system.state_ids().len();
        for (what, expected, got) in [
            ("states", n, origin.states.len()),
            ("registers", system.register_count(), origin.registers.len()),
        ] {
            if expected != got {
                return Err(ContinuationError::Origin {
                    what,
                    expected,
                    got,
                });
            }
        }
        let moving = along.moving();
        let nothing = moving.iter().all(|&r| origin.registers[r] == 0.0);
        if nothing && matches!(along, Along::Factor(_)) {
            return Err(ContinuationError::NothingToMultiply);
        }
        let still = system.still();
        let free: Vec<usize> = (0..n)
            .filter(|i| !still[*i] && !options.held.contains(i))
            .collect();
        if free.is_empty() {
            return Err(ContinuationError::NoStates);
        }
        let mut place = vec![None; n];
        for (k, &i) in free.iter().enumerate() {
            place[i] = Some(k);
        }
        let tapes = system
            .sensitivity(&moving)
            .expect("the registers were checked against the system");
        Ok(Rest {
            workspace: system.workspace(InstructionSet::detect()),
            tapes,
            along: along.clone(),
            base: origin.registers.clone(),
            time: origin.time,
            all: origin.states.clone(),
            typical: free.iter().map(|&i| origin.states[i].abs()).collect(),
            system,
            free,
            place,
        })
    }

    /// Registers at the value of the start.
    pub(super) fn registers(&self) -> &[f64] {
        &self.base
    }

    /// The value at the start.
    pub(super) fn first_value(&self) -> f64 {
        match &self.along {
            Along::Value(register) => self.base[*register],
            Along::Factor(_) => 1.0,
        }
    }

    pub(super) fn along(&self) -> &Along {
        &self.along
    }

    /// The free ones of all states.
    pub(super) fn free_of(&self, all: &[f64]) -> Vec<f64> {
        self.free.iter().map(|&i| all[i]).collect()
    }

    /// All states with the free ones in their places.
    pub(super) fn all_of(&self, free: &[f64]) -> Vec<f64> {
        let mut all = self.all.clone();
        for (&i, y) in self.free.iter().zip(free) {
            all[i] = *y;
        }
        all
    }

    /// Id of a free state.
    pub(super) fn id(&self, k: usize) -> String {
        self.system.state_ids()[self.free[k]].clone()
    }

    /// Whether a free state is given by an algebraic equation.
    pub(super) fn is_algebraic(&self, k: usize) -> bool {
        self.system.mass()[self.free[k]] == 0.0
    }

    /// A free state that is negative by more than rounding.
    pub(super) fn negative(&self, states: &[f64], scale: &Scale) -> Option<usize> {
        let nonnegative = self.system.nonnegative();
        let below = |k: &usize| nonnegative[self.free[*k]] && states[*k] < -1e-9 * scale.states[*k];
        (0..states.len()).find(below)
    }

    /// Sizes at a point: of each state, or a twentieth of the largest that was met; 1 for what was never more than nothing.
    pub(super) fn scale(&mut self, states: &[f64], options: &ContinuationOptions) -> Scale {
        let mut sizes = Vec::with_capacity(states.len());
        for (typical, y) in self.typical.iter_mut().zip(states) {
            *typical = typical.max(y.abs());
            sizes.push(match *typical <= options.absolute {
                true => 1.0,
                false => y.abs().max(0.05 * *typical),
            });
        }
        Scale {
            states: sizes,
            value: options.to - options.from,
        }
    }

    /// Writes registers and modes of a point; gives the point in lanes.
    fn place(&mut self, point: &Point) -> (Lane<1>, Vec<Lane<1>>) {
        let registers = self.along.registers(&self.base, point.value);
        let all = self.all_of(&point.states);
        self.system
            .set_registers(&mut self.workspace, 0, &registers);
        self.system.hoist(&mut self.workspace);
        self.system
            .set_modes(&mut self.workspace, 0, self.time, &all);
        let lanes = all.into_iter().map(|y| Lane([y])).collect();
        (Lane([self.time]), lanes)
    }

    /// f and its derivatives; the first free state whose row is not finite otherwise.
    pub(super) fn linearise(&mut self, point: &Point) -> Result<Linear, usize> {
        let (t, y) = self.place(point);
        let (n, m, system) = (y.len(), self.free.len(), self.system);
        let mut f = vec![Lane([0.0]); n];
        let mut j = vec![Lane([0.0]); system.jacobian_pattern().len()];
        let mut fp = vec![Lane([0.0]); self.tapes.pattern().len()];
        system.rhs(&mut self.workspace, &t, &y, &mut f);
        let ws = &mut self.workspace;
        (self.tapes).jacobian_parameters(system, ws, &t, &y, &mut j, &mut fp);
        let mut linear = Linear {
            f: DVector::from_iterator(m, self.free.iter().map(|&i| f[i].0[0])),
            j: DMatrix::zeros(m, m),
            by_value: DVector::zeros(m),
        };
        for (&(row, column), slope) in system.jacobian_pattern().iter().zip(&j) {
            let places = (self.place[row as usize], self.place[column as usize]);
            if let (Some(row), Some(column)) = places {
                linear.j[(row, column)] += slope.0[0];
            }
        }
        let moving = self.along.moving();
        for (&(row, column), slope) in self.tapes.pattern().iter().zip(&fp) {
            let weight = match &self.along {
                Along::Value(_) => 1.0,
                Along::Factor(_) => self.base[moving[column as usize]],
            };
            if let Some(row) = self.place[row as usize] {
                linear.by_value[row] += weight * slope.0[0];
            }
        }
        let finite = |k: &usize| {
            let row = linear.j.row(*k);
            let rest = linear.f[*k] + linear.by_value[*k];
            rest.is_finite() && row.iter().all(|x| x.is_finite())
        };
        match (0..m).find(|k| !finite(k)) {
            Some(k) => Err(k),
            None => Ok(linear),
        }
    }

    /// Whether f vanishes, beside what each rate would be if a state moved by its size.
    pub(super) fn is_at_rest(&mut self, point: &Point, scale: &Scale) -> bool {
        let Ok(linear) = self.linearise(point) else {
            return false;
        };
        (0..scale.states.len()).all(|row| {
            let sizes = scale.states.iter().enumerate();
            let sizes = sizes.map(|(column, s)| (linear.j[(row, column)] * s).abs());
            let largest = sizes.fold(0.0_f64, f64::max);
            linear.f[row].abs() <= 1e-6 * largest
        })
    }

    /// The first free state whose rate depends on time at a point.
    pub(super) fn timed(&mut self, point: &Point) -> Option<usize> {
        let (t, y) = self.place(point);
        let n = y.len();
        let (mut f, mut f_t) = (vec![Lane([0.0]); n], vec![Lane([0.0]); n]);
        let mut j = vec![Lane([0.0]); self.system.jacobian_pattern().len()];
        let ws = &mut self.workspace;
        (self.system).rhs_jacobian(ws, &t, &y, &mut f, &mut j, &mut f_t);
        self.free.iter().position(|&i| f_t[i].0[0] != 0.0)
    }
}
