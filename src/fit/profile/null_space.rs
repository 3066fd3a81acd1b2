//! The null space of the sensitivities at one point, found block by block: no dense matrix over all subjects.
//!
//! The columns of the sensitivity matrix $J$ are scaled to length 1. With the own entries $A_b$ and shared entries $C_b$ of
//! subject $b$, the singular value decomposition $A_b = U \Sigma V^T$ gives that subject's own null vectors; what is left of
//! $C_b$ outside the range of $A_b$, $(1 - U U^T) C_b$, is reduced by QR and stacked over the subjects; null vectors $v$ of the stack are
//! continued to the own entries by $-V \Sigma^{-1} U^T C_b v$. Working on $J$ and not on $J^T J$ keeps twice the digits.

use super::structure::StructureOptions;
use crate::fit::arrow::ArrowLayout;
use nalgebra::{DMatrix, DVector};

/// One subject's sensitivities: readings by search entries, in units of the readings' noise.
#[derive(Clone, Debug, PartialEq)]
pub struct SensitivityRows {
    /// search entries of the columns
    pub entries: Vec<usize>,
    /// d reading / d search value
    pub rows: DMatrix<f64>,
}

/// What the sensitivities at one point leave open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NullSpace {
    /// orthonormal columns over all search entries; entries are in units of 1 over the length of their column of J
    pub basis: DMatrix<f64>,
    /// length of each column of J, 1 for those that count as zero
    pub lengths: Vec<f64>,
    /// singular values of the scaled blocks, descending
    pub singular: Vec<f64>,
    /// whether every block has a gap between what counts as zero and what does not
    pub clear: bool,
}

/// Singular values below this, relative to the largest, are rounding: no gap among them means anything.
const ROUNDING: f64 = 1e-14;

impl NullSpace {
    pub fn of(layout: &ArrowLayout, all: &[SensitivityRows], options: &StructureOptions) -> Self {
        let n = layout.dim();
        let mut squares = vec![0.0_f64; n];
        for subject in all {
            for (column, &entry) in subject.rows.column_iter().zip(&subject.entries) {
                squares[entry] += column.norm_squared();
            }
        }
        let largest = squares.iter().fold(0.0_f64, |a, b| a.max(*b)).sqrt();
        let zero: Vec<bool> = squares
            .iter()
            .map(|s| s.sqrt() <= options.zero_column * largest)
            .collect();
        let lengths: Vec<f64> = squares
            .iter()
            .zip(&zero)
            .map(|(s, zero)| if *zero { 1.0 } else { s.sqrt() })
            .collect();
        let block = |subject: &SensitivityRows, columns: &[usize]| {
            DMatrix::from_fn(subject.rows.nrows(), columns.len(), |row, k| {
                let entry = columns[k];
                match subject.entries.iter().position(|e| *e == entry) {
                    Some(at) if !zero[entry] => subject.rows[(row, at)] / lengths[entry],
                    _ => 0.0,
                }
            })
        };
        let shared = layout.shared();
        let mut found = NullSpace {
            basis: DMatrix::zeros(n, 0),
            lengths: lengths.clone(),
            singular: Vec::new(),
            clear: true,
        };
        let mut vectors: Vec<DVector<f64>> = Vec::new();
        let mut stack = DMatrix::zeros(0, shared.len());
        let mut owned: Vec<Owned> = Vec::new();
        for entries in layout.blocks().iter().filter(|b| !b.is_empty()) {
            let members = all
                .iter()
                .filter(|s| s.entries.iter().any(|e| entries.contains(e)));
            let (mut own, mut cross) = (
                DMatrix::zeros(0, entries.len()),
                DMatrix::zeros(0, shared.len()),
            );
            for subject in members {
                own = stacked(own, block(subject, entries));
                cross = stacked(cross, block(subject, shared));
            }
            let parts = Parts::of(&own, options);
            found.note(&parts);
            for null in &parts.null {
                vectors.push(spread(n, entries, null));
            }
            let image = &parts.left.tr_mul(&cross);
            stack = reduced(stacked(stack, cross - &parts.left * image));
            let back = &parts.right * image;
            owned.push(Owned { entries, back });
        }
        let without_own = |s: &&SensitivityRows| {
            let own = |e: &usize| layout.blocks().iter().any(|b| b.contains(e));
            !s.entries.iter().any(own)
        };
        for subject in all.iter().filter(without_own) {
            stack = reduced(stacked(stack, block(subject, shared)));
        }
        if !shared.is_empty() {
            let parts = Parts::of(&stack, options);
            found.note(&parts);
            for null in &parts.null {
                let mut whole = spread(n, shared, null);
                for block in &owned {
                    let own: DVector<f64> = -(&block.back * null);
                    whole += spread(n, block.entries, &own);
                }
                vectors.push(whole);
            }
        }
        found.singular.sort_by(|a, b| b.total_cmp(a));
        if !vectors.is_empty() {
            found.basis = DMatrix::from_columns(&vectors).qr().q();
        }
        found
    }

    fn note(&mut self, parts: &Parts) {
        self.singular.extend(&parts.singular);
        self.clear &= parts.clear;
    }

    /// How much each search entry takes part, between 0 and 1, whatever basis was chosen.
    pub fn participation(&self) -> Vec<f64> {
        self.basis.row_iter().map(|row| row.norm()).collect()
    }
}

/// A subject's own entries, and their change per change of the shared ones (with the sign turned).
struct Owned<'a> {
    entries: &'a [usize],
    back: DMatrix<f64>,
}

/// A block cut into what counts and what does not.
struct Parts {
    /// left singular vectors that count
    left: DMatrix<f64>,
    /// right singular vectors that count, divided by their singular values
    right: DMatrix<f64>,
    null: Vec<DVector<f64>>,
    singular: Vec<f64>,
    clear: bool,
}

impl Parts {
    fn of(matrix: &DMatrix<f64>, options: &StructureOptions) -> Self {
        let columns = matrix.ncols();
        // with at least as many rows as columns the decomposition holds all right vectors
        let missing = columns.saturating_sub(matrix.nrows());
        let padded = stacked(matrix.clone(), DMatrix::zeros(missing, columns));
        let svd = padded.svd(true, true);
        let (u, v_t) = (
            svd.u.expect("was asked for"),
            svd.v_t.expect("was asked for"),
        );
        let mut order: Vec<usize> = (0..columns).collect();
        order.sort_by(|a, b| svd.singular_values[*b].total_cmp(&svd.singular_values[*a]));
        let singular: Vec<f64> = order.iter().map(|&k| svd.singular_values[k]).collect();
        let cut = rank(&singular, options);
        // without a gap everything counts that is more than rounding
        let rank = cut.unwrap_or_else(|| singular.iter().filter(|s| **s > ROUNDING).count());
        let rows = matrix.nrows();
        Parts {
            left: DMatrix::from_fn(rows, rank, |i, k| u[(i, order[k])]),
            right: DMatrix::from_fn(columns, rank, |i, k| v_t[(order[k], i)] / singular[k]),
            null: order[rank..]
                .iter()
                .map(|&k| v_t.row(k).transpose())
                .collect(),
            singular,
            clear: cut.is_some(),
        }
    }
}

/// How many of the descending singular values of a matrix with unit columns count: all above the threshold, and those below it
/// that stand before the widest gap. None when something lies below the threshold and no gap is wide enough.
fn rank(singular: &[f64], options: &StructureOptions) -> Option<usize> {
    // columns have length 1 or less
    let above = singular.partition_point(|s| *s > options.threshold);
    if above == singular.len() {
        return Some(above);
    }
    let gap = |cut: usize| {
        let before = if cut == 0 { 1.0 } else { singular[cut - 1] };
        before.max(ROUNDING) / singular[cut].max(ROUNDING)
    };
    let (cut, widest) =
        (above..singular.len())
            .map(|cut| (cut, gap(cut)))
            .fold(
                (above, 0.0),
                |best, next| {
                    if next.1 > best.1 { next } else { best }
                },
            );
    (widest >= options.gap).then_some(cut)
}

fn spread(n: usize, entries: &[usize], values: &DVector<f64>) -> DVector<f64> {
    let mut whole = DVector::zeros(n);
    for (&entry, value) in entries.iter().zip(values.iter()) {
        whole[entry] = *value;
    }
    whole
}

fn stacked(mut top: DMatrix<f64>, bottom: DMatrix<f64>) -> DMatrix<f64> {
    let rows = top.nrows();
    top = top.resize_vertically(rows + bottom.nrows(), 0.0);
    top.rows_mut(rows, bottom.nrows()).copy_from(&bottom);
    top
}

/// The triangular factor: as many rows as columns with the same null space and singular values.
fn reduced(matrix: DMatrix<f64>) -> DMatrix<f64> {
    if matrix.nrows() > matrix.ncols() && matrix.ncols() > 0 {
        matrix.qr().r()
    } else {
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(entries: &[usize], data: &[f64]) -> SensitivityRows {
        let rows = DMatrix::from_row_slice(data.len() / entries.len(), entries.len(), data);
        SensitivityRows {
            entries: entries.to_vec(),
            rows,
        }
    }

    #[test]
    fn ranks_need_a_gap() {
        let options = StructureOptions::default();
        assert_eq!(rank(&[1.0, 1e-3, 1e-15], &options), Some(2));
        assert_eq!(rank(&[1.0, 1e-3, 9e-7, 1e-15], &options), Some(3));
        assert_eq!(rank(&[1.0, 1e-3, 1e-5], &options), Some(3));
        assert_eq!(rank(&[1e-2, 3e-5, 5e-7], &options), None);
        assert_eq!(rank(&[0.0, 0.0], &options), Some(0));
        assert_eq!(rank(&[], &options), Some(0));
    }

    #[test]
    fn a_shared_factor_and_own_factors_are_one_direction() {
        // y = a b_i t: entry 0 shared, 1 and 2 own of two subjects, 3 shared and told
        let layout = ArrowLayout::new(&[None, Some(0), Some(1), None]);
        let first = rows(&[0, 1, 3], &[1.0, 1.0, 0.0, 2.0, 2.0, 1.0, 3.0, 3.0, 0.5]);
        let second = rows(&[0, 2, 3], &[2.0, 4.0, 0.3, 1.0, 2.0, -1.0]);
        let all = [first, second];
        let found = NullSpace::of(&layout, &all, &StructureOptions::default());
        assert!(found.clear && found.basis.ncols() == 1);
        // on the unscaled entries: (2, -2, -1, 0)
        let vector: Vec<f64> = (0..4)
            .map(|i| found.basis[(i, 0)] / found.lengths[i])
            .collect();
        for (got, want) in vector.iter().zip([1.0, -1.0, -0.5, 0.0]) {
            assert!((got / vector[0] - want).abs() < 1e-12, "{vector:?}");
        }
    }

    #[test]
    fn fewer_readings_than_parameters_leave_the_rest_open() {
        let layout = ArrowLayout::dense(3);
        let found = NullSpace::of(
            &layout,
            &[rows(&[0, 1], &[1.0, 2.0])],
            &StructureOptions::default(),
        );
        assert_eq!((found.clear, found.basis.ncols()), (true, 2));
        // entry 2 reaches nothing: it stands alone
        assert!((found.participation()[2] - 1.0).abs() < 1e-12);
    }
}
