//! The table of endpoints: every arm against the first, as trials report them.
//!
//! Means are of subjects with a reading at the last visit (and the first, where changes are compared). Relapses and progression are
//! of all subjects as long as they are seen; leaving has nothing to do with their state here, so censoring does no harm.
use super::chance::{Patient, compared};
use super::compare::{Contrast, mean_and_variance, rate_ratio, welch, welch_p};
use super::design::{Design, Endpoint, Kind, Scale};
use super::subject::YEAR;
use super::survival::{Time, hazard_ratio, kaplan_meier, log_rank};

/// How arms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// difference of means
    Difference,
    /// ratio of geometric means
    Ratio,
    /// ratio of rates
    RateRatio,
    /// ratio of hazards
    HazardRatio,
}

/// One arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// subjects that count
    pub subjects: usize,
    /// mean, geometric mean, rate (1/yr), or share with the event at the end by Kaplan and Meier
    pub value: f64,
}

/// An endpoint in one arm against the first arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// position of the endpoint
    pub endpoint: usize,
    /// position of the arm
    pub arm: usize,
    /// the first arm
    pub control: Summary,
    /// the arm
    pub treated: Summary,
    /// how they are compared
    pub measure: Measure,
    /// the contrast; a ratio itself, not its logarithm
    pub contrast: Contrast,
}

/// How an endpoint is compared.
pub(super) fn measure(endpoint: &Endpoint) -> Measure {
    match (endpoint.kind, endpoint.scale) {
        (Kind::Relapses, _) => Measure::RateRatio,
        (Kind::Progression, _) => Measure::HazardRatio,
        (_, Scale::Linear) => Measure::Difference,
        (_, Scale::Log) => Measure::Ratio,
    }
}

/// Outcomes of an endpoint in an arm that are there.
fn outcomes(endpoint: &Endpoint, position: usize, arm: &[&Patient]) -> Vec<f64> {
    let all = arm
        .iter()
        .map(|patient| patient.outcome(endpoint, position));
    all.filter(|outcome| outcome.is_finite()).collect()
}

/// (relapses, years under observation) of each subject.
fn relapses(arm: &[&Patient]) -> Vec<(f64, f64)> {
    let of = |patient: &&Patient| (patient.relapses.len() as f64, patient.left / YEAR);
    arm.iter().map(of).collect()
}

/// Times to confirmed progression, from the first rise; else until the last visit with a reading.
pub(super) fn progressions(arm: &[&Patient], visits: &[f64]) -> Vec<Time> {
    let time = |patient: &&Patient| {
        let seen = patient
            .disability
            .iter()
            .rposition(|score| score.is_finite());
        match patient.progression {
            Some(onset) => Time {
                day: onset.day,
                event: true,
            },
            None => Time {
                day: seen.map_or(0.0, |at| visits[at]),
                event: false,
            },
        }
    };
    arm.iter().map(time).collect()
}

fn of_arm(patients: &[Patient], arm: usize) -> Vec<&Patient> {
    patients
        .iter()
        .filter(|patient| patient.arm == arm)
        .collect()
}

/// Every endpoint, every arm against the first.
pub fn analyse(design: &Design, patients: &[Patient]) -> Vec<Row> {
    let visits = design.visits();
    let control = of_arm(patients, 0);
    let mut rows = Vec::new();
    for arm in 1..design.arms.len() {
        let treated = of_arm(patients, arm);
        for (position, endpoint) in design.endpoints.iter().enumerate() {
            let (summaries, contrast) = match endpoint.kind {
                Kind::Relapses => {
                    let groups = [relapses(&treated), relapses(&control)];
                    let summary = |group: &Vec<(f64, f64)>| Summary {
                        subjects: group.len(),
                        value: group.iter().map(|s| s.0).sum::<f64>()
                            / group.iter().map(|s| s.1).sum::<f64>(),
                    };
                    (
                        groups.each_ref().map(summary),
                        rate_ratio(&groups[0], &groups[1]).exp(),
                    )
                }
                Kind::Progression => {
                    let groups = [
                        progressions(&treated, &visits),
                        progressions(&control, &visits),
                    ];
                    let summary = |group: &Vec<Time>| Summary {
                        subjects: group.len(),
                        value: 1.0 - kaplan_meier(group).last(),
                    };
                    let contrast = Contrast {
                        p: log_rank(&groups[0], &groups[1]),
                        ..hazard_ratio(&groups[0], &groups[1]).exp()
                    };
                    (groups.each_ref().map(summary), contrast)
                }
                Kind::Reading | Kind::Disability => {
                    let groups = [
                        outcomes(endpoint, position, &treated),
                        outcomes(endpoint, position, &control),
                    ];
                    let log = endpoint.scale == Scale::Log;
                    let back = |mean: f64| if log { libm::exp(mean) } else { mean };
                    let summary = |group: &Vec<f64>| Summary {
                        subjects: group.len(),
                        value: back(mean_and_variance(group).0),
                    };
                    let contrast = welch(&groups[0], &groups[1]);
                    let contrast = if log { contrast.exp() } else { contrast };
                    (groups.each_ref().map(summary), contrast)
                }
            };
            rows.push(Row {
                endpoint: position,
                arm,
                control: summaries[1],
                treated: summaries[0],
                measure: measure(endpoint),
                contrast,
            });
        }
    }
    rows
}

/// The p values of [`analyse`] alone, in its order.
pub(super) fn p_values(design: &Design, patients: &[Patient]) -> Vec<f64> {
    let visits = design.visits();
    let control = of_arm(patients, 0);
    let mut all = Vec::new();
    for arm in 1..design.arms.len() {
        let treated = of_arm(patients, arm);
        for (position, endpoint) in design.endpoints.iter().enumerate() {
            all.push(match endpoint.kind {
                Kind::Relapses => rate_ratio(&relapses(&treated), &relapses(&control)).p,
                Kind::Progression => log_rank(
                    &progressions(&treated, &visits),
                    &progressions(&control, &visits),
                ),
                Kind::Reading | Kind::Disability => welch_p(
                    &outcomes(endpoint, position, &treated),
                    &outcomes(endpoint, position, &control),
                ),
            });
        }
    }
    all
}

/// Mean of an endpoint at a visit in an arm with its 95 % interval, as compared; (NaN, NaN) around means of less than two subjects.
pub(super) fn mean_at(
    endpoint: &Endpoint,
    position: usize,
    arm: &[&Patient],
    visit: usize,
) -> (f64, (f64, f64)) {
    let reading = |patient: &&Patient| {
        let row = match endpoint.kind {
            Kind::Disability => &patient.disability,
            _ => &patient.readings[position],
        };
        compared(endpoint, *row.first()?, *row.get(visit)?)
            .is_finite()
            .then(|| compared(endpoint, row[0], row[visit]))
    };
    let values: Vec<f64> = arm.iter().filter_map(reading).collect();
    let (mean, variance) = mean_and_variance(&values);
    let half = crate::noise::normal_quantile(0.975) * (variance / values.len() as f64).sqrt();
    match endpoint.scale {
        Scale::Linear => (mean, (mean - half, mean + half)),
        Scale::Log => (
            libm::exp(mean),
            (libm::exp(mean - half), libm::exp(mean + half)),
        ),
    }
}
