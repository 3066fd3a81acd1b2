//! Random numbers: a stream of its own for each purpose, round and individual, so that nobody's numbers depend on anybody else.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// What numbers are drawn for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Importance = 1,
    Saem = 2,
    SimulatedEffects = 20,
    SimulatedReadings = 21,
    ConditionalDraws = 22,
    CensoredReadings = 23,
    Residuals = 24,
}

/// A stream of random numbers.
#[derive(Debug)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    pub fn new(seed: u64, purpose: Purpose, round: u64, individual: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&round.to_le_bytes());
        key[16] = purpose as u8;
        // apart from the streams of other layers
        key[17] = b'p';
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(individual as u64);
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
}
