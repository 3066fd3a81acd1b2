//! The mixed model beside the model without: what is fitted, forecast and printed with `--mixed`.
use super::effects::{KINDS, Spreads, VendorSpread};
use super::mixed::{Effort, Mixed};
use super::predictive::{Draws, Predictive, predict};
use super::scores::{GROUPS, Scoring};
use super::study::Design;
use super::tables::Study;
use std::{error::Error, f64::consts::LN_10, time::Instant};

/// Forecasts of the mixed model, made before the readings ahead are opened.
pub struct Comparison<'a> {
    mixed: Mixed<'a>,
    /// all mice of a new vendor tell of its effects
    pub together: Predictive,
    /// each mouse tells of its own
    alone: Predictive,
    /// what was done in what time
    effort: String,
}

impl<'a> Comparison<'a> {
    /// Fits the mixed model and forecasts the mice of `first`.
    ///
    /// # Errors
    /// A fit or a forecast that cannot be made.
    pub fn new(
        design: &'a Design<'a>,
        training: &Study,
        first: &Study,
        quick: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let begun = Instant::now();
        let effort = Effort {
            turns: 1,
            every: if quick { 5 } else { 1 },
        };
        let mixed = Mixed::fit(design, training, effort)?;
        let fitted = begun.elapsed().as_secs_f64();
        let draws = Draws {
            kept: if quick { 40 } else { 400 },
            moves: if quick { 3 } else { 6 },
            together: true,
            seed: 1,
        };
        let together = predict(&mixed, first, training, draws)?;
        let alone = Draws {
            together: false,
            ..draws
        };
        let alone = predict(&mixed, first, training, alone)?;
        let effort = format!(
            "fitted in {fitted:.1} s, forecasts in {:.1} s, {} of {} draws could not be solved",
            begun.elapsed().as_secs_f64() - fitted,
            together.failed + alone.failed,
            2 * draws.kept * first.mice.len()
        );
        Ok(Comparison {
            mixed,
            together,
            alone,
            effort,
        })
    }

    /// Prints what was estimated, and how well it forecasts beside the model without.
    pub fn print(&self, without: &Scoring) {
        println!("\nmixed model: {}", self.effort);
        print_spreads(&self.mixed);
        print_scores(without, &self.together, &self.alone);
    }
}

fn print_spreads(mixed: &Mixed) {
    println!("standard deviations of log10: estimate, 95 % interval");
    let estimates = mixed.population.iter().flat_map(|fit| &fit.estimates);
    for (name, estimate) in Spreads::names().iter().zip(estimates) {
        let interval = estimate.interval.map_or_else(String::new, |(low, high)| {
            format!("{:.3} to {:.3}", low / LN_10, high / LN_10)
        });
        println!("{name:<18}{:>6.3}   {interval}", estimate.value / LN_10);
    }
    println!("between vendors: prior and posterior scale, with degrees of freedom");
    let priors = VendorSpread::priors();
    for (name, (prior, known)) in KINDS.iter().zip(priors.iter().zip(&mixed.between)) {
        println!(
            "{name:<18}{:>6.3} ({:.0}) {:>6.3} ({:.0})",
            prior.sd / LN_10,
            prior.freedom,
            known.sd / LN_10,
            known.freedom
        );
    }
}

fn print_scores(without: &Scoring, found: &Predictive, alone: &Predictive) {
    let (together, limits) = (found.scoring(without), found.limits());
    let (by_itself, own_limits) = (alone.scoring(without), alone.limits());
    let rmse = [without, &together, &by_itself].map(|scoring| scoring.rmse(1.0, false));
    let covered = together.coverage(limits, None);
    let covered_alone = by_itself.coverage(own_limits, None);
    println!(
        "mixed: RMSE without, with, with each mouse by itself; share of readings within 90 % intervals counted by mouse, by itself"
    );
    for (k, name) in GROUPS.iter().enumerate() {
        let [before, after, own] = rmse.map(|rows| rows[k].rmse[0]);
        let [share, share_alone] = [covered[k], covered_alone[k]];
        println!("mixed {name} {before:.3} {after:.3} {own:.3} {share:.3} {share_alone:.3}");
    }
    let mut vendors: Vec<&str> = without
        .test
        .mice
        .iter()
        .map(|m| m.vendor.as_str())
        .collect();
    vendors.sort_unstable();
    vendors.dedup();
    for vendor in vendors {
        let share = together.coverage(limits, Some(vendor))[3];
        let share_alone = by_itself.coverage(own_limits, Some(vendor))[3];
        println!("coverage {vendor} {share:.3} {share_alone:.3}");
    }
    println!("coverage all {:.3} {:.3}", covered[3], covered_alone[3]);
}
