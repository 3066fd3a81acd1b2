//! Which estimated parameters reach which subject, and by which way.

use crate::cohort::{Cohort, Source, Subject, Visit};
use crate::schedule::Register;

/// One subject's estimated parameters.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// search entries that reach the subject, ascending
    pub entries: Vec<usize>,
    /// their rows in the parameter table
    pub rows: Vec<usize>,
    /// positions in `entries` of those that reach a register: the directions of the sensitivities
    pub directions: Vec<usize>,
    /// per position in `entries`: its direction, if it has one
    pub direction_of: Vec<Option<usize>>,
}

impl Reach {
    /// `estimated` are the rows of the search entries.
    pub(crate) fn new(cohort: &Cohort, subject: &Subject, estimated: &[usize]) -> Self {
        let mut at_register = vec![false; estimated.len()];
        let mut anywhere = vec![false; estimated.len()];
        let entry_of: std::collections::HashMap<usize, usize> = estimated
            .iter()
            .enumerate()
            .map(|(entry, row)| (*row, entry))
            .collect();
        let mark = |source: &Source, flags: &mut [bool]| {
            for row in rows_of(cohort, source) {
                if let Some(entry) = entry_of.get(&row) {
                    flags[*entry] = true;
                }
            }
        };
        for (_, source) in &subject.registers {
            mark(source, &mut at_register);
        }
        let outputs = cohort.outputs_of(subject);
        for visit in &subject.visits {
            let formulas = cohort.endpoints[visit.endpoint].formulas();
            for (placeholder, source) in &visit.placeholders {
                let used = formulas
                    .iter()
                    .any(|&k| outputs.placeholders_of(k).contains(&(*placeholder as u32)));
                if used {
                    mark(source, &mut anywhere);
                }
            }
        }
        let entries: Vec<usize> = (0..estimated.len())
            .filter(|&k| at_register[k] || anywhere[k])
            .collect();
        let directions: Vec<usize> = (0..entries.len())
            .filter(|&p| at_register[entries[p]])
            .collect();
        let mut direction_of = vec![None; entries.len()];
        for (direction, &position) in directions.iter().enumerate() {
            direction_of[position] = Some(direction);
        }
        Reach {
            rows: entries.iter().map(|&k| estimated[k]).collect(),
            entries,
            directions,
            direction_of,
        }
    }

    /// The seeds of the directions: d register / d natural value. `slopes` is the Jacobian of the cohort's formulas.
    pub(crate) fn seeds(&self, subject: &Subject, slopes: &Slopes) -> Vec<Vec<(Register, f64)>> {
        self.directions
            .iter()
            .map(|&position| {
                let row = self.rows[position];
                subject
                    .registers
                    .iter()
                    .filter_map(|(register, source)| {
                        let slope = slopes.of(source, row);
                        (slope != 0.0).then_some((Register(*register), slope))
                    })
                    .collect()
            })
            .collect()
    }

    /// All registers a direction can ever seed, for compiling the tapes.
    pub(crate) fn possible_seeds(
        &self,
        cohort: &Cohort,
        subject: &Subject,
    ) -> Vec<Vec<(Register, f64)>> {
        self.directions
            .iter()
            .map(|&position| {
                let row = self.rows[position];
                subject
                    .registers
                    .iter()
                    .filter(|(_, source)| rows_of(cohort, source).contains(&row))
                    .map(|(register, _)| (Register(*register), 1.0))
                    .collect()
            })
            .collect()
    }
}

impl Reach {
    /// d argument / d natural value of the reaching parameters (m x parameters, row-major) for a visit's noise arguments, from
    /// their derivatives along the directions (m x directions) and in the placeholders (m x placeholders).
    pub(crate) fn jacobian(
        &self,
        m: usize,
        by_direction: &[f64],
        by_placeholder: &[f64],
        visit: &Visit,
        slopes: &Slopes,
    ) -> Vec<f64> {
        let (parameters, directions) = (self.rows.len(), self.directions.len());
        let placeholders = by_placeholder.len() / m;
        let mut jacobian = vec![0.0; m * parameters];
        for (position, row) in self.rows.iter().enumerate() {
            for a in 0..m {
                let mut slope = self.direction_of[position]
                    .map_or(0.0, |direction| by_direction[a * directions + direction]);
                for (placeholder, source) in &visit.placeholders {
                    let d = by_placeholder[a * placeholders + placeholder];
                    if d != 0.0 {
                        slope += d * slopes.of(source, *row);
                    }
                }
                jacobian[a * parameters + position] = slope;
            }
        }
        jacobian
    }
}

/// Rows of the parameter table that a source depends on.
fn rows_of(cohort: &Cohort, source: &Source) -> Vec<usize> {
    match *source {
        Source::Constant(_) => Vec::new(),
        Source::Parameter(row) => vec![row],
        Source::Formula(formula) => cohort.formulas.as_ref().map_or_else(Vec::new, |f| {
            f.inputs_of(formula)
                .iter()
                .map(|&row| row as usize)
                .collect()
        }),
    }
}

/// Values and Jacobian of the cohort's formulas at one parameter point.
#[derive(Clone, Debug)]
pub(crate) struct Slopes {
    pub values: Vec<f64>,
    jacobian: Vec<f64>,
    rows: usize,
}

impl Slopes {
    pub(crate) fn new(cohort: &Cohort, natural: &[f64], derivatives: bool) -> Self {
        let rows = natural.len();
        let Some(formulas) = &cohort.formulas else {
            return Slopes {
                values: Vec::new(),
                jacobian: Vec::new(),
                rows,
            };
        };
        let mut values = vec![0.0; formulas.len()];
        let mut jacobian = Vec::new();
        if derivatives {
            jacobian.resize(formulas.len() * rows, 0.0);
            formulas.differentiate(natural, &mut values, &mut jacobian);
        } else {
            formulas.evaluate(natural, &mut values);
        }
        Slopes {
            values,
            jacobian,
            rows,
        }
    }

    /// d source / d natural value of a row
    pub(crate) fn of(&self, source: &Source, row: usize) -> f64 {
        match *source {
            Source::Constant(_) => 0.0,
            Source::Parameter(own) => f64::from(u8::from(own == row)),
            Source::Formula(formula) => self.jacobian[formula * self.rows + row],
        }
    }
}
