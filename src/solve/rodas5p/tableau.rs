//! The coefficients of Rodas5P and of its dense output, with the conditions that they must meet.
//!
//! G. Steinebach, BIT Numer. Math. 63:27, 2023, doi:10.1007/s10543-023-00967-x.

pub(super) const STAGES: usize = 8;
pub(super) const GAMMA: f64 = 0.21193756319429014;
/// rows 1 to 6
#[rustfmt::skip]
pub(super) const A: [[f64; 5]; 6] = [
    [0.0; 5],
    [3.0, 0.0, 0.0, 0.0, 0.0],
    [2.849394379747939, 0.45842242204463923, 0.0, 0.0, 0.0],
    [-6.954028509809101, 2.489845061869568, -10.358996098473584, 0.0, 0.0],
    [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641, 0.0],
    [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
];
#[rustfmt::skip]
pub(super) const C: [[f64; 7]; STAGES] = [
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
pub(super) const NODES: [f64; STAGES] =
    [0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0];
#[rustfmt::skip]
pub(super) const D: [f64; STAGES] =
    [0.21193756319429014, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0.0, 0.0, 0.0];
/// dense output
#[rustfmt::skip]
pub(super) const H: [[f64; STAGES]; 3] = [
    [25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493],
    [-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372],
    [11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722],
];

/// Weights of u_i: the row of A, and 1 for the stages whose solution runs on.
pub(super) const WEIGHTS: [[f64; 7]; STAGES] = {
    let mut weights = [[0.0; 7]; STAGES];
    let mut stage = 0;
    while stage < STAGES {
        let row = if stage < 6 { stage } else { 5 };
        let mut j = 0;
        while j < stage {
            weights[stage][j] = if j < 5 { A[row][j] } else { 1.0 };
            j += 1;
        }
        stage += 1;
    }
    weights
};

/// The dense output from its two ends and its three inner combinations of stages.
pub(super) fn dense(theta: f64, y0: f64, y1: f64, k: impl Fn(usize) -> f64) -> f64 {
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
        let a = Matrix::from_fn(|i, j| if j < i { WEIGHTS[i][j] } else { 0.0 });
        let alpha = a * gamma;
        let m = Vector::from_fn(|j, _| if j == 7 { 1.0 } else { WEIGHTS[7][j] });
        let embedded = Vector::from_fn(|j, _| if j < 7 { WEIGHTS[7][j] } else { 0.0 });
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
                let y1 = if stage == 7 { 1.0 } else { WEIGHTS[7][stage] };
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
