//! What a model says of findings: settled subjects, treated and not, and the contrasts between them.
use super::arm::{Arm, SETTLED, UNTREATED};
use super::shares::People;
use super::target::{Contrast, Quantities, Target};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use crate::solve::{Method, Problem, Tolerances, solve};
use std::collections::BTreeMap;

/// Tolerances of the solver: contrasts come out to a thousandth of the narrowest interval.
const TOLERANCES: Tolerances = Tolerances {
    relative: 1e-5,
    absolute: 1e-8,
};
/// Relative change of the parameters that are moved to see an elasticity.
const MOVED: f64 = 0.1;
/// Distances count up to this many half-widths, so that no row rules the score.
const MOST: f64 = 3.0;

/// What became of a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// the contrast of the model
    Contrast(f64),
    /// the model cannot say, and why
    NotRepresentable(String),
    /// the solve failed
    Failed(String),
}

/// A finding beside the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// the finding
    pub target: Target,
    /// what the model says
    pub outcome: Outcome,
    /// range over vectors that fit equally well, where there are such
    pub band: Option<(f64, f64)>,
}

impl Scored {
    /// Distance of the model from the finding, in half-widths.
    pub fn distance(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Contrast(contrast) => Some(self.target.distance(contrast)),
            _ => None,
        }
    }
}

/// Findings taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// how many the model can speak of
    pub representable: usize,
    /// of all
    pub all: usize,
    /// how many solves failed: each counts as the most half-widths, outside of its interval
    pub failed: usize,
    /// share inside the intervals
    pub inside: f64,
    /// mean distance, each counted up to 3 half-widths
    pub distance: f64,
    /// the same of a model without effects, over the contrasts that have such a thing
    pub without_effects: f64,
    /// the model's mean distance over those
    pub over_the_same: f64,
    /// median width of the intervals over the size of the value, of differences and ratios (on logarithms)
    pub width: f64,
}

impl Score {
    /// The score of some findings; `None` where the model can speak of none.
    pub fn of<'s>(rows: impl Iterator<Item = &'s Scored> + Clone) -> Option<Score> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let capped = |d: f64| d.abs().min(MOST);
        let fail = |row: &&Scored| matches!(row.outcome, Outcome::Failed(_));
        let failed = rows.clone().filter(fail).count();
        let mut distances: Vec<f64> = rows.clone().filter_map(Scored::distance).collect();
        distances.extend(std::iter::repeat_n(MOST, failed));
        if distances.is_empty() {
            return None;
        }
        let pairs: Vec<(f64, f64)> = (rows.clone())
            .filter_map(|row| {
                let nothing = row.target.contrast.without_effect()?;
                let own = match row.outcome {
                    Outcome::Failed(_) => MOST,
                    _ => row.distance()?,
                };
                Some((own, row.target.distance(nothing)))
            })
            .collect();
        let mut widths: Vec<f64> = (rows.clone())
            .filter_map(|row| {
                let (lower, upper) = row.target.interval;
                match row.target.contrast {
                    ratio if ratio.is_ratio() => Some((upper / lower).ln()),
                    Contrast::Difference | Contrast::ShareDifference if row.target.value != 0.0 => {
                        Some((upper - lower) / row.target.value.abs())
                    }
                    _ => None,
                }
            })
            .collect();
        widths.sort_by(f64::total_cmp);
        let inside = distances.iter().filter(|d| d.abs() <= 1.0).count();
        Some(Score {
            representable: distances.len(),
            all: rows.count(),
            failed,
            inside: inside as f64 / distances.len() as f64,
            distance: mean(&distances.iter().map(|d| capped(*d)).collect::<Vec<_>>()),
            without_effects: mean(&pairs.iter().map(|p| capped(p.1)).collect::<Vec<_>>()),
            over_the_same: mean(&pairs.iter().map(|p| capped(p.0)).collect::<Vec<_>>()),
            width: widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN),
        })
    }
}

/// Scores a model. Scenarios named `healthy`, `ms` and such stand for untreated subjects: a subject lives three years untreated,
/// then its treatment begins. `placebo` is the same subject untreated, `baseline` the same on day 0. Findings in mice are read on the
/// scenario `healthy`. Parameters that an untreated scenario sets are the subject's own; a treatment does not bring them along.
pub fn score(
    model: &Model,
    system: &System,
    targets: &[Target],
    quantities: &Quantities,
) -> Vec<Scored> {
    score_at(model, system, &[], targets, quantities)
}

/// [`score`] with other values of parameters: (register of the system, value). What a scenario sets comes before them.
pub fn score_at(
    model: &Model,
    system: &System,
    values: &[(usize, f64)],
    targets: &[Target],
    quantities: &Quantities,
) -> Vec<Scored> {
    let mut runner = Runner::new(model, system, values, targets, quantities);
    let outcome = |target: &Target| match runner.contrast(target, quantities) {
        Ok(contrast) if contrast.is_finite() => Outcome::Contrast(contrast),
        Ok(contrast) => Outcome::Failed(format!("the contrast is {contrast}")),
        Err(outcome) => outcome,
    };
    let outcomes: Vec<Outcome> = targets.iter().map(outcome).collect();
    let pairs = targets.iter().zip(outcomes);
    pairs
        .map(|(target, outcome)| Scored {
            target: target.clone(),
            outcome,
            band: None,
        })
        .collect()
}

/// The level of each finding's reference as the finding compares it (a logarithm for ratios); `None` where there is none.
pub(super) fn references(
    model: &Model,
    system: &System,
    values: &[(usize, f64)],
    targets: &[Target],
    quantities: &Quantities,
) -> Vec<Option<f64>> {
    let mut runner = Runner::new(model, system, values, targets, quantities);
    let mut level = |target: &Target| {
        let quantity = quantities.list.iter().find(|q| q.id == target.quantity)?;
        let level = runner.arm(target, &target.reference, &quantity.of).ok()?;
        Some(match target.contrast {
            Contrast::Ratio => (quantity.factor * level).ln(),
            Contrast::OddsRatio => (level / (1.0 - level)).ln(),
            Contrast::HazardRatio => (-(1.0 - level).ln()).ln(),
            _ => quantity.factor * level,
        })
    };
    targets.iter().map(&mut level).collect()
}

struct Runner<'m> {
    model: &'m Model,
    system: &'m System,
    /// parameters with values of their own
    values: &'m [(usize, f64)],
    /// states of untreated subjects, by scenario
    settled: BTreeMap<String, BTreeMap<String, f64>>,
    /// virtual subjects
    people: People<'m>,
}

impl<'m> Runner<'m> {
    fn new(
        model: &'m Model,
        system: &'m System,
        values: &'m [(usize, f64)],
        targets: &[Target],
        quantities: &'m Quantities,
    ) -> Self {
        Runner {
            model,
            system,
            values,
            settled: BTreeMap::new(),
            people: People::new(
                model,
                system,
                values,
                quantities.population.as_ref(),
                targets,
            ),
        }
    }

    fn scenario(&self, id: &str) -> Result<&Scenario, Outcome> {
        let missing = || Outcome::NotRepresentable(format!("no scenario `{id}`"));
        self.model.scenario(id).ok_or_else(missing)
    }

    fn values(
        &self,
        scenario: &Scenario,
        factor: &[(usize, f64)],
        day: f64,
    ) -> Result<(Vec<f64>, Vec<f64>), Outcome> {
        let failed = |error: String| Outcome::Failed(error);
        let (schedule, mut parameters) = scenario
            .schedule(self.system)
            .map_err(|e| failed(e.to_string()))?;
        for (register, value) in self.values {
            if !scenario
                .set
                .contains_key(&self.system.parameter_ids()[*register])
            {
                parameters[*register] = *value;
            }
        }
        for (register, factor) in factor {
            parameters[*register] *= factor;
        }
        let times = [day];
        let problem = Problem {
            system: self.system,
            parameters: &parameters,
            schedule: &schedule,
            times: &times,
            sensitivity: None,
        };
        let solution = solve(&problem, &Method::default(), &TOLERANCES);
        let solution = solution.finished().map_err(|e| failed(e.to_string()))?;
        let observables = solution.observables(self.system);
        Ok((solution.states(0).to_vec(), observables[0].clone()))
    }

    fn settled(&mut self, subject: &str) -> Result<BTreeMap<String, f64>, Outcome> {
        if let Some(states) = self.settled.get(subject) {
            return Ok(states.clone());
        }
        let scenario = self.scenario(subject)?.clone();
        let (states, _) = self.values(&scenario, &[], SETTLED)?;
        let ids = self.system.state_ids().iter().cloned();
        let states: BTreeMap<String, f64> = ids.zip(states.iter().map(|x| x.max(0.0))).collect();
        self.settled.insert(subject.to_string(), states.clone());
        Ok(states)
    }

    /// A quantity of a settled subject some days into a treatment.
    fn quantity(
        &mut self,
        subject: &str,
        treatment: Option<&str>,
        factor: &[(usize, f64)],
        day: f64,
        of: &str,
    ) -> Result<f64, Outcome> {
        let own = self.scenario(subject)?.set.clone();
        let mut scenario = match treatment {
            Some(id) => self.scenario(id)?.clone(),
            None => Scenario::default(),
        };
        for untreated in UNTREATED {
            if let Some(other) = self.model.scenario(untreated) {
                scenario.set.retain(|id, _| !other.set.contains_key(id));
            }
        }
        scenario.set.extend(own);
        scenario.initial = self.settled(subject)?;
        let (states, observables) = self.values(&scenario, factor, day)?;
        if let Some(state) = self.system.state_index(of) {
            return Ok(states[state]);
        }
        let ids = self.system.observable_ids();
        match ids.iter().position(|id| id == of) {
            Some(column) => Ok(observables[column]),
            None => Err(Outcome::NotRepresentable(format!(
                "no state or observable `{of}`"
            ))),
        }
    }

    fn arm(&mut self, target: &Target, scenario: &str, of: &str) -> Result<f64, Outcome> {
        let arm = Arm::of(target, scenario);
        self.quantity(&arm.subject, arm.treatment.as_deref(), &[], arm.day, of)
    }

    fn contrast(&mut self, target: &Target, quantities: &Quantities) -> Result<f64, Outcome> {
        if let Some(contrast) = self.people.contrast(target) {
            return contrast;
        }
        let cannot = |why: String| Err(Outcome::NotRepresentable(why));
        let Some(quantity) = quantities.list.iter().find(|q| q.id == target.quantity) else {
            return cannot(format!("no quantity `{}`", target.quantity));
        };
        if target.contrast == Contrast::Elasticity {
            return self.elasticity(target, quantities, &quantity.of);
        }
        let treated = quantity.factor * self.arm(target, &target.scenario, &quantity.of)?;
        if target.contrast == Contrast::Level {
            return Ok(treated);
        }
        let other = quantity.factor * self.arm(target, &target.reference, &quantity.of)?;
        let share = |x: f64| x / quantity.factor;
        let odds = |x: f64| share(x) / (1.0 - share(x));
        let hazard = |x: f64| -(1.0 - share(x)).ln();
        Ok(match target.contrast {
            Contrast::Ratio => treated / other,
            Contrast::OddsRatio => odds(treated) / odds(other),
            Contrast::HazardRatio => hazard(treated) / hazard(other),
            _ => treated - other,
        })
    }

    /// Slope of the logarithm of a quantity on that of a faecal acid as it is measured within a subject from visit to visit, where the moved
    /// parameters change by their spread each: the covariance of the two over the variance that is measured, which holds what stool differs by from
    /// day to day besides (errors in the regressor dilute a slope; Fuller 1987, doi:10.1002/9780470316665), and never less than the model's own.
    fn elasticity(
        &mut self,
        target: &Target,
        quantities: &Quantities,
        of: &str,
    ) -> Result<f64, Outcome> {
        let acid = ["acetate", "propionate", "butyrate"]
            .into_iter()
            .find(|acid| target.unit.ends_with(acid));
        let Some(acid) = acid else {
            return Err(Outcome::NotRepresentable(format!(
                "no acid in the unit `{}`",
                target.unit
            )));
        };
        let system = self.system;
        let mut at = |factor: &[(usize, f64)], of: &str| {
            Ok(self.quantity("healthy", None, factor, target.day, of)?.ln())
        };
        let (own, own_acid) = (at(&[], of)?, at(&[], acid)?);
        let (mut product, mut square) = (0.0, 0.0);
        for id in &quantities.moved {
            let Some(register) = system.parameter_index(id) else {
                let why = format!("no parameter `{id}` to be moved");
                return Err(Outcome::NotRepresentable(why));
            };
            let factor = [(register, 1.0 + MOVED)];
            let change = at(&factor, acid)? - own_acid;
            product += change * (at(&factor, of)? - own);
            square += change * change;
        }
        // per relative change, times the variance within a subject
        let spread = quantities.moved_spread / libm::log1p(MOVED);
        let (covariance, own) = (product * spread * spread, square * spread * spread);
        let measured = quantities.measured.iter().find(|(id, _)| id == acid);
        let variance = measured.map_or(own, |(_, sd)| own.max(sd * sd));
        match variance > 0.0 {
            true => Ok(covariance / variance),
            false => Err(Outcome::Failed(format!("nothing moves faecal {acid}"))),
        }
    }
}
