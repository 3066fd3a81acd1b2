//! How far parameters are moved along a direction.
//!
//! A central difference with step e of numbers with relative rounding u is off by about e^2 f'''/6 + u f/e, least at e = u^(1/3) of
//! the length over which f changes. The rounding of a solve adds up: a few units in the last place in a small system, a
//! thousand in the one of `benches/second_order.rs`, where the derivatives get better up to 8 times the step for one unit. The
//! length is taken to be
//!
//! * the size of a parameter, for rates and amounts change the solution by their proportion;
//! * ten mean steps of the base solve for a register that is a time of the schedule (dose, lag, period, knot): a step is
//!   about a tenth of the time over which the solution changes, whatever the time is counted from.
//!
//! A direction that moves several registers has one step, the least that these ask for; registers that are 0 ask for none,
//! and where all are 0 the length is 1 in their unit. The step is rounded down to a power of two, so that moving a parameter is exact.
use crate::schedule::{Moment, Register, Schedule, Start};
use crate::solve::{Problem, path::Path};

/// Mean steps over which the solution changes.
const STEPS: f64 = 10.0;
/// Rounding of a sensitivity at the end of a solve.
const ROUNDING: f64 = 32.0 * f64::EPSILON;

/// The step along a direction, and the direction without repeats.
pub(super) fn step(
    problem: &Problem,
    path: &Path,
    seed: &[(Register, f64)],
) -> (f64, Vec<(Register, f64)>) {
    let mut direction: Vec<(Register, f64)> = Vec::with_capacity(seed.len());
    for &(register, rate) in seed {
        match direction.iter_mut().find(|(other, _)| *other == register) {
            Some((_, sum)) => *sum += rate,
            None => direction.push((register, rate)),
        }
    }
    let moving = direction.iter().filter(|(_, rate)| *rate != 0.0);
    let (mut least, mut fastest) = (f64::INFINITY, 0.0f64);
    for &(register, rate) in moving {
        let size = problem.parameters[register.0].abs();
        let length = match path.mean_step() {
            Some(step) if is_time(problem.schedule, register) => STEPS * step,
            _ => size,
        };
        fastest = fastest.max(rate.abs());
        if length > 0.0 {
            least = least.min(length / rate.abs());
        }
    }
    if !least.is_finite() {
        least = if fastest > 0.0 { 1.0 / fastest } else { 1.0 };
    }
    // the number without its mantissa: a power of two
    let step = f64::from_bits((ROUNDING.cbrt() * least).to_bits() & !((1 << 52) - 1));
    (step, direction)
}

/// Whether a register is a time of the schedule.
fn is_time(schedule: &Schedule, register: Register) -> bool {
    let has = |moment: &Moment| moment.at == register || moment.lag == Some(register);
    let infused = schedule.infusions.iter();
    let mut infused = infused.flat_map(|i| [Some(i.moment.at), i.moment.lag, Some(i.duration)]);
    let mut repeated = schedule.regimens.iter().flat_map(|regimen| {
        let own = [Some(regimen.at), Some(regimen.interval)].into_iter();
        own.chain(regimen.doses.iter().flat_map(|d| [d.lag, d.duration]))
    });
    let starts = |start: &Start| matches!(start, Start::At(moment) if has(moment));
    schedule.doses.iter().any(|dose| has(&dose.moment))
        || infused.any(|used| used == Some(register))
        || repeated.any(|used| used == Some(register))
        || schedule.periods.iter().any(|period| starts(&period.start))
        || schedule
            .inputs
            .iter()
            .any(|table| table.knots.iter().any(|(time, _)| *time == register))
}
