//! The coefficients of Tsit5 and of its interpolant, with the conditions that they must meet.
//!
//! Ch. Tsitouras, Comput. Math. Appl. 62:770, 2011, doi:10.1016/j.camwa.2011.06.002; the last weight of the error
//! estimate has the sign that makes the weights sum to 0.

pub(super) const STAGES: usize = 7;
pub(super) const NODES: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];
/// row 7 holds the weights of y1
pub(super) const A: [[f64; 6]; STAGES] = [
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
pub(super) const ERROR: [f64; STAGES] = [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    1.0 / 66.0,
];
/// coefficients of theta, theta^2, theta^3, theta^4
pub(super) const DENSE: [[f64; 4]; STAGES] = [
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

/// y0 + h sum_i b_i(theta) k_i
pub(super) fn dense(theta: f64, y0: f64, h: f64, k: impl Fn(usize) -> f64) -> f64 {
    let mut sum = 0.0;
    for (i, c) in DENSE.iter().enumerate() {
        sum += theta * (c[0] + theta * (c[1] + theta * (c[2] + theta * c[3]))) * k(i);
    }
    y0 + h * sum
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
