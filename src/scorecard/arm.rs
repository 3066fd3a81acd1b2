//! The two sides of a finding: who, under what, when.
use super::target::Target;

/// Days that a subject lives before anything is done to it.
pub(super) const SETTLED: f64 = 1095.0;

/// Scenarios of subjects that nothing is done to.
pub(super) const UNTREATED: &[&str] = &[
    "healthy",
    "dysbiotic",
    "twin_healthy",
    "twin_ms",
    "ms",
    "stable",
    "worsened",
];

/// A settled subject, some days into a treatment or into none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arm {
    /// an untreated scenario
    pub subject: String,
    /// what is done from day 0 on
    pub treatment: Option<String>,
    /// when it is looked at
    pub day: f64,
}

impl Arm {
    /// What the words of a finding's scenario or reference mean: `placebo` is the subject untreated, `baseline` the same on day 0, an
    /// untreated scenario a subject of its own. Mice are read on `healthy`, susceptible subjects on `twin_healthy`,
    /// dysbiotic ones on `dysbiotic`.
    pub fn of(target: &Target, scenario: &str) -> Arm {
        let subject = match target.subject.as_str() {
            "ms" => "ms",
            "susceptible" => "twin_healthy",
            "dysbiotic" => "dysbiotic",
            _ => "healthy",
        };
        let arm = |subject: &str, treatment: Option<&str>, day| Arm {
            subject: subject.to_string(),
            treatment: treatment.map(str::to_owned),
            day,
        };
        match scenario {
            "placebo" => arm(subject, None, target.day),
            "baseline" => arm(subject, None, 0.0),
            known if UNTREATED.contains(&known) => arm(known, None, 0.0),
            treatment => arm(subject, Some(treatment), target.day),
        }
    }
}
