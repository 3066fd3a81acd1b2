//! Tails and intervals of Student's distribution, with derivatives in location, scale and degrees of freedom.
//!
//! With $z = \sqrt\nu\sinh u$ the density becomes $e^{c(\nu)}\sqrt\nu\,\cosh^{-\nu}u\;du$: positive, analytic in the strip
//! $\lvert\operatorname{Im} u\rvert < \pi/2$, close to normal in the middle and to exponential in the tails. Probabilities are
//! integrals of it by Gauss-Legendre panels, relative to its value at the end nearest to 0, so that nothing cancels and nothing
//! underflows. Derivatives are means over the same nodes: with the score $S$ and Hessian $H$ of a value, a censored reading has
//! $\nabla\ln P = E[S]$ and $\nabla^2\ln P = E[H] + \operatorname{Var}[S]$ (Louis 1982, doi:10.1111/j.2517-6161.1982.tb01203.x).
//! Where the reading is the likelier side of its limits the same is done for the other side, and $P = 1 - Q$.

use super::{Complete, Normaliser, Point, complete, ln_stretch};
use crate::noise::location_scale::{PARAMETERS, Standardised, outer};
use crate::noise::tails::GAUSS_LEGENDRE;

/// Where the integrand has fallen to e^-50 the rest does not matter.
const PANELS: u32 = 10;

/// A piece of the axis on one side of 0, in units of sqrt(nu): `side` -1 or 1, the distance of its near end from 0, its length.
#[derive(Clone, Copy, Debug)]
struct Piece {
    side: f64,
    near: f64,
    length: f64,
}

/// Probability of some pieces, and means over them.
#[derive(Clone, Copy, Debug, Default)]
struct Mass {
    ln_probability: f64,
    /// E S
    score: [f64; PARAMETERS],
    /// E H + Var S
    hessian: [[f64; PARAMETERS]; PARAMETERS],
}

/// A start u0 on the axis: r = sinh, cosh and tanh of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    r: f64,
    cosh: f64,
    tanh: f64,
}

impl Start {
    pub fn at(r: f64) -> Self {
        let cosh = r.hypot(1.0);
        Self {
            r,
            cosh,
            tanh: r / cosh,
        }
    }

    /// ln cosh(u0 + x) - ln cosh(u0), and sinh(u0 + x), which is infinite where it overflows.
    pub fn step(self, x: f64) -> (f64, f64) {
        if x < 1.0 {
            let e = libm::expm1(0.5 * x);
            // sinh and cosh of x/2, then cosh x - 1 and sinh x
            let (half, cosh_half) = (0.5 * (e + e / (1.0 + e)), 1.0 + 0.5 * e * e / (1.0 + e));
            let (rise, sinh) = (2.0 * half * half, 2.0 * half * cosh_half);
            let growth = libm::log1p(rise + self.tanh * sinh);
            (growth, self.r + self.r * rise + self.cosh * sinh)
        } else {
            let up = libm::exp(x);
            let down = 1.0 / up;
            let growth = x + libm::log(0.5 * ((1.0 + self.tanh) + (1.0 - self.tanh) * down * down));
            let r = 0.5 * ((self.r + self.cosh) * up + (self.r - self.cosh) * down);
            (growth, r)
        }
    }
}

/// The x at which the exponent has grown by e; an upper bound where e is large.
fn reach(e: f64, t: f64) -> f64 {
    if e > 30.0 {
        return e + std::f64::consts::LN_2;
    }
    let m = libm::expm1(e);
    let square = m * (m + 2.0);
    libm::log1p((m + square / ((t * t + square).sqrt() + t)) / (1.0 + t))
}

/// asinh(near + length) - asinh(near) without cancellation.
fn width(near: f64, length: f64) -> f64 {
    let far = near + length;
    if near > 1e8 {
        libm::log1p(length / near)
    } else if far > 1e8 {
        libm::asinh(far) - libm::asinh(near)
    } else {
        let (a, b) = (near.hypot(1.0), far.hypot(1.0));
        libm::asinh(length * ((far + near) / (far * a + near * b)))
    }
}

/// Hands every node x of the panels from 0 to `end`, with its weight, to `add`.
pub(super) fn nodes(nu: f64, start: Start, end: f64, mut add: impl FnMut(f64, f64)) {
    let (mut from, mut panel) = (0.0, 1);
    while panel <= PANELS && from < end {
        // panels end where the exponent is 1/2, 2, 9/2, ...; and they resolve the change from normal to exponential at u of order 1
        let next = reach(0.5 * f64::from(panel * panel) / nu, start.tanh);
        let longest = (2.0 * from).max(1.0);
        let to = if next <= longest {
            panel += 1;
            next
        } else {
            longest
        }
        .min(end);
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        for (node, weight) in GAUSS_LEGENDRE {
            add(middle - node * half, weight * half);
            add(middle + node * half, weight * half);
        }
        from = to;
    }
}

/// The integral of cosh^-nu(u0 + x) / cosh^-nu(u0) over all x > 0.
fn integral(nu: f64, start: Start) -> f64 {
    let mut sum = 0.0;
    nodes(nu, start, f64::INFINITY, |x, weight| {
        sum += weight * libm::exp(-nu * start.step(x).0);
    });
    sum
}

/// ln of the integral of Student's density over pieces whose integral of cosh^-nu(u) / cosh^-nu(u0) is `sum`;
/// `ln_stretch` = 2 ln cosh(u0).
fn ln_probability(sum: f64, ln_stretch: f64, nu: f64, normaliser: &Normaliser) -> f64 {
    normaliser.value + 0.5 * libm::log(nu) - 0.5 * nu * ln_stretch + libm::log(sum)
}

fn mass(pieces: &[Piece], nu: f64, normaliser: &Normaliser) -> Mass {
    let nearest = pieces.iter().fold(f64::INFINITY, |r, p| r.min(p.near));
    let base = ln_stretch(nearest);
    // means of differences from the score at the near end of the first piece: variances do not cancel
    let origin = Point {
        r: pieces[0].side * pieces[0].near,
        ln_stretch: ln_stretch(pieces[0].near),
    };
    let origin = complete(origin, nu, normaliser).score;
    let mut sum = 0.0;
    let mut first = [0.0; PARAMETERS];
    let mut second = [[0.0; PARAMETERS]; PARAMETERS];
    for piece in pieces {
        let start = Start::at(piece.near);
        let own = ln_stretch(piece.near);
        let offset = 0.5 * nu * (own - base);
        nodes(nu, start, width(piece.near, piece.length), |x, weight| {
            let (growth, r) = start.step(x);
            let weight = weight * libm::exp(-offset - nu * growth);
            if weight == 0.0 {
                return;
            }
            let point = Point {
                r: piece.side * r,
                ln_stretch: own + 2.0 * growth,
            };
            let Complete { score, hessian } = complete(point, nu, normaliser);
            let d: [f64; PARAMETERS] = std::array::from_fn(|k| score[k] - origin[k]);
            sum += weight;
            for k in 0..PARAMETERS {
                first[k] += weight * d[k];
                for l in 0..PARAMETERS {
                    second[k][l] += weight * (hessian[k][l] + d[k] * d[l]);
                }
            }
        });
    }
    let mean = first.map(|v| v / sum);
    let mut found = Mass {
        ln_probability: ln_probability(sum, base, nu, normaliser),
        ..Mass::default()
    };
    for k in 0..PARAMETERS {
        found.score[k] = origin[k] + mean[k];
        for l in 0..PARAMETERS {
            found.hessian[k][l] = second[k][l] / sum - mean[k] * mean[l];
        }
    }
    found
}

/// P is the mass itself.
fn inside(mass: &Mass) -> Standardised {
    Standardised {
        value: mass.ln_probability,
        gradient: mass.score,
        hessian: mass.hessian,
        ..Standardised::default()
    }
    .with_squared_score()
}

/// P = 1 - Q, where Q is the mass of all the rest.
fn outside(mass: &Mass) -> Standardised {
    let q = libm::exp(mass.ln_probability);
    if q.is_nan() || q == 0.0 {
        // the limits are so far away that the reading is certain
        return Standardised::default();
    }
    let odds = q / (1.0 - q);
    let gradient = mass.score.map(|s| -odds * s);
    let square = outer(&mass.score);
    let mut hessian = outer(&gradient);
    for k in 0..PARAMETERS {
        for l in 0..PARAMETERS {
            hessian[k][l] = -odds * (mass.hessian[k][l] + square[k][l]) - hessian[k][l];
        }
    }
    Standardised {
        value: libm::log1p(-q),
        gradient,
        hessian,
        ..Standardised::default()
    }
    .with_squared_score()
}

fn tail(side: f64, near: f64) -> Piece {
    Piece {
        side,
        near,
        length: f64::INFINITY,
    }
}

pub(super) fn below(z: f64, nu: f64, normaliser: &Normaliser) -> Standardised {
    let r = z / nu.sqrt();
    if r <= 0.0 {
        inside(&mass(&[tail(-1.0, -r)], nu, normaliser))
    } else {
        outside(&mass(&[tail(1.0, r)], nu, normaliser))
    }
}

pub(super) fn between(a: f64, b: f64, nu: f64, normaliser: &Normaliser) -> Standardised {
    let root = nu.sqrt();
    let piece = |side: f64, near: f64, far: f64| Piece {
        side,
        near: near / root,
        length: (far - near) / root,
    };
    if a >= 0.0 {
        return inside(&mass(&[piece(1.0, a, b)], nu, normaliser));
    }
    if b <= 0.0 {
        return inside(&mass(&[piece(-1.0, -b, -a)], nu, normaliser));
    }
    let rest = mass(
        &[tail(-1.0, -a / root), tail(1.0, b / root)],
        nu,
        normaliser,
    );
    if rest.ln_probability < -std::f64::consts::LN_2 {
        outside(&rest)
    } else {
        let halves = [piece(-1.0, 0.0, -a), piece(1.0, 0.0, b)];
        inside(&mass(&halves, nu, normaliser))
    }
}

/// z with F(z) = p, for 0 < p <= 1/2, by Newton's method on the logarithm of the tail as a function of u, where it is concave.
pub(crate) fn lower_quantile(p: f64, nu: f64) -> f64 {
    let normaliser = super::normaliser(nu);
    let target = libm::log(p);
    let mut u: f64 = 0.0;
    for _ in 0..200 {
        let r = libm::sinh(u);
        let tail = integral(nu, Start::at(r));
        // the slope of ln P in u is -1 / tail
        let step = (ln_probability(tail, ln_stretch(r), nu, &normaliser) - target) * tail;
        u = (u + step).max(0.0);
        if step.abs() <= 1e-15 * (1.0 + u) {
            break;
        }
    }
    -nu.sqrt() * libm::sinh(u)
}
