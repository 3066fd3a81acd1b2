//! The text of a NONMEM table as cells: separators, header, lines that are to be ignored, missing values.
//!
//! The first line of the table names the columns. Cells are separated by tabs, commas, semicolons or blanks, whichever the header has
//! first in this order; quotes protect a separator. Lines that begin with `#` or `@`, empty ones, `TABLE NO. 1` and those whose first cell
//! is the letter `C` are ignored; a header may begin with `#`. `.`, `NA` and nothing are missing values.
use super::{
    Column,
    error::{NonmemError, NonmemErrorKind},
};
use crate::{exchange::tables::Place, expr::suggest};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// A row: its number in the file and its cells.
#[derive(Debug)]
pub(super) struct Row {
    pub number: usize,
    pub cells: Vec<String>,
}

/// All rows, with the columns that have a meaning of their own.
#[derive(Debug)]
pub(super) struct Sheet {
    pub file: PathBuf,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    roles: HashMap<Column, usize>,
}

impl Sheet {
    /// Reads a text; `names` give columns of other names their meaning.
    pub fn parse(
        file: &Path,
        text: &str,
        names: &[(Column, String)],
        errors: &mut Vec<NonmemError>,
    ) -> Option<Sheet> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let header = lines.by_ref().find_map(|(_, line)| header(line));
        let Some(header) = header else {
            let place = Place::file(file);
            errors.push(NonmemError::new(place, NonmemErrorKind::NoHeader));
            return None;
        };
        let separator = Separator::of(&header);
        let columns = separator.split(&header);
        let mut rows = Vec::new();
        for (number, line) in lines {
            let ignored = line.trim().is_empty() || line.trim_start().starts_with(['#', '@']);
            if ignored
                || line
                    .trim_start()
                    .to_ascii_uppercase()
                    .starts_with("TABLE NO")
            {
                continue;
            }
            let mut cells = separator.split(line);
            if cells.first().is_some_and(|c| c.eq_ignore_ascii_case("C")) {
                continue;
            }
            // a separator at the end of a line opens no cell
            while cells.len() > columns.len() && cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
            if cells.len() != columns.len() {
                let kind = NonmemErrorKind::Cells {
                    expected: columns.len(),
                    got: cells.len(),
                };
                let place = Place::file(file).row(number);
                errors.push(NonmemError::new(place, kind));
                continue;
            }
            rows.push(Row { number, cells });
        }
        let mut sheet = Sheet {
            file: file.to_owned(),
            columns,
            rows,
            roles: HashMap::new(),
        };
        let before = errors.len();
        sheet.find_roles(names, errors);
        // without its columns every row would be at fault
        (errors.len() == before).then_some(sheet)
    }

    fn find_roles(&mut self, names: &[(Column, String)], errors: &mut Vec<NonmemError>) {
        for (column, name) in names {
            // the very name goes before one in other letters
            let mut known = self.columns.iter();
            let same = |known: &String| known.eq_ignore_ascii_case(name);
            let found = known.clone().position(|known| known == name);
            match found.or_else(|| known.position(same)) {
                Some(at) => {
                    self.roles.insert(*column, at);
                }
                None => {
                    let near = suggest(name, self.columns.iter().map(String::as_str));
                    let kind = NonmemErrorKind::NoColumn {
                        name: name.clone(),
                        near,
                    };
                    errors.push(NonmemError::new(Place::file(&self.file).row(1), kind));
                }
            }
        }
        for column in Column::ALL {
            let taken: Vec<usize> = self.roles.values().copied().collect();
            let is_it = |(at, name): &(usize, &String)| {
                name.eq_ignore_ascii_case(column.name()) && !taken.contains(at)
            };
            if self.roles.contains_key(&column) {
                continue;
            }
            let own: Vec<usize> = (self.columns.iter().enumerate().filter(is_it))
                .map(|(at, _)| at)
                .collect();
            if let Some(&at) = own.first() {
                self.roles.insert(column, at);
            }
            if own.len() > 1 {
                let kind = NonmemErrorKind::SameColumn {
                    name: column.name(),
                    columns: own.iter().map(|&at| self.columns[at].clone()).collect(),
                };
                errors.push(NonmemError::new(Place::file(&self.file).row(1), kind));
            }
        }
        for column in [Column::Id, Column::Time, Column::Dv] {
            if !self.roles.contains_key(&column) {
                let name = column.name().to_owned();
                let near = suggest(&name, self.columns.iter().map(String::as_str));
                let kind = NonmemErrorKind::NoColumn { name, near };
                errors.push(NonmemError::new(Place::file(&self.file).row(1), kind));
            }
        }
    }

    pub fn has(&self, column: Column) -> bool {
        self.roles.contains_key(&column)
    }

    /// The cell of a column with a meaning; None where it is missing.
    pub fn text(&self, row: usize, column: Column) -> Option<&str> {
        self.cell(row, *self.roles.get(&column)?)
    }

    /// A cell; None where it is missing.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let text = self.rows[row].cells[column].as_str();
        let missing = text.is_empty() || text == "." || text.eq_ignore_ascii_case("NA");
        (!missing).then_some(text)
    }

    pub fn place(&self, row: usize, column: Column) -> Place {
        let name = match self.roles.get(&column) {
            Some(&at) => self.columns[at].as_str(),
            None => column.name(),
        };
        Place::file(&self.file)
            .row(self.rows[row].number)
            .column(name)
    }

    /// Columns without a meaning of their own: covariates, where they hold numbers.
    pub fn others(&self) -> Vec<usize> {
        let taken: Vec<usize> = self.roles.values().copied().collect();
        (0..self.columns.len())
            .filter(|at| !taken.contains(at) && !self.columns[*at].eq_ignore_ascii_case("C"))
            .collect()
    }
}

/// The header, if a line is one.
fn header(line: &str) -> Option<String> {
    let bare = line.trim_start();
    if bare.is_empty() || bare.starts_with('@') || bare.to_ascii_uppercase().starts_with("TABLE NO")
    {
        return None;
    }
    match bare.strip_prefix('#') {
        None => Some(line.to_owned()),
        Some(rest) => {
            let cells = Separator::of(rest).split(rest);
            let is = |name: &str| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name));
            (is("ID") && is("TIME")).then(|| rest.to_owned())
        }
    }
}

/// What stands between cells.
#[derive(Clone, Copy)]
enum Separator {
    Character(char),
    Blanks,
}

impl Separator {
    fn of(header: &str) -> Self {
        let found = ['\t', ',', ';'].into_iter().find(|c| header.contains(*c));
        found.map_or(Self::Blanks, Self::Character)
    }

    fn split(self, line: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut quote = None;
        for c in line.trim_end_matches(['\r', '\n']).chars() {
            let separates = quote.is_none()
                && match self {
                    Self::Character(own) => c == own,
                    Self::Blanks => c.is_whitespace(),
                };
            let last = cells.len() - 1;
            match quote {
                Some(open) if c == open => quote = None,
                None if (c == '"' || c == '\'') && cells[last].trim().is_empty() => quote = Some(c),
                _ if separates => cells.push(String::new()),
                _ => cells[last].push(c),
            }
        }
        let cells = cells.into_iter().map(|cell| cell.trim().to_owned());
        match self {
            Self::Character(_) => cells.collect(),
            Self::Blanks => cells.filter(|cell| !cell.is_empty()).collect(),
        }
    }
}
