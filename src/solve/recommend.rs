//! Which method suits a problem, by trial: both integrate one subject, and operations are counted.
//!
//! No estimate of stiffness from the Jacobian is made: what counts is the work, which depends on tolerances, schedule and
//! span as well. Rodas5P integrates the subject; then Tsit5 may make as many steps as cost the same. If they suffice,
//! the problem is not stiff for this request.
use super::{Machine, Method, Problem, Rodas5P, Solver, Status, Tolerances, Tsit5};
use crate::lanes::InstructionSet;

/// A method, how many subjects to put side by side, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// the cheaper method
    pub method: Method,
    /// lanes for the number of subjects asked for; [`Solver`] chooses the same by itself
    pub lanes: usize,
    /// the counts behind the choice, as a sentence
    pub why: String,
}

impl Recommendation {
    /// A machine with these lanes.
    pub fn machine(&self) -> Machine {
        Machine {
            lanes: Some(self.lanes),
            ..Machine::default()
        }
    }
}

impl Method {
    /// The cheaper of Rodas5P and Tsit5 for subjects like this one, at these tolerances; integrates the subject twice at most.
    ///
    /// ```
    /// use holobiont::network::{Network, Parameter, Reaction, Species};
    /// use holobiont::schedule::Schedule;
    /// use holobiont::solve::{Method, Problem, Tolerances};
    ///
    /// let mut network = Network::new("decay");
    /// network.species("drug", Species::new(8.0))?;
    /// network.parameter("k", Parameter::new(0.5));
    /// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
    /// let system = network.compile()?;
    /// let schedule = Schedule::default();
    /// let problem = Problem {
    ///     system: &system, parameters: system.parameters(), schedule: &schedule, times: &[10.0], sensitivity: None,
    /// };
    /// let recommended = Method::recommended(&problem, &Tolerances::default(), 100);
    /// assert!(matches!(recommended.method, Method::Tsit5(_)), "{}", recommended.why);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recommended(
        problem: &Problem,
        tolerances: &Tolerances,
        subjects: usize,
    ) -> Recommendation {
        let system = problem.system;
        let rodas = Method::Rodas5P(Rodas5P::default());
        let set = InstructionSet::detect();
        let lanes = Solver::new(system, rodas, *tolerances).lanes_for(subjects);
        let width = format!(
            "{lanes} side by side for {subjects} {} on a processor with {set}",
            if subjects == 1 { "subject" } else { "subjects" }
        );
        let choose = |method, why: String| Recommendation {
            method,
            lanes,
            why: format!("{why}; {width}"),
        };
        if system.mass().contains(&0.0) {
            let why = "Rodas5P, for the system has algebraic equations";
            return choose(rodas, why.into());
        }
        let stiff = Solver::new(system, rodas, *tolerances).solve(problem);
        if stiff.status != Status::Finished {
            let why = format!("Rodas5P, though it fails here too ({})", stiff.status);
            return choose(rodas, why);
        }
        let attempts = stiff.statistics.steps + stiff.statistics.rejected;
        let [implicit, explicit] =
            system.operations_of_steps(problem.sensitivity.map(|d| (d.tapes, d.seeds.len())));
        let most = (attempts as f64 * implicit / explicit).ceil().max(1.0) as usize;
        let tsit = Tsit5 { max_steps: most };
        let plain = Solver::new(system, Method::Tsit5(tsit), *tolerances).solve(problem);
        let tried = plain.statistics.steps + plain.statistics.rejected;
        let cost = |steps: usize, each: f64| format!("{steps} steps of {each:.0} operations");
        if plain.status == Status::Finished {
            let why = format!(
                "Tsit5, for it takes {} where Rodas5P takes {}: the problem is not stiff at these tolerances",
                cost(tried, explicit),
                cost(attempts, implicit)
            );
            return choose(Method::Tsit5(Tsit5::default()), why);
        }
        let reached = match plain.status {
            Status::Failed { time, .. } => time,
            Status::Finished => f64::NAN,
        };
        let why = format!(
            "Rodas5P, for it takes {} where Tsit5 comes to time {reached} with {}: the problem is stiff at these tolerances",
            cost(attempts, implicit),
            cost(tried, explicit)
        );
        choose(rodas, why)
    }
}
