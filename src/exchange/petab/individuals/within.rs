//! Occasions within an experiment: from its start on, an occasion's own rows stand behind everything that happens and is read.
//!
//! At the start of an occasion a period begins in which parameters of the model have the occasion's values; values of conditions, doses,
//! infusions, regimens and input tables have those of the occasion that they belong to by their time (of a dose: before its lag).
//! States go on as they are. A reading at the moment of a start belongs to the occasion that begins.
use super::occasions::{Rows, Timeline, occasion_at};
use crate::cohort::{Source, Subject};
use crate::compile::System;
use crate::schedule::{Factor, Jump, Moment, Period, Register, Schedule, Start};
use std::collections::{BTreeSet, HashMap};

/// Gives a subject the rows of its occasions.
pub(super) fn rows_of_occasions(
    subject: &mut Subject,
    system: &System,
    timeline: &Timeline,
    names: &[&String],
    rows: &mut Rows,
) {
    let occasion_at = |time: f64| occasion_at(timeline, time);
    for visit in &mut subject.visits {
        for (_, source) in &mut visit.placeholders {
            *source = rows.on(source, occasion_at(visit.time));
        }
    }
    let parameters = system.parameters().len();
    let begin = start(&subject.schedule, parameters);
    let first = occasion_at(begin);
    let later: Vec<(f64, Option<usize>)> = timeline
        .iter()
        .filter(|(time, _)| *time > begin)
        .copied()
        .collect();
    if later.is_empty() {
        for (_, source) in &mut subject.registers {
            *source = rows.on(source, first);
        }
        return;
    }
    let sources: HashMap<usize, Source> = subject.registers.iter().cloned().collect();
    let mut split = Split {
        sources,
        parameters,
        schedule: &mut subject.schedule,
        added: HashMap::new(),
        names,
        rows,
    };
    split.begin(&later);
    split.periods(begin, first, &occasion_at);
    split.given(&occasion_at);
    let added = split.added;
    let in_use = in_use(&subject.schedule);
    for (register, source) in &mut subject.registers {
        *source = rows.on(source, first);
        // registers of the schedule that an occasion's own took the place of
        if *register >= parameters && !in_use.contains(register) {
            *source = Source::Constant(subject.schedule.entries[*register - parameters].value);
        }
    }
    subject
        .registers
        .retain(|(_, source)| !matches!(source, Source::Constant(_)));
    let mut own: Vec<(usize, Source)> = added.into_values().flatten().collect();
    own.sort_by_key(|(register, _)| *register);
    subject.registers.extend(own);
}

/// Number behind a register of the schedule, as it was written.
fn number(schedule: &Schedule, parameters: usize, register: Register) -> f64 {
    schedule.entries[register.0 - parameters].value
}

/// When a schedule starts.
fn start(schedule: &Schedule, parameters: usize) -> f64 {
    let mut finite = schedule.periods.iter().filter_map(|p| match p.start {
        Start::At(moment) => Some(number(schedule, parameters, moment.at)),
        Start::SteadyState => None,
    });
    finite.next().unwrap_or(0.0)
}

struct Split<'a> {
    /// what stood behind registers before
    sources: HashMap<usize, Source>,
    parameters: usize,
    schedule: &'a mut Schedule,
    /// (register before, occasion) to the register in its place; None: the same
    added: HashMap<(usize, usize), Option<(usize, Source)>>,
    names: &'a [&'a String],
    rows: &'a mut Rows,
}

impl Split<'_> {
    /// The register in place of one on an occasion.
    fn on(&mut self, register: Register, occasion: Option<usize>) -> Register {
        let (Some(occasion), Some(source)) = (occasion, self.sources.get(&register.0)) else {
            return register;
        };
        if let Some(known) = self.added.get(&(register.0, occasion)) {
            return known.as_ref().map_or(register, |(own, _)| Register(*own));
        }
        let own = self.rows.on(source, Some(occasion));
        let added = (own != *source).then(|| {
            let (id, value) = match register.0.checked_sub(self.parameters) {
                Some(entry) => {
                    let entry = &self.schedule.entries[entry];
                    (entry.id.clone(), entry.value)
                }
                None => (format!("parameter {}", register.0), 0.0),
            };
            let id = format!("{id}({})", self.names[occasion]);
            let register = self.schedule.add_entry(self.parameters, id, value);
            (register.0, own)
        });
        let found = added.as_ref().map_or(register, |(own, _)| Register(*own));
        self.added.insert((register.0, occasion), added);
        found
    }

    /// Lets a period begin with every later occasion.
    fn begin(&mut self, later: &[(f64, Option<usize>)]) {
        let parameters = self.parameters;
        let time_of = |schedule: &Schedule, period: &Period| match period.start {
            Start::At(moment) => number(schedule, parameters, moment.at),
            Start::SteadyState => f64::NEG_INFINITY,
        };
        let finite = |p: &Period| matches!(p.start, Start::At(_));
        if !self.schedule.periods.iter().any(finite) {
            let period = self.period("start".to_owned(), 0.0, Vec::new());
            self.schedule.periods.push(period);
        }
        for &(time, occasion) in later {
            let periods = &self.schedule.periods;
            let before = periods
                .iter()
                .rposition(|p| time_of(self.schedule, p) <= time);
            let before = before.expect("the subject starts before");
            if time_of(self.schedule, &periods[before]) == time {
                continue;
            }
            let name = occasion.map_or("between", |o| self.names[o].as_str());
            let overrides = periods[before].overrides.clone();
            let period = self.period(name.to_owned(), time, overrides);
            self.schedule.periods.insert(before + 1, period);
        }
    }

    fn period(&mut self, id: String, time: f64, overrides: Vec<(usize, Register)>) -> Period {
        let at = self
            .schedule
            .add_entry(self.parameters, format!("time({id})"), time);
        Period {
            id,
            start: Start::At(Moment { at, lag: None }),
            overrides,
            jumps: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Overrides of parameters, and jumps, by the period's time.
    fn periods(
        &mut self,
        begin: f64,
        first: Option<usize>,
        occasion_at: &dyn Fn(f64) -> Option<usize>,
    ) {
        let mut own: Vec<usize> = self.sources.keys().copied().collect();
        own.retain(|register| *register < self.parameters);
        own.sort_unstable();
        for p in 0..self.schedule.periods.len() {
            let mut period = self.schedule.periods[p].clone();
            let time = match period.start {
                Start::At(moment) => number(self.schedule, self.parameters, moment.at),
                Start::SteadyState => begin,
            };
            let occasion = occasion_at(time.max(begin));
            for (_, register) in &mut period.overrides {
                *register = self.on(*register, occasion);
            }
            if occasion != first {
                for &parameter in &own {
                    if period
                        .overrides
                        .iter()
                        .any(|(known, _)| *known == parameter)
                    {
                        continue;
                    }
                    let common = &self.sources[&parameter];
                    if self.rows.on(common, first) == self.rows.on(common, occasion) {
                        continue;
                    }
                    let register = self.of_parameter(parameter, occasion);
                    period.overrides.push((parameter, register));
                }
            }
            for jump in &mut period.jumps {
                self.jump(jump, occasion);
            }
            self.schedule.periods[p] = period;
        }
    }

    /// The register that holds a parameter of the model on an occasion, or between occasions.
    fn of_parameter(&mut self, parameter: usize, occasion: Option<usize>) -> Register {
        if occasion.is_some() {
            return self.on(Register(parameter), occasion);
        }
        // the common row, under the number that no occasion has
        let key = (parameter, usize::MAX);
        if let Some(Some((known, _))) = self.added.get(&key) {
            return Register(*known);
        }
        let id = format!("parameter {parameter}(between)");
        let register = self.schedule.add_entry(self.parameters, id, 0.0);
        let source = self.sources[&parameter];
        self.added.insert(key, Some((register.0, source)));
        register
    }

    fn jump(&mut self, jump: &mut Jump, occasion: Option<usize>) {
        if let Some(offset) = &mut jump.offset {
            *offset = self.on(*offset, occasion);
        }
        if let Factor::Register(factor) = &mut jump.factor {
            *factor = self.on(*factor, occasion);
        }
    }

    /// Doses, infusions, regimens and tables of inputs, by their time.
    fn given(&mut self, occasion_at: &dyn Fn(f64) -> Option<usize>) {
        let parameters = self.parameters;
        let mut doses = std::mem::take(&mut self.schedule.doses);
        for dose in &mut doses {
            let occasion = occasion_at(number(self.schedule, parameters, dose.moment.at));
            self.moment(&mut dose.moment, occasion);
            self.jump(&mut dose.jump, occasion);
        }
        self.schedule.doses = doses;
        let mut infusions = std::mem::take(&mut self.schedule.infusions);
        for infusion in &mut infusions {
            let occasion = occasion_at(number(self.schedule, parameters, infusion.moment.at));
            self.moment(&mut infusion.moment, occasion);
            infusion.amount = self.on(infusion.amount, occasion);
            infusion.duration = self.on(infusion.duration, occasion);
        }
        self.schedule.infusions = infusions;
        let mut regimens = std::mem::take(&mut self.schedule.regimens);
        for regimen in &mut regimens {
            let occasion = occasion_at(number(self.schedule, parameters, regimen.at));
            regimen.at = self.on(regimen.at, occasion);
            regimen.interval = self.on(regimen.interval, occasion);
            for dose in &mut regimen.doses {
                dose.amount = self.on(dose.amount, occasion);
                dose.lag = dose.lag.map(|lag| self.on(lag, occasion));
                dose.duration = dose.duration.map(|d| self.on(d, occasion));
            }
        }
        self.schedule.regimens = regimens;
        let mut inputs = std::mem::take(&mut self.schedule.inputs);
        for (time, value) in inputs.iter_mut().flat_map(|table| &mut table.knots) {
            let occasion = occasion_at(number(self.schedule, parameters, *time));
            *time = self.on(*time, occasion);
            *value = self.on(*value, occasion);
        }
        self.schedule.inputs = inputs;
    }

    fn moment(&mut self, moment: &mut Moment, occasion: Option<usize>) {
        moment.at = self.on(moment.at, occasion);
        moment.lag = moment.lag.map(|lag| self.on(lag, occasion));
    }
}

/// Registers that a schedule reads.
fn in_use(schedule: &Schedule) -> BTreeSet<usize> {
    let mut used = Vec::new();
    let jump = |used: &mut Vec<Register>, jump: &Jump| {
        used.extend(jump.offset);
        if let Factor::Register(factor) = jump.factor {
            used.push(factor);
        }
    };
    for period in &schedule.periods {
        used.extend(period.overrides.iter().map(|(_, register)| *register));
        if let Start::At(moment) = period.start {
            used.push(moment.at);
            used.extend(moment.lag);
        }
        period.jumps.iter().for_each(|j| jump(&mut used, j));
    }
    for dose in &schedule.doses {
        used.push(dose.moment.at);
        used.extend(dose.moment.lag);
        jump(&mut used, &dose.jump);
    }
    for infusion in &schedule.infusions {
        used.extend([infusion.moment.at, infusion.amount, infusion.duration]);
        used.extend(infusion.moment.lag);
    }
    for regimen in &schedule.regimens {
        used.extend([regimen.at, regimen.interval]);
        for dose in &regimen.doses {
            used.push(dose.amount);
            used.extend(dose.lag);
            used.extend(dose.duration);
        }
    }
    for (time, value) in schedule.inputs.iter().flat_map(|table| &table.knots) {
        used.extend([*time, *value]);
    }
    used.into_iter().map(|register| register.0).collect()
}
