//! The parameter table of version 1.
use crate::exchange::{
    petab::{
        convert::{
            error::{ConvertWarningKind, Notes},
            plain::parameter_place,
            priors,
        },
        parameters::scale_name,
        rows::PetabProblem,
    },
    tables::{TableWriter, number_text},
};
use crate::fit::{Prior, Scale};

pub(super) fn table(problem: &PetabProblem, notes: &mut Notes) -> String {
    let rows = &problem.parameters.rows;
    let mut columns = vec!["parameterId"];
    let named = rows.iter().any(|row| row.name.is_some());
    if named {
        columns.push("parameterName");
    }
    columns.extend([
        "parameterScale",
        "lowerBound",
        "upperBound",
        "nominalValue",
        "estimate",
    ]);
    let with_priors = rows
        .iter()
        .any(|row| row.prior.is_some() || row.initialization.is_some());
    if with_priors {
        columns.extend(["initializationPriorType", "initializationPriorParameters"]);
        columns.extend(["objectivePriorType", "objectivePriorParameters"]);
    }
    let mut writer = TableWriter::tsv(&columns);
    let mut truncated = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        let place = parameter_place(&problem.parameter_origins, position, "priorDistribution");
        let scale = match row.scale {
            Scale::Logit => Scale::Linear,
            scale => scale,
        };
        let bound = |bound: f64| match bound.is_infinite() && !row.estimate {
            true => String::new(),
            false => number_text(bound),
        };
        let mut cells = vec![row.id.clone()];
        if named {
            cells.push(row.name.clone().unwrap_or_default());
        }
        cells.push(scale_name(scale).to_owned());
        cells.extend([bound(row.lower), bound(row.upper), number_text(row.nominal)]);
        cells.push(u8::from(row.estimate).to_string());
        if with_priors {
            if let Some(prior) = row.prior.as_ref().filter(|_| row.estimate)
                && !matches!(prior, Prior::Untruncated(_))
                && priors::is_truncated(prior, row.lower, row.upper)
            {
                truncated.push(place.clone());
            }
            let objective = priors::version_1(row.prior.as_ref(), &place, notes);
            let start = match &row.initialization {
                Some(prior) => priors::version_1(Some(prior), &place, notes),
                // without a prior of its own a start is drawn from the other one, where there is one
                None => objective.clone(),
            };
            cells.extend(start);
            cells.extend(objective);
        }
        writer.row(cells);
    }
    let rows = truncated.len();
    if let Some(place) = truncated.into_iter().next() {
        let what = "a prior that its bounds truncate becomes one that they do not truncate";
        notes.warning(place, ConvertWarningKind::Constant { what, rows });
    }
    writer.finish()
}
