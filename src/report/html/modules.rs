//! The picture of a model on its page, and every coupling in a folded table.
use super::text::count;
use crate::report::{
    axes::short_number,
    modules::{Coupling, Graph, Picture, Sign},
};
use maud::{Markup, PreEscaped, html};

/// The picture with its caption and the table behind it.
pub(super) fn section(picture: &Picture, id: &str) -> Markup {
    html! {
        figure {
            (PreEscaped(picture.svg(id)))
            figcaption {
                @match picture {
                    Picture::Modules(_) => {
                        "Every line is all that one module does to another, its width the sum of the absolute elasticities e: a rate with e = 0.5 "
                        "rises by about half a percent where the source rises by one percent, near the reference. A pointer that rests on a line lists its couplings, on a module "
                        "shows its own lines alone."
                    }
                    Picture::States(_) => {
                        "How each state acts on the rate of change of the others at the start of the model (1 where a state starts at 0): the sign of the "
                        "derivative, and as width the share of all effects on that state. Elsewhere both may differ."
                    }
                }
            }
        }
        @if let Picture::Modules(graph) = picture { (table(graph)) }
    }
}

/// Couplings with an elasticity, module by module.
fn table(graph: &Graph) -> Markup {
    let mut rows: Vec<(&str, &str, &Coupling)> = Vec::new();
    for (number, node) in graph.nodes.iter().enumerate() {
        let title = node.title.as_str();
        let to = graph.bundles.iter().filter(|bundle| bundle.to == number);
        for bundle in to {
            let from = graph.nodes[bundle.from].title.as_str();
            rows.extend(bundle.couplings.iter().map(|c| (from, title, c)));
        }
        rows.extend(node.inside.iter().map(|c| (title, title, c)));
        let inputs = node.tags.iter().flat_map(|tag| &tag.couplings);
        rows.extend(inputs.map(|c| ("input", title, c)));
    }
    rows.retain(|(_, _, coupling)| coupling.strength.is_some());
    html! {
        @if !rows.is_empty() {
            details {
                summary { (count(rows.len(), "coupling")) " with an elasticity" }
                div.table { table {
                    thead { tr { th { "from" } th { "source" } th { "to" } th { "rate" } th.n { "e" } th.n { "range" } th { "acts" } } }
                    tbody { @for (from, to, coupling) in &rows { (row(from, to, coupling)) } }
                } }
            }
        }
    }
}

fn row(from: &str, to: &str, coupling: &Coupling) -> Markup {
    let range = coupling.strength.and_then(|s| s.range);
    let range =
        range.map(|(lower, upper)| format!("{} to {}", short_number(lower), short_number(upper)));
    let open = coupling.strength.is_some_and(|s| s.is_open());
    let acts = match coupling.sign() {
        Sign::Positive => "speeds up",
        Sign::Negative => "slows down",
        _ => "weakly",
    };
    html! {
        tr {
            td { (from) }
            td { code { (coupling.source) } }
            td { (to) }
            td { code { (coupling.target) } }
            td.n { (coupling.strength.map_or(String::new(), |s| short_number(s.value))) }
            td.n { (range.unwrap_or_default()) }
            td { (acts) @if open { ", sign open" } }
        }
    }
}
