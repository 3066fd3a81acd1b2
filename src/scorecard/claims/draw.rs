//! Draws of parameters from the ranges that the parameter table declares.
use super::claim::Claims;
use crate::compile::System;
use crate::exchange::model::Model;
use crate::network::{Parameter, SearchScale};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Vectors of the system's parameters: each parameter with both bounds is drawn between them, evenly on its scale; all others,
/// and what the claims' subjects set as their own, stay as they are.
///
/// Every draw has a stream of its own: the first of a thousand draws are the same as the first of ten.
pub fn draws(
    model: &Model,
    system: &System,
    claims: &Claims,
    count: usize,
    seed: u64,
) -> Vec<Vec<f64>> {
    let own = |id: &String| {
        let mut subjects = claims.subjects.iter().filter_map(|s| model.scenario(s));
        subjects.any(|scenario| scenario.set.contains_key(id))
    };
    let drawn: Vec<(usize, Range)> = (model.network.all_parameters().iter())
        .filter(|(id, _)| !own(id))
        .filter_map(|(id, parameter)| Some((system.parameter_index(id)?, Range::of(parameter)?)))
        .collect();
    let vector = |number: usize| {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(number as u64);
        let mut vector = system.parameters().to_vec();
        for (index, range) in &drawn {
            vector[*index] = range.at(stream.random());
        }
        vector
    };
    (0..count).map(vector).collect()
}

/// A range and the scale on which it is even.
#[derive(Clone, Copy)]
struct Range {
    lower: f64,
    upper: f64,
    scale: SearchScale,
}

impl Range {
    fn of(parameter: &Parameter) -> Option<Range> {
        let (lower, upper) = parameter.lower.zip(parameter.upper)?;
        let scale = match parameter.scale {
            // a bound without logarithm
            SearchScale::Log | SearchScale::Log10 if lower <= 0.0 => SearchScale::Linear,
            SearchScale::Logit if lower <= 0.0 || upper >= 1.0 => SearchScale::Linear,
            scale => scale,
        };
        let range = Range {
            lower,
            upper,
            scale,
        };
        (lower < upper).then_some(range)
    }

    /// From 0 at the lower bound to 1 at the upper.
    fn at(&self, share: f64) -> f64 {
        let line = |lower: f64, upper: f64| lower + share * (upper - lower);
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let value = match self.scale {
            SearchScale::Linear => line(self.lower, self.upper),
            SearchScale::Log | SearchScale::Log10 => line(self.lower.ln(), self.upper.ln()).exp(),
            SearchScale::Logit => 1.0 / (1.0 + (-line(logit(self.lower), logit(self.upper))).exp()),
        };
        value.clamp(self.lower, self.upper)
    }
}
