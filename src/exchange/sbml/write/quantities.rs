//! Compartments, species and parameters.
use super::annotations::{Story, doi, own};
use super::document::Document;
use super::ids::Ids;
use super::units::{Measure, measure};
use super::xml::{Attributes, double};
use crate::compile::InputKind;
use crate::network::{
    Compartment, ElementKind, Formula, Network, Parameter, Rule, SearchScale, Species,
};
use crate::units::Unit;

/// Where species are.
pub(super) struct Places {
    /// the compartment of size 1 that holds species without one
    pub plain: Option<String>,
}

impl Places {
    pub fn of(network: &Network, ids: &mut Ids) -> Self {
        let mut species = network.all_species().iter();
        let needed = species.any(|(_, s)| s.compartment.is_none());
        Places {
            plain: needed.then(|| ids.fresh("default_compartment")),
        }
    }
}

impl Document<'_> {
    pub fn compartments(&mut self) {
        let network = self.network;
        let plain = self.places.plain.as_ref();
        let all = network.all_compartments();
        if !self.list(
            "listOfCompartments",
            all.len() + usize::from(plain.is_some()),
        ) {
            return;
        }
        if let Some(id) = plain {
            let attributes = Attributes::new()
                .with("id", id)
                .with("spatialDimensions", 3)
                .with("size", 1)
                .with("units", "dimensionless")
                .with("constant", true);
            self.element("compartment", id, attributes, &Story::default(), false);
        }
        for (id, compartment) in all {
            let attributes = Attributes::new()
                .with("id", id)
                .maybe("name", compartment.name.as_ref())
                .maybe("spatialDimensions", dimensions(compartment))
                .maybe("size", compartment.size.map(double))
                .maybe("units", self.unit(compartment.unit.as_deref()))
                .with("constant", compartment.constant);
            self.element("compartment", id, attributes, &Story::default(), false);
        }
        self.xml.close("listOfCompartments");
    }

    pub fn species(&mut self) {
        let network = self.network;
        if !self.list("listOfSpecies", network.all_species().len()) {
            return;
        }
        for (id, species) in network.all_species() {
            let plain = self.places.plain.as_ref();
            let compartment = species.compartment.as_ref().or(plain);
            let amount = species.amount || species.compartment.is_none();
            let initial = match species.initial {
                Some(Formula::Number(value)) => Some(double(value)),
                _ => None,
            };
            let (amount_value, concentration) = if amount {
                (initial, None)
            } else {
                (None, initial)
            };
            let substance = self.substance(species);
            let attributes = Attributes::new()
                .with("id", id)
                .maybe("name", species.name.as_ref())
                .maybe("compartment", compartment)
                .maybe("initialAmount", amount_value)
                .maybe("initialConcentration", concentration)
                .maybe("substanceUnits", substance.as_deref())
                .with("hasOnlySubstanceUnits", amount)
                .with("boundaryCondition", species.boundary)
                .with("constant", species.constant)
                .maybe("conversionFactor", species.conversion_factor.as_ref());
            let story = species_story(species, substance.is_some());
            self.element("species", id, attributes, &story, false);
        }
        self.xml.close("listOfSpecies");
    }

    /// Parameters, and every quantity that SBML has no other element for.
    pub fn parameters(&mut self) {
        let network = self.network;
        let assigned: Vec<(&str, Option<&str>)> = network
            .all_rules()
            .iter()
            .filter_map(|rule| match rule {
                Rule::Assignment { id, unit, .. }
                    if network.kind_of(id) == Some(ElementKind::Assignment) =>
                {
                    Some((id.as_str(), unit.as_deref()))
                }
                _ => None,
            })
            .collect();
        let length = network.all_parameters().len()
            + assigned.len()
            + network.all_inputs().len()
            + network.all_observables().len();
        if !self.list("listOfParameters", length) {
            return;
        }
        for (id, parameter) in network.all_parameters() {
            let attributes = Attributes::new()
                .with("id", id)
                .maybe("name", parameter.name.as_ref())
                .maybe("value", parameter.value.map(double))
                .maybe("units", self.unit(parameter.unit.as_deref()))
                .with("constant", parameter.constant);
            self.element(
                "parameter",
                id,
                attributes,
                &parameter_story(parameter),
                false,
            );
        }
        for (id, unit) in assigned {
            self.computed(id, None, unit, Story::default());
        }
        for (id, input) in network.all_inputs() {
            let kind = match input.kind {
                InputKind::Step => "step",
                InputKind::Linear => "linear",
                InputKind::Smooth => "smooth",
            };
            let story = Story {
                own: Some(("holobiont:input", own().with("kind", kind))),
                ..Story::default()
            };
            self.computed(id, input.name.as_deref(), input.unit.as_deref(), story);
        }
        for (id, observable) in network.all_observables() {
            let story = Story {
                own: Some(("holobiont:observable", own())),
                ..Story::default()
            };
            let (name, unit) = (observable.name.as_deref(), observable.unit.as_deref());
            self.computed(id, name, unit, story);
        }
        self.xml.close("listOfParameters");
    }

    /// A parameter that an assignment rule determines.
    fn computed(&mut self, id: &str, name: Option<&str>, unit: Option<&str>, story: Story) {
        let attributes = Attributes::new()
            .with("id", id)
            .maybe("name", name)
            .maybe("units", self.unit(unit))
            .with("constant", false);
        self.element("parameter", id, attributes, &story, false);
    }

    pub fn unit(&mut self, text: Option<&str>) -> Option<String> {
        self.units.id(text?)
    }

    /// The unit of the amount of a species, where it is one of a substance.
    fn substance(&mut self, species: &Species) -> Option<String> {
        let text = substance_unit(self.network, species)?;
        self.units.id(&text)
    }

    /// The unit of amounts that all species share.
    pub fn common_substance(&mut self) -> Option<String> {
        let network = self.network;
        self.common(network.all_species().iter().map(|(_, s)| s))
    }

    /// The unit of extents: that of the amounts of all species that reactions change without a factor.
    pub fn common_extent(&mut self) -> Option<String> {
        let network = self.network;
        let changed = |id: &String| {
            let mut reactions = network.all_reactions().iter();
            reactions.any(|(_, r)| {
                let mut all = r.reactants.iter().chain(&r.products);
                all.any(|(species, _)| species == id)
            })
        };
        let moved: Vec<&Species> = network
            .all_species()
            .iter()
            .filter(|(id, s)| !s.boundary && changed(id))
            .map(|(_, s)| s)
            .collect();
        if moved.iter().any(|s| s.conversion_factor.is_some()) {
            return None;
        }
        self.common(moved.into_iter())
    }

    fn common<'b>(&mut self, species: impl Iterator<Item = &'b Species>) -> Option<String> {
        let mut common: Option<(Unit, String)> = None;
        for species in species {
            let text = substance_unit(self.network, species)?;
            let unit = Unit::parse(&text).ok()?;
            match &common {
                Some((known, _)) if *known != unit => return None,
                Some(_) => {}
                None => common = Some((unit, text)),
            }
        }
        let (_, text) = common?;
        self.units.id(&text)
    }

    /// The unit that all volumes share.
    pub fn common_volume(&mut self) -> Option<String> {
        let network = self.network;
        let mut texts = network
            .all_compartments()
            .iter()
            .map(|(_, c)| c.unit.as_deref());
        let first = texts.next()??;
        let same = texts.all(|text| text == Some(first));
        if same && measure(first) == Measure::Volume {
            self.units.id(first)
        } else {
            None
        }
    }
}

/// The dimensions that fit the unit: a volume unless it says otherwise; none where it is no size of space.
fn dimensions(compartment: &Compartment) -> Option<u8> {
    match compartment.unit.as_deref().map(measure) {
        None | Some(Measure::Volume | Measure::Number) => Some(3),
        Some(Measure::Area) => Some(2),
        Some(Measure::Length) => Some(1),
        Some(Measure::Substance | Measure::Other) => None,
    }
}

/// The unit of the amount of a species as text, where it is known and one of a substance.
fn substance_unit(network: &Network, species: &Species) -> Option<String> {
    let text = species.unit.as_ref()?;
    let mut unit = Unit::parse(text).ok()?;
    let mut amount = text.clone();
    if let (Some(compartment), false) = (&species.compartment, species.amount) {
        let mut all = network.all_compartments().iter();
        let (_, compartment) = all.find(|(id, _)| id == compartment)?;
        unit = unit.multiply(&Unit::parse(compartment.unit.as_ref()?).ok()?);
        amount = unit.to_string();
    }
    matches!(measure(&amount), Measure::Substance | Measure::Number).then_some(amount)
}

fn species_story(species: &Species, has_unit: bool) -> Story {
    let unit = species.unit.as_ref().filter(|_| !has_unit);
    let attributes = Attributes::new()
        .maybe(
            "compartment",
            species.compartment.is_none().then_some("none"),
        )
        .maybe("unit", unit)
        .maybe("nonnegative", (!species.nonnegative).then_some(false))
        .maybe("formula", species.chemical_formula.as_ref());
    let mut story = Story::default();
    if !attributes.is_empty() {
        let mut all = own();
        all.extend(attributes);
        story.own = Some(("holobiont:state", all));
    }
    story
}

fn parameter_story(parameter: &Parameter) -> Story {
    let mut story = Story::default();
    let source = parameter.source.as_deref().filter(|s| !s.trim().is_empty());
    let doi = source.and_then(doi);
    story.described_by.extend(doi.map(str::to_owned));
    if let Some(source) = source.filter(|_| doi.is_none()) {
        story.notes.push(format!("Source: {source}"));
    }
    let scale = match parameter.scale {
        SearchScale::Linear => None,
        SearchScale::Log => Some("log"),
        SearchScale::Log10 => Some("log10"),
        SearchScale::Logit => Some("logit"),
    };
    let attributes = Attributes::new()
        .maybe("evidence", parameter.evidence.map(|e| e.word()))
        .maybe("source", source.filter(|_| doi.is_none()))
        .maybe("scale", scale)
        .maybe("lower", parameter.lower.map(double))
        .maybe("upper", parameter.upper.map(double));
    if !attributes.is_empty() {
        let mut all = own();
        all.extend(attributes);
        story.own = Some(("holobiont:parameter", all));
    }
    story
}
