//! The stable primitives and their derivatives at the edges of the numbers.
use holobiont::expr::{Expr, Graph, Variable, functions};

/// Magnitudes from nearly nothing to nearly everything.
const SIZES: [f64; 9] = [1e-300, 1e-100, 1e-9, 0.5, 1.0, 3.0, 1e9, 1e100, 1e300];
const EXPONENTS: [f64; 6] = [0.5, 1.0, 1.5, 2.0, 10.0, 50.0];

#[test]
fn the_hill_function_is_between_zero_and_one_for_all_magnitudes() {
    for x in SIZES {
        for k in SIZES {
            for n in EXPONENTS {
                let h = functions::hill(x, k, n);
                // reference through the logistic function of the log ratio; its argument has a relative error of a few eps
                let z = n * (x.ln() - k.ln());
                let wanted = functions::sigmoid(z);
                assert!((0.0..=1.0).contains(&h), "hill({x}, {k}, {n}) = {h}");
                assert!(
                    (h - wanted).abs() <= 1e-14 * (1.0 + z.abs()) * wanted.max(1e-300),
                    "hill({x}, {k}, {n}) = {h}, not {wanted}"
                );
                let sum = h + functions::hill(k, x, n);
                assert!(
                    (sum - 1.0).abs() <= 4e-16,
                    "hill and its complement sum to {sum}"
                );
            }
        }
    }
}

#[test]
fn hill_slopes_and_curvatures_are_never_nan_for_positive_arguments() {
    for x in SIZES {
        for k in SIZES {
            for n in EXPONENTS {
                assert!(
                    functions::hill_slope(x, k, n) >= 0.0,
                    "slope({x}, {k}, {n})"
                );
                assert!(
                    !functions::hill_curvature(x, k, n).is_nan(),
                    "curvature({x}, {k}, {n})"
                );
            }
        }
    }
}

#[test]
fn hill_slope_has_its_closed_form_where_that_is_safe() {
    for (x, k, n) in [
        (0.3, 1.2, 2.0),
        (1.0, 1.0, 3.5),
        (7.0, 2.0, 1.0),
        (5.0, 0.1, 4.0),
        (0.01, 3.0, 0.5),
    ] {
        let (a, b): (f64, f64) = (f64::powf(x, n), f64::powf(k, n));
        let slope = n * a * b / x / (a + b) / (a + b);
        let curvature = slope / x * (n * (b - a) / (a + b) - 1.0);
        assert!((functions::hill_slope(x, k, n) / slope - 1.0).abs() < 1e-14);
        // the bracket may cancel by a digit or two
        assert!((functions::hill_curvature(x, k, n) / curvature - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_hill_function_at_zero_has_the_limits_from_above() {
    let k = 2.0;
    for n in EXPONENTS {
        assert_eq!(functions::hill(0.0, k, n), 0.0);
        assert_eq!(functions::hill(-1e-12, k, n), 0.0);
    }
    assert_eq!(functions::hill(0.0, k, 0.0), 0.5);
    assert_eq!(functions::hill(0.0, k, -2.0), 1.0);
    assert_eq!(functions::hill_slope(0.0, k, 1.0), 0.5);
    assert_eq!(functions::hill_slope(0.0, k, 2.0), 0.0);
    assert_eq!(functions::hill_slope(0.0, k, 0.5), f64::INFINITY);
    assert_eq!(functions::hill_curvature(0.0, k, 1.0), -0.5);
    assert_eq!(functions::hill_curvature(0.0, k, 2.0), 0.5);
    assert_eq!(functions::hill_curvature(0.0, k, 3.0), 0.0);
}

#[test]
fn nan_arguments_stay_nan() {
    for arguments in [
        [f64::NAN, 1.0, 2.0],
        [1.0, f64::NAN, 2.0],
        [1.0, 1.0, f64::NAN],
    ] {
        let [x, k, n] = arguments;
        assert!(functions::hill(x, k, n).is_nan());
        assert!(functions::hill_slope(x, k, n).is_nan());
        assert!(functions::hill_curvature(x, k, n).is_nan());
    }
    assert!(functions::min(f64::NAN, 1.0).is_nan() && functions::max(1.0, f64::NAN).is_nan());
    assert!(functions::sign(f64::NAN).is_nan() && functions::sigmoid(f64::NAN).is_nan());
    assert!(
        functions::xlogy(0.0, f64::NAN).is_nan()
            && functions::scaled_pow(0.0, f64::NAN, 1.0).is_nan()
    );
}

#[test]
fn sigmoid_keeps_its_digits_in_both_tails() {
    assert_eq!(functions::sigmoid(0.0), 0.5);
    assert_eq!(functions::sigmoid(-1000.0), 0.0);
    assert_eq!(functions::sigmoid(1000.0), 1.0);
    assert_eq!(functions::sigmoid(-700.0), (-700f64).exp());
    assert_eq!(functions::sigmoid(f64::NEG_INFINITY), 0.0);
}

#[test]
fn polygamma_has_its_known_values() {
    const EULER: f64 = 0.577_215_664_901_532_9;
    const ZETA_3: f64 = 1.202_056_903_159_594_2;
    let pi = std::f64::consts::PI;
    for (order, x, wanted) in [
        (0.0, 1.0, -EULER),
        (0.0, 0.5, -EULER - 2.0 * 2f64.ln()),
        (1.0, 1.0, pi * pi / 6.0),
        (1.0, 0.5, pi * pi / 2.0),
        (2.0, 1.0, -2.0 * ZETA_3),
        (3.0, 1.0, pi.powi(4) / 15.0),
        (0.0, -0.5, 0.036_489_973_978_576_52),
        (0.0, 100.0, 4.600_161_852_738_087),
    ] {
        let value = functions::polygamma(order, x);
        // a dozen terms of the recurrence, each rounded
        assert!(
            (value - wanted).abs() < 5e-14 * (1.0 + wanted.abs()),
            "polygamma({order}, {x}) = {value}, not {wanted}"
        );
    }
    assert!(functions::polygamma(0.0, -3.0).is_nan());
    assert!(functions::polygamma(0.5, 1.0).is_nan());
}

#[test]
fn quotients_and_remainders_follow_the_dividend() {
    assert_eq!(functions::quotient(-7.0, 2.0), -3.0);
    assert_eq!(functions::remainder(-7.0, 2.0), -1.0);
    assert_eq!(functions::factorial(5.0), 120.0);
    assert_eq!(functions::factorial(0.0), 1.0);
}

fn at(graph: &Graph, e: Expr, values: &[(&str, f64)]) -> f64 {
    graph
        .evaluate(
            e,
            &|name| {
                values
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| *value)
            },
            0.0,
        )
        .unwrap()
}

/// All first and second derivatives of a formula with respect to the given names.
fn derivatives(graph: &mut Graph, text: &str, names: &[&str]) -> Vec<(String, Expr)> {
    let e = graph.parse(text).unwrap();
    let mut found = Vec::new();
    for first in names {
        let symbol = graph.intern(first);
        let slope = graph.derivative(e, Variable::Symbol(symbol));
        found.push((format!("d {text}/d{first}"), slope));
        for second in names {
            let symbol = graph.intern(second);
            let second_slope = graph.derivative(slope, Variable::Symbol(symbol));
            found.push((format!("d2 {text}/d{first} d{second}"), second_slope));
        }
    }
    found
}

#[test]
fn all_derivatives_of_powers_and_hill_are_finite_at_zero_when_the_exponent_exceeds_two() {
    let mut graph = Graph::new();
    let mut all = derivatives(&mut graph, "hill(x, k, n)", &["x", "k", "n"]);
    all.extend(derivatives(&mut graph, "x^n", &["x", "n"]));
    all.extend(derivatives(
        &mut graph,
        "x^n / (k^n + x^n)",
        &["x", "k", "n"],
    ));
    for n in [2.0, 2.5, 4.0, 10.0, 50.0] {
        for (name, e) in &all {
            let value = at(&graph, *e, &[("x", 0.0), ("k", 3.0), ("n", n)]);
            assert!(value.is_finite(), "{name} at x = 0, n = {n}: {value}");
        }
    }
}

#[test]
fn at_exponent_one_only_what_diverges_is_infinite_and_nothing_is_nan() {
    let mut graph = Graph::new();
    let mut all = derivatives(&mut graph, "hill(x, k, n)", &["x", "k", "n"]);
    all.extend(derivatives(&mut graph, "x^n", &["x", "n"]));
    for (name, e) in &all {
        let value = at(&graph, *e, &[("x", 0.0), ("k", 3.0), ("n", 1.0)]);
        // d2/dx dn contains ln x, which diverges at 0
        let diverges = name.contains("dx dn") || name.contains("dn dx");
        assert!(
            if diverges {
                value == f64::NEG_INFINITY
            } else {
                value.is_finite()
            },
            "{name}: {value}"
        );
    }
}

#[test]
fn first_and_second_derivatives_of_hill_are_never_nan_for_positive_arguments() {
    let mut graph = Graph::new();
    let all = derivatives(&mut graph, "hill(x, k, n)", &["x", "k", "n"]);
    for x in SIZES {
        for k in SIZES {
            for n in EXPONENTS {
                for (name, e) in &all {
                    let value = at(&graph, *e, &[("x", x), ("k", k), ("n", n)]);
                    // beyond this the derivative itself exceeds the largest number
                    let ordinary = x.max(1.0 / x).max(k).max(1.0 / k) < 1e101;
                    assert!(!value.is_nan() || !ordinary, "{name} at {x}, {k}, {n}");
                }
            }
        }
    }
}

#[test]
fn derivatives_of_saturating_functions_vanish_in_the_tails() {
    let mut graph = Graph::new();
    for text in [
        "sigmoid(x)",
        "tanh(x)",
        "arctan(x)",
        "x / (1 + x)",
        "x^2 / (1 + x^2)",
    ] {
        let all = derivatives(&mut graph, text, &["x"]);
        for (name, e) in all {
            for x in [1e3, 1e10, 1e100] {
                let value = at(&graph, e, &[("x", x)]);
                assert!(value.abs() <= 1e-5, "{name} at {x}: {value}");
            }
        }
    }
}

#[test]
fn the_power_rule_never_divides_by_the_base() {
    let mut graph = Graph::new();
    for (text, wanted) in [
        ("x^2", 0.0),
        ("x^1", 1.0),
        ("x^3", 0.0),
        ("0^x", 0.0),
        ("x^x * 0", 0.0),
    ] {
        let e = graph.parse(text).unwrap();
        let x = graph.intern("x");
        let slope = graph.derivative(e, Variable::Symbol(x));
        assert_eq!(
            at(
                &graph,
                slope,
                &[("x", if text == "0^x" { 2.0 } else { 0.0 })]
            ),
            wanted,
            "{text}"
        );
    }
}
