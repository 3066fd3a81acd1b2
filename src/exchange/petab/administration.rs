//! Rows of the extension's tables: doses and tables of inputs.
use super::{
    error::PetabErrorKind,
    formula::{Current, Values},
    rows::{DoseKind, PetabProblem},
    sheet::Findings,
    subjects::Registers,
};
use crate::{
    expr::suggest,
    schedule::{Dose, Factor, InputTable, Jump, Moment},
};

/// The doses of one experiment.
pub(super) fn doses(
    id: Option<&str>,
    tables: &PetabProblem,
    registers: &mut Registers,
    values: &mut Values,
    findings: &mut Findings,
) -> Vec<Dose> {
    let none = Current::new();
    let mut doses = Vec::new();
    for (n, row) in tables
        .doses
        .iter()
        .filter(|r| r.experiment.as_deref() == id)
        .enumerate()
    {
        let place = |column| row.origin.place("doses.tsv", column);
        let Some(state) = values.system.state_index(values.name(&row.target)) else {
            if values.is_model_id(values.name(&row.target)) {
                let reason = "a dose goes into a species or another state";
                findings.error(
                    place("targetId"),
                    PetabErrorKind::Target {
                        id: row.target.clone(),
                        reason,
                    },
                );
            } else {
                let near = suggest(
                    &row.target,
                    values.system.state_ids().iter().map(String::as_str),
                );
                findings.error(
                    place("targetId"),
                    PetabErrorKind::UnknownId {
                        what: "target",
                        id: row.target.clone(),
                        near,
                    },
                );
            }
            continue;
        };
        let time = values.value(&row.time, &none, None, &place("time"), findings);
        let value = values.value(&row.value, &none, None, &place("value"), findings);
        let lag = match &row.lag {
            None => Some(None),
            Some(lag) => values
                .value(lag, &none, None, &place("lag"), findings)
                .map(Some),
        };
        let (Some(time), Some(value), Some(lag)) = (time, value, lag) else {
            continue;
        };
        if row.kind == DoseKind::Set
            && let Some(number) = values
                .graph
                .as_number(value)
                .filter(|v| *v < 0.0 && values.system.nonnegative()[state])
        {
            findings.error(
                place("value"),
                PetabErrorKind::NegativeState {
                    id: row.target.clone(),
                    value: number,
                },
            );
            continue;
        }
        let mut entry = |part: &str, expression| {
            registers.value(
                format!("{part}({},dose{})", row.target, n + 1),
                expression,
                values,
            )
        };
        let at = entry("time", time);
        let lag = lag.map(|lag| entry("lag", lag));
        let offset = Some(entry("value", value));
        let factor = if row.kind == DoseKind::Add {
            Factor::One
        } else {
            Factor::Zero
        };
        doses.push(Dose {
            moment: Moment { at, lag },
            jump: Jump {
                state,
                offset,
                factor,
            },
        });
    }
    doses
}

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
