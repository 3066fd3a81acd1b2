//! Numbers of one subject from the natural parameter values.

use super::{Cohort, Source, Subject, Visit};

/// Values of the cohort's formulas at one parameter point.
pub(crate) fn formula_values(cohort: &Cohort, natural: &[f64]) -> Vec<f64> {
    match &cohort.formulas {
        None => Vec::new(),
        Some(formulas) => {
            let mut values = vec![0.0; formulas.len()];
            formulas.evaluate(natural, &mut values);
            values
        }
    }
}

impl Source {
    /// The number.
    pub(crate) fn value(&self, natural: &[f64], formulas: &[f64]) -> f64 {
        match *self {
            Source::Constant(value) => value,
            Source::Parameter(row) => natural[row],
            Source::Formula(index) => formulas[index],
        }
    }
}

impl Subject {
    /// The extended vector: system parameters, then schedule entries, sources filled in.
    pub(crate) fn registers(
        &self,
        defaults: &[f64],
        natural: &[f64],
        formulas: &[f64],
    ) -> Vec<f64> {
        let mut values = defaults.to_vec();
        values.extend(self.schedule.entries.iter().map(|entry| entry.value));
        for (register, source) in &self.registers {
            values[*register] = source.value(natural, formulas);
        }
        values
    }

    /// Output times: those of the visits, in their order.
    pub(crate) fn times(&self) -> Vec<f64> {
        self.visits.iter().map(|visit| visit.time).collect()
    }
}

impl Visit {
    /// All placeholder values.
    pub(crate) fn placeholder_values(
        &self,
        count: usize,
        natural: &[f64],
        formulas: &[f64],
    ) -> Vec<f64> {
        let mut values = Vec::new();
        self.fill_placeholders(count, natural, formulas, &mut values);
        values
    }

    /// The same, in memory that is used again.
    pub(crate) fn fill_placeholders(
        &self,
        count: usize,
        natural: &[f64],
        formulas: &[f64],
        values: &mut Vec<f64>,
    ) {
        values.clear();
        values.resize(count, 0.0);
        for (placeholder, source) in &self.placeholders {
            values[*placeholder] = source.value(natural, formulas);
        }
    }
}
