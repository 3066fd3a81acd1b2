//! The two models of each monoculture, read from their files: the one fitted here and the published one.
use holobiont::{
    compile::System,
    exchange::model::{ModelText, read_text},
    fit::{Parameter, ParameterTable, Scale},
    network::SearchScale,
};
use std::{error::Error, path::Path, sync::Arc};

/// A model of a monoculture. It offers `QUANTITY_read` for every quantity and starts from the parameters `start_QUANTITY`.
#[derive(Clone, Debug)]
pub struct BatchModel {
    /// the equations
    pub system: Arc<System>,
    /// what a fit may move, from the documented starts; empty for the published model
    pub parameters: ParameterTable,
    /// parameters that were fitted to these readings, by us or by the authors
    pub fitted: usize,
}

/// The model file and the parameter table of a species, and the model file of the published model.
type Files = (&'static str, &'static str, &'static str);

fn files(species: &str) -> Option<Files> {
    macro_rules! files {
        ($species:literal) => {
            (
                include_str!(concat!($species, "/model.toml")),
                include_str!(concat!($species, "/parameters.tsv")),
                include_str!(concat!("published/", $species, ".toml")),
            )
        };
    }
    Some(match species {
        "bh" => files!("bh"),
        "bt" => files!("bt"),
        "ri" => files!("ri"),
        _ => return None,
    })
}

fn load(text: &ModelText) -> Result<(Arc<System>, ParameterTable), Box<dyn Error>> {
    let model = read_text(text).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let rows = model.parameters.iter().filter_map(|row| {
        let (lower, upper) = (row.lower?, row.upper?);
        Some(Parameter {
            id: row.id.clone(),
            name: row.name.clone(),
            unit: row.unit.clone(),
            scale: match row.scale {
                SearchScale::Linear => Scale::Linear,
                SearchScale::Log => Scale::Log,
                SearchScale::Log10 => Scale::Log10,
                SearchScale::Logit => Scale::Logit,
            },
            lower,
            upper,
            nominal: row.value,
            estimate: true,
            prior: row.prior(),
            initialization: None,
        })
    });
    let parameters = ParameterTable {
        rows: rows.collect(),
    };
    Ok((Arc::new(model.network.compile()?), parameters))
}

/// The model that is fitted: rows of its table with bounds are searched from their values.
///
/// # Errors
/// Every error of the model's files.
pub fn ours(species: &str) -> Result<BatchModel, Box<dyn Error>> {
    let (model, table, _) = files(species).ok_or("no such species")?;
    let (system, parameters) = load(&ModelText {
        model_file: format!("{species}/model.toml").into(),
        model,
        parameters_file: format!("{species}/parameters.tsv").into(),
        parameters: Some(table),
        readme: None,
    })?;
    Ok(BatchModel {
        system,
        fitted: parameters.rows.len(),
        parameters,
    })
}

/// The published model with the values of `published_parameters.csv` in the folder.
///
/// # Errors
/// A file that cannot be read; every error of the model's files.
pub fn published(folder: &Path, species: &str) -> Result<BatchModel, Box<dyn Error>> {
    let (_, _, model) = files(species).ok_or("no such species")?;
    let path = folder.join("published_parameters.csv");
    let mut reader =
        csv::Reader::from_path(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut table = "parameterId\tvalue\n".to_string();
    let mut fitted = 0;
    // columns: species, parameter, value, min, max
    for record in reader.records() {
        let record = record?;
        if &record[0] == species {
            table += &format!("{}\t{}\n", &record[1], &record[2]);
            fitted += 1;
        }
    }
    let (system, parameters) = load(&ModelText {
        model_file: format!("published/{species}.toml").into(),
        model,
        parameters_file: path,
        parameters: Some(&table),
        readme: None,
    })?;
    Ok(BatchModel {
        system,
        parameters,
        fitted,
    })
}
