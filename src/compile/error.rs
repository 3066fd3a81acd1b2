//! What can be wrong with equations or formulas that are to be compiled.
use crate::expr::ParseError;
use crate::network::NetworkError;

/// Why equations or formulas cannot be compiled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The network's own errors, all of them.
    #[error("{}", lines(.0))]
    Network(Vec<NetworkError>),
    /// A formula is not written in the language of formulas.
    #[error("formula `{id}`: {error}")]
    Formula {
        /// The formula's id.
        id: String,
        /// Column and message.
        error: ParseError,
    },
    /// An expression reads a name that nobody declares.
    #[error("{place}: unknown id `{name}`{}", hint(.near))]
    UnknownId {
        /// Which equation or formula.
        place: String,
        /// The unknown name.
        name: String,
        /// Known names that look alike.
        near: Vec<String>,
    },
    /// A call of a function that nobody defines.
    #[error("{place}: unknown function `{name}`{}", hint(.near))]
    UnknownFunction {
        /// Which equation or formula.
        place: String,
        /// The unknown name.
        name: String,
        /// Known functions that look alike.
        near: Vec<String>,
    },
    /// Two quantities share one id.
    #[error("the id `{id}` is declared twice ({first} and {second})")]
    DuplicateId {
        /// The id.
        id: String,
        /// What it is first.
        first: &'static str,
        /// What it is again.
        second: &'static str,
    },
    /// Initial values follow from parameters, inputs and time alone.
    #[error(
        "initial value of `{state}`: it reads the state `{read}`; only parameters, inputs and time can be read at the start"
    )]
    InitialReadsState {
        /// Whose initial value.
        state: String,
        /// The state that it reads.
        read: String,
    },
    /// A derivative by time, `rateOf(...)`, that cannot be had.
    #[error(
        "{place}: there is no `rateOf({of})`: its argument is an id, of a quantity that depends on no algebraic equation"
    )]
    NoDerivative {
        /// Which formula.
        place: String,
        /// Of what.
        of: String,
    },
    /// Formulas of plain numbers have no time.
    #[error("formula `{formula}`: it depends on time, which is not defined here")]
    TimeInFormula {
        /// The formula's text.
        formula: String,
    },
    /// A register that the system does not have.
    #[error("register {register} is out of range: the system has {count}")]
    RegisterOutOfRange {
        /// The index asked for.
        register: usize,
        /// How many there are.
        count: usize,
    },
    /// A mass other than 0 and 1.
    #[error(
        "the equation of `{state}` has mass {mass}; 1 (differential) or 0 (algebraic) is expected"
    )]
    Mass {
        /// Whose equation.
        state: String,
        /// The mass given.
        mass: f64,
    },
}

/// One error a line.
fn lines(errors: &[NetworkError]) -> String {
    let lines: Vec<String> = errors.iter().map(NetworkError::to_string).collect();
    lines.join("\n")
}

/// The end of a message about an unknown name.
fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!(
            "; did you mean {}?",
            near.iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(" or ")
        ),
    }
}
