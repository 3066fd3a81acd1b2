//! Functions of time that jump at knots, as inputs of the kind `step` run.

/// (time, value) in time order: constant from each knot to the next, and before the first one as at it; 0 without knots.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Steps(pub Vec<(f64, f64)>);

impl Steps {
    /// The value at a time.
    pub fn at(&self, time: f64) -> f64 {
        let after = self.0.partition_point(|knot| knot.0 <= time);
        match self.0.get(after.saturating_sub(1)) {
            Some(knot) => knot.1,
            None => 0.0,
        }
    }

    /// The same as seen from a later origin, from there on.
    pub fn from(&self, origin: f64) -> Steps {
        let mut knots = vec![(0.0, self.at(origin))];
        let later = self.0.iter().filter(|knot| knot.0 > origin);
        knots.extend(later.map(|knot| (knot.0 - origin, knot.1)));
        Steps(knots)
    }

    /// `value(time)` wherever one of `parts`, or the list `times`, has a knot; knots without a change are left out.
    pub fn combined(parts: &[&Steps], times: &[f64], value: impl Fn(f64) -> f64) -> Steps {
        let knots = parts.iter().flat_map(|part| part.0.iter().map(|k| k.0));
        let mut all: Vec<f64> = knots.chain(times.iter().copied()).collect();
        all.push(0.0);
        all.sort_by(f64::total_cmp);
        all.dedup();
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for time in all {
            let next = value(time);
            if steps.last().is_none_or(|last| last.1 != next) {
                steps.push((time, next));
            }
        }
        Steps(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_seen_from_a_later_origin() {
        let steps = Steps(vec![(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)]);
        assert_eq!(steps.at(9.9), 1.0);
        assert_eq!(steps.at(10.0), 2.0);
        assert_eq!(steps.at(-5.0), 1.0);
        assert_eq!(steps.from(15.0), Steps(vec![(0.0, 2.0), (5.0, 3.0)]));
        assert_eq!(Steps::default().at(3.0), 0.0);
    }

    #[test]
    fn combined_steps_have_a_knot_where_something_changes() {
        let (a, b) = (Steps(vec![(0.0, 1.0), (4.0, 0.0)]), Steps(vec![(2.0, 0.0)]));
        let sum = Steps::combined(&[&a, &b], &[3.0], |t| a.at(t) + b.at(t));
        assert_eq!(sum, Steps(vec![(0.0, 1.0), (4.0, 0.0)]));
    }
}
