//! A model on one page: equations, parameters with units and sources, scenarios, as text and as HTML.
use crate::{exchange::model::Model, network::NetworkError};
use std::fmt::Write;

/// A model as text for a terminal.
///
/// # Errors
/// Those of the network's check.
pub fn model_text(model: &Model) -> Result<String, Vec<NetworkError>> {
    let network = &model.network;
    let equations = network.check()?.equations();
    let mut text = String::new();
    let name = network.name.as_deref().unwrap_or(&network.id);
    push(&mut text, format_args!("{}: {name}\n", network.id));
    if let Some(description) = &model.description {
        push(&mut text, format_args!("{description}\n"));
    }
    push(
        &mut text,
        format_args!(
            "\nEquations (time in {})\n",
            network.time_unit.as_deref().unwrap_or("no declared unit")
        ),
    );
    for line in equations.text() {
        push(&mut text, format_args!("  {line}\n"));
    }
    let rows: Vec<[String; 4]> = parameter_rows(model);
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    push(&mut text, format_args!("\nParameters\n"));
    for row in &rows {
        let line = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect::<Vec<_>>()
            .join("  ");
        push(&mut text, format_args!("  {}\n", line.trim_end()));
    }
    if !model.scenarios.is_empty() {
        push(&mut text, format_args!("\nScenarios\n"));
        for scenario in &model.scenarios {
            let line = format!(
                "  {:<18} {}",
                scenario.id,
                scenario.description.as_deref().unwrap_or("")
            );
            push(&mut text, format_args!("{}\n", line.trim_end()));
        }
    }
    Ok(text)
}

fn push(text: &mut String, arguments: std::fmt::Arguments) {
    text.write_fmt(arguments)
        .expect("writing to a String cannot fail");
}

/// Id, value with unit, name, source.
fn parameter_rows(model: &Model) -> Vec<[String; 4]> {
    let rows = model.network.all_parameters().iter().map(|(id, p)| {
        let value = p
            .value
            .map_or_else(|| "unset".to_owned(), |v| format!("{v}"));
        let value = p
            .unit
            .as_ref()
            .map_or(value.clone(), |unit| format!("{value} {unit}"));
        let source = match (&p.source, &p.evidence) {
            (Some(source), Some(evidence)) => format!("{source} ({})", evidence.word()),
            (Some(source), None) => source.clone(),
            (None, Some(evidence)) => evidence.word().to_owned(),
            (None, None) => String::new(),
        };
        [
            id.clone(),
            value,
            p.name.clone().unwrap_or_default(),
            source,
        ]
    });
    rows.collect()
}

const STYLE: &str = "body{font:16px/1.5 Helvetica,Arial,sans-serif;color:#141414;max-width:60em;margin:2em auto;padding:0 1em}\
h1{font-size:1.6em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #ccc}\
table{border-collapse:collapse;font-size:.9em}th,td{text-align:left;padding:.25em .8em;border-bottom:1px solid #e4e4e4;vertical-align:top}\
td.number{text-align:right;white-space:nowrap}pre,code{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.85em}\
pre{background:#f6f6f6;padding:.8em;overflow-x:auto}.equation{margin:.6em 0;overflow-x:auto}";

/// A model as one self-contained HTML page.
///
/// # Errors
/// Those of the network's check.
pub fn model_page(model: &Model) -> Result<String, Vec<NetworkError>> {
    let network = &model.network;
    let equations = network.check()?.equations();
    let name = escape(network.name.as_deref().unwrap_or(&network.id));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
    );
    if let Some(description) = &model.description {
        push(&mut page, format_args!("<p>{}</p>\n", escape(description)));
    }
    let unit = network
        .time_unit
        .as_deref()
        .map_or(String::new(), |u| format!(" (time in {})", escape(u)));
    push(&mut page, format_args!("<h2>Equations{unit}</h2>\n"));
    for line in super::mathml::equations(&equations) {
        push(
            &mut page,
            format_args!("<div class=\"equation\">{line}</div>\n"),
        );
    }
    push(
        &mut page,
        format_args!(
            "<h2>States</h2>\n<table><tr><th>state</th><th>initial value</th><th>unit</th></tr>\n"
        ),
    );
    for state in &equations.states {
        let initial = initial_value(&equations, state);
        let unit = state.unit.as_deref().unwrap_or("");
        push(
            &mut page,
            format_args!(
                "<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
                escape(&state.id),
                escape(&initial),
                escape(unit)
            ),
        );
    }
    push(
        &mut page,
        format_args!(
            "</table>\n<h2>Parameters</h2>\n<table><tr><th>parameter</th><th>value</th><th>meaning</th><th>source</th></tr>\n"
        ),
    );
    for [id, value, name, source] in parameter_rows(model) {
        push(
            &mut page,
            format_args!(
                "<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(&id),
                escape(&value),
                escape(&name),
                link(&source)
            ),
        );
    }
    page.push_str("</table>\n");
    if !model.scenarios.is_empty() {
        page.push_str(
            "<h2>Scenarios</h2>\n<table><tr><th>scenario</th><th>what it does</th></tr>\n",
        );
        for scenario in &model.scenarios {
            let what = scenario.description.as_deref().unwrap_or("");
            push(
                &mut page,
                format_args!(
                    "<tr><td>{}</td><td>{}</td></tr>\n",
                    escape(&scenario.id),
                    escape(what)
                ),
            );
        }
        page.push_str("</table>\n");
    }
    if let Some(readme) = &model.readme {
        push(
            &mut page,
            format_args!("<h2>About</h2>\n{}", super::markdown::html(readme)),
        );
    }
    page.push_str("</body>\n</html>\n");
    Ok(page)
}

/// The number at the start, or its formula.
fn initial_value(
    equations: &crate::network::Equations,
    state: &crate::network::StateEquation,
) -> String {
    let text = equations.graph.text(state.initial);
    let register = format!("initial({})", state.id);
    match equations
        .parameters
        .iter()
        .find(|p| p.id == register && (text == register || text.contains(&register)))
    {
        Some(parameter) => format!("{}", parameter.value),
        None => text,
    }
}

/// A DOI becomes a link.
fn link(source: &str) -> String {
    match source.split_once(' ').unwrap_or((source, "")) {
        (doi, rest) if doi.starts_with("10.") => {
            let doi = escape(doi);
            format!(
                "<a href=\"https://doi.org/{doi}\">{doi}</a> {}",
                escape(rest)
            )
        }
        _ => escape(source),
    }
}

/// Text between tags.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
