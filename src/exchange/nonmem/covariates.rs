//! Columns without a meaning of their own: covariates, one value for each experiment; and the table of individuals.
use super::{
    error::{NonmemWarning, NonmemWarningKind},
    sequence::Experiment,
    table::Sheet,
};
use crate::exchange::{
    petab::{IndividualRow, Origin, PopulationRows},
    tables::Place,
};

/// A covariate and its values in the order of the experiments.
pub(super) struct Covariate {
    name: String,
    values: Vec<Option<f64>>,
}

/// Reads the covariates; the first value of each experiment counts.
pub(super) fn read(
    sheet: &Sheet,
    experiments: &[Experiment],
    warnings: &mut Vec<NonmemWarning>,
) -> Vec<Covariate> {
    let mut covariates = Vec::new();
    for column in sheet.others() {
        let name = sheet.columns[column].clone();
        let cells =
            (0..sheet.rows.len()).filter_map(|row| sheet.cell(row, column).map(|c| (row, c)));
        let mut words = cells.filter(|(_, cell)| number(cell).is_none());
        if let Some((row, text)) = words.next() {
            let (column, text) = (name.clone(), text.to_owned());
            let kind = NonmemWarningKind::NoCovariate { column, text };
            let place = Place::file(&sheet.file)
                .row(sheet.rows[row].number)
                .column(name);
            warnings.push(NonmemWarning {
                place,
                individual: None,
                kind,
            });
            continue;
        }
        let values = experiments
            .iter()
            .map(|experiment| value(sheet, column, experiment, warnings))
            .collect();
        covariates.push(Covariate { name, values });
    }
    covariates
}

fn number(cell: &str) -> Option<f64> {
    cell.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// The value of one experiment.
fn value(
    sheet: &Sheet,
    column: usize,
    experiment: &Experiment,
    warnings: &mut Vec<NonmemWarning>,
) -> Option<f64> {
    let name = sheet.columns[column].clone();
    let mut first = None;
    let mut tell = |row: usize, id: &str, kind| {
        let place = Place::file(&sheet.file)
            .row(sheet.rows[row].number)
            .column(name.clone());
        let individual = Some(id.to_owned());
        warnings.push(NonmemWarning {
            place,
            individual,
            kind,
        });
    };
    for record in &experiment.records {
        let Some(value) = sheet.cell(record.row, column).and_then(number) else {
            continue;
        };
        match first {
            None => first = Some(value),
            Some(first) if first != value => {
                let column = name.clone();
                let kind = NonmemWarningKind::CovariateChanges {
                    column,
                    first,
                    value,
                };
                tell(record.row, &record.id, kind);
                break;
            }
            Some(_) => {}
        }
    }
    if let (None, Some(record)) = (first, experiment.records.first()) {
        let column = name.clone();
        let kind = NonmemWarningKind::CovariateMissing { column };
        tell(record.row, &record.id, kind);
    }
    first
}

/// The table of individuals.
pub(super) fn individuals(experiments: &[Experiment], covariates: &[Covariate]) -> PopulationRows {
    let mut taken = ["individualId", "experimentId", "occasionId"]
        .map(str::to_owned)
        .to_vec();
    let fixed = taken.len();
    for covariate in covariates {
        let name = column_name(&covariate.name, &taken);
        taken.push(name);
    }
    let row = |(at, experiment): (usize, &Experiment)| IndividualRow {
        individual: experiment.individual.clone(),
        experiment: experiment.id.clone(),
        occasion: experiment.occasion.as_ref().map(|occasion| {
            match occasion.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("occ{}", plain(occasion)),
                false => plain(occasion),
            }
        }),
        occasion_start: None,
        covariates: covariates.iter().map(|c| c.values[at]).collect(),
        origin: Origin::default(),
    };
    PopulationRows {
        covariates: taken.split_off(fixed),
        individuals: experiments.iter().enumerate().map(row).collect(),
        ..PopulationRows::default()
    }
}

/// A name that is an id, and no other column's.
fn column_name(name: &str, taken: &[String]) -> String {
    let mut id = plain(name);
    if !id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        id.insert(0, '_');
    }
    while taken.contains(&id) {
        id.push('_');
    }
    id
}

fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    text.chars().map(plain).collect()
}
