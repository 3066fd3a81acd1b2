//! Tests and curves against numbers that others computed.
use approx::assert_relative_eq;
use holobiont::trial::{Shared, Time, hazard_ratio, kaplan_meier, log_rank, rate_ratio, welch};

/// Weeks of remission under 6-mercaptopurine and placebo, Freireich et al. 1963, doi:10.1182/blood.V21.6.699.699; a minus: censored.
fn leukaemia() -> (Vec<Time>, Vec<Time>) {
    let times = |weeks: &[f64]| -> Vec<Time> {
        let time = |week: &f64| Time {
            day: week.abs(),
            event: *week > 0.0,
        };
        weeks.iter().map(time).collect()
    };
    let treated = [
        6.0, 6.0, 6.0, -6.0, 7.0, -9.0, 10.0, -10.0, -11.0, 13.0, 16.0, -17.0, -19.0, -20.0, 22.0,
        23.0, -25.0, -32.0, -32.0, -34.0, -35.0,
    ];
    let placebo = [
        1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 8.0, 8.0, 8.0, 8.0, 11.0, 11.0, 12.0, 12.0,
        15.0, 17.0, 22.0, 23.0,
    ];
    (times(&treated), times(&placebo))
}

#[test]
fn survival_of_the_leukaemia_trial_is_as_published() {
    let (treated, placebo) = leukaemia();
    let curve = kaplan_meier(&treated);
    // the textbook table of this trial
    let published = [1.0, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482];
    for (share, expected) in curve.shares.iter().zip(published) {
        assert_relative_eq!(*share, expected, epsilon = 6e-5);
    }
    assert_eq!(curve.days, [0.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0]);
    // chi2 16.79 on one degree of freedom
    let p = log_rank(&treated, &placebo);
    assert_relative_eq!(p, 4.17e-5, max_relative = 0.01);
    // Efron's ties: 1.572 (0.412)
    let hazard = hazard_ratio(&placebo, &treated);
    assert_relative_eq!(hazard.value, 1.5721, epsilon = 1e-4);
    assert_relative_eq!(hazard.error, 0.4124, epsilon = 1e-4);
    assert_relative_eq!(
        hazard_ratio(&treated, &placebo).value,
        -hazard.value,
        epsilon = 1e-8
    );
}

#[test]
fn nothing_is_known_without_events_or_numbers() {
    let none = [Time {
        day: 5.0,
        event: false,
    }; 4];
    assert!(log_rank(&none, &none).is_nan());
    assert!(hazard_ratio(&none, &none).p.is_nan());
    assert_eq!(kaplan_meier(&none).last(), 1.0);
    assert!(welch(&[1.0], &[1.0, 2.0]).p.is_nan());
    assert!(rate_ratio(&[(0.0, 1.0); 3], &[(1.0, 1.0); 3]).p.is_nan());
}

#[test]
fn welch_gives_the_numbers_of_a_numerical_integral() {
    let a = [
        27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4,
    ];
    let b = [
        27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.0, 23.9,
    ];
    let contrast = welch(&a, &b);
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / 15.0, b.iter().sum::<f64>() / 15.0);
    assert_relative_eq!(contrast.value, mean_a - mean_b, epsilon = 1e-12);
    // 27.71 degrees of freedom; p by the trapezoid rule on the density of t
    assert_relative_eq!(contrast.value / contrast.error, -2.8352638, epsilon = 1e-7);
    assert_relative_eq!(contrast.p, 0.0084527, epsilon = 1e-7);
    assert!(contrast.interval.0 < contrast.value && contrast.interval.1 < 0.0);
    // the interval ends where p would be 0.05
    let half = contrast.interval.1 - contrast.value;
    assert!((2.04..2.06).contains(&(half / contrast.error)));
}

#[test]
fn the_error_of_a_rate_grows_where_events_cluster() {
    let spread: Vec<(f64, f64)> = (0..40).map(|k| (f64::from(k % 2), 1.0)).collect();
    let clustered: Vec<(f64, f64)> = (0..40)
        .map(|k| (if k % 8 == 0 { 4.0 } else { 0.0 }, 1.0))
        .collect();
    let (even, odd) = (
        rate_ratio(&spread, &spread),
        rate_ratio(&clustered, &spread),
    );
    assert_relative_eq!(even.value, 0.0, epsilon = 1e-12);
    assert_relative_eq!(odd.value, 0.0, epsilon = 1e-12);
    assert!(odd.error > 1.5 * even.error);
    // twice the time at the same number of events is half the rate
    let longer: Vec<(f64, f64)> = spread.iter().map(|s| (s.0, 2.0)).collect();
    assert_relative_eq!(
        rate_ratio(&longer, &spread).exp().value,
        0.5,
        epsilon = 1e-12
    );
}

#[test]
fn shares_of_trials_carry_wilsons_interval() {
    let share = Shared { found: 81, of: 263 };
    // the example of Newcombe 1998
    let (lower, upper) = share.interval();
    assert_relative_eq!(lower, 0.2553, epsilon = 1e-4);
    assert_relative_eq!(upper, 0.3662, epsilon = 1e-4);
}
