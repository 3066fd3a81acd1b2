//! The whole file: what must be known before the first byte, and the parts in the order that SBML wants.
use super::annotations::{Story, Subject, doi, own};
use super::formulas::Formulas;
use super::functions::Definitions;
use super::ids::Ids;
use super::mathml::{Mathematics, Want};
use super::quantities::Places;
use super::reactions::References;
use super::units::Units;
use super::xml::{Attributes, Xml};
use super::{SbmlWriteError, Version, WriteOptions};
use crate::expr::{Expr, Graph, Node};
use crate::network::{ElementKind, Network, Place};
use std::collections::HashSet;

/// A document being written.
pub(super) struct Document<'a> {
    pub network: &'a Network,
    pub version: Version,
    pub formulas: &'a Formulas,
    pub mathematics: Mathematics<'a>,
    pub places: &'a Places,
    pub references: &'a References,
    pub units: &'a mut Units,
    pub ids: &'a mut Ids,
    pub xml: Xml,
}

/// A network as SBML.
///
/// A species without compartment becomes an amount in a compartment of size 1 that is added for it; observables, inputs
/// and assigned quantities become parameters with assignment rules; functions that MathML lacks become function
/// definitions. Ids stay as they are. Units, names, sources and evidence are kept. The same network gives the same bytes.
///
/// # Errors
/// The errors of the network; a formula that SBML or the chosen version of it cannot express.
///
/// ```
/// use holobiont::exchange::sbml::{WriteOptions, write};
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// let mut network = Network::new("decay");
/// network.species("A", Species::new(1.0))?.parameter("k", Parameter::new(0.5));
/// network.reaction("loss", Reaction::rate("k * A").consumes("A", 1.0))?;
/// let text = write(&network, &WriteOptions::default())?;
/// assert!(text.contains("<kineticLaw>") && text.contains("level3/version2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(network: &Network, options: &WriteOptions) -> Result<String, SbmlWriteError> {
    network.check().map_err(SbmlWriteError::Network)?;
    let mut formulas = Formulas::of(network)?;
    let roots = formulas.all();
    let mut ids = Ids::new(network.declared().map(|(_, id)| id));
    let definitions = Definitions::of(options.version, &mut formulas.graph, &roots, &mut ids);
    let places = Places::of(network, &mut ids);
    let references = References::of(network, &formulas, &mut ids);
    let mut units = Units::new();
    let mut document = Document {
        network,
        version: options.version,
        formulas: &formulas,
        mathematics: Mathematics {
            graph: &formulas.graph,
            version: options.version,
            definitions: &definitions,
        },
        places: &places,
        references: &references,
        units: &mut units,
        ids: &mut ids,
        xml: Xml::fragment(),
    };
    // the body first: it says which units are used
    document.compartments();
    document.species();
    document.parameters();
    document.initial_assignments()?;
    document.rules()?;
    document.constraints()?;
    document.reactions()?;
    document.events()?;
    let body = std::mem::replace(&mut document.xml, Xml::new());
    document.head(options);
    document.function_definitions(&definitions)?;
    document.units.write(&mut document.xml);
    let mut xml = document.xml;
    xml.append(body);
    xml.close("model");
    xml.close("sbml");
    Ok(xml.finish())
}

impl Document<'_> {
    /// `sbml` and `model` with attributes, notes and references.
    fn head(&mut self, options: &WriteOptions) {
        let network = self.network;
        let sbml = Attributes::new()
            .with("xmlns", self.version.namespace())
            .with("level", 3)
            .with("version", self.version.number());
        self.xml.open("sbml", &sbml);
        let references = network.references();
        let mut story = Story::default();
        story.notes.extend(
            network
                .name
                .clone()
                .or(Some(network.id.clone()).filter(|id| !id.is_empty())),
        );
        story.notes.extend(options.notes.iter().cloned());
        for reference in &references {
            match doi(&reference.doi) {
                Some(doi) => story.described_by.push(doi.to_owned()),
                None if reference.citation.is_empty() => {}
                None => story.notes.push(reference.citation.to_string()),
            }
        }
        let is_id = crate::expr::is_identifier(&network.id);
        let of_species = self.common_substance();
        let extent = self.common_extent();
        let volume = self.common_volume();
        let time = network.time_unit.as_deref();
        let metaid = (!story.described_by.is_empty()).then_some("model");
        let attributes = Attributes::new()
            .maybe("metaid", metaid)
            .maybe("id", Some(&network.id).filter(|_| is_id))
            .maybe("name", network.name.as_ref())
            .maybe("substanceUnits", of_species)
            .maybe("timeUnits", time.and_then(|text| self.units.id(text)))
            .maybe("volumeUnits", volume)
            .maybe("extentUnits", extent);
        self.xml.open("model", &attributes);
        story.write(&mut self.xml, Subject::Model, "model");
    }

    fn function_definitions(
        &mut self,
        own_definitions: &Definitions,
    ) -> Result<(), SbmlWriteError> {
        let functions = self.network.all_functions();
        if functions.is_empty() && own_definitions.list.is_empty() {
            return Ok(());
        }
        self.xml
            .open("listOfFunctionDefinitions", &Attributes::new());
        for definition in &own_definitions.list {
            let name = definition.function.name();
            let attributes = Attributes::new()
                .with("id", &definition.id)
                .with("name", name);
            self.xml.open("functionDefinition", &attributes);
            let story = Story {
                own: Some(("holobiont:function", own().with("name", name))),
                ..Story::default()
            };
            story.write(&mut self.xml, Subject::Element, "");
            let (arguments, body) = (&definition.arguments, definition.body);
            let place = || Place::of(ElementKind::Function, &definition.id);
            self.mathematics
                .lambda(&mut self.xml, arguments, body, &place)?;
            self.xml.close("functionDefinition");
        }
        for position in self.called_first() {
            let (id, function) = &functions[position];
            self.xml
                .open("functionDefinition", &Attributes::new().with("id", id));
            let body = self.formulas.functions[position];
            let place = || Place::of(ElementKind::Function, id);
            self.mathematics
                .lambda(&mut self.xml, &function.arguments, body, &place)?;
            self.xml.close("functionDefinition");
        }
        self.xml.close("listOfFunctionDefinitions");
        Ok(())
    }

    /// The functions in an order in which each stands behind those that it calls.
    fn called_first(&self) -> Vec<usize> {
        let functions = self.network.all_functions();
        let calls = |position: usize| {
            let graph = &self.formulas.graph;
            let called = called(graph, self.formulas.functions[position]);
            let known = |id: &String| functions.iter().position(|(known, _)| known == id);
            called.iter().filter_map(known).collect::<Vec<usize>>()
        };
        let mut order: Vec<usize> = Vec::new();
        let mut placed = HashSet::new();
        for start in 0..functions.len() {
            let mut open = vec![start];
            while let Some(&top) = open.last() {
                // a checked network has no circle of calls
                let missing = calls(top).into_iter().find(|other| !placed.contains(other));
                match missing {
                    Some(other) if !placed.contains(&top) => open.push(other),
                    _ => {
                        open.pop();
                        if placed.insert(top) {
                            order.push(top);
                        }
                    }
                }
            }
        }
        order
    }

    /// The `math` element of a formula.
    pub fn math(
        &mut self,
        e: Expr,
        want: Want,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        self.mathematics.write(&mut self.xml, e, want, place)
    }

    /// An element with notes and annotations, open if it has content to come.
    pub fn element(
        &mut self,
        name: &str,
        id: &str,
        attributes: Attributes,
        story: &Story,
        has_content: bool,
    ) {
        let metaid = story.metaid(id);
        let mut all = Attributes::new().maybe("metaid", metaid.as_ref());
        all.extend(attributes);
        if story.is_empty() && !has_content {
            return self.xml.empty(name, &all);
        }
        self.xml.open(name, &all);
        story.write(
            &mut self.xml,
            Subject::Element,
            metaid.as_deref().unwrap_or(""),
        );
        if !has_content {
            self.xml.close(name);
        }
    }

    /// Opens a list that has elements; whether it did.
    pub fn list(&mut self, name: &str, length: usize) -> bool {
        if length > 0 {
            self.xml.open(name, &Attributes::new());
        }
        length > 0
    }
}

/// Names of the user functions that an expression calls.
fn called(graph: &Graph, e: Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    let mut todo = vec![e];
    while let Some(e) = todo.pop() {
        if seen.insert(e) {
            if let Node::User(name, _) = graph.node(e) {
                names.push(graph.name(*name).to_owned());
            }
            todo.extend(graph.node(e).children());
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
