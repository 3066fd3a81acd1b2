//! One compartment at steady state: bolus, infusion and absorption with lag, with the derivatives by every register.
//!
//! Closed forms: M. Gibaldi, D. Perrier, Pharmacokinetics, 2nd ed., 1982, chapters 1 and 3. Superposition of all doses at
//! \\(t_0 + \tau - k T\\) is a geometric series.
use crate::support::*;

/// Amount s after the beginning of each dose of a periodic bolus: e^{-k s} / (1 - e^{-k T}).
fn series(k: f64, s: f64, interval: f64) -> f64 {
    (-k * s).exp() / (1.0 - (-k * interval).exp())
}

/// Time since the last dose arrived.
fn since(time: f64, at: f64, lag: f64, interval: f64) -> f64 {
    let arrived = at + lag;
    if time >= arrived {
        time - arrived
    } else {
        time - arrived + interval
    }
}

#[test]
fn a_bolus_at_steady_state_has_its_closed_form_and_derivatives() {
    let system = oral();
    let numbers = regimen(&system, "central", [5.0, 10.0, 8.0, 0.0, 0.0]);
    // k, k_a, starts, time, amount, interval
    let first = system.parameters().len();
    let exact = |p: &[f64], time: f64| {
        let [at, amount, interval] = [p[first], p[first + 1], p[first + 2]];
        amount * series(p[0], since(time, at, 0.0, interval), interval)
    };
    compare(&system, &numbers, &[5.5, 9.0, 12.5], 1, exact);
}

#[test]
fn absorption_with_lag_at_steady_state_has_its_closed_form_and_derivatives() {
    let system = oral();
    let numbers = regimen(&system, "depot", [5.0, 10.0, 8.0, 1.5, 0.0]);
    let first = system.parameters().len();
    let exact = |p: &[f64], time: f64| {
        let (k, k_a) = (p[0], p[1]);
        let [at, amount, interval, lag] = [0, 1, 2, 3].map(|i| p[first + i]);
        let one = |s: f64| {
            let factor = amount * k_a / (k_a - k);
            factor * (series(k, s, interval) - series(k_a, s, interval))
        };
        one(since(time, at, lag, interval))
    };
    // before and after the dose arrives
    compare(&system, &numbers, &[5.4, 7.5, 11.0], 1, exact);
}

#[test]
fn an_infusion_at_steady_state_has_its_closed_form_and_derivatives() {
    let system = oral();
    let numbers = regimen(&system, "central", [5.0, 10.0, 8.0, 0.0, 3.0]);
    let first = system.parameters().len();
    let exact = |p: &[f64], time: f64| {
        let k = p[0];
        let [at, amount, interval, duration] = [0, 1, 2, 3].map(|i| p[first + i]);
        infused(k, time - at, amount / duration, interval, duration)
    };
    compare(&system, &numbers, &[5.7, 7.4, 8.5, 12.0], 1, exact);
}

#[test]
fn an_infusion_that_lasts_beyond_the_end_of_the_interval_runs_on() {
    let system = oral();
    // the dose before began 2 before the regimen's time, and has 1 to go
    let numbers = regimen(&system, "central", [5.0, 10.0, 8.0, 6.0, 3.0]);
    let first = system.parameters().len();
    let exact = |p: &[f64], time: f64| {
        let k = p[0];
        let [at, amount, interval, lag, duration] = [0, 1, 2, 3, 4].map(|i| p[first + i]);
        let s = since(time, at, lag, interval);
        infused(k, s, amount / duration, interval, duration)
    };
    compare(&system, &numbers, &[5.5, 6.5, 10.0, 12.0, 14.5], 1, exact);
}

/// Amount s after the beginning of each of periodic infusions.
fn infused(k: f64, s: f64, rate: f64, interval: f64, duration: f64) -> f64 {
    let end = rate / k * (1.0 - (-k * duration).exp()) / (1.0 - (-k * interval).exp());
    if s >= duration {
        end * (-k * (s - duration)).exp()
    } else {
        rate / k * (1.0 - (-k * s).exp()) + end * (-k * (interval - duration + s)).exp()
    }
}
