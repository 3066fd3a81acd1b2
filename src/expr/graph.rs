//! The expression graph: nodes, interning, and what every node knows about itself.
//!
//! Equal expressions are the same handle. A node's children always have smaller handles than the node, so every traversal
//! of the layer is a loop, never a recursion. The constructors that simplify stand in `simplify.rs`.
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compare {
    /// a < b
    Less,
    /// a <= b
    LessEqual,
    /// a > b
    Greater,
    /// a >= b
    GreaterEqual,
    /// a == b
    Equal,
    /// a != b
    NotEqual,
}

impl Compare {
    /// Whether the relation holds between two numbers, as IEEE 754 defines it (false with NaN, but for `NotEqual`).
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Compare::Less => a < b,
            Compare::LessEqual => a <= b,
            Compare::Greater => a > b,
            Compare::GreaterEqual => a >= b,
            Compare::Equal => a == b,
            Compare::NotEqual => a != b,
        }
    }

    /// The operator of the maths language.
    pub fn symbol(self) -> &'static str {
        match self {
            Compare::Less => "<",
            Compare::LessEqual => "<=",
            Compare::Greater => ">",
            Compare::GreaterEqual => ">=",
            Compare::Equal => "==",
            Compare::NotEqual => "!=",
        }
    }
}

/// Elementary functions with a fixed number of arguments (in the order of the arguments).
///
/// Their numeric definition is [`functions::apply`](super::functions::apply).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Function {
    Exp,
    Ln,
    Log1p,
    Expm1,
    Sqrt,
    Abs,
    Sign,
    Floor,
    Ceil,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    /// 1/(1+exp(-x)), stable in both tails; derivative sigmoid(x) sigmoid(-x)
    Sigmoid,
    /// gamma function of x + 1
    Factorial,
    /// order (0, 1, 2, ...), x: derivatives of ln gamma, which the derivative of the factorial needs
    Polygamma,
    /// base, exponent
    Pow,
    Min,
    Max,
    /// quotient rounded towards zero
    Quotient,
    /// remainder with the sign of the dividend
    Remainder,
    /// hill(x, K, n) = x^n/(K^n + x^n) for x >= 0, K > 0; stable for all magnitudes; 0 for x < 0
    Hill,
    /// d hill/dx, a stable primitive of the same arguments (x, K, n)
    HillSlope,
    /// d2 hill/dx2, a stable primitive of the same arguments (x, K, n)
    HillCurvature,
    /// a ln(b), and 0 where a = 0 (power rule for exponents)
    XLogY,
    /// coefficient, base, exponent: coefficient * base^exponent, and 0 where the coefficient is 0 (power rule for the base)
    ScaledPow,
}

impl Function {
    /// All functions.
    pub const ALL: [Function; 34] = [
        Function::Exp,
        Function::Ln,
        Function::Log1p,
        Function::Expm1,
        Function::Sqrt,
        Function::Abs,
        Function::Sign,
        Function::Floor,
        Function::Ceil,
        Function::Sin,
        Function::Cos,
        Function::Tan,
        Function::Asin,
        Function::Acos,
        Function::Atan,
        Function::Sinh,
        Function::Cosh,
        Function::Tanh,
        Function::Asinh,
        Function::Acosh,
        Function::Atanh,
        Function::Sigmoid,
        Function::Factorial,
        Function::Polygamma,
        Function::Pow,
        Function::Min,
        Function::Max,
        Function::Quotient,
        Function::Remainder,
        Function::Hill,
        Function::HillSlope,
        Function::HillCurvature,
        Function::XLogY,
        Function::ScaledPow,
    ];

    /// The name in the maths language.
    pub fn name(self) -> &'static str {
        match self {
            Function::Exp => "exp",
            Function::Ln => "ln",
            Function::Log1p => "log1p",
            Function::Expm1 => "expm1",
            Function::Sqrt => "sqrt",
            Function::Abs => "abs",
            Function::Sign => "sign",
            Function::Floor => "floor",
            Function::Ceil => "ceil",
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Tan => "tan",
            Function::Asin => "arcsin",
            Function::Acos => "arccos",
            Function::Atan => "arctan",
            Function::Sinh => "sinh",
            Function::Cosh => "cosh",
            Function::Tanh => "tanh",
            Function::Asinh => "arcsinh",
            Function::Acosh => "arccosh",
            Function::Atanh => "arctanh",
            Function::Sigmoid => "sigmoid",
            Function::Factorial => "factorial",
            Function::Polygamma => "polygamma",
            Function::Pow => "pow",
            Function::Min => "min",
            Function::Max => "max",
            Function::Quotient => "quotient",
            Function::Remainder => "rem",
            Function::Hill => "hill",
            Function::HillSlope => "hill_slope",
            Function::HillCurvature => "hill_curvature",
            Function::XLogY => "xlogy",
            Function::ScaledPow => "scaled_pow",
        }
    }

    /// The number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Function::Polygamma
            | Function::Pow
            | Function::Min
            | Function::Max
            | Function::Quotient
            | Function::Remainder
            | Function::XLogY => 2,
            Function::Hill
            | Function::HillSlope
            | Function::HillCurvature
            | Function::ScaledPow => 3,
            _ => 1,
        }
    }
}

/// A node. `Sum` and `Product` are n-ary; conditions are numbers 0/1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// IEEE bits of a constant
    Number(u64),
    /// a named quantity
    Symbol(Symbol),
    /// the independent variable
    Time,
    /// at least two terms, a constant first if there is one
    Sum(Box<[Expr]>),
    /// at least two factors, a constant first if there is one
    Product(Box<[Expr]>),
    /// numerator, denominator
    Divide(Expr, Expr),
    /// an elementary function of its arguments
    Call(Function, Box<[Expr]>),
    /// 1 where the relation holds, else 0
    Compare(Compare, Expr, Expr),
    /// conjunction of conditions
    And(Box<[Expr]>),
    /// disjunction of conditions
    Or(Box<[Expr]>),
    /// negation of a condition
    Not(Expr),
    /// condition, then, otherwise; the branch not taken never leaks
    Select(Expr, Expr, Expr),
    /// call of a user function, inlined by `Network::check`
    User(Symbol, Box<[Expr]>),
}

impl Node {
    /// The operands, in order.
    pub fn children(&self) -> Children<'_> {
        let (list, fixed): (&[Expr], [Option<Expr>; 3]) = match self {
            Node::Number(_) | Node::Symbol(_) | Node::Time => (&[], [None; 3]),
            Node::Sum(list) | Node::Product(list) | Node::And(list) | Node::Or(list) => {
                (list, [None; 3])
            }
            Node::Call(_, list) | Node::User(_, list) => (list, [None; 3]),
            Node::Divide(a, b) | Node::Compare(_, a, b) => (&[], [Some(*a), Some(*b), None]),
            Node::Not(a) => (&[], [Some(*a), None, None]),
            Node::Select(c, a, b) => (&[], [Some(*c), Some(*a), Some(*b)]),
        };
        Children {
            list: list.iter(),
            fixed: fixed.into_iter().flatten(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Node::Number(_) => 0,
            Node::Symbol(_) => 1,
            Node::Time => 2,
            Node::Product(_) => 3,
            Node::Divide(..) => 4,
            Node::Sum(_) => 5,
            Node::Call(..) => 6,
            Node::User(..) => 7,
            Node::Select(..) => 8,
            Node::Compare(..) => 9,
            Node::Not(_) => 10,
            Node::And(_) => 11,
            Node::Or(_) => 12,
        }
    }
}

/// Iterator over the operands of a node.
#[derive(Clone, Debug)]
pub struct Children<'a> {
    list: std::slice::Iter<'a, Expr>,
    fixed: std::iter::Flatten<std::array::IntoIter<Option<Expr>, 3>>,
}

impl Iterator for Children<'_> {
    type Item = Expr;
    fn next(&mut self) -> Option<Expr> {
        self.list.next().copied().or_else(|| self.fixed.next())
    }
}

/// Multiplicative hash of small keys that are our own; the standard hash guards against attackers and costs more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuickHasher(u64);
impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = mix(self.0, value);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}
/// A map with [`QuickHasher`].
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Mixes a value into a hash (finaliser of splitmix64, Steele et al. 2014, doi:10.1145/2660193.2660195).
fn mix(hash: u64, value: u64) -> u64 {
    let mut z = (hash.rotate_left(23) ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is known of a node without looking below it.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// hash of the structure, names spelt out: the same in every graph
    hash: u64,
    /// bit 63: time occurs; bit (symbol mod 63): that symbol, or one that shares its bit, occurs
    mentions: u64,
}

const TIME_BIT: u64 = 1 << 63;

/// Owner of all expressions of one network.
///
/// Constructors simplify as they build and return the handle of the one node that is equal.
///
/// ```
/// use holobiont::expr::{Graph, Variable};
/// let mut graph = Graph::new();
/// let rate = graph.parse("vmax * S / (K + S)")?;
/// let substrate = graph.intern("S");
/// let slope = graph.derivative(rate, Variable::Symbol(substrate));
/// let value = graph.evaluate(slope, &|name| if name == "S" { Some(0.0) } else { Some(2.0) }, 0.0)?;
/// assert_eq!(value, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    facts: Vec<Facts>,
    index: QuickMap<u64, Expr>,
    names: Vec<String>,
    symbols: HashMap<String, Symbol>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// The node behind a handle of this graph.
    pub fn node(&self, e: Expr) -> &Node {
        &self.nodes[e.0 as usize]
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True for a graph without nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A constant; all NaN are one, and -0 is 0.
    pub fn number(&mut self, value: f64) -> Expr {
        let value = if value.is_nan() {
            f64::NAN
        } else {
            value + 0.0
        };
        self.add_node(Node::Number(value.to_bits()))
    }

    /// The value when the expression is a constant.
    pub fn as_number(&self, e: Expr) -> Option<f64> {
        match self.node(e) {
            Node::Number(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// The handle of a name, new or known.
    pub fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(name) {
            return *symbol;
        }
        let symbol =
            Symbol(u32::try_from(self.names.len()).expect("a model has fewer than 2^32 names"));
        self.names.push(name.to_owned());
        self.symbols.insert(name.to_owned(), symbol);
        symbol
    }

    /// The handle of a name that is known.
    pub fn lookup(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }

    /// The name behind a handle.
    pub fn name(&self, symbol: Symbol) -> &str {
        &self.names[symbol.0 as usize]
    }

    /// A named quantity.
    pub fn symbol(&mut self, name: &str) -> Expr {
        let symbol = self.intern(name);
        self.add_node(Node::Symbol(symbol))
    }

    /// The independent variable.
    pub fn time(&mut self) -> Expr {
        self.add_node(Node::Time)
    }

    /// Call of a user function by its name; it must be inlined before it is differentiated or evaluated.
    pub fn user(&mut self, name: &str, arguments: &[Expr]) -> Expr {
        let symbol = self.intern(name);
        self.add_node(Node::User(symbol, arguments.into()))
    }

    /// Interns a node as it stands, without simplifying.
    pub(super) fn add_node(&mut self, node: Node) -> Expr {
        let facts = self.facts_of(&node);
        let mut slot = facts.hash;
        // two nodes with one hash are next to impossible, and yet must stay apart
        while let Some(&known) = self.index.get(&slot) {
            if self.nodes[known.0 as usize] == node {
                return known;
            }
            slot = mix(slot, 1);
        }
        let e = Expr(u32::try_from(self.nodes.len()).expect("a graph has fewer than 2^32 nodes"));
        self.nodes.push(node);
        self.facts.push(facts);
        self.index.insert(slot, e);
        e
    }

    fn facts_of(&self, node: &Node) -> Facts {
        let mut hash = mix(0, u64::from(node.rank()));
        let mut mentions = 0;
        match node {
            Node::Number(bits) => hash = mix(hash, *bits),
            Node::Symbol(symbol) => {
                hash = mix(hash, hash_name(self.name(*symbol)));
                mentions = mention_bit(*symbol);
            }
            Node::Time => mentions = TIME_BIT,
            Node::User(symbol, _) => hash = mix(hash, hash_name(self.name(*symbol))),
            Node::Call(function, _) => hash = mix(hash, *function as u64),
            Node::Compare(relation, ..) => hash = mix(hash, *relation as u64),
            _ => {}
        }
        for child in node.children() {
            let below = self.facts[child.0 as usize];
            hash = mix(hash, below.hash);
            mentions |= below.mentions;
        }
        Facts { hash, mentions }
    }

    /// False if the variable certainly does not occur; costs nothing.
    pub(super) fn may_mention(&self, e: Expr, variable: Variable) -> bool {
        let bit = match variable {
            Variable::Symbol(symbol) => mention_bit(symbol),
            Variable::Time => TIME_BIT,
        };
        self.facts[e.0 as usize].mentions & bit != 0
    }

    /// Whether time occurs.
    pub fn depends_on_time(&self, e: Expr) -> bool {
        self.may_mention(e, Variable::Time)
    }

    /// True if no symbol and no time occurs.
    pub(super) fn mentions_nothing(&self, e: Expr) -> bool {
        self.facts[e.0 as usize].mentions == 0
    }

    /// All nodes below and including the given ones, children before parents, each once.
    ///
    /// `descend` says whether the operands of a node are wanted too.
    pub(super) fn reachable(&self, roots: &[Expr], descend: impl Fn(Expr) -> bool) -> Vec<Expr> {
        let mut seen: QuickMap<u32, ()> = QuickMap::default();
        let mut stack: Vec<Expr> = roots.to_vec();
        let mut found = Vec::new();
        while let Some(e) = stack.pop() {
            if seen.insert(e.0, ()).is_none() {
                found.push(e);
                if descend(e) {
                    stack.extend(self.node(e).children());
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The distinct symbols that occur, sorted by name.
    pub fn symbols_of(&self, e: Expr) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = self
            .reachable(&[e], |e| !self.mentions_nothing(e))
            .into_iter()
            .filter_map(|e| {
                if let Node::Symbol(symbol) = self.node(e) {
                    Some(*symbol)
                } else {
                    None
                }
            })
            .collect();
        symbols.sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
        symbols
    }

    /// The order of operands: numbers, symbols by name, then by structure; the same whatever was built first.
    ///
    /// Looks a few levels deep and then compares hashes, so that its cost is bounded.
    pub(super) fn order(&self, a: Expr, b: Expr) -> std::cmp::Ordering {
        self.order_to_depth(a, b, 4).then_with(|| {
            let (fa, fb) = (self.facts[a.0 as usize].hash, self.facts[b.0 as usize].hash);
            fa.cmp(&fb).then(a.cmp(&b))
        })
    }

    fn order_to_depth(&self, a: Expr, b: Expr, depth: u32) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        if a == b {
            return Ordering::Equal;
        }
        let (x, y) = (self.node(a), self.node(b));
        let by_kind = x.rank().cmp(&y.rank()).then_with(|| match (x, y) {
            (Node::Number(p), Node::Number(q)) => f64::from_bits(*p).total_cmp(&f64::from_bits(*q)),
            (Node::Symbol(p), Node::Symbol(q)) | (Node::User(p, _), Node::User(q, _)) => {
                self.name(*p).cmp(self.name(*q))
            }
            (Node::Call(p, _), Node::Call(q, _)) => p.cmp(q),
            (Node::Compare(p, ..), Node::Compare(q, ..)) => p.cmp(q),
            _ => Ordering::Equal,
        });
        if by_kind != Ordering::Equal || depth == 0 {
            return by_kind;
        }
        let (mut left, mut right) = (x.children(), y.children());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(p), Some(q)) => match self.order_to_depth(p, q, depth - 1) {
                    Ordering::Equal => {}
                    other => return other,
                },
            }
        }
    }
}

fn mention_bit(symbol: Symbol) -> u64 {
    1 << (symbol.0 % 63)
}

fn hash_name(name: &str) -> u64 {
    name.bytes()
        .fold(0, |hash, byte| mix(hash, u64::from(byte)))
}
