//! A trial from its design: subjects, lives, patients, the table, power.
use super::analysis::{Row, analyse, mean_at, progressions};
use super::chance::{Draw, Patient, Places, patient};
use super::design::{Design, Endpoint, Kind};
use super::error::{Failure, TrialError};
use super::life::{Course, Life, Settled, Subjects, days};
use super::population::Population;
use super::power::{Power, repeat};
use super::survival::{Curve, kaplan_meier};
use crate::compile::System;
use crate::exchange::model::Model;
use crate::solve::Machine;

/// How a trial is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// of all random numbers
    pub seed: u64,
    /// repeated trials behind power and false positives; None: as many as the design says
    pub trials: Option<usize>,
    /// lanes and threads of the solver, which change no bit
    pub machine: Machine,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// its design
    pub design: Design,
    /// seed of all random numbers
    pub seed: u64,
    /// days of the visits
    pub visits: Vec<f64>,
    /// what was seen of the subjects, arm after arm
    pub patients: Vec<Patient>,
    /// the table of endpoints
    pub rows: Vec<Row>,
    /// power and false positives, in the order of the rows; none without repeated trials
    pub power: Option<Power>,
    /// subjects whose run-in was solved, eligible or not
    pub screened: usize,
    /// solves that failed: in the run-in the subject was replaced, in an arm it is missing there and from repeated trials
    pub failures: Vec<Failure>,
    /// solves that ended well
    pub solved: usize,
}

/// Subjects are looked at until enough are eligible, this many times as many as needed at most.
const SCREENED: usize = 20;
/// A trial of which more than this share of the solves failed is no result.
const FAILED: f64 = 0.2;

/// Runs a trial.
///
/// # Errors
/// Scenarios that do not fit the system, too few eligible subjects, more than a fifth of the solves failed.
pub fn run(
    model: &Model,
    system: &System,
    population: &Population,
    design: &Design,
    options: &Options,
) -> Result<Trial, TrialError> {
    let mut quantities = population.quantities();
    quantities.extend(design.quantities());
    quantities.sort();
    quantities.dedup();
    let untreated = model
        .scenario(&design.subjects)
        .cloned()
        .unwrap_or_default();
    let subjects = Subjects::new(
        model,
        system,
        population,
        &untreated,
        quantities,
        options.seed,
    );
    let subjects = subjects.on(options.machine);
    let visits = design.visits();
    let mut failures = Vec::new();
    let (settled, screened) = recruit(&subjects, design, &mut failures)?;

    let kept = days(population.step, design.horizon, &visits);
    let people: Vec<&Settled> = settled.iter().collect();
    let mut lives: Vec<Vec<Option<Life>>> = Vec::new();
    let mut solved = settled.len();
    for (at, arm) in design.arms.iter().enumerate() {
        // arms in which the same is done have the same lives
        let same = design.arms[..at]
            .iter()
            .position(|other| other.scenario == arm.scenario);
        if let Some(same) = same {
            lives.push(lives[same].clone());
            continue;
        }
        let course = Course {
            arm: &arm.id,
            scenario: arm.scenario.as_ref().and_then(|id| model.scenario(id)),
            adherence: design
                .adherence
                .as_ref()
                .map(|adherence| (adherence, visits.as_slice())),
            days: &kept,
        };
        let mut of_arm = Vec::new();
        for life in subjects.live(&people, &course)? {
            match life {
                Ok(life) => {
                    solved += 1;
                    of_arm.push(Some(life));
                }
                Err(failure) => {
                    failures.push(failure);
                    of_arm.push(None);
                }
            }
        }
        lives.push(of_arm);
    }
    if failures.len() as f64 > FAILED * (failures.len() + solved) as f64 {
        return Err(TrialError::TooManyFailed {
            failed: failures.len(),
            of: failures.len() + solved,
            first: failures.swap_remove(0),
        });
    }

    let places = places(&subjects, population, design);
    let draw = Draw {
        seed: options.seed,
        repetition: 0,
        all_visits: true,
    };
    let mut patients = Vec::new();
    let mut first = 0;
    for (at, arm) in design.arms.iter().enumerate() {
        let own = lives[at][first..first + arm.size].iter().flatten();
        patients.extend(own.map(|life| patient(life, at, design, population, &places, draw)));
        first += arm.size;
    }
    let trials = options.trials.unwrap_or(design.trials);
    let whole = |subject: &usize| lives.iter().all(|arm| arm[*subject].is_some());
    let pool: Vec<usize> = (0..settled.len()).filter(whole).collect();
    let of_pool = |arm: &Vec<Option<Life>>| pool.iter().filter_map(|at| arm[*at].as_ref()).count();
    debug_assert!(lives.iter().all(|arm| of_pool(arm) == pool.len()));
    let lists: Vec<Vec<&Life>> = (lives.iter())
        .map(|arm| pool.iter().filter_map(|at| arm[*at].as_ref()).collect())
        .collect();
    let power =
        (trials > 0).then(|| repeat(design, population, &lists, &places, options.seed, trials));
    Ok(Trial {
        design: design.clone(),
        seed: options.seed,
        rows: analyse(design, &patients),
        visits,
        patients,
        power,
        screened,
        failures,
        solved,
    })
}

/// Lets subjects live through their run-in until enough are eligible.
fn recruit(
    subjects: &Subjects,
    design: &Design,
    failures: &mut Vec<Failure>,
) -> Result<(Vec<Settled>, usize), TrialError> {
    let wanted = design.size();
    let limits: Vec<(usize, (f64, f64))> = (design.eligible.iter())
        .map(|(id, range)| (subjects.quantity(id), *range))
        .collect();
    let mut settled = Vec::new();
    let mut screened = 0;
    while settled.len() < wanted {
        if screened >= SCREENED * wanted {
            return Err(TrialError::TooFewEligible {
                found: settled.len(),
                screened,
                wanted,
            });
        }
        // all subjects of a wave are looked at, so the last one may bring more than are needed
        for subject in subjects.settle(screened..screened + wanted, design.horizon)? {
            match subject {
                Ok(subject) => {
                    let fits = |(at, (from, to)): &(usize, (f64, f64))| {
                        (*from..=*to).contains(&subject.values[*at])
                    };
                    if limits.iter().all(fits) {
                        settled.push(subject);
                    }
                }
                Err(failure) => failures.push(failure),
            }
        }
        screened += wanted;
    }
    settled.truncate(wanted);
    Ok((settled, screened))
}

fn places(subjects: &Subjects, population: &Population, design: &Design) -> Places {
    let of = |endpoint: &Endpoint| endpoint.of.as_ref().map(|id| subjects.quantity(id));
    Places {
        endpoints: design.endpoints.iter().map(of).collect(),
        relapses: population
            .relapses
            .as_ref()
            .map(|r| subjects.quantity(&r.rate)),
        disability: population
            .disability
            .as_ref()
            .map(|d| subjects.quantity(&d.of)),
    }
}

impl Trial {
    /// Patients of an arm.
    pub fn arm(&self, arm: usize) -> Vec<&Patient> {
        self.patients
            .iter()
            .filter(|patient| patient.arm == arm)
            .collect()
    }

    /// Share without confirmed progression over time in an arm.
    pub fn progression(&self, arm: usize) -> Curve {
        kaplan_meier(&progressions(&self.arm(arm), &self.visits))
    }

    /// Mean of an endpoint at each visit in an arm, as it is compared (geometric on the scale `log`), with 95 % intervals; empty for
    /// relapses and progression.
    pub fn means(&self, endpoint: usize, arm: usize) -> Vec<(f64, (f64, f64))> {
        let of = &self.design.endpoints[endpoint];
        let patients = self.arm(arm);
        match of.kind {
            Kind::Reading | Kind::Disability => (0..self.visits.len())
                .map(|visit| mean_at(of, endpoint, &patients, visit))
                .collect(),
            Kind::Relapses | Kind::Progression => Vec::new(),
        }
    }
}
