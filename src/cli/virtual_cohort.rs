//! `holobiont virtual`: the design of a problem with readings drawn from its model.
use super::{
    Failure,
    arguments::Virtual,
    times::parse_quantity,
    values::{own_folder, problem, values},
};
use crate::{
    cohort::{DetectionLimit, virtual_cohort},
    exchange::{
        files::write_files,
        petab,
        tables::{TableWriter, number_text},
    },
    expr::suggest,
    noise::Reading,
};

pub(super) fn run(command: &Virtual) -> Result<(), Failure> {
    own_folder(&command.problem, &command.output)?;
    let (mut opened, built) = problem(&command.problem)?;
    let problem = &mut opened.problem;
    let natural = values(&built, command.parameters.as_deref())?;
    let mut limits = Vec::new();
    for text in &command.limits {
        let Some((id, value)) = text.split_once('=') else {
            return Err(Failure::Usage(format!(
                "--limit takes ID=VALUE, not `{text}`"
            )));
        };
        let endpoints = &built.cohort.endpoints;
        // an observable of several models is an endpoint of each
        let own: Vec<usize> = (0..endpoints.len())
            .filter(|&e| endpoints[e].id == id.trim())
            .collect();
        if own.is_empty() {
            let near = suggest(id, endpoints.iter().map(|e| e.id.as_str()));
            let hint = near
                .first()
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            return Err(Failure::Input(vec![format!(
                "--limit {text}: unknown observable `{id}`{hint}"
            )]));
        }
        for endpoint in own {
            let limit = parse_quantity(value, endpoints[endpoint].unit.as_deref(), id)
                .map_err(|e| Failure::Input(vec![format!("--limit {text}: {e}")]))?;
            let below = Reading::Below(limit);
            if let Err(reason) = endpoints[endpoint].noise.check(&below) {
                return Err(Failure::Input(vec![format!("--limit {text}: {reason}")]));
            }
            if limits
                .iter()
                .any(|l: &DetectionLimit| l.endpoint == endpoint)
            {
                let message = format!("--limit {text}: `{}` has a limit already", id.trim());
                return Err(Failure::Input(vec![message]));
            }
            limits.push(DetectionLimit { endpoint, limit });
        }
    }
    let tolerances = command.numerics.tolerances()?;
    let drawn = virtual_cohort(
        &built.cohort,
        &natural.0,
        command.seed,
        &limits,
        &command.numerics.method(),
        &tolerances,
    )
    .map_err(|errors| {
        Failure::Numerical(
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })?;
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
        truth.row([parameter.id.clone(), number_text(*value)]);
    }
    let mut files = petab::files(problem).map_err(Failure::input)?;
    files.insert(0, ("truth.tsv".to_owned(), truth.finish().into_bytes()));
    write_files(&command.output, &files).map_err(Failure::input)
}
