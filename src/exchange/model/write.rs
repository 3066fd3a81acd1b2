//! A model written as `model.toml` and `parameters.tsv`: every element spelled out, in its order; mechanisms are not named.
use super::{Model, ParameterRow, table::write_parameters};
use crate::exchange::files::{WriteError, write_files};
use crate::expr::Graph;
use crate::network::{Event, Formula, Network, Rule};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use toml::{Table, Value};

/// Writes a model into a folder: `model.toml`, `parameters.tsv`, and `README.md` if it has one.
///
/// All files stand, or none is new.
///
/// # Errors
/// A file that cannot be written.
pub fn write(model: &Model, folder: &Path) -> Result<(), WriteError> {
    let (text, table) = write_text(model);
    let mut files = vec![("parameters.tsv".to_string(), table.into_bytes())];
    if let Some(readme) = &model.readme {
        files.push(("README.md".to_string(), readme.clone().into_bytes()));
    }
    files.push(("model.toml".to_string(), text.into_bytes()));
    write_files(folder, &files)
}

/// The texts of `model.toml` and `parameters.tsv`.
///
/// Formulas are written as they were, or as text where they were built as expressions.
pub fn write_text(model: &Model) -> (String, String) {
    let network = &model.network;
    let mut out = Writer {
        text: String::new(),
        graph: network.graph(),
    };
    out.line("id", &network.id);
    out.optional("name", &network.name);
    out.optional("description", &model.description);
    out.optional("time_unit", &network.time_unit);
    let algebraic: Vec<Formula> = (network.all_rules().iter())
        .filter_map(|rule| match rule {
            Rule::Algebraic { formula } => Some(out.plain(formula)),
            _ => None,
        })
        .collect();
    if !algebraic.is_empty() {
        out.line("algebraic", &algebraic);
    }
    out.elements(network);
    for scenario in &model.scenarios {
        out.text += "\n[[scenario]]\n";
        out.body(scenario, &Table::new());
    }
    (out.text, write_parameters(&rows(model)))
}

/// The model's own rows, then one for each parameter with a value that has none.
///
/// The network holds values in the units of its mechanisms, so that its numbers are what is written.
fn rows(model: &Model) -> Vec<ParameterRow> {
    let with_value = model
        .network
        .all_parameters()
        .iter()
        .filter_map(|(id, p)| Some((id, p, p.value?)));
    with_value
        .map(|(id, parameter, value)| {
            let row = model.parameters.iter().find(|row| row.id == *id);
            ParameterRow {
                id: id.clone(),
                value,
                unit: parameter.unit.clone(),
                scale: parameter.scale,
                lower: parameter.lower,
                upper: parameter.upper,
                prior_distribution: row.and_then(|row| row.prior_distribution.clone()),
                prior_parameters: row
                    .map(|row| row.prior_parameters.clone())
                    .unwrap_or_default(),
                source: parameter.source.clone(),
                evidence: parameter.evidence,
                name: parameter.name.clone(),
            }
        })
        .collect()
}

struct Writer<'a> {
    text: String,
    graph: &'a Graph,
}

impl Writer<'_> {
    fn plain(&self, formula: &Formula) -> Formula {
        match formula {
            Formula::Expr(e) => match self.graph.as_number(*e) {
                Some(value) => Formula::Number(value),
                None => Formula::Text(self.graph.text(*e)),
            },
            other => other.clone(),
        }
    }

    /// Stoichiometries with one entry a species.
    fn plain_list(&self, list: &[(String, Formula)]) -> Vec<(String, Formula)> {
        let mut merged: Vec<(String, Formula)> = Vec::new();
        for (id, formula) in list {
            let formula = self.plain(formula);
            match merged.iter_mut().find(|(known, _)| known == id) {
                Some((_, Formula::Number(sum))) if matches!(formula, Formula::Number(_)) => {
                    if let Formula::Number(value) = formula {
                        *sum += value;
                    }
                }
                Some((_, earlier)) => {
                    let text = |f: &Formula| match f {
                        Formula::Number(value) => value.to_string(),
                        Formula::Text(text) => format!("({text})"),
                        Formula::Expr(e) => self.graph.text(*e),
                    };
                    *earlier = Formula::Text(format!("{} + {}", text(earlier), text(&formula)));
                }
                None => merged.push((id.clone(), formula)),
            }
        }
        merged
    }

    fn line(&mut self, key: &str, value: &impl Serialize) {
        let value = Value::try_from(value).expect("texts, numbers and lists of them are TOML");
        // writing to a String cannot fail
        let _ = writeln!(self.text, "{key} = {value}");
    }

    fn optional(&mut self, key: &str, value: &Option<String>) {
        if let Some(value) = value {
            self.line(key, value);
        }
    }

    /// The fields that differ from those of `default`, a line each.
    fn body(&mut self, element: &impl Serialize, default: &Table) {
        let value = Value::try_from(element).expect("elements with plain formulas are TOML");
        if let Value::Table(table) = value {
            let empty = |value: &Value| match value {
                Value::Array(array) => array.is_empty(),
                Value::Table(table) => table.is_empty(),
                _ => false,
            };
            for (key, value) in table
                .iter()
                .filter(|(key, value)| default.get(*key) != Some(*value) && !empty(value))
            {
                let _ = writeln!(self.text, "{key} = {value}");
            }
        }
    }

    fn section<T: Serialize>(&mut self, name: &str, id: &str, element: &T, default: &Table) {
        let _ = writeln!(self.text, "\n[{name}.{id}]");
        self.body(element, default);
    }

    fn elements(&mut self, network: &Network) {
        for (id, compartment) in network.all_compartments() {
            self.section(
                "compartments",
                id,
                compartment,
                &defaults(&crate::network::Compartment {
                    size: None,
                    ..Default::default()
                }),
            );
        }
        for (id, input) in network.all_inputs() {
            self.section("inputs", id, input, &Table::new());
        }
        let default = defaults(&crate::network::Species::default());
        for (id, species) in network.all_species() {
            let mut species = species.clone();
            species.initial = species.initial.map(|f| self.plain(&f));
            self.section("species", id, &species, &default);
        }
        // the table declares the parameters that formulas use; what it cannot say stands here
        let default = defaults(&crate::network::Parameter::default());
        for (id, parameter) in network.all_parameters() {
            if !parameter.constant
                || parameter.value.is_none()
                || network.graph().lookup(id).is_none()
            {
                let mut parameter = parameter.clone();
                if parameter.value.is_some() {
                    (parameter.value, parameter.lower, parameter.upper) = (None, None, None);
                    (parameter.source, parameter.evidence, parameter.name) = (None, None, None);
                }
                self.section("parameters", id, &parameter, &default);
            }
        }
        for (id, function) in network.all_functions() {
            let mut function = function.clone();
            function.formula = self.plain(&function.formula);
            self.section("functions", id, &function, &Table::new());
        }
        let default = defaults(&crate::network::Reaction::default());
        for (id, reaction) in network.all_reactions() {
            let mut reaction = reaction.clone();
            reaction.rate = reaction.rate.map(|f| self.plain(&f));
            reaction.reactants = self.plain_list(&reaction.reactants);
            reaction.products = self.plain_list(&reaction.products);
            self.section("reactions", id, &reaction, &default);
        }
        self.rules(network);
        let default = defaults(&Event::when(0.0));
        for (id, event) in network.all_events() {
            let mut event = event.clone();
            event.trigger = self.plain(&event.trigger);
            event.delay = event.delay.map(|f| self.plain(&f));
            event.priority = event.priority.map(|f| self.plain(&f));
            event.assignments = self.plain_list(&event.assignments);
            self.section("events", id, &event, &default);
        }
        for (id, observable) in network.all_observables() {
            let mut observable = observable.clone();
            observable.formula = self.plain(&observable.formula);
            self.section("observables", id, &observable, &Table::new());
        }
        for (id, port) in network.all_ports() {
            // one key alone: written as a line of the section `ports`
            let header = if *id == network.all_ports()[0].0 {
                "\n[ports]\n"
            } else {
                ""
            };
            self.text += header;
            self.line(id, port);
        }
        self.formulas("constraints", network.all_constraints());
        self.formulas("initial", network.all_initial_assignments());
    }

    fn formulas(&mut self, section: &str, formulas: &[(String, Formula)]) {
        if !formulas.is_empty() {
            self.text += &format!("\n[{section}]\n");
        }
        for (id, formula) in formulas {
            let formula = self.plain(formula);
            self.line(id, &formula);
        }
    }

    fn rules(&mut self, network: &Network) {
        let mut header = Some("\n[assignments]\n");
        for rule in network.all_rules() {
            if let Rule::Assignment { id, formula, unit } = rule {
                self.text += header.take().unwrap_or_default();
                let formula = self.plain(formula);
                match unit {
                    None => self.line(id, &formula),
                    Some(unit) => {
                        let mut table = Table::new();
                        table.insert(
                            "formula".to_string(),
                            Value::try_from(&formula).expect("a plain formula is TOML"),
                        );
                        table.insert("unit".to_string(), Value::String(unit.clone()));
                        self.line(id, &table);
                    }
                }
            }
        }
        let mut header = Some("\n[rates]\n");
        for rule in network.all_rules() {
            if let Rule::Rate { id, formula } = rule {
                self.text += header.take().unwrap_or_default();
                let formula = self.plain(formula);
                self.line(id, &formula);
            }
        }
    }
}

/// The fields of a default element.
fn defaults(element: &impl Serialize) -> Table {
    match Value::try_from(element) {
        Ok(Value::Table(table)) => table,
        _ => Table::new(),
    }
}
