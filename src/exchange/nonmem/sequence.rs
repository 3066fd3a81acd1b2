//! Records become individuals and their experiments: IDs that come again, occasions, times that go back.
use super::{
    Column,
    error::{NonmemError, NonmemErrorKind, NonmemWarning, NonmemWarningKind},
    records::{Record, Steady},
    table::Sheet,
};
use std::collections::HashSet;

/// One experiment: an individual, or one of its occasions.
#[derive(Debug)]
pub(super) struct Experiment {
    pub individual: String,
    pub id: String,
    pub occasion: Option<String>,
    /// events of earlier occasions that are given here, too
    pub before: Vec<Record>,
    pub records: Vec<Record>,
}

/// All experiments, in the order of the table.
pub(super) fn sequence(
    sheet: &Sheet,
    records: Vec<Record>,
    errors: &mut Vec<NonmemError>,
    warnings: &mut Vec<NonmemWarning>,
) -> Vec<Experiment> {
    let mut experiments = Vec::new();
    let mut taken: HashSet<String> = HashSet::new();
    let mut seen: HashSet<String> = HashSet::new();
    for own in records.chunk_by(|a, b| a.id == b.id) {
        let individual = fresh(&mut taken, &name(&own[0].id));
        if !seen.insert(own[0].id.clone()) {
            let name = individual.clone();
            let kind = NonmemWarningKind::IdAgain { name };
            warnings.push(warning(sheet, &own[0], Column::Id, kind));
        }
        // a number is told from its name by the letters before it
        else if !individual.ends_with(&own[0].id) {
            let name = individual.clone();
            let kind = NonmemWarningKind::Renamed { name };
            warnings.push(warning(sheet, &own[0], Column::Id, kind));
        }
        let has_occasions = sheet.has(Column::Occ);
        let mut parts: Vec<Experiment> = Vec::new();
        let mut previous: Option<&Record> = None;
        for record in own {
            let back = previous.filter(|p| record.time < p.time);
            let next = previous.is_some_and(|p| p.occasion != record.occasion);
            if let Some(before) = back
                && !record.resets
                && !next
            {
                errors.push(NonmemError {
                    place: sheet.place(record.row, Column::Time),
                    individual: Some(record.id.clone()),
                    kind: NonmemErrorKind::TimeGoesBack {
                        time: record.time,
                        previous: before.time,
                    },
                });
            }
            previous = Some(record);
            if parts.is_empty() || next || (back.is_some() && record.resets) {
                let steady =
                    |r: &Record| r.dose.as_ref().is_some_and(|d| d.steady == Steady::Reset);
                let anew = back.is_some() || record.resets || steady(record);
                let before = match parts.last() {
                    Some(last) if !anew => {
                        let all = last.before.iter().chain(&last.records);
                        let events = all.filter(|r| r.dose.is_some() || r.resets);
                        events
                            .map(|r| Record {
                                reading: None,
                                ..r.clone()
                            })
                            .collect()
                    }
                    _ => Vec::new(),
                };
                if before.iter().any(|r: &Record| r.dose.is_some()) {
                    let occasion = record.occasion.clone().unwrap_or_default();
                    let kind = NonmemWarningKind::OccasionGoesOn { occasion };
                    warnings.push(warning(sheet, record, Column::Occ, kind));
                }
                let id = match (has_occasions, &record.occasion) {
                    (true, Some(occasion)) => format!("{individual}_{}", suffix(occasion)),
                    _ if parts.is_empty() => individual.clone(),
                    _ => format!("{individual}_part{}", parts.len() + 1),
                };
                // the first part may bear the name of the individual itself
                let id = match id == individual {
                    true => id,
                    false => fresh(&mut taken, &id),
                };
                parts.push(Experiment {
                    individual: individual.clone(),
                    id,
                    occasion: record.occasion.clone().filter(|_| has_occasions),
                    before,
                    records: Vec::new(),
                });
            }
            if let Some(part) = parts.last_mut() {
                part.records.push(record.clone());
            }
        }
        experiments.extend(parts);
    }
    for experiment in &experiments {
        look(sheet, experiment, warnings);
    }
    experiments
}

/// What is odd about one experiment.
fn look(sheet: &Sheet, experiment: &Experiment, warnings: &mut Vec<NonmemWarning>) {
    let records = &experiment.records;
    let last = records.iter().rposition(|r| r.reading.is_some());
    let Some(last) = last else {
        if let Some(first) = records.first() {
            let kind = NonmemWarningKind::NoReadings;
            warnings.push(warning(sheet, first, Column::Id, kind));
        }
        return;
    };
    let end = records[last].time;
    for record in &records[last..] {
        if record.dose.is_some() && record.time >= end {
            let kind = NonmemWarningKind::DoseAfterReadings;
            warnings.push(warning(sheet, record, Column::Amt, kind));
        }
    }
    for (at, record) in records.iter().enumerate() {
        let same = |other: &&Record| other.time == record.time;
        let number = |r: &Record| sheet.rows[r.row].number;
        if let Some(reading) = &record.reading {
            let mut earlier = records[..at].iter().filter(same);
            if let Some(first) = earlier.find(|o| o.reading.as_ref() == Some(reading)) {
                let first = number(first);
                let kind = NonmemWarningKind::SameReading { first };
                warnings.push(warning(sheet, record, Column::Dv, kind));
            }
        }
        if let Some(dose) = &record.dose {
            let mut earlier = records[..at].iter().filter(same);
            if let Some(first) = earlier.find(|o| o.dose.as_ref() == Some(dose)) {
                let first = number(first);
                let kind = NonmemWarningKind::SameDose { first };
                warnings.push(warning(sheet, record, Column::Amt, kind));
            }
        }
    }
}

pub(super) fn warning(
    sheet: &Sheet,
    record: &Record,
    column: Column,
    kind: NonmemWarningKind,
) -> NonmemWarning {
    NonmemWarning {
        place: sheet.place(record.row, column),
        individual: Some(record.id.clone()),
        kind,
    }
}

/// A name that PEtab accepts.
fn name(id: &str) -> String {
    let starts_well = id.starts_with(|c: char| c.is_ascii_alphabetic());
    match starts_well {
        true => suffix(id),
        false => format!("id{}", suffix(id)),
    }
}

/// Letters, digits and underscores; 3.0 is 3.
fn suffix(text: &str) -> String {
    let text = match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number}"),
        _ => text.to_owned(),
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    text.chars().map(plain).collect()
}

/// The name, or with a number where it is taken.
fn fresh(taken: &mut HashSet<String>, name: &str) -> String {
    let mut fresh = name.to_owned();
    let mut number = 2;
    while !taken.insert(fresh.clone()) {
        fresh = format!("{name}_{number}");
        number += 1;
    }
    fresh
}
