//! Solves with the factors of one lane for a group of G directions side by side: the factors are read once for all of them.
use super::{DenseLu, Factors, SparseLu};
use crate::lanes::Lane;

/// The factors of one lane in the order in which a solve reads them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packed {
    /// Forward: the entries of L' row by row; backward: the last row of U first, v_i after each.
    values: Vec<f64>,
    dense: Option<DenseLu>,
}

impl Packed {
    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<f64>()
    }

    /// Solves in place by the dense factors, NaN where there are none.
    #[cold]
    fn solve_densely(&self, right: &mut [f64], width: usize) {
        let Some(dense) = &self.dense else {
            right.fill(f64::NAN);
            return;
        };
        for g in 0..width {
            let solved = dense.solve(|row| right[row * width + g]);
            for (row, value) in solved.iter().enumerate() {
                right[row * width + g] = *value;
            }
        }
    }
}

impl SparseLu {
    /// Copies the factors of one lane.
    pub(crate) fn pack<const W: usize>(
        &self,
        registers: &[Lane<W>],
        factors: &Factors<W>,
        lane: usize,
        packed: &mut Packed,
    ) {
        packed.values.clear();
        packed.dense.clone_from(&factors.dense[lane]);
        let Some(program) = self.program.as_ref().filter(|_| packed.dense.is_none()) else {
            return;
        };
        let value = |register: u32| registers[register as usize].0[lane];
        for row in &program.lower {
            packed.values.extend(row.iter().map(|&(at, _)| value(at)));
        }
        for (row, pivot) in program.upper.iter().zip(&program.pivots).rev() {
            packed.values.extend(row.iter().map(|&(at, _)| value(at)));
            packed.values.push(value(pivot[1]));
        }
    }

    /// Solves in place for G directions; `right` and `scratch` hold n rows.
    #[inline(always)]
    pub(crate) fn solve_directions<const G: usize>(
        &self,
        packed: &Packed,
        right: &mut [[f64; G]],
        scratch: &mut [[f64; G]],
    ) {
        let Some(program) = self.program.as_ref().filter(|_| packed.dense.is_none()) else {
            packed.solve_densely(right.as_flattened_mut(), G);
            return;
        };
        let mut values = packed.values.iter();
        for (row, entries) in program.lower.iter().enumerate() {
            let mut sum = right[program.rows[row] as usize];
            for (&(_, column), value) in entries.iter().zip(values.by_ref()) {
                let known = &scratch[column as usize];
                for g in 0..G {
                    sum[g] += value * known[g];
                }
            }
            scratch[row] = sum;
        }
        for (row, entries) in program.upper.iter().enumerate().rev() {
            let mut sum = scratch[row];
            for (&(_, column), value) in entries.iter().zip(values.by_ref()) {
                let known = &scratch[column as usize];
                for g in 0..G {
                    sum[g] += value * known[g];
                }
            }
            let inverse = values.next().copied().unwrap_or(f64::NAN);
            for value in &mut sum {
                *value *= inverse;
            }
            scratch[row] = sum;
            right[program.columns[row] as usize] = sum;
        }
    }
}
