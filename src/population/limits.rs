//! Limits of quantification of readings, censored ones and their neighbours.
//!
//! A censored reading has its own limit. A value does not say what its limit was: it gets that of the censored reading of the same
//! endpoint and individual that is nearest in time, else the median limit of the endpoint, and none where it lies beyond that or
//! the endpoint has no censored readings.

use super::model::PopulationProblem;
use super::simulate::ReadingPlace;
use crate::cohort::Visit;
use crate::noise::Reading;
use std::collections::BTreeMap;

/// The limits of one reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// Limits of all readings.
pub(crate) fn limits(problem: &PopulationProblem, places: &[ReadingPlace]) -> Vec<Limits> {
    let visits: Vec<&Visit> = places
        .iter()
        .map(|p| &problem.problem.cohort.subjects[p.subject].visits[p.visit])
        .collect();
    let lower = one_side(places, &visits, |reading| match *reading {
        Reading::Below(limit) => Some(limit),
        _ => None,
    });
    let upper = one_side(places, &visits, |reading| match *reading {
        Reading::Above(limit) => Some(limit),
        _ => None,
    });
    let value = |reading: &Reading| match *reading {
        Reading::Value(value) => Some(value),
        _ => None,
    };
    (0..places.len())
        .map(|j| {
            let value = value(&visits[j].reading);
            Limits {
                lower: lower[j].filter(|limit| value.is_none_or(|v| *limit <= v)),
                upper: upper[j].filter(|limit| value.is_none_or(|v| *limit >= v)),
            }
        })
        .collect()
}

/// Limits on one side: its own of a censored reading, that of a neighbour of a value.
fn one_side(
    places: &[ReadingPlace],
    visits: &[&Visit],
    of: impl Fn(&Reading) -> Option<f64>,
) -> Vec<Option<f64>> {
    let mut by_endpoint: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for visit in visits {
        if let Some(limit) = of(&visit.reading) {
            by_endpoint.entry(visit.endpoint).or_default().push(limit);
        }
    }
    for all in by_endpoint.values_mut() {
        all.sort_by(f64::total_cmp);
    }
    let mut found = Vec::with_capacity(places.len());
    // readings of an individual stand together
    for own in places.chunk_by(|a, b| a.individual == b.individual) {
        let own = &visits[found.len()..found.len() + own.len()];
        for visit in own {
            let nearest = own
                .iter()
                .filter(|other| other.endpoint == visit.endpoint)
                .filter_map(|other| Some(((other.time - visit.time).abs(), of(&other.reading)?)))
                .reduce(|best, other| if other.0 < best.0 { other } else { best });
            let median = || {
                let all = by_endpoint.get(&visit.endpoint)?;
                all.get(all.len() / 2).copied()
            };
            let neighbour = || match visit.reading {
                Reading::Value(_) => nearest.map(|n| n.1).or_else(median),
                _ => None,
            };
            found.push(of(&visit.reading).or_else(neighbour));
        }
    }
    found
}
