//! Step sizes: proportional-integral control, and the first step.
//!
//! After an accepted step with scaled error e, h <- h clamp(0.8 e^(-0.17) e_before^(0.04), 0.2, 6); after a rejected one
//! h <- h max(0.2, 0.8 e^(-1/5)), and the next accepted step does not grow. The exponents are beta = 0.04 and
//! alpha = 1/5 - 0.75 beta of Hairer, Norsett, Wanner, "Solving Ordinary Differential Equations I"
//! (doi:10.1007/978-3-540-78862-1), section II.4 and its program DOPRI5, for error estimates that fall as h^5, as those of
//! all methods stepped here do. The first step follows the same section.

use crate::compile::pow;

/// exponent of the error estimate: err ~ h^5
const ORDER: f64 = 5.0;
/// weight of the error before
const BETA: f64 = 0.04;
const ALPHA: f64 = 1.0 / ORDER - 0.75 * BETA;
/// Less than the usual 0.9: a rejected step costs as much as an accepted one. On 200 days of 600 pulses of forcing (40 states,
/// relative tolerance 1e-4) 0.9 has 6165 + 1173 rejected attempts for an error of 1.5e-5, 0.8 has 6974 + 409 for 5.2e-6.
const SAFETY: f64 = 0.8;
const SHRINK: f64 = 0.2;
const GROW: f64 = 6.0;
/// errors below this count as this, so that one lucky step is not followed by a wild one
const ERROR_FLOOR: f64 = 1e-4;
/// factor after a step that gave NaN, infinity or a singular matrix
const RETREAT: f64 = 0.25;

/// Memory of one lane's step sizes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Controller {
    previous: f64,
    rejected: bool,
}

impl Default for Controller {
    fn default() -> Self {
        Self {
            previous: 1.0,
            rejected: false,
        }
    }
}

impl Controller {
    /// Next step after one of size h with scaled error at most 1.
    pub(super) fn accept(&mut self, h: f64, error: f64) -> f64 {
        let error = error.max(ERROR_FLOOR * ERROR_FLOOR);
        let factor = SAFETY * pow(error, -ALPHA) * pow(self.previous, BETA);
        let factor = factor.clamp(SHRINK, if self.rejected { 1.0 } else { GROW });
        self.previous = error.max(ERROR_FLOOR);
        self.rejected = false;
        h * factor
    }

    /// Next step after one of size h with scaled error above 1, or not finite.
    pub(super) fn reject(&mut self, h: f64, error: f64) -> f64 {
        self.rejected = true;
        if error.is_finite() {
            h * (SAFETY * pow(error, -1.0 / ORDER)).clamp(SHRINK, SAFETY)
        } else {
            h * RETREAT
        }
    }
}

/// First step from the scaled norms of y, y' and y'' (d0, d1, d2), at most `longest`.
///
/// `second` gives d2 for the trial step h0; methods that know y'' exactly ignore h0.
pub(super) fn trial_step(d0: f64, d1: f64, longest: f64) -> f64 {
    let h0 = if d0 < 1e-5 || d1 < 1e-5 {
        1e-6 * longest.min(1.0)
    } else {
        0.01 * d0 / d1
    };
    h0.min(longest)
}

/// See [`trial_step`].
pub(super) fn first_step(h0: f64, d1: f64, d2: f64, longest: f64) -> f64 {
    let steepest = d1.max(d2);
    let h1 = if steepest <= 1e-15 {
        (1e-3 * h0).max(1e-6 * longest)
    } else {
        pow(0.01 / steepest, 1.0 / ORDER)
    };
    (100.0 * h0).min(h1).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_grows_after_a_small_error_and_shrinks_after_a_large_one() {
        let mut controller = Controller::default();
        assert!(controller.accept(1.0, 1e-3) > 1.0);
        assert!(controller.accept(1.0, 0.99) < 1.0);
        assert!(controller.reject(1.0, 2.0) < 1.0);
        assert!(
            controller.accept(1.0, 0.0) <= 1.0,
            "no growth right after a rejection"
        );
        assert_eq!(controller.reject(1.0, f64::NAN), RETREAT);
        assert_eq!(controller.reject(1.0, f64::INFINITY), RETREAT);
        assert_eq!(controller.reject(1.0, 1e300), SHRINK);
    }

    #[test]
    fn the_first_step_is_positive_and_no_longer_than_allowed() {
        for d in [0.0, 1e-20, 1.0, 1e20] {
            for e in [0.0, 1e-20, 1.0, 1e20] {
                let h0 = trial_step(d, e, 10.0);
                for s in [0.0, 1.0, 1e30] {
                    let h = first_step(h0, e, s, 10.0);
                    assert!(h > 0.0 && h <= 10.0, "{d} {e} {s}: {h}");
                }
            }
        }
    }
}
