//! What a search minimises: value, gradient and Gauss-Newton matrix at a search point, or why there is none.

use super::arrow::{Arrow, ArrowLayout};
use super::parameters::Search;
use crate::solve::Cause;
use std::sync::Arc;

/// How much of an objective is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// the value alone
    Value,
    /// value and gradient
    Gradient,
    /// value, gradient and the positive semidefinite Gauss-Newton matrix
    GaussNewton,
}

/// Gradient and Gauss-Newton matrix on the search scale, written by [`Objective::evaluate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Derivatives {
    /// d value / d search
    pub gradient: Vec<f64>,
    /// Gauss-Newton matrix (expected information) in arrow form
    pub curvature: Arrow,
}

impl Derivatives {
    /// Zeros in the given layout.
    pub fn new(layout: Arc<ArrowLayout>) -> Self {
        Derivatives {
            gradient: vec![0.0; layout.dim()],
            curvature: Arrow::zeros(layout),
        }
    }

    /// Sets everything to zero.
    pub fn clear(&mut self) {
        self.gradient.fill(0.0);
        self.curvature.clear();
    }

    /// Whether all numbers are finite.
    pub fn is_finite(&self) -> bool {
        self.gradient.iter().all(|v| v.is_finite()) && self.curvature.is_finite()
    }
}

/// Why a point has no value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Infeasibility {
    /// the solver gave up
    Solve(Cause),
    /// a reading has no density at the prediction (a negative prediction under log-normal noise, a standard deviation of 0 ...)
    Density {
        /// the endpoint's id
        endpoint: String,
        /// row in the measurement table
        row: usize,
    },
    /// a prior has no density
    Prior {
        /// the parameter's id
        parameter: String,
    },
    /// the random effects of an individual have no mode that a search finds
    NoMode,
    /// a covariance of random effects that is none
    Covariance,
    /// a number that is not finite
    NonFinite,
}

impl std::fmt::Display for Infeasibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Infeasibility::Solve(cause) => write!(f, "{cause}"),
            Infeasibility::Density { endpoint, row } => write!(
                f,
                "the prediction of `{endpoint}` gives the reading of row {row} no density"
            ),
            Infeasibility::Prior { parameter } => {
                write!(f, "the prior of `{parameter}` has no density here")
            }
            Infeasibility::NoMode => write!(
                f,
                "the search for the mode of the random effects did not end; look for a reading that no effects explain, or begin at other values"
            ),
            Infeasibility::Covariance => write!(
                f,
                "the covariance of the random effects is not positive semidefinite"
            ),
            Infeasibility::NonFinite => write!(f, "a number is not finite"),
        }
    }
}

/// The answer at one point. A failed solve is an answer, never a good fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// the value to be minimised (a finite number)
    Value(f64),
    /// no value here
    Infeasible {
        /// id of the subject, where one is to blame
        subject: Option<String>,
        /// time of the failure
        time: Option<f64>,
        /// what went wrong
        why: Infeasibility,
    },
}

impl Evaluation {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Evaluation::Value(value) => Some(*value),
            Evaluation::Infeasible { .. } => None,
        }
    }

    pub(crate) fn non_finite() -> Self {
        Evaluation::Infeasible {
            subject: None,
            time: None,
            why: Infeasibility::NonFinite,
        }
    }
}

impl std::fmt::Display for Evaluation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Evaluation::Value(value) => write!(f, "{value}"),
            Evaluation::Infeasible { subject, time, why } => {
                write!(f, "infeasible: {why}")?;
                if let Some(subject) = subject {
                    write!(f, ", subject `{subject}`")?;
                }
                if let Some(time) = time {
                    write!(f, ", time {time}")?;
                }
                Ok(())
            }
        }
    }
}

/// A function to be minimised, of search values.
pub trait Objective: Sync {
    /// Number of search entries.
    fn dim(&self) -> usize;

    /// Block structure of the Gauss-Newton matrix; all entries shared unless said otherwise.
    fn layout(&self) -> Arc<ArrowLayout> {
        Arc::new(ArrowLayout::dense(self.dim()))
    }

    /// Evaluates at `x`. `out` has this objective's layout; it is overwritten as far as `want` asks, and holds nothing
    /// meaningful when the answer is infeasible. The same `x` gives the same bits, whatever the number of threads.
    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation;
}
