//! Folds, Hopf and branch points between two stations of a curve.
use super::{
    PointKind,
    equations::Rest,
    newton::Border,
    walk::{Station, ahead},
};

/// slope of the value along the curve at which a fold is found: the value itself is off by its square
const FLAT: f64 = 1e-7;
const ITERATIONS: usize = 60;

/// What lies between two stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Nothing,
    Fold,
    /// the number of unstable directions changes and the curve does not turn
    Crossing,
    /// more than one: the step is to be shorter
    Several,
}

/// What lies between two stations, by the slopes of the value and the numbers of unstable directions.
pub(super) fn event(here: &Station, next: &Station) -> Event {
    let turns = here.tangent.value * next.tangent.value < 0.0;
    let changes = here.spectrum.unstable.abs_diff(next.spectrum.unstable);
    match (turns, changes) {
        (false, 0) => Event::Nothing,
        (true, 1) => Event::Fold,
        (false, 1 | 2) => Event::Crossing,
        _ => Event::Several,
    }
}

/// The special point between two stations.
pub(super) fn locate(
    rest: &mut Rest,
    here: &Station,
    next: &Station,
    event: Event,
) -> Option<Station> {
    let end = here
        .tangent
        .dot(&Border::between(&here.point, &next.point, &here.scale));
    match event {
        Event::Nothing => None,
        Event::Fold => fold(rest, here, next, end),
        Event::Crossing => crossing(rest, here, next, end),
        // a step that could not be shorter
        Event::Several if here.tangent.value * next.tangent.value < 0.0 => {
            fold(rest, here, next, end)
        }
        Event::Several => crossing(rest, here, next, end),
    }
}

/// Regula falsi (Illinois) on the slope of the value; bisection where a trial fails.
fn fold(rest: &mut Rest, here: &Station, next: &Station, end: f64) -> Option<Station> {
    let (mut low, mut high) = (0.0, end);
    let (mut at_low, mut at_high) = (here.tangent.value, next.tangent.value);
    let mut best: Option<Station> = None;
    let mut side = 0;
    for iteration in 0..ITERATIONS {
        let share = match iteration % 8 {
            7 => 0.5,
            _ => (at_low / (at_low - at_high)).clamp(0.01, 0.99),
        };
        let step = low + share * (high - low);
        let Some((trial, _)) = ahead(rest, here, step) else {
            high = step;
            continue;
        };
        let slope = trial.tangent.value;
        let nearer = best
            .as_ref()
            .is_none_or(|best| slope.abs() < best.tangent.value.abs());
        if nearer {
            best = Some(trial);
        }
        if slope.abs() <= FLAT || high - low <= 1e-14 {
            break;
        }
        if slope * here.tangent.value > 0.0 {
            (low, at_low) = (step, slope);
            at_high *= if side == 1 { 0.5 } else { 1.0 };
            side = 1;
        } else {
            (high, at_high) = (step, slope);
            at_low *= if side == 2 { 0.5 } else { 1.0 };
            side = 2;
        }
    }
    best.map(|found| Station {
        kind: PointKind::Fold,
        ..found
    })
}

/// Bisection on the number of unstable directions.
fn crossing(rest: &mut Rest, here: &Station, next: &Station, end: f64) -> Option<Station> {
    let (mut low, mut high) = (0.0, end);
    let mut found = next.clone();
    for _ in 0..ITERATIONS {
        let middle = 0.5 * (low + high);
        // at a branch point itself the bordered matrix is singular
        let Some((trial, _)) = ahead(rest, here, middle) else {
            break;
        };
        if trial.spectrum.unstable == here.spectrum.unstable {
            low = middle;
        } else {
            high = middle;
        }
        found = trial;
        if high - low <= 1e-9 * end {
            break;
        }
    }
    let changes = here.spectrum.unstable.abs_diff(next.spectrum.unstable);
    let turns = found.spectrum.nearest.1 > 0.0;
    found.kind = match changes == 2 && turns {
        true => PointKind::Hopf,
        false => PointKind::Branch,
    };
    Some(found)
}
