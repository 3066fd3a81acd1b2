//! $e^{M t}$ of one subject and its derivatives: from eigenvalues where they serve, else by scaling and squaring.
//!
//! With $M = V \Lambda V^{-1}$ and $c = V^{-1} x_0$ the solution of $\dot x = M x$ is $x(t) = V e^{\Lambda t} c$, and the one of
//! $\dot s = M s + M' x$ is $s(t) = V\bigl(e^{\Lambda t} V^{-1} s_0 + (W \circ \Phi(t))\,c\bigr)$ with $W = V^{-1} M' V$ and
//! $\Phi_{ab}(t) = (e^{\lambda_a t} - e^{\lambda_b t})/(\lambda_a - \lambda_b)$, $t e^{\lambda_a t}$ on the diagonal (Najfeld & Havel 1995,
//! doi:10.1006/aama.1995.1017). Where eigenvalues are complex or eigenvectors nearly parallel the exponential of the whole block
//! matrix $\begin{pmatrix} M & M' \\ 0 & M \end{pmatrix}$ is taken (Higham 2005, doi:10.1137/04061101X).
use nalgebra::{DMatrix, DVector, Schur};

/// Entries of eigenvectors may grow to this: with it 1e-16 becomes 1e-11.
const PARALLEL: f64 = 1e5;

/// The flow of x' = M x.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    m: DMatrix<f64>,
    /// M' along every direction; None: nothing moves
    slopes: Vec<Option<DMatrix<f64>>>,
    eigen: Option<Eigen>,
    /// x0, or V^-1 x0
    start: Vec<f64>,
    /// the same of every direction
    starts: Vec<Vec<f64>>,
}

#[derive(Clone, Debug)]
struct Eigen {
    values: Vec<f64>,
    vectors: DMatrix<f64>,
    inverse: DMatrix<f64>,
    /// V^-1 M' V
    slopes: Vec<Option<DMatrix<f64>>>,
}

impl Flow {
    pub fn new(m: DMatrix<f64>, slopes: Vec<Option<DMatrix<f64>>>) -> Self {
        let eigen = Eigen::new(&m, &slopes);
        Flow {
            start: vec![0.0; m.nrows()],
            starts: vec![vec![0.0; m.nrows()]; slopes.len()],
            m,
            slopes,
            eigen,
        }
    }

    /// Number of quantities, the constant one included.
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// The largest size of an entry of M and of its derivatives; NaN where one is not finite.
    pub fn rate(&self) -> f64 {
        let all = self
            .m
            .iter()
            .chain(self.slopes.iter().flatten().flat_map(|s| s.iter()));
        if all.clone().any(|v| !v.is_finite()) {
            return f64::NAN;
        }
        self.m.amax()
    }

    /// Where it starts; `x` is read by position.
    pub fn begin(&mut self, x: impl Fn(usize) -> f64) {
        match &self.eigen {
            None => self
                .start
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = x(i)),
            Some(eigen) => multiply(&eigen.inverse, x, &mut self.start),
        }
    }

    /// Where the derivatives along a direction start.
    pub fn begin_direction(&mut self, j: usize, s: impl Fn(usize) -> f64) {
        match &self.eigen {
            None => self.starts[j]
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = s(i)),
            Some(eigen) => multiply(&eigen.inverse, s, &mut self.starts[j]),
        }
    }

    /// The first quantities after a time.
    pub fn at(&self, t: f64, out: &mut [f64]) {
        match &self.eigen {
            Some(eigen) => eigen.spread(out, |a| libm::exp(eigen.values[a] * t) * self.start[a]),
            None => {
                let Some(power) = squared(&self.m, t) else {
                    out.fill(f64::NAN);
                    return;
                };
                let x = power * DVector::from_column_slice(&self.start);
                out.copy_from_slice(&x.as_slice()[..out.len()]);
            }
        }
    }

    /// Their derivatives along a direction.
    pub fn direction_at(&self, j: usize, t: f64, out: &mut [f64]) {
        let n = self.len();
        match &self.eigen {
            Some(eigen) => {
                let mut parts = [0.0; MOST];
                for (a, part) in parts[..n].iter_mut().enumerate() {
                    let here = libm::exp(eigen.values[a] * t);
                    *part = here * self.starts[j][a];
                    let Some(slopes) = &eigen.slopes[j] else {
                        continue;
                    };
                    for (b, start) in self.start.iter().enumerate() {
                        let weight = slopes[(a, b)];
                        if weight != 0.0 && *start != 0.0 {
                            *part +=
                                weight * start * divided(eigen.values[a], eigen.values[b], here, t);
                        }
                    }
                }
                eigen.spread(out, |a| parts[a]);
            }
            None => {
                let mut block = DMatrix::zeros(2 * n, 2 * n);
                block.view_mut((0, 0), (n, n)).copy_from(&self.m);
                block.view_mut((n, n), (n, n)).copy_from(&self.m);
                if let Some(slopes) = &self.slopes[j] {
                    block.view_mut((n, 0), (n, n)).copy_from(slopes);
                }
                let both = self.start.iter().chain(&self.starts[j]).copied();
                let Some(power) = squared(&block, t) else {
                    out.fill(f64::NAN);
                    return;
                };
                let x = power * DVector::from_iterator(2 * n, both);
                out.copy_from_slice(&x.as_slice()[n..n + out.len()]);
            }
        }
    }
}

/// More quantities than this are never taken by eigenvalues.
pub(super) const MOST: usize = 17;

/// e^(M t) by scaling and squaring; None where the product is so large that no digit would be right.
fn squared(m: &DMatrix<f64>, t: f64) -> Option<DMatrix<f64>> {
    let whole = m * t;
    let size = whole.iter().fold(0.0, |most: f64, v| {
        if v.is_nan() {
            f64::NAN
        } else {
            most.max(v.abs())
        }
    });
    (size < 1e12).then(|| whole.exp())
}

/// (e^(at) - e^(bt))/(a - b), where `here` is e^(at).
fn divided(a: f64, b: f64, here: f64, t: f64) -> f64 {
    let apart = (b - a) * t;
    if apart.abs() < 1e-9 {
        // the next term is half of this share of the first
        here * t * (1.0 + 0.5 * apart)
    } else if apart > 30.0 {
        // the first may be 0, and the quotient of both beyond all numbers
        libm::exp(b * t) * libm::expm1(-apart) / (a - b)
    } else {
        here * libm::expm1(apart) / (b - a)
    }
}

fn multiply(matrix: &DMatrix<f64>, x: impl Fn(usize) -> f64, out: &mut [f64]) {
    out.fill(0.0);
    for k in 0..matrix.ncols() {
        let x = x(k);
        if x != 0.0 {
            for (to, entry) in out.iter_mut().zip(matrix.column(k).iter()) {
                *to += entry * x;
            }
        }
    }
}

impl Eigen {
    /// None where eigenvalues are complex or eigenvectors nearly parallel.
    fn new(m: &DMatrix<f64>, slopes: &[Option<DMatrix<f64>>]) -> Option<Eigen> {
        let n = m.nrows();
        if n > MOST || m.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let (q, t) = Schur::try_new(m.clone(), f64::EPSILON, 200)?.unpack();
        let size = m.amax();
        let mut upper = DMatrix::identity(n, n);
        for k in 0..n {
            if k + 1 < n && t[(k + 1, k)].abs() > f64::EPSILON * size {
                return None;
            }
            for i in (0..k).rev() {
                let pull: f64 = (i + 1..=k).map(|j| t[(i, j)] * upper[(j, k)]).sum();
                let apart = t[(k, k)] - t[(i, i)];
                if pull.abs() <= f64::EPSILON * size {
                    continue;
                }
                let entry = pull / apart;
                if entry.is_nan() || entry.abs() > PARALLEL {
                    return None;
                }
                upper[(i, k)] = entry;
            }
        }
        let vectors = &q * &upper;
        let mut identity = DMatrix::identity(n, n);
        if !upper.solve_upper_triangular_mut(&mut identity) || identity.amax() > PARALLEL {
            return None;
        }
        let inverse = identity * q.transpose();
        let turned = |slope: &Option<DMatrix<f64>>| slope.as_ref().map(|s| &inverse * s * &vectors);
        Some(Eigen {
            values: (0..n).map(|k| t[(k, k)]).collect(),
            slopes: slopes.iter().map(turned).collect(),
            vectors,
            inverse,
        })
    }

    /// out = V parts
    fn spread(&self, out: &mut [f64], part: impl Fn(usize) -> f64) {
        out.fill(0.0);
        for a in 0..self.values.len() {
            let part = part(a);
            for (to, entry) in out.iter_mut().zip(self.vectors.column(a).iter()) {
                *to += entry * part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(m: &DMatrix<f64>, slope: &DMatrix<f64>) -> (Flow, Flow) {
        let by_eigen = Flow::new(m.clone(), vec![Some(slope.clone())]);
        let by_squaring = Flow {
            eigen: None,
            ..by_eigen.clone()
        };
        (by_eigen, by_squaring)
    }

    proptest! {
        #[test]
        fn eigenvalues_and_squaring_agree(
            rates in prop::collection::vec(0.01..3.0_f64, 6),
            slopes in prop::collection::vec(-1.0..1.0_f64, 9),
            t in 0.0..5.0_f64,
        ) {
            // three compartments in a chain with a way back: real eigenvalues
            let m = DMatrix::from_row_slice(3, 3, &[
                -rates[0] - rates[1], rates[2], 0.0,
                rates[1], -rates[2] - rates[3], rates[4],
                0.0, rates[3], -rates[4] - rates[5],
            ]);
            let slope = DMatrix::from_row_slice(3, 3, &slopes);
            let (mut a, mut b) = both(&m, &slope);
            for flow in [&mut a, &mut b] {
                flow.begin(|i| [1.0, 0.5, 2.0][i]);
                flow.begin_direction(0, |i| [0.3, -0.2, 0.1][i]);
            }
            let (mut x, mut y) = ([0.0; 3], [0.0; 3]);
            a.at(t, &mut x);
            b.at(t, &mut y);
            // both lose up to 1e-11 to the condition of eigenvectors
            prop_assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-10));
            a.direction_at(0, t, &mut x);
            b.direction_at(0, t, &mut y);
            prop_assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-9));
        }
    }

    #[test]
    fn equal_rates_and_turning_flows_are_squared() {
        let chain = DMatrix::from_row_slice(2, 2, &[-1.0, 0.0, 1.0, -1.0]);
        let turning = DMatrix::from_row_slice(2, 2, &[0.0, 1.0, -1.0, 0.0]);
        for (m, wanted) in [
            (chain, [(-2.0f64).exp(), 2.0 * (-2.0f64).exp()]),
            (turning, [2.0f64.cos(), -(2.0f64.sin())]),
        ] {
            let mut flow = Flow::new(m, Vec::new());
            assert!(flow.eigen.is_none());
            flow.begin(|i| [1.0, 0.0][i]);
            let mut x = [0.0; 2];
            flow.at(2.0, &mut x);
            // 1e-15 and a few squarings
            assert!(
                x.iter().zip(&wanted).all(|(x, w)| (x - w).abs() < 1e-13),
                "{x:?}"
            );
        }
    }
}
