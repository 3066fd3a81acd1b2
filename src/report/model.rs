//! A model as text for a terminal: equations, parameters with units and sources, scenarios.
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

/// Text between tags.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
