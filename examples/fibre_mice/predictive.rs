//! Predictive distributions of mice whose day 0 alone is known, by draws.
//!
//! A draw takes shared parameters (and the effects of vendors that were in training) from their normal posterior, and the effects of
//! the mouse given those and its readings of day 0, by elliptical slice sampling (Murray, Adams & MacKay 2010,
//! <https://proceedings.mlr.press/v9/murray10a.html>). A vendor that was not in training has the effects of its prior: they add to
//! those of the mouse. The readings ahead are then a mixture of log-normal distributions, one a draw.
use super::effects::{VendorSpread, kind, of_mice};
use super::forecast::options;
use super::mixed::{Mixed, effect_id, effect_row, effects_of, sum_of, vendor_name, vendors_of};
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
use std::{collections::BTreeMap, error::Error, f64::consts::TAU, ops::Range};

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

/// Forecasts with 90 % intervals, as the tables measure them. The intervals lie between the 5 and 95 % points; where more than 5 % of
/// the readings are below the floor, and so cannot be left out on that side, between 0 and the 90 % point.
pub struct Predictive {
    /// 10 to the mean of log10 of the readings, those below the floor counted as the floor
    pub mean: Vec<Forecast>,
    /// lower limits
    pub lower: Vec<Forecast>,
    /// upper limits; the floor where they lie below it
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

/// Shrinkings of a bracket after which an effect stays where it is.
const SHRINKS: usize = 60;

/// An effect of a new vendor or a test mouse, or of both together.
struct Own {
    kind: usize,
    /// standard deviation of the mouse's share, 0 if there is none
    mouse: f64,
    /// whether a new vendor's share is in it
    new: bool,
}

/// Own effects that move together, and the mice whose readings they reach.
struct Group {
    own: Range<usize>,
    mice: Vec<usize>,
}

/// The test mice with their own effects.
struct Test<'m, 'a> {
    mixed: &'m Mixed<'a>,
    study: &'m Study,
    /// whether new vendors have effects that all their mice tell of; else each mouse has its vendor's share to itself
    together: bool,
    own: Vec<Own>,
    /// groups that reach different mice can move side by side: vendors, then mice
    sweeps: Vec<Vec<Group>>,
    rows: Vec<Parameter>,
}

impl<'m, 'a> Test<'m, 'a> {
    fn new(mixed: &'m Mixed<'a>, study: &'m Study, together: bool) -> Self {
        let design = mixed.design;
        let mut rows = design.shared_rows(None);
        rows.extend(mixed.vendor_rows());
        let mut test = Test {
            mixed,
            study,
            together,
            own: Vec::new(),
            sweeps: vec![Vec::new(), Vec::new()],
            rows,
        };
        let mice = &study.mice;
        if together {
            for vendor in vendors_of(study) {
                if !mixed.vendors.contains(&vendor) {
                    let of = (0..mice.len()).filter(|&m| mice[m].vendor == vendor);
                    test.add(0, &vendor_name(&vendor), [false, true], of.collect());
                }
            }
        }
        for (m, mouse) in mice.iter().enumerate() {
            let new = !together && !mixed.vendors.contains(&mouse.vendor);
            test.add(1, &mouse.id, [true, new], vec![m]);
        }
        for row in &mut test.rows {
            row.estimate = false;
        }
        test
    }

    /// Adds the effects of a vendor or a mouse: with the share of a mouse, of a new vendor, or both.
    fn add(&mut self, sweep: usize, whose: &str, [mouse, new]: [bool; 2], mice: Vec<usize>) {
        let first = self.own.len();
        for effect in effects_of(self.mixed.design) {
            let mouse = mouse && of_mice(&effect);
            if mouse || new {
                let kind = kind(&effect);
                self.rows.push(effect_row(effect_id(&effect, whose), 1.0));
                self.own.push(Own {
                    kind,
                    mouse: if mouse {
                        self.mixed.spreads.mouse[kind]
                    } else {
                        0.0
                    },
                    new,
                });
            }
        }
        let own = first..self.own.len();
        self.sweeps[sweep].push(Group { own, mice });
    }

    fn problem(&self, visits: &dyn Fn(&Mouse) -> Occasions) -> Result<FitProblem, Box<dyn Error>> {
        let scatter = |q: usize, day: u32| Source::Constant(self.mixed.spreads.of_reading(q, day));
        let voice = |mouse: &Mouse, place: &mut dyn FnMut(&Voice)| {
            let known = self.mixed.vendors.contains(&mouse.vendor);
            let effect = |id: &str| {
                Some(match known || self.together {
                    true => sum_of(id, &mouse.id, &mouse.vendor),
                    false => effect_id(id, &mouse.id),
                })
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

/// One move of every group of a sweep by elliptical slice sampling, all side by side.
fn slice(
    groups: &[Group],
    problem: &FitProblem,
    (shared, sd): (&DVector<f64>, &[f64]),
    own: &mut [f64],
    rng: &mut ChaCha8Rng,
) {
    let densities = |own: &[f64]| -> Vec<f64> {
        let each = ln_densities(problem, shared, own);
        let sum = |group: &Group| group.mice.iter().map(|&m| each[m]).sum();
        groups.iter().map(sum).collect()
    };
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    let other: Vec<f64> = sd.iter().map(|sd| sd * normal(rng)).collect();
    let mut level = densities(own);
    for level in &mut level {
        *level += (1.0 - rng.random::<f64>()).ln();
    }
    let mut angle: Vec<f64> = groups.iter().map(|_| TAU * rng.random::<f64>()).collect();
    let mut bracket: Vec<(f64, f64)> = angle.iter().map(|a| (a - TAU, *a)).collect();
    let mut moved = vec![false; groups.len()];
    for _ in 0..SHRINKS {
        if moved.iter().all(|moved| *moved) {
            break;
        }
        let mut proposed = own.to_vec();
        for (g, group) in groups.iter().enumerate().filter(|(g, _)| !moved[*g]) {
            let (sin, cos) = angle[g].sin_cos();
            for k in group.own.clone() {
                proposed[k] = own[k] * cos + other[k] * sin;
            }
        }
        let density = densities(&proposed);
        for (g, group) in groups.iter().enumerate() {
            if moved[g] {
                continue;
            }
            if density[g] > level[g] {
                moved[g] = true;
                own[group.own.clone()].copy_from_slice(&proposed[group.own.clone()]);
            } else {
                let (mut low, mut high) = bracket[g];
                *(if angle[g] < 0.0 { &mut low } else { &mut high }) = angle[g];
                angle[g] = low + (high - low) * rng.random::<f64>();
                bracket[g] = (low, high);
            }
        }
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
    let mut own = vec![0.0; test.own.len()];
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
            for groups in test.sweeps.iter().filter(|groups| !groups.is_empty()) {
                slice(groups, &start, (&shared, &sd), &mut own, &mut rng);
            }
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
    let unseen = |mixture: &Mixture, floor: f64| below(mixture, floor.ln()) > 0.05;
    Ok(Predictive {
        mean: read(&|mixture, floor| floored_mean(mixture, floor.ln()).exp()),
        lower: read(&|mixture, floor| match unseen(mixture, floor) {
            true => 0.0,
            false => quantile(mixture, 0.05).exp(),
        }),
        upper: read(&|mixture, floor| {
            let share = if unseen(mixture, floor) { 0.9 } else { 0.95 };
            quantile(mixture, share).exp().max(floor)
        }),
        failed,
    })
}
