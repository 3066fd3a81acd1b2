//! Whether data tell a parameter: profile and rank together.
//!
//! | verdict | rank at random points | profile |
//! |---|---|---|
//! | identified | told | crosses the threshold on both sides within the bounds |
//! | practically not | told | does not, on the sides named, or does only because another parameter met its bound |
//! | structurally not | in the null space everywhere | flat until another parameter meets its bound |
//! | by its prior alone | in the null space everywhere | crosses on both sides: priors do what data cannot |
//! | undecided | | cannot be followed to the threshold |

use super::result::{End, Profile};
use super::structure::Structure;
use serde::{Deserialize, Serialize};

/// Whether a parameter is identified (Raue et al. 2009, doi:10.1093/bioinformatics/btp358).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    /// the interval is finite and lies within the bounds
    Identified,
    /// these data leave the interval open, or only the bounds of others close it
    PracticallyNot {
        /// downwards
        lower: bool,
        /// upwards
        upper: bool,
    },
    /// no data of this design can tell the parameter
    StructurallyNot {
        /// which of the combinations of [`Structure`]
        combination: usize,
    },
    /// no data of this design can tell the parameter: the interval is its prior's, or that of others in the combination
    ByPriorAlone {
        /// which of the combinations of [`Structure`]
        combination: usize,
    },
    /// a side could not be followed to the threshold, see the profile's ends
    Undecided,
}

/// The verdict on one parameter. `prior` says whether a parameter of its combination has a prior that takes
/// part in the objective.
pub fn verdict(
    id: &str,
    profile: &Profile,
    structure: &Structure,
    threshold: f64,
    prior: bool,
) -> Verdict {
    let ends = [&profile.lower, &profile.upper];
    let crossed = (ends.iter()).all(|end| end.crossed().is_some() && !end.is_open());
    if let Some(combination) = structure.combination_of(id) {
        if is_flat(profile, threshold) {
            return Verdict::StructurallyNot { combination };
        }
        if prior && crossed {
            return Verdict::ByPriorAlone { combination };
        }
        if prior {
            return Verdict::StructurallyNot { combination };
        }
    }
    if ends.iter().any(|end| end.is_open()) {
        let open = End::is_open;
        Verdict::PracticallyNot {
            lower: open(&profile.lower),
            upper: open(&profile.upper),
        }
    } else if crossed {
        Verdict::Identified
    } else {
        Verdict::Undecided
    }
}

/// Whether the objective stays within 1 % of the threshold from the best point on both sides, until another parameter meets a
/// bound that did not hold it at the best point.
fn is_flat(profile: &Profile, threshold: f64) -> bool {
    let best = (0..profile.points.len())
        .min_by(|&a, &b| {
            let rise = |k: usize| profile.points[k].rise.abs();
            rise(a).total_cmp(&rise(b))
        })
        .unwrap_or(0);
    let held = |k: usize| &profile.points[k].held;
    let free = |k: &usize| held(*k).iter().all(|h| held(best).contains(h));
    let below = (0..best).rev().take_while(|k| free(k));
    let above = (best + 1..profile.points.len()).take_while(|k| free(k));
    below
        .chain(above)
        .all(|k| profile.points[k].rise.abs() <= 0.01 * threshold)
}
