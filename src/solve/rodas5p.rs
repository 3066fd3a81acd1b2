//! One step of Rodas5P, and of its exact extension to forward sensitivities.
//!
//! Rosenbrock-Wanner method of order 5(4) with eight stages, stiffly accurate, with dense output of order 4
//! (G. Steinebach, BIT Numer. Math. 63:27, 2023, doi:10.1007/s10543-023-00967-x). With W = M/(gamma h) - J,
//!
//! W k_i = f(t + c_i h, u_i) + M sum_j (C_ij / h) k_j + d_i h f_t,   u_i = y + sum_j a_ij k_j
//!
//! for i = 1..6; then u_7 = u_6 + k_6, u_8 = u_7 + k_7, y1 = u_8 + k_8, and k_8 is the error estimate.
//!
//! The sensitivity S along a direction obeys S' = J S + f_p. The Rosenbrock method of the extended system (y, S) has the
//! same W, and in stage i the extra terms D J[k_i, d_i h] S + D f_p[k_i, d_i h], the directional derivatives of J and f_p
//! along (k_i in y, d_i h in t) at the start of the step. It is exact: the derivative of the discrete y at fixed steps.
use super::block::{Attempt, Block, Stepper, add_matrix_vector, add_scaled, zero};
use super::{Statistics, controller};
use crate::compile::{Lane, Sensitivity, System};

const STAGES: usize = 8;
const GAMMA: f64 = 0.21193756319429014;
/// rows 1 to 6
#[rustfmt::skip]
const A: [[f64; 5]; 6] = [
    [0.0; 5],
    [3.0, 0.0, 0.0, 0.0, 0.0],
    [2.849394379747939, 0.45842242204463923, 0.0, 0.0, 0.0],
    [-6.954028509809101, 2.489845061869568, -10.358996098473584, 0.0, 0.0],
    [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641, 0.0],
    [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
];
#[rustfmt::skip]
const C: [[f64; 7]; STAGES] = [
    [0.0; 7],
    [-14.155112264123755, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-17.97296035885952, -2.859693295451294, 0.0, 0.0, 0.0, 0.0, 0.0],
    [147.12150275711716, -1.41221402718213, 71.68940251302358, 0.0, 0.0, 0.0, 0.0],
    [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306, 0.0, 0.0, 0.0],
    [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471, 0.0, 0.0],
    [30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623, -28.087943162872662, 0.0],
    [37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002, -54.66780262877968, -9.48861652309627],
];
#[rustfmt::skip]
const NODES: [f64; STAGES] =
    [0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0];
#[rustfmt::skip]
const D: [f64; STAGES] =
    [0.21193756319429014, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0.0, 0.0, 0.0];
/// dense output
#[rustfmt::skip]
const H: [[f64; STAGES]; 3] = [
    [25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493],
    [-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372],
    [11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722],
];

/// Weights of u_i: the row of A, and 1 for the stages whose solution runs on.
fn weight(stage: usize, j: usize) -> f64 {
    match stage {
        0..6 => {
            if j < stage {
                A[stage][j]
            } else {
                0.0
            }
        }
        _ => {
            if j < 5 {
                A[5][j]
            } else if j < stage {
                1.0
            } else {
                0.0
            }
        }
    }
}

/// Memory of the method for W lanes.
pub(super) struct Rosenbrock<const W: usize> {
    n: usize,
    f0: Vec<Lane<W>>,
    f_t: Vec<Lane<W>>,
    jacobian: Vec<Lane<W>>,
    u: Vec<Lane<W>>,
    right: Vec<Lane<W>>,
    /// stages x states
    k: Vec<Lane<W>>,
    /// stages x directions x states
    k_s: Vec<Lane<W>>,
    u_s: Vec<Lane<W>>,
    j_stage: Vec<Lane<W>>,
    fp_stage: Vec<Lane<W>>,
    d_j: Vec<Lane<W>>,
    d_fp: Vec<Lane<W>>,
}

impl<const W: usize> Rosenbrock<W> {
    fn stage(k: &[Lane<W>], n: usize, i: usize) -> &[Lane<W>] {
        &k[i * n..(i + 1) * n]
    }
}

/// u <- base + sum_j weight(stage, j) k_j, where k_j stands at `j * stride + offset`.
fn stage_point<const W: usize>(
    u: &mut [Lane<W>],
    base: &[Lane<W>],
    k: &[Lane<W>],
    stage: usize,
    stride: usize,
    offset: usize,
) {
    u.copy_from_slice(base);
    for j in 0..stage {
        let w = weight(stage, j);
        let from = j * stride + offset;
        for (u, k) in u.iter_mut().zip(&k[from..]) {
            add_scaled(u, w, k);
        }
    }
}

/// right <- right + M sum_j (C_ij / h) k_j
fn add_history<const W: usize>(
    right: &mut [Lane<W>],
    mass: &[f64],
    h: &Lane<W>,
    k: &[Lane<W>],
    stage: usize,
    stride: usize,
    offset: usize,
) {
    for (j, weight) in C[stage].iter().enumerate().take(stage) {
        let mut c = zero::<W>();
        for lane in 0..W {
            c.0[lane] = weight / h.0[lane];
        }
        let from = j * stride + offset;
        for ((right, k), mass) in right.iter_mut().zip(&k[from..]).zip(mass) {
            for lane in 0..W {
                right.0[lane] += mass * c.0[lane] * k.0[lane];
            }
        }
    }
}

/// The dense output from its two ends and its three inner combinations of stages.
fn dense(theta: f64, y0: f64, y1: f64, k: impl Fn(usize) -> f64) -> f64 {
    let mut kappa = [0.0; 3];
    for i in 0..STAGES {
        let k = k(i);
        for (kappa, h) in kappa.iter_mut().zip(&H) {
            *kappa += h[i] * k;
        }
    }
    let rest = 1.0 - theta;
    rest * y0 + theta * (y1 + rest * (kappa[0] + theta * (kappa[1] + theta * kappa[2])))
}

impl<const W: usize> Rosenbrock<W> {
    /// How far the algebraic states of the curve are from their equations in the middle of the step, in the scale of errors.
    ///
    /// A stage satisfies equations that are linear in them, and the error of the step tells nothing of the curve between.
    fn residual_between(&mut self, block: &mut Block<W>) -> [f64; W] {
        let (n, system) = (self.n, block.system);
        if !system.mass().contains(&0.0) {
            return [0.0; W];
        }
        for i in 0..n {
            for lane in 0..W {
                let k = |stage: usize| self.k[stage * n + i].0[lane];
                self.u[i].0[lane] = dense(0.5, block.y[i].0[lane], block.y1[i].0[lane], k);
            }
        }
        let t = shifted(&block.t, 0.5, &block.h);
        system.rhs(&mut block.workspace, &t, &self.u, &mut self.right);
        for (right, mass) in self.right.iter_mut().zip(system.mass()) {
            if *mass != 0.0 {
                *right = zero();
            }
        }
        system.solve_factored(&mut block.workspace, &mut self.right);
        std::array::from_fn(|lane| block.norm(lane, &self.right, &block.y, &block.y1))
    }
}

impl<const W: usize> Stepper<W> for Rosenbrock<W> {
    const INTERPOLATES: bool = true;

    fn new(system: &System, tapes: Option<&Sensitivity>, directions: usize) -> Self {
        let n = system.state_ids().len();
        let entries = system.jacobian_pattern().len();
        let (j, fp) = tapes.map_or((0, 0), |tapes| (entries, tapes.pattern().len()));
        Rosenbrock {
            n,
            f0: vec![zero(); n],
            f_t: vec![zero(); n],
            jacobian: vec![zero(); entries],
            u: vec![zero(); n],
            right: vec![zero(); n],
            k: vec![zero(); STAGES * n],
            k_s: vec![zero(); STAGES * n * directions],
            u_s: vec![zero(); if directions > 0 { n } else { 0 }],
            j_stage: vec![zero(); j],
            fp_stage: vec![zero(); fp],
            d_j: vec![zero(); j],
            d_fp: vec![zero(); fp],
        }
    }

    fn prepare(&mut self, block: &mut Block<W>, _fresh: &[bool; W]) {
        let system = block.system;
        system.rhs_jacobian(
            &mut block.workspace,
            &block.t,
            &block.y,
            &mut self.f0,
            &mut self.jacobian,
            &mut self.f_t,
        );
        // a root has an infinite slope at zero; without it the step is of lower order, as its error tells
        for slope in self.jacobian.iter_mut().chain(&mut self.f_t) {
            for value in &mut slope.0 {
                if !value.is_finite() {
                    *value = 0.0;
                }
            }
        }
    }

    fn first_step(&self, block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let d0 = block.norm_differential(lane, &block.y);
        let d1 = block.norm_differential(lane, &self.f0);
        // y'' = J f + f_t is at hand
        let mut second: Vec<f64> = self.f_t.iter().map(|x| x.0[lane]).collect();
        for (&(row, column), j) in block.system.jacobian_pattern().iter().zip(&self.jacobian) {
            second[row as usize] += j.0[lane] * self.f0[column as usize].0[lane];
        }
        let mut sum = 0.0;
        for ((v, y), mass) in second.iter().zip(&block.y).zip(block.system.mass()) {
            let ratio = mass * v / (block.absolute + block.relative * y.0[lane].abs());
            sum += ratio * ratio;
        }
        let d2 = (sum / self.n.max(1) as f64).sqrt();
        if !d1.is_finite() {
            return None;
        }
        // an infinite d2 is the business of the first attempt
        let h = controller::first_step(controller::trial_step(d0, d1, longest), d1, d2, longest);
        Some(if h > 0.0 { h } else { f64::MIN_POSITIVE })
    }

    fn not_finite(&self, lane: usize) -> Option<usize> {
        self.f0.iter().position(|f| !f.0[lane].is_finite())
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        let (n, system) = (self.n, block.system);
        let mut inverse = zero::<W>();
        for lane in 0..W {
            inverse.0[lane] = 1.0 / (GAMMA * block.h.0[lane]);
        }
        let sound = system.factor(&mut block.workspace, &inverse, &self.jacobian);
        for stage in 0..STAGES {
            if stage == 0 {
                self.right.copy_from_slice(&self.f0);
            } else {
                stage_point(&mut self.u, &block.y, &self.k, stage, n, 0);
                let t = shifted(&block.t, NODES[stage], &block.h);
                system.rhs(&mut block.workspace, &t, &self.u, &mut self.right);
                add_history(
                    &mut self.right,
                    system.mass(),
                    &block.h,
                    &self.k,
                    stage,
                    n,
                    0,
                );
            }
            if D[stage] != 0.0 {
                for (right, f_t) in self.right.iter_mut().zip(&self.f_t) {
                    for lane in 0..W {
                        right.0[lane] += D[stage] * block.h.0[lane] * f_t.0[lane];
                    }
                }
            }
            system.solve_factored(&mut block.workspace, &mut self.right);
            self.k[stage * n..(stage + 1) * n].copy_from_slice(&self.right);
        }
        // u is u_8 still
        let last = Self::stage(&self.k, n, STAGES - 1);
        for ((y1, u), k) in block.y1.iter_mut().zip(&self.u).zip(last) {
            *y1 = *u;
            add_scaled(y1, 1.0, k);
        }
        let errors: [f64; W] =
            std::array::from_fn(|lane| block.norm(lane, last, &block.y, &block.y1));
        let between = self.residual_between(block);
        std::array::from_fn(|lane| match sound[lane] {
            // also NaN, if one is
            true if between[lane] <= errors[lane] => Attempt::Tried(errors[lane]),
            true => Attempt::Tried(errors[lane] + between[lane]),
            false => Attempt::Singular,
        })
    }

    fn sensitivities(&mut self, block: &mut Block<W>) {
        let Some(tapes) = block.tapes else { return };
        let (n, m, system) = (self.n, block.directions, block.system);
        let pattern = system.jacobian_pattern();
        for stage in 0..STAGES {
            stage_point(&mut self.u, &block.y, &self.k, stage, n, 0);
            let t = shifted(&block.t, NODES[stage], &block.h);
            tapes.jacobian_parameters(
                system,
                &mut block.workspace,
                &t,
                &self.u,
                &mut self.j_stage,
                &mut self.fp_stage,
            );
            let mut tau = zero::<W>();
            for lane in 0..W {
                tau.0[lane] = D[stage] * block.h.0[lane];
            }
            let along = Self::stage(&self.k, n, stage);
            tapes.directional(
                system,
                &mut block.workspace,
                &block.t,
                &block.y,
                along,
                &tau,
                &mut self.d_j,
                &mut self.d_fp,
            );
            // both act on the same tangent
            for (fp, d) in self.fp_stage.iter_mut().zip(&self.d_fp) {
                add_scaled(fp, 1.0, d);
            }
            for j in 0..m {
                let s = &block.s[block.direction(j)];
                stage_point(&mut self.u_s, s, &self.k_s, stage, n * m, j * n);
                self.right.fill(zero());
                add_matrix_vector(&mut self.right, pattern, &self.j_stage, &self.u_s);
                add_matrix_vector(&mut self.right, pattern, &self.d_j, s);
                block.add_direct(&mut self.right, j, &self.fp_stage, tapes);
                add_history(
                    &mut self.right,
                    system.mass(),
                    &block.h,
                    &self.k_s,
                    stage,
                    n * m,
                    j * n,
                );
                system.solve_factored(&mut block.workspace, &mut self.right);
                let to = (stage * m + j) * n;
                self.k_s[to..to + n].copy_from_slice(&self.right);
                if stage == STAGES - 1 {
                    let range = block.direction(j);
                    for ((s1, u), k) in block.s1[range].iter_mut().zip(&self.u_s).zip(&self.right) {
                        *s1 = *u;
                        add_scaled(s1, 1.0, k);
                    }
                }
            }
        }
    }

    fn sensitivity_error(&mut self, block: &Block<W>, lane: usize) -> f64 {
        let mut worst: f64 = 0.0;
        for j in 0..block.directions {
            let range = block.direction(j);
            let from = (STAGES - 1) * block.directions * self.n + range.start;
            let error = block.norm(
                lane,
                &self.k_s[from..from + self.n],
                &block.s[range.clone()],
                &block.s1[range],
            );
            if error.is_nan() {
                return error;
            }
            worst = worst.max(error);
        }
        worst
    }

    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]) {
        let n = self.n;
        for (i, out) in out.iter_mut().enumerate() {
            *out = dense(theta, block.y[i].0[lane], block.y1[i].0[lane], |stage| {
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
        let (n, m) = (self.n, block.directions);
        for (i, out) in out.iter_mut().enumerate() {
            let at = direction * n + i;
            *out = dense(theta, block.s[at].0[lane], block.s1[at].0[lane], |stage| {
                self.k_s[stage * n * m + at].0[lane]
            });
        }
    }

    fn commit(&mut self, _lane: usize) {}

    fn work(&self) -> Statistics {
        Statistics {
            right_hand_sides: STAGES,
            jacobians: 1,
            factorisations: 1,
            ..Default::default()
        }
    }
}

/// t + c h
pub(super) fn shifted<const W: usize>(t: &Lane<W>, c: f64, h: &Lane<W>) -> Lane<W> {
    let mut out = *t;
    add_scaled(&mut out, c, h);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{SMatrix, SVector};
    type Matrix = SMatrix<f64, STAGES, STAGES>;
    type Vector = SVector<f64, STAGES>;

    /// alpha, beta = alpha + Gamma, b and its embedded companion in the form of Hairer and Wanner, section IV.7.
    fn classical() -> (Matrix, Matrix, Vector, Vector) {
        let c = Matrix::from_fn(|i, j| if j < i { C[i][j] } else { 0.0 });
        let gamma = (Matrix::identity() / GAMMA - c)
            .try_inverse()
            .expect("triangular");
        let a = Matrix::from_fn(|i, j| if j < i { weight(i, j) } else { 0.0 });
        let alpha = a * gamma;
        let m = Vector::from_fn(|j, _| if j == 7 { 1.0 } else { weight(7, j) });
        let embedded = Vector::from_fn(|j, _| weight(7, j));
        (
            alpha,
            alpha + gamma,
            gamma.transpose() * m,
            gamma.transpose() * embedded,
        )
    }

    fn power(v: &Vector, p: i32) -> Vector {
        v.map(|x| x.powi(p))
    }

    #[test]
    fn nodes_and_time_weights_are_row_sums() {
        let (alpha, beta, ..) = classical();
        for i in 0..STAGES {
            assert!((alpha.row(i).sum() - NODES[i]).abs() < 1e-13, "c_{i}");
            assert!(((beta - alpha).row(i).sum() - D[i]).abs() < 1e-13, "d_{i}");
        }
    }

    #[test]
    fn the_order_conditions_hold_to_order_five_and_embedded_to_four() {
        let (alpha, beta, b, embedded) = classical();
        let one = Vector::repeat(1.0);
        let (a1, b1) = (alpha * one, beta * one);
        let (a2, a3) = (power(&a1, 2), power(&a1, 3));
        // trees without and with meagre vertices; Hairer and Wanner II, table IV.7.1 and its continuation
        let conditions: [(Vector, f64, u32); 17] = [
            (one, 1.0, 1),
            (b1, 1.0 / 2.0, 2),
            (a2, 1.0 / 3.0, 3),
            (beta * b1, 1.0 / 6.0, 3),
            (a3, 1.0 / 4.0, 4),
            (a1.component_mul(&(alpha * b1)), 1.0 / 8.0, 4),
            (beta * a2, 1.0 / 12.0, 4),
            (beta * beta * b1, 1.0 / 24.0, 4),
            (power(&a1, 4), 1.0 / 5.0, 5),
            (a2.component_mul(&(alpha * b1)), 1.0 / 10.0, 5),
            (power(&(alpha * b1), 2), 1.0 / 20.0, 5),
            (a1.component_mul(&(alpha * a2)), 1.0 / 15.0, 5),
            (a1.component_mul(&(alpha * beta * b1)), 1.0 / 30.0, 5),
            (beta * a3, 1.0 / 20.0, 5),
            (beta * a1.component_mul(&(alpha * b1)), 1.0 / 40.0, 5),
            (beta * beta * a2, 1.0 / 60.0, 5),
            (beta * beta * beta * b1, 1.0 / 120.0, 5),
        ];
        for (number, (tree, value, order)) in conditions.iter().enumerate() {
            // coefficients up to 150 with 16 digits
            assert!(
                (b.dot(tree) - value).abs() < 1e-12,
                "condition {number}: {}",
                b.dot(tree) - value
            );
            if *order <= 4 {
                assert!(
                    (embedded.dot(tree) - value).abs() < 1e-12,
                    "embedded condition {number}"
                );
            }
        }
    }

    #[test]
    fn the_method_is_stiffly_accurate() {
        let (_, beta, b, _) = classical();
        for j in 0..STAGES {
            assert!((beta[(STAGES - 1, j)] - b[j]).abs() < 1e-12, "b_{j}");
        }
    }

    #[test]
    fn dense_output_meets_the_ends_and_the_conditions_to_order_four() {
        let (alpha, beta, _, _) = classical();
        let c = Matrix::from_fn(|i, j| if j < i { C[i][j] } else { 0.0 });
        let gamma = (Matrix::identity() / GAMMA - c)
            .try_inverse()
            .expect("triangular");
        let one = Vector::repeat(1.0);
        let (a1, b1) = (alpha * one, beta * one);
        let a2 = power(&a1, 2);
        for theta in [0.0, 0.2, 0.5, 0.9, 1.0] {
            // linear in the stages: feed unit vectors
            let weights = Vector::from_fn(|stage, _| {
                let y1 = if stage == 7 { 1.0 } else { weight(7, stage) };
                dense(theta, 0.0, y1, |k| if k == stage { 1.0 } else { 0.0 })
            });
            let b = gamma.transpose() * weights;
            for (tree, value) in [
                (one, theta),
                (b1, theta.powi(2) / 2.0),
                (a2, theta.powi(3) / 3.0),
                (beta * b1, theta.powi(3) / 6.0),
                (power(&a1, 3), theta.powi(4) / 4.0),
                (a1.component_mul(&(alpha * b1)), theta.powi(4) / 8.0),
                (beta * a2, theta.powi(4) / 12.0),
                (beta * beta * b1, theta.powi(4) / 24.0),
            ] {
                assert!(
                    (b.dot(&tree) - value).abs() < 1e-12,
                    "theta {theta}: {}",
                    b.dot(&tree) - value
                );
            }
        }
    }
}
