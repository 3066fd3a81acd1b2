//! Rows of the extension's dose table: doses, infusions and regimens of one experiment.
//!
//! A row gives the amount `value * bioavailability` at `time + lag`: at once, or over `duration`, or at `rate` and so over amount / rate.
//! Further doses follow one `interval` apart. What is at a steady state stands in one regimen with all rows of the same
//! time and interval, and is given as usual beside that.
use super::{
    error::PetabErrorKind,
    formula::{Current, Values},
    rows::{DoseKind, DoseRow, PetabProblem, SteadyState},
    sheet::Findings,
    subjects::Registers,
};
use crate::{
    expr::{Expr, suggest},
    schedule::{Dose, Factor, Infusion, Jump, Moment, Regimen, RegimenDose, RegimenKind, Register},
};

/// What one experiment is given.
#[derive(Default)]
pub(super) struct Given {
    pub doses: Vec<Dose>,
    pub infusions: Vec<Infusion>,
    pub regimens: Vec<Regimen>,
    /// time, interval and kind of each regimen, and the row that began it
    shared: Vec<(Expr, Expr, RegimenKind)>,
}

/// The formulas of a row.
struct Formulas {
    time: Expr,
    amount: Expr,
    lag: Option<Expr>,
    duration: Option<Expr>,
    interval: Option<Expr>,
}

/// The doses of one experiment.
pub(super) fn doses(
    id: Option<&str>,
    tables: &PetabProblem,
    registers: &mut Registers,
    values: &mut Values,
    findings: &mut Findings,
) -> Given {
    let mut given = Given::default();
    let own = tables
        .doses
        .iter()
        .filter(|r| r.experiment.as_deref() == id);
    for (n, row) in own.enumerate() {
        let state = state(row, values, findings);
        let formulas = formulas(row, values, findings);
        let (Some(state), Some(formulas)) = (state, formulas) else {
            continue;
        };
        if is_sound(row, state, &formulas, values, findings) {
            given.add(row, n + 1, state, &formulas, (registers, values, findings));
        }
    }
    given
}

/// The state that a dose goes into.
fn state(row: &DoseRow, values: &Values, findings: &mut Findings) -> Option<usize> {
    let place = row.origin.place("doses.tsv", "targetId");
    let id = row.target.clone();
    let found = values.system.state_index(values.name(&row.target));
    let kind = match found {
        Some(state) if is_infused(row) && values.system.mass()[state] == 0.0 => {
            let reason = "an algebraic equation determines it, so that nothing can be infused";
            PetabErrorKind::Target { id, reason }
        }
        Some(state) => return Some(state),
        None if values.is_model_id(values.name(&row.target)) => {
            let reason = "a dose goes into a species or another state";
            PetabErrorKind::Target { id, reason }
        }
        None => {
            let states = values.system.state_ids().iter().map(String::as_str);
            PetabErrorKind::UnknownId {
                what: "target",
                near: suggest(&id, states),
                id,
            }
        }
    };
    findings.error(place, kind);
    None
}

fn is_infused(row: &DoseRow) -> bool {
    row.duration.is_some() || row.rate.is_some()
}

fn formulas(row: &DoseRow, values: &mut Values, findings: &mut Findings) -> Option<Formulas> {
    let none = Current::new();
    let mut value = |column: &'static str, text: &str| {
        let place = row.origin.place("doses.tsv", column);
        values.value(text, &none, None, &place, findings)
    };
    let time = value("time", &row.time);
    let amount = value("value", &row.value);
    let mut optional = |column: &'static str, cell: &Option<String>| match cell {
        None => Some(None),
        Some(text) => value(column, text).map(Some),
    };
    let lag = optional("lag", &row.lag);
    let duration = optional("duration", &row.duration);
    let rate = optional("rate", &row.rate);
    let bioavailability = optional("bioavailability", &row.bioavailability);
    let interval = optional("interval", &row.interval);
    let (time, mut amount) = (time?, amount?);
    let (lag, duration, rate, interval) = (lag?, duration?, rate?, interval?);
    if let Some(factor) = bioavailability? {
        amount = values.graph.mul(amount, factor);
    }
    let duration = duration.or(rate.map(|rate| values.graph.div(amount, rate)));
    Some(Formulas {
        time,
        amount,
        lag,
        duration,
        interval,
    })
}

/// What can be said of a row before the parameters have values.
fn is_sound(
    row: &DoseRow,
    state: usize,
    formulas: &Formulas,
    values: &Values,
    findings: &mut Findings,
) -> bool {
    let before = findings.errors.len();
    let mut fault = |column: &str, kind| {
        findings.error(row.origin.place("doses.tsv", column), kind);
    };
    let dose = |reason| PetabErrorKind::Dose { reason };
    let number = |expression: Option<Expr>| expression.and_then(|e| values.graph.as_number(e));
    let set = row.kind == DoseKind::Set;
    let steady = row.steady_state != SteadyState::None;
    if set && is_infused(row) {
        let reason =
            "an infusion adds to its state; `set` is for doses at once, without duration and rate";
        fault("kind", dose(reason));
    }
    if set && steady {
        let reason = "a steady state is that of doses that are added; `set` has none";
        fault("kind", dose(reason));
    }
    if row.duration.is_some() && row.rate.is_some() {
        let reason = "an infusion has a duration or a rate, not both; one follows from the other";
        fault("rate", dose(reason));
    }
    if formulas.interval.is_none() && (steady || row.additional > 0) {
        let reason =
            "a steady state and additional doses need an interval, the time from dose to dose";
        fault("interval", dose(reason));
    }
    let positive = [
        ("duration", row.duration.is_some(), formulas.duration),
        ("rate", row.rate.is_some(), formulas.duration),
        ("interval", true, formulas.interval),
    ];
    for (what, given, expression) in positive {
        // what is infused at a rate may itself be 0
        let least = number(expression).filter(|v| *v < 0.0 || (*v == 0.0 && what != "rate"));
        if let (true, Some(value)) = (given, least) {
            fault(what, PetabErrorKind::DoseNotPositive { what, value });
        }
    }
    if let (true, Some(interval)) = (steady, number(formulas.interval)) {
        if let Some(duration) = number(formulas.duration).filter(|d| *d > interval) {
            let kind = PetabErrorKind::InfusionBeyondInterval { duration, interval };
            fault(
                if row.rate.is_some() {
                    "rate"
                } else {
                    "duration"
                },
                kind,
            );
        }
        if let Some(lag) = number(formulas.lag).filter(|lag| !(0.0..interval).contains(lag)) {
            fault("lag", PetabErrorKind::LagOutsideInterval { lag, interval });
        }
    }
    if set
        && let Some(value) =
            number(Some(formulas.amount)).filter(|v| *v < 0.0 && values.system.nonnegative()[state])
    {
        let id = row.target.clone();
        fault("value", PetabErrorKind::NegativeState { id, value });
    }
    findings.errors.len() == before
}

impl Given {
    fn add(
        &mut self,
        row: &DoseRow,
        number: usize,
        state: usize,
        formulas: &Formulas,
        (registers, values, findings): (&mut Registers, &mut Values, &mut Findings),
    ) {
        let name = |part: &str, more: usize| match more {
            0 => format!("{part}({},dose{number})", row.target),
            more => format!("{part}({},dose{number}+{more})", row.target),
        };
        let mut entry = |part: &str, expression: Expr, values: &mut Values| {
            registers.value(name(part, 0), expression, values)
        };
        let at = entry("time", formulas.time, values);
        let lag = formulas.lag.map(|lag| entry("lag", lag, values));
        let amount = entry("value", formulas.amount, values);
        let duration = formulas.duration.map(|d| entry("duration", d, values));
        if let (Some(kind), Some(interval)) = (regimen_kind(row), formulas.interval) {
            let key = (formulas.time, interval, kind);
            let same_time = |known: &&(Expr, Expr, RegimenKind)| known.0 == key.0;
            if let Some(other) = self.shared.iter().find(same_time)
                && *other != key
            {
                let reason = "doses at steady state at one time make up one regimen; give them one interval and one word in steadyState";
                let place = row.origin.place("doses.tsv", "interval");
                findings.error(place, PetabErrorKind::Dose { reason });
                return;
            }
            let at_shared = self.shared.iter().position(|known| *known == key);
            let regimen = at_shared.unwrap_or_else(|| {
                self.shared.push(key);
                self.regimens.push(Regimen {
                    at,
                    interval: entry("interval", interval, values),
                    kind,
                    doses: Vec::new(),
                });
                self.regimens.len() - 1
            });
            self.regimens[regimen].doses.push(RegimenDose {
                state,
                amount,
                lag,
                duration,
            });
        }
        for more in 0..=row.additional {
            let at = match (more, formulas.interval) {
                (1.., Some(interval)) => {
                    let times = values.graph.number(more as f64);
                    let later = values.graph.mul(times, interval);
                    let time = values.graph.add(formulas.time, later);
                    registers.value(name("time", more), time, values)
                }
                _ => at,
            };
            let moment = Moment { at, lag };
            self.give(row.kind, state, moment, amount, duration);
        }
    }

    /// One dose of a row.
    fn give(
        &mut self,
        kind: DoseKind,
        state: usize,
        moment: Moment,
        amount: Register,
        duration: Option<Register>,
    ) {
        if let Some(duration) = duration {
            self.infusions.push(Infusion {
                moment,
                state,
                amount,
                duration,
            });
            return;
        }
        let factor = match kind {
            DoseKind::Add => Factor::One,
            DoseKind::Set => Factor::Zero,
        };
        let offset = Some(amount);
        self.doses.push(Dose {
            moment,
            jump: Jump {
                state,
                offset,
                factor,
            },
        });
    }
}

fn regimen_kind(row: &DoseRow) -> Option<RegimenKind> {
    match row.steady_state {
        SteadyState::None => None,
        SteadyState::Reset => Some(RegimenKind::Reset),
        SteadyState::Add => Some(RegimenKind::Add),
    }
}
