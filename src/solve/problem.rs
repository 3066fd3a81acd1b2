//! One subject's problem: system, parameters, schedule, output times, directions of derivatives; and its checks.
use super::{InvalidProblem, Tolerances};
use crate::{
    compile::{InputKind, Sensitivity, System},
    schedule::{Plan, Register, Schedule},
};

/// One subject.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// the compiled model
    pub system: &'a System,
    /// extended vector: system parameters, then schedule entries
    pub parameters: &'a [f64],
    /// what happens when
    pub schedule: &'a Schedule,
    /// output times, ascending (equal times allowed, infinity is the steady state after the last breakpoint), in the system's time unit; right limits at breakpoints
    pub times: &'a [f64],
    /// forward sensitivities, when wanted
    pub sensitivity: Option<Directions<'a>>,
}

/// Directions d/dtheta_j, each a sparse seed on extended registers.
#[derive(Clone, Copy, Debug)]
pub struct Directions<'a> {
    /// compiled for (at least) the registers that [`required_registers`] names
    pub tapes: &'a Sensitivity,
    /// one list of (register, d register / d theta_j) per direction
    pub seeds: &'a [Vec<(Register, f64)>],
    /// whether the sensitivities take part in the choice of step sizes (with ode_solvers' methods they always do); without,
    /// nothing bounds their error where the states are smooth and they are not
    pub error_control: bool,
}

/// The registers (parameters, then five per input) that `System::sensitivity` must be compiled for, so that the given
/// directions can be followed through the given schedule; ascending, without repeats.
///
/// ```
/// use holobiont::compile::System;
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::schedule::{Register, Schedule};
/// use holobiont::solve::{Directions, Method, Problem, Tolerances, required_registers, solve};
///
/// let mut network = Network::new("decay");
/// network.species("drug", Species::new(8.0))?;
/// network.parameter("k", Parameter::new(0.5));
/// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
/// let system = System::compile(&network.check().expect("a sound network").equations())?;
///
/// let schedule = Schedule::default();
/// let k = Register(system.parameter_index("k").expect("declared above"));
/// let seeds = [vec![(k, 1.0)]];
/// let tapes = system.sensitivity(&required_registers(&system, &schedule, &seeds))?;
/// let directions = Directions { tapes: &tapes, seeds: &seeds, error_control: false };
/// let problem = Problem {
///     system: &system,
///     parameters: system.parameters(),
///     schedule: &schedule,
///     times: &[2.0],
///     sensitivity: Some(directions),
/// };
/// let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
/// assert!((solution.sensitivity(0, 0)[0] + 2.0 * 8.0 * (-1.0f64).exp()).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn required_registers<'s>(
    system: &System,
    schedule: &Schedule,
    seeds: impl IntoIterator<Item = &'s Vec<(Register, f64)>>,
) -> Vec<usize> {
    let parameters = system.parameters().len();
    let mut seeded = vec![false; parameters + schedule.entries.len()];
    for (register, _) in seeds.into_iter().flatten() {
        if let Some(flag) = seeded.get_mut(register.0) {
            *flag = true;
        }
    }
    let is_seeded = |register: Register| seeded.get(register.0).copied().unwrap_or(false);
    let mut needed: Vec<usize> = (0..parameters).filter(|&i| seeded[i]).collect();
    for (parameter, with) in schedule.periods.iter().flat_map(|period| &period.overrides) {
        if is_seeded(*with) {
            needed.push(*parameter);
        }
    }
    for table in &schedule.inputs {
        let (mut times, mut values) = (false, false);
        for (time, value) in &table.knots {
            times |= is_seeded(*time);
            values |= is_seeded(*value);
        }
        let coefficients = match system.inputs().get(table.input).map(|input| input.kind) {
            Some(InputKind::Step) if values => 1,
            Some(InputKind::Linear) if values || times => 2,
            Some(InputKind::Smooth) if values || times => 4,
            _ => 0,
        };
        needed.extend((0..coefficients).map(|c| parameters + 5 * table.input + c));
    }
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Name of a register `[parameters | five coefficients per input]`.
fn register_name(system: &System, register: usize) -> String {
    let parameters = system.parameters().len();
    match system.parameter_ids().get(register) {
        Some(id) => id.clone(),
        None => system
            .input_ids()
            .get((register - parameters) / 5)
            .cloned()
            .unwrap_or_default(),
    }
}

impl Problem<'_> {
    /// Everything that can be checked before the first step.
    pub(super) fn plan(&self, tolerances: &Tolerances) -> Result<Plan, InvalidProblem> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        if !positive(tolerances.relative) || !positive(tolerances.absolute) {
            let Tolerances { relative, absolute } = *tolerances;
            return Err(InvalidProblem::Tolerances { relative, absolute });
        }
        let ids = self.system.parameter_ids();
        let expected = ids.len() + self.schedule.entries.len();
        if self.parameters.len() != expected {
            return Err(InvalidProblem::Parameters {
                expected,
                got: self.parameters.len(),
            });
        }
        if let Some(i) = self.parameters.iter().position(|value| !value.is_finite()) {
            let id = ids
                .get(i)
                .cloned()
                .unwrap_or_else(|| self.schedule.entries[i - ids.len()].id.clone());
            return Err(InvalidProblem::ParameterNotFinite {
                id,
                value: self.parameters[i],
            });
        }
        let mut previous = f64::NEG_INFINITY;
        for (position, &time) in self.times.iter().enumerate() {
            // also false for NaN
            let ascends = time >= previous;
            if !ascends {
                return Err(InvalidProblem::TimesOutOfOrder {
                    position,
                    previous,
                    time,
                });
            }
            previous = time;
        }
        let plan = Plan::new(self.system, self.schedule, self.parameters)?;
        if let Some(&time) = self.times.first()
            && time < plan.start
        {
            return Err(InvalidProblem::TimeBeforeStart {
                time,
                start: plan.start,
            });
        }
        if let Some(Directions { tapes, seeds, .. }) = self.sensitivity {
            for (direction, seed) in seeds.iter().enumerate() {
                if let Some((register, _)) =
                    seed.iter().find(|(register, _)| register.0 >= expected)
                {
                    return Err(InvalidProblem::Seed {
                        direction,
                        register: register.0,
                        count: expected,
                    });
                }
                let needed = required_registers(self.system, self.schedule, [seed]);
                if let Some(missing) = needed.into_iter().find(|r| !tapes.registers().contains(r)) {
                    let register = register_name(self.system, missing);
                    return Err(InvalidProblem::NotCompiled {
                        direction,
                        register,
                    });
                }
            }
        }
        Ok(plan)
    }
}
