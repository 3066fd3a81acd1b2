//! The YAML file of version 2, with its tables.
use super::{YAML, population, tables};
use crate::exchange::petab::{parameters::table, rows::PetabProblem, sheet::is_id};

/// Where a model stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange::petab) struct Location {
    pub language: &'static str,
    pub location: String,
}

/// Adds the tables of a problem and, last, its YAML file.
pub(in crate::exchange::petab) fn version_2(
    problem: &PetabProblem,
    models: &[Location],
    extension: bool,
    files: &mut Vec<(String, Vec<u8>)>,
) {
    let mut yaml = "format_version: 2.0.0\n".to_owned();
    if let Some(id) = &problem.id {
        yaml.push_str(&format!("id: {}\n", quoted(id)));
    }
    yaml.push_str("model_files:\n");
    for (model, place) in problem.models.iter().zip(models) {
        let id = match is_id(&model.id) {
            true => model.id.clone(),
            false => quoted(&model.id),
        };
        yaml.push_str(&format!(
            "  {id}:\n    language: {}\n    location: {}\n",
            place.language,
            quoted(&place.location)
        ));
    }
    let measurements = tables::measurements(&problem.measurements, extension);
    let all = [
        ("parameter", Some(table(&problem.parameters, extension))),
        ("observable", Some(tables::observables(problem, extension))),
        ("condition", tables::conditions(problem)),
        ("experiment", tables::experiments(problem)),
        ("measurement", Some(measurements)),
        ("mapping", tables::mappings(&problem.mappings)),
    ];
    for (kind, text) in all {
        let Some(text) = text else { continue };
        let name = match kind {
            "mapping" => "mapping.tsv".to_owned(),
            kind => format!("{kind}s.tsv"),
        };
        yaml.push_str(&format!("{kind}_files:\n- {name}\n"));
        files.push((name, text.into_bytes()));
    }
    if extension {
        yaml.push_str("extensions:\n  holobiont:\n    version: \"1\"\n    required: true\n");
        let all = [
            ("input", tables::inputs(problem)),
            ("dose", tables::doses(problem)),
        ];
        let people = population::all(&problem.population).into_iter();
        let people = people.map(|(kind, text)| (kind, Some(text)));
        for (kind, text) in all.into_iter().chain(people) {
            let Some(text) = text else { continue };
            yaml.push_str(&format!("    {kind}_files:\n    - {kind}s.tsv\n"));
            files.push((format!("{kind}s.tsv"), text.into_bytes()));
        }
    }
    files.push((YAML.to_owned(), yaml.into_bytes()));
}

/// A YAML string that cannot be taken for anything else.
pub(in crate::exchange::petab) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
