//! `holobiont import-nonmem`: a table of doses and readings becomes a problem.
use super::{Failure, arguments::ImportNonmem, terminal, values::own_folder};
use crate::exchange::{
    files::write_files,
    nonmem::{Column, Options, import},
};

pub(super) fn run(command: &ImportNonmem) -> Result<(), Failure> {
    own_folder(&command.data, &command.output)?;
    let options = options(command)?;
    let imported = import(&command.data, &options).map_err(Failure::inputs)?;
    for warning in &imported.warnings {
        terminal::warning(&warning.to_string());
    }
    write_files(&command.output, &imported.files).map_err(Failure::input)?;
    terminal::note(&format!(
        "{} individuals, {} experiments, {} readings and {} rows of doses in {}",
        imported.individuals,
        imported.experiments,
        imported.readings,
        imported.doses,
        command.output.join("problem.yaml").display()
    ));
    Ok(())
}

fn options(command: &ImportNonmem) -> Result<Options, Failure> {
    let pairs = |option: &str, texts: &[String]| -> Result<Vec<(String, String)>, Failure> {
        let pair = |text: &String| {
            let (left, right) = text.split_once('=').ok_or_else(|| {
                Failure::Usage(format!("{option} {text}: it has the form LEFT=RIGHT"))
            })?;
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        };
        texts.iter().map(pair).collect()
    };
    let mut columns = Vec::new();
    for (column, name) in pairs("--column", &command.column)? {
        let Some(column) = Column::named(&column) else {
            let known: Vec<&str> = Column::ALL.iter().map(|c| c.name()).collect();
            return Err(Failure::Usage(format!(
                "--column {column}={name}: `{column}` is none of {}",
                known.join(", ")
            )));
        };
        columns.push((column, name));
    }
    Ok(Options {
        model: command.model.clone(),
        compartments: command.compartments.clone(),
        observables: command.observable.clone(),
        lags: pairs("--lag", &command.lag)?,
        bioavailabilities: pairs("--bioavailability", &command.bioavailability)?,
        columns,
    })
}
