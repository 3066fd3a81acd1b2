//! The elementary functions: their names and numbers of arguments (their numeric definition is in `functions.rs`).

/// Elementary functions with a fixed number of arguments (in the order of the arguments).
///
/// Their numeric definition is [`functions::apply`](super::functions::apply).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// e^x
    Exp,
    /// natural logarithm
    Ln,
    /// ln(1 + x)
    Log1p,
    /// e^x - 1
    Expm1,
    /// square root
    Sqrt,
    /// absolute value
    Abs,
    /// -1, 0 or 1
    Sign,
    /// rounded down
    Floor,
    /// rounded up
    Ceil,
    /// sine
    Sin,
    /// cosine
    Cos,
    /// tangent
    Tan,
    /// inverse sine
    Asin,
    /// inverse cosine
    Acos,
    /// inverse tangent
    Atan,
    /// hyperbolic sine
    Sinh,
    /// hyperbolic cosine
    Cosh,
    /// hyperbolic tangent
    Tanh,
    /// inverse hyperbolic sine
    Asinh,
    /// inverse hyperbolic cosine
    Acosh,
    /// inverse hyperbolic tangent
    Atanh,
    /// 1/(1+exp(-x)), stable in both tails; derivative sigmoid(x) sigmoid(-x)
    Sigmoid,
    /// gamma function of x + 1
    Factorial,
    /// order (0, 1, 2, ...), x: derivatives of ln gamma, which the derivative of the factorial needs
    Polygamma,
    /// base, exponent
    Pow,
    /// the smaller of two
    Min,
    /// the larger of two
    Max,
    /// quotient rounded towards zero
    Quotient,
    /// remainder with the sign of the dividend
    Remainder,
    /// hill(x, K, n) = x^n/(K^n + x^n) for x >= 0, K > 0; stable for all magnitudes; 0 for x < 0
    Hill,
    /// d hill/dx, a stable primitive of the same arguments (x, K, n)
    HillSlope,
    /// d2 hill/dx2, a stable primitive of the same arguments (x, K, n)
    HillCurvature,
    /// a ln(b), and 0 where a = 0 (power rule for exponents)
    XLogY,
    /// coefficient, base, exponent: coefficient * base^exponent, and 0 where the coefficient is 0 (power rule for the base)
    ScaledPow,
}

impl Function {
    /// All functions.
    pub const ALL: [Function; 34] = [
        Function::Exp,
        Function::Ln,
        Function::Log1p,
        Function::Expm1,
        Function::Sqrt,
        Function::Abs,
        Function::Sign,
        Function::Floor,
        Function::Ceil,
        Function::Sin,
        Function::Cos,
        Function::Tan,
        Function::Asin,
        Function::Acos,
        Function::Atan,
        Function::Sinh,
        Function::Cosh,
        Function::Tanh,
        Function::Asinh,
        Function::Acosh,
        Function::Atanh,
        Function::Sigmoid,
        Function::Factorial,
        Function::Polygamma,
        Function::Pow,
        Function::Min,
        Function::Max,
        Function::Quotient,
        Function::Remainder,
        Function::Hill,
        Function::HillSlope,
        Function::HillCurvature,
        Function::XLogY,
        Function::ScaledPow,
    ];

    /// The name in the maths language.
    pub fn name(self) -> &'static str {
        match self {
            Function::Exp => "exp",
            Function::Ln => "ln",
            Function::Log1p => "log1p",
            Function::Expm1 => "expm1",
            Function::Sqrt => "sqrt",
            Function::Abs => "abs",
            Function::Sign => "sign",
            Function::Floor => "floor",
            Function::Ceil => "ceil",
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Tan => "tan",
            Function::Asin => "arcsin",
            Function::Acos => "arccos",
            Function::Atan => "arctan",
            Function::Sinh => "sinh",
            Function::Cosh => "cosh",
            Function::Tanh => "tanh",
            Function::Asinh => "arcsinh",
            Function::Acosh => "arccosh",
            Function::Atanh => "arctanh",
            Function::Sigmoid => "sigmoid",
            Function::Factorial => "factorial",
            Function::Polygamma => "polygamma",
            Function::Pow => "pow",
            Function::Min => "min",
            Function::Max => "max",
            Function::Quotient => "quotient",
            Function::Remainder => "rem",
            Function::Hill => "hill",
            Function::HillSlope => "hill_slope",
            Function::HillCurvature => "hill_curvature",
            Function::XLogY => "xlogy",
            Function::ScaledPow => "scaled_pow",
        }
    }

    /// The number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Function::Polygamma
            | Function::Pow
            | Function::Min
            | Function::Max
            | Function::Quotient
            | Function::Remainder
            | Function::XLogY => 2,
            Function::Hill
            | Function::HillSlope
            | Function::HillCurvature
            | Function::ScaledPow => 3,
            _ => 1,
        }
    }
}
