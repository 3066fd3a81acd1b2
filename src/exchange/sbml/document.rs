//! An SBML document as data: what stands in the file, level and version smoothed out, nothing interpreted.
//!
//! Reading (`read`) fills it, composition (`compose`) turns a hierarchy into one flat model, and `network` gives it its meaning.
use super::math::Math;

/// What every element may have.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub line: u32,
    /// place among the parts of its model; composition numbers them
    pub number: u32,
    pub id: Option<String>,
    pub meta_id: Option<String>,
    pub name: Option<String>,
    /// resources of `isDescribedBy` annotations
    pub described_by: Vec<String>,
    /// elements of submodels that this one replaces
    pub replaces: Vec<Reference>,
    /// the element of a submodel that replaces this one
    pub replaced_by: Option<Reference>,
}

/// A way to an element of a submodel, in the words of the package comp.
#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    pub line: u32,
    /// `submodelRef`, on the outermost reference
    pub submodel: Option<String>,
    pub port: Option<String>,
    pub id: Option<String>,
    pub unit: Option<String>,
    pub meta_id: Option<String>,
    /// `deletion` of a replaced element
    pub deletion: Option<String>,
    pub conversion_factor: Option<String>,
    /// within the submodel that the reference so far names
    pub inner: Option<Box<Reference>>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub level: u32,
    pub model: Model,
    pub definitions: Vec<Definition>,
}

/// A model for use as submodel.
#[derive(Clone, Debug)]
pub(super) enum Definition {
    Here(Box<Model>),
    /// id, source, modelRef
    External(Box<Meta>, String, Option<String>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub meta: Meta,
    pub substance_units: Option<String>,
    pub time_units: Option<String>,
    pub volume_units: Option<String>,
    pub area_units: Option<String>,
    pub length_units: Option<String>,
    pub extent_units: Option<String>,
    pub conversion_factor: Option<String>,
    pub functions: Vec<Function>,
    pub units: Vec<UnitDefinition>,
    pub compartments: Vec<Compartment>,
    pub species: Vec<Species>,
    pub parameters: Vec<Parameter>,
    pub initial_assignments: Vec<InitialAssignment>,
    pub rules: Vec<Rule>,
    pub constraints: Vec<Constraint>,
    pub reactions: Vec<Reaction>,
    pub events: Vec<Event>,
    pub submodels: Vec<Submodel>,
    pub ports: Vec<Port>,
}

#[derive(Clone, Debug)]
pub(super) struct Function {
    pub meta: Meta,
    pub arguments: Vec<String>,
    /// none in an empty `math` of L3V2
    pub body: Option<Math>,
}

#[derive(Clone, Debug)]
pub(super) struct UnitDefinition {
    pub meta: Meta,
    pub units: Vec<Unit>,
}

/// (multiplier 10^scale kind)^exponent
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub kind: String,
    pub exponent: f64,
    pub scale: i32,
    pub multiplier: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Compartment {
    pub meta: Meta,
    pub dimensions: f64,
    pub size: Option<f64>,
    pub units: Option<String>,
    pub constant: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Species {
    pub meta: Meta,
    pub compartment: String,
    pub initial_amount: Option<f64>,
    pub initial_concentration: Option<f64>,
    pub substance_units: Option<String>,
    pub only_substance: bool,
    pub boundary: bool,
    pub constant: bool,
    pub conversion_factor: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub meta: Meta,
    pub value: Option<f64>,
    pub units: Option<String>,
    pub constant: bool,
}

#[derive(Clone, Debug)]
pub(super) struct InitialAssignment {
    pub meta: Meta,
    pub symbol: String,
    pub math: Option<Math>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleKind {
    Assignment,
    Rate,
    Algebraic,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub meta: Meta,
    pub kind: RuleKind,
    /// empty for an algebraic rule
    pub variable: String,
    pub math: Option<Math>,
}

#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub meta: Meta,
    pub math: Option<Math>,
}

#[derive(Clone, Debug)]
pub(super) struct Reaction {
    pub meta: Meta,
    pub reversible: bool,
    pub fast: bool,
    pub reactants: Vec<SpeciesReference>,
    pub products: Vec<SpeciesReference>,
    pub modifiers: Vec<SpeciesReference>,
    pub kinetic_law: Option<KineticLaw>,
}

#[derive(Clone, Debug)]
pub(super) struct SpeciesReference {
    pub meta: Meta,
    pub species: String,
    pub stoichiometry: Option<f64>,
    /// `stoichiometryMath` of level 2
    pub stoichiometry_math: Option<(Meta, Math)>,
    pub constant: bool,
}

#[derive(Clone, Debug)]
pub(super) struct KineticLaw {
    pub meta: Meta,
    pub math: Option<Math>,
    pub local_parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub meta: Meta,
    pub values_from_trigger_time: bool,
    pub trigger: Option<Trigger>,
    pub priority: Option<Part>,
    pub delay: Option<Part>,
    pub assignments: Vec<EventAssignment>,
}

#[derive(Clone, Debug)]
pub(super) struct Trigger {
    pub meta: Meta,
    pub initial_value: bool,
    pub persistent: bool,
    pub math: Option<Math>,
}

/// A priority or delay.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub meta: Meta,
    pub math: Option<Math>,
}

#[derive(Clone, Debug)]
pub(super) struct EventAssignment {
    pub meta: Meta,
    pub variable: String,
    pub math: Option<Math>,
}

#[derive(Clone, Debug)]
pub(super) struct Submodel {
    pub meta: Meta,
    pub model: String,
    pub time_conversion_factor: Option<String>,
    pub extent_conversion_factor: Option<String>,
    pub deletions: Vec<(Meta, Reference)>,
}

#[derive(Clone, Debug)]
pub(super) struct Port {
    pub meta: Meta,
    pub reference: Reference,
}
