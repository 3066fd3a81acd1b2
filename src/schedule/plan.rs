//! A schedule with the numbers of one parameter vector: its start and its breakpoints in time order.
use super::{
    Flow, Interval, Moment, RegimenKind, Register, Schedule, ScheduleError, Start, input::Dual,
};
use crate::compile::{InputKind, System};

/// What happens at a breakpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Break {
    /// an input enters a segment (see [`super::input::coefficients`])
    Knot {
        input: usize,
        segment: usize,
    },
    Period(usize),
    Dose(usize),
    InfusionStart(usize),
    InfusionEnd(usize),
    /// the steady state of a regimen takes over
    Regimen(usize),
    /// an infusion ends that a regimen began before its time
    Tail {
        regimen: usize,
        dose: usize,
    },
    /// the interval before a regimen's time begins; no stop, but a moment
    RegimenStart(usize),
    /// within the interval of a regimen: a dose comes, or begins
    RegimenDose {
        regimen: usize,
        dose: usize,
    },
    /// within the interval of a regimen: an infusion ends that began in it
    RegimenDoseEnd {
        regimen: usize,
        dose: usize,
    },
    /// within the interval of a regimen: an infusion ends that began in the one before
    RegimenTail {
        regimen: usize,
        dose: usize,
    },
    /// the interval of a regimen is over
    IntervalEnd(usize),
}

impl Break {
    /// What comes first at one moment.
    fn rank(self) -> usize {
        match self {
            Break::Knot { .. } => 0,
            Break::Period(_) => 1,
            Break::Regimen(_) | Break::RegimenStart(_) => 2,
            Break::InfusionEnd(_)
            | Break::Tail { .. }
            | Break::RegimenDoseEnd { .. }
            | Break::RegimenTail { .. } => 3,
            Break::Dose(_) | Break::InfusionStart(_) | Break::RegimenDose { .. } => 4,
            Break::IntervalEnd(_) => 5,
        }
    }
}

/// A breakpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stop {
    pub time: f64,
    pub what: Break,
}

/// One input's table: (time, value), and their registers where a schedule gave them.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub kind: InputKind,
    pub knots: Vec<(f64, f64)>,
    pub registers: Option<Vec<(Register, Register)>>,
}

impl Table {
    /// Whether the input's value is the same on both sides of the knot that opens `segment`.
    pub(crate) fn is_continuous_at(&self, segment: usize) -> bool {
        let twin = segment >= 2 && self.knots[segment - 2].0 == self.knots[segment - 1].0;
        self.kind != InputKind::Step && !twin
    }

    /// Coefficients of one segment, their derivatives along a direction given by the tangent of each register.
    pub(crate) fn coefficients(
        &self,
        segment: usize,
        tangent: &dyn Fn(Register) -> f64,
    ) -> ([Dual; 4], f64) {
        // a segment reads the two knots before it and the two after it
        let first = segment.saturating_sub(2);
        let last = (segment + 2).min(self.knots.len());
        let mut near = [(Dual::default(), Dual::default()); 4];
        for (slot, k) in near.iter_mut().zip(first..last) {
            let (t, v) = self.knots[k];
            let (dt, dv) = self
                .registers
                .as_ref()
                .map_or((0.0, 0.0), |r| (tangent(r[k].0), tangent(r[k].1)));
            *slot = (Dual::new(t, dt), Dual::new(v, dv));
        }
        super::input::coefficients(self.kind, &near[..last - first], segment - first)
    }
}

/// In time order, and in that of their ranks at one moment.
fn sort(stops: &mut [Stop]) {
    stops.sort_by(|a, b| {
        let ranks = a.what.rank().cmp(&b.what.rank());
        a.time.total_cmp(&b.time).then(ranks)
    });
}

/// The stops of one input's table.
fn knot_stops((input, table): (usize, &Table)) -> Vec<Stop> {
    let mut stops = Vec::new();
    for (k, &(time, _)) in table.knots.iter().enumerate() {
        // of knots at one time only the last opens a segment
        if table.knots.get(k + 1).is_none_or(|next| next.0 > time) {
            let segment = k + 1;
            let what = Break::Knot { input, segment };
            stops.push(Stop { time, what });
        }
    }
    stops
}

/// A schedule in numbers.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// start of the finite part
    pub start: f64,
    /// the first period, if it is in force at or before `start`
    pub first_period: Option<usize>,
    /// whether that period is a steady state
    pub settles: bool,
    /// when the start is a register: its moment
    pub start_moment: Option<Moment>,
    /// breakpoints in order; a first period at a finite time is not among them
    pub stops: Vec<Stop>,
    pub tables: Vec<Table>,
    /// all that may be infused
    pub flows: Vec<Flow>,
    /// the last interval of each regimen
    pub intervals: Vec<Interval>,
}

impl Plan {
    /// `parameters` is the extended vector, with as many numbers as system and schedule need.
    pub(crate) fn new(
        system: &System,
        schedule: &Schedule,
        parameters: &[f64],
    ) -> Result<Plan, ScheduleError> {
        if let Some(error) = schedule.check(system).into_iter().next() {
            return Err(error);
        }
        let finite = |place: &dyn Fn() -> String, value: f64| {
            if value.is_finite() {
                Ok(value)
            } else {
                Err(ScheduleError::NotFinite {
                    place: place(),
                    value,
                })
            }
        };
        let time_of = |moment: &Moment, place: &dyn Fn() -> String| {
            finite(
                place,
                parameters[moment.at.0] + moment.lag.map_or(0.0, |lag| parameters[lag.0]),
            )
        };
        let tables = Self::tables(system, schedule, parameters)?;

        let settles =
            matches!(schedule.periods.first(), Some(period) if period.start == Start::SteadyState);
        let mut stops = Vec::new();
        let (mut start, mut start_moment, mut previous) = (0.0, None, f64::NEG_INFINITY);
        let mut started = false;
        for (i, period) in schedule.periods.iter().enumerate() {
            let Start::At(moment) = period.start else {
                continue;
            };
            let time = time_of(&moment, &|| format!("the start of period `{}`", period.id))?;
            if time < previous {
                return Err(ScheduleError::PeriodOrder {
                    period: period.id.clone(),
                    previous,
                    time,
                });
            }
            previous = time;
            if !started {
                (start, started) = (time, true);
                start_moment = Some(moment);
                if !settles {
                    continue; // it begins with the initial values and is no breakpoint
                }
            }
            stops.push(Stop {
                time,
                what: Break::Period(i),
            });
        }
        for (i, dose) in schedule.doses.iter().enumerate() {
            let time = time_of(&dose.moment, &|| format!("the time of dose {i}"))?;
            if time < start {
                return Err(ScheduleError::DoseBeforeStart {
                    dose: i,
                    time,
                    start,
                });
            }
            stops.push(Stop {
                time,
                what: Break::Dose(i),
            });
        }
        let knots: Vec<Stop> = tables.iter().enumerate().flat_map(knot_stops).collect();
        stops.extend(&knots);
        let intervals = Self::flows(schedule, parameters, start, &mut stops, &knots)?;
        sort(&mut stops);
        let first_period = (!schedule.periods.is_empty()).then_some(0);
        Ok(Plan {
            start,
            first_period,
            settles,
            start_moment,
            stops,
            tables,
            flows: schedule.flows(),
            intervals,
        })
    }

    /// Stops of infusions and regimens, and the regimens' intervals.
    fn flows(
        schedule: &Schedule,
        parameters: &[f64],
        start: f64,
        stops: &mut Vec<Stop>,
        knots: &[Stop],
    ) -> Result<Vec<Interval>, ScheduleError> {
        schedule.check_flows(parameters)?;
        let stop = |what| Stop {
            time: schedule.time_of(what, parameters),
            what,
        };
        let after_start = |what, place: &dyn Fn() -> String| match stop(what) {
            Stop { time, .. } if !time.is_finite() => Err(ScheduleError::NotFinite {
                place: place(),
                value: time,
            }),
            Stop { time, .. } if time < start => Err(ScheduleError::FlowBeforeStart {
                place: place(),
                time,
                start,
            }),
            stop => Ok(stop),
        };
        for i in 0..schedule.infusions.len() {
            let place = || format!("infusion {i}");
            stops.push(after_start(Break::InfusionStart(i), &place)?);
            stops.push(stop(Break::InfusionEnd(i)));
        }
        let mut intervals = Vec::new();
        for (i, regimen) in schedule.regimens.iter().enumerate() {
            let place = || format!("regimen {i}");
            stops.push(after_start(Break::Regimen(i), &place)?);
            let tails = schedule.tails(i, parameters);
            let tail = |dose: &usize| Break::Tail {
                regimen: i,
                dose: *dose,
            };
            stops.extend(tails.iter().map(tail).map(stop));
            let end = parameters[regimen.at.0];
            let start = end - parameters[regimen.interval.0];
            let mut own = vec![stop(Break::IntervalEnd(i))];
            for (dose, d) in regimen.doses.iter().enumerate() {
                let regimen = i;
                own.push(stop(Break::RegimenDose { regimen, dose }));
                if tails.contains(&dose) {
                    own.push(stop(Break::RegimenTail { regimen, dose }));
                } else if d.duration.is_some() {
                    own.push(stop(Break::RegimenDoseEnd { regimen, dose }));
                }
            }
            own.extend(knots.iter().filter(|k| k.time > start && k.time <= end));
            sort(&mut own);
            // rounding must not carry anything past the end
            let last = own.iter().position(|s| s.what == Break::IntervalEnd(i));
            let last = last.expect("it was put there");
            let the_end = own.remove(last);
            own.push(the_end);
            let mut segments = Vec::new();
            for knot in knots {
                let Break::Knot { input, segment } = knot.what else {
                    continue;
                };
                segments.resize(segments.len().max(input + 1), 0);
                if knot.time <= start {
                    segments[input] = segments[input].max(segment);
                }
            }
            let running = tails.iter().map(|dose| schedule.flow_of(i, *dose));
            intervals.push(Interval {
                start,
                end,
                stops: own,
                running: running.collect(),
                segments,
            });
        }
        // what was given before a reset and has not arrived, or still runs, is forgotten
        for (number, regimen) in schedule.regimens.iter().enumerate() {
            if regimen.kind != RegimenKind::Reset {
                continue;
            }
            let reset = parameters[regimen.at.0];
            let given = |register: Register| parameters[register.0];
            stops.retain(|stop| {
                let forgotten = match stop.what {
                    Break::Dose(i) => given(schedule.doses[i].moment.at) < reset,
                    Break::InfusionStart(i) | Break::InfusionEnd(i) => {
                        given(schedule.infusions[i].moment.at) < reset
                    }
                    Break::Tail { regimen, .. } => {
                        let at = given(schedule.regimens[regimen].at);
                        at < reset || (at == reset && regimen < number)
                    }
                    _ => false,
                };
                !(forgotten && stop.time >= reset)
            });
        }
        Ok(intervals)
    }

    fn tables(
        system: &System,
        schedule: &Schedule,
        parameters: &[f64],
    ) -> Result<Vec<Table>, ScheduleError> {
        let mut tables: Vec<Table> = system
            .inputs()
            .iter()
            .map(|input| Table {
                kind: input.kind,
                knots: input.knots.clone(),
                registers: None,
            })
            .collect();
        for table in &schedule.inputs {
            let at = &mut tables[table.input];
            at.knots = table
                .knots
                .iter()
                .map(|(t, v)| (parameters[t.0], parameters[v.0]))
                .collect();
            at.registers = Some(table.knots.clone());
        }
        for (table, id) in tables.iter().zip(system.input_ids()) {
            if table.knots.is_empty() {
                return Err(ScheduleError::EmptyTable { input: id.clone() });
            }
            for &(t, v) in &table.knots {
                if let Some(&value) = [t, v].iter().find(|x| !x.is_finite()) {
                    return Err(ScheduleError::NotFinite {
                        place: format!("a knot of input `{id}`"),
                        value,
                    });
                }
            }
            for pair in table.knots.windows(2) {
                let (previous, time) = (pair[0].0, pair[1].0);
                if time < previous || (time == previous && table.kind == InputKind::Smooth) {
                    return Err(ScheduleError::KnotOrder {
                        input: id.clone(),
                        previous,
                        time,
                    });
                }
            }
        }
        Ok(tables)
    }
}
