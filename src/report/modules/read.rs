//! The modules of a model and their couplings, read from its mechanisms, formulas and reactions.
use super::graph::{Bundle, Coupling, Graph, Node, Strength, Tag, sort};
use crate::{
    exchange::model::{Model, Module},
    expr,
    network::{ElementKind, Formula, Network, Rule},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The modules of a model. What the file spells out without a mechanism is a module of its own where it has states or reactions;
/// quantities that it assigns are followed to what they read.
pub fn modules(model: &Model) -> Graph {
    let mut modules = model.modules.clone();
    modules.extend(spelled_out(model));
    let reader = Reader::new(model, &modules);
    let mut found = Found::default();
    for (number, module) in modules.iter().enumerate() {
        reader.influences(number, module, &mut found);
        reader.formulas(number, module, &mut found);
        reader.flows(number, module, &mut found);
    }
    reader.graph(&modules, found)
}

/// Species and reactions that no mechanism declared.
fn spelled_out(model: &Model) -> Option<Module> {
    let declared = model.modules.iter().flat_map(|module| &module.elements);
    let known: HashSet<&str> = declared.map(|(_, id)| id.as_str()).collect();
    let own = model.network.declared().filter(|(kind, id)| {
        matches!(kind, ElementKind::Species | ElementKind::Reaction) && !known.contains(id)
    });
    let elements: Vec<(ElementKind, String)> =
        own.map(|(kind, id)| (kind, id.to_owned())).collect();
    let name = "further".to_owned();
    (!elements.is_empty()).then_some(Module {
        name,
        elements,
        influences: Vec::new(),
    })
}

/// Couplings by the places of what acts (a module, or an input) and of the module acted upon.
#[derive(Default)]
struct Found {
    between: BTreeMap<(usize, usize), Vec<Coupling>>,
    inputs: BTreeMap<(usize, usize), Vec<Coupling>>,
}

struct Reader<'a> {
    model: &'a Model,
    network: &'a Network,
    /// module of each species, assigned quantity and reaction
    owner: HashMap<&'a str, usize>,
    inputs: HashMap<&'a str, usize>,
    assigned: HashMap<&'a str, &'a Formula>,
    /// parameters that hold elasticities of influences
    elasticities: HashSet<&'a str>,
    graph: std::cell::RefCell<expr::Graph>,
}

impl<'a> Reader<'a> {
    fn new(model: &'a Model, modules: &'a [Module]) -> Self {
        let network = &model.network;
        let mut owner = HashMap::new();
        for (number, module) in modules.iter().enumerate() {
            for (kind, id) in &module.elements {
                if matches!(
                    kind,
                    ElementKind::Species | ElementKind::Assignment | ElementKind::Reaction
                ) {
                    owner.insert(id.as_str(), number);
                }
            }
        }
        let inputs = network.all_inputs().iter().enumerate();
        let assigned = network.all_rules().iter().filter_map(|rule| match rule {
            Rule::Assignment { id, formula, .. } => Some((id.as_str(), formula)),
            _ => None,
        });
        let acting = modules.iter().flat_map(|module| &module.influences);
        Reader {
            model,
            network,
            owner,
            inputs: inputs.map(|(i, (id, _))| (id.as_str(), i)).collect(),
            assigned: assigned.collect(),
            elasticities: acting.map(|i| i.parameter.as_str()).collect(),
            graph: std::cell::RefCell::new(network.graph().clone()),
        }
    }

    /// Ids that stand in a formula, in the order of the alphabet.
    fn symbols(&self, formula: &Formula) -> Vec<String> {
        let mut graph = self.graph.borrow_mut();
        // a checked network has no formula that cannot be read
        let Ok(expression) = formula.expr(&mut graph) else {
            return Vec::new();
        };
        let symbols = graph.symbols_of(expression).into_iter();
        let mut ids: Vec<String> = symbols.map(|s| graph.name(s).to_owned()).collect();
        ids.sort();
        ids
    }

    fn strength(&self, parameter: &str) -> Option<Strength> {
        let mut known = self.network.all_parameters().iter();
        let value = known.find(|(id, _)| id == parameter)?.1.value?;
        let row = self.model.parameters.iter().find(|row| row.id == parameter);
        let range = row.and_then(|row| row.lower.zip(row.upper));
        Some(Strength { value, range })
    }

    /// Adds what `source` does: that of a module or an input at once, that of a quantity of the file by what it reads.
    fn add(
        &self,
        to: usize,
        source: &str,
        target: &str,
        strength: Option<Strength>,
        found: &mut Found,
    ) {
        let coupling = |source: &str, target: &str, strength| Coupling {
            source: source.to_owned(),
            target: target.to_owned(),
            strength,
        };
        if let Some(from) = self.owner.get(source) {
            let list = found.between.entry((*from, to)).or_default();
            list.push(coupling(source, target, strength));
        } else if let Some(input) = self.inputs.get(source) {
            let list = found.inputs.entry((to, *input)).or_default();
            list.push(coupling(source, target, strength));
        } else if let Some(formula) = self.assigned.get(source) {
            // assignments have no cycles in a checked network
            for (read, strength) in self.read_by(formula) {
                self.add(to, &read, source, strength, found);
            }
        }
    }

    /// What a formula reads but by the influences of mechanisms, with the elasticity that stands beside it by its name, `e_RATE_SOURCE`.
    fn read_by(&self, formula: &Formula) -> Vec<(String, Option<Strength>)> {
        let symbols = self.symbols(formula);
        let beside = |id: &str| {
            let end = format!("_{id}");
            let mut all = symbols.iter();
            all.find(|symbol| symbol.starts_with("e_") && symbol.ends_with(&end))
        };
        let known = |id: &str| {
            self.owner.contains_key(id)
                || self.inputs.contains_key(id)
                || self.assigned.contains_key(id)
        };
        let read = symbols.iter().filter(|id| known(id));
        read.filter_map(|id| match beside(id) {
            Some(parameter) if self.elasticities.contains(parameter.as_str()) => None,
            Some(parameter) => Some((id.clone(), self.strength(parameter))),
            None => Some((id.clone(), None)),
        })
        .collect()
    }

    fn influences(&self, number: usize, module: &Module, found: &mut Found) {
        for influence in &module.influences {
            let strength = self.strength(&influence.parameter);
            self.add(number, &influence.source, &influence.rate, strength, found);
        }
    }

    /// What the rates and quantities of a module read of others.
    fn formulas(&self, number: usize, module: &Module, found: &mut Found) {
        let rate = |id: &str| {
            let mut all = self.network.all_reactions().iter();
            all.find(|(known, _)| known == id)?.1.rate.as_ref()
        };
        for (kind, id) in &module.elements {
            let formula = match kind {
                ElementKind::Reaction => rate(id),
                ElementKind::Assignment => self.assigned.get(id.as_str()).copied(),
                _ => None,
            };
            for (read, strength) in formula.map(|f| self.read_by(f)).unwrap_or_default() {
                if self.owner.get(read.as_str()) != Some(&number) {
                    self.add(number, &read, id, strength, found);
                }
            }
        }
    }

    /// Species of others that the reactions of a module change.
    fn flows(&self, number: usize, module: &Module, found: &mut Found) {
        let own: HashSet<&str> = module.elements.iter().map(|(_, id)| id.as_str()).collect();
        for (id, reaction) in self.network.all_reactions() {
            if !own.contains(id.as_str()) {
                continue;
            }
            for (species, _) in reaction.reactants.iter().chain(&reaction.products) {
                match self.owner.get(species.as_str()) {
                    Some(to) if *to != number => {
                        self.add(*to, id, species, None, found);
                    }
                    _ => {}
                }
            }
        }
    }

    fn graph(&self, modules: &[Module], mut found: Found) -> Graph {
        let lists = found.between.values_mut().chain(found.inputs.values_mut());
        lists.for_each(sort);
        let read: HashSet<&str> = (found.between.iter())
            .filter(|((from, to), _)| from != to)
            .flat_map(|(_, list)| list.iter().map(|c| c.source.as_str()))
            .collect();
        let name = |id: &str| {
            let mut all = self.network.all_species().iter();
            let species = all.find(|(known, _)| known == id);
            species
                .and_then(|(_, s)| s.name.clone())
                .unwrap_or_default()
        };
        let followed = |id: &str| {
            let mut all = self.network.all_species().iter();
            all.any(|(known, species)| known == id && !species.boundary)
        };
        let nodes = modules.iter().enumerate().map(|(number, module)| {
            let of_kind = |wanted: ElementKind| {
                let own = module.elements.iter();
                own.filter(move |(kind, _)| *kind == wanted)
                    .map(|(_, id)| id)
            };
            let tags = (found.inputs.iter()).filter(|((to, _), _)| *to == number);
            Node {
                title: module.name.replace('_', " "),
                states: of_kind(ElementKind::Species)
                    .filter(|id| followed(id))
                    .map(|id| (id.clone(), name(id)))
                    .collect(),
                assigned: of_kind(ElementKind::Assignment)
                    .filter(|id| read.contains(id.as_str()))
                    .cloned()
                    .collect(),
                inside: (found.between.get(&(number, number)).cloned()).unwrap_or_default(),
                tags: tags
                    .map(|((_, input), couplings)| {
                        let (id, input) = &self.network.all_inputs()[*input];
                        Tag {
                            input: id.clone(),
                            name: input.name.clone().unwrap_or_default(),
                            couplings: couplings.clone(),
                        }
                    })
                    .collect(),
            }
        });
        let nodes = nodes.collect();
        let bundles = found.between.into_iter().filter(|((a, b), _)| a != b);
        Graph {
            nodes,
            bundles: bundles
                .map(|((from, to), couplings)| Bundle {
                    from,
                    to,
                    couplings,
                })
                .collect(),
        }
    }
}
