//! The expressions of the PEtab v2 test suite, through the parser and the reference evaluator.
use holobiont::expr::Graph;
use std::path::PathBuf;

#[derive(serde::Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    expression: serde_yaml_ng::Value,
    expected: serde_yaml_ng::Value,
}

fn text(value: &serde_yaml_ng::Value) -> String {
    match value {
        serde_yaml_ng::Value::String(text) => text.clone(),
        serde_yaml_ng::Value::Number(number) => number.to_string(),
        serde_yaml_ng::Value::Bool(truth) => truth.to_string(),
        other => panic!("an expression is text, not {other:?}"),
    }
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn all_expressions_of_the_petab_suite_have_their_expected_values() {
    let shared = PathBuf::from(
        std::env::var("HOLOBIONT_SHARED")
            .expect("HOLOBIONT_SHARED names the folder of shared suites"),
    );
    let path = shared.join("suites/petab-test-suite/v2/math/math_tests.yaml");
    let file = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let suite: Suite = serde_yaml_ng::from_str(&file).unwrap();
    let mut checked = 0;
    for case in &suite.cases {
        let mut graph = Graph::new();
        let (expression, expected) = (
            text(&case.expression),
            text(&case.expected).replace(".inf", "inf"),
        );
        let read = graph
            .parse(&expression)
            .unwrap_or_else(|error| panic!("{expression}: {error}"));
        let wanted = graph
            .parse(&expected)
            .unwrap_or_else(|error| panic!("{expected}: {error}"));
        match graph.as_number(wanted) {
            Some(wanted) => {
                let value = graph.evaluate(read, &|_| None, 0.0).unwrap();
                // the suite prints as few as 15 digits
                assert!(
                    value == wanted || (value - wanted).abs() <= 1e-14 * wanted.abs(),
                    "{expression}: {value}, not {wanted}"
                );
            }
            None => assert_eq!(read, wanted, "{expression}"),
        }
        checked += 1;
    }
    assert_eq!(checked, 98, "the suite has 98 cases");
}
