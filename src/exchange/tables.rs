//! Tab- and comma-separated tables with the place of every cell, and a writer whose bytes depend on nothing but the cells.
//!
//! What the columns of a PEtab problem mean lives in [`crate::exchange::petab`]; here a table is text with places.
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where something stands: file, row (as an editor counts lines, the header is row 1) and column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// the file
    pub file: PathBuf,
    /// row, counted from 1 (the header)
    pub row: Option<usize>,
    /// name of the column
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            row: None,
            column: None,
        }
    }

    /// The same place in another row.
    pub fn row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// The same place in another column.
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

/// A table that could not be read as one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file is not there or cannot be read.
    #[error("{}: cannot be read: {source}", .file.display())]
    Unreadable {
        /// the file
        file: PathBuf,
        /// what the operating system said
        source: io::Error,
    },
    /// Not a table.
    #[error("{place}: {message}")]
    Malformed {
        /// where
        place: Place,
        /// what is wrong
        message: String,
    },
}

/// One row: its number in the file and its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// as an editor counts
    pub number: usize,
    /// trimmed text, one per column
    pub cells: Vec<String>,
}

/// A table in memory.
///
/// ```
/// use holobiont::exchange::tables::Table;
/// let table = Table::parse("doses.tsv".as_ref(), "time\tvalue\n0\t1.5\n", b'\t').unwrap();
/// let value = table.column("value").unwrap();
/// assert_eq!(table.rows[0].cells[value], "1.5");
/// assert_eq!(table.place(0, "value").to_string(), "doses.tsv, row 2, column value");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// where it came from
    pub file: PathBuf,
    /// header, in file order
    pub columns: Vec<String>,
    /// rows below the header; blank lines are left out
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads a file; `.csv` is separated by commas, everything else by tabs.
    pub fn read(file: &Path) -> Result<Self, TableError> {
        let bytes = fs::read(file).map_err(|source| TableError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        let text = String::from_utf8(bytes).map_err(|error| TableError::Malformed {
            place: Place::file(file),
            message: format!("not UTF-8 text (byte {})", error.utf8_error().valid_up_to()),
        })?;
        let delimiter = if file
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
        {
            b','
        } else {
            b'\t'
        };
        Self::parse(file, &text, delimiter)
    }

    /// Reads text; `file` is for messages.
    pub fn parse(file: &Path, text: &str, delimiter: u8) -> Result<Self, TableError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let malformed = |row: Option<usize>, message: String| TableError::Malformed {
            place: Place {
                file: file.to_owned(),
                row,
                column: None,
            },
            message,
        };
        let mut columns: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let row = error
                    .position()
                    .map(|p| line_number(text, p.byte() as usize));
                malformed(row, error.to_string())
            })?;
            // the reader counts a record from the end of the one before; blank lines in between belong to neither
            let number = record
                .position()
                .map_or(0, |p| line_number(text, p.byte() as usize));
            let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if columns.is_empty() {
                for (i, column) in cells.iter().enumerate() {
                    if !column.is_empty() && cells[..i].contains(column) {
                        return Err(malformed(
                            Some(number),
                            format!("the column `{column}` stands twice in the header"),
                        ));
                    }
                }
                columns = cells;
                continue;
            }
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if cells.len() > columns.len() && cells[columns.len()..].iter().any(|c| !c.is_empty()) {
                return Err(malformed(
                    Some(number),
                    format!(
                        "{} cells, but the header has {} columns",
                        cells.len(),
                        columns.len()
                    ),
                ));
            }
            cells.resize(columns.len(), String::new());
            rows.push(Row { number, cells });
        }
        if columns.is_empty() {
            return Err(malformed(
                None,
                "the file is empty; a header row is expected".to_owned(),
            ));
        }
        Ok(Self {
            file: file.to_owned(),
            columns,
            rows,
        })
    }

    /// Position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// Place of a cell, for messages.
    pub fn place(&self, row: usize, column: &str) -> Place {
        Place::file(&self.file)
            .row(self.rows[row].number)
            .column(column)
    }
}

/// Line of the first character at or after a byte that does not end a line.
fn line_number(text: &str, byte: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = byte.min(bytes.len());
    while at < bytes.len() && (bytes[at] == b'\n' || bytes[at] == b'\r') {
        at += 1;
    }
    1 + bytes[..at].iter().filter(|&&b| b == b'\n').count()
}

/// A number as the tables carry it: the shortest text that reads back to the same bits; `inf`, `-inf`, `nan`.
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Builds the text of a table, row by row.
#[derive(Clone, Debug)]
pub struct TableWriter {
    delimiter: char,
    width: usize,
    text: String,
}

impl TableWriter {
    /// Tab-separated, as PEtab wants it.
    pub fn tsv(columns: &[&str]) -> Self {
        Self::new(columns, '\t')
    }

    /// Comma-separated, as spreadsheets want it.
    pub fn csv(columns: &[&str]) -> Self {
        Self::new(columns, ',')
    }

    fn new(columns: &[&str], delimiter: char) -> Self {
        let mut writer = Self {
            delimiter,
            width: columns.len(),
            text: String::new(),
        };
        writer.row(columns.iter().map(|c| (*c).to_owned()));
        writer
    }

    /// Adds one row; it must have as many cells as the header.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut width = 0;
        for cell in cells {
            if width > 0 {
                self.text.push(self.delimiter);
            }
            width += 1;
            if cell.contains([self.delimiter, '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(&cell);
            }
        }
        assert_eq!(width, self.width, "a row has as many cells as the header");
        self.text.push('\n');
    }

    /// The text of the whole table.
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_an_editor_counts_them() {
        let table = Table::parse("x.tsv".as_ref(), "a\tb\n\n1\t2\r\n\n\n3\t4\n", b'\t').unwrap();
        let numbers: Vec<usize> = table.rows.iter().map(|r| r.number).collect();
        assert_eq!(numbers, [3, 6]);
    }

    #[test]
    fn short_rows_are_filled_and_long_rows_refused() {
        let table = Table::parse("x.tsv".as_ref(), "a\tb\tc\n1\n", b'\t').unwrap();
        assert_eq!(table.rows[0].cells, ["1", "", ""]);
        let error = Table::parse("x.tsv".as_ref(), "a\tb\n1\t2\t3\n", b'\t').unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.tsv, row 2: 3 cells, but the header has 2 columns"
        );
    }

    #[test]
    fn a_repeated_column_is_an_error() {
        let error = Table::parse("x.tsv".as_ref(), "a\ta\n", b'\t').unwrap_err();
        assert!(error.to_string().contains("`a` stands twice"), "{error}");
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for value in [
            0.1,
            1e-300,
            1e22,
            123456789.0,
            -0.0,
            5.0,
            f64::MIN_POSITIVE,
            f64::INFINITY,
        ] {
            let back: f64 = number_text(value).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{value}");
        }
        assert_eq!(number_text(5.0), "5");
    }

    #[test]
    fn cells_with_separators_are_quoted_and_read_back() {
        let mut writer = TableWriter::tsv(&["a", "b"]);
        writer.row(["x\ty".to_owned(), "say \"hi\"".to_owned()]);
        let table = Table::parse("x.tsv".as_ref(), &writer.finish(), b'\t').unwrap();
        assert_eq!(table.rows[0].cells, ["x\ty", "say \"hi\""]);
    }
}
