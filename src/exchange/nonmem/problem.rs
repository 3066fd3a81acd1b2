//! Experiments become a problem: measurements, observables, parameters, doses, periods.
use super::{
    Column,
    error::{NonmemError, NonmemErrorKind, NonmemWarning, NonmemWarningKind},
    model::{Compartments, initial_values, parameters},
    records::{Administration, Rate, Record, Steady},
    sequence::{Experiment, warning},
    table::Sheet,
};
use crate::{
    exchange::{
        petab::{
            ConditionRow, DoseKind, DoseRow, ExperimentRow, MeasurementRow, ObservableRow, Origin,
            PetabModel, PetabProblem, PetabVersion, SteadyState,
        },
        tables::{Place, number_text},
    },
    fit::{Parameter, Scale},
    noise::Reading,
};
use std::path::Path;

/// Condition that gives every state its initial value.
const RESET: &str = "reset";

/// The problem; None where the model cannot bear it, which is noted.
pub(super) fn make(
    sheet: &Sheet,
    model: PetabModel,
    compartments: &Compartments,
    experiments: &[Experiment],
    path: &Path,
    errors: &mut Vec<NonmemError>,
    warnings: &mut Vec<NonmemWarning>,
) -> Option<PetabProblem> {
    let mut table = match parameters(&model) {
        Ok(table) => table,
        Err(kind) => {
            errors.push(NonmemError::new(Place::file(path), kind));
            return None;
        }
    };
    let mut conditions = Vec::new();
    let mut periods = Vec::new();
    let mut doses: Vec<DoseRow> = Vec::new();
    let mut measurements = Vec::new();
    for experiment in experiments {
        let all: Vec<&Record> = experiment
            .before
            .iter()
            .chain(&experiment.records)
            .collect();
        let start = all.first().map_or(0.0, |record| record.time);
        let mut period = |time: f64, condition: Option<&str>| {
            periods.push(ExperimentRow {
                experiment: experiment.id.clone(),
                time,
                condition: condition.map(str::to_owned),
                origin: Origin::default(),
            });
        };
        period(start, None);
        let mut reset = start;
        for record in all.iter().filter(|r| r.resets && r.time > start) {
            if record.time > reset {
                period(record.time, Some(RESET));
                reset = record.time;
            }
        }
        if reset > start && conditions.is_empty() {
            match initial_values(&model) {
                Ok(values) => conditions = values,
                Err(kind) => errors.push(NonmemError::new(Place::file(path), kind)),
            }
        }
        for (at, record) in all.iter().enumerate() {
            if let Some(dose) = &record.dose {
                let given = Given {
                    sheet,
                    experiment: &experiment.id,
                    record,
                    dose,
                    later: &all[at + 1..],
                };
                given.rows(compartments, &mut doses, warnings);
            }
            measurements.extend(measurement(experiment, record, compartments, &measurements));
        }
    }
    if measurements.is_empty() {
        let place = Place::file(&sheet.file);
        errors.push(NonmemError::new(place, NonmemErrorKind::NoReadings));
        return None;
    }
    let mut observables = Vec::new();
    for id in &compartments.observables {
        let name = observable_id(id);
        let own = measurements.iter().filter(|row| row.observable == name);
        let readings: Vec<&Reading> = own.map(|row| &row.reading).collect();
        if readings.is_empty() {
            continue;
        }
        if !readings.iter().any(|r| matches!(r, Reading::Value(_))) {
            let observable = id.clone();
            let kind = NonmemWarningKind::AllCensored { observable };
            let place = Place::file(&sheet.file);
            warnings.push(NonmemWarning {
                place,
                individual: None,
                kind,
            });
        }
        let sigma = format!("sigma_{id}");
        table.rows.push(noise(&sigma, &readings));
        observables.push(ObservableRow {
            id: name,
            formula: id.clone(),
            noise_formula: sigma,
            unit: model.system.unit_of(id).map(str::to_owned),
            ..ObservableRow::default()
        });
    }
    let conditions = conditions.into_iter().map(|(target, value)| ConditionRow {
        condition: RESET.to_owned(),
        target,
        value,
        origin: Origin::default(),
    });
    Some(PetabProblem {
        version: PetabVersion::V2,
        id: None,
        models: vec![model],
        mappings: Vec::new(),
        parameters: table,
        parameter_origins: Vec::new(),
        observables,
        conditions: conditions.collect(),
        experiments: periods,
        measurements,
        inputs: Vec::new(),
        doses,
        population: crate::exchange::petab::PopulationRows::default(),
        measurement_file: None,
        files: Vec::new(),
        warnings: Vec::new(),
    })
}

/// An observable of the problem must not bear the id of a quantity of the model.
fn observable_id(id: &str) -> String {
    format!("obs_{id}")
}

fn measurement(
    experiment: &Experiment,
    record: &Record,
    compartments: &Compartments,
    known: &[MeasurementRow],
) -> Option<MeasurementRow> {
    let (observable, reading) = record.reading?;
    let observable = observable_id(compartments.observables.get(observable)?);
    let own = known.iter().rev().take_while(|row| {
        row.experiment.as_ref() == Some(&experiment.id) && row.time == record.time
    });
    let twin = own.filter(|row| row.observable == observable).count();
    Some(MeasurementRow {
        observable,
        model: None,
        experiment: Some(experiment.id.clone()),
        time: record.time,
        reading,
        observable_parameters: Vec::new(),
        noise_parameters: Vec::new(),
        dataset: None,
        replicate: (twin > 0).then(|| format!("replicate{}", twin + 1)),
        origin: Origin::default(),
    })
}

/// The standard deviation of the noise: a start from the spread of the readings.
fn noise(id: &str, readings: &[&Reading]) -> Parameter {
    let values: Vec<f64> = readings
        .iter()
        .map(|reading| match **reading {
            Reading::Value(v) | Reading::Below(v) | Reading::Above(v) => v,
            Reading::Between(a, b) => 0.5 * (a + b),
        })
        .collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    // a fifth of the spread is noise, to begin with, in two digits
    let spread = 0.2 * variance.sqrt();
    let nominal = match spread > 0.0 {
        true => format!("{spread:.1e}").parse().unwrap_or(1.0),
        false => 1.0,
    };
    Parameter {
        id: id.to_owned(),
        name: None,
        unit: None,
        scale: Scale::Log10,
        lower: 1e-3 * nominal,
        upper: 1e3 * nominal,
        nominal,
        estimate: true,
        prior: None,
        initialization: None,
    }
}

/// One dose of a table and what comes after it.
struct Given<'a> {
    sheet: &'a Sheet,
    experiment: &'a str,
    record: &'a Record,
    dose: &'a Administration,
    later: &'a [&'a Record],
}

impl Given<'_> {
    /// Adds the rows of the dose table.
    fn rows(
        &self,
        compartments: &Compartments,
        doses: &mut Vec<DoseRow>,
        warnings: &mut Vec<NonmemWarning>,
    ) {
        let dose = self.dose;
        let time = self.record.time;
        let compartment = dose.compartment;
        let after = self.later.iter().filter(|r| r.time > time || r.resets);
        let reset = after.clone().find(|r| r.resets).map(|r| r.time);
        let steady = |r: &&&Record| r.dose.as_ref().is_some_and(|d| d.steady == Steady::Reset);
        let forgotten = after.clone().find(steady).map(|r| r.time);
        let forgotten = [reset, forgotten].into_iter().flatten();
        let end = forgotten.fold(f64::INFINITY, f64::min);
        let mut additional = dose.additional;
        while additional > 0 && time + additional as f64 * dose.interval >= end {
            additional -= 1;
        }
        let (rate, duration) = match &dose.rate {
            Rate::AtOnce => (None, None),
            Rate::Number(rate) => (Some(number_text(*rate)), None),
            Rate::Parameter(id) => (Some(id.clone()), None),
            Rate::Duration(id) => (None, Some(id.clone())),
        };
        let uses_interval = additional > 0 || dose.steady != Steady::No;
        let row = DoseRow {
            experiment: Some(self.experiment.to_owned()),
            target: compartments.states[compartment].clone(),
            time: number_text(time),
            lag: compartments.lag(compartment).cloned(),
            value: number_text(dose.amount),
            kind: DoseKind::Add,
            duration,
            rate,
            bioavailability: compartments.bioavailability(compartment).cloned(),
            interval: uses_interval.then(|| number_text(dose.interval)),
            additional,
            steady_state: match dose.steady {
                Steady::No => SteadyState::None,
                Steady::Reset => SteadyState::Reset,
                Steady::Add => SteadyState::Add,
            },
            origin: Origin::default(),
        };
        match reset {
            // it is gone at once
            Some(reset) if reset <= time => {}
            Some(reset) => self.until(reset, row, doses, warnings),
            None => push(doses, row),
        }
    }

    /// A reset ends infusions: the doses that it cuts short are rows of their own.
    fn until(
        &self,
        reset: f64,
        row: DoseRow,
        doses: &mut Vec<DoseRow>,
        warnings: &mut Vec<NonmemWarning>,
    ) {
        let duration = match self.dose.rate {
            Rate::AtOnce => 0.0,
            Rate::Number(rate) => self.dose.amount / rate,
            Rate::Parameter(_) | Rate::Duration(_) => f64::INFINITY,
        };
        let times = (0..=row.additional)
            .map(|k| self.record.time + k as f64 * self.dose.interval)
            .collect::<Vec<f64>>();
        let whole = times.iter().filter(|t| **t + duration <= reset).count();
        if whole == times.len() {
            push(doses, row);
            return;
        }
        let known = row.lag.is_none() && row.bioavailability.is_none();
        let known = known && row.steady_state == SteadyState::None;
        let (Rate::Number(rate), true) = (&self.dose.rate, known) else {
            let kind = NonmemWarningKind::InfusionThroughReset { reset };
            warnings.push(warning(self.sheet, self.record, Column::Rate, kind));
            push(doses, row);
            return;
        };
        if let Some(additional) = whole.checked_sub(1) {
            let interval = row.interval.clone().filter(|_| additional > 0);
            let whole = DoseRow {
                additional,
                interval,
                ..row.clone()
            };
            push(doses, whole);
        }
        for &at in &times[whole..] {
            let cut = DoseRow {
                time: number_text(at),
                value: number_text(rate * (reset - at)),
                interval: None,
                additional: 0,
                ..row.clone()
            };
            push(doses, cut);
        }
    }
}

/// Adds a row; the same dose once more makes one of twice the amount, at twice the rate.
fn push(doses: &mut Vec<DoseRow>, row: DoseRow) {
    let split = |text: &str| match text.split_once(" * ") {
        Some((times, rest)) => (times.parse().unwrap_or(1.0), rest.to_owned()),
        None => (1.0, text.to_owned()),
    };
    let once = |known: &DoseRow| DoseRow {
        value: split(&known.value).1,
        rate: known.rate.as_deref().map(|rate| split(rate).1),
        ..known.clone()
    };
    let Some(known) = doses.iter_mut().rev().find(|known| once(known) == row) else {
        doses.push(row);
        return;
    };
    let times = number_text(split(&known.value).0 + 1.0);
    known.value = format!("{times} * {}", row.value);
    known.rate = row.rate.map(|rate| format!("{times} * {rate}"));
}
