//! Rows of the extension's input table. Doses stand in `dosing`.
use super::{
    error::PetabErrorKind,
    formula::{Current, Values},
    rows::PetabProblem,
    sheet::Findings,
    subjects::Registers,
};
use crate::{expr::suggest, schedule::InputTable};

/// The input tables of one experiment.
pub(super) fn inputs(
    id: Option<&str>,
    tables: &PetabProblem,
    registers: &mut Registers,
    values: &mut Values,
    findings: &mut Findings,
) -> Vec<InputTable> {
    let none = Current::new();
    let mut found: Vec<(InputTable, f64)> = Vec::new();
    for row in tables
        .inputs
        .iter()
        .filter(|r| r.experiment.as_deref() == id)
    {
        let place = |column| row.origin.place("inputs.tsv", column);
        let Some(input) = values.system.input_index(values.name(&row.input)) else {
            if values.is_model_id(values.name(&row.input)) {
                let reason =
                    "it is not an input of the model; conditions set parameters and states";
                findings.error(
                    place("inputId"),
                    PetabErrorKind::Target {
                        id: row.input.clone(),
                        reason,
                    },
                );
            } else {
                let near = suggest(
                    &row.input,
                    values.system.input_ids().iter().map(String::as_str),
                );
                findings.error(
                    place("inputId"),
                    PetabErrorKind::UnknownId {
                        what: "input",
                        id: row.input.clone(),
                        near,
                    },
                );
            }
            continue;
        };
        let time = values.value(&row.time, &none, None, &place("time"), findings);
        let value = values.value(&row.value, &none, None, &place("value"), findings);
        let (Some(time), Some(value)) = (time, value) else {
            continue;
        };
        let at = found
            .iter()
            .position(|(t, _)| t.input == input)
            .unwrap_or_else(|| {
                found.push((
                    InputTable {
                        input,
                        knots: Vec::new(),
                    },
                    f64::NEG_INFINITY,
                ));
                found.len() - 1
            });
        let (table, previous) = &mut found[at];
        let now = values.nominal(time);
        if now <= *previous {
            findings.error(
                place("time"),
                PetabErrorKind::TimesOutOfOrder {
                    time: now,
                    previous: *previous,
                },
            );
            continue;
        }
        *previous = now;
        let knot = table.knots.len() + 1;
        let time = registers.value(format!("time({},knot{knot})", row.input), time, values);
        let value = registers.value(format!("value({},knot{knot})", row.input), value, values);
        table.knots.push((time, value));
    }
    found.into_iter().map(|(table, _)| table).collect()
}
