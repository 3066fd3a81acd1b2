//! What can be wrong with a network, and where.
use crate::expr::{ParseError, UnitMismatch};
use crate::units::{UnitError, excerpt, number_text};
use std::fmt;

/// Kind of an element of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ElementKind {
    /// The network itself.
    Network,
    /// A compartment.
    Compartment,
    /// A species.
    Species,
    /// A parameter.
    Parameter,
    /// A reaction.
    Reaction,
    /// An assignment rule.
    Assignment,
    /// A rate rule.
    RateRule,
    /// An algebraic rule; its id is its number.
    AlgebraicRule,
    /// An initial assignment.
    InitialAssignment,
    /// A user's function.
    Function,
    /// An event.
    Event,
    /// An input.
    Input,
    /// An observable.
    Observable,
    /// A port.
    Port,
    /// A condition on parameters.
    Constraint,
}
impl fmt::Display for ElementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ElementKind::Network => "network",
            ElementKind::Compartment => "compartment",
            ElementKind::Species => "species",
            ElementKind::Parameter => "parameter",
            ElementKind::Reaction => "reaction",
            ElementKind::Assignment => "assignment rule",
            ElementKind::RateRule => "rate rule",
            ElementKind::AlgebraicRule => "algebraic rule",
            ElementKind::InitialAssignment => "initial assignment",
            ElementKind::Function => "function",
            ElementKind::Event => "event",
            ElementKind::Input => "input",
            ElementKind::Observable => "observable",
            ElementKind::Port => "port",
            ElementKind::Constraint => "constraint",
        })
    }
}

/// Where in a network: an element and a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Kind of the element.
    pub kind: ElementKind,
    /// Its id.
    pub id: String,
    /// Part of the element, as `rate law`; empty for the whole.
    pub part: Box<str>,
}
impl Place {
    /// The whole element.
    pub fn of(kind: ElementKind, id: &str) -> Self {
        Place {
            kind,
            id: id.to_string(),
            part: "".into(),
        }
    }
    /// A part of the element.
    pub fn part(kind: ElementKind, id: &str, part: impl Into<String>) -> Self {
        Place {
            kind,
            id: id.to_string(),
            part: part.into().into_boxed_str(),
        }
    }
}
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.id)?;
        if !self.part.is_empty() {
            write!(f, ", {}", self.part)?;
        }
        Ok(())
    }
}

/// "; did you mean `a` or `b`?", or nothing.
pub(crate) fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}
fn at(column: &Option<usize>) -> String {
    column.map_or(String::new(), |c| format!(", column {c}"))
}
fn list(ids: &[String]) -> String {
    ids.iter()
        .map(|id| format!("`{id}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
fn places(places: &[Place]) -> String {
    places
        .iter()
        .map(|p| p.to_string())
        .collect::<Vec<_>>()
        .join(" and ")
}

/// One error of a network, with its place.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A formula that cannot be read.
    #[error("{place}: cannot read the formula `{}`: {source}", excerpt(.text, .source.column))]
    Syntax {
        /// Where.
        place: Place,
        /// The formula.
        text: String,
        /// Column and cause.
        source: ParseError,
    },
    /// An id that is not letters, digits and underscores, beginning with a letter or underscore.
    #[error("{place}: `{}` is not a valid id; use letters, digits and underscores, and begin with a letter or underscore", place.id)]
    InvalidId {
        /// Where.
        place: Place,
    },
    /// An id that means something else in formulas.
    #[error("{place}: the id `{}` has a meaning of its own in formulas; choose another", place.id)]
    ReservedId {
        /// Where.
        place: Place,
    },
    /// One id for two elements.
    #[error("the id `{id}` is declared twice: as {first} and as {second}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Kind of the first element.
        first: ElementKind,
        /// Kind of the second.
        second: ElementKind,
    },
    /// An id that nothing declares.
    #[error("{place}{}: unknown id `{}`{}", at(column), excerpt(.name, 1), suggestion(near))]
    UnknownId {
        /// Where.
        place: Place,
        /// The id.
        name: String,
        /// Its column in the formula.
        column: Option<usize>,
        /// Ids that resemble it.
        near: Vec<String>,
    },
    /// An id of the wrong kind.
    #[error("{place}: `{name}` is a {found}, not a {expected}")]
    WrongKind {
        /// Where.
        place: Place,
        /// The id.
        name: String,
        /// What it is.
        found: ElementKind,
        /// What is needed.
        expected: &'static str,
    },
    /// A call of a function that nothing declares.
    #[error("{place}{}: unknown function `{name}`{}", at(column), suggestion(near))]
    UnknownFunction {
        /// Where.
        place: Place,
        /// The function.
        name: String,
        /// Its column in the formula.
        column: Option<usize>,
        /// Functions that resemble it.
        near: Vec<String>,
    },
    /// A call with a wrong number of arguments.
    #[error("{place}: function `{name}` takes {expected} arguments, {found} given")]
    WrongArguments {
        /// Where.
        place: Place,
        /// The function.
        name: String,
        /// Its number of arguments.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// Functions that call each other in a circle.
    #[error("functions call each other in a circle: {}", cycle.join(" -> "))]
    RecursiveFunction {
        /// The circle; the last is the first.
        cycle: Vec<String>,
    },
    /// Quantities defined by each other in a circle.
    #[error("circular rules: {}", cycle.join(" -> "))]
    Circular {
        /// The circle; the last is the first.
        cycle: Vec<String>,
    },
    /// Initial values defined by each other in a circle.
    #[error("circular initial values: {}", cycle.join(" -> "))]
    CircularInitial {
        /// The circle; the last is the first.
        cycle: Vec<String>,
    },
    /// A quantity that more than one thing determines.
    #[error("`{id}` is over-determined: by {}; keep one", places(by))]
    Overdetermined {
        /// The quantity.
        id: String,
        /// What determines it.
        by: Vec<Place>,
    },
    /// A constant that something changes.
    #[error(
        "{place} changes `{id}`, which is constant; declare it with constant = false if it changes"
    )]
    ConstantChanged {
        /// What changes it.
        place: Place,
        /// The constant.
        id: String,
    },
    /// An algebraic rule with no quantity left to determine.
    #[error("{place}: nothing is left for this rule to determine{}; declare the quantity it determines with constant = false, or remove the rule",
        if candidates.is_empty() { String::new() } else { format!(" ({} already determined by other algebraic rules)", list(candidates)) })]
    OverdeterminedAlgebraic {
        /// The rule.
        place: Place,
        /// Quantities of the rule that other algebraic rules determine.
        candidates: Vec<String>,
    },
    /// An algebraic rule that leaves more than one quantity open.
    #[error(
        "{place}: the rule could determine any of {}; give the others a rule or make them constant",
        list(candidates)
    )]
    UnderdeterminedAlgebraic {
        /// The rule.
        place: Place,
        /// The quantities.
        candidates: Vec<String>,
    },
    /// A unit that cannot be read.
    #[error("{place}: {source}")]
    UnknownUnit {
        /// Where.
        place: Place,
        /// What is wrong.
        source: Box<UnitError>,
    },
    /// Units that do not fit within a formula.
    #[error("{place}: the units do not fit: {source}")]
    InconsistentUnits {
        /// Where.
        place: Place,
        /// What does not fit.
        source: Box<UnitMismatch>,
    },
    /// A formula with another unit than declared.
    #[error("{place}: {purpose} is in {expected}, but the formula is in {found}")]
    WrongUnit {
        /// Where.
        place: Place,
        /// What the formula is.
        purpose: String,
        /// The unit needed.
        expected: Box<str>,
        /// The formula's unit.
        found: Box<str>,
    },
    /// A quantity without value.
    #[error(
        "{place} has no value; give it one in the parameter table, or an initial assignment or a rule"
    )]
    MissingValue {
        /// Where.
        place: Place,
    },
    /// A value that is NaN or infinite.
    #[error("{place} is {}, not a finite number", number_text(*.value))]
    NotFinite {
        /// Where.
        place: Place,
        /// The value.
        value: f64,
    },
    /// A negative initial value of a quantity that cannot be negative.
    #[error(
        "{place} is {}, but the species cannot be negative (set nonnegative = false if it can)", number_text(*.value)
    )]
    Negative {
        /// Where.
        place: Place,
        /// The value.
        value: f64,
    },
    /// Bounds that leave no room.
    #[error("{place}: the lower bound {} is not below the upper bound {}", number_text(*.lower), number_text(*.upper))]
    Bounds {
        /// Where.
        place: Place,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// A condition that the parameters do not meet.
    #[error("{place}: `{condition}` does not hold with {values}")]
    Constraint {
        /// The parameter it is about.
        place: Place,
        /// The condition.
        condition: String,
        /// The values.
        values: String,
    },
    /// Knots of an input that are not in time order.
    #[error("{place}: knot {knot} at time {time} does not come after the one before it")]
    KnotsOutOfOrder {
        /// The input.
        place: Place,
        /// Number of the knot, from 1.
        knot: usize,
        /// Its time.
        time: f64,
    },
    /// A port that reads something nobody connected.
    #[error(
        "port `{port}` is not connected: nothing declares `{reads}`{}",
        suggestion(near)
    )]
    UnconnectedPort {
        /// The port.
        port: String,
        /// The id it reads.
        reads: String,
        /// Quantities and ports that resemble it.
        near: Vec<String>,
    },
    /// A port that is not there.
    #[error("there is no port `{port}` to connect{}", suggestion(near))]
    UnknownPort {
        /// The port.
        port: String,
        /// Ports that resemble it.
        near: Vec<String>,
    },
    /// A derivative by time, `rateOf(...)`, that cannot be had.
    #[error("{place}: there is no `rateOf({of})`: {problem}")]
    NoDerivative {
        /// Where it is read.
        place: Place,
        /// Of what.
        of: Box<str>,
        /// Why not.
        problem: &'static str,
    },
    /// Functions whose calls unfold beyond what a model may hold.
    #[error(
        "{place}: its calls of functions unfold into more than {nodes} expressions; nest them less deeply"
    )]
    TooLarge {
        /// Where.
        place: Place,
        /// The most that all calls of a model may add.
        nodes: usize,
    },
    /// A reaction without rate law.
    #[error("{place} has no rate law")]
    NoRate {
        /// The reaction.
        place: Place,
    },
    /// A mechanism option that makes no sense.
    #[error("mechanism `{mechanism}`: {option}: {problem}")]
    Option {
        /// The mechanism.
        mechanism: &'static str,
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl NetworkError {
    /// The place, where the error has one.
    pub fn place(&self) -> Option<&Place> {
        use NetworkError::*;
        match self {
            Syntax { place, .. }
            | InvalidId { place }
            | ReservedId { place }
            | UnknownId { place, .. }
            | WrongKind { place, .. }
            | UnknownFunction { place, .. }
            | WrongArguments { place, .. }
            | ConstantChanged { place, .. }
            | OverdeterminedAlgebraic { place, .. }
            | UnderdeterminedAlgebraic { place, .. }
            | UnknownUnit { place, .. }
            | InconsistentUnits { place, .. }
            | WrongUnit { place, .. }
            | MissingValue { place }
            | NotFinite { place, .. }
            | Negative { place, .. }
            | Bounds { place, .. }
            | Constraint { place, .. }
            | KnotsOutOfOrder { place, .. }
            | NoDerivative { place, .. }
            | TooLarge { place, .. }
            | NoRate { place } => Some(place),
            Overdetermined { by, .. } => by.first(),
            _ => None,
        }
    }
}
