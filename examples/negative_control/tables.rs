//! The tables of the study, `blood.csv` and `stool_scfa.csv` of one folder, checked; the same with a coupling planted or butyrate exchanged.
//!
//! | table | columns |
//! |---|---|
//! | `blood.csv` | `subject`, `visit`, `zonulin` (ng/ml), `IL6` (pg/ml) |
//! | `stool_scfa.csv` | `subject`, `visit`, `Butyric_acid` (ug/g) |
//!
//! Further columns are not looked at. An empty cell, `NA` and a visit without a row are missing values; `<x` lies below the limit x. Zero
//! and negative numbers have no logarithm and are errors, for nobody can say which limit they stand for.
use holobiont::noise::Reading;
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

/// The visits, in their order.
pub const VISITS: [&str; 4] = ["T1", "T2", "T3", "T4"];
/// The markers: id in the model, column of `blood.csv`, name for people.
pub const MARKERS: [(&str, &str, &str); 2] =
    [("zonulin", "zonulin", "zonulin"), ("il6", "IL6", "IL-6")];

/// One adult.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// id
    pub id: String,
    /// faecal butyrate of each visit, ug/g
    pub butyrate: [Option<f64>; 4],
    /// readings of each marker and visit
    pub markers: [[Option<Reading>; 4]; 2],
}

impl Subject {
    /// Geometric mean of butyrate over the visits that have it, ug/g.
    pub fn usual_butyrate(&self) -> f64 {
        let known: Vec<f64> = self
            .butyrate
            .iter()
            .flatten()
            .map(|b| libm::log(*b))
            .collect();
        libm::exp(known.iter().sum::<f64>() / known.len() as f64)
    }

    /// Visits at which a marker tells something: it was read, and so was butyrate.
    pub fn used(&self, marker: usize) -> impl Iterator<Item = (usize, f64, Reading)> {
        let visits = self.butyrate.iter().zip(&self.markers[marker]).enumerate();
        visits.filter_map(|(visit, (butyrate, reading))| Some((visit, (*butyrate)?, (*reading)?)))
    }
}

/// A folder that was read.
#[derive(Clone, Debug)]
pub struct Study {
    /// adults in the order of their ids, everyone with butyrate and a marker
    pub subjects: Vec<Subject>,
    /// what is missing, left out or censored, for the report
    pub notes: Vec<String>,
}

impl Study {
    /// Readings of a marker that are used.
    pub fn readings(&self, marker: usize) -> usize {
        self.subjects.iter().map(|s| s.used(marker).count()).sum()
    }

    /// Every reading multiplied by (butyrate / the subject's usual butyrate)^elasticity of its marker.
    pub fn planted(&self, elasticities: [f64; 2]) -> Study {
        let mut study = self.clone();
        for subject in &mut study.subjects {
            let usual = subject.usual_butyrate();
            for (marker, elasticity) in elasticities.iter().enumerate() {
                for visit in 0..VISITS.len() {
                    let Some(butyrate) = subject.butyrate[visit] else {
                        continue;
                    };
                    let factor = libm::pow(butyrate / usual, *elasticity);
                    let reading = &mut subject.markers[marker][visit];
                    *reading = reading.map(|r| match r {
                        Reading::Below(limit) => Reading::Below(limit * factor),
                        Reading::Value(value) => Reading::Value(value * factor),
                        other => other,
                    });
                }
            }
        }
        study
    }

    /// The whole butyrate series of subject `of[i]` given to subject i.
    pub fn exchanged(&self, of: &[usize]) -> Study {
        let mut study = self.clone();
        for (subject, from) in study.subjects.iter_mut().zip(of) {
            subject.butyrate = self.subjects[*from].butyrate;
        }
        study
    }
}

/// Everything that is wrong with a folder.
#[derive(Debug)]
pub struct StudyErrors(pub Vec<String>);

impl fmt::Display for StudyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.join("\n"))
    }
}
impl Error for StudyErrors {}

/// What a cell says.
type Cells = BTreeMap<(String, usize), Vec<Option<Reading>>>;

/// The cells of `columns`, by subject and visit.
fn cells(file: &Path, columns: &[&str], errors: &mut Vec<String>) -> Cells {
    let place = file.display();
    let mut found = Cells::new();
    let mut reader = match csv::Reader::from_path(file) {
        Ok(reader) => reader,
        Err(error) => {
            errors.push(format!(
                "{place}: {error}; give the folder that holds blood.csv and stool_scfa.csv"
            ));
            return found;
        }
    };
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|h| h.trim().to_owned()).collect(),
        Err(error) => {
            errors.push(format!("{place}: {error}"));
            return found;
        }
    };
    let mut at = Vec::new();
    for name in ["subject", "visit"].iter().chain(columns) {
        let stands: Vec<usize> = (0..header.len()).filter(|i| header[*i] == *name).collect();
        match stands[..] {
            [one] => at.push(one),
            [] => errors.push(format!(
                "{place}: no column `{name}`; its columns are {}",
                header.join(", ")
            )),
            _ => errors.push(format!("{place}: the column `{name}` stands twice")),
        }
    }
    if at.len() < columns.len() + 2 {
        return found;
    }
    for (number, record) in reader.records().enumerate() {
        let row = number + 2;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.push(format!("{place}: row {row}: {error}"));
                continue;
            }
        };
        let (subject, word) = (record[at[0]].trim(), record[at[1]].trim());
        if subject.is_empty() {
            errors.push(format!("{place}: row {row}, column `subject`: it is empty"));
            continue;
        }
        let Some(visit) = VISITS.iter().position(|v| *v == word) else {
            errors.push(format!(
                "{place}: row {row}, column `visit`: `{word}` is none of {}",
                VISITS.join(", ")
            ));
            continue;
        };
        let mut values = Vec::new();
        for (column, index) in columns.iter().zip(&at[2..]) {
            values.push(reading(record[*index].trim()).unwrap_or_else(|what| {
                errors.push(format!("{place}: row {row}, column `{column}`: {what}"));
                None
            }));
        }
        if found.insert((subject.to_owned(), visit), values).is_some() {
            errors.push(format!(
                "{place}: row {row}: subject `{subject}` has {word} twice"
            ));
        }
    }
    found
}

/// A cell; None where it is missing.
fn reading(text: &str) -> Result<Option<Reading>, String> {
    if text.is_empty() || text == "NA" {
        return Ok(None);
    }
    let (number, censored) = match text.strip_prefix('<') {
        Some(limit) => (limit.trim(), true),
        None => (text, false),
    };
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(Some(if censored {
            Reading::Below(value)
        } else {
            Reading::Value(value)
        })),
        Ok(value) if value.is_finite() => Err(format!(
            "`{text}` has no logarithm; write `<x` for a reading below the limit x, leave the cell empty where there is none"
        )),
        _ => Err(format!(
            "`{text}` is neither a number nor `<x`; leave the cell empty where there is no reading"
        )),
    }
}

/// Reads a folder.
///
/// # Errors
/// All that is found: files, columns, cells, visits that are not known or come twice, subjects of one table only, nobody to use.
pub fn read(folder: &Path) -> Result<Study, StudyErrors> {
    let mut errors = Vec::new();
    let files: [PathBuf; 2] = ["blood.csv", "stool_scfa.csv"].map(|name| folder.join(name));
    let blood = cells(
        &files[0],
        &MARKERS.map(|(_, column, _)| column),
        &mut errors,
    );
    let stool = cells(&files[1], &["Butyric_acid"], &mut errors);
    if !errors.is_empty() {
        return Err(StudyErrors(errors));
    }
    let ids =
        |table: &Cells| -> BTreeSet<String> { table.keys().map(|(id, _)| id.clone()).collect() };
    let (in_blood, in_stool) = (ids(&blood), ids(&stool));
    for (own, other, file) in [
        (&in_blood, &in_stool, &files[1]),
        (&in_stool, &in_blood, &files[0]),
    ] {
        for id in own.difference(other) {
            errors.push(format!(
                "{}: no row of subject `{id}`, whom the other table has",
                file.display()
            ));
        }
    }
    let mut study = Study {
        subjects: Vec::new(),
        notes: Vec::new(),
    };
    for id in in_blood.intersection(&in_stool) {
        let cell = |table: &Cells, visit: usize, column: usize| {
            table
                .get(&(id.clone(), visit))
                .and_then(|cells| cells[column])
        };
        let mut subject = Subject {
            id: id.clone(),
            butyrate: [None; 4],
            markers: [[None; 4]; 2],
        };
        for (visit, name) in VISITS.iter().enumerate() {
            subject.butyrate[visit] = match cell(&stool, visit, 0) {
                Some(Reading::Value(value)) => Some(value),
                Some(Reading::Below(limit)) => {
                    study.notes.push(format!(
                        "{id} {name}: butyrate below {limit} ug/g, taken as half of it"
                    ));
                    Some(0.5 * limit)
                }
                _ => {
                    study
                        .notes
                        .push(format!("{id} {name}: no butyrate, the visit is left out"));
                    None
                }
            };
            for (marker, (_, _, named)) in MARKERS.iter().enumerate() {
                let found = cell(&blood, visit, marker);
                subject.markers[marker][visit] = found;
                let what = match found {
                    None => "is missing, the others of the subject are used".to_owned(),
                    Some(Reading::Below(limit)) => format!(
                        "lies below {limit}: left-censored in the population fit, half of it in the linear mixed model"
                    ),
                    _ => continue,
                };
                study.notes.push(format!("{id} {name}: {named} {what}"));
            }
        }
        if (0..MARKERS.len()).any(|marker| subject.used(marker).next().is_some()) {
            study.subjects.push(subject);
        } else {
            study.notes.push(format!(
                "{id}: no visit with butyrate and a marker, the subject is left out"
            ));
        }
    }
    if study.subjects.len() < 3 {
        errors.push(format!(
            "{}: {} subjects with butyrate and a marker at one visit; at least 3 are needed",
            folder.display(),
            study.subjects.len()
        ));
    }
    if errors.is_empty() {
        Ok(study)
    } else {
        Err(StudyErrors(errors))
    }
}
