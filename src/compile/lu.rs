//! Sparse LU factors of M/(gamma h) - J over W lanes, as two tapes made once; dense pivoting where they are unsound.
//!
//! The tapes eliminate in the fixed order of `ordering`. With fixed pivots a factorisation is as stable as its pivots
//! grow little: on the way from the matrix to the factors a pivot may grow by [`LARGEST_GROWTH`] at most and shrink by
//! [`SMALLEST_PIVOT`] at most. Both ratios do not change when rows or columns are scaled, so the units of the states do not
//! matter. A lane that fails is factored densely (`dense`); the others do not notice.
//!
//! What is factored is N = J - M/(gamma h) = L U. With the multipliers negated, L' = I - L, and the reciprocals of the pivots, too,
//! every update adds:
//!
//! $$ n_{ik} \leftarrow n_{ik} + \sum_{j<\min(i,k)} l'_{ij} u_{jk},\quad l'_{ij} = n_{ij} v_j,\quad v_j = -1/u_{jj}, $$
//! $$ y_i = b_i + \sum_{j<i} l'_{ij} y_j,\qquad x_i = v_i \Bigl(y_i + \sum_{k>i} u_{ik} x_k\Bigr). $$
//!
//! x solves (M/(gamma h) - J) x = b.
mod dense;
mod directions;

use std::ops::Range;

use super::emit::SPARE;
use super::ordering::eliminate;
use super::tape::{Op, OpCode, Tape};
use crate::lanes::{InstructionSet, Kernel, Lane};
use dense::DenseLu;
pub(crate) use directions::Packed;

/// A pivot may exceed its diagonal entry by this factor: six of sixteen digits may be lost.
const LARGEST_GROWTH: f64 = 1e6;
/// A pivot below this part of its diagonal entry is rounding error.
const SMALLEST_PIVOT: f64 = 1e-14;

/// The plan of the factorisation; shared by all workspaces of a system.
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseLu {
    n: usize,
    mass: Vec<f64>,
    pattern: Vec<(u32, u32)>,
    /// Register of each entry of J.
    jacobian: Vec<u32>,
    /// Register of 1/(gamma h).
    scale: usize,
    /// First register of b, which is kept, and of x.
    right: usize,
    solution: usize,
    program: Option<Elimination>,
    /// One past the last register used.
    end: usize,
}

#[derive(Clone, Debug)]
struct Elimination {
    rows: Vec<u32>,
    columns: Vec<u32>,
    entries: usize,
    fill: usize,
    /// Registers of u_ii, v_i and of the diagonal before elimination.
    pivots: Vec<[u32; 3]>,
    /// Per row: (register, column) of L' and of U beyond the diagonal.
    lower: Vec<Vec<(u32, u32)>>,
    upper: Vec<Vec<(u32, u32)>>,
    factor: Tape,
    solve: Tape,
}

/// Where a plan stands in the register file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Register of each entry of J.
    pub jacobian: &'a [u32],
    /// First register of b.
    pub right: usize,
    /// First free register.
    pub first: usize,
}

/// What a factorisation in W lanes leaves beside the registers.
#[derive(Clone, Debug)]
pub(crate) struct Factors<const W: usize> {
    dense: Vec<Option<DenseLu>>,
    any_dense: bool,
}

impl<const W: usize> Factors<W> {
    pub(crate) fn new() -> Self {
        Factors {
            dense: vec![None; W],
            any_dense: false,
        }
    }
}

impl SparseLu {
    /// Plans the factorisation of diag(mass) / (gamma h) - J for a Jacobian of this pattern.
    pub(crate) fn new(mass: &[f64], pattern: &[(u32, u32)], place: Place) -> Self {
        let n = mass.len();
        let (scale, solution) = (place.first, place.first + 1);
        let mut lu = SparseLu {
            n,
            mass: mass.to_vec(),
            pattern: pattern.to_vec(),
            jacobian: place.jacobian.to_vec(),
            scale,
            right: place.right,
            solution,
            program: None,
            end: solution + n,
        };
        lu.program = lu.plan();
        lu
    }

    fn plan(&mut self) -> Option<Elimination> {
        let n = self.n;
        let differential = (0..n as u32).filter(|&i| self.mass[i as usize] != 0.0);
        let mut all = self.pattern.clone();
        all.extend(differential.map(|i| (i, i)));
        all.sort_unstable();
        all.dedup();
        let order = eliminate(n, &all)?;
        let mut offsets = vec![0];
        for row in &order.factors {
            offsets.push(offsets[offsets.len() - 1] + row.len());
        }
        let first = self.end;
        let place = |row: usize, at: usize| (first + offsets[row] + at) as u32;
        let find = |row: usize, column: usize| order.factors[row].binary_search(&column).ok();
        let entry = |row: usize, column: usize| find(row, column).map(|at| place(row, at));
        let entries = offsets[n];
        let inverse = |row: usize| (first + entries + row) as u32;
        let before = |row: usize| (first + entries + n + row) as u32;
        let temporary = (first + entries + 2 * n) as u32;

        let mut column_rank = vec![0; n];
        for (k, &column) in order.columns.iter().enumerate() {
            column_rank[column] = k;
        }
        let mut row_rank = vec![0; n];
        for (k, &row) in order.rows.iter().enumerate() {
            row_rank[row] = k;
        }
        // registers of the entries of J, by row in the order of elimination
        let mut given: Vec<Vec<(usize, u32)>> = vec![Vec::new(); n];
        for (&(row, column), &register) in self.pattern.iter().zip(&self.jacobian) {
            given[row_rank[row as usize]].push((column_rank[column as usize], register));
        }

        let mut ops = Vec::new();
        let mut push = |code, to: u32, a: u32, b: u32, c: u32| ops.push(Op { code, to, a, b, c });
        let (mut lower, mut upper, mut pivots) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..n {
            let (mut l, mut u) = (Vec::new(), Vec::new());
            for (at, &column) in order.factors[row].iter().enumerate() {
                let to = place(row, at);
                let own = given[row].iter().find(|(c, _)| *c == column);
                // the matrix before elimination, where it is not zero
                let mut value = own.map(|&(_, register)| register);
                if order.rows[row] == order.columns[column] && self.mass[order.rows[row]] != 0.0 {
                    let scale = self.scale as u32;
                    let sum = if column == row {
                        before(row)
                    } else {
                        temporary
                    };
                    match value {
                        Some(j) => push(OpCode::Sub, sum, j, scale, scale),
                        None => push(OpCode::Neg, sum, scale, scale, scale),
                    }
                    value = Some(sum);
                } else if column == row {
                    match value {
                        Some(j) => push(OpCode::Copy, before(row), j, j, j),
                        None => {
                            // nothing to compare a filled pivot with: it counts as zero and the lane is pivoted
                            let scale = self.scale as u32;
                            push(OpCode::Sub, before(row), scale, scale, scale);
                        }
                    }
                    value = Some(before(row));
                }
                let terms: Vec<(u32, u32)> = (l.iter())
                    .filter(|&&(_, j)| (j as usize) < column)
                    .filter_map(|&(l, j): &(u32, u32)| Some((l, entry(j as usize, column)?)))
                    .collect();
                let multiplies = column < row;
                for (k, &(l, u)) in terms.iter().enumerate() {
                    let last = k + 1 == terms.len() && !multiplies;
                    let sum = if last { to } else { temporary };
                    match value {
                        Some(value) => push(OpCode::MulAdd, sum, l, u, value),
                        None => push(OpCode::Mul, sum, l, u, l),
                    }
                    value = Some(sum);
                }
                let value = value.expect("an entry is in the matrix or filled by a product");
                match column.cmp(&row) {
                    std::cmp::Ordering::Less => {
                        push(OpCode::Mul, to, value, inverse(column), value);
                        l.push((to, column as u32));
                    }
                    std::cmp::Ordering::Equal => {
                        if terms.is_empty() {
                            push(OpCode::Copy, to, value, value, value);
                        }
                        push(OpCode::Recip, temporary, to, to, to);
                        push(OpCode::Neg, inverse(row), temporary, temporary, temporary);
                        pivots.push([to, inverse(row), before(row)]);
                    }
                    std::cmp::Ordering::Greater => {
                        if terms.is_empty() {
                            push(OpCode::Copy, to, value, value, value);
                        }
                        u.push((to, column as u32));
                    }
                }
            }
            lower.push(l);
            upper.push(u);
        }
        let factor = Tape {
            ops,
            outputs: Vec::new(),
            temporaries: temporary..temporary + (n + SPARE) as u32,
            ..Tape::default()
        };

        let y = |row: u32| temporary + row;
        let mut ops = Vec::new();
        let mut push = |code, to: u32, a: u32, b: u32, c: u32| ops.push(Op { code, to, a, b, c });
        // where y_i stands: b_i itself where nothing is added
        let mut known: Vec<u32> = Vec::with_capacity(n);
        for (row, entries) in lower.iter().enumerate() {
            let mut value = (self.right + order.rows[row]) as u32;
            for &(l, column) in entries {
                push(
                    OpCode::MulAdd,
                    y(row as u32),
                    l,
                    known[column as usize],
                    value,
                );
                value = y(row as u32);
            }
            known.push(value);
        }
        let x = |row: u32| (self.solution + order.columns[row as usize]) as u32;
        for (row, entries) in upper.iter().enumerate().rev() {
            let (mut value, row) = (known[row], row as u32);
            for &(u, column) in entries {
                push(OpCode::MulAdd, y(row), u, x(column), value);
                value = y(row);
            }
            push(OpCode::Mul, x(row), value, inverse(row as usize), value);
        }
        let solve = Tape {
            ops,
            outputs: Vec::new(),
            temporaries: factor.temporaries.clone(),
            ..Tape::default()
        };
        self.end = factor.temporaries.end as usize;
        Some(Elimination {
            rows: order.rows.iter().map(|&i| i as u32).collect(),
            columns: order.columns.iter().map(|&i| i as u32).collect(),
            entries,
            fill: entries - all.len(),
            pivots,
            lower,
            upper,
            factor,
            solve,
        })
    }

    /// One past the last register used.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Registers of b.
    pub(crate) fn right(&self) -> Range<usize> {
        self.right..self.right + self.n
    }

    /// Registers of x.
    pub(crate) fn solution(&self) -> Range<usize> {
        self.solution..self.solution + self.n
    }

    /// Entries of both factors together, and how many of them the matrix does not have; `None` if structurally singular.
    pub(crate) fn counts(&self) -> Option<(usize, usize)> {
        self.program
            .as_ref()
            .map(|program| (program.entries, program.fill))
    }

    /// Operations of a factorisation and of a solve.
    pub(crate) fn weights(&self) -> (f64, f64) {
        self.program
            .as_ref()
            .map_or((0.0, 0.0), |p| (p.factor.weight(), p.solve.weight()))
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

    /// Factors diag(mass) scale - J, J as it stands in the registers and finite; per lane whether the factors can be
    /// used.
    pub(crate) fn factor<const W: usize>(
        &self,
        instructions: InstructionSet,
        registers: &mut [Lane<W>],
        factors: &mut Factors<W>,
        scale: &Lane<W>,
    ) -> [bool; W] {
        registers[self.scale] = *scale;
        let mut sound = [false; W];
        if let Some(program) = &self.program {
            program.factor.run(instructions, registers);
            sound = instructions.dispatch(Growth {
                pivots: &program.pivots,
                registers,
            });
        }
        factors.any_dense = false;
        for lane in 0..W {
            let dense = if sound[lane] {
                None
            } else {
                self.factor_densely(lane, scale.0[lane], registers)
            };
            sound[lane] |= dense.is_some();
            factors.any_dense |= dense.is_some();
            factors.dense[lane] = dense;
        }
        sound
    }

    /// Solves for b in its registers with the factors of the last `factor`.
    pub(crate) fn solve<const W: usize>(
        &self,
        instructions: InstructionSet,
        registers: &mut [Lane<W>],
        factors: &Factors<W>,
    ) {
        if let Some(program) = &self.program {
            program.solve.run(instructions, registers);
        }
        if !factors.any_dense {
            return;
        }
        for (lane, dense) in factors.dense.iter().enumerate() {
            if let Some(dense) = dense {
                let solved = dense.solve(|row| registers[self.right + row].0[lane]);
                for (x, value) in registers[self.solution()].iter_mut().zip(solved.iter()) {
                    x.0[lane] = *value;
                }
            }
        }
    }
}

/// The growth check of all lanes.
struct Growth<'a, const W: usize> {
    pivots: &'a [[u32; 3]],
    registers: &'a [Lane<W>],
}

impl<const W: usize> Kernel for Growth<'_, W> {
    type Output = [bool; W];
    #[inline(always)]
    fn run(self) -> [bool; W] {
        let mut faults = [0.0; W];
        for pivot in self.pivots {
            let [pivot, inverse, before] = pivot.map(|r| &self.registers[r as usize].0);
            for l in 0..W {
                let (size, before) = (pivot[l].abs(), before[l].abs());
                // false for NaN and for a pivot of zero
                let sound = (size <= LARGEST_GROWTH * before)
                    & (size > SMALLEST_PIVOT * before)
                    & (inverse[l].abs() < f64::INFINITY)
                    & (size < f64::INFINITY);
                faults[l] += if sound { 0.0 } else { 1.0 };
            }
        }
        faults.map(|faults| faults == 0.0)
    }
}

#[cfg(test)]
mod tests;
