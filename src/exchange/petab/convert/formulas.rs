//! Formulas that mean the same with less: no other observables, no names of the mapping table, no functions of our own.
use super::error::{ConvertErrorKind, Notes};
use crate::exchange::{
    petab::{
        changes,
        rows::{Override, PetabProblem},
        sheet::is_id,
    },
    sbml::definition,
    tables::Place,
};
use crate::expr::{Expr, Function, Graph, Symbol};
use std::collections::HashMap;

/// A formula with some of its symbols replaced, as text; the text stays where nothing changes.
pub(super) fn replaced(
    text: &str,
    place: &Place,
    notes: &mut Notes,
    mut replacement: impl FnMut(&mut Graph, &str) -> Option<Expr>,
) -> String {
    let mut graph = Graph::new();
    let expression = match graph.parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            unreadable(text, error.message, place, notes);
            return text.to_owned();
        }
    };
    let mut replacements: HashMap<Symbol, Expr> = HashMap::new();
    for symbol in graph.symbols_of(expression) {
        let name = graph.name(symbol).to_owned();
        if let Some(new) = replacement(&mut graph, &name) {
            replacements.insert(symbol, new);
        }
    }
    match replacements.is_empty() {
        true => text.to_owned(),
        false => {
            let new = graph.substitute(expression, &replacements);
            graph.text(new)
        }
    }
}

fn unreadable(formula: &str, message: String, place: &Place, notes: &mut Notes) {
    let formula = formula.to_owned();
    notes.error(
        place.clone(),
        ConvertErrorKind::Formula { formula, message },
    );
}

/// Puts observables into the formulas that name them: in the standard a formula names the model and parameters.
pub(super) fn inline_observables(problem: &mut PetabProblem, notes: &mut Notes) {
    let ids: Vec<String> = problem
        .observables
        .iter()
        .map(|row| row.id.clone())
        .collect();
    let known = |problem: &PetabProblem, name: &str| {
        ids.iter()
            .position(|id| id == name)
            // an id of the model or the table comes first
            .filter(|_| problem.parameters.index_of(name).is_none())
    };
    // formulas that name no other observable, by their positions
    let mut done: HashMap<usize, String> = HashMap::new();
    // a problem without errors has no circles: each pass settles one at least
    for _ in 0..ids.len() {
        for position in 0..ids.len() {
            if done.contains_key(&position) {
                continue;
            }
            let row = &problem.observables[position];
            let place = row.origin.place("observables.tsv", "observableFormula");
            let mut open = false;
            let formula = replaced(&row.formula, &place, notes, |graph, name| {
                let other = known(problem, name)?;
                match done.get(&other) {
                    Some(formula) => graph.parse(formula).ok(),
                    None => {
                        open = true;
                        None
                    }
                }
            });
            if !open {
                done.insert(position, formula);
            }
        }
    }
    for position in 0..ids.len() {
        let row = &problem.observables[position];
        let place = row.origin.place("observables.tsv", "noiseFormula");
        let noise = replaced(&row.noise_formula, &place, notes, |graph, name| {
            graph.parse(done.get(&known(problem, name)?)?).ok()
        });
        let row = &mut problem.observables[position];
        row.noise_formula = noise;
        if let Some(formula) = done.get(&position) {
            row.formula.clone_from(formula);
        }
    }
}

/// Names of the mapping table become ids of the model.
pub(super) fn resolve_mappings(problem: &mut PetabProblem, notes: &mut Notes) {
    let mappings = std::mem::take(&mut problem.mappings);
    let aliases = changes::aliases(&mappings);
    for row in &mappings {
        if let Some(model_id) = row.model_id.as_ref().filter(|id| !is_id(id)) {
            let kind = ConvertErrorKind::Mapping {
                model_id: model_id.clone(),
                format: notes.format,
            };
            notes.error(row.origin.place("mapping.tsv", "modelEntityId"), kind);
        }
    }
    if aliases.is_empty() {
        return;
    }
    let rename = |id: &mut String| {
        if let Some(name) = aliases.get(id.as_str()) {
            id.clone_from(name);
        }
    };
    let mut formula = |text: &mut String, place: Place| {
        *text = replaced(text, &place, notes, |graph, name| {
            aliases.get(name).map(|id| graph.symbol(id))
        });
    };
    for row in &mut problem.parameters.rows {
        rename(&mut row.id);
    }
    for row in &mut problem.observables {
        let place = |column| row.origin.place("observables.tsv", column);
        formula(&mut row.formula, place("observableFormula"));
        formula(&mut row.noise_formula, place("noiseFormula"));
    }
    for row in &mut problem.conditions {
        rename(&mut row.target);
        formula(
            &mut row.value,
            row.origin.place("conditions.tsv", "targetValue"),
        );
    }
    for row in &mut problem.measurements {
        let values = row
            .observable_parameters
            .iter_mut()
            .chain(&mut row.noise_parameters);
        for value in values {
            if let Override::Parameter(id) = value {
                rename(id);
            }
        }
    }
}

/// Writes out the functions that do not belong to the mathematics of the standard.
pub(super) fn spell_out(problem: &mut PetabProblem, notes: &mut Notes) {
    for row in &mut problem.observables {
        let place = |column| row.origin.place("observables.tsv", column);
        row.formula = standard(&row.formula, &place("observableFormula"), notes);
        row.noise_formula = standard(&row.noise_formula, &place("noiseFormula"), notes);
    }
    for row in &mut problem.conditions {
        let place = row.origin.place("conditions.tsv", "targetValue");
        row.value = standard(&row.value, &place, notes);
    }
}

/// A formula in functions of the standard; the text stays where nothing changes.
fn standard(text: &str, place: &Place, notes: &mut Notes) -> String {
    let mut graph = Graph::new();
    // what cannot be read was told before
    let Ok(expression) = graph.parse(text) else {
        return text.to_owned();
    };
    let mut refused: Vec<Function> = Vec::new();
    let spelt = graph.replace_functions(expression, &mut |graph, function, arguments| {
        if belongs(function) {
            return None;
        }
        let body = definition(function).filter(|_| !refused.contains(&function));
        let Some((names, body)) = body.filter(|_| function_is_closed(function)) else {
            refused.push(function);
            return None;
        };
        let body = graph.parse(body).ok()?;
        let names = names.iter().map(|name| graph.intern(name));
        let names: HashMap<Symbol, Expr> = names
            .collect::<Vec<_>>()
            .into_iter()
            .zip(arguments.iter().copied())
            .collect();
        Some(graph.substitute(body, &names))
    });
    for function in refused {
        let function = function.name();
        let format = notes.format;
        notes.error(
            place.clone(),
            ConvertErrorKind::Function { function, format },
        );
    }
    match spelt == expression {
        true => text.to_owned(),
        false => graph.text(spelt),
    }
}

/// Whether the definition of a function takes functions of the standard only.
fn function_is_closed(function: Function) -> bool {
    !matches!(function, Function::Quotient | Function::Remainder)
}

/// Whether a function belongs to the mathematics of the standard.
fn belongs(function: Function) -> bool {
    !matches!(
        function,
        Function::Log1p
            | Function::Expm1
            | Function::Floor
            | Function::Ceil
            | Function::Sigmoid
            | Function::Factorial
            | Function::Polygamma
            | Function::Quotient
            | Function::Remainder
            | Function::Hill
            | Function::HillSlope
            | Function::HillCurvature
            | Function::XLogY
            | Function::ScaledPow
    )
}
