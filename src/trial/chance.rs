//! Chance upon a life: when a subject leaves, when it relapses, what is read at its visits.
//!
//! Relapses are a Poisson process whose intensity \\(\lambda(t)\\) is the life's rate: with unit exponential gaps \\(e_i\\) the
//! \\(k\\)-th relapse is where \\(\int_0^t \lambda\\) reaches \\(e_1 + \dots + e_k\\) (the time change theorem; Daley & Vere-Jones 2003,
//! doi:10.1007/b97277, section 7.4). Between kept days the rate is linear. A subject's gaps are the same in every arm, so that a
//! lower rate delays its relapses and never invents one.
use super::design::{Change, Design, Endpoint, Kind, Scale};
use super::disability::{Disability, Onset, confirmed_progression, nearest_step};
use super::life::Life;
use super::population::Population;
use super::stream::{Purpose, Stream};
use super::subject::YEAR;

/// What is seen of a subject in a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// number of the subject
    pub subject: usize,
    /// position of the arm
    pub arm: usize,
    /// last day in the trial
    pub left: f64,
    /// whether it left before the end
    pub dropped: bool,
    /// days of its relapses
    pub relapses: Vec<f64>,
    /// one row an endpoint, one reading a visit in the endpoint's unit; NaN where there is none
    pub readings: Vec<Vec<f64>>,
    /// points on the scale of disability at the visits; empty without such a scale
    pub disability: Vec<f64>,
    /// progression that was confirmed in the trial
    pub progression: Option<Onset>,
}

impl Patient {
    /// Reading of an endpoint that is compared: at the last visit, against the first where the endpoint says so, on its scale.
    /// NaN when a visit is missing.
    pub fn outcome(&self, endpoint: &Endpoint, position: usize) -> f64 {
        let row = match endpoint.kind {
            Kind::Disability => &self.disability,
            _ => &self.readings[position],
        };
        match (row.first(), row.last()) {
            (Some(first), Some(last)) => compared(endpoint, *first, *last),
            _ => f64::NAN,
        }
    }
}

/// A reading against a first one, as an endpoint compares it.
pub(super) fn compared(endpoint: &Endpoint, first: f64, now: f64) -> f64 {
    match (endpoint.scale, endpoint.change) {
        (Scale::Linear, Change::None) => now,
        (Scale::Linear, Change::Difference) => now - first,
        (_, Change::Percent) => 100.0 * (now / first - 1.0),
        (Scale::Log, Change::None) => libm::log(now),
        (Scale::Log, Change::Difference) => libm::log(now / first),
    }
}

/// Integral of a rate (1/yr) over the kept days of a life until one of them: the expected number of relapses.
pub fn expected_relapses(life: &Life, rate: usize, until: f64) -> f64 {
    let pairs = life.days.windows(2).zip(life.values[rate].windows(2));
    let within = pairs.filter(|(days, _)| days[1] <= until + 1e-9);
    let area = within
        .map(|(days, rates)| 0.5 * (rates[0].max(0.0) + rates[1].max(0.0)) * (days[1] - days[0]));
    area.sum::<f64>() / YEAR
}

/// Days of relapses until `until`.
pub(super) fn relapses(life: &Life, rate: usize, until: f64, stream: &mut Stream) -> Vec<f64> {
    let mut found = Vec::new();
    let mut ahead = stream.exponential();
    for (days, rates) in life.days.windows(2).zip(life.values[rate].windows(2)) {
        let (mut from, mut low) = (days[0], rates[0].max(0.0) / YEAR);
        let high = rates[1].max(0.0) / YEAR;
        loop {
            let length = days[1] - from;
            let area = 0.5 * (low + high) * length;
            if area < ahead || length <= 0.0 {
                ahead -= area.max(0.0);
                break;
            }
            // low x + (high - low) x^2 / (2 length) = ahead, by the form that does not cancel
            let slope = (high - low) / length;
            let root = (low * low + 2.0 * slope * ahead).max(0.0).sqrt();
            from += (2.0 * ahead / (low + root)).min(length);
            if from > until {
                return found;
            }
            found.push(from);
            low = root;
            ahead = stream.exponential();
        }
    }
    found
}

/// Readings on the scale of disability at visits.
pub(super) fn scored(
    scale: &Disability,
    life: &Life,
    quantity: usize,
    visits: &[f64],
    stream: &mut Stream,
) -> Vec<f64> {
    let score = |day: &f64| {
        let (truth, z) = (life.at(quantity, *day), stream.normal());
        let rated = scale
            .noise
            .as_ref()
            .map_or(truth, |noise| noise.moved(truth, z));
        nearest_step(&scale.steps, rated)
    };
    visits.iter().map(score).collect()
}

/// Where the quantities of population and design stand in a life.
pub(super) struct Places {
    pub endpoints: Vec<Option<usize>>,
    pub relapses: Option<usize>,
    pub disability: Option<usize>,
}

/// Which draw of chance: the seed, and 0 for the trial itself or the number of a repeated one.
#[derive(Clone, Copy)]
pub(super) struct Draw {
    pub seed: u64,
    pub repetition: u64,
    /// all visits, or the first and last alone where only these are compared
    pub all_visits: bool,
}

/// What is seen of a life in a trial.
pub(super) fn patient(
    life: &Life,
    arm: usize,
    design: &Design,
    population: &Population,
    places: &Places,
    draw: Draw,
) -> Patient {
    let stream = |purpose| Stream::new(draw.seed, purpose, draw.repetition, life.subject);
    let visits = design.visits();
    let end = visits.last().copied().unwrap_or(0.0);
    let leaves = match &design.dropout {
        Some(dropout) if dropout.hazard > 0.0 => {
            stream(Purpose::Dropout).exponential() * YEAR / dropout.hazard
        }
        _ => f64::INFINITY,
    };
    let left = leaves.min(end);
    let seen = |day: f64| day <= left;
    let relapses = places
        .relapses
        .map(|rate| relapses(life, rate, left, &mut stream(Purpose::Relapses)));
    let mut noise = stream(Purpose::Readings);
    let mut readings = vec![vec![f64::NAN; visits.len()]; design.endpoints.len()];
    for (at, day) in visits.iter().enumerate() {
        if !(draw.all_visits || at == 0 || at + 1 == visits.len()) {
            continue;
        }
        for ((endpoint, place), row) in design
            .endpoints
            .iter()
            .zip(&places.endpoints)
            .zip(&mut readings)
        {
            let Some(quantity) = place else { continue };
            let (truth, z) = (life.at(*quantity, *day), noise.normal());
            let read = endpoint
                .noise
                .as_ref()
                .map_or(truth, |noise| noise.moved(truth, z));
            if seen(*day) {
                row[at] = endpoint.factor * read;
            }
        }
    }
    let mut disability = Vec::new();
    let mut progression = None;
    if let (Some(scale), Some(place)) = (&population.disability, places.disability) {
        disability = scored(
            scale,
            life,
            place,
            &visits,
            &mut stream(Purpose::Disability),
        );
        let missing = visits
            .iter()
            .zip(&mut disability)
            .filter(|(day, _)| !seen(**day));
        missing.for_each(|(_, score)| *score = f64::NAN);
        progression = confirmed_progression(&visits, &disability, &scale.rises, scale.confirm);
    }
    Patient {
        subject: life.subject,
        arm,
        left,
        dropped: leaves < end,
        relapses: relapses.unwrap_or_default(),
        readings,
        disability,
        progression,
    }
}
