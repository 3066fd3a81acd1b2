//! Rows of an experiment become periods: what their conditions set, and when.
use super::{
    error::PetabErrorKind,
    formula::{Current, Values},
    rows::{ConditionRow, ExperimentRow},
    sheet::Findings,
    subjects::{Registers, Tables},
};
use crate::{
    expr::{Expr, Variable, suggest},
    schedule::{Factor, Jump, Moment, Period, Register, Start},
};
use std::collections::{BTreeMap, HashMap};

/// The periods of one experiment in the order of time, and its start.
pub(super) fn periods(
    id: Option<&str>,
    tables: &Tables,
    registers: &mut Registers,
    values: &mut Values,
    findings: &mut Findings,
) -> (Vec<Period>, f64) {
    let mut rows: Vec<&ExperimentRow> = tables
        .experiments
        .iter()
        .filter(|r| Some(r.experiment.as_str()) == id)
        .collect();
    rows.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut current: Current = HashMap::new();
    let mut overrides: BTreeMap<usize, Register> = BTreeMap::new();
    let mut periods = Vec::new();
    let mut start = 0.0;
    for (index, group) in rows.chunk_by(|a, b| a.time == b.time).enumerate() {
        let time = group[0].time;
        let name = group
            .iter()
            .filter_map(|r| r.condition.as_deref())
            .collect::<Vec<_>>()
            .join("+");
        let name = if name.is_empty() {
            format!("period{}", index + 1)
        } else {
            name
        };
        let conditions: Vec<&ConditionRow> = group
            .iter()
            .filter_map(|r| r.condition.as_deref())
            .flat_map(|c| {
                tables
                    .conditions
                    .iter()
                    .filter(move |row| row.condition == c)
            })
            .collect();
        let mut jumps = Vec::new();
        let mut changed: Vec<(String, usize, Expr)> = Vec::new();
        for (i, row) in conditions.iter().enumerate() {
            if let Some(first) = conditions[..i].iter().find(|r| r.target == row.target) {
                let what = format!(
                    "the target `{}` at time {time} of the experiment `{}`",
                    row.target, group[0].experiment
                );
                let place = row.origin.place("conditions.tsv", "targetId");
                findings.duplicate(place, what, &first.origin);
                continue;
            }
            match target(row, &current, values, findings) {
                Some(Target::State(state, offset, factor)) => {
                    let entry = |part: &str| format!("{}({},{name})", part, row.target);
                    let offset = registers.value(entry("set"), offset, values);
                    let factor = match values.graph.as_number(factor) {
                        Some(0.0) => Factor::Zero,
                        Some(1.0) => Factor::One,
                        _ => Factor::Register(registers.value(entry("factor"), factor, values)),
                    };
                    jumps.push(Jump {
                        state,
                        offset: Some(offset),
                        factor,
                    });
                }
                Some(Target::Parameter(parameter, value)) => {
                    changed.push((row.target.clone(), parameter, value))
                }
                None => {}
            }
        }
        for (target, parameter, value) in changed {
            let register = registers.value(format!("{target}({name})"), value, values);
            overrides.insert(parameter, register);
            current.insert(target, value);
        }
        let begin = if time == f64::NEG_INFINITY {
            Start::SteadyState
        } else {
            if !periods
                .iter()
                .any(|p: &Period| matches!(p.start, Start::At(_)))
            {
                start = time;
            }
            Start::At(Moment {
                at: registers.number(format!("time({name})"), time),
                lag: None,
            })
        };
        let overrides = overrides
            .iter()
            .map(|(parameter, register)| (*parameter, *register))
            .collect();
        periods.push(Period {
            id: name,
            start: begin,
            overrides,
            jumps,
        });
    }
    // readings after a steady state and nothing else are taken from time 0 on
    if periods.len() == 1 && matches!(periods[0].start, Start::SteadyState) {
        let at = registers.number("time(start)".to_owned(), 0.0);
        let overrides = periods[0].overrides.clone();
        let start = Start::At(Moment { at, lag: None });
        periods.push(Period {
            id: "start".to_owned(),
            start,
            overrides,
            jumps: Vec::new(),
        });
    }
    (periods, start)
}

enum Target {
    /// state := offset + factor state
    State(usize, Expr, Expr),
    Parameter(usize, Expr),
}

fn target(
    row: &ConditionRow,
    current: &Current,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Target> {
    let system = values.system;
    let place = |column| row.origin.place("conditions.tsv", column);
    let mut refuse = |reason| {
        findings.error(
            place("targetId"),
            PetabErrorKind::Target {
                id: row.target.clone(),
                reason,
            },
        );
        None
    };
    if values.row(&row.target).is_some() {
        return refuse("it stands in the parameter table; a condition sets what does not");
    }
    if let Some(state) = system.state_index(&row.target) {
        return state_target(state, row, current, values, findings);
    }
    if let Some(parameter) = system.parameter_index(&row.target) {
        let value = values.value(&row.value, current, None, &place("targetValue"), findings)?;
        return Some(Target::Parameter(parameter, value));
    }
    if system.input_index(&row.target).is_some() {
        return refuse(
            "it is an input; inputs are set in the input table (input_files of the extension)",
        );
    }
    if system.observable_index(&row.target).is_some() {
        return refuse("a rule assigns it");
    }
    let near = suggest(
        &row.target,
        system
            .state_ids()
            .iter()
            .chain(system.parameter_ids())
            .map(String::as_str),
    );
    findings.error(
        place("targetId"),
        PetabErrorKind::UnknownId {
            what: "target",
            id: row.target.clone(),
            near,
        },
    );
    None
}

fn state_target(
    state: usize,
    row: &ConditionRow,
    current: &Current,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Target> {
    let place = row.origin.place("conditions.tsv", "targetValue");
    let expression = values.value(&row.value, current, Some(&row.target), &place, findings)?;
    let symbol = values.graph.intern(&row.target);
    let factor = values
        .graph
        .derivative(expression, Variable::Symbol(symbol));
    if values.graph.symbols_of(factor).contains(&symbol) {
        let what = format!(
            "a value that is not linear in its target `{}` is",
            row.target
        );
        findings.error(place, PetabErrorKind::NotSupported { what });
        return None;
    }
    let zero = values.graph.number(0.0);
    let offset = values
        .graph
        .substitute(expression, &HashMap::from([(symbol, zero)]));
    let is_zero = values.graph.as_number(factor) == Some(0.0);
    if let Some(value) = values.graph.as_number(offset)
        && value < 0.0
        && is_zero
        && values.system.nonnegative()[state]
    {
        findings.error(
            place,
            PetabErrorKind::NegativeState {
                id: row.target.clone(),
                value,
            },
        );
        return None;
    }
    Some(Target::State(state, offset, factor))
}
