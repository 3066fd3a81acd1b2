//! Derivatives against central differences and in closed form.
use holobiont::expr::{Graph, Variable};

fn value(graph: &Graph, e: holobiont::expr::Expr, values: &[(&str, f64)]) -> f64 {
    graph
        .evaluate(
            e,
            &|name| {
                values
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| *value)
            },
            0.25,
        )
        .unwrap()
}

#[test]
fn every_function_has_the_slope_of_its_central_difference() {
    let formulas = [
        "exp(x)",
        "ln(x)",
        "log1p(x)",
        "expm1(x)",
        "sqrt(x)",
        "abs(x)",
        "abs(-x)",
        "sin(x)",
        "cos(x)",
        "tan(x)",
        "arcsin(x)",
        "arccos(x)",
        "arctan(x)",
        "sinh(x)",
        "cosh(x)",
        "tanh(x)",
        "arcsinh(x)",
        "arccosh(1 + x)",
        "arctanh(x)",
        "sigmoid(3 * x - 1)",
        "factorial(x)",
        "polygamma(0, x)",
        "polygamma(1, x)",
        "polygamma(3, x)",
        "x^3",
        "x^-2",
        "x^1.5",
        "x^y",
        "y^x",
        "2^x",
        "min(x, y)",
        "max(x, y)",
        "rem(7, x)",
        "hill(x, y, 3)",
        "hill(y, x, 2.5)",
        "hill(y, 0.7, x)",
        "hill(0.2, y, 10 * x)",
        "hill_slope(x, y, 3)",
        "hill_slope(y, x, 2.5)",
        "hill_slope(y, 0.7, x)",
        "hill_curvature(x, y, 3.5)",
        "hill_curvature(y, x, 2.5)",
        "hill_curvature(y, 0.7, x)",
        "xlogy(x, y)",
        "xlogy(y, x)",
        "xlogy(x, x)",
        "scaled_pow(x, y, x)",
        "scaled_pow(y, x, -1.5)",
        "scaled_pow(y, x, y)",
        "x / (y + x)",
        "x * y * x / exp(x)",
        "piecewise(x^2, x < y, x^3)",
        "sec(x)",
        "csc(x)",
        "cot(x)",
        "arccot(x)",
        "arcsec(2 + x)",
        "arccsc(2 + x)",
        "sech(x)",
        "csch(x)",
        "coth(x)",
        "arccoth(2 + x)",
        "arcsech(x)",
        "arccsch(x)",
        "log10(x)",
        "log(x, y)",
        "floor(x) + ceil(x) + sign(x) + x",
        "quotient(x, y) + x",
    ];
    for text in formulas {
        let mut graph = Graph::new();
        let e = graph.parse(text).unwrap();
        let x = Variable::Symbol(graph.intern("x"));
        let slope = graph.derivative(e, x);
        let second = graph.derivative(slope, x);
        for (at, y) in [(0.3, 0.8), (0.61, 0.37), (0.9, 1.7)] {
            let step = 1e-5;
            let of = |e, x| value(&graph, e, &[("x", x), ("y", y)]);
            for (function, slope) in [(e, slope), (slope, second)] {
                let difference = (of(function, at + step) - of(function, at - step)) / (2.0 * step);
                let exact = of(slope, at);
                // truncation f''' step^2 / 6 and rounding eps f / step, for functions of order one to a hundred
                let tolerance = 2e-8 * (1.0 + exact.abs() + of(function, at).abs())
                    + 1e-10 * of(second, at).abs();
                assert!(
                    (difference - exact).abs() < 20.0 * tolerance,
                    "{text} at x = {at}, y = {y}: {exact}, not {difference}"
                );
            }
        }
    }
}
