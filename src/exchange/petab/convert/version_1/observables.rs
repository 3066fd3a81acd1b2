//! The observable table of version 1: distributions of logarithms are transformations, placeholders have names of a fixed form.
use crate::exchange::{
    petab::{
        convert::{error::Notes, formulas::replaced},
        rows::{NoiseDistribution, ObservableRow, PetabProblem},
    },
    tables::TableWriter,
};
use crate::expr::Graph;
use std::collections::HashMap;

/// The observables of one model as version 1 writes them.
pub(super) struct Observables {
    rows: Vec<[String; 6]>,
    /// per observable the placeholders of observable and noise that occur, by their positions
    used: HashMap<String, (Vec<usize>, Vec<usize>)>,
}

impl Observables {
    pub fn of(problem: &PetabProblem, model: usize, notes: &mut Notes) -> Self {
        let mut found = Observables {
            rows: Vec::new(),
            used: HashMap::new(),
        };
        let several = problem.models.len() > 1;
        for row in &problem.observables {
            let mut measured = problem.measurements.iter();
            if !several
                || measured.any(|m| m.observable == row.id && problem.model_of(m) == Some(model))
            {
                found.add(row, notes);
            }
        }
        found
    }

    fn add(&mut self, row: &ObservableRow, notes: &mut Notes) {
        let place = |column| row.origin.place("observables.tsv", column);
        // version 1 counts those that occur
        let occurring = |names: &[String], formulas: &[&str]| -> Vec<usize> {
            let occurs = |name: &String| formulas.iter().any(|text| mentions(text, name));
            (0..names.len()).filter(|k| occurs(&names[*k])).collect()
        };
        let formulas = [row.formula.as_str(), row.noise_formula.as_str()];
        let of_observable = occurring(&row.placeholders, &formulas);
        let of_noise = occurring(&row.noise_placeholders, &formulas[1..]);
        let mut names: HashMap<&str, String> = HashMap::new();
        let all = [
            ("observableParameter", &row.placeholders, &of_observable),
            ("noiseParameter", &row.noise_placeholders, &of_noise),
        ];
        for (prefix, placeholders, used) in all {
            for (number, position) in used.iter().enumerate() {
                let name = format!("{prefix}{}_{}", number + 1, row.id);
                names.insert(&placeholders[*position], name);
            }
        }
        let mut renamed = |text: &str, column| {
            replaced(text, &place(column), notes, |graph, name| {
                let new = names.get(name).filter(|new| *new != name)?;
                Some(graph.symbol(new))
            })
        };
        let formula = renamed(&row.formula, "observableFormula");
        let noise = renamed(&row.noise_formula, "noiseFormula");
        let (transformation, distribution) = match row.distribution {
            NoiseDistribution::Laplace => ("lin", "laplace"),
            NoiseDistribution::LogNormal => ("log", "normal"),
            NoiseDistribution::LogLaplace => ("log", "laplace"),
            // Student's distributions were refused
            _ => ("lin", "normal"),
        };
        let (transformation, noise) = match decimal(&noise).filter(|_| transformation == "log") {
            Some(noise) => ("log10", noise.to_owned()),
            None => (transformation, noise),
        };
        self.rows.push([
            row.id.clone(),
            row.name.clone().unwrap_or_default(),
            formula,
            transformation.to_owned(),
            noise,
            distribution.to_owned(),
        ]);
        self.used.insert(row.id.clone(), (of_observable, of_noise));
    }

    /// Positions of the placeholders of an observable that occur in its formulas.
    pub fn used(&self, observable: &str) -> (&[usize], &[usize]) {
        match self.used.get(observable) {
            Some((of_observable, of_noise)) => (of_observable, of_noise),
            None => (&[], &[]),
        }
    }

    pub fn table(&self) -> String {
        let mut writer = TableWriter::tsv(&[
            "observableId",
            "observableName",
            "observableFormula",
            "observableTransformation",
            "noiseFormula",
            "noiseDistribution",
        ]);
        for row in &self.rows {
            writer.row(row.clone());
        }
        writer.finish()
    }
}

fn mentions(formula: &str, name: &str) -> bool {
    let mut graph = Graph::new();
    let parsed = graph.parse(formula).ok();
    let symbol = graph.lookup(name);
    parsed
        .zip(symbol)
        .is_some_and(|(e, symbol)| graph.symbols_of(e).contains(&symbol))
}

/// The noise of the decimal logarithm, where a formula is that times ln 10.
fn decimal(formula: &str) -> Option<&str> {
    let inner = formula
        .trim()
        .strip_prefix('(')?
        .strip_suffix(") * ln(10)")?;
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_of_the_decimal_logarithm_is_known() {
        assert_eq!(decimal("(sd + (a * b)) * ln(10)"), Some("sd + (a * b)"));
        assert_eq!(decimal("(a) + (b) * ln(10)"), None);
        assert_eq!(decimal("sd * ln(10)"), None);
    }
}
