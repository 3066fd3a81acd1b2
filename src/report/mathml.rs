//! Equations as MathML, which browsers show without help.
use super::model::escape;
use crate::{
    expr::{Compare, Expr, Function, Graph, Node},
    network::Equations,
};

/// Invisible times, with a thin space for the eye.
const TIMES: &str = "<mo>&#x2062;</mo><mspace width=\"0.15em\"/>";

/// One `<math>` element per state and observable.
pub(super) fn equations(equations: &Equations) -> Vec<String> {
    let graph = &equations.graph;
    let line = |left: String, right: Expr| {
        format!(
            "<math display=\"block\"><mrow>{left}<mo>=</mo>{}</mrow></math>",
            write(graph, right, 0)
        )
    };
    let states = equations.states.iter().map(|s| {
        let left = if s.mass == 0.0 {
            "<mn>0</mn>".to_owned()
        } else {
            format!("<mfrac><mrow><mi mathvariant=\"normal\">d</mi>{}</mrow><mrow><mi mathvariant=\"normal\">d</mi><mi>t</mi></mrow></mfrac>", name(&s.id))
        };
        line(left, s.right_hand_side)
    });
    let observables = equations
        .observables
        .iter()
        .map(|o| line(name(&o.id), o.expression));
    states.chain(observables).collect()
}

/// An id: the part behind the first underscore is a subscript, Greek letters by name.
fn name(id: &str) -> String {
    let identifier = |text: &str| match greek(text) {
        Some(letter) => format!("<mi>{letter}</mi>"),
        None if text.chars().count() == 1 => format!("<mi>{}</mi>", escape(text)),
        None => format!("<mi mathvariant=\"normal\">{}</mi>", escape(text)),
    };
    match id.split_once('_') {
        Some((head, tail)) if !head.is_empty() && head.len() <= 5 && !tail.is_empty() => {
            let tail = tail.replace('_', " ");
            format!(
                "<msub>{}<mtext>{}</mtext></msub>",
                identifier(head),
                escape(&tail)
            )
        }
        _ => identifier(&id.replace('_', " ")),
    }
}

fn greek(text: &str) -> Option<char> {
    const LETTERS: [(&str, char); 16] = [
        ("alpha", 'α'),
        ("beta", 'β'),
        ("gamma", 'γ'),
        ("delta", 'δ'),
        ("epsilon", 'ε'),
        ("eta", 'η'),
        ("theta", 'θ'),
        ("kappa", 'κ'),
        ("lambda", 'λ'),
        ("mu", 'μ'),
        ("nu", 'ν'),
        ("rho", 'ρ'),
        ("sigma", 'σ'),
        ("tau", 'τ'),
        ("phi", 'φ'),
        ("omega", 'ω'),
    ];
    LETTERS.iter().find(|l| l.0 == text).map(|l| l.1)
}

/// Binding of an operator: 1 sum, 2 product, 3 power, 4 what never needs brackets.
fn write(graph: &Graph, e: Expr, least: u8) -> String {
    let (text, binding) = node(graph, e);
    if binding < least {
        format!("<mrow><mo>(</mo>{text}<mo>)</mo></mrow>")
    } else {
        format!("<mrow>{text}</mrow>")
    }
}

fn number(value: f64) -> (String, u8) {
    let text = format!("{value:?}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text.split_once('e') {
        Some((digits, power)) => {
            let power = power.replace('-', "−");
            (
                format!(
                    "<mn>{}</mn><mo>·</mo><msup><mn>10</mn><mn>{power}</mn></msup>",
                    digits.replace('-', "−")
                ),
                2,
            )
        }
        None => (
            format!("<mn>{}</mn>", text.replace('-', "−")),
            if value < 0.0 { 1 } else { 4 },
        ),
    }
}

/// The absolute term when it is subtracted.
fn negated(graph: &Graph, e: Expr) -> Option<String> {
    match graph.node(e) {
        Node::Number(bits) if f64::from_bits(*bits) < 0.0 => Some(number(-f64::from_bits(*bits)).0),
        Node::Product(factors) => {
            let at = factors
                .iter()
                .position(|f| graph.as_number(*f).is_some_and(|v| v < 0.0))?;
            let value = -graph.as_number(factors[at])?;
            let mut parts: Vec<String> = if value == 1.0 {
                Vec::new()
            } else {
                vec![number(value).0]
            };
            parts.extend(
                factors
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| *i != at)
                    .map(|(_, f)| write(graph, *f, 2)),
            );
            Some(parts.join(TIMES))
        }
        Node::Divide(a, b) => Some(format!(
            "<mfrac><mrow>{}</mrow>{}</mfrac>",
            negated(graph, *a)?,
            write(graph, *b, 0)
        )),
        _ => None,
    }
}

fn node(graph: &Graph, e: Expr) -> (String, u8) {
    let join = |parts: &[Expr], sign: &str, least: u8| {
        parts
            .iter()
            .map(|p| write(graph, *p, least))
            .collect::<Vec<_>>()
            .join(&format!("<mo>{sign}</mo>"))
    };
    match graph.node(e) {
        Node::Number(bits) => number(f64::from_bits(*bits)),
        Node::Symbol(symbol) => (name(graph.name(*symbol)), 4),
        Node::Time => ("<mi>t</mi>".to_owned(), 4),
        Node::Sum(terms) => {
            // what is added comes first
            let (minus, plus): (Vec<Expr>, Vec<Expr>) =
                terms.iter().partition(|t| negated(graph, **t).is_some());
            let mut text = join(&plus, "+", 1);
            for term in minus {
                text.push_str(&format!(
                    "<mo>−</mo><mrow>{}</mrow>",
                    negated(graph, term).unwrap_or_default()
                ));
            }
            (text, 1)
        }
        Node::Product(factors) => match negated(graph, e) {
            Some(text) => (format!("<mo>−</mo><mrow>{text}</mrow>"), 1),
            None => {
                let factors: Vec<String> = factors.iter().map(|f| write(graph, *f, 2)).collect();
                (factors.join(TIMES), 2)
            }
        },
        Node::Divide(a, b) => (
            format!(
                "<mfrac>{}{}</mfrac>",
                write(graph, *a, 0),
                write(graph, *b, 0)
            ),
            2,
        ),
        Node::Call(Function::Pow, a) => (
            format!(
                "<msup>{}{}</msup>",
                write(graph, a[0], 4),
                write(graph, a[1], 0)
            ),
            3,
        ),
        Node::Call(Function::Sqrt, a) => (format!("<msqrt>{}</msqrt>", write(graph, a[0], 0)), 4),
        Node::Call(Function::Exp, a) => (
            format!(
                "<msup><mi mathvariant=\"normal\">e</mi>{}</msup>",
                write(graph, a[0], 0)
            ),
            3,
        ),
        Node::Call(Function::Abs, a) => {
            (format!("<mo>|</mo>{}<mo>|</mo>", write(graph, a[0], 0)), 4)
        }
        Node::Call(Function::Hill, a) => {
            let power = |base: Expr| {
                format!(
                    "<msup>{}{}</msup>",
                    write(graph, base, 4),
                    write(graph, a[2], 0)
                )
            };
            (
                format!(
                    "<mfrac>{}<mrow>{}<mo>+</mo>{}</mrow></mfrac>",
                    power(a[0]),
                    power(a[1]),
                    power(a[0])
                ),
                2,
            )
        }
        Node::Call(function, a) => {
            let called = format!("{function:?}").to_lowercase();
            (
                format!(
                    "<mi mathvariant=\"normal\">{called}</mi><mo>(</mo>{}<mo>)</mo>",
                    join(a, ",", 0)
                ),
                4,
            )
        }
        Node::User(symbol, a) => (
            format!(
                "{}<mo>(</mo>{}<mo>)</mo>",
                name(graph.name(*symbol)),
                join(a, ",", 0)
            ),
            4,
        ),
        Node::Compare(relation, a, b) => {
            let sign = match relation {
                Compare::Less => "&lt;",
                Compare::LessEqual => "≤",
                Compare::Greater => "&gt;",
                Compare::GreaterEqual => "≥",
                Compare::Equal => "=",
                Compare::NotEqual => "≠",
            };
            (
                format!(
                    "{}<mo>{sign}</mo>{}",
                    write(graph, *a, 1),
                    write(graph, *b, 1)
                ),
                0,
            )
        }
        Node::And(terms) => (join(terms, "∧", 4), 0),
        Node::Or(terms) => (join(terms, "∨", 4), 0),
        Node::Not(a) => (format!("<mo>¬</mo>{}", write(graph, *a, 4)), 3),
        Node::Select(condition, then, otherwise) => {
            let row = |value: String, when: String| {
                format!("<mtr><mtd>{value}</mtd><mtd><mtext>{when}</mtext></mtd></mtr>")
            };
            let first = format!(
                "<mtr><mtd>{}</mtd><mtd><mtext>if </mtext>{}</mtd></mtr>",
                write(graph, *then, 0),
                write(graph, *condition, 0)
            );
            let second = row(write(graph, *otherwise, 0), "otherwise".to_owned());
            (
                format!("<mo>{{</mo><mtable columnalign=\"left\">{first}{second}</mtable>"),
                4,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mathml(text: &str) -> String {
        let mut graph = Graph::new();
        let e = graph.parse(text).unwrap();
        write(&graph, e, 0)
    }

    #[test]
    fn subtraction_is_shown_as_such() {
        let shown = mathml("a - 2*b");
        assert!(
            shown.contains("<mo>−</mo>") && !shown.contains("<mn>−2</mn>"),
            "{shown}"
        );
    }

    #[test]
    fn sums_in_products_get_brackets() {
        assert!(mathml("a*(b + c)").contains("<mo>(</mo>"));
        assert!(!mathml("a*b + c").contains("<mo>(</mo>"));
    }
}
