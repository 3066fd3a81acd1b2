//! Outputs and formulas: values, derivatives, and what a user is told when one is wrong.
use approx::assert_relative_eq;
use holobiont::{
    compile::{CompileError, Formulas, Outputs, Point, System},
    expr::{Graph, functions},
    network::{
        Equations, InputEquation, InputKind, ObservableEquation, ParameterEquation, StateEquation,
    },
};

fn equations() -> Equations {
    let mut graph = Graph::new();
    let mut read = |text: &str| graph.parse(text).expect("a formula");
    let state = |id: &str, initial, right_hand_side| StateEquation {
        id: id.into(),
        unit: Some("mmol/L".into()),
        initial,
        right_hand_side,
        mass: 1.0,
        nonnegative: true,
    };
    let states = vec![
        state("acetate", read("2"), read("fibre - k*acetate")),
        state("butyrate", read("start"), read("k*acetate - butyrate")),
    ];
    let observables = vec![ObservableEquation {
        id: "scfa".into(),
        expression: read("acetate + butyrate"),
        unit: Some("mmol/L".into()),
    }];
    let parameter = |id: &str, value| ParameterEquation {
        id: id.into(),
        value,
        unit: None,
    };
    Equations {
        id: "pair".into(),
        time_unit: None,
        graph,
        states,
        parameters: vec![parameter("k", 0.5), parameter("start", 1.0)],
        inputs: vec![InputEquation {
            id: "fibre".into(),
            kind: InputKind::Linear,
            unit: None,
            knots: vec![(0.0, 1.0)],
        }],
        observables,
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    }
}

fn outputs(formulas: &[(&str, &str)], placeholders: &[&str]) -> Result<Outputs, CompileError> {
    let system = System::compile(&equations()).expect("compiles");
    let formulas: Vec<(String, String)> = formulas
        .iter()
        .map(|(id, text)| (id.to_string(), text.to_string()))
        .collect();
    let placeholders: Vec<String> = placeholders.iter().map(|id| id.to_string()).collect();
    system.outputs(&formulas, &placeholders)
}

const REGISTERS: [f64; 7] = [0.5, 1.0, 3.0, 0.4, -0.1, 0.02, 1.0];

fn point<'a>(states: &'a [f64], registers: &'a [f64], placeholders: &'a [f64]) -> Point<'a> {
    Point {
        time: 3.0,
        states,
        registers,
        placeholders,
    }
}

#[test]
fn observables_of_the_network_can_be_read_in_formulas() {
    let outputs = outputs(&[("log_total", "log10(scfa * gain)")], &["gain"]).expect("compiles");
    let mut value = [0.0];
    outputs.evaluate(&point(&[6.0, 4.0], &REGISTERS, &[10.0]), &[0], &mut value);
    assert_relative_eq!(value[0], 2.0);
}

#[test]
fn selected_formulas_come_in_the_order_asked_for() {
    let outputs =
        outputs(&[("a", "acetate"), ("b", "butyrate"), ("t", "time")], &[]).expect("compiles");
    let mut values = [0.0; 4];
    outputs.evaluate(
        &point(&[6.0, 4.0], &REGISTERS, &[]),
        &[2, 0, 7, 1],
        &mut values,
    );
    assert_eq!((values[0], values[1], values[3]), (3.0, 6.0, 4.0));
    assert!(values[2].is_nan(), "there is no eighth formula");
}

#[test]
fn derivatives_of_outputs_equal_differences() {
    let formulas = [
        (
            "y",
            "scale * scfa^1.5 / (k + acetate) + piecewise(fibre*k, acetate > 2, ln(-1)) + offset",
        ),
        ("sigma", "noise * butyrate + start"),
    ];
    let outputs = outputs(&formulas, &["scale", "offset", "noise"]).expect("compiles");
    let numbers = [[6.0, 4.0].as_slice(), &REGISTERS, &[1.3, 0.2, 0.1]];
    let which = [1, 0];
    let (mut values, mut states) = ([0.0; 2], [f64::NAN; 4]);
    let (mut registers, mut placeholders) = ([f64::NAN; 14], [f64::NAN; 6]);
    outputs.differentiate(
        &point(numbers[0], numbers[1], numbers[2]),
        &which,
        &mut values,
        &mut states,
        &mut registers,
        &mut placeholders,
    );
    let mut again = [0.0; 2];
    outputs.evaluate(
        &point(numbers[0], numbers[1], numbers[2]),
        &which,
        &mut again,
    );
    assert_eq!(values, again);
    let blocks: [&[f64]; 3] = [&states, &registers, &placeholders];
    for (block, derivatives) in blocks.iter().enumerate() {
        let width = numbers[block].len();
        for column in 0..width {
            let shifted = |step: f64| {
                let mut moved = numbers.map(<[f64]>::to_vec);
                moved[block][column] += step;
                let mut values = [0.0; 2];
                outputs.evaluate(&point(&moved[0], &moved[1], &moved[2]), &which, &mut values);
                values
            };
            let (above, below) = (shifted(1e-6), shifted(-1e-6));
            for row in 0..2 {
                let difference = (above[row] - below[row]) / 2e-6;
                // central differences: rounding of about 1e-16/1e-6
                assert_relative_eq!(
                    derivatives[row * width + column],
                    difference,
                    max_relative = 1e-7,
                    epsilon = 1e-8
                );
            }
        }
    }
}

#[test]
fn a_system_offers_its_own_observables() {
    let system = System::compile(&equations()).expect("compiles");
    assert_eq!(system.observables().ids(), ["scfa"]);
    assert_eq!(system.observable_index("scfa"), Some(0));
    assert_eq!(system.unit_of("scfa"), Some("mmol/L"));
    assert_eq!(system.register_count(), 7);
}

#[test]
fn an_unknown_id_names_the_formula_and_what_was_meant() {
    let error = outputs(&[("load", "acetate + butyrat")], &[]).expect_err("butyrat is unknown");
    assert_eq!(
        error.to_string(),
        "formula `load`: unknown id `butyrat`; did you mean `butyrate`?"
    );
    let error = outputs(&[("load", "scfa * gian")], &["gain"]).expect_err("gian is unknown");
    assert!(error.to_string().contains("`gain`"), "{error}");
}

#[test]
fn a_formula_that_cannot_be_read_names_its_column() {
    let error = outputs(&[("load", "acetate + * 2")], &[]).expect_err("two operators");
    assert!(
        error.to_string().starts_with("formula `load`: column 11"),
        "{error}"
    );
}

#[test]
fn a_placeholder_cannot_hide_a_quantity() {
    for id in ["acetate", "k", "fibre", "scfa"] {
        let error = outputs(&[("y", "acetate")], &[id]).expect_err("the id is taken");
        assert!(
            matches!(&error, CompileError::DuplicateId { id: found, .. } if found == id),
            "{error}"
        );
    }
}

#[test]
fn formulas_of_named_numbers_have_derivatives() {
    let text = ["exp(a) * b", "piecewise(a, a < b, b^2)", "3"].map(String::from);
    let formulas = Formulas::compile(&text, &["a".into(), "b".into()]).expect("compiles");
    let (mut values, mut jacobian) = ([0.0; 3], [f64::NAN; 6]);
    formulas.differentiate(&[1.0, 0.5], &mut values, &mut jacobian);
    // the crate's own exponential: the standard library's may differ in the last bit
    let e = functions::exp(1.0);
    assert_eq!(values, [0.5 * e, 0.25, 3.0]);
    assert_eq!(jacobian, [0.5 * e, e, 0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn formulas_refuse_time_unknown_names_and_doubles() {
    let compile = |text: &str, inputs: &[&str]| {
        let inputs: Vec<String> = inputs.iter().map(|id| id.to_string()).collect();
        Formulas::compile(&[text.to_string()], &inputs).expect_err("refused")
    };
    assert!(matches!(
        compile("a * time", &["a"]),
        CompileError::TimeInFormula { .. }
    ));
    assert!(matches!(
        compile("a + c", &["a"]),
        CompileError::UnknownId { .. }
    ));
    assert!(matches!(
        compile("a", &["a", "a"]),
        CompileError::DuplicateId { .. }
    ));
}
