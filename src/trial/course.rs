//! What happens to a subject from a day on, as one scenario: its own life, infections, and a treatment that is missed at times.
use super::design::Adherence;
use super::steps::Steps;
use super::stream::{Purpose, Stream};
use super::subject::{Kindred, Subject};
use crate::exchange::model::{Scenario, ScenarioPeriod, ScenarioStart};
use std::collections::BTreeMap;

/// A treatment as it is taken.
pub(super) struct Taken<'s> {
    /// what is done
    pub scenario: &'s Scenario,
    /// spans of days in which it is not taken
    pub missed: Vec<(f64, f64)>,
    /// share of it that comes through meanwhile
    pub left: f64,
}

/// Spans between visits in which a subject does not take a treatment; the same in every arm.
pub(super) fn missed(
    adherence: &Adherence,
    seed: u64,
    subject: usize,
    visits: &[f64],
) -> Vec<(f64, f64)> {
    let mut stream = Stream::new(seed, Purpose::Adherence, 0, subject);
    let takes = stream.uniform() < adherence.subjects;
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (at, from) in visits.iter().enumerate() {
        // what follows the last visit counts as one more span
        let to = visits.get(at + 1).copied().unwrap_or(f64::INFINITY);
        let taken = stream.uniform() < adherence.intervals;
        if takes && taken {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.1 == *from => last.1 = to,
            _ => spans.push((*from, to)),
        }
    }
    spans
}

impl Kindred<'_> {
    /// The scenario of a subject untreated from the start of its run-in.
    pub fn run_in(&self, subject: &Subject) -> Scenario {
        let mut scenario = self.scenario.clone();
        scenario.until = Some(self.population.run_in);
        let mut inputs = scenario.tables();
        self.add_infections(subject, &mut inputs, -self.population.run_in);
        scenario.inputs = inputs;
        scenario.repeats.clear();
        self.vary(subject, &mut scenario);
        scenario
    }

    /// The scenario of a subject from day 0 until `until`, from the states that the run-in left.
    pub fn life(
        &self,
        subject: &Subject,
        initial: &BTreeMap<String, f64>,
        treatment: Option<&Taken>,
        until: f64,
    ) -> Scenario {
        let run_in = self.population.run_in;
        let mut own = self.scenario.clone();
        own.until = Some(run_in + until);
        let later = |knots: Vec<(f64, f64)>| Steps(knots).from(run_in).0;
        let untreated: BTreeMap<String, Vec<(f64, f64)>> = own
            .tables()
            .into_iter()
            .map(|(id, knots)| (id, later(knots)))
            .collect();
        let mut scenario = Scenario {
            id: own.id.clone(),
            until: Some(until),
            initial: initial.clone(),
            set: own.set.clone(),
            ..Scenario::default()
        };
        let mut inputs = untreated.clone();
        if let Some(taken) = treatment {
            let mut treated = taken.scenario.clone();
            treated.until = Some(until);
            for (id, knots) in treated.tables() {
                let anyway = Steps(
                    untreated
                        .get(&id)
                        .cloned()
                        .unwrap_or_else(|| self.own_table(&id)),
                );
                inputs.insert(id, taken.input(knots, &anyway));
            }
            treated.set.retain(|id, _| !self.belongs_to_subjects(id));
            scenario.doses = treated
                .doses
                .into_iter()
                .filter(|dose| !taken.misses(dose.time))
                .collect();
            scenario.periods = treated.periods;
            self.set(subject, &mut scenario, &treated.set, taken);
        } else {
            self.vary(subject, &mut scenario);
        }
        self.add_infections(subject, &mut inputs, 0.0);
        scenario.inputs = inputs;
        scenario
    }

    /// Parameters that a treatment sets: throughout, or in periods where it is missed at times.
    fn set(
        &self,
        subject: &Subject,
        scenario: &mut Scenario,
        treated: &BTreeMap<String, f64>,
        taken: &Taken,
    ) {
        let mut without = scenario.clone();
        self.vary(subject, &mut without);
        let mut with = scenario.clone();
        with.set
            .extend(treated.iter().map(|(id, value)| (id.clone(), *value)));
        self.vary(subject, &mut with);
        if taken.missed.is_empty() || treated.is_empty() {
            scenario.set = with.set;
            return;
        }
        let before = |id: &String| {
            let own = without.set.get(id).copied();
            own.unwrap_or_else(|| self.usual(id))
        };
        let mut switches = vec![0.0];
        switches.extend(taken.missed.iter().flat_map(|span| [span.0, span.1]));
        switches.retain(|day| day.is_finite());
        switches.sort_by(f64::total_cmp);
        switches.dedup();
        for day in switches {
            let share = if taken.misses(day) { taken.left } else { 1.0 };
            let value = |id: &String| {
                let (from, to) = (before(id), with.set[id]);
                (id.clone(), from + share * (to - from))
            };
            scenario.periods.push(ScenarioPeriod {
                id: None,
                start: ScenarioStart::At(day),
                set: treated.keys().map(value).collect(),
            });
        }
        scenario.set = without.set;
    }

    /// Whether a parameter is one that scenarios of untreated subjects set.
    fn belongs_to_subjects(&self, id: &str) -> bool {
        let listed = self
            .population
            .untreated
            .iter()
            .filter_map(|s| self.model.scenario(s));
        self.scenario.set.contains_key(id) || listed.into_iter().any(|s| s.set.contains_key(id))
    }

    /// The model's own table of an input.
    fn own_table(&self, id: &str) -> Vec<(f64, f64)> {
        let mut all = self.model.network.all_inputs().iter();
        let found = all.find(|(own, _)| own == id);
        found
            .map(|(_, input)| input.knots.clone())
            .unwrap_or_default()
    }

    fn add_infections(
        &self,
        subject: &Subject,
        inputs: &mut BTreeMap<String, Vec<(f64, f64)>>,
        origin: f64,
    ) {
        if let Some(process) = &self.population.infections {
            let anyway = inputs
                .remove(&process.input)
                .unwrap_or_else(|| self.own_table(&process.input));
            let infected = self.infected(subject, &Steps(anyway), origin, process);
            inputs.insert(process.input.clone(), infected.0);
        }
    }
}

impl Taken<'_> {
    fn misses(&self, day: f64) -> bool {
        self.missed.iter().any(|span| span.0 <= day && day < span.1)
    }

    /// The table of an input as it is taken.
    fn input(&self, knots: Vec<(f64, f64)>, anyway: &Steps) -> Vec<(f64, f64)> {
        if self.missed.is_empty() {
            return knots;
        }
        let treated = Steps(knots);
        let ends = self.missed.iter().flat_map(|span| [span.0, span.1]);
        let ends: Vec<f64> = ends.filter(|day| day.is_finite()).collect();
        let value = |day: f64| match self.misses(day) {
            true => anyway.at(day) + self.left * (treated.at(day) - anyway.at(day)),
            false => treated.at(day),
        };
        Steps::combined(&[&treated, anyway], &ends, value).0
    }
}
