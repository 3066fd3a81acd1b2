//! Predictive distributions of mice whose day 0 alone is known, by draws.
//!
//! A draw takes shared parameters (and the effects of vendors that were in training) from their normal posterior, and the effects of
//! the mouse given those and its readings of day 0, by elliptical slice sampling (Murray, Adams & MacKay 2010,
//! <https://proceedings.mlr.press/v9/murray10a.html>). A vendor that was not in training has the effects of its prior: they add to
//! those of the mouse. The readings ahead are then a mixture of log-normal distributions, one a draw.
use super::effects::{VendorSpread, kind, of_mice, of_vendors};
use super::forecast::options;
use super::mixed::{Mixed, effect_id, effect_row, effects_of, sum_of, vendor_rows};
use super::scores::{Forecast, Scoring};
use super::study::{Occasions, Voice};
use super::tables::{Mouse, Study};
use holobiont::{
    cohort::{Simulation, Source},
    fit::{FitProblem, Parameter},
    noise::{LnDensity, normal_cdf},
    solve::Status,
};
use nalgebra::DVector;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{ChiSquared, Distribution, StandardNormal};
use std::{collections::BTreeMap, error::Error, f64::consts::TAU};

/// How many draws.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// draws that are kept
    pub kept: usize,
    /// moves of the effects between them, and ten times as many before the first
    pub moves: usize,
    /// seed
    pub seed: u64,
}

/// Forecasts with their 5 and 95 % points, as the tables measure them.
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

/// Shrinkings of a bracket after which an effect stays where it is.
const SHRINKS: usize = 60;

/// An own row of a test mouse behind the shared rows.
struct Own {
    kind: usize,
    /// standard deviation of the mouse's share
    mouse: f64,
    /// whether the vendor is new: its share adds
    new: bool,
}

/// The test mice with their own effects.
struct Test<'m, 'a> {
    mixed: &'m Mixed<'a>,
    study: &'m Study,
    own: Vec<Own>,
    /// the own rows of each mouse
    mice: Vec<std::ops::Range<usize>>,
    rows: Vec<Parameter>,
}

impl<'m, 'a> Test<'m, 'a> {
    fn new(mixed: &'m Mixed<'a>, study: &'m Study) -> Self {
        let design = mixed.design;
        let mut rows = design.shared_rows(None);
        rows.extend(vendor_rows(design, &mixed.vendors, &mixed.between));
        let (mut own, mut mice) = (Vec::new(), Vec::new());
        for mouse in &study.mice {
            let first = own.len();
            let known = mixed.vendors.contains(&mouse.vendor);
            for effect in effects_of(design) {
                let new = !known && of_vendors(&effect);
                if !of_mice(&effect) && !new {
                    continue;
                }
                let kind = kind(&effect);
                let spread = mixed.spreads.mouse.get(kind).copied().unwrap_or(0.0);
                rows.push(effect_row(effect_id(&effect, &mouse.id), 1.0));
                own.push(Own {
                    kind,
                    mouse: spread,
                    new,
                });
            }
            mice.push(first..own.len());
        }
        for row in &mut rows {
            row.estimate = false;
        }
        Test {
            mixed,
            study,
            own,
            mice,
            rows,
        }
    }

    fn problem(&self, visits: &dyn Fn(&Mouse) -> Occasions) -> Result<FitProblem, Box<dyn Error>> {
        let scatter = |q: usize, day: u32| Source::Constant(self.mixed.spreads.of_reading(q, day));
        let voice = |mouse: &Mouse, place: &mut dyn FnMut(&Voice)| {
            let effect = |id: &str| match self.mixed.vendors.contains(&mouse.vendor) {
                true => sum_of(id, Some(&mouse.id), Some(&mouse.vendor)),
                false => Some(effect_id(id, &mouse.id)),
            };
            place(&Voice {
                effect: &effect,
                scatter: &scatter,
                unseen: None,
                censored: true,
            });
        };
        let design = self.mixed.design;
        design.assemble(self.study, self.rows.clone(), &voice, visits)
    }

    /// Standard deviations of the own rows, with variances between vendors drawn from what is known of them.
    fn spreads(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let drawn = self.mixed.between.map(|known| draw_spread(known, rng));
        let of = |own: &Own| match own.new {
            true => own.mouse.hypot(drawn[own.kind]),
            false => own.mouse,
        };
        self.own.iter().map(of).collect()
    }
}

/// A standard deviation whose square is scaled inverse chi-squared.
fn draw_spread(known: VendorSpread, rng: &mut ChaCha8Rng) -> f64 {
    let chi = ChiSquared::new(known.freedom).expect("degrees of freedom are positive");
    known.sd * (known.freedom / chi.sample(rng)).sqrt()
}

/// Simulations at shared values and own effects.
fn simulate(problem: &FitProblem, shared: &DVector<f64>, own: &[f64]) -> Vec<Simulation> {
    let natural: Vec<f64> = shared.iter().chain(own).copied().collect();
    let options = options();
    problem
        .cohort
        .simulate(&natural, &options.method, &options.tolerances)
}

/// ln density of each mouse's readings.
fn ln_densities(problem: &FitProblem, shared: &DVector<f64>, own: &[f64]) -> Vec<f64> {
    let cohort = &problem.cohort;
    let mut density = LnDensity::default();
    (simulate(problem, shared, own).iter().zip(&cohort.subjects))
        .map(|(simulation, subject)| {
            if simulation.status != Status::Finished {
                return f64::NEG_INFINITY;
            }
            let mut sum = 0.0;
            for (prediction, visit) in simulation.predictions.iter().zip(&subject.visits) {
                let noise = &cohort.endpoints[visit.endpoint].noise;
                noise.ln_density(&visit.reading, &prediction.arguments, &mut density);
                sum += density.value;
            }
            sum
        })
        .collect()
}

/// One move of every mouse's effects by elliptical slice sampling, all mice side by side.
fn slice(
    test: &Test,
    problem: &FitProblem,
    (shared, sd): (&DVector<f64>, &[f64]),
    own: &mut [f64],
    rng: &mut ChaCha8Rng,
) {
    let mice = test.mice.len();
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    let other: Vec<f64> = sd.iter().map(|sd| sd * normal(rng)).collect();
    let mut level = ln_densities(problem, shared, own);
    for level in &mut level {
        *level += (1.0 - rng.random::<f64>()).ln();
    }
    let mut angle: Vec<f64> = (0..mice).map(|_| TAU * rng.random::<f64>()).collect();
    let mut bracket: Vec<(f64, f64)> = angle.iter().map(|a| (a - TAU, *a)).collect();
    let mut moved = vec![false; mice];
    for _ in 0..SHRINKS {
        let mut proposed = own.to_vec();
        for (m, range) in test.mice.iter().enumerate().filter(|(m, _)| !moved[*m]) {
            let (sin, cos) = angle[m].sin_cos();
            for k in range.clone() {
                proposed[k] = own[k] * cos + other[k] * sin;
            }
        }
        let density = ln_densities(problem, shared, &proposed);
        for (m, range) in test.mice.iter().enumerate() {
            if moved[m] {
                continue;
            }
            if density[m] > level[m] {
                moved[m] = true;
                own[range.clone()].copy_from_slice(&proposed[range.clone()]);
            } else {
                let (mut low, mut high) = bracket[m];
                *(if angle[m] < 0.0 { &mut low } else { &mut high }) = angle[m];
                angle[m] = low + (high - low) * rng.random::<f64>();
                bracket[m] = (low, high);
            }
        }
        if moved.iter().all(|moved| *moved) {
            break;
        }
    }
}

/// Locations and standard deviations of ln of one reading, one a draw.
type Mixture = Vec<(f64, f64)>;

/// The point below which the share `p` of a mixture lies, of ln.
fn quantile(mixture: &Mixture, p: f64) -> f64 {
    let below = |y: f64| {
        let sum: f64 = mixture.iter().map(|(mean, sd)| normal_cdf((y - mean) / sd)).sum();
        sum / mixture.len() as f64
    };
    let ends = |sign: f64| mixture.iter().map(move |(mean, sd)| mean + sign * 8.0 * sd);
    let mut low = ends(-1.0).fold(f64::INFINITY, f64::min);
    let mut high = ends(1.0).fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if below(middle) < p { &mut low } else { &mut high }) = middle;
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
    let test = Test::new(mixed, first);
    let days = Scoring::days(training);
    let start = test.problem(&|mouse| vec![(0, Some(mouse.start().clone()))])?;
    let ahead =
        test.problem(&|mouse| days[mouse.diet].iter().map(|day| (*day, None)).collect())?;
    let mut rng = ChaCha8Rng::seed_from_u64(draws.seed);
    let mut own = vec![0.0; test.own.len()];
    let mut mixtures: Vec<BTreeMap<(u32, usize), Mixture>> = vec![BTreeMap::new(); first.mice.len()];
    let mut failed = 0;
    for draw in 0..draws.kept {
        let unit = DVector::from_fn(mixed.centre.len(), |_, _| StandardNormal.sample(&mut rng));
        let shared = &mixed.centre + &mixed.factor * unit;
        let moves = if draw == 0 { 11 * draws.moves } else { draws.moves };
        let sd = test.spreads(&mut rng);
        for _ in 0..moves {
            slice(&test, &start, (&shared, &sd), &mut own, &mut rng);
        }
        let simulations = simulate(&ahead, &shared, &own);
        for (m, (simulation, subject)) in simulations.iter().zip(&ahead.cohort.subjects).enumerate() {
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
