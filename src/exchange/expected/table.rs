//! A reference trajectory as a table.
use super::{ExpectedError, Trajectory};
use crate::{
    exchange::tables::{Place, Table, TableWriter, number_text},
    solve::Tolerances,
};
use std::path::Path;

/// How the first line begins.
pub(super) const MARK: &str = "# reference trajectory:";

/// Ten significant digits: an error of 5e-11, below that of the solve.
fn digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    number_text(rounded)
}

pub(super) fn text(trajectory: &Trajectory, time_unit: Option<&str>) -> String {
    let Tolerances { relative, absolute } = trajectory.tolerances;
    let unit = time_unit.unwrap_or("no declared unit");
    let columns = std::iter::once("time").chain(trajectory.states.iter().map(String::as_str));
    let mut writer = TableWriter::tsv(&columns.collect::<Vec<_>>());
    for (time, values) in trajectory.times.iter().zip(&trajectory.values) {
        let cells = std::iter::once(time).chain(values);
        writer.row(cells.map(|value| digits(*value)));
    }
    let table = writer.finish();
    format!("{MARK} rtol {relative:e}, atol {absolute:e}, time in {unit}\n{table}")
}

/// The tolerances of the first line.
fn tolerances(line: &str) -> Option<Tolerances> {
    let parts = line.strip_prefix(MARK)?.split(',').map(str::trim);
    let number = |name: &str| {
        let mut found = parts.clone().filter_map(|part| part.strip_prefix(name));
        let value: f64 = found.next()?.trim().parse().ok()?;
        (value > 0.0 && value.is_finite()).then_some(value)
    };
    Some(Tolerances {
        relative: number("rtol")?,
        absolute: number("atol")?,
    })
}

pub(super) fn read(file: &Path) -> Result<Trajectory, ExpectedError> {
    let text = std::fs::read_to_string(file).map_err(|source| ExpectedError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    let first = text.lines().next().unwrap_or("");
    let tolerances = tolerances(first).ok_or_else(|| ExpectedError::NoTolerance {
        file: file.to_owned(),
    })?;
    // a blank first line keeps the numbers of the rows
    let table = Table::parse(file, &text[first.len()..], b'\t')?;
    let wrong = |problem| ExpectedError::Times {
        file: file.to_owned(),
        problem,
    };
    let states = match table.columns.split_first() {
        Some((time, states)) if time == "time" => states.to_vec(),
        _ => return Err(wrong("the first column is not `time`")),
    };
    let mut times = Vec::new();
    let mut values = Vec::new();
    for row in &table.rows {
        let mut numbers = Vec::new();
        for (cell, column) in row.cells.iter().zip(&table.columns) {
            let number = cell.parse().ok().filter(|x: &f64| x.is_finite());
            numbers.push(number.ok_or_else(|| ExpectedError::Number {
                place: Place::file(file).row(row.number).column(column),
                text: cell.clone(),
            })?);
        }
        times.push(numbers.remove(0));
        values.push(numbers);
    }
    if times.is_empty() {
        return Err(wrong("the table has no rows"));
    }
    if times.windows(2).any(|pair| pair[1] <= pair[0]) {
        return Err(wrong("the times do not ascend"));
    }
    Ok(Trajectory {
        tolerances,
        times,
        states,
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_with_ten_digits() {
        let trajectory = Trajectory {
            tolerances: Tolerances {
                relative: 1e-10,
                absolute: 1e-14,
            },
            times: vec![0.0, 2.5],
            states: vec!["A".to_owned()],
            values: vec![vec![1.0 / 3.0], vec![6.02214076e23]],
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tsv");
        std::fs::write(&file, text(&trajectory, Some("d"))).unwrap();
        let read = read(&file).unwrap();
        assert_eq!(read.tolerances, trajectory.tolerances);
        assert_eq!(read.values, [[0.3333333333], [6.02214076e23]]);
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_with_file_row_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tsv");
        let table = format!("{MARK} rtol 1e-10, atol 1e-14\ntime\tA\n0\t1\n1\tx\n");
        std::fs::write(&file, table).unwrap();
        let error = read(&file).unwrap_err().to_string();
        assert!(error.contains("a.tsv, row 4, column A: `x`"), "{error}");
    }
}
