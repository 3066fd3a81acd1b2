//! The models that ship inside the crate: the files of the folder `models`, embedded.
use super::{Model, ModelError, ModelText, base::Texts, read_text};
use std::path::PathBuf;

/// The embedded texts of one model.
struct Embedded {
    name: &'static str,
    model: &'static str,
    parameters: &'static str,
    readme: &'static str,
}

macro_rules! embedded {
    ($name:literal) => {
        Embedded {
            name: $name,
            model: include_str!(concat!("../../../models/", $name, "/model.toml")),
            parameters: include_str!(concat!("../../../models/", $name, "/parameters.tsv")),
            readme: include_str!(concat!("../../../models/", $name, "/README.md")),
        }
    };
}

const MODELS: &[Embedded] = &[
    embedded!("alexander2010"),
    embedded!("baker2013"),
    embedded!("chemostat"),
    embedded!("gut_ms"),
    embedded!("gut_ms_community"),
    embedded!("gut_ms_core"),
    embedded!("gut_ms_passive"),
    embedded!("gut_ms_reverse"),
    embedded!("gut_scfa"),
    embedded!("islam2021"),
    embedded!("kettle2015"),
    embedded!("reynolds2006"),
    embedded!("stein2013"),
];

/// Published findings and what stands for their quantities: `targets.tsv`, `quantities.tsv`.
const GUT_MS_FINDINGS: [&str; 2] = [
    include_str!("../../../models/gut_ms/targets.tsv"),
    include_str!("../../../models/gut_ms/quantities.tsv"),
];

/// Models with published findings; rivals answer to those of the model they question.
const SCORECARDS: &[(&str, [&str; 2])] = &[
    ("gut_ms", GUT_MS_FINDINGS),
    ("gut_ms_passive", GUT_MS_FINDINGS),
    ("gut_ms_reverse", GUT_MS_FINDINGS),
];

/// Further tables beside a model: its name, theirs, their text.
const TABLES: &[(&str, &str, &str)] = &[
    (
        "gut_ms",
        "claims.toml",
        include_str!("../../../models/gut_ms/claims.toml"),
    ),
    (
        "gut_ms",
        "claims.tsv",
        include_str!("../../../models/gut_ms/claims.tsv"),
    ),
    (
        "gut_ms",
        "calibration/behaviour.tsv",
        include_str!("../../../models/gut_ms/calibration/behaviour.tsv"),
    ),
    (
        "gut_ms",
        "calibration/bands.tsv",
        include_str!("../../../models/gut_ms/calibration/bands.tsv"),
    ),
];

/// The text of a table that stands beside a model: `targets.tsv`, `quantities.tsv`, `claims.toml` and what was generated from it,
/// `claims.tsv`, and the ranges over vectors that fit equally well, `calibration/bands.tsv`.
pub fn table(name: &str, file: &str) -> Option<&'static str> {
    let scorecard = SCORECARDS.iter().find(|(model, _)| *model == name);
    match (file, scorecard) {
        ("targets.tsv", Some((_, [targets, _]))) => Some(targets),
        ("quantities.tsv", Some((_, [_, quantities]))) => Some(quantities),
        _ => {
            let mut tables = TABLES.iter();
            let found = tables.find(|table| table.0 == name && table.1 == file)?;
            Some(found.2)
        }
    }
}

/// Published findings of a model and what of it stands for their quantities: the texts of `targets.tsv` and `quantities.tsv`
/// ([`crate::scorecard`]).
pub fn scorecard(name: &str) -> Option<[&'static str; 2]> {
    let found = SCORECARDS.iter().find(|(model, _)| *model == name)?;
    Some(found.1)
}

/// Models with virtual subjects and trials: name, `population.toml`, and (id, text) of each design.
type Trials = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);
const TRIALS: &[Trials] = &[(
    "gut_ms",
    include_str!("../../../models/gut_ms/population.toml"),
    &[(
        "propionate",
        include_str!("../../../models/gut_ms/trials/propionate.toml"),
    )],
)];

/// The virtual subjects of a model: the text of `population.toml` ([`crate::trial::Population`]).
pub fn population(name: &str) -> Option<&'static str> {
    let found = TRIALS.iter().find(|(model, ..)| *model == name)?;
    Some(found.1)
}

/// The trials of a model: ids and texts of the files in `trials` ([`crate::trial::Design`]).
pub fn trials(name: &str) -> &'static [(&'static str, &'static str)] {
    let found = TRIALS.iter().find(|(model, ..)| *model == name);
    found.map_or(&[], |found| found.2)
}

/// The references of all models, as BibTeX.
pub const BIBLIOGRAPHY: &str = include_str!("../../../models/references.bib");

/// Names of the models.
pub fn names() -> Vec<&'static str> {
    MODELS.iter().map(|model| model.name).collect()
}

/// Reads a model by name; `None` if there is none of that name.
///
/// ```
/// let model = holobiont::models::get("stein2013").expect("a model of this name").expect("a sound model");
/// assert_eq!(model.network.all_parameters().len(), 143);
/// ```
pub fn get(name: &str) -> Option<Result<Model, Vec<ModelError>>> {
    Some(read_text(&text(name)?))
}

/// The texts of a model.
pub(super) fn text(name: &str) -> Option<ModelText<'static>> {
    let model = MODELS.iter().find(|model| model.name == name)?;
    let folder = PathBuf::from("models").join(model.name);
    Some(ModelText {
        model_file: folder.join("model.toml"),
        model: model.model,
        parameters_file: folder.join("parameters.tsv"),
        parameters: Some(model.parameters),
        readme: Some(model.readme),
    })
}

/// Names (`NAME/FILE`) and texts of the files that make a model, its bases among them, without READMEs.
pub(crate) fn files(name: &str) -> Vec<(String, &'static str)> {
    let Some(own) = text(name) else {
        return Vec::new();
    };
    let texts = Texts::follow(&own, &mut Vec::new());
    let mut files = Vec::new();
    for (name, text) in texts.named(name) {
        files.push((format!("{name}/model.toml"), text.model));
        let table = text.parameters.unwrap_or_default();
        files.push((format!("{name}/parameters.tsv"), table));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_reads_without_error() {
        for name in names() {
            if let Err(errors) = get(name).expect("a listed model") {
                panic!(
                    "{}",
                    errors
                        .iter()
                        .map(|e| e.to_string())
                        .collect::<Vec<_>>()
                        .join("\n")
                );
            }
        }
    }
}
