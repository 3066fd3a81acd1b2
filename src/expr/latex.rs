//! Expressions as LaTeX, for people to read.
use super::function::Function;
use super::graph::Graph;
use super::language::RATE_OF;
use super::node::{Compare, Expr, Node};
use super::text::{Binding, Signed};
use crate::units::number_text;

const GREEK: [&str; 23] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega",
];
const GREEK_CAPITALS: [&str; 11] = [
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
];

/// Characters of the longest formula that is written out: shared parts are written wherever they occur, which may double
/// the text with every level.
const LONGEST: usize = 100_000;

/// An id as LaTeX: Greek letters by name, the part behind the first underscore (or trailing digits) as subscript.
///
/// ```
/// use holobiont::expr::latex_name;
/// assert_eq!(latex_name("mu_max"), r"\mu_{\mathrm{max}}");
/// assert_eq!(latex_name("X2"), "X_{2}");
/// ```
pub fn latex_name(id: &str) -> String {
    let mut parts = id.split('_').filter(|part| !part.is_empty());
    let Some(head) = parts.next() else {
        return id.replace('_', r"\_");
    };
    let letters = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let (base, digits) = if letters.is_empty() {
        (head, "")
    } else {
        head.split_at(letters.len())
    };
    let mut subscripts: Vec<String> = Vec::new();
    if !digits.is_empty() {
        subscripts.push(digits.to_owned());
    }
    subscripts.extend(parts.map(word));
    let base = word(base);
    if subscripts.is_empty() {
        base
    } else {
        format!("{base}_{{{}}}", subscripts.join(","))
    }
}

fn word(text: &str) -> String {
    if GREEK.contains(&text) || GREEK_CAPITALS.contains(&text) {
        format!(r"\{text}")
    } else if text.chars().count() == 1 || text.chars().all(|c| c.is_ascii_digit()) {
        text.to_owned()
    } else {
        format!(r"\mathrm{{{text}}}")
    }
}

fn number(value: f64) -> String {
    if value.is_nan() {
        return r"\mathrm{NaN}".into();
    }
    let text = number_text(value).replace("inf", r"\infty");
    match text.split_once('e') {
        Some(("1", exponent)) => format!("10^{{{exponent}}}"),
        Some(("-1", exponent)) => format!("-10^{{{exponent}}}"),
        Some((digits, exponent)) => format!(r"{digits} \times 10^{{{exponent}}}"),
        None => text,
    }
}

enum Piece {
    Text(String),
    Expr(Expr, Binding),
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

impl Graph {
    /// LaTeX (without dollar signs), for reading, not for parsing; what is longer than any page is cut with `\ldots`.
    ///
    /// ```
    /// let mut graph = holobiont::expr::Graph::new();
    /// let e = graph.parse("mu_max * X * S / (K_S + S)")?;
    /// assert_eq!(graph.latex(e), r"\frac{S\,X\,\mu_{\mathrm{max}}}{K_{S} + S}");
    /// # Ok::<(), holobiont::expr::ParseError>(())
    /// ```
    pub fn latex(&self, e: Expr) -> String {
        let mut out = String::new();
        let mut todo = vec![Piece::Expr(e, Binding::Logical)];
        while let Some(piece) = todo.pop() {
            if out.len() > LONGEST {
                out.push_str(r"\ldots");
                break;
            }
            match piece {
                Piece::Text(text) => out.push_str(&text),
                Piece::Expr(e, least) => {
                    let mut pieces = Vec::new();
                    if self.latex_pieces(e, &mut pieces) < least {
                        out.push_str(r"\left(");
                        todo.push(text(r"\right)"));
                    }
                    todo.extend(pieces.into_iter().rev());
                }
            }
        }
        out
    }

    fn latex_pieces(&self, e: Expr, pieces: &mut Vec<Piece>) -> Binding {
        match self.node(e) {
            Node::Number(bits) => {
                let value = f64::from_bits(*bits);
                let number = number(value);
                let binding = match (value < 0.0, number.contains('^')) {
                    (true, _) => Binding::Sign,
                    (false, true) => Binding::Product,
                    (false, false) => Binding::Primary,
                };
                pieces.push(Piece::Text(number));
                binding
            }
            Node::Symbol(symbol) => {
                pieces.push(Piece::Text(latex_name(self.name(*symbol))));
                Binding::Primary
            }
            Node::Time => {
                pieces.push(text("t"));
                Binding::Primary
            }
            Node::Sum(terms) => {
                for (i, term) in self.signed_terms(terms).into_iter().enumerate() {
                    if i > 0 {
                        pieces.push(text(if term.negative { " - " } else { " + " }));
                    }
                    self.latex_term(term, i == 0, pieces);
                }
                Binding::Sum
            }
            Node::Product(factors) => {
                self.latex_term(self.signed_product(factors), true, pieces);
                Binding::Product
            }
            Node::Divide(a, b) => {
                if let Some((argument, base)) = self.as_logarithm(*a, *b) {
                    pieces.push(Piece::Text(format!(r"\log_{{{base}}} ")));
                    pieces.push(Piece::Expr(argument, Binding::Power));
                    return Binding::Not;
                }
                around(pieces, r"\frac{", *a, "}{");
                around(pieces, "", *b, "}");
                Binding::Product
            }
            Node::Call(function, arguments) => self.latex_call(*function, arguments, pieces),
            Node::User(name, arguments) if self.name(*name) == RATE_OF && arguments.len() == 1 => {
                pieces.push(text(r"\frac{\mathrm{d}"));
                pieces.push(Piece::Expr(arguments[0], Binding::Primary));
                pieces.push(text(r"}{\mathrm{d}t}"));
                Binding::Not
            }
            Node::User(name, arguments) => {
                pieces.push(Piece::Text(latex_name(self.name(*name))));
                bracketed_list(arguments, pieces);
                Binding::Primary
            }
            Node::Compare(relation, a, b) => {
                pieces.push(Piece::Expr(*a, Binding::Sum));
                pieces.push(text(match relation {
                    Compare::Less => " < ",
                    Compare::LessEqual => r" \le ",
                    Compare::Greater => " > ",
                    Compare::GreaterEqual => r" \ge ",
                    Compare::Equal => " = ",
                    Compare::NotEqual => r" \ne ",
                }));
                pieces.push(Piece::Expr(*b, Binding::Sum));
                Binding::Relation
            }
            Node::And(terms) | Node::Or(terms) => {
                let sign = if let Node::And(_) = self.node(e) {
                    r" \land "
                } else {
                    r" \lor "
                };
                for (i, &term) in terms.iter().enumerate() {
                    if i > 0 {
                        pieces.push(text(sign));
                    }
                    pieces.push(Piece::Expr(term, Binding::Relation));
                }
                Binding::Logical
            }
            Node::Not(a) => {
                pieces.push(text(r"\lnot "));
                pieces.push(Piece::Expr(*a, Binding::Not));
                Binding::Not
            }
            Node::Select(..) => {
                pieces.push(text(r"\begin{cases} "));
                let mut rest = e;
                while let Node::Select(condition, then, otherwise) = self.node(rest) {
                    around(pieces, "", *then, r" & \text{if } ");
                    around(pieces, "", *condition, r" \\ ");
                    rest = *otherwise;
                }
                around(pieces, "", rest, r" & \text{otherwise} \end{cases}");
                Binding::Primary
            }
        }
    }

    fn latex_term(&self, term: Signed, first: bool, pieces: &mut Vec<Piece>) {
        if first && term.negative {
            pieces.push(text("-"));
        }
        if let Some(coefficient) = term.coefficient {
            pieces.push(Piece::Text(number(coefficient)));
        }
        for (i, &factor) in term.factors.iter().enumerate() {
            if i > 0 || term.coefficient.is_some() {
                pieces.push(text(if self.starts_with_digit(factor) {
                    r" \cdot "
                } else {
                    r"\,"
                }));
            }
            let fraction = matches!(self.node(factor), Node::Divide(..));
            pieces.push(Piece::Expr(
                factor,
                if fraction {
                    Binding::Product
                } else {
                    Binding::Not
                },
            ));
        }
    }

    fn starts_with_digit(&self, e: Expr) -> bool {
        match self.node(e) {
            Node::Call(Function::Pow, arguments) => self.as_number(arguments[0]).is_some(),
            node => matches!(node, Node::Number(_)),
        }
    }

    fn latex_call(
        &self,
        function: Function,
        arguments: &[Expr],
        pieces: &mut Vec<Piece>,
    ) -> Binding {
        let a = arguments[0];
        match function {
            Function::Exp => around(pieces, "e^{", a, "}"),
            Function::Sqrt => around(pieces, r"\sqrt{", a, "}"),
            Function::Abs => around(pieces, r"\left|", a, r"\right|"),
            Function::Floor => around(pieces, r"\left\lfloor ", a, r"\right\rfloor"),
            Function::Ceil => around(pieces, r"\left\lceil ", a, r"\right\rceil"),
            Function::Factorial => {
                pieces.push(Piece::Expr(a, Binding::Primary));
                pieces.push(text("!"));
            }
            Function::Pow => {
                power(pieces, a, arguments[1]);
                return Binding::Power;
            }
            Function::Hill => {
                let (x, k, n) = (a, arguments[1], arguments[2]);
                if self.as_number(n) == Some(1.0) {
                    around(pieces, r"\frac{", x, "}{");
                    around(pieces, "", k, " + ");
                    around(pieces, "", x, "}");
                } else {
                    pieces.push(text(r"\frac{"));
                    power(pieces, x, n);
                    pieces.push(text("}{"));
                    power(pieces, k, n);
                    pieces.push(text(" + "));
                    power(pieces, x, n);
                    pieces.push(text("}"));
                }
                return Binding::Product;
            }
            Function::XLogY => {
                pieces.push(Piece::Expr(a, Binding::Not));
                pieces.push(text(r"\,\ln "));
                pieces.push(Piece::Expr(arguments[1], Binding::Power));
                return Binding::Product;
            }
            Function::ScaledPow => {
                pieces.push(Piece::Expr(a, Binding::Not));
                pieces.push(text(r"\,"));
                power(pieces, arguments[1], arguments[2]);
                return Binding::Product;
            }
            Function::Polygamma => {
                around(pieces, r"\psi^{(", a, r")}");
                bracketed_list(&arguments[1..], pieces);
            }
            _ => {
                let plain = [
                    "ln", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
                    "tanh", "min", "max",
                ];
                let name = function.name();
                pieces.push(match function {
                    Function::Sigmoid => text(r"\sigma"),
                    _ if plain.contains(&name) => Piece::Text(format!(r"\{name}")),
                    _ => Piece::Text(format!(r"\operatorname{{{}}}", name.replace('_', r"\_"))),
                });
                bracketed_list(arguments, pieces);
            }
        }
        Binding::Primary
    }
}

fn around(pieces: &mut Vec<Piece>, before: &str, e: Expr, after: &str) {
    pieces.push(text(before));
    pieces.push(Piece::Expr(e, Binding::Logical));
    pieces.push(text(after));
}

fn power(pieces: &mut Vec<Piece>, base: Expr, exponent: Expr) {
    pieces.push(Piece::Expr(base, Binding::Primary));
    around(pieces, "^{", exponent, "}");
}

fn bracketed_list(list: &[Expr], pieces: &mut Vec<Piece>) {
    pieces.push(text(r"\left("));
    for (i, &e) in list.iter().enumerate() {
        if i > 0 {
            pieces.push(text(", "));
        }
        pieces.push(Piece::Expr(e, Binding::Logical));
    }
    pieces.push(text(r"\right)"));
}
