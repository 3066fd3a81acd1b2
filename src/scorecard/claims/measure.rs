//! Plans of what is solved and read, and what is made of the readings: samples, statistics, effects.
use super::arm::Arm;
use super::part::{Contrast, Reading, Statistic};
use std::collections::BTreeMap;

/// The arms that are solved, each once, with all that is read of it.
#[derive(Default)]
pub(super) struct Plan {
    pub arms: Vec<Planned>,
    /// position by the arm's text
    known: BTreeMap<String, usize>,
}

/// One arm and what is read of it.
pub(super) struct Planned {
    pub arm: Arm,
    /// ascending
    pub days: Vec<f64>,
    pub quantities: Vec<String>,
}

/// What was read of one arm: a row a quantity, a column a day, as planned.
#[derive(Clone, Debug)]
pub(super) struct Samples(pub Vec<Vec<f64>>);

/// The samples of every arm of a plan, or why there are none.
pub(super) type Results = Vec<Result<Samples, String>>;

impl Plan {
    /// Asks for a reading of an arm.
    pub fn ask(&mut self, arm: Arm, reading: &Reading) -> usize {
        let next = self.arms.len();
        let at = *self.known.entry(format!("{arm:?}")).or_insert(next);
        if at == next {
            self.arms.push(Planned {
                arm,
                days: Vec::new(),
                quantities: Vec::new(),
            });
        }
        let planned = &mut self.arms[at];
        planned.days.extend(reading.days());
        planned.days.sort_by(f64::total_cmp);
        planned.days.dedup();
        for quantity in [Some(&reading.quantity), reading.beside.as_ref()] {
            let new = quantity.filter(|q| !planned.quantities.contains(q));
            planned.quantities.extend(new.cloned());
        }
        at
    }

    /// A reading of an arm that was asked for.
    fn read(&self, at: usize, reading: &Reading, results: &Results) -> Result<f64, String> {
        let planned = &self.arms[at];
        let samples = results[at].as_ref().map_err(Clone::clone)?;
        let days = reading.days();
        let row = |quantity: &String| -> Vec<f64> {
            let row = planned.quantities.iter().position(|q| q == quantity);
            let row = &samples.0[row.expect("the quantity was asked for")];
            let column = |day: &f64| planned.days.binary_search_by(|d| d.total_cmp(day));
            let at = |day: &f64| row[column(day).expect("the day was asked for")];
            days.iter().map(at).collect()
        };
        let values = row(&reading.quantity);
        let value = match reading.of {
            Statistic::Last => values.last().copied().unwrap_or(f64::NAN),
            Statistic::Mean => mean(&values),
            Statistic::Highest => values.iter().copied().fold(f64::NAN, f64::max),
            Statistic::Lowest => values.iter().copied().fold(f64::NAN, f64::min),
            Statistic::Correlation => {
                let beside = reading.beside.as_ref().map(row).unwrap_or_default();
                correlation(&values, &beside, &reading.phase_of(&days))
            }
        };
        match value.is_finite() {
            true => Ok(value),
            false => Err(format!("`{}` is {value}", reading.quantity)),
        }
    }
}

impl Reading {
    /// When samples are taken, ascending.
    pub(super) fn days(&self) -> Vec<f64> {
        if let Some(day) = self.day {
            return vec![day];
        }
        let count = ((self.until - self.from) / self.every + 1e-9).floor();
        (0..=count as usize)
            .map(|k| self.from + k as f64 * self.every)
            .collect()
    }

    /// The last of them.
    pub(super) fn last_day(&self) -> f64 {
        self.day.unwrap_or(self.until)
    }

    /// The phase of every sample, counted over all patterns.
    fn phase_of(&self, days: &[f64]) -> Vec<usize> {
        let count = self.phases.len().max(1);
        let phase = |day: &f64| {
            if self.period <= 0.0 {
                return 0;
            }
            // a sample at the end of a phase is the first of the next
            let pattern = (day / self.period + 1e-9).floor();
            let within = day - pattern * self.period + 1e-9;
            let ended = self.phases.iter().filter(|end| **end <= within).count();
            pattern as usize * count + ended
        };
        days.iter().map(phase).collect()
    }
}

/// Two arms of a plan, compared.
pub(super) struct Compared<'a> {
    pub reading: &'a Reading,
    pub contrast: Contrast,
    pub arm: usize,
    /// none where the arm is read alone
    pub against: Option<usize>,
}

impl Compared<'_> {
    /// What was read of both.
    pub fn levels(&self, plan: &Plan, results: &Results) -> Result<(f64, Option<f64>), String> {
        let arm = plan.read(self.arm, self.reading, results)?;
        let against = self.against.map(|at| plan.read(at, self.reading, results));
        Ok((arm, against.transpose()?))
    }

    /// The effect: the logarithm of a ratio, a difference, or what was read.
    pub fn effect(&self, plan: &Plan, results: &Results) -> Result<f64, String> {
        let (arm, against) = self.levels(plan, results)?;
        let against = against.unwrap_or(0.0);
        match self.contrast {
            Contrast::Ratio if arm > 0.0 && against > 0.0 => Ok((arm / against).ln()),
            Contrast::Ratio => Err(format!("{arm} over {against} has no logarithm")),
            Contrast::Difference => Ok(arm - against),
            Contrast::Value => Ok(arm),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The correlation of the deviations from the means of the phases; 0 where nothing deviates.
fn correlation(a: &[f64], b: &[f64], phase: &[usize]) -> f64 {
    let deviations = |values: &[f64]| -> Vec<f64> {
        let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for (value, phase) in values.iter().zip(phase) {
            let sum = sums.entry(*phase).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
        let mean = |phase: &usize| sums[phase].0 / sums[phase].1;
        let pairs = values.iter().zip(phase);
        pairs.map(|(value, phase)| value - mean(phase)).collect()
    };
    let (x, y) = (deviations(a), deviations(b));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    // what differs less than this share of the level is noise of the solver
    let still = |x: &[f64], values: &[f64]| {
        product(x, x) <= 1e-10 * product(values, values) || values.is_empty()
    };
    if still(&x, a) || still(&y, b) {
        return 0.0;
    }
    product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_that_only_the_phases_make_is_none() {
        // two phases of different level, and the opposite course within each
        let a = [1.0, 2.0, 11.0, 12.0];
        let b = [2.0, 1.0, 12.0, 11.0];
        assert!(correlation(&a, &b, &[0, 0, 0, 0]) > 0.9);
        assert!((correlation(&a, &b, &[0, 0, 1, 1]) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&a, &[3.0; 4], &[0, 0, 1, 1]), 0.0);
    }

    #[test]
    fn phases_are_counted_over_all_patterns() {
        let text = "quantity = 'x'\nfrom = 0\nuntil = 9\nevery = 1\nperiod = 7\nphases = [1, 3]";
        let reading: Reading = toml::from_str(text).expect("sound");
        let days = reading.days();
        assert_eq!(days.len(), 10);
        assert_eq!(
            reading.phase_of(&days),
            [0, 1, 1, 2, 2, 2, 2, 2, 3, 3].map(|p| p)
        );
    }
}
