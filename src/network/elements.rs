//! The elements of a network as plain structs with defaults: what Rust code fills in and `model.toml` spells out.
//! How they act together stands in `flatten`; whether they fit together in `check`.
use super::{Formula, InputKind};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::collections::BTreeMap;

/// A well-mixed space. Its id stands for its size in formulas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compartment {
    /// Name for people.
    pub name: Option<String>,
    /// Size; 1 unless stated.
    pub size: Option<f64>,
    /// Unit of the size.
    pub unit: Option<String>,
    /// False if a rule or event may change the size.
    pub constant: bool,
}
impl Default for Compartment {
    fn default() -> Self {
        Compartment {
            name: None,
            size: Some(1.0),
            unit: None,
            constant: true,
        }
    }
}
impl Compartment {
    /// A compartment of the given size.
    pub fn new(size: f64) -> Self {
        Compartment {
            size: Some(size),
            ..Self::default()
        }
    }
    /// Sets the unit.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_string());
        self
    }
}

/// A quantity that reactions change.
///
/// A species without compartment is a plain state: its derivative is the sum of stoichiometry times rate. In a compartment
/// its id stands for a *concentration* and its derivative is divided by the size, unless `amount` is set (the
/// `hasOnlySubstanceUnits` of SBML): then its id stands for an amount. In a compartment whose size changes, the state is
/// the amount, under the id `amount(ID)`, and the concentration follows from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Species {
    /// Name for people.
    pub name: Option<String>,
    /// Initial value in the species' own measure (concentration or amount); a formula may use parameters, inputs and other initial values.
    pub initial: Option<Formula>,
    /// Unit of the species' own measure.
    pub unit: Option<String>,
    /// Where it is; none for a plain state.
    pub compartment: Option<String>,
    /// True if the id stands for an amount even in a compartment.
    pub amount: bool,
    /// True if reactions read it and do not change it.
    pub boundary: bool,
    /// True if nothing changes it.
    pub constant: bool,
    /// True if a negative value is an error of the model or the solver.
    pub nonnegative: bool,
    /// Id of a parameter that converts the extent of reactions to the unit of the species.
    pub conversion_factor: Option<String>,
    /// Elemental formula, as `C2H4O2`, of a compound whose pathways are balanced.
    pub chemical_formula: Option<String>,
}
impl Default for Species {
    fn default() -> Self {
        Species {
            name: None,
            initial: None,
            unit: None,
            compartment: None,
            amount: false,
            boundary: false,
            constant: false,
            nonnegative: true,
            conversion_factor: None,
            chemical_formula: None,
        }
    }
}
impl Species {
    /// A species with an initial value.
    pub fn new(initial: impl Into<Formula>) -> Self {
        Species {
            initial: Some(initial.into()),
            ..Self::default()
        }
    }
    /// Sets the unit.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_string());
        self
    }
    /// Puts it in a compartment.
    pub fn within(mut self, compartment: &str) -> Self {
        self.compartment = Some(compartment.to_string());
        self
    }
}

/// Where the evidence for a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Evidence {
    /// Measured in humans.
    #[serde(rename = "human")]
    Human,
    /// Measured in animals.
    #[serde(rename = "animal")]
    Animal,
    /// Measured in vitro.
    #[serde(rename = "in vitro")]
    InVitro,
    /// Fitted to data.
    #[serde(rename = "fitted")]
    Fitted,
    /// Assumed without a measurement.
    #[serde(rename = "assumed")]
    Assumed,
}
impl Evidence {
    /// All grades with their words in tables.
    pub const ALL: [(&'static str, Evidence); 5] = [
        ("human", Evidence::Human),
        ("animal", Evidence::Animal),
        ("in vitro", Evidence::InVitro),
        ("fitted", Evidence::Fitted),
        ("assumed", Evidence::Assumed),
    ];
    /// The grade's word in tables.
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, e)| *e == self)
            .map_or("", |(word, _)| word)
    }
}

/// Scale on which a search moves a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchScale {
    /// As it stands.
    #[default]
    Linear,
    /// Natural logarithm.
    Log,
    /// Decimal logarithm.
    Log10,
    /// ln(p/(1-p)).
    Logit,
}

/// A number with its unit, source and evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameter {
    /// Name for people.
    pub name: Option<String>,
    /// The value; none until a parameter table or an initial assignment gives it.
    pub value: Option<f64>,
    /// Unit.
    pub unit: Option<String>,
    /// False if a rule or event may change it.
    pub constant: bool,
    /// Source, a DOI where there is one.
    pub source: Option<String>,
    /// Grade of the evidence.
    pub evidence: Option<Evidence>,
    /// Scale of a search.
    pub scale: SearchScale,
    /// Lower bound of a search.
    pub lower: Option<f64>,
    /// Upper bound of a search.
    pub upper: Option<f64>,
}
impl Default for Parameter {
    fn default() -> Self {
        Parameter {
            name: None,
            value: None,
            unit: None,
            constant: true,
            source: None,
            evidence: None,
            scale: SearchScale::Linear,
            lower: None,
            upper: None,
        }
    }
}
impl Parameter {
    /// A parameter with a value.
    pub fn new(value: f64) -> Self {
        Parameter {
            value: Some(value),
            ..Self::default()
        }
    }
    /// A parameter whose value a table gives later.
    pub fn unset() -> Self {
        Self::default()
    }
    /// Sets the unit.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_string());
        self
    }
    /// Sets the name for people.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_string());
        self
    }
    /// Sets source (a DOI) and evidence.
    pub fn source(mut self, source: &str, evidence: Evidence) -> Self {
        self.source = Some(source.to_string());
        self.evidence = Some(evidence);
        self
    }
}

/// A process: what it consumes and produces per unit of its rate.
///
/// ```
/// use holobiont::network::Reaction;
/// let growth = Reaction::rate("mu * S / (K + S) * X").consumes("S", "1/Y").produces("X", 1.0);
/// assert_eq!(growth.products.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reaction {
    /// Name for people.
    pub name: Option<String>,
    /// Rate law: extent per time (substance per time; for a plain state its own unit per time).
    pub rate: Option<Formula>,
    /// Species consumed, with stoichiometry.
    #[serde(rename = "consumes", with = "stoichiometry_map")]
    pub reactants: Vec<(String, Formula)>,
    /// Species produced, with stoichiometry.
    #[serde(rename = "produces", with = "stoichiometry_map")]
    pub products: Vec<(String, Formula)>,
    /// Species that the rate law reads and the reaction does not change.
    pub modifiers: Vec<String>,
    /// True if the net rate may be negative.
    pub reversible: bool,
}
impl Reaction {
    /// A reaction with this rate law.
    pub fn rate(formula: impl Into<Formula>) -> Self {
        Reaction {
            rate: Some(formula.into()),
            ..Self::default()
        }
    }
    /// Adds a species consumed.
    pub fn consumes(mut self, species: &str, stoichiometry: impl Into<Formula>) -> Self {
        self.reactants
            .push((species.to_string(), stoichiometry.into()));
        self
    }
    /// Adds a species produced.
    pub fn produces(mut self, species: &str, stoichiometry: impl Into<Formula>) -> Self {
        self.products
            .push((species.to_string(), stoichiometry.into()));
        self
    }
}

mod stoichiometry_map {
    use super::{BTreeMap, Deserialize, Formula, Serialize};
    pub fn serialize<S: serde::Serializer>(
        list: &[(String, Formula)],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        list.iter()
            .cloned()
            .collect::<BTreeMap<_, _>>()
            .serialize(s)
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<(String, Formula)>, D::Error> {
        Ok(BTreeMap::<String, Formula>::deserialize(d)?
            .into_iter()
            .collect())
    }
}

/// What holds for a quantity at all times.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// The quantity equals the formula. An id that nothing else declares becomes a quantity of its own.
    Assignment {
        /// The quantity.
        id: String,
        /// What it equals.
        formula: Formula,
        /// Its unit, where the rule itself declares the quantity.
        unit: Option<String>,
    },
    /// The derivative of the quantity equals the formula.
    Rate {
        /// The quantity.
        id: String,
        /// Its derivative.
        formula: Formula,
    },
    /// The formula equals zero at all times, from the start on; the quantity that makes it so is found by matching. Where the
    /// rule is linear in it, it is solved for and becomes an assigned quantity; a rule that finds none is differentiated by time,
    /// and itself checked where a solve starts and after its jumps; what is left is integrated as an algebraic equation.
    Algebraic {
        /// The residual.
        formula: Formula,
    },
}

/// A user's function; calls are inlined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionDefinition {
    /// Names of the arguments.
    pub arguments: Vec<String>,
    /// The value, a formula of the arguments.
    pub formula: Formula,
}

/// Something that happens when a condition turns true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// The event fires when this turns from false to true.
    pub trigger: Formula,
    /// Time between trigger and assignments.
    #[serde(default)]
    pub delay: Option<Formula>,
    /// Of events at the same time the one with the highest priority goes first.
    #[serde(default)]
    pub priority: Option<Formula>,
    /// True if a delayed event stays due though its trigger turns false.
    #[serde(default = "yes")]
    pub persistent: bool,
    /// The trigger's value just before the start; false lets the event fire at the start.
    #[serde(default = "yes")]
    pub initial_value: bool,
    /// True if the assigned values are those of the time of the trigger, false for the time of the assignment.
    #[serde(default = "yes")]
    pub values_from_trigger_time: bool,
    /// New values of quantities.
    #[serde(rename = "set", with = "stoichiometry_map")]
    pub assignments: Vec<(String, Formula)>,
}
fn yes() -> bool {
    true
}
impl Event {
    /// An event with this trigger.
    pub fn when(trigger: impl Into<Formula>) -> Self {
        Event {
            name: None,
            trigger: trigger.into(),
            delay: None,
            priority: None,
            persistent: true,
            initial_value: true,
            values_from_trigger_time: true,
            assignments: Vec::new(),
        }
    }
    /// All formulas with the part they are.
    pub(crate) fn formulas(&self) -> Vec<(String, &Formula)> {
        let mut all = vec![("trigger".to_string(), &self.trigger)];
        all.extend(self.delay.iter().map(|f| ("delay".to_string(), f)));
        all.extend(self.priority.iter().map(|f| ("priority".to_string(), f)));
        all.extend(
            self.assignments
                .iter()
                .map(|(id, f)| (format!("assignment of `{id}`"), f)),
        );
        all
    }
    /// Adds an assignment.
    pub fn set(mut self, id: &str, value: impl Into<Formula>) -> Self {
        self.assignments.push((id.to_string(), value.into()));
        self
    }
}

/// A function of time given by a table; a schedule may replace the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Name for people.
    pub name: Option<String>,
    /// How it runs between its knots.
    pub kind: InputKind,
    /// Unit.
    pub unit: Option<String>,
    /// (time, value), in time order; constant outside, 0 without knots.
    #[serde(deserialize_with = "knots")]
    pub knots: Vec<(f64, f64)>,
}
/// Reads knots; a pair of two numbers each, where serde would take longer lists and drop the rest.
fn knots<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(f64, f64)>, D::Error> {
    pairs(Vec::<Vec<f64>>::deserialize(from)?).map_err(D::Error::custom)
}

/// Lists of two numbers as pairs; else which one is none.
pub(crate) fn pairs(lists: Vec<Vec<f64>>) -> Result<Vec<(f64, f64)>, String> {
    let pair = |(i, list): (usize, Vec<f64>)| match list[..] {
        [time, value] => Ok((time, value)),
        _ => Err(format!(
            "knot {} has {} numbers, not time and value",
            i + 1,
            list.len()
        )),
    };
    lists.into_iter().enumerate().map(pair).collect()
}

impl Default for Input {
    fn default() -> Self {
        Input {
            name: None,
            kind: InputKind::Step,
            unit: None,
            knots: Vec::new(),
        }
    }
}

/// A quantity of interest, computed from the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observable {
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// Its value.
    pub formula: Formula,
    /// Unit.
    #[serde(default)]
    pub unit: Option<String>,
}
impl Observable {
    /// An observable with this value.
    pub fn new(formula: impl Into<Formula>) -> Self {
        Observable {
            name: None,
            formula: formula.into(),
            unit: None,
        }
    }
    /// Sets the unit.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_string());
        self
    }
}

/// A named place where networks meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Port {
    /// An id that formulas read and nothing here declares; `Network::connect` says what it is.
    In {
        /// The id that is read.
        reads: String,
        /// Its unit.
        #[serde(default)]
        unit: Option<String>,
    },
    /// A quantity offered to others.
    Out {
        /// The id of the quantity.
        offers: String,
    },
}
