//! The reader of unit texts.
use super::near::suggest;
use super::ratio::Ratio;
use super::scale::Scale;
use super::symbols::unit_symbols;
use super::unit::{Unit, UnitError};

/// Brackets within brackets that a unit may have.
const DEEPEST: usize = 50;

pub(super) fn parse(text: &str) -> Result<Unit, UnitError> {
    let letters: Vec<char> = text.chars().collect();
    let mut reader = Reader {
        text,
        letters,
        at: 0,
        depth: 0,
    };
    reader.skip_blanks();
    if reader.at == reader.letters.len() {
        return Err(reader.error("the unit is empty; a pure number has the unit `dimensionless`"));
    }
    let unit = reader.product()?;
    if let Some(c) = reader.peek() {
        return Err(reader.error(&format!(
            "expected `*`, `/` or the end, found `{}`",
            c.escape_debug()
        )));
    }
    if unit.factor() == 0.0 || !unit.factor().is_finite() {
        return Err(reader.error_at(0, "the factor of this unit is beyond the range of numbers"));
    }
    Ok(unit)
}

struct Reader<'a> {
    text: &'a str,
    letters: Vec<char>,
    at: usize,
    depth: usize,
}

fn superscript(c: char) -> Option<char> {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if c == '⁻' {
        return Some('-');
    }
    DIGITS
        .iter()
        .zip('0'..='9')
        .find(|(raised, _)| **raised == c)
        .map(|(_, digit)| digit)
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn peek_after(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn error(&self, message: &str) -> UnitError {
        self.error_at(self.at, message)
    }

    fn error_at(&self, at: usize, message: &str) -> UnitError {
        UnitError::Syntax {
            text: self.text.to_owned(),
            column: at + 1,
            message: message.to_owned(),
        }
    }

    fn product(&mut self) -> Result<Unit, UnitError> {
        let mut unit = self.factor()?;
        loop {
            self.skip_blanks();
            let over = match self.peek() {
                None | Some(')') => return Ok(unit),
                Some('*' | '·' | '⋅' | '×' | '.') => {
                    self.at += 1;
                    false
                }
                Some('/') => {
                    self.at += 1;
                    true
                }
                Some(_) => false,
            };
            self.skip_blanks();
            let factor = self.factor()?;
            unit = if over {
                unit.divide(&factor)
            } else {
                unit.multiply(&factor)
            };
        }
    }

    fn factor(&mut self) -> Result<Unit, UnitError> {
        let start = self.at;
        let (base, named) = match self.peek() {
            None => return Err(self.error("expected a unit symbol, found the end")),
            Some('(') => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.error("too many brackets within brackets"));
                }
                self.skip_blanks();
                let inner = self.product()?;
                if self.peek() != Some(')') {
                    return Err(self.error("expected `)`"));
                }
                self.at += 1;
                self.depth -= 1;
                (inner, false)
            }
            Some(c) if c.is_ascii_digit() => (Unit::of_number(self.number()?), false),
            Some('%') => {
                self.at += 1;
                (self.symbol(start)?, false)
            }
            Some('°') => {
                return Err(self.error("degrees have an offset; give temperatures in `K`"));
            }
            Some(c) if c.is_alphabetic() || c == '_' => {
                while self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
                    self.at += 1;
                }
                (self.symbol(start)?, true)
            }
            Some(c) => {
                return Err(self.error(&format!(
                    "expected a unit symbol, found `{}`",
                    c.escape_debug()
                )));
            }
        };
        Ok(match self.exponent(named)? {
            Some(exponent) => base.rational_power(exponent),
            None => base,
        })
    }

    fn symbol(&self, start: usize) -> Result<Unit, UnitError> {
        let symbol: String = self.letters[start..self.at].iter().collect();
        Unit::symbol(&symbol).ok_or_else(|| UnitError::UnknownSymbol {
            text: self.text.to_owned(),
            column: start + 1,
            near: suggest(&symbol, unit_symbols()),
            symbol,
        })
    }

    /// A positive decimal, kept as an integer times a power of ten.
    fn number(&mut self) -> Result<Scale, UnitError> {
        let start = self.at;
        let mut digits = String::new();
        let mut ten = 0;
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        if self.peek() == Some('.') && self.peek_after(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                digits.push(c);
                ten -= 1;
                self.at += 1;
            }
        }
        let sign = usize::from(matches!(self.peek_after(1), Some('+' | '-')));
        if matches!(self.peek(), Some('e' | 'E'))
            && self
                .peek_after(1 + sign)
                .is_some_and(|c| c.is_ascii_digit())
        {
            self.at += 1;
            let exponent = self.integer();
            ten += exponent
                .filter(|e| e.abs() <= 400)
                .ok_or_else(|| self.error_at(start, "this number is out of range"))?;
        }
        let digits = digits.trim_start_matches('0');
        match digits.parse::<f64>() {
            Ok(value) if digits.len() <= 17 => Ok(Scale::new(value, 1.0, ten)),
            _ if digits.is_empty() => Err(self.error_at(start, "the factor of a unit cannot be 0")),
            _ => Err(self.error_at(start, "this number has too many digits")),
        }
    }

    /// A signed integer of at most nine digits.
    fn integer(&mut self) -> Option<i32> {
        let mut text = String::new();
        if let Some(sign @ ('+' | '-')) = self.peek() {
            text.push(sign);
            self.at += 1;
        }
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            text.push(c);
            self.at += 1;
        }
        if text.len() > 10 {
            None
        } else {
            text.parse().ok()
        }
    }

    /// The exponent behind a factor; digits directly behind a symbol count too.
    fn exponent(&mut self, named: bool) -> Result<Option<Ratio>, UnitError> {
        let start = self.at;
        let wrong = |reader: &Self| {
            reader.error_at(
                start,
                "expected an exponent between -99 and 99, such as `^2`, `^-1` or `^(1/2)`",
            )
        };
        let raised: String = self.letters[start..]
            .iter()
            .map_while(|c| superscript(*c))
            .collect();
        let exponent = if !raised.is_empty() {
            self.at += raised.chars().count();
            raised.parse().ok().map(Ratio::integer)
        } else if self.peek() == Some('^')
            || (self.peek() == Some('*') && self.peek_after(1) == Some('*'))
        {
            self.at += if self.peek() == Some('^') { 1 } else { 2 };
            self.skip_blanks();
            if self.peek() == Some('(') {
                self.at += 1;
                let above = self.integer();
                let below = if self.peek() == Some('/') {
                    self.at += 1;
                    self.integer()
                } else {
                    Some(1)
                };
                if self.peek() != Some(')') {
                    return Err(wrong(self));
                }
                self.at += 1;
                above
                    .zip(below)
                    .and_then(|(above, below)| Ratio::new(above.into(), below.into()))
            } else {
                let whole = self.at;
                let integer = self.integer();
                if self.peek() == Some('.')
                    && self.peek_after(1).is_some_and(|c| c.is_ascii_digit())
                {
                    self.at += 1;
                    self.integer();
                    let text: String = self.letters[whole..self.at].iter().collect();
                    text.parse().ok().and_then(Ratio::nearest)
                } else {
                    integer.map(Ratio::integer)
                }
            }
        } else {
            let sign = usize::from(matches!(self.peek(), Some('+' | '-')));
            if !named || !self.peek_after(sign).is_some_and(|c| c.is_ascii_digit()) {
                return Ok(None);
            }
            self.integer().map(Ratio::integer)
        };
        match exponent.filter(|exponent| exponent.value().abs() <= 99.0) {
            Some(exponent) => Ok(Some(exponent)),
            None => Err(wrong(self)),
        }
    }
}
