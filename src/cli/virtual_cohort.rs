//! `holobiont virtual`: the design of a problem with readings drawn from its model, of individuals that differ where they do.
use super::{
    Failure,
    arguments::Virtual,
    limits::limits,
    values::{open, own_folder, values},
};
use crate::{
    cohort::{Cohort, virtual_cohort},
    exchange::{
        files::write_files,
        petab,
        tables::{TableWriter, number_text},
    },
    fit::{FitProblem, Natural},
    population::{PopulationError, virtual_population},
};

pub(super) fn run(command: &Virtual) -> Result<(), Failure> {
    own_folder(&command.problem, &command.output)?;
    let mut opened = open(&command.problem)?;
    let tolerances = command.numerics.tolerances()?;
    let method = command.numerics.method();
    let problem = &mut opened.problem;
    let (built, natural, drawn): (FitProblem, Natural, Cohort) = if problem.is_mixed() {
        let built = problem.population_problem().map_err(Failure::inputs)?;
        let natural = values(&built.problem, command.parameters.as_deref())?;
        let limits = limits(&command.limits, &built.problem.cohort)?;
        let drawn = virtual_population(&built, &natural, command.seed, &limits, method, tolerances)
            .map_err(|error| match error {
                PopulationError::NotDrawn { .. } => Failure::Numerical(error.to_string()),
                other => Failure::Input(other.to_string().lines().map(str::to_owned).collect()),
            })?;
        (built.problem, natural, drawn.problem.cohort)
    } else {
        let built = problem.fit_problem().map_err(Failure::inputs)?;
        let natural = values(&built, command.parameters.as_deref())?;
        let limits = limits(&command.limits, &built.cohort)?;
        let drawn = virtual_cohort(
            &built.cohort,
            &natural.0,
            command.seed,
            &limits,
            &method,
            &tolerances,
        )
        .map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::Numerical(lines.join("\n"))
        })?;
        (built, natural, drawn)
    };
    for (rows, subject) in problem
        .measurements_of_subjects()
        .iter()
        .zip(&drawn.subjects)
    {
        for (row, visit) in rows.iter().zip(&subject.visits) {
            problem.measurements[*row].reading = visit.reading;
        }
    }
    let mut truth = TableWriter::tsv(&["parameterId", "value"]);
    for (parameter, value) in built.parameters.rows.iter().zip(&natural.0) {
        // rows that the build added for occasions are nobody's parameters
        if problem.parameters.index_of(&parameter.id).is_none() {
            continue;
        }
        truth.row([parameter.id.clone(), number_text(*value)]);
    }
    let mut files = petab::files(problem).map_err(Failure::input)?;
    files.insert(0, ("truth.tsv".to_owned(), truth.finish().into_bytes()));
    write_files(&command.output, &files).map_err(Failure::input)
}
