//! The times at which curves of a subject are drawn.

use super::Subject;
use crate::schedule::Start;

impl Subject {
    /// Evenly spaced times from the start to the last reading, with the moments at which something happens and those of the
    /// readings; ascending. `registers` is the subject's extended vector, `points` the number of even distances.
    pub(crate) fn curve_times(&self, registers: &[f64], points: usize) -> Vec<f64> {
        let moments: Vec<f64> = self
            .schedule
            .periods
            .iter()
            .filter_map(|p| match &p.start {
                Start::At(moment) => Some(moment),
                Start::SteadyState => None,
            })
            .map(|m| registers[m.at.0] + m.lag.map_or(0.0, |lag| registers[lag.0]))
            .collect();
        let visits = || self.visits.iter().map(|v| v.time);
        let last = visits()
            .filter(|t| t.is_finite())
            .fold(f64::NEG_INFINITY, f64::max);
        let start = moments.iter().copied().fold(f64::INFINITY, f64::min);
        let start = if start.is_finite() { start } else { 0.0 };
        let end = if last > start { last } else { start + 1.0 };
        let mut times: Vec<f64> = (0..=points)
            .map(|i| start + (end - start) * i as f64 / points as f64)
            .collect();
        times.extend(moments.into_iter().filter(|t| *t > start && *t < end));
        times.extend(visits().filter(|t| *t >= start && *t <= end));
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }
}
