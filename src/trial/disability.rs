//! Disability on a scale of steps, and its progression, confirmed at a later visit.
use super::spread::Spread;
use serde::{Deserialize, Serialize};

/// A scale of disability and when a rise on it counts. The scale and the rule stand in the file, with their sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disability {
    /// a state or observable in points of the scale
    pub of: String,
    /// days between visits where a trial does not say
    pub every: f64,
    /// the points that the scale has, ascending
    pub steps: Vec<f64>,
    /// between ratings of one subject, before they are taken to the nearest step
    #[serde(default)]
    pub noise: Option<Spread>,
    /// rises that count, by the first reading; the first that fits is taken
    pub rises: Vec<Rise>,
    /// days after which a rise must still be there
    pub confirm: f64,
    /// DOI of the rule
    #[serde(default)]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default)]
    pub note: Option<String>,
}

/// A rise that counts as progression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rise {
    /// for first readings up to this many points
    pub up_to: f64,
    /// at least this many points above the first reading
    pub by: f64,
}

/// A confirmed progression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// day of the first visit with the rise
    pub day: f64,
    /// day of the visit that confirmed it
    pub confirmed: f64,
}

/// The step of a scale nearest to a value; of two that are equally near, the lower. Steps must not be empty.
pub fn nearest_step(steps: &[f64], value: f64) -> f64 {
    let nearer = |best: f64, step: &f64| match (step - value).abs() < (best - value).abs() {
        true => *step,
        false => best,
    };
    steps.iter().fold(steps[0], nearer)
}

/// The first rise over the first reading that all later visits show too, up to one at least `confirm` days later. Visits without
/// a reading (NaN) are passed over.
///
/// ```
/// use holobiont::trial::{Rise, confirmed_progression};
/// let rises = [Rise { up_to: 0.0, by: 1.5 }, Rise { up_to: 5.5, by: 1.0 }, Rise { up_to: 10.0, by: 0.5 }];
/// let days = [0.0, 84.0, 168.0, 252.0, 336.0];
/// let onset = confirmed_progression(&days, &[2.0, 2.0, 3.0, 3.5, 3.0], &rises, 168.0).expect("it stays");
/// assert_eq!((onset.day, onset.confirmed), (168.0, 336.0));
/// assert!(confirmed_progression(&days, &[2.0, 3.0, 3.0, 2.5, 3.0], &rises, 168.0).is_none());
/// ```
pub fn confirmed_progression(
    days: &[f64],
    scores: &[f64],
    rises: &[Rise],
    confirm: f64,
) -> Option<Onset> {
    let visits: Vec<(f64, f64)> = (days.iter().copied())
        .zip(scores.iter().copied())
        .filter(|visit| visit.1.is_finite())
        .collect();
    let first = visits.first()?.1;
    let rise = rises.iter().find(|rise| first <= rise.up_to)?;
    let risen = |visit: &&(f64, f64)| visit.1 >= first + rise.by;
    for (at, visit) in visits.iter().enumerate().skip(1).filter(|v| risen(&v.1)) {
        let mut later = visits[at + 1..].iter().take_while(risen);
        if let Some(last) = later.find(|later| later.0 >= visit.0 + confirm) {
            return Some(Onset {
                day: visit.0,
                confirmed: last.0,
            });
        }
    }
    None
}
