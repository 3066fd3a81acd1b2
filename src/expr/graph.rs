//! The expression graph: nodes, interning, smart constructors.
use std::collections::HashMap;

/// Handle of an expression in one [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Expr(pub(crate) u32);

/// Handle of an interned name in one [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(pub(crate) u32);

/// What a derivative is taken with respect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    /// A named quantity.
    Symbol(Symbol),
    /// The independent variable.
    Time,
}

/// Relations; each use in a [`Node::Compare`] becomes a mode register when compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare { Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual }

/// Elementary functions with a fixed number of arguments (in the order of the arguments).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    Exp, Ln, Log1p, Expm1, Sqrt, Abs, Sign, Floor, Ceil,
    Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh,
    /// 1/(1+exp(-x)), stable in both tails; derivative sigmoid(x) sigmoid(-x)
    Sigmoid,
    /// gamma function of x + 1
    Factorial,
    /// base, exponent
    Pow,
    Min, Max,
    /// quotient rounded towards zero; remainder with the sign of the dividend
    Quotient, Remainder,
    /// hill(x, K, n) = x^n/(K^n + x^n) for x >= 0, K > 0; stable for all magnitudes
    Hill,
    /// d hill/dx and d2 hill/dx2, stable primitives of the same arguments (x, K, n)
    HillSlope, HillCurvature,
    /// a ln(b), and 0 where a = 0 (power rule for exponents)
    XLogY,
}

/// A node. `Sum` and `Product` are n-ary; conditions are numbers 0/1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// IEEE bits of a constant
    Number(u64),
    Symbol(Symbol),
    Time,
    Sum(Box<[Expr]>),
    Product(Box<[Expr]>),
    Divide(Expr, Expr),
    Call(Function, Box<[Expr]>),
    Compare(Compare, Expr, Expr),
    And(Box<[Expr]>),
    Or(Box<[Expr]>),
    Not(Expr),
    /// condition, then, otherwise; the branch not taken never leaks
    Select(Expr, Expr, Expr),
    /// call of a user function, inlined by `Network::check`
    User(Symbol, Box<[Expr]>),
}

/// Owner of all expressions of one network.
#[derive(Clone, Debug, Default)]
pub struct Graph { nodes: Vec<Node>, index: HashMap<Node, Expr>, names: Vec<String>, symbols: HashMap<String, Symbol> }

impl Graph {
    pub fn new() -> Self { Self::default() }
    pub fn node(&self, e: Expr) -> &Node { &self.nodes[e.0 as usize] }
    pub fn len(&self) -> usize { self.nodes.len() }
    pub fn number(&mut self, value: f64) -> Expr { todo!() }
    /// The value when the expression is a constant.
    pub fn as_number(&self, e: Expr) -> Option<f64> { todo!() }
    pub fn intern(&mut self, name: &str) -> Symbol { todo!() }
    pub fn lookup(&self, name: &str) -> Option<Symbol> { self.symbols.get(name).copied() }
    pub fn name(&self, symbol: Symbol) -> &str { &self.names[symbol.0 as usize] }
    pub fn symbol(&mut self, name: &str) -> Expr { todo!() }
    pub fn time(&mut self) -> Expr { todo!() }
    // constructors below simplify as they build (constant folding, 0/1 rules, flattening, like terms, sorted operands)
    pub fn add(&mut self, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn sub(&mut self, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn neg(&mut self, a: Expr) -> Expr { todo!() }
    pub fn mul(&mut self, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn div(&mut self, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn pow(&mut self, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn sum(&mut self, terms: &[Expr]) -> Expr { todo!() }
    pub fn product(&mut self, factors: &[Expr]) -> Expr { todo!() }
    pub fn call(&mut self, f: Function, arguments: &[Expr]) -> Expr { todo!() }
    pub fn compare(&mut self, relation: Compare, a: Expr, b: Expr) -> Expr { todo!() }
    pub fn and(&mut self, terms: &[Expr]) -> Expr { todo!() }
    pub fn or(&mut self, terms: &[Expr]) -> Expr { todo!() }
    pub fn not(&mut self, a: Expr) -> Expr { todo!() }
    pub fn select(&mut self, condition: Expr, then: Expr, otherwise: Expr) -> Expr { todo!() }
    /// Parses the PEtab maths language (symbols `time`, `inf`, `nan`, `true`... as that language defines them).
    pub fn parse(&mut self, text: &str) -> Result<Expr, ParseError> { todo!() }
    /// Exact symbolic derivative; select differentiates branch by branch, conditions are constants.
    pub fn derivative(&mut self, e: Expr, with_respect_to: Variable) -> Expr { todo!() }
    /// Replaces symbols by expressions, all at once.
    pub fn substitute(&mut self, e: Expr, replacements: &HashMap<Symbol, Expr>) -> Expr { todo!() }
    /// Copies an expression from another graph, renaming symbols.
    pub fn import(&mut self, other: &Graph, e: Expr, rename: &mut dyn FnMut(&str) -> String) -> Expr { todo!() }
    /// The distinct symbols that occur, sorted by name; and whether time occurs.
    pub fn symbols_of(&self, e: Expr) -> Vec<Symbol> { todo!() }
    pub fn depends_on_time(&self, e: Expr) -> bool { todo!() }
    /// Slow reference evaluation, the definition the tapes are tested against.
    pub fn evaluate(&self, e: Expr, values: &dyn Fn(&str) -> Option<f64>, time: f64) -> Result<f64, EvaluateError> { todo!() }
    /// Text that parses back to the same expression.
    pub fn text(&self, e: Expr) -> String { todo!() }
    pub fn latex(&self, e: Expr) -> String { todo!() }
}

/// A formula that could not be read: message, column (1-based, in characters) and what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct ParseError { pub column: usize, pub message: String }

/// A symbol without value in a reference evaluation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("no value for `{0}`")]
pub struct EvaluateError(pub String);
