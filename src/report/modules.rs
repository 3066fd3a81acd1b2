//! The picture of a model: its modules and what couples them, or the states of a model with one module and their effects on each other.
mod draw;
mod edges;
mod graph;
mod legend;
mod line;
mod matrix;
mod order;
mod place;
mod read;
mod states;

pub(in crate::report) use graph::{Coupling, Graph, Sign};

use crate::{exchange::model::Model, network::Equations};

/// What is drawn of a model.
pub(in crate::report) enum Picture {
    /// modules and their couplings
    Modules(Graph),
    /// states and the signs of their effects
    States(Graph),
}

impl Picture {
    /// The picture of a model; none where it would show nothing: a single state, or too many states without modules.
    pub fn of(model: &Model, equations: &Equations) -> Option<Self> {
        let modules = read::modules(model);
        let drawn = modules.nodes.len() > 1 && !modules.bundles.is_empty();
        if drawn && (modules.nodes.len() > 2 || modules.is_signed()) {
            return Some(Picture::Modules(modules));
        }
        // two modules without signs tell less than their states
        let states = states::states(model, equations).map(Picture::States);
        states.or(drawn.then_some(Picture::Modules(modules)))
    }

    /// What it shows.
    pub fn graph(&self) -> &Graph {
        match self {
            Picture::Modules(graph) | Picture::States(graph) => graph,
        }
    }

    /// As SVG without scripts; `label` is what it is called where it cannot be seen.
    pub fn svg(&self, label: &str) -> String {
        draw::svg(self, label)
    }
}

/// Modules and couplings of a model as a self-contained SVG; for a model with fewer modules, its states and the signs of their effects on
/// each other. None where there is nothing to draw: no two modules, and no more than one state or more than thirty.
///
/// An edge is everything by which one module acts on another: elasticities of rates ([`Source`](crate::library::Source)) with their sign and
/// size, and what a formula reads or a reaction moves, which has no sign. Its `title` lists them.
///
/// # Errors
/// Those of the network's check.
///
/// ```
/// let model = holobiont::models::get("gut_ms_core").expect("a model of this name").expect("a sound model");
/// let picture = holobiont::report::model_picture(&model).expect("a sound network").expect("more than one module");
/// assert!(picture.starts_with("<svg") && picture.contains("autoimmunity"));
/// ```
pub fn model_picture(model: &Model) -> Result<Option<String>, Vec<crate::network::NetworkError>> {
    let equations = model.network.check()?.equations();
    let picture = Picture::of(model, &equations);
    Ok(picture.map(|picture| picture.svg(&model.network.id)))
}
