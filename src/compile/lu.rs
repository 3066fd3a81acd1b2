//! Sparse LU factors of M/(gamma h) - J over W lanes, by an index program made once; dense pivoting where it is unsound.
//!
//! The program eliminates in the fixed order of `ordering`. With fixed pivots a factorisation is as stable as its pivots
//! grow little: on the way from the matrix to the factors a pivot may grow by [`LARGEST_GROWTH`] at most and shrink by
//! [`SMALLEST_PIVOT`] at most. Both ratios do not change when rows or columns are scaled, so the units of the states do not
//! matter. A lane that fails is factored densely (nalgebra, partial pivoting after equilibration); the others do not notice.
use std::cmp::Ordering;

use nalgebra::{DMatrix, DVector, Dyn, LU};

use super::ordering::eliminate;
use super::tape::Lane;

/// A pivot may exceed its diagonal entry by this factor: six of sixteen digits may be lost.
const LARGEST_GROWTH: f64 = 1e6;
/// A pivot below this part of its diagonal entry is rounding error.
const SMALLEST_PIVOT: f64 = 1e-14;

/// Where the diagonal mass matrix enters, and what it is scaled by.
#[derive(Clone, Copy, Debug)]
struct MassEntry {
    factor: u32,
    mass: f64,
}

/// The index program; shared by all workspaces of a system.
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseLu {
    n: usize,
    mass: Vec<f64>,
    pattern: Vec<(u32, u32)>,
    program: Option<Elimination>,
}

#[derive(Clone, Debug)]
struct Elimination {
    rows: Vec<u32>,
    columns: Vec<u32>,
    entries: usize,
    fill: usize,
    /// Factor entry of each Jacobian entry.
    scatter: Vec<u32>,
    masses: Vec<MassEntry>,
    diagonal: Vec<u32>,
    /// Per row: (entry, column) of L and of U beyond the diagonal.
    lower: Vec<Vec<(u32, u32)>>,
    upper: Vec<Vec<(u32, u32)>>,
}

/// A dense factorisation of one lane, equilibrated: rows times `row_scale`, columns times `column_scale`.
#[derive(Clone, Debug)]
struct DenseLu {
    factors: LU<f64, Dyn, Dyn>,
    row_scale: DVector<f64>,
    column_scale: DVector<f64>,
}

/// Numbers of one factorisation.
#[derive(Clone, Debug)]
pub(crate) struct Factors<const W: usize> {
    values: Vec<Lane<W>>,
    inverse_pivots: Vec<Lane<W>>,
    scratch: Vec<Lane<W>>,
    /// the row that is being eliminated, by column
    work: Vec<Lane<W>>,
    dense: Vec<Option<DenseLu>>,
}

impl SparseLu {
    /// Plans the factorisation of diag(mass) / (gamma h) - J for a Jacobian of this pattern.
    pub(crate) fn new(mass: &[f64], pattern: &[(u32, u32)]) -> Self {
        let n = mass.len();
        let mut all = pattern.to_vec();
        all.extend(
            (0..n as u32)
                .filter(|&i| mass[i as usize] != 0.0)
                .map(|i| (i, i)),
        );
        all.sort_unstable();
        all.dedup();
        let program = eliminate(n, &all).map(|order| {
            let mut row_rank = vec![0; n];
            let mut column_rank = vec![0; n];
            for k in 0..n {
                row_rank[order.rows[k]] = k;
                column_rank[order.columns[k]] = k;
            }
            let mut offsets = vec![0];
            for row in &order.factors {
                offsets.push(offsets[offsets.len() - 1] + row.len());
            }
            let find = |row: usize, column: usize| {
                order.factors[row]
                    .binary_search(&column)
                    .ok()
                    .map(|i| (offsets[row] + i) as u32)
            };
            let entry =
                |row: usize, column: usize| find(row, column).expect("the factors hold this entry");
            let diagonal: Vec<u32> = (0..n).map(|k| entry(k, k)).collect();
            let (mut lower, mut upper) = (Vec::new(), Vec::new());
            for row in 0..n {
                let (mut l, mut u) = (Vec::new(), Vec::new());
                for &pivot in &order.factors[row] {
                    let at = entry(row, pivot);
                    match pivot.cmp(&row) {
                        Ordering::Less => l.push((at, pivot as u32)),
                        Ordering::Equal => {}
                        Ordering::Greater => u.push((at, pivot as u32)),
                    }
                }
                lower.push(l);
                upper.push(u);
            }
            let at =
                |row: u32, column: u32| entry(row_rank[row as usize], column_rank[column as usize]);
            Elimination {
                rows: order.rows.iter().map(|&i| i as u32).collect(),
                columns: order.columns.iter().map(|&i| i as u32).collect(),
                entries: offsets[n],
                fill: offsets[n] - all.len(),
                scatter: pattern
                    .iter()
                    .map(|&(row, column)| at(row, column))
                    .collect(),
                masses: (0..n as u32)
                    .filter(|&i| mass[i as usize] != 0.0)
                    .map(|i| MassEntry {
                        factor: at(i, i),
                        mass: mass[i as usize],
                    })
                    .collect(),
                diagonal,
                lower,
                upper,
            }
        });
        SparseLu {
            n,
            mass: mass.to_vec(),
            pattern: pattern.to_vec(),
            program,
        }
    }

    /// Entries of both factors together, and how many of them the matrix does not have; `None` if structurally singular.
    pub(crate) fn counts(&self) -> Option<(usize, usize)> {
        self.program
            .as_ref()
            .map(|program| (program.entries, program.fill))
    }

    /// (row, column) of the pivots in order.
    pub(crate) fn pivots(&self) -> Vec<(usize, usize)> {
        let program = self.program.as_ref();
        program.map_or_else(Vec::new, |p| {
            p.rows
                .iter()
                .zip(&p.columns)
                .map(|(&r, &c)| (r as usize, c as usize))
                .collect()
        })
    }

    /// Memory for one factorisation in W lanes.
    pub(crate) fn factors<const W: usize>(&self) -> Factors<W> {
        let zero = Lane([0.0; W]);
        Factors {
            values: vec![zero; self.program.as_ref().map_or(0, |program| program.entries)],
            inverse_pivots: vec![zero; self.n],
            scratch: vec![zero; self.n],
            work: vec![zero; self.n],
            dense: vec![None; W],
        }
    }

    /// Factors diag(mass) scale - J; per lane whether the factors can be used.
    pub(crate) fn factor<const W: usize>(
        &self,
        factors: &mut Factors<W>,
        scale: &Lane<W>,
        j: &[Lane<W>],
    ) -> [bool; W] {
        let sound = match &self.program {
            Some(program) => program.factor(factors, scale, j),
            None => [false; W],
        };
        std::array::from_fn(|lane| {
            factors.dense[lane] = if sound[lane] {
                None
            } else {
                self.factor_densely(lane, scale, j)
            };
            sound[lane] || factors.dense[lane].is_some()
        })
    }

    /// One lane by dense elimination with row exchanges; `None` if singular or not finite.
    fn factor_densely<const W: usize>(
        &self,
        lane: usize,
        scale: &Lane<W>,
        j: &[Lane<W>],
    ) -> Option<DenseLu> {
        let n = self.n;
        let mut matrix = DMatrix::zeros(n, n);
        for (i, &mass) in self.mass.iter().enumerate() {
            if mass != 0.0 {
                matrix[(i, i)] = mass * scale.0[lane];
            }
        }
        for (&(row, column), value) in self.pattern.iter().zip(j) {
            matrix[(row as usize, column as usize)] -= value.0[lane];
        }
        if matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let row_scale = DVector::from_fn(n, |i, _| 1.0 / matrix.row(i).amax());
        for i in 0..n {
            matrix.row_mut(i).scale_mut(row_scale[i]);
        }
        let column_scale = DVector::from_fn(n, |i, _| 1.0 / matrix.column(i).amax());
        for i in 0..n {
            matrix.column_mut(i).scale_mut(column_scale[i]);
        }
        if matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let factors = matrix.lu();
        let smallest = factors.lu_internal().diagonal().amin();
        // entries are at most 1 now: a pivot of this size is what rounding leaves of zero
        (smallest > n as f64 * f64::EPSILON * 0.5).then_some(DenseLu {
            factors,
            row_scale,
            column_scale,
        })
    }

    /// Solves in place with the factors of the last `factor`.
    pub(crate) fn solve<const W: usize>(&self, factors: &mut Factors<W>, x: &mut [Lane<W>]) {
        let mut densely: Vec<(usize, DVector<f64>)> = Vec::new();
        for lane in 0..W {
            if let Some(dense) = &factors.dense[lane] {
                let mut b = DVector::from_fn(self.n, |i, _| x[i].0[lane] * dense.row_scale[i]);
                if dense.factors.solve_mut(&mut b) {
                    b.component_mul_assign(&dense.column_scale);
                } else {
                    b.fill(f64::NAN);
                }
                densely.push((lane, b));
            }
        }
        if let Some(program) = &self.program {
            program.solve(factors, x);
        }
        for (lane, solution) in densely {
            for (x, value) in x.iter_mut().zip(solution.iter()) {
                x.0[lane] = *value;
            }
        }
    }
}

impl Elimination {
    #[allow(
        clippy::needless_range_loop,
        reason = "one loop over the lanes of several registers"
    )]
    fn factor<const W: usize>(
        &self,
        factors: &mut Factors<W>,
        scale: &Lane<W>,
        j: &[Lane<W>],
    ) -> [bool; W] {
        let values = &mut factors.values;
        values.fill(Lane([0.0; W]));
        let mut finite = [0.0; W];
        for (&at, entry) in self.scatter.iter().zip(j) {
            for l in 0..W {
                values[at as usize].0[l] = -entry.0[l];
                // 0, or NaN for an infinity or NaN
                finite[l] += 0.0 * entry.0[l];
            }
        }
        let mut sound = finite.map(|zero| zero == 0.0);
        for entry in &self.masses {
            for l in 0..W {
                values[entry.factor as usize].0[l] += entry.mass * scale.0[l];
            }
        }
        // the diagonal before elimination, for the growth check
        for (original, &at) in factors.scratch.iter_mut().zip(&self.diagonal) {
            *original = values[at as usize];
        }
        let work = &mut factors.work;
        for (row, &diagonal) in self.diagonal.iter().enumerate() {
            // the pattern of a row holds all that the rows before it add
            work[row] = values[diagonal as usize];
            for &(at, column) in self.lower[row].iter().chain(&self.upper[row]) {
                work[column as usize] = values[at as usize];
            }
            for &(at, pivot) in &self.lower[row] {
                let inverse = factors.inverse_pivots[pivot as usize].0;
                let mut multiplier = work[pivot as usize].0;
                for l in 0..W {
                    multiplier[l] *= inverse[l];
                }
                values[at as usize].0 = multiplier;
                for &(source, column) in &self.upper[pivot as usize] {
                    let source = values[source as usize].0;
                    let target = &mut work[column as usize].0;
                    for l in 0..W {
                        target[l] -= multiplier[l] * source[l];
                    }
                }
            }
            values[diagonal as usize] = work[row];
            for &(at, column) in &self.upper[row] {
                values[at as usize] = work[column as usize];
            }
            let pivot = values[diagonal as usize].0;
            let original = factors.scratch[row].0;
            let inverse = &mut factors.inverse_pivots[row].0;
            for l in 0..W {
                inverse[l] = 1.0 / pivot[l];
                let (size, before) = (pivot[l].abs(), original[l].abs());
                // false for NaN and for a pivot of zero
                sound[l] &= size <= LARGEST_GROWTH * before
                    && size > SMALLEST_PIVOT * before
                    && inverse[l].is_finite()
                    && size < f64::INFINITY;
            }
        }
        sound
    }

    fn solve<const W: usize>(&self, factors: &mut Factors<W>, x: &mut [Lane<W>]) {
        let (values, y) = (&factors.values, &mut factors.scratch);
        for (row, entries) in self.lower.iter().enumerate() {
            let mut sum = x[self.rows[row] as usize].0;
            for &(at, column) in entries {
                let (l_entry, known) = (values[at as usize].0, y[column as usize].0);
                for l in 0..W {
                    sum[l] -= l_entry[l] * known[l];
                }
            }
            y[row].0 = sum;
        }
        for (row, entries) in self.upper.iter().enumerate().rev() {
            let mut sum = y[row].0;
            for &(at, column) in entries {
                let (u_entry, known) = (values[at as usize].0, y[column as usize].0);
                for l in 0..W {
                    sum[l] -= u_entry[l] * known[l];
                }
            }
            let inverse = factors.inverse_pivots[row].0;
            for l in 0..W {
                sum[l] *= inverse[l];
            }
            y[row].0 = sum;
        }
        for (row, &column) in self.columns.iter().enumerate() {
            x[column as usize] = y[row];
        }
    }
}

#[cfg(test)]
mod tests;
