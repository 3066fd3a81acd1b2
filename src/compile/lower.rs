//! From expressions to scalar operations: a second hash-consed graph whose nodes are single instructions.
//!
//! Sums and products become chains in a fixed order, parameter-only operands first, so that their part can be hoisted;
//! integer powers become multiplications, half-integer ones square roots. There are two ways to lower an expression:
//!
//! * **frozen** (right-hand side and all its derivatives): conditions that are modes are read from their registers, and a
//!   division is a multiplication by the reciprocal, which all quotients of that denominator share.
//!   Only the arguments of functions that jump (floor and the like) are divided exactly, so that a time that is a whole
//!   number of periods counts as one;
//! * **direct** (initial values, conditions, outputs): conditions are evaluated, quotients are quotients.
use std::collections::HashMap;

use super::layout::{Layout, Quantities, Quantity};
use super::run::apply;
use super::tape::OpCode;
use crate::expr::{Compare, Expr, Function, Graph, Node};

/// Handle of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub u32);

/// An instruction, or what it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Instruction {
    /// IEEE bits
    Constant(u64),
    /// A named register.
    Register(u32),
    /// Operands beyond the arity repeat the first.
    Op(OpCode, [Id; 3]),
}

/// On what a value depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Constant,
    /// Parameters and coefficients of inputs.
    Parameters,
    /// Time, too.
    Clock,
    /// States and modes, too.
    Point,
    /// Directions and placeholders, too.
    Varying,
}

/// How conditions and quotients are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Frozen,
    /// Modes are read from their registers, quotients are quotients: the arguments of functions that jump.
    Exact,
    Direct,
}

/// Powers up to this exponent are multiplied out.
const LARGEST_POWER: f64 = 64.0;

/// The instructions of one program while it is built.
pub(crate) struct Lowering<'a> {
    graph: &'a Graph,
    layout: Layout,
    quantities: &'a Quantities,
    modes: &'a HashMap<Expr, usize>,
    hoists: bool,
    instructions: Vec<Instruction>,
    classes: Vec<Class>,
    index: HashMap<Instruction, Id>,
    lowered: [HashMap<Expr, Id>; 3],
    signed: [HashMap<Expr, (bool, Id)>; 3],
}

impl<'a> Lowering<'a> {
    /// `hoists`: whether parameters are known before the tape runs.
    pub(crate) fn new(
        graph: &'a Graph,
        layout: Layout,
        quantities: &'a Quantities,
        modes: &'a HashMap<Expr, usize>,
        hoists: bool,
    ) -> Self {
        Lowering {
            graph,
            layout,
            quantities,
            modes,
            hoists,
            instructions: Vec::new(),
            classes: Vec::new(),
            index: HashMap::new(),
            lowered: Default::default(),
            signed: Default::default(),
        }
    }

    pub(crate) fn instruction(&self, id: Id) -> Instruction {
        self.instructions[id.0 as usize]
    }
    pub(crate) fn class(&self, id: Id) -> Class {
        self.classes[id.0 as usize]
    }

    /// The instruction that computes `e`.
    pub(crate) fn lower(&mut self, e: Expr, reading: Reading) -> Id {
        let graph = self.graph;
        // Operands are older than what they make, so ascending order is an order of evaluation: no recursion.
        let mut reachable = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            if self.lowered[reading as usize].contains_key(&e) || !seen.insert(e) {
                continue;
            }
            reachable.push(e);
            let node = graph.node(e);
            if reading != Reading::Direct && matches!(node, Node::Compare(..)) {
                continue;
            }
            for_operands(node, |operand| stack.push(operand));
        }
        reachable.sort_unstable();
        for e in reachable {
            let id = self.lower_node(e, reading);
            self.lowered[reading as usize].insert(e, id);
        }
        self.lowered[reading as usize][&e]
    }

    fn lower_node(&mut self, e: Expr, reading: Reading) -> Id {
        let graph = self.graph;
        match graph.node(e) {
            Node::Number(bits) => self.constant(f64::from_bits(*bits)),
            Node::Symbol(symbol) => {
                let quantity = *self
                    .quantities
                    .get(symbol)
                    .expect("symbols are checked before they are lowered");
                self.quantity(quantity)
            }
            Node::Time => self.register(self.layout.time()),
            Node::Sum(terms) => self.sum(terms, reading),
            Node::Product(_) | Node::Divide(..) => {
                let (negative, magnitude) = self.signed(e, reading);
                if negative {
                    self.op(OpCode::Neg, &[magnitude])
                } else {
                    magnitude
                }
            }
            Node::Call(Function::Pow, arguments) => {
                self.power(arguments[0], arguments[1], 1.0, reading)
            }
            Node::Call(function, arguments) => {
                let jumps = matches!(
                    function,
                    Function::Floor
                        | Function::Ceil
                        | Function::Sign
                        | Function::Quotient
                        | Function::Remainder
                );
                let reading = if jumps && reading == Reading::Frozen {
                    Reading::Exact
                } else {
                    reading
                };
                let operands: Vec<Id> = arguments.iter().map(|&a| self.lower(a, reading)).collect();
                self.op(OpCode::from(*function), &operands)
            }
            Node::Compare(relation, a, b) => {
                if reading != Reading::Direct
                    && let Some(&mode) = self.modes.get(&e)
                {
                    return self.register(self.layout.mode(mode));
                }
                let (a, b) = (
                    self.lower(*a, Reading::Direct),
                    self.lower(*b, Reading::Direct),
                );
                match relation {
                    Compare::Less => self.op(OpCode::Less, &[a, b]),
                    Compare::LessEqual => self.op(OpCode::LessEqual, &[a, b]),
                    Compare::Greater => self.op(OpCode::Less, &[b, a]),
                    Compare::GreaterEqual => self.op(OpCode::LessEqual, &[b, a]),
                    Compare::Equal => self.op(OpCode::Equal, &[a, b]),
                    Compare::NotEqual => self.op(OpCode::NotEqual, &[a, b]),
                }
            }
            Node::And(terms) => self.chain(OpCode::And, terms, reading),
            Node::Or(terms) => self.chain(OpCode::Or, terms, reading),
            Node::Not(a) => {
                let a = self.lower(*a, reading);
                self.op(OpCode::Not, &[a])
            }
            Node::Select(condition, then, otherwise) => {
                let operands = [
                    self.lower(*condition, reading),
                    self.lower(*then, reading),
                    self.lower(*otherwise, reading),
                ];
                self.op(OpCode::Select, &operands)
            }
            Node::User(..) => unreachable!("calls of user functions are refused before lowering"),
        }
    }

    /// The instructions behind a named quantity.
    fn quantity(&mut self, quantity: Quantity) -> Id {
        match quantity {
            Quantity::State(i) => self.register(self.layout.state(i)),
            Quantity::Parameter(i) => self.register(self.layout.register(i)),
            Quantity::Direction(i) => self.register(self.layout.direction(i)),
            Quantity::TimeDirection => self.register(self.layout.time_direction()),
            Quantity::Placeholder(i) => self.register(self.layout.placeholder(i)),
            Quantity::InputElapsed(i) => {
                let time = self.register(self.layout.time());
                let start = self.register(self.layout.coefficient(i, 4));
                self.op(OpCode::Sub, &[time, start])
            }
            Quantity::Input(i) => self.horner(i, &[(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]),
            Quantity::InputRate(i) => self.horner(i, &[(1, 1.0), (2, 2.0), (3, 3.0)]),
            Quantity::InputCurvature(i) => self.horner(i, &[(2, 2.0), (3, 6.0)]),
        }
    }

    /// A polynomial of the time since an input's knot, from (coefficient, factor), lowest power first.
    fn horner(&mut self, input: usize, terms: &[(usize, f64)]) -> Id {
        let s = self.quantity(Quantity::InputElapsed(input));
        let mut value: Option<Id> = None;
        for &(k, factor) in terms.iter().rev() {
            let coefficient = self.register(self.layout.coefficient(input, k));
            let factor = self.constant(factor);
            let term = self.op(OpCode::Mul, &[factor, coefficient]);
            value = Some(match value {
                None => term,
                Some(higher) => {
                    let higher = self.op(OpCode::Mul, &[s, higher]);
                    self.op(OpCode::Add, &[term, higher])
                }
            });
        }
        value.expect("a polynomial has a term")
    }

    /// Sign and magnitude: minus signs travel outwards, so that sums can subtract.
    fn signed(&mut self, e: Expr, reading: Reading) -> (bool, Id) {
        if let Some(&found) = self.signed[reading as usize].get(&e) {
            return found;
        }
        let graph = self.graph;
        let result = match graph.node(e) {
            Node::Number(bits) if f64::from_bits(*bits) < 0.0 => {
                (true, self.constant(-f64::from_bits(*bits)))
            }
            Node::Product(factors) => self.product(factors, reading),
            Node::Divide(a, b) => {
                let (negative, a) = self.signed(*a, reading);
                (negative, self.quotient(a, *b, reading))
            }
            _ => (false, self.lower(e, reading)),
        };
        self.signed[reading as usize].insert(e, result);
        result
    }

    fn sum(&mut self, terms: &[Expr], reading: Reading) -> Id {
        let mut parts: Vec<(bool, Id)> = terms
            .iter()
            .map(|&term| self.signed(term, reading))
            .collect();
        // stable: within a class the order of the graph stays
        parts.sort_by_key(|&(_, id)| self.class(id));
        let hoisted = parts
            .iter()
            .take_while(|&&(_, id)| self.class(id) < Class::Point)
            .count();
        if hoisted > 1 && hoisted < parts.len() {
            let constant_part = self.accumulate(&parts[..hoisted]);
            parts.splice(..hoisted, [(false, constant_part)]);
        }
        self.accumulate(&parts)
    }

    fn accumulate(&mut self, parts: &[(bool, Id)]) -> Id {
        let start = parts.iter().position(|&(negative, _)| !negative);
        let mut value = match (start, parts.first()) {
            (Some(start), _) => parts[start].1,
            (None, Some(&(_, first))) => self.op(OpCode::Neg, &[first]),
            (None, None) => return self.constant(0.0),
        };
        let start = start.unwrap_or(0);
        for (i, &(negative, id)) in parts.iter().enumerate() {
            if i != start {
                value = self.op(
                    if negative { OpCode::Sub } else { OpCode::Add },
                    &[value, id],
                );
            }
        }
        value
    }

    fn product(&mut self, factors: &[Expr], reading: Reading) -> (bool, Id) {
        let mut negative = false;
        let mut parts = Vec::with_capacity(factors.len());
        for &factor in factors {
            let (sign, id) = self.signed(factor, reading);
            negative ^= sign;
            parts.push(id);
        }
        (negative, self.multiply(parts))
    }

    fn multiply(&mut self, mut parts: Vec<Id>) -> Id {
        parts.sort_by_key(|&id| self.class(id));
        let mut parts = parts.into_iter();
        match parts.next() {
            None => self.constant(1.0),
            Some(first) => parts.fold(first, |value, id| self.op(OpCode::Mul, &[value, id])),
        }
    }

    fn quotient(&mut self, a: Id, b: Expr, reading: Reading) -> Id {
        let divisor = self.lower(b, reading);
        match self.constant_value(divisor) {
            // a reciprocal of a power of two is exact
            Some(value)
                if value.is_normal() && (1.0 / value).is_normal() && value.to_bits() << 12 == 0 =>
            {
                let reciprocal = self.constant(1.0 / value);
                self.op(OpCode::Mul, &[a, reciprocal])
            }
            Some(_) => self.op(OpCode::Div, &[a, divisor]),
            None if reading != Reading::Frozen => self.op(OpCode::Div, &[a, divisor]),
            None => {
                let reciprocal = self.reciprocal(b, reading);
                self.op(OpCode::Mul, &[a, reciprocal])
            }
        }
    }

    /// 1/e, written with the reciprocals of the factors of e so that they are shared.
    fn reciprocal(&mut self, e: Expr, reading: Reading) -> Id {
        let graph = self.graph;
        match graph.node(e) {
            Node::Product(factors) => {
                let parts = factors
                    .iter()
                    .map(|&factor| self.reciprocal(factor, reading))
                    .collect();
                self.multiply(parts)
            }
            Node::Divide(a, b) => {
                let (a, b) = (self.reciprocal(*a, reading), self.lower(*b, reading));
                self.multiply(vec![b, a])
            }
            Node::Call(Function::Pow, arguments) if graph.as_number(arguments[1]).is_some() => {
                self.power(arguments[0], arguments[1], -1.0, reading)
            }
            _ => {
                let id = self.lower(e, reading);
                self.op(OpCode::Recip, &[id])
            }
        }
    }

    /// `base^(sign exponent)`
    fn power(&mut self, base: Expr, exponent: Expr, sign: f64, reading: Reading) -> Id {
        if let Some(exponent) = self.graph.as_number(exponent) {
            let exponent = sign * exponent;
            let twice = 2.0 * exponent;
            if exponent.abs() <= LARGEST_POWER && twice == twice.trunc() && exponent != 0.0 {
                let whole = exponent.abs().trunc() as u32;
                let half = exponent.abs().fract() != 0.0;
                let inverts = exponent < 0.0;
                let base = match (inverts, reading) {
                    (true, Reading::Frozen) => self.reciprocal(base, reading),
                    _ => self.lower(base, reading),
                };
                let mut parts = Vec::new();
                if whole > 0 {
                    parts.push(self.integer_power(base, whole));
                }
                if half {
                    parts.push(self.op(OpCode::Sqrt, &[base]));
                }
                let power = self.multiply(parts);
                return if inverts && reading != Reading::Frozen {
                    self.op(OpCode::Recip, &[power])
                } else {
                    power
                };
            }
        }
        let (base, exponent) = (self.lower(base, reading), self.lower(exponent, reading));
        let power = self.op(OpCode::Pow, &[base, exponent]);
        if sign < 0.0 {
            self.op(OpCode::Recip, &[power])
        } else {
            power
        }
    }

    fn integer_power(&mut self, base: Id, exponent: u32) -> Id {
        if exponent == 1 {
            return base;
        }
        let half = self.integer_power(base, exponent / 2);
        let square = self.op(OpCode::Mul, &[half, half]);
        if exponent % 2 == 1 {
            self.op(OpCode::Mul, &[square, base])
        } else {
            square
        }
    }

    fn chain(&mut self, code: OpCode, terms: &[Expr], reading: Reading) -> Id {
        let parts: Vec<Id> = terms
            .iter()
            .map(|&term| self.lower(term, reading))
            .collect();
        match parts.split_first() {
            None => self.constant(if code == OpCode::And { 1.0 } else { 0.0 }),
            // a single term is still made 0 or 1
            Some((&first, [])) => self.op(code, &[first, first]),
            Some((&first, rest)) => rest
                .iter()
                .fold(first, |value, &id| self.op(code, &[value, id])),
        }
    }

    pub(crate) fn constant(&mut self, value: f64) -> Id {
        self.intern(Instruction::Constant(value.to_bits()), Class::Constant)
    }

    pub(crate) fn register(&mut self, register: usize) -> Id {
        let layout = &self.layout;
        let class = if !self.hoists {
            Class::Varying
        } else if register == layout.time() {
            Class::Clock
        } else if (layout.register(0)..layout.mode(0)).contains(&register) {
            Class::Parameters
        } else if register < layout.direction(0) {
            Class::Point
        } else {
            Class::Varying
        };
        self.intern(Instruction::Register(register as u32), class)
    }

    pub(crate) fn constant_value(&self, id: Id) -> Option<f64> {
        match self.instruction(id) {
            Instruction::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// An instruction on the given operands, folded where they are constants.
    pub(crate) fn op(&mut self, code: OpCode, operands: &[Id]) -> Id {
        let mut operands = [
            operands[0],
            *operands.get(1).unwrap_or(&operands[0]),
            *operands.get(2).unwrap_or(&operands[0]),
        ];
        let arity = code.arity();
        if matches!(
            code,
            OpCode::Add | OpCode::Mul | OpCode::Equal | OpCode::NotEqual
        ) && operands[1] < operands[0]
        {
            operands.swap(0, 1);
        }
        operands[2] = if arity < 3 { operands[0] } else { operands[2] };
        let values = operands.map(|id| self.constant_value(id));
        let [a, b, c] = operands;
        match (code, values) {
            (_, [Some(x), Some(y), Some(z)]) => return self.constant(apply(code, x, y, z)),
            (OpCode::Add | OpCode::Sub, [_, Some(0.0), _]) => return a,
            (OpCode::Add, [Some(0.0), ..]) => return b,
            (OpCode::Mul, [_, Some(1.0), _]) | (OpCode::Div, [_, Some(1.0), _]) => return a,
            (OpCode::Mul, [Some(1.0), ..]) => return b,
            (OpCode::Div, [Some(1.0), ..]) => return self.op(OpCode::Recip, &[b]),
            (OpCode::Select, [Some(condition), ..]) => return if condition != 0.0 { b } else { c },
            (OpCode::Select, _) if b == c => return b,
            (OpCode::Neg, _) => {
                if let Instruction::Op(OpCode::Neg, [inner, ..]) = self.instruction(a) {
                    return inner;
                }
            }
            _ => {}
        }
        let class = operands[..arity]
            .iter()
            .map(|&id| self.class(id))
            .max()
            .expect("an operation has an operand");
        self.intern(Instruction::Op(code, operands), class)
    }

    fn intern(&mut self, instruction: Instruction, class: Class) -> Id {
        if let Some(&id) = self.index.get(&instruction) {
            return id;
        }
        let id = Id(self.instructions.len() as u32);
        self.instructions.push(instruction);
        self.classes.push(class);
        self.index.insert(instruction, id);
        id
    }
}

/// Calls `visit` with every operand of a node.
pub(crate) fn for_operands(node: &Node, mut visit: impl FnMut(Expr)) {
    match node {
        Node::Number(_) | Node::Symbol(_) | Node::Time => {}
        Node::Sum(operands)
        | Node::Product(operands)
        | Node::And(operands)
        | Node::Or(operands) => operands.iter().copied().for_each(visit),
        Node::Call(_, operands) | Node::User(_, operands) => {
            operands.iter().copied().for_each(visit)
        }
        Node::Divide(a, b) | Node::Compare(_, a, b) => {
            visit(*a);
            visit(*b);
        }
        Node::Not(a) => visit(*a),
        Node::Select(a, b, c) => {
            visit(*a);
            visit(*b);
            visit(*c);
        }
    }
}
