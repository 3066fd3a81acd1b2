//! Tab- and comma-separated tables with the place of every cell, and a writer whose bytes depend on nothing but the cells.
//!
//! What the columns of a PEtab problem mean lives in [`crate::exchange::petab`]; here a table is text with places.
pub use crate::units::number_text;
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
    ///
    /// # Errors
    /// The first fault.
    pub fn read(file: &Path) -> Result<Self, TableError> {
        strict(|faults| Self::read_recoverable(file, faults))
    }

    /// Reads a file as far as it can be read; rows that cannot are left out and noted.
    pub fn read_recoverable(file: &Path, faults: &mut Vec<TableError>) -> Option<Self> {
        let text = match fs::read(file).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                faults.push(TableError::Malformed {
                    place: Place::file(file),
                    message: format!("not UTF-8 text (byte {at})"),
                });
                return None;
            }
            Err(source) => {
                let file = file.to_owned();
                faults.push(TableError::Unreadable { file, source });
                return None;
            }
        };
        let delimiter = if file
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
        {
            b','
        } else {
            b'\t'
        };
        Self::parse_recoverable(file, &text, delimiter, faults)
    }

    /// Reads text; `file` is for messages.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(file: &Path, text: &str, delimiter: u8) -> Result<Self, TableError> {
        strict(|faults| Self::parse_recoverable(file, text, delimiter, faults))
    }

    /// Reads text as far as it can be read; rows that cannot are left out and noted.
    pub fn parse_recoverable(
        file: &Path,
        text: &str,
        delimiter: u8,
        faults: &mut Vec<TableError>,
    ) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
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
        let mut lines = Lines::new(text);
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let row = error.position().map(|p| lines.line(p.byte() as usize));
                    faults.push(malformed(row, error.to_string()));
                    return None;
                }
            };
            // the reader counts a record from the end of the one before; blank lines in between belong to neither
            let number = record
                .position()
                .map_or(0, |p| lines.line(p.byte() as usize));
            if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
                let message =
                    "a quoted cell goes on in the next line; is a quotation mark not closed?";
                faults.push(malformed(Some(number), message.to_owned()));
                continue;
            }
            let mut cells: Vec<String> = record.iter().map(|c| c.trim().to_owned()).collect();
            if columns.is_empty() {
                match header(cells) {
                    Ok(names) => columns = names,
                    Err(message) => {
                        faults.push(malformed(Some(number), message));
                        return None;
                    }
                }
                continue;
            }
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if cells.len() > columns.len() && cells[columns.len()..].iter().any(|c| !c.is_empty()) {
                let (found, wanted) = (cells.len(), columns.len());
                let message = format!("{found} cells, but the header has {wanted} columns");
                faults.push(malformed(Some(number), message));
                continue;
            }
            cells.resize(columns.len(), String::new());
            rows.push(Row { number, cells });
        }
        if columns.is_empty() {
            if faults.is_empty() {
                let message = "the file is empty; a header row is expected";
                faults.push(malformed(None, message.to_owned()));
            }
            return None;
        }
        Some(Self {
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

/// The table, or the first fault.
fn strict(read: impl FnOnce(&mut Vec<TableError>) -> Option<Table>) -> Result<Table, TableError> {
    let mut faults = Vec::new();
    let table = read(&mut faults);
    match faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(table.expect("a table without faults is read")),
    }
}

/// The names of the columns; separators at the end of the line make none.
fn header(mut cells: Vec<String>) -> Result<Vec<String>, String> {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    for (i, column) in cells.iter().enumerate() {
        if column.is_empty() {
            return Err(format!("column {} has no name", i + 1));
        }
        if cells[..i].contains(column) {
            return Err(format!("the column `{column}` stands twice in the header"));
        }
    }
    Ok(cells)
}

/// Counts lines on the way through a text; a line ends with `\n`, `\r\n` or `\r`.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    ended: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            ended: 0,
        }
    }

    /// Line of the first character at or after a byte that does not end a line. Bytes must be asked for in ascending order.
    fn line(&mut self, byte: usize) -> usize {
        while let Some(&b) = self.bytes.get(self.at)
            && (self.at < byte || b == b'\n' || b == b'\r')
        {
            let next = self.bytes.get(self.at + 1);
            self.ended += usize::from(b == b'\n' || b == b'\r' && next != Some(&b'\n'));
            self.at += 1;
        }
        1 + self.ended
    }
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
        let old_mac = Table::parse("x.tsv".as_ref(), "a\tb\r1\t2\r\r3\t4", b'\t').unwrap();
        let numbers: Vec<usize> = old_mac.rows.iter().map(|r| r.number).collect();
        assert_eq!(numbers, [2, 4]);
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        let error = Table::parse("x.tsv".as_ref(), text, b'\t').unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn an_open_quotation_mark_swallows_no_rows() {
        refused(
            "a\tb\n1\t\"2\n3\t4\n",
            "x.tsv, row 2: a quoted cell goes on in the next line; is a quotation mark not closed?",
        );
        refused(
            "a\tb\n1\t\"\n\n",
            "x.tsv, row 2: a quoted cell goes on in the next line; is a quotation mark not closed?",
        );
    }

    #[test]
    fn separators_after_the_header_make_no_columns_and_other_columns_have_names() {
        let table = Table::parse("x.tsv".as_ref(), "a\tb\t\t\n1\t2\t\t\n", b'\t').unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        refused("\ta\n0\t1\n", "x.tsv, row 1: column 1 has no name");
        refused(
            "a\t\n0\t1\n",
            "x.tsv, row 2: 2 cells, but the header has 1 columns",
        );
    }

    #[test]
    fn short_rows_are_filled_and_long_rows_refused() {
        let table = Table::parse("x.tsv".as_ref(), "a\tb\tc\n1\n", b'\t').unwrap();
        assert_eq!(table.rows[0].cells, ["1", "", ""]);
        refused(
            "a\tb\n1\t2\t3\n",
            "x.tsv, row 2: 3 cells, but the header has 2 columns",
        );
    }

    #[test]
    fn a_repeated_column_is_an_error() {
        refused(
            "a\ta\n",
            "x.tsv, row 1: the column `a` stands twice in the header",
        );
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
