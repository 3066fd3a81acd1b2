//! The observation model of a problem: observables and noise formulas become outputs and endpoints.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::Values,
    rows::{NoiseDistribution, ObservableRow},
    sheet::Findings,
    units,
};
use crate::{
    cohort::Endpoint,
    compile::Outputs,
    exchange::tables::Place,
    expr::{Expr, Node, Symbol, suggest},
    noise::{Laplace, LogLaplace, LogNormal, LogStudentT, Noise, Normal, StudentT},
};
use std::{collections::HashMap, sync::Arc};

/// Compiled outputs, endpoints in the order of the observable table, and for every output the rows of the parameter table that
/// must be handed in as placeholders.
pub(super) struct Observation {
    pub outputs: Outputs,
    pub endpoints: Vec<Endpoint>,
    /// placeholder name to its position
    pub placeholders: HashMap<String, usize>,
    /// per endpoint: (placeholder position, row of the parameter table)
    pub fixed: Vec<Vec<(usize, usize)>>,
}

/// The distribution that a row of the observable table names.
pub(super) fn noise(distribution: NoiseDistribution) -> Arc<dyn Noise> {
    match distribution {
        NoiseDistribution::Normal => Arc::new(Normal),
        NoiseDistribution::LogNormal => Arc::new(LogNormal),
        NoiseDistribution::Laplace => Arc::new(Laplace),
        NoiseDistribution::LogLaplace => Arc::new(LogLaplace),
        NoiseDistribution::StudentT => Arc::new(StudentT),
        NoiseDistribution::LogStudentT => Arc::new(LogStudentT),
    }
}

/// The formulas of a row's noise parameters with their columns, in the order of the distribution's arguments.
fn noise_formulas(row: &ObservableRow) -> Vec<(&'static str, &str)> {
    let mut found = vec![("noiseFormula", row.noise_formula.as_str())];
    if row.distribution.has_degrees_of_freedom() {
        let text = row.degrees_of_freedom.as_deref().unwrap_or_default();
        found.push(("degreesOfFreedom", text));
    }
    found
}

/// Resolves all formulas for the model at this position; None when something is wrong with one.
pub(super) fn build(
    rows: &[ObservableRow],
    model: usize,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Observation> {
    let before = findings.errors.len();
    let mut resolver = Resolver {
        rows,
        resolved: vec![None; rows.len()],
        path: Vec::new(),
    };
    let mut formulas = Vec::new();
    let mut placeholders: Vec<String> = Vec::new();
    let mut fixed = Vec::new();
    let mut endpoints = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let Some(formula) = resolver.observable(i, values, findings) else {
            continue;
        };
        let formula = convert(row, formula, values, findings);
        let parameters = noise_formulas(row);
        let noise_formulas: Vec<Expr> = parameters
            .iter()
            .filter_map(|(column, text)| resolver.noise(i, column, text, values, findings))
            .collect();
        if noise_formulas.len() < parameters.len() {
            continue;
        }
        for name in row.placeholders.iter().chain(&row.noise_placeholders) {
            if !placeholders.contains(name) {
                placeholders.push(name.clone());
            }
        }
        let mut own = Vec::new();
        for &expression in std::iter::once(&formula).chain(&noise_formulas) {
            for symbol in values.graph.symbols_of(expression) {
                let name = values.graph.name(symbol).to_owned();
                let placed =
                    row.placeholders.contains(&name) || row.noise_placeholders.contains(&name);
                if placed || values.is_model_id(&name) {
                    continue;
                }
                let Some(parameter) = values.row(&name) else {
                    continue;
                };
                values.used.insert(parameter);
                let position = placeholders
                    .iter()
                    .position(|p| *p == name)
                    .unwrap_or_else(|| {
                        placeholders.push(name);
                        placeholders.len() - 1
                    });
                if !own.contains(&(position, parameter)) {
                    own.push((position, parameter));
                }
            }
        }
        fixed.push(own);
        let unit = row.unit.clone().or_else(|| {
            single(formula, values).and_then(|id| values.system.unit_of(&id).map(str::to_owned))
        });
        endpoints.push(Endpoint {
            id: row.id.clone(),
            model,
            observable: formulas.len(),
            noise_parameters: (1..=parameters.len()).map(|k| formulas.len() + k).collect(),
            noise: noise(row.distribution),
            unit,
            name: row.name.clone(),
        });
        formulas.push((row.id.clone(), values.graph.text(formula)));
        for ((column, _), formula) in parameters.iter().zip(noise_formulas) {
            let id = format!("{column}({})", row.id);
            formulas.push((id, values.graph.text(formula)));
        }
    }
    if findings.errors.len() > before || rows.is_empty() || endpoints.len() < rows.len() {
        return None;
    }
    match values.system.outputs(&formulas, &placeholders) {
        Ok(outputs) => {
            let placeholders = placeholders
                .into_iter()
                .enumerate()
                .map(|(i, name)| (name, i))
                .collect();
            Some(Observation {
                outputs,
                endpoints,
                placeholders,
                fixed,
            })
        }
        Err(error) => {
            let place = rows[0].origin.table("observables.tsv");
            findings.error(
                place,
                PetabErrorKind::Model {
                    message: error.to_string(),
                },
            );
            None
        }
    }
}

/// The id when the expression is one symbol.
fn single(expression: Expr, values: &Values) -> Option<String> {
    match values.graph.node(expression) {
        Node::Symbol(symbol) => Some(values.graph.name(*symbol).to_owned()),
        _ => None,
    }
}

/// A formula that is one id of the model is converted to the unit of the row.
fn convert(
    row: &ObservableRow,
    formula: Expr,
    values: &mut Values,
    findings: &mut Findings,
) -> Expr {
    let Some(unit) = &row.unit else {
        return formula;
    };
    let place = row.origin.place("observables.tsv", "unit");
    let model_unit =
        single(formula, values).and_then(|id| values.system.unit_of(&id).map(str::to_owned));
    let checked = match model_unit {
        Some(model_unit) => units::factor(&model_unit, unit),
        None => units::check(unit).map(|()| 1.0),
    };
    match checked {
        Ok(1.0) => formula,
        Ok(factor) => {
            let factor = values.graph.number(factor);
            values.graph.mul(factor, formula)
        }
        Err(message) => {
            findings.error(place, PetabErrorKind::Unit { message });
            formula
        }
    }
}

/// Puts observables into the formulas that use them.
struct Resolver<'a> {
    rows: &'a [ObservableRow],
    resolved: Vec<Option<Option<Expr>>>,
    path: Vec<usize>,
}

impl Resolver<'_> {
    fn observable(
        &mut self,
        i: usize,
        values: &mut Values,
        findings: &mut Findings,
    ) -> Option<Expr> {
        if let Some(known) = self.resolved[i] {
            return known;
        }
        let row = &self.rows[i];
        let place = row.origin.place("observables.tsv", "observableFormula");
        if let Some(start) = self.path.iter().position(|&p| p == i) {
            let mut ids: Vec<String> = self.path[start..]
                .iter()
                .map(|&p| self.rows[p].id.clone())
                .collect();
            ids.push(row.id.clone());
            findings.error(place, PetabErrorKind::Circular { ids });
            return None;
        }
        self.path.push(i);
        let found = self.resolve(i, &row.formula, &row.placeholders, &place, values, findings);
        self.path.pop();
        self.resolved[i] = Some(found);
        found
    }

    fn noise(
        &mut self,
        i: usize,
        column: &str,
        text: &str,
        values: &mut Values,
        findings: &mut Findings,
    ) -> Option<Expr> {
        let row = &self.rows[i];
        let place = row.origin.place("observables.tsv", column);
        let own: Vec<String> = row
            .placeholders
            .iter()
            .chain(&row.noise_placeholders)
            .cloned()
            .collect();
        let noise = self.resolve(i, text, &own, &place, values, findings)?;
        match values.constant(noise) {
            Some(value) if value <= 0.0 && column == "noiseFormula" => {
                let observable = row.id.clone();
                let kind = PetabErrorKind::NoiseNotPositive { observable, value };
                findings.error(place, kind);
                None
            }
            _ => Some(noise),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn resolve(
        &mut self,
        owner: usize,
        text: &str,
        own: &[String],
        place: &Place,
        values: &mut Values,
        findings: &mut Findings,
    ) -> Option<Expr> {
        let expression = values.parse(text, place, findings)?;
        let mut replacements: HashMap<Symbol, Expr> = HashMap::new();
        let mut sound = true;
        for symbol in values.graph.symbols_of(expression) {
            let name = values.graph.name(symbol).to_owned();
            if own.contains(&name) || values.is_model_id(&name) || values.row(&name).is_some() {
                if let Some(row) = values.row(&name) {
                    values.used.insert(row);
                }
                continue;
            }
            if let Some(other) = self.rows.iter().position(|r| r.id == name) {
                if other != owner && !self.rows[other].placeholders.is_empty() {
                    let what = format!(
                        "`{name}`, which has placeholders of its own, in the formula of another observable is"
                    );
                    findings.error(place.clone(), PetabErrorKind::NotSupported { what });
                    sound = false;
                    continue;
                }
                // the scale of the noise may grow with the observable itself
                if other != owner || place.column.as_deref() == Some("observableFormula") {
                    let what = format!(
                        "by the standard the formula must not name the observable `{name}`"
                    );
                    let kind = PetabWarningKind::NotStandard { what };
                    let place = place.clone();
                    findings.warnings.push(PetabWarning { place, kind });
                }
                match self.observable(other, values, findings) {
                    Some(formula) => {
                        let formula =
                            convert(&self.rows[other], formula, values, &mut Findings::default());
                        replacements.insert(symbol, formula);
                    }
                    None => sound = false,
                }
                continue;
            }
            sound = false;
            if findings.broken.contains(&name) {
                continue;
            }
            let candidates: Vec<String> = values
                .model_ids()
                .map(str::to_owned)
                .chain(values.ids().map(str::to_owned))
                .chain(self.rows.iter().map(|r| r.id.clone()))
                .chain(own.iter().cloned())
                .collect();
            let near = suggest(&name, candidates.iter().map(String::as_str));
            findings.error(
                place.clone(),
                PetabErrorKind::UnknownId {
                    what: "id",
                    id: name,
                    near,
                },
            );
        }
        if !sound {
            return None;
        }
        let formula = values.graph.substitute(expression, &replacements);
        values
            .is_finite(text, formula, place, findings)
            .then_some(formula)
    }
}
