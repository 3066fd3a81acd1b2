//! The problems: which model, how far, how exactly; and their SBML texts. Also part of the build script.
//!
//! `gut40` and the PEtab benchmark model are read from the folder of public data; the chemistries are written here:
//! Robertson (1966, in Hairer and Wanner, Solving Ordinary Differential Equations II, section IV.1) and POLLU, the chemical part of
//! an air pollution model (Verwer 1994, doi:10.1137/0915076).
use holobiont::exchange::sbml::{Version, WriteOptions, write};
use holobiont::network::{Network, Parameter, Reaction, Species};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// How small a state may be before its error is no longer relative.
#[derive(Clone, Copy, Debug)]
pub enum Floor {
    /// the same number for all states
    Fixed(f64),
    /// a fraction of the largest value that the state takes, and a number below which nothing is seen
    OfLargest(f64, f64),
}

/// Where the equations come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// the yardstick, with its amplitude of meals
    Gut40(f64),
    /// Lucarelli et al. 2018 (doi:10.1016/j.cels.2017.11.010), condition model1_data3, nominal parameters
    Lucarelli,
    /// 20 species, 25 reactions
    Pollu,
    /// 3 species, 3 reactions
    Robertson,
}

/// One problem.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    /// word for files and tables
    pub name: &'static str,
    /// line for people
    pub title: &'static str,
    /// where the equations come from
    pub source: Source,
    /// last output time, in the model's unit; the first is 0
    pub end: f64,
    /// output intervals, all equal
    pub intervals: usize,
    /// output times at the start that do not count in the error
    pub skip: usize,
    /// absolute tolerance as a fraction of the relative one
    pub absolute: f64,
    /// see [`Floor`]
    pub floor: Floor,
    /// error at which programs are compared
    pub target: f64,
    /// the same for sensitivities; None: they are not measured
    pub gradient_target: Option<f64>,
}

/// All problems, in the order of the tables.
pub const PROBLEMS: [Problem; 5] = [
    Problem {
        name: "gut40_steady",
        title: "gut40 without meals, 40 states, 200 d",
        source: Source::Gut40(0.0),
        end: 200.0,
        intervals: 40,
        skip: 0,
        absolute: 1e-3,
        floor: Floor::Fixed(1e-3),
        target: 5e-6,
        gradient_target: Some(1e-5),
    },
    Problem {
        name: "gut40_meals",
        title: "gut40 with 600 meals, 40 states, 200 d",
        source: Source::Gut40(1.0),
        end: 200.0,
        intervals: 40,
        skip: 0,
        absolute: 1e-3,
        floor: Floor::Fixed(1e-3),
        target: 6.6e-6,
        gradient_target: Some(1e-5),
    },
    Problem {
        name: "lucarelli",
        title: "Lucarelli 2018, TGF-beta and SMADs, 33 species, 600 min",
        source: Source::Lucarelli,
        end: 600.0,
        intervals: 40,
        skip: 0,
        absolute: 1e-3,
        floor: Floor::OfLargest(1e-3, 1e-6),
        target: 1e-5,
        gradient_target: None,
    },
    Problem {
        name: "pollu",
        title: "POLLU, chemistry of polluted air, 20 species, 60 min",
        source: Source::Pollu,
        end: 60.0,
        intervals: 40,
        skip: 0,
        absolute: 1e-7,
        floor: Floor::OfLargest(1e-3, 1e-9),
        target: 1e-5,
        gradient_target: None,
    },
    Problem {
        name: "robertson",
        title: "Robertson's chemistry, 3 species, at 1e11 s",
        source: Source::Robertson,
        end: 1e11,
        intervals: 1,
        skip: 1,
        absolute: 1e-6,
        floor: Floor::Fixed(0.0),
        target: 1e-5,
        gradient_target: None,
    },
];

/// Parameters of gut40 that are no rates or constants of its biology: amplitudes, times and widths of meals and antibiotic.
pub const NOT_RATES: [&str; 6] = ["meal_amp", "abx_amp", "mealk", "t_abx", "d_abx", "w_abx"];

/// The number of directions of the gradients: the first rate parameters in the order of the file.
pub const DIRECTIONS: usize = 20;

/// The folder of public data: `HOLOBIONT_SHARED`, or `shared` beside the checkout.
pub fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("HOLOBIONT_SHARED").map_or_else(beside, PathBuf::from)
}

impl Problem {
    /// The model's file name: problems of one model share it.
    pub fn model(&self) -> &'static str {
        match self.source {
            Source::Gut40(_) => "gut40",
            _ => self.name,
        }
    }

    /// Parameters of the model that the problem sets.
    pub fn settings(&self) -> HashMap<String, f64> {
        match self.source {
            Source::Gut40(meals) => HashMap::from([("meal_amp".to_string(), meals)]),
            _ => HashMap::new(),
        }
    }

    /// The model as SBML, without the settings.
    pub fn text(&self) -> Result<String, Box<dyn Error>> {
        match self.source {
            Source::Gut40(_) => read(&shared().join("suites/engine/gut40.xml")),
            Source::Lucarelli => lucarelli(),
            Source::Pollu => written("pollu", &POLLU_START, &pollu_reactions()),
            Source::Robertson => written(
                "robertson",
                &[("A", 1.0), ("B", 0.0), ("C", 0.0)],
                &ROBERTSON.map(|(rate, k, change)| (rate.to_string(), k, change)),
            ),
        }
    }
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()).into())
}

/// An SBML text with other values of some of its parameters.
pub fn with_values(text: &str, values: &HashMap<String, f64>) -> String {
    let attribute = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        let length = tag[from..].find('"')?;
        Some((from, from + length))
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<parameter ") {
        let end = start + rest[start..].find('>').unwrap_or(rest.len() - start);
        let tag = &rest[start..end];
        out.push_str(&rest[..start]);
        let wanted = attribute(tag, "id").and_then(|(from, to)| values.get(&tag[from..to]));
        match (wanted, attribute(tag, "value")) {
            (Some(value), Some((from, to))) => {
                out.push_str(&format!("{}{value:?}{}", &tag[..from], &tag[to..]));
            }
            _ => out.push_str(tag),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// A table with tabs, one map a row.
fn rows(text: &str) -> Vec<HashMap<&str, &str>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines
        .map(|line| names.iter().copied().zip(line.split('\t')).collect())
        .collect()
}

fn lucarelli() -> Result<String, Box<dyn Error>> {
    let name = "Lucarelli_CellSystems2018";
    let folder = shared().join("suites/petab-benchmarks").join(name);
    let parameters = read(&folder.join(format!("parameters_{name}.tsv")))?;
    let mut values = HashMap::new();
    for row in rows(&parameters) {
        values.insert(
            row["parameterId"].to_string(),
            row["nominalValue"].parse::<f64>()?,
        );
    }
    let conditions = read(&folder.join(format!("experimentalCondition_{name}.tsv")))?;
    let condition = rows(&conditions)
        .into_iter()
        .find(|row| row["conditionId"] == "model1_data3")
        .ok_or("the condition model1_data3 is missing")?;
    for (id, value) in condition {
        if id.starts_with("init_") {
            let known = values.get(value).copied();
            values.insert(id.to_string(), known.map_or_else(|| value.parse(), Ok)?);
        }
    }
    Ok(with_values(
        &read(&folder.join(format!("model_{name}.xml")))?,
        &values,
    ))
}

/// A chemistry as SBML: of each reaction the reactants' product, the constant, and what it changes ("a b > c").
fn written(
    id: &str,
    start: &[(&str, f64)],
    reactions: &[(String, f64, &str)],
) -> Result<String, Box<dyn Error>> {
    let mut network = Network::new(id);
    for (species, value) in start {
        network.species(species, Species::new(*value))?;
    }
    for (number, (rate, constant, change)) in reactions.iter().enumerate() {
        let k = format!("k{}", number + 1);
        network.parameter(&k, Parameter::new(*constant));
        let mut reaction = Reaction::rate(format!("{k} * {rate}"));
        let (consumed, produced) = change.split_once('>').ok_or("a reaction has an arrow")?;
        for (species, count) in counted(consumed) {
            reaction = reaction.consumes(species, count);
        }
        for (species, count) in counted(produced) {
            reaction = reaction.produces(species, count);
        }
        network.reaction(&format!("r{}", number + 1), reaction)?;
    }
    let options = WriteOptions {
        version: Version::L3V1,
        ..WriteOptions::default()
    };
    Ok(write(&network, &options)?)
}

/// How often each species is named.
fn counted(side: &str) -> Vec<(&str, f64)> {
    let mut counts: Vec<(&str, f64)> = Vec::new();
    for species in side.split_whitespace() {
        match counts.iter_mut().find(|(known, _)| *known == species) {
            Some((_, count)) => *count += 1.0,
            None => counts.push((species, 1.0)),
        }
    }
    counts
}

/// Rate without its constant, constant (1/s), change.
const ROBERTSON: [(&str, f64, &str); 3] = [
    ("A", 0.04, "A > B"),
    ("B * C", 1e4, "B > A"),
    ("B ^ 2", 3e7, "B > C"),
];

const POLLU_START: [(&str, f64); 20] = [
    ("y1", 0.0),
    ("y2", 0.2),
    ("y3", 0.0),
    ("y4", 0.04),
    ("y5", 0.0),
    ("y6", 0.0),
    ("y7", 0.1),
    ("y8", 0.3),
    ("y9", 0.01),
    ("y10", 0.0),
    ("y11", 0.0),
    ("y12", 0.0),
    ("y13", 0.0),
    ("y14", 0.0),
    ("y15", 0.0),
    ("y16", 0.0),
    ("y17", 0.007),
    ("y18", 0.0),
    ("y19", 0.0),
    ("y20", 0.0),
];

/// Constant (1/min, or 1/(ppm min)) and change; all of mass action.
const POLLU: [(f64, &str); 25] = [
    (0.35, "y1 > y2 y3"),
    (26.6, "y2 y4 > y1"),
    (1.23e4, "y5 y2 > y6 y1"),
    (8.6e-4, "y7 > y5 y5 y8"),
    (8.2e-4, "y7 > y8"),
    (1.5e4, "y7 y6 > y5 y8"),
    (1.3e-4, "y9 > y10 y5 y8"),
    (2.4e4, "y9 y6 > y11"),
    (1.65e4, "y11 y2 > y1 y10 y12"),
    (9e3, "y11 y1 > y13"),
    (0.022, "y13 > y11 y1"),
    (1.2e4, "y10 y2 > y14 y1"),
    (1.88, "y14 > y7 y5"),
    (1.63e4, "y1 y6 > y15"),
    (4.8e6, "y3 > y4"),
    (3.5e-4, "y4 > y16"),
    (0.0175, "y4 > y3"),
    (1e8, "y16 > y6 y6"),
    (4.44e11, "y16 > y3"),
    (1240.0, "y17 y6 > y5 y18"),
    (2.1, "y19 > y2"),
    (5.78, "y19 > y1 y3"),
    (0.0474, "y1 y4 > y19"),
    (1780.0, "y19 y1 > y20"),
    (3.12, "y20 > y19 y1"),
];

fn pollu_reactions() -> Vec<(String, f64, &'static str)> {
    let rate = |change: &str| {
        let consumed = change.split('>').next().unwrap_or_default();
        consumed.split_whitespace().collect::<Vec<_>>().join(" * ")
    };
    POLLU
        .iter()
        .map(|(k, change)| (rate(change), *k, *change))
        .collect()
}
