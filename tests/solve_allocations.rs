//! The solver takes no memory while it steps: as many allocations for many steps as for few.
use std::alloc::{GlobalAlloc, Layout, System as SystemAllocator};
use std::sync::atomic::{AtomicUsize, Ordering};

use holobiont::{
    compile::System,
    network::{Network, Parameter, Reaction, Species},
    schedule::{Register, Schedule},
    solve::{
        Directions, Machine, Method, Problem, Rodas5P, Solver, Tolerances, Tsit5,
        required_registers,
    },
};

/// Counts every allocation.
struct Counting;
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is handed on to the system's allocator
#[allow(unsafe_code, reason = "an allocator that counts")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on
        unsafe { SystemAllocator.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is handed on
        unsafe { SystemAllocator.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Two species that oscillate, and one that follows quickly.
fn oscillator() -> System {
    let mut network = Network::new("oscillator");
    for (id, start) in [("prey", 1.0), ("predator", 0.5), ("follower", 0.0)] {
        network.species(id, Species::new(start)).expect("a number");
    }
    for (id, value) in [
        ("birth", 1.0),
        ("bite", 1.0),
        ("death", 0.7),
        ("fast", 40.0),
    ] {
        network.parameter(id, Parameter::new(value));
    }
    for (id, rate) in [
        ("prey", "birth * prey - bite * prey * predator"),
        ("predator", "bite * prey * predator - death * predator"),
        ("follower", "fast * (prey - follower)"),
    ] {
        let net = Reaction::rate(rate).produces(id, 1.0);
        network
            .reaction(&format!("net_{id}"), net)
            .expect("a formula");
    }
    network.compile().expect("a sound network")
}

#[test]
fn steps_allocate_nothing() {
    let system = oscillator();
    let schedule = Schedule::default();
    let times: Vec<f64> = (0..=10).map(f64::from).collect();
    let seeds: Vec<Vec<(Register, f64)>> = (0..4).map(|j| vec![(Register(j), 1.0)]).collect();
    let needed = required_registers(&system, &schedule, &seeds);
    let tapes = system
        .sensitivity(&needed)
        .expect("registers of the system");
    for method in [
        Method::Rodas5P(Rodas5P::default()),
        Method::Tsit5(Tsit5::default()),
    ] {
        for sensitive in [false, true] {
            let directions = Directions {
                tapes: &tapes,
                seeds: &seeds,
                error_control: sensitive,
            };
            let problem = Problem {
                system: &system,
                parameters: system.parameters(),
                schedule: &schedule,
                times: &times,
                sensitivity: sensitive.then_some(directions),
            };
            let problems = [problem; 6];
            let count = |relative: f64| {
                let tolerances = Tolerances {
                    relative,
                    absolute: 1e-3 * relative,
                };
                let machine = Machine {
                    lanes: Some(4),
                    threads: Some(1),
                    instructions: None,
                };
                let solver = Solver::new(&system, method, tolerances).on(machine);
                // the first call makes lanes and machine code
                solver.map(&problems, |_, _| ());
                // the least of several: the test's own surroundings allocate now and then
                let once = || {
                    let before = ALLOCATIONS.load(Ordering::Relaxed);
                    let steps = solver.map(&problems, |_, solution| solution.statistics.steps);
                    (ALLOCATIONS.load(Ordering::Relaxed) - before, steps[0])
                };
                (0..3).map(|_| once()).min().expect("three counts")
            };
            let ((few, short), (many, long)) = (count(1e-4), count(1e-8));
            assert!(long > 2 * short, "{short} and {long} steps");
            assert_eq!(
                few, many,
                "allocations of {short} and {long} steps, {method:?}"
            );
        }
    }
}
