//! Curves of individuals: at their mode, for typical effects, and with bands.
//!
//! The band of the prediction is that of draws from $N(\hat z, H^{-1})$, the normal approximation of the effects given the readings; the
//! parameters of the population count as known. With $T$ the logarithm under a logarithmic family and the identity else, the limit
//! of readings is $T(f) \pm \sqrt{(T(q) - T(f))^2 + (T(b) - T(f))^2}$ from the noise's own quantile $q$ at the mode and the limit $b$ of the
//! prediction.

use super::DiagnosticOptions;
use crate::cohort::{Endpoint, formula_values};
use crate::population::laplace::{Share, Shares};
use crate::population::person::Theta;
use crate::population::simulate::{At, PopulationSimulator};
use crate::population::stream::{Purpose, Stream};
use nalgebra::DVector;
use serde::{Deserialize, Serialize};

/// Even distances of a curve.
const POINTS: usize = 120;

/// One endpoint in one experiment of an individual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// position among the individuals
    pub individual: usize,
    /// position among the subjects (experiments) of the cohort
    pub subject: usize,
    /// position among the endpoints
    pub endpoint: usize,
    /// times
    pub times: Vec<f64>,
    /// prediction at effects of 0; empty where the solve failed
    pub typical: Vec<f64>,
    /// prediction at the mode; empty where there is none
    pub individual_prediction: Vec<f64>,
    /// limits of the prediction; empty where there are none
    pub band: Vec<(f64, f64)>,
    /// limits of readings
    pub readings: Vec<(f64, f64)>,
    /// draws of the band whose solve failed
    pub failed: usize,
}

/// Standardised effects given the readings, from a standard normal vector.
pub(super) fn given_readings(share: &Share, normal: &DVector<f64>) -> Option<DVector<f64>> {
    let factor = share.hessian.clone().cholesky()?.l();
    Some(&share.mode.z + factor.tr_solve_lower_triangular(normal)?)
}

/// Curves of as many individuals as are wanted, individual by individual.
pub(super) fn curves(
    simulator: &PopulationSimulator,
    theta: &Theta,
    shares: &Shares,
    options: DiagnosticOptions,
) -> Vec<Curve> {
    let total = simulator.people.len();
    let chosen: Vec<usize> = if total <= options.curves || options.curves < 2 {
        (0..total.min(options.curves)).collect()
    } else {
        let count = options.curves;
        (0..count).map(|k| k * (total - 1) / (count - 1)).collect()
    };
    chosen
        .into_iter()
        .flat_map(|person| {
            of_one(
                simulator,
                theta,
                shares[person].as_ref().ok(),
                person,
                options,
            )
        })
        .collect()
}

fn of_one(
    simulator: &PopulationSimulator,
    theta: &Theta,
    share: Option<&Share>,
    person: usize,
    options: DiagnosticOptions,
) -> Vec<Curve> {
    let cohort = &simulator.problem.problem.cohort;
    let own = &simulator.people[person];
    let zero = DVector::zeros(own.dim());
    let mut points = vec![simulator.at(theta, person, &zero)];
    if let Some(share) = share {
        points.push(simulator.at(theta, person, &share.mode.z));
        let mut stream = Stream::new(options.seed, Purpose::ConditionalDraws, 1, person);
        for _ in 0..options.draws {
            let normal = DVector::from_fn(own.dim(), |_, _| stream.normal());
            if let Some(z) = given_readings(share, &normal) {
                points.push(simulator.at(theta, person, &z));
            }
        }
    }
    let centre = points
        .last()
        .map_or(&points[0], |_| &points[points.len().min(2) - 1]);
    let mut times = vec![Vec::new(); cohort.subjects.len()];
    for &s in &own.subjects {
        let subject = &cohort.subjects[s];
        let formulas = formula_values(cohort, &centre.natural);
        let defaults = cohort.system_of(subject).parameters();
        let registers = subject.registers(defaults, &centre.natural, &formulas);
        times[s] = subject.curve_times(&registers, POINTS);
    }
    // per point and subject: (endpoint, times, arguments)
    let solved = simulator.solve(&points, &times, |point, s, formulas, solution| {
        lines(simulator, point, s, &times[s], formulas, solution)
    });
    let mut found = Vec::new();
    for (position, &s) in own.subjects.iter().enumerate() {
        let Some(model) = solved.iter().find_map(|p| p[position].as_ref()) else {
            continue;
        };
        for (l, line) in model.iter().enumerate() {
            let of = |point: usize| {
                let lines = solved.get(point)?[position].as_ref()?;
                Some(&lines[l].2)
            };
            let first = |arguments: &Vec<Vec<f64>>| arguments.iter().map(|a| a[0]).collect();
            let mut curve = Curve {
                individual: person,
                subject: s,
                endpoint: line.0,
                times: line.1.clone(),
                typical: of(0).map_or_else(Vec::new, first),
                individual_prediction: of(1).map_or_else(Vec::new, first),
                band: Vec::new(),
                readings: Vec::new(),
                failed: (2..points.len()).filter(|p| of(*p).is_none()).count(),
            };
            if let Some(mode) = of(1) {
                let endpoint = &cohort.endpoints[line.0];
                for (k, arguments) in mode.iter().enumerate() {
                    let drawn = (2..points.len()).filter_map(|p| Some(of(p)?[k][0]));
                    let mut drawn: Vec<f64> = drawn.filter(|v| v.is_finite()).collect();
                    drawn.sort_by(f64::total_cmp);
                    let tail = 0.5 - 0.5 * options.level;
                    let band = (
                        super::vpc::quantile(&drawn, tail),
                        super::vpc::quantile(&drawn, 1.0 - tail),
                    );
                    curve.readings.push(spread(endpoint, arguments, band, tail));
                    curve.band.push(band);
                }
            }
            found.push(curve);
        }
    }
    found
}

/// (endpoint, times, arguments of the noise) of every endpoint that the subject has a reading of. Where placeholders differ from
/// reading to reading there is no curve between readings: the times are those of the readings.
fn lines(
    simulator: &PopulationSimulator,
    point: &At,
    s: usize,
    times: &[f64],
    formulas: &[f64],
    solution: &crate::solve::Solution,
) -> Vec<(usize, Vec<f64>, Vec<Vec<f64>>)> {
    let cohort = &simulator.problem.problem.cohort;
    let subject = &cohort.subjects[s];
    let outputs = cohort.outputs_of(subject);
    let count = outputs.placeholders().len();
    let mut found = Vec::new();
    for (index, endpoint) in cohort.endpoints.iter().enumerate() {
        let visits: Vec<_> = subject
            .visits
            .iter()
            .filter(|v| v.endpoint == index)
            .collect();
        let Some(first) = visits.first() else {
            continue;
        };
        let which = endpoint.formulas();
        let at = |k: usize, visit: &crate::cohort::Visit| {
            let values = visit.placeholder_values(count, &point.natural, formulas);
            let mut arguments = vec![0.0; which.len()];
            solution.outputs(outputs, k, &which, &values, &mut arguments);
            arguments
        };
        if visits.iter().all(|v| v.placeholders == first.placeholders) {
            let arguments = (0..times.len()).map(|k| at(k, first)).collect();
            found.push((index, times.to_vec(), arguments));
        } else {
            let places = visits
                .iter()
                .filter_map(|v| Some((v, times.iter().position(|t| *t == v.time)?)));
            let (own, arguments) = places.map(|(v, k)| (v.time, at(k, v))).unzip();
            found.push((index, own, arguments));
        }
    }
    found
}

/// Limits of readings.
fn spread(endpoint: &Endpoint, arguments: &[f64], band: (f64, f64), tail: f64) -> (f64, f64) {
    let logarithmic = endpoint.noise.logarithmic();
    let to = |v: f64| if logarithmic { v.ln() } else { v };
    let back = |t: f64| if logarithmic { t.exp() } else { t };
    let f = to(arguments[0]);
    let away = |p: f64, limit: f64| {
        let own = endpoint.noise.quantile(p, arguments).unwrap_or(f64::NAN);
        (to(own) - f).hypot(to(limit) - f)
    };
    (
        back(f - away(tail, band.0)),
        back(f + away(1.0 - tail, band.1)),
    )
}
