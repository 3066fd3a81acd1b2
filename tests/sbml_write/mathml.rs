//! Formulas as MathML.
use super::support::{VERSIONS, written};
use holobiont::exchange::sbml::Version;
use holobiont::network::{Network, Observable, Parameter};

/// The MathML of one formula of `x`, `y` and `z`, without blanks between elements.
fn mathml(formula: &str, version: Version) -> String {
    let mut network = Network::new("one");
    for id in ["x", "y", "z"] {
        network.parameter(id, Parameter::new(1.0));
    }
    network
        .observable("value", Observable::new(formula))
        .unwrap();
    let text = written(&network, version);
    let start = text.find("<assignmentRule variable=\"value\">").unwrap();
    let text = &text[start..];
    let (start, end) = (
        text.find("MathML\">").unwrap() + 8,
        text.find("</math>").unwrap(),
    );
    text[start..end].lines().map(str::trim).collect()
}

#[test]
fn functions_have_their_elements() {
    let one = |name: &str| format!("<apply><{name}/><ci>x</ci></apply>");
    let two = |name: &str| format!("<apply><{name}/><ci>x</ci><ci>y</ci></apply>");
    let call = |name: &str, n: usize| {
        let arguments: String = ["x", "y", "z"][..n]
            .iter()
            .map(|a| format!("<ci>{a}</ci>"))
            .collect();
        format!("<apply><ci>{name}</ci>{arguments}</apply>")
    };
    let both = [
        ("x + y", two("plus")),
        ("x - y", two("minus")),
        ("-x", one("minus")),
        ("x * y", two("times")),
        ("x / y", two("divide")),
        ("x ^ y", two("power")),
        ("exp(x)", one("exp")),
        ("ln(x)", one("ln")),
        ("sqrt(x)", one("root")),
        ("abs(x)", one("abs")),
        ("floor(x)", one("floor")),
        ("ceil(x)", one("ceiling")),
        ("factorial(x)", one("factorial")),
        ("sin(x)", one("sin")),
        ("cos(x)", one("cos")),
        ("tan(x)", one("tan")),
        ("arcsin(x)", one("arcsin")),
        ("arccos(x)", one("arccos")),
        ("arctan(x)", one("arctan")),
        ("sinh(x)", one("sinh")),
        ("cosh(x)", one("cosh")),
        ("tanh(x)", one("tanh")),
        ("arcsinh(x)", one("arcsinh")),
        ("arccosh(x)", one("arccosh")),
        ("arctanh(x)", one("arctanh")),
        ("sigmoid(x)", call("sigmoid_", 1)),
        ("log1p(x)", call("log1p_", 1)),
        ("expm1(x)", call("expm1_", 1)),
        ("sign(x)", call("sign_", 1)),
        ("xlogy(x, y)", call("xlogy_", 2)),
        ("hill(x, y, z)", call("hill_", 3)),
        ("1e-7", "<cn type=\"e-notation\">1<sep/>-7</cn>".to_string()),
        ("0.1", "<cn>0.1</cn>".to_string()),
    ];
    for version in VERSIONS {
        for (formula, wanted) in &both {
            assert_eq!(&mathml(formula, version), wanted, "{formula}");
        }
    }
    for name in ["min", "max", "quotient", "rem"] {
        let formula = format!("{name}(x, y)");
        assert_eq!(mathml(&formula, Version::L3V2), two(name));
        assert_eq!(
            mathml(&formula, Version::L3V1),
            call(&format!("{name}_"), 2)
        );
    }
}

#[test]
fn conditions_and_numbers_are_kept_apart() {
    let less = "<apply><lt/><ci>x</ci><ci>y</ci></apply>";
    let number = format!(
        "<piecewise><piece><cn>1</cn>{less}</piece><otherwise><cn>0</cn></otherwise></piecewise>"
    );
    assert_eq!(mathml("x < y", Version::L3V1), number);
    let not_zero = "<apply><neq/><ci>z</ci><cn>0</cn></apply>";
    let chosen = mathml("piecewise(x, z, y)", Version::L3V1);
    assert!(
        chosen.contains(&format!("<piece><ci>x</ci>{not_zero}</piece>")),
        "{chosen}"
    );
    let chain = mathml("piecewise(x, x < y, y, y < z, z)", Version::L3V2);
    assert_eq!(chain.matches("<piecewise>").count(), 1);
    assert_eq!(chain.matches("<piece>").count(), 2);
    let time = mathml("time", Version::L3V2);
    assert!(time.starts_with(
        "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\">"
    ));
}
