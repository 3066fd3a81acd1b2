//! The wide condition table of version 1: an experiment is a pair of a steady state and a simulation from time 0.
//!
//! What a condition sets stays set, so a simulation condition says again what the steady state was given: the parameters, not the states. Where a
//! parameter has no value of a condition it has that of the model; an empty cell leaves a state as it is.
use crate::exchange::{
    petab::{
        MODEL_AS_IT_STANDS,
        convert::{
            error::{ConvertErrorKind, Notes},
            start::number,
        },
        rows::{ConditionRow, ExperimentRow, PetabModel, PetabProblem},
    },
    tables::{TableWriter, number_text},
};
use crate::expr::{Graph, Node};
use crate::network::ElementKind;
use std::collections::{BTreeMap, HashMap};

/// What a condition sets.
type Cells = BTreeMap<String, String>;

/// The conditions of one model.
pub(super) struct Conditions {
    columns: Vec<String>,
    rows: Vec<(String, Cells)>,
    /// by experiment: that of the steady state, if there is one, and that of the simulation
    of_experiments: HashMap<Option<String>, (Option<usize>, usize)>,
}

impl Conditions {
    pub fn of(problem: &PetabProblem, model: usize, notes: &mut Notes) -> Self {
        let mut found = Conditions {
            columns: Vec::new(),
            rows: Vec::new(),
            of_experiments: HashMap::new(),
        };
        for (of, experiment) in problem.subjects() {
            if of == model {
                found.experiment(problem, model, experiment, notes);
            }
        }
        found.fill(&problem.models[model]);
        found
    }

    fn experiment(
        &mut self,
        problem: &PetabProblem,
        model: usize,
        experiment: Option<String>,
        notes: &mut Notes,
    ) {
        let mut periods: Vec<&ExperimentRow> = (problem.experiments.iter())
            .filter(|row| Some(&row.experiment) == experiment.as_ref())
            .collect();
        periods.sort_by(|a, b| a.time.total_cmp(&b.time));
        let model = &problem.models[model];
        let mut steady: Option<(String, Cells)> = None;
        let mut simulation: Option<(String, Cells)> = None;
        for period in periods.chunk_by(|a, b| a.time == b.time) {
            let time = period[0].time;
            let ids: Vec<&str> = period
                .iter()
                .filter_map(|r| r.condition.as_deref())
                .collect();
            let before = steady.as_ref().map(|(_, cells)| cells);
            let cells = cells(problem, model, &ids, before, notes);
            let named = (ids.join("__"), cells);
            match time {
                f64::NEG_INFINITY => steady = Some(named),
                0.0 => simulation = Some(named),
                time => {
                    let kind = ConvertErrorKind::Periods {
                        experiment: period[0].experiment.clone(),
                        time,
                        format: notes.format,
                    };
                    notes.error(period[0].origin.place("experiments.tsv", "time"), kind);
                    return;
                }
            }
        }
        let kept: Cells = (steady.iter().flat_map(|(_, cells)| cells))
            .filter(|(target, _)| is_parameter(model, target))
            .map(|(target, value)| (target.clone(), value.clone()))
            .collect();
        let (name, mut cells) = simulation.unwrap_or_default();
        for (target, value) in kept {
            cells.entry(target).or_insert(value);
        }
        let steady = steady.map(|(name, cells)| self.row(name, "steady_state", cells));
        let without = experiment.as_deref().unwrap_or(MODEL_AS_IT_STANDS);
        let simulation = self.row(name, without, cells);
        self.of_experiments.insert(experiment, (steady, simulation));
    }

    /// The row with these cells, under this name where no other row has it; without a name any row with these cells will do, or one
    /// with the name `without`.
    fn row(&mut self, mut name: String, without: &str, cells: Cells) -> usize {
        if name.is_empty() {
            if let Some(known) = self.rows.iter().position(|(_, known)| *known == cells) {
                return known;
            }
            without.clone_into(&mut name);
        }
        for target in cells.keys() {
            if !self.columns.contains(target) {
                self.columns.push(target.clone());
            }
        }
        let mut id = name.clone();
        let mut count = 1;
        while let Some(known) = self.rows.iter().position(|(known, _)| *known == id) {
            if self.rows[known].1 == cells {
                return known;
            }
            count += 1;
            id = format!("{name}_{count}");
        }
        self.rows.push((id, cells));
        self.rows.len() - 1
    }

    /// Writes the model's own numbers of parameters into cells that are empty.
    fn fill(&mut self, model: &PetabModel) {
        for column in &self.columns {
            let value = is_parameter(model, column)
                .then(|| number(model, column))
                .flatten();
            let Some(value) = value else { continue };
            for (_, cells) in &mut self.rows {
                let cell = cells.entry(column.clone());
                cell.or_insert_with(|| number_text(value));
            }
        }
    }

    /// Id of the condition of the steady state before an experiment.
    pub fn before(&self, experiment: Option<&str>) -> Option<&str> {
        let pair = self.of_experiments.get(&experiment.map(str::to_owned))?;
        pair.0.map(|row| self.rows[row].0.as_str())
    }

    /// Id of the condition of the simulation.
    pub fn simulation(&self, experiment: Option<&str>) -> &str {
        let pair = self.of_experiments.get(&experiment.map(str::to_owned));
        pair.map_or("", |(_, row)| self.rows[*row].0.as_str())
    }

    pub fn table(&self) -> String {
        let mut columns = vec!["conditionId"];
        columns.extend(self.columns.iter().map(String::as_str));
        let mut writer = TableWriter::tsv(&columns);
        for (id, cells) in &self.rows {
            let values = self.columns.iter();
            let values = values.map(|column| cells.get(column).cloned().unwrap_or_default());
            writer.row(std::iter::once(id.clone()).chain(values));
        }
        writer.finish()
    }
}

/// Whether a target is a parameter of the model that nothing in the model changes: not a state, not the size of a compartment.
fn is_parameter(model: &PetabModel, target: &str) -> bool {
    let size = model.entities.get(target) == Some(&ElementKind::Compartment);
    !size && model.system.parameter_index(target).is_some()
}

/// What the conditions of a period set, as numbers and ids; `before` is what the period before set.
fn cells(
    problem: &PetabProblem,
    model: &PetabModel,
    ids: &[&str],
    before: Option<&Cells>,
    notes: &mut Notes,
) -> Cells {
    let mut cells = Cells::new();
    let rows = ids.iter().flat_map(|id| {
        let conditions = problem.conditions.iter();
        conditions.filter(move |row| row.condition == *id)
    });
    for row in rows {
        match value(problem, model, row, before) {
            Some(value) => {
                cells.insert(row.target.clone(), value);
            }
            None => {
                let kind = ConvertErrorKind::ConditionValue {
                    formula: row.value.clone(),
                    format: notes.format,
                };
                let place = row.origin.place("conditions.tsv", "targetValue");
                // a condition of several experiments is told once
                if !notes.errors.iter().any(|known| known.place == place) {
                    notes.error(place, kind);
                }
            }
        }
    }
    cells
}

/// A number or the id of a row of the parameter table.
fn value(
    problem: &PetabProblem,
    model: &PetabModel,
    row: &ConditionRow,
    before: Option<&Cells>,
) -> Option<String> {
    let mut graph = Graph::new();
    let e = graph.parse(&row.value).ok()?;
    if graph.symbols_of(e).is_empty() && !graph.depends_on_time(e) {
        let number = graph.evaluate(e, &|_| None, 0.0).ok()?;
        return Some(number_text(number));
    }
    let Node::Symbol(symbol) = graph.node(e) else {
        return None;
    };
    let id = graph.name(*symbol);
    if problem.parameters.index_of(id).is_some() {
        return Some(id.to_owned());
    }
    if !is_parameter(model, id) {
        return None;
    }
    match before.and_then(|cells| cells.get(id)) {
        Some(value) => Some(value.clone()),
        None => number(model, id).map(number_text),
    }
}
