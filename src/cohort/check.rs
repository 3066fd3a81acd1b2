//! All errors of a cohort at once, each naming its subject and row.

use super::{Cohort, CohortModel, Source, Subject, Visit};

/// What can be wrong with a cohort. `row` is the row in the measurement table as its reader counts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CohortError {
    /// nobody there
    #[error("the cohort has no subjects")]
    Empty,
    /// two subjects share an id
    #[error("subject `{subject}` occurs twice")]
    Duplicate {
        /// the subject
        subject: String,
    },
    /// two models share an id
    #[error("model `{model}` occurs twice")]
    DuplicateModel {
        /// the model
        model: String,
    },
    /// a reading at an endpoint of another model than the subject's
    #[error(
        "subject `{subject}`, row {row}: endpoint `{endpoint}` belongs to model `{other}`, the subject to model `{model}`"
    )]
    OtherModel {
        /// the subject
        subject: String,
        /// measurement row
        row: usize,
        /// the endpoint
        endpoint: String,
        /// model of the endpoint
        other: String,
        /// model of the subject
        model: String,
    },
    /// a subject without a reading
    #[error("subject `{subject}` has no readings; give it some or leave it out")]
    NoReadings {
        /// the subject
        subject: String,
    },
    /// a reading time that is NaN or minus infinity
    #[error("subject `{subject}`, row {row}: the time {time} is not a time")]
    Time {
        /// the subject
        subject: String,
        /// measurement row
        row: usize,
        /// the time
        time: f64,
    },
    /// a time before the one above it
    #[error(
        "subject `{subject}`, row {row}: time {time} comes after time {before}; sort the readings by time"
    )]
    Order {
        /// the subject
        subject: String,
        /// measurement row
        row: usize,
        /// its time
        time: f64,
        /// the time before it
        before: f64,
    },
    /// a reading that its noise cannot produce
    #[error("subject `{subject}`, row {row}: {why} (endpoint `{endpoint}`, {noise} noise)")]
    Reading {
        /// the subject
        subject: String,
        /// measurement row
        row: usize,
        /// the endpoint
        endpoint: String,
        /// name of the noise
        noise: &'static str,
        /// what is wrong
        why: &'static str,
    },
    /// an index beyond its list
    #[error("subject `{subject}`: {what} {index} does not exist, there are {count}")]
    Index {
        /// the subject, or the endpoint
        subject: String,
        /// of what
        what: &'static str,
        /// the index
        index: usize,
        /// how many there are
        count: usize,
    },
    /// an endpoint whose noise needs another number of formulas
    #[error(
        "endpoint `{endpoint}`: {noise} noise needs {expected} noise formulas, {got} are given"
    )]
    NoiseParameters {
        /// the endpoint
        endpoint: String,
        /// name of the noise
        noise: &'static str,
        /// how many it needs
        expected: usize,
        /// how many it has
        got: usize,
    },
    /// a time-independent number that is not finite
    #[error(
        "subject `{subject}`: the constant {value} of register {register} is not a finite number"
    )]
    Constant {
        /// the subject
        subject: String,
        /// extended register
        register: usize,
        /// the constant
        value: f64,
    },
    /// a simulation for a virtual cohort failed
    #[error("subject `{subject}` cannot be simulated: {why}")]
    Simulation {
        /// the subject
        subject: String,
        /// time and cause
        why: String,
    },
    /// parameter values of the wrong length
    #[error("{expected} parameter values are needed, {got} are given")]
    Parameters {
        /// rows of the parameter table that sources name at least
        expected: usize,
        /// given
        got: usize,
    },
}

impl Cohort {
    /// All errors at once; `rows` is the length of the parameter table.
    pub fn check(&self, rows: usize) -> Vec<CohortError> {
        let mut errors = Vec::new();
        if self.subjects.is_empty() {
            errors.push(CohortError::Empty);
        }
        for (index, model) in self.models.iter().enumerate() {
            if self.models[..index]
                .iter()
                .any(|other| other.id == model.id)
            {
                errors.push(CohortError::DuplicateModel {
                    model: model.id.clone(),
                });
            }
        }
        for endpoint in &self.endpoints {
            let Some(model) = self.model(&endpoint.id, endpoint.model, &mut errors) else {
                continue;
            };
            let outputs = model.outputs.ids().len();
            let (expected, got) = (
                endpoint.noise.arguments() - 1,
                endpoint.noise_parameters.len(),
            );
            if expected != got {
                errors.push(CohortError::NoiseParameters {
                    endpoint: endpoint.id.clone(),
                    noise: endpoint.noise.name(),
                    expected,
                    got,
                });
            }
            for &index in std::iter::once(&endpoint.observable).chain(&endpoint.noise_parameters) {
                if index >= outputs {
                    errors.push(index_error(&endpoint.id, "output formula", index, outputs));
                }
            }
        }
        let mut seen = std::collections::HashSet::new();
        for subject in &self.subjects {
            if !seen.insert(&subject.id) {
                errors.push(CohortError::Duplicate {
                    subject: subject.id.clone(),
                });
            }
            if let Some(model) = self.model(&subject.id, subject.model, &mut errors) {
                self.check_subject(subject, model, rows, &mut errors);
            }
        }
        errors
    }

    /// The model of a subject or an endpoint.
    fn model(&self, of: &str, index: usize, errors: &mut Vec<CohortError>) -> Option<&CohortModel> {
        let model = self.models.get(index);
        if model.is_none() {
            errors.push(index_error(of, "model", index, self.models.len()));
        }
        model
    }

    fn check_subject(
        &self,
        subject: &Subject,
        model: &CohortModel,
        rows: usize,
        errors: &mut Vec<CohortError>,
    ) {
        let id = || subject.id.clone();
        if subject.visits.is_empty() {
            errors.push(CohortError::NoReadings { subject: id() });
        }
        let registers = model.system.parameters().len() + subject.schedule.entries.len();
        for (register, source) in &subject.registers {
            if *register >= registers {
                errors.push(index_error(&subject.id, "register", *register, registers));
            }
            if let Source::Constant(value) = source
                && !value.is_finite()
            {
                errors.push(CohortError::Constant {
                    subject: id(),
                    register: *register,
                    value: *value,
                });
            }
            self.check_source(subject, source, rows, errors);
        }
        let mut before = f64::NEG_INFINITY;
        for visit in &subject.visits {
            // plus infinity is a reading at the steady state
            if visit.time.is_nan() || visit.time == f64::NEG_INFINITY {
                errors.push(CohortError::Time {
                    subject: id(),
                    row: visit.row,
                    time: visit.time,
                });
            } else if visit.time < before {
                errors.push(CohortError::Order {
                    subject: id(),
                    row: visit.row,
                    time: visit.time,
                    before,
                });
            } else {
                before = visit.time;
            }
            self.check_visit(subject, model, visit, rows, errors);
        }
    }

    fn check_visit(
        &self,
        subject: &Subject,
        model: &CohortModel,
        visit: &Visit,
        rows: usize,
        errors: &mut Vec<CohortError>,
    ) {
        let placeholders = model.outputs.placeholders().len();
        for (placeholder, source) in &visit.placeholders {
            if *placeholder >= placeholders {
                errors.push(index_error(
                    &subject.id,
                    "placeholder",
                    *placeholder,
                    placeholders,
                ));
            }
            self.check_source(subject, source, rows, errors);
        }
        let Some(endpoint) = self.endpoints.get(visit.endpoint) else {
            errors.push(index_error(
                &subject.id,
                "endpoint",
                visit.endpoint,
                self.endpoints.len(),
            ));
            return;
        };
        if endpoint.model != subject.model
            && let Some(other) = self.models.get(endpoint.model)
        {
            errors.push(CohortError::OtherModel {
                subject: subject.id.clone(),
                row: visit.row,
                endpoint: endpoint.id.clone(),
                other: other.id.clone(),
                model: model.id.clone(),
            });
        }
        if let Err(why) = endpoint.noise.check(&visit.reading) {
            errors.push(CohortError::Reading {
                subject: subject.id.clone(),
                row: visit.row,
                endpoint: endpoint.id.clone(),
                noise: endpoint.noise.name(),
                why,
            });
        }
    }

    fn check_source(
        &self,
        subject: &Subject,
        source: &Source,
        rows: usize,
        errors: &mut Vec<CohortError>,
    ) {
        let formulas = self.formulas.as_ref().map_or(0, |f| f.len());
        let (what, index, count) = match *source {
            Source::Constant(_) => return,
            Source::Parameter(row) => ("parameter row", row, rows),
            Source::Formula(formula) => ("formula", formula, formulas),
        };
        if index >= count {
            errors.push(index_error(&subject.id, what, index, count));
        }
    }
}

fn index_error(subject: &str, what: &'static str, index: usize, count: usize) -> CohortError {
    CohortError::Index {
        subject: subject.into(),
        what,
        index,
        count,
    }
}
