//! Ranges, ticks and their texts.
use super::figure::{Axis, AxisScale, raised};

/// A range with its ticks, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    pub scale: AxisScale,
    pub from: f64,
    pub to: f64,
    /// position and text
    pub major: Vec<(f64, String)>,
    /// positions without text
    pub minor: Vec<f64>,
}

impl Ticks {
    /// Ticks for an axis whose series hold `values`; `wanted` is how many texts find room.
    pub fn of(axis: &Axis, values: impl Iterator<Item = f64>, wanted: usize) -> Self {
        if !axis.categories.is_empty() {
            let major = axis
                .categories
                .iter()
                .enumerate()
                .map(|(i, name)| (i as f64, name.clone()))
                .collect();
            let to = axis.categories.len() as f64 - 0.5;
            return Self {
                scale: AxisScale::Linear,
                from: -0.5,
                to,
                major,
                minor: Vec::new(),
            };
        }
        let range = axis.range.filter(|(from, to)| {
            let log = axis.scale == AxisScale::Log;
            from < to && reachable(*from) && reachable(*to) && !(log && *from <= 0.0)
        });
        match axis.scale {
            AxisScale::Linear => {
                let range = range.unwrap_or_else(|| padded(values));
                Self::linear(range, wanted, if axis.whole { 1.0 } else { 0.0 })
            }
            AxisScale::Log => Self::log(range.unwrap_or_else(|| log_range(values)), wanted),
        }
    }

    fn linear((from, to): (f64, f64), wanted: usize, least: f64) -> Self {
        let raw = ((to - from) / wanted.max(3) as f64).max(least);
        let power = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|s| *s >= raw * 0.93 && (least == 0.0 || s.fract() == 0.0))
            .unwrap_or(raw);
        let first = (from / step - 1e-9).ceil() as i64;
        let last = (to / step + 1e-9).floor() as i64;
        let largest = from.abs().max(to.abs());
        let major = (first..=last)
            .map(|i| (i as f64 * step, linear_text(i as f64 * step, step, largest)))
            .collect();
        Self {
            scale: AxisScale::Linear,
            from,
            to,
            major,
            minor: Vec::new(),
        }
    }

    fn log((from, to): (f64, f64), wanted: usize) -> Self {
        let (low, high) = (from.log10(), to.log10());
        let first = (low - 1e-9).ceil() as i32;
        let last = (high + 1e-9).floor() as i32;
        let decades = (last - first + 1).max(0) as usize;
        let every = decades.div_ceil(wanted.max(3)).max(1) as i32;
        let mut major: Vec<(f64, String)> = (first..=last)
            .filter(|k| k.rem_euclid(every) == 0)
            .map(|k| (10f64.powi(k), power_text(k)))
            .collect();
        let mut minor: Vec<f64> = Vec::new();
        if every == 1 {
            for k in first - 1..=last {
                minor.extend(
                    (2..10)
                        .map(|m| m as f64 * 10f64.powi(k))
                        .filter(|v| *v >= from && *v <= to),
                );
            }
        } else {
            minor.extend(
                (first..=last)
                    .filter(|k| k.rem_euclid(every) != 0)
                    .map(|k| 10f64.powi(k)),
            );
        }
        if major.len() < 2 {
            // less than two decades: numbers in between carry their text
            for m in [2.0, 5.0] {
                for k in first - 1..=last {
                    let value = m * 10f64.powi(k);
                    if value >= from && value <= to {
                        major.push((value, short_number(value)));
                    }
                }
            }
            for tick in &mut major {
                tick.1 = short_number(tick.0);
            }
            major.sort_by(|a, b| a.0.total_cmp(&b.0));
            if major.len() < 2 {
                // a small part of a decade: round numbers at even distances
                major = Self::linear((from, to), wanted, 0.0).major;
                minor.clear();
            }
        }
        Self {
            scale: AxisScale::Log,
            from,
            to,
            major,
            minor,
        }
    }

    /// Position between 0 and 1; None when the number cannot stand on the axis.
    pub fn position(&self, value: f64) -> Option<f64> {
        let position = match self.scale {
            AxisScale::Linear => (value - self.from) / (self.to - self.from),
            AxisScale::Log if value > 0.0 => (value / self.from).ln() / (self.to / self.from).ln(),
            AxisScale::Log => return None,
        };
        position.is_finite().then_some(position)
    }
}

/// Whether an axis can reach a number: steps and decades around it must be numbers too.
fn reachable(value: f64) -> bool {
    value == 0.0 || (1e-290..=1e290).contains(&value.abs())
}

fn padded(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|v| reachable(*v)) {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        return (0.0, 1.0);
    }
    if low == 0.0 && high == 0.0 {
        return (0.0, 1.0);
    }
    if low == high {
        let room = 0.1 * low.abs();
        return (low - room, high + room);
    }
    let room = 0.04 * (high - low);
    // an axis that almost reaches zero starts there
    let from = if low >= 0.0 && low <= 0.25 * high {
        0.0
    } else {
        low - room
    };
    (from, high + room)
}

fn log_range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|v| reachable(*v) && *v > 0.0) {
        low = low.min(value);
        high = high.max(value);
    }
    if high == 0.0 {
        return (0.1, 10.0);
    }
    // twelve decades are the most that a reader can use
    low = low.max(high * 1e-12);
    let room = ((high / low).log10() * 0.05).max(0.05);
    (low / 10f64.powf(room), high * 10f64.powf(room))
}

fn linear_text(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 || value.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&largest) {
        let power = largest.log10().floor() as i32;
        let mantissa = value / 10f64.powi(power);
        let decimals = decimals(step / 10f64.powi(power));
        return format!(
            "{}×{}",
            signed(&format!("{mantissa:.decimals$}")),
            power_text(power)
        );
    }
    let decimals = decimals(step);
    signed(&format!("{value:.decimals$}"))
}

fn decimals(step: f64) -> usize {
    let mut decimals = 0;
    let mut scaled = step;
    while decimals < 8 && (scaled - scaled.round()).abs() > 1e-6 * scaled.abs().max(1e-12) {
        scaled *= 10.0;
        decimals += 1;
    }
    decimals
}

/// A true minus sign.
fn signed(text: &str) -> String {
    text.strip_prefix('-')
        .map_or_else(|| text.to_owned(), |rest| format!("−{rest}"))
}

/// 10⁻³.
pub(super) fn power_text(power: i32) -> String {
    match power {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => {
            let raised: String = power.to_string().chars().map(raised).collect();
            format!("10{raised}")
        }
    }
}

/// Three significant digits, for texts in pictures and pages.
pub fn short_number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "not a number".to_owned()
        } else {
            signed(if value > 0.0 { "∞" } else { "-∞" })
        };
    }
    // of the rounded number: 0.0009999 is 0.001
    let rounded = format!("{:.2e}", value.abs());
    let power = rounded.split_once('e').and_then(|(_, p)| p.parse().ok());
    let power: i32 = power.unwrap_or(0);
    if !(-3..5).contains(&power) {
        let mantissa = value / 10f64.powi(power);
        let text = format!("{mantissa:.2}");
        return format!("{}×{}", signed(trimmed(&text)), power_text(power));
    }
    let decimals = (2 - power).max(0) as usize;
    signed(trimmed(&format!("{value:.decimals$}")))
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, values: &[f64]) -> Vec<String> {
        Ticks::of(axis, values.iter().copied(), 5)
            .major
            .into_iter()
            .map(|t| t.1)
            .collect()
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        assert_eq!(
            texts(&Axis::default(), &[0.0, 23.0]),
            ["0", "5", "10", "15", "20"]
        );
        assert_eq!(
            texts(&Axis::default(), &[-0.2, 0.2]),
            ["−0.2", "−0.1", "0", "0.1", "0.2"]
        );
    }

    #[test]
    fn log_ticks_are_powers_of_ten_and_never_crowded() {
        let axis = Axis {
            scale: AxisScale::Log,
            ..Axis::default()
        };
        assert_eq!(
            texts(&axis, &[1e-3, 20.0]),
            ["10⁻³", "10⁻²", "10⁻¹", "1", "10"]
        );
        assert!(texts(&axis, &[1e-12, 1e6]).len() <= 6);
        assert_eq!(texts(&axis, &[1.5, 7.0]), ["2", "5"]);
        assert_eq!(texts(&axis, &[0.64, 0.78]), ["0.6", "0.7", "0.8"]);
    }

    #[test]
    fn numbers_near_the_end_of_all_numbers_leave_the_ticks_few() {
        let log = Axis {
            scale: AxisScale::Log,
            ..Axis::default()
        };
        for axis in [Axis::default(), log] {
            for values in [[1.0, 1e308], [-1e308, 1e308], [5e-324, 1e-310], [1.0, 2.0]] {
                assert!(texts(&axis, &values).len() <= 8, "{values:?}");
            }
        }
    }

    #[test]
    fn a_constant_series_gets_a_range_around_it() {
        let ticks = Ticks::of(&Axis::default(), [3.0, 3.0].into_iter(), 5);
        assert!(ticks.from < 3.0 && ticks.to > 3.0);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short_number(0.25), "0.25");
        assert_eq!(short_number(-1234.5), "−1234");
        assert_eq!(short_number(1.5e-9), "1.5×10⁻⁹");
        assert_eq!(short_number(4e7), "4×10⁷");
        assert_eq!(short_number(9.999e-4), "0.001");
        assert_eq!(short_number(9.999e-8), "10⁻⁷".replace("10", "1×10"));
    }
}
