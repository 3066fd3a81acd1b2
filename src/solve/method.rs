//! The choice of a method and of its tolerances.
use serde::{Deserialize, Serialize};

/// Error per step: RMS over the states of error / (absolute + relative max(|y before|, |y after|)) stays at most 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tolerances {
    /// fraction of the state's size
    pub relative: f64,
    /// in the state's own unit
    pub absolute: f64,
}
impl Default for Tolerances {
    fn default() -> Self {
        Self {
            relative: 1e-6,
            absolute: 1e-9,
        }
    }
}

/// How the equations are integrated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// stiff problems, and the default
    Rodas5P(Rodas5P),
    /// non-stiff problems, in lanes
    Tsit5(Tsit5),
    /// non-stiff problems, by the crate ode_solvers
    Dopri5(Dopri5),
    /// non-stiff problems at tight tolerances, by the crate ode_solvers
    Dop853(Dop853),
    /// linear systems, exactly
    Exponential(Exponential),
}
impl Default for Method {
    fn default() -> Self {
        Method::Rodas5P(Rodas5P::default())
    }
}

impl Method {
    /// Steps allowed in one solve, rejected ones included, and without what events allow.
    pub fn max_steps(&self) -> usize {
        match self {
            Method::Rodas5P(Rodas5P { max_steps })
            | Method::Tsit5(Tsit5 { max_steps })
            | Method::Dopri5(Dopri5 { max_steps })
            | Method::Dop853(Dop853 { max_steps })
            | Method::Exponential(Exponential { max_steps }) => *max_steps,
        }
    }

    /// Whether algebraic equations (mass 0) can be solved.
    pub fn solves_algebraic(&self) -> bool {
        matches!(self, Method::Rodas5P(_))
    }
}

macro_rules! options {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            /// steps allowed in one solve, rejected ones included; every executed event allows one more, up to ten times as many
            pub max_steps: usize,
        }
        impl Default for $name {
            fn default() -> Self {
                Self { max_steps: 100_000 }
            }
        }
    };
}
options! {
    /// Rosenbrock-Wanner method of order 5(4), stiffly accurate, with dense output of order 4 and diagonal mass matrix
    /// (Steinebach 2023, doi:10.1007/s10543-023-00967-x).
    ///
    /// On very stiff problems the order falls to 3 at the ends of steps, with an error that falls with the stiffness, and
    /// to 4 between them: measured on the problem of Prothero and Robinson, see `docs/order-reduction.md`.
    Rodas5P
}
options! {
    /// Explicit Runge-Kutta pair of order 5(4) with a free interpolant of order 4 (Tsitouras 2011, doi:10.1016/j.camwa.2011.06.002).
    Tsit5
}
options! {
    /// Explicit Runge-Kutta pair of order 5(4) of Dormand and Prince (1980, doi:10.1016/0771-050X(80)90013-3), crate ode_solvers.
    Dopri5
}
options! {
    /// Explicit Runge-Kutta method of order 8(5, 3) (Hairer, Norsett, Wanner 1993, doi:10.1007/978-3-540-78862-1), crate ode_solvers.
    Dop853
}
options! {
    /// The matrix exponential of a linear system ([`System::is_linear`](crate::compile::System::is_linear)) from one stop of the schedule to the next: states and
    /// sensitivities are exact but for rounding, and tolerances mean nothing. Rounding is that of the fastest rate: where rates lie ten
    /// orders of magnitude apart the slow ones keep six digits. Other systems are refused.
    Exponential
}
