//! Findings and quantities, read from their tables with every error at its place.
use crate::exchange::tables::{Place, Table, TableError};
use crate::trial::Population;
use crate::units::did_you_mean;
use sha2::{Digest, Sha256};
use std::path::Path;

/// A published finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// id
    pub id: String,
    /// claim it bears upon
    pub claim: String,
    /// what was measured
    pub quantity: String,
    /// under which scenario
    pub scenario: String,
    /// against which other
    pub reference: String,
    /// kind of subject
    pub subject: String,
    /// days after the start
    pub day: f64,
    /// how the two were compared
    pub contrast: Contrast,
    /// the contrast
    pub value: f64,
    /// its 95 % interval
    pub interval: (f64, f64),
    /// unit of the contrast
    pub unit: String,
    /// whether no effect is the finding
    pub null: bool,
    /// DOI or PubMed id
    pub source: String,
}

/// How two arms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// scenario less reference
    Difference,
    /// scenario over reference
    Ratio,
    /// the scenario alone
    Level,
    /// relative change of the quantity per relative change of a faecal acid, named in the unit
    Elasticity,
    /// share of subjects, scenario less reference
    ShareDifference,
    /// odds of subjects, scenario over reference
    OddsRatio,
    /// hazards of subjects, scenario over reference
    HazardRatio,
}

impl Contrast {
    const ALL: &[(&'static str, Contrast)] = &[
        ("difference", Contrast::Difference),
        ("ratio", Contrast::Ratio),
        ("level", Contrast::Level),
        ("elasticity", Contrast::Elasticity),
        ("difference_share", Contrast::ShareDifference),
        ("odds_ratio", Contrast::OddsRatio),
        ("hazard_ratio", Contrast::HazardRatio),
    ];

    /// The contrast of a model without effects; none for a level.
    pub fn without_effect(self) -> Option<f64> {
        match self {
            Contrast::Difference | Contrast::ShareDifference | Contrast::Elasticity => Some(0.0),
            Contrast::Ratio | Contrast::OddsRatio | Contrast::HazardRatio => Some(1.0),
            Contrast::Level => None,
        }
    }

    /// Whether it is compared on logarithms.
    pub fn is_ratio(self) -> bool {
        matches!(
            self,
            Contrast::Ratio | Contrast::OddsRatio | Contrast::HazardRatio
        )
    }

    /// The word in tables.
    pub fn word(self) -> &'static str {
        let found = Contrast::ALL.iter().find(|(_, contrast)| *contrast == self);
        found.expect("all contrasts have a word").0
    }
}

impl Target {
    /// Whether nothing may be fitted to it: every null, and a third of the others by the SHA-256 digest of the id.
    pub fn held_out(&self) -> bool {
        let digest = Sha256::digest(self.id.as_bytes());
        self.null || digest[0] % 3 == 0
    }

    /// Distance of a contrast from the finding, in half-widths of its interval on that side; on logarithms for ratios.
    pub fn distance(&self, contrast: f64) -> f64 {
        let scale = |x: f64| match self.contrast.is_ratio() {
            true if x > 0.0 => x.ln(),
            true => f64::NEG_INFINITY,
            false => x,
        };
        let (value, at) = (scale(self.value), scale(contrast));
        let end = if at < value {
            self.interval.0
        } else {
            self.interval.1
        };
        let width = (scale(end) - value).abs();
        match at == value {
            true => 0.0,
            false => (at - value) / width,
        }
    }
}

/// A row of a table that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// no table
    #[error(transparent)]
    Table(#[from] TableError),
    /// a cell that makes no sense
    #[error("{place}: {message}")]
    Cell {
        /// where
        place: Place,
        /// what is wrong
        message: String,
    },
}

/// Cells of one row, by the names of their columns.
pub(super) struct Cells<'t> {
    pub table: &'t Table,
    pub row: usize,
    pub errors: &'t mut Vec<TargetError>,
}

impl Cells<'_> {
    pub fn wrong(&mut self, column: &str, message: impl Into<String>) {
        let place = self.table.place(self.row, column);
        let message = message.into();
        self.errors.push(TargetError::Cell { place, message });
    }

    pub fn text(&mut self, column: &str) -> String {
        let at = self.table.column(column).expect("columns were looked for");
        let cell = self.table.rows[self.row].cells[at].clone();
        if cell.is_empty() {
            self.wrong(column, "the cell is empty");
        }
        cell
    }

    pub fn number(&mut self, column: &str) -> f64 {
        let text = self.text(column);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ if text.is_empty() => f64::NAN,
            _ => {
                self.wrong(column, format!("`{text}` is no number"));
                f64::NAN
            }
        }
    }

    fn one_of(&mut self, column: &str, words: &[&str]) -> String {
        let text = self.text(column);
        if !text.is_empty() && !words.contains(&text.as_str()) {
            let near = did_you_mean(&text, words.iter().copied());
            let message = format!("`{text}` is none of {}{near}", words.join(", "));
            self.wrong(column, message);
        }
        text
    }
}

pub(super) fn needed(table: &Table, columns: &[&str], errors: &mut Vec<TargetError>) -> bool {
    let before = errors.len();
    for column in columns.iter().filter(|c| table.column(c).is_none()) {
        let place = Place::file(&table.file).row(1);
        let near = did_you_mean(column, table.columns.iter().map(String::as_str));
        let message = format!("the column `{column}` is missing{near}");
        errors.push(TargetError::Cell { place, message });
    }
    errors.len() == before
}

/// Reads findings; `file` is for messages.
///
/// # Errors
/// Every row without source or interval, every cell that makes no sense.
pub fn read_targets(file: &Path, text: &str) -> Result<Vec<Target>, Vec<TargetError>> {
    let table = Table::parse(file, text, b'\t').map_err(|e| vec![e.into()])?;
    let mut errors = Vec::new();
    let columns = [
        "id",
        "claim",
        "quantity",
        "scenario",
        "reference",
        "subject",
        "day",
        "contrast",
        "value",
        "lower",
        "upper",
        "level",
        "unit",
        "null",
        "doi",
    ];
    if !needed(&table, &columns, &mut errors) {
        return Err(errors);
    }
    let mut targets: Vec<Target> = Vec::new();
    for row in 0..table.rows.len() {
        let mut cells = Cells {
            table: &table,
            row,
            errors: &mut errors,
        };
        let words: Vec<&str> = Contrast::ALL.iter().map(|(word, _)| *word).collect();
        let contrast = cells.one_of("contrast", &words);
        let known = Contrast::ALL.iter().find(|(word, _)| *word == contrast);
        let target = Target {
            id: cells.text("id"),
            claim: cells.text("claim"),
            quantity: cells.text("quantity"),
            scenario: cells.text("scenario"),
            reference: cells.text("reference"),
            subject: cells.one_of(
                "subject",
                &["healthy", "susceptible", "dysbiotic", "ms", "mouse"],
            ),
            day: cells.number("day"),
            contrast: known.map_or(Contrast::Level, |(_, contrast)| *contrast),
            value: cells.number("value"),
            interval: (cells.number("lower"), cells.number("upper")),
            unit: cells.text("unit"),
            null: cells.one_of("null", &["yes", "no"]) == "yes",
            source: cells.text("doi"),
        };
        if target.day < 0.0 {
            cells.wrong("day", format!("{} lies before the start", target.day));
        }
        let (lower, upper) = target.interval;
        if lower > target.value || target.value > upper {
            let message = format!(
                "{lower} to {upper} does not hold the value {}",
                target.value
            );
            cells.wrong("lower", message);
        } else if lower == upper {
            cells.wrong("lower", "the interval has no width");
        }
        if target.contrast.is_ratio() && lower <= 0.0 {
            cells.wrong("lower", format!("a ratio of {lower} has no logarithm"));
        }
        if cells.number("level") != 0.95 {
            cells.wrong("level", "intervals of 95 % (0.95) are needed");
        }
        if targets.iter().any(|other| other.id == target.id) {
            cells.wrong("id", format!("`{}` stands twice", target.id));
        }
        targets.push(target);
    }
    match errors.is_empty() {
        true => Ok(targets),
        false => Err(errors),
    }
}

/// What of a model stands for a quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// the quantity of the findings
    pub id: String,
    /// a state or observable
    pub of: String,
    /// what its value is multiplied by to come to the unit of the findings
    pub factor: f64,
}

/// The quantities that a model has, and the parameters that are moved together to see an elasticity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantities {
    /// quantities
    pub list: Vec<Quantity>,
    /// parameters that move faecal acids
    pub moved: Vec<String>,
    /// how much those differ within a subject, standard deviation of the logarithm
    pub moved_spread: f64,
    /// how much faecal acids are measured to differ within a subject: acid, standard deviation of the logarithm
    pub measured: Vec<(String, f64)>,
    /// virtual subjects, for findings about shares of subjects; without them the model cannot speak of these
    pub population: Option<Population>,
}

/// Reads quantities (columns `quantity`, `of`, `factor`). The row `moved` names the parameters of elasticities, separated by spaces, with their
/// standard deviation within a subject (of the logarithm) as factor; a row `measured` has that of a faecal acid as it is measured.
///
/// # Errors
/// Every cell that makes no sense.
pub fn read_quantities(file: &Path, text: &str) -> Result<Quantities, Vec<TargetError>> {
    let table = Table::parse(file, text, b'\t').map_err(|e| vec![e.into()])?;
    let mut errors = Vec::new();
    if !needed(&table, &["quantity", "of", "factor"], &mut errors) {
        return Err(errors);
    }
    let mut quantities = Quantities::default();
    for row in 0..table.rows.len() {
        let mut cells = Cells {
            table: &table,
            row,
            errors: &mut errors,
        };
        let (id, of) = (cells.text("quantity"), cells.text("of"));
        let factor = cells.number("factor");
        if id == "moved" {
            quantities.moved = of.split_whitespace().map(str::to_owned).collect();
            quantities.moved_spread = factor;
        } else if id == "measured" {
            quantities.measured.push((of, factor));
        } else if quantities.list.iter().any(|known| known.id == id) {
            cells.wrong("quantity", format!("`{id}` stands twice"));
        } else {
            quantities.list.push(Quantity { id, of, factor });
        }
    }
    match errors.is_empty() {
        true => Ok(quantities),
        false => Err(errors),
    }
}
