//! The maths language: that of PEtab v2 (<https://petab.readthedocs.io>), with functions of our own.
//!
//! Operators, tightest first: `^` (right associative; `-2^2` is -4, `2^-2` is 1/4), unary `+` and `-`, `!`, `*` and `/`, `+` and
//! `-`, comparisons, and last `&&` and `||`, which have equal precedence. Truth is 1, falsehood 0; any number other than 0
//! counts as true. `time` is the independent variable; `inf`, `true` and `false` are constants, `nan` is reserved and refused.
//! There is no implicit multiplication.
//!
//! A call of a name that is not a function of the language becomes [`Node::User`](super::Node::User).
use super::functions;
use super::graph::{Compare, Expr, Function, Graph};
use crate::units::did_you_mean;

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

/// Names that cannot be ids, in any mixture of cases.
const RESERVED: [&str; 4] = ["inf", "nan", "true", "false"];

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
enum Builder {
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
}

const FUNCTIONS: [(&str, Builder); 65] = [
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
];

/// The names of all functions of the language; a user function must not bear one of them.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

impl Builder {
    /// Fewest and most arguments, and how to write the call.
    fn arity(self) -> (usize, usize) {
        match self {
            Builder::Call(function) => (function.arity(), function.arity()),
            Builder::Reciprocal(_) | Builder::OfReciprocal(_) | Builder::Logarithm(_) => (1, 1),
            Builder::AnyLogarithm => (1, 2),
            Builder::Fold(_) => (1, usize::MAX),
            Builder::Piecewise => (1, usize::MAX),
            Builder::Select => (3, 3),
            Builder::Monod => (2, 2),
        }
    }

    fn build(self, graph: &mut Graph, arguments: &[Expr]) -> Expr {
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
        }
    }
}

impl Graph {
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

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Relation(Compare),
    And,
    Or,
    Not,
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Open,
    Close,
    Comma,
    End,
}

impl Token {
    fn described(&self) -> String {
        match self {
            Token::Number(number) => format!("the number {number}"),
            Token::Name(name) => format!("`{name}`"),
            Token::Relation(relation) => format!("`{}`", relation.symbol()),
            Token::And => "`&&`".into(),
            Token::Or => "`||`".into(),
            Token::Not => "`!`".into(),
            Token::Plus => "`+`".into(),
            Token::Minus => "`-`".into(),
            Token::Times => "`*`".into(),
            Token::Over => "`/`".into(),
            Token::Power => "`^`".into(),
            Token::Open => "`(`".into(),
            Token::Close => "`)`".into(),
            Token::Comma => "`,`".into(),
            Token::End => "the end of the formula".into(),
        }
    }
}

/// Tokens with the column (1-based) where each begins.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ParseError> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let column = at + 1;
        let (c, next) = (letters[at], letters.get(at + 1).copied().unwrap_or(' '));
        let (token, length) = match (c, next) {
            (' ' | '\t' | '\r' | '\n', _) => {
                at += 1;
                continue;
            }
            ('0'..='9', _) | ('.', '0'..='9') => number(&letters, at)?,
            ('a'..='z' | 'A'..='Z' | '_', _) => {
                let length = letters[at..]
                    .iter()
                    .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                    .count();
                (
                    Token::Name(letters[at..at + length].iter().collect()),
                    length,
                )
            }
            ('&', '&') => (Token::And, 2),
            ('|', '|') => (Token::Or, 2),
            ('<', '=') => (Token::Relation(Compare::LessEqual), 2),
            ('>', '=') => (Token::Relation(Compare::GreaterEqual), 2),
            ('=', '=') => (Token::Relation(Compare::Equal), 2),
            ('!', '=') => (Token::Relation(Compare::NotEqual), 2),
            ('<', _) => (Token::Relation(Compare::Less), 1),
            ('>', _) => (Token::Relation(Compare::Greater), 1),
            ('!', _) => (Token::Not, 1),
            ('+', _) => (Token::Plus, 1),
            ('-', _) => (Token::Minus, 1),
            ('*', '*') => {
                return Err(ParseError {
                    column,
                    message: "a power is written `^`, not `**`".into(),
                });
            }
            ('*', _) => (Token::Times, 1),
            ('/', _) => (Token::Over, 1),
            ('^', _) => (Token::Power, 1),
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            (',', _) => (Token::Comma, 1),
            ('=', _) => {
                return Err(ParseError {
                    column,
                    message: "equality is written `==`".into(),
                });
            }
            ('&' | '|', _) => {
                return Err(ParseError {
                    column,
                    message: format!("`{c}` is written `{c}{c}`"),
                });
            }
            _ => {
                return Err(ParseError {
                    column,
                    message: format!("`{}` has no meaning in a formula", c.escape_debug()),
                });
            }
        };
        tokens.push((column, token));
        at += length;
    }
    tokens.push((letters.len() + 1, Token::End));
    Ok(tokens)
}

/// A number and its length in characters.
fn number(letters: &[char], start: usize) -> Result<(Token, usize), ParseError> {
    let digits = |at: usize| {
        letters
            .iter()
            .skip(at)
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let mut end = start + digits(start);
    if letters.get(end) == Some(&'.') {
        end += 1 + digits(end + 1);
    }
    if let Some('e' | 'E') = letters.get(end) {
        let sign = usize::from(matches!(letters.get(end + 1), Some('+' | '-')));
        let exponent = digits(end + 1 + sign);
        if exponent == 0 {
            return Err(ParseError {
                column: end + 1,
                message: "expected digits after the exponent's `e`".into(),
            });
        }
        end += 1 + sign + exponent;
    }
    if let Some(c) = letters.get(end)
        && (c.is_ascii_alphanumeric() || *c == '_' || *c == '.')
    {
        let message = format!(
            "expected an operator before `{c}`; multiplication is written `*`, and an id starts with a letter"
        );
        return Err(ParseError {
            column: end + 1,
            message,
        });
    }
    let text: String = letters[start..end].iter().collect();
    match text.parse() {
        Ok(value) => Ok((Token::Number(value), end - start)),
        Err(_) => Err(ParseError {
            column: start + 1,
            message: format!("`{text}` is not a number"),
        }),
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
        let Some((_, builder)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
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
