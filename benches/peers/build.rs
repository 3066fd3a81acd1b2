//! Writes the right-hand sides and Jacobian-vector products of all problems as Rust source, for solvers that take functions.
//!
//! The numbers of the model stand in the source as constants, so that the compiler folds all that depends on parameters only.
#[path = "src/problems.rs"]
#[allow(dead_code)]
mod problems;

use holobiont::exchange::sbml::read_text;
use holobiont::expr::{Expr, Function, Graph, Node, Variable};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

fn main() {
    let beside = problems::shared();
    println!("cargo::rerun-if-env-changed=HOLOBIONT_SHARED");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/problems.rs");
    println!(
        "cargo::rerun-if-changed={}",
        beside.join("suites/engine/gut40.xml").display()
    );
    let mut out = String::new();
    let mut list = String::new();
    for problem in problems::PROBLEMS {
        let text = problem.text().unwrap_or_else(|e| {
            panic!("{e}; the public data folder is looked for in HOLOBIONT_SHARED, then beside the checkout")
        });
        let text = problems::with_values(&text, &problem.settings());
        let model = read_text(&text).unwrap_or_else(|e| panic!("{}: {e:?}", problem.name));
        out += &module(problem.name, model.equations());
        let name = problem.name;
        let _ = writeln!(
            list,
            "    Compiled {{ name: \"{name}\", states: &{name}::STATES, start: {name}::start, rhs: {name}::rhs, jv: {name}::jv }},"
        );
    }
    let count = problems::PROBLEMS.len();
    let _ = writeln!(
        out,
        "/// All problems.\npub const COMPILED: [Compiled; {count}] = [\n{list}];"
    );
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(std::path::Path::new(&folder).join("compiled.rs"), out)
        .expect("OUT_DIR is writable");
}

/// Functions of one problem.
fn module(name: &str, equations: &holobiont::network::Equations) -> String {
    let mut graph = equations.graph.clone();
    assert!(
        equations.inputs.is_empty() && equations.events.is_empty(),
        "{name}: no inputs, no events"
    );
    let values: HashMap<_, _> = equations
        .parameters
        .iter()
        .map(|p| (graph.intern(&p.id), graph.number(p.value)))
        .collect();
    let right: Vec<Expr> = equations.states.iter().map(|s| s.right_hand_side).collect();
    let right = graph.substitute_all(&right, &values);
    let start: Vec<Expr> = equations.states.iter().map(|s| s.initial).collect();
    let start = graph.substitute_all(&start, &values);
    let mut names = HashMap::new();
    let mut seeds = Vec::new();
    for (i, state) in equations.states.iter().enumerate() {
        names.insert(state.id.clone(), format!("x[{i}]"));
        names.insert(format!("direction {i}"), format!("v[{i}]"));
        let direction = graph.symbol(&format!("direction {i}"));
        seeds.push((Variable::Symbol(graph.intern(&state.id)), direction));
    }
    let along = graph.derivatives_along(&right, &seeds);
    let ids: Vec<&str> = equations.states.iter().map(|s| s.id.as_str()).collect();
    let arguments = "x: &[f64], _p: &[f64], t: f64";
    format!(
        "#[allow(unused_variables, unused_parens, clippy::all)]\nmod {name} {{\npub const STATES: [&str; {}] = {ids:?};\n\
         pub fn start(y: &mut [f64]) {{\nlet t = 0.0_f64;\n{}}}\n\
         pub fn rhs({arguments}, y: &mut [f64]) {{\n{bounds}{}}}\n\
         pub fn jv({arguments}, v: &[f64], y: &mut [f64]) {{\n{bounds}let v = &v[..{n}];\n{}}}\n}}\n",
        ids.len(),
        body(&graph, &start, &names),
        body(&graph, &right, &names),
        body(&graph, &along, &names),
        n = ids.len(),
        bounds = format!("let (x, y) = (&x[..{n}], &mut y[..{n}]);\n", n = ids.len()),
    )
}

/// Statements that put the expressions into `y`: one for each node, operands first.
fn body(graph: &Graph, expressions: &[Expr], names: &HashMap<String, String>) -> String {
    let mut needed = BTreeSet::new();
    let mut stack = expressions.to_vec();
    while let Some(e) = stack.pop() {
        if needed.insert(e) {
            stack.extend(graph.node(e).children());
        }
    }
    let mut out = String::new();
    let mut known: HashMap<Expr, String> = HashMap::new();
    // operands have smaller handles than what is made of them
    for e in needed {
        let text = match graph.node(e) {
            Node::Number(bits) => {
                let value = f64::from_bits(*bits);
                assert!(value.is_finite(), "a constant is {value}");
                format!("({value:?}_f64)")
            }
            Node::Symbol(symbol) => names[graph.name(*symbol)].clone(),
            Node::Time => "t".to_string(),
            node => {
                let operands: Vec<&str> = node.children().map(|c| known[&c].as_str()).collect();
                let _ = writeln!(out, "let n{} = {};", known.len(), formula(node, &operands));
                format!("n{}", known.len())
            }
        };
        known.insert(e, text);
    }
    for (i, e) in expressions.iter().enumerate() {
        let _ = writeln!(out, "y[{i}] = {};", known[e]);
    }
    out
}

/// A node in Rust.
fn formula(node: &Node, operands: &[&str]) -> String {
    let first = operands[0];
    match node {
        Node::Sum(_) => operands.join(" + "),
        Node::Product(_) if first == "(-1.0_f64)" => format!("-({})", operands[1..].join(" * ")),
        Node::Product(_) => operands.join(" * "),
        Node::Divide(..) => format!("{first} / {}", operands[1]),
        Node::Call(Function::Pow, _) => {
            let exponent = operands[1];
            let whole = exponent
                .trim_matches(['(', ')'])
                .trim_end_matches("_f64")
                .parse::<f64>();
            match whole {
                Ok(n) if n.fract() == 0.0 && n.abs() <= 16.0 => format!("{first}.powi({n:.0})"),
                _ => format!("{first}.powf({exponent})"),
            }
        }
        Node::Call(Function::Exp, _) => format!("{first}.exp()"),
        Node::Call(Function::Ln, _) => format!("{first}.ln()"),
        Node::Call(Function::Sqrt, _) => format!("{first}.sqrt()"),
        Node::Call(Function::Sin, _) => format!("{first}.sin()"),
        Node::Call(Function::Cos, _) => format!("{first}.cos()"),
        Node::Call(Function::Tanh, _) => format!("{first}.tanh()"),
        Node::Call(Function::Sigmoid, _) => format!("1.0 / (1.0 + (-{first}).exp())"),
        Node::Call(function, _) => {
            let path = "holobiont::expr";
            format!(
                "{path}::functions::apply({path}::Function::{function:?}, &[{}])",
                operands.join(", ")
            )
        }
        other => panic!("no source for {other:?}"),
    }
}
