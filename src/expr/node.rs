//! The nodes of the expression graph, their handles, and the relations between numbers.
use super::function::Function;

/// Handle of an expression in one [`Graph`](super::Graph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Expr(pub(crate) u32);

/// Handle of an interned name in one [`Graph`](super::Graph).
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

    /// The place of this kind of node among operands.
    pub(super) fn rank(&self) -> u8 {
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
