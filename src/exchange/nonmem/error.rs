//! What can be wrong with a NONMEM table and with what it is to be joined with; what is odd.
use crate::{exchange::tables::Place, units::excerpt, units::number_text};
use std::mem::discriminant;

/// One error; an import returns all of them at once.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}{}: {kind}", of(.individual))]
pub struct NonmemError {
    /// file, row and column
    pub place: Place,
    /// the ID of the row, where it has one
    pub individual: Option<String>,
    /// what is wrong
    pub kind: NonmemErrorKind,
}

fn of(individual: &Option<String>) -> String {
    individual
        .as_ref()
        .map_or(String::new(), |id| format!(", ID {id}"))
}

impl NonmemError {
    /// An error of no individual.
    pub(super) fn new(place: Place, kind: NonmemErrorKind) -> Self {
        let individual = None;
        Self {
            place,
            individual,
            kind,
        }
    }
}

/// The kinds of errors.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NonmemErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {reason}")]
    Unreadable {
        /// what the operating system said
        reason: String,
    },
    /// No line names columns.
    #[error("there is no header; the first line must name the columns, as in ID,TIME,AMT,DV")]
    NoHeader,
    /// A column is not there.
    #[error("there is no column `{name}`{}; `--column {name}=NAME` says which one it is", hint(.near))]
    NoColumn {
        /// its name
        name: String,
        /// near names in the header
        near: Vec<String>,
    },
    /// Two columns for one meaning.
    #[error("the columns {} all read as {name} (small and capital letters are the same); `--column {name}=NAME` says which one it is, or rename the others", .columns.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(" and "))]
    SameColumn {
        /// the meaning
        name: &'static str,
        /// the columns, as written
        columns: Vec<String>,
    },
    /// A row of another length than the header.
    #[error("the row has {got} cells, the header {expected}; a missing value is a point")]
    Cells {
        /// columns of the header
        expected: usize,
        /// cells of the row
        got: usize,
    },
    /// A cell that must not be missing.
    #[error("the value is missing{hint}")]
    Missing {
        /// what to try
        hint: &'static str,
    },
    /// Not a finite number.
    #[error("`{}` is not a number{}", excerpt(.text, 1), number_hint(.text))]
    NotANumber {
        /// the text
        text: String,
    },
    /// A number that has no meaning in its column.
    #[error("`{}` has no meaning here; {expected}", excerpt(.text, 1))]
    NotOneOf {
        /// the text
        text: String,
        /// what has
        expected: &'static str,
    },
    /// Time runs backwards.
    #[error("the time {} comes after {}; sort the rows of each ID by time, or begin anew with EVID 3 or 4, or another OCC", number_text(*.time), number_text(*.previous))]
    TimeGoesBack {
        /// the time
        time: f64,
        /// the one before
        previous: f64,
    },
    /// A dose into nothing.
    #[error("the model has several states ({}), and nothing says which one takes the dose; give CMT, or `--compartments` in the order of CMT", .states.join(", "))]
    NoCompartment {
        /// the states
        states: Vec<String>,
    },
    /// A compartment that the model does not have.
    #[error("the model has no compartment `{cmt}`; CMT is a position from 1 to {} ({}), or an id{}", .states.len(), .states.join(", "), hint(.near))]
    UnknownCompartment {
        /// as written
        cmt: String,
        /// the compartments in order
        states: Vec<String>,
        /// near names
        near: Vec<String>,
    },
    /// An amount in a row that is none of a dose.
    #[error(
        "an amount in a row of EVID {evid}, which is no dose: EVID 1 gives one (4 after a reset); else AMT is 0 or a point"
    )]
    AmountWithoutDose {
        /// the kind of event
        evid: i32,
    },
    /// SS or ADDL without an interval.
    #[error("{what} needs a positive interval II between doses")]
    NoInterval {
        /// SS or ADDL
        what: &'static str,
    },
    /// An infusion at steady state longer than its interval.
    #[error("the infusion lasts {} (AMT/RATE), longer than the interval II of {} after which it is repeated", number_text(*.duration), number_text(*.interval))]
    InfusionBeyondInterval {
        /// AMT/RATE
        duration: f64,
        /// II
        interval: f64,
    },
    /// A rate or duration that the model is to give.
    #[error(
        "RATE {rate} takes the {what} of the infusion from the parameter `{parameter}`, which the model does not have; add it, or write the rate"
    )]
    NoParameter {
        /// -1 or -2
        rate: i32,
        /// rate or duration
        what: &'static str,
        /// its id
        parameter: String,
    },
    /// A parameter that an option names.
    #[error("the model has no parameter `{parameter}`, which {option} names{}", hint(.near))]
    UnknownParameter {
        /// its id
        parameter: String,
        /// the option
        option: &'static str,
        /// near names
        near: Vec<String>,
    },
    /// LIMIT, and no CENS.
    #[error(
        "LIMIT bounds censored readings, and there is no column CENS that says which they are (1: below DV, -1: above it)"
    )]
    LimitWithoutCens,
    /// Limits that leave nothing between them.
    #[error("nothing lies between the limits {} and {} of the reading", number_text(*.lower), number_text(*.upper))]
    EmptyInterval {
        /// lower limit
        lower: f64,
        /// upper limit
        upper: f64,
    },
    /// A reading of nothing.
    #[error("the model has the observables {}; say with `--observable` which one DV is, or with a column DVID", .observables.join(", "))]
    NoObservable {
        /// those of the model
        observables: Vec<String>,
    },
    /// An observable that is not there.
    #[error("there is no observable `{id}`: DVID is a position among {}, or an id{}", .observables.join(", "), hint(.near))]
    UnknownObservable {
        /// as written
        id: String,
        /// those that are
        observables: Vec<String>,
        /// near names
        near: Vec<String>,
    },
    /// A start value that a reset cannot restore.
    #[error(
        "EVID 3 and 4 give `{state}` its initial value, which depends on more than parameters; write that individual as two"
    )]
    NoReset {
        /// the state
        state: String,
    },
    /// A column that is not read.
    #[error(
        "the column {column} is not read; give TIME in one unit from one day on, without dates"
    )]
    Date {
        /// its name
        column: String,
    },
    /// There is nothing in the table.
    #[error(
        "the table has no readings: every row is a dose or another event, or its DV is missing"
    )]
    NoReadings,
    /// The model's own errors, or those of the problem that was made.
    #[error("{message}")]
    Model {
        /// in their own words
        message: String,
    },
    /// The same in several rows.
    #[error("{kind} (the same in {})", list(.rows))]
    Repeated {
        /// what is wrong
        kind: Box<NonmemErrorKind>,
        /// further rows
        rows: Vec<usize>,
    },
}

/// Something odd, with what was made of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}{}: {kind}", of(.individual))]
pub struct NonmemWarning {
    /// file, row and column
    pub place: Place,
    /// the ID of the row, where it has one
    pub individual: Option<String>,
    /// what is odd
    pub kind: NonmemWarningKind,
}

/// The kinds of warnings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NonmemWarningKind {
    /// An ID that comes again after another.
    #[error("the ID comes again after another one; as in NONMEM it is a new individual, `{name}`")]
    IdAgain {
        /// its name in the problem
        name: String,
    },
    /// An ID that is no id of a problem.
    #[error("the ID holds more than letters, digits and _; the individual is called `{name}`")]
    Renamed {
        /// its name in the problem
        name: String,
    },
    /// A covariate that changes.
    #[error("the covariate {} changes to {}; its first value {} is taken for all times", .column, number_text(*.value), number_text(*.first))]
    CovariateChanges {
        /// its name
        column: String,
        /// the first value
        first: f64,
        /// another one
        value: f64,
    },
    /// A covariate without a value.
    #[error("the covariate {column} has no value here; its cell stays empty")]
    CovariateMissing {
        /// its name
        column: String,
    },
    /// A column of words.
    #[error("the column {column} holds more than numbers (`{}`), so it is no covariate and left out; code it as numbers to keep it", excerpt(.text, 1))]
    NoCovariate {
        /// its name
        column: String,
        /// a cell that is no number
        text: String,
    },
    /// A dose that no reading follows.
    #[error("no reading of the individual follows this dose; it is kept")]
    DoseAfterReadings,
    /// An individual without readings.
    #[error("the individual has no readings; it is kept in individuals.tsv")]
    NoReadings,
    /// The same reading twice.
    #[error("the same reading stands in row {first}; both count, as replicates")]
    SameReading {
        /// where it stands first
        first: usize,
    },
    /// The same dose twice.
    #[error("the same dose stands in row {first}; both are given")]
    SameDose {
        /// where it stands first
        first: usize,
    },
    /// Nothing but censored readings.
    #[error("all readings of `{observable}` are censored: they tell little of its noise")]
    AllCensored {
        /// the observable
        observable: String,
    },
    /// An occasion that goes on where the one before ended.
    #[error(
        "the occasion `{occasion}` begins without a reset, so that earlier doses of the individual are given in its experiment too, under the parameters of this occasion"
    )]
    OccasionGoesOn {
        /// the occasion
        occasion: String,
    },
    /// An infusion that a reset ends, of unknown duration.
    #[error("the infusion may still run when the system is reset at {}; it goes on in the problem, for its end depends on parameters", number_text(*.reset))]
    InfusionThroughReset {
        /// time of the reset
        reset: f64,
    },
    /// The same in several rows.
    #[error("{kind} (likewise in {})", list(.rows))]
    Repeated {
        /// what is odd
        kind: Box<NonmemWarningKind>,
        /// further rows
        rows: Vec<usize>,
    },
}

/// One line for all rows with the same fault in the same column.
pub(super) fn join_errors(errors: Vec<NonmemError>) -> Vec<NonmemError> {
    let mut joined: Vec<(NonmemError, Vec<usize>)> = Vec::new();
    for error in errors {
        let same = |known: &&mut (NonmemError, Vec<usize>)| {
            let times =
                |kind: &NonmemErrorKind| matches!(kind, NonmemErrorKind::TimeGoesBack { .. });
            let alike = known.0.kind == error.kind || (times(&known.0.kind) && times(&error.kind));
            alike && known.0.place.column == error.place.column
        };
        match (joined.iter_mut().find(same), error.place.row) {
            (Some((_, rows)), Some(row)) => rows.push(row),
            _ => joined.push((error, Vec::new())),
        }
    }
    let join = |(mut error, rows): (NonmemError, Vec<usize>)| {
        if !rows.is_empty() {
            let kind = Box::new(error.kind);
            error.kind = NonmemErrorKind::Repeated { kind, rows };
        }
        error
    };
    joined.into_iter().map(join).collect()
}

/// The same for warnings.
pub(super) fn join_warnings(warnings: Vec<NonmemWarning>) -> Vec<NonmemWarning> {
    let mut joined: Vec<(NonmemWarning, Vec<usize>)> = Vec::new();
    for warning in warnings {
        let same = |known: &&mut (NonmemWarning, Vec<usize>)| {
            // the first says the numbers
            let alike = discriminant(&known.0.kind) == discriminant(&warning.kind);
            alike && known.0.place.column == warning.place.column
        };
        match (joined.iter_mut().find(same), warning.place.row) {
            (Some((_, rows)), Some(row)) => rows.push(row),
            _ => joined.push((warning, Vec::new())),
        }
    }
    let join = |(mut warning, rows): (NonmemWarning, Vec<usize>)| {
        if !rows.is_empty() {
            let kind = Box::new(warning.kind);
            warning.kind = NonmemWarningKind::Repeated { kind, rows };
        }
        warning
    };
    joined.into_iter().map(join).collect()
}

/// "rows 3, 4 and 9 more"
fn list(rows: &[usize]) -> String {
    let named: Vec<String> = rows.iter().take(5).map(usize::to_string).collect();
    let more = match rows.len().saturating_sub(5) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let word = if rows.len() == 1 { "row" } else { "rows" };
    format!("{word} {}{more}", named.join(", "))
}

fn number_hint(text: &str) -> &'static str {
    if text.contains(':') {
        "; clock times are not read, give hours or days"
    } else if text.contains(',') {
        "; the decimal sign is a point"
    } else {
        "; a missing value is a point"
    }
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        names => format!("; did you mean `{}`?", names.join("` or `")),
    }
}
