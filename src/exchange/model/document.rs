//! `model.toml`: each table read on its own, so that one error does not hide the next.
use super::{ModelError, Module, Scenario, ScenarioError, Spot, base::Texts, table::LocatedRow};
use crate::expr::{is_identifier, suggest};
use crate::library::LibraryMechanism;
use crate::network::{
    Compartment, ElementKind, Event, Formula, FunctionDefinition, Input, Network, NetworkError,
    Observable, Parameter, Place, Port, Reaction, Rule, Species,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A model file as far as it could be read, with the places of its elements.
pub(super) struct Document {
    pub network: Network,
    pub description: Option<String>,
    pub scenarios: Vec<(usize, Scenario)>,
    pub modules: Vec<Module>,
    /// byte offset of each element, by kind and id, and of the network's parts, by name
    spots: HashMap<(ElementKind, String), usize>,
}

const SECTIONS: [&str; 23] = [
    "id",
    "base",
    "without",
    "change",
    "name",
    "description",
    "time_unit",
    "mechanism",
    "compartments",
    "species",
    "parameters",
    "reactions",
    "functions",
    "events",
    "inputs",
    "observables",
    "ports",
    "constraints",
    "assignments",
    "rates",
    "algebraic",
    "initial",
    "scenario",
];

/// An assignment rule: a formula alone, or with its unit.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a formula, or { formula = ..., unit = ... }, is needed here"
)]
enum AssignmentText {
    Formula(Formula),
    Table(AssignmentTable),
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignmentTable {
    formula: Formula,
    unit: Option<String>,
}

struct Reader<'a, 'e> {
    text: &'a Texts<'a>,
    document: Document,
    errors: &'e mut Vec<ModelError>,
}

/// Reads the model file, laid over its base where it has one; errors are collected.
pub(super) fn read(text: &Texts, errors: &mut Vec<ModelError>) -> Document {
    let document = Document {
        network: Network::default(),
        description: None,
        scenarios: Vec::new(),
        modules: Vec::new(),
        spots: HashMap::new(),
    };
    let mut reader = Reader {
        text,
        document,
        errors,
    };
    let padded = text.padded();
    let mut roots = Vec::new();
    for model in &padded {
        let (root, found) = DeTable::parse_recoverable(model);
        for error in found {
            reader.toml_error(&error, 0);
        }
        roots.push(root.into_inner());
    }
    if reader.errors.is_empty() {
        let root = text.lay(roots, reader.errors);
        reader.root(root);
    }
    reader.document
}

impl<'a> Reader<'a, '_> {
    fn root(&mut self, root: DeTable<'a>) {
        let mut sections: BTreeMap<String, (usize, Spanned<DeValue<'a>>)> = BTreeMap::new();
        for (key, value) in root {
            let at = key.span().start;
            let key = key.into_inner().into_owned();
            if SECTIONS.contains(&key.as_str()) {
                sections.insert(key, (at, value));
            } else {
                let near = suggest(&key, SECTIONS);
                self.errors.push(ModelError::UnknownKey {
                    spot: self.text.spot(at),
                    key,
                    near,
                });
            }
        }
        let mut take = |key: &str| sections.remove(key);
        // one that could be followed was taken away when the texts were laid over each other
        if let Some((at, value)) = take("base") {
            self.value::<String>(value, at);
        }
        for key in ["without", "change"] {
            if let Some((at, _)) = take(key) {
                let spot = self.text.spot(at);
                self.errors.push(ModelError::NoBase { spot, key });
            }
        }
        match take("id") {
            Some((at, value)) => {
                if let Some(id) = self.value::<String>(value, at) {
                    if !is_identifier(&id) {
                        let place = Place::of(ElementKind::Network, &id);
                        self.added(Err(NetworkError::InvalidId { place }), at);
                    }
                    self.document.network.id = id;
                }
            }
            None => self.errors.push(ModelError::MissingKey {
                spot: self.text.file_spot(),
                key: "id",
            }),
        }
        self.document.network.name = take("name").and_then(|(at, v)| self.value(v, at));
        self.document.description = take("description").and_then(|(at, v)| self.value(v, at));
        if let Some((at, value)) = take("time_unit") {
            let spot = (ElementKind::Network, "time unit".to_string());
            self.document.spots.insert(spot, at);
            self.document.network.time_unit = self.value(value, at);
        }
        self.elements(
            take("compartments"),
            ElementKind::Compartment,
            |n, id, e: Compartment| {
                n.compartment(id, e);
                Ok(())
            },
        );
        self.elements(take("inputs"), ElementKind::Input, |n, id, e: Input| {
            n.input(id, e);
            Ok(())
        });
        self.mechanisms(take("mechanism"));
        self.elements(
            take("species"),
            ElementKind::Species,
            |n, id, e: Species| n.species(id, e).map(drop),
        );
        self.elements(
            take("parameters"),
            ElementKind::Parameter,
            |n, id, e: Parameter| {
                n.parameter(id, e);
                Ok(())
            },
        );
        self.elements(
            take("functions"),
            ElementKind::Function,
            |n, id, e: FunctionDefinition| n.function_definition(id, e).map(drop),
        );
        self.elements(
            take("reactions"),
            ElementKind::Reaction,
            |n, id, e: Reaction| n.reaction(id, e).map(drop),
        );
        self.elements(
            take("assignments"),
            ElementKind::Assignment,
            |n, id, e: AssignmentText| {
                let (formula, unit) = match e {
                    AssignmentText::Formula(formula) => (formula, None),
                    AssignmentText::Table(table) => (table.formula, table.unit),
                };
                n.rule(Rule::Assignment {
                    id: id.to_string(),
                    formula,
                    unit,
                })
                .map(drop)
            },
        );
        self.elements(take("rates"), ElementKind::RateRule, |n, id, e: Formula| {
            n.rate_rule(id, e).map(drop)
        });
        self.list(take("algebraic"), |reader, at, value| {
            if let Some(formula) = reader.value::<Formula>(value, at) {
                let number = reader
                    .document
                    .network
                    .all_rules()
                    .iter()
                    .filter(|r| matches!(r, Rule::Algebraic { .. }))
                    .count()
                    + 1;
                reader
                    .document
                    .spots
                    .insert((ElementKind::AlgebraicRule, number.to_string()), at);
                let result = reader.document.network.algebraic_rule(formula).map(drop);
                reader.added(result, at);
            }
        });
        self.elements(
            take("constraints"),
            ElementKind::Constraint,
            |n, id, e: Formula| n.constraint(id, e).map(drop),
        );
        self.elements(take("events"), ElementKind::Event, |n, id, e: Event| {
            n.event(id, e).map(drop)
        });
        self.elements(
            take("observables"),
            ElementKind::Observable,
            |n, id, e: Observable| n.observable(id, e).map(drop),
        );
        self.elements(take("ports"), ElementKind::Port, |n, id, e: Port| {
            n.port(id, e);
            Ok(())
        });
        self.elements(
            take("initial"),
            ElementKind::InitialAssignment,
            |n, id, e: Formula| n.initial_value(id, e).map(drop),
        );
        self.list(take("scenario"), |reader, at, value| {
            if let Some(scenario) = reader.value::<Scenario>(value, at) {
                reader.document.scenarios.push((at, scenario));
            }
        });
    }

    /// Reads a table of elements by id, in file order.
    fn elements<T: DeserializeOwned>(
        &mut self,
        section: Option<(usize, Spanned<DeValue<'a>>)>,
        kind: ElementKind,
        add: impl Fn(&mut Network, &str, T) -> Result<(), NetworkError>,
    ) {
        let Some((at, section)) = section else { return };
        let DeValue::Table(table) = section.into_inner() else {
            let message = "a table of elements by id is needed here".to_string();
            self.errors.push(ModelError::Toml {
                spot: self.text.spot(at),
                message,
            });
            return;
        };
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| self.text.order(key.span().start));
        if kind == ElementKind::InitialAssignment {
            // a base starts more than what is left of it
            let network = &self.document.network;
            entries.retain(|(key, _)| {
                self.text.base_of(key.span().start).is_none()
                    || network.kind_of(key.get_ref()).is_some()
            });
        }
        for (key, value) in entries {
            let at = key.span().start;
            let id = key.into_inner().into_owned();
            if let Some(element) = self.value::<T>(value, at) {
                self.document.spots.insert((kind, id.clone()), at);
                let result = add(&mut self.document.network, &id, element);
                self.added(result, at);
            }
        }
    }

    /// Reads an array, entry by entry.
    fn list(
        &mut self,
        section: Option<(usize, Spanned<DeValue<'a>>)>,
        mut each: impl FnMut(&mut Self, usize, Spanned<DeValue<'a>>),
    ) {
        let Some((at, section)) = section else { return };
        let DeValue::Array(array) = section.into_inner() else {
            self.errors.push(ModelError::Toml {
                spot: self.text.spot(at),
                message: "a list is needed here".to_string(),
            });
            return;
        };
        for value in array {
            let at = value.span().start;
            each(self, at, value);
        }
    }

    fn mechanisms(&mut self, section: Option<(usize, Spanned<DeValue<'a>>)>) {
        self.list(section, |reader, at, value| {
            let span = value.span();
            let DeValue::Table(mut table) = value.into_inner() else {
                let message = "a mechanism is a table with a `type`".to_string();
                reader.errors.push(ModelError::Toml {
                    spot: reader.text.spot(at),
                    message,
                });
                return;
            };
            let mut take = |name: &str| {
                let key = table
                    .keys()
                    .find(|key| key.get_ref().as_ref() == name)
                    .cloned();
                key.and_then(|key| table.remove(&key))
            };
            let prefix: String = take("prefix")
                .and_then(|v| reader.value(v, at))
                .unwrap_or_default();
            let connect: BTreeMap<String, String> = take("connect")
                .and_then(|v| reader.value(v, at))
                .unwrap_or_default();
            let kind = table
                .iter()
                .find(|(key, _)| key.get_ref().as_ref() == "type")
                .and_then(|(_, v)| v.get_ref().as_str())
                .map(str::to_string);
            let Some(kind) = kind else {
                reader.errors.push(ModelError::MissingKey {
                    spot: reader.text.spot(at),
                    key: "type",
                });
                return;
            };
            if !LibraryMechanism::TYPES.contains(&kind.as_str()) {
                reader.errors.push(ModelError::UnknownWord {
                    spot: reader.text.spot(at),
                    text: kind,
                    words: LibraryMechanism::TYPES.to_vec(),
                });
                return;
            }
            let Some(mechanism) =
                reader.value::<LibraryMechanism>(Spanned::new(span, DeValue::Table(table)), at)
            else {
                return;
            };
            let before: Vec<(ElementKind, String)> = reader.document.declared();
            let network = &mut reader.document.network;
            let result = if prefix.is_empty() {
                network.add(&mechanism).map(drop)
            } else {
                let mut part = Network::new(&prefix);
                part.time_unit = network.time_unit.clone();
                part.add(&mechanism).map(drop).map(|()| {
                    network.compose(&part, &prefix);
                })
            };
            reader.added(result, at);
            for (port, to) in &connect {
                let result = reader.document.network.connect(port, to).map(drop);
                reader.added(result, at);
            }
            let mut declared = reader.document.declared();
            declared.retain(|element| !before.contains(element));
            for element in &declared {
                let spots = &mut reader.document.spots;
                spots.entry(element.clone()).or_insert(at);
            }
            let module = Module::of(&mechanism, &kind, &prefix, declared);
            reader.document.modules.push(module);
        });
    }

    fn added(&mut self, result: Result<(), NetworkError>, at: usize) {
        if let Err(source) = result {
            self.errors.push(ModelError::Network {
                spot: self.text.spot(at),
                source,
            });
        }
    }

    fn value<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'a>>, at: usize) -> Option<T> {
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.toml_error(&error, at);
                None
            }
        }
    }

    fn toml_error(&mut self, error: &toml::de::Error, at: usize) {
        let spot = self.text.spot(error.span().map_or(at, |span| span.start));
        self.errors.push(ModelError::Toml {
            spot,
            message: error.message().to_string(),
        });
    }
}

impl Document {
    fn declared(&self) -> Vec<(ElementKind, String)> {
        self.network
            .declared()
            .map(|(kind, id)| (kind, id.to_string()))
            .collect()
    }

    /// The spot of a network error: the row of a parameter, else the element's table.
    pub fn spot_of(&self, error: &NetworkError, text: &Texts, rows: &[LocatedRow]) -> Spot {
        let spot = |kind: ElementKind, id: &str| {
            let at = self.spots.get(&(kind, id.to_string()));
            at.map(|at| text.spot(*at))
        };
        let Some(place) = error.place() else {
            let found = match error {
                NetworkError::DuplicateId { id, second, .. } => spot(*second, id),
                NetworkError::Circular { cycle } | NetworkError::CircularInitial { cycle } => {
                    let kinds = [
                        ElementKind::Assignment,
                        ElementKind::InitialAssignment,
                        ElementKind::Species,
                        ElementKind::Reaction,
                        ElementKind::Parameter,
                    ];
                    let first = cycle.first().map_or("", String::as_str);
                    kinds.into_iter().find_map(|kind| spot(kind, first))
                }
                NetworkError::RecursiveFunction { cycle } => spot(
                    ElementKind::Function,
                    cycle.first().map_or("", String::as_str),
                ),
                NetworkError::UnconnectedPort { port, .. } => spot(ElementKind::Port, port),
                _ => None,
            };
            return found.unwrap_or_else(|| text.file_spot());
        };
        if place.kind == ElementKind::Parameter
            && let Some(row) = rows.iter().find(|row| row.row.id == place.id)
        {
            return Spot {
                column: None,
                ..row.spot.clone()
            };
        }
        let id = match place.kind {
            ElementKind::Network => &*place.part,
            _ => &place.id,
        };
        spot(place.kind, id).unwrap_or_else(|| text.file_spot())
    }

    /// Reports scenarios that name something the network does not have, and numbers that cannot be.
    pub fn check_scenarios(&self, text: &Texts, errors: &mut Vec<ModelError>) {
        let network = &self.network;
        let ids = |list: &mut dyn Iterator<Item = &String>| list.cloned().collect::<Vec<String>>();
        let parameters = ids(&mut network
            .all_parameters()
            .iter()
            .map(|(id, _)| id)
            .chain(network.all_compartments().iter().map(|(id, _)| id)));
        let states = ids(&mut network
            .all_species()
            .iter()
            .map(|(id, _)| id)
            .chain(network.all_parameters().iter().map(|(id, _)| id)));
        let inputs = ids(&mut network.all_inputs().iter().map(|(id, _)| id));
        for (number, (at, scenario)) in self.scenarios.iter().enumerate() {
            let spot = text.spot(*at);
            let before = errors.len();
            if self.scenarios[..number]
                .iter()
                .any(|(_, earlier)| earlier.id == scenario.id)
            {
                let (part, problem) =
                    ("id".to_string(), "another scenario has this id".to_string());
                errors.push(ModelError::ScenarioValue {
                    spot: spot.clone(),
                    scenario: scenario.id.clone(),
                    part,
                    problem,
                });
            }
            let mut named = |part: &str, expected: &'static str, known: &[String], id: &str| {
                if !known.iter().any(|k| k == id) {
                    let near = suggest(id, known.iter().map(String::as_str));
                    let (spot, part) = (spot.clone(), part.to_string());
                    let (scenario, id) = (scenario.id.clone(), id.to_string());
                    let source = ScenarioError {
                        scenario,
                        part,
                        expected,
                        id,
                        near,
                    };
                    errors.push(ModelError::Scenario { spot, source });
                }
            };
            scenario
                .set
                .keys()
                .for_each(|id| named("set", "parameter", &parameters, id));
            scenario
                .initial
                .keys()
                .for_each(|id| named("initial", "species", &states, id));
            scenario
                .inputs
                .keys()
                .for_each(|id| named("inputs", "input", &inputs, id));
            for (number, repeat) in scenario.repeats.iter().enumerate() {
                let part = format!("repeat {}", number + 1);
                named(&part, "input", &inputs, &repeat.input);
            }
            for (number, period) in scenario.periods.iter().enumerate() {
                period.set.keys().for_each(|id| {
                    named(
                        &format!("period {}", number + 1),
                        "parameter",
                        &parameters,
                        id,
                    )
                });
            }
            for (number, dose) in scenario.doses.iter().enumerate() {
                let all = dose
                    .add
                    .keys()
                    .chain(dose.put.keys())
                    .chain(dose.multiply.keys());
                all.for_each(|id| named(&format!("dose {}", number + 1), "species", &states, id));
            }
            let nonnegative = |id: &str| {
                let species = network.all_species().iter().find(|(s, _)| s == id);
                species.is_some_and(|(_, species)| species.nonnegative)
            };
            for (part, problem) in scenario.problems(nonnegative) {
                errors.push(ModelError::ScenarioValue {
                    spot: spot.clone(),
                    scenario: scenario.id.clone(),
                    part,
                    problem,
                });
            }
            if let Some(base) = text.base_of(*at) {
                for source in errors.split_off(before) {
                    errors.push(ModelError::InheritedScenario {
                        base: base.to_string(),
                        scenario: scenario.id.clone(),
                        source: Box::new(source),
                    });
                }
            }
        }
    }
}
