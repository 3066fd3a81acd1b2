//! `holobiont check`: every error of a model or a problem.
use super::{Failure, arguments::Check, models::compile, terminal, values::open};
use crate::exchange::model;

pub(super) fn run(command: &Check) -> Result<(), Failure> {
    let file = &command.file;
    let is_problem = file.extension().is_some_and(|e| {
        ["yaml", "yml", "omex"]
            .iter()
            .any(|end| e.eq_ignore_ascii_case(end))
    });
    if is_problem {
        let opened = open(file)?;
        let problem = &opened.problem;
        let estimated = problem
            .parameters
            .rows
            .iter()
            .filter(|p| p.estimate)
            .count();
        terminal::print(&format!(
            "{}: sound; {} states, {} parameters of which {estimated} estimated, {} observables, {} experiments, {} measurements\n",
            file.display(),
            (problem.models.iter())
                .map(|model| model.system.state_ids().len())
                .sum::<usize>(),
            problem.parameters.rows.len(),
            problem.observables.len(),
            problem.subjects().len(),
            problem.measurements.len(),
        ));
        return Ok(());
    }
    let model = model::read(file).map_err(Failure::inputs)?;
    for warning in &model.warnings {
        terminal::warning(warning);
    }
    let system = compile(&model)?;
    let mut errors = Vec::new();
    for scenario in &model.scenarios {
        if let Err(error) = scenario.schedule(&system) {
            errors.push(error);
        }
    }
    if !errors.is_empty() {
        return Err(Failure::inputs(errors));
    }
    terminal::print(&format!(
        "{}: sound; {} states, {} parameters, {} inputs, {} observables, {} scenarios\n",
        file.display(),
        system.state_ids().len(),
        model.network.all_parameters().len(),
        system.input_ids().len(),
        system.observable_ids().len(),
        model.scenarios.len(),
    ));
    Ok(())
}
