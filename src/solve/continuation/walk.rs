//! Steps along a curve to both sides of its start, and why they end.
use super::{
    Branch, BranchPoint, ContinuationError, ContinuationOptions, End, PointKind,
    equations::{Linear, Point, Rest, Scale},
    newton::{Border, correct, tangent},
    special::{Event, event, locate},
    stability::{Spectrum, spectrum},
};

/// Newton's corrections may move a point by this share of the step.
const STRAY: f64 = 0.5;
/// Cosine of the angle by which the tangent may turn in a step.
const TURN: f64 = 0.95;
/// Of the longest step: below it, a corner or a crowd of special points is taken as it is.
const SHORT: f64 = 1e-3;

/// A point of a curve on the way.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub point: Point,
    /// of length 1 in the scale, in the direction of the walk
    pub tangent: Border,
    pub scale: Scale,
    pub spectrum: Spectrum,
    pub kind: PointKind,
}

/// Why a step was not made.
enum Refusal {
    Negative(usize),
    Other,
}

/// A curve from its start to both sides.
pub(super) fn both(
    rest: &mut Rest,
    start: Point,
    options: &ContinuationOptions,
) -> Result<Branch, ContinuationError> {
    let scale = rest.scale(&start.states, options);
    let singular = || ContinuationError::Singular { states: Vec::new() };
    let border = Border::value(start.states.len());
    let linear = rest.linearise(&start).map_err(|_| singular())?;
    let station = station(rest, start, &linear, &border, scale).ok_or_else(singular)?;
    let back = Station {
        tangent: station.tangent.reversed(),
        ..station.clone()
    };
    let (ahead, last) = walk(rest, &station, options);
    let (behind, first) = match last {
        End::Closed => (Vec::new(), End::Closed),
        _ => walk(rest, &back, options),
    };
    let whole = behind.iter().rev().chain([&station]).chain(&ahead);
    let mut points: Vec<BranchPoint> = whole
        .map(|station| BranchPoint {
            value: station.point.value,
            states: rest.all_of(&station.point.states),
            kind: station.kind,
            unstable: station.spectrum.unstable,
            leading: station.spectrum.leading,
        })
        .collect();
    for end in [0, points.len() - 1] {
        if points[end].kind == PointKind::Regular {
            points[end].kind = PointKind::End;
        }
    }
    Ok(Branch {
        points,
        ends: [first, last],
        time: rest.time,
        registers: rest.registers().to_vec(),
        along: rest.along().clone(),
    })
}

/// Tangent and stability at a point of rest.
pub(super) fn station(
    rest: &Rest,
    point: Point,
    linear: &Linear,
    border: &Border,
    scale: Scale,
) -> Option<Station> {
    Some(Station {
        tangent: tangent(linear, border, &scale)?,
        spectrum: spectrum(rest, linear, &scale)?,
        point,
        scale,
        kind: PointKind::Regular,
    })
}

/// The station some way ahead, in the scale of the one before.
pub(super) fn ahead(rest: &mut Rest, from: &Station, step: f64) -> Option<(Station, usize)> {
    let guess = from.tangent.ahead(&from.point, step, &from.scale);
    let found = correct(rest, &guess, &from.tangent, &from.scale)?;
    let stray = Border::between(&guess, &found.point, &from.scale);
    if stray.dot(&stray).sqrt() > STRAY * step {
        return None;
    }
    let scale = from.scale.clone();
    let next = station(rest, found.point, &found.linear, &from.tangent, scale)?;
    Some((next, found.iterations))
}

fn attempt(rest: &mut Rest, here: &Station, step: f64) -> Result<(Station, usize), Refusal> {
    let (next, iterations) = ahead(rest, here, step).ok_or(Refusal::Other)?;
    match rest.negative(&next.point.states, &here.scale) {
        Some(k) => Err(Refusal::Negative(k)),
        None => Ok((next, iterations)),
    }
}

/// The station at a bound of the range that a step crossed.
fn land(rest: &mut Rest, here: &Station, beyond: &Station, bound: f64) -> Option<Station> {
    let share = (bound - here.point.value) / (beyond.point.value - here.point.value);
    let pairs = here.point.states.iter().zip(&beyond.point.states);
    let guess = Point {
        states: pairs.map(|(a, b)| a + share * (b - a)).collect(),
        value: bound,
    };
    let border = Border::value(guess.states.len());
    let mut found = correct(rest, &guess, &border, &here.scale)?;
    found.point.value = bound;
    let scale = here.scale.clone();
    station(rest, found.point, &found.linear, &here.tangent, scale)
}

fn walk(rest: &mut Rest, start: &Station, options: &ContinuationOptions) -> (Vec<Station>, End) {
    let mut stations: Vec<Station> = Vec::new();
    let mut here = start.clone();
    let mut step = 0.1 * options.largest_step;
    while stations.len() < options.most_points {
        let (mut next, iterations) = match attempt(rest, &here, step) {
            Ok(made) => made,
            Err(refusal) => {
                step *= 0.5;
                if step >= options.smallest_step {
                    continue;
                }
                let end = match refusal {
                    Refusal::Negative(k) => End::Negative { state: rest.id(k) },
                    Refusal::Other => End::StepTooSmall,
                };
                return (stations, end);
            }
        };
        let short = step <= SHORT * options.largest_step;
        let turn = here.tangent.dot(&next.tangent);
        let met = event(&here, &next);
        if !short && (turn < TURN || met == Event::Several) {
            step *= 0.5;
            continue;
        }
        let bound = match next.point.value {
            value if value > options.to => Some(options.to),
            value if value < options.from => Some(options.from),
            _ => None,
        };
        if let Some(bound) = bound {
            // a start at the bound itself leaves at once
            if here.point.value == bound {
                return (stations, End::Range);
            }
            match land(rest, &here, &next, bound) {
                Some(landed) => next = landed,
                None if short => return (stations, End::StepTooSmall),
                None => {
                    step *= 0.5;
                    continue;
                }
            }
        }
        let met = event(&here, &next);
        stations.extend(locate(rest, &here, &next, met));
        let reached = Border::between(&here.point, &next.point, &here.scale);
        let closed = stations.len() > 20 && passes(start, &here, &reached);
        // the next step begins here, in the scale of here
        let scale = rest.scale(&next.point.states, options);
        next.tangent = next.tangent.rescaled(&next.scale, &scale);
        next.scale = scale;
        here = next;
        if closed {
            stations.push(start.clone());
            return (stations, End::Closed);
        }
        stations.push(here.clone());
        if bound.is_some() {
            return (stations, End::Range);
        }
        if iterations <= 4 && turn > 0.99 {
            step = (1.5 * step).min(options.largest_step);
        } else if iterations > 6 {
            step *= 0.5;
        }
    }
    (stations, End::MostPoints)
}

/// Whether the start lies between a station and the next.
fn passes(start: &Station, here: &Station, reached: &Border) -> bool {
    let to_start = Border::between(&here.point, &start.point, &here.scale);
    let (length, along) = (reached.dot(reached), to_start.dot(reached));
    let away = to_start.dot(&to_start) - along * along / length;
    let onward = here
        .tangent
        .dot(&start.tangent.rescaled(&start.scale, &here.scale));
    along >= 0.0 && along <= length && away <= 0.01 * length && onward > TURN
}
