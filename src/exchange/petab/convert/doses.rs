//! Doses as further periods of their experiments: a condition adds to a state, or sets it.
//!
//! At one moment periods come before doses, and doses act in the order of their rows; the condition of the moment says the result of all.
use super::{
    error::{ConvertErrorKind, ConvertWarningKind, Notes},
    formulas::replaced,
    start::{fresh, number},
};
use crate::exchange::petab::{
    MODEL_AS_IT_STANDS,
    changes::aliases,
    rows::{ConditionRow, DoseKind, DoseRow, ExperimentRow, Origin, PetabProblem, SteadyState},
};
use crate::expr::{Expr, Graph};
use std::collections::HashMap;

/// Takes the doses out of a problem and puts periods into it.
pub(super) fn to_periods(problem: &mut PetabProblem, notes: &mut Notes) {
    let doses = one_by_one(std::mem::take(&mut problem.doses), notes);
    let Some(first) = doses.first() else { return };
    let place = first.origin.place("doses.tsv", "targetId");
    let rows = doses.len();
    notes.warning(place, ConvertWarningKind::Doses { rows });
    let mut experiments: Vec<Option<String>> = Vec::new();
    for dose in &doses {
        if !experiments.contains(&dose.experiment) {
            experiments.push(dose.experiment.clone());
        }
    }
    for experiment in experiments {
        let own = doses.iter().filter(|dose| dose.experiment == experiment);
        let mut timed: Vec<(f64, &DoseRow)> = Vec::new();
        for dose in own {
            match time(dose) {
                Ok(time) => timed.push((time, dose)),
                Err(formula) => {
                    let format = notes.format;
                    let place = dose.origin.place("doses.tsv", "time");
                    notes.error(place, ConvertErrorKind::DoseTime { formula, format });
                }
            }
        }
        // stable: doses at one time keep their order
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let id = named(problem, experiment);
        for at_once in timed.chunk_by(|a, b| a.0 == b.0) {
            let doses: Vec<&DoseRow> = at_once.iter().map(|(_, dose)| *dose).collect();
            period(problem, &id, at_once[0].0, &doses, notes);
        }
    }
}

/// Repeated doses as rows of their own, with the bioavailability in the value; what is no dose at once is an error.
fn one_by_one(rows: Vec<DoseRow>, notes: &mut Notes) -> Vec<DoseRow> {
    let mut all = Vec::new();
    for mut row in rows {
        let format = notes.format;
        let infused = row.duration.is_some() || row.rate.is_some();
        if infused || row.steady_state != SteadyState::None {
            let what = if infused {
                "an infusion"
            } else {
                "a periodic steady state"
            };
            let place = row.origin.place("doses.tsv", "targetId");
            notes.error(place, ConvertErrorKind::Infusion { what, format });
            continue;
        }
        if let Some(factor) = row.bioavailability.take() {
            row.value = format!("({}) * ({factor})", row.value);
        }
        let interval = row.interval.take();
        let additional = std::mem::take(&mut row.additional);
        all.push(row.clone());
        for (number, interval) in (1..=additional).zip(interval.iter().cycle()) {
            let time = format!("({}) + {number} * ({interval})", row.time);
            all.push(DoseRow {
                time,
                ..row.clone()
            });
        }
    }
    all
}

/// The time of a dose with its lag; if that is no number, its formula.
fn time(dose: &DoseRow) -> Result<f64, String> {
    let formula = match &dose.lag {
        Some(lag) => format!("{} + {lag}", dose.time),
        None => dose.time.clone(),
    };
    let mut graph = Graph::new();
    let number = graph.parse(&formula).ok().and_then(|e| graph.as_number(e));
    number.filter(|time| time.is_finite()).ok_or(formula)
}

/// The id of the experiment, which has a period from a time on before the first dose; measurements without one get one.
fn named(problem: &mut PetabProblem, experiment: Option<String>) -> String {
    let row = |experiment: &str| ExperimentRow {
        experiment: experiment.to_owned(),
        time: 0.0,
        condition: None,
        origin: Origin::default(),
    };
    let id = match experiment {
        Some(id) => id,
        None => {
            let mut id = MODEL_AS_IT_STANDS.to_owned();
            while problem.experiments.iter().any(|row| row.experiment == id) {
                id.push('_');
            }
            for row in &mut problem.measurements {
                row.experiment.get_or_insert_with(|| id.clone());
            }
            problem.experiments.insert(0, row(&id));
            id
        }
    };
    let mut own = problem
        .experiments
        .iter()
        .enumerate()
        .filter(|(_, r)| r.experiment == id);
    let finite = own.any(|(_, row)| row.time.is_finite());
    if !finite {
        let last = problem.experiments.iter().rposition(|r| r.experiment == id);
        let next = last.map_or(problem.experiments.len(), |last| last + 1);
        problem.experiments.insert(next, row(&id));
    }
    id
}

/// Adds what doses do at one moment.
fn period(
    problem: &mut PetabProblem,
    experiment: &str,
    time: f64,
    doses: &[&DoseRow],
    notes: &mut Notes,
) {
    let here = |row: &ExperimentRow| row.experiment == experiment && row.time == time;
    let set_before = |problem: &PetabProblem, target: &str| {
        let conditions = problem.experiments.iter().filter(|row| here(row));
        let mut rows = conditions
            .filter_map(|row| row.condition.as_ref())
            .flat_map(|id| {
                problem
                    .conditions
                    .iter()
                    .filter(move |r| r.condition == *id)
            });
        rows.find(|row| row.target == target).cloned()
    };
    let mut graph = Graph::new();
    let mut values: Vec<(String, Expr, Origin)> = Vec::new();
    let mut replaces = false;
    for dose in doses {
        let amount = amount(problem, dose, notes);
        // what cannot be read was told before
        let Ok(amount) = graph.parse(&amount) else {
            continue;
        };
        let at = match values
            .iter()
            .position(|(target, ..)| *target == dose.target)
        {
            Some(at) => at,
            None => {
                let before = match set_before(problem, &dose.target) {
                    Some(row) => {
                        replaces = true;
                        graph.parse(&row.value).ok()
                    }
                    None => None,
                };
                let before = before.unwrap_or_else(|| graph.symbol(&dose.target));
                let origin = dose.origin.clone().in_column("value");
                values.push((dose.target.clone(), before, origin));
                values.len() - 1
            }
        };
        values[at].1 = match dose.kind {
            DoseKind::Add => graph.add(values[at].1, amount),
            DoseKind::Set => amount,
        };
    }
    let mut rows: Vec<(String, String, Origin)> = (values.into_iter())
        .map(|(target, value, origin)| (target, graph.text(value), origin))
        .collect();
    if replaces {
        // one condition in place of all those of the moment
        let others: Vec<ConditionRow> = (problem.experiments.iter().filter(|row| here(row)))
            .filter_map(|row| row.condition.as_ref())
            .flat_map(|id| {
                problem
                    .conditions
                    .iter()
                    .filter(move |r| r.condition == *id)
            })
            .filter(|row| !rows.iter().any(|(target, ..)| *target == row.target))
            .cloned()
            .collect();
        rows.extend(
            others
                .into_iter()
                .map(|row| (row.target, row.value, row.origin)),
        );
        let before: Vec<String> = (problem.experiments.iter().filter(|row| here(row)))
            .filter_map(|row| row.condition.clone())
            .collect();
        problem.experiments.retain(|row| !here(row));
        let used = |id: &String| {
            let mut others = problem.experiments.iter();
            others.any(|row| row.condition.as_ref() == Some(id))
        };
        let unused: Vec<&String> = before.iter().filter(|id| !used(id)).collect();
        problem
            .conditions
            .retain(|row| !unused.contains(&&row.condition));
    }
    let condition = condition(problem, rows);
    let row = ExperimentRow {
        experiment: experiment.to_owned(),
        time,
        condition: Some(condition),
        origin: doses[0].origin.clone(),
    };
    let earlier = |known: &ExperimentRow| known.experiment == experiment && known.time <= time;
    let after = problem.experiments.iter().rposition(earlier);
    let first = problem
        .experiments
        .iter()
        .position(|r| r.experiment == experiment);
    let at = after.map(|after| after + 1).or(first);
    let at = at.unwrap_or(problem.experiments.len());
    problem.experiments.insert(at, row);
}

/// The amount of a dose. It sees the model as it stands: parameters that conditions set become numbers.
fn amount(problem: &PetabProblem, dose: &DoseRow, notes: &mut Notes) -> String {
    let aliases: HashMap<&str, String> = aliases(&problem.mappings);
    let place = dose.origin.place("doses.tsv", "value");
    replaced(&dose.value, &place, notes, |graph, name| {
        let set = problem.conditions.iter().any(|row| row.target == name);
        if !set || problem.parameters.index_of(name).is_some() {
            return None;
        }
        let id = aliases.get(name).map_or(name, String::as_str);
        let number = problem.models.iter().find_map(|model| number(model, id))?;
        Some(graph.number(number))
    })
}

/// The id of a condition with these rows, which may be there already.
fn condition(problem: &mut PetabProblem, rows: Vec<(String, String, Origin)>) -> String {
    let mut known: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    let mut ids: Vec<&str> = Vec::new();
    for row in &problem.conditions {
        if !known.contains_key(row.condition.as_str()) {
            ids.push(&row.condition);
        }
        let all = known.entry(&row.condition).or_default();
        all.push((&row.target, &row.value));
    }
    let wanted: Vec<(&str, &str)> = rows
        .iter()
        .map(|(t, v, _)| (t.as_str(), v.as_str()))
        .collect();
    if let Some(id) = ids.into_iter().find(|id| known[id] == wanted) {
        return id.to_owned();
    }
    let id = fresh(problem, "dose");
    problem.conditions.extend(
        rows.into_iter()
            .map(|(target, value, origin)| ConditionRow {
                condition: id.clone(),
                target,
                value,
                origin,
            }),
    );
    id
}
