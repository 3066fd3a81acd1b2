//! MathML to formulas: the subset that SBML defines, n-ary relations and package L3V2 extended math included.
use super::error::SbmlError;
use super::math::{CIRCULAR, Math, Operator};
use super::xml::{Element, number, shortened};

const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
/// mol^-1, CODATA 2006: the value that SBML Level 3 fixes for its csymbol (section 3.4.6 of L3V2, doi:10.1515/jib-2017-0081).
const AVOGADRO: f64 = 6.022_141_79e23;

/// The formula in the `math` child of an element; none where it is absent or empty (as L3V2 allows).
pub(super) fn within(parent: Element) -> Result<Option<Math>, SbmlError> {
    match parent.child("math")? {
        None => Ok(None),
        Some(math) => Reader::new(parent, math)?.content(math),
    }
}

/// Arguments and body of a function definition.
pub(super) fn lambda(parent: Element) -> Result<(Vec<String>, Option<Math>), SbmlError> {
    let Some(math) = parent.child("math")? else {
        return Ok((Vec::new(), None));
    };
    let reader = Reader::new(parent, math)?;
    let mut inner = reader.children(math);
    let Some(mut lambda) = inner.pop() else {
        return Ok((Vec::new(), None));
    };
    if lambda.tag() == "semantics" {
        lambda = match reader.children(lambda).into_iter().next() {
            Some(inside) => inside,
            None => return Err(reader.error(lambda, "`semantics` is empty")),
        };
    }
    if lambda.tag() != "lambda" || !inner.is_empty() {
        return Err(reader.error(math, "the formula of a function is one `lambda`"));
    }
    let mut arguments = Vec::new();
    let mut body = None;
    for child in reader.children(lambda) {
        if body.is_some() {
            return Err(reader.error(child, "`lambda` has more than one body"));
        }
        if child.tag() == "bvar" {
            match &reader.children(child)[..] {
                [name] if name.tag() == "ci" => arguments.push(reader.name(*name)?),
                _ => return Err(reader.error(child, "`bvar` holds one `ci`")),
            }
        } else {
            body = Some(reader.formula(child)?);
        }
    }
    Ok((arguments, body))
}

struct Reader {
    /// the element around the formula, for messages
    around: String,
}

impl Reader {
    fn new(parent: Element, math: Element) -> Result<Self, SbmlError> {
        let reader = Reader {
            around: parent.described(),
        };
        if math.namespace() != MATHML {
            let message = format!("`math` must be of the namespace {MATHML}");
            return Err(reader.error(math, &message));
        }
        Ok(reader)
    }

    fn error(&self, at: Element, message: &str) -> SbmlError {
        SbmlError::Math {
            line: at.line(),
            element: self.around.clone(),
            message: message.to_string(),
        }
    }

    /// Children that are mathematics.
    fn children<'a>(&self, of: Element<'a>) -> Vec<Element<'a>> {
        let annotation = |tag: &str| tag == "annotation" || tag == "annotation-xml";
        of.children().filter(|c| !annotation(c.tag())).collect()
    }

    fn content(&self, math: Element) -> Result<Option<Math>, SbmlError> {
        match &self.children(math)[..] {
            [] if math.text().is_empty() => Ok(None),
            [one] => self.formula(*one).map(Some),
            _ => Err(self.error(math, "`math` holds one formula")),
        }
    }

    fn name(&self, ci: Element) -> Result<String, SbmlError> {
        let name = ci.text();
        if crate::expr::is_identifier(&name) {
            Ok(name)
        } else {
            Err(self.error(ci, &format!("`{}` is no id", shortened(&name))))
        }
    }

    fn formula(&self, e: Element) -> Result<Math, SbmlError> {
        if e.namespace() != MATHML {
            let message = format!(
                "`{}` of the namespace `{}` is no MathML",
                e.tag(),
                e.namespace()
            );
            return Err(self.error(e, &message));
        }
        match e.tag() {
            "cn" => self.number(e).map(Math::Number),
            "ci" => Ok(Math::Name(self.name(e)?, e.line())),
            "true" => Ok(Math::Number(1.0)),
            "false" => Ok(Math::Number(0.0)),
            "pi" => Ok(Math::Number(std::f64::consts::PI)),
            "exponentiale" => Ok(Math::Number(std::f64::consts::E)),
            "infinity" => Ok(Math::Number(f64::INFINITY)),
            "notanumber" => Ok(Math::Number(f64::NAN)),
            "csymbol" => match self.symbol(e)? {
                "time" => Ok(Math::Time),
                "avogadro" => Ok(Math::Number(AVOGADRO)),
                name => Err(self.error(
                    e,
                    &format!("the csymbol `{name}` is a function; it stands first in an `apply`"),
                )),
            },
            "apply" => self.apply(e),
            "piecewise" => self.piecewise(e),
            "semantics" => match &self.children(e)[..] {
                [one] => self.formula(*one),
                _ => Err(self.error(e, "`semantics` holds one formula")),
            },
            "lambda" => Err(self.error(e, "`lambda` stands only in function definitions")),
            tag => Err(self.error(
                e,
                &format!("`{}` is not part of the MathML of SBML", shortened(tag)),
            )),
        }
    }

    /// Which csymbol it is.
    fn symbol(&self, e: Element) -> Result<&'static str, SbmlError> {
        let url = e.attribute("definitionURL").unwrap_or("").trim();
        match url.strip_prefix("http://www.sbml.org/sbml/symbols/") {
            Some("time") => Ok("time"),
            Some("avogadro") => Ok("avogadro"),
            Some("rateOf") => Ok("rateOf"),
            Some("delay") => Err(SbmlError::Unsupported {
                line: e.line(),
                element: self.around.clone(),
                what: "the csymbol `delay`".to_string(),
                advice: ": a delay differential equation is no ordinary one; a chain of states can stand for the delay",
            }),
            _ => Err(self.error(
                e,
                &format!(
                    "the csymbol `{}` is unknown; time, avogadro and rateOf are known",
                    shortened(url)
                ),
            )),
        }
    }

    fn number(&self, e: Element) -> Result<f64, SbmlError> {
        // the two parts around `sep`
        let mut parts = vec![String::new()];
        for node in e.node.children() {
            if node.is_element() && node.tag_name().name() == "sep" {
                parts.push(String::new());
            } else if let (true, Some(text), Some(last)) =
                (node.is_text(), node.text(), parts.last_mut())
            {
                last.push_str(text);
            }
        }
        let parts: Vec<&str> = parts.iter().map(|p| p.trim()).collect();
        let value = match (e.attribute("type").unwrap_or("real"), &parts[..]) {
            ("real" | "integer", [text]) => number(text),
            ("e-notation", [mantissa, exponent]) => number(mantissa).and_then(|_| {
                let exponent: i32 = exponent.trim_start_matches('+').parse().ok()?;
                format!("{mantissa}e{exponent}").parse().ok()
            }),
            ("rational", [above, below]) => match (number(above), number(below)) {
                (Some(above), Some(below)) => Some(above / below),
                _ => None,
            },
            _ => None,
        };
        value.ok_or_else(|| {
            let message = format!(
                "`{}` cannot be read as a number",
                shortened(&parts.join(" | "))
            );
            self.error(e, &message)
        })
    }

    fn piecewise(&self, e: Element) -> Result<Math, SbmlError> {
        let (mut pieces, mut otherwise) = (Vec::new(), None);
        for child in self.children(e) {
            match (child.tag(), &self.children(child)[..]) {
                ("piece", [value, condition]) if otherwise.is_none() => {
                    pieces.push((self.formula(*value)?, self.formula(*condition)?));
                }
                ("otherwise", [value]) if otherwise.is_none() => {
                    otherwise = Some(Box::new(self.formula(*value)?));
                }
                ("piece", _) => {
                    return Err(self.error(
                        child,
                        "`piece` holds a value and a condition and stands before `otherwise`",
                    ));
                }
                ("otherwise", _) => {
                    return Err(self.error(
                        child,
                        "`piecewise` has one `otherwise`, which holds one value",
                    ));
                }
                (tag, _) => {
                    return Err(self.error(child, &format!("`{tag}` has no place in `piecewise`")));
                }
            }
        }
        Ok(Math::Piecewise(pieces, otherwise))
    }

    fn apply(&self, e: Element) -> Result<Math, SbmlError> {
        let all = self.children(e);
        let Some((head, rest)) = all.split_first() else {
            return Err(self.error(e, "`apply` is empty"));
        };
        match head.tag() {
            "ci" => {
                let arguments = self.formulas(rest)?;
                return Ok(Math::Call(self.name(*head)?, head.line(), arguments));
            }
            "csymbol" => {
                let name = self.symbol(*head)?;
                return match rest {
                    [target] if name == "rateOf" && target.tag() == "ci" => {
                        Ok(Math::RateOf(self.name(*target)?, target.line()))
                    }
                    _ if name == "rateOf" => Err(self.error(*head, "`rateOf` takes one `ci`")),
                    _ => Err(self.error(*head, &format!("`{name}` is no function"))),
                };
            }
            _ => {}
        }
        let Some(operator) = operator(head.tag()) else {
            let message = format!(
                "`{}` is no function of the MathML of SBML",
                shortened(head.tag())
            );
            return Err(self.error(*head, &message));
        };
        // qualifiers of `root` and `log`
        let qualifier = match operator {
            Operator::Root => Some(("degree", 2.0)),
            Operator::Log => Some(("logbase", 10.0)),
            _ => None,
        };
        let Some((tag, usual)) = qualifier else {
            let arguments = self.formulas(rest)?;
            self.check_count(*head, operator, arguments.len())?;
            return Ok(Math::Apply(operator, arguments));
        };
        let (first, rest) = match rest {
            [q, rest @ ..] if q.tag() == tag => match &self.children(*q)[..] {
                [value] => (self.formula(*value)?, rest),
                _ => return Err(self.error(*q, &format!("`{tag}` holds one formula"))),
            },
            _ => (Math::Number(usual), rest),
        };
        match rest {
            [argument] => Ok(Math::Apply(operator, vec![first, self.formula(*argument)?])),
            _ => Err(self.error(
                *head,
                &format!(
                    "`{}` takes one argument, {} stand here",
                    head.tag(),
                    rest.len()
                ),
            )),
        }
    }

    fn formulas(&self, elements: &[Element]) -> Result<Vec<Math>, SbmlError> {
        elements.iter().map(|e| self.formula(*e)).collect()
    }

    fn check_count(
        &self,
        head: Element,
        operator: Operator,
        found: usize,
    ) -> Result<(), SbmlError> {
        use Operator as O;
        let (least, most) = match operator {
            O::Plus | O::Times | O::And | O::Or | O::Xor => (0, usize::MAX),
            O::Min | O::Max => (1, usize::MAX),
            O::Minus => (1, 2),
            O::Equal | O::Less | O::LessEqual | O::Greater | O::GreaterEqual => (2, usize::MAX),
            O::Divide | O::Power | O::Quotient | O::Remainder | O::Implies | O::NotEqual => (2, 2),
            _ => (1, 1),
        };
        if (least..=most).contains(&found) {
            return Ok(());
        }
        let wanted = match (least, most) {
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) if least == most => least.to_string(),
            (least, most) => format!("{least} to {most}"),
        };
        let message = format!(
            "`{}` takes {wanted} arguments, {found} stand here",
            head.tag()
        );
        Err(self.error(head, &message))
    }
}

fn operator(tag: &str) -> Option<Operator> {
    use Operator as O;
    Some(match tag {
        "plus" => O::Plus,
        "minus" => O::Minus,
        "times" => O::Times,
        "divide" => O::Divide,
        "power" => O::Power,
        "root" => O::Root,
        "log" => O::Log,
        "ln" => O::Ln,
        "exp" => O::Exp,
        "abs" => O::Abs,
        "floor" => O::Floor,
        "ceiling" => O::Ceiling,
        "factorial" => O::Factorial,
        "quotient" => O::Quotient,
        "rem" => O::Remainder,
        "min" => O::Min,
        "max" => O::Max,
        "and" => O::And,
        "or" => O::Or,
        "xor" => O::Xor,
        "not" => O::Not,
        "implies" => O::Implies,
        "eq" => O::Equal,
        "neq" => O::NotEqual,
        "lt" => O::Less,
        "leq" => O::LessEqual,
        "gt" => O::Greater,
        "geq" => O::GreaterEqual,
        tag => O::Circular(CIRCULAR.iter().find(|name| **name == tag)?),
    })
}
