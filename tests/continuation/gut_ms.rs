//! The flagship over the fibre that is eaten: structure alone, for its numbers are calibrated anew now and then.
use holobiont::compile::{Point, System};
use holobiont::solve::{
    Along, Branch, ContinuationError, ContinuationOptions, Diagram, Method, Origin, PointKind,
    Problem, Tolerances, solve,
};

const FIBRE: [&str; 3] = ["inflow_cellulose", "inflow_starch", "inflow_inulin"];

/// The model with axons that keep their number: lost ones do not come back.
fn held() -> (holobiont::exchange::model::Model, System) {
    let mut model = holobiont::models::get("gut_ms")
        .expect("a model of this name")
        .expect("a sound model");
    let axons = model.network.species_mut("axons").expect("a species");
    axons.boundary = true;
    let system = model.network.compile().expect("a system");
    (model, system)
}

fn origin(model: &holobiont::exchange::model::Model, system: &System, id: &str) -> Origin {
    let scenario = model.scenario(id).expect("a scenario");
    let (schedule, parameters) = scenario.schedule(system).expect("a schedule");
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[3650.0],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default());
    Origin::of(&solution.finished().expect("a solution"), 0, 3650.0)
}

fn diagram(system: &System) -> Diagram<'_> {
    let register = |id: &&str| system.parameter_index(id).expect("a parameter");
    let along = Along::Factor(FIBRE.iter().map(register).collect());
    Diagram::new(system, along, ContinuationOptions::over(0.5, 2.0)).expect("a range")
}

/// The largest rate on a curve as share of the states, per day.
fn largest_rate(system: &System, branch: &Branch) -> f64 {
    let ids = system.state_ids();
    let rates: Vec<(String, String)> = (ids.iter())
        .map(|id| (format!("rate_of_{id}"), format!("rateOf({id})")))
        .collect();
    let outputs = system.outputs(&rates, &[]).expect("rates of states");
    let which: Vec<usize> = (0..ids.len()).collect();
    let mut largest = 0.0_f64;
    for point in &branch.points {
        let registers = branch.registers(point.value);
        let at = Point {
            time: branch.time,
            states: &point.states,
            registers: &registers,
            placeholders: &[],
        };
        let mut values = vec![f64::NAN; ids.len()];
        outputs.evaluate(&at, &which, &mut values);
        for (rate, state) in values.iter().zip(&point.states) {
            assert!(rate.is_finite());
            largest = largest.max(rate.abs() / (state.abs() + 1e-6));
        }
    }
    largest
}

#[test]
fn a_susceptible_gut_has_a_fold_near_the_usual_fibre_and_its_curve_rests() {
    let (model, system) = held();
    let mut diagram = diagram(&system);
    let ill = diagram
        .add(&origin(&model, &system, "ms"))
        .expect("a state of rest");
    // that of the healthy twin lies on the same curve or on another, unless the twin falls ill
    match diagram.add(&origin(&model, &system, "twin_healthy")) {
        Ok(_) | Err(ContinuationError::Restless { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    let branches = diagram.branches();
    let folds = (branches.iter()).flat_map(|b| b.of_kind(PointKind::Fold).map(|p| p.value));
    let near = folds.filter(|value| (0.8..1.3).contains(value));
    assert!(near.count() >= 1);
    let both = [true, false].map(|s| branches[ill].points.iter().any(|p| p.is_stable() == s));
    assert_eq!(both, [true, true], "stable and unstable states");
    for branch in branches {
        let rate = largest_rate(&system, branch);
        // fluxes through a pool are up to 1e3 times its size a day, and Newton's method ends at 1e-10
        assert!(rate < 1e-6, "{rate}");
    }
}

#[test]
fn axons_never_rest_and_are_named() {
    let model = holobiont::models::get("gut_ms")
        .expect("a model of this name")
        .expect("a sound model");
    let system = model.network.compile().expect("a system");
    let mut diagram = diagram(&system);
    let error = diagram.add(&origin(&model, &system, "healthy"));
    let Err(ContinuationError::Restless { states, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(states, ["axons"]);
}
