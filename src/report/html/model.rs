//! A model on a page: equations, states, parameters with units and sources, scenarios, references.
use super::{
    claims, modules,
    page::{Page, Section},
    text::{count, source, unit},
};
use crate::{
    compile::System,
    exchange::model::Model,
    models,
    network::{Equations, NetworkError, StateEquation},
    report::{
        axes::short_number,
        contents::Report,
        markdown, mathml,
        modules::Picture,
        score::{forest, score_text},
    },
    scorecard::{read_bands, read_quantities, read_targets, score, with_bands},
};
use maud::{Markup, PreEscaped, html};
use std::path::Path;

/// Equations with more letters are written as text, which breaks into lines where mathematics would run out of the page.
const WIDE: usize = 140;
/// More letters in all equations together are folded.
const LONG: usize = 2500;

/// A model as one self-contained HTML page.
///
/// # Errors
/// Those of the network's check.
pub fn model_page(model: &Model) -> Result<String, Vec<NetworkError>> {
    let network = &model.network;
    let equations = network.check()?.equations();
    let title = network.name.as_deref().unwrap_or(&network.id).to_owned();
    let mut sections = Vec::new();
    if let Some(picture) = Picture::of(model, &equations) {
        let title = match picture {
            Picture::Modules(_) => "Modules and couplings",
            Picture::States(_) => "What acts on what",
        };
        let body = modules::section(&picture, &network.id);
        sections.push(Section::new("picture", title, body));
    }
    sections.extend([
        Section::new("equations", "Equations", lines(model, &equations)),
        Section::new("states", "States", states(model, &equations)),
        Section::new("parameters", "Parameters", parameters(model)),
    ]);
    if !model.scenarios.is_empty() {
        sections.push(Section::new("scenarios", "Scenarios", scenarios(model)));
    }
    if let Some(scorecard) = scorecard(model, &equations) {
        sections.push(Section::new("scorecard", "Scorecard", scorecard));
    }
    if let Some(claims) = models::table(&network.id, "claims.tsv").and_then(claims::section) {
        sections.push(Section::new("claims", "Claims", claims));
    }
    sections.push(Section::new("sources", "Sources", references(model)));
    if let Some(readme) = &model.readme {
        let about = PreEscaped(markdown::html(readme));
        sections.push(Section::new("about", "About", about));
    }
    Ok(Page {
        head: html! {
            p.kind { "Model " (network.id) }
            h1 { (title) }
            @if let Some(description) = &model.description { p.subtitle { (description) } }
        },
        title,
        sections,
        date: None,
    }
    .render())
}

/// The model of a report: equations and sources, the rest folded.
pub(super) fn section(report: &Report) -> Option<Markup> {
    let model = report.options.sources?.model.as_ref()?;
    let equations = model.network.check().ok()?.equations();
    Some(html! {
        @if let Some(description) = &model.description { p { (description) } }
        h3 { "Equations" }
        (lines(model, &equations))
        details { summary { (equations.states.len()) " states with their initial values" } (states(model, &equations)) }
        details {
            summary { (model.network.all_parameters().len()) " parameters of the model with their default values" }
            (parameters(model))
        }
        @if let Some(readme) = &model.readme {
            details { summary { "About the model" } (PreEscaped(markdown::html(readme))) }
        }
        h3 { "Sources" }
        (references(model))
    })
}

fn lines(model: &Model, equations: &Equations) -> Markup {
    let texts = equations.text();
    let total: usize = texts.iter().map(|text| text.chars().count()).sum();
    html! {
        @if let Some(time) = &model.network.time_unit { p { "Time in " (time) "." } }
        details.plain open[total <= LONG] {
            summary { (count(texts.len(), "equation")) }
            @for (math, text) in mathml::equations(equations).into_iter().zip(&texts) {
                @if text.chars().count() <= WIDE {
                    div.equation { (PreEscaped(math)) }
                } @else {
                    div.equation { code { (text) } }
                }
            }
        }
    }
}

fn states(model: &Model, equations: &Equations) -> Markup {
    let name = |id: &str| {
        let mut species = model.network.all_species().iter();
        species
            .find(|(known, _)| known == id)
            .and_then(|(_, species)| species.name.as_deref())
    };
    html! {
        div.table { table {
            thead { tr { th { "state" } th.n { "initial value" } th { "unit" } th { "meaning" } } }
            tbody {
                @for state in &equations.states {
                    tr {
                        td { code { (state.id) } }
                        td.n { (initial_value(equations, state)) }
                        td { (unit(state.unit.as_deref())) }
                        td { (name(&state.id).unwrap_or("")) }
                    }
                }
            }
        } }
    }
}

fn parameters(model: &Model) -> Markup {
    html! {
        div.table { table {
            thead { tr { th { "parameter" } th.n { "value" } th { "unit" } th { "meaning" } th { "source" } th { "evidence" } } }
            tbody {
                @for (id, parameter) in model.network.all_parameters() {
                    tr {
                        td { code { (id) } }
                        td.n { @match parameter.value { Some(value) => (short_number(value)), None => "unset" } }
                        td { (unit(parameter.unit.as_deref())) }
                        td { (parameter.name.as_deref().unwrap_or("")) }
                        td { (source(parameter.source.as_deref().unwrap_or(""))) }
                        td { (parameter.evidence.map_or("", |e| e.word())) }
                    }
                }
            }
        } }
    }
}

fn scenarios(model: &Model) -> Markup {
    let graded = model
        .scenarios
        .iter()
        .any(|s| s.study.is_some() || s.standing.is_some());
    html! {
        div.table { table {
            thead { tr {
                th { "scenario" } th { "what it does" }
                @if graded { th { "study" } th { "in the model" } th { "source" } th { "what speaks against it" } }
            } }
            tbody {
                @for scenario in &model.scenarios {
                    tr {
                        td { code { (scenario.id) } }
                        td { (scenario.description.as_deref().unwrap_or("")) }
                        @if graded {
                            td { (scenario.study.map_or("", |study| study.word())) }
                            td { (scenario.standing.map_or("", |standing| standing.word())) }
                            td { (source(scenario.source.as_deref().unwrap_or(""))) }
                            td { (scenario.conflicts.as_deref().unwrap_or("")) }
                        }
                    }
                }
            }
        } }
    }
}

/// Published findings beside the model, for a model that ships with some.
fn scorecard(model: &Model, equations: &Equations) -> Option<Markup> {
    let [targets, quantities] = models::scorecard(&model.network.id)?;
    let targets = read_targets(Path::new("targets.tsv"), targets).ok()?;
    let quantities = read_quantities(Path::new("quantities.tsv"), quantities).ok()?;
    let system = System::compile(equations).ok()?;
    let mut rows = score(model, &system, &targets, &quantities);
    let bands = models::table(&model.network.id, "calibration/bands.tsv")
        .map(|text| read_bands(Path::new("bands.tsv"), text));
    if let Some(Ok(bands)) = bands {
        with_bands(&mut rows, &bands);
    }
    let picture = forest("", &rows)
        .svg_within("forest", "findings and the model")
        .ok()?;
    Some(html! {
        figure {
            (PreEscaped(picture))
            figcaption {
                "Published findings as their 95 % intervals, all drawn to the same width, beside the model and a model without effects. "
                "Held out: a third by a digest of the id, and every null; nothing may be fitted to them."
            }
        }
        details { summary { (rows.len()) " findings" } pre { (score_text(&rows)) } }
    })
}

/// What the model stands on: mechanisms first, then the sources of its numbers.
fn references(model: &Model) -> Markup {
    let mut found: Vec<(String, String)> = Vec::new();
    for reference in model.network.references() {
        match found
            .iter_mut()
            .find(|(_, doi)| !doi.is_empty() && *doi == reference.doi)
        {
            Some((citation, _)) if citation.is_empty() => {
                *citation = reference.citation.into_owned()
            }
            Some(_) => {}
            None => found.push((reference.citation.into_owned(), reference.doi.into_owned())),
        }
    }
    html! {
        @if found.is_empty() { p { "The model names no sources." } }
        ol.references {
            @for (citation, doi) in &found {
                li { (citation) @if !citation.is_empty() && !doi.is_empty() { ", " } (source(doi)) }
            }
        }
    }
}

/// The number at the start, or its formula.
fn initial_value(equations: &Equations, state: &StateEquation) -> String {
    let text = equations.graph.text(state.initial);
    let register = format!("initial({})", state.id);
    match equations
        .parameters
        .iter()
        .find(|p| p.id == register && (text == register || text.contains(&register)))
    {
        Some(parameter) => short_number(parameter.value),
        None => text,
    }
}
