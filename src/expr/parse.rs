//! The maths language: that of PEtab v2 (<https://petab.readthedocs.io>), with functions of our own.
//!
//! Operators, tightest first: `^` (right associative; `-2^2` is -4, `2^-2` is 1/4), unary `+` and `-`, `!`, `*` and `/`, `+` and
//! `-`, comparisons, and last `&&` and `||`, which have equal precedence. Truth is 1, falsehood 0; any number other than 0
//! counts as true. `time` is the independent variable; `inf`, `true` and `false` are constants, `nan` is reserved and refused.
//! There is no implicit multiplication.
//!
//! A call of a name that is not a function of the language becomes [`Node::User`](super::Node::User).
use super::function::Function;
use super::graph::Graph;
use super::language::{Builder, RESERVED, builder};
use super::node::Expr;
use super::tokens::{Token, tokens};

/// A formula that could not be read: message, column (1-based, in characters) and what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct ParseError {
    /// 1-based, in characters
    pub column: usize,
    /// what is wrong and what to do
    pub message: String,
}

/// Levels of nesting (brackets, signs, powers) that a formula may have.
const DEEPEST: usize = 500;

impl Graph {
    /// Parses the PEtab maths language and our own functions; the head of the file says what that is.
    ///
    /// ```
    /// let mut graph = holobiont::expr::Graph::new();
    /// let a = graph.parse("mu * X * S / (K + S)")?;
    /// assert_eq!(a, graph.parse("X*S*mu / (S + K)")?);
    /// assert_eq!(graph.parse("2 * (x + ").unwrap_err().column, 10);
    /// # Ok::<(), holobiont::expr::ParseError>(())
    /// ```
    pub fn parse(&mut self, text: &str) -> Result<Expr, ParseError> {
        let tokens = tokens(text)?;
        let mut parser = Parser {
            graph: self,
            tokens,
            at: 0,
            depth: 0,
        };
        let e = parser.logical()?;
        match parser.peek() {
            Token::End => Ok(e),
            Token::Name(_) | Token::Number(_) | Token::Open => {
                Err(parser.error("expected an operator here; multiplication is written `*`".into()))
            }
            other => Err(parser.error(format!(
                "expected an operator or the end, found {}",
                other.described()
            ))),
        }
    }
}

struct Parser<'a> {
    graph: &'a mut Graph,
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].1
    }

    /// The next token; the end is never passed.
    fn take(&mut self) -> Token {
        let token = self.tokens[self.at].1.clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    fn accept(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.at += 1;
        }
        found
    }

    /// An error at the next token.
    fn error(&self, message: String) -> ParseError {
        ParseError {
            column: self.tokens[self.at].0,
            message,
        }
    }

    fn logical(&mut self) -> Result<Expr, ParseError> {
        let mut left = self.comparison()?;
        loop {
            if self.accept(&Token::And) {
                let right = self.comparison()?;
                left = self.graph.and(&[left, right]);
            } else if self.accept(&Token::Or) {
                let right = self.comparison()?;
                left = self.graph.or(&[left, right]);
            } else {
                return Ok(left);
            }
        }
    }

    fn comparison(&mut self) -> Result<Expr, ParseError> {
        let mut left = self.additive()?;
        while let Token::Relation(relation) = *self.peek() {
            self.at += 1;
            let right = self.additive()?;
            left = self.graph.compare(relation, left, right);
        }
        Ok(left)
    }

    fn additive(&mut self) -> Result<Expr, ParseError> {
        let first = self.multiplicative()?;
        let mut terms = vec![first];
        loop {
            if self.accept(&Token::Plus) {
                let term = self.multiplicative()?;
                terms.push(term);
            } else if self.accept(&Token::Minus) {
                let term = self.multiplicative()?;
                terms.push(self.graph.neg(term));
            } else if terms.len() == 1 {
                return Ok(first);
            } else {
                return Ok(self.graph.sum(&terms));
            }
        }
    }

    fn multiplicative(&mut self) -> Result<Expr, ParseError> {
        let mut factors = vec![self.unary()?];
        loop {
            if self.accept(&Token::Times) {
                let factor = self.unary()?;
                factors.push(factor);
                continue;
            }
            let product = if factors.len() == 1 {
                factors[0]
            } else {
                self.graph.product(&factors)
            };
            if !self.accept(&Token::Over) {
                return Ok(product);
            }
            let divisor = self.unary()?;
            factors = vec![self.graph.div(product, divisor)];
        }
    }

    /// Signs, negations, and the power below them.
    fn unary(&mut self) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(format!(
                "the formula is nested more than {DEEPEST} levels deep"
            )));
        }
        let e = match self.peek() {
            Token::Plus => {
                self.at += 1;
                self.unary()?
            }
            Token::Minus => {
                self.at += 1;
                let operand = self.unary()?;
                self.graph.neg(operand)
            }
            Token::Not => {
                self.at += 1;
                let operand = self.unary()?;
                self.graph.not(operand)
            }
            _ => {
                let base = self.primary()?;
                if self.accept(&Token::Power) {
                    let exponent = self.unary()?;
                    self.graph.pow(base, exponent)
                } else {
                    base
                }
            }
        };
        self.depth -= 1;
        Ok(e)
    }

    fn primary(&mut self) -> Result<Expr, ParseError> {
        match self.peek().clone() {
            Token::Number(value) => {
                self.at += 1;
                Ok(self.graph.number(value))
            }
            Token::Name(name) => self.name(&name),
            Token::Open => {
                self.at += 1;
                let e = self.logical()?;
                if !self.accept(&Token::Close) {
                    let message = format!(
                        "expected `)` or an operator, found {}",
                        self.peek().described()
                    );
                    return Err(self.error(message));
                }
                Ok(e)
            }
            Token::End if self.tokens.len() == 1 => Err(self.error("the formula is empty".into())),
            other => Err(self.error(format!(
                "expected a number, a name or `(`, found {}",
                other.described()
            ))),
        }
    }

    fn name(&mut self, name: &str) -> Result<Expr, ParseError> {
        let call = self.tokens[self.at + 1].1 == Token::Open;
        let word = RESERVED.iter().find(|word| word.eq_ignore_ascii_case(name));
        match (name, word) {
            ("inf" | "true" | "false", _) if call => {
                return Err(self.error(format!("`{name}` is not a function")));
            }
            (_, Some(&"nan")) => {
                return Err(self.error(format!(
                    "`{name}` (not a number) is not allowed in a formula"
                )));
            }
            (_, Some(word)) if *word != name => {
                return Err(self.error(format!("`{name}` is reserved; write `{word}`")));
            }
            _ => {}
        }
        if call {
            return self.call(name);
        }
        self.at += 1;
        Ok(match name {
            "inf" => self.graph.number(f64::INFINITY),
            "true" => self.graph.number(1.0),
            "false" => self.graph.number(0.0),
            "time" => self.graph.time(),
            _ => self.graph.symbol(name),
        })
    }

    fn call(&mut self, name: &str) -> Result<Expr, ParseError> {
        let start = self.tokens[self.at].0;
        self.at += 2;
        let mut arguments = Vec::new();
        if !self.accept(&Token::Close) {
            loop {
                arguments.push(self.logical()?);
                match self.take() {
                    Token::Comma => {}
                    Token::Close => break,
                    other => {
                        if other != Token::End {
                            self.at -= 1;
                        }
                        let message = format!(
                            "expected `,` or `)` in the call of `{name}`, found {}",
                            other.described()
                        );
                        return Err(self.error(message));
                    }
                }
            }
        }
        let Some(builder) = builder(name) else {
            return Ok(self.graph.user(name, &arguments));
        };
        let (fewest, most) = builder.arity();
        let given = arguments.len();
        let odd = !matches!(builder, Builder::Piecewise) || given % 2 == 1;
        if given < fewest || given > most || !odd {
            let wanted = match builder {
                Builder::Piecewise => "value, condition, ..., otherwise (an odd number)".to_owned(),
                Builder::Call(Function::Hill) => "3 arguments: x, K, n".to_owned(),
                _ if most == usize::MAX => format!("at least {fewest} argument"),
                _ if fewest != most => format!("{fewest} or {most} arguments"),
                _ => format!("{fewest} argument{}", if fewest == 1 { "" } else { "s" }),
            };
            return Err(ParseError {
                column: start,
                message: format!("`{name}` takes {wanted}; {given} given"),
            });
        }
        Ok(builder.build(self.graph, &arguments))
    }
}
