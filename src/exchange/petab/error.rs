//! What can be wrong with a PEtab problem, each with its place.
use super::repeats;
use crate::{
    exchange::tables::Place,
    fit::PriorNameError,
    population::PopulationFault,
    units::{excerpt, number_text},
};
use std::io;

/// One error of a problem on disk. A reader returns all of them at once.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct PetabError {
    /// file, row, column
    pub place: Place,
    /// what is wrong
    #[source]
    pub kind: PetabErrorKind,
}

impl PetabError {
    /// An error at a place.
    pub fn new(place: Place, kind: PetabErrorKind) -> Self {
        Self { place, kind }
    }
}

/// Something odd that does not change the mathematics.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct PetabWarning {
    /// file, row, column
    pub place: Place,
    /// what is odd
    pub kind: PetabWarningKind,
}

/// The kinds of warnings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PetabWarningKind {
    /// A column the standard does not know.
    #[error("unknown column, ignored{}", hint(.near))]
    UnknownColumn {
        /// near names
        near: Vec<String>,
    },
    /// A file kind that is read by other programs only.
    #[error("`{key}` is not used here, ignored")]
    IgnoredKey {
        /// key of the YAML file
        key: String,
    },
    /// Nominal value outside of the bounds.
    #[error("the nominal value {} lies outside of the bounds {} to {}; a fit starts at the bound", number_text(*.nominal), number_text(*.lower), number_text(*.upper))]
    NominalOutside {
        /// nominal value
        nominal: f64,
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
    },
    /// The same reading twice.
    #[error(
        "{what} stands twice, first in {first}; both count (a replicateId tells replicates from slips)"
    )]
    SameReading {
        /// what
        what: String,
        /// where the first stands
        first: String,
    },
    /// An experiment that nothing was measured in.
    #[error("the experiment `{experiment}` has no measurements, ignored")]
    NoMeasurements {
        /// its id
        experiment: String,
    },
    /// A dose that no reading of its experiment follows.
    #[error("the dose at {} comes after the last reading of its experiment, at {}: it is given, and no reading tells of it", number_text(*.time), number_text(*.until))]
    DoseAfterReadings {
        /// time of the dose
        time: f64,
        /// time of the last reading
        until: f64,
    },
    /// An observable with nothing but limits.
    #[error("all readings of `{observable}` are censored: they tell little of its noise")]
    AllCensored {
        /// its id
        observable: String,
    },
    /// A condition that no experiment applies.
    #[error("the condition `{id}` is not used by any experiment")]
    UnusedCondition {
        /// its id
        id: String,
    },
    /// What is read here, but not by the letter of the standard.
    #[error("{what}; it is read all the same")]
    NotStandard {
        /// what the standard wants
        what: String,
    },
    /// The same in several rows.
    #[error("{kind} (the same in {})", repeats::list(.rows))]
    Repeated {
        /// what is odd
        kind: Box<PetabWarningKind>,
        /// further rows
        rows: Vec<usize>,
    },
}

/// The kinds of errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PetabErrorKind {
    /// A file cannot be read.
    #[error("the file cannot be read: {source}")]
    Unreadable {
        /// what the operating system said
        source: io::Error,
    },
    /// Not a table.
    #[error("{message}")]
    NotATable {
        /// what is wrong
        message: String,
    },
    /// The YAML file does not fit the standard.
    #[error("{message}")]
    Yaml {
        /// what is wrong
        message: String,
    },
    /// An unknown format version.
    #[error("format version `{found}` cannot be read; versions 1 and 2.0.0 can")]
    Version {
        /// what the file says
        found: String,
    },
    /// An extension that the file requires and nobody here knows.
    #[error("the problem requires the extension `{id}`, which is not known here")]
    Extension {
        /// id of the extension
        id: String,
    },
    /// Part of the standard that cannot be read yet.
    #[error("{what} not supported yet")]
    NotSupported {
        /// subject of the sentence, with its verb: "the model language `sbml` is"
        what: String,
    },
    /// A column is missing.
    #[error("the column `{name}` is missing{}", hint(.near))]
    MissingColumn {
        /// its name
        name: String,
        /// near names in the header
        near: Vec<String>,
    },
    /// A cell is empty.
    #[error("a value is missing")]
    MissingValue,
    /// An id that nothing defines.
    #[error("unknown {what} `{}`{}", excerpt(.id, 1), hint(.near))]
    UnknownId {
        /// what was looked for
        what: &'static str,
        /// the id
        id: String,
        /// near names
        near: Vec<String>,
    },
    /// Not an identifier.
    #[error("`{}` is not an identifier: letters, digits and underscores, no digit first", excerpt(.id, 1))]
    InvalidId {
        /// the text
        id: String,
    },
    /// The same thing twice.
    #[error("{what} stands twice, first in {first}{}", if .what.starts_with("the same reading") { " (give replicates a replicateId)" } else { "" })]
    Duplicate {
        /// what
        what: String,
        /// where the first stands: "row 3", with the file where it is another one
        first: String,
    },
    /// Not a number.
    #[error("`{}` is not a number{}", excerpt(.text, 1), if .text.contains(',') { " (the decimal sign is a point)" } else { "" })]
    NotANumber {
        /// the text
        text: String,
    },
    /// NaN or infinity where a finite number is needed.
    #[error("`{}` is not finite", excerpt(.text, 1))]
    NotFinite {
        /// the text
        text: String,
    },
    /// A number beyond the range of numbers.
    #[error("`{}` is beyond the range of numbers", excerpt(.text, 1))]
    TooLarge {
        /// the text
        text: String,
    },
    /// A constant noise that is no spread.
    #[error("the noise of `{observable}` must be positive, not {}", number_text(*.value))]
    NoiseNotPositive {
        /// observable
        observable: String,
        /// the value
        value: f64,
    },
    /// A row of the parameter table that nothing uses.
    #[error("nothing uses the parameter `{id}`: neither the model nor a formula or an override{}", hint(.near))]
    UnusedParameter {
        /// its id
        id: String,
        /// near names in the model
        near: Vec<String>,
    },
    /// A word out of a list was expected.
    #[error("`{}` is none of {}", excerpt(.text, 1), .expected.join(", "))]
    NotOneOf {
        /// the text
        text: String,
        /// the words
        expected: &'static [&'static str],
    },
    /// A formula that cannot be read.
    #[error("formula `{}`, character {character}: {message}", excerpt(.formula, *.character))]
    Formula {
        /// its text
        formula: String,
        /// where in it, from 1
        character: usize,
        /// what is wrong
        message: String,
    },
    /// Observables that use each other in a circle.
    #[error("circular formulas: {}", .ids.join(" uses "))]
    Circular {
        /// the circle
        ids: Vec<String>,
    },
    /// A unit that does not exist or does not fit.
    #[error("{message}")]
    Unit {
        /// what is wrong
        message: String,
    },
    /// Lower bound not below the upper bound.
    #[error("the lower bound {} is not below the upper bound {}", number_text(*.lower), number_text(*.upper))]
    Bounds {
        /// lower bound
        lower: f64,
        /// upper bound
        upper: f64,
    },
    /// An estimated parameter without finite bounds and without prior.
    #[error("an estimated parameter without a prior needs finite bounds")]
    InfiniteBound,
    /// Bounds that the search scale cannot hold.
    #[error("the scale `{scale}` needs bounds {needs}")]
    ScaleBounds {
        /// the scale
        scale: &'static str,
        /// what it needs
        needs: &'static str,
    },
    /// Prior parameters that are too few, too many or impossible.
    #[error("the prior `{distribution}`: {source}")]
    Prior {
        /// name of the distribution
        distribution: String,
        /// what is wrong
        source: PriorNameError,
    },
    /// A prior that the bounds cut off.
    #[error("the prior `{distribution}` has no probability within the bounds")]
    PriorOutside {
        /// name of the distribution
        distribution: String,
    },
    /// A placeholder whose number leaves a gap.
    #[error(
        "`{found}` is a placeholder, but `{missing}` does not occur: they are counted from 1 without gaps"
    )]
    PlaceholderGap {
        /// the placeholder
        found: String,
        /// the one that misses
        missing: String,
    },
    /// A time before 0 in version 1.
    #[error("the time {} lies before 0, where every simulation of version 1 starts", number_text(*.time))]
    NegativeTime {
        /// the time
        time: f64,
    },
    /// A word that has a meaning of its own.
    #[error(
        "`{id}` is a word of the standard (a constant, `time` or a function) and cannot be an id"
    )]
    ReservedId {
        /// the id
        id: String,
    },
    /// An id that means two things.
    #[error("`{id}` is {what} and {other}; an id has one meaning in a problem")]
    Shadows {
        /// the id
        id: String,
        /// what it is here
        what: &'static str,
        /// what else it is
        other: &'static str,
    },
    /// The number of overrides is not the number of placeholders.
    #[error("`{observable}` has {expected} placeholders here, {got} values are given")]
    Overrides {
        /// observable
        observable: String,
        /// number of placeholders
        expected: usize,
        /// number of values
        got: usize,
    },
    /// A reading that its distribution cannot give.
    #[error("the reading {} of `{observable}`: {reason}", number_text(*.reading))]
    Reading {
        /// observable
        observable: String,
        /// the value
        reading: f64,
        /// from the distribution
        reason: String,
    },
    /// A word that only the extension knows, without its declaration.
    #[error(
        "`{word}` belongs to the extension `holobiont`, which the YAML file must declare (extensions: holobiont: {{version: \"1\", required: true}})"
    )]
    NeedsExtension {
        /// the word
        word: &'static str,
    },
    /// Degrees of freedom of a distribution that has none.
    #[error(
        "degrees of freedom are for student-t and log-student-t noise only, not for {distribution}"
    )]
    NoDegreesOfFreedom {
        /// the distribution
        distribution: &'static str,
    },
    /// Degrees of freedom that cannot be.
    #[error("the degrees of freedom `{formula}` are {value}, but must be a positive number")]
    DegreesOfFreedom {
        /// as written
        formula: String,
        /// their value
        value: f64,
    },
    /// Estimated degrees of freedom that may become negative.
    #[error(
        "the degrees of freedom `{id}` are estimated down to {lower}; give the parameter a lower bound of 0 or more"
    )]
    DegreesOfFreedomBound {
        /// the parameter
        id: String,
        /// its lower bound
        lower: f64,
    },
    /// The limits of an interval are not in order.
    #[error("the interval from {} to {} is empty", number_text(*.lower), number_text(*.upper))]
    EmptyInterval {
        /// lower limit
        lower: f64,
        /// upper limit
        upper: f64,
    },
    /// `measurementUpper` without `interval`.
    #[error("measurementUpper is for interval-censored readings only")]
    UpperWithoutInterval,
    /// A group that is no composition.
    #[error("the group `{group}` is no composition: {reason}")]
    Group {
        /// its name
        group: String,
        /// what is wrong and what to do
        reason: &'static str,
    },
    /// No measurements at all.
    #[error("there are no measurements: the cohort is empty")]
    EmptyCohort,
    /// A reading before its experiment starts.
    #[error("the reading at time {} lies before the start of `{experiment}` at time {}", number_text(*.time), number_text(*.start))]
    BeforeStart {
        /// time of the reading
        time: f64,
        /// experiment
        experiment: String,
        /// its first time
        start: f64,
    },
    /// A dose before its experiment starts.
    #[error("the dose at time {} lies before the start of `{experiment}` at time {}; let the experiment start earlier (experiments.tsv), or move the dose", number_text(*.time), number_text(*.start))]
    DoseBeforeStart {
        /// time of the dose
        time: f64,
        /// experiment
        experiment: String,
        /// its first time
        start: f64,
    },
    /// Times of an input table that run backwards.
    #[error("times out of order: {} after {}", number_text(*.time), number_text(*.previous))]
    TimesOutOfOrder {
        /// the time
        time: f64,
        /// the one before
        previous: f64,
    },
    /// Something that a condition, dose or input cannot set.
    #[error("`{id}` cannot be set here: {reason}")]
    Target {
        /// the target
        id: String,
        /// why
        reason: &'static str,
    },
    /// Not a number of further doses.
    #[error("`{}` is no number of further doses: a whole number from 0 to {most}", excerpt(.text, 1))]
    NotACount {
        /// the text
        text: String,
        /// the greatest number allowed
        most: usize,
    },
    /// Columns of a dose that do not go together.
    #[error("{reason}")]
    Dose {
        /// what is wrong and what to do
        reason: &'static str,
    },
    /// A duration, rate or interval of a dose that is not positive.
    #[error("the {what} of a dose must be positive, not {}", number_text(*.value))]
    DoseNotPositive {
        /// duration, rate or interval
        what: &'static str,
        /// the value
        value: f64,
    },
    /// An infusion at steady state that lasts longer than its interval.
    #[error("the infusion lasts {}, longer than the interval of {} after which the regimen repeats it", number_text(*.duration), number_text(*.interval))]
    InfusionBeyondInterval {
        /// its duration
        duration: f64,
        /// the interval
        interval: f64,
    },
    /// A lag at steady state that is negative or no shorter than the interval.
    #[error("the lag of {} is not within the interval of {} after which the regimen repeats the dose; take whole intervals off it", number_text(*.lag), number_text(*.interval))]
    LagOutsideInterval {
        /// the lag
        lag: f64,
        /// the interval
        interval: f64,
    },
    /// A species set to a negative number.
    #[error("the state `{id}` cannot be negative, but is set to {}", number_text(*.value))]
    NegativeState {
        /// the state
        id: String,
        /// the value
        value: f64,
    },
    /// The same in several rows.
    #[error("{kind} (the same in {})", repeats::list(.rows))]
    Repeated {
        /// what is wrong
        kind: Box<PetabErrorKind>,
        /// further rows
        rows: Vec<usize>,
    },
    /// Conditions that start together and set the same.
    #[error("`{target}` is set by the conditions `{first}` and `{second}`, which start together")]
    SetTwice {
        /// what they set
        target: String,
        /// a condition
        first: String,
        /// another one
        second: String,
    },
    /// An empty condition beside others.
    #[error("the experiment `{experiment}` applies conditions at time {}, and none: a row without conditionId must be alone", number_text(*.time))]
    NoConditionBesideOthers {
        /// experiment
        experiment: String,
        /// start of the period
        time: f64,
    },
    /// An experiment that no individual has.
    #[error("the experiment `{experiment}` was measured, but belongs to no individual here")]
    NoIndividual {
        /// the experiment
        experiment: String,
    },
    /// An effect between occasions, and no occasions.
    #[error(
        "`{effect}` varies between occasions, but the table of individuals has no `occasionId`"
    )]
    NoOccasions {
        /// the random effect
        effect: String,
    },
    /// An experiment whose parts are given to two individuals.
    #[error("the experiment `{experiment}` is that of individual `{individual}` in another row")]
    TwoIndividuals {
        /// the experiment
        experiment: String,
        /// who has it
        individual: String,
    },
    /// Two transformations of one parameter.
    #[error("`{parameter}` has another transformation in another row; a parameter has one")]
    Transformations {
        /// the parameter
        parameter: String,
    },
    /// A covariate effect on a parameter whose transformation nobody gives.
    #[error("`{parameter}` has no random effect that would say its transformation: give one here")]
    NoTransformation {
        /// the parameter
        parameter: String,
    },
    /// A covariate that an individual does not have.
    #[error(
        "individual `{individual}` has no `{covariate}`, which a covariate effect uses; give a value or leave the individual out"
    )]
    MissingCovariate {
        /// the column
        covariate: String,
        /// the individual
        individual: String,
    },
    /// A covariate that changes from row to row.
    #[error(
        "`{covariate}` of individual `{individual}` differs from its first row; a covariate is constant within an individual"
    )]
    ChangingCovariate {
        /// the column
        covariate: String,
        /// the individual
        individual: String,
    },
    /// A fault of the statistical model.
    #[error("{fault}")]
    Population {
        /// the fault
        fault: PopulationFault,
    },
    /// An error of the model itself, in its own words.
    #[error("in the model: {message}")]
    Model {
        /// what the model's reader or checker said
        message: String,
    },
}

/// ", did you mean a or b?"
fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        names => format!(
            "; did you mean {}?",
            names
                .iter()
                .map(|n| format!("`{n}`"))
                .collect::<Vec<_>>()
                .join(" or ")
        ),
    }
}
