//! `holobiont models`: what ships with the program.
use super::{
    Failure,
    arguments::{Models, ModelsCommand},
    terminal,
};
use crate::{
    compile::System,
    exchange::{
        files::write_file,
        model::{self, Model},
    },
    expr::suggest,
    models,
    report::{model_page, model_picture, model_text},
};
use std::path::Path;

pub(super) fn run(command: &Models) -> Result<(), Failure> {
    match &command.command {
        None => {
            let mut text = String::new();
            for name in models::names() {
                let model = find(name)?;
                let description = model
                    .description
                    .or(model.network.name.clone())
                    .unwrap_or_default();
                text.push_str(&format!("{name:<16} {description}\n"));
            }
            terminal::print(&text);
        }
        Some(ModelsCommand::Show {
            name,
            html,
            picture,
        }) => {
            let model = find(name)?;
            match (html, picture) {
                (Some(file), _) => {
                    let page = model_page(&model).map_err(Failure::inputs)?;
                    write_file(file, page.as_bytes()).map_err(Failure::input)?;
                }
                (None, Some(file)) => draw(&model, file)?,
                (None, None) => terminal::print(&model_text(&model).map_err(Failure::inputs)?),
            }
        }
        Some(ModelsCommand::Expected(command)) => super::expected::run(command)?,
    }
    Ok(())
}

/// Writes the picture of a model.
fn draw(model: &Model, file: &Path) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::input(format!(
            "{} is there already; name another file",
            file.display()
        )));
    }
    let picture = model_picture(model).map_err(Failure::inputs)?;
    let Some(picture) = picture else {
        return Err(Failure::input(format!(
            "{} has neither two modules nor two to thirty states: there is nothing to draw",
            model.network.id
        )));
    };
    write_file(file, picture.as_bytes()).map_err(Failure::input)
}

/// A model by its name in the crate or its path on disk.
pub(super) fn find(name: &str) -> Result<Model, Failure> {
    if let Some(found) = models::get(name) {
        return found.map_err(Failure::inputs);
    }
    let path = Path::new(name);
    let is_file = [".toml", ".xml", ".sbml"]
        .iter()
        .any(|end| name.ends_with(end));
    if path.exists() || is_file || name.contains(std::path::MAIN_SEPARATOR) {
        let model = model::read(path).map_err(Failure::inputs)?;
        for warning in &model.warnings {
            terminal::warning(warning);
        }
        return Ok(model);
    }
    let names = models::names();
    let near = suggest(name, names.iter().copied());
    let hint = match near.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(Failure::Input(vec![format!(
        "there is neither a model nor a file `{name}`; {hint}"
    )]))
}

/// The compiled system of a model.
pub(super) fn compile(model: &Model) -> Result<System, Failure> {
    let equations = model.network.check().map_err(Failure::inputs)?.equations();
    System::compile(&equations).map_err(Failure::input)
}
