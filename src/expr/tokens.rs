//! The words of a formula, with the columns where they begin.
use super::node::Compare;
use super::parse::ParseError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
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
    pub(super) fn described(&self) -> String {
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
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ParseError> {
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
