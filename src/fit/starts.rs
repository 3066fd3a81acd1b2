//! Start points: scrambled Sobol points or Latin hypercubes within the search bounds, or draws from the priors.

use super::parameters::{ParameterTable, Scale, Search};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How starts are sampled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Owen-scrambled Sobol points, at most 256 dimensions (blocks of further dimensions are scrambled apart)
    #[default]
    Sobol,
    /// each parameter's range cut into as many cells as there are starts, each cell used once
    LatinHypercube,
    /// Sobol points sent through the priors truncated to the bounds; uniform on the search scale where there is no prior
    Prior,
}

/// Why start points cannot be sampled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// a bound is infinite
    #[error(
        "parameter `{id}`: sampled starts need finite bounds, but they are [{lower}, {upper}]; bound it, give it a prior and sample from priors, or start from the nominal values alone"
    )]
    InfiniteBounds {
        /// the parameter
        id: String,
        /// lower bound, natural
        lower: f64,
        /// upper bound, natural
        upper: f64,
    },
    /// more starts than the sequence holds
    #[error("{starts} starts were asked for, at most {most} can be sampled")]
    TooMany {
        /// number asked for
        starts: usize,
        /// most there are
        most: usize,
    },
}

/// Sampled starts: point k of the sequence, with further points of its own where the first is infeasible.
#[derive(Clone, Debug)]
pub struct StartPoints {
    rows: Vec<Row>,
    sampling: Sampling,
    seed: u64,
    /// Latin hypercube: cell of each start (outer) in each dimension (inner)
    cells: Vec<Vec<usize>>,
    starts: usize,
}

#[derive(Clone, Debug)]
struct Row {
    scale: Scale,
    lower: f64,
    upper: f64,
    prior: Option<super::prior::Prior>,
}

/// The Sobol sequence has 2^16 points; the upper part is kept for redraws.
const MOST: usize = 1 << 12;

impl StartPoints {
    /// Prepares `starts` points.
    ///
    /// # Errors
    /// when bounds are infinite (but those of a parameter with a prior under [`Sampling::Prior`]) or there are too many starts.
    pub fn new(
        table: &ParameterTable,
        sampling: Sampling,
        seed: u64,
        starts: usize,
    ) -> Result<Self, StartError> {
        if starts > MOST {
            return Err(StartError::TooMany { starts, most: MOST });
        }
        let mut rows = Vec::new();
        for row in table.rows.iter().filter(|row| row.estimate) {
            let drawn = row.initialization.as_ref().or(row.prior.as_ref());
            let prior = drawn.filter(|_| sampling == Sampling::Prior).cloned();
            let finite = row.lower.is_finite() && row.upper.is_finite();
            if starts > 0 && !finite && prior.is_none() {
                return Err(StartError::InfiniteBounds {
                    id: row.id.clone(),
                    lower: row.lower,
                    upper: row.upper,
                });
            }
            rows.push(Row {
                scale: row.scale,
                lower: row.lower,
                upper: row.upper,
                prior,
            });
        }
        let mut cells = Vec::new();
        if sampling == Sampling::LatinHypercube {
            for dimension in 0..rows.len() {
                let mut stream = stream(seed, dimension as u64);
                let mut order: Vec<usize> = (0..starts).collect();
                order.shuffle(&mut stream);
                cells.push(order);
            }
        }
        Ok(StartPoints {
            rows,
            sampling,
            seed,
            cells,
            starts,
        })
    }

    /// Point `index` on the search scale; `attempt` 0 is the point itself, higher ones replace it.
    pub fn point(&self, index: usize, attempt: u32) -> Search {
        Search(
            self.rows
                .iter()
                .enumerate()
                .map(|(dimension, row)| row.place(self.unit(index, attempt, dimension)))
                .collect(),
        )
    }

    /// Coordinate in (0, 1).
    fn unit(&self, index: usize, attempt: u32, dimension: usize) -> f64 {
        match self.sampling {
            Sampling::Sobol | Sampling::Prior => {
                let index = index as u32 + (attempt % 16) * MOST as u32;
                let block = (dimension / 256) as u32;
                let seed = (self.seed as u32) ^ ((self.seed >> 32) as u32) ^ (block << 16);
                let u = sobol_burley::sample(index, (dimension % 256) as u32, seed);
                // f32 in [0, 1): move off the edge
                (f64::from(u) + 0.5 / 16_777_216.0).min(1.0 - 1e-9)
            }
            Sampling::LatinHypercube => {
                let mut stream = stream(self.seed ^ 0x5eed, dimension as u64);
                stream.set_word_pos(u128::from(attempt) * 1_000_000 + 2 * index as u128);
                let within: f64 = stream.random();
                if attempt == 0 {
                    (self.cells[dimension][index] as f64 + within) / self.starts as f64
                } else {
                    within
                }
            }
        }
    }
}

impl Row {
    fn place(&self, u: f64) -> f64 {
        match &self.prior {
            Some(prior) => self
                .scale
                .search(prior.quantile_within(u, self.lower, self.upper)),
            None => {
                let (lower, upper) = (self.scale.search(self.lower), self.scale.search(self.upper));
                lower + u * (upper - lower)
            }
        }
    }
}

/// One stream per purpose: the seed picks the key, the purpose the stream.
fn stream(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    stream.set_stream(purpose);
    stream
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Parameter, Prior};

    fn table(n: usize) -> ParameterTable {
        ParameterTable {
            rows: (0..n)
                .map(|k| Parameter {
                    id: format!("k{k}"),
                    name: None,
                    unit: None,
                    scale: Scale::Log10,
                    lower: 1e-3,
                    upper: 1e3,
                    nominal: 1.0,
                    estimate: true,
                    initialization: None,
                    prior: Some(Prior::LogNormal {
                        log_mean: 0.0,
                        log_sd: 1.0,
                    }),
                })
                .collect(),
        }
    }

    #[test]
    fn points_fill_the_box_evenly_and_follow_the_seed() {
        for sampling in [Sampling::Sobol, Sampling::LatinHypercube] {
            let points = StartPoints::new(&table(300), sampling, 7, 64).unwrap();
            let again = StartPoints::new(&table(300), sampling, 7, 64).unwrap();
            let other = StartPoints::new(&table(300), sampling, 8, 64).unwrap();
            assert_eq!(points.point(5, 0), again.point(5, 0));
            assert_ne!(points.point(5, 0), other.point(5, 0));
            assert_ne!(points.point(5, 0), points.point(5, 1));
            for dimension in [0, 255, 256, 299] {
                let mut values: Vec<f64> =
                    (0..64).map(|k| points.point(k, 0).0[dimension]).collect();
                values.sort_by(f64::total_cmp);
                // one point in each of 64 cells of [-3, 3] (Sobol: a (0, m, 1) net in every coordinate)
                for (cell, value) in values.iter().enumerate() {
                    let low = -3.0 + 6.0 * cell as f64 / 64.0;
                    assert!(
                        (low..=low + 6.0 / 64.0 + 1e-6).contains(value),
                        "{sampling:?} {dimension}"
                    );
                }
            }
        }
    }

    #[test]
    fn draws_from_the_prior_have_its_quantiles() {
        let points = StartPoints::new(&table(2), Sampling::Prior, 1, 256).unwrap();
        let below = (0..256).filter(|&k| points.point(k, 0).0[1] < 0.0).count();
        assert_eq!(below, 128);
    }

    #[test]
    fn infinite_bounds_are_an_error_that_names_the_parameter() {
        let mut table = table(2);
        table.rows[1].scale = Scale::Linear;
        table.rows[1].upper = f64::INFINITY;
        let error = StartPoints::new(&table, Sampling::Sobol, 1, 4).unwrap_err();
        assert!(error.to_string().contains("`k1`"));
        assert!(StartPoints::new(&table, Sampling::Sobol, 1, 0).is_ok());
        assert!(StartPoints::new(&table, Sampling::Prior, 1, 4).is_ok());
    }
}
