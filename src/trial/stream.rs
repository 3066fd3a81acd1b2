//! Random numbers: one stream for each purpose, repetition and subject, so that nobody's numbers depend on anybody else.
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// What numbers are drawn for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Parameters = 1,
    Infections,
    Adherence,
    Dropout,
    Relapses,
    Readings,
    Disability,
    Allocation,
}

/// A stream of random numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a subject. `repetition` counts repeated trials from 1; 0 is the trial itself.
    pub fn new(seed: u64, purpose: Purpose, repetition: u64, subject: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&repetition.to_le_bytes());
        key[16] = purpose as u8;
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(subject as u64);
        Stream(numbers)
    }

    /// Uniform on (0, 1).
    pub fn uniform(&mut self) -> f64 {
        loop {
            let u: f64 = self.0.random();
            if u > 0.0 {
                return u;
            }
        }
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// Exponential of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// The numbers below `count` in random order (Fisher and Yates).
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let at = (self.uniform() * (last + 1) as f64) as usize;
            order.swap(last, at.min(last));
        }
        order
    }
}
