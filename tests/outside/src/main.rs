//! Composes, compiles and solves a model with nothing but the core of the library.
use holobiont::{
    network::{Network, Parameter, Reaction, Species},
    schedule::Schedule,
    solve::{Method, Problem, Tolerances, solve},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut network = Network::new("decay");
    network.species("butyrate", Species::new(10.0))?;
    network.parameter("absorption", Parameter::new(0.5));
    let uptake = Reaction::rate("absorption * butyrate").consumes("butyrate", 1.0);
    network.reaction("uptake", uptake)?;
    let system = network.compile()?;
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[0.0, 2.0],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
    let expected = 10.0 * (-1.0f64).exp();
    let found = solution.states(1)[0];
    assert!((found - expected).abs() < 1e-4, "{found} against {expected}");
    println!("the core works from outside: {found:.6}");
    Ok(())
}
