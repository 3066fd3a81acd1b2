//! The published regression: ridge regression of log-derivatives on densities, growth and clindamycin.
use holobiont::{compile::System, fit::ridge_regression, library::LotkaVolterra};
use nalgebra::DMatrix;
use std::{error::Error, path::Path};

/// A matrix from CSV, with row labels where `labelled`.
fn matrix(path: &Path, labelled: bool) -> Result<(Vec<String>, DMatrix<f64>), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(labelled)
        .from_path(path)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    let (mut labels, mut rows) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record?;
        let skip = usize::from(labelled);
        labels.push(record[0].to_string());
        let row: Result<Vec<f64>, _> = record
            .iter()
            .skip(skip)
            .map(|x| x.trim().parse::<f64>())
            .collect();
        rows.push(
            row.map_err(|e| format!("{}: row {}: {e}", path.display(), rows.len() + 1 + skip))?,
        );
    }
    let columns = rows.first().map_or(0, Vec::len);
    Ok((
        labels,
        DMatrix::from_fn(rows.len(), columns, |i, j| rows[i][j]),
    ))
}

/// Repeats the regression from its published input and compares all coefficients with the model's parameters: (largest absolute
/// difference, number compared).
pub fn repeat(folder: &Path, system: &System) -> Result<(f64, usize), Box<dyn Error>> {
    let (affected, f) = matrix(&folder.join("regression_F.csv"), true)?;
    let (regressors, y) = matrix(&folder.join("regression_Y.csv"), true)?;
    let (_, penalty) = matrix(&folder.join("regression_penalty.csv"), false)?;
    let theta = ridge_regression(&f, &y, &penalty)?;
    let taxa = affected.len();
    let (mut worst, mut compared): (f64, usize) = (0.0, 0);
    for (i, taxon) in affected.iter().enumerate() {
        for (j, regressor) in regressors.iter().enumerate() {
            let id = match j {
                j if j < taxa => LotkaVolterra::interaction(taxon, regressor),
                j if j == taxa => LotkaVolterra::growth(taxon),
                _ => LotkaVolterra::susceptibility(taxon, "clindamycin"),
            };
            let index = system
                .parameter_index(&id)
                .ok_or_else(|| format!("the model has no parameter `{id}`"))?;
            worst = worst.max((theta[(i, j)] - system.parameters()[index]).abs());
            compared += 1;
        }
    }
    Ok((worst, compared))
}
