//! The effects of test mice given their readings of day 0, by elliptical slice sampling (Murray, Adams & MacKay 2010,
//! <https://proceedings.mlr.press/v9/murray10a.html>), which leaves a normal prior times any likelihood as it is.
//!
//! A vendor that was not in training has the effects of its prior. Either all its mice tell of them, or each mouse has its vendor's
//! share to itself, added to its own.
use super::effects::{VendorSpread, kind, of_mice};
use super::forecast::options;
use super::mixed::{Mixed, effect_id, effect_row, effects_of, sum_of, vendor_name, vendors_of};
use super::study::{Occasions, Voice};
use super::tables::{Mouse, Study};
use holobiont::{
    cohort::{Simulation, Source},
    fit::{FitProblem, Parameter},
    noise::LnDensity,
    solve::Status,
};
use nalgebra::DVector;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{ChiSquared, Distribution, StandardNormal};
use std::{error::Error, f64::consts::TAU, ops::Range};

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
pub struct Test<'m, 'a> {
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
    /// The mice of a study with effects of their own.
    pub fn new(mixed: &'m Mixed<'a>, study: &'m Study, together: bool) -> Self {
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

    /// The mice as a problem whose rows are the shared ones, then the own effects.
    pub fn problem(
        &self,
        visits: &dyn Fn(&Mouse) -> Occasions,
    ) -> Result<FitProblem, Box<dyn Error>> {
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

    /// Number of own effects.
    pub fn count(&self) -> usize {
        self.own.len()
    }

    /// One move of all effects given the readings of a problem of these mice.
    pub fn advance(
        &self,
        problem: &FitProblem,
        given: (&DVector<f64>, &[f64]),
        own: &mut [f64],
        rng: &mut ChaCha8Rng,
    ) {
        for groups in self.sweeps.iter().filter(|groups| !groups.is_empty()) {
            slice(groups, problem, given, own, rng);
        }
    }

    /// Standard deviations of the own rows, with variances between vendors drawn from what is known of them.
    pub fn spreads(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
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
pub fn simulate(problem: &FitProblem, shared: &DVector<f64>, own: &[f64]) -> Vec<Simulation> {
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
