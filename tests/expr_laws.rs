//! Laws of expressions: what is written reads back, what is simplified has the same value, derivatives are slopes.
use holobiont::expr::{Compare, Expr, Function, Graph, Variable};
use proptest::prelude::*;
use std::collections::HashMap;

/// An expression before it is built; `plain` evaluation does nothing clever.
#[derive(Clone, Debug)]
enum Tree {
    Number(f64),
    Symbol(usize),
    Time,
    Add(Box<Tree>, Box<Tree>),
    Sub(Box<Tree>, Box<Tree>),
    Mul(Box<Tree>, Box<Tree>),
    Div(Box<Tree>, Box<Tree>),
    Pow(Box<Tree>, f64),
    Power(Box<Tree>, Box<Tree>),
    Neg(Box<Tree>),
    Call(Function, Vec<Tree>),
    Compare(Compare, Box<Tree>, Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Not(Box<Tree>),
    Select(Box<Tree>, Box<Tree>, Box<Tree>),
}

const NAMES: [&str; 4] = ["x", "y", "k_max", "A"];

impl Tree {
    fn build(&self, graph: &mut Graph) -> Expr {
        let pair = |graph: &mut Graph, a: &Tree, b: &Tree| (a.build(graph), b.build(graph));
        match self {
            Tree::Number(value) => graph.number(*value),
            Tree::Symbol(i) => graph.symbol(NAMES[*i]),
            Tree::Time => graph.time(),
            Tree::Add(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.add(a, b)
            }
            Tree::Sub(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.sub(a, b)
            }
            Tree::Mul(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.mul(a, b)
            }
            Tree::Div(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.div(a, b)
            }
            Tree::Pow(a, n) => {
                let (a, n) = (a.build(graph), graph.number(*n));
                graph.pow(a, n)
            }
            Tree::Power(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.pow(a, b)
            }
            Tree::Neg(a) => {
                let a = a.build(graph);
                graph.neg(a)
            }
            Tree::Call(function, arguments) => {
                let arguments: Vec<Expr> = arguments
                    .iter()
                    .map(|argument| argument.build(graph))
                    .collect();
                graph.call(*function, &arguments)
            }
            Tree::Compare(relation, a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.compare(*relation, a, b)
            }
            Tree::And(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.and(&[a, b])
            }
            Tree::Or(a, b) => {
                let (a, b) = pair(graph, a, b);
                graph.or(&[a, b])
            }
            Tree::Not(a) => {
                let a = a.build(graph);
                graph.not(a)
            }
            Tree::Select(c, a, b) => {
                let c = c.build(graph);
                let (a, b) = pair(graph, a, b);
                graph.select(c, a, b)
            }
        }
    }

    fn plain(&self, values: &[f64; 4], time: f64) -> f64 {
        let of = |tree: &Tree| tree.plain(values, time);
        let truth = f64::from;
        match self {
            Tree::Number(value) => *value,
            Tree::Symbol(i) => values[*i],
            Tree::Time => time,
            Tree::Add(a, b) => of(a) + of(b),
            Tree::Sub(a, b) => of(a) - of(b),
            Tree::Mul(a, b) => of(a) * of(b),
            Tree::Div(a, b) => of(a) / of(b),
            Tree::Pow(a, n) => of(a).powf(*n),
            Tree::Power(a, b) => of(a).powf(of(b)),
            Tree::Neg(a) => -of(a),
            Tree::Call(function, arguments) => {
                let arguments: Vec<f64> = arguments.iter().map(of).collect();
                holobiont::expr::functions::apply(*function, &arguments)
            }
            Tree::Compare(relation, a, b) => truth(relation.holds(of(a), of(b))),
            Tree::And(a, b) => truth(of(a) != 0.0 && of(b) != 0.0),
            Tree::Or(a, b) => truth(of(a) != 0.0 || of(b) != 0.0),
            Tree::Not(a) => truth(of(a) == 0.0),
            Tree::Select(c, a, b) => {
                if of(c) != 0.0 {
                    of(a)
                } else {
                    of(b)
                }
            }
        }
    }
}

fn relation() -> impl Strategy<Value = Compare> {
    prop::sample::select(vec![
        Compare::Less,
        Compare::LessEqual,
        Compare::Greater,
        Compare::GreaterEqual,
        Compare::Equal,
        Compare::NotEqual,
    ])
}

/// Any expression, numbers of all kinds included.
fn tree() -> impl Strategy<Value = Tree> {
    let number = prop_oneof![
        prop::sample::select(vec![
            0.0,
            1.0,
            -1.0,
            2.0,
            0.5,
            -0.5,
            3.0,
            1e300,
            1e-300,
            f64::INFINITY,
            f64::NAN,
            10.0,
            1.5
        ]),
        any::<f64>(),
    ];
    let leaf = prop_oneof![2 => number.prop_map(Tree::Number), 4 => (0..4usize).prop_map(Tree::Symbol), 1 => Just(Tree::Time)];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let b = || inner.clone().prop_map(Box::new);
        let function = prop::sample::select(Function::ALL.to_vec());
        prop_oneof![
            3 => (b(), b()).prop_map(|(a, b)| Tree::Add(a, b)),
            3 => (b(), b()).prop_map(|(a, b)| Tree::Sub(a, b)),
            4 => (b(), b()).prop_map(|(a, b)| Tree::Mul(a, b)),
            3 => (b(), b()).prop_map(|(a, b)| Tree::Div(a, b)),
            3 => (b(), prop::sample::select(vec![-2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0])).prop_map(|(a, n)| Tree::Pow(a, n)),
            1 => (b(), b()).prop_map(|(a, b)| Tree::Power(a, b)),
            2 => b().prop_map(Tree::Neg),
            3 => (function, inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b, c)| Tree::Call(f, vec![a, b, c].into_iter().take(f.arity()).collect())),
            1 => (relation(), b(), b()).prop_map(|(r, a, b)| Tree::Compare(r, a, b)),
            1 => (b(), b()).prop_map(|(a, b)| Tree::And(a, b)),
            1 => (b(), b()).prop_map(|(a, b)| Tree::Or(a, b)),
            1 => b().prop_map(Tree::Not),
            1 => (b(), b(), b()).prop_map(|(c, a, b)| Tree::Select(c, a, b)),
        ]
    })
}

/// Expressions with moderate values and slopes for positive symbols.
fn smooth() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => prop::sample::select(vec![0.5, 1.0, 2.0, 3.0]).prop_map(Tree::Number),
        4 => (0..4usize).prop_map(Tree::Symbol),
        1 => Just(Tree::Time),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let b = || inner.clone().prop_map(Box::new);
        let bounded = prop::sample::select(vec![Function::Sin, Function::Cos, Function::Tanh, Function::Atan, Function::Sigmoid]);
        prop_oneof![
            3 => (b(), b()).prop_map(|(a, b)| Tree::Add(a, b)),
            2 => (b(), b()).prop_map(|(a, b)| Tree::Sub(a, b)),
            3 => (b(), b()).prop_map(|(a, b)| Tree::Mul(a, b)),
            1 => b().prop_map(|a| Tree::Pow(a, 2.0)),
            2 => (bounded, inner.clone()).prop_map(|(f, a)| Tree::Call(f, vec![a])),
            2 => (0..4usize, 0..4usize, 1..5u8).prop_map(|(x, k, n)| {
                Tree::Call(Function::Hill, vec![Tree::Symbol(x), Tree::Symbol(k), Tree::Number(f64::from(n))])
            }),
            1 => b().prop_map(|a| Tree::Div(a, Box::new(Tree::Add(Box::new(Tree::Symbol(1)), Box::new(Tree::Number(1.0)))))),
        ]
    })
}

fn evaluate(graph: &Graph, e: Expr, values: &[f64; 4], time: f64) -> f64 {
    let value = |name: &str| {
        NAMES
            .iter()
            .position(|known| *known == name)
            .map(|i| values[i])
    };
    graph.evaluate(e, &value, time).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_reads_back_as_the_same_expression(tree in tree()) {
        let mut graph = Graph::new();
        let e = tree.build(&mut graph);
        let text = graph.text(e);
        let again = graph.parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(again, e, "{} read back as {}", text, graph.text(again));
    }

    #[test]
    fn a_copy_in_another_graph_reads_the_same(tree in tree()) {
        let (mut graph, mut other) = (Graph::new(), Graph::new());
        other.symbol("k_max");
        other.symbol("x");
        let e = tree.build(&mut graph);
        let copy = other.import(&graph, e, &mut str::to_owned);
        prop_assert_eq!(other.text(copy), graph.text(e));
        let same = graph.substitute(e, &HashMap::new());
        prop_assert_eq!(same, e);
    }

    #[test]
    fn simplification_keeps_the_value(tree in smooth(), values in prop::array::uniform4(0.1..2.0f64), time in 0.0..2.0f64) {
        let mut graph = Graph::new();
        let e = tree.build(&mut graph);
        let (simplified, plain) = (evaluate(&graph, e, &values, time), tree.plain(&values, time));
        // at most some dozens of roundings of numbers of the size of the largest intermediate, squares included
        prop_assert!((simplified - plain).abs() <= 1e-9 * (1.0 + plain.abs()), "{}: {simplified}, not {plain}", graph.text(e));
    }

    #[test]
    fn derivatives_are_slopes(tree in smooth(), values in prop::array::uniform4(0.1..1.2f64), time in 0.0..1.2f64) {
        let mut graph = Graph::new();
        let e = tree.build(&mut graph);
        let x = Variable::Symbol(graph.intern("x"));
        for variable in [x, Variable::Time] {
            let slope = graph.derivative(e, variable);
            let third = graph.derivative(slope, variable);
            let third = graph.derivative(third, variable);
            let step = 1e-5;
            let at = |e, shift: f64| match variable {
                Variable::Time => evaluate(&graph, e, &values, time + shift),
                Variable::Symbol(_) => evaluate(&graph, e, &[values[0] + shift, values[1], values[2], values[3]], time),
            };
            let difference = (at(e, step) - at(e, -step)) / (2.0 * step);
            let exact = at(slope, 0.0);
            // rounding eps f / step and truncation f''' step^2 / 6, tenfold
            let scale = at(e, 0.0).abs().max(1.0);
            let tolerance = 1e-9 * (scale + exact.abs()) + 1e-9 * at(third, 0.0).abs();
            prop_assume!(scale < 1e6);
            prop_assert!((difference - exact).abs() <= tolerance.max(1e-8), "{}: {exact}, not {difference}", graph.text(e));
        }
    }

    #[test]
    fn the_parser_survives_anything(text in "[-+*/^()<>=!&|,. 0-9a-z_éeE]{0,40}") {
        let mut graph = Graph::new();
        if let Err(error) = graph.parse(&text) {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }
}
