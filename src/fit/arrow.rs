//! Symmetric matrices in arrow form: shared parameters against shared, each subject's own block, and the cross blocks.
//!
//! ```text
//!   own_1              cross_1
//!          own_2       cross_2
//!                 ...  ...
//!   cross_1' cross_2'  shared
//! ```
//! Systems are solved by the Schur complement of the own blocks; no dense matrix over all subjects exists.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use std::sync::Arc;

/// Which search entries are shared by subjects and which belong to one subject alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrowLayout {
    shared: Vec<usize>,
    blocks: Vec<Vec<usize>>,
    places: Vec<Place>,
}

/// Where a search entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Shared(usize),
    Own { block: usize, position: usize },
}

impl ArrowLayout {
    /// `owner[i]` is the block that owns search entry i, `None` when it is shared. Blocks are numbered from 0; empty ones are allowed.
    pub fn new(owner: &[Option<usize>]) -> Self {
        let count = owner.iter().flatten().max().map_or(0, |last| last + 1);
        let mut layout = ArrowLayout {
            shared: Vec::new(),
            blocks: vec![Vec::new(); count],
            places: Vec::with_capacity(owner.len()),
        };
        for (index, owner) in owner.iter().enumerate() {
            match *owner {
                None => {
                    layout.places.push(Place::Shared(layout.shared.len()));
                    layout.shared.push(index);
                }
                Some(block) => {
                    let position = layout.blocks[block].len();
                    layout.places.push(Place::Own { block, position });
                    layout.blocks[block].push(index);
                }
            }
        }
        layout
    }

    /// All `dim` entries shared: an ordinary dense matrix.
    pub fn dense(dim: usize) -> Self {
        Self::new(&vec![None; dim])
    }

    /// The layout without one entry; the entries after it move up by one.
    pub(super) fn without(&self, entry: usize) -> Self {
        let owner = |place: &Place| match *place {
            Place::Shared(_) => None,
            Place::Own { block, .. } => Some(block),
        };
        let mut owners: Vec<Option<usize>> = self.places.iter().map(owner).collect();
        owners.remove(entry);
        Self::new(&owners)
    }

    /// Number of search entries.
    pub fn dim(&self) -> usize {
        self.places.len()
    }

    /// The shared search entries.
    pub fn shared(&self) -> &[usize] {
        &self.shared
    }

    /// The search entries of each subject's own block.
    pub fn blocks(&self) -> &[Vec<usize>] {
        &self.blocks
    }
}

/// A symmetric matrix in arrow form.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    layout: Arc<ArrowLayout>,
    shared: DMatrix<f64>,
    own: Vec<DMatrix<f64>>,
    /// own x shared
    cross: Vec<DMatrix<f64>>,
}

impl Arrow {
    /// The zero matrix.
    pub fn zeros(layout: Arc<ArrowLayout>) -> Self {
        let s = layout.shared.len();
        Arrow {
            shared: DMatrix::zeros(s, s),
            own: layout
                .blocks
                .iter()
                .map(|b| DMatrix::zeros(b.len(), b.len()))
                .collect(),
            cross: layout
                .blocks
                .iter()
                .map(|b| DMatrix::zeros(b.len(), s))
                .collect(),
            layout,
        }
    }

    /// The layout.
    pub fn layout(&self) -> &Arc<ArrowLayout> {
        &self.layout
    }

    /// Sets every entry to zero.
    pub fn clear(&mut self) {
        self.shared.fill(0.0);
        for matrix in self.own.iter_mut().chain(&mut self.cross) {
            matrix.fill(0.0);
        }
    }

    /// Adds a symmetric matrix over the given search entries.
    ///
    /// # Panics
    /// when the entries belong to more than one own block: that is not an arrow.
    pub fn add(&mut self, entries: &[usize], local: &DMatrix<f64>) {
        for (a, &i) in entries.iter().enumerate() {
            for (b, &j) in entries.iter().enumerate() {
                let value = local[(a, b)];
                match (self.layout.places[i], self.layout.places[j]) {
                    (Place::Shared(i), Place::Shared(j)) => self.shared[(i, j)] += value,
                    (Place::Own { block, position }, Place::Shared(j)) => {
                        self.cross[block][(position, j)] += value;
                    }
                    (Place::Shared(_), Place::Own { .. }) => {}
                    (
                        Place::Own { block, position },
                        Place::Own {
                            block: other,
                            position: column,
                        },
                    ) => {
                        assert_eq!(block, other, "one subject reaches one own block");
                        self.own[block][(position, column)] += value;
                    }
                }
            }
        }
    }

    /// Adds to one diagonal entry.
    pub fn add_diagonal(&mut self, entry: usize, value: f64) {
        match self.layout.places[entry] {
            Place::Shared(i) => self.shared[(i, i)] += value,
            Place::Own { block, position } => self.own[block][(position, position)] += value,
        }
    }

    /// The entry of row i and column j.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        match (self.layout.places[i], self.layout.places[j]) {
            (Place::Shared(i), Place::Shared(j)) => self.shared[(i, j)],
            (Place::Own { block, position }, Place::Shared(j))
            | (Place::Shared(j), Place::Own { block, position }) => {
                self.cross[block][(position, j)]
            }
            (
                Place::Own { block, position },
                Place::Own {
                    block: other,
                    position: column,
                },
            ) => {
                if block == other {
                    self.own[block][(position, column)]
                } else {
                    0.0
                }
            }
        }
    }

    /// The diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.layout.dim()).map(|i| self.get(i, i)).collect()
    }

    /// Whether every entry is a finite number.
    pub fn is_finite(&self) -> bool {
        std::iter::once(&self.shared)
            .chain(&self.own)
            .chain(&self.cross)
            .all(|m| m.iter().all(|v| v.is_finite()))
    }

    /// Multiplies entry (i, j) by `scale[i] * scale[j]`.
    pub fn scale(&mut self, scale: &[f64]) {
        let shared: Vec<f64> = self.layout.shared.iter().map(|&i| scale[i]).collect();
        for (j, &by) in shared.iter().enumerate() {
            for (i, &own) in shared.iter().enumerate() {
                self.shared[(i, j)] *= own * by;
            }
        }
        for (block, entries) in self.layout.blocks.iter().enumerate() {
            for (a, &i) in entries.iter().enumerate() {
                for (b, &j) in entries.iter().enumerate() {
                    self.own[block][(a, b)] *= scale[i] * scale[j];
                }
                for (b, &by) in shared.iter().enumerate() {
                    self.cross[block][(a, b)] *= scale[i] * by;
                }
            }
        }
    }

    /// Copies all but row and column `entry` into `out`, whose layout is the one without the entry.
    pub(super) fn copy_without(&self, entry: usize, out: &mut Arrow) {
        let cut = |matrix: &DMatrix<f64>, row: Option<usize>, column: Option<usize>| {
            let mut matrix = matrix.clone();
            if let Some(row) = row {
                matrix = matrix.remove_row(row);
            }
            if let Some(column) = column {
                matrix = matrix.remove_column(column);
            }
            matrix
        };
        let (shared, own) = match self.layout.places[entry] {
            Place::Shared(k) => (Some(k), None),
            Place::Own { block, position } => (None, Some((block, position))),
        };
        out.shared = cut(&self.shared, shared, shared);
        // a last block that becomes empty is left out of the smaller layout
        for block in 0..out.own.len() {
            let row = own.filter(|own| own.0 == block).map(|own| own.1);
            out.own[block] = cut(&self.own[block], row, row);
            out.cross[block] = cut(&self.cross[block], row, shared);
        }
    }

    /// Matrix times vector.
    pub fn multiply(&self, v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; v.len()];
        let pick = |entries: &[usize]| {
            DVector::from_iterator(entries.len(), entries.iter().map(|&i| v[i]))
        };
        let shared = pick(&self.layout.shared);
        let mut result = &self.shared * &shared;
        for (block, entries) in self.layout.blocks.iter().enumerate() {
            let own = pick(entries);
            result += self.cross[block].tr_mul(&own);
            let product = &self.own[block] * &own + &self.cross[block] * &shared;
            for (value, &i) in product.iter().zip(entries) {
                out[i] = *value;
            }
        }
        for (value, &i) in result.iter().zip(&self.layout.shared) {
            out[i] = *value;
        }
        out
    }

    /// Solves (A + diag(shift)) s = b on the free entries, with s = 0 elsewhere; `None` when the free part is not positive definite.
    pub fn solve(&self, shift: &[f64], free: &[bool], b: &[f64]) -> Option<Vec<f64>> {
        let factors = self.factor(shift, free)?;
        Some(factors.solve(b))
    }

    /// Factors A + diag(shift) on the free entries.
    pub fn factor(&self, shift: &[f64], free: &[bool]) -> Option<ArrowFactors> {
        let select = |entries: &[usize]| -> Vec<usize> {
            (0..entries.len()).filter(|&k| free[entries[k]]).collect()
        };
        let shared = select(&self.layout.shared);
        let mut schur = self.shared.select_rows(&shared).select_columns(&shared);
        for (k, &position) in shared.iter().enumerate() {
            schur[(k, k)] += shift[self.layout.shared[position]];
        }
        let mut blocks = Vec::new();
        for (block, entries) in self.layout.blocks.iter().enumerate() {
            let own = select(entries);
            if own.is_empty() {
                continue;
            }
            let mut matrix = self.own[block].select_rows(&own).select_columns(&own);
            for (k, &position) in own.iter().enumerate() {
                matrix[(k, k)] += shift[entries[position]];
            }
            let factor = matrix.cholesky()?;
            let cross = self.cross[block].select_rows(&own).select_columns(&shared);
            let inverse_cross = factor.solve(&cross);
            schur -= cross.tr_mul(&inverse_cross);
            blocks.push(BlockFactors {
                entries: own.iter().map(|&k| entries[k]).collect(),
                factor,
                cross,
                inverse_cross,
            });
        }
        Some(ArrowFactors {
            dim: self.layout.dim(),
            shared: shared.iter().map(|&k| self.layout.shared[k]).collect(),
            schur: schur.cholesky()?,
            blocks,
        })
    }

    /// The whole matrix, for small problems and tests.
    pub fn to_dense(&self) -> DMatrix<f64> {
        let n = self.layout.dim();
        DMatrix::from_fn(n, n, |i, j| self.get(i, j))
    }
}

#[derive(Clone, Debug)]
struct BlockFactors {
    entries: Vec<usize>,
    factor: Cholesky<f64, Dyn>,
    /// own x shared
    cross: DMatrix<f64>,
    inverse_cross: DMatrix<f64>,
}

/// Cholesky factors of the own blocks and of the Schur complement.
#[derive(Clone, Debug)]
pub struct ArrowFactors {
    dim: usize,
    shared: Vec<usize>,
    schur: Cholesky<f64, Dyn>,
    blocks: Vec<BlockFactors>,
}

impl ArrowFactors {
    /// Solves for a right-hand side over all entries; entries that are not free are 0 in the solution.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let pick = |entries: &[usize]| {
            DVector::from_iterator(entries.len(), entries.iter().map(|&i| b[i]))
        };
        let mut out = vec![0.0; self.dim];
        let mut right = pick(&self.shared);
        let own: Vec<DVector<f64>> = self
            .blocks
            .iter()
            .map(|block| {
                let b = pick(&block.entries);
                right -= block.inverse_cross.tr_mul(&b);
                b
            })
            .collect();
        let shared = self.schur.solve(&right);
        for (block, b) in self.blocks.iter().zip(own) {
            let solution = block.factor.solve(&(b - &block.cross * &shared));
            for (value, &i) in solution.iter().zip(&block.entries) {
                out[i] = *value;
            }
        }
        for (value, &i) in shared.iter().zip(&self.shared) {
            out[i] = *value;
        }
        out
    }

    /// Diagonal of the inverse (0 for entries that are not free).
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.dim];
        let inverse = self.schur.inverse();
        for (k, &i) in self.shared.iter().enumerate() {
            out[i] = inverse[(k, k)];
        }
        for block in &self.blocks {
            let own = block.factor.inverse();
            let spread = &block.inverse_cross * &inverse;
            for (k, &i) in block.entries.iter().enumerate() {
                out[i] = own[(k, k)] + spread.row(k).dot(&block.inverse_cross.row(k));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A random positive definite arrow: two own blocks (entries 1, 4 and 2, 6), shared 0, 3, 5.
    pub(crate) fn example() -> Arrow {
        use rand::{RngExt, SeedableRng};
        let mut stream = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let owner = [None, Some(0), Some(1), None, Some(0), None, Some(1)];
        let mut arrow = Arrow::zeros(Arc::new(ArrowLayout::new(&owner)));
        for subject in [[0, 1, 3, 4, 5], [0, 2, 3, 5, 6]] {
            let j = DMatrix::from_fn(9, 5, |_, _| stream.random::<f64>() - 0.5);
            arrow.add(&subject, &j.tr_mul(&j));
        }
        arrow
    }

    #[test]
    fn arrow_solves_agree_with_dense_solves() {
        let arrow = example();
        let shift = [0.1, 0.2, 0.0, 0.3, 0.5, 0.0, 0.7];
        let b: Vec<f64> = (0..7).map(|k| f64::from(k) - 2.5).collect();
        for free in [[true; 7], [true, false, true, false, true, true, false]] {
            let got = arrow.solve(&shift, &free, &b).unwrap();
            let kept: Vec<usize> = (0..7).filter(|&i| free[i]).collect();
            let mut dense = arrow.to_dense();
            for i in 0..7 {
                dense[(i, i)] += shift[i];
            }
            let small = dense.select_rows(&kept).select_columns(&kept);
            let right = DVector::from_iterator(kept.len(), kept.iter().map(|&i| b[i]));
            let want = small.clone().lu().solve(&right).unwrap();
            for (k, &i) in kept.iter().enumerate() {
                // condition number below 1e3
                assert!((got[i] - want[k]).abs() < 1e-12 * (1.0 + want[k].abs()));
            }
            let inverse = small.try_inverse().unwrap();
            let diagonal = arrow.factor(&shift, &free).unwrap().inverse_diagonal();
            for (k, &i) in kept.iter().enumerate() {
                assert!((diagonal[i] - inverse[(k, k)]).abs() < 1e-11 * inverse[(k, k)]);
            }
        }
    }

    #[test]
    fn multiplication_and_scaling_agree_with_the_dense_matrix() {
        let mut arrow = example();
        let v: Vec<f64> = (0..7).map(|k| (f64::from(k) * 1.3).sin()).collect();
        let want = arrow.to_dense() * DVector::from_column_slice(&v);
        for (got, want) in arrow.multiply(&v).iter().zip(want.iter()) {
            assert!((got - want).abs() < 1e-14);
        }
        let dense = arrow.to_dense();
        arrow.scale(&v);
        for i in 0..7 {
            for j in 0..7 {
                assert!((arrow.get(i, j) - dense[(i, j)] * v[i] * v[j]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn an_entry_can_be_left_out() {
        let arrow = example();
        for entry in 0..7 {
            let layout = Arc::new(arrow.layout.without(entry));
            let mut small = Arrow::zeros(layout);
            arrow.copy_without(entry, &mut small);
            let dense = arrow.to_dense().remove_row(entry).remove_column(entry);
            assert_eq!(small.to_dense(), dense);
        }
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        let arrow = Arrow::zeros(Arc::new(ArrowLayout::dense(2)));
        assert!(arrow.solve(&[0.0; 2], &[true; 2], &[1.0; 2]).is_none());
    }
}
