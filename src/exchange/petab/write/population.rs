//! Texts of the tables about individuals.
use super::overrides;
use crate::exchange::petab::population::PopulationRows;
use crate::exchange::tables::{TableWriter, number_text};
use crate::population::{Level, Transform};

/// All of them, by the kind that their key begins with; those without rows are left out.
pub(in crate::exchange::petab) fn all(rows: &PopulationRows) -> Vec<(&'static str, String)> {
    let some = |kind, empty: bool, text: fn(&PopulationRows) -> String| {
        (!empty).then(|| (kind, text(rows)))
    };
    [
        some("individual", rows.individuals.is_empty(), individuals),
        some("random_effect", rows.effects.is_empty(), effects),
        some(
            "random_effect_correlation",
            rows.correlations.is_empty(),
            correlations,
        ),
        some(
            "covariate_effect",
            rows.covariate_effects.is_empty(),
            covariate_effects,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn individuals(rows: &PopulationRows) -> String {
    let occasions = rows.individuals.iter().any(|r| r.occasion.is_some());
    let starts = rows.individuals.iter().any(|r| r.occasion_start.is_some());
    let mut columns = vec!["individualId", "experimentId"];
    if occasions {
        columns.push("occasionId");
    }
    if starts {
        columns.push("occasionStart");
    }
    columns.extend(rows.covariates.iter().map(String::as_str));
    let mut writer = TableWriter::tsv(&columns);
    for row in &rows.individuals {
        let mut cells = vec![row.individual.clone(), row.experiment.clone()];
        if occasions {
            cells.push(row.occasion.clone().unwrap_or_default());
        }
        if starts {
            cells.push(row.occasion_start.map(number_text).unwrap_or_default());
        }
        let covariates = row.covariates.iter();
        cells.extend(covariates.map(|c| c.map(number_text).unwrap_or_default()));
        writer.row(cells);
    }
    writer.finish()
}

/// Name and ends of a transform.
fn transform(transform: Transform) -> [String; 3] {
    let name = transform.name().to_owned();
    match transform {
        Transform::Logit { lower, upper } | Transform::Probit { lower, upper } => {
            [name, number_text(lower), number_text(upper)]
        }
        _ => [name, String::new(), String::new()],
    }
}

fn effects(rows: &PopulationRows) -> String {
    let mut writer = TableWriter::tsv(&[
        "randomEffectId",
        "parameterId",
        "transformation",
        "transformationLower",
        "transformationUpper",
        "level",
        "standardDeviation",
    ]);
    for row in &rows.effects {
        let [name, lower, upper] = transform(row.transform);
        let level = match row.level {
            Level::Individual => "individual",
            Level::Occasion => "occasion",
        };
        writer.row([
            row.id.clone(),
            row.parameter.clone(),
            name,
            lower,
            upper,
            level.to_owned(),
            overrides(std::slice::from_ref(&row.standard_deviation)),
        ]);
    }
    writer.finish()
}

fn correlations(rows: &PopulationRows) -> String {
    let mut writer = TableWriter::tsv(&["randomEffectId1", "randomEffectId2", "correlation"]);
    for row in &rows.correlations {
        let value = overrides(std::slice::from_ref(&row.value));
        writer.row([row.first.clone(), row.second.clone(), value]);
    }
    writer.finish()
}

fn covariate_effects(rows: &PopulationRows) -> String {
    let mut writer = TableWriter::tsv(&[
        "parameterId",
        "covariate",
        "coefficient",
        "transformation",
        "transformationLower",
        "transformationUpper",
    ]);
    for row in &rows.covariate_effects {
        let [name, lower, upper] = row.transform.map_or_else(Default::default, transform);
        let coefficient = overrides(std::slice::from_ref(&row.coefficient));
        let (parameter, covariate) = (row.parameter.clone(), row.covariate.clone());
        writer.row([parameter, covariate, coefficient, name, lower, upper]);
    }
    writer.finish()
}
