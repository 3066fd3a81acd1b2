//! Predictive distributions of mice whose day 0 alone is known, by draws.
//!
//! A draw takes shared parameters (and the effects of vendors that were in training) from their normal posterior, and the effects of
//! the mouse given those and its readings of day 0 (`conditional`). The readings ahead are then a mixture of log-normal
//! distributions, one a draw.
use super::conditional::{Test, simulate};
use super::mixed::Mixed;
use super::scores::{Forecast, Scoring};
use super::tables::Study;
use holobiont::{noise::normal_cdf, solve::Status};
use nalgebra::DVector;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::{collections::BTreeMap, error::Error, f64::consts::TAU};

/// How many draws.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// draws that are kept
    pub kept: usize,
    /// moves of the effects between them, and ten times as many before the first
    pub moves: usize,
    /// whether all mice of a new vendor tell of its effects
    pub together: bool,
    /// seed
    pub seed: u64,
}

/// Forecasts with 90 % intervals, from the 5 to the 95 % point, as the tables measure them.
pub struct Predictive {
    /// 10 to the mean of log10 of the readings, those below the floor counted as the floor
    pub mean: Vec<Forecast>,
    /// 5 % points; 0 where they lie below the floor
    pub lower: Vec<Forecast>,
    /// 95 % points; the floor where they lie below it
    pub upper: Vec<Forecast>,
    /// draws whose solve failed
    pub failed: usize,
}

impl Predictive {
    /// How these forecasts are scored in the place of others.
    pub fn scoring<'s>(&'s self, others: &Scoring<'s>) -> Scoring<'s> {
        Scoring {
            forecasts: &self.mean,
            ..*others
        }
    }

    /// The limits of 90 % intervals.
    pub fn limits(&self) -> [&[Forecast]; 2] {
        [&self.lower, &self.upper]
    }
}

/// Locations and standard deviations of ln of one reading, one a draw.
type Mixture = Vec<(f64, f64)>;

/// The share of a mixture that lies below a point of ln.
fn below(mixture: &Mixture, y: f64) -> f64 {
    let each = mixture.iter().map(|(mean, sd)| normal_cdf((y - mean) / sd));
    each.sum::<f64>() / mixture.len() as f64
}

/// The point below which the share `p` of a mixture lies, of ln.
fn quantile(mixture: &Mixture, p: f64) -> f64 {
    let ends = |sign: f64| mixture.iter().map(move |(mean, sd)| mean + sign * 8.0 * sd);
    let mut low = ends(-1.0).fold(f64::INFINITY, f64::min);
    let mut high = ends(1.0).fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if below(mixture, middle) < p {
            &mut low
        } else {
            &mut high
        }) = middle;
    }
    0.5 * (low + high)
}

/// Mean of the larger of ln reading and ln floor.
fn floored_mean(mixture: &Mixture, floor: f64) -> f64 {
    let one = |(mean, sd): &(f64, f64)| {
        let z = (mean - floor) / sd;
        let density = (-0.5 * z * z).exp() / TAU.sqrt();
        floor + (mean - floor) * normal_cdf(z) + sd * density
    };
    mixture.iter().map(one).sum::<f64>() / mixture.len() as f64
}

/// Predictive distributions of the mice of `first` on the days of the training mice of their diet.
///
/// # Errors
/// A mouse none of whose draws could be solved.
pub fn predict(
    mixed: &Mixed,
    first: &Study,
    training: &Study,
    draws: Draws,
) -> Result<Predictive, Box<dyn Error>> {
    let test = Test::new(mixed, first, draws.together);
    let days = Scoring::days(training);
    let start = test.problem(&|mouse| vec![(0, Some(mouse.start().clone()))])?;
    let ahead = test.problem(&|mouse| days[mouse.diet].iter().map(|day| (*day, None)).collect())?;
    let mut rng = ChaCha8Rng::seed_from_u64(draws.seed);
    let mut own = vec![0.0; test.count()];
    let mut mixtures: Vec<BTreeMap<(u32, usize), Mixture>> =
        vec![BTreeMap::new(); first.mice.len()];
    let mut failed = 0;
    for draw in 0..draws.kept {
        let unit = DVector::from_fn(mixed.centre.len(), |_, _| StandardNormal.sample(&mut rng));
        let shared = &mixed.centre + &mixed.factor * unit;
        let moves = if draw == 0 {
            11 * draws.moves
        } else {
            draws.moves
        };
        let sd = test.spreads(&mut rng);
        for _ in 0..moves {
            test.advance(&start, (&shared, &sd), &mut own, &mut rng);
        }
        let simulations = simulate(&ahead, &shared, &own);
        for (m, (simulation, subject)) in simulations.iter().zip(&ahead.cohort.subjects).enumerate()
        {
            if simulation.status != Status::Finished {
                failed += 1;
                continue;
            }
            for (prediction, visit) in simulation.predictions.iter().zip(&subject.visits) {
                let [mean, sd] = [prediction.arguments[0].ln(), prediction.arguments[1]];
                let key = (visit.time as u32, visit.endpoint);
                mixtures[m].entry(key).or_default().push((mean, sd));
            }
        }
    }
    let quantities = mixed.design.quantities;
    let read = |of: &dyn Fn(&Mixture, f64) -> f64| -> Vec<Forecast> {
        let mouse = |mixtures: &BTreeMap<(u32, usize), Mixture>| {
            let mut forecast = Forecast::new();
            for ((day, q), mixture) in mixtures {
                let values = forecast.entry(*day);
                let values = values.or_insert_with(|| vec![f64::NAN; quantities.len()]);
                values[*q] = of(mixture, quantities.floor(*q));
            }
            forecast
        };
        mixtures.iter().map(mouse).collect()
    };
    if let Some(m) = mixtures.iter().position(BTreeMap::is_empty) {
        let mouse = &first.mice[m].id;
        return Err(format!("mouse `{mouse}`: no draw of the forecast could be computed").into());
    }
    Ok(Predictive {
        mean: read(&|mixture, floor| floored_mean(mixture, floor.ln()).exp()),
        lower: read(&|mixture, floor| {
            let point = quantile(mixture, 0.05).exp();
            if point > floor { point } else { 0.0 }
        }),
        upper: read(&|mixture, floor| quantile(mixture, 0.95).exp().max(floor)),
        failed,
    })
}
