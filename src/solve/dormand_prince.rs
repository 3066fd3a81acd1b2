//! Dopri5 and Dop853 of the crate ode_solvers, as steppers of one lane.
//!
//! One attempt integrates to the end of the stretch (the next breakpoint or output time) with a new solver and sparse
//! output only, always forward: the crate's dense output, its second `integrate` and backward time are not sound. The
//! right-hand side is the system with its sensitivities behind it, so these take part in the choice of steps. A rate that
//! is not finite is replaced by zero and remembered, the stretch then ends at the last good step and the driver tries a
//! shorter one; so the crate never sees a NaN, on which its controller would not stop. A condition found flipped at the
//! end of an inner step ends the stretch before that step; when it is the first, the driver locates the root, with new
//! integrations from the start of the step in place of an interpolant.
//!
//! Version 0.6.2 of the crate has 0 in place of 1 as the twelfth node of Dop853, which spoils every right-hand side that
//! depends on time. So time is carried as a last state with rate 1, and read from there.
use super::{
    Cause, Statistics,
    block::{Attempt, Block, Infused, Stepper},
    modes::Watch,
};
use crate::compile::{Sensitivity, System, Workspace};
use crate::lanes::Lane;
use nalgebra::DVector;
use ode_solvers::dop_shared::{IntegrationError, Stats};
use std::cell::RefCell;

/// Inner steps of one attempt, and no more than the driver has left; the crate keeps all their states.
const INNER_STEPS: usize = 100_000;
/// The crate looks for stiffness each time this many steps were made.
const STIFFNESS_INTERVAL: u32 = 1000;

/// What the right-hand side and the step callback share.
struct Shared<'a> {
    system: &'a System,
    tapes: Option<Sensitivity>,
    workspace: &'a mut Workspace<1>,
    /// directions x registers
    tangents: Vec<f64>,
    /// rates of infusions that move
    infused: Vec<Infused>,
    /// None: conditions are not looked at
    watch: Option<Watch>,
    n: usize,
    directions: usize,
    y: Vec<Lane<1>>,
    rate: Vec<Lane<1>>,
    j: Vec<Lane<1>>,
    fp: Vec<Lane<1>>,
    states: Vec<f64>,
    /// first rate that was not finite since the last good step
    poisoned: Option<usize>,
    /// last good step: time and extended state
    last: Option<(f64, DVector<f64>)>,
    /// good steps
    good: usize,
    evaluations: usize,
    /// first step after which a condition has flipped
    flipped: Option<(f64, DVector<f64>)>,
}

impl Shared<'_> {
    /// The extended right-hand side; the last state is time.
    fn evaluate(&mut self, z: &DVector<f64>, dz: &mut DVector<f64>) {
        self.evaluations += 1;
        let n = self.n;
        let t = z[z.len() - 1];
        let clock = dz.len() - 1;
        dz[clock] = 1.0;
        for (y, z) in self.y.iter_mut().zip(z.iter()) {
            y.0[0] = *z;
        }
        let at = Lane([t]);
        self.system
            .rhs(self.workspace, &at, &self.y, &mut self.rate);
        for (dz, rate) in dz.iter_mut().zip(&self.rate) {
            *dz = rate.0[0];
        }
        if let Some(tapes) = self.tapes.clone().filter(|_| self.directions > 0) {
            tapes.jacobian_parameters(
                self.system,
                self.workspace,
                &at,
                &self.y,
                &mut self.j,
                &mut self.fp,
            );
            let count = tapes.registers().len();
            for direction in 0..self.directions {
                let from = n * (direction + 1);
                let mut rate = vec![0.0; n];
                for (&(row, column), j) in self.system.jacobian_pattern().iter().zip(&self.j) {
                    rate[row as usize] += j.0[0] * z[from + column as usize];
                }
                let tangents = &self.tangents[direction * count..(direction + 1) * count];
                for (&(row, position), slope) in tapes.pattern().iter().zip(&self.fp) {
                    rate[row as usize] += slope.0[0] * tangents[position as usize];
                }
                for infused in self.infused.iter().filter(|i| i.direction == direction) {
                    rate[infused.state] += infused.slope;
                }
                for (dz, rate) in dz.iter_mut().skip(from).zip(&rate) {
                    *dz = *rate;
                }
            }
        }
        for (i, dz) in dz.iter_mut().enumerate() {
            if !dz.is_finite() {
                self.poisoned.get_or_insert(i);
                *dz = 0.0;
            }
        }
    }

    /// After an inner step: true ends the stretch.
    fn look(&mut self, t: f64, z: &DVector<f64>) -> bool {
        if self.poisoned.is_some() {
            return true;
        }
        if let Some(watch) = &mut self.watch {
            for (state, z) in self.states.iter_mut().zip(z.iter()) {
                *state = *z;
            }
            self.system.conditions(
                self.workspace,
                0,
                (t, &self.states),
                &mut watch.truths,
                &mut watch.differences,
            );
            if watch.has_flipped(self.system.relations()) {
                self.flipped = Some((t, z.clone()));
                return true;
            }
        }
        self.last = Some((t, z.clone()));
        self.good += 1;
        false
    }
}

/// The crate owns its right-hand side; this one is a loan.
pub(super) struct Loan<'b, 'a>(&'b RefCell<Shared<'a>>);

impl ode_solvers::System<f64, DVector<f64>> for Loan<'_, '_> {
    fn system(&self, _t: f64, z: &DVector<f64>, dz: &mut DVector<f64>) {
        self.0.borrow_mut().evaluate(z, dz);
    }
    fn solout(&mut self, t: f64, z: &DVector<f64>, _dz: &DVector<f64>) -> bool {
        self.0.borrow_mut().look(t, z)
    }
}

/// States and sensitivities, direction by direction.
fn extended(block: &Block<1>, directions: usize) -> Vec<f64> {
    let n = block.states;
    let mut z = vec![0.0; n * (directions + 1)];
    block.read_states(0, &mut z[..n]);
    for j in 0..directions {
        block.read_sensitivity(0, j, &mut z[n * (j + 1)..n * (j + 2)]);
    }
    z
}

/// One of the two programs of the crate.
pub(super) trait Program {
    /// right-hand sides of a step tried, and one more of a step made
    const COST: (usize, usize);
    fn integrate(
        right: Loan,
        from: f64,
        to: f64,
        z: DVector<f64>,
        tolerances: (f64, f64),
        steps: usize,
    ) -> (Result<Stats, IntegrationError>, Option<DVector<f64>>);
}

macro_rules! program {
    ($name:ident, $solver:ident, $beta:expr, $shrink:expr, $grow:expr, $cost:expr, $limit:expr) => {
        pub(super) struct $name;
        impl Program for $name {
            const COST: (usize, usize) = $cost;
            fn integrate(
                right: Loan,
                from: f64,
                to: f64,
                z: DVector<f64>,
                (rtol, atol): (f64, f64),
                steps: usize,
            ) -> (Result<Stats, IntegrationError>, Option<DVector<f64>>) {
                let h = to - from;
                let mut solver = ode_solvers::$solver::from_param(
                    right,
                    from,
                    to,
                    h,
                    z,
                    rtol,
                    atol,
                    0.9,
                    $beta,
                    $shrink,
                    $grow,
                    h,
                    0.0,
                    $limit(steps.clamp(1, INNER_STEPS) as u32),
                    STIFFNESS_INTERVAL,
                    ode_solvers::dop_shared::OutputType::Sparse,
                );
                let result = solver.integrate();
                let end = solver.y_out().last().cloned();
                (result, end)
            }
        }
    };
}
// Dopri5 tries one step more than it is allowed
program!(Dopri5Program, Dopri5, 0.04, 0.2, 10.0, (6, 0), |n| n - 1);
program!(Dop853Program, Dop853, 0.0, 0.333, 6.0, (11, 1), |n| n);

/// A program as a stepper.
pub(super) struct Adapter<P> {
    n: usize,
    directions: usize,
    rate: Vec<Lane<1>>,
    work: Statistics,
    watch: Watch,
    /// state whose rate was not finite in the last attempt
    suspect: Option<usize>,
    between: Vec<f64>,
    program: std::marker::PhantomData<P>,
}
pub(super) type DormandPrince5 = Adapter<Dopri5Program>;
pub(super) type DormandPrince8 = Adapter<Dop853Program>;

/// How a stretch ended.
struct Stretch {
    result: Result<Stats, IntegrationError>,
    end: Option<DVector<f64>>,
    poisoned: Option<usize>,
    last: Option<(f64, DVector<f64>)>,
    good: usize,
    evaluations: usize,
    flipped: Option<(f64, DVector<f64>)>,
}

impl<P: Program> Adapter<P> {
    /// Integrates from the block's point over h.
    fn run(&self, block: &mut Block<1>, h: f64, watch: Option<Watch>) -> Stretch {
        let (n, m) = (self.n, self.directions);
        let from = block.t.0[0];
        let mut z = extended(block, m);
        z.push(from);
        let z = DVector::from_vec(z);
        let tangents = (0..m).flat_map(|j| block.tangents(0, j)).copied().collect();
        let infused = block.infused_of_lane(0).copied().collect();
        let (entries, parameter_entries) = block.tapes.as_ref().map_or((0, 0), |tapes| {
            (block.system.jacobian_pattern().len(), tapes.pattern().len())
        });
        let shared = RefCell::new(Shared {
            system: block.system,
            tapes: block.tapes.clone(),
            workspace: &mut block.workspace,
            tangents,
            infused,
            watch,
            n,
            directions: m,
            y: vec![Lane::ZERO; n],
            rate: vec![Lane::ZERO; n],
            j: vec![Lane::ZERO; entries],
            fp: vec![Lane::ZERO; parameter_entries],
            states: vec![0.0; n],
            poisoned: None,
            last: None,
            good: 0,
            evaluations: 0,
            flipped: None,
        });
        let (result, end) = P::integrate(
            Loan(&shared),
            from,
            from + h,
            z,
            (block.relative, block.absolute),
            block.steps_left[0],
        );
        let shared = shared.into_inner();
        Stretch {
            result,
            end,
            poisoned: shared.poisoned,
            last: shared.last,
            good: shared.good,
            evaluations: shared.evaluations,
            flipped: shared.flipped,
        }
    }

    /// The attempt ends before the stretch does.
    fn end_at(&self, block: &mut Block<1>, end: f64, z: &DVector<f64>) -> Attempt {
        block.h.0[0] = end - block.t.0[0];
        self.write(block, z);
        Attempt::Tried(0.0)
    }

    fn write(&self, block: &mut Block<1>, z: &DVector<f64>) {
        for (to, z) in block.y1.iter_mut().zip(z.iter()) {
            to.0[0] = *z;
        }
        for j in 0..self.directions {
            for i in 0..self.n {
                let at = block.at(0, i, j);
                block.s1[at] = z[self.n * (j + 1) + i];
            }
        }
    }
}

impl<P: Program> Stepper<1> for Adapter<P> {
    const INTERPOLATES: bool = false;

    fn new(system: &System, _tapes: Option<&Sensitivity>, directions: usize) -> Self {
        let n = system.state_ids().len();
        Adapter {
            n,
            directions,
            rate: vec![Lane::ZERO; n],
            work: Statistics::default(),
            watch: Watch::new(system.mode_count()),
            suspect: None,
            between: vec![0.0; n * (directions + 1)],
            program: std::marker::PhantomData,
        }
    }

    fn prepare(&mut self, block: &mut Block<1>, _fresh: &[bool; 1]) {
        block
            .system
            .rhs(&mut block.workspace, &block.t, &block.y, &mut self.rate);
        self.suspect = None;
        if block.system.mode_count() > 0 {
            let (watch, states) = (&mut self.watch, &mut self.between[..self.n]);
            watch.modes = block.system.modes(&block.workspace, 0);
            block.read_states(0, states);
            block.system.conditions(
                &mut block.workspace,
                0,
                (block.t.0[0], states),
                &mut watch.truths,
                &mut watch.differences,
            );
            watch.start();
        }
    }

    fn first_step(&self, _block: &Block<1>, _lane: usize, longest: f64) -> Option<f64> {
        // a whole stretch; the crate chooses its own steps inside
        Some(longest)
    }

    fn not_finite(&self, _block: &Block<1>, lane: usize) -> Option<usize> {
        self.was_not_finite(lane)
    }

    fn was_not_finite(&self, _lane: usize) -> Option<usize> {
        self.rate
            .iter()
            .position(|f| !f.0[0].is_finite())
            .or(self.suspect)
    }

    fn advance(&mut self, block: &mut Block<1>) -> [Attempt; 1] {
        let (t, h) = (block.t.0[0], block.h.0[0]);
        let watches = block.system.mode_count() > 0;
        let stretch = self.run(block, h, watches.then(|| self.watch.clone()));
        self.work = match &stretch.result {
            Ok(stats) => Statistics {
                steps: (stats.accepted_steps as usize).saturating_sub(1),
                rejected: stats.rejected_steps as usize,
                right_hand_sides: stats.num_eval as usize + 1,
                ..Default::default()
            },
            Err(_) => {
                let (tried, made) = P::COST;
                let tried = (stretch.evaluations - 1 - made * stretch.good) / tried;
                Statistics {
                    steps: stretch.good.saturating_sub(1),
                    rejected: tried.saturating_sub(stretch.good),
                    right_hand_sides: stretch.evaluations + 1,
                    ..Default::default()
                }
            }
        };
        // the last good step, when it is one
        let shortened = stretch.last.as_ref().filter(|(last, _)| *last > t);
        let attempt = if let Some((flip, z)) = &stretch.flipped {
            let (end, z) = shortened.map_or((flip, z), |(last, z)| (last, z));
            self.end_at(block, *end, z)
        } else {
            match (&stretch.result, &stretch.end, shortened) {
                (Ok(_), Some(z), _) if stretch.poisoned.is_none() => {
                    self.write(block, z);
                    Attempt::Tried(0.0)
                }
                // keep what was gained; the next stretch fails where it starts
                (_, _, Some((last, z))) => self.end_at(block, *last, z),
                (Err(IntegrationError::MaxNumStepReached { .. }), ..) => {
                    Attempt::Failed(Cause::TooManySteps)
                }
                (Err(IntegrationError::StiffnessDetected { .. }), ..) => {
                    Attempt::Failed(Cause::Stiff)
                }
                (Err(_), ..) if stretch.poisoned.is_none() => Attempt::Failed(Cause::StepTooSmall),
                _ => {
                    self.suspect = stretch.poisoned.filter(|&i| i < self.n);
                    Attempt::Tried(f64::NAN)
                }
            }
        };
        [attempt]
    }

    fn sensitivities(&mut self, _block: &mut Block<1>, _lanes: &[bool; 1]) {}

    fn sensitivity_error(&mut self, _block: &Block<1>, _lane: usize) -> f64 {
        0.0
    }

    fn interpolate(&mut self, block: &mut Block<1>, _lane: usize, theta: f64, out: &mut [f64]) {
        let stretch = self.run(block, theta * block.h.0[0], None);
        match stretch.end.filter(|_| stretch.result.is_ok()) {
            Some(z) => self
                .between
                .copy_from_slice(&z.as_slice()[..self.n * (self.directions + 1)]),
            // a stretch below the resolution of time
            None => {
                self.between
                    .copy_from_slice(&extended(block, self.directions));
            }
        }
        out.copy_from_slice(&self.between[..self.n]);
    }

    fn interpolate_sensitivity(
        &self,
        _block: &Block<1>,
        _lane: usize,
        direction: usize,
        _theta: f64,
        out: &mut [f64],
    ) {
        let from = self.n * (direction + 1);
        out.copy_from_slice(&self.between[from..from + self.n]);
    }

    fn commit(&mut self, _lanes: &[bool; 1]) {}

    fn work(&self) -> Statistics {
        self.work
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.rate) + size_of_val(&*self.between)
    }
}
