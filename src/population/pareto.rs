//! How heavy the tail of importance weights is: the shape $\hat k$ of a generalised Pareto distribution fitted to the largest.
//!
//! Vehtari, Simpson, Gelman, Yao & Gabry 2024, Pareto smoothed importance sampling, JMLR 25(72); the fit is that of Zhang & Stephens 2009,
//! doi:10.1198/tech.2009.08017, with the weak prior of the former. Below 0.7 the estimate can be trusted.

/// k-hat of weights given by their logarithms; None with fewer than 25 of them, or where the tail is one number.
pub(crate) fn k_hat(ln_weights: &[f64]) -> Option<f64> {
    let count = ln_weights.len();
    if count < 25 {
        return None;
    }
    let tail = (0.2 * count as f64).min(3.0 * (count as f64).sqrt()).ceil() as usize;
    let mut sorted = ln_weights.to_vec();
    sorted.sort_by(f64::total_cmp);
    let most = *sorted.last()?;
    let cutoff = libm::exp(sorted[count - tail - 1] - most);
    let excess: Vec<f64> = sorted[count - tail..]
        .iter()
        .map(|w| libm::exp(w - most) - cutoff)
        .collect();
    if excess.last().is_none_or(|top| *top <= 0.0) {
        return None;
    }
    shape(&excess)
}

/// Shape of a generalised Pareto distribution of ascending excesses over 0.
fn shape(x: &[f64]) -> Option<f64> {
    let n = x.len();
    let quartile = x[(n as f64 / 4.0 + 0.5) as usize - 1];
    let top = x[n - 1];
    if quartile <= 0.0 {
        return None;
    }
    let grid = 30 + (n as f64).sqrt() as usize;
    let profile = |theta: f64| -> (f64, f64) {
        let k = x.iter().map(|x| libm::log1p(-theta * x)).sum::<f64>() / n as f64;
        (k, n as f64 * (libm::log(-theta / k) - k - 1.0))
    };
    let thetas: Vec<f64> = (1..=grid)
        .map(|j| 1.0 / top + (1.0 - (grid as f64 / (j as f64 - 0.5)).sqrt()) / (3.0 * quartile))
        .collect();
    let levels: Vec<f64> = thetas.iter().map(|t| profile(*t).1).collect();
    let whole = super::quadrature::ln_sum_exp(&levels);
    let theta: f64 = thetas
        .iter()
        .zip(&levels)
        .map(|(theta, level)| theta * libm::exp(level - whole))
        .sum();
    let k = profile(theta).0;
    // a prior worth ten observations at 1/2
    let k = (n as f64 * k + 5.0) / (n as f64 + 10.0);
    k.is_finite().then_some(k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::stream::{Purpose, Stream};

    #[test]
    fn the_shape_of_pareto_weights_comes_back() {
        for wanted in [0.2, 0.5, 1.0] {
            let mut stream = Stream::new(1, Purpose::Importance, 0, 0);
            // a Pareto variable of shape k is u^-k
            let weights: Vec<f64> = (0..20_000)
                .map(|_| -wanted * libm::log(stream.uniform()))
                .collect();
            let found = k_hat(&weights).unwrap();
            // 425 in the tail: a standard error of about (1 + k)/sqrt(425), and the prior pulls by 0.02
            assert!((found - wanted).abs() < 0.2, "{wanted} {found}");
        }
    }
}
