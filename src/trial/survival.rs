//! Times to an event, censored: Kaplan and Meier's curve, the log-rank test, the hazard ratio of Cox's model for two groups.
use super::compare::Contrast;
use crate::noise::{normal_cdf, normal_quantile};

/// A time, and whether it ended with the event (else it is censored: the event had not come by then).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// days
    pub day: f64,
    /// whether the event came
    pub event: bool,
}

/// The share without an event over time, constant from each day to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// days of events, ascending, after a first 0
    pub days: Vec<f64>,
    /// share without an event from that day on
    pub shares: Vec<f64>,
    /// 95 % interval of it
    pub intervals: Vec<(f64, f64)>,
}

impl Curve {
    /// Share without an event at the end.
    pub fn last(&self) -> f64 {
        self.shares.last().copied().unwrap_or(1.0)
    }
}

/// Days on which events came, with numbers at risk and of events in each of two groups.
fn table(a: &[Time], b: &[Time]) -> Vec<[[f64; 2]; 2]> {
    let mut events: Vec<f64> = a
        .iter()
        .chain(b)
        .filter(|t| t.event)
        .map(|t| t.day)
        .collect();
    events.sort_by(f64::total_cmp);
    events.dedup();
    let sorted = |group: &[Time], only_events: bool| {
        let kept = group.iter().filter(|t| t.event || !only_events);
        let mut days: Vec<f64> = kept.map(|t| t.day).collect();
        days.sort_by(f64::total_cmp);
        days
    };
    let groups = [a, b].map(|group| (sorted(group, false), sorted(group, true)));
    let counts = |day: f64| {
        groups.each_ref().map(|(all, events)| {
            let risk = all.len() - all.partition_point(|d| *d < day);
            let count =
                events.partition_point(|d| *d <= day) - events.partition_point(|d| *d < day);
            [risk as f64, count as f64]
        })
    };
    events.into_iter().map(counts).collect()
}

/// Kaplan and Meier's curve (1958, doi:10.1080/01621459.1958.10501452); intervals by Greenwood's variance on ln(-ln S).
pub fn kaplan_meier(times: &[Time]) -> Curve {
    let mut days: Vec<f64> = times.iter().filter(|t| t.event).map(|t| t.day).collect();
    days.sort_by(f64::total_cmp);
    days.dedup();
    let mut curve = Curve {
        days: vec![0.0],
        shares: vec![1.0],
        intervals: vec![(1.0, 1.0)],
    };
    let (mut share, mut sum) = (1.0, 0.0);
    for (day, [[risk, events], _]) in days.into_iter().zip(table(times, &[])) {
        share *= 1.0 - events / risk;
        sum += events / (risk * (risk - events));
        let interval = match share > 0.0 {
            true => {
                let wide = normal_quantile(0.975) * sum.sqrt() / libm::log(share);
                (
                    libm::pow(share, libm::exp(-wide)),
                    libm::pow(share, libm::exp(wide)),
                )
            }
            false => (0.0, 0.0),
        };
        let (lower, upper) = interval;
        curve.days.push(day);
        curve.shares.push(share);
        curve.intervals.push((lower.min(upper), lower.max(upper)));
    }
    curve
}

/// The p value of the log-rank test (Mantel 1966), two-sided; NaN without events.
pub fn log_rank(treated: &[Time], control: &[Time]) -> f64 {
    let (mut difference, mut variance) = (0.0, 0.0);
    for [[risk, events], [other_risk, other_events]] in table(treated, control) {
        let (all, count) = (risk + other_risk, events + other_events);
        difference += events - count * risk / all;
        if all > 1.0 {
            variance += count * risk * other_risk * (all - count) / (all * all * (all - 1.0));
        }
    }
    match variance > 0.0 {
        true => 2.0 * normal_cdf(-(difference / variance.sqrt()).abs()),
        false => f64::NAN,
    }
}

/// Logarithm of the hazard ratio, `treated` over `control`: Cox's model (1972, doi:10.1111/j.2517-6161.1972.tb00899.x) by Newton's
/// method, ties as Efron (1977, doi:10.1080/01621459.1977.10480613) treats them, p by Wald's test. Unknown when a group has no event.
pub fn hazard_ratio(treated: &[Time], control: &[Time]) -> Contrast {
    let has_event = |group: &[Time]| group.iter().any(|t| t.event);
    if !(has_event(treated) && has_event(control)) {
        return Contrast::unknown();
    }
    let table = table(treated, control);
    let mut beta = 0.0_f64;
    let mut information = 0.0;
    for _ in 0..50 {
        let (mut score, mut sum) = (0.0, 0.0);
        let hazard = libm::exp(beta);
        for [[risk, events], [other_risk, other_events]] in &table {
            let count = events + other_events;
            score += events;
            for tie in 0..count as usize {
                // of those with an event on this day, this share has left
                let gone = tie as f64 / count;
                let own = (risk - gone * events) * hazard;
                let share = own / (own + other_risk - gone * other_events);
                score -= share;
                sum += share * (1.0 - share);
            }
        }
        information = sum;
        let step = (score / information).clamp(-1.0, 1.0);
        beta += step;
        if step.abs() < 1e-10 {
            break;
        }
    }
    Contrast::normal(beta, 1.0 / f64::sqrt(information))
}
