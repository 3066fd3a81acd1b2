//! The smart constructors: they simplify as they build, so that equal expressions meet in one node.
//!
//! What they may do: fold constants (NaN stays NaN), flatten (but for very long ones) and sort sums and products, collect like terms, join integer
//! powers of the same sign, drop neutral elements, pull signs out. `0 x` and `x - x` become 0, as is customary. What they
//! never do is change the numbers: `x/3` stays a division (`x/2` is `0.5 x`, exactly), and `x/x` keeps its singularity.
//!
//! Conditions (of [`Graph::select`], [`Graph::and`], [`Graph::or`], [`Graph::not`]) are always built of comparisons,
//! `And`, `Or`, `Not` and the numbers 0 and 1; any other condition `x` becomes `x != 0`.
use super::function::Function;
use super::functions;
use super::graph::{Graph, QuickMap};
use super::node::{Compare, Expr, Node};

/// A longer sum or condition within another is one operand of it, and so is a longer product: long chains stay cheap.
const LONGEST: usize = 256;
const LONGEST_PRODUCT: usize = 32;

impl Graph {
    /// a + b
    pub fn add(&mut self, a: Expr, b: Expr) -> Expr {
        self.sum(&[a, b])
    }

    /// a - b
    pub fn sub(&mut self, a: Expr, b: Expr) -> Expr {
        let minus_b = self.neg(b);
        self.sum(&[a, minus_b])
    }

    /// -a
    pub fn neg(&mut self, a: Expr) -> Expr {
        let minus_one = self.number(-1.0);
        self.product(&[minus_one, a])
    }

    /// a b
    pub fn mul(&mut self, a: Expr, b: Expr) -> Expr {
        self.product(&[a, b])
    }

    /// Sum of any number of terms; prefer it to many calls of [`Graph::add`], which leave the partial sums behind.
    pub fn sum(&mut self, terms: &[Expr]) -> Expr {
        let mut constant = 0.0;
        // like terms: the factors without the coefficient, and the coefficient
        let mut groups: Vec<(Box<[Expr]>, f64)> = Vec::new();
        let mut index: QuickMap<Box<[Expr]>, usize> = QuickMap::default();
        let mut take = |graph: &Graph, term: Expr| match graph.node(term) {
            Node::Number(bits) => constant += f64::from_bits(*bits),
            node => {
                let (coefficient, rest): (f64, Box<[Expr]>) = match node {
                    Node::Product(factors) => match graph.as_number(factors[0]) {
                        Some(coefficient) => (coefficient, factors[1..].into()),
                        None => (1.0, factors.clone()),
                    },
                    _ => (1.0, Box::new([term])),
                };
                match index.get(&rest) {
                    Some(&known) => groups[known].1 += coefficient,
                    None => {
                        index.insert(rest.clone(), groups.len());
                        groups.push((rest, coefficient));
                    }
                }
            }
        };
        for &term in terms {
            match self.node(term) {
                Node::Sum(inner) if inner.len() <= LONGEST => {
                    inner.iter().for_each(|&term| take(self, term))
                }
                _ => take(self, term),
            }
        }
        let mut sum: Vec<Expr> = Vec::with_capacity(groups.len() + 1);
        for (rest, coefficient) in groups {
            if coefficient.is_nan() {
                constant = f64::NAN;
            } else if coefficient != 0.0 {
                let term = self.scaled_factors(coefficient, &rest);
                sum.push(term);
            }
        }
        if constant.is_nan() {
            return self.number(constant);
        }
        sum.sort_unstable_by(|a, b| self.order(*a, *b));
        if constant != 0.0 || sum.is_empty() {
            let constant = self.number(constant);
            sum.insert(0, constant);
        }
        if sum.len() == 1 {
            sum[0]
        } else {
            self.add_node(Node::Sum(sum.into()))
        }
    }

    /// Factors that are already those of one product, with a coefficient.
    fn scaled_factors(&mut self, coefficient: f64, factors: &[Expr]) -> Expr {
        if coefficient == 1.0 {
            return if factors.len() == 1 {
                factors[0]
            } else {
                self.add_node(Node::Product(factors.into()))
            };
        }
        let mut all = Vec::with_capacity(factors.len() + 1);
        all.push(self.number(coefficient));
        all.extend_from_slice(factors);
        self.add_node(Node::Product(all.into()))
    }

    /// Product of any number of factors.
    pub fn product(&mut self, factors: &[Expr]) -> Expr {
        /// Integer exponents of one base; those of different sign stay apart, or a singularity would vanish.
        struct Power {
            base: Expr,
            positive: f64,
            negative: f64,
        }
        let mut coefficient = 1.0;
        let mut powers: Vec<Power> = Vec::new();
        let mut index: QuickMap<u32, usize> = QuickMap::default();
        let mut take = |graph: &Graph, factor: Expr| {
            if let Some(number) = graph.as_number(factor) {
                coefficient *= number;
                return;
            }
            let (base, exponent) = graph.integer_power(factor).unwrap_or((factor, 1.0));
            let position = *index.entry(base.0).or_insert_with(|| {
                powers.push(Power {
                    base,
                    positive: 0.0,
                    negative: 0.0,
                });
                powers.len() - 1
            });
            if exponent > 0.0 {
                powers[position].positive += exponent;
            } else {
                powers[position].negative += exponent;
            }
        };
        for &factor in factors {
            match self.node(factor) {
                Node::Product(inner) if inner.len() <= LONGEST_PRODUCT => {
                    inner.iter().for_each(|&factor| take(self, factor))
                }
                _ => take(self, factor),
            }
        }
        if coefficient == 0.0 || coefficient.is_nan() {
            return self.number(coefficient);
        }
        let mut product: Vec<Expr> = Vec::with_capacity(powers.len());
        for Power {
            base,
            positive,
            negative,
        } in powers
        {
            for exponent in [positive, negative] {
                if exponent == 1.0 {
                    product.push(base);
                } else if exponent != 0.0 {
                    let exponent = self.number(exponent);
                    product
                        .push(self.add_node(Node::Call(Function::Pow, Box::new([base, exponent]))));
                }
            }
        }
        if product.is_empty() {
            return self.number(coefficient);
        }
        product.sort_unstable_by(|a, b| self.order(*a, *b));
        self.scaled_factors(coefficient, &product)
    }

    /// Base and exponent of a power whose exponent is an integer constant.
    fn integer_power(&self, e: Expr) -> Option<(Expr, f64)> {
        match self.node(e) {
            Node::Call(Function::Pow, arguments) => {
                let exponent = self.as_number(arguments[1])?;
                (exponent.fract() == 0.0 && exponent.abs() < 1e15)
                    .then_some((arguments[0], exponent))
            }
            _ => None,
        }
    }

    /// -e, when e is a number or a product with negative coefficient. The coefficient itself turns its sign: a long product is one
    /// factor in its [`Graph::neg`], which would be negative again.
    fn without_minus(&mut self, e: Expr) -> Option<Expr> {
        let (coefficient, rest) = match self.node(e) {
            Node::Number(bits) => (f64::from_bits(*bits), Vec::new()),
            Node::Product(factors) => (self.as_number(factors[0])?, factors[1..].to_vec()),
            _ => return None,
        };
        (coefficient < 0.0).then(|| match rest.is_empty() {
            true => self.number(-coefficient),
            false => self.scaled_factors(-coefficient, &rest),
        })
    }

    /// a / b
    pub fn div(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.as_number(a), self.as_number(b)) {
            (Some(x), Some(y)) => return self.number(x / y),
            (None, Some(1.0)) => return a,
            (_, Some(y)) if y.is_nan() => return b,
            (None, Some(y)) if is_power_of_two(y) => {
                let factor = self.number(1.0 / y);
                return self.product(&[factor, a]);
            }
            (Some(x), None) if x == 0.0 || x.is_nan() => return a,
            _ => {}
        }
        if let Some(minus_a) = self.without_minus(a) {
            let quotient = self.div(minus_a, b);
            return self.neg(quotient);
        }
        if let Some(minus_b) = self.without_minus(b) {
            let quotient = self.div(a, minus_b);
            return self.neg(quotient);
        }
        self.add_node(Node::Divide(a, b))
    }

    /// a to the b
    pub fn pow(&mut self, a: Expr, b: Expr) -> Expr {
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            return self.number(functions::pow(x, y));
        }
        if self.as_number(a) == Some(1.0) {
            return a;
        }
        let Some(exponent) = self.as_number(b) else {
            return self.add_node(Node::Call(Function::Pow, Box::new([a, b])));
        };
        if exponent == 0.0 {
            return self.number(1.0);
        } else if exponent == 1.0 {
            return a;
        } else if exponent == 0.5 {
            return self.call(Function::Sqrt, &[a]);
        } else if exponent == -1.0 {
            let one = self.number(1.0);
            return self.div(one, a);
        } else if exponent.is_nan() {
            return b;
        }
        if exponent.fract() == 0.0 && exponent.abs() < 1e15 {
            if let Some((base, inner)) = self.integer_power(a)
                && (inner * exponent).abs() < 1e15
            {
                let exponent = self.number(inner * exponent);
                return self.pow(base, exponent);
            }
            if let Node::Product(factors) = self.node(a)
                && self.as_number(factors[0]) == Some(-1.0)
                && let Some(positive) = self.without_minus(a)
            {
                let power = self.pow(positive, b);
                return if exponent % 2.0 == 0.0 {
                    power
                } else {
                    self.neg(power)
                };
            }
        }
        self.add_node(Node::Call(Function::Pow, Box::new([a, b])))
    }

    /// An elementary function of its arguments; missing arguments count as NaN, surplus ones are ignored.
    pub fn call(&mut self, f: Function, arguments: &[Expr]) -> Expr {
        let mut arguments: Vec<Expr> = arguments.iter().copied().take(f.arity()).collect();
        while arguments.len() < f.arity() {
            let missing = self.number(f64::NAN);
            arguments.push(missing);
        }
        let numbers: Vec<Option<f64>> = arguments
            .iter()
            .map(|&argument| self.as_number(argument))
            .collect();
        if let Some(values) = numbers.iter().copied().collect::<Option<Vec<f64>>>() {
            return self.number(functions::apply(f, &values));
        }
        match f {
            Function::Pow => return self.pow(arguments[0], arguments[1]),
            Function::Abs => {
                if let Some(positive) = self.without_minus(arguments[0]) {
                    return self.call(f, &[positive]);
                }
                if let Node::Call(Function::Abs, _) = self.node(arguments[0]) {
                    return arguments[0];
                }
            }
            Function::Min | Function::Max => {
                if arguments[0] == arguments[1] {
                    return arguments[0];
                }
                arguments.sort_unstable_by(|a, b| self.order(*a, *b));
            }
            Function::XLogY => {
                if let Some(a) = numbers[0] {
                    if a == 0.0 {
                        return arguments[0];
                    }
                    let ln = self.call(Function::Ln, &[arguments[1]]);
                    return self.mul(arguments[0], ln);
                }
                if let Some(b) = numbers[1]
                    && functions::ln(b).is_finite()
                {
                    let ln = self.number(functions::ln(b));
                    return self.mul(arguments[0], ln);
                }
            }
            Function::ScaledPow => {
                let guarded = numbers[0].is_none()
                    && !numbers[1].is_some_and(|base| base > 0.0 && base.is_finite())
                    && !numbers[2].is_some_and(|exponent| exponent >= 0.0);
                if numbers[0] == Some(0.0) {
                    return arguments[0];
                }
                if !guarded {
                    let power = self.pow(arguments[1], arguments[2]);
                    return self.mul(arguments[0], power);
                }
            }
            _ => {}
        }
        self.add_node(Node::Call(f, arguments.into()))
    }

    /// 1 where the relation holds, else 0.
    pub fn compare(&mut self, relation: Compare, a: Expr, b: Expr) -> Expr {
        let (x, y) = (self.as_number(a), self.as_number(b));
        if let (Some(x), Some(y)) = (x, y) {
            return self.number(f64::from(relation.holds(x, y)));
        }
        if a == b && matches!(relation, Compare::Less | Compare::Greater) {
            return self.number(0.0);
        }
        if matches!(relation, Compare::Equal | Compare::NotEqual) {
            let condition = match (x, y) {
                (None, Some(value)) if self.is_condition(a) => Some((a, value)),
                (Some(value), None) if self.is_condition(b) => Some((b, value)),
                _ => None,
            };
            if let Some((condition, value)) = condition {
                let wanted = relation == Compare::Equal;
                if value == 0.0 {
                    return if wanted {
                        self.not(condition)
                    } else {
                        condition
                    };
                } else if value == 1.0 {
                    return if wanted {
                        condition
                    } else {
                        self.not(condition)
                    };
                }
                return self.number(f64::from(!wanted));
            }
        }
        self.add_node(Node::Compare(relation, a, b))
    }

    /// Whether the value is 0 or 1 by its form.
    pub(crate) fn is_condition(&self, e: Expr) -> bool {
        match self.node(e) {
            Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Not(_) => true,
            Node::Number(bits) => [0.0, 1.0].contains(&f64::from_bits(*bits)),
            _ => false,
        }
    }

    /// The expression itself if it is a condition, else whether it differs from 0.
    pub fn condition(&mut self, e: Expr) -> Expr {
        if self.is_condition(e) {
            return e;
        }
        let zero = self.number(0.0);
        self.compare(Compare::NotEqual, e, zero)
    }

    /// True (1) where all conditions are.
    pub fn and(&mut self, terms: &[Expr]) -> Expr {
        self.junction(terms, true)
    }

    /// True (1) where any condition is.
    pub fn or(&mut self, terms: &[Expr]) -> Expr {
        self.junction(terms, false)
    }

    fn junction(&mut self, terms: &[Expr], and: bool) -> Expr {
        let mut flat = Vec::with_capacity(terms.len());
        for &term in terms {
            let term = self.condition(term);
            match (self.node(term), and) {
                (Node::And(inner), true) | (Node::Or(inner), false) if inner.len() <= LONGEST => {
                    flat.extend_from_slice(inner)
                }
                (Node::Number(bits), _) => {
                    if (f64::from_bits(*bits) != 0.0) != and {
                        return term;
                    }
                }
                _ => flat.push(term),
            }
        }
        flat.sort_unstable_by(|a, b| self.order(*a, *b));
        flat.dedup();
        match flat.len() {
            0 => self.number(f64::from(and)),
            1 => flat[0],
            _ if and => self.add_node(Node::And(flat.into())),
            _ => self.add_node(Node::Or(flat.into())),
        }
    }

    /// True (1) where the condition is false.
    pub fn not(&mut self, a: Expr) -> Expr {
        let a = self.condition(a);
        match self.node(a) {
            Node::Number(bits) => {
                let value = f64::from_bits(*bits) == 0.0;
                self.number(f64::from(value))
            }
            Node::Not(inner) => *inner,
            _ => self.add_node(Node::Not(a)),
        }
    }

    /// `then` where the condition is true (not 0), else `otherwise`.
    pub fn select(&mut self, condition: Expr, then: Expr, otherwise: Expr) -> Expr {
        let condition = self.condition(condition);
        if let Some(value) = self.as_number(condition) {
            return if value != 0.0 { then } else { otherwise };
        }
        if then == otherwise {
            return then;
        }
        if let Node::Not(inner) = self.node(condition) {
            let inner = *inner;
            return self.select(inner, otherwise, then);
        }
        match (self.as_number(then), self.as_number(otherwise)) {
            (Some(1.0), Some(0.0)) => condition,
            (Some(0.0), Some(1.0)) => self.not(condition),
            _ => self.add_node(Node::Select(condition, then, otherwise)),
        }
    }

    /// Builds a node again, in this graph, from operands given by `operand`; leaves (numbers aside) are the caller's.
    pub(super) fn rebuild(
        &mut self,
        node: &Node,
        mut operand: impl FnMut(Expr) -> Expr,
    ) -> Option<Expr> {
        let mut all = |list: &[Expr]| -> Vec<Expr> { list.iter().map(|&e| operand(e)).collect() };
        Some(match node {
            Node::Number(bits) => self.number(f64::from_bits(*bits)),
            Node::Time => self.time(),
            Node::Symbol(_) | Node::User(..) => return None,
            Node::Sum(terms) => {
                let terms = all(terms);
                self.sum(&terms)
            }
            Node::Product(factors) => {
                let factors = all(factors);
                self.product(&factors)
            }
            Node::Divide(a, b) => {
                let (a, b) = (operand(*a), operand(*b));
                self.div(a, b)
            }
            Node::Call(function, arguments) => {
                let arguments = all(arguments);
                self.call(*function, &arguments)
            }
            Node::Compare(relation, a, b) => {
                let (a, b) = (operand(*a), operand(*b));
                self.compare(*relation, a, b)
            }
            Node::And(terms) => {
                let terms = all(terms);
                self.and(&terms)
            }
            Node::Or(terms) => {
                let terms = all(terms);
                self.or(&terms)
            }
            Node::Not(a) => {
                let a = operand(*a);
                self.not(a)
            }
            Node::Select(condition, then, otherwise) => {
                let (condition, then, otherwise) =
                    (operand(*condition), operand(*then), operand(*otherwise));
                self.select(condition, then, otherwise)
            }
        })
    }
}

/// A power of two whose reciprocal is exact.
fn is_power_of_two(x: f64) -> bool {
    x.is_normal() && x.to_bits() & ((1 << 52) - 1) == 0 && (1.0 / x).is_normal()
}
