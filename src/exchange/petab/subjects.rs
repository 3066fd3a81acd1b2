//! Experiments become subjects: periods, jumps, doses, input tables and visits, every number a register with its source.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::{Current, Values},
    observation::Observation,
    rows::{ConditionRow, DoseKind, DoseRow, ExperimentRow, InputRow, MeasurementRow, ObservableRow, Override},
    sheet::Findings,
};
use crate::{
    cohort::{Source, Subject, Visit},
    expr::{Expr, Variable, suggest},
    schedule::{Dose, Entry, Factor, InputTable, Jump, Moment, Period, Register, Schedule, Start},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the tables say about one experiment.
pub(super) struct Tables<'a> {
    pub observables: &'a [ObservableRow],
    pub conditions: &'a [ConditionRow],
    pub experiments: &'a [ExperimentRow],
    pub measurements: &'a [MeasurementRow],
    pub inputs: &'a [InputRow],
    pub doses: &'a [DoseRow],
}

/// Checks ids across tables: everything that a row names must exist.
pub(super) fn check_references(tables: &Tables, findings: &mut Findings) {
    let experiments: HashSet<&str> = tables.experiments.iter().map(|r| r.experiment.as_str()).collect();
    let conditions: HashSet<&str> = tables.conditions.iter().map(|r| r.condition.as_str()).collect();
    let observables: HashSet<&str> = tables.observables.iter().map(|r| r.id.as_str()).collect();
    let unknown = |place, what, id: &str, known: &HashSet<&str>, findings: &mut Findings| {
        if !known.contains(id) && !findings.broken.contains(id) {
            let near = suggest(id, known.iter().copied());
            findings.error(place, PetabErrorKind::UnknownId { what, id: id.to_owned(), near });
        }
    };
    for row in tables.experiments {
        if let Some(condition) = &row.condition {
            unknown(row.origin.place("experiments.tsv", "conditionId"), "condition", condition, &conditions, findings);
        }
    }
    for row in tables.measurements {
        let place = |column| row.origin.place("measurements.tsv", column);
        unknown(place("observableId"), "observable", &row.observable, &observables, findings);
        if let Some(experiment) = &row.experiment {
            unknown(place("experimentId"), "experiment", experiment, &experiments, findings);
        }
    }
    for (origin, table, experiment) in tables
        .inputs
        .iter()
        .map(|r| (&r.origin, "inputs.tsv", &r.experiment))
        .chain(tables.doses.iter().map(|r| (&r.origin, "doses.tsv", &r.experiment)))
    {
        if let Some(experiment) = experiment {
            unknown(origin.place(table, "experimentId"), "experiment", experiment, &experiments, findings);
        }
    }
    let applied: HashSet<&str> = tables.experiments.iter().filter_map(|r| r.condition.as_deref()).collect();
    let mut told = HashSet::new();
    for row in tables.conditions {
        if !applied.contains(row.condition.as_str()) && told.insert(&row.condition) {
            findings.warnings.push(PetabWarning {
                place: row.origin.place("conditions.tsv", "conditionId"),
                kind: PetabWarningKind::UnusedCondition { id: row.condition.clone() },
            });
        }
    }
    let measured: HashSet<&str> = tables.measurements.iter().filter_map(|r| r.experiment.as_deref()).collect();
    let mut told = HashSet::new();
    for row in tables.experiments {
        let id = row.experiment.as_str();
        if !measured.contains(id) && !findings.broken.contains(id) && told.insert(id) {
            let kind = PetabErrorKind::NoMeasurements { experiment: id.to_owned() };
            findings.error(row.origin.place("experiments.tsv", "experimentId"), kind);
        }
    }
}

/// Collects the entries of one subject's schedule.
struct Registers {
    first: usize,
    entries: Vec<Entry>,
    sources: Vec<(usize, Source)>,
}

impl Registers {
    fn number(&mut self, id: String, value: f64) -> Register {
        self.entries.push(Entry { id, value });
        Register(self.first + self.entries.len() - 1)
    }

    fn value(&mut self, id: String, expression: Expr, values: &mut Values) -> Register {
        let source = values.source(expression);
        let register = self.number(id, values.nominal(expression));
        if !matches!(source, Source::Constant(_)) {
            self.sources.push((register.0, source));
        }
        register
    }
}

/// Builds one subject. `shared` are the sources of the model parameters that stand in the parameter table.
pub(super) fn subject(
    id: Option<&str>,
    tables: &Tables,
    observation: Option<&Observation>,
    shared: &[(usize, Source)],
    values: &mut Values,
    findings: &mut Findings,
) -> Subject {
    let first = values.system.parameter_ids().len();
    let mut registers = Registers { first, entries: Vec::new(), sources: Vec::new() };
    let (periods, start) = periods(id, tables, &mut registers, values, findings);
    let doses = doses(id, tables, &mut registers, values, findings);
    let inputs = inputs(id, tables, &mut registers, values, findings);
    let mut visits: Vec<Visit> = Vec::new();
    for row in tables.measurements.iter().filter(|r| r.experiment.as_deref() == id) {
        if row.time < start {
            let experiment = id.unwrap_or("the model as it stands").to_owned();
            let kind = PetabErrorKind::BeforeStart { time: row.time, experiment, start };
            findings.error(row.origin.place("measurements.tsv", "time"), kind);
        }
        visits.extend(visit(row, tables.observables, observation, values, findings));
    }
    visits.sort_by(|a, b| a.time.total_cmp(&b.time));
    let schedule = Schedule { entries: registers.entries, periods, doses, inputs };
    let mut sources = shared.to_vec();
    sources.extend(registers.sources);
    Subject { id: id.unwrap_or(super::MODEL_AS_IT_STANDS).to_owned(), schedule, registers: sources, visits }
}

fn periods(
    id: Option<&str>,
    tables: &Tables,
    registers: &mut Registers,
    values: &mut Values,
    findings: &mut Findings,
) -> (Vec<Period>, f64) {
    let mut rows: Vec<&ExperimentRow> = tables.experiments.iter().filter(|r| Some(r.experiment.as_str()) == id).collect();
    rows.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut current: Current = HashMap::new();
    let mut overrides: BTreeMap<usize, Register> = BTreeMap::new();
    let mut periods = Vec::new();
    let mut start = 0.0;
    for (index, group) in rows.chunk_by(|a, b| a.time == b.time).enumerate() {
        let time = group[0].time;
        let name = group.iter().filter_map(|r| r.condition.as_deref()).collect::<Vec<_>>().join("+");
        let name = if name.is_empty() { format!("period{}", index + 1) } else { name };
        let conditions: Vec<&ConditionRow> = group
            .iter()
            .filter_map(|r| r.condition.as_deref())
            .flat_map(|c| tables.conditions.iter().filter(move |row| row.condition == c))
            .collect();
        let mut jumps = Vec::new();
        let mut changed: Vec<(String, usize, Expr)> = Vec::new();
        for (i, row) in conditions.iter().enumerate() {
            if let Some(first) = conditions[..i].iter().find(|r| r.target == row.target) {
                let what = format!("the target `{}` at time {time} of the experiment `{}`", row.target, group[0].experiment);
                let kind = PetabErrorKind::Duplicate { what, first: first.origin.row() };
                findings.error(row.origin.place("conditions.tsv", "targetId"), kind);
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
                    jumps.push(Jump { state, offset: Some(offset), factor });
                }
                Some(Target::Parameter(parameter, value)) => changed.push((row.target.clone(), parameter, value)),
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
            if !periods.iter().any(|p: &Period| matches!(p.start, Start::At(_))) {
                start = time;
            }
            Start::At(Moment { at: registers.number(format!("time({name})"), time), lag: None })
        };
        let overrides = overrides.iter().map(|(parameter, register)| (*parameter, *register)).collect();
        periods.push(Period { id: name, start: begin, overrides, jumps });
    }
    // readings after a steady state and nothing else are taken from time 0 on
    if periods.len() == 1 && matches!(periods[0].start, Start::SteadyState) {
        let at = registers.number("time(start)".to_owned(), 0.0);
        let overrides = periods[0].overrides.clone();
        let start = Start::At(Moment { at, lag: None });
        periods.push(Period { id: "start".to_owned(), start, overrides, jumps: Vec::new() });
    }
    (periods, start)
}

enum Target {
    /// state := offset + factor state
    State(usize, Expr, Expr),
    Parameter(usize, Expr),
}

fn target(row: &ConditionRow, current: &Current, values: &mut Values, findings: &mut Findings) -> Option<Target> {
    let system = values.system;
    let place = |column| row.origin.place("conditions.tsv", column);
    let mut refuse = |reason| {
        findings.error(place("targetId"), PetabErrorKind::Target { id: row.target.clone(), reason });
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
        return refuse("it is an input; inputs are set in the input table (input_files of the extension)");
    }
    if system.observable_index(&row.target).is_some() {
        return refuse("a rule assigns it");
    }
    let near = suggest(&row.target, system.state_ids().iter().chain(system.parameter_ids()).map(String::as_str));
    findings.error(place("targetId"), PetabErrorKind::UnknownId { what: "target", id: row.target.clone(), near });
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
    let factor = values.graph.derivative(expression, Variable::Symbol(symbol));
    if values.graph.symbols_of(factor).contains(&symbol) {
        let what = format!("a value that is not linear in its target `{}` is", row.target);
        findings.error(place, PetabErrorKind::NotSupported { what });
        return None;
    }
    let zero = values.graph.number(0.0);
    let offset = values.graph.substitute(expression, &HashMap::from([(symbol, zero)]));
    let is_zero = values.graph.as_number(factor) == Some(0.0);
    if let Some(value) = values.graph.as_number(offset)
        && value < 0.0
        && is_zero
        && values.system.nonnegative()[state]
    {
        findings.error(place, PetabErrorKind::NegativeState { id: row.target.clone(), value });
        return None;
    }
    Some(Target::State(state, offset, factor))
}

fn doses(id: Option<&str>, tables: &Tables, registers: &mut Registers, values: &mut Values, findings: &mut Findings) -> Vec<Dose> {
    let none = Current::new();
    let mut doses = Vec::new();
    for (n, row) in tables.doses.iter().filter(|r| r.experiment.as_deref() == id).enumerate() {
        let place = |column| row.origin.place("doses.tsv", column);
        let Some(state) = values.system.state_index(&row.target) else {
            if values.is_model_id(&row.target) {
                let reason = "a dose goes into a species or another state";
                findings.error(place("targetId"), PetabErrorKind::Target { id: row.target.clone(), reason });
            } else {
                let near = suggest(&row.target, values.system.state_ids().iter().map(String::as_str));
                findings.error(place("targetId"), PetabErrorKind::UnknownId { what: "target", id: row.target.clone(), near });
            }
            continue;
        };
        let time = values.value(&row.time, &none, None, &place("time"), findings);
        let value = values.value(&row.value, &none, None, &place("value"), findings);
        let lag = match &row.lag {
            None => Some(None),
            Some(lag) => values.value(lag, &none, None, &place("lag"), findings).map(Some),
        };
        let (Some(time), Some(value), Some(lag)) = (time, value, lag) else { continue };
        if row.kind == DoseKind::Set
            && let Some(number) = values.graph.as_number(value).filter(|v| *v < 0.0 && values.system.nonnegative()[state])
        {
            findings.error(place("value"), PetabErrorKind::NegativeState { id: row.target.clone(), value: number });
            continue;
        }
        let mut entry = |part: &str, expression| registers.value(format!("{part}({},dose{})", row.target, n + 1), expression, values);
        let at = entry("time", time);
        let lag = lag.map(|lag| entry("lag", lag));
        let offset = Some(entry("value", value));
        let factor = if row.kind == DoseKind::Add { Factor::One } else { Factor::Zero };
        doses.push(Dose { moment: Moment { at, lag }, jump: Jump { state, offset, factor } });
    }
    doses
}

fn inputs(id: Option<&str>, tables: &Tables, registers: &mut Registers, values: &mut Values, findings: &mut Findings) -> Vec<InputTable> {
    let none = Current::new();
    let mut found: Vec<(InputTable, f64)> = Vec::new();
    for row in tables.inputs.iter().filter(|r| r.experiment.as_deref() == id) {
        let place = |column| row.origin.place("inputs.tsv", column);
        let Some(input) = values.system.input_index(&row.input) else {
            if values.is_model_id(&row.input) {
                let reason = "it is not an input of the model; conditions set parameters and states";
                findings.error(place("inputId"), PetabErrorKind::Target { id: row.input.clone(), reason });
            } else {
                let near = suggest(&row.input, values.system.input_ids().iter().map(String::as_str));
                findings.error(place("inputId"), PetabErrorKind::UnknownId { what: "input", id: row.input.clone(), near });
            }
            continue;
        };
        let time = values.value(&row.time, &none, None, &place("time"), findings);
        let value = values.value(&row.value, &none, None, &place("value"), findings);
        let (Some(time), Some(value)) = (time, value) else { continue };
        let at = found.iter().position(|(t, _)| t.input == input).unwrap_or_else(|| {
            found.push((InputTable { input, knots: Vec::new() }, f64::NEG_INFINITY));
            found.len() - 1
        });
        let (table, previous) = &mut found[at];
        let now = values.nominal(time);
        if now <= *previous {
            findings.error(place("time"), PetabErrorKind::TimesOutOfOrder { time: now, previous: *previous });
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

fn visit(
    row: &MeasurementRow,
    observables: &[ObservableRow],
    observation: Option<&Observation>,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Visit> {
    let endpoint = observables.iter().position(|o| o.id == row.observable)?;
    let observable = &observables[endpoint];
    let before = findings.errors.len();
    let mut placeholders: Vec<(usize, Source)> = Vec::new();
    for (column, names, given) in [
        ("observableParameters", &observable.placeholders, &row.observable_parameters),
        ("noiseParameters", &observable.noise_placeholders, &row.noise_parameters),
    ] {
        let place = row.origin.place("measurements.tsv", column);
        if names.len() != given.len() {
            let kind =
                PetabErrorKind::Overrides { observable: row.observable.clone(), expected: names.len(), got: given.len() };
            findings.error(place, kind);
            continue;
        }
        for (name, value) in names.iter().zip(given) {
            let source = match value {
                Override::Number(number) => Source::Constant(*number),
                Override::Parameter(id) => match values.row(id) {
                    Some(parameter) => {
                        values.used.insert(parameter);
                        Source::Parameter(parameter)
                    }
                    None => {
                        if !findings.broken.contains(id) {
                            let near = suggest(id, values.ids());
                            let kind = PetabErrorKind::UnknownId { what: "parameter", id: id.clone(), near };
                            findings.error(place.clone(), kind);
                        }
                        continue;
                    }
                },
            };
            if let Some(position) = observation.and_then(|o| o.placeholders.get(name)) {
                placeholders.push((*position, source));
            }
        }
    }
    if let Err(reason) = super::observation::noise(observable.distribution).check(&row.reading) {
        let reading = match row.reading {
            crate::noise::Reading::Value(v) | crate::noise::Reading::Below(v) | crate::noise::Reading::Above(v) => v,
            crate::noise::Reading::Between(v, _) => v,
        };
        let kind = PetabErrorKind::Reading { observable: row.observable.clone(), reading, reason: reason.to_owned() };
        findings.error(row.origin.place("measurements.tsv", "measurement"), kind);
    }
    if findings.errors.len() > before {
        return None;
    }
    if let Some(observation) = observation {
        let fixed = observation.fixed[endpoint].iter().map(|(position, parameter)| (*position, Source::Parameter(*parameter)));
        placeholders.extend(fixed);
    }
    Some(Visit { time: row.time, endpoint, reading: row.reading, placeholders, row: row.origin.row() })
}
