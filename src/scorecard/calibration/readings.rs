//! Contrasts as readings of two arms around a level of their own.
use super::design::DesignError;
use super::experiments::Experiments;
use crate::exchange::tables::TableWriter;
use crate::scorecard::arm::Arm;
use crate::scorecard::target::{Contrast, Quantities, Quantity, Target};
use crate::units::number_text;
use std::collections::BTreeSet;
use std::f64::consts::SQRT_2;

/// Quantile of a normal distribution that the half of a 95 % interval is of its standard deviation.
const HALF_WIDTH: f64 = 1.959963984540054;

/// How far the logarithm of a level may move from where it starts.
const RATIO_REACH: f64 = 5.0;
/// How far a level may move beyond itself, in standard deviations of the contrast.
const DIFFERENCE_REACH: f64 = 20.0;

/// The free level of a contrast.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    pub id: String,
    /// where a search begins
    pub at: f64,
    /// how far it may go
    pub reach: f64,
}

impl Target {
    /// Standard deviation of the contrast, of its logarithm for a ratio.
    pub(crate) fn deviation(&self) -> f64 {
        let (lower, upper) = self.interval;
        let width = match self.contrast {
            ratio if ratio.is_ratio() => upper.ln() - lower.ln(),
            _ => upper - lower,
        };
        width / (2.0 * HALF_WIDTH)
    }
}

/// A factor in front of a quantity, unless it is 1.
fn formula(quantity: &Quantity) -> String {
    match quantity.factor == 1.0 {
        true => quantity.of.clone(),
        false => format!("{} * {}", number_text(quantity.factor), quantity.of),
    }
}

/// The tables of observables and of measurements, and the levels that they need.
pub(super) fn tables(
    targets: &[Target],
    references: &[Option<f64>],
    quantities: &Quantities,
    experiments: &mut Experiments,
) -> Result<(String, String, Vec<Level>), DesignError> {
    let columns = [
        "observableId",
        "observableFormula",
        "observablePlaceholders",
        "noiseFormula",
        "noiseDistribution",
        "noisePlaceholders",
    ];
    let mut observables = TableWriter::tsv(&columns);
    let columns = [
        "observableId",
        "experimentId",
        "time",
        "measurement",
        "observableParameters",
        "noiseParameters",
        "datasetId",
    ];
    let mut measurements = TableWriter::tsv(&columns);
    let mut levels = Vec::new();
    let mut declared = BTreeSet::new();
    for (target, at) in targets.iter().zip(references) {
        let quantity = (quantities.list.iter()).find(|q| q.id == target.quantity);
        let quantity = quantity.expect("only rows that the model can speak of come here");
        let logarithm = target.contrast.is_ratio();
        let plain = formula(quantity);
        let (word, plain) = match target.contrast {
            Contrast::Ratio => ("ln", format!("ln({plain})")),
            Contrast::OddsRatio => ("odds", format!("ln({0} / (1 - {0}))", quantity.of)),
            Contrast::HazardRatio => ("hazard", format!("ln(-ln(1 - {}))", quantity.of)),
            _ => ("value", plain),
        };
        let observable = format!("{word}_{}", target.quantity);
        if declared.insert(observable.clone()) {
            observables.row([
                observable.clone(),
                format!("{plain} - level_{observable}"),
                format!("level_{observable}"),
                format!("sd_{observable}"),
                "normal".to_string(),
                format!("sd_{observable}"),
            ]);
        }
        let mut reading = |arm: &Arm, value: f64, level: &str, deviation: f64| {
            let experiment = experiments.of(arm)?;
            measurements.row([
                observable.clone(),
                experiment,
                number_text(arm.day),
                number_text(value),
                level.to_string(),
                number_text(deviation),
                target.id.clone(),
            ]);
            Ok::<(), DesignError>(())
        };
        let deviation = target.deviation();
        let treated = Arm::of(target, &target.scenario);
        if target.contrast == Contrast::Level {
            reading(&treated, target.value, "0", deviation)?;
            continue;
        }
        let level = format!("level_{}", target.id);
        let value = match logarithm {
            true => target.value.ln(),
            false => target.value,
        };
        let reference = Arm::of(target, &target.reference);
        reading(&reference, 0.0, &level, deviation / SQRT_2)?;
        reading(&treated, value, &level, deviation / SQRT_2)?;
        let at = at.unwrap_or(0.0);
        let (at, reach) = match logarithm {
            true => (at, RATIO_REACH),
            false => (at, at.abs() + DIFFERENCE_REACH * deviation),
        };
        levels.push(Level {
            id: level,
            at,
            reach,
        });
    }
    Ok((observables.finish(), measurements.finish(), levels))
}
