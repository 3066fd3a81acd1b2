//! The mathematics of SBML as a tree, before names mean anything.

/// A formula. Conditions and numbers are one type, as in SBML Level 3 Version 2.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Math {
    Number(f64),
    /// `ci`: name and line
    Name(String, u32),
    /// csymbol time
    Time,
    Apply(Operator, Vec<Math>),
    /// a function definition: name, line, arguments
    Call(String, u32, Vec<Math>),
    /// (value, condition), then `otherwise`
    Piecewise(Vec<(Math, Math)>, Option<Box<Math>>),
    /// csymbol rateOf: name and line
    RateOf(String, u32),
}

/// Operators with their MathML tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    /// degree (2 unless written), radicand
    Root,
    /// base (10 unless written), argument
    Log,
    Ln,
    Exp,
    Abs,
    Floor,
    Ceiling,
    Factorial,
    Quotient,
    Remainder,
    Min,
    Max,
    And,
    Or,
    Xor,
    Not,
    Implies,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// a trigonometric or hyperbolic function, by its name in MathML
    Circular(&'static str),
}

/// Trigonometric and hyperbolic functions and their inverses.
pub(super) const CIRCULAR: [&str; 24] = [
    "sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth",
    "arcsin", "arccos", "arctan", "arcsec", "arccsc", "arccot", "arcsinh", "arccosh", "arctanh",
    "arcsech", "arccsch", "arccoth",
];

impl Math {
    /// Direct operands.
    pub(super) fn operands_mut(&mut self) -> Vec<&mut Math> {
        match self {
            Math::Number(_) | Math::Name(..) | Math::Time | Math::RateOf(..) => Vec::new(),
            Math::Apply(_, list) | Math::Call(_, _, list) => list.iter_mut().collect(),
            Math::Piecewise(pieces, otherwise) => pieces
                .iter_mut()
                .flat_map(|(value, condition)| [value, condition])
                .chain(otherwise.as_deref_mut())
                .collect(),
        }
    }
    /// Calls `visit` with this formula and all below it, outermost first.
    pub(super) fn visit_mut(&mut self, visit: &mut dyn FnMut(&mut Math)) {
        visit(self);
        for operand in self.operands_mut() {
            operand.visit_mut(visit);
        }
    }
}
