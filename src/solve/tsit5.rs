//! One step of Tsit5, and of the same method on the sensitivities.
//!
//! Explicit Runge-Kutta pair of order 5(4), first same as last, with a free interpolant of order 4
//! (Ch. Tsitouras, Comput. Math. Appl. 62:770, 2011, doi:10.1016/j.camwa.2011.06.002; the last weight of the error
//! estimate has the sign that makes the weights sum to 0). The sensitivity stages are J(u_i) S_i + f_p(u_i).
use super::block::{Attempt, Block, Stepper, add_matrix_vector, add_scaled, zero};
use super::{Statistics, controller, rodas5p::shifted};
use crate::compile::{Lane, Sensitivity, System};

const STAGES: usize = 7;
const NODES: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];
/// row 7 holds the weights of y1
const A: [[f64; 6]; STAGES] = [
    [0.0; 6],
    [0.161, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.008480655492356989, 0.335480655492357, 0.0, 0.0, 0.0, 0.0],
    [
        2.8971530571054935,
        -6.359448489975075,
        4.3622954328695815,
        0.0,
        0.0,
        0.0,
    ],
    [
        5.325864828439257,
        -11.748883564062828,
        7.4955393428898365,
        -0.09249506636175525,
        0.0,
        0.0,
    ],
    [
        5.86145544294642,
        -12.92096931784711,
        8.159367898576159,
        -0.071584973281401,
        -0.028269050394068383,
        0.0,
    ],
    [
        0.09646076681806523,
        0.01,
        0.4798896504144996,
        1.379008574103742,
        -3.290069515436081,
        2.324710524099774,
    ],
];
/// y1 minus the embedded solution
const ERROR: [f64; STAGES] = [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    1.0 / 66.0,
];
/// coefficients of theta, theta^2, theta^3, theta^4
const DENSE: [[f64; 4]; STAGES] = [
    [
        1.0,
        -2.763706197274826,
        2.9132554618219126,
        -1.0530884977290216,
    ],
    [0.0, 0.1317, -0.2234, 0.1017],
    [
        0.0,
        3.9302962368947516,
        -5.941033872131505,
        2.490627285651253,
    ],
    [
        0.0,
        -12.411077166933676,
        30.33818863028232,
        -16.548102889244902,
    ],
    [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
    [
        0.0,
        -27.896526289197286,
        65.09189467479366,
        -34.87065786149661,
    ],
    [0.0, 1.5, -4.0, 2.5],
];

/// Memory of the method for W lanes.
pub(super) struct Tsitouras<const W: usize> {
    n: usize,
    u: Vec<Lane<W>>,
    rate: Vec<Lane<W>>,
    error: Vec<Lane<W>>,
    /// stages x states
    k: Vec<Lane<W>>,
    /// directions x stages x states
    k_s: Vec<Lane<W>>,
    u_s: Vec<Lane<W>>,
    error_s: Vec<Lane<W>>,
    j: Vec<Lane<W>>,
    fp: Vec<Lane<W>>,
    /// trial step and scaled y', y'' of fresh lanes
    start: [(f64, f64, f64); W],
}

/// u <- base + h sum_j a_ij k_j
fn stage_point<const W: usize>(
    u: &mut [Lane<W>],
    base: &[Lane<W>],
    h: &Lane<W>,
    k: &[Lane<W>],
    stage: usize,
    stride: usize,
    offset: usize,
) {
    combine(u, &A[stage][..stage], k, stride, offset);
    for (u, base) in u.iter_mut().zip(base) {
        for lane in 0..W {
            u.0[lane] = base.0[lane] + h.0[lane] * u.0[lane];
        }
    }
}

/// u <- sum_j weights_j k_j
fn combine<const W: usize>(
    u: &mut [Lane<W>],
    weights: &[f64],
    k: &[Lane<W>],
    stride: usize,
    offset: usize,
) {
    u.fill(zero());
    for (j, &w) in weights.iter().enumerate() {
        let from = j * stride + offset;
        for (u, k) in u.iter_mut().zip(&k[from..]) {
            add_scaled(u, w, k);
        }
    }
}

/// y0 + h sum_i b_i(theta) k_i
fn dense(theta: f64, y0: f64, h: f64, k: impl Fn(usize) -> f64) -> f64 {
    let mut sum = 0.0;
    for (i, c) in DENSE.iter().enumerate() {
        sum += theta * (c[0] + theta * (c[1] + theta * (c[2] + theta * c[3]))) * k(i);
    }
    y0 + h * sum
}

impl<const W: usize> Stepper<W> for Tsitouras<W> {
    const INTERPOLATES: bool = true;

    fn new(system: &System, tapes: Option<&Sensitivity>, directions: usize) -> Self {
        let n = system.state_ids().len();
        let (j, fp) = tapes.map_or((0, 0), |tapes| {
            (system.jacobian_pattern().len(), tapes.pattern().len())
        });
        let with_sensitivities = if directions > 0 { n } else { 0 };
        Tsitouras {
            n,
            u: vec![zero(); n],
            rate: vec![zero(); n],
            error: vec![zero(); n],
            k: vec![zero(); STAGES * n],
            k_s: vec![zero(); STAGES * n * directions],
            u_s: vec![zero(); with_sensitivities],
            error_s: vec![zero(); with_sensitivities],
            j: vec![zero(); STAGES * j],
            fp: vec![zero(); STAGES * fp],
            start: [(0.0, 0.0, 0.0); W],
        }
    }

    fn prepare(&mut self, block: &mut Block<W>, fresh: &[bool; W]) {
        if !fresh.contains(&true) {
            return;
        }
        let (n, system) = (self.n, block.system);
        system.rhs(&mut block.workspace, &block.t, &block.y, &mut self.rate);
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            for (k, rate) in self.k[..n].iter_mut().zip(&self.rate) {
                k.0[lane] = rate.0[lane];
            }
        }
        // an Euler step of the trial length shows y''
        let mut h = zero::<W>();
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            let d0 = block.norm_differential(lane, &block.y);
            let d1 = block.norm_differential(lane, &self.rate);
            h.0[lane] = controller::trial_step(d0, d1, block.h.0[lane]);
            self.start[lane] = (h.0[lane], d1, 0.0);
        }
        for ((u, y), rate) in self.u.iter_mut().zip(&block.y).zip(&self.rate) {
            for lane in 0..W {
                u.0[lane] = y.0[lane] + h.0[lane] * rate.0[lane];
            }
        }
        let t = shifted(&block.t, 1.0, &h);
        system.rhs(&mut block.workspace, &t, &self.u, &mut self.rate);
        for (rate, k) in self.rate.iter_mut().zip(&self.k) {
            add_scaled(rate, -1.0, k);
        }
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            self.start[lane].2 = block.norm_differential(lane, &self.rate) / h.0[lane];
        }
    }

    fn first_step(&self, _block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let (h0, d1, d2) = self.start[lane];
        let d2 = if d2.is_finite() { d2 } else { f64::MAX };
        let h = controller::first_step(h0, d1, d2, longest);
        d1.is_finite()
            .then_some(if h > 0.0 { h } else { f64::MIN_POSITIVE })
    }

    fn not_finite(&self, lane: usize) -> Option<usize> {
        self.k[..self.n].iter().position(|f| !f.0[lane].is_finite())
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        let (n, system) = (self.n, block.system);
        for (stage, node) in NODES.iter().enumerate().skip(1) {
            stage_point(&mut self.u, &block.y, &block.h, &self.k, stage, n, 0);
            let t = shifted(&block.t, *node, &block.h);
            system.rhs(&mut block.workspace, &t, &self.u, &mut self.rate);
            self.k[stage * n..(stage + 1) * n].copy_from_slice(&self.rate);
        }
        block.y1.copy_from_slice(&self.u);
        combine(&mut self.error, &ERROR, &self.k, n, 0);
        for error in &mut self.error {
            for lane in 0..W {
                error.0[lane] *= block.h.0[lane];
            }
        }
        std::array::from_fn(|lane| {
            Attempt::Tried(block.norm(lane, &self.error, &block.y, &block.y1))
        })
    }

    /// All stages of one direction before the next: what they share (J and df/dp of each stage) is computed once, and the
    /// stages of a direction stay in the nearest cache.
    fn sensitivities(&mut self, block: &mut Block<W>) {
        let Some(tapes) = block.tapes else { return };
        let (n, system) = (self.n, block.system);
        let (entries, direct) = (system.jacobian_pattern().len(), tapes.pattern().len());
        for (stage, node) in NODES.iter().enumerate() {
            stage_point(&mut self.u, &block.y, &block.h, &self.k, stage, n, 0);
            let t = shifted(&block.t, *node, &block.h);
            tapes.jacobian_parameters(
                system,
                &mut block.workspace,
                &t,
                &self.u,
                &mut self.j[stage * entries..(stage + 1) * entries],
                &mut self.fp[stage * direct..(stage + 1) * direct],
            );
        }
        for j in 0..block.directions {
            let range = block.direction(j);
            let k_s = &mut self.k_s[j * STAGES * n..(j + 1) * STAGES * n];
            for stage in 0..STAGES {
                let s = &block.s[range.clone()];
                stage_point(&mut self.u_s, s, &block.h, k_s, stage, n, 0);
                let rate = &mut k_s[stage * n..(stage + 1) * n];
                rate.fill(zero());
                let jacobian = &self.j[stage * entries..(stage + 1) * entries];
                add_matrix_vector(rate, system.jacobian_pattern(), jacobian, &self.u_s);
                block.add_direct(rate, j, &self.fp[stage * direct..], tapes);
            }
            // the last stage's point is the step's end
            block.s1[range].copy_from_slice(&self.u_s);
        }
    }

    fn sensitivity_error(&mut self, block: &Block<W>, lane: usize) -> f64 {
        let mut worst: f64 = 0.0;
        let mut error = std::mem::take(&mut self.error_s);
        for j in 0..block.directions {
            combine(&mut error, &ERROR, &self.k_s, self.n, j * STAGES * self.n);
            for e in &mut error {
                e.0[lane] *= block.h.0[lane];
            }
            let range = block.direction(j);
            let norm = block.norm(lane, &error, &block.s[range.clone()], &block.s1[range]);
            worst = if norm.is_nan() {
                f64::INFINITY
            } else {
                worst.max(norm)
            };
        }
        self.error_s = error;
        worst
    }

    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]) {
        let (n, h) = (self.n, block.h.0[lane]);
        for (i, out) in out.iter_mut().enumerate() {
            *out = dense(theta, block.y[i].0[lane], h, |stage| {
                self.k[stage * n + i].0[lane]
            });
        }
    }

    fn interpolate_sensitivity(
        &self,
        block: &Block<W>,
        lane: usize,
        direction: usize,
        theta: f64,
        out: &mut [f64],
    ) {
        let (n, h) = (self.n, block.h.0[lane]);
        for (i, out) in out.iter_mut().enumerate() {
            *out = dense(theta, block.s[direction * n + i].0[lane], h, |stage| {
                self.k_s[(direction * STAGES + stage) * n + i].0[lane]
            });
        }
    }

    fn commit(&mut self, lane: usize) {
        // first same as last
        let (first, rest) = self.k.split_at_mut(self.n);
        for (first, last) in first.iter_mut().zip(&rest[(STAGES - 2) * self.n..]) {
            first.0[lane] = last.0[lane];
        }
    }

    fn work(&self) -> Statistics {
        Statistics {
            right_hand_sides: STAGES - 1,
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{SMatrix, SVector};
    type Matrix = SMatrix<f64, STAGES, STAGES>;
    type Vector = SVector<f64, STAGES>;

    fn trees() -> Vec<(Vector, f64, i32)> {
        let a = Matrix::from_fn(|i, j| if j < i { A[i][j] } else { 0.0 });
        let one = Vector::repeat(1.0);
        let c = a * one;
        let p = |n: i32| c.map(|x| x.powi(n));
        vec![
            (one, 1.0, 1),
            (c, 2.0, 2),
            (p(2), 3.0, 3),
            (a * c, 6.0, 3),
            (p(3), 4.0, 4),
            (c.component_mul(&(a * c)), 8.0, 4),
            (a * p(2), 12.0, 4),
            (a * a * c, 24.0, 4),
            (p(4), 5.0, 5),
            (p(2).component_mul(&(a * c)), 10.0, 5),
            (c.component_mul(&(a * p(2))), 15.0, 5),
            (c.component_mul(&(a * a * c)), 30.0, 5),
            ((a * c).map(|x| x * x), 20.0, 5),
            (a * p(3), 20.0, 5),
            (a * c.component_mul(&(a * c)), 40.0, 5),
            (a * a * p(2), 60.0, 5),
            (a * a * a * c, 120.0, 5),
        ]
    }

    #[test]
    fn the_order_conditions_hold_to_order_five_and_embedded_to_four() {
        let b = Vector::from_fn(|j, _| if j < 6 { A[6][j] } else { 0.0 });
        let embedded = b - Vector::from_fn(|j, _| ERROR[j]);
        for (number, (tree, density, order)) in trees().iter().enumerate() {
            assert!(
                (b.dot(tree) - 1.0 / density).abs() < 1e-13,
                "condition {number}"
            );
            if *order <= 4 {
                assert!(
                    (embedded.dot(tree) - 1.0 / density).abs() < 1e-11,
                    "embedded condition {number}: {}",
                    embedded.dot(tree) * density
                );
            }
        }
        for (i, node) in NODES.iter().enumerate() {
            assert!((A[i].iter().sum::<f64>() - node).abs() < 1e-13);
        }
    }

    #[test]
    fn the_interpolant_has_order_four_and_meets_the_ends() {
        for theta in [0.0, 0.3, 0.7, 1.0f64] {
            let b =
                Vector::from_fn(|i, _| dense(theta, 0.0, 1.0, |k| if k == i { 1.0 } else { 0.0 }));
            for (tree, density, order) in trees().iter().filter(|tree| tree.2 <= 4) {
                assert!(
                    (b.dot(tree) - theta.powi(*order) / density).abs() < 1e-12,
                    "theta {theta}, order {order}"
                );
            }
        }
        for i in 0..STAGES {
            let weight = if i < 6 { A[6][i] } else { 0.0 };
            assert!((DENSE[i].iter().sum::<f64>() - weight).abs() < 1e-12);
        }
    }
}
