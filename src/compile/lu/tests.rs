//! Facts about the factors: equal to dense ones, backward stable wherever they count as sound, lanes apart.
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Factors, Lane, Packed, Place, SparseLu};
use crate::lanes::{InstructionSet, Registers};

/// A plan with J, then b, in the first registers, and a workspace of its own.
struct Alone<const W: usize> {
    lu: SparseLu,
    registers: Registers<W>,
    factors: Factors<W>,
}

impl<const W: usize> Alone<W> {
    fn new(mass: &[f64], pattern: &[(u32, u32)]) -> Self {
        let jacobian: Vec<u32> = (0..pattern.len() as u32).collect();
        let right = pattern.len();
        let place = Place {
            jacobian: &jacobian,
            right,
            first: right + mass.len(),
        };
        let lu = SparseLu::new(mass, pattern, place);
        Alone {
            registers: Registers::new(lu.end()),
            factors: Factors::new(),
            lu,
        }
    }

    fn factor(&mut self, scale: &Lane<W>, j: &[Lane<W>]) -> [bool; W] {
        self.registers[..j.len()].copy_from_slice(j);
        let set = InstructionSet::detect();
        self.lu
            .factor(set, &mut self.registers, &mut self.factors, scale)
    }

    fn solve(&mut self, x: &mut [Lane<W>]) {
        self.registers[self.lu.right()].copy_from_slice(x);
        let set = InstructionSet::detect();
        self.lu.solve(set, &mut self.registers, &self.factors);
        x.copy_from_slice(&self.registers[self.lu.solution()]);
    }

    fn is_dense(&self, lane: usize) -> bool {
        self.factors.dense[lane].is_some()
    }
}

/// Dense matrix of one lane: diag(mass) scale - J.
fn dense(mass: &[f64], pattern: &[(u32, u32)], scale: f64, j: &[f64]) -> DMatrix<f64> {
    let mut matrix = DMatrix::from_diagonal(&DVector::from_column_slice(mass)) * scale;
    for (&(row, column), value) in pattern.iter().zip(j) {
        matrix[(row as usize, column as usize)] -= value;
    }
    matrix
}

/// The backward error of x as a solution of A x = b: |A x - b| in units of |A| |x| + |b|, the worst row
/// (W. Oettli and W. Prager, doi:10.1007/BF01386090).
fn backward_error(a: &DMatrix<f64>, x: &DVector<f64>, b: &DVector<f64>) -> f64 {
    let residual = (a * x - b).abs();
    let size = a.abs() * x.abs() + b.abs();
    residual
        .iter()
        .zip(size.iter())
        .map(|(r, s)| if *s == 0.0 { *r } else { r / s })
        .fold(0.0, f64::max)
}

fn lanes<const W: usize>(values: &[Vec<f64>]) -> Vec<Lane<W>> {
    let width = values[0].len();
    (0..width)
        .map(|i| Lane(std::array::from_fn(|l| values[l % values.len()][i])))
        .collect()
}

/// Mass, pattern, values for two lanes, right-hand side.
type Case = (Vec<f64>, Vec<(u32, u32)>, Vec<Vec<f64>>, Vec<f64>);

/// Random matrices, `weight` on the diagonal.
fn systems(weight: f64) -> impl Strategy<Value = Case> {
    (2usize..14).prop_flat_map(move |n| {
        let pattern = prop::collection::btree_set((0..n as u32, 0..n as u32), n..4 * n);
        (Just(n), pattern, any::<u64>()).prop_map(move |(n, pattern, seed)| {
            let mut pattern: Vec<(u32, u32)> = pattern.into_iter().collect();
            pattern.extend((0..n as u32).map(|i| (i, i)));
            pattern.sort_unstable();
            pattern.dedup();
            let mut state = seed | 1;
            let mut next = move || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
            };
            let values = (0..2)
                .map(|_| {
                    let entry = |&(i, j): &(u32, u32), x: f64| {
                        if i == j { x - weight * 4.0 } else { x }
                    };
                    pattern.iter().map(|at| entry(at, next())).collect()
                })
                .collect();
            let b = (0..n).map(|_| next()).collect();
            (vec![1.0; n], pattern, values, b)
        })
    })
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn solutions_of_dominant_matrices_equal_dense_ones((mass, pattern, values, b) in systems(4.0)) {
        let mut lu = Alone::<2>::new(&mass, &pattern);
        prop_assert_eq!(lu.factor(&Lane([2.0, 30.0]), &lanes(&values)), [true, true]);
        prop_assert!((0..2).all(|lane| !lu.is_dense(lane)));
        let mut x: Vec<Lane<2>> = b.iter().map(|b| Lane([*b; 2])).collect();
        lu.solve(&mut x);
        for lane in 0..2 {
            let (mut packed, mut scratch) = (Packed::default(), vec![[0.0; 4]; b.len()]);
            lu.lu.pack(&lu.registers, &lu.factors, lane, &mut packed);
            let mut directions: Vec<[f64; 4]> = b.iter().map(|b| [*b, 0.0, -b, 2.0 * b]).collect();
            lu.lu.solve_directions(&packed, &mut directions, &mut scratch);
            for (x, directions) in x.iter().zip(&directions) {
                let x = x.0[lane];
                prop_assert_eq!(*directions, [x, 0.0, -x, 2.0 * x]);
            }
        }
        for (lane, scale) in [2.0, 30.0].into_iter().enumerate() {
            let matrix = dense(&mass, &pattern, scale, &values[lane]);
            let expected = matrix.lu().solve(&DVector::from_column_slice(&b)).expect("a dominant matrix is regular");
            for (x, expected) in x.iter().zip(expected.iter()) {
                // condition numbers of these stay below 1e2
                prop_assert!((x.0[lane] - expected).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn whatever_counts_as_sound_solves_backward_stably((mass, pattern, values, b) in systems(0.0), exponents in prop::collection::vec(-9i32..9, 14)) {
        // states in units that differ by many orders: D J D^-1
        let values: Vec<Vec<f64>> = values
            .iter()
            .map(|list| {
                let unit = |i: u32| 10f64.powi(exponents[i as usize]);
                pattern.iter().zip(list).map(|(&(i, j), value)| value * unit(i) / unit(j)).collect()
            })
            .collect();
        let mut lu = Alone::<2>::new(&mass, &pattern);
        let scale = [0.1, 1e-9];
        let sound = lu.factor(&Lane(scale), &lanes(&values));
        let scaled: Vec<f64> = b.iter().zip(&exponents).map(|(b, e)| b * 10f64.powi(*e)).collect();
        let mut x: Vec<Lane<2>> = scaled.iter().map(|b| Lane([*b; 2])).collect();
        lu.solve(&mut x);
        for lane in 0..2 {
            if sound[lane] {
                let matrix = dense(&mass, &pattern, scale[lane], &values[lane]);
                let solution = DVector::from_iterator(x.len(), x.iter().map(|x| x.0[lane]));
                let error = backward_error(&matrix, &solution, &DVector::from_column_slice(&scaled));
                // growth up to 1e6 may cost six digits
                prop_assert!(error < 1e-9, "backward error {error} of {matrix}");
            }
        }
    }
}

/// Factors and solves one matrix (as -J, no mass) in lane 1 of 4, beside a well-behaved one; returns what lane 1 gives.
fn beside(matrix: &[[f64; 3]; 3], b: [f64; 3]) -> (bool, bool, [f64; 3]) {
    let pattern: Vec<(u32, u32)> = (0..9).map(|k| (k / 3, k % 3)).collect();
    let good = [[4.0, 1.0, 0.5], [1.0, 5.0, -1.0], [0.3, 1.0, 3.0]];
    let entry = |m: &[[f64; 3]; 3], k: usize| -m[k / 3][k % 3];
    let run = |others: &dyn Fn(usize) -> f64| {
        let mut lu = Alone::<4>::new(&[1.0, 1.0, 0.0], &pattern);
        let j: Vec<Lane<4>> = (0..9)
            .map(|k| Lane([entry(&good, k), others(k), entry(&good, k), entry(&good, k)]))
            .collect();
        let sound = lu.factor(&Lane([1.0, 0.0, 1.0, 2.0]), &j);
        let mut x = b.map(|b| Lane([b; 4]));
        lu.solve(&mut x);
        (sound, lu.is_dense(1), x)
    };
    let (sound, dense, x) = run(&|k| entry(matrix, k));
    let (_, _, calm) = run(&|k| entry(&good, k));
    for lane in [0, 2, 3] {
        assert!(sound[lane]);
        for (x, calm) in x.iter().zip(&calm) {
            assert_eq!(
                x.0[lane].to_bits(),
                calm.0[lane].to_bits(),
                "lane {lane} was disturbed"
            );
        }
    }
    (sound[1], dense, x.map(|x| x.0[1]))
}

#[test]
fn small_pivots_go_through_the_dense_fallback_and_solve_well() {
    let matrix = [[1e-14, 1.0, 0.0], [1.0, 1e-14, 1.0], [0.0, 1.0, 1e6]];
    let (sound, dense, x) = beside(&matrix, [1.0, 2.0, 3.0]);
    assert!(sound && dense);
    let a = DMatrix::from_fn(3, 3, |i, j| matrix[i][j]);
    let error = backward_error(
        &a,
        &DVector::from_column_slice(&x),
        &DVector::from_column_slice(&[1.0, 2.0, 3.0]),
    );
    assert!(error < 1e-15, "{error}");
}

#[test]
fn zero_pivots_go_through_the_dense_fallback() {
    let (sound, dense, x) = beside(
        &[[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]],
        [4.0, 3.0, 5.0],
    );
    assert!(sound && dense);
    for (x, expected) in x.iter().zip([3.0, 2.0, 3.0]) {
        assert!((x - expected).abs() < 1e-14);
    }
}

#[test]
fn singular_and_infinite_matrices_are_refused() {
    assert!(
        !beside(
            &[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]],
            [1.0; 3]
        )
        .0
    );
    // singular but for rounding
    assert!(
        !beside(
            &[[0.1, 0.2, 0.0], [0.3, 0.6, 0.0], [0.0, 1.0, 1.0]],
            [1.0; 3]
        )
        .0
    );
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(
            !beside(
                &[[1.0, 0.0, 2.0], [0.0, bad, 0.0], [0.0, 0.0, 1.0]],
                [1.0; 3]
            )
            .0
        );
    }
}

#[test]
fn an_algebraic_equation_without_its_own_state_is_matched_to_another_row() {
    // 0 = x0 - x1 belongs to state 2, which occurs in the first equation alone: index 2 in disguise, regular all the same
    let pattern = [(0, 2), (1, 0), (1, 1), (2, 0), (2, 1)];
    let mass = [1.0, 1.0, 0.0];
    let mut lu = Alone::<1>::new(&mass, &pattern);
    assert!(lu.lu.counts().is_some());
    let j = [1.0, 0.5, -2.0, 1.0, -1.0];
    let lane: Vec<Lane<1>> = j.iter().map(|j| Lane([*j])).collect();
    assert_eq!(lu.factor(&Lane([3.0]), &lane), [true]);
    let b = [1.0, 2.0, 3.0];
    let mut x = b.map(|b| Lane([b]));
    lu.solve(&mut x);
    let solution = DVector::from_iterator(3, x.iter().map(|x| x.0[0]));
    let error = backward_error(
        &dense(&mass, &pattern, 3.0, &j),
        &solution,
        &DVector::from_column_slice(&b),
    );
    assert!(error < 1e-15, "{error}");
}

#[test]
fn a_structurally_singular_matrix_is_refused() {
    let mut lu = Alone::<1>::new(&[1.0, 0.0], &[(0, 0), (0, 1)]);
    assert_eq!(lu.lu.counts(), None);
    assert_eq!(
        lu.factor(&Lane([1.0]), &[Lane([1.0]), Lane([1.0])]),
        [false]
    );
    lu.solve(&mut [Lane([1.0]), Lane([1.0])]);
}
