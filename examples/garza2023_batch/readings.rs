//! The readings of one species in its batches: which are used, where the experiments start, how wide each quantity ranges.
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::Path,
};

/// A species: its file, the experiments and the quantities that the published model was fitted to.
#[derive(Clone, Copy, Debug)]
pub struct Monoculture {
    /// name of its file
    pub id: &'static str,
    /// name for people
    pub name: &'static str,
    /// experiments, in the order of the tables
    pub experiments: [&'static str; 3],
    /// quantities, in the order of the tables
    pub quantities: &'static [&'static str],
}

/// The three monocultures.
pub const MONOCULTURES: [Monoculture; 3] = [
    Monoculture {
        id: "bh",
        name: "Blautia hydrogenotrophica",
        experiments: ["bhbt", "bhri", "bhbtri"],
        quantities: &[
            "live",
            "dead",
            "pH",
            "trehalose",
            "pyruvate",
            "glucose",
            "lactate",
            "acetate",
        ],
    },
    Monoculture {
        id: "bt",
        name: "Bacteroides thetaiotaomicron",
        experiments: ["bhbt", "btri", "bhbtri"],
        quantities: &[
            "live",
            "dead",
            "pH",
            "pyruvate",
            "glucose",
            "lactate",
            "acetate",
            "formate",
            "succinate",
        ],
    },
    Monoculture {
        id: "ri",
        name: "Roseburia intestinalis",
        experiments: ["bhri", "btri", "bhbtri"],
        quantities: &[
            "live", "dead", "pH", "pyruvate", "glucose", "lactate", "acetate", "butyrate",
        ],
    },
];

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// index into the experiments
    pub experiment: usize,
    /// index into the quantities
    pub quantity: usize,
    /// hours
    pub time: f64,
    /// mM, 1e8 cells/ml or pH
    pub value: f64,
}

/// The readings of a monoculture.
#[derive(Clone, Debug)]
pub struct Readings {
    /// whose they are
    pub of: Monoculture,
    /// by experiment, time and quantity
    pub readings: Vec<Reading>,
    /// mean over vessels at time 0: experiments x quantities
    pub starts: Vec<Vec<f64>>,
    /// largest minus smallest reading of each quantity, its weight
    pub ranges: Vec<f64>,
    /// faults of the file
    pub faults: Vec<String>,
}

/// Values of one quantity in one experiment, by vessel and time as they are written.
type Series = BTreeMap<(String, String), String>;

/// Reads `SPECIES.csv` of a folder.
///
/// # Errors
/// A file that cannot be read, a value that is no number, a quantity without a reading at time 0.
pub fn read(folder: &Path, of: Monoculture) -> Result<Readings, Box<dyn Error>> {
    let path = folder.join(format!("{}.csv", of.id));
    let at = |row: usize, message: String| format!("{}: row {row}: {message}", path.display());
    let mut reader =
        csv::Reader::from_path(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|h| h == name);
        found.ok_or_else(|| format!("{}: no column `{name}`", path.display()))
    };
    let [quantity, experiment, replicate, time, value] = [
        column("quantity")?,
        column("experiment")?,
        column("replicate")?,
        column("time")?,
        column("value")?,
    ];
    let mut all: BTreeMap<(String, String), Series> = BTreeMap::new();
    let mut readings = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let (record, row) = (record?, index + 2);
        let cell = |column: usize| record[column].to_string();
        let number = |column: usize| -> Result<f64, String> {
            let number = record[column].trim().parse::<f64>().ok();
            let finite = number.filter(|number| number.is_finite());
            finite.ok_or_else(|| at(row, format!("`{}` is not a number", &record[column])))
        };
        all.entry((cell(experiment), cell(quantity)))
            .or_default()
            .insert((cell(replicate), cell(time)), cell(value));
        let used = (
            of.experiments
                .iter()
                .position(|e| *e == &record[experiment]),
            of.quantities.iter().position(|q| *q == &record[quantity]),
        );
        if let (Some(experiment), Some(quantity)) = used {
            readings.push(Reading {
                experiment,
                quantity,
                time: number(time)?,
                value: number(value)?,
            });
        }
    }
    let copied = copies(&all);
    readings.retain(|reading| {
        let of = |(experiment, quantity): &(String, String)| {
            of.experiments[reading.experiment] == experiment
                && of.quantities[reading.quantity] == quantity
        };
        !copied.iter().any(|copy| of(&copy.0) || of(&copy.1))
    });
    readings.sort_by(|a, b| {
        let key = |r: &Reading| (r.experiment, r.quantity);
        a.experiment
            .cmp(&b.experiment)
            .then(a.time.total_cmp(&b.time))
            .then(key(a).cmp(&key(b)))
    });
    let faults = copied
        .iter()
        .map(|((experiment, a), (_, b))| {
            let used = if of.experiments.contains(&experiment.as_str()) {
                "both are left out"
            } else {
                "left out, as the whole experiment is"
            };
            format!(
                "experiment `{experiment}`: `{a}` and `{b}` are the same, value by value; {used}"
            )
        })
        .collect();
    let values = |quantity: usize| readings.iter().filter(move |r| r.quantity == quantity);
    let mut starts = vec![vec![0.0; of.quantities.len()]; of.experiments.len()];
    for (e, starts) in starts.iter_mut().enumerate() {
        for (q, start) in starts.iter_mut().enumerate() {
            let first: Vec<f64> = values(q)
                .filter(|r| r.experiment == e && r.time == 0.0)
                .map(|r| r.value)
                .collect();
            if first.is_empty() {
                let (experiment, quantity) = (of.experiments[e], of.quantities[q]);
                return Err(format!(
                    "{}: `{quantity}` has no reading at time 0 in `{experiment}`",
                    path.display()
                )
                .into());
            }
            *start = first.iter().sum::<f64>() / first.len() as f64;
        }
    }
    let ranges = (0..of.quantities.len())
        .map(|q| {
            let largest = values(q).map(|r| r.value).fold(f64::NEG_INFINITY, f64::max);
            let smallest = values(q).map(|r| r.value).fold(f64::INFINITY, f64::min);
            largest - smallest
        })
        .collect();
    Ok(Readings {
        of,
        readings,
        starts,
        ranges,
        faults,
    })
}

/// Pairs of quantities of one experiment that are identical and not constant: one was copied over the other.
fn copies(all: &BTreeMap<(String, String), Series>) -> Vec<((String, String), (String, String))> {
    let mut found = Vec::new();
    for (number, (a, first)) in all.iter().enumerate() {
        for (b, second) in all.iter().skip(number + 1) {
            let distinct: BTreeSet<&String> = first.values().collect();
            if a.0 == b.0 && distinct.len() > 1 && first == second {
                found.push((a.clone(), b.clone()));
            }
        }
    }
    found
}
