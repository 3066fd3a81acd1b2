//! The vocabulary of the maths language: its functions, how calls of them are built, and the words that are taken.
use super::function::Function;
use super::functions;
use super::graph::Graph;
use super::node::Expr;
use crate::units::did_you_mean;

/// Names that cannot be ids, in any mixture of cases.
pub(super) const RESERVED: [&str; 4] = ["inf", "nan", "true", "false"];

/// Whether a name is taken by the language and so cannot be the id of a quantity (`time`, `inf`, `nan`, `true`, `false`).
pub fn is_reserved(name: &str) -> bool {
    name == "time" || RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name))
}

/// Whether a name is an SBML SId: a letter or underscore, then letters, digits and underscores.
pub fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// How a function of the language is built from its arguments.
#[derive(Clone, Copy)]
pub(super) enum Builder {
    Call(Function),
    /// 1/f(x)
    Reciprocal(Function),
    /// f(1/x)
    OfReciprocal(Function),
    /// ln(x)/ln(base)
    Logarithm(f64),
    /// one argument: natural; two: the second is the base
    AnyLogarithm,
    /// at least one argument
    Fold(Function),
    Piecewise,
    Select,
    Monod,
    /// the derivative of a quantity by time, which the check of a network replaces
    RateOf,
}

/// The derivative of a quantity of a model by time, `rateOf(x)` (the csymbol `rateOf` of SBML): a call in the graph until
/// the network that owns it is checked.
pub const RATE_OF: &str = "rateOf";

const FUNCTIONS: [(&str, Builder); 66] = [
    ("exp", Builder::Call(Function::Exp)),
    ("ln", Builder::Call(Function::Ln)),
    ("log", Builder::AnyLogarithm),
    ("log10", Builder::Logarithm(10.0)),
    ("log2", Builder::Logarithm(2.0)),
    ("log1p", Builder::Call(Function::Log1p)),
    ("expm1", Builder::Call(Function::Expm1)),
    ("sqrt", Builder::Call(Function::Sqrt)),
    ("pow", Builder::Call(Function::Pow)),
    ("abs", Builder::Call(Function::Abs)),
    ("sign", Builder::Call(Function::Sign)),
    ("floor", Builder::Call(Function::Floor)),
    ("ceil", Builder::Call(Function::Ceil)),
    ("ceiling", Builder::Call(Function::Ceil)),
    ("factorial", Builder::Call(Function::Factorial)),
    ("quotient", Builder::Call(Function::Quotient)),
    ("rem", Builder::Call(Function::Remainder)),
    ("min", Builder::Fold(Function::Min)),
    ("max", Builder::Fold(Function::Max)),
    ("piecewise", Builder::Piecewise),
    ("select", Builder::Select),
    ("sigmoid", Builder::Call(Function::Sigmoid)),
    ("hill", Builder::Call(Function::Hill)),
    ("hill_slope", Builder::Call(Function::HillSlope)),
    ("hill_curvature", Builder::Call(Function::HillCurvature)),
    ("monod", Builder::Monod),
    ("xlogy", Builder::Call(Function::XLogY)),
    ("scaled_pow", Builder::Call(Function::ScaledPow)),
    ("polygamma", Builder::Call(Function::Polygamma)),
    ("sin", Builder::Call(Function::Sin)),
    ("cos", Builder::Call(Function::Cos)),
    ("tan", Builder::Call(Function::Tan)),
    ("sec", Builder::Reciprocal(Function::Cos)),
    ("csc", Builder::Reciprocal(Function::Sin)),
    ("cot", Builder::Reciprocal(Function::Tan)),
    ("arcsin", Builder::Call(Function::Asin)),
    ("arccos", Builder::Call(Function::Acos)),
    ("arctan", Builder::Call(Function::Atan)),
    ("arcsec", Builder::OfReciprocal(Function::Acos)),
    ("arccsc", Builder::OfReciprocal(Function::Asin)),
    ("arccot", Builder::OfReciprocal(Function::Atan)),
    ("asin", Builder::Call(Function::Asin)),
    ("acos", Builder::Call(Function::Acos)),
    ("atan", Builder::Call(Function::Atan)),
    ("asec", Builder::OfReciprocal(Function::Acos)),
    ("acsc", Builder::OfReciprocal(Function::Asin)),
    ("acot", Builder::OfReciprocal(Function::Atan)),
    ("sinh", Builder::Call(Function::Sinh)),
    ("cosh", Builder::Call(Function::Cosh)),
    ("tanh", Builder::Call(Function::Tanh)),
    ("sech", Builder::Reciprocal(Function::Cosh)),
    ("csch", Builder::Reciprocal(Function::Sinh)),
    ("coth", Builder::Reciprocal(Function::Tanh)),
    ("arcsinh", Builder::Call(Function::Asinh)),
    ("arccosh", Builder::Call(Function::Acosh)),
    ("arctanh", Builder::Call(Function::Atanh)),
    ("arcsech", Builder::OfReciprocal(Function::Acosh)),
    ("arccsch", Builder::OfReciprocal(Function::Asinh)),
    ("arccoth", Builder::OfReciprocal(Function::Atanh)),
    ("asinh", Builder::Call(Function::Asinh)),
    ("acosh", Builder::Call(Function::Acosh)),
    ("atanh", Builder::Call(Function::Atanh)),
    ("asech", Builder::OfReciprocal(Function::Acosh)),
    ("acsch", Builder::OfReciprocal(Function::Asinh)),
    ("acoth", Builder::OfReciprocal(Function::Atanh)),
    (RATE_OF, Builder::RateOf),
];

/// The names of all functions of the language; a user function must not bear one of them.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// How the function of this name is built, if the language has it.
pub(super) fn builder(name: &str) -> Option<Builder> {
    FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, builder)| *builder)
}

impl Builder {
    /// Fewest and most arguments, and how to write the call.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Builder::Call(function) => (function.arity(), function.arity()),
            Builder::Reciprocal(_)
            | Builder::OfReciprocal(_)
            | Builder::Logarithm(_)
            | Builder::RateOf => (1, 1),
            Builder::AnyLogarithm => (1, 2),
            Builder::Fold(_) => (1, usize::MAX),
            Builder::Piecewise => (1, usize::MAX),
            Builder::Select => (3, 3),
            Builder::Monod => (2, 2),
        }
    }

    pub(super) fn build(self, graph: &mut Graph, arguments: &[Expr]) -> Expr {
        let one = graph.number(1.0);
        match self {
            Builder::Call(function) => graph.call(function, arguments),
            Builder::Reciprocal(function) => {
                let call = graph.call(function, arguments);
                graph.div(one, call)
            }
            Builder::OfReciprocal(function) => {
                let reciprocal = graph.div(one, arguments[0]);
                graph.call(function, &[reciprocal])
            }
            Builder::Logarithm(base) => graph.logarithm(arguments[0], base),
            Builder::AnyLogarithm => match arguments.get(1) {
                None => graph.call(Function::Ln, arguments),
                Some(base) => match graph.as_number(*base) {
                    Some(base) => graph.logarithm(arguments[0], base),
                    None => {
                        let (above, below) = (
                            graph.call(Function::Ln, &[arguments[0]]),
                            graph.call(Function::Ln, &[*base]),
                        );
                        graph.div(above, below)
                    }
                },
            },
            Builder::Fold(function) => arguments[1..].iter().fold(arguments[0], |folded, &next| {
                graph.call(function, &[folded, next])
            }),
            Builder::Piecewise => {
                let (otherwise, pieces) = arguments
                    .split_last()
                    .expect("the number of arguments was checked");
                pieces
                    .chunks_exact(2)
                    .rev()
                    .fold(*otherwise, |rest, piece| {
                        graph.select(piece[1], piece[0], rest)
                    })
            }
            Builder::Select => graph.select(arguments[0], arguments[1], arguments[2]),
            Builder::Monod => {
                let sum = graph.add(arguments[1], arguments[0]);
                graph.div(arguments[0], sum)
            }
            Builder::RateOf => graph.user(RATE_OF, arguments),
        }
    }
}

impl Graph {
    /// Call of a function of the language by its name; none where the name or the number of arguments does not fit.
    ///
    /// ```
    /// let mut graph = holobiont::expr::Graph::new();
    /// let x = graph.symbol("x");
    /// assert_eq!(graph.named_call("sec", &[x]), graph.parse("1/cos(x)").ok());
    /// assert_eq!(graph.named_call("sec", &[x, x]), None);
    /// ```
    pub fn named_call(&mut self, name: &str, arguments: &[Expr]) -> Option<Expr> {
        let builder = builder(name)?;
        let (least, most) = builder.arity();
        let fits = (least..=most).contains(&arguments.len());
        fits.then(|| builder.build(self, arguments))
    }

    /// Logarithm to a constant base: `ln(x)/ln(base)`, exact to the last bit where x is a constant and the base 2 or 10.
    pub fn logarithm(&mut self, x: Expr, base: f64) -> Expr {
        if let Some(value) = self.as_number(x) {
            return self.number(if base == 10.0 {
                value.log10()
            } else if base == 2.0 {
                value.log2()
            } else {
                functions::apply(Function::Ln, &[value]) / base.ln()
            });
        }
        let (above, below) = (self.call(Function::Ln, &[x]), self.number(base.ln()));
        self.div(above, below)
    }
}

/// What to say of a call of a function that neither the language nor the model knows.
///
/// ```
/// let message = holobiont::expr::unknown_function("sigmiod", ["growth"]);
/// assert_eq!(message, "there is no function `sigmiod`; did you mean `sigmoid`?");
/// ```
pub fn unknown_function<'a>(
    name: &str,
    user_functions: impl IntoIterator<Item = &'a str>,
) -> String {
    let near = did_you_mean(
        name,
        function_names()
            .map(|known| -> &str { known })
            .chain(user_functions),
    );
    format!("there is no function `{name}`{near}")
}
