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
    let (problem, model) = (tables.problem, tables.model);
    let mut rows: Vec<&ExperimentRow> = problem
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
        let ids: Vec<&str> = group
            .iter()
            .filter_map(|r| r.condition.as_deref())
            .collect();
        let conditions: Vec<&ConditionRow> = ids
            .iter()
            .flat_map(|c| {
                problem
                    .conditions
                    .iter()
                    .filter(move |row| row.condition == *c)
            })
            .collect();
        let first_period = index == 0;
        let applied = (model.applied.iter())
            .find(|applied| applied.first == first_period && applied.conditions == ids);
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
            if applied.is_some_and(|applied| applied.targets.contains(&row.target)) {
                check_applied(row, values, findings);
                continue;
            }
            match target(row, &current, first_period, values, findings) {
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
            events: applied.map(|applied| applied.event).into_iter().collect(),
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
            events: Vec::new(),
        });
    }
    (periods, start)
}

enum Target {
    /// state := offset + factor state
    State(usize, Expr, Expr),
    Parameter(usize, Expr),
}

/// A row that an event carries out: its ids must exist.
fn check_applied(row: &ConditionRow, values: &mut Values, findings: &mut Findings) {
    let place = row.origin.place("conditions.tsv", "targetValue");
    let Some(expression) = values.parse(&row.value, &place, findings) else {
        return;
    };
    for symbol in values.graph.symbols_of(expression) {
        let name = values.graph.name(symbol).to_owned();
        if let Some(parameter) = values.row(&name) {
            values.used.insert(parameter);
        } else if !values.is_model_id(&name) && !findings.broken.contains(&name) {
            let near = suggest(&name, values.ids().chain(values.model_ids()));
            let kind = PetabErrorKind::UnknownId {
                what: "id",
                id: name,
                near,
            };
            findings.error(place.clone(), kind);
        }
    }
}

fn target(
    row: &ConditionRow,
    current: &Current,
    first_period: bool,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Target> {
    let system = values.system;
    let id = values.name(&row.target).to_owned();
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
    // the size of a compartment from the start on: concentrations are those of the model
    let size = || {
        let register = system.parameter_index(&format!("initial({id})"));
        register.filter(|_| first_period && values.is_compartment(&id))
    };
    if let Some(parameter) = size().or(system.parameter_index(&id)) {
        let value = values.value(&row.value, current, None, &place("targetValue"), findings)?;
        return Some(Target::Parameter(parameter, value));
    }
    if let Some(state) = system.state_index(&id) {
        return state_target(state, row, current, values, findings);
    }
    if system.input_index(&id).is_some() {
        return refuse(
            "it is an input; inputs are set in the input table (input_files of the extension)",
        );
    }
    if system.observable_index(&id).is_some() {
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
    let target = values.name(&row.target).to_owned();
    let expression = values.value(&row.value, current, Some(&target), &place, findings)?;
    let symbol = values.graph.intern(&target);
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
