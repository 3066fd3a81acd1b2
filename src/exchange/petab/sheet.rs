//! Typed cells of a table: every fault is noted with its place and reading goes on.
pub(super) use super::findings::Findings;
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    layout,
    rows::Origin,
};
use crate::{
    exchange::tables::{Place, Table, TableError},
    expr::suggest,
};
use std::{path::Path, sync::Arc};

/// A table of one kind, with the columns of its standard.
pub(super) struct Sheet {
    table: Table,
    file: Arc<Path>,
    /// columns that the standard does not know
    strange: Vec<String>,
}

impl Sheet {
    /// Reads a file and checks its header; None when a required column is missing or it is no table.
    pub fn read(
        path: &Path,
        required: &[&str],
        optional: &[&str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut sheet = Self::open(path, required, optional, findings)?;
        let known = || required.iter().chain(optional).copied();
        let columns = sheet.columns().filter(|c| !known().any(|k| k == *c));
        sheet.strange = columns.map(str::to_owned).collect();
        for column in &sheet.strange {
            let absent = known().filter(|k| sheet.table.column(k).is_none());
            let kind = PetabWarningKind::UnknownColumn {
                near: suggest(column, absent),
            };
            findings.warnings.push(PetabWarning {
                place: Place::file(path).row(1).column(column),
                kind,
            });
        }
        Some(sheet)
    }

    /// Reads a file that may have any further columns.
    pub fn read_wide(path: &Path, required: &[&str], findings: &mut Findings) -> Option<Self> {
        Self::open(path, required, &["conditionName"], findings)
    }

    fn open(
        path: &Path,
        required: &[&str],
        optional: &[&str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut faults = Vec::new();
        let table = Table::read_recoverable(path, &mut faults);
        for fault in faults {
            findings.incomplete = true;
            match fault {
                TableError::Unreadable { file, source } => {
                    findings.error(Place::file(file), PetabErrorKind::Unreadable { source });
                }
                TableError::Malformed { place, message } => {
                    findings.error(place, PetabErrorKind::NotATable { message });
                }
            }
        }
        let table = table?;
        let mut complete = true;
        for name in required {
            if table.column(name).is_none() {
                let columns = table.columns.iter().map(String::as_str);
                let strange = columns.filter(|c| !required.contains(c) && !optional.contains(c));
                let kind = PetabErrorKind::MissingColumn {
                    name: (*name).to_owned(),
                    near: suggest(name, strange),
                };
                findings.error(Place::file(path).row(1), kind);
                complete = false;
            }
        }
        findings.incomplete |= !complete;
        if complete {
            layout::check(&table, findings);
        }
        complete.then(|| Self {
            file: Arc::from(path),
            table,
            strange: Vec::new(),
        })
    }

    /// Names of the columns, in their order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.table.columns.iter().map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.table.rows.len()
    }

    pub fn origin(&self, row: usize) -> Origin {
        Origin::at(self.file.clone(), self.table.rows[row].number)
    }

    pub fn place(&self, row: usize, column: &str) -> Place {
        self.table.place(row, column)
    }

    /// Text of a cell, None when it is empty or the column is absent.
    pub fn text(&self, row: usize, column: &str) -> Option<&str> {
        let column = self.table.column(column)?;
        Some(self.table.rows[row].cells[column].as_str()).filter(|t| !t.is_empty())
    }

    /// Text of a cell that must not be empty.
    pub fn required(&self, row: usize, column: &str, findings: &mut Findings) -> Option<String> {
        let text = self.text(row, column).map(str::to_owned);
        if text.is_none() {
            self.missing(row, column, findings);
        }
        text
    }

    /// Notes that a cell is empty, or that its column is not there.
    pub fn missing(&self, row: usize, column: &str, findings: &mut Findings) {
        if self.table.column(column).is_some() {
            findings.error(self.place(row, column), PetabErrorKind::MissingValue);
            return;
        }
        let name = column.to_owned();
        let near = suggest(column, self.strange.iter().map(String::as_str));
        let kind = PetabErrorKind::MissingColumn { name, near };
        findings.error(Place::file(&self.table.file).row(1), kind);
    }

    /// Whether the header has a column.
    pub fn has(&self, column: &str) -> bool {
        self.table.column(column).is_some()
    }

    /// Notes what is read, but not by the letter of the standard.
    pub fn not_standard(&self, row: usize, column: &str, what: &str, findings: &mut Findings) {
        let what = what.to_owned();
        let kind = PetabWarningKind::NotStandard { what };
        let place = self.place(row, column);
        findings.warnings.push(PetabWarning { place, kind });
    }

    /// An identifier that must not be empty.
    pub fn id(&self, row: usize, column: &str, findings: &mut Findings) -> Option<String> {
        let text = self.required(row, column, findings)?;
        self.check_id(row, column, &text, findings).then_some(text)
    }

    /// An identifier or nothing.
    pub fn optional_id(
        &self,
        row: usize,
        column: &str,
        findings: &mut Findings,
    ) -> Option<Option<String>> {
        match self.text(row, column) {
            None => Some(None),
            Some(text) => self
                .check_id(row, column, text, findings)
                .then(|| Some(text.to_owned())),
        }
    }

    pub fn check_id(&self, row: usize, column: &str, text: &str, findings: &mut Findings) -> bool {
        if findings.reserves_words && RESERVED.contains(&text.to_ascii_lowercase().as_str()) {
            let id = text.to_owned();
            let kind = PetabErrorKind::ReservedId { id };
            findings.error(self.place(row, column), kind);
            return false;
        }
        let sound = is_id(text);
        if !sound {
            findings.error(
                self.place(row, column),
                PetabErrorKind::InvalidId {
                    id: text.to_owned(),
                },
            );
        }
        sound
    }

    /// A number, infinities included, that must be there.
    pub fn number(&self, row: usize, column: &str, findings: &mut Findings) -> Option<f64> {
        let text = self.required(row, column, findings)?;
        self.parse(row, column, &text, findings)
    }

    /// A finite number that must be there.
    pub fn finite(&self, row: usize, column: &str, findings: &mut Findings) -> Option<f64> {
        let number = self.number(row, column, findings)?;
        if number.is_infinite() {
            let text = self.text(row, column).unwrap_or_default().to_owned();
            findings.error(self.place(row, column), PetabErrorKind::NotFinite { text });
            return None;
        }
        Some(number)
    }

    /// A number or nothing; the outer None is an error.
    pub fn optional_number(
        &self,
        row: usize,
        column: &str,
        findings: &mut Findings,
    ) -> Option<Option<f64>> {
        match self.text(row, column) {
            None => Some(None),
            Some(text) => self.parse(row, column, text, findings).map(Some),
        }
    }

    pub fn parse(
        &self,
        row: usize,
        column: &str,
        text: &str,
        findings: &mut Findings,
    ) -> Option<f64> {
        let owned = || text.to_owned();
        let kind = match text.parse::<f64>() {
            Ok(number) if number.is_nan() => PetabErrorKind::NotFinite { text: owned() },
            Ok(number) if number.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) => {
                PetabErrorKind::TooLarge { text: owned() }
            }
            Ok(number) => return Some(number),
            Err(_) => PetabErrorKind::NotANumber { text: owned() },
        };
        findings.error(self.place(row, column), kind);
        None
    }

    /// One word of a list, or nothing.
    pub fn word(
        &self,
        row: usize,
        column: &str,
        words: &'static [&'static str],
        findings: &mut Findings,
    ) -> Option<Option<&'static str>> {
        let Some(text) = self.text(row, column) else {
            return Some(None);
        };
        match words.iter().find(|w| **w == text) {
            Some(word) => Some(Some(word)),
            None => {
                let kind = PetabErrorKind::NotOneOf {
                    text: text.to_owned(),
                    expected: words,
                };
                findings.error(self.place(row, column), kind);
                None
            }
        }
    }

    /// Cells of a list that is separated by semicolons.
    pub fn list(&self, row: usize, column: &str) -> Vec<String> {
        self.text(row, column).map_or(Vec::new(), |t| {
            t.split(';').map(|p| p.trim().to_owned()).collect()
        })
    }
}

/// Words that no id may be, in small letters: constants, `time`, the functions of PEtab's mathematics.
const RESERVED: [&str; 41] = [
    "true",
    "false",
    "inf",
    "time",
    "nan",
    "pow",
    "exp",
    "sqrt",
    "log",
    "ln",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "arcsin",
    "arccos",
    "arctan",
    "arccot",
    "arcsec",
    "arccsc",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "sech",
    "csch",
    "arcsinh",
    "arccosh",
    "arctanh",
    "arccoth",
    "arcsech",
    "arccsch",
    "piecewise",
    "abs",
    "sign",
    "min",
    "max",
];

/// Whether a text is an identifier of the PEtab standard.
pub(super) fn is_id(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
