//! Prior distributions by their names on disk (PEtab v2) and the numbers that go with the names.
use super::{Prior, Scale};

/// Why a name and its numbers are no prior.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PriorNameError {
    /// no distribution has this name
    #[error("there is no such distribution")]
    Unknown,
    /// too few or too many numbers
    #[error("it takes {expected} parameters, {got} given")]
    Count {
        /// how many the distribution takes
        expected: usize,
        /// how many were given
        got: usize,
    },
    /// numbers that the distribution cannot have
    #[error("{0}")]
    Range(&'static str),
}

impl Prior {
    /// All names.
    pub const NAMES: [&'static str; 11] = [
        "cauchy",
        "chisquare",
        "exponential",
        "gamma",
        "laplace",
        "log-laplace",
        "log-normal",
        "log-uniform",
        "normal",
        "rayleigh",
        "uniform",
    ];

    /// Densities of the search value (the extension's names, for those of PEtab v1), and what they are on it.
    pub const ON_SCALE: [(&'static str, &'static str); 3] = [
        ("parameter-scale-laplace", "laplace"),
        ("parameter-scale-normal", "normal"),
        ("parameter-scale-uniform", "uniform"),
    ];

    /// The distribution of this name for a parameter that is searched on `scale`: also those of [`Prior::ON_SCALE`].
    ///
    /// # Errors
    /// those of [`Prior::named`].
    pub fn named_on_scale(
        name: &str,
        parameters: &[f64],
        scale: Scale,
    ) -> Result<Self, PriorNameError> {
        match Self::ON_SCALE.iter().find(|(outer, _)| *outer == name) {
            None => Self::named(name, parameters),
            Some((_, inner)) => {
                let density = Box::new(Self::named(inner, parameters)?);
                Ok(Prior::OnScale { scale, density })
            }
        }
    }

    /// The distribution of this name with these parameters, on the natural scale.
    ///
    /// # Errors
    /// An unknown name, the wrong number of parameters, or parameters that cannot be.
    ///
    /// ```
    /// use holobiont::fit::Prior;
    /// let prior = Prior::named("log-normal", &[0.0, 0.5])?;
    /// assert_eq!(prior.name_and_parameters(), ("log-normal", vec![0.0, 0.5]));
    /// # Ok::<(), holobiont::fit::PriorNameError>(())
    /// ```
    pub fn named(name: &str, parameters: &[f64]) -> Result<Self, PriorNameError> {
        let expected = match name {
            "chisquare" | "exponential" | "rayleigh" => 1,
            _ if Self::NAMES.contains(&name) => 2,
            _ => return Err(PriorNameError::Unknown),
        };
        let got = parameters.len();
        let &[a, b] = match parameters {
            [a, b] if expected == 2 => &[*a, *b],
            [a] if expected == 1 => &[*a, *a],
            _ => return Err(PriorNameError::Count { expected, got }),
        };
        let prior = match name {
            "cauchy" => Prior::Cauchy {
                location: a,
                scale: b,
            },
            "chisquare" => Prior::ChiSquared { dof: a },
            "exponential" => Prior::Exponential { scale: a },
            "gamma" => Prior::Gamma { shape: a, scale: b },
            "laplace" => Prior::Laplace {
                location: a,
                scale: b,
            },
            "log-laplace" => Prior::LogLaplace {
                log_location: a,
                log_scale: b,
            },
            "log-normal" => Prior::LogNormal {
                log_mean: a,
                log_sd: b,
            },
            "log-uniform" => Prior::LogUniform { lower: a, upper: b },
            "normal" => Prior::Normal { mean: a, sd: b },
            "rayleigh" => Prior::Rayleigh { scale: a },
            _ => Prior::Uniform { lower: a, upper: b },
        };
        prior.check().map_err(PriorNameError::Range)?;
        Ok(prior)
    }

    /// Name and parameters on disk; of densities of the search value those that [`Prior::named_on_scale`] reads.
    pub fn name_and_parameters(&self) -> (&'static str, Vec<f64>) {
        match *self {
            Prior::Untruncated(ref density) => density.name_and_parameters(),
            Prior::OnScale { ref density, .. } => {
                let (name, parameters) = density.name_and_parameters();
                let at = Self::ON_SCALE.iter().position(|(_, inner)| *inner == name);
                (at.map_or(name, |at| Self::ON_SCALE[at].0), parameters)
            }
            Prior::Cauchy { location, scale } => ("cauchy", vec![location, scale]),
            Prior::ChiSquared { dof } => ("chisquare", vec![dof]),
            Prior::Exponential { scale } => ("exponential", vec![scale]),
            Prior::Gamma { shape, scale } => ("gamma", vec![shape, scale]),
            Prior::Laplace { location, scale } => ("laplace", vec![location, scale]),
            Prior::LogLaplace {
                log_location,
                log_scale,
            } => ("log-laplace", vec![log_location, log_scale]),
            Prior::LogNormal { log_mean, log_sd } => ("log-normal", vec![log_mean, log_sd]),
            Prior::LogUniform { lower, upper } => ("log-uniform", vec![lower, upper]),
            Prior::Normal { mean, sd } => ("normal", vec![mean, sd]),
            Prior::Rayleigh { scale } => ("rayleigh", vec![scale]),
            Prior::Uniform { lower, upper } => ("uniform", vec![lower, upper]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in Prior::NAMES {
            let prior = Prior::named(name, &[1.0])
                .or_else(|_| Prior::named(name, &[1.0, 2.0]))
                .unwrap();
            let (found, parameters) = prior.name_and_parameters();
            assert_eq!(found, name);
            assert_eq!(Prior::named(name, &parameters), Ok(prior));
        }
    }

    #[test]
    fn names_counts_and_ranges_are_checked() {
        assert_eq!(
            Prior::named("nromal", &[0.0, 1.0]),
            Err(PriorNameError::Unknown)
        );
        let count = PriorNameError::Count {
            expected: 1,
            got: 2,
        };
        assert_eq!(Prior::named("rayleigh", &[1.0, 1.0]), Err(count));
        assert!(matches!(
            Prior::named("gamma", &[1.0, -1.0]),
            Err(PriorNameError::Range(_))
        ));
    }
}
