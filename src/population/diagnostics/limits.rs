//! Limits of quantification of readings, censored ones and their neighbours.
//!
//! A censored reading has its own limit. A value does not say what its limit was: it gets that of the censored reading of the same
//! endpoint and individual that is nearest in time, else the median limit of the endpoint, and none where it lies beyond that or
//! the endpoint has no censored readings.

use crate::noise::Reading;
use crate::population::model::PopulationProblem;
use crate::population::simulate::ReadingPlace;

/// The limits of one reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Limits {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// Limits of all readings.
pub(super) fn limits(problem: &PopulationProblem, places: &[ReadingPlace]) -> Vec<Limits> {
    let cohort = &problem.problem.cohort;
    let visit = |p: &ReadingPlace| &cohort.subjects[p.subject].visits[p.visit];
    let lower_of = |reading: &Reading| match *reading {
        Reading::Below(limit) => Some(limit),
        _ => None,
    };
    let upper_of = |reading: &Reading| match *reading {
        Reading::Above(limit) => Some(limit),
        _ => None,
    };
    let nearest = |place: &ReadingPlace, of: &dyn Fn(&Reading) -> Option<f64>| {
        let own = visit(place);
        let same = places
            .iter()
            .filter(|p| visit(p).endpoint == own.endpoint)
            .filter_map(|p| Some((p, of(&visit(p).reading)?)));
        let mut all = Vec::new();
        let mut closest: Option<(f64, f64)> = None;
        for (other, limit) in same {
            all.push(limit);
            let distance = (visit(other).time - own.time).abs();
            if other.individual == place.individual && closest.is_none_or(|c| distance < c.0) {
                closest = Some((distance, limit));
            }
        }
        all.sort_by(f64::total_cmp);
        closest.map(|c| c.1).or(all.get(all.len() / 2).copied())
    };
    // most problems have no censored readings
    let any = |of: &dyn Fn(&Reading) -> Option<f64>| {
        places.iter().any(|p| of(&visit(p).reading).is_some())
    };
    let (any_lower, any_upper) = (any(&lower_of), any(&upper_of));
    places
        .iter()
        .map(|place| {
            let reading = visit(place).reading;
            let value = match reading {
                Reading::Value(value) => Some(value),
                _ => None,
            };
            let lower = lower_of(&reading).or_else(|| {
                let value = value.filter(|_| any_lower)?;
                nearest(place, &lower_of).filter(|limit| *limit <= value)
            });
            let upper = upper_of(&reading).or_else(|| {
                let value = value.filter(|_| any_upper)?;
                nearest(place, &upper_of).filter(|limit| *limit >= value)
            });
            Limits { lower, upper }
        })
        .collect()
}
