//! How much a number varies, between subjects or between readings of one subject.
use super::stream::Stream;
use crate::network::Evidence;
use crate::noise::{normal_cdf, normal_quantile};
use serde::{Deserialize, Serialize};

/// Shape of a spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpreadKind {
    /// the logarithm is normal; the number itself is the median
    LogNormal,
    /// normal about the number
    Normal,
}

/// A spread about a number \\(b\\): \\(b\\, e^{\sigma z}\\) or \\(b + \sigma z\\) with a standard normal \\(z\\).
///
/// | kind | `cv` | `sd` |
/// |---|---|---|
/// | `log-normal` | \\(\sigma = \sqrt{\ln(1 + \mathrm{cv}^2)}\\) | \\(\sigma\\), of the natural logarithm |
/// | `normal` | \\(\sigma = \mathrm{cv}\\,\lvert b\rvert\\) | \\(\sigma\\), in the unit of the number |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// shape
    pub kind: SpreadKind,
    /// coefficient of variation
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<f64>,
    /// standard deviation
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<f64>,
    /// grade of the evidence for it
    pub evidence: Evidence,
    /// DOI or PubMed id
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Spread {
    /// What cannot be: the key and what is wrong.
    pub(super) fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        match (self.cv, self.sd) {
            (None, None) => problems.push(("kind", "give `cv` or `sd`".to_string())),
            (Some(_), Some(_)) => {
                problems.push(("sd", "give `cv` or `sd`, not both".to_string()));
            }
            _ => {}
        }
        for (key, value) in [("cv", self.cv), ("sd", self.sd)] {
            if let Some(value) = value
                && !(value >= 0.0 && value.is_finite())
            {
                let message = format!("{value} is no spread; it must be 0 or a positive number");
                problems.push((key, message));
            }
        }
        if self.evidence != Evidence::Assumed && self.source.is_none() {
            let message = "a spread that is not assumed needs its source (a DOI, or PMID:...)";
            problems.push(("source", message.to_string()));
        }
        problems
    }

    /// \\(\sigma\\) about a number.
    pub fn sigma(&self, base: f64) -> f64 {
        let (cv, sd) = (self.cv.unwrap_or(0.0), self.sd);
        match self.kind {
            SpreadKind::LogNormal => sd.unwrap_or_else(|| libm::sqrt(libm::log1p(cv * cv))),
            SpreadKind::Normal => sd.unwrap_or(cv * base.abs()),
        }
    }

    /// The number moved by `z` standard deviations.
    pub fn moved(&self, base: f64, z: f64) -> f64 {
        match self.kind {
            SpreadKind::LogNormal => base * libm::exp(self.sigma(base) * z),
            SpreadKind::Normal => base + self.sigma(base) * z,
        }
    }

    /// Draws \\(z\\) so that the number stays within a range; one uniform number, whatever the range.
    pub(super) fn draw(&self, base: f64, range: (f64, f64), stream: &mut Stream) -> f64 {
        let u = stream.uniform();
        let sigma = self.sigma(base);
        if sigma == 0.0 {
            return 0.0;
        }
        let (below, above) = match self.kind {
            SpreadKind::Normal => ((range.0 - base) / sigma, (range.1 - base) / sigma),
            SpreadKind::LogNormal => {
                let ratio = |end: f64| libm::log((end / base).max(0.0)) / sigma;
                (ratio(range.0), ratio(range.1))
            }
        };
        let (from, to) = (normal_cdf(below), normal_cdf(above));
        normal_quantile(from + u * (to - from)).clamp(below, above)
    }
}
