//! A random walk of many vectors within the bound of a misfit, by differences of others.
use crate::fit::{ThreadError, in_order};
use crate::noise::normal_quantile;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Share of the steps that the factor of the steps is steered towards (Roberts, Gelman, Gilks 1997, doi:10.1214/aoap/1034625254).
const ACCEPTED: f64 = 0.234;
/// A part of each step that follows no difference, in standard deviations of the prior: without it the vectors span less and less.
const JITTER: f64 = 1e-4;

/// A vector of the walk.
#[derive(Clone, Debug)]
pub(super) struct Walker {
    /// on the search scales
    pub at: Vec<f64>,
    pub misfit: f64,
}

/// What bounds the walk.
pub(super) struct Ground<'g> {
    /// misfit of a vector; none where a solve failed
    pub misfit: &'g (dyn Fn(&[f64]) -> Option<f64> + Sync),
    /// the largest misfit
    pub threshold: f64,
    /// ends of each parameter
    pub ranges: &'g [(f64, f64)],
    /// mean and standard deviation of each normal prior
    pub priors: &'g [(f64, f64)],
    /// lower triangle of the covariance at the estimate
    pub factor: &'g nalgebra::DMatrix<f64>,
    pub seed: u64,
    pub threads: Option<usize>,
}

/// What became of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Walked {
    /// steps tried
    pub tried: usize,
    /// steps taken
    pub taken: usize,
    /// steps whose solve failed
    pub failed: usize,
}

/// A number folded into a range at its ends.
pub(super) fn folded(x: f64, lower: f64, upper: f64) -> f64 {
    let width = upper - lower;
    let at = (x - lower).rem_euclid(2.0 * width);
    lower + at.min(2.0 * width - at)
}

/// A standard normal number.
pub(super) fn normal(stream: &mut ChaCha8Rng) -> f64 {
    normal_quantile(stream.random::<f64>().max(f64::EPSILON))
}

impl Ground<'_> {
    /// ln of the prior without its constant.
    fn prior(&self, at: &[f64]) -> f64 {
        let pairs = at.iter().zip(self.priors);
        pairs
            .map(|(x, (mean, sd))| -0.5 * ((x - mean) / sd).powi(2))
            .sum()
    }

    /// Lets every walker try one step a sweep: half of them by the difference of two walkers of the other half, then the other way round
    /// (ter Braak 2006, doi:10.1007/s11222-006-8769-1), or, in one step of two, along the covariance at the estimate. The step is
    /// taken where the misfit stays within the threshold, with the ratio of the priors. The factors of both kinds of steps are steered after each
    /// half-sweep. Streams belong to (sweep, walker), so that the bits are the same at any number of threads.
    pub fn walk(
        &self,
        walkers: &mut [Walker],
        sweeps: usize,
        spread: f64,
    ) -> Result<Walked, ThreadError> {
        let count = walkers.len();
        let mut walked = Walked::default();
        if count < 6 {
            return Ok(walked);
        }
        let mut factors = [1.0, spread];
        for sweep in 0..sweeps {
            for half in 0..2 {
                let (begin, end) = match half {
                    0 => (0, count / 2),
                    _ => (count / 2, count),
                };
                let others: Vec<usize> = (0..count).filter(|i| !(begin..end).contains(i)).collect();
                let now: &[Walker] = walkers;
                let found = in_order(end - begin, self.threads, &|i| {
                    let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
                    stream.set_stream((1 << 40) + (sweep * count + begin + i) as u64);
                    self.step(&now[begin + i], now, &others, &factors, &mut stream)
                })?;
                let mut counts = [(0.0, 0.0); 2];
                for (i, (kind, step)) in found.into_iter().enumerate() {
                    walked.tried += 1;
                    counts[kind].1 += 1.0;
                    match step {
                        Step::Taken(walker) => {
                            walkers[begin + i] = walker;
                            walked.taken += 1;
                            counts[kind].0 += 1.0;
                        }
                        Step::Failed => walked.failed += 1,
                        Step::Refused => {}
                    }
                }
                for (factor, (taken, tried)) in factors.iter_mut().zip(counts) {
                    if tried > 0.0 {
                        *factor *= libm::exp(0.5 * (taken / tried - ACCEPTED));
                        *factor = factor.min(1.0);
                    }
                }
            }
        }
        Ok(walked)
    }

    /// One step of one walker, and which kind it was of.
    fn step(
        &self,
        from: &Walker,
        walkers: &[Walker],
        others: &[usize],
        factors: &[f64; 2],
        stream: &mut ChaCha8Rng,
    ) -> (usize, Step) {
        let kind = usize::from(stream.random::<f64>() < 0.5);
        let direction: Vec<f64> = match kind {
            0 => {
                let one = stream.random_range(0..others.len());
                let other = (one + stream.random_range(1..others.len())) % others.len();
                let (a, b) = (&walkers[others[one]].at, &walkers[others[other]].at);
                a.iter().zip(b).map(|(a, b)| a - b).collect()
            }
            _ => {
                let z = nalgebra::DVector::from_fn(from.at.len(), |_, _| normal(stream));
                (self.factor * z).iter().copied().collect()
            }
        };
        // steps of all sizes, short ones above all
        let size = factors[kind] * libm::exp(-stream.random::<f64>() * std::f64::consts::LN_10);
        let at: Vec<f64> = (from.at.iter().zip(&direction))
            .zip(self.ranges.iter().zip(self.priors))
            .map(|((x, step), ((lower, upper), (_, sd)))| {
                folded(
                    x + size * step + JITTER * sd * normal(stream),
                    *lower,
                    *upper,
                )
            })
            .collect();
        let luck = stream.random::<f64>().ln();
        if luck > self.prior(&at) - self.prior(&from.at) {
            return (kind, Step::Refused);
        }
        let step = match (self.misfit)(&at) {
            None => Step::Failed,
            Some(misfit) if misfit <= self.threshold => Step::Taken(Walker { at, misfit }),
            Some(_) => Step::Refused,
        };
        (kind, step)
    }
}

enum Step {
    Taken(Walker),
    Refused,
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Uniform within a disc, where the prior is flat there: the mean square of the radius is half that of the rim.
    #[test]
    fn a_walk_fills_what_the_threshold_bounds() {
        let misfit = |at: &[f64]| Some(at.iter().map(|x| x * x).sum());
        let walk = |threads| {
            let ground = Ground {
                misfit: &misfit,
                threshold: 4.0,
                ranges: &[(-5.0, 5.0); 2],
                priors: &[(0.0, 100.0); 2],
                factor: &nalgebra::DMatrix::identity(2, 2),
                seed: 7,
                threads: Some(threads),
            };
            let mut walkers: Vec<Walker> = (0..200)
                .map(|i| {
                    let at = vec![1e-3 * f64::from(i % 20), 1e-3 * f64::from(i / 20)];
                    let misfit = misfit(&at).expect("finite");
                    Walker { at, misfit }
                })
                .collect();
            let walked = ground.walk(&mut walkers, 300, 0.1).expect("threads");
            assert!(walked.failed == 0 && walked.taken > walked.tried / 10);
            walkers
        };
        let walkers = walk(1);
        assert!(walkers.iter().all(|w| w.misfit <= 4.0));
        let mean = walkers.iter().map(|w| w.misfit).sum::<f64>() / 200.0;
        // 200 uniform draws: SD of the mean 4/sqrt(12 x 200) = 0.08
        assert_relative_eq!(mean, 2.0, epsilon = 0.3);
        let again = walk(2);
        assert!(walkers.iter().zip(&again).all(|(a, b)| a.at == b.at));
    }
}
