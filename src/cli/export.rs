//! `holobiont export`: a model as SBML.
use super::{
    Failure,
    arguments::{Export, LevelVersion},
    models::find,
    simulate::find_scenario,
};
use crate::exchange::{
    files::write_file,
    sbml::{SbmlWriteError, Version, WriteOptions, under_scenario, write},
};

pub(super) fn run(command: &Export) -> Result<(), Failure> {
    let model = find(&command.model)?;
    let mut notes: Vec<String> = model.description.iter().cloned().collect();
    let network = match &command.scenario {
        None => model.network,
        Some(id) => {
            let scenario = find_scenario(&model, id)?;
            let description = scenario.description.iter();
            notes.push(format!("Scenario {id}"));
            notes.extend(description.cloned());
            under_scenario(&model.network, scenario).map_err(failure)?
        }
    };
    let version = match command.level_version {
        LevelVersion::L3V1 => Version::L3V1,
        LevelVersion::L3V2 => Version::L3V2,
    };
    let options = WriteOptions { version, notes };
    let text = write(&network, &options).map_err(failure)?;
    write_file(&command.sbml, text.as_bytes()).map_err(Failure::input)
}

fn failure(error: SbmlWriteError) -> Failure {
    match error {
        SbmlWriteError::Network(errors) => Failure::inputs(errors),
        other => Failure::input(other),
    }
}
