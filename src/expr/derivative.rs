//! Exact symbolic derivatives, by forward accumulation over the nodes that mention the variable.
//!
//! Rules are written so that no derivative of a function that is finite overflows or turns NaN, and so that the derivative
//! of a derivative keeps that: powers never divide by their base, the Hill function has its own slope and curvature, and
//! products with a logarithm or a negative power are guarded ([`Function::XLogY`], [`Function::ScaledPow`]).
//!
//! Hill function: with $h(x, K, n)$, $s = h_x$, $c = h_{xx}$ and $L = \ln x - \ln K$, homogeneity in $(x, K)$ gives
//!
//! $$h_K = -\tfrac{n}{K} h (1 - h),\qquad s_K = -\tfrac{n}{K} s (1 - 2h),\qquad c_K = \tfrac{n}{K}\bigl(2 s^2 - c (1 - 2h)\bigr),$$
//! $$h_n = h (1 - h) L,\qquad s_n = \tfrac{s}{n} + s (1 - 2h) L,\qquad c_n = \tfrac{c}{n} + \bigl(c (1 - 2h) - 2 s^2\bigr) L + \tfrac{s}{x}(1 - 2h),$$
//! $$c_x = \tfrac{1}{x}\bigl(c\,(n (1 - 2h) - 2) - 2 n s^2\bigr).$$
//!
//! The last two divide by x: third derivatives of the Hill function need x > 0.
use super::function::Function;
use super::graph::{Graph, QuickMap};
use super::node::{Compare, Expr, Node, Symbol, Variable};
use std::collections::HashMap;

impl Graph {
    /// Exact symbolic derivative; select differentiates branch by branch, conditions are constants.
    ///
    /// `abs` has the derivative `sign`; `sign`, `floor`, `ceil` and the quotient have 0. User functions must be inlined before:
    /// the derivative of a call that mentions the variable is NaN.
    pub fn derivative(&mut self, e: Expr, with_respect_to: Variable) -> Expr {
        let zero = self.number(0.0);
        let mut known: QuickMap<u32, Expr> = QuickMap::default();
        let mentioning = self.reachable(&[e], |e| self.may_mention(e, with_respect_to));
        for e in mentioning {
            let derivative = if self.may_mention(e, with_respect_to) {
                let node = self.node(e).clone();
                self.derivative_of_node(e, &node, with_respect_to, &|operand| {
                    known.get(&operand.0).copied().unwrap_or(zero)
                })
            } else {
                zero
            };
            known.insert(e.0, derivative);
        }
        known[&e.0]
    }

    /// The derivatives with respect to all symbols that are wanted and do not vanish, sorted by name.
    ///
    /// The terms of a sum are differentiated one by one, each by its own symbols: the work grows with the length of the sum,
    /// not with its square.
    pub(crate) fn gradient(
        &mut self,
        e: Expr,
        wanted: &dyn Fn(Symbol) -> bool,
    ) -> Vec<(Symbol, Expr)> {
        let parts = match self.node(e) {
            Node::Sum(terms) => terms.to_vec(),
            _ => vec![e],
        };
        let mut terms: HashMap<Symbol, Vec<Expr>> = HashMap::new();
        for part in parts {
            for symbol in self.symbols_of(part) {
                if wanted(symbol) {
                    let slope = self.derivative(part, Variable::Symbol(symbol));
                    terms.entry(symbol).or_default().push(slope);
                }
            }
        }
        let mut gradient: Vec<(Symbol, Vec<Expr>)> = terms.into_iter().collect();
        gradient.sort_unstable_by(|(a, _), (b, _)| self.name(*a).cmp(self.name(*b)));
        let sums = gradient
            .into_iter()
            .map(|(symbol, terms)| (symbol, self.sum(&terms)));
        let sums: Vec<(Symbol, Expr)> = sums.collect();
        sums.into_iter()
            .filter(|(_, e)| self.as_number(*e) != Some(0.0))
            .collect()
    }

    /// Derivatives of many expressions along one direction: each seed names a variable and its component of the direction.
    /// The result is the sum of partial derivatives times components, the work on shared parts done once.
    ///
    /// ```
    /// use holobiont::expr::{Graph, Variable};
    /// let mut graph = Graph::new();
    /// let (e, dx) = (graph.parse("x^2 + y")?, graph.symbol("dx"));
    /// let x = graph.intern("x");
    /// let along = graph.derivatives_along(&[e], &[(Variable::Symbol(x), dx)]);
    /// assert_eq!(graph.text(along[0]), "2 * dx * x");
    /// # Ok::<(), holobiont::expr::ParseError>(())
    /// ```
    pub fn derivatives_along(
        &mut self,
        expressions: &[Expr],
        seeds: &[(Variable, Expr)],
    ) -> Vec<Expr> {
        let zero = self.number(0.0);
        let seeds: QuickMap<Variable, Expr> = seeds.iter().copied().collect();
        let mut known: QuickMap<u32, Expr> = QuickMap::default();
        for e in self.reachable(expressions, |_| true) {
            let node = self.node(e).clone();
            let seed = match &node {
                Node::Symbol(symbol) => Some(Variable::Symbol(*symbol)),
                Node::Time => Some(Variable::Time),
                _ => None,
            };
            let derivative = match seed {
                Some(variable) => seeds.get(&variable).copied().unwrap_or(zero),
                None => self.derivative_of_node(e, &node, Variable::Time, &|operand| {
                    known.get(&operand.0).copied().unwrap_or(zero)
                }),
            };
            known.insert(e.0, derivative);
        }
        expressions.iter().map(|e| known[&e.0]).collect()
    }

    /// Derivative of one node, given those of its operands.
    fn derivative_of_node(
        &mut self,
        e: Expr,
        node: &Node,
        variable: Variable,
        of: &dyn Fn(Expr) -> Expr,
    ) -> Expr {
        let is_zero = |graph: &Graph, e: Expr| graph.as_number(e) == Some(0.0);
        match node {
            Node::Symbol(symbol) => self.number(f64::from(variable == Variable::Symbol(*symbol))),
            Node::Time => self.number(f64::from(variable == Variable::Time)),
            Node::Number(_) | Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Not(_) => {
                self.number(0.0)
            }
            Node::Sum(terms) => {
                let terms: Vec<Expr> = terms.iter().map(|&term| of(term)).collect();
                self.sum(&terms)
            }
            Node::Product(factors) => {
                let mut terms = Vec::new();
                for (i, &factor) in factors.iter().enumerate() {
                    let inner = of(factor);
                    if !is_zero(self, inner) {
                        let mut factors = factors.to_vec();
                        factors[i] = inner;
                        terms.push(self.product(&factors));
                    }
                }
                self.sum(&terms)
            }
            Node::Divide(a, b) => {
                // a'/b - (a/b) (b'/b): never squares b, so it cannot overflow where a/b does not
                let (da, db) = (of(*a), of(*b));
                let first = self.div(da, *b);
                let relative = self.div(db, *b);
                let second = self.mul(e, relative);
                self.sub(first, second)
            }
            Node::Call(function, arguments) => {
                let mut terms = Vec::new();
                for i in 0..arguments.len() {
                    let inner = of(arguments[i]);
                    if !is_zero(self, inner) {
                        terms.push(self.chain(e, *function, arguments, i, inner));
                    }
                }
                self.sum(&terms)
            }
            Node::Select(condition, then, otherwise) => {
                let (then, otherwise) = (of(*then), of(*otherwise));
                self.select(*condition, then, otherwise)
            }
            Node::User(_, arguments) => {
                let constant = arguments
                    .iter()
                    .all(|&argument| is_zero(self, of(argument)));
                self.number(if constant { 0.0 } else { f64::NAN })
            }
        }
    }

    /// Partial derivative of a call with respect to argument `i`, times the derivative `inner` of that argument.
    fn chain(
        &mut self,
        e: Expr,
        function: Function,
        arguments: &[Expr],
        i: usize,
        inner: Expr,
    ) -> Expr {
        let a = arguments[0];
        let one = self.number(1.0);
        match function {
            Function::Sign | Function::Floor | Function::Ceil | Function::Quotient => {
                self.number(0.0)
            }
            Function::Ln => self.div(inner, a),
            Function::Log1p => {
                let shifted = self.add(one, a);
                self.div(inner, shifted)
            }
            Function::Sqrt => {
                let twice = self.add(e, e);
                self.div(inner, twice)
            }
            Function::Acosh => {
                // sqrt(a - 1) sqrt(a + 1) keeps its digits near 1
                let (below, above) = (self.sub(a, one), self.add(a, one));
                let (below, above) = (
                    self.call(Function::Sqrt, &[below]),
                    self.call(Function::Sqrt, &[above]),
                );
                let root = self.mul(below, above);
                self.div(inner, root)
            }
            Function::Asin | Function::Acos => {
                let square = self.one_minus_square(a);
                let root = self.call(Function::Sqrt, &[square]);
                let positive = self.div(inner, root);
                if function == Function::Asin {
                    positive
                } else {
                    self.neg(positive)
                }
            }
            Function::Atanh => {
                let square = self.one_minus_square(a);
                self.div(inner, square)
            }
            Function::Atan | Function::Asinh => {
                let two = self.number(2.0);
                let square = self.pow(a, two);
                let sum = self.add(one, square);
                let denominator = if function == Function::Atan {
                    sum
                } else {
                    self.call(Function::Sqrt, &[sum])
                };
                self.div(inner, denominator)
            }
            Function::Pow => self.chain_pow(e, a, arguments[1], i, inner),
            Function::XLogY if i == 0 => self.call(Function::XLogY, &[inner, arguments[1]]),
            Function::XLogY => {
                let minus_one = self.number(-1.0);
                let ratio = self.call(Function::ScaledPow, &[a, arguments[1], minus_one]);
                self.mul(ratio, inner)
            }
            Function::ScaledPow => self.chain_scaled_pow(e, arguments, i, inner),
            Function::Min | Function::Max => {
                let relation = if function == Function::Min {
                    Compare::LessEqual
                } else {
                    Compare::GreaterEqual
                };
                let first = self.compare(relation, a, arguments[1]);
                let zero = self.number(0.0);
                if i == 0 {
                    self.select(first, inner, zero)
                } else {
                    self.select(first, zero, inner)
                }
            }
            Function::Remainder if i == 0 => inner,
            Function::Remainder => {
                let quotient = self.call(Function::Quotient, &[a, arguments[1]]);
                let product = self.mul(quotient, inner);
                self.neg(product)
            }
            Function::Polygamma => {
                // the order is an integer constant, so only the second argument varies
                if i == 0 {
                    return self.number(f64::NAN);
                }
                let next = self.add(a, one);
                let slope = self.call(Function::Polygamma, &[next, arguments[1]]);
                self.mul(slope, inner)
            }
            Function::Hill | Function::HillSlope | Function::HillCurvature => {
                let slope = self.chain_hill(e, function, arguments, i);
                self.mul(slope, inner)
            }
            _ => {
                let slope = self.slope(e, function, a);
                self.mul(slope, inner)
            }
        }
    }

    /// f'(a) of the functions of one argument whose slope is a plain factor; `e` is f(a).
    fn slope(&mut self, e: Expr, function: Function, a: Expr) -> Expr {
        let one = self.number(1.0);
        let minus_a = self.neg(a);
        match function {
            Function::Exp => e,
            Function::Expm1 => self.call(Function::Exp, &[a]),
            Function::Abs => self.call(Function::Sign, &[a]),
            Function::Sin => self.call(Function::Cos, &[a]),
            Function::Cos => {
                let sin = self.call(Function::Sin, &[a]);
                self.neg(sin)
            }
            Function::Tan => {
                let square = self.mul(e, e);
                self.add(one, square)
            }
            Function::Sinh => self.call(Function::Cosh, &[a]),
            Function::Cosh => self.call(Function::Sinh, &[a]),
            Function::Tanh => {
                // 1/cosh^2 as 4 sigmoid(2a) sigmoid(-2a): neither overflow nor cancellation in the tails
                let (two, four) = (self.number(2.0), self.number(4.0));
                let (up, down) = (self.mul(two, a), self.mul(two, minus_a));
                let (up, down) = (
                    self.call(Function::Sigmoid, &[up]),
                    self.call(Function::Sigmoid, &[down]),
                );
                self.product(&[four, up, down])
            }
            Function::Sigmoid => {
                let other = self.call(Function::Sigmoid, &[minus_a]);
                self.mul(e, other)
            }
            Function::Factorial => {
                let zero = self.number(0.0);
                let shifted = self.add(a, one);
                let digamma = self.call(Function::Polygamma, &[zero, shifted]);
                self.mul(e, digamma)
            }
            _ => self.number(f64::NAN),
        }
    }

    fn chain_pow(&mut self, e: Expr, base: Expr, exponent: Expr, i: usize, inner: Expr) -> Expr {
        if i == 1 {
            let slope = self.call(Function::XLogY, &[e, base]);
            return self.mul(slope, inner);
        }
        let one = self.number(1.0);
        let lower = self.sub(exponent, one);
        let slope = self.call(Function::ScaledPow, &[exponent, base, lower]);
        self.mul(slope, inner)
    }

    fn chain_scaled_pow(&mut self, e: Expr, arguments: &[Expr], i: usize, inner: Expr) -> Expr {
        let (coefficient, base, exponent) = (arguments[0], arguments[1], arguments[2]);
        match i {
            0 => self.call(Function::ScaledPow, &[inner, base, exponent]),
            1 => {
                let one = self.number(1.0);
                let scaled = self.mul(coefficient, exponent);
                let lower = self.sub(exponent, one);
                let slope = self.call(Function::ScaledPow, &[scaled, base, lower]);
                self.mul(slope, inner)
            }
            _ => {
                let slope = self.call(Function::XLogY, &[e, base]);
                self.mul(slope, inner)
            }
        }
    }

    /// The formulas of the head of this file.
    fn chain_hill(&mut self, e: Expr, function: Function, arguments: &[Expr], i: usize) -> Expr {
        let (x, k, n) = (arguments[0], arguments[1], arguments[2]);
        if i == 0 && function == Function::Hill {
            return self.call(Function::HillSlope, arguments);
        }
        if i == 0 && function == Function::HillSlope {
            return self.call(Function::HillCurvature, arguments);
        }
        let h = self.call(Function::Hill, arguments);
        let s = self.call(Function::HillSlope, arguments);
        let (one, two) = (self.number(1.0), self.number(2.0));
        let twice_h = self.mul(two, h);
        let balance = self.sub(one, twice_h);
        // a ln(x/K), each logarithm guarded, so that x = 0 gives 0 where a is 0
        let log_ratio = |graph: &mut Graph, a: Expr| {
            let (ln_x, ln_k) = (
                graph.call(Function::XLogY, &[a, x]),
                graph.call(Function::XLogY, &[a, k]),
            );
            graph.sub(ln_x, ln_k)
        };
        match (function, i) {
            (Function::Hill, _) => {
                // 1 - h = hill(x, K, -n), without cancellation and smooth at x = 0
                let minus_n = self.neg(n);
                let rest = self.call(Function::Hill, &[x, k, minus_n]);
                if i == 1 {
                    let product = self.product(&[n, h, rest]);
                    let quotient = self.div(product, k);
                    self.neg(quotient)
                } else {
                    let weight = self.mul(h, rest);
                    log_ratio(self, weight)
                }
            }
            (Function::HillSlope, 1) => {
                let product = self.product(&[n, s, balance]);
                let quotient = self.div(product, k);
                self.neg(quotient)
            }
            (Function::HillSlope, _) => {
                let first = self.div(s, n);
                let weight = self.mul(s, balance);
                let second = log_ratio(self, weight);
                self.add(first, second)
            }
            _ => {
                let c = e;
                let c_balance = self.mul(c, balance);
                let twice_square = self.product(&[two, s, s]);
                match i {
                    0 => {
                        let weight = self.product(&[n, c_balance]);
                        let (twice_c, n_square) = (self.mul(two, c), self.mul(n, twice_square));
                        let (twice_c, n_square) = (self.neg(twice_c), self.neg(n_square));
                        let sum = self.sum(&[weight, twice_c, n_square]);
                        self.div(sum, x)
                    }
                    1 => {
                        let difference = self.sub(twice_square, c_balance);
                        let product = self.mul(n, difference);
                        self.div(product, k)
                    }
                    _ => {
                        let first = self.div(c, n);
                        let weight = self.sub(c_balance, twice_square);
                        let second = log_ratio(self, weight);
                        let product = self.mul(s, balance);
                        let third = self.div(product, x);
                        self.sum(&[first, second, third])
                    }
                }
            }
        }
    }

    /// (1 - a)(1 + a)
    fn one_minus_square(&mut self, a: Expr) -> Expr {
        let one = self.number(1.0);
        let (below, above) = (self.sub(one, a), self.add(one, a));
        self.mul(below, above)
    }
}
