//! From XML to the document: elements, attributes, the defaults of each level, packages.
use super::document::*;
use super::error::SbmlError;
use super::mathml;
use super::xml::{Element, Lines, parse};

pub(super) const COMP: &str = "http://www.sbml.org/sbml/level3/version1/comp/version1";
const EXTENDED_MATH: &str = "http://www.sbml.org/sbml/level3/version1/l3v2extendedmath/version1";

/// Elements with a meaning of their own that a file may have; the network takes about 1.5 kB each.
const MOST_ELEMENTS: usize = 300_000;

/// Reads a text; the first error ends it.
pub(super) fn read(text: &str) -> Result<Document, SbmlError> {
    let lines = Lines::new(text);
    let xml = parse(text)?;
    let root = Element::root(&xml, &lines);
    let core = root
        .namespace()
        .strip_prefix("http://www.sbml.org/sbml/level");
    if root.tag() != "sbml" || core.is_none() {
        return Err(SbmlError::NotSbml {
            line: root.line(),
            element: root.tag().to_string(),
            namespace: root.namespace().to_string(),
        });
    }
    let (level, version) = (root.required("level")?, root.required("version")?);
    let known = match (level, version) {
        ("2", "1") => root.namespace().ends_with("level2"),
        ("2", "2" | "3" | "4" | "5") => core == Some(&format!("2/version{version}")),
        ("3", "1" | "2") => core == Some(&format!("3/version{version}/core")),
        _ => false,
    };
    if !known {
        return Err(SbmlError::Level {
            line: root.line(),
            level: level.to_string(),
            version: version.to_string(),
        });
    }
    let reader = Reader {
        level: if level == "2" { 2 } else { 3 },
        core: root.namespace().to_string(),
        count: std::cell::Cell::new(0),
    };
    reader.check_packages(root)?;
    let Some(model) = root.child("model")? else {
        return Err(SbmlError::Children {
            line: root.line(),
            element: root.described(),
            child: "model",
            found: 0,
        });
    };
    let mut document = Document {
        level: reader.level,
        model: reader.model(model)?,
        definitions: Vec::new(),
    };
    for list in root.all_children().filter(|c| c.namespace() == COMP) {
        for item in list.children() {
            document.definitions.push(match item.tag() {
                "modelDefinition" => Definition::Here(Box::new(reader.model(item)?)),
                "externalModelDefinition" => {
                    let source = item.attribute_of_own("source");
                    let source = source.ok_or_else(|| item.missing("source"))?;
                    let model = item.attribute_of_own("modelRef").map(str::to_string);
                    Definition::External(Box::new(reader.meta(item)?), source.to_string(), model)
                }
                _ => return Err(list.unexpected(item)),
            });
        }
    }
    Ok(document)
}

struct Reader {
    level: u32,
    /// the namespace of the level and version
    core: String,
    /// elements read so far
    count: std::cell::Cell<usize>,
}

impl Reader {
    /// Packages that change the mathematics and are not read.
    fn check_packages(&self, root: Element) -> Result<(), SbmlError> {
        for attribute in root.node.attributes().filter(|a| a.name() == "required") {
            let namespace = attribute.namespace().unwrap_or("");
            let needed = matches!(attribute.value().trim(), "true" | "1");
            if needed && namespace != COMP && namespace != EXTENDED_MATH {
                let what = format!("the package {namespace}, which the file requires,");
                return Err(root.unsupported(what, ""));
            }
        }
        let balances = |namespace: &str| namespace.contains("/fbc/");
        let mut below = root.node.descendants().filter(|n| n.is_element());
        if let Some(node) = below.find(|n| n.tag_name().namespace().is_some_and(balances)) {
            let line = root.node.document().text_pos_at(node.range().start).row;
            return Err(SbmlError::Unsupported {
                line,
                element: node.tag_name().name().to_string(),
                what: "flux balance analysis (package fbc)".to_string(),
                advice: "; it is linear programming, not a differential equation",
            });
        }
        Ok(())
    }

    fn meta(&self, e: Element) -> Result<Meta, SbmlError> {
        self.count.set(self.count.get() + 1);
        if self.count.get() > MOST_ELEMENTS {
            return Err(SbmlError::TooMany {
                line: e.line(),
                element: e.described(),
                limit: MOST_ELEMENTS,
            });
        }
        let mut meta = Meta {
            line: e.line(),
            // elements of comp have the id in comp's namespace, but for models
            id: match e.identifier_of(COMP, "id")? {
                Some(id) => Some(id),
                None => e.identifier("id")?,
            },
            meta_id: e.attribute("metaid").map(str::to_string),
            name: e.attribute("name").map(str::to_string),
            ..Meta::default()
        };
        for child in e.all_children() {
            match (child.namespace() == COMP, child.tag()) {
                (true, "listOfReplacedElements") => {
                    for item in child.children() {
                        meta.replaces.push(self.reference(item)?);
                    }
                }
                (true, "replacedBy") => meta.replaced_by = Some(self.reference(child)?),
                (false, "annotation") => meta.described_by = resources(child),
                _ => {}
            }
        }
        Ok(meta)
    }

    /// A reference of the package comp.
    fn reference(&self, e: Element) -> Result<Reference, SbmlError> {
        let text = |name: &str| e.attribute_of_own(name).map(str::to_string);
        let mut inner = e
            .all_children()
            .filter(|c| c.namespace() == COMP && c.tag() == "sBaseRef");
        Ok(Reference {
            line: e.line(),
            submodel: text("submodelRef"),
            port: text("portRef"),
            id: text("idRef"),
            unit: text("unitRef"),
            meta_id: text("metaIdRef"),
            deletion: text("deletion"),
            conversion_factor: text("conversionFactor"),
            inner: match inner.next() {
                Some(inner) => Some(Box::new(self.reference(inner)?)),
                None => None,
            },
        })
    }

    /// A logical attribute: required in level 3, with a default in level 2.
    fn flag(&self, e: Element, name: &str, usual: bool) -> Result<bool, SbmlError> {
        match e.boolean(name)? {
            Some(value) => Ok(value),
            None if self.level == 2 => Ok(usual),
            None => Err(e.missing(name)),
        }
    }

    fn model(&self, e: Element) -> Result<Model, SbmlError> {
        let text = |name: &str| e.attribute(name).map(str::to_string);
        let mut model = Model {
            meta: self.meta(e)?,
            substance_units: text("substanceUnits"),
            time_units: text("timeUnits"),
            volume_units: text("volumeUnits"),
            area_units: text("areaUnits"),
            length_units: text("lengthUnits"),
            extent_units: text("extentUnits"),
            conversion_factor: e.identifier("conversionFactor")?,
            ..Model::default()
        };
        // a model of comp stands in comp's namespace, its lists in that of the core
        for list in e.all_children() {
            if list.namespace() != self.core && list.namespace() != COMP {
                continue;
            }
            let items = || {
                list.all_children().filter(|c| {
                    c.namespace() == list.namespace() && !matches!(c.tag(), "notes" | "annotation")
                })
            };
            macro_rules! fill {
                ($to:ident, $tag:literal, $read:expr) => {
                    for item in items() {
                        if item.tag() != $tag {
                            return Err(list.unexpected(item));
                        }
                        model.$to.push($read(item)?);
                    }
                };
            }
            match list.tag() {
                "listOfFunctionDefinitions" => {
                    fill!(functions, "functionDefinition", |i| self.function(i))
                }
                "listOfUnitDefinitions" => {
                    fill!(units, "unitDefinition", |i| self.unit_definition(i))
                }
                "listOfCompartments" => fill!(compartments, "compartment", |i| self.compartment(i)),
                "listOfSpecies" => fill!(species, "species", |i| self.species(i)),
                "listOfParameters" => fill!(parameters, "parameter", |i| self.parameter(i)),
                "listOfInitialAssignments" => {
                    fill!(initial_assignments, "initialAssignment", |i| self
                        .initial_assignment(i))
                }
                "listOfRules" => {
                    for item in items() {
                        model.rules.push(self.rule(list, item)?);
                    }
                }
                "listOfConstraints" => fill!(constraints, "constraint", |i| self.constraint(i)),
                "listOfReactions" => fill!(reactions, "reaction", |i| self.reaction(i)),
                "listOfEvents" => fill!(events, "event", |i| self.event(i)),
                "listOfSubmodels" => fill!(submodels, "submodel", |i| self.submodel(i)),
                "listOfPorts" => fill!(ports, "port", |i| self.port(i)),
                // without meaning for the equations
                "listOfCompartmentTypes" | "listOfSpeciesTypes" | "notes" | "annotation" => {}
                "listOfReplacedElements" | "replacedBy" => {}
                _ => return Err(e.unexpected(list)),
            }
        }
        Ok(model)
    }

    fn function(&self, e: Element) -> Result<Function, SbmlError> {
        e.required_identifier("id")?;
        let (arguments, body) = mathml::lambda(e)?;
        Ok(Function {
            meta: self.meta(e)?,
            arguments,
            body,
        })
    }

    fn unit_definition(&self, e: Element) -> Result<UnitDefinition, SbmlError> {
        e.required_identifier("id")?;
        let mut units = Vec::new();
        if let Some(list) = e.child("listOfUnits")? {
            for unit in list.children() {
                if unit.tag() != "unit" {
                    continue;
                }
                units.push(Unit {
                    kind: unit.required_identifier("kind")?,
                    exponent: unit.number("exponent")?.unwrap_or(1.0),
                    scale: unit.integer("scale")?.unwrap_or(0),
                    multiplier: unit.number("multiplier")?.unwrap_or(1.0),
                });
            }
        }
        Ok(UnitDefinition {
            meta: self.meta(e)?,
            units,
        })
    }

    fn compartment(&self, e: Element) -> Result<Compartment, SbmlError> {
        e.required_identifier("id")?;
        Ok(Compartment {
            meta: self.meta(e)?,
            dimensions: e.number("spatialDimensions")?.unwrap_or(3.0),
            size: e.number("size")?,
            units: e.identifier("units")?,
            constant: self.flag(e, "constant", true)?,
        })
    }

    fn species(&self, e: Element) -> Result<Species, SbmlError> {
        e.required_identifier("id")?;
        Ok(Species {
            meta: self.meta(e)?,
            compartment: e.required_identifier("compartment")?,
            initial_amount: e.number("initialAmount")?,
            initial_concentration: e.number("initialConcentration")?,
            substance_units: e.identifier("substanceUnits")?,
            only_substance: self.flag(e, "hasOnlySubstanceUnits", false)?,
            boundary: self.flag(e, "boundaryCondition", false)?,
            constant: self.flag(e, "constant", false)?,
            conversion_factor: e.identifier("conversionFactor")?,
        })
    }

    fn parameter(&self, e: Element) -> Result<Parameter, SbmlError> {
        e.required_identifier("id")?;
        let local = e.tag() == "localParameter";
        Ok(Parameter {
            meta: self.meta(e)?,
            value: e.number("value")?,
            units: e.identifier("units")?,
            constant: local || self.flag(e, "constant", true)?,
        })
    }

    fn initial_assignment(&self, e: Element) -> Result<InitialAssignment, SbmlError> {
        Ok(InitialAssignment {
            meta: self.meta(e)?,
            symbol: e.required_identifier("symbol")?,
            math: mathml::within(e)?,
        })
    }

    fn rule(&self, list: Element, e: Element) -> Result<Rule, SbmlError> {
        let (kind, variable) = match e.tag() {
            "assignmentRule" => (RuleKind::Assignment, e.required_identifier("variable")?),
            "rateRule" => (RuleKind::Rate, e.required_identifier("variable")?),
            "algebraicRule" => (RuleKind::Algebraic, String::new()),
            _ => return Err(list.unexpected(e)),
        };
        Ok(Rule {
            meta: self.meta(e)?,
            kind,
            variable,
            math: mathml::within(e)?,
        })
    }

    fn constraint(&self, e: Element) -> Result<Constraint, SbmlError> {
        Ok(Constraint {
            meta: self.meta(e)?,
            math: mathml::within(e)?,
        })
    }

    fn reaction(&self, e: Element) -> Result<Reaction, SbmlError> {
        e.required_identifier("id")?;
        let references = |tag: &'static str| -> Result<Vec<SpeciesReference>, SbmlError> {
            let Some(list) = e.child(tag)? else {
                return Ok(Vec::new());
            };
            let items = list
                .children()
                .filter(|c| c.tag().ends_with("eciesReference"));
            items.map(|item| self.species_reference(item)).collect()
        };
        Ok(Reaction {
            meta: self.meta(e)?,
            reversible: e.boolean("reversible")?.unwrap_or(true),
            fast: e.boolean("fast")?.unwrap_or(false),
            reactants: references("listOfReactants")?,
            products: references("listOfProducts")?,
            modifiers: references("listOfModifiers")?,
            kinetic_law: match e.child("kineticLaw")? {
                Some(law) => Some(self.kinetic_law(law)?),
                None => None,
            },
        })
    }

    fn species_reference(&self, e: Element) -> Result<SpeciesReference, SbmlError> {
        let denominator = e.number("denominator")?.unwrap_or(1.0);
        let stoichiometry = e.number("stoichiometry")?.map(|value| value / denominator);
        let usual = (self.level == 2).then_some(1.0 / denominator);
        Ok(SpeciesReference {
            meta: self.meta(e)?,
            species: e.required_identifier("species")?,
            stoichiometry: stoichiometry.or(usual),
            stoichiometry_math: match e.child("stoichiometryMath")? {
                Some(inner) => match mathml::within(inner)? {
                    Some(math) => Some((self.meta(inner)?, math)),
                    None => None,
                },
                None => None,
            },
            constant: e.boolean("constant")?.unwrap_or(self.level == 3),
        })
    }

    fn kinetic_law(&self, e: Element) -> Result<KineticLaw, SbmlError> {
        let mut local_parameters = Vec::new();
        for tag in ["listOfParameters", "listOfLocalParameters"] {
            if let Some(list) = e.child(tag)? {
                let items = list.children().filter(|c| c.tag().ends_with("arameter"));
                for item in items {
                    local_parameters.push(self.parameter(item)?);
                }
            }
        }
        Ok(KineticLaw {
            meta: self.meta(e)?,
            math: mathml::within(e)?,
            local_parameters,
        })
    }

    fn event(&self, e: Element) -> Result<Event, SbmlError> {
        let part = |tag: &'static str| -> Result<Option<Part>, SbmlError> {
            let Some(inner) = e.child(tag)? else {
                return Ok(None);
            };
            Ok(Some(Part {
                meta: self.meta(inner)?,
                math: mathml::within(inner)?,
            }))
        };
        let trigger = match e.child("trigger")? {
            Some(inner) => Some(Trigger {
                meta: self.meta(inner)?,
                initial_value: self.flag(inner, "initialValue", true)?,
                persistent: self.flag(inner, "persistent", true)?,
                math: mathml::within(inner)?,
            }),
            None => None,
        };
        let mut assignments = Vec::new();
        if let Some(list) = e.child("listOfEventAssignments")? {
            for item in list.children().filter(|c| c.tag() == "eventAssignment") {
                assignments.push(EventAssignment {
                    meta: self.meta(item)?,
                    variable: item.required_identifier("variable")?,
                    math: mathml::within(item)?,
                });
            }
        }
        Ok(Event {
            meta: self.meta(e)?,
            values_from_trigger_time: self.flag(e, "useValuesFromTriggerTime", true)?,
            trigger,
            priority: part("priority")?,
            delay: part("delay")?,
            assignments,
        })
    }

    fn submodel(&self, e: Element) -> Result<Submodel, SbmlError> {
        let text = |name: &str| e.attribute_of_own(name).map(str::to_string);
        let mut deletions = Vec::new();
        for list in e.children().filter(|c| c.tag() == "listOfDeletions") {
            for item in list.children() {
                deletions.push((self.meta(item)?, self.reference(item)?));
            }
        }
        Ok(Submodel {
            meta: self.meta(e)?,
            model: text("modelRef").ok_or_else(|| e.missing("modelRef"))?,
            time_conversion_factor: text("timeConversionFactor"),
            extent_conversion_factor: text("extentConversionFactor"),
            deletions,
        })
    }

    fn port(&self, e: Element) -> Result<Port, SbmlError> {
        Ok(Port {
            meta: self.meta(e)?,
            reference: self.reference(e)?,
        })
    }
}

/// Resources of `isDescribedBy` statements in an annotation.
fn resources(annotation: Element) -> Vec<String> {
    let described = annotation
        .node
        .descendants()
        .filter(|n| n.tag_name().name() == "isDescribedBy");
    let items = described.flat_map(|n| n.descendants().filter(|n| n.tag_name().name() == "li"));
    let resource = |n: roxmltree::Node| {
        let mut all = n.attributes();
        all.find(|a| a.name() == "resource")
            .map(|a| a.value().to_string())
    };
    items.filter_map(resource).collect()
}
