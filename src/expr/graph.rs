//! The expression graph: interning, traversal, and what every node knows about itself.
//!
//! Equal expressions are the same handle. A node's children always have smaller handles than the node, so every traversal
//! of the layer is a loop, never a recursion. The constructors that simplify stand in `simplify.rs`.
use super::node::{Expr, Node, Symbol, Variable};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

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
    /// whether user functions are called
    calls: bool,
}

pub(super) const TIME_BIT: u64 = 1 << 63;

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
        let mut calls = matches!(node, Node::User(..));
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
            calls |= below.calls;
        }
        Facts {
            hash,
            mentions,
            calls,
        }
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

    /// Whether user functions are called.
    pub(crate) fn has_calls(&self, e: Expr) -> bool {
        self.facts[e.0 as usize].calls
    }

    /// Names of the user functions that are called, in order.
    pub(crate) fn calls_of(&self, e: Expr) -> Vec<&str> {
        let mut names: Vec<&str> = (self.reachable(&[e], |e| self.has_calls(e)).into_iter())
            .filter_map(|e| match self.node(e) {
                Node::User(symbol, _) => Some(self.name(*symbol)),
                _ => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// False if certainly none of the symbols occurs that share the bits of the mask.
    pub(super) fn may_mention_any(&self, e: Expr, mask: u64) -> bool {
        self.facts[e.0 as usize].mentions & mask != 0
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

    /// Whether a number that is infinite or undefined occurs.
    pub(crate) fn has_non_finite(&self, expressions: &[Expr]) -> bool {
        let reached = self.reachable(expressions, |_| true).into_iter();
        let mut numbers = reached.filter_map(|e| self.as_number(e));
        numbers.any(|number| !number.is_finite())
    }

    /// The distinct symbols that occur, sorted by name.
    pub fn symbols_of(&self, e: Expr) -> Vec<Symbol> {
        self.symbols_of_all(&[e])
    }

    /// The distinct symbols that occur in any of the expressions, sorted by name.
    pub(crate) fn symbols_of_all(&self, expressions: &[Expr]) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = self
            .reachable(expressions, |e| !self.mentions_nothing(e))
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

pub(super) fn mention_bit(symbol: Symbol) -> u64 {
    1 << (symbol.0 % 63)
}

fn hash_name(name: &str) -> u64 {
    name.bytes()
        .fold(0, |hash, byte| mix(hash, u64::from(byte)))
}
