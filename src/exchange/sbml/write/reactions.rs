//! Reactions, and stoichiometries that are formulas: values of species references, assigned at the start or by a rule.
use super::annotations::Story;
use super::document::Document;
use super::formulas::{Formulas, stoichiometry};
use super::ids::Ids;
use super::mathml::Want;
use super::xml::{Attributes, double};
use super::{SbmlWriteError, Version};
use crate::expr::{Expr, Graph};
use crate::network::{ElementKind, Network, Place, Reaction};

/// The stoichiometry of one participant.
pub(super) struct Reference {
    /// id of the species reference; empty where the stoichiometry is a number
    pub id: String,
    pub formula: Expr,
    /// whether its value never changes
    pub constant: bool,
    reaction: String,
    species: String,
}
impl Reference {
    /// Where it stands, for errors.
    pub fn place(&self) -> Place {
        stoichiometry(&self.reaction, &self.species)
    }
}

/// Stoichiometries of all reactions: reactants, then products.
pub(super) struct References(Vec<Vec<Reference>>);

impl References {
    pub fn of(network: &Network, formulas: &Formulas, ids: &mut Ids) -> Self {
        let graph = &formulas.graph;
        let mut all = Vec::new();
        for ((id, reaction), found) in network.all_reactions().iter().zip(&formulas.reactions) {
            let participants = reaction.reactants.iter().chain(&reaction.products);
            let expressions = found.reactants.iter().chain(&found.products);
            let reference = |((species, _), e): (&(String, _), &Expr)| {
                let is_number = graph.as_number(*e).is_some();
                Reference {
                    id: match is_number {
                        true => String::new(),
                        false => ids.fresh(&format!("{id}_{species}_stoichiometry")),
                    },
                    formula: *e,
                    constant: is_number || is_constant(network, graph, *e),
                    reaction: id.clone(),
                    species: species.clone(),
                }
            };
            all.push(participants.zip(expressions).map(reference).collect());
        }
        References(all)
    }

    fn named(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().flatten().filter(|r| !r.id.is_empty())
    }
    /// Formulas whose value holds from the start.
    pub fn constant(&self) -> Vec<&Reference> {
        self.named().filter(|r| r.constant).collect()
    }
    /// Formulas whose value changes.
    pub fn changing(&self) -> Vec<&Reference> {
        self.named().filter(|r| !r.constant).collect()
    }
}

/// Whether nothing that the expression reads ever changes.
fn is_constant(network: &Network, graph: &Graph, e: Expr) -> bool {
    let constant = |id: &str| match network.kind_of(id) {
        Some(ElementKind::Parameter) => {
            let mut all = network.all_parameters().iter();
            all.any(|(known, p)| known == id && p.constant)
        }
        Some(ElementKind::Compartment) => {
            let mut all = network.all_compartments().iter();
            all.any(|(known, c)| known == id && c.constant)
        }
        _ => false,
    };
    let symbols = graph.symbols_of(e);
    !graph.depends_on_time(e) && symbols.into_iter().all(|s| constant(graph.name(s)))
}

impl Document<'_> {
    pub fn reactions(&mut self) -> Result<(), SbmlWriteError> {
        let network = self.network;
        if !self.list("listOfReactions", network.all_reactions().len()) {
            return Ok(());
        }
        for (position, (id, reaction)) in network.all_reactions().iter().enumerate() {
            let rate = self.formulas.reactions[position].rate;
            let modifiers = self.modifiers(reaction, rate);
            let references = &self.references.0[position];
            if references.is_empty() && modifiers.is_empty() && self.version == Version::L3V1 {
                return Err(SbmlWriteError::Version {
                    place: Place::of(ElementKind::Reaction, id),
                    what: "a reaction without any species",
                    version: self.version,
                });
            }
            let fast = (self.version == Version::L3V1).then_some(false);
            let attributes = Attributes::new()
                .with("id", id)
                .maybe("name", reaction.name.as_ref())
                .with("reversible", reaction.reversible)
                .maybe("fast", fast);
            let has_content = !references.is_empty() || !modifiers.is_empty() || rate.is_some();
            self.element("reaction", id, attributes, &Story::default(), has_content);
            let (reactants, products) = references.split_at(reaction.reactants.len());
            self.participants("listOfReactants", reactants);
            self.participants("listOfProducts", products);
            if self.list("listOfModifiers", modifiers.len()) {
                for species in &modifiers {
                    let attributes = Attributes::new().with("species", species);
                    self.xml.empty("modifierSpeciesReference", &attributes);
                }
                self.xml.close("listOfModifiers");
            }
            if let Some(rate) = rate {
                self.xml.open("kineticLaw", &Attributes::new());
                let place = || Place::part(ElementKind::Reaction, id, "rate law");
                self.math(rate, Want::Number, &place)?;
                self.xml.close("kineticLaw");
            }
            if has_content {
                self.xml.close("reaction");
            }
        }
        self.xml.close("listOfReactions");
        Ok(())
    }

    fn participants(&mut self, list: &str, references: &[Reference]) {
        if !self.list(list, references.len()) {
            return;
        }
        for reference in references {
            let number = self.formulas.graph.as_number(reference.formula);
            let id = Some(&reference.id).filter(|id| !id.is_empty());
            let attributes = Attributes::new()
                .maybe("id", id)
                .with("species", &reference.species)
                .maybe("stoichiometry", number.map(double))
                .with("constant", reference.constant);
            self.xml.empty("speciesReference", &attributes);
        }
        self.xml.close(list);
    }

    /// Species that the rate law reads and that do not take part, and those declared.
    fn modifiers(&self, reaction: &Reaction, rate: Option<Expr>) -> Vec<String> {
        let network = self.network;
        let graph = &self.formulas.graph;
        let mut modifiers: Vec<String> = Vec::new();
        for species in &reaction.modifiers {
            if !modifiers.contains(species) {
                modifiers.push(species.clone());
            }
        }
        for symbol in rate.map(|e| graph.symbols_of(e)).unwrap_or_default() {
            let name = graph.name(symbol);
            let mut participants = reaction.reactants.iter().chain(&reaction.products);
            if network.kind_of(name) == Some(ElementKind::Species)
                && !participants.any(|(species, _)| species == name)
                && !modifiers.iter().any(|known| known == name)
            {
                modifiers.push(name.to_owned());
            }
        }
        modifiers
    }
}
