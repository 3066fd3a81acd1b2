//! The yardstick's model.
use holobiont::{compile::System, exchange::sbml};
use std::path::PathBuf;

/// Days.
pub const END: f64 = 200.0;

pub fn file(name: &str) -> PathBuf {
    let root =
        std::env::var_os("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED names the shared folder");
    let path = PathBuf::from(root).join("suites/engine").join(name);
    assert!(path.exists(), "{} is missing", path.display());
    path
}

pub fn gut40() -> System {
    let model = sbml::read(&file("gut40.xml")).expect("a sound model");
    model.compile().expect("compiles")
}

/// The parameters with (1) or without (0) meals.
pub fn with_meals(system: &System, amplitude: f64) -> Vec<f64> {
    let mut parameters = system.parameters().to_vec();
    parameters[system.parameter_index("meal_amp").expect("a parameter")] = amplitude;
    parameters
}

/// Output times of the references.
pub fn times() -> Vec<f64> {
    (0..=40).map(|k| 5.0 * f64::from(k)).collect()
}
