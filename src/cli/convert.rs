//! `holobiont convert`: a problem in another form.
use super::{
    Failure,
    arguments::{Convert, PetabFormat},
    terminal,
    values::own_folder,
};
use crate::exchange::{
    files::write_files,
    petab::{self, Format, PetabVersion},
};

pub(super) fn run(command: &Convert) -> Result<(), Failure> {
    own_folder(&command.problem, &command.output)?;
    let problem = petab::read(&command.problem).map_err(Failure::inputs)?;
    for warning in &problem.warnings {
        terminal::warning(&warning.to_string());
    }
    let version = match command.petab {
        PetabFormat::V1 => PetabVersion::V1,
        PetabFormat::V2 => PetabVersion::V2,
    };
    let plain = command.plain;
    let converted = petab::convert(&problem, Format { version, plain }).map_err(Failure::inputs)?;
    for warning in &converted.warnings {
        terminal::warning(&warning.to_string());
    }
    write_files(&command.output, &converted.files).map_err(Failure::input)
}
