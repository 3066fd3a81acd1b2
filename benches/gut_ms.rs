//! CPU time of ten years of 5:2 fasting in `gut_ms`, a subject: alone and in lanes. `cargo bench --bench gut_ms`.
//!
//! Subjects differ in susceptibility (1 to 3), so that lanes take steps of their own. The smallest of several repeats counts.
use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    solve::{Machine, Method, Problem, Solver, Status, Tolerances},
};

/// Ten years, in days.
const TEN: f64 = 3652.5;
const SUBJECTS: usize = 32;

fn main() {
    let model = holobiont::models::get("gut_ms")
        .expect("a model of this name")
        .expect("a sound model");
    let network = model.network.check().expect("sound");
    let system = System::compile(&network.equations()).expect("tapes");
    let scenario = model.scenario("fast_52").expect("a scenario");
    let (schedule, parameters) = scenario.schedule(&system).expect("a schedule");
    let susceptibility = system
        .parameter_index("susceptibility")
        .expect("a parameter");
    let subjects: Vec<Vec<f64>> = (0..SUBJECTS)
        .map(|i| {
            let mut own = parameters.clone();
            own[susceptibility] = 1.0 + 2.0 * i as f64 / (SUBJECTS - 1) as f64;
            own
        })
        .collect();
    let times = [TEN];
    let problems: Vec<Problem> = (subjects.iter())
        .map(|parameters| Problem {
            system: &system,
            parameters,
            schedule: &schedule,
            times: &times,
            sensitivity: None,
        })
        .collect();
    let tolerances = Tolerances {
        relative: 1e-5,
        absolute: 1e-8,
    };
    let first = Solver::new(&system, Method::default(), tolerances).solve(&problems[0]);
    assert!(
        matches!(first.status, Status::Finished),
        "{:?}",
        first.status
    );
    println!(
        "10 years of 5:2, rtol 1e-5: steps {} + {}",
        first.statistics.steps, first.statistics.rejected
    );
    for lanes in [1, 4, 8] {
        let machine = Machine {
            lanes: Some(lanes),
            threads: Some(1),
            instructions: None,
        };
        let solver = Solver::new(&system, Method::default(), tolerances).on(machine);
        let count = if lanes == 1 { 4 } else { SUBJECTS };
        let seconds = (0..3).map(|_| {
            let start = ProcessTime::now();
            solver.map(&problems[..count], |_, _| ());
            start.elapsed().as_secs_f64() / count as f64
        });
        let least = seconds.fold(f64::INFINITY, f64::min);
        println!("  W = {lanes}  {:.1} ms a subject", 1e3 * least);
    }
}
