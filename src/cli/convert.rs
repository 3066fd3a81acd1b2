//! `holobiont convert`: a problem in another form.
use super::{
    Failure,
    arguments::{Convert, PetabFormat},
    terminal,
    values::{open, own_folder},
};
use crate::exchange::{
    files::{write_file, write_files},
    omex,
    petab::{self, Format, PetabVersion},
};

pub(super) fn run(command: &Convert) -> Result<(), Failure> {
    own_folder(&command.problem, &command.output)?;
    let opened = open(&command.problem)?;
    let version = match command.petab {
        PetabFormat::V1 => PetabVersion::V1,
        PetabFormat::V2 => PetabVersion::V2,
    };
    let plain = command.plain;
    let converted =
        petab::convert(&opened.problem, Format { version, plain }).map_err(Failure::inputs)?;
    for warning in &converted.warnings {
        terminal::warning(&warning.to_string());
    }
    if omex::is_archive(&command.output) {
        let bytes = omex::write(&converted.files);
        return write_file(&command.output, &bytes).map_err(Failure::input);
    }
    write_files(&command.output, &converted.files).map_err(Failure::input)
}
