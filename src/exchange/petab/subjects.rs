//! Experiments become subjects: a schedule with its registers, and visits.
use super::{
    administration::inputs,
    dosing::doses,
    error::PetabErrorKind,
    formula::Values,
    observation::{self, Observation},
    periods::periods,
    rows::{MeasurementRow, ObservableRow, Override, PetabModel, PetabProblem},
    sheet::Findings,
};
use crate::{
    cohort::{Source, Subject, Visit},
    expr::{Expr, suggest},
    noise::Reading,
    schedule::{Entry, Register, Schedule},
};

/// What the tables say about one model.
pub(super) struct Tables<'a> {
    pub problem: &'a PetabProblem,
    pub model: &'a PetabModel,
    /// those that are measured in the model
    pub observables: &'a [ObservableRow],
    /// the endpoint of the first of them
    pub first_endpoint: usize,
}

/// Collects the entries of one subject's schedule.
pub(super) struct Registers {
    pub first: usize,
    pub entries: Vec<Entry>,
    pub sources: Vec<(usize, Source)>,
}

impl Registers {
    pub fn number(&mut self, id: String, value: f64) -> Register {
        self.entries.push(Entry { id, value });
        Register(self.first + self.entries.len() - 1)
    }

    pub fn value(&mut self, id: String, expression: Expr, values: &mut Values) -> Register {
        let source = values.source(expression);
        let register = self.number(id, values.nominal(expression));
        if !matches!(source, Source::Constant(_)) {
            self.sources.push((register.0, source));
        }
        register
    }
}

/// Builds the subject of a model's position and an experiment. `shared` are the sources of the model parameters that stand in the parameter table.
pub(super) fn subject(
    key: &(usize, Option<String>),
    tables: &Tables,
    observation: Option<&Observation>,
    shared: &[(usize, Source)],
    values: &mut Values,
    findings: &mut Findings,
) -> Subject {
    let id = key.1.as_deref();
    let problem = tables.problem;
    let mut registers = Registers {
        first: values.system.parameter_ids().len(),
        entries: Vec::new(),
        sources: Vec::new(),
    };
    let (periods, start) = periods(id, tables, &mut registers, values, findings);
    let given = doses(id, problem, &mut registers, values, findings);
    for row in problem.doses.iter().filter(|row| row.experiment == key.1) {
        // a time that depends on parameters is judged when it is known
        if let Some(time) = row.time.parse::<f64>().ok().filter(|time| *time < start) {
            let experiment = id.unwrap_or("the model as it stands").to_owned();
            let kind = PetabErrorKind::DoseBeforeStart {
                time,
                experiment,
                start,
            };
            findings.error(row.origin.place("doses.tsv", "time"), kind);
        }
    }
    let inputs = inputs(id, problem, &mut registers, values, findings);
    let mut visits: Vec<Visit> = Vec::new();
    for row in &problem.measurements {
        if row.experiment != key.1 || problem.model_of(row) != Some(key.0) {
            continue;
        }
        if row.time < start {
            let experiment = id.unwrap_or("the model as it stands").to_owned();
            let kind = PetabErrorKind::BeforeStart {
                time: row.time,
                experiment,
                start,
            };
            findings.error(row.origin.place("measurements.tsv", "time"), kind);
        }
        visits.extend(visit(row, tables, observation, values, findings));
    }
    visits.sort_by(|a, b| a.time.total_cmp(&b.time));
    let schedule = Schedule {
        entries: registers.entries,
        periods,
        doses: given.doses,
        infusions: given.infusions,
        regimens: given.regimens,
        inputs,
        ..Schedule::default()
    };
    let mut sources = shared.to_vec();
    sources.extend(registers.sources);
    Subject {
        id: problem.name_of(key),
        model: key.0,
        schedule,
        registers: sources,
        visits,
    }
}

fn visit(
    row: &MeasurementRow,
    tables: &Tables,
    observation: Option<&Observation>,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Visit> {
    let known = (tables.observables.iter()).position(|o| o.id == row.observable)?;
    let observable = &tables.observables[known];
    let before = findings.errors.len();
    let mut placeholders: Vec<(usize, Source)> = Vec::new();
    for (column, names, given) in [
        (
            "observableParameters",
            &observable.placeholders,
            &row.observable_parameters,
        ),
        (
            "noiseParameters",
            &observable.noise_placeholders,
            &row.noise_parameters,
        ),
    ] {
        let place = row.origin.place("measurements.tsv", column);
        if names.len() != given.len() {
            let kind = PetabErrorKind::Overrides {
                observable: row.observable.clone(),
                expected: names.len(),
                got: given.len(),
            };
            findings.error(place, kind);
            continue;
        }
        for (name, value) in names.iter().zip(given) {
            let source = match value {
                Override::Number(number) => Source::Constant(*number),
                Override::Parameter(id) => match values.row(id) {
                    Some(parameter) => {
                        values.used.insert(parameter);
                        Source::Parameter(parameter)
                    }
                    None => {
                        if !findings.broken.contains(id) {
                            let near = suggest(id, values.ids());
                            let kind = PetabErrorKind::UnknownId {
                                what: "parameter",
                                id: id.clone(),
                                near,
                            };
                            findings.error(place.clone(), kind);
                        }
                        continue;
                    }
                },
            };
            if let Some(position) = observation.and_then(|o| o.placeholders.get(name)) {
                placeholders.push((*position, source));
            }
        }
    }
    if let ([name], [Override::Number(value)]) = (
        observable.noise_placeholders.as_slice(),
        row.noise_parameters.as_slice(),
    ) && observable.noise_formula.trim() == name
        && *value <= 0.0
    {
        let kind = PetabErrorKind::NoiseNotPositive {
            observable: row.observable.clone(),
            value: *value,
        };
        findings.error(
            row.origin.place("measurements.tsv", "noiseParameters"),
            kind,
        );
    }
    if let Err(reason) = observation::noise(observable.distribution).check(&row.reading) {
        let reading = match row.reading {
            Reading::Value(v) | Reading::Below(v) | Reading::Above(v) => v,
            Reading::Between(v, _) => v,
        };
        let kind = PetabErrorKind::Reading {
            observable: row.observable.clone(),
            reading,
            reason: reason.to_owned(),
        };
        findings.error(row.origin.place("measurements.tsv", "measurement"), kind);
    }
    if findings.errors.len() > before {
        return None;
    }
    if let Some(observation) = observation {
        let fixed = observation.fixed[known]
            .iter()
            .map(|(position, parameter)| (*position, Source::Parameter(*parameter)));
        placeholders.extend(fixed);
    }
    Some(Visit {
        time: row.time,
        endpoint: tables.first_endpoint + known,
        reading: row.reading,
        placeholders,
        row: row.origin.row(),
    })
}
