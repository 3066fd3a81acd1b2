//! Infusions, and regimens: doses repeated at an interval for ever, and the steady state that they lead to.
//!
//! An infusion of the amount \\(A\\) over the duration \\(D\\) adds \\(A/D\\) to the rate of its state, in the state's own unit, as a
//! bolus adds \\(A\\) to the state at once; infusions that run at the same time add up.
//!
//! A regimen at time \\(t_0\\) with the interval \\(T\\) says that the system is at \\(t_0\\) in the periodic steady state of having
//! received every dose of it at \\(t_0 + \tau - k T\\), \\(k = 1, 2, \dots\\), with the lag \\(0 \le \tau < T\\) of the dose, for ever: the fixed
//! point of the map over one interval, under what the period that holds at \\(t_0\\) sets. The doses at \\(t_0\\) and later are
//! no part of it; they stand in [`Schedule::doses`] and [`Schedule::infusions`]. An infusion that began before \\(t_0\\) and lasts beyond
//! it (\\(\tau + D > T\\)) runs on to its end.
//!
//! A model that reads time, or inputs with knots, reads them as they are in the last interval before \\(t_0\\), as if they came again and again.
//!
//! How the fixed point is found, and its derivatives, stands in `crate::solve` (`regimen`).
use super::{Break, Factor, Jump, Moment, Register, Schedule, ScheduleError, Stop};
use serde::{Deserialize, Serialize};

/// An amount given at a constant rate. See [`Schedule::infusions`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Infusion {
    /// when it begins
    pub moment: Moment,
    /// index of the state
    pub state: usize,
    /// all that is given, in the state's unit
    pub amount: Register,
    /// how long it takes, in time units, positive
    pub duration: Register,
}

/// What a regimen does with the state that it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegimenKind {
    /// the steady state takes its place: what was before is forgotten, doses that were given and have not arrived and
    /// infusions that still run among it
    #[default]
    Reset,
    /// the steady state is added to it, which is right for models that are linear and at rest without doses
    Add,
}

/// Doses repeated at an interval for ever before `at`, where the system is in the periodic steady state that they lead to. What
/// is given from `at` on stands beside it. Failures are [`Cause::NoRegimenState`](crate::solve::Cause::NoRegimenState).
///
/// ```
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::schedule::{Regimen, RegimenDose, RegimenKind, Schedule};
/// use holobiont::solve::{Method, Problem, Tolerances, solve};
///
/// let mut network = Network::new("decay");
/// network.species("drug", Species::new(0.0))?;
/// network.parameter("k", Parameter::new(0.1));
/// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
/// let system = network.compile()?;
/// let mut schedule = Schedule::default();
/// let count = system.parameters().len();
/// let at = schedule.add_entry(count, "time", 0.0);
/// let interval = schedule.add_entry(count, "interval", 8.0);
/// let amount = schedule.add_entry(count, "amount", 5.0);
/// let dose = RegimenDose { state: 0, amount, lag: None, duration: None };
/// schedule.regimens.push(Regimen { at, interval, kind: RegimenKind::Reset, doses: vec![dose] });
/// let parameters = schedule.extend(system.parameters());
/// let problem = Problem { system: &system, parameters: &parameters, schedule: &schedule, times: &[0.0], sensitivity: None };
/// let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
/// let before_the_next = 5.0 * (-0.8f64).exp() / (1.0 - (-0.8f64).exp());
/// assert!((solution.states(0)[0] - before_the_next).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regimen {
    /// the time at which the steady state holds
    pub at: Register,
    /// time between the doses, positive
    pub interval: Register,
    /// what happens to the state before
    pub kind: RegimenKind,
    /// what is given in each interval
    pub doses: Vec<RegimenDose>,
}

/// A dose of a regimen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegimenDose {
    /// index of the state
    pub state: usize,
    /// what is added, in the state's unit
    pub amount: Register,
    /// time from the beginning of the interval, from 0 to less than the interval; 0 when None
    pub lag: Option<Register>,
    /// duration of an infusion, positive and at most the interval; a bolus when None
    pub duration: Option<Register>,
}

impl RegimenDose {
    /// The jump of a dose that is no infusion.
    pub(crate) fn bolus(&self) -> Option<Jump> {
        let jump = Jump {
            state: self.state,
            offset: Some(self.amount),
            factor: Factor::One,
        };
        self.duration.is_none().then_some(jump)
    }
}

/// What is infused while it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    pub state: usize,
    pub amount: Register,
    pub duration: Register,
}

/// The last interval before a regimen's time, in numbers.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub start: f64,
    pub end: f64,
    /// in order, the end of the interval last
    pub stops: Vec<Stop>,
    /// flows that run at the beginning, and again at the end
    pub running: Vec<usize>,
    /// the segment of each input at the beginning
    pub segments: Vec<usize>,
}

impl Schedule {
    /// Everything that may run: infusions, then those of the regimens, in order.
    pub(crate) fn flows(&self) -> Vec<Flow> {
        let own = self.infusions.iter().map(|infusion| Flow {
            state: infusion.state,
            amount: infusion.amount,
            duration: infusion.duration,
        });
        let repeated = self.regimens.iter().flat_map(|regimen| &regimen.doses);
        let repeated = repeated.filter_map(|dose| {
            let duration = dose.duration?;
            let (state, amount) = (dose.state, dose.amount);
            Some(Flow {
                state,
                amount,
                duration,
            })
        });
        own.chain(repeated).collect()
    }

    /// Position of a dose of a regimen among the flows.
    pub(crate) fn flow_of(&self, regimen: usize, dose: usize) -> usize {
        let infused = |dose: &&RegimenDose| dose.duration.is_some();
        let before = self.regimens[..regimen].iter().flat_map(|r| &r.doses);
        let within = &self.regimens[regimen].doses[..dose];
        self.infusions.len()
            + before.filter(infused).count()
            + within.iter().filter(infused).count()
    }

    /// A breakpoint's time as a sum of registers, each so many times; empty for knots and steady states.
    pub(crate) fn terms(&self, what: Break) -> Vec<(Register, f64)> {
        let moment = |moment: &Moment| {
            let lag = moment.lag.map(|lag| (lag, 1.0));
            [(moment.at, 1.0)].into_iter().chain(lag).collect()
        };
        let dose = |regimen: usize, dose: usize, intervals: f64, ends: bool| {
            let Regimen {
                at,
                interval,
                ref doses,
                ..
            } = self.regimens[regimen];
            let dose = doses[dose];
            let mut terms = vec![(at, 1.0), (interval, -intervals)];
            terms.extend(dose.lag.map(|lag| (lag, 1.0)));
            terms.extend(dose.duration.filter(|_| ends).map(|d| (d, 1.0)));
            terms
        };
        match what {
            Break::Knot { .. } => Vec::new(),
            Break::Period(i) => match &self.periods[i].start {
                super::Start::At(start) => moment(start),
                super::Start::SteadyState => Vec::new(),
            },
            Break::Dose(i) => moment(&self.doses[i].moment),
            Break::InfusionStart(i) => moment(&self.infusions[i].moment),
            Break::InfusionEnd(i) => {
                let mut terms = moment(&self.infusions[i].moment);
                terms.push((self.infusions[i].duration, 1.0));
                terms
            }
            Break::Regimen(i) | Break::IntervalEnd(i) => vec![(self.regimens[i].at, 1.0)],
            Break::RegimenStart(i) => {
                let regimen = &self.regimens[i];
                vec![(regimen.at, 1.0), (regimen.interval, -1.0)]
            }
            Break::Tail { regimen, dose: d } => dose(regimen, d, 1.0, true),
            Break::RegimenDose { regimen, dose: d } => dose(regimen, d, 1.0, false),
            Break::RegimenDoseEnd { regimen, dose: d } => dose(regimen, d, 1.0, true),
            Break::RegimenTail { regimen, dose: d } => dose(regimen, d, 2.0, true),
        }
    }

    /// A breakpoint's time in numbers.
    pub(crate) fn time_of(&self, what: Break, parameters: &[f64]) -> f64 {
        let terms = self.terms(what).into_iter();
        terms.fold(0.0, |sum, (register, factor)| {
            sum + factor * parameters[register.0]
        })
    }

    /// Doses of a regimen that still run when the interval ends.
    pub(crate) fn tails(&self, regimen: usize, parameters: &[f64]) -> Vec<usize> {
        let interval = parameters[self.regimens[regimen].interval.0];
        let doses = self.regimens[regimen].doses.iter();
        let lasts = doses.map(|dose| {
            let lag = dose.lag.map_or(0.0, |lag| parameters[lag.0]);
            dose.duration
                .is_some_and(|d| lag + parameters[d.0] > interval)
        });
        lasts
            .enumerate()
            .filter_map(|(i, lasts)| lasts.then_some(i))
            .collect()
    }

    /// What must hold of the numbers of infusions and regimens.
    pub(super) fn check_flows(&self, parameters: &[f64]) -> Result<(), ScheduleError> {
        let positive = |place: String, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(ScheduleError::NotPositive { place, value }),
        };
        for (i, infusion) in self.infusions.iter().enumerate() {
            let duration = parameters[infusion.duration.0];
            positive(format!("the duration of infusion {i}"), duration)?;
        }
        for (
            regimen,
            Regimen {
                interval, doses, ..
            },
        ) in self.regimens.iter().enumerate()
        {
            let interval = parameters[interval.0];
            positive(format!("the interval of regimen {regimen}"), interval)?;
            for (dose, d) in doses.iter().enumerate() {
                let lag = d.lag.map_or(0.0, |lag| parameters[lag.0]);
                // also true for NaN
                let outside = !(0.0..interval).contains(&lag);
                if outside {
                    return Err(ScheduleError::LagOutsideInterval {
                        regimen,
                        dose,
                        lag,
                        interval,
                    });
                }
                let Some(duration) = d.duration.map(|d| parameters[d.0]) else {
                    continue;
                };
                let place = format!("the duration of dose {dose} of regimen {regimen}");
                positive(place, duration)?;
                if duration > interval {
                    return Err(ScheduleError::InfusionBeyondInterval {
                        regimen,
                        dose,
                        duration,
                        interval,
                    });
                }
            }
        }
        Ok(())
    }
}
