//! Every model that ships against the reference trajectories in its folder.
use holobiont::compile::System;
use holobiont::exchange::{expected, model};
use holobiont::models;
use holobiont::solve::Tolerances;
use std::path::{Path, PathBuf};

/// Ten times looser than that of the tables, so that two sequences of steps are compared; what [`expected::compare`] allows, 1e-6 of
/// the size of a state, is a thousand times the error of a step. At 1e-8 one table is missed by a tenth: in `colon_3` of `kettle2015` a step
/// across a bend of the rates has an error of 1.1e-6 there, of 3e-9 at 1e-9.
const USUAL: Tolerances = Tolerances {
    relative: 1e-9,
    absolute: 1e-13,
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models")
        .join(name)
}

/// All that is wrong with the tables of a model.
fn faults(name: &str) -> Vec<String> {
    let folder = folder(name);
    let model = model::read(&folder).expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    let system = System::compile(&equations).expect("a system");
    let scenarios = match expected::scenarios(&model, &folder) {
        Ok(scenarios) => scenarios,
        Err(errors) => return errors.iter().map(|e| e.to_string()).collect(),
    };
    let mut faults: Vec<String> = (expected::stale(&folder, &scenarios).iter())
        .map(|file| format!("{}: no scenario has this table", file.display()))
        .collect();
    for scenario in scenarios {
        let file = expected::file(&folder, scenario);
        match expected::compare(&model, &system, scenario, &file, Some(USUAL)) {
            Ok(differences) => faults.extend(differences.iter().map(|d| d.to_string())),
            Err(error) => faults.push(error.to_string()),
        }
    }
    faults
}

#[test]
fn every_model_follows_its_reference_trajectories() {
    let mut all = Vec::new();
    for name in models::names() {
        assert!(
            folder(name).join(expected::FOLDER).is_dir(),
            "{name} has no folder of expected results"
        );
        all.extend(faults(name));
    }
    let count = all.len();
    all.truncate(20);
    assert!(
        all.is_empty(),
        "{count} differences; if the model was meant to change, `holobiont models expected models/NAME --force` writes the tables anew:\n{}",
        all.join("\n")
    );
}

#[test]
fn every_folder_of_a_model_is_a_model_that_ships() {
    let folders = std::fs::read_dir(folder("")).expect("the folder of models");
    let folders = folders.map(|entry| entry.expect("an entry").path());
    for path in folders.filter(|path| path.is_dir()) {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(models::names().contains(&name.as_str()), "{name}");
    }
}
