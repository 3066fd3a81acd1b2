//! Problems and parameter values that commands are given.
use super::{Failure, terminal};
use crate::{
    exchange::{
        omex,
        petab::{self, PetabProblem},
        tables::Table,
    },
    expr::suggest,
    fit::{FitProblem, Natural},
};
use std::{fs, path::Path};

/// A problem on disk. One that came in an archive stands in a temporary folder until this is dropped.
pub(super) struct Opened {
    /// as it was read
    pub problem: PetabProblem,
    /// its warnings
    pub notices: Vec<String>,
    _folder: Option<tempfile::TempDir>,
}

/// Reads a problem, out of its archive if it stands in one, and tells its warnings.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    if omex::is_archive(path) {
        let archive = omex::read(path).map_err(Failure::input)?;
        let folder = tempfile::tempdir().map_err(Failure::input)?;
        let file = archive.unpack(folder.path()).map_err(Failure::input)?;
        // messages name the archive, not the folder that is gone when they are read
        let temporary = folder.path().display().to_string();
        let named = |text: String| text.replace(&temporary, &path.display().to_string());
        let problem = petab::read(&file).map_err(|errors| {
            Failure::inputs(errors.into_iter().map(|error| named(error.to_string())))
        })?;
        let notices = problem.warnings.iter().map(|w| named(w.to_string()));
        return Ok(told(notices.collect(), problem, Some(folder)));
    }
    let problem = petab::read(path).map_err(Failure::inputs)?;
    let notices = problem.warnings.iter().map(ToString::to_string).collect();
    Ok(told(notices, problem, None))
}

fn told(notices: Vec<String>, problem: PetabProblem, _folder: Option<tempfile::TempDir>) -> Opened {
    for notice in &notices {
        terminal::warning(notice);
    }
    Opened {
        problem,
        notices,
        _folder,
    }
}

/// Reads a problem, tells its warnings and builds it.
pub(super) fn problem(path: &Path) -> Result<(Opened, FitProblem), Failure> {
    let opened = open(path)?;
    let built = opened.problem.fit_problem().map_err(Failure::inputs)?;
    if opened.problem.is_mixed() {
        terminal::warning(
            "random effects and covariate effects are left out here: everybody has the typical parameters (`evaluate --objective` and `fit --estimator` keep them)",
        );
    }
    Ok((opened, built))
}

/// Refuses to write among the files of the problem itself, which could be replaced.
pub(super) fn own_folder(problem: &Path, output: &Path) -> Result<(), Failure> {
    let folder = problem.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
    match (folder, fs::canonicalize(output)) {
        (Ok(folder), Ok(output_folder)) if folder == output_folder => {
            Err(Failure::Input(vec![format!(
                "{}: the problem itself stands there; give --output a folder of its own",
                output.display()
            )]))
        }
        _ => Ok(()),
    }
}

/// Nominal values, replaced by those of a table with the columns `parameterId` and `nominalValue` or `value`.
pub(super) fn values(problem: &FitProblem, file: Option<&Path>) -> Result<Natural, Failure> {
    let mut natural = problem.parameters.nominal();
    let Some(file) = file else { return Ok(natural) };
    let table = Table::read(file).map_err(Failure::input)?;
    let id = table.column("parameterId");
    let column = ["nominalValue", "value"]
        .into_iter()
        .find_map(|name| table.column(name).map(|at| (at, name)));
    let (Some(id), Some((value, name))) = (id, column) else {
        let missing = if id.is_none() {
            "parameterId"
        } else {
            "nominalValue"
        };
        return Err(Failure::Input(vec![format!(
            "{}, row 1: the column `{missing}` is missing",
            file.display()
        )]));
    };
    let mut errors = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for (i, row) in table.rows.iter().enumerate() {
        let (parameter, text) = (row.cells[id].as_str(), row.cells[value].as_str());
        let Some(index) = problem.parameters.index_of(parameter) else {
            let near = suggest(
                parameter,
                problem.parameters.rows.iter().map(|p| p.id.as_str()),
            );
            let hint = near
                .first()
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            errors.push(format!(
                "{}: unknown parameter `{parameter}`{hint}",
                table.place(i, "parameterId")
            ));
            continue;
        };
        if let Some(first) = seen.insert(index, row.number) {
            errors.push(format!(
                "{}: the parameter `{parameter}` stands twice, first in row {first}",
                table.place(i, "parameterId")
            ));
            continue;
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => natural.0[index] = number,
            _ => errors.push(format!(
                "{}: `{text}` is not a finite number",
                table.place(i, name)
            )),
        }
    }
    if errors.is_empty() {
        Ok(natural)
    } else {
        Err(Failure::Input(errors))
    }
}
