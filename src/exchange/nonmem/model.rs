//! What an import asks of the model: compartments, observables, lags, bioavailabilities, rates and durations, parameters.
use super::{
    Options,
    error::{NonmemError, NonmemErrorKind},
};
use crate::{
    exchange::{petab::PetabModel, tables::Place},
    expr::{Expr, Symbol, suggest},
    fit::{Parameter, ParameterTable, Scale},
    network::{ElementKind, SearchScale},
};
use std::collections::HashMap;

/// A model as the rows of a table see it.
pub(super) struct Compartments {
    /// ids of the states, CMT 1 first
    pub states: Vec<String>,
    /// whether somebody said which is the first
    ordered: bool,
    /// id of the model's quantity for each DVID, 1 first
    pub observables: Vec<String>,
    parameters: Vec<String>,
    lags: HashMap<usize, String>,
    bioavailabilities: HashMap<usize, String>,
}

impl Compartments {
    /// Checks the options against the model.
    pub fn new(model: &PetabModel, options: &Options, errors: &mut Vec<NonmemError>) -> Self {
        let system = &model.system;
        let mut fault = |kind| errors.push(NonmemError::new(Place::file(&options.model), kind));
        let all: Vec<String> = system.state_ids().to_vec();
        let ordered = !options.compartments.is_empty();
        let mut states = all.clone();
        if ordered {
            states = options.compartments.clone();
            for id in states.iter().filter(|id| !all.contains(id)) {
                fault(NonmemErrorKind::UnknownCompartment {
                    cmt: id.clone(),
                    states: all.clone(),
                    near: suggest(id, all.iter().map(String::as_str)),
                });
            }
        }
        let known: Vec<String> = system.observable_ids().to_vec();
        let mut declared: Vec<String> = (known.iter())
            .filter(|id| model.entities.get(*id) == Some(&ElementKind::Observable))
            .cloned()
            .collect();
        if declared.is_empty() && all.len() == 1 {
            declared.clone_from(&all);
        }
        let observables = match options.observables.is_empty() {
            true => declared,
            false => options.observables.clone(),
        };
        for id in &options.observables {
            if !known.contains(id) && !all.contains(id) {
                let names = known.iter().chain(&all).map(String::as_str);
                fault(NonmemErrorKind::UnknownObservable {
                    id: id.clone(),
                    observables: known.iter().chain(&all).cloned().collect(),
                    near: suggest(id, names),
                });
            }
        }
        let mut compartments = Compartments {
            states,
            ordered,
            observables,
            parameters: system.parameter_ids().to_vec(),
            lags: HashMap::new(),
            bioavailabilities: HashMap::new(),
        };
        for (option, given) in [
            ("--lag", &options.lags),
            ("--bioavailability", &options.bioavailabilities),
        ] {
            for (cmt, parameter) in given {
                let at = compartments.position(cmt);
                if at.is_none() {
                    fault(compartments.unknown(cmt));
                }
                if !compartments.parameters.contains(parameter) {
                    let names = compartments.parameters.iter().map(String::as_str);
                    fault(NonmemErrorKind::UnknownParameter {
                        parameter: parameter.clone(),
                        option,
                        near: suggest(parameter, names),
                    });
                }
                let Some(at) = at else { continue };
                let map = match option {
                    "--lag" => &mut compartments.lags,
                    _ => &mut compartments.bioavailabilities,
                };
                map.insert(at, parameter.clone());
            }
        }
        for at in 0..compartments.states.len() {
            if let Some(lag) = compartments.numbered("ALAG", at) {
                compartments.lags.entry(at).or_insert(lag);
            }
            if let Some(factor) = compartments.numbered("F", at) {
                compartments.bioavailabilities.entry(at).or_insert(factor);
            }
        }
        compartments
    }

    /// Position of a compartment by its number or id.
    fn position(&self, cmt: &str) -> Option<usize> {
        if let Some(at) = self.states.iter().position(|id| id == cmt) {
            return Some(at);
        }
        let number = cmt.parse::<f64>().ok().filter(|n| n.fract() == 0.0)?;
        let within = (1.0..=self.states.len() as f64).contains(&number);
        within.then(|| number as usize - 1)
    }

    fn unknown(&self, cmt: &str) -> NonmemErrorKind {
        NonmemErrorKind::UnknownCompartment {
            cmt: cmt.to_owned(),
            states: self.states.clone(),
            near: suggest(cmt, self.states.iter().map(String::as_str)),
        }
    }

    /// The compartment of a dose.
    pub fn compartment(&self, cmt: Option<&str>) -> Result<usize, NonmemErrorKind> {
        match cmt.filter(|cmt| cmt.parse() != Ok(0.0)) {
            Some(cmt) => self.position(cmt).ok_or_else(|| self.unknown(cmt)),
            None if self.ordered || self.states.len() == 1 => Ok(0),
            None => Err(NonmemErrorKind::NoCompartment {
                states: self.states.clone(),
            }),
        }
    }

    /// The observable of a reading.
    pub fn observable(&self, dvid: Option<&str>) -> Result<usize, NonmemErrorKind> {
        let observables = self.observables.clone();
        let Some(dvid) = dvid else {
            return match observables.len() {
                1 => Ok(0),
                _ => Err(NonmemErrorKind::NoObservable { observables }),
            };
        };
        if let Some(at) = observables.iter().position(|id| id == dvid) {
            return Ok(at);
        }
        let number = dvid.parse::<f64>().ok().filter(|n| n.fract() == 0.0);
        let within = number.filter(|n| (1.0..=observables.len() as f64).contains(n));
        within.map(|n| n as usize - 1).ok_or_else(|| {
            let near = suggest(dvid, observables.iter().map(String::as_str));
            NonmemErrorKind::UnknownObservable {
                id: dvid.to_owned(),
                observables,
                near,
            }
        })
    }

    /// The model's parameter of a name with the number of a compartment.
    pub fn numbered(&self, name: &str, compartment: usize) -> Option<String> {
        let id = format!("{name}{}", compartment + 1);
        self.parameters.contains(&id).then_some(id)
    }

    pub fn lag(&self, compartment: usize) -> Option<&String> {
        self.lags.get(&compartment)
    }

    pub fn bioavailability(&self, compartment: usize) -> Option<&String> {
        self.bioavailabilities.get(&compartment)
    }
}

/// The parameters of a model, none of them estimated.
pub(super) fn parameters(model: &PetabModel) -> Result<ParameterTable, NonmemErrorKind> {
    let read = model.read().map_err(|messages| NonmemErrorKind::Model {
        message: messages.join("; "),
    })?;
    let system = &model.system;
    let mut rows = Vec::new();
    for (id, value) in system.parameter_ids().iter().zip(system.parameters()) {
        if model.entities.get(id) != Some(&ElementKind::Parameter) {
            continue;
        }
        let own = read.parameters.iter().find(|row| row.id == *id);
        let unit = match own {
            Some(row) => row.unit.clone(),
            None => system.unit_of(id).map(str::to_owned),
        };
        rows.push(Parameter {
            id: id.clone(),
            name: own.and_then(|row| row.name.clone()),
            unit,
            scale: own.map_or(Scale::Linear, |row| scale(row.scale)),
            lower: own.and_then(|row| row.lower).unwrap_or(f64::NEG_INFINITY),
            upper: own.and_then(|row| row.upper).unwrap_or(f64::INFINITY),
            nominal: own.map_or(*value, |row| row.value),
            estimate: false,
            prior: None,
            initialization: None,
        });
    }
    Ok(ParameterTable { rows })
}

fn scale(scale: SearchScale) -> Scale {
    match scale {
        SearchScale::Linear => Scale::Linear,
        SearchScale::Log => Scale::Log,
        SearchScale::Log10 => Scale::Log10,
        SearchScale::Logit => Scale::Logit,
    }
}

/// The initial value of every state that a condition can set: ids and formulas of parameters.
pub(super) fn initial_values(model: &PetabModel) -> Result<Vec<(String, String)>, NonmemErrorKind> {
    let system = &model.system;
    let read = model.read().map_err(|messages| NonmemErrorKind::Model {
        message: messages.join("; "),
    })?;
    let equations = read
        .network
        .check()
        .map_err(|errors| NonmemErrorKind::Model {
            message: format!("{} errors", errors.len()),
        })?
        .equations();
    let mut graph = equations.graph.clone();
    let mut values = Vec::new();
    for state in equations.states.iter().filter(|state| state.mass != 0.0) {
        let no_reset = || NonmemErrorKind::NoReset {
            state: state.id.clone(),
        };
        let mut numbers: HashMap<Symbol, Expr> = HashMap::new();
        for symbol in graph.symbols_of(state.initial) {
            let id = graph.name(symbol).to_owned();
            let index = system.parameter_index(&id).ok_or_else(no_reset)?;
            if model.entities.get(&id) != Some(&ElementKind::Parameter) {
                numbers.insert(symbol, graph.number(system.parameters()[index]));
            }
        }
        let value = graph.substitute(state.initial, &numbers);
        if graph.depends_on_time(value) || !model.entities.contains_key(&state.id) {
            return Err(no_reset());
        }
        values.push((state.id.clone(), graph.text(value)));
    }
    Ok(values)
}
